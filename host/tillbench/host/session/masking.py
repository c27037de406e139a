"""A session without what belongs to a person: PAN, track data, name, certificates with the PAN in them, and everything
that nobody here can name. PINs never were in it."""

from __future__ import annotations

from collections.abc import Iterable

from tillbench.host.session.dialogue import RAW, Dialogue, Item, Step
from tillbench.host.session.folding import Pair, fold
from tillbench.host.session.pan_stars import PanStars
from tillbench.host.session.record import Event, Exchange, Header, Note, Removal, Reset, Session, SessionError
from tillbench.host.session.trust import foreign
from tillbench.protocols.apdu import Ins
from tillbench.protocols.emv import tlv
from tillbench.protocols.emv.masking import HIDDEN_TAGS, TRACK_2_TAGS, mask_track2
from tillbench.protocols.emv.tags import TAGS

_NAMES = frozenset({0x5F20, 0x9F0B})
_WITH_THE_PAN_INSIDE = frozenset({0x9F46, 0x9F2D})
"""Certificates: whoever has the issuer's public key can open them."""
_HARMLESS_RAW = frozenset({Ins.GET_CHALLENGE, Ins.INTERNAL_AUTHENTICATE, Ins.SELECT})
_LEAST_DIGITS = 4
_HEAD = 10  # digits of a command before its data: CLA INS P1 P2 Lc


def mask(session: Session) -> Session:
    """A copy with stars for all that tells of the holder, wherever its digits stand."""
    hidden = _Hidden(session.events)
    events: list[Event] = []
    for event in hidden.folded:
        events += hidden.masked(event) if isinstance(event, Step) else [hidden.told(event)]
    return Session(hidden.header(session.header), events)


def fit_to_be_written(session: Session, *, full: bool, trusted: bool = False) -> Session:
    """The session as it may be stored: `full` needs a card that is the bench's, by what the session shows, or by
    `trusted` (a virtual card, which whoever recorded it had made).

    Raises SessionError: it is not.
    """
    if not full:
        return mask(session)
    if session.is_masked and any("*" in exchange.response for exchange in session.exchanges):
        raise SessionError("this session is masked: what is starred cannot be told again")
    why = "" if trusted else foreign(session.events)
    if why:
        raise SessionError(f"this session may only be stored masked: {why}")
    return Session(session.header.model_copy(update={"contents": "full"}), session.events)


def without_holder(data: bytes) -> bytes:
    """Data of an answer, as long as they are, with zeros for names, for certificates with the PAN in them and for what
    has no name here; all zeros if they are no data objects. Numbers and tracks stay: whoever shows them masks them."""
    try:
        objects = tlv.parse(data)
    except tlv.TlvError:
        return bytes(len(data))
    told = bytearray(data)
    for item in tlv.walk(objects):
        if not item.children and (item.tag in _NAMES | _WITH_THE_PAN_INSIDE or item.tag not in TAGS):
            at = item.offset + len(tlv.tag_bytes(item.tag))
            at += 1 + (data[at] & 0x7F if data[at] > 0x80 else 0)
            told[at : at + len(item.value)] = bytes(len(item.value))
    return bytes(told)


class _Hidden:
    """What is to be starred: digits that were values of telling tags, and the PAN wherever it stands."""

    def __init__(self, events: Iterable[Event]) -> None:
        self.folded: list[Step | Reset | Removal | Note] = []
        self._pans = PanStars()
        self._shown: dict[str, str] = {}  # digits as they are: as they are to be shown
        dialogue = Dialogue()
        for event in fold(events):
            step = dialogue.follow(event)
            if step is None:
                assert not isinstance(event, Pair)
                self.folded.append(event)
                continue
            self.folded.append(step)
            for item in (*step.received, *step.sent):
                self._note(item)
        self._shown |= self._pans.shown
        self._longest_first = sorted(self._shown, key=len, reverse=True)

    def header(self, header: Header) -> Header:
        """The header of the masked session."""
        told = {name: self._pans.in_text(getattr(header, name)) for name in ("source", "reader", "card", "note")}
        terminal = {self._pans.in_text(name): self._pans.in_text(text) for name, text in header.terminal.items()}
        return header.model_copy(update={"contents": "masked", "terminal": terminal, **told})

    def told(self, event: Reset | Removal | Note) -> Event:
        """An event that is no exchange: people write notes, and an ATR has bytes of the issuer's."""
        if isinstance(event, Note):
            return event.model_copy(update={"text": self._pans.in_text(event.text)})
        return event.model_copy(update={"atr": self._starred(event.atr)}) if isinstance(event, Reset) else event

    def _note(self, item: Item) -> None:
        value = item.value
        self._pans.note(item)
        if item.tag in TRACK_2_TAGS:
            self._keep(value, _like(value, mask_track2(value)))
        elif item.tag in HIDDEN_TAGS | _NAMES | _WITH_THE_PAN_INSIDE:
            self._keep(value, "*" * len(value))

    def _keep(self, value: str, shown: str) -> None:
        if len(value) >= _LEAST_DIGITS and set(value) != {"0"}:
            self._shown[value] = shown

    def masked(self, step: Step) -> list[Exchange]:
        """The exchanges of an APDU. Its answer is starred as a whole, so that a PAN that lies across two of them is
        found."""
        pair = step.pair
        answer = _without_unknown(pair.answer, step.received, pair.ins)
        answer, changed = self._starred(answer), []
        for exchange in pair.exchanges:
            size = max(len(exchange.response) - 4, 0)
            piece, answer = answer[:size], answer[size:]
            command = exchange.command
            if exchange is pair.exchanges[0]:
                command = command[:_HEAD] + _without_unknown(command[_HEAD:], step.sent, pair.ins)
            command = command[:_HEAD] + self._starred(command[_HEAD:])
            changed.append(
                exchange.model_copy(update={"command": command, "response": piece + exchange.response[size:]})
            )
        return changed

    def _starred(self, text: str) -> str:
        for value in self._longest_first:
            if value in text:
                text = text.replace(value, self._shown[value])
        return text


def _without_unknown(text: str, items: Iterable[Item], ins: int) -> str:
    """Stars for values without a name: of no tag, or of one that is no EMV data object."""
    for item in items:
        unknown = ins not in _HARMLESS_RAW if item.tag == RAW else item.tag not in TAGS
        if unknown and item.value:
            text = text.replace(item.value, "*" * len(item.value))
    return text


def _like(value: str, shown: str) -> str:
    return shown + value[len(shown) :]
