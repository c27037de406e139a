"""An SPI bus of the board and the chips on it, each behind its select line."""

from __future__ import annotations

import struct
from collections.abc import Collection
from dataclasses import dataclass
from typing import Protocol

from tillbench.host.emulator.wires import Nets
from tillbench.protocols.link import Spi

SOFTWARE = 64
"""And the number of the clock's pin: the number of a bus that has no controller (`machine.SoftSPI`)."""
_NO_PIN = 0xFF
_REVERSED = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))


@dataclass(frozen=True)
class SpiConfig:
    """How the device has set a bus: `mode` is polarity << 1 | phase, pins are numbers of the board or None."""

    hz: int = 500_000
    mode: int = 0
    lsb_first: bool = False
    sck: int | None = None
    mosi: int | None = None
    miso: int | None = None


class SpiChip(Protocol):
    """A chip on an SPI bus."""

    @property
    def modes(self) -> Collection[int]:
        """In which it can be spoken to: mostly (0,) or (0, 3)."""
        ...

    @property
    def lsb_first(self) -> bool:
        """Whether the first bit of a byte is its lowest one."""
        ...

    def select(self) -> None:
        """Its select line has fallen: something begins."""
        ...

    def transfer(self, data: bytes) -> bytes:
        """Clocks for so many bytes: take `data`, return as many of its own. It may come in any number of pieces."""
        ...

    def deselect(self) -> None:
        """Its select line has risen."""
        ...


class _Seat:
    """A chip at its place, and whether it is selected."""

    def __init__(self, chip: SpiChip, select: str | None, selected: bool) -> None:
        self.chip = chip
        self.select = select
        self.selected = selected
        self._last_in = self._last_out = 1
        if selected:
            chip.select()

    def level(self, level: int) -> None:
        """The select line."""
        if self.selected == (level == 0):
            return
        self.selected = level == 0
        self._last_in = self._last_out = 1
        if self.selected:
            self.chip.select()
        else:
            self.chip.deselect()

    def transfer(self, data: bytes, config: SpiConfig) -> bytes:
        """What goes out and what comes back, as each end reads it."""
        if config.lsb_first != self.chip.lsb_first:
            data = data.translate(_REVERSED)
        wrong = config.mode not in self.chip.modes
        if wrong:
            data, self._last_in = _a_bit_late(data, self._last_in)
        answer = self.chip.transfer(data)
        if len(answer) != len(data):
            raise ValueError(f"{self.chip!r}: {len(data)} bytes were clocked, it has answered {len(answer)}")
        if wrong:
            answer, self._last_out = _a_bit_late(answer, self._last_out)
        return answer.translate(_REVERSED) if config.lsb_first != self.chip.lsb_first else answer


def _a_bit_late(data: bytes, before: int) -> tuple[bytes, int]:
    """Sampled at the edge at which the line changes, each bit is taken for the one after it."""
    bits = int.from_bytes(data, "big") | before << 8 * len(data)
    return (bits >> 1).to_bytes(len(data) + 1, "big")[1:], bits & 1


class SpiPort:
    """One SPI bus of the board."""

    def __init__(self, number: int, nets: Nets) -> None:
        self.number = number
        self.config = SpiConfig()
        self._nets = nets
        self._seats: list[_Seat] = []

    def attach(self, select: str | None, chip: SpiChip) -> None:
        """Put `chip` on the bus; `select` is the net of its select line, low while it is meant, None if that is tied
        to ground. A chip that is not selected hears nothing; where none is, the board reads ones."""
        seat = _Seat(chip, select, select is None or self._nets.levels.get(select) == 0)
        self._seats.append(seat)
        if select is not None:
            self._nets.watch(select, seat.level)

    def detach_all(self) -> None:
        """Take every chip off the bus; nobody watches their select lines any more."""
        for seat in self._seats:
            if seat.select is not None:
                self._nets.unwatch(seat.select, seat.level)
        self._seats.clear()

    def take(self, op: int, data: bytes) -> bytes | None:
        """One of the device's SPI frames, from behind the bus's number; returns the frame that answers it, if any."""
        if op == Spi.CONFIG:
            hz, mode, lsb_first, *pins = struct.unpack("<IBBBBB", data)
            sck, mosi, miso = (None if pin == _NO_PIN else pin for pin in pins)
            self.config = SpiConfig(hz, mode, bool(lsb_first), sck, mosi, miso)
            return None
        read = self._clock(data)
        return bytes([Spi.RESULT]) + read if op == Spi.TRANSFER else None

    def _clock(self, data: bytes) -> bytes:
        if self.config.mosi is None:
            data = bytes(len(data))
        line = (1 << 8 * len(data)) - 1
        for seat in self._seats:
            if seat.selected:
                line &= int.from_bytes(seat.transfer(data, self.config), "big")
        return line.to_bytes(len(data), "big") if self.config.miso is not None else bytes(len(data))
