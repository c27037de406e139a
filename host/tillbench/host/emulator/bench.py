"""The bench: one virtual board, its wires, and the clock that it owns.

Everything happens in the caller's thread: `run_until` lets device and models run until something is true. The device
runs while it has something to do; when it is idle, the clock moves to whatever comes first, a model's appointment or
the device's own wake-up. What models send goes out together with the time at which they sent it, so two runs with the
same inputs are the same to the byte.
"""

from __future__ import annotations

import select
import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from tillbench.host.devices.nor_flash import NorFlash, PowerCut
from tillbench.host.emulator import flash_calls, sockets
from tillbench.host.emulator.air import Air
from tillbench.host.emulator.board_wires import BoardWires
from tillbench.host.emulator.calls import Call
from tillbench.host.emulator.death import cause_of_death
from tillbench.host.emulator.device_process import DeviceProcess
from tillbench.host.emulator.link import LinkEnd, LinkLost
from tillbench.host.emulator.memento import CannotKeep, Memento
from tillbench.host.emulator.pace import Pace
from tillbench.host.emulator.snapshot import NoSnapshot, Rewindable, Snapshot, end_with, place
from tillbench.host.emulator.vaults import Vaults
from tillbench.protocols import literal
from tillbench.protocols.link import (
    NEVER,
    SHOWN_TOO,
    Channel,
    Desk,
    Event,
    Net,
    Reader,
    Run,
    Socket,
    System,
    Uart,
)

ALONE_US = 1_000_000
"""For how long a device may poll by itself at most: a dead one is noticed, and who waits for something sees it."""


class WaitTimeout(AssertionError):
    """What a test or a person waited for did not happen."""


@dataclass(frozen=True, slots=True)
class Memory:
    """Heap of the device in bytes, after a collection."""

    used: int
    free: int
    peak: int = 0
    """Most in use at any picture on the screen since it was last asked; 0 unless the board is told `watch_heap`."""


def board_parts(hello: str) -> dict[str, dict[str, str]]:
    """What a board says of itself: `board` with its name, and where each of its parts is."""
    board, *lines = hello.split("\n")
    parts = {"board": {"name": board}}
    for line in filter(None, lines):
        name, mode, *pairs = line.split()
        parts[name] = {"mode": mode, **dict(pair.split("=", 1) for pair in pairs)}
    return parts


class Bench(BoardWires):
    """A board under test with its wires.

    Args:
        start: makes the device's process; called at power on.
        vaults: entropy and keys.
        settings: what WELCOME tells the board, beside the clock.
        epoch_s: Unix time (local) at which the virtual clock starts.
        realtime: the clock follows the computer's, at its `pace`, instead of jumping.
    """

    def __init__(
        self,
        start: Callable[[], DeviceProcess],
        vaults: Vaults,
        *,
        settings: dict[str, str] | None = None,
        epoch_s: int = 1_795_449_600,
        realtime: bool = False,
    ) -> None:
        super().__init__()
        self.epoch_s = epoch_s
        self.settings = dict(settings or {})
        self.parts: dict[str, dict[str, str]] = {}
        self.memory: Memory | None = None
        self.faults: dict[str, int] = {}
        self.line: sockets.Line | None = None
        self.air: Air | None = None
        self.flash: NorFlash | None = None
        self.externals: dict[Any, Callable[[], None]] = {}
        self.on_frame: Callable[[int], None] = lambda number: None
        self.pin_entry_open = False
        self.screen_tells = False
        """What is entered is on the screen as well, letter by letter."""
        self.on_pin_entry: Callable[[bool], None] = lambda is_open: None
        self.on_log: Callable[[str], None] = lambda text: None
        self.on_desk: Callable[[int, bytes], None] = lambda op, piece: None
        self.on_message: Callable[[str, Channel, bytes], None] = lambda direction, channel, payload: None
        self.on_hello: Callable[[], None] = lambda: None
        self.on_power_cut: Callable[[], None] = lambda: None
        self.end: LinkEnd | None = None
        self._start = start
        self._vaults = vaults
        self.pace = Pace() if realtime else None
        self._process: DeviceProcess | None = None
        self._idle_until: int | None = None  # None: the device is running
        self._pending: list[tuple[Channel, bytes]] = []
        self._rtc: tuple[int, bytes] | None = None  # what the device's RTC was set to, and its memory
        self._call = Call({})
        self._lost: str | None = None

    # Snapshots

    outside_of_mementos = ("_process", "end")

    def snapshot(self, *roots: object) -> Snapshot:
        """Keep everything as it is when the device has done all that it does at this moment: the device with its
        flash, the link, the clock and its appointments, every model, and what can be reached from `roots`.

        Raises:
            NoSnapshot: the target cannot be kept, the power is off, or a model is in the middle of something.
            MonitorError: QEMU cannot write it, for instance to a full disk; the message has its own words.
        """
        if self.pace is not None:
            raise NoSnapshot("a bench on the computer's clock cannot be put back: its time goes on")
        if self._process is None or self.end is None:
            raise NoSnapshot("the power is off: there is no device to keep")
        if not isinstance(self._process, Rewindable):
            name = self.parts.get("board", {}).get("name", "this board")
            raise NoSnapshot(f"{name} cannot be kept as it is: snapshots need target qemu")
        self.settle()
        try:
            models = Memento(self, *roots)
        except CannotKeep as error:
            raise NoSnapshot(str(error)) from None
        snapshot = Snapshot(place(), models, self.end.position)
        end_with(snapshot)
        self._process.keep(snapshot.file)
        return snapshot

    def restore(self, snapshot: Snapshot) -> None:
        """Be what `snapshot` has kept, whatever has happened since; as often as you like, also after a power cut.

        What has been recorded since, in whatever hangs on the bench, is gone too: copy it first.
        """
        if self._process is None:
            self._process = self._start()
            self.end = LinkEnd(self._process.wire)
            self.end.on_stray = self._process.printed
        assert self.end is not None
        assert isinstance(self._process, Rewindable)
        self._process.go_back(snapshot.file)
        snapshot.models.put_back()
        self.end.resume(snapshot.frames)

    # For the device

    def post_socket(self, op: Socket, number: int, data: bytes = b"") -> None:
        """Something for the device's socket `number`."""
        if self.air is not None and not self.air.down(op, number, data):
            return
        self.post_at_once(op, number, data)

    def post_at_once(self, op: Socket, number: int, data: bytes = b"") -> None:
        """The same, whatever its radio does."""
        self._post(Channel.SOCKET, bytes([op, number]) + data)

    def from_device(self, payload: bytes) -> None:
        """A SOCKET frame of the device's that its radio had to hold back."""
        sockets.take(payload[0], payload, self.line, self.post_socket)

    def hang_up(self) -> None:
        """The device's connections are gone without a word."""
        if self.line is not None:
            self.line.hang_up()

    def post_desk(self, op: Desk, piece: bytes) -> None:
        """A piece of a request to the application."""
        self._post(Channel.DESK, bytes([op]) + piece)

    def post_reader(self, op: Reader, track: bytes = b"") -> None:
        """Something at the stripe reader."""
        self._post(Channel.READER, bytes([op]) + track)

    def _post(self, channel: Channel, payload: bytes) -> None:
        # Never at once: it goes out with the grant of the time at which it was sent.
        if self.powered:
            self._pending.append((channel, payload))

    # Power

    @property
    def powered(self) -> bool:
        """True while the device's process runs."""
        return self._process is not None

    def console(self) -> str:
        """What the device has printed since its first start; "" while it is off."""
        return self._process.console() if self._process is not None else ""

    def power_on(self) -> None:
        """Start the device and wait for its hello.

        Raises:
            LinkLost: it ended, or says nothing; the message has its last console lines.
        """
        if self._process is not None:
            return
        self._pending.clear()
        self._outcome = None
        self._lost = None
        self._idle_until = None
        self._process = self._start()
        self.end = LinkEnd(self._process.wire)
        self.end.on_stray = self._process.printed
        self.parts = {}
        if self.flash is not None:
            self.flash.power_on(int(self.settings.get("cut_after", "0")))
        self._take_all(self.end.feed(self._process.heard))
        while not self.parts:
            self._turn()

    def power_off(self) -> None:
        """Cut the power: SIGKILL, nothing of the device runs any more."""
        if self._process is not None:
            self._process.kill()
            self._process = None
        self.end = None
        self._idle_until = None
        self._pending.clear()
        self._rtc = None
        self._dead()
        if self.air is not None:
            self.air.power_off()

    def _welcome(self, text: str) -> None:
        self.parts = board_parts(text)
        self.pin_entry_open = self.screen_tells = False
        told = {"steered": "1", "epoch": str(self.epoch_s), "now": str(self.clock.now), **self.settings}
        if self._rtc is not None:
            told |= {"epoch": str(self._rtc[0]), "rtc_memory": self._rtc[1].hex()}
        assert self.end is not None
        self.end.send(
            Channel.SYSTEM,
            bytes([System.WELCOME]) + "\n".join(f"{key}={value}" for key, value in told.items()).encode(),
        )
        self._tell_nets()
        self.on_hello()

    # Running

    def run_until(self, true: Callable[[], bool], timeout_s: float, what: str) -> None:
        """Let everything run until `true()`, and the device from there to its next idle moment.

        Only there the caller is told: what a device still says at the moment for which somebody waited comes before
        what the caller does next, whoever's thread is quicker. Without that two steered runs would differ.

        Args:
            true: asked after everything that the device does; once is enough.
            timeout_s: virtual seconds to wait at most.
            what: for the error: "the screen to show 'PIN'".

        Raises:
            WaitTimeout: the time is over, or nothing can happen any more.
            LinkLost: the device is gone.
        """
        limit = self.clock.now + int(timeout_s * 1_000_000)
        met = true()
        while not met or (self._idle_until is None and self.powered):
            if self._idle_until is None and self.powered:
                self._turn()
            elif self.clock.now >= limit and not self._pending:
                raise WaitTimeout(f"waited {timeout_s:g} s (virtual) for {what}")
            elif not self._grant(limit):
                raise WaitTimeout(f"waited for {what}, but nothing can happen any more: no key, card or message is due")
            met = met or true()

    def run_for(self, seconds: float) -> None:
        """Let everything run for `seconds` of virtual time."""
        until = self.clock.now + int(seconds * 1_000_000)
        self.clock.at(until, lambda: None)
        self.run_until(
            lambda: self.clock.now >= until and (self._idle_until is not None or not self.powered),
            seconds + 1,
            "time to pass",
        )

    def settle(self) -> None:
        """Let the device run until it has nothing to do at this moment."""
        self.run_until(lambda: self._idle_until is not None and not self._pending, 1, "the device to be idle")

    def _turn(self) -> None:
        assert self.end is not None
        try:
            messages = self.end.expect()
        except LinkLost as error:
            raise self._died(error) from None
        self._take_all(messages)

    def _take_all(self, messages: list[tuple[Channel, bytes]]) -> None:
        for channel, payload in messages:
            self.on_message("<", channel, payload)
            self._take(channel, payload)
            if not self.powered:
                return

    def _died(self, error: LinkLost) -> Exception:
        told = cause_of_death(error, self._process, self.settings.get("flash", "flash"))
        self._power_cut()
        return told

    def _grant(self, limit: int) -> bool:
        """Move the clock to the next thing; False if there is none."""
        due = self.clock.next_due()
        wake = self._idle_until if self.powered and self._idle_until != NEVER else None
        moments = [moment for moment in (due, wake) if moment is not None]
        if self._pending:
            moments = [self.clock.now]
        elif not moments and not self.externals:
            return False
        moment = max(min([*moments, limit]), self.clock.now)
        if self.pace is not None:
            moment = self._wait_for(moment, self.pace)
        self.clock.advance_to(moment)
        if not self.powered or self.end is None:
            return True
        if not self._pending and (wake is None or moment < wake):
            return True  # a model's own affair: an idle device sleeps on until something reaches it
        batch, self._pending = self._pending, []
        self._idle_until = None
        # After something that happened, the device's next idle moment is waited for: what it does there may be all.
        until = 0 if batch else self._alone_until(limit)
        grant = Channel.SYSTEM, struct.pack("<BQQB", System.GRANT, self.clock.now, until, bool(batch))
        self._send_all([grant, *batch, (Channel.SYSTEM, bytes([System.GO]))] if batch else [grant])
        return True

    def _alone_until(self, limit: int) -> int:
        """Before which moment a device that says nothing is alone in the world, and need not ask for the time."""
        if self.pace is not None:
            return 0
        due = self.clock.next_due()
        return min(limit, self.clock.now + ALONE_US, limit if due is None else due)

    def _wait_for(self, moment: int, pace: Pace) -> int:
        """Wait until the computer's clock shows `moment`, or something comes from outside; returns the time to grant.

        Late is late: the clock never jumps over a moment at which something is due, it catches up afterwards.
        """
        while True:
            ready = select.select(list(self.externals), [], [], pace.seconds_until(moment))[0]
            if not ready:
                return moment
            heard_at = max(min(pace.now_us, moment), self.clock.now)
            self.clock.advance_to(heard_at)
            for source in ready:
                self.externals[source]()
            if self._pending or not self.powered or (self.clock.next_due() or moment) <= heard_at:
                return heard_at
            moment = min(moment, self.clock.next_due() or moment)

    def _send(self, channel: Channel, payload: bytes) -> None:
        self._send_all([(channel, payload)])

    def _send_all(self, messages: Sequence[tuple[Channel, bytes]]) -> None:
        assert self.end is not None
        for channel, payload in messages:
            self.on_message(">", channel, payload)
        try:
            self.end.send_all(messages)
        except LinkLost as error:  # a port that went away
            raise self._died(error) from None

    # What the device says

    def _take(self, channel: Channel, payload: bytes) -> None:
        op = payload[0] if payload else -1
        match channel:
            case Channel.SYSTEM:
                self._system(op, payload)
            case Channel.NET if op in (Net.LEVEL, Net.PWM):
                self._net_says(op, payload)
            case Channel.UART if op in (Uart.CONFIG, Uart.WRITE):
                self._uart_says(op, payload)
            case Channel.I2C:
                answer = self._i2c_says(op, payload)
                if answer is not None:
                    self._send(Channel.I2C, answer)
            case Channel.SPI:
                answer = self.spi(payload[1]).take(op, payload[2:])
                if answer is not None:
                    self._send(Channel.SPI, answer)
            case Channel.SOCKET:
                if self.air is None or self.air.up(op, payload):
                    sockets.take(op, payload, self.line, self.post_socket)
            case Channel.WLAN if self.air is not None:
                self._send(Channel.WLAN, self.air.wlan.answer(op, payload[1:]))
            case Channel.EVENT if op == Event.FRAME:
                self.on_frame(struct.unpack_from("<I", payload, 1)[0])
            case Channel.EVENT if op == Event.PIN_ENTRY:
                self.pin_entry_open = bool(payload[1])
                self.screen_tells = payload[1] == SHOWN_TOO
                self.on_pin_entry(self.pin_entry_open)
            case Channel.LOG:
                self.on_log(payload.decode(errors="replace"))
            case Channel.RUN:
                answer = self._call.take(op, payload[1:])
                if answer is not None:
                    self._send(Channel.RUN, answer)
            case Channel.DESK:
                self.on_desk(op, payload[1:])
            case Channel.VAULT:
                self._send(Channel.VAULT, self._vaults.answer(op, payload[1:]))
            case Channel.FLASH if self.flash is not None:
                try:
                    self._send(Channel.FLASH, flash_calls.answer(self.flash, op, payload[1:]))
                except PowerCut:
                    self._power_cut()
            case _:
                raise LinkLost(f"the device sent what no bench knows: channel {channel}, {payload[:16].hex()}")

    def _system(self, op: int, payload: bytes) -> None:
        match op:
            case System.HELLO:
                self._welcome(payload[1:].decode())
            case System.IDLE:
                assert self.end is not None
                if self.end.all_taken:
                    self._idle_until = struct.unpack_from("<Q", payload, 1)[0]
            case System.NOW:
                (now,) = struct.unpack_from("<Q", payload, 1)
                due = self.clock.next_due()
                if now < self.clock.now or (due is not None and due <= now):
                    raise LinkLost(f"the device went on to {now} us by itself; something else is due at {due} us")
                self.clock.advance_to(now)
            case System.MEMORY:
                self.memory = Memory(*struct.unpack_from("<III", payload, 1))
            case System.FAULTS:
                names = ("bad_frames", "gaps", "repeats", "uart_overruns", "shorts")
                self.faults = dict(zip(names, struct.unpack_from("<HHHHH", payload, 1), strict=True))
            case System.POWER_CUT:
                self._power_cut()
            case System.RTC:
                self._rtc = (struct.unpack_from("<Q", payload, 1)[0], payload[9:])
            case System.RESET:
                kept = self._rtc
                self.power_off()
                self._rtc = kept
                self.power_on()

    def _power_cut(self) -> None:
        self.power_off()
        self.on_power_cut()

    def call(self, target: str, *args: Any, host: dict[str, Callable[..., Any]] | None = None, **kwargs: Any) -> Any:
        """Run `module:name` on the device with literal arguments; needs the runner as the device's program.

        Args:
            target: as in "crypto.des:kcv"; a coroutine is awaited.
            host: functions that the device may ask for while it runs.

        Raises:
            DeviceError: the function raised.
        """
        self._call = call = Call(host or {})
        self._post(Channel.RUN, bytes([Run.CALL]) + literal.encode((target, args, kwargs)))
        self.run_until(lambda: call.is_over, 24 * 3600, f"{target} to return")
        return call.result()

    def ask_memory(self) -> Memory:
        """The device's heap now, after a collection; fills `faults` too."""
        self.memory = None
        self._post(Channel.SYSTEM, bytes([System.ASK_MEMORY]))
        self.run_until(lambda: self.memory is not None, 10, "the device's memory figures")
        assert self.memory is not None
        return self.memory
