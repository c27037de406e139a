"""Follows the APDUs of a session and says what each of them is: its phase, the data objects that went in and came out.

The card's own lists (PDOL, CDOL1, CDOL2, DDOL) cut the data of the commands, so that a value is known by its tag
wherever it stands (EMV 4.3 Book 3, 5.4 and 10).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from tillbench.host.session.command_fields import is_pin_command
from tillbench.host.session.folding import Pair
from tillbench.host.session.record import Event, Note, octets
from tillbench.protocols import apdu
from tillbench.protocols.apdu import Ins
from tillbench.protocols.emv import DolEntry, dol, tlv

SELECTION = "application selection"
INITIATION = "initiate application processing"
READING = "read application data"
AUTHENTICATION = "offline data authentication"
VERIFICATION = "cardholder verification"
RISK = "terminal risk management"
FIRST_AC = "first GENERATE AC"
ISSUER = "issuer authentication"
SCRIPTS = "issuer script"
SECOND_AC = "second GENERATE AC"
OTHER = "other commands"

RAW = 0
"""In place of a tag: bytes that are no data objects."""
_PDOL, _CDOL1, _CDOL2, _DDOL = 0x9F38, 0x8C, 0x8D, 0x9F49
_SIGNATURE = 0x9F4B
_NUMBERED = 0x61  # templates of which one answer holds several
_TEMPLATED_FILES = range(1, 11)
_SCRIPT_COMMANDS = {
    Ins.CARD_BLOCK,
    Ins.APPLICATION_BLOCK,
    Ins.APPLICATION_UNBLOCK,
    Ins.PIN_CHANGE_UNBLOCK,
    Ins.PUT_DATA,
    Ins.UPDATE_RECORD,
}
_PHASES: dict[int, str] = {
    Ins.SELECT: SELECTION,
    Ins.GET_PROCESSING_OPTIONS: INITIATION,
    Ins.READ_RECORD: READING,
    Ins.INTERNAL_AUTHENTICATE: AUTHENTICATION,
    Ins.VERIFY: VERIFICATION,
    Ins.GET_CHALLENGE: VERIFICATION,
    Ins.EXTERNAL_AUTHENTICATE: ISSUER,
    **dict.fromkeys(_SCRIPT_COMMANDS, SCRIPTS),
}
_RISK_DATA = (0x9F36, 0x9F13)


@dataclass(frozen=True)
class Item:
    """A primitive data object where it stood. `place` tells objects of one tag in one message apart; `value` in
    digits."""

    place: str
    tag: int
    value: str


@dataclass(frozen=True)
class Step:
    """One APDU, understood as far as it goes.

    Attributes:
        pair: as it was.
        phase: which part of a transaction.
        title: the command in words, without its data.
        sent: the objects in the command's data field.
        received: the objects in the answer.
        template: the answer's outermost tag; 0 if it is none, or has several.
    """

    pair: Pair
    phase: str
    title: str
    sent: tuple[Item, ...]
    received: tuple[Item, ...]
    template: int = 0


@dataclass
class Context:
    """What is known since the last SELECT of an application.

    Attributes:
        card: data objects that the card gave, by tag, the first of each; in digits, as all here.
        terminal: the values last sent, by tag.
        pdol, cdol1, cdol2: the data fields sent under those lists, without a template.
        signed: the records in offline data authentication, as they are hashed, in the order of the AFL.
        generate_acs: how many GENERATE AC were answered with a cryptogram.
        initiated: GET PROCESSING OPTIONS was answered.
        first: the first GENERATE AC that was answered with a cryptogram.
        signature: what was last answered with a signature, 9F4B.
    """

    card: dict[int, str] = field(default_factory=dict)
    terminal: dict[int, str] = field(default_factory=dict)
    pdol: str = ""
    cdol1: str = ""
    cdol2: str = ""
    generate_acs: int = 0
    initiated: bool = False
    first: Step | None = None
    signature: Step | None = None
    records: dict[tuple[int, int], str] = field(default_factory=dict)

    @property
    def signed(self) -> str:
        """The static data to be authenticated, without the AIP (Book 3, 10.3); what was not read is left out."""
        afl = octets(self.card.get(0x94, ""))
        found = ""
        for at in range(0, len(afl) - 3, 4):
            sfi, first, _last, count = afl[at] >> 3, afl[at + 1], afl[at + 2], afl[at + 3]
            for number in range(first, first + count):
                record = self.records.get((sfi, number), "")
                found += _template_value(record) if sfi in _TEMPLATED_FILES else record
        return found

    def entries(self, tag: int) -> list[DolEntry] | None:
        """The list of that tag, None if the card has shown none that can be read."""
        if tag not in self.card:
            return [] if tag == _PDOL else None
        try:
            return dol.parse(octets(self.card[tag]))
        except tlv.TlvError:
            return None


class Dialogue:
    """One card; `step` takes its APDUs in order. `context` is what is known after the last of them."""

    def __init__(self) -> None:
        self.context = Context()

    def reset(self) -> None:
        """The card was reset, or has left."""
        self.context = Context()

    def follow(self, event: Pair | Event) -> Step | None:
        """What `fold` gives, one after the other: a step for an APDU; a note changes nothing."""
        if isinstance(event, Pair):
            return self.step(event)
        if not isinstance(event, Note):
            self.reset()
        return None

    def step(self, pair: Pair) -> Step:
        """Nothing is raised: what cannot be read stays raw."""
        before = self.context
        if pair.ins == Ins.SELECT:
            self.context = Context()
        sent = tuple(self._sent(pair))
        received, template = _received(pair)
        step = Step(pair, self._phase(pair), title(pair), sent, received, template)
        self._remember(step, before)
        return step

    def _phase(self, pair: Pair) -> str:
        if pair.ins == Ins.GENERATE_AC:
            return SECOND_AC if self.context.generate_acs else FIRST_AC
        if pair.ins == Ins.READ_RECORD and not self.context.initiated:
            return SELECTION
        if pair.ins == Ins.GET_DATA:
            return RISK if pair.p1 << 8 | pair.p2 in _RISK_DATA else VERIFICATION
        return _PHASES.get(pair.ins, OTHER)

    def _sent(self, pair: Pair) -> Iterator[Item]:
        data = pair.data
        if not data:
            return
        entries: list[DolEntry] | None = None
        match pair.ins:
            case Ins.SELECT:
                yield Item("", 0x84, data)
                return
            case Ins.EXTERNAL_AUTHENTICATE:
                yield Item("", 0x91, data)
                return
            case Ins.GET_PROCESSING_OPTIONS:
                entries, data = self.context.entries(_PDOL), _template_value(data)
                self.context.pdol = data
            case Ins.INTERNAL_AUTHENTICATE:
                entries = self.context.entries(_DDOL)
                if entries is None and len(data) == 8:
                    entries = [DolEntry(0x9F37, 4)]
            case Ins.GENERATE_AC if self.context.generate_acs:
                entries, self.context.cdol2 = self.context.entries(_CDOL2), data
            case Ins.GENERATE_AC:
                entries, self.context.cdol1 = self.context.entries(_CDOL1), data
        if entries is None or dol.total(entries) * 2 != len(data):
            yield Item("", RAW, data)
            return
        at = 0
        for number, entry in enumerate(entries):
            repeated = any(earlier.tag == entry.tag for earlier in entries[:number])
            yield Item(f"[{number}]" if repeated else "", entry.tag, data[at : at + 2 * entry.length])
            at += 2 * entry.length

    def _remember(self, step: Step, before: Context) -> None:
        context, pair = self.context, step.pair
        for item in step.sent:
            if item.tag != RAW and pair.ins != Ins.SELECT:
                context.terminal[item.tag] = item.value
        if pair.ins == Ins.SELECT and pair.sw != "9000":
            # The application selected before may still be the one: a SELECT that fails changes nothing (ISO 7816-4).
            self.context = before
            return
        if is_pin_command(pair.header) or pair.ins == Ins.GET_CHALLENGE:
            return
        for item in step.received:
            if item.tag != RAW:
                context.card.setdefault(item.tag, item.value)
                if pair.ins == Ins.GENERATE_AC:
                    context.card[item.tag] = item.value
        if pair.ins == Ins.READ_RECORD and pair.sw == "9000":
            context.records[pair.p2 >> 3, pair.p1] = pair.answer
        if pair.ins == Ins.GENERATE_AC and pair.sw == "9000":
            context.generate_acs += 1
            context.first = context.first or step
        if any(item.tag == _SIGNATURE for item in step.received):
            context.signature = step
        if pair.ins == Ins.GET_PROCESSING_OPTIONS and pair.sw == "9000":
            context.initiated = True


def title(pair: Pair) -> str:
    """The command in words, without its data; a SELECT with the name."""
    name = apdu.ins_name(pair.ins)
    match pair.ins:
        case Ins.SELECT:
            selected = octets(pair.data)
            shown = selected.decode("ascii") if selected[1:4] == b"PAY" and selected.isascii() else pair.data
            return f"{name} {shown}{' (next)' if pair.p2 & 2 else ''}"
        case Ins.READ_RECORD:
            return f"{name} {pair.p1} of SFI {pair.p2 >> 3}"
        case Ins.GET_DATA:
            return f"{name} {tlv.tag_hex(pair.p1 << 8 | pair.p2)}"
        case Ins.VERIFY:
            return f"{name} ({'enciphered' if pair.p2 == 0x88 else 'plaintext'} PIN)"
    return name


def _template_value(data: str) -> str:
    """The value of the one template in `data` (in digits), all of it if it is none."""
    try:
        objects = tlv.parse(octets(data), nested=False)
    except tlv.TlvError:
        return data
    if len(objects) != 1:
        return data
    value = objects[0].value
    return data[len(data) - 2 * len(value) :] if value else ""


def _received(pair: Pair) -> tuple[tuple[Item, ...], int]:
    data = pair.answer
    if not data:
        return (), 0
    raw = octets(data)
    if pair.ins == Ins.GET_CHALLENGE:
        return (Item("", RAW, data),), 0
    try:
        objects = tlv.parse(raw)
    except tlv.TlvError:
        return (Item("", RAW, data),), 0
    if pair.ins == Ins.READ_RECORD and pair.p2 >> 3 in _TEMPLATED_FILES and (not objects or objects[0].tag != 0x70):
        return (Item("", RAW, data),), 0
    template = objects[0].tag if len(objects) == 1 else 0
    if template == 0x80 and not objects[0].children:
        parts = _format_1(pair.ins, data[len(data) - 2 * len(objects[0].value) :])
        return (tuple(parts), template) if parts else ((Item("", RAW, data),), 0)
    return tuple(_leaves(objects, data, "")), template


def _leaves(objects: list[tlv.Tlv] | tuple[tlv.Tlv, ...], data: str, path: str) -> Iterator[Item]:
    seen: dict[int, int] = {}
    for item in objects:
        number = seen[item.tag] = seen.get(item.tag, 0) + 1
        if tlv.is_constructed(item.tag):
            inside = f"{path}61[{number}]/" if item.tag == _NUMBERED else path
            yield from _leaves(item.children, data, inside)
            continue
        at = 2 * value_offset(item, octets(data))
        yield Item(path + (f"[{number}]" if number > 1 else ""), item.tag, data[at : at + 2 * len(item.value)])


def value_offset(item: tlv.Tlv, data: bytes) -> int:
    """Where in `data` the value begins: after the tag, and a length that need not be in its shortest form."""
    at = item.offset + len(tlv.tag_bytes(item.tag))
    return at + 1 + (data[at] & 0x7F if data[at] & 0x80 else 0)


def _format_1(ins: int, value: str) -> list[Item]:
    """The fixed layouts of template 80 (Book 3, 6.5.5.4, 6.5.8.4 and 6.5.9.4)."""
    if ins == Ins.GET_PROCESSING_OPTIONS and len(value) >= 12:
        return [Item("", 0x82, value[:4]), Item("", 0x94, value[4:])]
    if ins == Ins.INTERNAL_AUTHENTICATE:
        return [Item("", 0x9F4B, value)]
    if ins == Ins.GENERATE_AC and len(value) >= 22:
        parts = [(0x9F27, value[:2]), (0x9F36, value[2:6]), (0x9F26, value[6:22])]
        return [Item("", tag, part) for tag, part in [*parts, (0x9F10, value[22:])] if part]
    return []
