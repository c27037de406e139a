"""What may go to a card in a real reader. Nobody knows whose card it is until it has shown that it is one of ours.

A card whose issuer certificate does not chain to the test CA gets SELECT, GET PROCESSING OPTIONS, READ RECORD and GET
RESPONSE, and nothing else: no PIN, no cryptogram, no counter that moves. No option changes that.
"""

from __future__ import annotations

import hashlib
from typing import Protocol

from tillbench.host.cards.rsa_keys import EXPONENTS, LEAST_BITS, MOST_BITS, RsaKey, rsa_key
from tillbench.protocols.apdu import Ins
from tillbench.protocols.emv import tlv

READING = frozenset({Ins.SELECT, Ins.READ_RECORD, Ins.GET_PROCESSING_OPTIONS, Ins.GET_RESPONSE})
_PAN, _CERTIFICATE, _REMAINDER, _EXPONENT = 0x5A, 0x90, 0x92, 0x9F32
_HEAD, _TAIL = 15, 21  # of an issuer certificate: bytes before the modulus; hash and trailer


class ForeignCard(Exception):
    """A command that is refused; the text says which and why, and holds nothing of the card."""


class Slot(Protocol):
    """A card as a reader gives it: TPDUs at T=0, APDUs at T=1."""

    def reset(self) -> bytes:
        """The answer to reset, `b""` without one."""
        ...

    def transmit(self, apdu: bytes) -> bytes | None:
        """Data and status word; None from a card that is mute or gone."""
        ...


class CardGuard:
    """A `Slot` that lets through what the card has earned.

    What the card shows of itself counts for the application that it showed it in: SELECT forgets it.
    `objects`: the data elements read since then.
    """

    def __init__(self, slot: Slot) -> None:
        self._slot = slot
        self._pending = bytearray()  # of a record that GET RESPONSE brings
        self._reading = False
        self.objects: dict[int, bytes] = {}

    def reset(self) -> bytes:
        """The answer to reset; whatever was shown is forgotten."""
        self._forget()
        return self._slot.reset()

    def _forget(self) -> None:
        self.objects = {}
        self._pending.clear()
        self._reading = False

    def transmit(self, apdu: bytes) -> bytes | None:
        """One command, if it may go. Raises `ForeignCard`."""
        ins = apdu[1] if len(apdu) > 1 else 0
        if ins not in READING:
            why = doubt(self.objects)
            if why:
                raise ForeignCard(f"{command_name(ins)} is not sent to this card: {why}")
        if ins == Ins.SELECT:
            self._forget()
        answer = self._slot.transmit(apdu)
        if ins != Ins.GET_RESPONSE:
            self._reading = ins == Ins.READ_RECORD
            self._pending.clear()
        if self._reading and answer is not None:
            self._read(answer)
        return answer

    def _read(self, answer: bytes) -> None:
        self._pending += answer[:-2]
        if answer[-2:] != b"\x90\x00":
            return
        try:
            for item in tlv.walk(tlv.parse(bytes(self._pending))):
                self.objects.setdefault(item.tag, item.value)
        except tlv.TlvError:
            pass  # the kernel says so


def command_name(ins: int) -> str:
    """The command of an instruction byte, as the Books write it."""
    return Ins(ins).name.replace("_", " ") if ins in set(Ins) else f"command {ins:02X}"


def doubt(objects: dict[int, bytes]) -> str:
    """Why these data elements do not show a card of the test CA's; empty if they do (EMV Book 2, 5.3)."""
    for tag, name in ((_PAN, "PAN"), (_CERTIFICATE, "issuer certificate"), (_EXPONENT, "issuer exponent")):
        if tag not in objects:
            return f"it has shown no {name}"
    certificate = objects[_CERTIFICATE]
    for ca in _test_keys(len(certificate)):
        block = pow(int.from_bytes(certificate, "big"), ca.exponent, ca.modulus).to_bytes(ca.size, "big")
        if block[:2] == b"\x6a\x02" and block[-1] == 0xBC:
            return _doubt_of(block, objects)
    return "its issuer certificate does not chain to the test CA"


def _doubt_of(block: bytes, objects: dict[int, bytes]) -> str:
    hashed = block[1:-_TAIL] + objects.get(_REMAINDER, b"") + objects[_EXPONENT]
    if hashlib.sha1(hashed).digest() != block[-_TAIL:-1]:  # noqa: S324  the standard's hash
        return "the hash of its issuer certificate is wrong"
    issuer = block[2:6].hex().upper().rstrip("F")
    if not objects[_PAN].hex().startswith(issuer):
        return "its issuer certificate is another issuer's"
    return ""


def _test_keys(size: int) -> list[RsaKey]:
    """The test CA's keys of this length."""
    if not LEAST_BITS <= size * 8 <= MOST_BITS:
        return []
    return [rsa_key("ca", size * 8, exponent) for exponent in EXPONENTS]
