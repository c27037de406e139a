"""For every test: Hypothesis never judges by the clock of a machine that others use too."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

settings.register_profile(
    "tillbench",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    # In CI the same examples each time: a red build has its cause in the change. At the desk there are new ones.
    derandomize=bool(os.environ.get("CI")),
    print_blob=True,
)
settings.load_profile("tillbench")
