"""Cards in and out of the board's slot, as the qualification suite and `reader serve` do it."""

from __future__ import annotations

from collections.abc import Callable

from tillbench.host.cards.apdu_card import ApduCard
from tillbench.host.cards.pps import PpsCard
from tillbench.host.reader.board import ReaderBoard, ReaderFault

SEEN_S = 30.0


class BoardSlot:
    """A card goes in, and the daemon has seen it; it comes out, and the daemon has seen that."""

    def __init__(self, board: ReaderBoard) -> None:
        self._board = board

    def insert(self, card: ApduCard) -> None:
        """Put in another card; returns when pcscd has powered it and looked at it again.

        Raises:
            ReaderFault: the board has ended, or pcscd does not look.
        """
        self.pull()
        self._board.insert(card)
        self._wait(self._board.port.settled.wait, "did not power the card")

    def pull(self) -> None:
        """Take the card out, if there is one; returns when pcscd has seen that. Raises as `insert`."""
        if self._board.models.slot.card is None:
            return
        self._board.pull()
        self._wait(self._board.port.looked.wait, "did not look at the slot")

    def pps(self) -> bytes:
        """The last PPS that the card has answered since its reset; empty without one. Raises ReaderFault."""
        found = self._board.do(lambda: self._board.models.slot.card)
        return found.agreed if isinstance(found, PpsCard) else b""

    def _wait(self, until: Callable[[float], bool], what: str) -> None:
        if not until(SEEN_S):
            raise ReaderFault(f"pcscd {what} within {SEEN_S:.0f} s")
