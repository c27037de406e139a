"""A PN532 on the device's wires, and cards for its field."""

from __future__ import annotations

from collections.abc import Callable

from tillbench.host.cards.apdu_card import Exchange
from tillbench.host.devices.pn532 import Field, HsuPort, I2cPort, Picc, Pn532, SpiPort
from tillbench.host.devices.pn532.ports import I2C_ADDRESS
from tillbench.host.emulator.bench import Bench

WAYS = ("i2c", "spi", "hsu")


def reader(bench: Bench, way: str = "i2c", *, interrupt: bool = True, piece: int = 262) -> Pn532:
    """The chip on that way, just switched on, and the driver for it."""
    chip = Pn532(bench.clock, Field(), piece)
    net = "P35" if interrupt else None
    if way == "i2c":
        bench.i2c(0).chips.pop(I2C_ADDRESS, None)
        bench.i2c(0).attach(I2C_ADDRESS, I2cPort(chip, bench.nets, net))
    elif way == "spi":
        bench.spi(1).detach_all()
        bench.spi(1).attach("P5", SpiPort(chip, bench.nets, net))
    else:
        HsuPort(chip, bench.uart(1))
    bench.call("contactless_probe:connect", way, interrupt)
    return chip


class AnsweringCard:
    """An `ApduCard` that gives each APDU to a function."""

    late = 0
    on_exchange: Exchange | None = None

    def __init__(self, answer: Callable[[bytes], bytes] = lambda apdu: apdu + b"\x90\x00") -> None:
        self._answer = answer
        self.resets = 0
        self.apdus: list[bytes] = []

    @property
    def atr(self) -> bytes:
        """None of this one's."""
        return b""

    @property
    def instructions(self) -> AnsweringCard:
        """Of the header nothing is judged."""
        return self

    def takes_data(self, ins: int) -> bool:
        return True

    def judge_header(self, cla: int, ins: int, p1: int, p2: int) -> int:
        return 0

    def reset(self) -> bytes:
        self.resets += 1
        return b""

    def transmit(self, apdu: bytes) -> bytes:
        self.apdus.append(apdu)
        return self._answer(apdu)

    def is_silent(self, ins: int) -> bool:
        return False


def picc(answer: Callable[[bytes], bytes] | None = None, **how: object) -> Picc:
    """A card that answers APDUs with themselves, or with what `answer` says."""
    return Picc(AnsweringCard(answer) if answer else AnsweringCard(), **how)  # type: ignore[arg-type]  # values of its own fields
