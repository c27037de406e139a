"""The three ways to a PN532: I2C, SPI, UART."""

from __future__ import annotations

from collections.abc import Callable

from tillbench.host.devices.pn532.chip import Pn532
from tillbench.host.emulator.wires import Nets, UartConfig, UartPort

I2C_ADDRESS = 0x24
HSU_BAUD = 115_200
_READY = 1
_DATA_WRITE, _STATUS_READ, _DATA_READ = 1, 2, 3
_WAKE_BYTE = 0x55


def _interrupt(chip: Pn532, nets: Nets, net: str | None) -> Callable[[], None]:
    """The chip's interrupt line: low while there is something to fetch. A pull-up is on the module."""

    def changed() -> None:
        if net is not None:
            nets.drive(net, 0 if chip.outbox and not chip.faults.no_interrupt else 1)

    changed()
    return changed


class I2cPort:
    """On a bus: `bench.i2c(0).attach(I2C_ADDRESS, port)`. A read is a status byte and then the frame from its start;
    a read of the status alone leaves the frame where it is."""

    def __init__(self, chip: Pn532, nets: Nets, interrupt: str | None = None) -> None:
        self.chip = chip
        self.refused = 0
        """Addresses that were not acknowledged."""
        chip.on_outbox = _interrupt(chip, nets, interrupt)

    def write(self, data: bytes) -> int:
        """A frame. A sleeping chip wakes, and acknowledges its address only then."""
        if not self.chip.awake:
            self.chip.wake()
            self.refused += 1
            return -1
        self.chip.hear(data)
        return len(data)

    def read(self, n: int) -> bytes:
        """Status and frame, zeros behind it."""
        chip = self.chip
        if not chip.outbox or not chip.awake:
            return bytes(n)
        read = bytes([_READY]) + chip.outbox[0]
        if n > 1:
            chip.outbox.popleft()
            chip.on_outbox()
        return read[:n].ljust(n, b"\x00")


class SpiPort:
    """On a bus: `bench.spi(1).attach("P5", port)`."""

    modes = (0,)
    lsb_first = True

    def __init__(self, chip: Pn532, nets: Nets, interrupt: str | None = None) -> None:
        self.chip = chip
        chip.on_outbox = _interrupt(chip, nets, interrupt)
        self._kind = 0
        self._written = bytearray()
        self._reading = b""

    def select(self) -> None:
        """NSS falls: a sleeping chip wakes."""
        self.chip.wake()
        self._kind = 0
        self._written.clear()
        self._reading = b""

    def transfer(self, data: bytes) -> bytes:
        """The first byte says what the others are."""
        return bytes(self._byte(byte) for byte in data)

    def _byte(self, byte: int) -> int:
        chip = self.chip
        if not chip.awake:
            return 0
        if not self._kind:
            self._kind = byte
            if byte == _DATA_READ and chip.outbox:
                self._reading = chip.outbox.popleft()
                chip.on_outbox()
            return 0
        if self._kind == _DATA_WRITE:
            self._written.append(byte)
        elif self._kind == _STATUS_READ:
            return _READY if chip.outbox else 0
        elif self._kind == _DATA_READ and self._reading:
            first, self._reading = self._reading[0], self._reading[1:]
            return first
        return 0

    def deselect(self) -> None:
        """NSS rises: what was written is a frame."""
        if self._written:
            self.chip.hear(bytes(self._written))


class HsuPort:
    """On a UART, whose other end must be set to 115,200 bit/s, 8N1."""

    def __init__(self, chip: Pn532, uart: UartPort) -> None:
        self.chip = chip
        self._uart = uart
        chip.on_outbox = self._send
        uart.on_bytes = self._take

    def _take(self, data: bytes) -> None:
        if self._uart.config != UartConfig(HSU_BAUD):
            return  # framing errors
        if not self.chip.awake:
            if data[0] == _WAKE_BYTE:
                self.chip.wake()
            return
        self.chip.hear(data)

    def _send(self) -> None:
        while self.chip.outbox and not self.chip.faults.absent:
            self._uart.send(self.chip.outbox.popleft())
