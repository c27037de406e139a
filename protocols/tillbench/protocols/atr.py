"""The answer to reset: which interface characters it has (ISO/IEC 7816-3, 8.2)."""


def interface_characters(atr: bytes) -> dict[str, int]:
    """Value of each interface character by its name: "TA1", "TD1", "TB3"...; of an answer that breaks off, those that
    are there."""
    found: dict[str, int] = {}
    at, group, announced = 2, 1, atr[1] >> 4 if len(atr) > 1 else 0
    while announced:
        following = 0
        for kind, letter in enumerate("ABCD"):
            if announced >> kind & 1 and at < len(atr):
                found[f"T{letter}{group}"] = atr[at]
                following = atr[at] >> 4 if letter == "D" else 0
                at += 1
        group, announced = group + 1, following
    return found


def first_protocol(atr: bytes) -> int:
    """The protocol offered first: 0 or 1 for an EMV card."""
    return interface_characters(atr).get("TD1", 0) & 15
