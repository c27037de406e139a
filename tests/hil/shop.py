"""The shop: what cashier and cardholder do with the terminal, and what the books of the acquirer say afterwards."""

from __future__ import annotations

from dataclasses import dataclass

from tillbench.host.acquirer.schema import Transaction
from tillbench.host.cards import VirtualCard
from tillbench.host.emulator.bench import WaitTimeout
from tillbench.host.emulator.lines import AcquirerLine
from tillbench.host.terminal import Terminal

AMOUNT = 1234
"""Of a sale where the amount is not the matter: 12.34, in minor units as every amount here."""
UNIONPAY = "unionpay-debit"
VISA = "visa-credit"
IDLE = "AMOUNT OR MENU"
DECIDED = ("APPROVED", "DECLINED")
"""In the title of every screen that tells how a sale ended."""


@dataclass(frozen=True)
class Outcome:
    """How a sale ended for the two people in front of the terminal."""

    screen: str
    slips: tuple[str, ...]

    @property
    def approved(self) -> bool:
        """True if the title of the result says so."""
        return self.screen.split("\n")[0].strip() == "APPROVED"


class PowerGone(Exception):
    """The power failed while something was awaited."""


def wait(terminal: Terminal, *texts: str) -> str:
    """The text of the next frame that shows one of `texts`. Raises PowerGone if the power fails first."""
    try:
        return terminal.screen.wait_any(*texts).text
    except WaitTimeout:
        if terminal.power.on:
            raise
        raise PowerGone from None


def press(terminal: Terminal, keys: str) -> None:
    """Press keys; raises PowerGone if the power fails meanwhile."""
    terminal.press(keys)
    if not terminal.power.on:
        raise PowerGone


def key_in(terminal: Terminal, amount: int = AMOUNT) -> None:
    """The cashier enters the amount."""
    press(terminal, " ".join(str(amount)) + " ENTER")
    wait(terminal, "INSERT CARD")


def present(terminal: Terminal, card: VirtualCard | str = UNIONPAY, application: str = "1") -> str:
    """The cardholder inserts the card and chooses an application if asked; returns the screen that asks for the PIN,
    or the result where none is asked for."""
    terminal.card.insert(card)
    shown = wait(terminal, "APPLICATION", "ENTER PIN", *DECIDED)
    if "APPLICATION" in shown:
        press(terminal, application)
        shown = wait(terminal, "ENTER PIN", *DECIDED)
    return shown


def enter_pin(terminal: Terminal, pin: str | None = None) -> None:
    """The cardholder enters the PIN: the card's own one if none is given."""
    keys = pin or (terminal.card.pin if terminal.card.inserted else "")
    press(terminal, " ".join(keys) + " ENTER")


def decide(
    terminal: Terminal,
    card: VirtualCard | str = UNIONPAY,
    amount: int = AMOUNT,
    *,
    pin: str | None = None,
    application: str = "1",
) -> str:
    """A sale up to the screen that says how it ended; the card is still in."""
    key_in(terminal, amount)
    shown = present(terminal, card, application)
    if "ENTER PIN" in shown:
        enter_pin(terminal, pin)
        shown = wait(terminal, *DECIDED)
    return shown


def take_slips(terminal: Terminal) -> tuple[str, str]:
    """Both copies, as text; ENTER in between."""
    merchant = terminal.receipt()
    wait(terminal, "TEAR OFF")
    terminal.press("ENTER")
    return merchant.text, terminal.receipt().text


def finish(terminal: Terminal, shown: str) -> Outcome:
    """Takes card and slips; the terminal is idle after it."""
    if terminal.card.inserted is not None:
        terminal.card.remove()
    outcome = Outcome(shown, ())
    if outcome.approved:
        outcome = Outcome(shown, take_slips(terminal))
    wait(terminal, IDLE)
    return outcome


def sell(
    terminal: Terminal,
    card: VirtualCard | str = UNIONPAY,
    amount: int = AMOUNT,
    *,
    pin: str | None = None,
    application: str = "1",
) -> Outcome:
    """A whole sale, from the first key to the idle screen."""
    return finish(terminal, decide(terminal, card, amount, pin=pin, application=application))


def balance(terminal: Terminal, card: str = UNIONPAY) -> int:
    """What the issuer's books say is left on the card's account."""
    return terminal.acquirer.ledger.balance(terminal.emulator.profile(card).pan)


def spent(terminal: Terminal, card: str = UNIONPAY) -> int:
    """What has gone from the account since the card was issued."""
    return terminal.emulator.profile(card).balance - balance(terminal, card)


def movements(terminal: Terminal) -> list[tuple[str, int]]:
    """What the ledger has booked, in order: ("sale", -1234), ("reversal", 1234); ("sale", 0) is one declined."""
    return [(entry.kind, entry.booked) for entry in terminal.acquirer.ledger.transactions()]


def only_sale(terminal: Terminal) -> Transaction:
    """The one sale in the ledger."""
    return terminal.acquirer.ledger.transaction(kind="sale")


def check_books(terminal: Terminal) -> None:
    """What is true whatever happened: balances are the sums of what was booked, and a credit undoes one debit."""
    entries = terminal.acquirer.ledger.transactions()
    by_pan: dict[str, int] = {}
    for entry in entries:
        if entry.card is not None:
            by_pan[entry.card.pan] = by_pan.get(entry.card.pan, 0) + entry.booked
        if entry.booked > 0:
            assert entry.original is not None
            assert entry.booked == -entry.original.booked == entry.original.amount
            assert entry.stan == entry.original.stan
    undone = [entry.original_id for entry in entries if entry.original_id is not None]
    assert len(undone) == len(set(undone)), "an original was reversed twice"
    for profile in terminal.emulator.profiles.values():
        if profile.enrolled:
            left = profile.balance + by_pan.get(profile.pan, 0)
            assert terminal.acquirer.ledger.balance(profile.pan) == left, profile.name


def stans(terminal: Terminal) -> list[str]:
    """F11 of everything that the acquirer has received, reversals aside: each may be there once."""
    return [e.request.text(11) for e in terminal.acquirer.journal() if e.request and e.mti != "0400"]


def line(terminal: Terminal) -> AcquirerLine:
    """The line to the acquirer in this process."""
    found = terminal.emulator.line
    assert isinstance(found, AcquirerLine)
    return found


def idle(terminal: Terminal) -> None:
    """Wait for the idle screen."""
    wait(terminal, IDLE)


def check_next_sale(terminal: Terminal, amount: int = 4321) -> None:
    """Whatever happened, the terminal sells again, and only that is booked."""
    before, sold = movements(terminal), spent(terminal)
    assert sell(terminal, amount=amount).approved
    assert movements(terminal) == [*before, ("sale", -amount)]
    assert spent(terminal) == sold + amount
    check_books(terminal)
