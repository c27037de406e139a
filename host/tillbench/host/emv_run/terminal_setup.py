"""The bench's terminal for kernel runs: it knows the test AIDs of every scheme, and can do all that the kernel can.

Terminal Action Codes are acquirer-owned; these are examples, as several public configurations have them.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from tillbench.host.cards.ca import PublicKey

FLOOR_LIMIT = 10_000  # minor units: a sale of 100.00 goes online, whatever the card
CAPABILITIES = "E0F8C8"  # key pad, stripe, chip; every PIN, signature, none; SDA, DDA, CDA (9F33)
_VISA = ("0010000000", "DC4004F800", "DC4000A800")
_MASTERCARD = ("0000000000", "FC50BCF800", "FC50BCA000")
_UNIONPAY = ("0010000000", "D84004F800", "D84000A800")
_JCB = ("0010000000", "FC60ACF800", "FC6024A800")
# American Express, Discover and Interac publish none: UnionPay's, which look at the same bits.
_AIDS = (
    ("A000000003", "008C", _VISA),
    ("A00000033301", "0030", _UNIONPAY),
    ("A0000000041010", "0002", _MASTERCARD),
    ("A0000000043060", "0002", _MASTERCARD),
    ("A0000000651010", "0200", _JCB),
    ("A00000002501", "0001", _UNIONPAY),
    ("A0000001523010", "0001", _UNIONPAY),
    ("A0000002771010", "008C", _UNIONPAY),
)


@dataclass(frozen=True)
class Order:
    """What is to be paid. `amount` and `other` in minor units; `kind` is tag 9C; date YYMMDD, time HHMMSS."""

    amount: int = 1234
    other: int = 0
    kind: int = 0x00
    date: str = "261123"
    time: str = "101112"
    stan: int = 42


@dataclass(frozen=True)
class TerminalSetup:
    """Keyword arguments of the firmware's `Aid`, `Config` and `Capk`, bytes in hexadecimal."""

    aids: tuple[dict[str, Any], ...]
    capks: tuple[dict[str, Any], ...] = ()
    terminal: dict[str, Any] = field(default_factory=dict)


def bench_terminal(keys: Iterable[PublicKey] = (), **terminal: Any) -> TerminalSetup:
    """The bench's terminal with these CA keys; `terminal` changes values of its `Config`."""
    aids = tuple(
        {
            "aid": aid,
            "version": version,
            "tac_denial": denial,
            "tac_online": online,
            "tac_default": default,
            "floor_limit": FLOOR_LIMIT,
        }
        for aid, version, (denial, online, default) in _AIDS
    )
    capks = tuple(
        {
            "rid": key.rid.hex(),
            "index": key.index,
            "modulus": key.modulus.hex(),
            "exponent": int.from_bytes(key.exponent, "big"),
            "checksum": key.checksum.hex(),
        }
        for key in keys
    )
    return TerminalSetup(aids, capks, {"capabilities": CAPABILITIES, **terminal})
