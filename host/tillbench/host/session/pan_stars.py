"""The card numbers of a session, starred wherever their digits stand."""

from __future__ import annotations

from tillbench.host.session.dialogue import Item, Step
from tillbench.protocols.emv.masking import PAN_TAGS, TRACK_2_TAGS, mask_pan
from tillbench.protocols.emv.pans_in_text import without_pans

_LEAST_PAN = 12


class PanStars:
    """Learns the PANs from the data objects that hold them, and finds them again where nobody expects them."""

    def __init__(self) -> None:
        self.shown: dict[str, str] = {}
        """Digits as they are: as they are to be shown."""

    def learn(self, step: Step) -> None:
        """The data objects of a command and its answer."""
        for item in (*step.received, *step.sent):
            self.note(item)

    def note(self, item: Item) -> None:
        """A data object of the session, whichever."""
        if item.tag in PAN_TAGS:
            self._pan(item.value)
        elif item.tag in TRACK_2_TAGS:
            self._pan(item.value.partition("D")[0])

    def _pan(self, value: str) -> None:
        pan = value.rstrip("F")
        if len(pan) < _LEAST_PAN or not pan.isdecimal() or set(pan) == {"0"}:
            return
        self.shown[pan] = mask_pan(pan)
        text = pan.encode("ascii").hex().upper()
        self.shown[text] = text[:12] + "*" * (len(text) - 20) + text[-8:]

    def in_text(self, text: str) -> str:
        """Words and digits with the PANs starred that stand in them: those of the session, and what looks like one."""
        for value, shown in self.shown.items():
            if value in text:
                text = text.replace(value, shown)
        return without_pans(text, known=self.shown)
