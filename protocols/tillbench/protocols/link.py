"""The bench link: one byte stream of frames between a board and the bench.

    A5 | u16 length | u8 seq | u8 ack | u8 channel | u8 check | payload | u32 CRC-32 (length .. payload)

Little-endian. `seq` counts the frames of one direction, `ack` is the last one that came in order from the other, so
request and answer acknowledge each other without a frame of their own. `check` is the complement of the sum of the
five bytes before it: a damaged length cannot stall the reader. Bit 7 of `channel` says that the next frame goes on
with this payload.

Recovery: a receiver that sees a gap or a bad frame sends `NAK`; the sender repeats what is not acknowledged. Who
waits in vain sends `PING`; the `PONG` tells what had come by then, so both sides learn what was lost.
Frames on `Channel.CONTROL` are outside of the count: they are never acknowledged and never repeated.

`FRAME` is the definition; `encode` and `FrameReader` are the same thing with `struct` for the hot path, held to the
definition by a test. The device's side is `firmware/port/link.py`.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass, field
from enum import IntEnum

import construct as c

SYNC = 0xA5
MAX_PAYLOAD = 1100
OVERHEAD = 11
HEADER = 7
MORE = 0x80


class Channel(IntEnum):
    """What a frame is about."""

    CONTROL = 0
    SYSTEM = 1
    NET = 2
    UART = 3
    I2C = 4
    SPI = 5
    SOCKET = 6
    EVENT = 7
    LOG = 8
    CONSOLE = 9
    RUN = 10
    VAULT = 11
    DESK = 12
    FLASH = 13
    READER = 14
    WLAN = 15


class Control(IntEnum):
    """First payload byte on CONTROL; then u8 number of a PING, u16 bytes that the sender has taken from the wire.

    `seq` of these frames is the sender's last counted one.
    """

    ACK = 1
    NAK = 2  # something was damaged or is missing: repeat what `ack` does not cover
    PING = 3
    PONG = 4  # with the number of the PING: what was sent before that, and is not acknowledged, is lost
    CLOSE = 5  # the link ends here; a board with one port gives the REPL back


class System(IntEnum):
    """First payload byte on SYSTEM."""

    HELLO = 0x01  # device: utf-8 lines `name mode key=value ...`, one a part, after a first line about the board
    IDLE = 0x02  # device: u64 virtual time in us of its next own wake, all ones = never
    MEMORY = 0x03  # device: u32 heap in use, u32 free, u32 most in use at a display frame, in bytes, after collections
    FAULTS = 0x04  # device: u16 each: bad frames, gaps, repeated frames, UART overruns, shorted nets
    POWER_CUT = 0x05  # device: u32 number of the flash operation that became the last
    RESET = 0x06  # device: machine.reset() was called
    NOW = 0x08  # device: u64 virtual time in us; it had gone on by itself, what it says from here on is said then
    RTC = 0x07  # device: u64 Unix time at virtual time 0, bytes of memory: what survives RESET, and no power cut
    WELCOME = 0x11  # host: utf-8 lines `key=value`
    GRANT = 0x12  # host: u64 virtual time in us, u64 to before when a device that says nothing may go on by itself,
    # u8 1 = what happened at that time follows, up to GO
    GO = 0x13  # host
    ASK_MEMORY = 0x14  # host: answer with MEMORY and FAULTS


class Net(IntEnum):
    """First payload byte on NET; names are ASCII."""

    LEVEL = 0x01  # device: u8 level, name
    PWM = 0x02  # device: u32 Hz, u16 duty, name
    CLOSE = 0x11  # host: name, 0, name
    OPEN = 0x12  # host: name, 0, name
    DRIVE = 0x13  # host: u8 0 | 1 | 2 = release, name
    WATCH = 0x14  # host: name
    VOLTAGE = 0x15  # host: u32 microvolts, name


class Uart(IntEnum):
    """First payload byte on UART; the second is the number of the UART."""

    CONFIG = 0x01  # device: u32 baud, u8 bits, u8 parity (0 even, 1 odd, FF none), u8 stop
    WRITE = 0x02  # device: bytes
    DATA = 0x11  # host: bytes


class I2c(IntEnum):
    """First payload byte on I2C; the second is the number of the bus."""

    WRITE = 0x01  # device: u8 address, bytes
    READ = 0x02  # device: u8 address, u16 length
    WROTE = 0x03  # device, of a tapped bus: u8 address, bytes that a real chip has acknowledged; not answered
    RESULT = 0x11  # host: i16 bytes acknowledged (-1: nobody at that address), bytes read


class Spi(IntEnum):
    """First payload byte on SPI; the second is the number of the bus, 64 + the clock's pin if it has no controller."""

    CONFIG = (
        0x01  # device: u32 Hz, u8 mode (polarity << 1 | phase), u8 1 = LSB first, u8 SCK, u8 MOSI, u8 MISO, FF none
    )
    WRITE = 0x02  # device: bytes, not answered
    TRANSFER = 0x03  # device: bytes
    RESULT = 0x11  # host: as many bytes, which came meanwhile


class Socket(IntEnum):
    """First payload byte on SOCKET; the second is the socket's number."""

    OPEN = 0x01  # device: `host:port`
    SEND = 0x02  # device: bytes
    CLOSE = 0x03  # device
    RESOLVE = 0x04  # device: name; the number is 0
    OPENED = 0x11  # host
    DATA = 0x12  # host: bytes
    CLOSED = 0x13  # host: u16 errno, 0 = an orderly end
    RESOLVED = 0x14  # host: address, empty if nobody knows the name


class Event(IntEnum):
    """First payload byte on EVENT."""

    FRAME = 0x01  # device: u32 number of the committed display frame
    PIN_ENTRY = 0x02  # device: u8 1 open, 0 closed, SHOWN_TOO
    KEY = 0x03  # device, of a tapped keypad: u8 code of a key that a finger presses, `*` while PIN entry is open; host:
    # u8 code of one to press
    APDU = 0x04  # device, of a tapped card slot: u16 length of the command, command, response; data of a PIN are `*`


class Run(IntEnum):
    """First payload byte on RUN; the rest is a value, as `literal.py` writes it."""

    CALL = 0x01  # host: (target, args, kwargs)
    ANSWER = 0x02  # host: what the host function returned
    REFUSED = 0x03  # host: the host function raised; text
    RESULT = 0x11  # device
    ERROR = 0x12  # device: (exception type, text, traceback)
    ASK = 0x13  # device: (name, args): call this function of the host


class Vault(IntEnum):
    """First payload byte on VAULT: what a board has in its random source and its key slot."""

    ENTROPY = 0x01  # device: u16 length
    KEY = 0x02  # device: name
    STORE = 0x03  # device: name, zero, key; answered with BYTES and nothing
    ERASE = 0x04  # device: all keys; answered with BYTES and nothing
    OFFERED = 0x05  # device: name of a key that a key loader may have for it
    BYTES = 0x11  # host: the bytes
    NO_KEY = 0x12  # host: there is no such key


class Flash(IntEnum):
    """First payload byte on FLASH: a NOR flash that is in the bench."""

    READ = 0x01  # device: u32 address, u16 length
    PROGRAM = 0x02  # device: u32 address, bytes
    ERASE = 0x03  # device: u32 address of a block of 4096 bytes
    DATA = 0x11  # host: the bytes
    DONE = 0x12  # host
    FAULT = 0x13  # host: what no such flash can do, as text


class Wlan(IntEnum):
    """First payload byte on WLAN, both ways: a station's radio that is in the bench. Every frame is answered."""

    REFUSED = 0x00  # host: what the ESP32 port raises, as text
    ACTIVE = 0x01  # device: u8 1 on, 0 off
    SCAN = 0x02  # host: for each access point u8 length, SSID, 6 bytes BSSID, u8 channel, i8 dBm, u8 security
    CONNECT = 0x03  # device: u8 length, SSID, pass phrase
    DISCONNECT = 0x04  # device
    STATUS = 0x05  # host: u16 status, i8 dBm, u8 1 = active, 2 = associated; address, mask, gateway, name server
    RECONNECTS = 0x06  # device: i8 how often it tries again, -1 = for ever


class Desk(IntEnum):
    """First payload byte on DESK, both ways; then a piece of a JSON text in UTF-8 (firmware/terminal/desk.py)."""

    MORE = 0x01
    LAST = 0x02
    TOLD = 0x03  # device only: a whole text that answers nothing


class Reader(IntEnum):
    """First payload byte on READER: what happens at the stripe reader; host only."""

    TRACK_2 = 0x01  # the characters between the sentinels, ASCII
    UNREADABLE = 0x02  # a swipe with a wrong parity or LRC


SHOWN_TOO = 2
"""PIN entry is open, and what is entered can be seen on the screen: a pass phrase, its last letter."""
CONTROL_FRAME = OVERHEAD + 4
NEVER = 0xFFFF_FFFF_FFFF_FFFF

_header_fields = c.Struct(
    "length" / c.Int16ul,
    "seq" / c.Int8ul,
    "ack" / c.Int8ul,
    "channel" / c.Int8ul,
)
FRAME = c.Struct(
    "sync" / c.Const(bytes([SYNC])),
    "body"
    / c.RawCopy(
        c.Struct(
            "header" / c.RawCopy(_header_fields),
            "check" / c.Checksum(c.Int8ul, lambda data: ~sum(data) & 0xFF, c.this.header.data),
            "payload" / c.Bytes(c.this.header.value.length),
        )
    ),
    "crc" / c.Checksum(c.Int32ul, zlib.crc32, c.this.body.data),
)
"""The definition of a frame, and the oracle of the two codecs."""

_HEADER = struct.Struct("<BHBBBB")
_CRC = struct.Struct("<I")
_CONTROL = struct.Struct("<BBH")


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame as it came."""

    seq: int
    ack: int
    channel: int
    payload: bytes
    more: bool = False


def encode(seq: int, ack: int, channel: int, payload: bytes) -> bytes:
    """The bytes of one frame.

    Raises:
        ValueError: the payload is longer than `MAX_PAYLOAD` bytes.
    """
    length = len(payload)
    if length > MAX_PAYLOAD:
        raise ValueError(f"link payload: expected at most {MAX_PAYLOAD} bytes, got {length}")
    check = ~((length & 0xFF) + (length >> 8) + seq + ack + channel) & 0xFF
    head = _HEADER.pack(SYNC, length, seq, ack, channel, check)
    return b"".join((head, payload, _CRC.pack(zlib.crc32(payload, zlib.crc32(head[1:])))))


def control(seq: int, ack: int, op: Control, number: int = 0, taken: int = 0) -> bytes:
    """A frame on `Channel.CONTROL`."""
    return encode(seq, ack, Channel.CONTROL, _CONTROL.pack(op, number & 0xFF, taken & 0xFFFF))


def control_fields(payload: bytes) -> tuple[int, int, int]:
    """(op, number, taken) of a control frame; op 0 if it is none."""
    return _CONTROL.unpack(payload) if len(payload) == _CONTROL.size else (0, 0, 0)


@dataclass(slots=True)
class FrameReader:
    """Finds frames in a byte stream that may be damaged.

    `stray` collects what lay between frames (a boot log, a traceback), `bad` counts the frames that had to be given up.
    """

    bad: int = 0
    stray: bytearray = field(default_factory=bytearray)
    _buffer: bytearray = field(default_factory=bytearray)
    _suspect: bool = False

    @property
    def pending(self) -> bool:
        """True if there is the beginning of a frame whose end has not come."""
        return bool(self._buffer)

    def feed(self, data: bytes) -> list[Frame]:
        """Take bytes, return the whole frames that they complete, in order."""
        self._buffer += data
        return self._frames()

    def give_up(self) -> list[Frame]:
        """The line is silent: the frame that has begun will not be finished. Returns frames found inside of it."""
        frames: list[Frame] = []
        while self._buffer and not frames:
            del self._buffer[: self._skip(self._buffer, 0)]
            frames = self._frames()
        return frames

    def _frames(self) -> list[Frame]:
        buffer = self._buffer
        frames: list[Frame] = []
        at = 0
        size = len(buffer)
        while at < size:
            if buffer[at] != SYNC:
                following = buffer.find(SYNC, at)
                end = size if following < 0 else following
                self.stray += buffer[at:end]
                at = end
                continue
            if size - at < HEADER:
                break
            _, length, seq, ack, channel, check = _HEADER.unpack_from(buffer, at)
            if length > MAX_PAYLOAD or ~sum(buffer[at + 1 : at + 6]) & 0xFF != check:
                at = self._skip(buffer, at)
                continue
            end = at + OVERHEAD + length
            if end > size:
                break
            with memoryview(buffer) as view:
                right = zlib.crc32(view[at + 1 : end - 4]) == _CRC.unpack_from(buffer, end - 4)[0]
            if not right:
                at = self._skip(buffer, at)
                continue
            self._suspect = False
            payload = bytes(buffer[at + HEADER : end - 4])
            frames.append(Frame(seq, ack, channel & ~MORE, payload, bool(channel & MORE)))
            at = end
        del buffer[:at]
        return frames

    def _skip(self, buffer: bytearray, at: int) -> int:
        # One damaged frame may hold many sync bytes: it counts once, until a whole frame comes again.
        if not self._suspect:
            self.bad += 1
            self._suspect = True
        self.stray.append(buffer[at])
        return at + 1
