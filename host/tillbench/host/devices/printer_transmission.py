"""An answer of several blocks: the host says ACK for the next one, NAK for the same again, CAN for no more."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

from tillbench.host.devices.printer_actions import Action, Answer

_ACK, _NAK = b"\x06", b"\x15"


class Transmission:
    """The blocks that the host has not acknowledged. A host that says anything else gets no more of them."""

    def __init__(self) -> None:
        self._blocks: deque[bytes] = deque()

    def begin(self, blocks: Sequence[bytes]) -> list[Action]:
        """Send the first block."""
        self._blocks = deque(blocks)
        return self._front()

    def heard(self, data: bytes) -> list[Action] | None:
        """What follows from these bytes of the host; None if they are no answer of its."""
        if not self._blocks or data not in (_ACK, _NAK):
            return None
        if data == _ACK:
            self._blocks.popleft()
        return self._front()

    def end(self) -> None:
        """The host does something else, or CAN."""
        self._blocks.clear()

    def _front(self) -> list[Action]:
        return [Answer(self._blocks[0])] if self._blocks else []
