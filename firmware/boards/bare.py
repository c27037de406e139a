"""A board with nothing soldered on: everything is virtual, over the serial port on which its REPL was."""

from boards.parts import VIRTUAL
from micropython import const
from port import bench
from port.wire_repl import ReplWire

_HELLO_MS = const(5000)

# The link and the clock are up before anything imports asyncio.
_settings = bench.start(ReplWire(), "bare" + VIRTUAL, _HELLO_MS)

from boards import virtual
from boards.assembly import Board
from port.flash_link import FlashLink


def board() -> Board:
    """Build the board.

    Raises:
        StorageDamaged: the flash holds neither a file system nor nothing.
    """
    return virtual.board("bare", FlashLink(int(_settings["flash_size"])), _settings)
