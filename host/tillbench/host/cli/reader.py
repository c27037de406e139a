"""`tillbench reader`: a board as a PC/SC reader."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from tillbench.host.cli.errors import Refused, for_people

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode="markdown",
    help="The board as a PC/SC reader with a keypad. docs/board-reader.md is the way in.",
)


@app.callback()
def every_command() -> None:
    """Keeps `serve` a command of its own."""


@app.command(
    context_settings={"allow_extra_args": True},  # the command after `--`
    epilog="Examples:\n\n"
    "- `tillbench reader serve --card visa-cda` (prints the `export` line that other programs need)\n\n"
    "- `tillbench reader serve --card visa-cda -- opensc-tool -a`\n\n"
    '- `tillbench reader serve --card visa-cvm-plaintext-pin --keys "1 2 3 4 ENTER" -- ./verify-pin`\n\n'
    "- `tillbench reader serve --target serial:/dev/ttyUSB0` (a board with `board deploy --build reader`, and the card "
    "that is in it)",
)
def serve(
    context: typer.Context,
    card: Annotated[
        str | None,
        typer.Option(help="A shipped card, or the path of a .yaml file; visa-cda where the slot is virtual."),
    ] = None,
    target: Annotated[
        str,
        typer.Option(
            help="What runs the firmware: unix; qemu; serial:PORT, a board: with --card everything on it is virtual.",
            metavar="TARGET",
        ),
    ] = "unix",
    fast: Annotated[
        bool, typer.Option("--fast", help="The card's characters take no time, as they do at 10,753 baud.")
    ] = False,
    keys: Annotated[
        str | None,
        typer.Option(help="Pressed each time a PIN is asked for, as in `1 2 3 4 ENTER`.", metavar="KEYS"),
    ] = None,
    system: Annotated[
        bool, typer.Option("--system", help="In the machine's own pcscd instead of a private one.")
    ] = False,
    show: Annotated[bool, typer.Option("--show", help="Every exchange in words on stderr, masked.")] = False,
    log: Annotated[Path | None, typer.Option(help="Write what pcscd logs, APDUs but for PINs, to this file.")] = None,
) -> None:
    """Make the board a PC/SC reader, for any program: until Ctrl-C, or while the command after `--` runs.

    The driver is libccid's own. pcscd runs in namespaces of its own, out of the way of the machine's; that takes root,
    or a kernel that lets users make namespaces.
    """
    with for_people():
        from tillbench.host.cli.reader_serve import Wish, serve_board, serve_port
        from tillbench.host.emulator.emulator import SERIAL, check_target

        try:
            check_target(target)
        except ValueError as error:
            raise Refused(f"--target {target}: {error}") from None
        wish = Wish(context.args, system, log)
        if target.startswith(SERIAL) and card is None:
            if keys or fast or show:
                raise Refused("--keys, --fast and --show are for virtual parts: give a --card too, or leave them out")
            status = serve_port(target.removeprefix(SERIAL), wish)
        else:
            status = serve_board(card or "visa-cda", target, wish, fast=fast, keys=keys, show=show)
    raise typer.Exit(status)
