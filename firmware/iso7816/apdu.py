"""From a command APDU to T=0 TPDUs and back: cases 1 to 4 short, 61xx, 6Cxx, warnings (EMV Book 1, 9.3.1, Annex A)."""

from micropython import const

from iso7816.errors import CardError

_LARGEST = const(256)


class Apdu:
    """One command-response pair. `command` and `expected` are the next TPDU; `answered()` takes its result and tells
    whether there is another one; `response()` is the answer at the end."""

    def __init__(self) -> None:
        self.case = 0
        self.command = memoryview(b"")
        self.expected = 0
        self.sw = 0
        self._again = bytearray(5)
        self._data = memoryview(bytearray(_LARGEST))
        self._length = 0
        self._warning = 0
        self._corrected = False
        self._first = True

    def start(self, apdu: "bytes | bytearray | memoryview") -> None:
        """Begin with a short APDU.

        Raises:
            ValueError: the length does not fit any case.
        """
        size = len(apdu)
        lc = apdu[4] if size > 4 else 0
        if size == 4:
            self.case = 1
        elif size == 5:
            self.case = 2
        elif lc and size == 5 + lc:
            self.case = 3
        elif lc and size == 6 + lc:
            self.case = 4
        else:
            raise ValueError("APDU of %d bytes, byte 4 is %02X: expected 4, 5, 5 + Lc or 6 + Lc bytes" % (size, lc))
        self._length = 0
        self._warning = 0
        self._first = True
        self._corrected = False
        self.expected = 0
        if self.case == 1:
            self._header(apdu[0], apdu[1], apdu[2], apdu[3], 0)
        else:
            self.command = memoryview(apdu)[: 5 + lc if self.case > 2 else 5]
            if self.case == 2:
                self.expected = lc or _LARGEST

    def _header(self, cla: int, ins: int, p1: int, p2: int, p3: int) -> None:
        again = self._again
        again[0] = cla
        again[1] = ins
        again[2] = p1
        again[3] = p2
        again[4] = p3
        self.command = memoryview(again)

    def answered(self, data: "bytes | memoryview", sw: int) -> bool:
        """Take the data and the status of the TPDU; True: send `command` next, False: the response is complete.

        Raises:
            CardError: PROTOCOL, 61xx or 6Cxx where the case does not allow it or without end, or more than 256 bytes.
        """
        sw1 = sw >> 8
        self.sw = sw
        if sw1 == 0x6C:
            self._correct_length(sw & 0xFF)
            return True
        self._append(data)
        if sw1 == 0x61:
            if self.case in (1, 3):
                raise CardError(
                    "PROTOCOL", "SW %04X to a case %d command: expected in cases 2 and 4 only" % (sw, self.case)
                )
            if not self._first and not data:
                raise CardError("PROTOCOL", "SW %04X to GET RESPONSE without data" % sw)
            self._get_response(sw & 0xFF)
            return True
        if (sw1 == 0x62 or sw1 == 0x63) and self.case == 4 and self._first and not data:
            # Annex A.7: the data comes first, the warning stays the result.
            self._warning = sw
            self._get_response(0)
            return True
        if self._warning:
            self.sw = self._warning
        return False

    def _correct_length(self, le: int) -> None:
        if not self.expected:
            raise CardError("PROTOCOL", "SW 6C%02X to a command that expects no data" % le)
        if self._corrected:
            raise CardError("PROTOCOL", "SW 6C%02X to a command with the corrected length" % le)
        self._corrected = True
        header = self.command
        self._header(header[0], header[1], header[2], header[3], le)
        self.expected = le or _LARGEST

    def _get_response(self, le: int) -> None:
        self._first = False
        self._corrected = False
        self._header(0x00, 0xC0, 0x00, 0x00, le)
        self.expected = le or _LARGEST

    def _append(self, data: "bytes | memoryview") -> None:
        end = self._length + len(data)
        if end > _LARGEST:
            raise CardError("PROTOCOL", "response of %d bytes: expected at most 256" % end)
        self._data[self._length : end] = data
        self._length = end

    def response(self) -> bytes:
        """Response data and SW1 SW2."""
        answer = bytearray(self._length + 2)
        answer[: self._length] = self._data[: self._length]
        answer[-2] = self.sw >> 8
        answer[-1] = self.sw & 0xFF
        return bytes(answer)
