"""A board without drivers: the terminal's own behaviour, with the kernel, a card and a host that are the test's.

The test supplies functions: `screen(rows)` is called with each committed picture and says what a person does about it,
`apdu(command)` is the card, `line_open()` and `line_send(data)` are the acquirer. Flash is a LittleFS on a block device
in memory, which can lose its power at any program or erase, in the middle of a page too.
"""

import asyncio
import os
import sys

import vfs
from charset.width import cells
from iso7816.errors import CardError
from runner import host

BLOCK = 512
BLOCKS = 144
MOUNT = "/fake_flash"


def _blank_cells():
    if sys.platform != "qemu":
        return bytearray(b"\xff" * (BLOCK * BLOCKS))
    # The heap of a board is smaller than its flash: what is called flash there is memory beside the heap.
    from port import psram

    cells = psram.window(psram.FLASH, BLOCK * BLOCKS)
    for at in range(0, len(cells), BLOCK):
        cells[at : at + BLOCK] = b"\xff" * BLOCK
    return cells


class Flash:
    """NOR flash. `cut_after` counts operations down; at zero the power fails, in the middle of it if `torn`."""

    def __init__(self, cells=None):
        self.cells = cells or _blank_cells()
        self.operations = 0
        self.cut_after = -1
        self.torn = True
        self.dead = False

    def after_power_on(self):
        """The same cells with a new life. What the old one left in RAM, unclosed files too, reaches them no more."""
        self.dead = True
        return Flash(self.cells)

    def readblocks(self, number, buffer, offset=0):
        at = number * BLOCK + offset
        try:
            buffer[:] = self.cells[at : at + len(buffer)]
        except MemoryError:
            # A file left open by a power cut is being collected, and nothing may be allocated meanwhile.
            for i in range(len(buffer)):
                buffer[i] = self.cells[at + i]

    def writeblocks(self, number, buffer, offset=0):
        size = self._alive(len(buffer))
        at = number * BLOCK + offset
        for i in range(size):
            self.cells[at + i] &= buffer[i]
        self._die_if_cut()

    def ioctl(self, op, arg):
        if op == 4:
            return BLOCKS
        if op == 5:
            return BLOCK
        if op == 6:
            size = self._alive(BLOCK)
            at = arg * BLOCK
            self.cells[at : at + size] = b"\xff" * size
            self._die_if_cut()
        return 0

    def _alive(self, size):
        if self.dead:
            raise asyncio.CancelledError
        self.operations += 1
        if self.cut_after > 0:
            self.cut_after -= 1
            if not self.cut_after:
                self.dead = True
                return size // 2 if self.torn else size
        return size

    def _die_if_cut(self):
        if self.dead:
            raise asyncio.CancelledError


class Display:
    def __init__(self, board):
        self._board = board
        self.rows = [""] * 4

    def clear(self):
        for row in range(4):
            self.rows[row] = ""

    def text(self, row, text, inverse=False):
        assert len(text) <= 16, text
        self.rows[row] = ("[%s]" % text.strip()) if inverse else text.rstrip()

    def show(self):
        self._board.act(host("screen", tuple(self.rows)))


class Keypad:
    overflows = ghosts = 0

    def __init__(self):
        self._codes = []
        self._ready = asyncio.Event()

    def start(self):
        pass

    def press(self, codes):
        self._codes.extend(codes)
        self._ready.set()

    def flush(self):
        self._codes.clear()

    async def get(self):
        while not self._codes:
            self._ready.clear()
            await self._ready.wait()
        return self._codes.pop(0)


class Card:
    def __init__(self):
        self._in = False
        self._moved = asyncio.Event()
        self.mute = False

    def move(self, inside):
        self._in = inside
        self._moved.set()

    def present(self):
        return self._in

    async def _wait(self, inside):
        while self._in != inside:
            self._moved.clear()
            await self._moved.wait()

    async def wait_present(self):
        await self._wait(True)

    async def wait_removed(self):
        await self._wait(False)

    async def activate(self):
        if self.mute:
            raise CardError("MUTE")
        return b"\x3b\x00"

    async def exchange(self, apdu):
        await asyncio.sleep_ms(5)
        answer = host("apdu", bytes(apdu))
        if answer is None:
            self.move(False)
            raise CardError("REMOVED")
        return answer

    def deactivate(self):
        pass


class PrinterFault(Exception):
    def __init__(self, reason):
        super().__init__(reason)
        self.reason = reason


class Printer:
    """Runs out of paper after `paper` lines; the operator's ENTER puts in a new roll."""

    def __init__(self):
        self.lines = []
        self.paper = 1000000
        self.fault = "PAPER_OUT"
        self.styles = []

    async def _take(self, line):
        if not self.paper:
            self.paper = 1000000
            raise PrinterFault(self.fault)
        self.paper -= 1
        self.lines.append(line)

    dots = 384
    unprintable = 0

    def cell(self, font):
        return 12, 24

    async def text(self, s, bold=False, double=False, align="left", font="A", right=""):
        columns = 16 if double else 32
        assert cells(s) + cells(right) <= columns, (s, right)
        await self._take(s + " " * (columns - cells(s) - cells(right)) + right if right else s)
        self.styles.append((bold, double, align))

    async def feed(self, lines):
        await self._take("feed")

    async def cut(self):
        await self._take("cut")

    async def status(self):
        return 0 if self.paper else 1

    def abandon(self):
        self.lines.append("abandoned")


class Buzzer:
    def __init__(self, board):
        self._board = board
        self.beeps = 0

    async def beep(self, ms, hz):
        self.beeps += 1
        if self.beeps > 100:
            self._board.stopped.set()  # nobody will ever take this card out: the script has gone astray
        await asyncio.sleep_ms(ms)


class Leds:
    def set(self, name, on):
        pass


class Line:
    """`line_open()` -> ms until it is open, -1 refused; `line_send(data)` -> [(delay in ms, data; None hangs up)]."""

    host = "acquirer"
    port = 8583
    has_tls = False

    def __init__(self, board):
        self._board = board

    def address(self):
        return "RIG"

    def resolve(self, host):
        return host

    def is_quiet(self, writer):
        return not writer._in and not writer._closed

    async def open(self, address, port):
        delay = host("line_open")
        if delay < 0:
            raise OSError(111)
        await asyncio.sleep_ms(delay)
        ends = _Ends(self._board)
        return ends, ends


class _Ends:
    def __init__(self, board):
        self._board = board
        self._out = b""
        self._in = b""
        self._closed = False
        self._came = asyncio.Event()
        self._tasks = []

    def write(self, data):
        self._out += data

    async def drain(self):
        data, self._out = self._out, b""
        replies = host("line_send", data)
        if replies is None:
            self._board.power_cut()
            raise asyncio.CancelledError
        for delay, answer in replies:
            self._tasks.append(asyncio.create_task(self._deliver(delay, answer)))

    async def _deliver(self, delay, data):
        await asyncio.sleep_ms(delay)
        if data is None:
            self._closed = True
        else:
            self._in += data
        self._came.set()

    async def readexactly(self, n):
        while len(self._in) < n:
            if self._closed:
                raise EOFError
            self._came.clear()
            await self._came.wait()
        data, self._in = self._in[:n], self._in[n:]
        return data

    def close(self):
        for task in self._tasks:
            task.cancel()

    async def wait_closed(self):
        pass


class KeySlot:
    def __init__(self, tmk):
        self._tmk = tmk

    protected = True

    def key_into(self, name, out):
        if self._tmk is None:
            raise KeyError(name)
        out[:] = {"TMK": self._tmk}[name]

    def store(self, name, key):
        self._tmk = bytes(key)

    def erase(self):
        self._tmk = None


class Events:
    def __init__(self):
        self.seen = []

    def pin_entry(self, open):
        self.seen.append(open)


class Board:
    """`act` does what `screen` answered: a list of ("keys", codes), ("card", inside), ("mute",), ("stop",),
    ("paper", lines, fault), ("later", ms, deed)."""

    def __init__(self, flash, tmk):
        self.flash = flash
        self.display = Display(self)
        self.keypad = Keypad()
        self.card = Card()
        self.stripe = None
        self.contactless = None
        self.printer = Printer()
        self.buzzer = Buzzer(self)
        self.leds = Leds()
        self.line = Line(self)
        self.wifi = None
        self.scanner = None
        self.serial_line = None
        self.flash_wear = None
        self.certificates = {}
        self.certificates_taken = None
        self.storage = MOUNT
        self.keyslot = KeySlot(tmk)
        self.tamper = None
        self.battery = None
        self.key_loader = None
        self.events = Events()
        self.desk = None
        self.stopped = asyncio.Event()

    def entropy(self, n):
        return bytes(range(1, n + 1))

    def power_cut(self):
        self.flash.dead = True
        self.stopped.set()

    def act(self, deeds):
        if self.flash.dead:
            raise asyncio.CancelledError
        for deed in deeds:
            what = deed[0]
            if what == "later":
                asyncio.create_task(self._later(deed[1], deed[2]))
            elif what == "keys":
                asyncio.create_task(self._press(deed[1]))
            elif what == "card":
                asyncio.create_task(self._move_card(deed[1]))
            elif what == "mute":
                self.card.mute = True
            elif what == "paper":
                self.printer.paper = deed[1]
                self.printer.fault = deed[2]
            elif what == "stop":
                self.stopped.set()

    async def _later(self, ms, deed):
        await asyncio.sleep_ms(ms)
        self.act((deed,))

    async def _press(self, codes):
        for code in codes:
            await asyncio.sleep_ms(50)
            self.keypad.press((code,))

    async def _move_card(self, inside):
        await asyncio.sleep_ms(50)
        self.card.move(inside)


def mounted(flash):
    """Mounts the flash, formatting it if it is blank."""
    try:
        os.umount(MOUNT)
    except OSError:
        pass
    if all(byte == 0xFF for byte in flash.cells[:64]):
        vfs.VfsLfs2.mkfs(flash)
    vfs.mount(vfs.VfsLfs2(flash), MOUNT)
