"""A recorded terminal, played again to a card: the same commands with another date, amount, number.

Values are carried by their tags: the card's own lists say where they stand. What depends on the card or on the issuer
is made anew: ICC Dynamic Number, Data Authentication Code, the issuer's proof, MACs of scripts, the PIN (which no
session holds).
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from tillbench.host.cards.cryptograms import xor
from tillbench.host.emv_run.card_guard import ForeignCard
from tillbench.host.issuer import CardIssuer
from tillbench.host.issuer.scripts import Scripter
from tillbench.host.session.apdu_channel import ApduChannel
from tillbench.host.session.command_fields import data_field
from tillbench.host.session.dialogue import FIRST_AC, SCRIPTS, Context, Dialogue, Step
from tillbench.host.session.folding import Pair, fold
from tillbench.host.session.pin_data import enciphered_block, plaintext_block
from tillbench.host.session.record import Header, Reset, Session, digits, octets
from tillbench.host.session.recorder import Recorder
from tillbench.host.session.signatures import chain, dynamic_number, issuer_tags
from tillbench.protocols.apdu import Ins
from tillbench.protocols.emv import DolEntry, dol

_ENCIPHERED = 0x88
_MOST_DATA = 252  # bytes, as for any data object of EMV
_CASE_2 = frozenset({Ins.READ_RECORD, Ins.GET_DATA, Ins.GET_CHALLENGE})


@dataclass(frozen=True)
class Fresh:
    """What is new in this transaction. Values by tag, in digits; a recorded zero amount stays zero. A tag that is not
    here keeps its recorded value, but for the unpredictable number, which comes from `rng`."""

    values: dict[int, str] = field(default_factory=dict)
    rng: random.Random = field(default_factory=lambda: random.Random(0))

    @classmethod
    def drawn(cls, rng: random.Random, *, date: str, amount: int) -> Fresh:
        """Date YYMMDD; amount in minor units; time and counter drawn."""
        time = f"{rng.randrange(24):02d}{rng.randrange(60):02d}{rng.randrange(60):02d}"
        values = {0x9A: date, 0x9F02: f"{amount:012d}", 0x81: f"{amount:08X}", 0x9F21: time}
        values[0x9F41] = f"{rng.randrange(1, 1_000_000):08d}"
        return cls(values, rng)


@dataclass(frozen=True)
class _Recorded:
    step: Step
    context: Context


class ReplayedTerminal:
    """Plays a session's terminal to the card in a slot.

    Args:
        session: the recording; a masked one will do where no command holds a starred digit.
        fresh: what is new.
        issuer: of the card in the slot; without it an issuer's proof goes out as recorded, and is wrong.
        recorded_issuer: of the recorded card, to tell whether its proof was right; `issuer` if not given.
        pin: for VERIFY; without it the command is left out.

    Attributes:
        notes: what was left out or could not be made anew, in words.
    """

    def __init__(
        self,
        session: Session,
        fresh: Fresh | None = None,
        *,
        issuer: CardIssuer | None = None,
        recorded_issuer: CardIssuer | None = None,
        pin: str | None = None,
    ) -> None:
        self.notes: list[str] = []
        self._session = session
        self._fresh = fresh or Fresh()
        self._issuer = issuer
        self._recorded_issuer = recorded_issuer or issuer
        self._pin = pin
        self._numbers: dict[str, str] = {}  # unpredictable numbers: recorded, new
        self._live = Dialogue()
        self._challenge = b""

    def play(self, slot: Recorder) -> Session:
        """The whole session, until the card gives another cryptogram than was recorded; what was said then."""
        channel = ApduChannel(slot)
        for item in self._recorded():
            if isinstance(item, Reset):
                self._live.reset()
                channel.reset()
                continue
            if not self._one(item, channel):
                break
        for note in self.notes:
            slot.note(note)
        return slot.session(Header(source="replay", card=self._session.header.card))

    def _recorded(self) -> Iterator[_Recorded | Reset]:
        dialogue = Dialogue()
        for event in fold(self._session.events):
            step = dialogue.follow(event)
            if isinstance(event, Reset):
                yield event
            elif step is not None:
                context = dialogue.context
                yield _Recorded(step, replace(context, card=dict(context.card), terminal=dict(context.terminal)))

    def _one(self, recorded: _Recorded, channel: ApduChannel) -> bool:
        """One command; False if the recorded terminal would not have gone on from here."""
        apdu = self._command(recorded)
        if apdu is None:
            return True
        try:
            answer, status = channel.send(apdu)
        except ForeignCard as error:
            self.notes.append(str(error))
            return False
        text = digits(apdu)
        step = self._live.step(Pair(text[:8], data_field(text), digits(answer), digits(status)))
        if recorded.step.pair.ins == Ins.GET_CHALLENGE:
            self._challenge = answer
        return self._is_as_recorded(recorded.step, step)

    def _is_as_recorded(self, old: Step, new: Step) -> bool:
        if not new.pair.sw:
            if old.pair.sw:
                self.notes.append(f"{new.title}: no answer; the rest was not sent")
            return False
        if old.phase != FIRST_AC:
            return True
        types = [next((octets(i.value)[0] & 0xC0 for i in s.received if i.tag == 0x9F27), None) for s in (old, new)]
        if types[0] != types[1]:
            self.notes.append("the card gave another cryptogram than recorded; what followed then was not sent")
            return False
        return True

    def _command(self, recorded: _Recorded) -> bytes | None:
        pair = recorded.step.pair
        match pair.ins:
            case Ins.GET_PROCESSING_OPTIONS | Ins.GENERATE_AC | Ins.INTERNAL_AUTHENTICATE:
                return self._listed(recorded)
            case Ins.EXTERNAL_AUTHENTICATE:
                return _case_3(pair, self._proof(recorded, pair.data))
            case Ins.VERIFY:
                return self._verify(recorded)
        if recorded.step.phase == SCRIPTS:
            return self._script(recorded)
        if "*" in pair.data:
            self.notes.append(f"{recorded.step.title}: left out, its data are starred")
            return None
        if pair.ins == Ins.SELECT:
            return _case_4(pair, octets(pair.data))
        if pair.ins in _CASE_2:
            return octets(pair.header) + b"\x00"
        return pair.command

    def _listed(self, recorded: _Recorded) -> bytes | None:
        """A command whose data a list of the card asks for."""
        pair = recorded.step.pair
        if pair.ins == Ins.GET_PROCESSING_OPTIONS:
            data = self._by_list(recorded, 0x9F38)
        elif pair.ins == Ins.INTERNAL_AUTHENTICATE:
            data = self._by_list(recorded, 0x9F49)
        else:
            data = self._by_list(recorded, 0x8D if self._live.context.generate_acs else 0x8C)
        if len(data) > _MOST_DATA:
            self.notes.append(f"{recorded.step.title}: left out, the card's list asks for {len(data)} bytes")
            return None
        return _case_4(pair, bytes([0x83, len(data)]) + data if pair.ins == Ins.GET_PROCESSING_OPTIONS else data)

    def _by_list(self, recorded: _Recorded, tag: int) -> bytes:
        """The data that the card in the slot asks for under this list."""
        entries = self._live.context.entries(tag)
        if entries is None:
            entries = recorded.context.entries(tag)
        if entries is None and tag == 0x9F49:
            entries = [DolEntry(0x9F37, 4)]
        if entries is None:
            return octets(recorded.step.pair.data)
        values = {item.tag: item.value for item in recorded.step.sent}
        known = {**recorded.context.terminal, **values}
        return b"".join(self._value(recorded, entry, known.get(entry.tag, "")) for entry in entries)

    def _value(self, recorded: _Recorded, entry: DolEntry, old: str) -> bytes:
        new = self._renewed(recorded, entry.tag, old)
        if len(new) == 2 * entry.length and "*" not in new:
            return octets(new)
        return dol.fill([entry], {entry.tag: octets(new)} if new else {})

    def _renewed(self, recorded: _Recorded, tag: int, old: str) -> str:
        if tag == 0x9F37 and old:
            return self._numbers.setdefault(old, digits(self._fresh.rng.randbytes(len(old) // 2)))
        if tag == 0x91 and old.strip("0"):
            return digits(self._proof(recorded, old))
        if tag == 0x9F4C and old.strip("0"):
            return digits(dynamic_number(self._live.context)) or old
        if tag in (0x9F02, 0x81) and not old.strip("0"):
            return old
        return self._fresh.values.get(tag, old) if old else old

    # The issuer

    def _proof(self, recorded: _Recorded, old: str) -> bytes:
        """Tag 91 for the cryptogram of the card in the slot: right, or wrong in the way the recorded one was."""
        said = octets(old)
        if self._issuer is None or self._recorded_issuer is None:
            self.notes.append("the issuer's proof goes out as recorded: this card's issuer is not known")
            return said
        try:
            was = self._right_proof(self._recorded_issuer, recorded.context, said)
            is_now = self._right_proof(self._issuer, self._live.context, said)
        except (ValueError, KeyError) as error:  # data of a length or form that no issuer can work with
            self.notes.append(f"the issuer's proof goes out as recorded: {error}")
            return said
        if len(was) > len(said) or len(was) != len(is_now):
            return is_now  # this card knows another way of proof
        padding = said[len(was) :]
        return xor(xor(said[: len(was)], was), is_now) + padding

    def _right_proof(self, issuer: CardIssuer, context: Context, said: bytes) -> bytes:
        tags = issuer_tags(context)
        right = issuer.authentication_data(tags, "00")
        if len(right) == 10:
            return issuer.authentication_data(tags, said[8:10].decode("latin-1"))
        return issuer.authentication_data(tags, "00", said[4:8])

    def _script(self, recorded: _Recorded) -> bytes | None:
        pair, title = recorded.step.pair, recorded.step.title
        try:
            if self._issuer is None:
                raise ValueError("this card's issuer is not known")
            if "*" in pair.data:
                raise ValueError("its data are not recorded")
            return Scripter(self._issuer, issuer_tags(self._live.context)).again(_case_3(pair, octets(pair.data)))
        except (ValueError, KeyError) as error:
            self.notes.append(f"{title}: left out: {error}")
            return None

    # The cardholder

    def _verify(self, recorded: _Recorded) -> bytes | None:
        pair = recorded.step.pair
        if self._pin is None:
            self.notes.append(f"{recorded.step.title}: left out, no PIN is known")
            return None
        pin = self._pin if pair.sw == "9000" else _another(self._pin)
        block = plaintext_block(pin)
        if pair.p2 == _ENCIPHERED:
            keys = chain(self._live.context)
            key = keys.pin or keys.icc
            if key is None or not self._challenge:
                self.notes.append(f"{recorded.step.title}: left out, the card has shown no key for it")
                return None
            block = enciphered_block(key, block, self._challenge, self._fresh.rng)
        return _case_3(pair, block)


def _case_3(pair: Pair, data: bytes) -> bytes:
    return octets(pair.header) + bytes([len(data)]) + data


def _case_4(pair: Pair, data: bytes) -> bytes:
    return octets(pair.header) + (bytes([len(data)]) + data if data else b"") + b"\x00"


def _another(pin: str) -> str:
    return "".join(str((int(digit) + 1) % 10) for digit in pin)
