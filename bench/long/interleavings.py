"""Random interleavings of terminals, line and host, many of them: the books keep."""

from __future__ import annotations

from pathlib import Path
from random import Random

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.unit.acquirer_interleavings import Interleavings as Machine

SMALL = settings(
    max_examples=100,
    stateful_step_count=30,
    deadline=None,
    database=None,
    phases=[Phase.generate, Phase.shrink],
    suppress_health_check=list(HealthCheck),
)


class Interleavings:
    """One case is `examples` interleavings of up to thirty steps, drawn by hypothesis, shrunk when one fails."""

    name = "interleavings"
    share = 2.0

    def __init__(self, examples: int = 100) -> None:
        self._settings = settings(SMALL, max_examples=examples)

    def run(self, random: Random, folder: Path) -> str:  # noqa: ARG002  (the machine has a folder of its own)
        """Run them; "kept" when the books were right after every step."""
        machine = seed(random.getrandbits(64))(Machine)
        run_state_machine_as_test(machine, settings=self._settings)
        return "kept"

    def close(self) -> None:
        """Nothing is shared that does not end by itself."""
