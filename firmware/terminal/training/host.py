"""A host for practice. It approves, and books nothing.

An amount below 1.00 whose digits are a response code gets that code for its answer: 0.51 is declined with 51.
"""

import asyncio
from binascii import hexlify

from generated import iso8583_unionpay as dialect
from iso8583 import framing

from terminal.host_link import sign
from terminal.i18n import has

TYPE_CHECKING = False
if TYPE_CHECKING:
    from terminal.clock import Clock
    from terminal.host_link import Fields

_ECHOED = (3, 4, 11, 41, 42, 49, 60)
_MAC = 64
_THINKING_MS = 300
_KEY = b"\x54\x52\x41\x49\x4e\x49\x4e\x47" * 2
"""For PIN blocks and MACs that never leave the terminal."""


class TrainingKeys:
    """Working keys that are always there."""

    ready = True
    pik = _KEY
    mak = _KEY

    def wipe(self) -> None:
        """Nothing: there is nothing to sign on to."""

    forget = wipe


class TrainingLine:
    """A line whose other end is this module."""

    keep_ms = 0
    destination = ""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    async def open(self) -> "tuple[_Ends, _Ends]":
        """Never away."""
        ends = _Ends(self._clock)
        return ends, ends

    def is_quiet(self, _: object) -> bool:
        """Nothing is ever kept."""
        return False


class _Ends:
    """Reader and writer in one."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._out = b""
        self._in = b""

    def write(self, data: bytes) -> None:
        self._out += data

    async def drain(self) -> None:
        await asyncio.sleep_ms(_THINKING_MS)
        request, self._out = self._out, b""
        self._in += _answer(request, self._clock.now())

    async def readexactly(self, n: int) -> bytes:
        if len(self._in) < n:
            raise EOFError
        data, self._in = self._in[:n], self._in[n:]
        return data

    def close(self) -> None:
        self._in = b""

    async def wait_closed(self) -> None:
        pass


def _answer(frame: bytes, now: str) -> bytes:
    """The frame of the answer to the one request in `frame`."""
    mti, asked = dialect.decode(frame[13:])
    answer: Fields = {field: asked[field] for field in _ECHOED if field in asked}
    answer[12] = now[8:]
    answer[13] = now[4:8]
    answer[37] = now[2:] if 37 not in asked else asked[37]
    answer[39] = _code(int(str(asked.get(4, "0"))))
    if mti == "0500":
        del answer[39]
        answer[48] = str(asked[48])[:30] + "1" + str(asked[48])[31:61] + "1"
    elif answer[39] == "00" and 11 in asked:
        answer[38] = "%06d" % int(str(asked[11]))
    mti = "%04d" % (int(mti) + 10)
    body = sign(mti, answer, _KEY) if _MAC in asked else dialect.encode(mti, answer)
    return framing.build(frame[2:7], hexlify(frame[7:13]).decode(), body)


def _code(amount: int) -> str:
    code = "%02d" % amount if amount < 100 else "00"
    return code if has("rc" + code) else "00"
