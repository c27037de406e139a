"""Why a device says nothing more."""

from __future__ import annotations

from tillbench.host.emulator.device_process import DeviceProcess
from tillbench.host.emulator.link import LinkLost

_DAMAGED = "StorageDamaged: "
_LINES = 25


class FlashDamaged(Exception):
    """The flash image is neither blank nor a file system."""


def cause_of_death(error: LinkLost, process: DeviceProcess | None, flash: str) -> Exception:
    """The error to raise for `error`, with what the device said last; it is interrupted for that.

    Args:
        error: as the link has it.
        process: the device; None: it is off already.
        flash: name of its flash image.
    """
    said = process.interrupt() if process else ""
    code = process.ended() if process else None
    lines = said.strip().splitlines()
    if lines and lines[-1].startswith(_DAMAGED):
        what = lines[-1].removeprefix(_DAMAGED)
        return FlashDamaged(f"{flash}: {what}; look before you delete it, it may owe a reversal")
    tail = "\n".join(lines[-_LINES:])
    ended = "" if code is None else f" (exit {code})"
    return LinkLost(f"{error}{ended}" + (f"; the device's console ends with\n{tail}" if tail else ""))
