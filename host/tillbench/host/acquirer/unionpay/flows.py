"""The table of flows: the business behind a message, and the fields that the message must have.

Fields that depend on the card or its reading (2, 14, 23, 26, 35, 36, 38, 48, 52, 53, 55) are not in here; what is said
of them in one place and not in another is found where they are read.
"""

from dataclasses import dataclass
from functools import cached_property

from tillbench.host.acquirer.request import Kind

COMMON = (3, 4, 11, 22, 25, 41, 42, 49, 60)
MAC = 64


@dataclass(frozen=True)
class Flow:
    """One row: the kind of business and the fields that must be there. full_chip: the chip signs this transaction."""

    kind: Kind
    mandatory: tuple[int, ...]
    full_chip: bool = False

    @cached_property
    def demanded(self) -> frozenset[int]:
        """The mandatory fields, to see at a glance whether all are there."""
        return frozenset(self.mandatory)


def _flow(kind: Kind, *more: int, without: tuple[int, ...] = (), full_chip: bool = False) -> Flow:
    fields = sorted({*COMMON, *more, MAC} - set(without))
    return Flow(kind, tuple(fields), full_chip)


_SALE = _flow(Kind.SALE, full_chip=True)
_ADVICE = (2, 61, 63)

FINANCIAL: dict[tuple[str, str, str, str], Flow] = {
    ("0200", "000000", "00", "22"): _SALE,
    ("0200", "190000", "00", "22"): _SALE,  # K
    ("0200", "200000", "00", "23"): _flow(Kind.VOID, 37, 61),
    ("0220", "200000", "00", "25"): _flow(Kind.REFUND, 37, 61, 63),
    ("0220", "200000", "00", "27"): _flow(Kind.CHIP_REFUND, 61, 62, 63),
    ("0200", "310000", "00", "01"): _flow(Kind.BALANCE, without=(4,), full_chip=True),
    ("0100", "030000", "06", "10"): _flow(Kind.PREAUTH, full_chip=True),
    ("0100", "200000", "06", "11"): _flow(Kind.PREAUTH_VOID, 38, 61),
    ("0200", "000000", "06", "20"): _flow(Kind.COMPLETION, 38, 61),
    ("0220", "000000", "06", "24"): _flow(Kind.COMPLETION_ADVICE, 38, 61),
    ("0200", "200000", "06", "21"): _flow(Kind.COMPLETION_VOID, 37, 38, 61),
    ("0220", "000000", "00", "30"): _flow(Kind.OFFLINE_SALE, *_ADVICE),
    ("0220", "000000", "00", "32"): _flow(Kind.ADJUSTMENT, *_ADVICE),
    ("0220", "000000", "00", "34"): _flow(Kind.TIP, 48, *_ADVICE),
    ("0220", "000000", "00", "36"): _flow(Kind.CHIP_OFFLINE, 55, 63, full_chip=True),
    ("0200", "600000", "91", "45"): _flow(Kind.LOAD, full_chip=True),
    ("0200", "630000", "91", "46"): _flow(Kind.CASH_LOAD, full_chip=True),
    ("0200", "620000", "91", "47"): _flow(Kind.TRANSFER_LOAD, 62),
    ("0200", "170000", "91", "51"): _flow(Kind.CASH_LOAD_VOID, 61),
}
"""Message type, processing code (field 3), condition (field 25), type (field 60.1)."""

REVERSAL = _flow(Kind.REVERSAL, 39)
REVERSED = {key[1:] for key, flow in FINANCIAL.items() if key[0] in ("0100", "0200") and flow.kind is not Kind.BALANCE}
"""Field 3, 25 and 60.1 of what a reversal (0400) may be of: those of its original."""

SCRIPT_NOTICE = Flow(Kind.SCRIPT_NOTICE, (2, 3, 11, 22, 25, 41, 42, 49, 55, 60, 61, 64))

_WITH_STAN = (11, 41, 42, 60)
_WITHOUT_STAN = (41, 42, 60)


def _download(*codes: str) -> dict[tuple[str, str], Flow]:
    """Messages of a download; terminals send them as 0800 or as 0820."""
    asked = _WITHOUT_STAN + ((62,) if codes[0] not in WITHOUT_QUESTION else ())
    return {(mti, code): Flow(Kind.DOWNLOAD, asked) for mti in ("0800", "0820") for code in codes}


_CHIP_RECORD = Flow(Kind.BATCH_RECORDS, (2, 4, 11, 22, 41, 42, 60, 62))
WITHOUT_QUESTION = ("360", "361", "394")
MANAGEMENT: dict[tuple[str, str], Flow] = {
    **{("0800", code): Flow(Kind.SIGN_ON, _WITH_STAN) for code in ("001", "003", "004")},
    ("0800", "401"): Flow(Kind.MASTER_KEY, (*_WITH_STAN, 62)),
    ("0820", "002"): Flow(Kind.SIGN_OFF, _WITH_STAN),
    ("0820", "301"): Flow(Kind.ECHO, _WITHOUT_STAN),
    ("0500", "201"): Flow(Kind.SETTLEMENT, (11, 41, 42, 48, 49, 60, 63)),
    ("0320", "201"): Flow(Kind.BATCH_RECORDS, (11, 41, 42, 48, 60)),
    **{
        ("0320", code): Flow(Kind.BATCH_RECORDS, (2, 4, 11, 22, 41, 42, 60, 62))
        for code in ("203", "204", "205", "206")
    },
    **{("0320", code): Flow(Kind.BATCH_END, (11, 41, 42, 48, 60)) for code in ("202", "207")},
    ("0820", "362"): Flow(Kind.STATUS, (*_WITHOUT_STAN, 62)),
    **_download("360", "361", "371", "381", "391", "394", "395", "397", "399"),
    **_download("370", "372", "380", "382", "390", "396", "398"),
}
"""Message type and network code (field 60.3), for messages that carry no transaction of their own."""

FLOWS = (*FINANCIAL.values(), REVERSAL, SCRIPT_NOTICE, *MANAGEMENT.values())
TYPES = {*(key[0] for key in FINANCIAL), *(key[0] for key in MANAGEMENT), "0400", "0620", "0320"}
"""Message types that this host answers with more than 12."""


def flow_of(mti: str, processing_code: str, condition: str, sub_type: str, network_code: str) -> Flow | None:
    """The row for a message, or None."""
    if mti == "0400":
        return REVERSAL if (processing_code, condition, sub_type) in REVERSED else None
    if mti == "0620":
        return SCRIPT_NOTICE if network_code == "951" else None
    if mti == "0320" and processing_code:
        # An advice again, in a batch upload: as it was, but for its MAC.
        advice = FINANCIAL.get(("0220", processing_code, condition, sub_type))
        return advice and Flow(advice.kind, tuple(n for n in advice.mandatory if n != MAC), advice.full_chip)
    return FINANCIAL.get((mti, processing_code, condition, sub_type)) or MANAGEMENT.get((mti, network_code))
