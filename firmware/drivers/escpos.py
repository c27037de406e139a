"""Receipt printer: ESC/POS over a UART. Text in the printer's own fonts, hanzi in GB 18030, or all of it as dots.

On 58 mm paper (384 dots) font A has 32 columns, font B 42, and "dots", which are drawn here in GNU Unifont for a
printer without a Chinese font, 48. A hanzi is 24 dots wide in A and B, 16 in "dots".

How a line is known to be on paper: every line is followed by `GS r 1`, a status request that the printer answers in
its turn, after what came before it. `DLE EOT` is answered at once, whatever the printer does, and says why it stands
still.
At most 192 bytes are unanswered at any time, so a receive buffer of 256 bytes never overruns, with or without BUSY.

A call that raises has not taken its line; a call that returned has handed it to a printer that keeps it while paper or
cover hold it up. So after a fault: `await wait_ready()`, repeat the same call, go on. No line is lost and none comes
twice. Only a printer that forgets what it was given (switched off, or made to throw its buffer away) raises LOST: then
nobody can know, and the slip has to be printed anew, from its first line. `abandon()` gives a slip up.

A stray 00 on the line (a printer that is switched off) reads as an answer to `GS r 1`; the next status request finds
the printer gone.
"""

import asyncio

from charset.width import cells, codes, is_wide
from micropython import const

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Callable

    from machine import UART, Pin

# Flags of `Printer.status`
PAPER_OUT = const(0x01)
PAPER_NEAR_END = const(0x02)
COVER_OPEN = const(0x04)
OVERHEAT = const(0x08)
OFFLINE = const(0x10)
ERROR = const(0x20)
DRAWER_OPEN = const(0x40)

_ALIGN = ("left", "center", "right")
_FONTS = ("A", "B", "dots")
_CELLS = ((12, 24), (9, 24), (8, 16))
_EMPHASIZED = const(0x08)
_DOUBLE = const(0x30)

# Code table 16 (WPC1252) and one-byte characters. The 16 is a DLE, so FS comes after it and nothing that could make it
# the beginning of a real-time command.
_INIT = b"\x1b@\x1bt\x10\x1c."
_FENCE = b"\x1dr\x01"
_CUT = b"\x1dVB\x00"  # feed to the blade, cut
_QUERIES = (b"\x10\x04\x01", b"\x10\x04\x02", b"\x10\x04\x03", b"\x10\x04\x04")

_WINDOW = const(192)
_MAX_LINE = const(128)
_BAND_HEAD = const(14)  # ESC a, GS v 0 with its arguments, GS r 1
_DOTS_LEADING = const(4)
_MAX_FEED = const(20)
_ANSWER_MS = const(500)  # 192 bytes may be on the wire before the request: 200 ms at 9600 baud
_TRIES = const(2)
_POLL_MS = const(250)
_QUIET_POLLS = const(12)  # 3 s: a line takes 0.2 s, the longest feed 1.3 s
_HOT_POLLS = const(480)  # 2 minutes
_READY_MS = const(500)


class PrinterFault(Exception):
    """The printer cannot go on.

    `reason`: PAPER_OUT, COVER_OPEN, OVERHEAT (for two minutes), ERROR (cutter or head), OFFLINE (it does not say why),
    NO_ANSWER (off, or not connected), LOST (it forgot lines). `printed`: lines of this slip that are on paper for
    certain; more may be.
    """

    def __init__(self, reason: str, printed: int = 0) -> None:
        super().__init__(reason, printed)
        self.reason = reason
        self.printed = printed


_FAULTS = ((PAPER_OUT, "PAPER_OUT"), (COVER_OPEN, "COVER_OPEN"), (ERROR, "ERROR"))


class Printer:
    """One printer. `busy`, if wired, is its BUSY output: high means send nothing. `drawer` is the switch of the cash
    drawer, closed to ground while it is open, or True for a drawer on the printer's own connector, which reports it.

    `printed` counts the lines of the slip in hand that are on paper for certain, `unprintable` the characters that were
    printed as `?`.
    """

    def __init__(self, uart: "UART", busy: "Pin | None" = None, dots: int = 384, drawer: "Pin | bool" = False) -> None:
        self.dots = dots
        """Across the paper."""
        self.printed = 0
        self.unprintable = 0
        self._uart = uart
        self._busy = busy
        self._drawer = drawer
        self._reader = asyncio.StreamReader(uart)
        self._writer = asyncio.StreamWriter(uart)
        self._lock = asyncio.Lock()
        # What the printer has not answered yet: (bytes, lines) of each job.
        self._sent: "list[tuple[int, int]]" = []
        self._unanswered = 0
        self._begun = False
        self._cutting = False
        self._initialized = False
        self._remains = False
        self._bands = 0
        """Bands of the picture in hand that were taken: where a call that raised goes on."""

    def cell(self, font: str) -> "tuple[int, int]":
        """Dots of a half-width character and of a hanzi in `font`: "A", "B" or "dots"."""
        return _CELLS[_FONTS.index(font)]

    def width(self, s: str, font: str = "A", double: bool = False) -> int:
        """Dots that the text takes."""
        narrow, wide = self.cell(font)
        count = cells(s, narrow, wide)
        return 2 * count if double else count

    async def text(
        self,
        s: str,
        bold: bool = False,
        double: bool = False,
        align: str = "left",
        font: str = "A",
        right: str = "",
    ) -> None:
        """Print one line (a line feed is added), `right` at the right edge. `double` is twice as wide and high.

        In fonts A and B characters outside ASCII, Latin-1, the euro sign and the hanzi of `charset.gb18030` are printed
        as `?`, control characters too; beside a hanzi Latin-1 as well.
        Raises PrinterFault (the line has not been taken), ValueError for more than 128 bytes.
        """
        if font == "dots":
            from drivers.dot_text import DotText

            drawn = DotText(self.dots, s, right, bold, double, align)
            return await self.picture(drawn.row, drawn.height, self.dots, leading=_DOTS_LEADING)
        modes = _FONTS.index(font) | (_EMPHASIZED if bold else 0) | (_DOUBLE if double else 0)
        data = bytearray((0x1B, 0x21, modes, 0x1B, 0x61, _ALIGN.index(align)))
        hanzi = _has_hanzi(s) or _has_hanzi(right)
        left_bytes, right_bytes = self._encode(s, hanzi), self._encode(right, hanzi)
        if len(left_bytes) + len(right_bytes) > _MAX_LINE:
            raise ValueError("line of %d bytes, at most %d can be had" % (len(left_bytes + right_bytes), _MAX_LINE))
        if hanzi:
            data.extend(b"\x1c&\x1c!\x0c" if double else b"\x1c&\x1c!\x00")
        data.extend(left_bytes)
        if right:
            at = self.dots - self.width(right, font, double)
            data.extend(bytes((0x1B, 0x24, at & 0xFF, at >> 8)))
            data.extend(right_bytes)
        data.extend(b"\x1c.\x0a" if hanzi else b"\x0a")
        async with self._lock:
            await self._take(data, 1)

    async def picture(
        self, row: "Callable[[int], bytes | bytearray]", height: int, width: int, align: str = "left", leading: int = 0
    ) -> None:
        """Print dots: `row(y)` gives those of row `y`, `width` of them, leftmost in bit 7 of the first byte.

        `leading` empty dot rows follow. Raises PrinterFault (called again with the same picture it goes on where it
        was), ValueError when the picture is wider than the paper.
        """
        if width > self.dots:
            raise ValueError("picture of %d dots, %d can be had" % (width, self.dots))
        stride = (width + 7) // 8
        most = (_WINDOW - _BAND_HEAD) // stride
        async with self._lock:
            while self._bands * most < height:
                y = self._bands * most
                count = min(most, height - y)
                data = bytearray((0x1B, 0x61, _ALIGN.index(align), 0x1D, 0x76, 0x30, 0, stride, 0, count, 0))
                for number in range(y, y + count):
                    data.extend(row(number))
                _defuse(data)
                await self._take(data, 0)
                self._bands += 1
            await self._take(bytearray((0x1B, 0x4A, leading)), 1)
            self._bands = 0

    async def feed(self, lines: int) -> None:
        """Feed 1 to 20 empty lines. Raises PrinterFault, ValueError."""
        if not 1 <= lines <= _MAX_FEED:
            raise ValueError("feed of %d lines, 1 to %d can be had" % (lines, _MAX_FEED))
        async with self._lock:
            await self._take(bytearray((0x1B, 0x64, lines)), 0)

    async def cut(self) -> None:
        """Cut the slip off; returns when all of it is on paper.

        Raises PrinterFault; called again after that, it finishes the same cut.
        """
        async with self._lock:
            if not self._cutting:
                await self._answered(0)
                await self._take(bytearray(_CUT), 0)
                self._cutting = True
            await self._answered(0)
            self._cutting = False
            self._begun = False

    def abandon(self) -> None:
        """Give the slip in hand up: what the printer still holds of it is printed and cut off before the next slip."""
        self._remains = self._remains or self._begun
        self._begun = self._cutting = False
        self._bands = 0
        self._sent = [(size, 0) for size, _ in self._sent]

    async def status(self) -> int:
        """The printer's condition as flags (PAPER_OUT...; 0 is ready). Raises PrinterFault("NO_ANSWER")."""
        async with self._lock:
            return await self._status()

    async def wait_ready(self, timeout_ms: int = -1) -> None:
        """Wait until the printer can print again, for ever or for `timeout_ms`; then the fault is raised."""
        waited = 0
        while True:
            try:
                async with self._lock:
                    flags = await self._status()
                    self._refuse(flags)
                    if not flags & OVERHEAT:
                        return
                    fault = PrinterFault("OVERHEAT", self.printed)
            except PrinterFault as error:
                fault = error
            if 0 <= timeout_ms <= waited:
                raise fault
            await asyncio.sleep_ms(_READY_MS)
            waited += _READY_MS

    def _encode(self, s: str, hanzi: bool) -> bytes:
        data = bytearray()
        for code in codes(s):
            if 0x20 <= code < 0x7F:
                data.append(code)
            elif hanzi and is_wide(code):
                from charset import gb18030  # not before the first hanzi: its table may lie on the heap

                two = gb18030.encode(chr(code))
                self.unprintable += two == b"?"
                data.extend(two)
            elif not hanzi and (code == 0x20AC or 0xA0 <= code <= 0xFF):
                data.append(0x80 if code == 0x20AC else code)
            else:
                data.append(0x3F)
                self.unprintable += 1
        return bytes(data)

    async def _take(self, data: bytearray, lines: int) -> None:
        """Hand over a job: wait for room (which may raise), then send (which does not)."""
        if not self._begun:
            await self._begin()
        data.extend(_FENCE)
        await self._answered(_WINDOW - len(data))
        await self._not_busy()
        if not self._initialized:
            self._initialized = True
            await self._write(_INIT)
        await self._send(data, lines)

    async def _send(self, data: bytearray, lines: int) -> None:
        self._sent.append((len(data), lines))
        self._unanswered += len(data)
        await self._write(data)

    async def _begin(self) -> None:
        """Start a slip on a printer that is ready, from known modes."""
        self.printed = 0
        self._refuse(await self._status())
        if self._remains:
            await self._answered(0)
            await self._send(bytearray(_CUT + _FENCE), 0)
            self._remains = False
        self._begun = True
        self._initialized = False

    async def _answered(self, limit: int) -> None:
        """Wait until at most `limit` bytes are unanswered."""
        quiet = hot = 0
        while self._unanswered > limit:
            before = self._unanswered
            if self._answer(await self._read(_POLL_MS)) >= 0 or self._unanswered < before:
                quiet = 0
                continue
            flags = await self._status()
            self._refuse(flags)
            if self._unanswered < before:
                quiet = 0
            elif flags & OVERHEAT:
                hot += 1
                if hot > _HOT_POLLS:
                    raise PrinterFault("OVERHEAT", self.printed)
            else:
                quiet += 1
                if quiet > _QUIET_POLLS:
                    self._forget()
                    raise PrinterFault("LOST", self.printed)

    async def _not_busy(self) -> None:
        """Wait while BUSY is high, unless the printer says that it stands still."""
        busy = self._busy
        polls = 0
        while busy is not None and busy.value():
            self._answer(await self._read(_POLL_MS // 10))
            polls += 1
            if polls % 10 == 0:
                self._refuse(await self._status())
            if polls > 10 * _QUIET_POLLS:
                raise PrinterFault("OFFLINE", self.printed)

    def _forget(self) -> None:
        self._sent.clear()
        self._unanswered = 0
        self.abandon()

    def _refuse(self, flags: int) -> None:
        for flag, reason in _FAULTS:
            if flags & flag:
                raise PrinterFault(reason, self.printed)
        # A hot head is offline too, and comes back by itself.
        if flags & OFFLINE and not flags & OVERHEAT:
            raise PrinterFault("OFFLINE", self.printed)

    async def _status(self) -> int:
        printer = await self._query(0)
        paper = await self._query(3)
        flags = DRAWER_OPEN if self._is_drawer_open(printer) else 0
        if paper & 0x60:
            flags |= PAPER_OUT
        if paper & 0x0C:
            flags |= PAPER_NEAR_END
        if not printer & 0x08:
            return flags
        flags |= OFFLINE
        cause = await self._query(1)
        error = await self._query(2)
        if cause & 0x20:
            flags |= PAPER_OUT
        if cause & 0x04:
            flags |= COVER_OPEN
        if error & 0x40:
            flags |= OVERHEAT
        if error & 0x28 or (cause & 0x40 and not error & 0x68):
            flags |= ERROR
        return flags

    def _is_drawer_open(self, printer: int) -> bool:
        """`printer`: the answer to DLE EOT 1."""
        drawer = self._drawer
        if isinstance(drawer, bool):
            return drawer and bool(printer & 0x04)
        return not drawer.value()

    async def _query(self, number: int) -> int:
        """Ask DLE EOT number + 1, between jobs. Raises PrinterFault("NO_ANSWER")."""
        while self._uart.any():
            self._answer(await self._read(_ANSWER_MS))
        for _ in range(_TRIES):
            await self._write(_QUERIES[number])
            byte = await self._read(_ANSWER_MS)
            while byte >= 0:
                answer = self._answer(byte)
                if answer >= 0:
                    return answer
                byte = await self._read(_ANSWER_MS)
        self._initialized = False  # it may have been off
        raise PrinterFault("NO_ANSWER", self.printed)

    def _answer(self, byte: int) -> int:
        """Sort one byte from the printer: a real-time status (0xx1xx10) is returned; an answer to GS r 1 (bits 7 and 4
        are 0) settles the oldest job, and -1 is returned as for anything else."""
        if byte & 0x93 == 0x12:
            return byte
        if byte >= 0 and not byte & 0x90 and self._sent:
            size, lines = self._sent.pop(0)
            self._unanswered -= size
            self.printed += lines
        return -1

    async def _read(self, ms: int) -> int:
        """One byte, or -1 when none came within `ms`."""
        try:
            got = await asyncio.wait_for_ms(self._reader.read(1), ms)
        except asyncio.TimeoutError:
            return -1
        return got[0] if got else -1

    async def _write(self, data: "bytes | bytearray") -> None:
        self._writer.write(data)
        await self._writer.drain()


def _has_hanzi(s: str) -> bool:
    return any(is_wide(code) for code in codes(s))


def _defuse(data: bytearray) -> None:
    """One more dot where two bytes of a picture would be a real-time command: printers obey those inside pictures."""
    at = data.find(b"\x10")
    while at >= 0:
        if data[at + 1 : at + 2] in (b"\x04", b"\x05", b"\x14"):
            data[at] = 0x18
        at = data.find(b"\x10", at + 1)
