"""Printer: status bytes over both wires of the UART, BUSY, then a slip."""

from __future__ import annotations

from collections.abc import Iterator

from tillbench.host.boards.bringup.person import Person
from tillbench.host.boards.bringup.wires import Wires, Wiring
from tillbench.host.boards.doctor import Finding
from tillbench.protocols import escpos

ANSWER_MS = 300
SLIP = b"\x1b@bring-up\n" + b"\x1d!\x11BIG\n\x1d!\x00" + b"0123456789" * 3 + b"\n" + b"\x1bd\x04"
_QUERY = b"\x10\x04"
_WHAT = {
    2: (
        escpos.OFFLINE_CAUSE,
        {"cover_open": "the cover is open", "paper_end_stop": "no paper", "feeding": "its feed button is pressed"},
    ),
    3: (
        escpos.ERROR_CAUSE,
        {"cutter": "the cutter is jammed", "unrecoverable": "it is broken", "auto_recoverable": "its head is too hot"},
    ),
    4: (escpos.PAPER_SENSOR, {"end": "no paper", "near_end": "the paper is near its end"}),
}
"""n of DLE EOT to what its bits say."""


def status(wires: Wires, n: int) -> tuple[int | None, bytes]:
    """The answer to DLE EOT n, None if it is no status byte; and all that came."""
    heard, _ = wires.call("printer", _QUERY + bytes([n]), ANSWER_MS)
    fits = len(heard) == 1 and heard[0] & 0x93 == 0x12
    return (heard[0] if fits else None), heard


def speaks(wires: Wires, wiring: Wiring) -> Finding:
    """Whether both wires carry bytes at the right speed."""
    answer, heard = status(wires, 1)
    tx, rx = wiring.pin("printer_tx", "TX"), wiring.pin("printer_rx", "RX")
    if answer is not None:
        return Finding(True, "UART", f"status {answer:02X} over {tx} and {rx}")
    if not heard:
        return Finding(
            False, "UART", f"no answer over {tx} and {rx}: its supply, TX and RX exchanged, a broken wire, or no ground"
        )
    return Finding(False, "UART", f"{heard.hex(' ').upper()} is no status byte: another baud rate than 9600, or noise")


def examine(wires: Wires, person: Person) -> Iterator[Finding]:
    """Status byte by byte, BUSY, and a slip that a person looks at."""
    wiring = Wiring.of(wires)
    spoken = speaks(wires, wiring)
    yield spoken
    if not spoken.ok:
        return
    ready = True
    for n, (layout, texts) in _WHAT.items():
        answer, heard = status(wires, n)
        if answer is None:
            yield Finding(False, f"DLE EOT {n}", f"{heard.hex(' ').upper() or 'nothing'} is no status byte")
            return
        bits = layout.parse(bytes([answer]))
        said = [text for name, text in texts.items() if bits[name]]
        stops = [text for text in said if "near" not in text]
        ready = ready and not stops
        yield Finding(not stops, f"DLE EOT {n}", f"{answer:02X}: {', '.join(said) or 'nothing wrong'}")
    busy = wires.call("printer", b"", 1)[1]
    wire = wiring.pin("printer_busy", "BUSY")
    if busy and ready:
        yield Finding(False, "BUSY", f"{wire} is high on a printer that is ready: its wire is broken, or the wrong one")
        return
    yield Finding(True, "BUSY", f"{wire} is {'high, as it has to be now' if busy else 'low'}")
    if ready:
        wires.call("printer", SLIP, 2500)
        question = "a slip with bring-up, BIG, and thirty digits, no dot row missing?"
        seen = person.sees(question)
        yield Finding(seen, "slip", question if seen is not False else f"{question} no: supply (2 A), or the head")
