"""APDUs out of what was seen: at T=0 one APDU may take several TPDUs (EMV 4.3 Book 1, 9.3; ISO/IEC 7816-3, 12.2).

6Cxx makes the terminal send the same command again with another Le, 61xx and a warning to a command with data make it
fetch by GET RESPONSE. Where there was no such thing, what was seen is the APDU.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from tillbench.host.session.command_fields import data_field
from tillbench.host.session.record import Event, Exchange, Note, Removal, Reset, digits, octets
from tillbench.protocols.apdu import Ins

_GET_RESPONSE = f"00{Ins.GET_RESPONSE:02X}"
_WARNINGS = ("62", "63")
_HEADER, _STATUS = 4, 2  # bytes


@dataclass(frozen=True)
class Pair:
    """One command and its whole answer, digits as in the session.

    Attributes:
        header: CLA INS P1 P2.
        data: the command's data field, without Lc and Le.
        answer: the answer's data field, without its status word.
        sw: the status word in four digits, empty from a card that stayed mute.
        t_us: when the (first) command went out.
        took_us: how long the card took in all; None: not known.
        exchanges: what was seen of it.
    """

    header: str
    data: str
    answer: str
    sw: str
    t_us: int = 0
    took_us: int | None = None
    exchanges: tuple[Exchange, ...] = ()

    @property
    def ins(self) -> int:
        """The instruction byte."""
        return int(self.header[2:4], 16)

    @property
    def p1(self) -> int:
        return int(self.header[4:6], 16)

    @property
    def p2(self) -> int:
        return int(self.header[6:8], 16)

    @property
    def command(self) -> bytes:
        """The APDU as it is sent at T=1: with Lc for data, and Le 00 unless it has data and got none."""
        data = octets(self.data)
        lc = bytes([len(data)]) + data if data else b""
        le = b"" if data and not self.answer else b"\x00"
        return octets(self.header) + lc + le


def fold(events: Iterable[Event]) -> Iterator[Pair | Reset | Removal | Note]:
    """The APDUs of a session, in order, with whatever else happened between them."""
    held: list[Exchange] = []
    notes: list[Note] = []  # what was noted meanwhile comes after the APDU
    for event in events:
        if isinstance(event, Note) and held:
            notes.append(event)
            continue
        if held and not (isinstance(event, Exchange) and _goes_on(held, event)):
            yield _join(held)
            yield from notes
            held, notes = [], []
        if isinstance(event, Exchange):
            held.append(event)
        else:
            yield event
    if held:
        yield _join(held)
        yield from notes


def _goes_on(held: list[Exchange], event: Exchange) -> bool:
    last = held[-1]
    sw, answer = last.response[-4:], last.response[:-4]
    if sw.startswith("6C") and not answer:
        return event.command[:8] == last.command[:8]
    fetches = event.command.startswith(_GET_RESPONSE)
    if sw.startswith("61"):
        return fetches
    return fetches and sw[:2] in _WARNINGS and not answer and len(held[0].command) > 10


def _join(held: list[Exchange]) -> Pair:
    answer, warning = "", ""
    for exchange in held:
        answer += exchange.response[:-4]
        if exchange.response[-4:-2] in _WARNINGS and exchange is not held[-1]:
            warning = exchange.response[-4:]
    sw = held[-1].response[-4:]
    command = held[0].command
    times = [exchange.took_us for exchange in held]
    took = sum(time for time in times if time is not None) if None not in times else None
    sw = warning if warning and sw == "9000" else sw
    return Pair(command[:8], data_field(command), answer, sw, held[0].t_us, took, tuple(held))


def exchange_of(command: bytes, response: bytes | None, t_us: int = 0, took_us: int | None = None) -> Exchange:
    """An exchange as it is recorded."""
    return Exchange(t_us=t_us, took_us=took_us, command=digits(command), response=digits(response or b""))
