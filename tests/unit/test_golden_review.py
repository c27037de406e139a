"""The review page of golden frames and slips."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest
from PIL import Image


@pytest.fixture(scope="module")
def review() -> ModuleType:
    path = Path(__file__).parents[1] / "golden" / "review.py"
    spec = importlib.util.spec_from_file_location("golden_review", path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def scene(root: Path, frames: str, slip: int) -> Path:
    """A scene: a digit a frame says how many upper eighths of it are lit, and there is a slip of `slip` rows."""
    folder = root / "en" / "sale"
    folder.mkdir(parents=True)
    stack = Image.new("1", (128, 64 * len(frames)))
    for number, lit in enumerate(frames):
        stack.paste(1, (0, 64 * number, 128, 64 * number + 8 * int(lit)))
    stack.save(folder / "frames.png")
    Image.new("1", (384, slip), 1).save(folder / "slip-1.png")
    return root


def test_what_is_the_same_is_not_called_changed(review: ModuleType, tmp_path: Path) -> None:
    text, changed = review.page(scene(tmp_path / "old", "01", 9), scene(tmp_path / "new", "01", 9))
    assert changed == 0
    assert text.count("<img") == 3


def test_a_frame_that_came_moves_no_other_one(review: ModuleType, tmp_path: Path) -> None:
    text, changed = review.page(scene(tmp_path / "old", "0123", 9), scene(tmp_path / "new", "04123", 9))
    assert changed == 1
    assert "en/sale (1 changed)" in text


def test_a_slip_that_grew_and_a_scene_that_is_new(review: ModuleType, tmp_path: Path) -> None:
    assert review.page(scene(tmp_path / "old", "0", 9), scene(tmp_path / "new", "0", 10))[1] == 1
    assert review.page(tmp_path / "none", tmp_path / "new")[1] == 2


def test_difference_is_red_for_what_came_and_blue_for_what_went(review: ModuleType) -> None:
    old, new = Image.new("L", (2, 1)), Image.new("L", (2, 1))
    old.putpixel((0, 0), 255)
    new.putpixel((1, 0), 255)
    seen = review.difference(old, new)
    assert [seen.getpixel((x, 0)) for x in range(2)] == [(0, 0, 255), (255, 0, 0)]


def test_nothing_new_is_an_error(review: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert review.main([str(tmp_path), str(tmp_path), str(tmp_path / "page.html")]) == 2
    assert "expected language/scene/frames.png" in capsys.readouterr().err
    assert review.main([]) == 2


def test_the_page_is_written(review: ModuleType, tmp_path: Path) -> None:
    old, new = scene(tmp_path / "old", "0", 9), scene(tmp_path / "new", "1", 9)
    assert review.main([str(old), str(new), str(tmp_path / "out" / "index.html")]) == 0
    assert "1 changed" in (tmp_path / "out" / "index.html").read_text("utf-8")


def test_pictures_of_the_page_are_compared_too(review: ModuleType, tmp_path: Path) -> None:
    old, new = tmp_path / "images", tmp_path / "new" / "page"
    for folder, colour in ((old, "white"), (new, "black")):
        folder.mkdir(parents=True)
        Image.new("RGB", (40, 30), "white").save(folder / "page-same.webp", lossless=True)
        Image.new("RGB", (40, 30), colour).save(folder / "page-other.webp", lossless=True)
    Image.new("RGB", (40, 30)).save(new / "page-new.webp")
    rows = list(review.page_rows(old, new))
    assert [changed for changed, _ in rows] == [True, True, False]
    assert [text.count("<img") for _, text in rows] == [1, 3, 1]
