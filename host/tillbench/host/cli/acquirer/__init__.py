"""`tillbench acquirer`: the host as a server, its keys and its certificates."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from tillbench.host.cli.errors import for_people

app = typer.Typer(
    invoke_without_command=True,
    rich_markup_mode="markdown",
    help="The acquirer and issuer: serve terminals, show keys, make certificates.",
)

State = Annotated[
    Path | None, typer.Option(help="Folder with the ledger, its key and the terminal's key slot, as for `emulate`.")
]


@app.callback(epilog="Examples:\n\n- `tillbench acquirer --port 8583 --state /tmp/host`\n\n- `tillbench acquirer keys`")
def serve(
    context: typer.Context,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port; 0 takes any free one.", min=0, max=65535)] = 8583,
    state: State = None,
    seed: Annotated[
        int | None, typer.Option(help="Everything random comes from it: same seed, same run, to the byte.", metavar="N")
    ] = None,
) -> None:
    """Run the acquirer and issuer as a TCP server, for the emulator, boards and other terminals."""
    if context.invoked_subcommand is not None:
        return
    from tillbench.host.cli.acquirer.serve import run

    with for_people():
        run(host, port, state, seed)


@app.command()
def keys(state: State = None) -> None:
    """Show this installation's test keys, in the clear, with their check values: to load a terminal with them."""
    from tillbench.host.cli.acquirer.keys import listing

    with for_people():
        for line in listing(state):
            print(line)
