"""`tillbench board`: a board on the desk."""

from __future__ import annotations

import sys
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


@app.command(
    epilog="Examples:\n\n- `tillbench board deploy counter` (everything virtual: a board with nothing soldered on)\n\n"
    "- `tillbench board deploy counter --build release`"
)
def deploy(
    board: Name,
    path: Map = MAP,
    build: Annotated[
        str,
        typer.Option(
            help="bare: everything virtual; release: real parts, no link; reader: the same as a PC/SC reader; tapped: "
            "real parts that a bench watches, for debugging."
        ),
    ] = "bare",
) -> None:
    """Compile the firmware and bring the board to it: only what changed is sent, a cut leaves the old or the new."""
    with for_people():
        from tillbench.host.boards.build import KINDS, root_files, slot_files
        from tillbench.host.boards.deploy import deploy
        from tillbench.host.boards.mpremote_transport import raw_repl
        from tillbench.host.emulator.compiler import cache_dir
        from tillbench.host.emulator.micropython import firmware_root

        if build not in KINDS:
            raise Refused(f"--build {build}: expected one of {', '.join(KINDS)}")
        files = slot_files(firmware_root(), build, cache_dir())
        with raw_repl(_port(board, path)) as transport:
            done = deploy(transport, files, root_files(firmware_root(), build), print)
        print(
            f"{board}: {build} build in slot {done.slot}: {done.sent} files sent, {done.copied} copied on the board, "
            f"{done.kept} there already, {done.removed} removed. It runs after a reset."
        )


@app.command(epilog="Example:\n\n- `tillbench board provision counter --acquirer 10.0.0.5:8583 --ssid lab`")
def provision(
    board: Name,
    acquirer: Annotated[str, typer.Option(help="Where its acquirer is.", metavar="HOST:PORT")],
    path: Map = MAP,
    ssid: Annotated[str, typer.Option(help="Wi-Fi; without it the radio stays off.")] = "",
    wifi_key: Annotated[
        str, typer.Option(help="Its password; asked for if it is not given.", envvar="TILLBENCH_WIFI_KEY")
    ] = "",
    state: Annotated[Path | None, typer.Option(help="Folder with the key slot, as for `emulate`.")] = None,
    tls: Annotated[
        Path | None,
        typer.Option(help="Certificates for TLS, as of `tillbench acquirer certificates`.", metavar="FOLDER"),
    ] = None,
    battery: Annotated[bool, typer.Option("--battery", help="A lithium cell is on the divider of its ADC.")] = False,
    display: Annotated[str, typer.Option(help="SSD1306, or a colour panel: ST7789, ILI9341.")] = "SSD1306",
    slot: Annotated[str, typer.Option(help="pins, or ccid: behind a serial smart-card controller.")] = "pins",
) -> None:
    """Tell a release build its acquirer, Wi-Fi and display, and its test keys (those of the folder `acquirer` uses)."""
    with for_people():
        from tillbench.host.boards.mpremote_transport import raw_repl
        from tillbench.host.boards.provision import provision
        from tillbench.host.cli.address_option import host_and_port
        from tillbench.host.cli.display_option import SSD1306, check_display
        from tillbench.host.cli.slot_option import check_slot
        from tillbench.host.cli.state_option import open_state
        from tillbench.host.emulator.line_setup import tls_setup
        from tillbench.host.entropy import Entropy

        check_display(display)
        check_slot(slot)
        where = host_and_port("--acquirer", acquirer)
        key = wifi_key or (typer.prompt("Wi-Fi password", hide_input=True) if ssid else "")
        keys = open_state(state).key_slot(Entropy(None))
        try:
            certificates = tls_setup(tls).certificates if tls else {}
        except OSError as error:
            raise Refused(f"--tls {tls}: cannot read {error.filename}: {error.strerror}") from None
        with raw_repl(_port(board, path)) as transport:
            built = {"display": "" if display == SSD1306 else display, "slot": "" if slot == "pins" else slot}
            provision(transport, where, ssid, key, keys, certificates, battery=battery, **built)
        print(f"{board}: acquirer {acquirer}, Wi-Fi {ssid or 'off'}, {len(keys)} keys; it takes them at its next start")


@app.command(epilog="Example:\n\n- `tillbench board repl counter` (Ctrl-] or Ctrl-X leaves)")
def repl(board: Name, path: Map = MAP) -> None:
    """MicroPython's prompt on the board, by mpremote; what runs there goes on until you press Ctrl-C."""
    with for_people():
        import subprocess
        import sys

        with _port(board, path).lent("mpremote") as name:
            command = [sys.executable, "-m", "mpremote", "connect", name, "resume", "repl"]
            raise typer.Exit(subprocess.run(command).returncode)  # noqa: S603  our own interpreter


@app.command(epilog="Example:\n\n- `tillbench board logs counter > counter.log`")
def logs(board: Name, path: Map = MAP) -> None:
    """What the board prints, as it comes, until Ctrl-C; nothing is sent to it. A port that goes away is waited for."""
    with for_people():
        from tillbench.host.boards.logs import lines

        for line in lines(_port(board, path)):
            print(line, flush=True)


@app.command(
    epilog="Examples:\n\n- `tillbench board watch counter` (after `deploy --build tapped` and `provision`)\n\n"
    "- `tillbench board watch counter --trace field.jsonl`"
)
def watch(
    board: Name,
    path: Map = MAP,
    trace: Annotated[
        Path | None, typer.Option(help="Write it to this file, one JSON object a line, masked.", metavar="FILE")
    ] = None,
) -> None:
    """Run the tapped build, and tell what its real parts show, print and say, one line for each event, until Ctrl-C."""
    with for_people():
        from tillbench.host.cli.board_watch import watch as watch_it

        watch_it(_port(board, path).find(), trace)


@app.command(
    epilog="Examples:\n\n- `tillbench board doctor counter`\n\n"
    "- `tillbench board doctor counter --part keypad` (press every key: the wire that is broken is named)"
)
def doctor(
    board: Name,
    path: Map = MAP,
    part: Annotated[
        str, typer.Option(help="One part instead, wire by wire: docs/boards.md has their names.", metavar="NAME")
    ] = "",
) -> None:
    """Look the board over, then list what only a person can see. Exit 1 if something is not right."""
    with for_people():
        from functools import partial

        from tillbench.host.boards.bringup.parts import PARTS, bring_up
        from tillbench.host.boards.build import KINDS, slot_files
        from tillbench.host.boards.doctor import examine
        from tillbench.host.emulator.compiler import cache_dir
        from tillbench.host.emulator.micropython import firmware_root

        port = _port(board, path)
        if part:
            if part not in PARTS:
                raise Refused(f"--part {part}: expected one of {', '.join(PARTS)}")
            findings = bring_up(port, part, AtTheDesk())
        else:
            builds = {kind: partial(slot_files, firmware_root(), kind, cache_dir()) for kind in KINDS}
            findings = examine(port, builds)
        well = True
        for finding in findings:
            print(finding, flush=True)
            well = well and finding.ok is not False
        if not well:
            raise typer.Exit(1)


class AtTheDesk:
    """Whoever reads this terminal; nobody if it is none."""

    def do(self, what: str) -> None:
        """Say what to do now."""
        print(f"--> {what}", flush=True)

    def sees(self, question: str) -> bool | None:
        """Ask, if somebody can answer."""
        return typer.confirm(f"--> {question}") if sys.stdin.isatty() else None


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
