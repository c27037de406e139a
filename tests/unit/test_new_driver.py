"""The skeleton of a driver: what is written passes its own test, which takes each handling of a fault out in turn."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from tillbench.host.cli.app import app
from tillbench.host.skeleton import CannotMake, make_driver
from typer.testing import CliRunner


def run(folder: Path) -> subprocess.CompletedProcess[str]:
    """Its test, as its owner would run it: elsewhere, with pytest's defaults."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", str(folder)]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, check=False)


def test_it_passes_as_generated(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["new", "driver", "card_feeder", "--into", str(tmp_path / "parts")])
    assert result.exit_code == 0, result.output
    folder = tmp_path / "parts" / "card_feeder"
    names = ["card_feeder.py", "card_feeder_device.py", "card_feeder_faults.py", "card_feeder_model.py"]
    assert sorted(path.name for path in folder.iterdir()) == [*names, "test_card_feeder.py"]
    assert not any("@" in line and "@pytest" not in line and "@dataclass" not in line for line in lines(folder))
    done = run(folder)
    assert done.returncode == 0, done.stdout
    assert "12 passed" in done.stdout


def lines(folder: Path) -> list[str]:
    return [line for path in folder.glob("*.py") for line in path.read_text().splitlines()]


@pytest.mark.parametrize("name", ["", "Scale", "1st", "a-b", "class", "waage_ä", "../x"])
def test_what_is_no_name_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(CannotMake, match="expected a module's name in small letters"):
        make_driver(name, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    make_driver("scale", tmp_path)
    (tmp_path / "scale" / "scale.py").write_text("mine")
    with pytest.raises(CannotMake, match="is there already: choose another name"):
        make_driver("scale", tmp_path)
    assert (tmp_path / "scale" / "scale.py").read_text() == "mine"


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(CannotMake, match="Not a directory"):
        make_driver("scale", tmp_path / "file")
