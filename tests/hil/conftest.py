"""The cards that most of these tests need; a test module that needs others overrides the fixture."""

from __future__ import annotations

import pytest
from tillbench.host.cards import CardProfile, load_profile


@pytest.fixture
def till_profiles() -> list[CardProfile] | None:
    """Two cards: entering all of them into fresh books would take as long as a sale."""
    return [load_profile("unionpay-debit"), load_profile("visa-credit")]
