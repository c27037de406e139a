"""docs/iso8583.md: its files load, its commands answer as printed, its program runs."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
from tillbench.protocols.iso8583.field import Field, Wire
from tillbench.protocols.iso8583.names import ALIASES, DIALECTS

from .iso8583_command import iso8583

PAGE = (Path(__file__).parents[2] / "docs" / "iso8583.md").read_text("utf-8")
FILES: list[tuple[str, str]] = re.findall(r"`(\S+)`:\n\n```\w+\n(.*?)```", PAGE, re.DOTALL)
BLOCKS: list[str] = re.findall(r"```console\n(.*?)```", PAGE, re.DOTALL)


def commands() -> Iterator[tuple[str, list[str]]]:
    """Each command with the lines that are printed below it."""
    for block in BLOCKS:
        for piece in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, *shown = piece.splitlines()
            yield command, shown


def matches(shown: list[str], lines: list[str]) -> bool:
    """Whether the lines are those shown, where `...` stands for any number of them or for the rest of one."""
    pattern = "\n".join(re.escape(line) for line in shown).replace(r"\.\.\.", ".*")
    return re.fullmatch(pattern, "\n".join(lines), re.DOTALL) is not None


def test_every_command_answers_as_printed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name, text in FILES:
        (tmp_path / name).write_text(text, "utf-8")
    assert len(list(commands())) >= 8
    for command, shown in commands():
        words = shlex.split(command)
        assert words[:2] == ["tillbench", "iso8583"]
        target = words[words.index(">") + 1] if ">" in words else ""
        result = iso8583(*words[2 : words.index(">") if target else None])
        if target:
            assert not result.stderr, command
            (tmp_path / target).write_text(result.stdout)
        else:
            lines = [*result.stdout.splitlines(), *result.stderr.splitlines()]
            assert matches(shown, lines), "\n".join([command, *lines])


def test_the_program_runs() -> None:
    programs = [block for block in re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL) if "views" in block]
    assert len(programs) == 1
    exec(programs[0], {})


def test_the_python_file_makes_a_dialect(tmp_path: Path) -> None:
    (tmp_path / "acme.py").write_text(dict(FILES)["acme.py"])
    assert "acme: " in iso8583("table", "-d", str(tmp_path / "acme.py")).stdout


def test_no_dialect_and_no_attribute_is_left_out() -> None:
    assert all(f"`{name}`" in PAGE for name in DIALECTS)
    assert "`cup`" in PAGE
    assert "cup" in ALIASES
    attributes = {*Field.__dataclass_fields__, *Wire.__dataclass_fields__} - {"number", "codepage"}
    assert [name for name in attributes if f"`{name}`" not in PAGE and f"{name}:" not in PAGE] == []
