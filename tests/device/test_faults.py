"""Every fault of the catalogue, and the proof that its test would notice a driver that ignores it."""

from __future__ import annotations

from pathlib import Path

import pytest
from tillbench.host.emulator.bench import Bench, WaitTimeout
from tillbench.host.emulator.calls import DeviceError

from tests.device import (
    battery_faults,
    ccid_faults,
    colour_faults,
    contactless_faults,
    expander_faults,
    input_faults,
    iso7816_faults,
    printer_faults,
    slot_faults,
    stripe_faults,
    ui_faults,
    wifi_faults,
)
from tests.device.fault_catalogue import Fault, table

CATALOGUE: list[Fault] = [
    *iso7816_faults.FAULTS,
    *slot_faults.FAULTS,
    *stripe_faults.FAULTS,
    *printer_faults.FAULTS,
    *ui_faults.FAULTS,
    *expander_faults.FAULTS,
    *input_faults.FAULTS,
    *contactless_faults.FAULTS,
    *colour_faults.FAULTS,
    *ccid_faults.FAULTS,
    *battery_faults.FAULTS,
    *wifi_faults.FAULTS,
]
STAND_IN_FITS_NOT = ("TypeError", "AttributeError", "NameError")
DOC = Path(__file__).parents[2] / "docs" / "faults.md"


@pytest.mark.one_in(2)
@pytest.mark.parametrize("fault", CATALOGUE, ids=str)
def test_the_driver_copes(device: Bench, fault: Fault) -> None:
    assert fault.play(device) == fault.expected


@pytest.mark.one_in(4)
@pytest.mark.parametrize("fault", CATALOGUE, ids=str)
def test_a_driver_that_ignores_it_is_found_out(device: Bench, fault: Fault) -> None:
    """Without the function that handles it the outcome is another one, or the driver stumbles."""
    module, _, path = fault.handling.partition(":")
    device.call("fault_probe:stub", module, path, fault.without, fault.awaited)
    try:
        outcome = fault.play(device)
    except WaitTimeout:
        outcome = "waits for ever"
    except DeviceError as error:
        outcome = error.type  # it stumbles over what was not handled
    finally:
        device.call("fault_probe:restore")
    assert outcome != fault.expected
    assert outcome not in STAND_IN_FITS_NOT, "the stand-in is no function of this kind"


def test_the_table_in_the_docs_is_this_one() -> None:
    assert table(CATALOGUE) in DOC.read_text()
    assert len({str(fault) for fault in CATALOGUE}) == len(CATALOGUE) > 120
