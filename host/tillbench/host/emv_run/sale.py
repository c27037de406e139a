"""A sale with a virtual card: the kernel on the device, a cardholder, and the issuer of the card."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from tillbench.host.cards import CardAuthority, CardProfile, VirtualCard
from tillbench.host.emv_run.card_guard import Slot
from tillbench.host.emv_run.kernel_process import KernelProcess, Result
from tillbench.host.emv_run.terminal_setup import Order, TerminalSetup, bench_terminal
from tillbench.host.issuer import CardIssuer, IssuerDataError, IssuerKeys, explain
from tillbench.host.issuer.scripts import SCRIPT_AFTER, Scripter, template
from tillbench.host.pcsc.served_card import ServedCard
from tillbench.protocols.emv import tlv

APPROVED = "00"
NO_SUCH_CARD, DO_NOT_HONOUR, NO_MONEY, EXPIRED, WRONG_PIN = "14", "05", "51", "54", "55"
Command = Callable[[Scripter], bytes]
"""Makes a command for the card whose ARQC is there, see `Scripter`."""
WRONG_DIGITS = "0000"
REVOKED_SERIAL = bytes.fromhex("00DEAD")
"""Issuer certificates with this serial number are on the terminal's revocation list, whatever the CA key."""


@dataclass
class Sale:
    """What came of it: the kernel's result, the exchanges with the card (PINs zeroed), and the issuer's words."""

    result: Result
    exchanges: list[tuple[bytes, bytes]] = field(default_factory=list, repr=False)
    response_code: str = ""
    because: str = ""


class Counter:
    """Cardholder, attendant and issuer in one: they are what the kernel sees of the world.

    `pin`: the digits typed, None for no entry; `line_up` False: nobody answers. `card` is what is in the reader, a
    virtual card of this profile without one. `command` is what the issuer sends with an approval, to be carried out
    after the final GENERATE AC.
    """

    def __init__(
        self,
        profile: CardProfile,
        order: Order,
        pin: str | None,
        line_up: bool,
        card: Slot | None = None,
        command: Command | None = None,
    ) -> None:
        self.exchanges: list[tuple[bytes, bytes]] = []
        self.response_code = ""
        self.because = ""
        self._profile = profile
        self._order = order
        self._pin = pin
        self._line_up = line_up
        self._command = command
        self._online_pin_entered = False
        self._rng = random.Random(f"terminal {profile.name}")
        self._card = card or ServedCard(VirtualCard(profile, on_exchange=lambda *pair: self.exchanges.append(pair)))

    def reset(self, cold: bool) -> bytes:
        del cold
        return self._card.reset()

    def apdu(self, command: bytes) -> bytes | None:
        return self._card.transmit(command)

    def choose(self, names: Sequence[tuple[bytes, str, bool]]) -> int | None:
        del names
        return 0

    def online_pin(self) -> bool:
        self._online_pin_entered = self._pin is not None
        return self._online_pin_entered

    def offline_pin(self, tries: int) -> str | None:
        del tries
        return self._pin

    def entropy(self, count: int) -> bytes:
        return self._rng.randbytes(count)

    def online(self, chip_data: bytes) -> tuple[str, bytes] | None:
        if not self._line_up:
            return None
        tags = {item.tag: item.value for item in tlv.walk(tlv.parse(chip_data))}
        profile = self._profile
        keys = IssuerKeys(*(bytes.fromhex(key) for key in (profile.imk_ac, profile.imk_smi, profile.imk_smc)))
        issuer = CardIssuer(keys, profile.pan, profile.psn)
        self.response_code, self.because = self._decide(issuer, tags)
        try:
            genuine = issuer.verify(tags)
        except IssuerDataError:
            genuine = False
        # A card whose cryptogram is wrong gets none in return: there is nobody there to prove anything to.
        if not genuine:
            return self.response_code, b""
        answer = tlv.encode(0x91, issuer.authentication_data(tags, self.response_code))
        if self._command is not None and self.response_code == APPROVED:
            answer += template(SCRIPT_AFTER, [self._command(Scripter(issuer, tags))])
        return self.response_code, answer

    def _decide(self, issuer: CardIssuer, tags: dict[int, bytes]) -> tuple[str, str]:
        profile = self._profile
        if not profile.enrolled:
            return NO_SUCH_CARD, "no such card"
        verdict = explain(issuer, tags)
        if not verdict.verifies:
            return DO_NOT_HONOUR, str(verdict)
        if profile.status != "active":
            return DO_NOT_HONOUR, f"card is {profile.status}"
        if profile.expiry < self._order.date[:4]:
            return EXPIRED, "expiry date"
        if self._online_pin_entered and self._pin != profile.pin:
            return WRONG_PIN, "wrong PIN"
        if self._order.amount > profile.balance:
            return NO_MONEY, "balance too low"
        return APPROVED, ""


def sell(
    kernel: KernelProcess,
    profile: CardProfile,
    order: Order | None = None,
    *,
    pin: Literal["right", "wrong", "none"] = "right",
    line_up: bool = True,
    command: Command | None = None,
) -> Sale:
    """A sale at the bench's terminal, which trusts the card's CA keys; `line_up` False: nobody answers it; `command`:
    see `Counter`."""
    order = order or Order()
    digits = {"right": profile.pin, "wrong": WRONG_DIGITS, "none": None}[pin]
    counter = Counter(profile, order, digits, line_up, command=command)
    result = kernel.transact(terminal_for(profile), order, counter)
    return Sale(result, counter.exchanges, counter.response_code, counter.because)


def terminal_for(profile: CardProfile) -> TerminalSetup:
    """The bench's terminal, with the CA keys of this card."""
    keys = CardAuthority().public_keys(profile)
    revoked = b"".join(key.rid + bytes([key.index]) + REVOKED_SERIAL for key in keys)
    return bench_terminal(keys, revoked=revoked.hex())
