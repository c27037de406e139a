"""Is this board fit for the bench: what a program can find out, and what a person has to look at."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from tillbench.host.boards import deploy, firmware
from tillbench.host.boards.board_port import BoardPort, NoBoard
from tillbench.host.boards.deploy import file_hashes, hashes_of, running_slot
from tillbench.host.boards.firmware import Firmware
from tillbench.host.boards.mpremote_transport import TransportFailed, raw_repl
from tillbench.host.emulator.link import LinkLost

BYTECODE = 6
LEAST_HEAP = 100 * 1024
_ASK = (
    "import gc,os,sys;gc.collect();s=os.statvfs('/');"
    "print(repr((sys.implementation._mpy&255,gc.mem_free(),s[0]*s[2],s[0]*s[3])))"
)

BY_HAND = (
    ("power", "with the display on and the printer printing, 3.3 V at the board stays above 3.0 V"),
    ("reset", "press EN: the board comes back, and `tillbench board doctor` finds it at the same serial number"),
    ("cable", "pull the USB cable in the middle of a sale and plug it in again: the sale is reversed, not lost"),
    ("display", "the idle screen is upright, and no row of pixels is shifted or missing"),
    ("keypad", "every key once, every pair of neighbours at once; hold one for ten seconds"),
    ("printer", "the test slip: no pale stripe, no lost line; open the cover and close it in the middle of it"),
    ("card", "insert slowly, quickly, askew; pull it while the screen says PLEASE WAIT: nothing hangs"),
    ("supply", "card inserted, chip powered: the supply of the slot is within 5 % of 3 V"),
    ("contactless", "hold a card, a telephone, two cards into the field: INSERT OR SWIPE within a second, once each"),
    ("buzzer", "key click, error and card reminder sound different"),
    (
        "Wi-Fi",
        "join it with a wrong pass phrase, then with the right one; switch the access point off and on: it comes back",
    ),
    ("warmth", "fifty slips in a row: the printer pauses by itself before the head is too hot to touch"),
)
"""What only a person with the board on the desk can say: part, and what to do and to see."""


@dataclass(frozen=True)
class Finding:
    """One answer.

    Attributes:
        ok: True, False, or None for what a person has to look at.
        subject: what was looked at.
        text: what was found, and what to do about it.
    """

    ok: bool | None
    subject: str
    text: str

    def __str__(self) -> str:
        return f"{'[ ]' if self.ok is None else 'ok ' if self.ok else 'NO '} {self.subject}: {self.text}"


def examine(port: BoardPort, builds: Mapping[str, Callable[[], dict[str, bytes]]]) -> Iterator[Finding]:
    """Walk through it; it ends at the first finding after which nothing else can be found out.

    Args:
        port: the board.
        builds: what each kind of build would put into a slot.
    """
    try:
        name = port.find()
        with port.wire("tillbench board doctor") as wire:
            yield Finding(True, "port", f"{name} is there and free")
            found = firmware.ask(wire)
    except NoBoard as error:
        yield Finding(False, "port", str(error))
        return
    except LinkLost as error:
        yield Finding(False, "MicroPython", f"{error}: flash it, `tillbench board flash`")
        return
    yield from _who(port, found)
    try:
        with raw_repl(port) as transport:
            yield from _inside(transport, builds)
    except (NoBoard, TransportFailed) as error:
        yield Finding(False, "file transport", str(error))
        return
    yield from (Finding(None, subject, text) for subject, text in BY_HAND)


def _who(port: BoardPort, found: Firmware) -> Iterator[Finding]:
    yield Finding(True, "MicroPython", f"{found.version} on {found.machine}")
    board = port.board
    if board.chip is not None:
        yield Finding(found.chip == board.chip, "chip", f"the map says {board.chip}, the board says {found.chip}")
    if board.mac is not None:
        yield Finding(found.mac == board.mac, "MAC", f"the map says {board.mac}, the board says {found.mac}")


def _inside(transport: deploy.Transport, builds: Mapping[str, Callable[[], dict[str, bytes]]]) -> Iterator[Finding]:
    import ast

    bytecode, heap, size, free = ast.literal_eval(transport.exec(_ASK).decode().strip())
    wanted = f"loads version {bytecode} of .mpy files, mpy-cross writes {BYTECODE}"
    yield Finding(bytecode == BYTECODE, "bytecode", wanted)
    yield Finding(heap >= LEAST_HEAP, "heap", f"{heap} bytes free, {LEAST_HEAP} are the least; docs/memory.md")
    yield Finding(size > 0, "file system", f"{size} bytes, {free} free")
    slot = running_slot(transport)
    if slot is None:
        yield Finding(False, "firmware", "nothing was deployed yet: `tillbench board deploy`")
        return
    there = file_hashes(transport, slot)
    kind = next((kind for kind, files in builds.items() if hashes_of(files()) == there), None)
    yield Finding(
        kind is not None,
        "firmware",
        f"slot {slot} holds this checkout's {kind} build" if kind else f"slot {slot} holds another build: deploy again",
    )
