"""Every card of the box at the counter: what the terminal makes of it, what the host hears, what is paid."""

from __future__ import annotations

import pytest
from tillbench.host.cards import profile_names
from tillbench.host.emulator.bench import Bench

from tests.device.terminal_rig import ENTER, INSERT, PULL, STOP, Counter, Deed, keys

APPROVED = "[APPROVED] RMB 12.34"
SALE = ["0200"]
REVERSED = ["0200", "0400"]
OUTCOMES: dict[str, tuple[str, list[str]]] = {
    "multi-app": (APPROVED, SALE),
    "unionpay-app-blocked": ("[NOT APPROVED] NOT ACCEPTED", []),
    "unionpay-blocked": ("[DECLINED] NOT HONOURED", SALE),
    "unionpay-card-blocked": ("[NOT APPROVED] CARD REFUSED", []),
    "unionpay-confirm": (APPROVED, SALE),
    "unionpay-debit": (APPROVED, SALE),
    "unionpay-decline-2gac": ("[NOT APPROVED] CARD DECLINED", REVERSED),
    "unionpay-expired": ("[DECLINED] EXPIRED CARD", SALE),
    "unionpay-no-pse": (APPROVED, SALE),
    "unionpay-pin-blocked": (APPROVED, SALE),
    "unionpay-poor": ("[DECLINED] LOW FUNDS", SALE),
    "unionpay-slow": (APPROVED, SALE),
    "unionpay-stripe": (APPROVED, SALE),
    "unionpay-unknown": ("[DECLINED] INVALID CARD", SALE),
    "visa-atm-only": ("[NOT APPROVED] CARD DECLINED", []),
    "visa-blocked": ("[DECLINED] NOT HONOURED", SALE),
    "visa-cdol2": (APPROVED, SALE),
    "visa-credit": (APPROVED, SALE),
    "visa-decline-1gac": ("[NOT APPROVED] CARD DECLINED", []),
    "visa-decline-2gac": ("[NOT APPROVED] CARD DECLINED", REVERSED),
    "visa-expired": ("[DECLINED] EXPIRED CARD", SALE),
    "visa-no-cvm": (APPROVED, SALE),
    "visa-not-effective": (APPROVED, SALE),
    "visa-poor": ("[DECLINED] LOW FUNDS", SALE),
    "visa-signature": (APPROVED, SALE),
    "visa-unknown": ("[DECLINED] INVALID CARD", SALE),
    "visa-velocity": (APPROVED, SALE),
}


def pay(counter: Counter) -> tuple[list[str], list[str]]:
    """Does whatever the screen asks for. Returns the result screens and the printed lines."""
    results: list[str] = []

    def at_the_counter(rows: tuple[str, ...]) -> list[Deed]:
        shown = " ".join(row for row in rows if row)
        if "READY" in shown:
            return [STOP] if results else [keys(b"1234" + ENTER)]
        if "REMOVE CARD" in shown:
            results.append(shown)
            return [PULL]
        if rows[0] == "[ENTER PIN]" and not rows[2]:
            return [keys(counter.profile.pin.encode() + ENTER)]
        if "APPLICATION" in shown or "TEAR OFF" in shown:
            return [keys(ENTER)]
        return [INSERT] if "INSERT CARD" in shown else []

    counter.attend = at_the_counter
    return results, counter.run()["lines"]


def test_the_table_has_every_card() -> None:
    assert set(OUTCOMES) == set(profile_names())


@pytest.mark.one_in(2)
@pytest.mark.parametrize("name", OUTCOMES)
def test_a_card_gets_what_it_deserves(device: Bench, name: str) -> None:
    result, messages = OUTCOMES[name]
    counter = Counter(device, name)
    results, _ = pay(counter)
    assert [shown[: len(result)] for shown in results] == [result]
    assert [m.mti for m in counter.sent] == ["0800", *messages]
    booked = sum(entry.booked for entry in counter.acquirer.ledger.transactions())
    assert booked == (-1234 if result == APPROVED else 0)


def test_a_card_without_pin_is_signed_for(device: Bench) -> None:
    _, lines = pay(Counter(device, "visa-signature"))
    assert lines.count("CARDHOLDER SIGNATURE") == 1
    assert "PIN VERIFIED" not in lines


def test_a_card_that_asks_for_nothing_needs_no_signature(device: Bench) -> None:
    _, lines = pay(Counter(device, "visa-no-cvm"))
    assert lines.count("NO SIGNATURE REQUIRED") == 2
    assert "CARDHOLDER SIGNATURE" not in lines
