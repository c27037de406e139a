"""CCID messages on a serial line, as readers of the GemPC Twin family frame them (libccid, `ccid_serial.c`).

Both ways SYNC, ACK, the message, and the exclusive or of all bytes before; SYNC, NAK, 16 asks for a repetition. Between
the frames the reader alone sends two bytes for a card that came or went, and one byte to ask for more time.
"""

from micropython import const

SYNC = const(0x03)
ACK = const(0x06)
NAK = const(0x15)
HEADER = const(10)
LARGEST = const(271)  # bytes of a message, the header included: libccid's dwMaxCCIDMessageLength for this family
_PROLOGUE = const(2)
_LONGEST = const(0xFFFF)  # of dwLength: more is taken for a damaged frame, not for a long one
_CARRIAGE_RETURN = const(0x0D)

# What `feed` and `silent` tell
NOTHING = const(0)
MESSAGE = const(1)  # `message` holds a sound one
DAMAGED = const(2)  # to be answered by `REPEAT_PLEASE`
TOO_LONG = const(3)  # sound, but longer than `LARGEST`: `message` holds its header only
REPEAT = const(4)  # the host asks for the last answer again
CTRL_C = const(5)  # nobody who speaks this protocol: somebody wants MicroPython's REPL

REPEAT_PLEASE = b"\x03\x15\x16"

TYPE_CHECKING = False
if TYPE_CHECKING:
    Buffer = bytes | bytearray | memoryview


class Frames:
    """Takes what the line brings, a byte at a time.

    A frame that does not begin as one, or breaks off, is damaged as soon as the line has been silent (`silent`): what
    would be looked at meanwhile could be its rest.
    """

    def __init__(self) -> None:
        self._buffer = bytearray(LARGEST)
        self._zeros = bytes(LARGEST)
        self._room = memoryview(self._buffer)
        self.message = self._room[:0]
        self._at = 0  # bytes of the frame so far
        self._length = 0  # of the message, 0 while it is not known
        self._check = 0
        self._kind = 0
        self._deaf = False

    @property
    def begun(self) -> bool:
        """True in the middle of a frame."""
        return self._at > 0 or self._deaf

    def feed(self, byte: int) -> int:
        """The next byte; what has come to its end with it."""
        if self._deaf:
            return NOTHING
        at = self._at
        self._check ^= byte
        self._at = at + 1
        if at < _PROLOGUE:
            return self._begin(at, byte)
        if self._kind == NAK:
            self._at = 0
            return DAMAGED if self._check else REPEAT
        at -= _PROLOGUE
        if self._length and at == self._length:
            return self._end()
        if at < LARGEST:
            self._buffer[at] = byte
        if at == 4:
            length = self._buffer[1] | self._buffer[2] << 8 | self._buffer[3] << 16 | self._buffer[4] << 24
            if length > _LONGEST:
                self._deaf = True
            self._length = HEADER + length
        return NOTHING

    def _begin(self, at: int, byte: int) -> int:
        if at == 0:
            self._check = byte
            self._length = 0
            if byte != SYNC:
                self._at = 0
        elif byte == SYNC or byte == _CARRIAGE_RETURN:
            # Ctrl-C twice, or the first of two lines with which mpremote begins. The second SYNC may be a frame's.
            self._at = 1 if byte == SYNC else 0
            self._check = byte
            return CTRL_C
        elif byte != ACK and byte != NAK:
            self._deaf = True
        self._kind = byte
        return NOTHING

    def _end(self) -> int:
        self._at = 0
        if self._check:
            return DAMAGED
        if self._length > LARGEST:
            self.message = self._room[:HEADER]
            return TOO_LONG
        self.message = self._room[: self._length]
        return MESSAGE

    def silent(self) -> int:
        """The line has been silent for longer than a frame may break off."""
        damaged = self.begun
        self._at = 0
        self._deaf = False
        return DAMAGED if damaged else NOTHING

    def forget(self) -> None:
        """Overwrite the message with zeros: it may hold a PIN."""
        self._buffer[:] = self._zeros


def seal(frame: bytearray, size: int) -> int:
    """Put the prologue before a message of `size` bytes that begins at offset 2, and the check behind it; returns the
    size of the whole frame."""
    frame[0] = SYNC
    frame[1] = ACK
    end = _PROLOGUE + size
    check = 0
    for i in range(end):
        check ^= frame[i]
    frame[end] = check
    return end + 1
