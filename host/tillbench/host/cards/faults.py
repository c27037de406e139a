"""What a test can make a card do wrong: rules that hit chosen APDUs."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from tillbench.host.cards.fault_profile import FaultProfile
from tillbench.protocols.apdu import Ins, Response
from tillbench.protocols.emv import tlv

Change = Callable[[Response], Response]


class CardMute(Exception):
    """The card gives no answer; a reader would run into its waiting time."""


@dataclass
class _Rule:
    """Hits the `at`-th APDU since the reset, or the `nth` one with instruction `ins`; once, or every time from
    then on when `lasting`."""

    at: int | None
    ins: int | None
    nth: int
    lasting: bool
    before: bytes | None = None  # status word in place of execution; b"" = mute
    after: Change | None = None  # what becomes of the answer of the executed command
    delay: int = 0  # etu by which it comes late
    seen: int = 0

    def hits(self, count: int, ins: int) -> bool:
        """Whether this rule is for the APDU that comes now. Changes nothing: `count_in` does."""
        number, target = (count, self.at) if self.at is not None else (self.seen + 1, self.nth)
        if target is None or (self.at is None and ins != self.ins):
            return False
        return number >= target if self.lasting else number == target

    def count_in(self, ins: int) -> None:
        self.seen += ins == self.ins


@dataclass
class Faults:
    """The faults of one card. APDUs are counted from 1 since the last reset, GET RESPONSE and repetitions with the
    right Le not counted; `ins` and `nth` count over the card's life.

    >>> card.faults.answer(0x6985, ins=Ins.GENERATE_AC, nth=2)
    >>> card.faults.mute(at=5)
    """

    _rules: list[_Rule] = field(default_factory=list)
    _atrs: list[bytes] = field(default_factory=list)

    @classmethod
    def of(cls, rows: Iterable[FaultProfile], atrs: Iterable[bytes] = ()) -> "Faults":
        """The faults of a profile, and the ATRs of its first resets."""
        faults = cls()
        faults.wrong_atr(*atrs)
        for row in rows:
            faults._add(_rule(row))
        return faults

    def answer(
        self, sw: int, *, at: int | None = None, ins: int | None = None, nth: int = 1, lasting: bool = False
    ) -> None:
        """This status word instead of executing the command."""
        self._add(_Rule(at, ins, nth, lasting, before=sw.to_bytes(2, "big")))

    def mute(self, *, at: int | None = None, ins: int | None = None, nth: int = 1, lasting: bool = False) -> None:
        """No answer at all, and nothing executed."""
        self._add(_Rule(at, ins, nth, lasting, before=b""))

    def change(
        self, change: Change, *, at: int | None = None, ins: int | None = None, nth: int = 1, lasting: bool = False
    ) -> None:
        """The command is executed and `change` is laid over its answer."""
        self._add(_Rule(at, ins, nth, lasting, after=change))

    def late(
        self, etu: int, *, at: int | None = None, ins: int | None = None, nth: int = 1, lasting: bool = False
    ) -> None:
        """The command is executed, and the answer comes so much later."""
        self._add(_Rule(at, ins, nth, lasting, delay=etu))

    def wrong_cryptogram(self, nth: int = 1) -> None:
        """The `nth` GENERATE AC gives an Application Cryptogram with its last bit turned over."""
        self.change(_spoil_cryptogram, ins=Ins.GENERATE_AC, nth=nth)

    def wrong_atr(self, *atrs: bytes) -> None:
        """The ATRs of the next resets, one each; `b""` is a card that stays mute at its reset."""
        self._atrs += atrs

    def clear(self) -> None:
        """A sound card again."""
        self._rules.clear()
        self._atrs.clear()

    def _add(self, rule: _Rule) -> None:
        if (rule.at is None) == (rule.ins is None):
            raise ValueError("a fault needs either `at` (which APDU) or `ins` (which instruction)")
        self._rules.append(rule)

    def atr(self, sound: bytes) -> bytes:
        """The ATR of a reset that happens now."""
        return self._atrs.pop(0) if self._atrs else sound

    def before(self, count: int, ins: int) -> tuple[bytes | None, list[Change], int]:
        """For the APDU that comes now: the status word in its place (b"" mute, None none), the changes after it, and
        how late it is answered, in etu."""
        hit = [rule for rule in self._rules if rule.hits(count, ins)]
        for rule in self._rules:
            rule.count_in(ins)
        instead = next((rule.before for rule in hit if rule.before is not None), None)
        return instead, [rule.after for rule in hit if rule.after is not None], sum(rule.delay for rule in hit)

    def silent(self, count: int, ins: int) -> bool:
        """Whether that APDU would find the card mute; asked ahead of it, nothing is used up."""
        instead = next((r.before for r in self._rules if r.before is not None and r.hits(count, ins)), None)
        return instead == b""


def _rule(row: FaultProfile) -> _Rule:
    rule = _Rule(row.at, row.ins, row.nth, row.lasting)
    if row.mute:
        rule.before = b""
    elif row.answer is not None:
        rule.before = row.answer
    elif row.delay is not None:
        rule.delay = row.delay
    else:
        rule.after = lambda answer: Response(row.changed(answer.data), answer.sw)
    return rule


def _spoil_cryptogram(answer: Response) -> Response:
    if answer.data[:1] == b"\x80":
        body = bytearray(tlv.parse(answer.data)[0].value)
        if len(body) >= 11:
            body[10] ^= 0x01
        return Response(tlv.encode(0x80, bytes(body)), answer.sw)
    objects = tlv.parse(answer.data)
    if not objects:
        return answer
    parts = [
        tlv.encode(item.tag, item.value[:-1] + bytes([item.value[-1] ^ 0x01]) if item.tag == 0x9F26 else item.value)
        for item in objects[0].children
    ]
    return Response(tlv.encode(objects[0].tag, *parts), answer.sw)
