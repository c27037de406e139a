"""T=0, the terminal's side: one command TPDU with its procedure bytes (ISO/IEC 7816-3, 10.3; EMV Book 1, 9.2.2)."""

from micropython import const

from iso7816.errors import CardError

HEADER = const(5)
_LARGEST = const(256)

_SEND = const(0)
_PROCEDURE = const(1)
_DATA = const(2)
_SW2 = const(3)
_DONE = const(4)

_NULL = const(0x60)


class Tpdu:
    """One exchange of characters. After `start()` the driver alternates, until `done`:

    `outgoing()` gives the characters to send now (empty: it is the card's turn);
    `incoming()` gives the room to fill with received characters, then `filled()` takes them.
    At the end `sw` is the status (SW1 SW2 as one number) and `data()` what the card has sent before it.
    """

    def __init__(self) -> None:
        self.done = True
        self.sw = 0
        self.nulls = 0
        self._state = _DONE
        self._command = memoryview(b"")
        self._sent = 0
        self._send_to = 0
        self._buffer = memoryview(bytearray(_LARGEST))
        self._received = 0
        self._expected = 0
        self._want = 0
        self._control = memoryview(bytearray(1))
        self._ins = 0

    def start(self, command: "bytes | bytearray | memoryview", expected: int) -> None:
        """Begin with `command`, five header bytes and the data for the card, or none; `expected` is the largest number
        of data bytes that the card may send (0 to 256).

        Raises:
            ValueError: a command that T=0 cannot carry.
        """
        ins = command[1] if len(command) >= HEADER else 0x60
        if ins & 0xF0 == 0x60 or ins & 0xF0 == 0x90:
            raise ValueError(
                "T=0 command of %d bytes, INS %02X: expected 5 or more, INS not 6x or 9x" % (len(command), ins)
            )
        if not 0 <= expected <= _LARGEST or (expected and len(command) > HEADER):
            raise ValueError("T=0 moves data one way, at most 256 bytes")
        self._ins = ins
        self._command = memoryview(command)
        self._sent = 0
        self._send_to = HEADER
        self._received = 0
        self._expected = expected
        self._state = _SEND
        self.nulls = 0
        self.sw = 0
        self.done = False

    def outgoing(self) -> memoryview:
        """The characters to send next; they count as sent. Empty if the card is to send."""
        if self._state != _SEND:
            return self._command[:0]
        part = self._command[self._sent : self._send_to]
        self._sent = self._send_to
        self._state = _PROCEDURE
        return part

    def incoming(self) -> memoryview:
        """Room for exactly the characters that the card must send next."""
        if self._state == _DATA:
            return self._buffer[self._received : self._received + self._want]
        return self._control

    def filled(self) -> None:
        """The room of `incoming()` holds the card's characters.

        Raises:
            CardError: PROTOCOL, a procedure byte that T=0 does not have here.
        """
        if self._state == _DATA:
            self._received += self._want
            self._state = _PROCEDURE
        elif self._state == _SW2:
            self.sw |= self._control[0]
            self._state = _DONE
            self.done = True
            self._command = self._command[:0]
        else:
            self._procedure(self._control[0])

    def _procedure(self, byte: int) -> None:
        if byte == _NULL:
            self.nulls += 1
        elif byte == self._ins or byte == self._ins ^ 0xFF:
            self._acknowledged(byte == self._ins)
        elif byte & 0xF0 == 0x60 or byte & 0xF0 == 0x90:
            self.sw = byte << 8
            self._state = _SW2
        else:
            raise CardError(
                "PROTOCOL",
                "procedure byte after %d sent and %d received: expected 60, %02X, %02X, 6x or 9x, found %02X"
                % (self._sent, self._received, self._ins, self._ins ^ 0xFF, byte),
            )

    def _acknowledged(self, everything: bool) -> None:
        left = len(self._command) - self._sent
        if left:
            self._send_to = len(self._command) if everything else self._sent + 1
            self._state = _SEND
            return
        left = self._expected - self._received
        if not left:
            raise CardError(
                "PROTOCOL", "card asks for more data after %d sent and %d received" % (self._sent, self._received)
            )
        self._want = left if everything else 1
        self._state = _DATA

    def data(self) -> memoryview:
        """The data bytes that the card has sent; valid until the next `start()`."""
        return self._buffer[: self._received]
