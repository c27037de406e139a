"""`tillbench new`: skeletons for people who bring their own parts."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from tillbench.host.cli.errors import Refused, for_people

app = typer.Typer(no_args_is_help=True, help="Skeletons that work as they are: a driver with its chip model.")


@app.callback()
def _group() -> None:
    """So that `driver` stays a command of its own."""


@app.command(
    epilog="Example:\n\n- `tillbench new driver scale --into parts` and then `pytest parts/scale` (docs/driver.md)"
)
def driver(
    name: Annotated[str, typer.Argument(help="Of the part, as a module of MicroPython: letters, digits, underscores.")],
    into: Annotated[Path, typer.Option(help="Folder; the skeleton gets one of its own in it.")] = Path("."),
) -> None:
    """Driver, chip model, table of faults and a test, for a part of your own. Nothing is overwritten."""
    with for_people():
        from tillbench.host.skeleton import CannotMake, make_driver

        try:
            files = make_driver(name, into)
        except CannotMake as error:
            raise Refused(str(error)) from None
        for file in files:
            print(file)
        print(f"run it: pytest {files[0].parent}")
