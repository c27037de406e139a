"""Card Status Update: what the issuer wants of the card, inside of its proof by method 2 (EMV 4.3 Book 3, C8)."""

from typing import NamedTuple

SIZE = 4


class CardStatusUpdate(NamedTuple):
    """`counters`: 0 leave as they are, 1 set to the upper limits, 2 reset, 3 add this transaction."""

    proprietary_data: bool
    pin_tries: int
    approved: bool
    block_card: bool
    block_application: bool
    update_pin_tries: bool
    go_online_next: bool
    counters: int

    @classmethod
    def parse(cls, value: bytes) -> "CardStatusUpdate":
        """Four bytes; the last two are the issuer's own."""
        first, second = value[:2]
        return cls(
            bool(first & 0x80),
            first & 0x0F,
            bool(second & 0x80),
            bool(second & 0x40),
            bool(second & 0x20),
            bool(second & 0x10),
            bool(second & 0x08),
            second & 0x03,
        )
