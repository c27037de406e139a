"""One connection to the acquirer: a request goes out, the answer that belongs to it comes back.

What can go wrong is told apart by what it leaves behind. `NoLine` (`line/watched.py`): nothing was sent, nothing can be
booked. `Unanswered`: the request may have arrived, so what it asked for must be undone; the reason goes into F39 of the
reversal.
"""

import asyncio
from binascii import unhexlify

from crypto.mac import cup_ecb
from generated import iso8583_unionpay as dialect
from iso8583 import framing
from iso8583.errors import FormatError

from terminal.response_codes import approved

TYPE_CHECKING = False
if TYPE_CHECKING:
    from terminal.board import Reader, Writer
    from terminal.line.watched import WatchedLine
    from terminal.parameters import Parameters

    Fields = dict[int, str | bytes]

_MAC = 64
_NO_ANSWER = "98"
_BAD_MAC = "A0"
_OTHER = "06"
_SIGN_ON_AGAIN = ("77", "99", "A0")
"""F39 of a host whose batch or keys are not ours: only a sign-on brings both together again."""
_SIGN_ON = "3"
"""The processing request for it."""


class Unanswered(Exception):
    """No answer that can be trusted. `why` is a key of the text table, `reason` F39 of the reversal to be sent."""

    def __init__(self, why: str, reason: str) -> None:
        super().__init__(why, reason)
        self.why = why
        self.reason = reason


class HostLink:
    """An open line. One exchange at a time; close it when done, also after a failure."""

    def __init__(self, reader: Reader, writer: Writer, parameters: Parameters, line: WatchedLine) -> None:
        self._reader = reader
        self._writer = writer
        self._parameters = parameters
        self._line = line
        self._whole = True

    async def exchange(self, mti: str, fields: Fields, mak: bytes | bytearray = b"") -> Fields:
        """Sends the request and waits for its answer, at most `answer_ms`. Returns the fields of the answer.

        With a `mak` the request carries a MAC, and so must the answer: one without a right MAC proves nothing,
        whatever it says. Frames that do not belong to the request (late answers to others) are passed over.
        Raises Unanswered.
        """
        body = dialect.encode(mti, fields) if not mak else sign(mti, fields, mak)
        frame = framing.build(unhexlify(self._parameters.tpdu), self._parameters.header, body)
        self._whole = False
        try:
            self._writer.write(frame)
            await self._writer.drain()
            answer = await asyncio.wait_for_ms(self._answer(mti, fields, mak), self._parameters.answer_ms)
        except (asyncio.TimeoutError, OSError, EOFError):
            self._line.unanswered += 1
            raise Unanswered(getattr(self._writer, "no_answer", "no_answer"), _NO_ANSWER)
        self._whole = True
        return answer

    async def _answer(self, mti: str, request: Fields, mak: bytes | bytearray) -> Fields:
        expected_mti = "%04d" % (int(mti) + 10)
        while True:
            try:
                _, header, body = await framing.read_frame(self._reader)
                answer_mti, answer = dialect.decode(body)
            except FormatError:
                raise Unanswered("answer_malformed", _OTHER)
            if answer_mti != expected_mti or not belongs(request, answer):
                continue
            # Heeded also without a right MAC: when the keys differ, a sign-on is what puts them right again.
            self._line.wish(header[5])
            if answer.get(39) in _SIGN_ON_AGAIN:
                self._line.wish(_SIGN_ON)
            if mak and bytes(cup_ecb(mak, body[:-8])) != answer.get(_MAC):
                raise Unanswered("answer_mac", _BAD_MAC)
            self._line.answered += 1
            return answer

    async def close(self) -> None:
        """Gives the line back. Never raises."""
        await self._line.give_back(self._reader, self._writer, self._whole)


async def open_link(line: WatchedLine, parameters: Parameters) -> HostLink:
    """Opens the line, each phase within its time. Raises NoLine."""
    reader, writer = await line.open()
    return HostLink(reader, writer, parameters, line)


def sign(mti: str, fields: Fields, mak: bytes | bytearray) -> bytes:
    """The message with its MAC in F64: over the message type to F63, the bitmap with bit 64 set."""
    fields[_MAC] = bytes(8)
    body = dialect.encode(mti, fields)[:-8]
    return body + bytes(cup_ecb(mak, body))


def belongs(request: Fields, answer: Fields) -> bool:
    """Is this the answer to that request? F3, F11 and F41 always, F42 when approved, F4 unless partly approved."""
    code = str(answer.get(39, ""))
    compared = [3, 11, 41]
    if approved(code):
        compared.append(42)
    if code != "10":
        compared.append(4)
    for field in compared:
        if field in request and answer.get(field) != request[field]:
            return False
    return True
