"""The `Terminal` client: what a person does to a payment terminal, as verbs for tests.

Every wait is for something that happens (a frame, a slip, a message, a removed card), in virtual time; nothing sleeps.
The same verbs drive every target.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from tillbench.host.acquirer import Acquirer
from tillbench.host.cards import CardProfile, VirtualCard
from tillbench.host.devices.battery import Divider
from tillbench.host.devices.paper import Receipt
from tillbench.host.devices.wlan import Wlan
from tillbench.host.emulator.bench import WaitTimeout
from tillbench.host.emulator.card_entry import CardElsewhere
from tillbench.host.emulator.desk import DeskClient
from tillbench.host.emulator.emulator import Emulator, Options
from tillbench.host.emulator.lines import AcquirerLine
from tillbench.host.emulator.link import LinkLost
from tillbench.host.emulator.screen import Shown
from tillbench.host.emulator.serial_line import SerialEnd
from tillbench.host.emulator.snapshot import Snapshot
from tillbench.host.emulator.tapped import emulator_for
from tillbench.host.key_components import KeyComponent, split_key
from tillbench.host.pcsc.lent_card import lend

_MENU_LINES = 9
PATIENCE_S = 90.0
"""How long a wait lasts, in virtual seconds: longer than any time-out of the terminal."""


def menu_key(rows: Sequence[str], entry: str) -> str:
    """The key that chooses `entry` in the menu on the screen: its digit, or DOWN while it is not to be seen."""
    return next((row[1] for row in rows[1:] if row[3:].rstrip() == entry), "DOWN")


class ScreenView:
    """What the terminal shows."""

    def __init__(self, emulator: Emulator) -> None:
        self._emulator = emulator
        self._seen = 0
        self._fence = 0

    def turn_page(self) -> None:
        """From now on earlier frames do not count."""
        self._fence = len(self.frames)

    @property
    def text(self) -> str:
        """The text on the glass now, read from the pixels."""
        return self._emulator.screen.text

    @property
    def frames(self) -> list[Shown]:
        """Every committed frame, oldest first."""
        return self._emulator.screen.frames

    def wait_text(self, text: str, timeout_s: float = PATIENCE_S) -> Shown:
        """Wait until a frame shows `text`.

        What counts is the frame that the last wait found and all later ones, but nothing from before the last key or
        card movement: what is awaited is the answer to it.

        Raises:
            WaitTimeout: no such frame came; the message shows what is on the screen.
        """
        return self.wait_any(text, timeout_s=timeout_s)

    def wait_any(self, *texts: str, timeout_s: float = PATIENCE_S) -> Shown:
        """Wait until a frame shows one of `texts`; see `wait_text`."""
        found: list[Shown] = []
        unread = max(self._seen - 1, self._fence, 0)

        def shown() -> bool:
            nonlocal unread
            while unread < len(self.frames):
                frame = self.frames[unread]
                unread += 1
                if any(text in frame.text for text in texts):
                    self._seen = unread
                    found.append(frame)
                    return True
            return False

        try:
            self._emulator.bench.run_until(shown, timeout_s, f"the screen to show {' or '.join(map(repr, texts))}")
        except WaitTimeout as error:
            raise WaitTimeout(f"{error}; it shows\n{self._emulator.screen.now.text}") from None
        return found[0]

    def save(self, path: Path) -> None:
        """Write the screen as a PNG."""
        self._emulator.screen.now.save(path)


class CardTray:
    """The card slot's outside."""

    def __init__(self, emulator: Emulator, screen: ScreenView) -> None:
        self._emulator = emulator
        self._screen = screen

    @property
    def inserted(self) -> VirtualCard | CardElsewhere | None:
        """The card in the slot."""
        return self._emulator.entry.card

    @property
    def pin(self) -> str:
        """The PIN of the card in the slot. LookupError: no card, or none whose PIN anybody here knows."""
        return self._emulator.entry.pin

    def insert(self, card: VirtualCard | str, *, half: bool = False) -> VirtualCard:
        """Insert a card, or the card of the profile of that name. ProfileError lists the names there are.

        half: only so far that the switch closes; the contacts do not meet, and the card stays mute.
        """
        self._screen.turn_page()
        return self._emulator.entry.insert(card, half=half)

    def insert_from_reader(self, reader: str) -> CardElsewhere:
        """Have the card in a PC/SC reader of this computer act as if it were in the slot.

        A card that is none of the bench's test cards may be read, and nothing else; see `card_guard`.

        Args:
            reader: its name, or a part of it.

        Raises:
            NoReader: no such reader, no card in it, no PC/SC; the message says what there is, or what to install.
        """
        self._screen.turn_page()
        return self._emulator.entry.insert(lend(reader))

    def swipe(self, card: VirtualCard | str, *, damaged: bool = False) -> None:
        """Pull a card through the stripe reader; `damaged`: so that nothing can be read. ProfileError as above."""
        self._screen.turn_page()
        self._emulator.entry.swipe(card, damaged=damaged)
        self._emulator.bench.run_for(0.2)

    def tap(self, card: VirtualCard | str) -> None:
        """Hold a card into the contactless field. ProfileError as above."""
        self._screen.turn_page()
        self._emulator.entry.tap(card)
        self._emulator.bench.run_for(0.2)

    def remove(self) -> None:
        """Pull the card out."""
        self._screen.turn_page()
        self._emulator.entry.remove()
        self._emulator.bench.run_for(0.2)


class PowerSwitch:
    """The terminal's power."""

    def __init__(self, emulator: Emulator, screen: ScreenView) -> None:
        self._emulator = emulator
        self._screen = screen

    def cut(self, after_writes: int | None = None, halves: int = 1) -> None:
        """Cut the power now, or at the n-th flash operation from the next start on, of which so many halves are done.

        Now: when the device has done all that it does at this moment, or two runs would not be cut at the same place.
        """
        if after_writes is not None:
            self._emulator.bench.settings["cut_after"] = str(after_writes)
            self._emulator.bench.settings["cut_halves"] = str(halves)
            return
        if self.on:
            self._emulator.bench.settle()
        self._emulator.power_off()

    @property
    def on(self) -> bool:
        """True while the terminal runs."""
        return self._emulator.bench.powered

    def restore(self) -> None:
        """Power on again, with the flash as it was."""
        self._screen.turn_page()
        self._emulator.bench.settings.pop("cut_after", None)
        self._emulator.power_on()


class TamperSwitch:
    """The terminal's case."""

    def __init__(self, emulator: Emulator, screen: ScreenView) -> None:
        self._emulator = emulator
        self._screen = screen

    def open(self) -> None:
        """Open the case, with the power on or off: the key slot erases itself, a running terminal wipes its keys."""
        self._screen.turn_page()
        self._emulator.case.open()

    def close(self) -> None:
        """Shut it again."""
        self._screen.turn_page()
        self._emulator.case.close()


class BatteryBay:
    """The terminal's battery. An idle terminal looks at it once a minute, if there was one when it was started:
    `Options(battery=3_900)`, or one that was put in before."""

    def __init__(self, emulator: Emulator) -> None:
        self._emulator = emulator

    @property
    def mv(self) -> int:
        """Of the cell, 0 where there is none."""
        return self._emulator.battery.mv

    def insert(self, mv: int = 3_900) -> None:
        """Put in a cell of that voltage, or let the one that is there have it. ValueError for what no cell has."""
        self._emulator.battery.insert(mv)

    def remove(self) -> None:
        """Take it out."""
        self._emulator.battery.remove()

    def pulse(self, mv: int, ms: int) -> None:
        """For `ms` its contacts have another voltage: 0 is a drop-out. ValueError for less than nothing."""
        self._emulator.battery.pulse(mv, ms)

    def set_divider(self, divider: Divider) -> None:
        """Break the divider in front of the ADC, or mend it."""
        self._emulator.battery.set_divider(divider)


class KeyHolders:
    """Those who know the terminal's master key: two or three people a part each, and the key loader."""

    def __init__(self, emulator: Emulator) -> None:
        self._emulator = emulator

    def components(self, count: int = 2) -> list[KeyComponent]:
        """The letters of so many people; the same each time."""
        return split_key(self._emulator.master_key, count)

    @staticmethod
    def keys_for(component: KeyComponent) -> str:
        """What is pressed to enter it: UP before 1 to 6 is A to F."""
        digits = component.key.hex().upper()
        return " ".join(digit if digit.isdigit() else f"UP {ord(digit) - ord('A') + 1}" for digit in digits)

    def plug_in_loader(self, key: bytes | None = None) -> None:
        """A key loader with the terminal's master key, or another key, is on the cable."""
        self._emulator.plug_in_loader(key)

    def unplug_loader(self) -> None:
        """It is gone."""
        self._emulator.vaults.offered.clear()


class ClockView:
    """The bench's clock."""

    def __init__(self, emulator: Emulator) -> None:
        self._emulator = emulator

    @property
    def now_s(self) -> float:
        """Virtual seconds since the start."""
        return self._emulator.bench.clock.now / 1_000_000

    def advance(self, seconds: float) -> None:
        """Let `seconds` pass; whatever is due meanwhile happens."""
        self._emulator.bench.run_for(seconds)


class Terminal:
    """A running terminal with its peripherals and, in the same process, its acquirer.

    Args:
        options: how to run the emulator.
        profiles: the cards that exist; the shipped ones if not given.

    A context manager: leaving it stops everything.
    """

    def __init__(self, options: Options, profiles: Iterable[CardProfile] | None = None) -> None:
        self.emulator = emulator_for(options, profiles)
        self.screen = ScreenView(self.emulator)
        self.card = CardTray(self.emulator, self.screen)
        self.power = PowerSwitch(self.emulator, self.screen)
        self.tamper = TamperSwitch(self.emulator, self.screen)
        self.battery = BatteryBay(self.emulator)
        self.key_holders = KeyHolders(self.emulator)
        self.clock = ClockView(self.emulator)
        self.desk = DeskClient(self.emulator.bench)
        self.emulator.power_listeners.append(lambda on: None if on else self.desk.forget())
        self._receipts_taken = 0

    def __enter__(self) -> Terminal:
        self.emulator.power_on()
        return self

    def __exit__(self, failure: type[BaseException] | None, *_: object) -> None:
        if failure is None and self.power.on:
            self.emulator.bench.settle()  # or it would depend on chance how much of its last moment is in a trace
        self.emulator.close()

    @property
    def acquirer(self) -> Acquirer:
        """The acquirer in this process. RuntimeError if the terminal talks to one elsewhere."""
        if self.emulator.acquirer is None:
            raise RuntimeError("this terminal talks to an acquirer elsewhere: there is none in this process")
        return self.emulator.acquirer

    @property
    def line(self) -> AcquirerLine:
        """The line to the acquirer in this process, which can misbehave. RuntimeError if it is elsewhere."""
        if not isinstance(self.emulator.line, AcquirerLine):
            raise RuntimeError("this terminal talks to an acquirer elsewhere: `tillbench line` goes in between")
        return self.emulator.line

    @property
    def wifi(self) -> Wlan:
        """The terminal's radio and the access points around it. RuntimeError without `Options(wifi=True)`."""
        if self.emulator.wifi is None:
            raise RuntimeError("this terminal has no Wi-Fi: Options(wifi=True)")
        return self.emulator.wifi

    @property
    def serial(self) -> SerialEnd:
        """The other end of the terminal's serial line. RuntimeError if its acquirer is elsewhere."""
        if not isinstance(self.emulator.serial, SerialEnd):
            raise RuntimeError("this terminal talks to an acquirer elsewhere, or its board has no serial line")
        return self.emulator.serial

    def snapshot(self) -> Snapshot:
        """Keep all of it as it is, to fork from: terminal, peripherals, cards, acquirer, clock, what this client saw.

        Raises:
            NoSnapshot: the target cannot be kept (only QEMU can), the power is off, or the acquirer is elsewhere.
        """
        return self.emulator.snapshot(self)

    def restore(self, snapshot: Snapshot) -> None:
        """Be what `snapshot` has kept, as often as you like. What was recorded since is gone: copy it first."""
        self.emulator.restore(snapshot)

    def heap(self) -> str:
        """What the device's heap holds after a collection, in words; also where it does not say."""
        if not self.power.on:
            return "the power is off"
        try:
            memory = self.emulator.bench.ask_memory()
        except (WaitTimeout, LinkLost) as error:
            return f"not told: {error}"
        return f"{memory.used:,} bytes in use, {memory.free:,} free"

    def press(self, keys: str) -> None:
        """Press keys one after the other, as a person does: `press("1 2 3 4 ENTER")`; returns when all are up.

        Raises:
            ValueError: there is no such key; the message lists the keys.
        """
        bench = self.emulator.bench
        self.screen.turn_page()
        until = self.emulator.keypad.type(keys)
        bench.clock.at(until, lambda: None)
        bench.run_until(lambda: bench.clock.now >= until or not bench.powered, 60 + 2 * len(keys), "the keys")

    def menu(self, *entries: str) -> None:
        """Open the menu and choose `entries`, one menu after the other, by what stands there in the language in use.

        Raises:
            LookupError: a menu has no such entry; the message shows where it was looked for.
        """
        self.press("MENU")
        self.choose(*entries)

    def choose(self, *entries: str) -> None:
        """Choose in the menu that is open, and in those that it opens; LookupError as above."""
        for entry in entries:
            self._choose(entry)

    def _choose(self, entry: str) -> None:
        for _ in range(_MENU_LINES):
            shown = self.screen.wait_text(">")
            key = menu_key(shown.rows, entry)
            self.press(key)
            if key != "DOWN":
                return
        raise LookupError(f"no entry {entry!r} in the menu\n{self.screen.text}")

    def scan(self, text: str) -> None:
        """Hold a code in front of the barcode scanner. NoCode: there is no code that says this."""
        self.screen.turn_page()
        self.emulator.scan(text)
        self.emulator.bench.run_for(0.5)

    def scan_slip(self, number: int | None = None) -> None:
        """Hold a slip in front of it, the last one if it is not said which. LookupError, NoCode: see `Emulator`."""
        self.screen.turn_page()
        self.emulator.scan_slip(number)
        self.emulator.bench.run_for(0.5)

    def receipt(self, timeout_s: float = PATIENCE_S) -> Receipt:
        """Wait for the next slip that the cutter lets go; each slip is given once."""
        printer = self.emulator.printer

        def cut() -> bool:
            return len(printer.receipts()) > self._receipts_taken

        try:
            self.emulator.bench.run_until(cut, timeout_s, "a slip to be cut")
        except WaitTimeout as error:
            raise WaitTimeout(f"{error}; the screen shows\n{self.screen.text}") from None
        self._receipts_taken += 1
        return printer.receipts()[self._receipts_taken - 1]
