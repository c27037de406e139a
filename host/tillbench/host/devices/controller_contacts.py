"""What a smart-card controller does at the contacts, which the terminal behind it never sees: characters, procedure
bytes, waiting times (ISO/IEC 7816-3, 10 and 11)."""

from __future__ import annotations

from collections.abc import Callable

from tillbench.host.devices.slot_wire import F

CLOCK_HZ = 4_000_000
CHARACTER_ETU = 12
_NULL = 0x60
_D = {1: 1, 2: 2, 3: 4, 4: 8, 5: 16, 6: 32, 7: 64, 8: 12, 9: 20}
"""Bit rate adjustment by the second half of bmFindexDindex (ISO/IEC 7816-3, table 8)."""
Say = Callable[[bytes], bytes]
"""Sends characters to the card one after the other; returns what it says then. Raises CardSilent."""


class CardSilent(Exception):
    """The card says nothing within its waiting time, or is gone."""


class Agreed:
    """Protocol, rate and waiting time, as after a reset until the host sets them (USB CCID 1.1, 6.1.7)."""

    def __init__(self) -> None:
        self.protocol = 0
        self.d = 1
        self.waiting_etu = 960 * 10

    def set(self, protocol: int, parameters: bytes) -> None:
        """abProtocolDataStructure; ValueError if it is too short."""
        if len(parameters) < 5:
            raise ValueError(f"{len(parameters)} bytes of parameters, expected at least 5")
        self.protocol = protocol
        self.d = _D.get(parameters[0] & 15, 1)
        waiting = parameters[3]
        self.waiting_etu = 11 + (960 << (waiting >> 4)) * self.d if protocol else 960 * waiting * self.d

    def us(self, etu: float) -> int:
        """How long that is."""
        return round(etu * F * 1_000_000 / CLOCK_HZ / self.d)


def tpdu(say: Say, command: bytes) -> bytes:
    """One TPDU at T=0: procedure bytes are dealt with here, 61xx and 6Cxx are the host's (ISO/IEC 7816-3, 10.3).

    Raises:
        CardSilent: the card breaks off.
        ValueError: it sends a procedure byte that is none.
    """
    header, data = command[:5].ljust(5, b"\0"), command[5:]
    ins, expected = header[1], 0 if data else header[4] or 256
    said = bytearray(say(header))
    got = bytearray()
    while True:
        if not said:
            raise CardSilent
        procedure = said.pop(0)
        if procedure == _NULL:
            continue
        if procedure & 0xF0 in (0x60, 0x90):
            if not said:
                raise CardSilent
            return bytes(got) + bytes([procedure, said.pop(0)])
        if procedure not in (ins, ins ^ 0xFF):
            raise ValueError(f"procedure byte {procedure:02X}")
        count = 1 if procedure == ins ^ 0xFF else max(len(data), expected - len(got))
        if data:
            said += say(data[:count])
            data = data[count:]
        else:
            got += said[:count]
            del said[:count]
