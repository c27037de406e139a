"""Fields 48 and 62 of messages that are about a batch or the terminal itself."""

from typing import Any

from tillbench.host.acquirer.counted import Counted, Totals
from tillbench.host.acquirer.request import Kind, Listed
from tillbench.host.acquirer.unionpay.demand import must
from tillbench.protocols.iso8583 import Message
from tillbench.protocols.iso8583.dialects.unionpay import SIGN_ON_KEYS

TOTALS = 31  # digits: debit amount 12 and count 3, credit amount 12 and count 3, flag 1; domestic, then foreign
DETAIL = 40  # digits: card organisation 2, STAN 6, card number 20, amount 12
CUP = "00"
KINDS_OF_RECORD = {"203": "chip", "205": "chip", "204": "failed", "206": "failed"}
FOREIGN = ("205", "206")


def management(message: Message, kind: Kind, network_code: str) -> dict[str, Any]:
    """What a management message carries, as members of a Request. Raises FormatError."""
    match kind:
        case Kind.SIGN_ON:
            return {"keys": SIGN_ON_KEYS[network_code]}
        case Kind.SETTLEMENT:
            return {"counted": _counted(message)}
        case Kind.BATCH_RECORDS if network_code == "201":
            return {"listed": _details(message)}
        case Kind.BATCH_RECORDS:
            record = Listed(
                KINDS_OF_RECORD[network_code],
                int(message.text(11)),
                message.text(2),
                int(message.text(4)),
                network_code not in FOREIGN,
            )
            return {"listed": (record,), "chip_data": message.data(55)}
        case Kind.BATCH_END:
            text = message.text(48)
            must(len(text) == 4, 48, "a count of 4 digits", str(len(text)))
            return {"count": int(text)}
        case Kind.DOWNLOAD | Kind.STATUS:
            return {"payload": message.data(62)}
    return {}


def _counted(message: Message) -> Counted:
    text = message.text(48)
    must(len(text) == 2 * TOTALS, 48, f"{2 * TOTALS} digits", str(len(text)))
    return Counted(*(_totals(text[start : start + TOTALS]) for start in (0, TOTALS)))


def _totals(text: str) -> Totals:
    return Totals(int(text[:12]), int(text[12:15]), int(text[15:27]), int(text[27:30]))


def totals_field(counted: Counted, flags: tuple[int, int]) -> str:
    """Field 48 of the answer to a settlement: the terminal's totals, each with the host's flag."""
    return "".join(
        f"{each.debit_amount:012}{each.debit_count:03}{each.credit_amount:012}{each.credit_count:03}{flag}"
        for each, flag in zip((counted.domestic, counted.foreign), flags, strict=True)
    )


def _details(message: Message) -> tuple[Listed, ...]:
    text = message.text(48)
    count = int(text[:2])
    must(len(text) == 2 + count * DETAIL, 48, f"2 digits and {count} times {DETAIL}", f"{len(text)} digits")
    parts = (text[start : start + DETAIL] for start in range(2, len(text), DETAIL))
    return tuple(
        Listed("stripe", int(part[2:8]), part[8:28].lstrip("0"), int(part[28:]), part[:2] == CUP) for part in parts
    )
