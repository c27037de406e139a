"""What may be seen of a value in logs and traces: PAN first 6 and last 4, tracks the same, secrets not at all.

Fields whose layout is an acquirer's own, or that carry PANs or keys in some messages, show their size only;
`describe` opens them where the message type says that it is safe.
"""

from tillbench.protocols.emv.masking import mask_pan

PAN, TRACK_2, TRACK_3 = 2, 35, 36
ACQUIRER_PRIVATE, DETAILS, TERMINAL_DATA = 40, 48, 59
_ACCOUNTS = (34, 45, 102, 103)  # of the ISO dialects: extended PAN, track 1, account identifications
_PRIVATE = (46, 47, 56, 57, 58, 62, 104, *range(111, 128))  # and those whose content is a network's own
_CLOSED = {ACQUIRER_PRIVATE, DETAILS, TERMINAL_DATA, *_ACCOUNTS, *_PRIVATE}
_LONGEST_PAN = 19


def masked_track(track: str) -> str:
    """The PAN masked and nothing after it; of an encrypted or unusual track the length."""
    pan, separator, rest = track.replace("=", "D").partition("D")
    if not separator or not pan.isdecimal() or len(pan) > _LONGEST_PAN + 2:  # track 3 starts with two more digits
        return hidden(track, "digits")
    return mask_pan(pan) + "D" + "*" * len(rest)


def hidden(value: str | bytes, unit: str) -> str:
    """What stands for a value that is not shown."""
    return f"({len(value)} {unit}, not shown)"


def masked(number: int, value: str | bytes) -> str:
    """A value for a log line, whatever message it is in."""
    if not isinstance(value, str):
        return hidden(value, "bytes")
    if number == PAN:
        return mask_pan(value)
    if number in (TRACK_2, TRACK_3):
        return masked_track(value)
    if number in _CLOSED:
        return hidden(value, "characters")
    return value
