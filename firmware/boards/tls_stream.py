"""TLS over any reader and writer, with the port's Mbed TLS in between two buffers.

So nothing waits inside of the library: a handshake can be cancelled, and the line may be a socket, the bench's or a
wire. The records that pass are looked at from outside, because the library tells a handshake's end by nothing, and of a
host's refusal only that there was one. TLS 1.2, as MicroPython's ports are built.
"""

import io

import tls
from micropython import const

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable

_CHANGE_CIPHER = const(20)
_ALERT = const(21)
_HANDSHAKE = const(22)
_CERTIFICATE = const(11)
"""RFC 5246: types of records, and of the handshake's messages."""
_HEAD = const(5)
_PIECE = const(1024)
_ABOUT_CERTIFICATES = (41, 42, 43, 44, 45, 46, 48, 51, 116)
"""Alerts: no, bad, unsupported, revoked, expired, unknown certificate, unknown CA, decrypt error, required."""
_VERDICTS = (
    ("correctly signed", "UNKNOWN_CA"),
    ("expected CN", "WRONG_NAME"),
    ("expired", "EXPIRED"),
    ("in the future", "NOT_YET_VALID"),
)
"""In what Mbed TLS says of a certificate, the worst first: of one that nobody vouches for the rest may be anything."""


class TlsFault(Exception):
    """The handshake failed: `reason` as in `terminal/board.py`, `detail` for a service engineer."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(reason, detail)
        self.reason = reason
        self.detail = detail


class _Wire(io.IOBase):
    """What the library takes for a socket: bytes that came, bytes that are to leave."""

    def __init__(self) -> None:
        self.came = bytearray()
        self.to_leave = bytearray()
        self.ended = False
        self.alert = -1
        """Number of the host's alert, as far as it came in clear."""
        self.asked = False
        """The host wanted a certificate: the library sends one, or an empty one, only then."""
        self.over = False
        """The host's Finished has come: the last message of a handshake."""
        self._record = bytearray()
        self._sealed = False

    def readinto(self, buf: "bytearray | memoryview") -> "int | None":
        n = min(len(buf), len(self.came))
        if not n:
            return 0 if self.ended else None
        buf[:n] = self.came[:n]
        self.came = self.came[n:]
        return n

    def write(self, buf: "bytes | bytearray | memoryview") -> int:
        if buf[0] == _HANDSHAKE and buf[_HEAD] == _CERTIFICATE:
            self.asked = True
        self.to_leave.extend(buf)
        return len(buf)

    def ioctl(self, _: int, __: int) -> int:
        return 0

    def take(self, data: bytes) -> None:
        """From the line; nothing is its end."""
        self.ended = not data
        self.came.extend(data)
        if self.over:
            return
        record = self._record
        record.extend(data)
        while len(record) >= _HEAD:
            size = _HEAD + (record[3] << 8 | record[4])
            if len(record) < size:
                break
            if record[0] == _CHANGE_CIPHER:
                self._sealed = True
            elif record[0] == _HANDSHAKE and self._sealed:
                self.over = True
            elif record[0] == _ALERT and not self._sealed:
                self.alert = record[size - 1]
            record = record[size:]
        self._record = record


class TlsStream:
    """Reader and writer of what is inside."""

    def __init__(self, streams: "tuple[Any, Any]", name: str, context: "tls.SSLContext") -> None:
        self._reader, self._writer = streams
        self._wire = _Wire()
        self._plain = bytearray()
        wire: "Any" = self._wire
        self._tls: "Any" = context.wrap_socket(wire, server_hostname=name, do_handshake_on_connect=False)
        self.s = self._writer.s
        """The socket, for whoever polls it."""

    async def shake_hands(self, has_certificate: bool) -> None:
        """Raises TlsFault, OSError."""
        wire = self._wire
        try:
            while True:
                self._take_plain(1)
                await self.drain()
                if wire.over:
                    return
                wire.take(await self._reader.read(_PIECE))
        except ValueError as refused:
            await self._say_goodbye()
            raise TlsFault(_verdict(str(refused)))
        except (OSError, EOFError) as broken:
            await self._hear_out()
            if wire.asked and not has_certificate:
                raise TlsFault("NO_CERTIFICATE")
            if wire.asked and wire.alert in _ABOUT_CERTIFICATES:
                raise TlsFault("CERTIFICATE_REFUSED", "ALERT %d" % wire.alert)
            if wire.alert >= 0:
                raise TlsFault("REFUSED", "ALERT %d" % wire.alert)
            raise OSError(*broken.args)

    async def _say_goodbye(self) -> None:
        """Our alert, so that the host's log has the reason too."""
        try:
            await self.drain()
        except OSError:
            pass

    async def _hear_out(self) -> None:
        """What the host has said before it hung up, while we were still writing."""
        try:
            while self._wire.alert < 0 and not self._wire.ended:
                self._wire.take(await self._reader.read(_PIECE))
        except OSError:
            pass

    def _take_plain(self, most: int) -> bool:
        """Takes what the library has for us, at most so many bytes. False: it wants more of the line first."""
        piece = bytearray(most)
        n = self._tls.readinto(piece)
        if n is None:
            return False
        if not n:
            raise EOFError
        self._plain.extend(piece[:n])
        return True

    async def readexactly(self, n: int) -> bytes:
        """As asyncio's."""
        while len(self._plain) < n:
            if not self._take_plain(_PIECE):
                self._wire.take(await self._reader.read(_PIECE))
        data = bytes(self._plain[:n])
        self._plain = self._plain[n:]
        return data

    def write(self, data: bytes) -> None:
        """As asyncio's: nothing leaves before `drain`."""
        rest = memoryview(data)
        while rest:
            rest = rest[self._tls.write(rest) :]

    async def drain(self) -> None:
        """What was written leaves."""
        wire = self._wire
        if wire.to_leave:
            data, wire.to_leave = wire.to_leave, bytearray()
            self._writer.write(data)
            await self._writer.drain()

    @property
    def has_unread(self) -> bool:
        """Something came that nobody has read."""
        return bool(self._plain or self._wire.came)

    def close(self) -> None:
        """As asyncio's."""
        self._writer.close()

    async def wait_closed(self) -> None:
        """The connection is gone."""
        await self._writer.wait_closed()


async def secure(
    streams: "tuple[Any, Any]",
    name: str,
    authority: bytes,
    certificate: bytes,
    key: "bytes | bytearray",
    seen: "Callable[[memoryview], None]",
) -> TlsStream:
    """TLS on a connection, as `board.Line.secure` has it. Raises TlsFault, OSError."""
    context: "Any" = tls.SSLContext(tls.PROTOCOL_TLS_CLIENT)
    context.verify_mode = tls.CERT_REQUIRED

    def look(found: memoryview, _: int) -> int:
        seen(found)
        return 0

    context.verify_callback = look
    try:
        context.load_verify_locations(authority)
        if certificate:
            context.load_cert_chain(certificate, bytes(key))
    except (ValueError, OSError) as bad:
        raise TlsFault("CREDENTIALS", str(bad))
    stream = TlsStream(streams, name, context)
    await stream.shake_hands(bool(certificate))
    return stream


def _verdict(said: str) -> str:
    for words, reason in _VERDICTS:
        if words in said:
            return reason
    return "REFUSED"
