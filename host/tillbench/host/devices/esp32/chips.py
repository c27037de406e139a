"""Which chip it is: what a flashing tool reads to find out, and where.

Source: Espressif's technical reference manuals of the three chips (eFuse and SPI controller chapters); the image
header's chip numbers are those of the ESP-IDF bootloader.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

MAGIC_REGISTER = 0x4000_1000
_UART_CLOCK_DIVIDER = 0x3FF4_0014
"""347 on an ESP32 with a 40 MHz crystal, once the ROM has found 115200 bit/s."""


@dataclass(frozen=True)
class SpiRegisters:
    """Addresses of the SPI flash controller that a tool uses to send a command of its own to the flash."""

    command: int
    user2: int
    data: int


@dataclass(frozen=True)
class Chip:
    """One kind of chip.

    Attributes:
        name: as Espressif spells it.
        image_id: its number in an image's header, bytes 12 and 13.
        magic: what it has at `MAGIC_REGISTER`; None: it answers GET_SECURITY_INFO with its number instead.
        mac: address of the two eFuse words with the MAC, low word first.
        spi: the flash controller.
        image_offset: where in the flash its bootloader, and so a MicroPython image, begins.
        others: further registers that are read, and what they hold.
    """

    name: str
    image_id: int
    magic: int | None
    mac: int
    spi: SpiRegisters
    image_offset: int
    others: tuple[tuple[int, int], ...] = ()

    def mac_words(self, mac: str) -> dict[int, int]:
        """The eFuse words with `mac`, such as "24:0a:c4:00:01:02"."""
        low, high = struct.unpack("<IH", bytes.fromhex(mac.replace(":", ""))[::-1])
        return {self.mac: low, self.mac + 4: high}


CHIPS = {
    chip.name: chip
    for chip in (
        Chip(
            "ESP32",
            0,
            0x00F0_1D83,
            0x3FF5_A004,
            SpiRegisters(0x3FF4_2000, 0x3FF4_2024, 0x3FF4_2080),
            0x1000,
            ((_UART_CLOCK_DIVIDER, 347),),
        ),
        Chip("ESP32-S3", 9, None, 0x6000_7044, SpiRegisters(0x6000_2000, 0x6000_2020, 0x6000_2058), 0),
        Chip("ESP32-C3", 5, None, 0x6000_8844, SpiRegisters(0x6000_2000, 0x6000_2020, 0x6000_2058), 0),
    )
}
