"""Protocol and parameters selection: one request, one answer, right after the answer to reset (ISO/IEC 7816-3, 9).

EMV does without it: a card that EMV accepts is used as its answer to reset says (Book 1, 8.3.3.1 and 8.3.3.5).
"""

from micropython import const

from iso7816.errors import CardError

_PPSS = const(0xFF)
_HAS_PPS1 = const(0x10)
_HAS_PPS2 = const(0x20)
_HAS_PPS3 = const(0x40)
_DEFAULT_RATE = const(0x11)  # F=372, D=1

# ISO/IEC 7816-3, tables 7 and 8, by the halves of a TA1; 0 is reserved
F = (372, 372, 558, 744, 1116, 1488, 1860, 0, 0, 512, 768, 1024, 1536, 2048, 0, 0)
D = (0, 1, 2, 4, 8, 16, 32, 64, 12, 20, 0, 0, 0, 0, 0, 0)


class Pps:
    """The terminal asks for `protocol` (0 to 14) and `rate`, coded as TA1 (11: leave it out, the default stays).

    `request` is to be sent; feed the card's characters until `missing` is 0. Then `f` and `d` are the parameters to go
    on with: those asked for, or the default ones if the card left PPS1 out of its answer.

    Raises ValueError for a protocol or rate that does not exist.
    """

    def __init__(self, protocol: int, rate: int = _DEFAULT_RATE) -> None:
        if not 0 <= protocol <= 14:
            raise ValueError("PPS: protocol: expected 0 to 14, found %d" % protocol)
        if not 0 <= rate <= 0xFF or not F[rate >> 4] or not D[rate & 15]:
            raise ValueError("PPS: rate: expected a TA1 with F and D, found %02X" % rate)
        self._protocol = protocol
        self._rate = rate
        request = bytearray((_PPSS, protocol))
        if rate != _DEFAULT_RATE:
            request[1] |= _HAS_PPS1
            request.append(rate)
        check = 0
        for byte in request:
            check ^= byte
        request.append(check)
        self.request = bytes(request)
        self.raw = bytearray()
        self.missing = 3
        self.f = F[_DEFAULT_RATE >> 4]
        self.d = D[_DEFAULT_RATE & 15]

    def feed(self, character: int) -> int:
        """Take one character of the answer; returns how many are missing.

        Raises:
            CardError: PROTOCOL, the card does not accept; it has to be reset (9.3).
        """
        raw = self.raw
        raw.append(character)
        at = len(raw) - 1
        if at == 0 and character != _PPSS:
            self._reject("PPSS", at, "FF")
        if at == 1:
            if character & 0x0F != self._protocol:
                self._reject("PPS0", at, "protocol T=%d" % self._protocol)
            # The card may leave out what was offered, never add to it.
            if character & ~self.request[1] & (_HAS_PPS1 | _HAS_PPS2 | _HAS_PPS3) or character & 0x80:
                self._reject("PPS0", at, "no parameters but those asked for")
            self.missing = 2 if character & _HAS_PPS1 else 1
            return self.missing
        if at == 2 and self.missing == 2 and character != self._rate:
            self._reject("PPS1", at, "%02X" % self._rate)
        self.missing -= 1
        if not self.missing:
            total = 0
            for byte in raw:
                total ^= byte
            if total:
                self._reject("PCK", at, "%02X" % (total ^ character))
            if raw[1] & _HAS_PPS1:
                self.f = F[self._rate >> 4]
                self.d = D[self._rate & 15]
        return self.missing

    def _reject(self, name: str, at: int, expected: str) -> None:
        raise CardError("PROTOCOL", "%s at offset %d: expected %s, found %02X" % (name, at, expected, self.raw[at]))
