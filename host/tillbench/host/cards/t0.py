"""The card's side of T=0, character by character, without a clock (ISO/IEC 7816-3, 10; EMV 4.3 Book 1, 9.2).

A slot model feeds the bytes that reach the card and puts the pieces that come back on its wire.
"""

from dataclasses import dataclass
from typing import Generic, TypeVar

from tillbench.host.cards.apdu_card import ApduCard
from tillbench.host.cards.card import VirtualCard
from tillbench.host.cards.faults import CardMute
from tillbench.host.cards.profile import CardProfile
from tillbench.protocols.apdu import Ins

HEADER_SIZE = 5
NULL_BYTE = 0x60
Piece = tuple[int, bytes]
_Card = TypeVar("_Card", bound=ApduCard)


@dataclass
class T0Options:
    """How this card behaves within the standard. Times in etu.

    `delay` counts from the end of the last character on the wire (12 etu after its leading edge) to the leading
    edge of the card's first: 4 makes the 16 etu that EMV wants between opposite directions. `null_bytes` NULL
    characters ask for more time before each answer, `null_gap` apart. `one_by_one` takes and gives each data byte
    under a procedure byte of its own (INS xor FF). GET RESPONSE gives no more than `response_part` bytes at once (0:
    all) and announces the rest; `vague_length` announces 6100 whatever the length, which 6Cxx then tells.
    """

    delay: int = 4
    null_bytes: int = 0
    null_gap: int = 4000
    one_by_one: bool = False
    response_part: int = 0
    vague_length: bool = False

    @classmethod
    def of(cls, profile: CardProfile) -> "T0Options":
        return cls(
            null_bytes=profile.null_bytes,
            one_by_one=profile.one_by_one,
            response_part=profile.response_part,
            vague_length=profile.vague_length,
        )


class T0Card(Generic[_Card]):
    """A card behind T=0.

    `receive` returns pieces `(delay_etu, bytes)` in order: wait that long after the last character that moved in
    either direction, then send the bytes 12 etu apart. PPS is not its affair (`pps.PpsCard`): an FF where a header
    begins is an invalid class. The command is executed once; GET RESPONSE and a repetition after 6Cxx fetch what it
    gave.
    """

    def __init__(self, card: _Card, options: T0Options | None = None) -> None:
        """`options`: those of its profile, if a `VirtualCard` is given none."""
        self.card = card
        self.options = options or (T0Options.of(card.profile) if isinstance(card, VirtualCard) else T0Options())
        self._forget()

    def _forget(self) -> None:
        self._header = b""
        self._data = bytearray()
        self._waiting = b""  # answer data not yet fetched
        self._waiting_for = b""  # CLA INS P1 P2 that may fetch it after 6Cxx; empty: GET RESPONSE
        self._status = b""  # what follows those data
        self._mute = False
        self._late = 0

    def reset(self, cold: bool = True) -> bytes:
        """RST went up: the ATR. `cold` tells a reset after power-on from a warm one; this card answers both alike,
        and `Faults.wrong_atr` says what else it may answer. `b""` is a mute card."""
        del cold
        self._forget()
        return self.card.reset()

    def receive(self, data: bytes | int) -> list[Piece]:
        """Characters from the terminal, as many as there are. What the card sends now, nothing while it waits for
        more or is mute."""
        pieces: list[Piece] = []
        for byte in bytes([data]) if isinstance(data, int) else data:
            pieces += self._receive_byte(byte)
        return pieces

    def _receive_byte(self, byte: int) -> list[Piece]:
        if self._mute:
            return []
        if len(self._header) < HEADER_SIZE:
            self._header += bytes([byte])
            return self._after_header() if len(self._header) == HEADER_SIZE else []
        self._data.append(byte)
        if len(self._data) < self._header[4]:
            return self._go_on(self._single_procedure()) if self.options.one_by_one else []
        return self._execute_with_data()

    def _single_procedure(self) -> bytes:
        return bytes([self._header[1] ^ 0xFF])

    def _after_header(self) -> list[Piece]:
        cla, ins, p1, p2, p3 = self._header
        if ins == Ins.GET_RESPONSE:
            return self._get_response(cla, p1, p2, p3)
        if self._waiting and self._waiting_for == self._header[:4]:
            return self._fetch(p3)
        self._waiting, self._waiting_for = b"", b""
        takes_data = self.card.instructions.takes_data(ins)
        refusal = self.card.instructions.judge_header(cla, ins, p1, p2)
        if takes_data and p3 and not refusal:
            if self.card.is_silent(ins):
                return self._execute(self._header[:4], fetch_by=b"")
            return self._speak(self._single_procedure() if self.options.one_by_one else bytes([ins]))
        if takes_data or refusal:
            return self._execute(self._header[:4], fetch_by=b"")
        return self._execute(self._header, fetch_by=self._header[:4])

    def _execute_with_data(self) -> list[Piece]:
        return self._execute(self._header + bytes(self._data), fetch_by=b"")

    def _execute(self, apdu: bytes, fetch_by: bytes) -> list[Piece]:
        """Run the command on the card and answer its status; data wait to be fetched by GET RESPONSE (61xx, or a
        warning) or, for a command that takes none, go out at once when P3 is right (6Cxx when not)."""
        p3 = self._header[4]
        try:
            raw = self.card.transmit(apdu[:4] + b"\x00" if fetch_by else apdu)
        except CardMute:
            return self._fall_silent()
        self._late = self.card.late
        data, status = raw[:-2], raw[-2:]
        if not data:
            return self._end(status)
        self._waiting, self._waiting_for = data, fetch_by
        self._status = status
        if fetch_by:
            return self._fetch(p3)
        return self._end(self._more() if status == b"\x90\x00" else status)

    def _more(self) -> bytes:
        """61xx: how much waits, as far as it is given at once."""
        size = min(len(self._waiting), self.options.response_part or 256)
        return bytes([0x61, 0 if self.options.vague_length else size & 0xFF])

    def _get_response(self, cla: int, p1: int, p2: int, p3: int) -> list[Piece]:
        if cla != 0:
            return self._end(b"\x6e\x00")
        if p1 or p2:
            return self._end(b"\x6a\x86")
        if not self._waiting or self._waiting_for:
            self._waiting = b""
            return self._end(b"\x69\x85")
        self._status = b"\x90\x00"  # a warning has already been told
        return self._fetch(p3)

    def _fetch(self, p3: int) -> list[Piece]:
        ins = self._header[1]
        part = self.options.response_part if ins == Ins.GET_RESPONSE else 0
        data = self._waiting[: part or 256]
        if (p3 or 256) != len(data):
            return self._end(b"\x6c" + bytes([len(data) & 0xFF]))
        self._waiting, self._waiting_for = self._waiting[len(data) :], b""
        if self._waiting:
            self._status = self._more()
        if not self.options.one_by_one:
            return self._end(bytes([ins]) + data + self._status)
        pieces = self._speak(bytes([ins ^ 0xFF, data[0]]))
        for byte in data[1:]:
            pieces += self._go_on(bytes([ins ^ 0xFF, byte]))
        self._end(b"")
        return pieces + self._go_on(self._status)

    def _speak(self, characters: bytes) -> list[Piece]:
        options = self.options
        nulls: list[Piece] = [
            (options.null_gap if number else options.delay, bytes([NULL_BYTE])) for number in range(options.null_bytes)
        ]
        late, self._late = self._late, 0
        return [*nulls, ((options.null_gap if nulls else options.delay) + late, characters)]

    def _go_on(self, characters: bytes) -> list[Piece]:
        """More of an answer that has begun: no NULL characters ahead of it."""
        return [(self.options.delay, characters)]

    def _end(self, characters: bytes) -> list[Piece]:
        """The last characters of a command: the next byte begins a header."""
        self._header = b""
        self._data.clear()
        return self._speak(characters)

    def _fall_silent(self) -> list[Piece]:
        self._mute = True
        return []
