"""What becomes of a test that needs what is not here."""

from __future__ import annotations

import os
from typing import NoReturn

import pytest


def absent(config: pytest.Config, what: str) -> NoReturn:
    """Skip by the name of what is missing; with `--till-require-hardware` fail by it."""
    if config.getoption("--till-require-hardware"):
        pytest.fail(f"required, and not here: {what}", pytrace=False)
    pytest.skip(what)


def absent_software(config: pytest.Config, what: str) -> NoReturn:
    """The same for what can be installed: in CI that is an error without any option."""
    if os.environ.get("CI"):
        pytest.fail(what, pytrace=False)
    absent(config, what)
