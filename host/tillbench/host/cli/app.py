"""Commands and options; what they do is in the modules named after them."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from importlib.metadata import entry_points
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from tillbench.host.cli.errors import Refused, for_people
from tillbench.host.cli.line_options import LINE_EXAMPLES, line
from typer.core import TyperGroup
from typer.main import get_command, get_group

if TYPE_CHECKING:
    from contextlib import ExitStack

    from tillbench.host.cli.emulate_wish import Wish
    from tillbench.host.web.serve import Show

GROUPS = ("acquirer", "iso8583", "card", "board", "emv", "reader", "scenario", "session", "new")
"""Each is the `app` of the module of that name beside this one."""
OTHERS = "tillbench.commands"


class WithGroups(TyperGroup):
    """The commands below, our groups, and those of packages that build on this one (entry points of the group
    `tillbench.commands`). A group is imported when it is asked for: whoever emulates waits for no other command."""

    def list_commands(self, ctx: Any) -> list[str]:
        """All of them."""
        others = sorted(entry.name for entry in entry_points(group=OTHERS))
        return [*super().list_commands(ctx), *GROUPS, *others]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """One of them; None: there is no such command."""
        return super().get_command(ctx, cmd_name) or _group(cmd_name)


@cache
def _group(name: str) -> Any:
    if name in GROUPS:
        group: Any = get_group(import_module(f"tillbench.host.cli.{name}").app)
    elif (entry := next(iter(entry_points(group=OTHERS, name=name)), None)) is not None:
        group = get_command(entry.load())
    else:
        return None
    group.name = name
    return group


app = typer.Typer(
    name="tillbench",
    cls=WithGroups,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
    help="A payment terminal that engineers can run, break and prove. A lab tool: test keys and test cards only.",
    epilog="Start here:\n\n"
    "- `tillbench demo` (one sale, every wire decoded)\n\n"
    "- `tillbench emulate` (a terminal to use: your keyboard is its keypad)\n\n"
    "- `tillbench demo --seed 7 --trace run.jsonl` (same seed, same bytes)",
)

Card = Annotated[str, typer.Option(help="Which card to use; `tillbench card list` shows them.", metavar="NAME")]
Seed = Annotated[
    int | None, typer.Option(help="Everything random comes from it: same seed, same run, to the byte.", metavar="N")
]
Trace = Annotated[Path | None, typer.Option(help="Write every wire to this file, one JSON object a line, masked.")]
Target = Annotated[
    str,
    typer.Option(
        help="What runs the firmware: unix; qemu (a Cortex-M3; `make qemu` first); serial:PORT (`board deploy` first).",
        metavar="TARGET",
    ),
]
Slot = Annotated[
    str, typer.Option(help="Its card slot: on pins, or ccid, behind a serial smart-card controller.", metavar="NAME")
]


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        print(f"tillbench {version('tillbench')}")
        raise typer.Exit


@app.callback()
def every_command(
    show_version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """Options before any command. (What `--help` shows is the `help` of `app`.)"""


def _check_target(target: str) -> None:
    from tillbench.host.emulator.emulator import check_target

    try:
        check_target(target)
    except ValueError as error:
        raise Refused(f"--target {target}: {error}") from None


@app.command(
    epilog="Examples:\n\n"
    "- `tillbench demo --seed 7 --trace run.jsonl`\n\n"
    "- `tillbench demo --card visa-credit --amount 99.00`\n\n"
    "- `tillbench demo --card unionpay-poor` (declined: 51)\n\n"
    "- `tillbench demo --tls` (the same sale by TLS, both ends with certificates)\n\n"
    "- `tillbench demo --day --lang zh` (a shop's day; its page is out/day-zh/index.html)"
)
def demo(
    card: Card = "unionpay-debit",
    amount: Annotated[str, typer.Option(help="Yuan and fen.", metavar="12.34")] = "12.34",
    seed: Seed = None,
    target: Target = "unix",
    trace: Trace = None,
    out: Annotated[Path, typer.Option(help="Folder for receipt.png and screen.png.")] = Path("out"),
    expect: Annotated[
        str, typer.Option(help="approved or declined: exit 1 if the sale ends otherwise; `any` takes both.")
    ] = "any",
    day: Annotated[
        bool, typer.Option("--day", help="A shop's day instead; exit 1 if the totals of the two sides differ.")
    ] = False,
    lang: Annotated[str, typer.Option(help="Language of the day: en or zh.", metavar="LANG")] = "en",
    page: Annotated[
        bool, typer.Option("--page", help="The sale on a page in the browser, which stays until Ctrl-C.")
    ] = False,
    browse: Annotated[bool, typer.Option("--browse", help="With --page: open it in this computer's browser.")] = False,
    tls: Annotated[bool, typer.Option("--tls", help="By TLS, with test certificates of its own at both ends.")] = False,
    slot: Slot = "pins",
) -> None:
    """Play one chip-and-PIN sale through the keypad, and show every screen, card and host exchange, and the slip."""
    with for_people():
        if expect not in ("approved", "declined", "any"):
            raise Refused(f"--expect {expect}: expected approved, declined or any")
        if lang not in ("en", "zh"):
            raise Refused(f"--lang {lang}: expected en or zh")
        if browse and not page:
            raise Refused("--browse belongs to --page")
        if page and (day or trace is not None or expect != "any"):
            raise Refused("--page goes with neither --day, --trace nor --expect: the page stays until Ctrl-C")
        if tls and (day or page):
            raise Refused("--tls goes with neither --day nor --page")
        if slot != "pins" and (day or page):
            raise Refused("--slot goes with neither --day nor --page")
        if page:
            _play_on_page(card, amount, seed, out, target, browse)
            return
        from tillbench.host.cli.demo import play
        from tillbench.host.cli.slot_option import check_slot

        _check_target(target)
        check_slot(slot)
        if day:
            _play_day(lang, out, seed, target)
            return
        approved = play(card, amount, seed, trace, out, target=target, tls=tls, slot=slot)
        if expect != "any" and approved != (expect == "approved"):
            raise typer.Exit(1)


def _play_on_page(card: str, amount: str, seed: int | None, out: Path, target: str, browse: bool) -> None:
    from tillbench.host.cli.emulate_page import Page

    def load(stack: ExitStack) -> Show:
        from tillbench.host.cli.demo_page import on_page

        _check_target(target)
        return on_page(card, amount, seed, out, target, stack)

    Page(browse=browse).serve(load)


def _play_day(language: str, out: Path, seed: int | None, target: str) -> None:
    from tillbench.host.day.play import play_day

    try:
        faults = play_day(language, out / f"day-{language}", seed=7 if seed is None else seed, target=target)
    except OSError as error:
        raise Refused(f"cannot write {error.filename}: {error.strerror}") from None
    if faults:
        raise typer.Exit(1)


@app.command(
    epilog="Examples:\n\n"
    "- `tillbench emulate` (keys as on the screen; `i` inserts the card, `o` pulls it, `q` quits)\n\n"
    "- `tillbench emulate --temp --card visa-credit`\n\n"
    "- `tillbench emulate --page --browse` (the same in the browser, with every wire live)\n\n"
    "- `tillbench emulate --page --printer-port 9100` (your own ESC/POS software prints on the terminal's printer)\n\n"
    "- `tillbench emulate --acquirer 127.0.0.1:8583` with `tillbench acquirer` in another window\n\n"
    "- `tillbench emulate --acquirer localhost:8583 --tls tls` with an acquirer that serves TLS (docs/terminal.md)"
)
def emulate(
    card: Card = "unionpay-debit",
    seed: Seed = None,
    target: Target = "unix",
    temp: Annotated[bool, typer.Option("--temp", help="Fresh flash, ledger and cards; nothing is kept.")] = False,
    state: Annotated[Path | None, typer.Option(help="Folder with flash, ledger and cards.")] = None,
    unprepared: Annotated[
        bool, typer.Option("--unprepared", help="A new terminal without keys: it begins with its commissioning.")
    ] = False,
    headless: Annotated[bool, typer.Option("--headless", help="No console view: one line for each event.")] = False,
    acquirer: Annotated[
        str | None,
        typer.Option(help="Use the acquirer at this address instead of one in this process.", metavar="HOST:PORT"),
    ] = None,
    tls: Annotated[
        Path | None,
        typer.Option(
            help="With --acquirer: by TLS, with the certificates in this folder (`tillbench acquirer certificates`).",
            metavar="FOLDER",
        ),
    ] = None,
    serial: Annotated[
        str | None,
        typer.Option(help="By the terminal's serial line, which is this port of the computer.", metavar="DEVICE"),
    ] = None,
    trace: Trace = None,
    vcd: Annotated[
        Path | None,
        typer.Option(help="The board's wires for PulseView and GTKWave: nets, UART, I2C, SPI.", metavar="FILE"),
    ] = None,
    battery: Annotated[
        int | None,
        typer.Option(help="It has a battery of so many millivolts.", min=1, max=4_500, metavar="MV"),
    ] = None,
    wifi: Annotated[
        bool,
        typer.Option("--wifi", help='Its line is Wi-Fi: networks "Shop" (correct horse), "Cafe" (open), "Far away".'),
    ] = False,
    printer_port: Annotated[
        int | None,
        typer.Option(help="The printer on the network of this computer: raw ESC/POS, usually 9100; 0: any free port."),
    ] = None,
    display: Annotated[
        str, typer.Option(help="Its panel: SSD1306, or one with colours, ST7789 or ILI9341.", metavar="NAME")
    ] = "SSD1306",
    slot: Slot = "pins",
    page: Annotated[
        bool, typer.Option("--page", help="In the browser: the terminal to touch, every wire live.")
    ] = False,
    browse: Annotated[
        bool, typer.Option("--browse", help="With --page: open it in the browser of this computer.")
    ] = False,
    terminals: Annotated[int, typer.Option(help="With --page: how many, each with an acquirer of its own.")] = 1,
    port: Annotated[int | None, typer.Option(help="With --page: by default the first free one from 8600 on.")] = None,
    listen: Annotated[
        str, typer.Option(help="With --page: address; from elsewhere it can be used with the token that is printed.")
    ] = "127.0.0.1",
) -> None:
    """Run the terminal until you stop it: the computer's keyboard is its keypad, cards go in and out by a key."""
    with for_people():
        from tillbench.host.cli.emulate_wish import Wish

        if not page and (browse or terminals != 1 or port is not None or listen != "127.0.0.1"):
            raise Refused("--browse, --terminals, --port and --listen belong to --page")
        if page and headless:
            raise Refused("--page and --headless: choose one; the page's server needs no console")
        if page and vcd is not None:
            raise Refused("--vcd and --page: choose one")
        wish = Wish(
            card=card,
            seed=seed,
            target=target,
            temp=temp,
            state=state,
            acquirer=acquirer,
            tls=tls,
            serial=serial,
            trace=trace,
            prepared=not unprepared,
            printer_port=printer_port,
            display=display,
            slot=slot,
            battery=battery,
            wifi=wifi,
        )
        if page:
            _emulate_on_page(wish, port, listen, terminals, browse)
            return
        from tillbench.host.cli.emulate import run

        _check_target(target)
        run(wish, headless=headless, vcd=vcd)


def _emulate_on_page(wish: Wish, port: int | None, listen: str, terminals: int, browse: bool) -> None:
    from tillbench.host.cli.emulate_page import Page

    def load(stack: ExitStack) -> Show:
        from tillbench.host.cli.page_tills import emulated

        _check_target(wish.target)
        return emulated(wish, terminals, stack)

    Page(port, listen, terminals, browse).serve(load)


@app.command(
    epilog="Examples:\n\n"
    "- `tillbench emulate --page` in one window, `tillbench assist --who ANNA` in another\n\n"
    "- `tillbench assist 'http://10.0.0.7:8600/?token=...' --who ANNA` (as that emulator has printed it)"
)
def assist(
    url: Annotated[str, typer.Argument(help="Of a running `tillbench emulate --page`.")] = "http://127.0.0.1:8600/",
    who: Annotated[str, typer.Option(help="Who asks: the terminal's screen says it.", metavar="NAME")] = "HELPER",
    terminal: Annotated[int, typer.Option(help="Which of its terminals.", metavar="N")] = 1,
) -> None:
    """Help at a terminal that runs elsewhere: see its screen, press its keys, once somebody there agrees."""
    with for_people():
        from tillbench.host.cli.assist import assist as help_at

        help_at(url, who, terminal)


app.command(epilog=LINE_EXAMPLES)(line)
