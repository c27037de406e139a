"""`tillbench emulate`: a terminal on the console until somebody stops it."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import sys
import tempfile
import termios
import tty
from collections.abc import Iterator
from pathlib import Path
from types import FrameType

from tillbench.host.cards import profile_names
from tillbench.host.cli.errors import Refused
from tillbench.host.cli.state_option import open_state
from tillbench.host.devices.text_art import braille
from tillbench.host.emulator.bench import WaitTimeout
from tillbench.host.emulator.emulator import Emulator, Options
from tillbench.host.emulator.timeline import Entry, Timeline, TraceFile

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
    **{char: char for char in "0123456789*#"},
}
HELP = (
    "keypad: 0-9 * #  ENTER  BACKSPACE = CLEAR  ESC or c = CANCEL  m = MENU  arrows",
    "bench:  i insert card  o pull it out  n next card  p new paper  w power  q quit",
)
LOG_LINES = 8


class Stopped(Exception):
    """The user wants to leave."""


def run(
    *,
    card: str,
    seed: int | None,
    temp: bool,
    state: Path | None,
    headless: bool,
    acquirer: str | None,
    trace: Path | None,
    target: str = "unix",
) -> None:
    """Run the emulator on the computer's clock until `q`, Ctrl-C or SIGTERM.

    Raises:
        Refused: an option cannot be met.
    """
    address = _address(acquirer) if acquirer else None
    if temp and state:
        raise Refused("--temp and --state: choose one; --temp keeps nothing")
    if not headless and not sys.stdin.isatty():
        raise Refused("no console here: use --headless, or run it in a terminal window")
    with _state(temp, state) as folder:
        emulator = Emulator(Options(folder, target=target, seed=seed, acquirer=address, realtime=True))
        emulator.profile(card)
        timeline = Timeline(emulator)
        file = _open_trace(timeline, trace)
        with _terminate_softly():
            try:
                if headless:
                    _run_headless(emulator, timeline)
                else:
                    Console(emulator, timeline, card).run()
            except Stopped:
                pass
            finally:
                emulator.close()
                if file is not None:
                    file.close()


def _address(text: str) -> tuple[str, int]:
    host, colon, port = text.rpartition(":")
    if not colon or not host or not port.isdigit() or not 0 < int(port) < 65536:
        raise Refused(f"--acquirer {text!r}: expected HOST:PORT, as in 127.0.0.1:8583")
    return host.strip("[]"), int(port)


@contextlib.contextmanager
def _state(temp: bool, state: Path | None) -> Iterator[Path]:
    if not temp:
        yield open_state(state).path
        return
    with tempfile.TemporaryDirectory(prefix="tillbench-") as folder:
        yield Path(folder)


def _open_trace(timeline: Timeline, path: Path | None) -> TraceFile | None:
    if path is None:
        return None
    try:
        # By lines: a killed emulator leaves a whole trace up to its last moment.
        return TraceFile(timeline, path.open("w", encoding="utf-8", buffering=1))
    except OSError as error:
        raise Refused(f"--trace {path}: {error.strerror}") from None


@contextlib.contextmanager
def _terminate_softly() -> Iterator[None]:
    def stop(_number: int, _frame: FrameType | None) -> None:
        raise Stopped

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _run_headless(emulator: Emulator, timeline: Timeline) -> None:
    """One line for each event on stdout; keys and cards by lines on stdin: `press 1 2 ENTER`, `insert NAME`, ..."""

    def tell(entry: Entry) -> None:
        stamp = "*" if entry.t_us is None else f"{entry.t_us / 1_000_000:.3f}"
        print(f"{stamp:>10} {entry.wire:8} {entry.event}", flush=True)

    timeline.listeners.append(tell)
    commands = CommandReader(emulator)
    emulator.power_on()
    emulator.bench.externals[commands] = commands.ready
    _serve(emulator)


def _serve(emulator: Emulator) -> None:
    with contextlib.suppress(WaitTimeout):
        while True:
            emulator.bench.run_until(lambda: False, 3600, "the end of the hour")


class CommandReader:
    """Lines of commands on stdin, for scripts: press KEYS, insert NAME, remove, power off|on, paper, quit."""

    def __init__(self, emulator: Emulator) -> None:
        self._emulator = emulator
        self._left = b""

    def fileno(self) -> int:
        """stdin."""
        return sys.stdin.fileno()

    def ready(self) -> None:
        """Read what is there and obey whole lines; at the end of stdin the emulator just runs on."""
        data = os.read(self.fileno(), 4096)
        if not data:
            del self._emulator.bench.externals[self]
            return
        *lines, self._left = (self._left + data).split(b"\n")
        for line in lines:
            self._obey(line.decode(errors="replace").strip())

    def _obey(self, line: str) -> None:
        verb, _, rest = line.partition(" ")
        try:
            match verb:
                case "":
                    pass
                case "press":
                    self._emulator.keypad.type(rest)
                case "insert":
                    self._emulator.insert(rest or "unionpay-debit")
                case "remove":
                    self._emulator.remove()
                case "power":
                    _power(self._emulator, rest == "on")
                case "paper":
                    self._emulator.printer.load_paper()
                case "quit":
                    raise Stopped
                case _:
                    raise ValueError(f"no such command: {verb!r}")
        except ValueError as error:
            print(f"error: {error}", flush=True)


def _power(emulator: Emulator, on: bool) -> None:
    if on:
        emulator.power_on()
    else:
        emulator.power_off()


class Console:
    """The screen as pixels, the last events below it, the keyboard as keypad."""

    def __init__(self, emulator: Emulator, timeline: Timeline, card: str) -> None:
        self._emulator = emulator
        self._cards = profile_names()
        self._chosen = self._cards.index(card) if card in self._cards else 0
        self._events: list[str] = []
        timeline.listeners.append(self._heard)

    def fileno(self) -> int:
        """stdin."""
        return sys.stdin.fileno()

    def run(self) -> None:
        """Until `q` or Ctrl-C."""
        before = termios.tcgetattr(self)
        tty.setcbreak(self.fileno())
        # The alternate screen: the shell's lines are there again afterwards.
        sys.stdout.write("\x1b[?1049h\x1b[?25l")
        try:
            self._emulator.power_on()
            self._emulator.bench.externals[self] = self._typed
            self._draw()
            _serve(self._emulator)
        finally:
            sys.stdout.write("\x1b[?25h\x1b[?1049l")
            sys.stdout.flush()
            termios.tcsetattr(self, termios.TCSADRAIN, before)

    def _typed(self) -> None:
        typed = os.read(self.fileno(), 64).decode(errors="replace")
        while typed:
            symbol = typed[:3] if typed.startswith("\x1b[") else typed[:1]
            typed = typed[len(symbol) :]
            self._key(symbol)
        self._draw()

    def _key(self, symbol: str) -> None:
        emulator = self._emulator
        if symbol in KEYS:
            emulator.keypad.type(KEYS[symbol], 60_000, 10_000)
        elif symbol == "i":
            emulator.insert(self._cards[self._chosen])
        elif symbol == "o":
            emulator.remove()
        elif symbol == "n":
            self._chosen = (self._chosen + 1) % len(self._cards)
        elif symbol == "p":
            emulator.printer.load_paper()
        elif symbol == "w":
            _power(emulator, not emulator.bench.powered)
        elif symbol == "q":
            raise Stopped

    def _heard(self, entry: Entry) -> None:
        if entry.wire in ("buzzer", "leds"):
            return
        if entry.wire != "screen":
            stamp = "*" if entry.t_us is None else f"{entry.t_us / 1_000_000:.3f}"
            self._events.append(f"{stamp:>10} {entry.wire:8} {entry.event}")
            del self._events[:-200]
        self._draw()

    def _draw(self) -> None:
        columns, lines = shutil.get_terminal_size()
        card = self._emulator.card.profile.name if self._emulator.card else "no card in the slot"
        powered = "on" if self._emulator.bench.powered else "OFF"
        picture = braille(self._emulator.panel.pixels()).split("\n")
        state = [f"power {powered} | {card} | next to insert: {self._cards[self._chosen]}"]
        room = max(lines - len(picture) - 5, LOG_LINES)
        rows = [*picture, *state, *HELP, "", *self._events[-room:]]
        sys.stdout.write("\x1b[H" + "".join(f"{row[:columns]}\x1b[K\n" for row in rows[: lines - 1]) + "\x1b[J")
        sys.stdout.flush()
