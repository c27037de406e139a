"""The Unix port: a board on which everything is virtual, the flash is a file."""

from boards.parts import VIRTUAL
from port import bench
from port.wire_unix import UnixWire

# The link and the clock are up before anything imports asyncio.
_settings = bench.start(UnixWire(), "unix" + VIRTUAL)

from boards import virtual
from boards.assembly import Board
from port.flash import FlashFile


def board() -> Board:
    """Build the board.

    Raises:
        StorageDamaged: the flash holds neither a file system nor nothing.
    """
    cut = int(_settings.get("cut_after", "0")), int(_settings.get("cut_halves", "1"))
    flash = FlashFile(_settings["flash"], int(_settings["flash_size"]), *cut)
    return virtual.board("unix", flash, _settings)
