"""QEMU's mps2-an385, a Cortex-M3 with 100 KB of heap: everything is virtual, the flash is in its PSRAM. No TLS."""

from port import bench, wire_qemu

# One line for each part: name, mode, and where it is soldered. The bench puts a model there.
PARTS = """qemu_an385
display virtual i2c=0 addr=60
keypad virtual rows=4,5,18,19,23 cols=12,14,15,2
printer virtual uart=1 busy=36
card virtual uart=2 rst=32 clk=33 vcc=13 present=27
buzzer virtual pin=25
leds virtual green=16 yellow=17 red=26 blue=0
line virtual
flash virtual
entropy virtual
keyslot virtual"""

# The link and the clock are up before anything imports asyncio.
_settings = bench.start(wire_qemu.open_wire(), PARTS)

from boards import virtual
from boards.assembly import Board
from port.flash_psram import FlashPsram


def board() -> Board:
    """Build the board.

    Raises:
        StorageDamaged: the flash holds neither a file system nor nothing.
    """
    flash = FlashPsram(int(_settings["flash_size"]), int(_settings.get("cut_after", "0")))
    return virtual.board("qemu_an385", flash, _settings)
