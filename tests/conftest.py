"""For every test: Hypothesis never judges by the clock of a machine that others use too."""

from __future__ import annotations

import gc
import os
from collections.abc import Generator
from functools import cache

import pytest
import typer.testing
from hypothesis import HealthCheck, settings
from tillbench.host.emulator.fingerprint import firmware_hash

from tests.sample import ASKED_FOR, examples, is_drawn

# The commands are the same each time; to make the tree of them takes longer than most of what it is asked to do.
typer.testing._get_command = cache(typer.testing._get_command)  # type: ignore[attr-defined]  # private, and there is no other way

settings.register_profile(
    "tillbench",
    deadline=None,
    max_examples=examples(100),
    suppress_health_check=[HealthCheck.too_slow],
    # In CI the same examples each time: a red build has its cause in the change. At the desk there are new ones.
    derandomize=bool(os.environ.get("CI")),
    print_blob=True,
)
settings.load_profile("tillbench")

YOUNG_OBJECTS = 10_000
"""New containers before they are looked through for garbage: at Python's 700 that took two of a hundred seconds."""

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
        gc.set_threshold(YOUNG_OBJECTS)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """A sample, where one is asked for; with workers what takes longest begins first, so that all end together."""
    if ASKED_FOR:
        firmware = firmware_hash()
        left_out = {item for item in items if not is_drawn(item, firmware)}
        config.hook.pytest_deselected(items=list(left_out))
        items[:] = [item for item in items if item not in left_out]
    items.sort(key=lambda item: item.path.stem not in LONGEST)
