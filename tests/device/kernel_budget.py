"""CDA sales with the longest keys, for the heap budgets of the kernel."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

from tillbench.host.cards import CardAuthority, VirtualCard, load_profile
from tillbench.host.emulator.bench import Bench
from tillbench.host.emv_run import Order
from tillbench.host.emv_run.sale import Counter

from .kernel_rig import UNIONPAY_ENTRY

CARD = "unionpay-cda-1984"
ENTRY = {**UNIONPAY_ENTRY, "floor_limit": 0}
TERMINAL = {"capabilities": bytes.fromhex("E0F8C8")}


class CdaSales:
    """The card in the slot of a device, a fresh one for each sale."""

    def __init__(self, device: Bench) -> None:
        self.device = device
        self.profile = load_profile(CARD)
        self.card = VirtualCard(self.profile)
        self._rng = random.Random(CARD)
        issuer = Counter(self.profile, Order(), self.profile.pin, True)
        issuer.online_pin()
        self._host: dict[str, Callable[..., Any]] = {
            "apdu": self._apdu,
            "entropy": self._rng.randbytes,
            "insert": self.insert,
            "issuer": issuer.online,
        }

    def insert(self) -> None:
        self.card = VirtualCard(self.profile)
        self.card.reset()

    def _apdu(self, apdu: bytes) -> bytes:
        return self.card.transmit(apdu)

    def peak(self) -> tuple[str, int, int]:
        """Outcome, most bytes of heap, bytes that stay: of the first sale of a device that has not seen the kernel."""
        self.insert()
        capks = [
            {
                "rid": key.rid,
                "index": key.index,
                "modulus": key.modulus,
                "exponent": int.from_bytes(key.exponent, "big"),
                "checksum": key.checksum,
            }
            for key in CardAuthority().public_keys(self.profile)
        ]
        found: tuple[str, int, int] = self.device.call("budget_probe:peak", [ENTRY], capks, TERMINAL, host=self._host)
        return found

    def more(self, count: int) -> int:
        """So many further sales; the bytes of heap in use afterwards."""
        used: Any = self.device.call("budget_probe:more", count, host=self._host)
        return int(used)
