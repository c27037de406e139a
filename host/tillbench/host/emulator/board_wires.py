"""The wires of a board as the link carries them: nets, and the far ends of UARTs, I2C and SPI buses."""

from __future__ import annotations

import struct
from abc import ABC, abstractmethod

from tillbench.host.emulator.spi import SOFTWARE, SpiPort
from tillbench.host.emulator.wires import Clock, I2cPort, Nets, UartConfig, UartPort
from tillbench.protocols.link import Channel, I2c, Net, Uart

RELEASED = 2
"""Level of a net that nobody drives, in `Net.DRIVE`."""


class BoardWires(ABC):
    """Where models are put on a board's wires.

    Attributes:
        clock: virtual time.
        nets: the copper between pins and models.
    """

    def __init__(self) -> None:
        self.clock = Clock()
        self.nets = Nets()
        self._uarts: dict[int, UartPort] = {}
        self._i2cs: dict[int, I2cPort] = {}
        self._spis: dict[int, SpiPort] = {}
        self.nets.on_closure = self._contact
        self.nets.on_drive = lambda net, level: self._post(
            Channel.NET, bytes([Net.DRIVE, RELEASED if level is None else level]) + net.encode()
        )
        self.nets.on_voltage = lambda net, uv: self._post(
            Channel.NET, struct.pack("<BI", Net.VOLTAGE, uv) + net.encode()
        )
        self.nets.on_watch = lambda net: self._post(Channel.NET, bytes([Net.WATCH]) + net.encode())

    @abstractmethod
    def _post(self, channel: Channel, payload: bytes) -> None:
        """Something for the device, at the time that the clock shows."""

    def uart(self, number: int) -> UartPort:
        """The far end of UART `number`."""
        if number not in self._uarts:
            port = UartPort(number)
            port.to_device = lambda data: self._post(Channel.UART, bytes([Uart.DATA, number]) + data)
            self._uarts[number] = port
        return self._uarts[number]

    def i2c(self, number: int) -> I2cPort:
        """I2C bus `number`."""
        return self._i2cs.setdefault(number, I2cPort(number))

    def spi(self, number: int) -> SpiPort:
        """SPI bus `number`: 1 or 2."""
        if number not in self._spis:
            self._spis[number] = SpiPort(number, self.nets)
        return self._spis[number]

    def soft_spi(self, sck: int) -> SpiPort:
        """The SPI bus without a controller whose clock is pin `sck`."""
        return self.spi(SOFTWARE + sck)

    def detach_chips(self) -> None:
        """Take every chip off every I2C and SPI bus."""
        for i2c in self._i2cs.values():
            i2c.detach_all()
        for spi in self._spis.values():
            spi.detach_all()

    def _contact(self, a: str, b: str, closed: bool) -> None:
        self._post(Channel.NET, bytes([Net.CLOSE if closed else Net.OPEN]) + a.encode() + b"\0" + b.encode())

    def _tell_nets(self) -> None:
        """A device that has just started gets to know what the world has done to its nets so far."""
        for a, b in sorted(self.nets.closures):
            self._contact(a, b, True)
        for net, level in sorted(self.nets.driven.items()):
            self.nets.on_drive(net, level)
        for net, uv in sorted(self.nets.voltages.items()):
            self.nets.on_voltage(net, uv)
        for net in self.nets.watched():
            self.nets.on_watch(net)

    def _dead(self) -> None:
        """Nothing drives a net any more."""
        self.nets.levels.clear()
        self.nets.pwm.clear()

    def _net_says(self, op: int, payload: bytes) -> None:
        if op == Net.LEVEL:
            self.nets.level_changed(payload[2:].decode(), payload[1])
        else:
            freq, duty = struct.unpack_from("<IH", payload, 1)
            self.nets.pwm_changed(payload[7:].decode(), freq, duty)

    def _uart_says(self, op: int, payload: bytes) -> None:
        if op == Uart.WRITE:
            self.uart(payload[1]).on_bytes(payload[2:])
        else:
            baud, bits, parity, stop = struct.unpack_from("<IBBB", payload, 2)
            self.uart(payload[1]).configured(UartConfig(baud, bits, None if parity == 0xFF else parity, stop))

    def _i2c_says(self, op: int, payload: bytes) -> bytes | None:
        """The answer; None to what a real chip has answered already."""
        bus = self.i2c(payload[1])
        if op != I2c.WROTE:
            return bus.answer(op, payload[2], payload[3:])
        chip = bus.chips.get(payload[2])
        if chip is not None:
            chip.write(payload[3:])
        return None
