"""Pictures of the page as they were reviewed: those of the docs, `docs/images/page-*.webp`.

Another release of the browser draws a letter a little differently; a word that is another, a row that has moved, a
colour that has changed are none of that. Times and sizes of the firmware are not compared: they are others with each
change of it.
"""

from __future__ import annotations

import io
import os
from collections.abc import Sequence
from pathlib import Path

from PIL import Image, ImageChops
from playwright.sync_api import Page

from tests.hil.golden_files import INTO, UPDATE

REVIEWED = Path(__file__).parents[2] / "docs" / "images"
Box = tuple[int, int, int, int]
CELL = 10
"""Pixels; what is compared is the mean colour of squares of that size."""
FAR = 24
"""Of 255: so much a mean may differ in a channel. A word that is another is farther in most of its squares."""
ALWAYS = ("sale", "zh")
_TRIES = 40
HOW = f"look at it with `make golden`; if it is wanted: {UPDATE}=1 pytest tests/web/test_page_pictures.py, and commit"


def wanted(name: str) -> bool:
    """Whether this run takes that picture: with TILLBENCH_ALL=1, for the review or to write them, every one."""
    return name in ALWAYS or any(os.environ.get(each) for each in ("TILLBENCH_ALL", INTO, UPDATE))


def still(page: Page) -> Image.Image:
    """What the page shows once it has shown the same twice."""
    before = b""
    for _ in range(_TRIES):
        now = page.screenshot(animations="disabled")
        if now == before:
            with Image.open(io.BytesIO(now)) as picture:
                return picture.convert("RGB")
        before = now
    raise AssertionError(f"the page is not still after {_TRIES} looks")


def cells_apart(old: Image.Image, new: Image.Image, but: Sequence[Box] = ()) -> list[tuple[int, int]]:
    """Where two pictures of the same size differ, as (column, row) of cells; but what is in boxes does not count."""
    size = old.width // CELL, old.height // CELL
    means = [_without(picture, but).resize(size, Image.Resampling.BOX) for picture in (old, new)]
    bands = ImageChops.difference(*means).split()
    farthest = ImageChops.lighter(ImageChops.lighter(bands[0], bands[1]), bands[2])
    return [(at % size[0], at // size[0]) for at, apart in enumerate(farthest.tobytes()) if apart > FAR]


def _without(picture: Image.Image, boxes: Sequence[Box]) -> Image.Image:
    covered = picture.convert("RGB")
    for box in boxes:
        covered.paste(0, box)
    return covered


def check(name: str, picture: Image.Image, but: Sequence[Box] = ()) -> None:
    """Compare with the reviewed picture, or write it, as the environment says."""
    path = REVIEWED / f"page-{name}.webp"
    found = _complaint(path, picture, but)
    into = os.environ.get(INTO)
    if into:
        new = Path(into) / "page" / path.name
        new.parent.mkdir(parents=True, exist_ok=True)
        if not found:
            new.write_bytes(path.read_bytes())
            return
        path = new
    if found and (into or os.environ.get(UPDATE)):
        picture.save(path, lossless=True)
        return
    assert not found, f"{found}; {HOW}"


def _complaint(path: Path, picture: Image.Image, but: Sequence[Box]) -> str:
    """What is not as it was reviewed."""
    if not path.is_file():
        return f"there is no {path}"
    with Image.open(path) as golden:
        if golden.size != picture.size:
            return f"{path.name}: expected {golden.size}, found {picture.size}"
        apart = cells_apart(golden, picture, but)
    where = ", ".join(f"({column * CELL}, {row * CELL})" for column, row in apart[:8])
    return f"{path.name} differs in {len(apart)} places, at {where}" if apart else ""
