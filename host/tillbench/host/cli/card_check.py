"""`tillbench card check`: a sale with every card, and whether it ends as its profile says."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from tillbench.host.cards import CardProfile, load_profile, profile_names
from tillbench.host.cards.expectation import Expectation, tvr_names
from tillbench.host.cards.profile_files import SHELVES
from tillbench.host.emv_run import KernelProcess, Order, Sale, sell
from tillbench.host.issuer.scripts import Scripter

ISSUER_SCRIPT_RESULTS = 0x9F5B
COMPLETED = "2"
"""Its first nibble: every command was carried out (EMV 4.3 Book 4, A5)."""


@dataclass
class Verdict:
    """One card's sale: what came of it, and where that differs from what was expected."""

    profile: CardProfile
    outcome: str
    code: str
    tvr: bytes
    reason: str
    differences: list[str] = field(default_factory=list)

    @property
    def as_expected(self) -> bool:
        return self.profile.expect is not None and not self.differences


def check(kernel: KernelProcess, profile: CardProfile) -> Verdict:
    """A sale as the profile's `expect` wants it, an ordinary one for a card without. Where it is approved online, it is
    made once more with an issuer script."""
    expect = profile.expect
    if expect is None:
        sale = sell(kernel, profile)
    else:
        order = Order(amount=expect.amount)
        sale = sell(kernel, profile, order, pin=expect.pin, line_up=expect.host == "answers")
    result = sale.result
    code = sale.response_code or result.data.get(0x8A, b"").decode("ascii", "replace")
    verdict = Verdict(profile, outcome_of(sale, code), code, result.tvr, sale.because or result.reason)
    if expect is not None:
        for name, wanted, found in (
            ("outcome", expect.outcome, verdict.outcome),
            ("code", expect.code or "none", code or "none"),
            ("TVR", _bits(expect.tvr_value), _bits(result.tvr)),
            ("reversal", expect.reversal, result.must_reverse),
        ):
            if wanted != found:
                verdict.differences.append(f"{name}: expected {wanted}, found {found}")
        if expect.outcome == "approved-online" and not verdict.differences:
            verdict.differences += _script(kernel, profile, expect)
    return verdict


def _script(kernel: KernelProcess, profile: CardProfile, expect: Expectation) -> list[str]:
    """The same sale again, and with the issuer's approval a script that sets the card's PIN tries back."""
    order = Order(amount=expect.amount)
    sale = sell(kernel, profile, order, pin=expect.pin, command=Scripter.pin_unblock)
    results = sale.result.data.get(ISSUER_SCRIPT_RESULTS, b"").hex().upper()
    if results.startswith(COMPLETED) and sale.result.tvr == expect.tvr_value:
        return []
    found = f"{results or 'none'}, TVR {_bits(sale.result.tvr)}"
    return [f"script: expected results {COMPLETED}..., TVR {_bits(expect.tvr_value)}, found {found}"]


def outcome_of(sale: Sale, code: str) -> str:
    """The kernel's outcome in the words of `expect`: a decline says whose it was."""
    kind = sale.result.outcome
    if kind != "DECLINED":
        return kind.lower().replace("_", "-")
    if sale.result.must_reverse:
        return "declined-by-card"
    return "declined-offline" if code[:1] in ("Y", "Z") else "declined-online"


def check_all(names: Iterable[str]) -> Iterator[Verdict]:
    """These cards, or every shipped one, one after the other in one kernel. Raises ProfileError, NoMicroPython."""
    chosen = list(names) or [name for shelf in SHELVES for name in profile_names(shelf)]
    profiles = [load_profile(name) for name in chosen]
    with KernelProcess() as kernel:
        for profile in profiles:
            yield check(kernel, profile)


def _bits(tvr: bytes) -> str:
    return " ".join(tvr_names(tvr)) or "nothing"


def table(verdicts: Iterable[Verdict]) -> Iterator[str]:
    """A line a card, the differences below it."""
    for verdict in verdicts:
        mark = "ok" if verdict.as_expected else "?" if verdict.profile.expect is None else "WRONG"
        name = verdict.profile.name
        yield f"{mark:5} {name:37} {verdict.outcome:16} {verdict.code:2} {verdict.tvr.hex().upper()} {verdict.reason}"
        for difference in verdict.differences:
            yield f"      {difference}"
