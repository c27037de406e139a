"""A terminal with a colour panel: picture by picture what one with an SSD1306 shows, off the pixels of either glass."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from PIL import Image
from tillbench.hil.targets import chosen_targets, require
from tillbench.host.devices.colour_panel import PICTURE, ColourPanel
from tillbench.host.emulator.emulator import Options
from tillbench.host.emulator.screen import Shown
from tillbench.host.terminal import Terminal

from . import shop

EPOCH = datetime(2026, 11, 23, 16, 0, 0)


def sale_on(folder: Path, display: str, target: str = "unix") -> Iterator[Terminal]:
    """A terminal that has sold something, before and after."""
    with Terminal(Options(folder, target=target, seed=7, epoch=EPOCH, display=display)) as terminal:
        terminal.screen.wait_any("READY")
        yield terminal
        assert shop.sell(terminal, shop.UNIONPAY, 1234).approved
        yield terminal


def pictures(frames: list[Shown]) -> list[bytes]:
    """Each as long as it is another."""
    found: list[bytes] = []
    for frame in frames:
        if not found or found[-1] != frame.pixels:
            found.append(frame.pixels)
    return found


def test_a_sale_looks_the_same(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """With `--till-target qemu` in the 100 KB of the Cortex-M3, with the panel's strips in them."""
    (target, *_) = chosen_targets(request.config) or ["unix"]
    require(target, config=request.config)
    seen = {}
    for display, board in (("SSD1306", "unix"), ("ST7789", target)):
        for terminal in sale_on(tmp_path / display, display, board):
            seen[display] = pictures(terminal.emulator.screen.frames)
            panel = terminal.emulator.panel
            if isinstance(panel, ColourPanel):
                assert list(panel.complaints) == []
                picture = Image.open(io.BytesIO(terminal.emulator.screen.png(1)))
                assert picture.size == (320, 240)
                margin = picture.copy()
                margin.paste(picture.crop((0, 0, 256, 40)).resize((256, 128)), PICTURE)
                assert len(margin.getcolors() or []) == 1, "nothing beside the picture"
    assert len(seen["SSD1306"]) > 15
    assert seen["ST7789"] == seen["SSD1306"]
