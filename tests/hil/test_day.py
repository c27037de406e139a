"""The scripted day of a shop: short, in both languages; and that a difference would be seen. All of it: tests/long."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tillbench.host.cards import load_profile
from tillbench.host.day.play import play_day
from tillbench.host.emulator.desk import DeskClient
from typer.testing import CliRunner


def test_a_short_day_ends_with_equal_totals(tmp_path: Path) -> None:
    said: list[str] = []
    assert play_day("zh", tmp_path / "day-zh", short=True, say=said.append) == []
    text = (tmp_path / "day-zh" / "index.html").read_text(encoding="utf-8")
    assert "both sides' totals are equal" in said[-1]
    assert 'lang="zh"' in text
    assert text.count('class="slip"') == 8, "two copies of three sales, one of each settlement"
    assert text.count('class="screen"') > 60
    assert 'src="http' not in text


def test_totals_that_differ_are_named_and_end_with_1(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from tillbench.host.cli.app import app
    from tillbench.host.day import play, script

    first, *_, last = (step for step in script.steps(dict.fromkeys(script.CARDS, load_profile("visa-credit"))))
    monkeypatch.setattr(play, "steps", lambda _: iter([first, last]))
    asked = DeskClient.ask

    def one_fen_less(desk: DeskClient, request: dict[str, Any], timeout_s: float = 90.0) -> Any:
        answer = asked(desk, request, timeout_s)
        if "settlement" in request:
            answer["totals"][0] -= 1
        return answer

    monkeypatch.setattr(DeskClient, "ask", one_fen_less)
    result = CliRunner().invoke(app, ["demo", "--day", "--out", str(tmp_path)])
    assert result.exit_code == 1
    assert "domestic debits, amount: terminal 12849, host 12850" in result.output
    assert "totals differ" in (tmp_path / "day-en" / "index.html").read_text(encoding="utf-8")
