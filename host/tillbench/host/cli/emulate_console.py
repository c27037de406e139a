"""The console view of `tillbench emulate`: the panel's pixels, the last events, the keyboard as keypad."""

from __future__ import annotations

import os
import re
import shutil
import sys
import termios
import tty

from tillbench.host.cards import profile_names
from tillbench.host.devices.barcode_scanner import NoCode
from tillbench.host.devices.text_art import braille
from tillbench.host.emulator.emulator import Emulator
from tillbench.host.emulator.timeline import Entry, Timeline

KEYS = {
    "\r": "ENTER",
    "\n": "ENTER",
    "\x7f": "CLEAR",
    "\x08": "CLEAR",
    "\x1b": "CANCEL",
    "c": "CANCEL",
    "m": "MENU",
    "f": "FN",
    "\x1b[A": "UP",
    "\x1b[B": "DOWN",
    "\x1bOA": "UP",
    "\x1bOB": "DOWN",
    **{char: char for char in "0123456789*#"},
}
HELP = (
    "keypad: 0-9 * #  ENTER  BACKSPACE = CLEAR  ESC or c = CANCEL  m = MENU  arrows",
    "bench:  i insert card  o pull it out  s swipe  t tap  n next card  p new paper  w power  q quit",
    "        b scan the last slip  x open or shut the case (it wipes the keys)  k plug in the key loader",
)
# What one key of the keyboard sends: a control sequence (ECMA-48, section 5.4), SS3 and a letter, or a character.
_SYMBOL = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|\x1bO[ -~]|.", re.DOTALL)
_KEPT = 200


class Stopped(Exception):
    """The user wants to leave."""


class Console:
    """Takes the console while it is entered; leaving it gives the console back as it was.

    Args:
        emulator: the terminal, switched on by entering.
        timeline: its events.
        card: the one to insert first.
    """

    def __init__(self, emulator: Emulator, timeline: Timeline, card: str) -> None:
        self._emulator = emulator
        self._timeline = timeline
        names = profile_names()
        self._cards = names if card in names else [card, *names]
        self._chosen = self._cards.index(card)
        self._events: list[str] = []

    def fileno(self) -> int:
        """stdin."""
        return sys.stdin.fileno()

    def __enter__(self) -> None:
        self._before = termios.tcgetattr(self)
        tty.setcbreak(self.fileno())
        # The alternate screen: the shell's lines are there again afterwards.
        sys.stdout.write("\x1b[?1049h\x1b[?25l")
        try:
            self._timeline.listeners.append(self._heard)
            self._emulator.power_on()
            self._emulator.bench.externals[self] = self._typed
            self._draw()
        except BaseException:
            self.__exit__()
            raise

    def __exit__(self, *_: object) -> None:
        # Nothing is drawn any more: what switching off has to tell would be drawn over the shell's lines.
        self._timeline.listeners.remove(self._heard)
        self._emulator.bench.externals.pop(self, None)
        sys.stdout.write("\x1b[?25h\x1b[?1049l")
        sys.stdout.flush()
        termios.tcsetattr(self, termios.TCSADRAIN, self._before)

    def _typed(self) -> None:
        typed = os.read(self.fileno(), 64)
        if not typed:
            raise Stopped  # the window is closed
        for symbol in _SYMBOL.findall(typed.decode(errors="replace")):
            self._key(symbol)
        self._draw()

    def _key(self, symbol: str) -> None:
        emulator = self._emulator
        if symbol in KEYS:
            emulator.keypad.type(KEYS[symbol], 60_000, 10_000)
        elif symbol == "i":
            emulator.entry.insert(self._cards[self._chosen])
        elif symbol == "s":
            emulator.entry.swipe(self._cards[self._chosen])
        elif symbol == "t":
            emulator.entry.tap(self._cards[self._chosen])
        elif symbol == "o":
            emulator.entry.remove()
        elif symbol == "n":
            self._chosen = (self._chosen + 1) % len(self._cards)
        elif symbol == "p":
            emulator.printer.load_paper()
        elif symbol == "b":
            self._scan_slip()
        elif symbol == "x":
            if emulator.case.is_open:
                emulator.case.close()
            else:
                emulator.case.open()
        elif symbol == "k":
            emulator.plug_in_loader()
        elif symbol == "w":
            if emulator.bench.powered:
                emulator.power_off()
            else:
                emulator.power_on()
        elif symbol == "q":
            raise Stopped

    def _scan_slip(self) -> None:
        try:
            self._emulator.scan_slip()
        except (NoCode, LookupError) as error:
            self._timeline.tell("bench", str(error))

    def _heard(self, entry: Entry) -> None:
        if entry.wire in ("buzzer", "leds"):
            return
        if entry.wire != "screen":
            self._events.append(entry.as_line())
            del self._events[:-_KEPT]
        self._draw()

    def _draw(self) -> None:
        columns, lines = shutil.get_terminal_size()
        card = self._emulator.entry.name or "no card in the slot"
        powered = "on" if self._emulator.bench.powered else "OFF"
        case = ", CASE OPEN" if self._emulator.case.is_open else ""
        above = [
            *braille(self._emulator.panel.pixels()).split("\n"),
            f"power {powered}{case} | {card} | next to insert: {self._cards[self._chosen]}",
            *HELP,
        ]
        # One line stays free: a newline on the last one would scroll the picture away.
        room = max(lines - 1 - len(above), 0)
        rows = [*above, *self._events[len(self._events) - min(room, len(self._events)) :]]
        sys.stdout.write("\x1b[H" + "".join(f"{row[:columns]}\x1b[K\n" for row in rows[: lines - 1]) + "\x1b[J")
        sys.stdout.flush()
