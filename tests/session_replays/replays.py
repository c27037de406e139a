"""Recording a sale with a shipped card, and replaying it as card and as terminal with everything fresh that can be."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace

from tillbench.host.cards import CardProfile, VirtualCard, load_profile
from tillbench.host.emv_run import KernelProcess, Order
from tillbench.host.emv_run.sale import WRONG_DIGITS, Counter, terminal_for
from tillbench.host.emv_run.terminal_setup import FLOOR_LIMIT
from tillbench.host.pcsc import ServedCard
from tillbench.host.session import Header, Session
from tillbench.host.session.compare import Difference, compare
from tillbench.host.session.recorder import Recorder
from tillbench.host.session.replayed_card import ReplayedCard
from tillbench.host.session.replayed_terminal import Fresh, ReplayedTerminal
from tillbench.host.session.resigning import CardKeys
from tillbench.host.session.session_card import issuer_of

LATEST = "2611"  # the month of the recorded sales: certificates and cards are good or not as they were


class FreshCounter(Counter):
    """A counter whose terminal draws other unpredictable numbers."""

    def __init__(self, profile: CardProfile, order: Order, recorder: Recorder, rng: random.Random) -> None:
        expect = profile.expect
        pin = {"right": profile.pin, "wrong": WRONG_DIGITS, "none": None}[expect.pin if expect else "right"]
        super().__init__(profile, order, pin, expect is None or expect.host == "answers", recorder)
        self._numbers = rng

    def entropy(self, count: int) -> bytes:
        return self._numbers.randbytes(count)


def no_clock() -> int:
    """Virtual cards take no time; a computer's own would differ from run to run."""
    return 0


@dataclass
class Bench:
    """One kernel process for all sales."""

    kernel: KernelProcess

    def sell(self, profile: CardProfile, order: Order, recorder: Recorder, rng: random.Random) -> Session:
        """A sale through the device's kernel, to its end, as a session."""
        self.kernel.transact(terminal_for(profile), order, FreshCounter(profile, order, recorder, rng))
        return recorder.session(Header(source="reader", card=profile.name))

    def record(self, name: str) -> Session:
        """The sale that the card's profile expects."""
        profile = load_profile(name)
        order = Order(amount=profile.expect.amount if profile.expect else Order.amount)
        recorder = Recorder(ServedCard(VirtualCard(profile)), no_clock)
        return self.sell(profile, order, recorder, random.Random(1))

    def as_card(self, session: Session, rng: random.Random) -> tuple[list[Difference], list[str]]:
        """The recorded card, sold with again by the kernel; what differs, and what was not in the recording."""
        profile = load_profile(session.header.card)
        card = ReplayedCard(session, CardKeys.of(profile), atc=rng.randrange(1, 60_000), rng=rng)
        order = fresh_order(profile, rng)
        again = self.sell(profile, order, Recorder(ServedCard(card), no_clock), rng)
        return compared(profile, session, again), card.notes


def fresh_order(profile: CardProfile, rng: random.Random) -> Order:
    """Another day, time, number; another amount on the same side of every limit."""
    amount = profile.expect.amount if profile.expect else Order.amount
    near = range(max(amount - min(amount // 4, 300), 1), amount + 1)
    return Order(
        amount=rng.choice([one for one in near if sides(profile, one) == sides(profile, amount)]),
        date=f"{LATEST}{rng.randrange(1, 31):02d}",
        time=f"{rng.randrange(24):02d}{rng.randrange(60):02d}{rng.randrange(60):02d}",
        stan=rng.randrange(1, 1_000_000),
    )


def sides(profile: CardProfile, amount: int) -> list[bool]:
    """On which side of the card's and the terminal's limits an amount is: across one of them a sale is another."""
    limits = [FLOOR_LIMIT]
    for item in profile.applications:
        limits += [item.cvm_x, item.cvm_y, item.cumulative_limit or 0, item.upper_cumulative_limit or 0]
    return [amount > limit for limit in limits] + [amount >= limit for limit in limits]


def as_terminal(
    session: Session, rng: random.Random, card: VirtualCard | None = None, changed: dict[int, str] | None = None
) -> tuple[Session, list[str]]:
    """The recorded terminal, played to a new card of the profile, or to `card`; `changed` values it sends besides."""
    profile = load_profile(session.header.card)
    if card is None:
        atc = rng.randrange(1_000)
        moved = {"atc": profile.atc + atc, "last_online_atc": profile.last_online_atc + atc}
        is_new = profile.last_online_atc == 0 and profile.atc == 0
        card = VirtualCard(profile if is_new else profile.model_copy(update=moved), rng=rng)
    order = fresh_order(profile, rng)
    fresh = Fresh.drawn(rng, date=order.date, amount=order.amount)
    fresh = replace(fresh, values=fresh.values | (changed or {}))
    terminal = ReplayedTerminal(session, fresh, issuer=issuer_of(profile), pin=profile.pin)
    return terminal.play(Recorder(ServedCard(card), no_clock)), terminal.notes


def compared(profile: CardProfile, session: Session, again: Session) -> list[Difference]:
    """With the issuer's eye on every cryptogram."""
    issuer = issuer_of(profile)
    return compare(session, again, first_issuer=issuer, second_issuer=issuer)
