"""Random interleavings of terminals and host keep the books; `make long` runs many more."""

from hypothesis import HealthCheck, settings

from .acquirer_interleavings import Interleavings

TestInterleavings = Interleavings.TestCase
TestInterleavings.settings = settings(
    max_examples=12, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
)
