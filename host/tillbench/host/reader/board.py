"""The reader for a computer: its models on a bench in a thread of its own, for pcscd does not wait for anybody.

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
from tillbench.host.cards.pps import in_characters
from tillbench.host.devices.keypad import KeyEvent
from tillbench.host.emulator.pace import FASTEST
from tillbench.host.mailbox import Mailbox
from tillbench.host.reader.host_port import HostPort
from tillbench.host.reader.models import ReaderModels

_FOREVER_S = 10_000_000.0
_START_S = 60.0
_JOB_S = 30.0
_REACTION_US, _STROKE_US = 300_000, 250_000
_BOUNCES = 2
T = TypeVar("T")


class ReaderFault(Exception):
    """The board has ended, or says nothing; the text tells why."""


class ReaderBoard:
    """The reader, switched on, at a pseudo-terminal. Any thread may call its methods.

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
        """Raises what the board's start raises: LinkLost, NoQemu, NoMicroPython."""
        self.failure: BaseException | None = None
        self._fast = fast
        self._typed: Callable[[], None] = lambda: None
        self._stopping = False
        self._folder = Path(tempfile.mkdtemp(prefix="tillbench-reader-"))
        self.models = ReaderModels(target, self._folder, realtime=True, image=image, seed=seed, on_key=on_key)
        self.models.on_pin_entry = self._pin_entry
        self.port = HostPort()
        self._mailbox = Mailbox()
        self._thread = threading.Thread(target=self._run, name="reader", daemon=True)
        self._started: Future[None] = Future()
        self._thread.start()
        try:
            self._started.result(_START_S)
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> ReaderBoard:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    def _pin_entry(self, is_open: bool) -> None:
        self._keep_pace()
        if is_open:
            self._typed()

    def _keep_pace(self) -> None:
        assert self.models.bench.pace is not None
        self.models.bench.pace.set_speed(FASTEST if self._fast and not self.models.pin_entry_open else 1.0)

    # The bench's thread

    def _run(self) -> None:
        bench = self.models.bench
        try:
            bench.externals[self.port] = self.port.hear
            bench.externals[self._mailbox] = self._hear
            self.models.power_on()
            self.port.attach(self.models.host)
            self._keep_pace()
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
                bench.power_off()

    def _hear(self) -> None:
        self._mailbox.hear()
        # Something is due now: the wait for the computer's clock ends.
        self.models.bench.clock.after(0, lambda: None)

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
        inside = in_characters(card)

        def put_in() -> None:
            self.port.watch()
            self.models.slot.insert(inside, _BOUNCES)

        self.do(put_in)

    def pull(self) -> None:
        """Take the card out, if there is one."""

        def take_out() -> None:
            self.port.watch()
            self.models.slot.remove(_BOUNCES)

        self.do(take_out)

    def press(self, keys: str) -> None:
        """Press keys as a person would: `1 2 3 4 ENTER`. ValueError for a key that is not there."""
        self.do(lambda: self.models.type(keys))

    def press_at_pin_entry(self, keys: str) -> None:
        """Press these keys each time a PIN is asked for. ValueError for a key that is not there."""
        typed, clock = self.models.keypad.keys(keys), self.models.bench.clock

        def type_in() -> None:
            for number, key in enumerate(typed):
                clock.after(_REACTION_US + number * _STROKE_US, partial(self._stroke, key))

        self._typed = type_in

    def _stroke(self, key: str) -> None:
        self.models.keypad.press(key)

    def wait_text(self, text: str, timeout_s: float = 30.0) -> str:
        """Until the screen shows `text`; returns all of it. Raises WaitTimeout after so many virtual seconds."""
        return self.do(lambda: self.models.wait_text(text, timeout_s))

    def wait(self) -> None:
        """Until the board has ended."""
        self._thread.join()

    def close(self) -> None:
        """Switch it off, and let go of the port; without an effect the second time."""
        if self._stopping:
            return
        self._stopping = True
        if self._thread.is_alive():
            self._mailbox.put(lambda: None)
            self._thread.join(_JOB_S)
        self.port.close()
        self._mailbox.close()
        shutil.rmtree(self._folder, ignore_errors=True)
