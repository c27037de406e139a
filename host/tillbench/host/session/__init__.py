"""Card sessions: what a card and a terminal said to each other, recorded, replayed, compared."""

from tillbench.host.session.dialogue import Dialogue, Step
from tillbench.host.session.folding import Pair, fold
from tillbench.host.session.record import Exchange, Header, Note, Removal, Reset, Session, SessionError

__all__ = [
    "Dialogue",
    "Exchange",
    "Header",
    "Note",
    "Pair",
    "Removal",
    "Reset",
    "Session",
    "SessionError",
    "Step",
    "fold",
]
