"""A PCF8575 I/O expander: sixteen quasi-bidirectional lines, contacts between them, and INT."""

from __future__ import annotations

from tillbench.host.emulator.wires import Nets

LINES = 16


class Pcf8575:
    """The chip; contacts are closed on `lines`, whose nets are E0..E15.

    Args:
        nets: of the board, where INT is.
        interrupt: net of INT; a pull-up is on the board.
    """

    def __init__(self, nets: Nets, interrupt: str) -> None:
        self.lines = Nets()
        self.lines.on_closure = lambda a, b, closed: self._changed()
        self.absent = False
        self.broken: set[int] = set()
        """Lines whose wire to the contacts is cut."""
        self.grounded: set[int] = set()
        """Lines that something holds low."""
        self.raised: set[int] = set()
        """Lines that are shorted to the supply."""
        self.transfers = 0
        self._nets = nets
        self._interrupt = interrupt
        self._outputs = 0xFFFF
        self._seen = 0xFFFF
        nets.drive(interrupt, 1)

    @staticmethod
    def net(line: int) -> str:
        """The net of a line."""
        return f"E{line}"

    def write(self, data: bytes) -> int:
        """Two bytes for P0 and P1; returns how many are acknowledged, -1 from a chip that is not there."""
        self.transfers += 1
        if self.absent:
            return -1
        for at in range(0, len(data) - 1, 2):
            self._outputs = data[at] | data[at + 1] << 8
        self._quiet()
        return len(data)

    def read(self, size: int) -> bytes:
        """P0, P1, P0, ..."""
        self.transfers += 1
        self._quiet()
        return (self._levels().to_bytes(2, "little") * (size // 2 + 1))[:size]

    def power_dip(self) -> None:
        """It starts anew: every line is let go, and so is INT."""
        self._outputs = 0xFFFF
        self._quiet()

    def _quiet(self) -> None:
        self._seen = self._levels()
        self._nets.drive(self._interrupt, 1)

    def _changed(self) -> None:
        if not self.absent:
            self._nets.drive(self._interrupt, 0 if self._levels() != self._seen else 1)

    def _levels(self) -> int:
        levels = 0xFFFF
        for group in self._groups():
            if any(not self._outputs >> line & 1 or line in self.grounded for line in group):
                for line in group - self.raised:
                    levels &= ~(1 << line)
        return levels

    def _groups(self) -> list[set[int]]:
        """Lines that contacts have joined."""
        groups = [{line} for line in range(LINES)]
        for a, b in self.lines.closures:
            ends = int(a[1:]), int(b[1:])
            if self.broken.intersection(ends):
                continue
            first, second = (next(group for group in groups if line in group) for line in ends)
            if first is not second:
                first |= second
                groups.remove(second)
        return groups
