"""What a golden folder holds of one scene: frames.txt (texts), frames.png (pixels, one below the other), slips."""

from __future__ import annotations

import os
from collections.abc import Sequence
from difflib import unified_diff
from pathlib import Path

from PIL import Image, ImageChops
from tillbench.host.devices.panel import HEIGHT, WIDTH
from tillbench.host.devices.paper import Receipt
from tillbench.host.emulator.screen import Shown
from tillbench.protocols.texts import cells

UPDATE = "TILLBENCH_UPDATE_GOLDEN"
"""In the environment: the files are written anew instead of compared."""
INTO = "TILLBENCH_GOLDEN_INTO"
"""In the environment: a folder that gets what is made now, for the review page; nothing is compared."""
HOW = f"look at it with `make golden`; if it is wanted: {UPDATE}=1 pytest tests/hil/test_golden.py, and commit"


def as_text(frames: Sequence[Shown]) -> str:
    """Each frame as its number, the fingerprint of its pixels, and its four rows between bars."""
    rows: list[str] = []
    for number, frame in enumerate(frames, 1):
        padded = (row + " " * (16 - cells(row)) for row in frame.rows)
        rows += [f"frame {number}  {frame.hash}", *(f"|{row}|" for row in padded), ""]
    return "\n".join(rows)


def stacked(frames: Sequence[Shown]) -> Image.Image:
    """All frames in one picture, one below the other."""
    pixels = b"".join(frame.pixels for frame in frames)
    lit = pixels.translate(bytes([0, 255]) + bytes(254))
    return Image.frombytes("L", (WIDTH, HEIGHT * len(frames)), lit).convert("1")


class GoldenFolder:
    """Compares with the files of `folder`, or writes them."""

    def __init__(self, golden: Path, scene: str) -> None:
        into = os.environ.get(INTO)
        self._write = bool(into or os.environ.get(UPDATE))
        self.folder = (Path(into) / golden.name if into else golden) / scene

    def text(self, name: str, text: str) -> None:
        """The text file `name`."""
        path = self.folder / name
        if self._write:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text + "\n", encoding="utf-8")
        expected = path.read_text(encoding="utf-8")
        difference = "\n".join(unified_diff(expected.splitlines(), text.splitlines(), "golden", "now", lineterm=""))
        assert expected == text + "\n", f"{name} has changed\n{difference}\n{HOW}"

    def picture(self, name: str, image: Image.Image) -> None:
        """The picture `name`."""
        path = self.folder / name
        if self._write:
            path.parent.mkdir(parents=True, exist_ok=True)
            image.convert("1").save(path, optimize=True)
        with Image.open(path) as golden:
            assert golden.size == image.size, f"{name} has another size; {HOW}"
            box = ImageChops.difference(golden.convert("L"), image.convert("L")).getbbox()
        assert box is None, f"{name} differs within {box}; {HOW}"

    def frames(self, frames: Sequence[Shown]) -> None:
        """Texts and pixels of the frames; every cell of them must be a glyph."""
        text = as_text(frames)
        assert "\ufffd" not in text, "a cell that is no glyph of the font"
        self.text("frames.txt", text)
        self.picture("frames.png", stacked(frames))

    def slip(self, name: str, receipt: Receipt) -> None:
        """One slip, as text and as dots."""
        self.text(f"{name}.txt", receipt.text)
        self.picture(f"{name}.png", receipt.image)
