"""What runs the firmware, as the bench sees it."""

from __future__ import annotations

from typing import Protocol

from tillbench.host.emulator.link import Wire


class DeviceProcess(Protocol):
    """The device: a process with the firmware in it, or a board with it."""

    heard: bytes
    """What the wire has brought before the link began."""

    @property
    def wire(self) -> Wire:
        """The link."""
        ...

    def ended(self) -> int | None:
        """Its exit code, if it has ended by itself."""
        ...

    def printed(self, data: bytes) -> None:
        """What it has printed came between the frames."""
        ...

    def console(self) -> str:
        """What it has printed."""
        ...

    def interrupt(self) -> str:
        """It says nothing any more: make it say where it hangs; returns what it has printed."""
        ...

    def kill(self) -> None:
        """SIGKILL."""
        ...
