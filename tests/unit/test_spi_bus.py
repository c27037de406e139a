"""The bench's end of an SPI bus: chips come, and go without a trace."""

from __future__ import annotations

from tillbench.host.emulator.spi import SpiPort
from tillbench.host.emulator.wires import Nets


class Chip:
    modes = (0,)
    lsb_first = False

    def __init__(self) -> None:
        self.selections = 0

    def select(self) -> None:
        self.selections += 1

    def transfer(self, data: bytes) -> bytes:
        return data

    def deselect(self) -> None:
        pass


def test_a_chip_that_was_taken_off_the_bus_is_selected_no_more() -> None:
    nets, chip, heard = Nets(), Chip(), list[int]()
    bus = SpiPort(1, nets)
    bus.attach("P5", chip)
    bus.attach(None, Chip())
    nets.watch("P6", heard.append)
    nets.level_changed("P5", 0)
    assert (chip.selections, nets.watched()) == (1, ["P5", "P6"])
    bus.detach_all()
    assert nets.watched() == ["P6"]
    nets.level_changed("P5", 1)
    nets.level_changed("P5", 0)
    nets.level_changed("P6", 1)
    assert (chip.selections, heard) == (1, [1])
