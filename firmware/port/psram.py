"""The PSRAM of QEMU's mps2-an385: 16 MB that are also a file of the bench, mapped there and here.

The layout is the bench's too (`host/tillbench/host/emulator/psram.py`; a test holds them together):

    0x000000  flash, at the front, so that the file is a flash image and nothing is ever copied
    0x400000  ROMFS with the firmware, run in place
    0xD00000  what describes its code (bench/qemu, romcode)
    0xE00000  the firmware's names (bench/qemu, romnames)
    0xF00000  control words, 4 bytes each, little-endian
    0xF01000  ring from the device, 16 KiB
    0xF05000  buffers of the device's end of the link
    0xF10000  ring to the device, 128 KiB
"""

from micropython import const
from uctypes import bytearray_at

PSRAM = const(0x21000000)
FLASH = const(0x21000000)
CONTROL = const(0x21F00000)
MAGIC = const(0x21F00000)
OUT_HEAD = const(0x21F00004)
OUT_TAIL = const(0x21F00008)
IN_HEAD = const(0x21F0000C)
IN_TAIL = const(0x21F00010)
ASLEEP = const(0x21F00014)  # the device waits for the door bell
INTERRUPT = const(0x21F00018)  # the bench asks for a KeyboardInterrupt (bench/qemu, BENCH_AN385)
OUT = const(0x21F01000)
OUT_SIZE = const(0x4000)
BUFFERS = const(0x21F05000)
IN = const(0x21F10000)
IN_SIZE = const(0x20000)

MAGIC_WORD = b"TBR1"  # the bench has set up the rings


def window(address: int, size: int) -> memoryview:
    """`size` bytes at `address`."""
    return memoryview(bytearray_at(address, size))  # pyright: ignore  the stubs do not say that it is a buffer
