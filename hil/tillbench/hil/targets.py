"""What runs the firmware in a test, what each of these has, and what becomes of a test that needs more."""

from __future__ import annotations

import os

import pytest
from tillbench.host.emulator.qemu import NoQemu, find_image, find_qemu

CAPABILITIES = {
    "unix": frozenset({"clock", "power", "tls", "sha1", "files", "hang-up", "memory", "speed"}),
    "qemu": frozenset({"clock", "power", "psram"}),
    "serial": frozenset({"clock", "power"}),
}
"""By target; "serial" is a board on a port with everything virtual, whatever the port.

- "clock": time is the bench's, and jumps; "power": it can be cut.
- "tls", "sha1": modules of MicroPython's C code that not every port has.
- "files": the board sees the computer's files; "psram": memory that the bench shares.
- "hang-up": it hears that the bench has gone.
- "memory": a heap of megabytes, for tests whose cases take more than a terminal.
- "speed": as quick as the computer, for tests that do something hundreds of times.
"""


def chosen_targets(config: pytest.Config) -> list[str]:
    """The `--till-target` options, each once; empty if there is none."""
    return list(dict.fromkeys(config.getoption("--till-target") or ()))


def check_needs(item: pytest.Item, target: str) -> None:
    """Skip the test, by name, if the target lacks something that its `till_needs` markers name."""
    needed = {name for mark in item.iter_markers("till_needs") for name in mark.args}
    unknown = needed - frozenset().union(*CAPABILITIES.values())
    if unknown:
        pytest.fail(f"till_needs({sorted(unknown)[0]!r}): no target has a capability of that name", pytrace=False)
    lacking = sorted(needed - CAPABILITIES[target.partition(":")[0]])
    if lacking:
        pytest.skip(f"target {target} lacks: {', '.join(lacking)}")


def require(target: str, image: str = "heap100k") -> None:
    """Skip the test, by what is missing, where the target cannot be had; in CI that is an error.

    Args:
        target: one of `CAPABILITIES`.
        image: MicroPython image for QEMU, one of `tillbench.host.emulator.qemu.IMAGES`.

    Raises:
        NoQemu: in CI.
    """
    if target != "qemu":
        return
    try:
        find_qemu()
        find_image(image)
    except NoQemu as error:
        if os.environ.get("CI"):
            raise
        pytest.skip(str(error))
