"""A cash drawer on the printer's drawer connector: a pulse on pin 2 or 5 opens it, its switch is on pin 3."""

from __future__ import annotations

from collections.abc import Callable


class CashDrawer:
    """Attributes:
    pulses: the connector pin of each pulse so far.
    is_open: whether it stands open.
    listeners: each hears the pin of every pulse, also of one to a drawer that is open already.
    """

    def __init__(self) -> None:
        self.pulses: list[int] = []
        self.is_open = False
        self.listeners: list[Callable[[int], None]] = []

    def kick(self, pin: int) -> None:
        """A pulse."""
        self.pulses.append(pin)
        self.is_open = True
        for tell in self.listeners:
            tell(pin)
