"""What most of these tests need; a test module that needs something else overrides the fixture."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tillbench.host.cards import CardProfile, load_profile
from tillbench.host.emulator.emulator import Options


@pytest.fixture
def till_options(till_options: Options) -> Options:
    """Keys that do not bounce: what becomes of a bounce has its tests in `test_input.py` and with the driver."""
    return replace(till_options, fast_keys=True)


@pytest.fixture
def till_profiles() -> list[CardProfile] | None:
    """Two cards: entering all of them into fresh books would take as long as a sale."""
    return [load_profile("unionpay-debit"), load_profile("visa-credit")]
