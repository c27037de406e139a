"""`tillbench board`: a board on the desk."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from tillbench.host.cli.errors import Refused, for_people

if TYPE_CHECKING:
    from tillbench.host.boards.board_map import Board
    from tillbench.host.boards.board_port import BoardPort

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode="markdown",
    help="A board on the desk: find it, flash it, put the firmware on it, talk to it. docs/boards.md is the way in.",
)

Name = Annotated[str, typer.Argument(help="A board of the map, or a port.", metavar="BOARD|PORT")]
Map = Annotated[Path, typer.Option("--map", help="The board map; not needed for a port.", metavar="FILE")]
MAP = Path("boards.yaml")


def _boards(path: Path) -> dict[str, Board]:
    from tillbench.host.boards.board_map import read_board_map

    # The default one may be missing, one that is named may not.
    return read_board_map(path) if path.exists() or path != MAP else {}


def _port(name: str, path: Path) -> BoardPort:
    from tillbench.host.boards.board_map import choose
    from tillbench.host.boards.board_port import BoardPort

    return BoardPort(choose(name, _boards(path)))


@app.command(name="list", epilog="Examples:\n\n- `tillbench board list`\n\n- `tillbench board list --ask`")
def list_boards(
    path: Map = MAP,
    ask: Annotated[
        bool, typer.Option("--ask", help="Ask MicroPython on each: that interrupts what runs there.")
    ] = False,
) -> None:
    """Serial ports of USB devices and the boards of the map; with --ask also chip, MAC and firmware."""
    with for_people():
        from tillbench.host.boards.overview import overview

        for line in overview(_boards(path), ask=ask):
            print(line)


@app.command(
    epilog="Examples:\n\n- `tillbench board flash counter ESP32_GENERIC_S3-SPIRAM_OCT.bin`\n\n"
    "- `tillbench board flash /dev/ttyUSB0 ESP32_GENERIC.bin`\n\n"
    "- `tillbench board model` in another window, and its port: the same without a board"
)
def flash(
    board: Name,
    image: Annotated[str, typer.Argument(help="MicroPython's .bin, or its name in mpflash's folder.", metavar="IMAGE")],
    path: Map = MAP,
    stub: Annotated[
        bool, typer.Option(help="Load esptool's own program first: faster, and the whole flash is erased.")
    ] = True,
    buttons: Annotated[
        bool, typer.Option("--buttons", help="No reset by DTR and RTS: you hold BOOT and press EN.")
    ] = False,
) -> None:
    """Check chip, MAC and image against each other; then erase, write, verify. Nothing is written to a wrong board."""
    with for_people():
        from dataclasses import replace

        from tillbench.host.boards.flashing import flash
        from tillbench.host.boards.image import open_image

        port = _port(board, path)
        if buttons:
            port.board = replace(port.board, reset="buttons")
        identity = flash(port, open_image(image), stub=stub, on_line=print)
        print(f"{port.board.name}: {identity.chip} {identity.mac}: written and verified")


@app.command(epilog="Example:\n\n- `tillbench board model --chip ESP32-S3 --fault flash-error`")
def model(
    chip: Annotated[str, typer.Option(help="ESP32, ESP32-S3 or ESP32-C3.")] = "ESP32-S3",
    mac: Annotated[str, typer.Option(help="Its MAC.")] = "24:0a:c4:00:01:02",
    fault: Annotated[
        str, typer.Option(help="none, deaf, vanish, wire-error, flash-error or no-greeting.", metavar="NAME")
    ] = "none",
) -> None:
    """A chip in download mode on a pseudo-terminal, to try `flash` with; runs until its cable is pulled or Ctrl-C."""
    with for_people():
        from tillbench.host.boards.board_map import valid_mac
        from tillbench.host.devices.esp32.chips import CHIPS
        from tillbench.host.devices.esp32.loader import FAULTS, Loader
        from tillbench.host.devices.esp32.port import LoaderPort

        if chip not in CHIPS:
            raise Refused(f"--chip {chip}: expected one of {', '.join(CHIPS)}")
        if fault not in FAULTS:
            raise Refused(f"--fault {fault}: expected one of {', '.join(FAULTS)}")
        if not valid_mac(mac):
            raise Refused(f"--mac {mac}: expected six bytes as in 24:0a:c4:00:01:02")
        port = LoaderPort(Loader(CHIPS[chip], mac, faults=FAULTS[fault]()))
        print(
            f"{chip} {mac} in download mode on {port.name}; it has no DTR and RTS: flash it with --buttons", flush=True
        )
        port.wait()
        print("the cable was pulled")
