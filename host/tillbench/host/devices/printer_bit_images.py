"""Images in columns: printed at once (ESC *, GS Q 0) or defined and printed later (GS *, FS q, GS D)."""

from __future__ import annotations

import io
import warnings

from PIL import Image, UnidentifiedImageError
from tillbench.host.devices.printer_actions import Action
from tillbench.host.devices.printer_formatter import Formatter
from tillbench.host.devices.printer_memory import Graphic
from tillbench.host.devices.printer_parser import Chunk
from tillbench.host.devices.printer_settings import Arguments, digit
from tillbench.host.devices.printer_stored_graphics import keep

_COLUMN_MODES = {0: (2, 3), 1: (1, 3), 32: (2, 1), 33: (1, 1)}
"""m of ESC * to the scale across and down: 8-dot modes have a third of the vertical density."""
_WIDEST, _HIGHEST = 8192, 2304
"""Dots of the largest stored graphics."""
_NV, _DOWNLOADED = 67, 83
"""fn of GS D."""


def column_image(printer: Formatter, arguments: Arguments) -> list[Action]:
    """ESC *, before its dots."""
    if arguments.m not in _COLUMN_MODES:
        printer.complain(f"ESC *: m expected 0, 1, 32 or 33, found {arguments.m}")
    return []


def columns(printer: Formatter, chunk: Chunk) -> list[Action]:
    """ESC *: the dots are a cell of the line."""
    arguments = chunk.arguments
    if arguments.m not in _COLUMN_MODES:
        return []
    graphic = Graphic.from_columns(chunk.data, arguments.n, 24 if arguments.m >= 32 else 8)
    graphic = graphic.scaled(*_COLUMN_MODES[arguments.m])
    return printer.place(graphic.rows, graphic.width, f"[image {graphic.width}x{len(graphic.rows)}]")


def _doubled(printer: Formatter, name: str, m: int) -> tuple[int, int] | None:
    """How often a dot is repeated across and down, for the m of FS p, GS / and GS Q 0; None for one that has none."""
    if digit(m) > 3:
        printer.complain(f"{name}: m expected 0 to 3, found {m}")
        return None
    return 1 + (m & 1), 1 + (m >> 1 & 1)


def _print(printer: Formatter, name: str, m: int, graphic: Graphic) -> list[Action]:
    scale = _doubled(printer, name, m)
    return printer.print_graphic(graphic.scaled(*scale)) if scale else []


def variable_height(printer: Formatter, chunk: Chunk) -> list[Action]:
    """GS Q 0: x columns of y bytes."""
    arguments = chunk.arguments
    graphic = Graphic.from_columns(chunk.data, arguments.x, 8 * arguments.y)
    return _print(printer, "GS Q 0", arguments.m, graphic)


def define_downloaded(printer: Formatter, chunk: Chunk) -> list[Action]:
    """GS *: 8 x columns of y bytes, kept up to ESC @."""
    arguments = chunk.arguments
    printer.bit_image = Graphic.from_columns(chunk.data, 8 * arguments.x, 8 * arguments.y)
    return []


def print_downloaded(printer: Formatter, arguments: Arguments) -> list[Action]:
    """GS /."""
    if printer.bit_image is None:
        printer.complain("GS /: no image has been downloaded (GS *)")
        return []
    return _print(printer, "GS /", arguments.m, printer.bit_image)


def define_stored(printer: Formatter, chunk: Chunk) -> list[Action]:
    """FS q: all the images of the NV memory anew, one piece for each."""
    width, height = (8 * int.from_bytes(chunk.data[at : at + 2], "little") for at in (0, 2))
    before = () if chunk.index == 0 else tuple(printer.nv.bit_images)
    printer.nv.bit_images = (*before, Graphic.from_columns(chunk.data[4:], width, height))
    return []


def print_stored(printer: Formatter, arguments: Arguments) -> list[Action]:
    """FS p."""
    images = printer.nv.bit_images
    if not 1 <= arguments.n <= len(images):
        printer.complain(f"FS p: no image has the number {arguments.n}, {len(images)} are stored (FS q)")
        return []
    return _print(printer, "FS p", arguments.m, images[arguments.n - 1])


def _opened(file: bytes) -> Image.Image:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # its size is looked at next
        return Image.open(io.BytesIO(file), formats=["BMP"])


def define_from_bmp(printer: Formatter, chunk: Chunk) -> list[Action]:
    """GS D: a Windows BMP file, to be printed by GS ( L 69 or 85."""
    arguments = chunk.arguments
    file = arguments.bm + arguments.size.to_bytes(4, "little") + chunk.data
    memory = {_NV: printer.nv.graphics, _DOWNLOADED: printer.downloaded}.get(arguments.fn)
    if memory is None:
        printer.complain(f"GS D: fn expected 67 or 83, found {arguments.fn}")
        return []
    try:
        with _opened(file) as picture:
            if picture.width > _WIDEST or picture.height > _HIGHEST:
                raise ValueError(f"{picture.width} x {picture.height} dots, at most {_WIDEST} x {_HIGHEST} are taken")
            dots = picture.convert("1", dither=Image.Dither.NONE)
    except UnidentifiedImageError:
        printer.complain(f"GS D: {len(file)} bytes are no BMP file")
        return []
    except (OSError, ValueError, Image.DecompressionBombError) as error:
        printer.complain(f"GS D: {len(file)} bytes are no BMP file that is taken: {error}")
        return []
    black = bytes(byte ^ 0xFF for byte in dots.tobytes())
    keep(printer, "GS D", memory, arguments.key, Graphic.from_rows(black, dots.width, dots.height))
    return []
