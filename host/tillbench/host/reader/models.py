"""A board with the reader's firmware and the models that it is wired to, without anybody at its serial port yet."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tillbench.host.devices.keypad import KeyEvent, KeypadModel
from tillbench.host.devices.panel import Panel
from tillbench.host.devices.slot import Slot
from tillbench.host.emulator.bench import Bench
from tillbench.host.emulator.device_process import DeviceProcess
from tillbench.host.emulator.micropython import UnixProcess, firmware_root
from tillbench.host.emulator.placing import place_keypad, place_panel, place_slot
from tillbench.host.emulator.qemu import QemuProcess
from tillbench.host.emulator.screen import Screen
from tillbench.host.emulator.serial_device import SerialDevice
from tillbench.host.emulator.vaults import Vaults
from tillbench.host.emulator.wires import UartPort
from tillbench.host.entropy import Entropy

PROGRAM = "reader_main"
TITLE = "TILLBENCH READER"
SERIAL = "serial:"
_START_S = 60.0
_PAUSE_S = 0.1


class ReaderModels:
    """The reader on a bench.

    Args:
        target: unix, qemu, or serial: and the port of a board on which everything is virtual.
        folder: for its files.
        realtime: the clock follows the computer's, instead of jumping.
        image: for QEMU.
        seed: of what is random in the models.
        on_key: hears every finger on the keypad, masked while a PIN is entered.
    """

    def __init__(
        self,
        target: str,
        folder: Path,
        *,
        realtime: bool = False,
        image: str = "heap100k",
        seed: int | str | None = None,
        on_key: Callable[[KeyEvent], None] = lambda event: None,
    ) -> None:
        self.pin_entry_open = False
        self.on_pin_entry: Callable[[bool], None] = lambda is_open: None
        self.on_frame: Callable[[str], None] = lambda text: None
        self._target = target
        self._folder = folder
        self._image = image
        self._on_key = on_key
        entropy = Entropy(seed)
        self._random = entropy.random
        self.bench = Bench(self._start, Vaults(entropy.stream("device")), realtime=realtime)
        self.bench.on_hello = self._wire
        self.bench.on_pin_entry = self._pin_entry
        self.bench.on_frame = self._frame
        self.panel = Panel(entropy.random("panel"))
        self.screen = Screen(self.panel, lambda: self.bench.clock.now)
        self.keypad: KeypadModel
        self.slot: Slot
        self.host: UartPort

    def _start(self) -> DeviceProcess:
        program = firmware_root() / f"{PROGRAM}.py"
        if self._target.startswith(SERIAL):
            return SerialDevice.start(self._target.removeprefix(SERIAL), PROGRAM)
        if self._target == "qemu":
            return QemuProcess.start(program, image=self._image, cwd=self._folder)
        return UnixProcess.start(program, cwd=self._folder)

    def _wire(self) -> None:
        """The board has said where its parts are."""
        bench = self.bench
        place_panel(bench, self.panel)
        self.keypad = place_keypad(
            bench, self._random("keypad"), masked=lambda: self.pin_entry_open, on_event=self._on_key
        )
        self.slot = place_slot(bench, self._random("slot"))
        self.host = bench.uart(int(bench.parts["host"]["uart"]))

    def _frame(self, number: int) -> None:
        self.screen.committed(number)
        self.on_frame(self.screen.text)

    def _pin_entry(self, is_open: bool) -> None:
        self.pin_entry_open = is_open
        self.on_pin_entry(is_open)

    def power_on(self) -> None:
        """Switch it on; returns when it listens to its serial port. Raises what the board's start raises."""
        self.bench.power_on()
        self.bench.run_until(lambda: TITLE in self.screen.text, _START_S, "the reader to show that it is there")

    def type(self, keys: str) -> None:
        """Press keys as a person would: `1 2 3 4 ENTER`. Returns when the last one is up."""
        for key in self.keypad.keys(keys):
            rest_at = self.keypad.press(key)
            self.bench.run_for(max(rest_at - self.bench.clock.now, 0) / 1_000_000 + _PAUSE_S)

    def wait_text(self, text: str, timeout_s: float) -> str:
        """Until the screen shows `text`; returns all of it. Raises WaitTimeout after so many virtual seconds."""
        self.bench.run_until(lambda: text in self.screen.text, timeout_s, f"the reader to show {text!r}")
        return self.screen.text
