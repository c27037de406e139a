"""For every test: Hypothesis never judges by the clock of a machine that others use too."""

from __future__ import annotations

import gc
import os
from collections.abc import Generator
from functools import cache

import pytest
import typer.testing
from hypothesis import HealthCheck, settings

# The commands are the same each time; to make the tree of them takes longer than most of what it is asked to do.
typer.testing._get_command = cache(typer.testing._get_command)  # type: ignore[attr-defined]

settings.register_profile(
    "tillbench",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    # In CI the same examples each time: a red build has its cause in the change. At the desk there are new ones.
    derandomize=bool(os.environ.get("CI")),
    print_blob=True,
)
settings.load_profile("tillbench")

LONGEST = {
    "test_page",
    "test_page_pictures",
    "test_golden",
    "test_qemu_sale",
    "test_serial_board",
    "test_plugin",
    "test_qualification",
}


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """What is collected stays to the end: looking for garbage among it, now and with every test, takes seconds."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()
        gc.freeze()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """With workers: what takes longest begins first, so that all of them end at the same time."""
    items.sort(key=lambda item: item.path.stem not in LONGEST)
