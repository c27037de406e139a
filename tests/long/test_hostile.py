"""A terminal that means harm finds what it is there for, and nothing in the host as it is."""

from pathlib import Path
from random import Random
from typing import Any

import pytest
from tillbench.host.acquirer import batch_upload, settlement

from bench.long.hostile import Hostile


def test_the_host_as_it_is_passes(tmp_path: Path) -> None:
    assert Hostile().run(Random(26), tmp_path) == "kept"


def test_a_settlement_that_forgets_what_its_upload_brought_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def close(_: Any, row: Any) -> None:
        row.state = "closed"

    for module in (settlement, batch_upload):
        monkeypatch.setattr(module, "close", close)
    with pytest.raises(AssertionError, match="its transactions make"):
        _some(tmp_path)  # one case in three finds it


def _some(folder: Path) -> None:
    for seed in range(10):
        mine = folder / str(seed)
        mine.mkdir()
        Hostile().run(Random(seed), mine)


def test_books_that_fail_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A value that the column refuses, as a check forgotten in a rule would let through."""
    monkeypatch.setattr("tillbench.host.acquirer.books.mask_pan", lambda _: None)
    with pytest.raises(AssertionError, match="books not usable"):
        Hostile().run(Random(26), tmp_path)
