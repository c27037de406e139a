"""What a chip model sees of the board: a clock, nets, and the far end of each bus.

All are ordinary objects without a link behind them, so a model can be driven by hand in a unit test;
`tillbench.host.emulator.board_wires` connects them to a device.
"""

from __future__ import annotations

import heapq
import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from tillbench.protocols.link import I2c


class Timer:
    """One appointment with the `Clock`; `cancel()` before it is due and it never happens."""

    __slots__ = ("cancelled", "due", "fn", "order")

    def __init__(self, due: int, order: int, fn: Callable[[], None]) -> None:
        self.due = due
        self.order = order
        self.fn = fn
        self.cancelled = False

    def cancel(self) -> None:
        self.cancelled = True

    def __lt__(self, other: Timer) -> bool:
        return (self.due, self.order) < (other.due, other.order)


class Clock:
    """Virtual time in integer microseconds. Appointments at the same time happen in the order they were made."""

    def __init__(self, now: int = 0) -> None:
        self.now = now
        self._queue: list[Timer] = []
        self._order = 0

    def at(self, us: int, fn: Callable[[], None]) -> Timer:
        """Call `fn` when the clock shows `us`; a time in the past means: at the next turn."""
        self._order += 1
        timer = Timer(max(us, self.now), self._order, fn)
        heapq.heappush(self._queue, timer)
        return timer

    def after(self, us: int, fn: Callable[[], None]) -> Timer:
        """Call `fn` `us` microseconds from now."""
        return self.at(self.now + us, fn)

    def next_due(self) -> int | None:
        """When the next appointment is due, or None if there is none."""
        while self._queue and self._queue[0].cancelled:
            heapq.heappop(self._queue)
        return self._queue[0].due if self._queue else None

    def advance_to(self, us: int) -> None:
        """Move to `us` and keep every appointment on the way, in order."""
        while (due := self.next_due()) is not None and due <= us:
            timer = heapq.heappop(self._queue)
            self.now = max(self.now, timer.due)
            timer.fn()
        self.now = max(self.now, us)


GROUND = "GND"
SUPPLY = "VCC"


class Nets:
    """The copper between the board's pins and the models. Pin 13 of the board is the net `P13`.

    The device resolves levels itself (a key press needs no round trip), so `close`, `open` and `drive` only
    pass on what the world does, and `watch` hears what the device does.
    """

    def __init__(self) -> None:
        self.closures: set[tuple[str, str]] = set()
        self.driven: dict[str, int] = {}
        self.levels: dict[str, int] = {}
        self.pwm: dict[str, tuple[int, int]] = {}
        self.voltages: dict[str, int] = {}
        self.on_closure: Callable[[str, str, bool], None] = lambda a, b, closed: None
        self.on_drive: Callable[[str, int | None], None] = lambda net, level: None
        self.on_watch: Callable[[str], None] = lambda net: None
        self.on_voltage: Callable[[str, int], None] = lambda net, uv: None
        self._watchers: dict[str, list[Callable[[int], None]]] = {}
        self._pwm_watchers: dict[str, list[Callable[[int, int], None]]] = {}

    def close(self, a: str, b: str) -> None:
        """Make a contact between two nets (a key goes down, a switch closes)."""
        self._contact(a, b, True)

    def open(self, a: str, b: str) -> None:
        """Break the contact between two nets."""
        self._contact(a, b, False)

    def _contact(self, a: str, b: str, closed: bool) -> None:
        pair = (a, b) if a <= b else (b, a)
        if closed == (pair in self.closures):
            return
        if closed:
            self.closures.add(pair)
        else:
            self.closures.discard(pair)
        self.on_closure(a, b, closed)

    def drive(self, net: str, level: int | None) -> None:
        """Drive `net` strongly to 0 or 1; None lets it go."""
        if self.driven.get(net) == level:
            return
        if level is None:
            self.driven.pop(net, None)
        else:
            self.driven[net] = level
        self.on_drive(net, level)

    def set_voltage(self, net: str, uv: int) -> None:
        """Put so many microvolts on `net`, for the board's ADC."""
        if self.voltages.get(net) != uv:
            self.voltages[net] = uv
            self.on_voltage(net, uv)

    def watch(self, net: str, fn: Callable[[int], None]) -> None:
        """Call `fn(level)` each time the device drives `net` to another level."""
        self._watchers.setdefault(net, []).append(fn)
        self.on_watch(net)

    def unwatch(self, net: str, fn: Callable[[int], None]) -> None:
        """Call `fn` no more; ValueError if it does not watch. The device still tells the net's levels."""
        watchers = self._watchers[net]
        watchers.remove(fn)
        if not watchers:
            del self._watchers[net]

    def watch_pwm(self, net: str, fn: Callable[[int, int], None]) -> None:
        """Call `fn(freq_hz, duty_u16)` each time the device changes the PWM on `net`; freq 0 is off."""
        self._pwm_watchers.setdefault(net, []).append(fn)

    def watched(self) -> list[str]:
        """The nets that somebody watches, in a stable order."""
        return sorted(self._watchers)

    def level_changed(self, net: str, level: int) -> None:
        """The device drives `net` to `level` now."""
        if self.levels.get(net) == level:
            return
        self.levels[net] = level
        for fn in self._watchers.get(net, ()):
            fn(level)

    def pwm_changed(self, net: str, freq_hz: int, duty_u16: int) -> None:
        """The device's PWM on `net` runs at `freq_hz` with `duty_u16` of 65535 from now on."""
        if self.pwm.get(net) == (freq_hz, duty_u16):
            return
        self.pwm[net] = (freq_hz, duty_u16)
        for fn in self._pwm_watchers.get(net, ()):
            fn(freq_hz, duty_u16)


@dataclass(frozen=True)
class UartConfig:
    """How the device has set a UART: `parity` is None, 0 (even) or 1 (odd), as in `machine.UART`."""

    baud: int = 115200
    bits: int = 8
    parity: int | None = None
    stop: int = 1

    @property
    def char_us(self) -> int:
        """Duration of one character on the wire in microseconds, start and stop bits included, rounded up."""
        symbols = 1 + self.bits + (self.parity is not None) + self.stop
        return -(-symbols * 1_000_000 // self.baud)


class UartPort:
    """The far end of one UART of the board."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.config = UartConfig()
        self.on_bytes: Callable[[bytes], None] = lambda data: None
        self.on_config: Callable[[UartConfig], None] = lambda config: None
        self.to_device: Callable[[bytes], None] = lambda data: None

    def send(self, data: bytes) -> None:
        """Put `data` into the device's receive buffer now; what does not fit is lost there, as on the chip."""
        self.to_device(data)

    def configured(self, config: UartConfig) -> None:
        """The device has set up its UART."""
        self.config = config
        self.on_config(config)


class I2cChip(Protocol):
    """A chip on an I2C bus."""

    def write(self, data: bytes) -> int:
        """Take a write transaction; return how many bytes were acknowledged."""
        ...

    def read(self, n: int) -> bytes:
        """Answer a read transaction of `n` bytes."""
        ...


class I2cPort:
    """One I2C bus of the board and the chips on it."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.chips: dict[int, I2cChip] = {}

    def attach(self, addr: int, chip: I2cChip) -> None:
        """Put `chip` on the bus at the 7-bit address `addr`.

        Raises:
            ValueError: the address is taken, or is not a 7-bit address.
        """
        if not 0x08 <= addr <= 0x77:
            raise ValueError(f"I2C{self.number}: address {addr:#x} is not one of 0x08..0x77")
        if addr in self.chips:
            raise ValueError(f"I2C{self.number}: address {addr:#04x} is taken by {self.chips[addr]!r}")
        self.chips[addr] = chip

    def detach_all(self) -> None:
        """Take every chip off the bus."""
        self.chips.clear()

    def answer(self, op: int, addr: int, data: bytes) -> bytes:
        """The I2C frame that answers one of the device's: a write of `data`, or a read of as many bytes as they say."""
        chip = self.chips.get(addr)
        acked, read = -1, b""
        if chip is not None and op == I2c.WRITE:
            acked = chip.write(data)
        elif chip is not None:
            read = chip.read(struct.unpack_from("<H", data)[0])
            acked = 0
        return struct.pack("<Bh", I2c.RESULT, acked) + read
