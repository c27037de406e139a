"""Every fault of the catalogue, and the proof that its test would notice a driver that ignores it."""

from __future__ import annotations

from pathlib import Path

import pytest
from tillbench.host.emulator.bench import Bench, WaitTimeout
from tillbench.host.emulator.calls import DeviceError

from tests.device import expander_faults, input_faults, stripe_faults
from tests.device.fault_catalogue import Fault, table

CATALOGUE: list[Fault] = [*stripe_faults.FAULTS, *expander_faults.FAULTS, *input_faults.FAULTS]
DOC = Path(__file__).parents[2] / "docs" / "faults.md"


@pytest.mark.parametrize("fault", CATALOGUE, ids=str)
def test_the_driver_copes(device: Bench, fault: Fault) -> None:
    assert fault.play(device) == fault.expected


@pytest.mark.parametrize("fault", CATALOGUE, ids=str)
def test_a_driver_that_ignores_it_is_found_out(device: Bench, fault: Fault) -> None:
    """Without the function that handles it the outcome is another one, or the driver stumbles."""
    module, _, path = fault.handling.partition(":")
    device.call("fault_probe:stub", module, path, fault.without)
    try:
        outcome = fault.play(device)
    except (DeviceError, WaitTimeout):
        return
    finally:
        device.call("fault_probe:restore")
    assert outcome != fault.expected


def test_the_table_in_the_docs_is_this_one() -> None:
    assert table(CATALOGUE) in DOC.read_text()
    assert len({str(fault) for fault in CATALOGUE}) == len(CATALOGUE)
