"""A recorded card, played again: to the terminal's slot, or to a PC/SC program.

It answers what it answered. The lists of the card cut what the terminal sends, so that another amount, date or
unpredictable number is the same command; where the card's keys are test keys, signature and cryptogram are made anew
over the new values, and the issuer's proof is checked. What was never recorded is refused, and told in `notes`.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from tillbench.host.cards import CardMute
from tillbench.host.issuer.issuer_data import IssuerDataError
from tillbench.host.session.command_fields import data_field, is_pin_command, without_pin
from tillbench.host.session.dialogue import Context, Dialogue, Step
from tillbench.host.session.folding import Pair, fold
from tillbench.host.session.record import Note, Reset, Session, SessionError, digits, octets
from tillbench.host.session.resigning import CardKeys, Cryptogram, Signature, with_values
from tillbench.protocols.apdu import Ins
from tillbench.protocols.emv import TlvError, dol, tlv

_TYPES = 0xC0
_CDA = 0x18
_OK = b"\x90\x00"
_NOT_NOW, _WRONG_LENGTH, _NOT_PROVED = b"\x69\x85", b"\x67\x00", b"\x63\x00"
_UNKNOWN: dict[int, bytes] = {Ins.SELECT: b"\x6a\x82", Ins.READ_RECORD: b"\x6a\x83", Ins.GET_DATA: b"\x6a\x88"}
_NO_SUCH_COMMAND = b"\x6d\x00"
_TAKE_DATA = frozenset(
    {
        Ins.SELECT,
        Ins.GET_PROCESSING_OPTIONS,
        Ins.INTERNAL_AUTHENTICATE,
        Ins.EXTERNAL_AUTHENTICATE,
        Ins.GENERATE_AC,
        Ins.VERIFY,
        Ins.PUT_DATA,
        Ins.UPDATE_RECORD,
        Ins.PIN_CHANGE_UNBLOCK,
        Ins.CARD_BLOCK,
        Ins.APPLICATION_BLOCK,
        Ins.APPLICATION_UNBLOCK,
    }
)
_PLAIN_ATR = bytes.fromhex("3B600000")
_ONE_TRANSACTION = frozenset({Ins.GENERATE_AC, Ins.EXTERNAL_AUTHENTICATE, Ins.INTERNAL_AUTHENTICATE, Ins.VERIFY})


@dataclass(frozen=True)
class _Recorded:
    """A step, and what was known when its answer had come."""

    step: Step
    context: Context


@dataclass
class _Pool:
    """What was recorded under one application, and how far it has been played."""

    steps: list[_Recorded] = field(default_factory=list)
    at: int = 0

    def take(self, wanted: Pair) -> _Recorded | None:
        """The next step that is this command; for what may be read at any time, also an earlier one."""
        ahead = range(self.at, len(self.steps))
        behind = range(self.at)
        if wanted.ins in _ONE_TRANSACTION:
            behind = range(0)
            ends = (i for i in ahead if self.steps[i].step.pair.ins == Ins.GET_PROCESSING_OPTIONS)
            ahead = range(self.at, next(ends, len(self.steps)))
        for at in (*ahead, *behind):
            found: _Recorded = self.steps[at]
            if _is_same(found.step.pair, wanted):
                if at >= self.at or wanted.ins == Ins.GET_PROCESSING_OPTIONS:
                    self.at = at + 1
                return found
        return None


class Instructions:
    """What a slot's protocol must know of the card before it has the whole command."""

    def __init__(self, recorded: set[int]) -> None:
        self._take_data = _TAKE_DATA | recorded

    def takes_data(self, ins: int) -> bool:
        """Whether the card reads a data field for this instruction."""
        return ins in self._take_data

    def judge_header(self, cla: int, ins: int, p1: int, p2: int) -> int:
        """0: the recording alone decides."""
        del cla, ins, p1, p2
        return 0


class ReplayedCard:
    """The card of a session.

    Args:
        session: as recorded; not masked.
        keys: those of the test card it was; without them it plays to its first cryptogram.
        atc: the Application Transaction Counter it starts with; as recorded without.
        rng: for ICC Dynamic Numbers and challenges.
        on_exchange: sees every APDU pair, PINs zeroed.

    Attributes:
        notes: what happened that was not in the recording, in words.

    Raises:
        SessionError: the session is masked, or holds no card.
    """

    def __init__(
        self,
        session: Session,
        keys: CardKeys | None = None,
        *,
        atc: int | None = None,
        rng: random.Random | None = None,
        on_exchange: Callable[[bytes, bytes], None] | None = None,
    ) -> None:
        if any("*" in exchange.response for exchange in session.exchanges):
            raise SessionError(
                "a masked session is no card: digits are missing. `card from-session` makes one with test digits"
            )
        self.name = session.header.card or session.header.reader or "recorded card"
        self.notes: list[str] = []
        self.on_exchange = on_exchange
        self.late = 0
        self._keys = keys
        self._rng = rng or random.Random(0)
        self._atrs = [octets(event.atr) for event in session.events if isinstance(event, Reset)]
        if not self._atrs:
            raise SessionError("the session has no reset: there is no card in it")
        self._resets = 0
        self._selects: list[_Recorded] = []
        self._pools: dict[str, _Pool] = {"": _Pool()}
        self._file(session)
        self._atc = atc
        self._transactions = 0
        self._start()
        self.instructions = Instructions(
            {item.step.pair.ins for pool in self._pools.values() for item in pool.steps if item.step.pair.data}
        )

    def _file(self, session: Session) -> None:
        dialogue, name = Dialogue(), ""
        for event in fold(session.events):
            step = dialogue.follow(event)
            if step is None or not isinstance(event, Pair):
                name = name if isinstance(event, Note) else ""
                continue
            context = dialogue.context
            recorded = _Recorded(step, replace(context, card=dict(context.card), terminal=dict(context.terminal)))
            if event.ins == Ins.SELECT:
                self._selects.append(recorded)
                name = event.data if event.sw == digits(_OK) else name
                self._pools.setdefault(name, _Pool())
            else:
                self._pools[name].steps.append(recorded)

    def _start(self) -> None:
        self._pool = self._pools[""]
        self._values: dict[int, bytes] = {}  # the terminal's of this transaction
        self._asked = {"pdol": b"", "cdol1": b""}
        self._cryptograms = 0
        self._arqc = b""
        self._proof: tuple[Cryptogram, dict[int, bytes], bytes] | None = None

    @property
    def atr(self) -> bytes:
        """The last answer to reset that was recorded; of a card that was always mute, the plainest there is."""
        return next((atr for atr in reversed(self._atrs) if atr), _PLAIN_ATR)

    def reset(self) -> bytes:
        """The answers as they were recorded, the last one from then on; `b""` where the card stayed mute."""
        self._start()
        answer = self._atrs[min(self._resets, len(self._atrs) - 1)]
        self._resets += 1
        return answer

    def is_silent(self, ins: int) -> bool:
        """Never known ahead."""
        del ins
        return False

    def transmit(self, apdu: bytes) -> bytes:
        """One APDU. Raises CardMute where the recorded card said nothing."""
        text = digits(apdu)
        pair = Pair(text[:8], data_field(text), "", "")
        raw = self._select(pair) if pair.ins == Ins.SELECT else self._other(pair)
        if self.on_exchange:
            self.on_exchange(octets(without_pin(text)), raw)
        if not raw:
            raise CardMute(f"recorded: no answer to {text[:8]}")
        return raw

    def _note(self, text: str) -> None:
        self.notes.append(text)

    def _select(self, pair: Pair) -> bytes:
        fitting = [item for item in self._selects if _is_same(item.step.pair, pair)]
        if not fitting:
            self._note(f"SELECT {pair.data} was not recorded")
            return _UNKNOWN[Ins.SELECT]
        # A terminal may select once what the recorded one selected twice: the answers to one name are alike.
        found = fitting[0].step.pair
        if found.sw == digits(_OK):
            self._start()
            self._pool = self._pools[pair.data]
        return octets(found.answer + found.sw)

    def _other(self, pair: Pair) -> bytes:
        found = self._pool.take(pair)
        if found is None:
            self._note(f"{pair.header} was not recorded here")
            return _UNKNOWN.get(pair.ins, _NOT_NOW if pair.ins in _ONE_TRANSACTION else _NO_SUCH_COMMAND)
        recorded = found.step.pair
        if not is_pin_command(pair.header) and len(pair.data) != len(recorded.data):
            self._note(f"{found.step.title}: {len(pair.data) // 2} bytes came, {len(recorded.data) // 2} were recorded")
            return _WRONG_LENGTH
        match pair.ins:
            case Ins.GET_PROCESSING_OPTIONS:
                return self._initiate(pair, found)
            case Ins.INTERNAL_AUTHENTICATE:
                return self._internal_authenticate(pair, found)
            case Ins.EXTERNAL_AUTHENTICATE:
                return self._external_authenticate(pair, found)
            case Ins.GENERATE_AC if recorded.sw == digits(_OK):
                return self._generate_ac(pair, found)
            case Ins.GET_CHALLENGE if recorded.answer:
                return self._rng.randbytes(len(recorded.answer) // 2) + octets(recorded.sw)
        return octets(recorded.answer + recorded.sw)

    def _cut(self, pair: Pair, found: _Recorded, list_tag: int) -> None:
        """The terminal's values in a command, by the card's list."""
        data = octets(pair.data)
        if list_tag == 0x9F38:
            data = data[2:]
            self._asked["pdol"] = data
        entries = found.context.entries(list_tag) or []
        try:
            self._values.update(dol.split(entries, data))
        except (ValueError, TlvError):
            return

    def _initiate(self, pair: Pair, found: _Recorded) -> bytes:
        self._values, self._cryptograms, self._proof = {}, 0, None
        self._cut(pair, found, 0x9F38)
        if found.step.pair.sw == digits(_OK):
            self._transactions += 1
        return octets(found.step.pair.answer + found.step.pair.sw)

    def _internal_authenticate(self, pair: Pair, found: _Recorded) -> bytes:
        signature = Signature.of(found.step, found.context)
        recorded = found.step.pair
        if signature is None:
            return octets(recorded.answer + recorded.sw)
        made = signature.over(octets(pair.data), self._rng.randbytes(8))
        return with_values(found.step, {0x9F4B: made}) + octets(recorded.sw)

    def _external_authenticate(self, pair: Pair, found: _Recorded) -> bytes:
        if self._proof is None or found.step.pair.sw != digits(_OK):
            return octets(found.step.pair.sw)
        cryptogram, values, atc = self._proof
        if not cryptogram.proves(octets(pair.data), self._arqc, values, atc):
            self._note("EXTERNAL AUTHENTICATE: not by this card's issuer; the recorded one was")
            return _NOT_PROVED
        return _OK

    def _generate_ac(self, pair: Pair, found: _Recorded) -> bytes:
        step, recorded = found.step, found.step.pair
        told = {item.tag: octets(item.value) for item in step.received}
        if not told.get(0x9F27) or 0x9F36 not in told:
            self._note(f"{step.title}: the recorded answer has no cryptogram that can be made anew")
            return octets(recorded.answer + recorded.sw)
        wanted, given = pair.p1 & _TYPES, told[0x9F27]
        if wanted != recorded.p1 & _TYPES and not _may_answer(given[0] & _TYPES, wanted):
            self._note(
                f"GENERATE AC asks for {pair.header[4:6]}; the card gave {given.hex().upper()} to another request"
            )
            return _NOT_NOW
        if self._keys is None:
            self._note("the keys of this card are not known: it plays to its first cryptogram and no further")
            return _NOT_NOW
        try:
            cryptogram = Cryptogram(self._keys, step, found.context)
        except (LookupError, IssuerDataError) as error:
            self._note(f"{step.title}: no cryptogram can be made: {error}")
            return _NOT_NOW
        self._cut(pair, found, 0x8D if self._cryptograms else 0x8C)
        atc = self._counter(found)
        try:
            made = cryptogram.compute(self._values, atc)
        except LookupError as error:
            self._note(f"{step.title}: no cryptogram can be made: {error}")
            return _NOT_NOW
        answer = self._signed(pair, found, {0x9F26: made, 0x9F36: atc})
        if not self._cryptograms:
            self._arqc, self._proof = made, (cryptogram, dict(self._values), atc)
            self._asked["cdol1"] = octets(pair.data)
        self._cryptograms += 1
        return answer + octets(recorded.sw)

    def _signed(self, pair: Pair, found: _Recorded, values: dict[int, bytes]) -> bytes:
        step = found.step
        signature = Signature.of(step, found.context)
        if signature is None:
            return with_values(step, values)
        if not pair.p1 & _CDA:
            self._note("GENERATE AC asks for no combined signature; the recorded answer has one")
        seen = [(item.tag, values.get(item.tag, octets(item.value))) for item in step.received if item.tag != 0x9F4B]
        asked = self._asked["pdol"] + (self._asked["cdol1"] if self._cryptograms else b"") + octets(pair.data)
        made = signature.over(
            self._values[0x9F37], self._rng.randbytes(8), values[0x9F26], asked + tlv.encode_all(seen)
        )
        return with_values(step, {**values, 0x9F4B: made})

    def _counter(self, found: _Recorded) -> bytes:
        recorded = next(octets(item.value) for item in found.step.received if item.tag == 0x9F36)
        if self._atc is None:
            return recorded
        return ((self._atc + self._transactions - 1) & 0xFFFF).to_bytes(2, "big")


def _is_same(recorded: Pair, wanted: Pair) -> bool:
    """Whether it is the same command, whatever values are in it."""
    if recorded.ins != wanted.ins or recorded.header[:2] != wanted.header[:2]:
        return False
    if wanted.ins == Ins.SELECT:
        return recorded.data == wanted.data and recorded.p2 == wanted.p2
    if wanted.ins == Ins.GENERATE_AC:
        return True
    return recorded.header == wanted.header


def _may_answer(given: int, wanted: int) -> bool:
    """A card gives what is asked for, or less: TC, ARQC, AAC (Book 3, 6.5.5)."""
    rank = {0x40: 2, 0x80: 1, 0x00: 0}
    return rank.get(given, 0) <= rank.get(wanted, 0)
