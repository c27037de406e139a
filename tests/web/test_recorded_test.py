"""What was recorded is saved as the page saves it, and run by pytest, in a project that has no settings at all."""

from __future__ import annotations

import httpx
import pytest
from tillbench.hil import readers, recording

from .test_api import done, finish, sell, shows

pytest_plugins = ["pytester"]
pytestmark = pytest.mark.timeout(120)
IMPORTED = (readers, recording)
"""What the run inside of this process imports, it would unload again, and SQLAlchemy does not survive that."""
OTHERS = ("xdist", "pytest_embedded", "schemathesis", "replay", "benchmark", "cacheprovider")


def test_a_recorded_test_passes_and_one_that_expects_something_else_fails(
    api: httpx.Client, pytester: pytest.Pytester
) -> None:
    done(api.post("recording"))
    assert sell(api)[0].strip() == "APPROVED"
    finish(api)
    done(api.patch("faults", json={"network_up": False}))
    done(api.post("keys", json={"keys": "5 0 0 ENTER"}))
    shows(api, "INSERT CARD")
    done(api.put("card", json={"name": "unionpay-debit"}))
    shows(api, "ENTER PIN")
    done(api.post("keys", json={"keys": "1 2 3 4 5 6 ENTER"}))
    shows(api, "REMOVE CARD")
    done(api.delete("card"))
    shows(api, "AMOUNT OR MENU")
    done(api.patch("faults", json={"network_up": True}))
    recorded = str(done(api.post("recording/stop", json={"name": "Recorded"}))["test"])
    assert "assert 'MERCHANT COPY" in recorded
    changed = recorded.replace("APPROVED", "DECLINED", 1)
    assert changed != recorded
    pytester.makepyfile(test_recorded=recorded, test_changed=changed)
    output = pytester.runpytest_inprocess("-rA", *(f"-pno:{name}" for name in OTHERS)).stdout.str()
    assert "1 failed, 1 passed" in output
    assert "PASSED test_recorded.py::test_recorded" in output
    assert "for the screen to show 'DECLINED'" in output
