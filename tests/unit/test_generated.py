"""Generated files are those that their definitions give; the tool says which are not."""

from __future__ import annotations

from pathlib import Path

import pytest
from tillbench.protocols import generate


def test_generated_files_are_fresh() -> None:
    assert generate.stale() == [], "run `make generate`"


def test_check_names_stale_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "firmware").mkdir()
    monkeypatch.setattr(generate, "ROOT", tmp_path)
    paths = [generated.path for generated in generate.GENERATED]
    assert generate.main(["--check"]) == 1
    assert capsys.readouterr().out.splitlines() == [f"stale: {path} (run `make generate`)" for path in paths]
    assert not (tmp_path / paths[0]).exists()

    assert generate.main([]) == 0
    assert capsys.readouterr().out.splitlines() == [f"made: {path}" for path in paths]
    assert generate.main(["--check"]) == 0
    assert generate.main([]) == 0
    assert capsys.readouterr().out == ""

    (tmp_path / paths[-1]).write_text("something else")
    assert generate.main(["--check"]) == 1
    assert capsys.readouterr().out == f"stale: {paths[-1]} (run `make generate`)\n"


def test_outside_a_checkout(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(generate, "ROOT", tmp_path)
    with pytest.raises(SystemExit) as left:
        generate.main([])
    assert left.value.code == 2
    assert "not a checkout of tillbench" in capsys.readouterr().err


def test_every_generated_file_is_made_by_a_maker() -> None:
    made = {generated.path for generated in generate.GENERATED}
    found = {
        f"firmware/generated/{path.name}"
        for path in (generate.ROOT / "firmware" / "generated").glob("*.py")
        if path.name != "__init__.py"
    }
    assert found <= made
