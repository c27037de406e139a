"""What the codes in a message mean, as tables, for the describer."""

MESSAGE_TYPES = {
    "0100": "authorisation request",
    "0110": "authorisation answer",
    "0200": "financial request",
    "0210": "financial answer",
    "0220": "financial advice",
    "0230": "financial advice answer",
    "0320": "batch upload",
    "0330": "batch upload answer",
    "0400": "reversal",
    "0410": "reversal answer",
    "0500": "settlement",
    "0510": "settlement answer",
    "0620": "script result notice",
    "0630": "script result answer",
    "0800": "network management",
    "0810": "network management answer",
    "0820": "network management",
    "0830": "network management answer",
}

PROCESSING_CODES = {  # the first two digits
    "00": "sale",
    "03": "pre-authorisation",
    "17": "cash load void",
    "19": "sale",
    "20": "void or refund",
    "31": "balance",
    "60": "load, own account",
    "62": "load, other account",
    "63": "cash load",
}

ENTRY_MODES = {  # the first two digits of field 22
    "01": "keyed",
    "02": "stripe",
    "03": "code shown",
    "05": "chip",
    "07": "contactless",
    "92": "reservation without card",
    "95": "stripe, chip failed",
    "96": "mobile",
}
PIN_ENTRY = {"1": "PIN", "2": "no PIN"}  # its last digit

CONDITIONS = {
    "00": "normal",
    "06": "pre-authorisation",
    "08": "mail or telephone order",
    "18": "mail or telephone pre-authorisation",
    "60": "pre-authorisation, added",
    "64": "instalments",
    "65": "points",
    "66": "account load",
    "67": "reservation",
    "91": "electronic purse load",
}

# Parts of fields that are made of others: (name, digits), as far as the value reaches.
F60_PARTS = (
    ("type", 2),
    ("batch", 6),
    ("network code", 3),
    ("reader", 1),
    ("chip condition", 1),
    ("partial approval", 1),
    ("account type", 3),
)
F61_PARTS = (
    ("original batch", 6),
    ("original STAN", 6),
    ("original date", 4),
    ("authorisation mode", 2),
    ("authorising institution", 11),
)
F53_PARTS = (("PIN format", 1), ("cipher", 1), ("track encrypted", 1))
F48_TOTALS_PARTS = (
    ("debits", 12),
    ("number", 3),
    ("credits", 12),
    ("number", 3),
    ("balanced", 1),
    ("foreign debits", 12),
    ("number", 3),
    ("foreign credits", 12),
    ("number", 3),
    ("balanced", 1),
)
F54_PARTS = (("account", 2), ("amount type", 2), ("currency", 3), ("sign", 1), ("amount", 12))

# Network codes (60.3) of sign-on and of the terminal master key: their field 62 holds keys.
KEY_CODES = frozenset({"001", "003", "004", "401"})


def parts(value: str, layout: tuple[tuple[str, int], ...]) -> str:
    """`batch 000001, network code 003`: the parts that are there, the last one as far as it goes."""
    words = []
    at = 0
    for name, size in layout:
        if at < len(value):
            words.append(f"{name} {value[at : at + size]}")
        at += size
    return ", ".join(words)
