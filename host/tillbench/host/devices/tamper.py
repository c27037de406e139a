"""The case and its switch: open, the board reads 1."""

from __future__ import annotations

from collections.abc import Callable

from tillbench.host.emulator.wires import Nets


class Case:
    """A case that is shut, with its switch on `net`.

    Args:
        nets: the board's copper.
        net: where the switch is.
        on_opened: the part of the key slot that watches the switch too, with a battery of its own: it erases.
        on_change: hears of each opening (True) and shutting (False).
    """

    def __init__(
        self,
        nets: Nets,
        net: str,
        on_opened: Callable[[], None],
        on_change: Callable[[bool], None] = lambda is_open: None,
    ) -> None:
        self._nets = nets
        self._net = net
        self._on_opened = on_opened
        self._on_change = on_change
        self.is_open = False
        nets.drive(net, 0)

    def open(self) -> None:
        """Open it, whether the power is on or off."""
        self._set(True)
        self._on_opened()

    def close(self) -> None:
        """Shut it."""
        self._set(False)

    def _set(self, is_open: bool) -> None:
        if is_open != self.is_open:
            self.is_open = is_open
            self._nets.drive(self._net, int(is_open))
            self._on_change(is_open)
