"""The counter: merchant and cardholder in one, who do what the screen asks for until the terminal is idle again."""

from __future__ import annotations

from tillbench.host.emulator.emulator import Emulator
from tillbench.host.terminal import Terminal, menu_key

from bench.long.errand import Errand

IDLE = "AMOUNT OR MENU"
NEVER = ("TERMINAL FAULT", "OUT OF SERVICE", "DAMAGED")
LONGEST_S = 200.0
"""Virtual seconds without a new frame: longer than any time-out of the terminal."""

FINGERS_US = 5_000_000
"""Longer than the longest amount takes to key in."""


class Counter:
    """A terminal that stays, and the people in front of it.

    Attributes:
        said: titles of the frames since the errand began.
    """

    def __init__(self, terminal: Terminal) -> None:
        self.terminal = terminal
        self.said: list[str] = []
        self._handled = 0
        self._begun = False
        self._bypassed = False
        self._signed_on = False
        self._errand: Errand | None = None

    @property
    def emulator(self) -> Emulator:
        """The terminal's."""
        return self.terminal.emulator

    def open(self) -> None:
        """Switch on; returns at the idle screen."""
        self.terminal.emulator.power_on()
        self.serve(None)

    def restart(self, cut_after: int | None = None) -> None:
        """Power off and on; with `cut_after`, the power fails again in the middle of that flash operation."""
        self.terminal.power.cut()
        if cut_after is None:
            self.terminal.power.restore()
        else:
            self.terminal.power.cut(after_writes=cut_after)
            self.emulator.power_on()
        self.serve(None)

    def serve(self, errand: Errand | None) -> None:
        """Do the errand, or with None only what is due; returns at the idle screen, with no card in the slot.

        Raises:
            AssertionError: the terminal showed what it must never show, or nothing new for longer than it may.
        """
        self._errand, self._begun, self._bypassed, self._signed_on = errand, errand is None, False, False
        self.said.clear()
        bench, frames = self.emulator.bench, self.emulator.screen.frames
        # The idle screen that is there already asks for something too; frames from before a restart do not.
        self._handled = len(frames) - self._idle
        while True:
            if not bench.powered:
                self._handled = len(frames)
                self._let_go()
                self.terminal.power.restore()
            if len(frames) <= self._handled:
                bench.run_until(lambda: len(frames) > self._handled or not bench.powered, LONGEST_S, "a frame")
                continue
            self.said += [frame.rows[0].strip() for frame in frames[self._handled :]]
            self._handled = len(frames)
            if self._react(frames[-1].text):
                break
        self.terminal.card.remove()

    @property
    def _idle(self) -> bool:
        return self.emulator.bench.powered and IDLE in self.terminal.screen.text

    def _let_go(self) -> None:
        """Time enough for the fingers to finish what they were typing when the power failed: it is for nobody."""
        clock = self.emulator.bench.clock
        until = clock.now + FINGERS_US
        clock.at(until, lambda: None)
        self.emulator.bench.run_until(lambda: clock.now >= until, FINGERS_US / 1e6 + 1, "the fingers")

    def _press(self, keys: str) -> None:
        self.terminal.press(keys)

    def _react(self, text: str) -> bool:
        """Do what the screen asks for; True when there is nothing left to do."""
        if any(word in text for word in NEVER):
            raise AssertionError(f"the terminal shows\n{text}\nconsole:\n{self._console()}")
        if IDLE in text:
            return self._at_idle(text)
        if "INSERT CARD" in text:
            self._insert()
        elif "APPLICATION" in text:
            self._press("1")
        elif "ENTER PIN" in text and "*" not in text:
            self._pin()
        elif "REMOVE CARD" in text:
            self.terminal.card.remove()
        elif "TEAR OFF" in text:
            self._press("ENTER")
        elif "OUT OF PAPER" in text or "PRINTER FAULT" in text:
            self.emulator.printer.load_paper()
            self._press("CANCEL" if self._errand is not None and self._errand.gives_up_slip else "ENTER")
        elif text.strip().startswith(("MENU", "MANAGEMENT")):
            rows = text.split("\n")
            self._press(menu_key(rows, "SIGN ON" if "MANAGEMENT" in rows[0] else "MANAGEMENT"))
        elif self._errand is not None and self._errand.impatient and "WAITING" in text:
            self._press(self._errand.impatient)
        return False

    def _at_idle(self, text: str) -> bool:
        if "SIGN ON" in text and not self._signed_on:
            self._signed_on = True
            self._press("MENU")
            return False
        if self._begun or self._errand is None:
            return True
        self._begun = True
        self._press(" ".join(str(self._errand.amount)) + " ENTER")
        return False

    def _insert(self) -> None:
        if self._errand is None:
            self._press("CANCEL")
        elif self.terminal.card.inserted is None:
            self.terminal.card.insert(self._errand.card)

    def _pin(self) -> None:
        if self._errand is None or self._errand.pin == "cancelled" or self._bypassed:
            self._press("CANCEL")
        elif self._errand.pin == "bypassed":
            self._bypassed = True
            self._press("ENTER")
        else:
            pin = self.emulator.profile(self._errand.card).pin
            wrong = "".join(str(9 - int(digit)) for digit in pin)
            self._press(" ".join(pin if self._errand.pin == "right" else wrong) + " ENTER")

    def _console(self) -> str:
        console = self.emulator.state.path / "console.txt"
        return console.read_text(errors="replace")[-2000:] if console.exists() else ""
