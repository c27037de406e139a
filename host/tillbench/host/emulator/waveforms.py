"""What a byte looks like on a wire: the edges of UART, I2C and SPI, in nanoseconds from the beginning of a transfer.

An edge is (time, line, level). The link tells what went over a bus, not each edge; these are the ones that such a
transfer has, with even clocks.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from tillbench.host.emulator.spi import SpiConfig
from tillbench.host.emulator.wires import UartConfig

Edge = tuple[int, str, int]

I2C_NS = 2_500
"""A clock of 400 kHz: what the link does not tell."""


def uart_ns(config: UartConfig) -> int:
    """The length of a character."""
    symbols = 1 + config.bits + (config.parity is not None) + config.stop
    return symbols * 1_000_000_000 // config.baud


def uart(config: UartConfig, data: bytes, line: str) -> Iterator[Edge]:
    """Start bit, lowest bit first, parity, stop bits; one character right after the other."""
    bit_ns = 1_000_000_000 / config.baud
    for number, byte in enumerate(data):
        bits = [byte >> at & 1 for at in range(config.bits)]
        if config.parity is not None:
            bits.append(sum(bits) & 1 ^ config.parity)
        begin = number * uart_ns(config)
        for at, level in enumerate([0, *bits, *[1] * config.stop]):
            yield begin + round(at * bit_ns), line, level


def i2c_ns(size: int) -> int:
    """The length of a transfer of so many bytes: its address, START and STOP."""
    return (9 * (size + 1) + 2) * I2C_NS


def i2c(address: int, data: bytes, acknowledged: int, *, read: bool) -> Iterator[Edge]:
    """START, address, data, STOP; `acknowledged`: how many bytes of a write, -1: not even the address."""
    half = I2C_NS // 2
    yield from ((0, "scl", 1), (0, "sda", 1), (half, "sda", 0))
    at, sda = I2C_NS, 0
    sent = data if acknowledged >= 0 else b""
    for number, byte in enumerate([address << 1 | read, *sent]):
        if number == 0:
            refused = acknowledged < 0
        else:
            refused = number == len(sent) if read else number > acknowledged
        for bit in (*(byte >> 7 - place & 1 for place in range(8)), int(refused)):
            yield at, "scl", 0
            if bit != sda:
                sda = bit
                yield at + half // 2, "sda", bit
            yield at + half, "scl", 1
            at += I2C_NS
    yield from ((at, "scl", 0), (at + half // 2, "sda", 0), (at + half, "scl", 1), (at + I2C_NS, "sda", 1))


def spi_ns(config: SpiConfig, size: int) -> int:
    """The length of a transfer of so many bytes."""
    return size * 8 * 1_000_000_000 // config.hz


def spi(config: SpiConfig, out: bytes, back: bytes | None) -> Iterator[Edge]:
    """Clock and data of the mode; `back` is None where the board did not look at what came."""
    bit_ns = 1_000_000_000 / config.hz
    idle, phase = config.mode >> 1, config.mode & 1
    yield 0, "sck", idle
    for number, (sent, came) in enumerate(zip(_bits(out, config), _bits(back or out, config), strict=True)):
        begin, middle = round(number * bit_ns), round((number + 0.5) * bit_ns)
        changes = [(begin, "mosi", sent)] + ([(begin, "miso", came)] if back is not None else [])
        if phase:
            yield from (*changes, (begin, "sck", 1 - idle), (middle, "sck", idle))
        else:
            yield from (*changes, (begin, "sck", idle), (middle, "sck", 1 - idle))
    yield round(8 * len(out) * bit_ns), "sck", idle


def _bits(data: Iterable[int], config: SpiConfig) -> Iterator[int]:
    places = range(8) if config.lsb_first else range(7, -1, -1)
    return (byte >> place & 1 for byte in data for place in places)
