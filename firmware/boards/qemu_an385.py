"""QEMU's mps2-an385, a Cortex-M3 with 100 KB of heap: everything is virtual, the flash is in its PSRAM. No TLS."""

from boards.parts import VIRTUAL
from port import bench, wire_qemu

# The link and the clock are up before anything imports asyncio.
_settings = bench.start(wire_qemu.open_wire(), "qemu_an385" + VIRTUAL)

from boards import virtual
from boards.assembly import Board
from port.flash_psram import FlashPsram


def board() -> Board:
    """Build the board.

    Raises:
        StorageDamaged: the flash holds neither a file system nor nothing.
    """
    cut = int(_settings.get("cut_after", "0")), int(_settings.get("cut_halves", "1"))
    flash = FlashPsram(int(_settings["flash_size"]), *cut)
    return virtual.board("qemu_an385", flash, _settings)
