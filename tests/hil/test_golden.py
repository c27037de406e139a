"""The standard sale (seed 7, RMB 12.34, UnionPay debit card) as it was reviewed: every committed frame, both slips.

The files are in tests/golden/sale: `frames.txt` is each frame's text and the fingerprint of its pixels, the slips are
there as text and as dots. The pictures of the README, in docs/images, are of the same sale. After a wanted change run
this file with TILLBENCH_UPDATE_GOLDEN=1 in the environment, look at the difference, and commit it.
"""

from __future__ import annotations

import os
import re
from difflib import unified_diff
from pathlib import Path

import pytest
from PIL import Image, ImageChops
from tillbench.hil.plugin import EPOCH
from tillbench.host.devices.paper import Receipt
from tillbench.host.devices.screen_png import screen_image
from tillbench.host.emulator.emulator import Options
from tillbench.host.emulator.screen import Shown
from tillbench.host.terminal import Terminal
from tillbench.protocols.texts import cells

from . import shop

GOLDEN = Path(__file__).parents[1] / "golden" / "sale"
README = Path(__file__).parents[2] / "README.md"
IMAGES = README.parent / "docs" / "images"
UPDATE = "TILLBENCH_UPDATE_GOLDEN"
HOW = f"if this is wanted: {UPDATE}=1 pytest tests/hil/test_golden.py, look at the difference in {GOLDEN.name}/, commit"


@pytest.fixture
def till_options(tmp_path: Path) -> Options:
    return Options(tmp_path / "till", seed=7, epoch=EPOCH)


def as_text(frames: list[Shown]) -> str:
    """Each frame as its number, the fingerprint of its pixels, and its four rows between bars."""
    rows: list[str] = []
    for number, frame in enumerate(frames, 1):
        padded = (row + " " * (16 - cells(row)) for row in frame.rows)
        rows += [f"frame {number}  {frame.hash}", *(f"|{row}|" for row in padded), ""]
    return "\n".join(rows)


def check_text(name: str, text: str) -> None:
    path = GOLDEN / name
    if os.environ.get(UPDATE):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text + "\n", encoding="utf-8")
    expected = path.read_text(encoding="utf-8")
    difference = "\n".join(unified_diff(expected.splitlines(), text.splitlines(), "golden", "now", lineterm=""))
    assert expected == text + "\n", f"{name} has changed\n{difference}\n{HOW}"


def check_picture(path: Path, picture: Image.Image) -> None:
    if os.environ.get(UPDATE):
        path.parent.mkdir(parents=True, exist_ok=True)
        picture.save(path, optimize=True)
    with Image.open(path) as golden:
        assert golden.size == picture.size, f"{path.name} has another size; {HOW}"
        box = ImageChops.difference(golden.convert("RGB"), picture.convert("RGB")).getbbox()
    assert box is None, f"{path.name} differs within {box}; {HOW}"


def test_frames_and_slips(terminal: Terminal) -> None:
    shop.key_in(terminal)
    shop.present(terminal)
    card = terminal.card.inserted
    assert card is not None
    terminal.press(" ".join(card.profile.pin))
    entered = terminal.screen.frames[-1]
    terminal.press("ENTER")
    shop.wait(terminal, *shop.DECIDED)
    decided = terminal.screen.frames[-1]
    terminal.card.remove()
    merchant = terminal.receipt()
    shop.wait(terminal, "TEAR OFF")
    terminal.press("ENTER")
    cardholder = terminal.receipt()
    shop.idle(terminal)
    frames = as_text(terminal.screen.frames)
    assert "\ufffd" not in frames, "every cell is a glyph of the font"
    check_text("frames.txt", frames)
    check_text("merchant.txt", merchant.text)
    check_text("cardholder.txt", cardholder.text)
    check_picture(GOLDEN / "merchant.png", merchant.image)
    check_picture(GOLDEN / "cardholder.png", cardholder.image)
    check_picture(IMAGES / "receipt.png", merchant.image)
    check_picture(IMAGES / "screen-pin.png", screen_image(entered.pixels))
    check_picture(IMAGES / "screen-approved.png", screen_image(decided.pixels))


def test_every_picture_of_the_readme_is_there() -> None:
    """And each one is of the sale above: no other one would be kept true."""
    named = re.findall(r"!\[[^]]+\]\(([^)]+)\)", README.read_text(encoding="utf-8"))
    assert {README.parent / name for name in named} == set(IMAGES.iterdir())
    assert len(named) == 3


def test_a_single_dot_and_a_single_letter_would_be_noticed(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(UPDATE, raising=False)
    frame = terminal.screen.frames[-1]
    pixels = bytearray(frame.pixels)
    pixels[1000] ^= 1
    moved = Shown(frame.number, frame.at_us, bytes(pixels), frame.rows)
    assert as_text([moved]) != as_text([frame])
    with pytest.raises(AssertionError, match="has changed"):
        check_text("merchant.txt", (GOLDEN / "merchant.txt").read_text(encoding="utf-8").replace("12.34", "12.35"))
    with Image.open(GOLDEN / "merchant.png") as picture:
        width, height = picture.size
    with pytest.raises(AssertionError, match="differs within"):
        check_picture(GOLDEN / "merchant.png", Receipt(width, (0,) * height, ()).image)
