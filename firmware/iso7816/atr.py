"""The answer to reset: collected character by character, then judged by the rules of EMV Book 1, section 8.3."""

from micropython import const

from iso7816.errors import CardError

_DIRECT = const(0x3B)
_INVERSE_SEEN = const(0x03)  # 3F as a UART of the direct convention receives it
_MAX_CHARACTERS = const(33)  # TS and 32 more (ISO/IEC 7816-3, 8.2.1)
_KINDS = "ABCD"
_NIBBLES = b"\x0f\x07\x0b\x03\x0d\x05\x09\x01\x0e\x06\x0a\x02\x0c\x04\x08\x00"


def other_convention(character: int) -> int:
    """The same moments on the line read by the other convention: bits reversed and complemented (ISO 7816-3, 7.2)."""
    return _NIBBLES[character & 15] << 4 | _NIBBLES[character >> 4]


class Atr:
    """An answer to reset.

    Feed it the characters as the UART shows them; `missing` tells how many must still come at least (0: complete).
    `check()` then applies the EMV rules and fills in the parameters:

    `protocol` 0 or 1, the first one offered; `d` the bit rate adjustment to use at once (1, 2 or 4; F is always 372);
    `guard` extra guard time N in etu, terminal to card; `wi` work waiting time integer (T=0);
    `ifsc` bytes, `bwi`, `cwi` (T=1).
    """

    def __init__(self) -> None:
        self.raw = bytearray()  # logical values: 3F first if the card uses the inverse convention
        self.inverse = False
        self.missing = 2
        self.interface: "dict[str, int]" = {}  # "TA1" -> offset in raw
        self.protocol = 0
        self.d = 1
        self.guard = 0
        self.wi = 10
        self.ifsc = 32
        self.bwi = 4
        self.cwi = 5
        self._announced = 0  # bits of TA, TB, TC, TD still to come in this group
        self._group = 1
        self._historical = 0
        self._has_tck = False

    def feed(self, character: int) -> int:
        """Take one character; returns `missing`.

        Raises:
            CardError: BAD_ATR, TS is neither convention, or the answer is longer than 33 characters.
        """
        raw = self.raw
        if not raw:
            if character == _INVERSE_SEEN:
                self.inverse = True
            elif character != _DIRECT:
                raise CardError("BAD_ATR", "TS at offset 0: expected 3B or 3F (received as 03), found %02X" % character)
        if self.inverse:
            character = other_convention(character)
        at = len(raw)
        raw.append(character)
        if at == 1:
            self._historical = character & 15
            self._announced = character >> 4
        elif at > 1 and self._announced:
            self._interface_character(at, character)
        if at:
            self._count()
        else:
            self.missing = 1
        if len(raw) + self.missing > _MAX_CHARACTERS:
            raise CardError("BAD_ATR", "more than 33 characters announced at offset %d" % at)
        return self.missing

    def _interface_character(self, at: int, character: int) -> None:
        kind = 0
        while not self._announced >> kind & 1:
            kind += 1
        self._announced &= ~(1 << kind)
        self.interface["T" + _KINDS[kind] + str(self._group)] = at
        if kind == 3:
            self._announced = character >> 4
            self._group += 1
            if character & 15:
                self._has_tck = True

    def _count(self) -> None:
        announced = self._announced
        tail = self._historical + (1 if self._has_tck else 0)
        if announced:
            self.missing = tail
            while announced:
                self.missing += announced & 1
                announced >>= 1
            return
        last = 1
        for offset in self.interface.values():
            last = max(last, offset)
        self.missing = last + 1 + tail - len(self.raw)

    def value(self, name: str) -> "int | None":
        """The interface character `name` ("TA1"), or None if the answer has none."""
        offset = self.interface.get(name)
        return None if offset is None else self.raw[offset]

    @property
    def historical(self) -> bytes:
        """The historical bytes, 0 to 15."""
        end = len(self.raw) - (1 if self._has_tck else 0)
        return bytes(self.raw[end - self._historical : end])

    def check(self, cold: bool) -> None:
        """Judge a complete answer and set the parameters; after a warm reset (`cold` False) TB1 may be anything.

        Raises:
            CardError: BAD_ATR with the character, its offset, the expected and the found value.
        """
        self.check_tck()
        td1 = self.value("TD1")
        self.protocol = 0 if td1 is None else td1 & 15
        if self.protocol > 1:
            self._reject("TD1", "protocol T=0 or T=1")
        if cold and self.value("TB1") != 0:
            self._reject("TB1", "00")  # 8.3.3.2: only a warm reset may bring another value, or none
        if "TB2" in self.interface:
            self._reject("TB2", "none")  # 8.3.3.6
        self._check_rate()
        guard = self.value("TC1")
        # 255 is the least that the protocol allows: no extra time at T=0, one etu less at T=1 (8.3.3.3).
        self.guard = 0 if guard is None or guard == 255 else guard
        wi = self.value("TC2")
        if wi == 0:
            self._reject("TC2", "01 to FF")  # 8.3.3.7: 0A, or what the terminal can support; we support all but 0
        if wi is not None:
            self.wi = wi
        self._check_second_protocol()

    def check_tck(self) -> None:
        """The check character alone, where there is one, as a reader that is not bound to EMV looks at it.

        Raises:
            CardError: BAD_ATR.
        """
        if not self._has_tck:
            return
        total = 0
        for character in self.raw[1:]:
            total ^= character
        if total:
            at = len(self.raw) - 1
            raise CardError(
                "BAD_ATR", "TCK at offset %d: expected %02X, found %02X" % (at, total ^ self.raw[at], self.raw[at])
            )

    def _check_rate(self) -> None:
        """TA1 and TA2 (8.3.3.1, 8.3.3.5): in specific mode TA1 counts at once, else F=372 and D=1 stay."""
        ta1 = self.value("TA1")
        ta2 = self.value("TA2")
        if ta2 is None:
            return
        if ta2 & 0x10:
            self._reject("TA2", "b5 = 0 (parameters by the interface characters)")
        if ta2 & 15 != self.protocol:
            self._reject("TA2", "protocol T=%d as in TD1" % self.protocol)
        if ta1 is not None:
            if not 0x11 <= ta1 <= 0x13:
                self._reject("TA1", "11 to 13 in specific mode")
            self.d = 1 << ((ta1 & 15) - 1)

    def _check_second_protocol(self) -> None:
        """TD2 and the T=1 parameters after it (8.3.3.8 to 8.3.3.11)."""
        td2 = self.value("TD2")
        if td2 is None:
            if self.protocol == 1:
                self._reject("TD2", "T=1 (it announces TB3)")
            return
        second = td2 & 15
        if self.protocol == 1 and second != 1:
            self._reject("TD2", "protocol T=1")
        if self.protocol == 0 and second not in (1, 14, 15):
            self._reject("TD2", "protocol T=1, T=14 or T=15")
        if second != 1:
            return
        ifsc = self.value("TA3")
        if ifsc is not None:
            if not 0x10 <= ifsc <= 0xFE:
                self._reject("TA3", "10 to FE")
            self.ifsc = ifsc
        waiting = self.value("TB3")
        n = self.value("TC1") or 0
        if waiting is None or waiting >> 4 > 4 or waiting & 15 > 5 or 1 << (waiting & 15) <= (n + 1) & 0xFF:
            self._reject("TB3", "BWI 0 to 4, CWI 0 to 5 with 2^CWI > N + 1")
        else:
            self.bwi = waiting >> 4
            self.cwi = waiting & 15
        if self.value("TC3"):
            self._reject("TC3", "00 (LRC)")

    def _reject(self, name: str, expected: str) -> None:
        offset = self.interface.get(name)
        if offset is None:
            raise CardError("BAD_ATR", "%s: expected %s, found none" % (name, expected))
        raise CardError(
            "BAD_ATR", "%s at offset %d: expected %s, found %02X" % (name, offset, expected, self.raw[offset])
        )
