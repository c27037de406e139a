"""What every board file builds: the object that the application is handed."""

import asyncio
import errno
import select

import vfs
from drivers.glyphs import draw_text
from micropython import const

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable

    from drivers.colour_panel import ColourPanel
    from drivers.ssd1306 import SSD1306

MOUNT_POINT = "/flash"
_BLOCK_COUNT = const(4)
_ERASE = const(6)
_BEING_MADE = b"tillbench: this flash is being formatted"
CELL_HEIGHT = const(16)
WIDTH = const(128)


class StorageDamaged(Exception):
    """The flash is neither blank nor a file system; nothing is formatted away by itself."""


class Board:
    """The parts, real or virtual, as `terminal/board.py` describes them."""

    def __init__(self) -> None:
        self.name = ""
        self.display: "Any" = None
        self.keypad: "Any" = None
        self.printer: "Any" = None
        self.card: "Any" = None
        self.stripe: "Any" = None
        self.contactless: "Any" = None
        self.scanner: "Any" = None
        self.buzzer: "Any" = None
        self.leds: "Any" = None
        self.line: "Any" = None
        self.wifi: "Any" = None
        self.serial_line: "Any" = None
        self.host: "Any" = None
        self.events: "Any" = None
        self.desk: "Any" = None
        self.keyslot: "Any" = None
        self.tamper: "Any" = None
        self.battery: "Any" = None
        self.key_loader: "Any" = None
        self.certificates: "dict[str, str]" = {}
        self.certificates_taken: "Callable[[], None] | None" = None
        self.storage = ""
        self.flash_wear: "Callable[[], tuple[int, int, int, int]] | None" = None
        self.entropy: "Callable[[int], bytes]" = _no_entropy
        self.log: "Callable[[str], None]" = print


def _no_entropy(_: int) -> bytes:
    raise RuntimeError("the board file has set no entropy source")


class Display:
    """Rows of text on a panel with a frame buffer."""

    def __init__(self, panel: "SSD1306 | ColourPanel") -> None:
        self._panel = panel

    def clear(self) -> None:
        """An empty picture; nothing changes on the glass before `show`."""
        self._panel.fb.fill(0)

    def text(self, row: int, text: str, inverse: bool = False) -> None:
        """A whole row: text from the left, the rest blank; an inverse row is inverse to its end."""
        self._panel.fb.fill_rect(0, row * CELL_HEIGHT, WIDTH, CELL_HEIGHT, 1 if inverse else 0)
        draw_text(self._panel.fb, text, 0, row, inverse)

    def show(self) -> None:
        """Commit the picture as one frame."""
        self._panel.show()


class Line:
    """The network: TCP, and TLS on it where the image has that. `address` tells the board's own."""

    def __init__(self, host: str, port: int, address: "Callable[[], str]") -> None:
        self.host = host
        self.port = port
        self.address = address

    @property
    def has_tls(self) -> bool:
        """Mbed TLS is in the image."""
        try:
            import tls  # noqa: F401  only whether it is there
        except ImportError:
            return False
        return True

    def resolve(self, host: str) -> str:
        """The address of a name. OSError when nobody knows it."""
        from socket import getaddrinfo

        found: "Any" = getaddrinfo(host, 0)
        return str(found[0][-1][0])

    async def open(self, address: str, port: int) -> "tuple[Any, Any]":
        """Connect; an asyncio reader and writer. OSError if the acquirer is away: then not a byte can have left."""
        streams: "tuple[Any, Any]" = await asyncio.open_connection(address, port)
        # It returns when the socket is writable, which a refused one is too: that error would come with the first
        # write, where it could not be told from a connection that broke after the request had gone.
        if _stirs(streams[1].s, select.POLLERR | select.POLLHUP):
            streams[1].close()
            raise OSError(errno.ECONNREFUSED)
        return streams

    async def secure(self, *how: "Any") -> "Any":
        """As `terminal/board.py` has it; the code is loaded by whoever needs it."""
        from boards.tls_stream import secure

        stream = await secure(*how)
        return stream, stream

    def is_quiet(self, writer: "Any") -> bool:
        """Nothing has come on a connection, its end neither."""
        unread = getattr(writer, "has_unread", False)
        return not unread and not _stirs(writer.s, select.POLLIN | select.POLLERR | select.POLLHUP)


def _stirs(stream: "Any", events: int) -> bool:
    poller = select.poll()
    poller.register(stream, select.POLLIN)
    return any(flags & events for _, flags in poller.poll(0))


class SerialLine:
    """A transparent serial line on the port that `make_uart` makes, with its buffer, when it is first wanted."""

    def __init__(self, make_uart: "Callable[[], Any]") -> None:
        self._make_uart = make_uart
        self._uart: "Any" = None

    def open(self, baud: int) -> "tuple[Any, Any]":
        """Both ends of the port, 8N1; what had come before is forgotten."""
        if self._uart is None:
            self._uart = self._make_uart()
        self._uart.init(baudrate=baud, bits=8, parity=None, stop=1)
        while self._uart.any():
            self._uart.read(self._uart.any())
        stream: "Any" = asyncio.StreamReader(self._uart)
        return stream, stream


def storage(device: "Any", blank: bool) -> str:
    """Mount the LittleFS on `device`, made first if the flash is blank; returns where.

    A power cut while it is made leaves a flash that is neither blank nor a file system. So a mark stands in the last
    block meanwhile: as long as it does no file has ever been written, and the file system can be made again.

    Raises:
        StorageDamaged: the flash is not blank, and no LittleFS is on it.
    """
    last = device.ioctl(_BLOCK_COUNT, 0) - 1
    found = bytearray(len(_BEING_MADE))
    device.readblocks(last, found, 0)
    begun = found == _BEING_MADE
    if blank or begun:
        if not begun:
            device.writeblocks(last, _BEING_MADE, 0)
        vfs.VfsLfs2.mkfs(device)
    try:
        # No time with each file: a terminal's records have their own, and two equal runs shall leave equal flash.
        vfs.mount(vfs.VfsLfs2(device, mtime=False), MOUNT_POINT)
    except OSError as error:
        raise StorageDamaged("flash image damaged: no LittleFS on it (error %s)" % error.args[0])
    if blank or begun:
        device.ioctl(_ERASE, last)
    return MOUNT_POINT
