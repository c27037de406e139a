"""A board with the reader's firmware on a bench of its own, in a thread: pcscd does not wait for anybody.

The clock follows the computer's. With `fast` it runs ahead of it, so that a card's characters, 1 ms each at 10,753
baud, take next to no time; while a PIN is entered it does not, or a person would be too slow.
"""

from __future__ import annotations

import contextlib
import shutil
import tempfile
import threading
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from pathlib import Path
from typing import TypeVar

from tillbench.host.cards.apdu_card import ApduCard
from tillbench.host.cards.t0 import T0Card
from tillbench.host.cards.t1 import T1Card
from tillbench.host.devices.keypad import KeyEvent, KeypadModel
from tillbench.host.devices.panel import Panel
from tillbench.host.devices.slot import CharacterCard, Slot
from tillbench.host.emulator.bench import Bench, DeviceProcess, Vaults
from tillbench.host.emulator.micropython import UnixProcess, firmware_root
from tillbench.host.emulator.qemu import QemuProcess
from tillbench.host.emulator.screen import Screen
from tillbench.host.emulator.serial_device import SerialDevice
from tillbench.host.entropy import Entropy
from tillbench.host.mailbox import Mailbox
from tillbench.host.reader.host_port import HostPort
from tillbench.protocols.atr import first_protocol

PROGRAM = "reader_main"
TITLE = "TILLBENCH READER"
SERIAL = "serial:"
FAST = 1000.0
"""Times the computer's clock."""
_FOREVER_S = 10_000_000.0
_START_S = 60.0
_JOB_S = 30.0
_REACTION_US, _STROKE_US = 300_000, 250_000
T = TypeVar("T")


class ReaderFault(Exception):
    """The board has ended, or says nothing; the text has its console."""


class ReaderBoard:
    """The reader. Everything but `close` may be called by any thread.

    Args:
        target: unix, qemu, or serial: and the port of a board on which everything is virtual.
        fast: the card's characters take no time.
        image: for QEMU.
        seed: of what is random in the models.
        on_key: hears every finger on the keypad, masked while a PIN is entered.
    """

    def __init__(
        self,
        target: str = "unix",
        *,
        fast: bool = False,
        image: str = "heap100k",
        seed: int | str | None = None,
        on_key: Callable[[KeyEvent], None] = lambda event: None,
    ) -> None:
        self.target = target
        self.port = HostPort()
        self.failure: BaseException | None = None
        self.pin_entry_open = False
        self.on_frame: Callable[[str], None] = lambda text: None
        self._typed: Callable[[], None] = lambda: None
        self._fast = fast
        self._image = image
        self._on_key = on_key
        self._folder = Path(tempfile.mkdtemp(prefix="tillbench-reader-"))
        self._mailbox = Mailbox()
        self._stopping = False
        entropy = Entropy(seed)
        self._random = entropy.random
        self.bench = Bench(self._start, Vaults(entropy.stream("device")), realtime=True)
        self.bench.on_hello = self._wire
        self.bench.on_pin_entry = self._pin_entry
        self.bench.on_frame = self._frame
        self.panel = Panel(entropy.random("panel"))
        self.screen = Screen(self.panel, lambda: self.bench.clock.now)
        self.keypad: KeypadModel
        self.slot: Slot
        self._thread = threading.Thread(target=self._run, name="reader", daemon=True)

    def start(self) -> None:
        """Switch it on; returns when it serves its port. Raises what the board's start raises."""
        started: Future[None] = Future()
        self._started = started
        self._thread.start()
        try:
            started.result(_START_S)
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> ReaderBoard:
        if self._thread.ident is None:
            self.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    def _start(self) -> DeviceProcess:
        program = firmware_root() / f"{PROGRAM}.py"
        if self.target.startswith(SERIAL):
            return SerialDevice.start(self.target.removeprefix(SERIAL), PROGRAM)
        if self.target == "qemu":
            return QemuProcess.start(program, image=self._image, cwd=self._folder)
        return UnixProcess.start(program, cwd=self._folder)

    def _wire(self) -> None:
        """The board has said where its parts are."""
        bench, parts = self.bench, self.bench.parts
        bench.i2c(int(parts["display"]["i2c"])).attach(int(parts["display"]["addr"]), self.panel)
        self.keypad = KeypadModel(
            bench.clock,
            bench.nets,
            [f"P{pin}" for pin in parts["keypad"]["rows"].split(",")],
            [f"P{pin}" for pin in parts["keypad"]["cols"].split(",")],
            self._random("keypad"),
            masked=lambda: self.pin_entry_open,
            on_event=self._on_key,
        )
        card = parts["card"]
        contacts = {name: f"P{card[name]}" for name in ("rst", "clk", "vcc", "present")}
        uart = bench.uart(int(card["uart"]))
        self.slot = Slot(bench.clock, bench.nets, uart, **contacts, rng=self._random("slot"))
        self.port.attach(bench.uart(int(parts["host"]["uart"])))

    def _frame(self, number: int) -> None:
        self.screen.committed(number)
        self.on_frame(self.screen.text)

    def _pin_entry(self, is_open: bool) -> None:
        self.pin_entry_open = is_open
        self._keep_pace()
        if is_open:
            self._typed()

    def _keep_pace(self) -> None:
        assert self.bench.pace is not None
        self.bench.pace.set_speed(FAST if self._fast and not self.pin_entry_open else 1.0)

    # The bench's thread

    def _run(self) -> None:
        try:
            bench = self.bench
            bench.power_on()
            self._keep_pace()
            bench.externals[self.port] = self.port.hear
            bench.externals[self._mailbox] = self._hear
            bench.run_until(lambda: TITLE in self.screen.text, _START_S, "the reader to show that it is there")
            self._started.set_result(None)
            while not self._stopping:
                bench.run_until(lambda: len(self._mailbox) > 0, _FOREVER_S, "a job")
                self._mailbox.empty()
        except BaseException as error:
            self.failure = error
            if not self._started.done():
                self._started.set_exception(error)
        finally:
            with contextlib.suppress(Exception):
                self.bench.power_off()

    def _hear(self) -> None:
        self._mailbox.hear()
        # Something is due now: the wait for the computer's clock ends.
        self.bench.clock.after(0, lambda: None)

    def do(self, job: Callable[[], T]) -> T:
        """Have something done by the bench's thread, at a moment at which the board is idle.

        Raises:
            ReaderFault: the board has ended.
        """
        if self.failure is not None:
            raise ReaderFault(f"the reader has ended: {self.failure}") from self.failure
        return self._mailbox.put(job).result(_JOB_S)

    # What a person does

    def insert(self, card: ApduCard) -> None:
        """Put a card in."""
        self.insert_characters(T1Card(card) if first_protocol(card.atr) == 1 else T0Card(card))

    def insert_characters(self, card: CharacterCard) -> None:
        """The same with a card that speaks for itself."""

        def put_in() -> None:
            self.port.watch()
            self.slot.insert(card, bounces=2)

        self.do(put_in)

    def pull(self) -> None:
        """Take the card out, if there is one."""

        def take_out() -> None:
            self.port.watch()
            self.slot.remove(bounces=2)

        self.do(take_out)

    def press(self, keys: str) -> None:
        """Press keys as a person would: `1 2 3 4 ENTER`. Returns when the last one is up."""

        def type_in() -> None:
            bench = self.bench
            for key in self.keypad.keys(keys):
                rest_at = self.keypad.press(key)
                bench.run_for(max(rest_at - bench.clock.now, 0) / 1_000_000 + 0.1)

        self.do(type_in)

    def press_at_pin_entry(self, keys: str) -> None:
        """Press these keys each time a PIN is asked for. ValueError for a key that is not there."""
        typed = self.keypad.keys(keys)

        def type_in() -> None:
            at = self.bench.clock.now + _REACTION_US
            for key in typed:
                self.bench.clock.at(at, partial(self.keypad.press, key))
                at += _STROKE_US

        self._typed = type_in

    def wait(self) -> None:
        """Until the board has ended."""
        self._thread.join()

    def wait_text(self, text: str, timeout_s: float = 30.0) -> str:
        """Until the screen shows `text`; returns all of it. Raises WaitTimeout after so many virtual seconds."""

        def look() -> str:
            self.bench.run_until(lambda: text in self.screen.text, timeout_s, f"the reader to show {text!r}")
            return self.screen.text

        return self.do(look)

    def close(self) -> None:
        """Switch it off, and let go of the port."""
        if self._stopping:
            return
        self._stopping = True
        if self._thread.is_alive():
            self._mailbox.put(lambda: None)
            self._thread.join(_JOB_S)
        self.port.close()
        self._mailbox.close()
        shutil.rmtree(self._folder, ignore_errors=True)
