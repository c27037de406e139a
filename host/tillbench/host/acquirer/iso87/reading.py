"""From a message to what it asks."""

from typing import Any

from tillbench.host.acquirer import response_code
from tillbench.host.acquirer.counted import Counted, Totals
from tillbench.host.acquirer.refused import Refused
from tillbench.host.acquirer.request import Kind, Original, Request
from tillbench.protocols.iso8583 import FormatError, Message
from tillbench.protocols.iso8583.dialects.iso87 import ISO87_BCD

PREAUTHORISED = "06"
KEYS = (16, 2)
ORIGINAL = 20  # digits of field 90 up to its date and time

FINANCIAL = {
    ("0100", "00", PREAUTHORISED): Kind.PREAUTH,
    ("0100", "02", PREAUTHORISED): Kind.PREAUTH_VOID,
    ("0200", "00", ""): Kind.SALE,
    ("0200", "00", PREAUTHORISED): Kind.COMPLETION,
    ("0220", "00", PREAUTHORISED): Kind.COMPLETION_ADVICE,
    ("0220", "00", ""): Kind.OFFLINE_SALE,
    ("0200", "02", ""): Kind.VOID,
    ("0200", "02", PREAUTHORISED): Kind.COMPLETION_VOID,
    ("0200", "20", ""): Kind.REFUND,
    ("0220", "20", ""): Kind.REFUND,
    ("0200", "31", ""): Kind.BALANCE,
}
"""Message type, first two digits of the processing code, condition 06 or any other."""

NETWORK = {"001": Kind.SIGN_ON, "002": Kind.SIGN_OFF, "301": Kind.ECHO}
"""Field 70 of an 0800."""

COMMON = (3, 11, 12, 13, 22, 25, 41, 42, 49)
ALSO = {
    Kind.VOID: (90,),
    Kind.COMPLETION_VOID: (90,),
    Kind.REFUND: (37,),
    Kind.COMPLETION: (38,),
    Kind.COMPLETION_ADVICE: (38,),
    Kind.PREAUTH_VOID: (38,),
}
TRACED = (Kind.VOID, Kind.COMPLETION_VOID)
RECONCILED = (11, 13, 41, 42, 74, 76, 86, 88)


def read(message: Message) -> Request:
    """What a message asks. Raises FormatError for a field that is missing, else Refused."""
    mti = message.mti[:3] + "0"  # a repeat asks what its first asked
    if mti == "0800":
        return _network(message)
    if mti == "0500":
        return _reconciliation(message)
    if mti in ("0400", "0420"):
        return _reversal(message)
    condition = PREAUTHORISED if message.text(25) == PREAUTHORISED else ""
    kind = FINANCIAL.get((mti, message.text(3)[:2], condition))
    if kind is None:
        known = any(mti == each for each, *_ in FINANCIAL)
        code = response_code.NOT_SUPPORTED if known else response_code.INVALID_TRANSACTION
        raise Refused(code, f"message {message.mti}, code {message.text(3) or '-'}: no such business here")
    _must_have(message, *COMMON, *(() if kind is Kind.BALANCE else (4,)), *ALSO.get(kind, ()), _mac(message))
    return Request(
        kind=kind,
        original=_original(message, kind),
        chip_data=message.data(55),
        pin_block=message.data(52),
        psn=message.text(23)[-2:],
        expiry=message.text(14),
        **_trace(message),
        **_money(message),
    )


def _network(message: Message) -> Request:
    _must_have(message, 11, 41, 42, 70)
    kind = NETWORK.get(message.text(70))
    if kind is None:
        raise Refused(response_code.NOT_SUPPORTED, f"field 70 is {message.text(70)}: no such business here")
    return Request(kind=kind, keys=KEYS, **_trace(message))


def _reversal(message: Message) -> Request:
    _must_have(message, 3, 4, 11, 41, 42, 49, 90, _mac(message))
    of = message.text(90)
    trace = _trace(message) | {"stan": int(of[4:10]), "day": of[10:14]}
    return Request(kind=Kind.REVERSAL, reason=message.text(39), **trace, **_money(message))


def _reconciliation(message: Message) -> Request:
    _must_have(message, *RECONCILED, _mac(message))
    counted = Totals(*(int(message.text(number)) for number in (88, 76, 86, 74)))
    return Request(
        kind=Kind.SETTLEMENT, counted=Counted(counted), both_together=True, mti=message.mti, **_trace(message)
    )


def _trace(message: Message) -> dict[str, Any]:
    return {
        "terminal_id": message.text(41),
        "merchant_id": message.text(42),
        "stan": int(message.text(11) or 0),
        "day": message.text(13),
    }


def _money(message: Message) -> dict[str, Any]:
    return {
        "pan": message.text(2) or message.text(35).partition("=")[0].partition("D")[0],
        "entry_mode": message.text(22),
        "amount": int(message.text(4) or 0),
        "currency": message.text(49),
    }


def _original(message: Message, kind: Kind) -> Original:
    of = message.text(90) if kind in TRACED else ""
    return Original(
        stan=int(of[4:10] or 0),
        date=of[10:14],
        rrn=message.text(37),
        authorisation_code=message.text(38).strip(),
    )


def _mac(message: Message) -> int:
    return 128 if any(number > 64 for number in message.fields) else 64


def _must_have(message: Message, *numbers: int) -> None:
    """Raises FormatError at the field's bit; its place in the bitmap is counted as the BCD wire has it."""
    for number in sorted(numbers):
        if number not in message:
            name = ISO87_BCD.fields[number].name
            raise FormatError(number, 2 + (number - 1) // 8, "present", "absent", name)


def salvage(mti: str) -> Message | None:
    """What can be answered of a message that breaks off: its type."""
    return Message(mti)
