"""The lines that `tillbench emulate --headless` obeys on stdin."""

from __future__ import annotations

import os
import sys
from collections import deque

from tillbench.host.cli.emulate_console import Stopped
from tillbench.host.emulator.bench import WaitTimeout
from tillbench.host.emulator.emulator import Emulator
from tillbench.host.emulator.screen import Shown
from tillbench.host.emulator.wires import Timer
from tillbench.host.emv_run.pcsc_slot import NoReader
from tillbench.host.pcsc.lent_card import lend

PATIENCE_S = 90
"""How long `wait` waits: longer than any time-out of the terminal."""
_ACTS = ("press", "insert", "reader", "remove", "swipe", "tap", "scan", "power", "tamper")


class NeverShown(WaitTimeout):
    """`wait` has waited in vain."""


class CommandReader:
    """Commands for scripts, one a line, each after the one before it is done:

    `press KEYS`, `insert [NAME]`, `reader NAME`, `remove`, `swipe [NAME]`, `tap [NAME]`, `wait TEXT`, `power on`,
    `power off`, `paper`, `quit`; `scan TEXT` holds a code in front of the scanner, `scan slip` the last slip;
    `wifi off SSID` and `wifi on SSID` take an access point out of reach and bring it back (with `--wifi`);
    `tamper open` and `tamper close` for the case, `loader on` and `loader off` for a key loader with the terminal's
    master key.

    `reader` has the card in a PC/SC reader act as if it were inserted. `press` is done when the last key is up. `wait`
    is done when a frame shows TEXT: any frame since the last key, card movement or power switch, so that what is
    awaited is the answer to it. After `PATIENCE_S` it raises NeverShown.

    Args:
        emulator: what they are done to.
        card: the one that `insert`, `swipe` and `tap` take without a name.
    """

    def __init__(self, emulator: Emulator, card: str) -> None:
        self._emulator = emulator
        self._card = card
        self._left = b""
        self._lines: deque[str] = deque()
        self._awaited: str | None = None
        self._deadline: Timer | None = None
        self._typing = False
        self._fence = 0
        emulator.screen.listeners.append(self._shown)

    def fileno(self) -> int:
        """stdin."""
        return sys.stdin.fileno()

    def ready(self) -> None:
        """Read what is there and obey whole lines; at the end of stdin the emulator just runs on."""
        data = os.read(self.fileno(), 4096)
        if not data:
            del self._emulator.bench.externals[self]
            data = b"\n"  # ends a last line that has no end of its own
        *lines, self._left = (self._left + data).split(b"\n")
        self._lines.extend(line.decode(errors="replace").strip() for line in lines)
        self._go_on()

    def _go_on(self) -> None:
        while self._lines and self._awaited is None and not self._typing:
            try:
                self._obey(self._lines.popleft())
            except (ValueError, LookupError, NoReader) as error:
                print(f"error: {error}", flush=True)

    def _obey(self, line: str) -> None:
        verb, _, rest = line.partition(" ")
        emulator = self._emulator
        if verb in _ACTS:
            self._fence = len(emulator.screen.frames)
        match verb, rest:
            case "", _:
                pass
            case "press", keys:
                emulator.bench.clock.at(emulator.keypad.type(keys), self._typed)
                self._typing = True
            case "insert", name:
                emulator.entry.insert(name or self._card)
            case "reader", name if name:
                emulator.entry.insert(lend(name))
            case "swipe", name:
                emulator.entry.swipe(name or self._card)
            case "tap", name:
                emulator.entry.tap(name or self._card)
            case "remove", "":
                emulator.entry.remove()
            case "wait", text if text:
                if not any(text in shown.text for shown in emulator.screen.frames[self._fence :]):
                    self._awaited = text
                    self._deadline = emulator.bench.clock.after(PATIENCE_S * 1_000_000, self._give_up)
            case "power", "on":
                emulator.power_on()
            case "power", "off":
                emulator.power_off()
            case "scan", "slip":
                emulator.scan_slip()
            case "scan", code if code:
                emulator.scan(code)
            case "tamper", "open":
                emulator.case.open()
            case "tamper", "close":
                emulator.case.close()
            case "wifi", rest if rest.startswith(("on ", "off ")):
                self._switch_wifi(*rest.split(" ", 1))
            case "loader", "on":
                emulator.plug_in_loader()
            case "loader", "off":
                emulator.vaults.offered.clear()
            case "paper", "":
                emulator.printer.load_paper()
            case "quit", "":
                raise Stopped
            case _:
                raise ValueError(
                    f"no such command: {line!r}; there is press KEYS, insert [NAME], reader NAME, remove, "
                    "swipe [NAME], tap [NAME], scan slip, scan TEXT, wait TEXT, power on, power off, paper, "
                    "tamper open, tamper close, wifi on SSID, wifi off SSID, loader on, loader off, quit"
                )

    def _switch_wifi(self, how: str, ssid: str) -> None:
        if self._emulator.wifi is None:
            raise ValueError("wifi: this terminal has none, it was started without --wifi")
        self._emulator.wifi.switch(ssid, up=how == "on")

    def _typed(self) -> None:
        self._typing = False
        self._go_on()

    def _shown(self, shown: Shown) -> None:
        if self._awaited is not None and self._awaited in shown.text:
            self._awaited = None
            if self._deadline is not None:
                self._deadline.cancel()
            # Not in the middle of what the device is saying.
            self._emulator.bench.clock.after(0, self._go_on)

    def _give_up(self) -> None:
        raise NeverShown(
            f"waited {PATIENCE_S} s for the screen to show {self._awaited!r}; it shows\n{self._emulator.screen.text}"
        )
