"""A screen as a picture: the panel's pixels enlarged, in the blue-white of an OLED."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

from PIL import Image
from tillbench.host.devices.panel import HEIGHT, WIDTH

_DARK = (8, 12, 20)
_LIT = (180, 225, 255)


def screen_image(pixels: bytes, scale: int = 4, border: int = 4) -> Image.Image:
    """The 128x64 screen (one byte, 0 or 1, a pixel), `scale` times as large, with `border` dark pixels around it.

    Raises:
        ValueError: not 8192 bytes, or `scale` below 1, or `border` below 0.
    """
    if len(pixels) != WIDTH * HEIGHT:
        raise ValueError(f"pixels: expected {WIDTH * HEIGHT} bytes (128x64), found {len(pixels)}")
    if scale < 1 or border < 0:
        raise ValueError(f"scale must be at least 1 and border at least 0, found {scale} and {border}")
    image = Image.new("P", (WIDTH + 2 * border, HEIGHT + 2 * border), 0)
    image.putpalette([*_DARK, *_LIT])
    image.paste(Image.frombytes("P", (WIDTH, HEIGHT), pixels), (border, border))
    return image.resize((image.width * scale, image.height * scale), Image.Resampling.NEAREST)


def screen_png(pixels: bytes, scale: int = 4, border: int = 4) -> bytes:
    """The same as the bytes of a PNG file."""
    out = BytesIO()
    screen_image(pixels, scale, border).save(out, "PNG", optimize=True)
    return out.getvalue()


def picture_png(picture: Image.Image, scale: int) -> bytes:
    """A picture as the bytes of a PNG file, `scale` times as large."""
    out = BytesIO()
    picture.resize((picture.width * scale, picture.height * scale), Image.Resampling.NEAREST).save(out, "PNG")
    return out.getvalue()


def save_screen(path: Path, pixels: bytes, scale: int = 4, border: int = 4) -> None:
    """Write the PNG file `path`; OSError if that cannot be."""
    path.write_bytes(screen_png(pixels, scale, border))
