"""A reader with its models on a bench whose clock jumps, and the computer's side of its line, byte by byte."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tillbench.host.cards import CardProfile, VirtualCard, load_profile
from tillbench.host.cards.t0 import T0Card
from tillbench.host.cards.t1 import T1Card
from tillbench.host.devices.character_card import CharacterCard
from tillbench.host.reader.models import ReaderModels

POWER_ON, POWER_OFF, STATUS, XFR, GET, RESET, SET = 0x62, 0x63, 0x65, 0x6F, 0x6C, 0x6D, 0x61
ESCAPE, CLOCK, SECURE, ABORT, RATE = 0x6B, 0x6E, 0x69, 0x72, 0x73
ACTIVE, INACTIVE, ABSENT = 0, 1, 2
NAK = b"\x03\x15\x16"
PATIENCE_S = 90.0


def frame(message: bytes) -> bytes:
    """Around a message on the line."""
    whole = b"\x03\x06" + message
    check = 0
    for byte in whole:
        check ^= byte
    return whole + bytes([check])


def message(kind: int, data: bytes = b"", *, slot: int = 0, seq: int = 0, special: bytes = bytes(3)) -> bytes:
    """Of a request."""
    return bytes([kind]) + len(data).to_bytes(4, "little") + bytes([slot, seq]) + special + data


@dataclass(frozen=True)
class Answer:
    """What came for a request, the echo before it taken away; `before` is what came unframed."""

    kind: int
    slot: int
    seq: int
    card: int
    failed: bool
    error: int
    extra: int
    data: bytes
    before: bytes


T1_ATR = bytes.fromhex("3BE000008131204535")


class Line:
    """The reader's serial line."""

    def __init__(self, target: str, folder: Path) -> None:
        self.models = ReaderModels(target, folder, seed=7)
        self.bench = self.models.bench
        self.heard = b""
        self.seq = 0
        self.models.power_on()
        self.uart = self.bench.uart(int(self.bench.parts["host"]["uart"]))
        self.uart.on_bytes = self._hear

    def _hear(self, data: bytes) -> None:
        self.heard += data

    def take(self) -> bytes:
        """What has come since."""
        taken, self.heard = self.heard, b""
        return taken

    def write(self, data: bytes) -> None:
        """Send bytes as they are."""
        self.uart.send(data)

    def request(self, kind: int, data: bytes = b"", *, slot: int = 0, special: bytes = bytes(3)) -> Answer:
        """Send a request, wait for its answer."""
        self.seq = (self.seq + 1) & 0xFF
        return self.raw(frame(message(kind, data, slot=slot, seq=self.seq, special=special)))

    def raw(self, data: bytes) -> Answer:
        """Send a frame, wait for the answer to it."""
        self.take()
        self.write(data)
        return self.answer()

    def answer(self) -> Answer:
        """The next answer with its echo."""
        self.bench.run_until(lambda: self._parsed() is not None, PATIENCE_S, "an answer of the reader")
        found = self._parsed()
        assert found is not None
        parsed, self.heard = found
        return parsed

    def _parsed(self) -> tuple[Answer, bytes] | None:
        """(the first answer, what is behind it), None while it is not whole. Notices come before it, unframed."""
        rest, before, echoed = self.heard, b"", False
        while rest:
            if rest[0] == 0x50:
                before, rest = before + rest[:2], rest[2:]
            elif rest[0] >= 0x80:
                before, rest = before + rest[:1], rest[1:]
            elif len(rest) < 13 or len(rest) < (size := 13 + int.from_bytes(rest[3:7], "little")):
                return None
            elif not echoed:
                assert frame(rest[2 : size - 1]) == rest[:size]
                echoed, rest = True, rest[size:]
            else:
                found = rest[:size]
                assert frame(found[2:-1]) == found
                status = found[9]
                data = found[12:-1]
                answer = Answer(
                    found[2], found[7], found[8], status & 3, bool(status & 0x40), found[10], found[11], data, before
                )
                return answer, rest[size:]
        return None

    def close(self) -> None:
        self.bench.power_off()


def insert(line: Line, card: CharacterCard) -> None:
    """A card goes in, and the switch settles."""
    line.models.slot.insert(card)
    line.bench.run_for(0.3)


def visa(line: Line, *, t1: bool = False, on: bool = True, **changes: object) -> VirtualCard:
    """A CDA card of the shipped ones goes in, with these changes; switched on if `on`."""
    profile = CardProfile.model_validate({**dict(load_profile("visa-cda")), **changes})
    if t1:
        profile = profile.model_copy(update={"atr": T1_ATR})
    card = VirtualCard(profile)
    insert(line, T1Card(card) if t1 else T0Card(card))
    if on:
        assert line.request(POWER_ON).data == profile.atr
    return card


def told(answer: Answer) -> tuple[int, bool, int]:
    """Card status, whether it failed, and the error."""
    return answer.card, answer.failed, answer.error
