"""The bench's memory table has a line for every flow of the terminal."""

from __future__ import annotations

from pathlib import Path

from bench.flows import FLOWS

FOLDER = Path(__file__).parents[2] / "firmware" / "terminal" / "flows"


def test_every_flow_is_measured() -> None:
    there = {path.stem for path in FOLDER.glob("*.py")} - {"__init__"}
    named = [module for flow in FLOWS for module in flow.modules.split()]
    assert sorted(named) == sorted(there), "bench/flows.py: a line in FLOWS for each"
