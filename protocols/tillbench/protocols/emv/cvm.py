"""Cardholder verification methods: the CVM list and the CVM results in words (EMV 4.3 Book 3, 10.5, Annex C3)."""

from typing import NamedTuple

METHODS = {
    0x00: "fail CVM processing",
    0x01: "plaintext PIN by ICC",
    0x02: "enciphered PIN online",
    0x03: "plaintext PIN by ICC and signature",
    0x04: "enciphered PIN by ICC",
    0x05: "enciphered PIN by ICC and signature",
    0x1E: "signature",
    0x1F: "no CVM required",
    0x3F: "no CVM performed",
}
CONDITIONS = {
    0x00: "always",
    0x01: "if unattended cash",
    0x02: "if not unattended cash, manual cash or cashback",
    0x03: "if terminal supports the CVM",
    0x04: "if manual cash",
    0x05: "if cashback",
    0x06: "if in application currency and under X",
    0x07: "if in application currency and over X",
    0x08: "if in application currency and under Y",
    0x09: "if in application currency and over Y",
}
RESULTS = {0x00: "unknown", 0x01: "failed", 0x02: "successful"}
NEXT_IF_FAILED = 0x40  # b7 of the code: apply the succeeding rule when this one is unsuccessful


class CvmRule(NamedTuple):
    """One rule: CVM code (with its b7) and condition code."""

    code: int
    condition: int

    @property
    def method(self) -> int:
        return self.code & 0x3F

    def __str__(self) -> str:
        otherwise = "else next" if self.code & NEXT_IF_FAILED else "else fail"
        method = METHODS.get(self.method, f"CVM {self.method:02X}")
        return f"{method}, {CONDITIONS.get(self.condition, f'condition {self.condition:02X}')}, {otherwise}"


class CvmList(NamedTuple):
    """Tag 8E: amounts X and Y in minor units of the application currency, then the rules."""

    amount_x: int
    amount_y: int
    rules: tuple[CvmRule, ...]

    @classmethod
    def parse(cls, value: bytes) -> "CvmList":
        """Raises `ValueError` when the length is odd or under 8 bytes."""
        if len(value) < 8 or len(value) % 2:
            raise ValueError(f"CVM list (8E): expected an even length from 8 bytes, found {len(value)}")
        pairs = zip(value[8::2], value[9::2], strict=True)
        rules = tuple(CvmRule(code, condition) for code, condition in pairs)
        return cls(int.from_bytes(value[:4], "big"), int.from_bytes(value[4:8], "big"), rules)

    def build(self) -> bytes:
        """The value of tag 8E."""
        return (
            self.amount_x.to_bytes(4, "big")
            + self.amount_y.to_bytes(4, "big")
            + b"".join(bytes(rule) for rule in self.rules)
        )


def results_text(value: bytes) -> str:
    """Tag 9F34 in words."""
    method = METHODS.get(value[0] & 0x3F, f"CVM {value[0] & 0x3F:02X}")
    condition = CONDITIONS.get(value[1], f"condition {value[1]:02X}")
    return f"{method}, {condition}: {RESULTS.get(value[2], f'result {value[2]:02X}')}"
