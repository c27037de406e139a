"""What is different between two sessions, and of what kind.

- expected: another transaction has it too: amounts, dates, counters, random numbers, and what is computed from them.
- cosmetic: the same said in other bytes.
- semantic: something else was said; it has a phase, and where it is a data object its tag and, where it has them, bits.
- timing: the same, much slower or faster.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from difflib import SequenceMatcher

from tillbench.host.issuer import CardIssuer, IssuerDataError
from tillbench.host.session import values
from tillbench.host.session.command_fields import is_pin_command
from tillbench.host.session.dialogue import AUTHENTICATION, RAW, Context, Dialogue, Item, Step
from tillbench.host.session.folding import Pair, fold
from tillbench.host.session.pan_stars import PanStars
from tillbench.host.session.record import Reset, Session, octets
from tillbench.host.session.signatures import Chain, Fields, bench_key_of, chain, dynamic
from tillbench.host.session.values import COMPUTED, Kind, named
from tillbench.protocols.apdu import Ins, sw_text

KINDS: tuple[Kind, ...] = ("semantic", "timing", "cosmetic", "expected")
SLOWER = 3.0
LEAST_US = 50_000
"""Times that differ by less than this factor, or by less than this, are the same: a busy computer's, too."""
_SIGNED_TAGS = (0x90, 0x9F46, 0x9F2D, 0x93)


@dataclass(frozen=True)
class Difference:
    """One difference. `step` counts the APDUs of the first session from 1 (0: none of one APDU); `tag` is 0 for what
    is no data object."""

    kind: Kind
    phase: str
    title: str
    tag: int
    text: str
    step: int = 0

    def __str__(self) -> str:
        place = f"{self.phase}, {self.title}" if self.title else self.phase
        tag = f"{named(self.tag)}: " if self.tag else ""
        return f"{self.kind:9} {place}: {tag}{self.text}"


@dataclass
class _Told:
    """A step, with what its answer shows when it is opened."""

    step: Step
    context: Context
    signed: Fields | None = None
    cryptogram: str = ""  # CDA: it came inside of the signature
    genuine: bool | None = None


class _Side:
    """One session, understood from end to end."""

    def __init__(self, session: Session, issuer: CardIssuer | None) -> None:
        self.atrs = [event.atr for event in session.events if isinstance(event, Reset)]
        self.told: list[_Told] = []
        self.chains: list[tuple[int, Chain]] = []  # of each application, with the number of its last APDU
        self._issuer = issuer
        self._chain: Chain | None = None
        dialogue = Dialogue()
        before = dialogue.context
        for event in fold(session.events):
            step = dialogue.follow(event)
            if step is None:
                continue
            context = dialogue.context
            if context is not before:
                self._close(before)
                before = context
            self.told.append(self._tell(step, context))
        self._close(before)

    def _close(self, context: Context) -> None:
        if 0x90 in context.card:
            self.chains.append((len(self.told), chain(context)))
        self._chain = None

    def _tell(self, step: Step, context: Context) -> _Told:
        told = _Told(step, replace(context, card=dict(context.card), terminal=dict(context.terminal)))
        if any(item.tag == 0x9F4B for item in step.received):
            self._chain = self._chain or chain(context)
            opened = dynamic(step, context, self._chain.icc or bench_key_of(step))
            if opened:
                told.signed, told.cryptogram = opened.fields, opened.cryptogram.hex().upper()
        if self._issuer and step.pair.ins == Ins.GENERATE_AC and step.pair.sw == "9000":
            told.genuine = self._verifies(context, told.cryptogram)
        return told

    def _verifies(self, context: Context, inside: str) -> bool | None:
        tags = {tag: octets(value) for tag, value in (context.card | context.terminal).items() if "*" not in value}
        if inside:
            tags[0x9F26] = octets(inside)
        assert self._issuer is not None
        try:
            return self._issuer.verify(tags)
        except (IssuerDataError, KeyError):
            return None


def compare(
    first: Session,
    second: Session,
    *,
    first_issuer: CardIssuer | None = None,
    second_issuer: CardIssuer | None = None,
) -> list[Difference]:
    """Every difference of `second` from `first`, in the order of `first`. With the cards' issuers it is also seen
    whether cryptograms are genuine."""
    left, right = _Side(first, first_issuer), _Side(second, second_issuer)
    stars = PanStars()
    for told in (*left.told, *right.told):
        stars.learn(told.step)
    found = [*_resets(left.atrs, right.atrs), *_steps(left, right), *_chains(left, right)]
    return [replace(one, text=_shown(one.text, stars)) for one in found]


def _shown(text: str, stars: PanStars) -> str:
    """As it may be shown; that two values differ is told also where only digits do that are not shown."""
    text = stars.in_text(text)
    was, arrow, is_now = text.partition(" -> ")
    return f"{was} -> another that is shown the same" if arrow and was == is_now else text


def semantic(differences: list[Difference]) -> list[Difference]:
    """Those of kind semantic."""
    return [difference for difference in differences if difference.kind == "semantic"]


def _resets(left: list[str], right: list[str]) -> Iterator[Difference]:
    if len(left) != len(right):
        yield Difference("semantic", "reset", "", 0, f"{len(left)} answers to reset -> {len(right)}")
    for old, new in zip(left, right, strict=False):
        if old != new:
            yield Difference("semantic", "reset", "", 0, f"ATR {old or 'mute'} -> {new or 'mute'}")


def _steps(left: _Side, right: _Side) -> Iterator[Difference]:
    keys, others = ([_key(told.step) for told in side.told] for side in (left, right))
    for action, a1, a2, b1, b2 in SequenceMatcher(None, keys, others, autojunk=False).get_opcodes():
        if action == "equal":
            for at, (old, new) in enumerate(zip(left.told[a1:a2], right.told[b1:b2], strict=True), a1 + 1):
                yield from _step(old, new, at)
            continue
        for at, told in enumerate(left.told[a1:a2], a1 + 1):
            yield _whole(told.step, at, "did not come")
        for told in right.told[b1:b2]:
            yield _whole(told.step, a1, "came in addition")


def _whole(step: Step, at: int, text: str) -> Difference:
    return Difference("semantic", step.phase, step.title, 0, text, at)


def _key(step: Step) -> tuple[object, ...]:
    """What makes two commands the same command, whatever is in them."""
    pair = step.pair
    if pair.ins == Ins.SELECT:
        return pair.ins, pair.data, pair.p2
    if pair.ins in (Ins.READ_RECORD, Ins.GET_DATA, Ins.PUT_DATA, Ins.UPDATE_RECORD):
        return pair.ins, pair.p1, pair.p2
    return (pair.ins,)


def _step(old: _Told, new: _Told, at: int) -> Iterator[Difference]:
    before, after = old.step.pair, new.step.pair

    def difference(kind: Kind, tag: int, text: str) -> Difference:
        return Difference(kind, old.step.phase, old.step.title, tag, text, at)

    for name, was, is_now in (
        ("CLA", before.header[:2], after.header[:2]),
        ("P1 P2", before.header[4:], after.header[4:]),
    ):
        if was != is_now:
            yield difference("semantic", 0, f"{name} {was} -> {is_now}")
    for findings in (_items(old, new, sent=True), _items(old, new, sent=False)):
        for kind, tag, text in findings:
            yield difference(kind, tag, text)
    if before.sw != after.sw:
        yield difference("semantic", 0, f"status {_status(before.sw)} -> {_status(after.sw)}")
    if len(before.exchanges) != len(after.exchanges):
        yield difference("cosmetic", 0, f"in {len(before.exchanges)} exchanges -> {len(after.exchanges)}")
    yield from (difference(kind, tag, text) for kind, tag, text in _computed(old, new))
    if before.took_us is not None and after.took_us is not None:
        low, high = sorted((before.took_us, after.took_us))
        if high - low > LEAST_US and high > SLOWER * low:
            yield difference("timing", 0, f"{before.took_us / 1000:.1f} ms -> {after.took_us / 1000:.1f} ms")


def _status(sw: str) -> str:
    return f"{sw} ({sw_text(int(sw, 16))})" if sw else "no answer"


def _items(old: _Told, new: _Told, *, sent: bool) -> Iterator[tuple[Kind, int, str]]:
    step, other = old.step, new.step
    if sent and is_pin_command(step.pair.header):
        if len(step.pair.data) != len(other.pair.data):
            yield "semantic", 0, f"{len(step.pair.data) // 2} bytes of PIN data -> {len(other.pair.data) // 2}"
        return
    was, now = (step.sent, other.sent) if sent else (step.received, other.received)
    before = {(item.place, item.tag): item for item in was}
    after = {(item.place, item.tag): item for item in now}
    way = "sent" if sent else "given"
    for key, item in before.items():
        if key not in after:
            yield "semantic", item.tag, f"no longer {way} (was {values.shown(item.tag, item.value)})"
            continue
        for kind, text in _values(step, item, after[key]):
            yield kind, item.tag, text
    for key, item in after.items():
        if key not in before:
            yield "semantic", item.tag, f"{way} in addition: {values.shown(item.tag, item.value)}"
    if before.keys() != after.keys():
        return
    if list(before) != list(after):
        yield "cosmetic", 0, "the same objects in another order"
    elif not sent and step.template != other.template:
        yield "cosmetic", 0, f"template {step.template:02X} -> {other.template:02X}"
    elif not sent and before == after and not values.same(step.pair.answer, other.pair.answer):
        yield "cosmetic", 0, "the same objects in other bytes"


def _values(step: Step, old: Item, new: Item) -> Iterator[values.Finding]:
    if old.tag == RAW:
        yield from _raw(step, old.value, new.value)
    elif old.tag == 0x9F10:
        yield from values.issuer_application_data(old.value, new.value)
    elif old.tag == 0x91:
        yield from values.issuer_authentication_data(old.value, new.value)
    elif old.tag not in COMPUTED:
        yield from values.differences(old.tag, old.value, new.value)
    elif len(old.value) != len(new.value):
        yield "semantic", f"{len(old.value) // 2} bytes -> {len(new.value) // 2} bytes"
    elif old.tag not in _SIGNED_TAGS and not values.same(old.value, new.value):
        yield "expected", "computed from what is new"


def _raw(step: Step, old: str, new: str) -> Iterator[values.Finding]:
    if values.same(old, new):
        return
    if len(old) != len(new):
        yield "semantic", f"{len(old) // 2} bytes -> {len(new) // 2} bytes"
    elif step.pair.ins in (Ins.GET_CHALLENGE, Ins.INTERNAL_AUTHENTICATE):
        yield "expected", "random"
    elif _is_secured(step.pair) and old[:-16] == new[:-16]:
        yield "expected", "another MAC"
    else:
        yield "semantic", f"{old} -> {new}"


def _is_secured(pair: Pair) -> bool:
    """Secure messaging (ISO/IEC 7816-4, 5.4.1): the data end with a MAC."""
    return int(pair.header[1], 16) & 0x4 != 0


def _computed(old: _Told, new: _Told) -> Iterator[tuple[Kind, int, str]]:
    if old.signed and new.signed:
        for name, was, is_now in _field_changes(old.signed, new.signed):
            yield "semantic", 0x9F4B, f"{name} {was} -> {is_now}"
    elif (old.signed is None) != (new.signed is None) and _has_signature(old) and _has_signature(new):
        is_open = "no longer opens" if old.signed else "opens now"
        yield "semantic", 0x9F4B, f"{is_open} with the card's key"
    if old.genuine is not None and new.genuine is not None and old.genuine != new.genuine:
        yield "semantic", 0x9F26, "genuine -> not this card's" if old.genuine else "not this card's -> genuine"


def _has_signature(told: _Told) -> bool:
    return any(item.tag == 0x9F4B for item in told.step.received)


def _field_changes(old: Fields, new: Fields) -> Iterator[tuple[str, str, str]]:
    for name in dict.fromkeys([*old, *new]):
        was, is_now = old.get(name, "none"), new.get(name, "none")
        if was != is_now:
            yield name, _short(was), _short(is_now)


def _short(text: str) -> str:
    return text if len(text) <= 24 else f"{text[:16]}... ({len(text) // 2} bytes)"


def _chains(left: _Side, right: _Side) -> Iterator[Difference]:
    """Certificates and static signatures: by what is in them; when that is the same, by whether it had to change."""
    for (at, old), (_at, new), (before, after) in zip(
        left.chains, right.chains, zip(_contexts(left), _contexts(right), strict=False), strict=False
    ):
        for tag in _SIGNED_TAGS:
            was, is_now = before.card.get(tag, ""), after.card.get(tag, "")
            if not was or not is_now or values.same(was, is_now):
                continue
            fields = old.fields.get(tag, {}), new.fields.get(tag, {})
            changes = list(_field_changes(*fields))
            for name, had, has in changes:
                shown = (had, has) if name != "name" else ("one", "another")
                yield Difference(
                    "semantic", AUTHENTICATION, "certificates", tag, f"{name} {shown[0]} -> {shown[1]}", at
                )
            if not changes and all(fields):
                yield Difference("expected", AUTHENTICATION, "certificates", tag, "signs other data", at)
            elif not changes and len(was) == len(is_now):
                yield Difference("semantic", AUTHENTICATION, "certificates", tag, "another, which does not open", at)


def _contexts(side: _Side) -> Iterator[Context]:
    """The last context of each application whose certificates were seen."""
    for at, _chain in side.chains:
        yield side.told[at - 1].context
