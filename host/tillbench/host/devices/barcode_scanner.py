"""A barcode scanner module on a UART: what is held in front of it is read and sent as a line, as such modules are
delivered (9600 8N1, CR LF, trigger by itself)."""

from __future__ import annotations

from functools import partial

import zxingcpp
from PIL import Image, ImageOps
from tillbench.host.devices.printer_wire import receive
from tillbench.host.emulator.wires import Clock, UartConfig, UartPort

LONGEST = 500
"""Characters of a code that the model reads."""
_SENDS = UartConfig(9600)
_TOGETHER = 16
"""Characters that arrive in one event: nobody asks after a single one."""
_READING_US = 150_000
_EDGE = 40
"""White dots around a picture: the table that the slip lies on."""


class NoCode(ValueError):
    """There is nothing that could be read; the message says what was held in front of it."""


class BarcodeScanner:
    """The module."""

    def __init__(self, clock: Clock, port: UartPort) -> None:
        self._clock = clock
        self._port = port

    def scan(self, text: str) -> None:
        """Send what a code says.

        Raises:
            NoCode: it is empty, longer than `LONGEST`, or not printable ASCII.
        """
        if not 0 < len(text) <= LONGEST or not (text.isascii() and text.isprintable()):
            raise NoCode(f"code: expected 1 to {LONGEST} printable ASCII characters, found {text[:40]!r}")
        arrivals = receive(text.encode("ascii") + b"\r\n", _SENDS, self._port.config)
        for at in range(0, len(arrivals), _TOGETHER):
            group = arrivals[at : at + _TOGETHER]
            data = bytes(arrival.byte for arrival in group)
            self._clock.after(_READING_US + group[-1].us, partial(self._port.send, data))

    @staticmethod
    def read(picture: Image.Image, name: str) -> str:
        """What the code on a picture says, the first if there are several. NoCode: there is none."""
        found = zxingcpp.read_barcodes(ImageOps.expand(picture.convert("L"), _EDGE, 255))
        if not found:
            raise NoCode(f"{name}: no code on it; a slip has one with the setting slip_qr")
        return str(found[0].text)
