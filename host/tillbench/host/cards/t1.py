"""The card's side of T=1, character by character, without a clock (ISO/IEC 7816-3, 11; EMV 4.3 Book 1, 9.2.4, 9.2.5).

A slot model feeds the bytes that reach the card and puts the pieces that come back on its wire.
"""

from dataclasses import dataclass
from enum import IntEnum

from tillbench.host.cards.apdu_card import ApduCard
from tillbench.host.cards.card import VirtualCard
from tillbench.host.cards.faults import CardMute
from tillbench.protocols.atr import interface_characters

Piece = tuple[int, bytes]
BLOCK_GUARD = 10
"""Etu from the end of a character to the start of the other side's first: 22 from start to start."""


class Supervision(IntEnum):
    """PCB of the S-block requests; a response has 0x20 more."""

    RESYNCH = 0xC0
    IFS = 0xC1
    ABORT = 0xC2
    WTX = 0xC3


RESPONSE = 0x20
CHECK_ERROR = 1
OTHER_ERROR = 2


@dataclass
class T1Options:
    """How this card behaves within the standard.

    `delay` is the pause before each block in etu, from the end of the last character. `wtx` is the multiplier of the
    block waiting time that it asks for before each answer, `wtx_requests` times; 0: it does not ask. `ifsc` is
    announced by S(IFS request) before the first answer; 0: what TA3 says stays.
    """

    delay: int = BLOCK_GUARD
    wtx: int = 0
    wtx_requests: int = 1
    ifsc: int = 0


def epilogue(block: bytes, with_crc: bool) -> bytes:
    """LRC, or the CRC of ISO/IEC 13239 as card readers send it: not complemented, high byte first."""
    if with_crc:
        value = 0xFFFF
        for byte in block:
            value ^= byte
            for _ in range(8):
                value = (value >> 1) ^ (0x8408 * (value & 1))
        return value.to_bytes(2, "big")
    total = 0
    for byte in block:
        total ^= byte
    return bytes([total])


class T1Card:
    """A `VirtualCard` behind T=1. `receive` as `T0Card.receive`; the profile says how it behaves unless `options` do.

    A damaged block is answered by an R-block; a block that breaks off is forgotten when `line_quiet` tells so.
    """

    def __init__(self, card: ApduCard, options: T1Options | None = None) -> None:
        """`options`: those of its profile, if a `VirtualCard` is given none."""
        self.card = card
        if options is None and isinstance(card, VirtualCard):
            options = T1Options(wtx=card.profile.wtx, ifsc=card.profile.ifsc)
        self.options = options or T1Options()
        self._with_crc = False
        self._ifsc = 32
        self._forget()

    def _forget(self) -> None:
        self._ifsd = 32
        self._block = bytearray()
        self._restart()
        self._last = b""  # the last I-block or S-block request sent
        self._mute = False
        self._announced = not self.options.ifsc

    def _restart(self) -> None:
        self._expected = 0  # N(S) of the terminal's next I-block
        self._number = 0  # N(S) of our I-block under way, or next
        self._command = bytearray()
        self._answer = b""  # what is still to be sent, the part under way included
        self._part = 0  # length of that part
        self._extensions = 0

    def reset(self, cold: bool = True) -> bytes:
        """RST went up: the ATR, `b""` from a mute card."""
        del cold
        atr = self.card.reset()
        if len(atr) > 1:
            names = interface_characters(atr)
            self._ifsc = names.get("TA3", 32)
            self._with_crc = bool(names.get("TC3", 0) & 1)
        self._forget()
        return atr

    def line_quiet(self) -> None:
        """The character waiting time is over: what has come of a block is no block."""
        self._block.clear()

    def receive(self, data: bytes | int) -> list[Piece]:
        """Characters from the terminal; what the card sends now."""
        pieces: list[Piece] = []
        for byte in bytes([data]) if isinstance(data, int) else data:
            self._block.append(byte)
            tail = 2 if self._with_crc else 1
            if len(self._block) > 3 and len(self._block) == 3 + self._block[2] + tail:
                block = bytes(self._block)
                self._block.clear()
                pieces += self._receive_block(block, tail)
        return [] if self._mute else pieces

    def _receive_block(self, block: bytes, tail: int) -> list[Piece]:
        pcb, inf = block[1], block[3:-tail]
        if epilogue(block[:-tail], self._with_crc) != block[-tail:]:
            return self._invalid(CHECK_ERROR)
        if block[0] or (len(inf) > self._ifsc and not pcb & 0x80):
            return self._invalid(OTHER_ERROR)
        if not pcb & 0x80:
            return self._information(pcb, inf)
        if not pcb & 0x40:
            return self._acknowledged(pcb >> 4 & 1)
        return self._supervision(pcb, inf)

    def _invalid(self, error: int) -> list[Piece]:
        return self._again() if self._asks() else self._ready(error)

    def _asks(self) -> bool:
        """Whether an S-block request of ours waits for its response."""
        return bool(self._last) and self._last[1] in (Supervision.IFS, Supervision.WTX)

    def _ready(self, error: int = 0) -> list[Piece]:
        """R-block: the I-block that is to come next."""
        return self._block_out(0x80 | self._expected << 4 | error)

    def _block_out(self, pcb: int, inf: bytes = b"") -> list[Piece]:
        block = bytes([0, pcb, len(inf)]) + inf
        return [(self.options.delay, block + epilogue(block, self._with_crc))]

    def _send(self, pcb: int, inf: bytes) -> list[Piece]:
        """An I-block or an S-block request, to be sent again until it is answered."""
        pieces = self._block_out(pcb, inf)
        self._last = pieces[0][1]
        return pieces

    def _again(self) -> list[Piece]:
        return [(self.options.delay, self._last)]

    def _information(self, pcb: int, inf: bytes) -> list[Piece]:
        if pcb >> 6 & 1 != self._expected or pcb & 0x1F:
            return self._invalid(OTHER_ERROR)
        if self._answer:
            # The next command: what we sent last has arrived.
            self._answer = b""
            self._number ^= 1
        self._expected ^= 1
        self._command += inf
        if pcb & 0x20:
            return self._ready()
        command = bytes(self._command)
        self._command.clear()
        try:
            self._answer = self.card.transmit(command)
        except CardMute:
            self._mute = True
            return []
        self._extensions = self.options.wtx_requests if self.options.wtx else 0
        (delay, block), *rest = self._go_on()
        return [(delay + self.card.late, block), *rest]

    def _go_on(self) -> list[Piece]:
        if not self._announced:
            self._announced = True
            return self._send(Supervision.IFS, bytes([self.options.ifsc]))
        if self._extensions:
            self._extensions -= 1
            return self._send(Supervision.WTX, bytes([self.options.wtx]))
        part = self._answer[: self._ifsd]
        self._part = len(part)
        return self._send(self._number << 6 | (0x20 if len(part) < len(self._answer) else 0), part)

    def _acknowledged(self, number: int) -> list[Piece]:
        """An R-block: the next part of a chain, or something once more."""
        if self._asks():
            return self._again()
        if not self._answer:
            return self._ready()
        if number == self._number:
            return self._again()
        if self._part == len(self._answer):
            return self._ready()  # the whole answer has arrived, and the next command has not
        self._answer = self._answer[self._part :]
        self._number ^= 1
        return self._go_on()

    def _supervision(self, pcb: int, inf: bytes) -> list[Piece]:
        if pcb == Supervision.IFS and len(inf) == 1 and 0x10 <= inf[0] <= 0xFE:
            self._ifsd = inf[0]
        elif pcb == Supervision.RESYNCH and not inf:
            self._restart()
        elif pcb == Supervision.ABORT and not inf:
            self._command.clear()
            self._answer = b""
        elif pcb & RESPONSE and self._last[1:2] == bytes([pcb ^ RESPONSE]) and self._last[3:4] == inf:
            if pcb == Supervision.IFS | RESPONSE:
                self._ifsc = inf[0]
            return self._go_on()
        else:
            return self._invalid(OTHER_ERROR)
        return self._block_out(pcb | RESPONSE, inf)
