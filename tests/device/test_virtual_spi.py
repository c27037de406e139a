"""Virtual SPI against the documented behaviour of MicroPython's ESP32 port."""

from __future__ import annotations

from typing import Any

from tillbench.host.emulator.bench import Bench
from tillbench.host.emulator.spi import SpiConfig

OUT = 3


class Shifter:
    """What was written in a selection comes back with the next byte, complemented."""

    modes = (0, 3)
    lsb_first = False

    def __init__(self) -> None:
        self.heard: list[bytes] = []
        self.ended = 0
        self._before = 0x5A

    def select(self) -> None:
        self.heard.append(b"")
        self._before = 0x5A

    def transfer(self, data: bytes) -> bytes:
        self.heard[-1] += data
        out = bytes([self._before, *(~byte & 0xFF for byte in data[:-1])])
        self._before = ~data[-1] & 0xFF
        return out

    def deselect(self) -> None:
        self.ended += 1


def test_spi_objects(wires: Bench) -> None:
    """One for each controller; 80 MHz are divided by whole numbers; `init` leaves what it is not given."""
    assert wires.call("machine_probe:spi_shapes") == [
        True,
        False,
        "SPI(id=2, baudrate=500000, polarity=0, phase=0, bits=8, firstbit=0, sck=18, mosi=23, miso=19)",
        "SPI(id=1, baudrate=2962962, polarity=0, phase=0, bits=8, firstbit=0, sck=14, mosi=13, miso=12)",
        "SPI(id=2, baudrate=500000, polarity=0, phase=1, bits=8, firstbit=1, sck=18, mosi=23, miso=19)",
        "SoftSPI(baudrate=100000, polarity=1, phase=0, sck=4, mosi=13, miso=2)",
    ]
    assert wires.spi(2).config == SpiConfig(500_000, 1, lsb_first=True, sck=18, mosi=23, miso=19)
    assert wires.soft_spi(4).config == SpiConfig(100_000, 2, sck=4, mosi=13, miso=2)


def test_spi_writes_and_reads_while_a_chip_is_selected(wires: Bench) -> None:
    chip, other = Shifter(), Shifter()
    wires.spi(1).attach("P5", chip)
    wires.spi(1).attach("P4", other)
    wires.call("machine_probe:init_pin", 4, OUT, -1, 1)
    # What a transfer at another rate has left of a microsecond is not counted at this one.
    wires.call("machine_probe:spi_talk", 5, [("write", b"\x00")], baudrate=9_000_000)
    steps = [("write", b"\x01\x02"), ("read", 3), ("read", 2, 0xF0), ("fill", 2, 7), ("exchange", b"\x80\x00")]
    said = wires.call("machine_probe:spi_talk", 5, steps, baudrate=1_000_000)
    assert [value for value, _ in said] == [None, b"\x5a\xff\xff", b"\x5a\x0f", b"\x5a\xf8", b"\x5a\x7f"]
    assert [us for _, us in said] == [16, 24, 16, 16, 16]
    assert chip.heard[-5:] == [b"\x01\x02", bytes(3), b"\xf0\xf0", b"\x07\x07", b"\x80\x00"]
    assert not any(other.heard), "its select line was high"
    assert wires.call("machine_probe:spi_talk", 13, [("read", 2)])[0][0] == b"\xff\xff", "nobody is selected"


def test_spi_clocks_that_make_no_microsecond_add_up(wires: Bench) -> None:
    said = wires.call("machine_probe:spi_talk", 5, [("write", b"x")] * 10, baudrate=40_000_000)
    assert sum(us for _, us in said) == 2


def test_a_long_spi_transfer_goes_in_pieces(wires: Bench) -> None:
    chip = Shifter()
    wires.spi(1).attach("P5", chip)
    data = bytes(range(251)) * 10
    read = wires.call("machine_probe:spi_talk", 5, [("exchange", data)], baudrate=10_000_000)[0][0]
    assert chip.heard[-1] == data
    assert read == b"\x5a" + bytes(~byte & 0xFF for byte in data[:-1])


def test_what_a_chip_hears_of_a_wrong_setting(wires: Bench) -> None:
    chip = Shifter()
    wires.spi(1).attach("P5", chip)
    settings: dict[str, tuple[dict[str, Any], bytes]] = {
        "another mode that it takes": ({"polarity": 1, "phase": 1}, b"\x81\x02"),
        "wrong mode": ({"phase": 1}, b"\xc0\x81"),
        "wrong bit first": ({"firstbit": 1}, b"\x81\x40"),
        "no wire": ({"mosi": None}, b"\0\0"),
    }
    for name, (options, heard) in settings.items():
        wires.call("machine_probe:spi_talk", 5, [("write", b"\x81\x02")], **options)
        assert chip.heard[-1] == heard, name


def test_spi_without_a_controller(wires: Bench) -> None:
    chip = Shifter()
    wires.soft_spi(4).attach("P5", chip)
    steps = [("exchange", b"\x55\xaa")]
    said = wires.call("machine_probe:spi_talk", 5, steps, baudrate=100_000, sck=4, mosi=13, miso=2)
    assert said == [(b"\x5a\xaa", 160)]
    assert chip.heard[-1] == b"\x55\xaa"
    assert chip.ended
