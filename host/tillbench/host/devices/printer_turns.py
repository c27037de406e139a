"""Which of the printer's interfaces prints: one at a time, from its first command to a cut or a second of silence."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from tillbench.host.devices.printer_interface import HELD_US, Interface


class Turns:
    """The UART's interface, which the printer goes back to, and those that are plugged in later.

    Attributes:
        serving: whose turn it is.
    """

    def __init__(self, wired: Interface) -> None:
        self.serving = wired
        self._wired = wired
        self._interfaces = [wired]

    def __iter__(self) -> Iterator[Interface]:
        return iter(self._interfaces)

    def add(self, interface: Interface) -> None:
        """Plug one in."""
        self._interfaces.append(interface)

    def pump(self, following: Callable[[Interface], bool]) -> None:
        """Each takes in what waits for room in its buffer; see `Interface.pump`."""
        for interface in self._interfaces:
            if interface.arrived:
                interface.pump(following)

    def reset(self) -> None:
        """As after power on."""
        for interface in self._interfaces:
            interface.reset()
        self.serving = self._wired

    @property
    def elsewhere(self) -> bool:
        """Whether somebody else than the UART has the printer."""
        return self.serving is not self._wired

    @property
    def waiting(self) -> bool:
        """Whether anything is left to obey."""
        return any(interface.working or interface.arrived for interface in self._interfaces)

    def hold(self, at: int) -> None:
        """The one that has the printer has done something at the moment `at`, and it was no cut."""
        self.serving.held_until = at + HELD_US

    def next(self, at: int) -> Interface | None:
        """Whose command is next, at the moment `at`."""
        if self.serving.working:
            return self.serving
        if at < self.serving.held_until:
            return None
        self.serving = next((interface for interface in self._interfaces if interface.working), self._wired)
        return self.serving if self.serving.working else None

    def over_at(self) -> int | None:
        """When the printer is free for another one, if that is something to wait for."""
        if self.serving.working:
            return None
        wanted = self.elsewhere or any(interface.working for interface in self._interfaces)
        return self.serving.held_until if wanted else None
