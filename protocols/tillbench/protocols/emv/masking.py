"""What of a card may be shown: PANs as first six and last four digits, secrets not at all."""

# The values that are (or contain) a PAN, and those that say who the cardholder is on track data.
PAN_TAGS = frozenset({0x5A})
TRACK_2_TAGS = frozenset({0x57, 0x9F6B})
HIDDEN_TAGS = frozenset({0x56, 0x99, 0x9F1F, 0x9F20})


def mask_pan(pan: str) -> str:
    """`620000******0005`; numbers under 13 digits are no PANs and are starred whole."""
    if len(pan) < 13:
        return "*" * len(pan)
    return pan[:6] + "*" * (len(pan) - 10) + pan[-4:]


def mask_track2(digits: str) -> str:
    """Track 2 as hex or text, cut at `D` or `=`: PAN masked, everything after the separator starred."""
    digits = digits.upper().rstrip("F")
    for separator in ("D", "="):
        pan, found, rest = digits.partition(separator)
        if found:
            return mask_pan(pan) + found + "*" * len(rest)
    return mask_pan(digits)


def shown_value(tag: int, value: bytes) -> str:
    """The value of a primitive object as it may appear in a log: hex, or masked."""
    if tag in PAN_TAGS:
        return mask_pan(value.hex().upper().rstrip("F"))
    if tag in TRACK_2_TAGS:
        return mask_track2(value.hex())
    if tag in HIDDEN_TAGS:
        return f"({len(value)} bytes, not shown)"
    return value.hex().upper()
