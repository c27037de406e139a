"""A terminal with real parts, watched: what its board mirrors goes to models that only look.

The panel decodes the bytes that the real display has acknowledged, the printer model prints what the real printer was
sent, commands and responses are those of the real card. Cards, paper and the network are where the board is, and go in
and out by hand.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from tillbench.host.cards import CardProfile, VirtualCard
from tillbench.host.devices.card_holder import CardHolder
from tillbench.host.devices.character_card import CharacterCard
from tillbench.host.devices.keypad import LAYOUT, MASKED, KeyEvent, KeypadModel
from tillbench.host.devices.panel import Panel
from tillbench.host.devices.printer import Printer
from tillbench.host.devices.printer_profile import PrinterProfile
from tillbench.host.devices.slot_tap import Exchange
from tillbench.host.emulator.card_entry import CardEntry
from tillbench.host.emulator.device_process import DeviceProcess
from tillbench.host.emulator.emulator import Emulator, Options
from tillbench.host.emulator.free_bench import FreeBench
from tillbench.host.emulator.placing import place_panel
from tillbench.host.emulator.serial_device import SerialDevice
from tillbench.host.emulator.wires import Nets

TAPPED = "tapped:"
"""Before a port: a board there with real parts that are watched, as `board deploy --build tapped` makes it."""
CODES = b"123\x18456\x08789\r*0#\x81\x82\x83\x84\x87"
"""Of the keys, row by row, as the board has them (`firmware/drivers/keypad.py`)."""
_AT_ONCE = 1 << 20
_ELSEWHERE = ("board", 0)
"""Its acquirer is the one that it was provisioned for; the bench has no part in that."""


class ByHand(RuntimeError):
    """What only somebody in front of the board can do."""


class TappedEmulator(Emulator):
    """The board's side of it is real; see above."""

    bench_type = FreeBench

    def __init__(self, options: Options, profiles: Iterable[CardProfile] | None = None) -> None:
        super().__init__(replace(options, acquirer=options.acquirer or _ELSEWHERE), profiles)
        self.entry = self._by_hand = ByHandEntry(self.bench, self.state, self.profiles)

    def _start_process(self) -> DeviceProcess:
        return SerialDevice.start(self.options.target.removeprefix(TAPPED), how="tap")

    def _wire(self) -> None:
        self.pin_entry_open = False
        if self._wired:
            return
        self._wired = True
        bench, parts = self.bench, self.bench.parts
        assert isinstance(bench, FreeBench)
        if "display" in parts and isinstance(self.panel, Panel):
            place_panel(bench, self.panel)
        self.keypad = _keys(bench, self.entropy.random("keypad"), lambda: self.pin_entry_open, self._key_event)
        bench.on_key = self._finger
        # The real printer has paced these bytes already: this one prints what comes when it comes.
        profile = PrinterProfile(buffer=_AT_ONCE, dot_rows_per_second=_AT_ONCE, feed_rows_per_second=_AT_ONCE)
        self.printer = Printer(bench.clock, bench.uart(int(parts["printer"]["uart"])), profile=profile)
        self.slot = WatchedSlot(bench.clock)
        self.slot.on_exchange = self._by_hand.hears
        bench.on_apdu = self.slot.seen

    def _finger(self, code: int) -> None:
        if code == ord(MASKED) and self.pin_entry_open:
            self._key_event(KeyEvent(MASKED, "pressed", None))
        else:
            self._key_event(KeyEvent(_NAMES.get(code, f"code {code:02X}"), "pressed", self.bench.clock.now))

    def _power_is_off(self) -> None:
        self.pin_entry_open = False
        if self._wired:
            self.keypad.hands_off()
        for listener in self.power_listeners:
            listener(False)


def emulator_for(options: Options, profiles: Iterable[CardProfile] | None = None) -> Emulator:
    """The bench around what `options.target` says; see `Emulator`."""
    return (TappedEmulator if options.target.startswith(TAPPED) else Emulator)(options, profiles)


class ByHandEntry(CardEntry):
    """Where cards go in and out at the board itself."""

    def hears(self, command: bytes, response: bytes) -> None:
        """A command to the card in the board's slot, and what it has answered."""
        self._apdu(command, response)

    def insert(self, card: Any, *, half: bool = False) -> Any:
        """Raises ByHand."""
        del card, half
        raise ByHand("the slot is the board's own: put the card in by hand")

    def remove(self) -> None:
        """Raises ByHand."""
        raise ByHand("the slot is the board's own: take the card out by hand")

    def swipe(self, card: VirtualCard | str, *, damaged: bool = False) -> None:
        """Raises ByHand."""
        del card, damaged
        raise ByHand("the stripe reader is the board's own: swipe the card by hand")

    def tap(self, card: VirtualCard | str) -> None:
        """Raises ByHand."""
        del card
        raise ByHand("the contactless reader is the board's own: hold the card there by hand")


_NAMES = dict(zip(CODES, (key for row in LAYOUT for key in row), strict=True))


def _keys(
    bench: FreeBench, rng: random.Random, masked: Callable[[], bool], on_event: Callable[[KeyEvent], None]
) -> KeypadModel:
    """Fingers as on a virtual keypad, on contacts of their own: each that closes is a key that the board presses."""
    rows, columns = [f"R{at}" for at in range(len(LAYOUT))], [f"C{at}" for at in range(len(LAYOUT[0]))]
    nets = Nets()

    def contact(a: str, b: str, closed: bool) -> None:
        row, column = (a, b) if a in rows else (b, a)
        if closed:
            bench.press(CODES[rows.index(row) * len(columns) + columns.index(column)])

    nets.on_closure = contact
    return KeypadModel(bench.clock, nets, rows, columns, rng, bounce=False, masked=masked, on_event=on_event)


class WatchedSlot(CardHolder):
    """A slot that is elsewhere: what is said in it is kept."""

    @property
    def powered(self) -> bool:
        """Nobody tells."""
        return False

    def insert(self, card: CharacterCard, bounces: int = 0) -> None:
        """Raises ByHand."""
        del card, bounces
        raise ByHand("put the card in by hand")

    def remove(self, bounces: int = 0) -> None:
        """Raises ByHand."""
        del bounces
        raise ByHand("take the card out by hand")

    def power_lost(self) -> None:
        """The board's own affair."""

    def _until_read_us(self) -> int:
        return 0

    def seen(self, command: bytes, response: bytes) -> None:
        """A command, PIN data masked by the board, and its response."""
        self._log(Exchange(command, response, self._clock.now))
