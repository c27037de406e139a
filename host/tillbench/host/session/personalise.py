"""A card profile out of a session: the recorded card again, with test keys, and a test PAN where its own is masked.

What a profile can say is taken over: selection, processing options, records in their places, lists, action codes,
methods, key lengths, counters, refused commands. What it cannot is told in `notes`: how the card decides and what its
counters limit are not in a recording, nor is a PIN.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import yaml
from tillbench.host.cards.application_profile import CONDITION_NAMES, METHOD_NAMES
from tillbench.host.cards.cryptogram_versions import TERMINAL_DATA, VERSIONS
from tillbench.host.cards.oda_profile import CA_KEYS
from tillbench.host.cards.record_profile import LOG_SFI
from tillbench.host.cards.rsa_keys import LEAST_BITS
from tillbench.host.issuer.issuer_data import IssuerData, IssuerDataError
from tillbench.host.session.dialogue import Context, Dialogue, Step
from tillbench.host.session.filled_pan import filled_pan
from tillbench.host.session.folding import Pair, fold
from tillbench.host.session.record import Note, Reset, Session, SessionError, digits, octets
from tillbench.host.session.recorded_faults import decisions, refused_commands, signature_faults
from tillbench.host.session.signatures import Chain, bench_key_of, chain, dynamic
from tillbench.protocols.apdu import Ins
from tillbench.protocols.emv import cvm, tlv

SCHEMES = {
    "A000000003": "visa",
    "A000000004": "mastercard",
    "A000000333": "unionpay",
    "A000000065": "jcb",
    "A000000025": "amex",
    "A000000152": "discover",
    "A000000277": "interac",
}
TEST_PIN = "1234"
TEST_KEY = "0123456789ABCDEFFEDCBA9876543210"
_BALANCE = 5_000_000  # minor units: enough to sell to
_PSE = b"1PAY.SYS.DDF01"
_OK = "9000"
_MADE = frozenset({0x8F, 0x90, 0x92, 0x9F32, 0x93, 0x9F46, 0x9F47, 0x9F48, 0x9F2D, 0x9F2E, 0x9F2F})
"""By the test CA."""
_STATED = frozenset(
    {0x57, 0x5A, 0x5F20, 0x5F24, 0x5F25, 0x5F28, 0x5F30, 0x5F34, 0x8C, 0x8D, 0x8E}
    | {0x9F07, 0x9F08, 0x9F0D, 0x9F0E, 0x9F0F, 0x9F42, 0x9F49, 0x9F4A}
)
"""Under names of their own in a profile."""
_LEAST_ICC_BITS = 896


@dataclass
class Personalised:
    """A profile as plain data, and what could not be taken over."""

    card: dict[str, Any]
    notes: list[str] = field(default_factory=list)

    def text(self) -> str:
        """The YAML file."""
        head = "# TEST CARD, made from a recorded session: test keys, PIN " + TEST_PIN + ".\n"
        head += "".join(f"# {note}\n" for note in self.notes)
        return head + yaml.safe_dump(self.card, sort_keys=False, allow_unicode=True, width=110)


@dataclass
class _Application:
    """An application as far as the session shows it."""

    selected: Step
    context: Context
    steps: list[Step] = field(default_factory=list)

    @property
    def is_used(self) -> bool:
        return any(step.pair.ins == Ins.GET_PROCESSING_OPTIONS for step in self.steps)


def personalise(session: Session, name: str) -> Personalised:
    """A profile called `name`. Raises SessionError: there is no application in the session that got as far as GET
    PROCESSING OPTIONS and its records, or it is of a scheme that is not known here."""
    found, pse = _applications(session)
    used = {octets(item.selected.pair.data): item for item in found if item.is_used and item.context.records}
    if not used:
        raise SessionError("expected an application whose records were read, found none: there is no card in this")
    main = next(iter(used.values()))
    aid = octets(main.context.card.get(0x84, main.selected.pair.data))
    scheme = SCHEMES.get(aid[:5].hex().upper())
    if scheme is None:
        raise SessionError(f"AID {aid.hex().upper()}: expected one of a scheme that is known here, found another")
    made = Personalised({})
    made.card = {"name": name, "summary": f"Recorded, {session.header.source or 'no source named'}", "scheme": scheme}
    made.card |= _holder(main, made.notes)
    made.card |= {"pin": TEST_PIN, "imk_ac": TEST_KEY, "balance": _BALANCE}
    made.card |= _counters(main, scheme, made.notes)
    if pse is False:
        made.card["pse"] = False
    made.card |= _lately(session, main)
    made.card["applications"] = [_application(item, made.notes) for item in used.values()]
    made.notes += [
        "How the card decides, what its counters limit and its PIN are not in a recording: they are a profile's own."
    ]
    return made


def _applications(session: Session) -> tuple[list[_Application], bool | None]:
    """Every application selected, and whether there was a directory (None: nobody asked)."""
    dialogue, found = Dialogue(), []
    pse: bool | None = None
    current: _Application | None = None
    for event in fold(session.events):
        step = dialogue.follow(event)
        if step is None or not isinstance(event, Pair):
            current = current if isinstance(event, Note) else None
            continue
        if event.ins != Ins.SELECT:
            if current:
                current.steps.append(step)
            continue
        if octets(event.data) == _PSE:
            pse, current = event.sw == _OK, None
        elif event.sw == _OK:
            current = _Application(step, dialogue.context)
            found.append(current)
    return found, pse


def _value(item: _Application, tag: int) -> str:
    """Digits of a data object, empty where the card has none or they are not told."""
    value = item.context.card.get(tag, "")
    return "" if "*" in value else value


def _holder(item: _Application, notes: list[str]) -> dict[str, Any]:
    recorded = item.context.card.get(0x5A) or item.context.card.get(0x57, "").partition("D")[0]
    if not recorded:
        raise SessionError("expected a PAN (5A) or track 2 (57) in the records, found neither")
    pan = filled_pan(recorded)
    if "*" in recorded:
        notes.append("The PAN's starred digits are zeros, one of them set so that the check digit is right.")
    expiry = _value(item, 0x5F24) or "301231"
    name = octets(_value(item, 0x5F20)).decode("latin-1").strip()
    holder = {"pan": pan, "psn": _value(item, 0x5F34) or "00", "expiry": expiry[:4]}
    holder["effective"] = (_value(item, 0x5F25) or "200101")[:4]
    holder["cardholder"] = name if 2 <= len(name) <= 26 and name.isascii() and name.isprintable() else "TEST CARD"
    holder["service_code"] = (_value(item, 0x5F30) or "0201")[1:]
    holder["country"] = _value(item, 0x5F28) or "0156"
    holder["currency"] = _value(item, 0x9F42) or holder["country"]
    return holder


def _counters(item: _Application, scheme: str, notes: list[str]) -> dict[str, Any]:
    known = [number for name, number in VERSIONS if name == scheme]
    told: dict[str, Any] = {"cvn": known[0]}
    try:
        data = IssuerData.parse(octets(_first(item, 0x9F10)))
        if data.version in known:
            told = {"cvn": data.version, "key_index": data.key_index}
        else:
            notes.append(f"Cryptogram version {data.version:02X} has no oracle here: {known[0]:02X} stands for it.")
    except IssuerDataError:
        notes.append(f"No cryptogram was recorded whose version is known: {known[0]:02X} stands for it.")
    atc = int.from_bytes(octets(_first(item, 0x9F36)), "big")
    if atc > 1:
        last = int.from_bytes(octets(_value(item, 0x9F13)), "big")
        told |= {"atc": atc - 1, "last_online_atc": min(last or atc - 1, atc - 1)}
    return told


def _lately(session: Session, item: _Application) -> dict[str, Any]:
    """Resets that went wrong, refused commands, PIN tries left."""
    atrs = [event.atr for event in session.events if isinstance(event, Reset)]
    sound = session.atr.hex().upper() if not atrs else next((atr for atr in reversed(atrs) if atr), "")
    told: dict[str, Any] = {"atr": sound or "3B600000"}
    wrong = [atr for atr in atrs[:-1] if atr != sound]
    faults = refused_commands(item.steps)
    tries = _value(item, 0x9F17)
    return (
        told
        | ({"wrong_atrs": wrong} if wrong else {})
        | ({"faults": faults} if faults else {})
        | ({"pin_try_limit": min(octets(tries)[0], 15)} if tries else {})
    )


def _first(item: _Application, tag: int) -> str:
    step = item.context.first
    return next((one.value for one in step.received if one.tag == tag), "") if step else ""


def _application(item: _Application, notes: list[str]) -> dict[str, Any]:
    card = item.context.card
    priority = octets(_value(item, 0x87) or "00")[0]
    made: dict[str, Any] = {"aid": card.get(0x84, item.selected.pair.data)}
    made["label"] = octets(_value(item, 0x50)).decode("latin-1").strip() or "TEST"
    if _value(item, 0x9F11) and _value(item, 0x9F12):
        table = octets(_value(item, 0x9F11))[0]
        made |= {"preferred_name": octets(_value(item, 0x9F12)).decode(f"iso8859-{table}"), "code_table": table}
    made |= {"priority": priority & 0x0F, "confirm": bool(priority & 0x80)}
    if _value(item, 0x5F2D):
        made["languages"] = octets(_value(item, 0x5F2D)).decode("ascii")
    made["version"] = _value(item, 0x9F08) or "0096"
    made["usage"] = _value(item, 0x9F07) or "FFC0"
    gpo = next(step for step in item.steps if step.pair.ins == Ins.GET_PROCESSING_OPTIONS)
    answers = [step for step in item.steps if step.pair.ins == Ins.GENERATE_AC and step.template] or [gpo]
    made["response_format"] = "1" if answers[0].template == 0x80 else "2"
    made |= {"pdol": _list(item, 0x9F38), "cdol1": _list(item, 0x8C), "cdol2": _list(item, 0x8D)}
    needed: tuple[tuple[int, str, tuple[int, ...]], ...] = (
        (0x8C, "cdol1", TERMINAL_DATA),
        (0x8D, "cdol2", (0x8A, 0x95, 0x9F37)),
    )
    for tag, key, least in needed:
        if not {entry.tag for entry in item.context.entries(tag) or []} >= set(least):
            made[key] = " ".join(tlv.tag_hex(wanted) for wanted in least)
            notes.append(f"{tlv.tag_hex(tag)} was not recorded, or lacks what the cryptogram needs: {made[key]}.")
    made |= _cvm_list(item)
    for tag, key in ((0x9F0D, "iac_default"), (0x9F0E, "iac_denial"), (0x9F0F, "iac_online")):
        made[key] = _value(item, tag) or ("0000000000" if tag == 0x9F0E else "FFFFFFFFFF")
    made["issuer_authentication"] = _issuer_authentication(item)
    made["issuer_authentication_mandatory"] = False
    made |= decisions(item.steps) | {"aip": _value(item, 0x82), "afl": _value(item, 0x94)}
    log = octets(_value(item, 0x9F4D))
    if len(log) == 2 and log[0] == LOG_SFI:
        made["log_records"] = min(log[1], 30)
    methods, made["certificates"] = _methods(item), 0x90 in card
    if made["certificates"]:
        made["offline_authentication"] = _authentication(item, methods, notes)
    layout, objects = _records(item, notes)
    if "cvm_list" not in made and _value(item, 0x8E):
        objects["8E"] = _value(item, 0x8E)
    if _value(item, 0x8F) and made["certificates"]:
        objects["8F"] = _value(item, 0x8F)
    made["objects"] = objects | {tlv.tag_hex(tag): "" for tag in (0x9F0D, 0x9F0E, 0x9F0F) if tag not in card}
    made["layout"] = layout
    return made


def _list(item: _Application, tag: int) -> str:
    return " ".join(f"{tlv.tag_hex(entry.tag)}:{entry.length}" for entry in item.context.entries(tag) or [])


def _cvm_list(item: _Application) -> dict[str, Any]:
    """As rules where the names cover it; else the records carry the bytes as they are."""
    try:
        rules = cvm.CvmList.parse(octets(_value(item, 0x8E)))
    except ValueError:
        return {}
    if any(rule.method not in METHOD_NAMES or rule.condition not in CONDITION_NAMES for rule in rules.rules):
        return {}
    if rules.build() != octets(_value(item, 0x8E)):
        return {}
    told = [
        {
            "method": METHOD_NAMES[rule.method],
            "when": CONDITION_NAMES[rule.condition],
            "otherwise": "next" if rule.code & cvm.NEXT_IF_FAILED else "fail",
        }
        for rule in rules.rules
    ]
    return {"cvm_x": rules.amount_x, "cvm_y": rules.amount_y, "cvm_list": told}


def _issuer_authentication(item: _Application) -> str:
    if any(entry.tag == 0x91 for entry in item.context.entries(0x8D) or []):
        return "cdol2"
    aip = octets(_value(item, 0x82) or "0000")
    return "external" if aip[0] & 0x04 else "none"


def _methods(item: _Application) -> list[str]:
    first = octets(_value(item, 0x82) or "0000")[0]
    return [name for mask, name in ((0x40, "sda"), (0x20, "dda"), (0x01, "cda")) if first & mask]


def _authentication(item: _Application, methods: list[str], notes: list[str]) -> dict[str, Any]:
    """Keys as long as the recorded ones, where there are test keys of that length."""
    card, opened = item.context.card, chain(item.context)
    ca, issuer = _bits(card.get(0x90)), _bits(card.get(0x9F46) or card.get(0x93))
    signature = item.context.signature
    icc = _bits(card.get(0x9F4B)) or (len(opened.icc.modulus) * 8 if opened.icc else 0) or _LEAST_ICC_BITS
    issuer = issuer or 1024
    exponents = {tag: int.from_bytes(octets(card.get(tag, "")), "big") for tag in (0x9F32, 0x9F47)}
    icc = icc if LEAST_BITS <= icc <= issuer else min(_LEAST_ICC_BITS, issuer)
    told: dict[str, Any] = {"methods": methods, "ca": {"bits": ca, "exponent": 3}}
    if (ca, 3) not in CA_KEYS.values():
        told["ca_index"] = _value(item, 0x8F) or "FE"
        notes.append(
            f"No shipped CA key has {ca} bits: the terminal must be given the one of index {told['ca_index']}."
        )
    told["issuer"] = {"bits": min(issuer, ca), "exponent": 65537 if exponents[0x9F32] == 65537 else 3}
    told["icc"] = {"bits": min(icc, issuer), "exponent": 65537 if exponents[0x9F47] == 65537 else 3}
    told |= _said_in_certificates(opened)
    told["faults"] = signature_faults(opened, item.context)
    if 0x9F2D in card:
        pin = len(opened.pin.modulus) * 8 if opened.pin else min(icc, issuer)
        told["pin"] = {"bits": min(pin, issuer)}
    told["ddol"] = _list(item, 0x9F49)
    told["tag_list"] = _value(item, 0x9F4A)
    number = dynamic(signature, item.context, bench_key_of(signature)) if signature else None
    if number and number.data and 2 <= number.data[0] <= 8:
        told["dynamic_number"] = number.data[0]
    return told


def _said_in_certificates(opened: Chain) -> dict[str, Any]:
    """Months and numbers, where they could be read."""
    told: dict[str, Any] = {}
    for tag, key in ((0x90, "issuer_expiry"), (0x9F46, "icc_expiry")):
        expiry = opened.fields.get(tag, {}).get("expiry", "")
        if is_month(expiry):
            told[key] = expiry[2:] + expiry[:2]
    serial = opened.fields.get(0x90, {}).get("serial number")
    if serial:
        told["issuer_serial"] = serial
    code = opened.fields.get(0x93, {}).get("data authentication code")
    if code:
        told["data_authentication_code"] = code
    return told


def is_month(digits_: str) -> bool:
    """MMYY, as certificates have it."""
    return digits_.isdecimal() and len(digits_) == 4 and 1 <= int(digits_[:2]) <= 12


def _bits(signature: str | None) -> int:
    return len(signature or "") * 4


def _records(item: _Application, notes: list[str]) -> tuple[list[dict[str, Any]], dict[str, str]]:
    """Which objects stand in which record, in their order, and the values of those that a profile has no name for."""
    afl = octets(_value(item, 0x94))
    layout: list[dict[str, Any]] = []
    objects: dict[str, str] = {}
    for at in range(0, len(afl) - 3, 4):
        sfi, first, last, signed = afl[at] >> 3, afl[at + 1], afl[at + 2], afl[at + 3]
        for number in range(1, last + 1):
            record = item.context.records.get((sfi, number), "")
            if not record and number == last:
                notes.append(f"Record {number} of SFI {sfi} was not recorded: it is left out.")
                continue
            layout.append(_record(sfi, record, first <= number < first + signed, objects, notes))
    return layout, objects


def _record(sfi: int, record: str, signed: bool, objects: dict[str, str], notes: list[str]) -> dict[str, Any]:
    row: dict[str, Any] = {"sfi": sfi}
    try:
        parsed = tlv.parse(octets(record))
    except tlv.TlvError:
        parsed = []
    is_plain = len(parsed) == 1 and parsed[0].tag == 0x70 and not any(one.children for one in parsed[0].children)
    tags = [one.tag for one in parsed[0].children] if is_plain else []
    if not tags or len(set(tags)) != len(tags):
        row["raw"] = digits(octets(record))
        if "*" in record:
            notes.append(f"A record of SFI {sfi} holds starred digits: they are zeros.")
    else:
        row["tags"] = " ".join(map(tlv.tag_hex, tags))
        for one in parsed[0].children:
            if one.tag not in _MADE | _STATED:
                objects[tlv.tag_hex(one.tag)] = digits(one.value)
    if signed:
        row["signed"] = True
    return row
