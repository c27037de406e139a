"""The emulated terminal, whole: a board of models, an acquirer line, cards, and the state that outlives it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from tillbench.host.acquirer import Acquirer, TerminalSetup
from tillbench.host.cards import CardProfile, load_profile, profile_names
from tillbench.host.devices.barcode_scanner import BarcodeScanner
from tillbench.host.devices.battery import Battery
from tillbench.host.devices.buzzer import Buzzer
from tillbench.host.devices.card_holder import CardHolder
from tillbench.host.devices.colour_panel import ColourPanel
from tillbench.host.devices.colour_panel_registers import CONTROLLERS
from tillbench.host.devices.keypad import KeyEvent, KeypadModel
from tillbench.host.devices.leds import Leds
from tillbench.host.devices.nor_flash import NorFlash
from tillbench.host.devices.panel import Panel
from tillbench.host.devices.pn532 import Pn532
from tillbench.host.devices.printer import Printer
from tillbench.host.devices.tamper import Case
from tillbench.host.devices.wlan import SLOT_ENTRY, Wlan, around, slot_record
from tillbench.host.emulator.air import Air
from tillbench.host.emulator.bench import Bench
from tillbench.host.emulator.card_entry import CardEntry
from tillbench.host.emulator.device_process import DeviceProcess
from tillbench.host.emulator.lines import AcquirerLine, TcpLine
from tillbench.host.emulator.micropython import UnixProcess, firmware_root
from tillbench.host.emulator.placing import (
    place_colour_panel,
    place_contactless,
    place_controller,
    place_keypad,
    place_panel,
    place_slot,
)
from tillbench.host.emulator.printer_port import PrinterPort
from tillbench.host.emulator.qemu import QemuProcess
from tillbench.host.emulator.screen import Screen
from tillbench.host.emulator.serial_device import SerialDevice
from tillbench.host.emulator.serial_line import SerialEnd, TtyEnd
from tillbench.host.emulator.snapshot import NoSnapshot, Snapshot
from tillbench.host.emulator.state import FLASH_SIZE, StateDir
from tillbench.host.emulator.vaults import Vaults
from tillbench.host.entropy import Entropy

log = logging.getLogger("tillbench.emulator")

TARGETS = ("unix", "qemu")
SERIAL = "serial:"
"""Before a port: a board there with everything virtual, as `tillbench board deploy` makes it."""
SLOTS = ("pins", "ccid")
"""The card slot on pins of the board, or behind a serial smart-card controller."""
TERMINAL_ID = "12345678"
MERCHANT_ID = "898110053110001"


@dataclass(frozen=True)
class Options:
    """How to run the emulator.

    Attributes:
        state: where flash, keys, ledger and card memories are.
        target: what runs the firmware, one of `TARGETS`, or `SERIAL` and a port, or `tapped.TAPPED` and a port.
        seed: of everything random; None takes the system's random source.
        acquirer: address of an acquirer elsewhere; None runs one in this process.
        serial: serial port of this computer with an acquirer at its end, for the terminal's serial line; there too
            the clock runs free.
        realtime: follow the computer's clock (always so with an acquirer elsewhere).
        epoch: date and time at which the virtual clock starts; None: now.
        heap: MicroPython heap of the Unix port, as for `-X heapsize=`.
        image: MicroPython image for QEMU, one of `tillbench.host.emulator.qemu_images.IMAGES`.
        fast_keys: no contact bounce, for long runs where the keypad is not the matter.
        prepared: a state that is new has the terminal's master key in its key slot, as a terminal that was prepared
            before it was sent to the shop; False: the slot is empty, and the terminal begins with its commissioning.
        printer_port: where network hosts reach the printer; None: it has its serial line only.
        display: which panel it has: SSD1306, or a colour panel, ST7789 or ILI9341.
        slot: how it gets at the chip card, one of `SLOTS`.
        battery: millivolts of the cell that is in it from the start; None: it runs from the mains.
        wifi: its network line is Wi-Fi, with the access points of `devices.wlan.around`; in a state that is new, and
            `prepared`, it has joined the shop's.
        watch_heap: the board looks at its heap with each picture, after a collection: see `bench.Memory.peak`.
    """

    state: Path
    target: str = "unix"
    seed: int | str | None = None
    acquirer: tuple[str, int] | None = None
    serial: str | None = None
    realtime: bool = False
    epoch: datetime | None = None
    heap: str = "2M"
    image: str = "heap100k"
    fast_keys: bool = False
    prepared: bool = True
    watch_heap: bool = False
    display: str = "SSD1306"
    slot: str = "pins"
    printer_port: PrinterPort | None = None
    battery: int | None = None
    wifi: bool = False


def check_target(name: str) -> str:
    """`name`, if it is a target.

    Raises:
        ValueError: it is none; the message lists those there are.
    """
    if name not in TARGETS and not (name.startswith(SERIAL) and len(name) > len(SERIAL)):
        raise ValueError(f"no such target; there is {', '.join(TARGETS)}, serial:PORT")
    return name


class Emulator:
    """Models on a bench, wired as the board says that it is wired."""

    bench_type: type[Bench] = Bench

    def __init__(self, options: Options, profiles: Iterable[CardProfile] | None = None) -> None:
        self.options = options
        self.state = StateDir(options.state)
        self.state.prepare()
        self.entropy = Entropy(options.seed)
        start = options.epoch or datetime.now()
        self.profiles = {
            profile.name: profile for profile in profiles or (load_profile(name) for name in profile_names())
        }
        is_new = not self.state.has_keys
        if not options.prepared and is_new:
            self.state.key_slot(self.entropy)
            self.state.keep_slot({})
        self.master_key = self.state.key_slot(self.entropy)["TMK"]
        self.vaults = Vaults(self.entropy.stream("device"), self.state.slot_content(self.entropy))
        self.vaults.on_change = lambda: self.state.keep_slot(self.vaults.keys)
        self.bench = self.bench_type(
            self._start_process,
            self.vaults,
            # The board's calendar runs in local time, which it takes as it comes.
            epoch_s=int(start.replace(tzinfo=UTC).timestamp()),
            realtime=options.realtime or options.acquirer is not None or options.serial is not None,
        )
        self.bench.settings = {
            "flash": str(self.state.flash.resolve()),
            "flash_size": str(FLASH_SIZE),
            "acquirer_host": options.acquirer[0] if options.acquirer else "acquirer",
            "acquirer_port": str(options.acquirer[1]) if options.acquirer else "8583",
        }
        if options.battery is not None:
            self._has_battery()
        if options.slot != "pins":
            self.bench.settings["slot"] = options.slot
        self.wifi: Wlan | None = None
        if options.wifi:
            self.wifi = Wlan(self.bench.clock, around())
            self.bench.air = Air(self.bench, self.wifi)
            self.bench.settings["wifi"] = "1"
            if options.prepared and is_new:
                shop = self.wifi.access_points[0]
                self.vaults.store(SLOT_ENTRY, slot_record(str(shop.ssid), shop.key))
        if options.watch_heap:
            self.bench.settings["watch_heap"] = "1"
        if options.target.startswith(SERIAL):
            self.bench.flash = NorFlash(self.state.flash, FLASH_SIZE)
        self.entry = CardEntry(self.bench, self.state, self.profiles)
        self.acquirer: Acquirer | None = None
        self.line: AcquirerLine | TcpLine
        if options.acquirer is None:
            self.acquirer = Acquirer(
                self.state.ledger_url,
                self._local_time(start),
                self.entropy.stream("acquirer"),
                lmk=self.state.ledger_key(self.entropy),
            )
            self.acquirer.provision(
                self.profiles.values(), [TerminalSetup(TERMINAL_ID, MERCHANT_ID, self.master_key)], new_chips=False
            )
            self.line = AcquirerLine(self.bench, self.acquirer, self.entropy.seed)
        else:
            self.line = TcpLine(self.bench)
        self.bench.line = self.line
        self.bench.on_hello = self._wire
        self.bench.on_pin_entry = self._pin_entry
        self.bench.on_power_cut = self._power_is_off
        self.pin_entry_open = False
        self.key_listeners: list[Callable[[KeyEvent], None]] = []
        self.pin_listeners: list[Callable[[bool], None]] = []
        self.controller_listeners: list[Callable[[str, bytes], None]] = []
        self.power_listeners: list[Callable[[bool], None]] = []
        self.sound_listeners: list[Callable[[int], None]] = []
        self.led_listeners: list[Callable[[str, bool], None]] = []
        self.scan_listeners: list[Callable[[str], None]] = []
        self.case_listeners: list[Callable[[bool], None]] = []
        self.panel: Panel | ColourPanel = Panel(self.entropy.random("panel"))
        if options.display in CONTROLLERS:
            controller = CONTROLLERS[options.display]
            self.panel = ColourPanel(controller, self.entropy.random("panel"), lambda: self.bench.clock.now)
            self.bench.settings["display"] = controller.name
        self.screen = Screen(self.panel, lambda: self.bench.clock.now)
        self.bench.on_frame = self.screen.committed
        self.keypad: KeypadModel
        self.printer: Printer
        self.slot: CardHolder
        self.contactless: Pn532
        self.buzzer: Buzzer
        self.leds: Leds
        self.case: Case
        self.battery: Battery
        self.scanner: BarcodeScanner
        self.serial: SerialEnd | TtyEnd | None = None
        self._wired = False

    def _local_time(self, start: datetime) -> Callable[[], datetime]:
        return lambda: start.replace(tzinfo=None) + timedelta(microseconds=self.bench.clock.now)

    def _start_process(self) -> DeviceProcess:
        program, folder = firmware_root() / "main.py", self.state.path.resolve()
        if self.options.target.startswith(SERIAL):
            return SerialDevice.start(self.options.target.removeprefix(SERIAL))
        if self.options.target == "qemu":
            return QemuProcess.start(program, image=self.options.image, cwd=folder, flash=self.state.flash.resolve())
        return UnixProcess.start(program, heap=self.options.heap, cwd=folder)

    def _pin_entry(self, is_open: bool) -> None:
        self.pin_entry_open = is_open
        if is_open:
            self.entry.pin_entry_opens()
        for listener in self.pin_listeners:
            listener(is_open)

    def _key_event(self, event: KeyEvent) -> None:
        for listener in self.key_listeners:
            listener(event)

    def _wire(self) -> None:
        """The board has said where its parts are: put the models there. After a restart they are there already."""
        self.pin_entry_open = False
        if self._wired:
            self.panel.power_cycle()
            return
        self._wired = True
        bench, parts = self.bench, self.bench.parts
        if isinstance(self.panel, ColourPanel):
            place_colour_panel(bench, self.panel)
        else:
            place_panel(bench, self.panel)
        self.keypad = place_keypad(
            bench,
            self.entropy.random("keypad"),
            bounce=not self.options.fast_keys,
            masked=lambda: self.pin_entry_open,
            on_event=self._key_event,
        )
        self.printer = Printer(
            bench.clock, bench.uart(int(parts["printer"]["uart"])), bench.nets, f"P{parts['printer']['busy']}"
        )
        if self.options.printer_port is not None:
            self.options.printer_port.attach(bench, self.printer)
        if self.options.slot == "ccid":
            self.slot = controller = place_controller(bench)
            controller.on_request = partial(self._controller, "<")
            controller.on_answer = partial(self._controller, ">")
        else:
            self.slot = place_slot(bench, self.entropy.random("slot"))
        self.contactless = place_contactless(bench)
        self.entry.wire(self.slot, self.contactless)
        self.buzzer = Buzzer(bench.clock, bench.nets, f"P{parts['buzzer']['pin']}", on_change=self._sound)
        self.leds = Leds(
            bench.clock,
            bench.nets,
            {name: f"P{pin}" for name, pin in parts["leds"].items() if name != "mode"},
            on_change=self._led,
        )

        self.case = Case(bench.nets, f"P{parts['tamper']['pin']}", self.vaults.erase, self._case)
        self.battery = Battery(bench.clock, bench.nets, f"P{parts['battery']['pin']}", self._has_battery)
        if self.options.battery is not None:
            self.battery.insert(self.options.battery)
        self.scanner = BarcodeScanner(bench.clock, bench.uart(int(parts["scanner"]["uart"])))
        if "serial_line" in parts:
            port = bench.uart(int(parts["serial_line"]["uart"]))
            if self.options.serial is not None:
                self.serial = TtyEnd(bench, port, self.options.serial)
            elif self.acquirer is not None:
                self.serial = SerialEnd(bench, port, partial(self.acquirer.connect, "unionpay-serial"))
                self.serial.on_frame = lambda direction, frame: self.line.on_bytes(direction, frame)

    def _has_battery(self) -> None:
        """From its next start on the board measures it; one without a battery saves the heap of the driver."""
        self.bench.settings["battery"] = "1"

    def _case(self, is_open: bool) -> None:
        for listener in self.case_listeners:
            listener(is_open)

    def _sound(self, hz: int) -> None:
        for listener in self.sound_listeners:
            listener(hz)

    def _led(self, name: str, on: bool) -> None:
        for listener in self.led_listeners:
            listener(name, on)

    # Power

    def power_on(self) -> None:
        """Start the device; returns when it has said hello."""
        if not self.bench.powered:
            self.bench.power_on()
            for listener in self.power_listeners:
                listener(True)

    def power_off(self) -> None:
        """Cut the power: nothing of the firmware runs any more, connections hang."""
        if self.bench.powered:
            self.bench.power_off()
            self._power_is_off()

    def _power_is_off(self) -> None:
        self.line.hang_up()
        if self.serial is not None:
            self.serial.hang_up()
        self.pin_entry_open = False
        if self._wired:
            self.slot.power_lost()
            self.contactless.power_dip()
            self.keypad.hands_off()
        for listener in self.power_listeners:
            listener(False)

    def snapshot(self, *roots: object) -> Snapshot:
        """Keep the terminal, its peripherals, cards and acquirer as they are: see `Bench.snapshot`.

        Raises:
            NoSnapshot: also with an acquirer, or the card in the slot, elsewhere.
        """
        if self.acquirer is None:
            raise NoSnapshot("an acquirer elsewhere cannot be put back")
        if self.entry.is_lent:
            raise NoSnapshot("a card in a reader of the computer cannot be put back")
        return self.bench.snapshot(self, *roots)

    def restore(self, snapshot: Snapshot) -> None:
        """Be what `snapshot` has kept: see `Bench.restore`."""
        self.bench.restore(snapshot)

    def profile(self, name: str) -> CardProfile:
        """The card profile of that name. ProfileError lists the names there are."""
        return self.entry.profile(name)

    def _controller(self, direction: str, data: bytes) -> None:
        for listener in self.controller_listeners:
            listener(direction, data)

    def plug_in_loader(self, key: bytes | None = None) -> None:
        """A key loader is on the cable, with the master key that was made for this terminal, or with another key."""
        self.vaults.offered["TMK"] = key or self.master_key

    def scan(self, text: str) -> str:
        """Hold a code in front of the scanner; returns its text. NoCode: there is no such code."""
        self.scanner.scan(text)
        for listener in self.scan_listeners:
            listener(text)
        return text

    def scan_slip(self, number: int | None = None) -> str:
        """Hold a slip in front of it, the last one if it is not said which; returns what its code says.

        Raises:
            LookupError: there is no such slip.
            NoCode: there is no code on it.
        """
        slips = self.printer.receipts()
        number = number or len(slips)
        if not 0 < number <= len(slips):
            raise LookupError(f"no slip {number}: there are {len(slips)}" if slips else "no slip was cut yet")
        return self.scan(self.scanner.read(slips[number - 1].image, f"slip {number}"))

    def close(self) -> None:
        """Stop everything that was started."""
        self.power_off()
        self.entry.close()
        if isinstance(self.serial, TtyEnd):
            self.serial.close()
        if self.options.printer_port is not None:
            self.options.printer_port.close()
        if self.acquirer is not None:
            self.acquirer.close()
