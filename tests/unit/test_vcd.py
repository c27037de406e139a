"""The value change dump, read back by decoders that know nothing of how it was drawn: only edges and times."""

from __future__ import annotations

import io

import pytest
from tillbench.host.devices.pcf8575 import Pcf8575
from tillbench.host.emulator.bench import Bench
from tillbench.host.emulator.spi import SpiConfig
from tillbench.host.emulator.vaults import Vaults
from tillbench.host.emulator.vcd import VcdFile
from tillbench.host.emulator.wires import UartConfig
from tillbench.host.entropy import Entropy
from tillbench.protocols.link import Channel, Event, I2c, Net, Spi, System, Uart

from tests.unit.vcd_decoders import Changes, parse, read_i2c, read_spi, read_uart


class Kept(io.StringIO):
    """A file that can be read after it was closed."""

    def close(self) -> None:
        self.text = self.getvalue()


class Dump:
    """A bench that nobody runs, what its link says, and the file of it."""

    def __init__(self) -> None:
        self.bench = Bench(lambda: pytest.fail("nothing is started"), Vaults(Entropy(1).stream("vcd")))
        self.file = Kept()
        self.vcd = VcdFile(self.bench, self.file)

    def says(self, us: int, channel: Channel, payload: bytes, direction: str = "<") -> None:
        self.bench.clock.advance_to(us)
        self.bench.on_message(direction, channel, payload)

    def changes(self) -> dict[str, Changes]:
        """Of each signal."""
        self.vcd.close()
        return parse(self.file.text)


@pytest.mark.parametrize("config", [UartConfig(), UartConfig(9600, 8, 0, 2), UartConfig(19200, 7, 1, 1)])
def test_uart(config: UartConfig) -> None:
    dump = Dump()
    dump.bench.uart(1).config = config
    data = bytes(byte & (1 << config.bits) - 1 for byte in b"\x00\xff\x55\xaa1")
    dump.says(1000, Channel.UART, bytes([Uart.WRITE, 1]) + data)
    dump.says(1001, Channel.UART, bytes([Uart.WRITE, 1]) + data)  # before the first ones have left
    dump.says(50_000, Channel.UART, bytes([Uart.DATA, 1]) + data[:2], ">")
    found = dump.changes()
    assert bytes(read_uart(found["uart1_tx"], config)) == data * 2
    assert bytes(read_uart(found["uart1_rx"], config)) == data[:2]
    assert found["uart1_tx"][1][0] == 1_000_000
    assert found["uart1_rx"][-1][0] <= 50_000_000


def test_i2c() -> None:
    dump = Dump()
    dump.bench.i2c(0).attach(0x20, Pcf8575(dump.bench.nets, "INT"))
    for us, asked in (
        (1000, bytes([I2c.WRITE, 0, 0x20, 0xFE, 0xFF])),
        (2000, bytes([I2c.READ, 0, 0x20, 2, 0])),
        (3000, bytes([I2c.WRITE, 0, 0x33, 1])),
    ):
        dump.says(us, Channel.I2C, asked)
        answer = dump.bench.i2c(0).answer(asked[0], asked[2], asked[3:])
        dump.says(us, Channel.I2C, answer, ">")
    found = dump.changes()
    assert read_i2c(found["i2c0_scl"], found["i2c0_sda"]) == [
        [(0x40, True), (0xFE, True), (0xFF, True)],
        [(0x41, True), (0xFE, True), (0xFF, False)],  # the reader ends it by not acknowledging
        [(0x66, False)],
    ]
    assert found["i2c0_scl"][-1][0] <= 3_000_000, "a transfer has ended when it is told"


@pytest.mark.parametrize("lsb_first", [False, True])
@pytest.mark.parametrize("mode", range(4))
def test_spi(mode: int, lsb_first: bool) -> None:
    dump = Dump()
    dump.bench.spi(1).config = SpiConfig(5_000_000, mode, lsb_first, 14, 13, 12)
    dump.says(100, Channel.NET, bytes([Net.LEVEL, 0]) + b"P5")
    dump.says(110, Channel.SPI, bytes([Spi.WRITE, 1]) + b"\x80\x01\xa5")
    dump.says(120, Channel.SPI, bytes([Spi.TRANSFER, 1]) + b"\x3c\xc0")
    dump.says(120, Channel.SPI, bytes([Spi.RESULT]) + b"\x12\xfe", ">")
    dump.says(120, Channel.NET, bytes([Net.LEVEL, 1]) + b"P5")
    found = dump.changes()
    sck = found["spi1_sck"]
    assert read_spi(sck, found["spi1_mosi"], mode, lsb_first) == b"\x80\x01\xa5\x3c\xc0"
    assert read_spi(sck, found["spi1_miso"], mode, lsb_first)[-2:] == b"\x12\xfe"
    assert found["P5"] == [(0, "x"), (100_000, "0"), (120_000, "1")]
    assert all(100_000 <= when <= 120_000 for when, _ in sck[1:])


def test_what_the_bench_drives() -> None:
    dump = Dump()
    for us, value in ((10, 1), (20, 0), (30, 2)):
        dump.says(us, Channel.NET, bytes([Net.DRIVE, value]) + b"P34", ">")
    dump.says(40, Channel.NET, bytes([Net.DRIVE, 1]) + b"INT", ">")
    assert dump.changes()["P34"] == [(0, "x"), (10_000, "1"), (20_000, "0"), (30_000, "z")]


HELLO = b"unix\ncard virtual uart=2 rst=32\nserial_line virtual uart=0\ncontactless virtual i2c=0 addr=36 irq=35"


def test_what_nobody_may_see_is_not_there() -> None:
    dump = Dump()
    dump.says(0, Channel.SYSTEM, bytes([System.HELLO]) + HELLO)
    for number in (0, 2):
        dump.says(10, Channel.UART, bytes([Uart.WRITE, number]) + b"\x00\x20\x00\x80")
    dump.says(20, Channel.I2C, bytes([I2c.WRITE, 0, 36]) + b"\x12")
    dump.says(20, Channel.I2C, bytes([I2c.RESULT, 1, 0]), ">")
    dump.says(30, Channel.NET, bytes([Net.LEVEL, 1]) + b"P25")
    dump.says(40, Channel.EVENT, bytes([Event.PIN_ENTRY, 1]))
    dump.says(50, Channel.NET, bytes([Net.LEVEL, 0]) + b"P25")
    dump.says(60, Channel.UART, bytes([Uart.WRITE, 1]) + b"\x00")
    dump.bench.nets.levels["P25"] = 1
    dump.says(70, Channel.EVENT, bytes([Event.PIN_ENTRY, 0]))
    dump.says(80, Channel.UART, bytes([Uart.WRITE, 1]) + b"\x00")
    found = dump.changes()
    for hidden in ("uart0_tx", "uart2_tx", "i2c0_sda"):
        assert "0" not in [value for _, value in found[hidden]], hidden
    assert found["P25"] == [(0, "x"), (30_000, "1"), (40_000, "x"), (70_000, "1")]
    assert next(when for when, value in found["uart1_tx"] if value == "0") == 80_000
