"""The UnionPay POS dialect at this host: which message is which business, and which field carries what of it.

Everything that a request needs and an answer has is named here once; the business rules never see a field number.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tillbench.host.acquirer import response_code
from tillbench.host.acquirer.request import Answer, Kind, Request
from tillbench.protocols.iso8583 import UNIONPAY, FormatError, Message
from tillbench.protocols.iso8583.errors import END

# Bytes of each working key, by network code (field 60.3); 004 would add a track key.
KEY_LENGTHS = {"001": 8, "003": 16}
CHIP_ENTRY = ("05", "07")
PIN_ENTERED = "1"
PIN_FORMAT_WITH_PAN = "2"
ECHOED = (2, 3, 4, 11, 14, 23, 25, 41, 42, 49, 60)
WITHOUT_MAC = ("0810",)


@dataclass(frozen=True)
class Flow:
    """One row of the dialect's table of flows: the business behind a message and the fields that it must have."""

    kind: Kind
    mandatory: tuple[int, ...]


SIGN_ON = Flow(Kind.SIGN_ON, (11, 41, 42, 60))
SALE = Flow(Kind.SALE, (3, 4, 11, 22, 25, 41, 42, 49, 60, 64))
REVERSAL = Flow(Kind.REVERSAL, (3, 4, 11, 22, 25, 39, 41, 42, 49, 60, 64))

# Message type, processing code (field 3), condition (field 25), type (field 60.1).
FLOWS = {
    ("0800", "", "", "00"): SIGN_ON,
    ("0200", "000000", "00", "22"): SALE,
    ("0400", "000000", "00", "22"): REVERSAL,
}


class Refused(Exception):
    """A well-formed request for something that this host does not do."""

    def __init__(self, code: str, because: str) -> None:
        super().__init__(code, because)
        self.code = code
        self.because = because


@dataclass(frozen=True)
class Institution:
    """Who answers: field 32 (up to 11 digits) and field 44 (issuer and acquirer, 11 characters each)."""

    acquirer: str = "48020000"
    issuer: str = "01020000"

    @property
    def names(self) -> str:
        return f"{self.issuer:<11}{self.acquirer:<11}"


def is_request(mti: str) -> bool:
    """Does this message type want an answer? (ISO 8583: an even third digit.)"""
    return len(mti) == 4 and mti.isdecimal() and mti[0] == "0" and int(mti[2]) % 2 == 0


def answer_mti(mti: str) -> str:
    return f"{int(mti) + 10:04}"


def read(message: Message) -> Request:
    """What a message asks. Raises FormatError for a field that is missing or contradicts another, else Refused."""
    sub_type = message.text(60)[:2]
    flow = FLOWS.get((message.mti, message.text(3), message.text(25), sub_type))
    if flow is None:
        types = {mti for mti, *_ in FLOWS}
        code = response_code.NOT_SUPPORTED if message.mti in types else response_code.INVALID_TRANSACTION
        found = f"message {message.mti}, code {message.text(3) or '-'}, condition {message.text(25) or '-'}"
        raise Refused(code, f"{found}, type {sub_type or '-'}: no such business here")
    for number in flow.mandatory:
        _must(number in message, number, "present", "absent")
    _must(len(message.text(60)) >= 11, 60, "at least 11 digits", str(len(message.text(60))))
    return READERS[flow.kind](message)


def _sign_on(message: Message) -> Request:
    network_code = message.text(60)[8:11]
    if network_code not in KEY_LENGTHS:
        raise Refused(response_code.NOT_SUPPORTED, f"sign-on with network code {network_code}")
    return Request(kind=Kind.SIGN_ON, key_length=KEY_LENGTHS[network_code], **_common(message))


def _sale(message: Message) -> Request:
    entry_mode = message.text(22)
    pan = _pan(message)
    _must(bool(pan), 2, "present, or track 2", "absent")
    if entry_mode[:2] in CHIP_ENTRY:
        _must(55 in message, 55, "present for a chip", "absent")
    if entry_mode[2] == PIN_ENTERED:
        _must(52 in message, 52, "present for entry mode " + entry_mode, "absent")
        _must(53 in message, 53, "present with a PIN", "absent")
        pin_format = message.text(53)[0]
        _must(pin_format == PIN_FORMAT_WITH_PAN, 53, f"PIN format {PIN_FORMAT_WITH_PAN}", pin_format)
    return Request(
        kind=Kind.SALE,
        pan=pan,
        psn=message.text(23)[-2:],
        expiry=message.text(14),
        entry_mode=entry_mode,
        amount=int(message.text(4)),
        currency=message.text(49),
        chip_data=message.data(55),
        pin_block=message.data(52),
        **_common(message),
    )


def _reversal(message: Message) -> Request:
    common = _common(message)
    original = message.text(61)
    if len(original) >= 12:
        common |= {"batch": int(original[:6]), "stan": int(original[6:12])}
    return Request(
        kind=Kind.REVERSAL,
        pan=_pan(message),
        entry_mode=message.text(22),
        amount=int(message.text(4)),
        currency=message.text(49),
        reason=message.text(39),
        **common,
    )


READERS: dict[Kind, Callable[[Message], Request]] = {
    Kind.SIGN_ON: _sign_on,
    Kind.SALE: _sale,
    Kind.REVERSAL: _reversal,
}


def _common(message: Message) -> dict[str, Any]:
    return {
        "terminal_id": message.text(41),
        "merchant_id": message.text(42),
        "stan": int(message.text(11)),
        "batch": int(message.text(60)[2:8]),
    }


def _pan(message: Message) -> str:
    """Field 2, or the front of track 2 unless that is encrypted (field 53, third digit); both must agree."""
    pan = message.text(2)
    track = "" if message.text(53)[2:3] == "1" else message.text(35)
    on_track = track.partition("D")[0]
    _must(not pan or not on_track or pan == on_track, 35, "the PAN of field 2", "another")
    return pan or on_track


def _must(condition: bool, number: int, expected: str, found: str) -> None:
    """Raise FormatError at the field's bit in the bitmap, which is where a field is declared."""
    if not condition:
        raise FormatError(number, 2 + (number - 1) // 8, expected, found, UNIONPAY.fields[number].name)


def write(request: Message, answer: Answer, institution: Institution) -> Message:
    """The answer to a message, without its MAC; echoes what is there, so it also answers half a message."""
    reply = Message(answer_mti(request.mti), {n: request[n] for n in ECHOED if n in request})
    fields = reply.fields
    fields[12] = f"{answer.at:%H%M%S}"
    fields[13] = f"{answer.at:%m%d}"
    fields[32] = institution.acquirer
    fields[39] = answer.code
    if 3 in request:
        fields[15] = f"{answer.at:%m%d}"
        fields[44] = institution.names
    if answer.rrn:
        fields[37] = answer.rrn
    if answer.authorisation_code:
        fields[38] = answer.authorisation_code
    if answer.issuer_data:
        fields[55] = answer.issuer_data
    if answer.batch is not None:
        fields[60] = request.text(60)[:2] + f"{answer.batch:06}" + request.text(60)[8:]
    if answer.working_keys:
        fields[62] = answer.working_keys
    return reply


def has_mac(mti: str) -> bool:
    """Does a message of this type carry field 64?"""
    return mti not in WITHOUT_MAC


def salvage(body: bytes, error: FormatError) -> Message | None:
    """What can be read of a malformed message: its type and the fields before the one that is wrong, or None."""
    if len(body) < 10 or not is_request(body[:2].hex()):
        return None
    bitmap, fields = int.from_bytes(body[2:10], "big"), body[10:]
    while True:
        if error.field == END:
            fields = fields[: error.offset - 10]
        else:
            # Without the bits from the wrong field on; then what follows the good ones is too much, and is cut.
            off = 65 - error.field
            bitmap = bitmap >> off << off
        try:
            return UNIONPAY.decode(body[:2] + bitmap.to_bytes(8, "big") + fields)
        except FormatError as another:
            error = another
