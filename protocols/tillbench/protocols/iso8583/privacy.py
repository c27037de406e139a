"""What may be seen of a value in logs and traces: PAN first 6 and last 4, tracks the same, secrets not at all."""

PAN, TRACK_2, TRACK_3, PIN_BLOCK, ICC_DATA, KEYS, MAC = 2, 35, 36, 52, 55, 62, 64


def masked_pan(pan: str) -> str:
    """First six and last four digits; of a PAN too short for that (under 13 digits) nothing but its length."""
    if len(pan) < 13:
        return "*" * len(pan)
    return pan[:6] + "*" * (len(pan) - 10) + pan[-4:]


def masked_track(track: str) -> str:
    """The PAN masked and nothing after it; an encrypted or unusual track: its length."""
    pan, separator, rest = track.partition("D")
    if not separator or not pan.isdecimal():
        return f"({len(track)} digits)"
    return masked_pan(pan) + "D" + "*" * len(rest)


def masked(number: int, value: str | bytes) -> str:
    """A value for a log line. Binary fields show their size only; amounts, codes and identifiers show themselves."""
    if not isinstance(value, str):
        return f"({len(value)} bytes)"
    if number == PAN:
        return masked_pan(value)
    if number in (TRACK_2, TRACK_3):
        return masked_track(value)
    return value
