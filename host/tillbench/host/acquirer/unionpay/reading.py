"""From a message to what it asks."""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from tillbench.host.acquirer import response_code
from tillbench.host.acquirer.kinds import TRAITS
from tillbench.host.acquirer.refused import Refused
from tillbench.host.acquirer.request import Kind, Original, Request
from tillbench.host.acquirer.unionpay.demand import fault, must
from tillbench.host.acquirer.unionpay.flows import REVERSAL, TYPES, Flow, flow_of
from tillbench.host.acquirer.unionpay.management import management
from tillbench.protocols.iso8583 import UNIONPAY, FormatError, Message
from tillbench.protocols.iso8583.errors import END

CHIP_ENTRY = ("05", "07")
PIN_ENTERED = "1"
PIN_FORMAT_WITH_PAN = "2"
BATCH_AND_STAN = 12  # digits of field 61 up to the original's trace number
NAMES_ORIGINAL = frozenset((37, 38, 61, 62))
HAS_TERMINAL_IN_62 = (Kind.CHIP_REFUND,)


@lru_cache(100)
def is_request(mti: str) -> bool:
    """Does this message type want an answer? (ISO 8583: an even third digit.)"""
    return len(mti) == 4 and mti.isdecimal() and mti[0] == "0" and int(mti[2]) % 2 == 0


def read(message: Message) -> Request:
    """What a message asks. Raises FormatError for a field that is missing or contradicts another, else Refused."""
    get: Any = message.fields.get  # the codec has seen to their types
    reason_codes = get(60, "")
    sub_type, network_code = reason_codes[:2], reason_codes[8:11]
    flow = flow_of(message.mti, get(3, ""), get(25, ""), sub_type, network_code)
    if flow is None:
        code = response_code.NOT_SUPPORTED if message.mti in TYPES else response_code.INVALID_TRANSACTION
        found = f"message {message.mti}, code {message.text(3) or '-'}, condition {message.text(25) or '-'}"
        raise Refused(code, f"{found}, type {sub_type or '-'}, network {network_code or '-'}: no such business here")
    if not message.fields.keys() >= flow.demanded:
        for number in flow.mandatory:
            must(number in message, number, "present", "absent")
    if len(reason_codes) < 11:
        raise fault(60, "at least 11 digits", str(len(reason_codes)))
    stan, batch = int(get(11, "") or 0), int(reason_codes[2:8])
    if flow.kind in TRAITS:
        return _financial(message, flow, stan, batch)
    return Request(
        kind=flow.kind,
        terminal_id=get(41, ""),
        merchant_id=get(42, ""),
        stan=stan,
        batch=batch,
        mti=message.mti,
        function=network_code,
        **management(message, flow.kind, network_code),
    )


def _financial(message: Message, flow: Flow, stan: int, batch: int) -> Request:
    get: Any = message.fields.get
    kind, entry_mode = flow.kind, get(22, "")
    pan, encrypted = _pan(message)
    if not (pan or encrypted):
        raise fault(2, "present, or track 2", "absent")
    if flow.full_chip and entry_mode[:2] in CHIP_ENTRY and 55 not in message.fields:
        raise fault(55, "present for a chip", "absent")
    if flow is not REVERSAL:
        _check_pin_fields(message, entry_mode)
    request = Request(
        kind=kind,
        terminal_id=get(41, ""),
        merchant_id=get(42, ""),
        stan=stan,
        batch=batch,
        pan=pan,
        psn=get(23, "")[-2:],
        expiry=get(14, ""),
        entry_mode=entry_mode,
        track_2=get(35, ""),
        track_encrypted=encrypted,
        amount=int(get(4, "") or 0),
        partial_allowed=get(60, "")[13:14] == "1",
        currency=get(49, ""),
        chip_data=get(55, b""),
        pin_block=get(52, b""),
        uploaded=message.mti == "0320",
    )
    more = OF_ONE_KIND.get(kind)
    if more:
        more(request, message)
    if not message.fields.keys().isdisjoint(NAMES_ORIGINAL):
        request.original = _original(message, kind)
    return request


def _check_pin_fields(message: Message, entry_mode: str) -> None:
    if 52 not in message.fields:
        if entry_mode[2] == PIN_ENTERED:
            raise fault(52, "present for entry mode " + entry_mode, "absent")
        return
    pin_format = message.text(53)[:1]
    if not pin_format:
        raise fault(53, "present with a PIN", "absent")
    if pin_format != PIN_FORMAT_WITH_PAN:
        raise fault(53, f"PIN format {PIN_FORMAT_WITH_PAN}", pin_format)


def _original(message: Message, kind: Kind) -> Original:
    """Fields 37, 38 and 61 of what follows from another transaction. An authorisation code by telephone is in 38."""
    text = message.text(61)
    wanted = 61 in message and kind is not Kind.REVERSAL
    if wanted:
        must(len(text) >= BATCH_AND_STAN, 61, f"at least {BATCH_AND_STAN} digits", str(len(text)))
    date = text[12:16]
    terminal_id = ""
    if kind in HAS_TERMINAL_IN_62:
        terminal_id = message.data(62).decode("ascii", "replace")
        must(len(terminal_id) == 8, 62, "a terminal of 8 characters", f"{len(terminal_id)} bytes")
    return Original(
        batch=int(text[:6]) if wanted else 0,
        stan=int(text[6:12]) if wanted else 0,
        date=date if wanted and date.strip("0") else "",
        rrn=message.text(37) if kind is not Kind.REVERSAL else "",
        authorisation_code=message.text(38) if kind is not Kind.REVERSAL else "",
        terminal_id=terminal_id,
    )


def _of_reversal(request: Request, message: Message) -> None:
    """A reversal has the trace number of its original, whose batch is in field 61 when that names the same number;
    otherwise 61 is the original's own, which names what that followed from."""
    text = message.text(61)
    if len(text) >= BATCH_AND_STAN and int(text[6:12]) == request.stan:
        request.batch = int(text[:6])
    request.reason = message.text(39)


def _of_tip(request: Request, message: Message) -> None:
    text = message.text(48)
    must(len(text) == 12, 48, "a tip of 12 digits", str(len(text)))
    request.tip = int(text)


def _of_transfer(request: Request, message: Message) -> None:
    text = message.data(62).decode("ascii", "replace")
    must(text.isdecimal() and 12 <= len(text) <= 19, 62, "a card number of 12 to 19 digits", f"{len(text)} bytes")
    request.target_pan = text


OF_ONE_KIND: dict[Kind, Callable[[Request, Message], None]] = {
    Kind.REVERSAL: _of_reversal,
    Kind.TIP: _of_tip,
    Kind.TRANSFER_LOAD: _of_transfer,
}
"""What only one kind has, by who reads it into its request."""


def _pan(message: Message) -> tuple[str, bool]:
    """Field 2, or the front of track 2, which must agree; and whether that track is encrypted (field 53), which this
    dialect cannot see into."""
    get: Any = message.fields.get
    pan, track = get(2, ""), get(35, "")
    if not track:
        return pan, False
    if get(53, "")[2:3] == "1":
        return pan, True
    on_track = track.partition("D")[0]
    if pan and on_track and pan != on_track:
        raise fault(35, "the PAN of field 2", "another")
    return pan or on_track, False


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
