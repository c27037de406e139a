"""Filling the books: which cards, accounts, merchants and terminals the host knows."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Protocol

from sqlalchemy import select
from tillbench.host.acquirer.books import Books
from tillbench.host.acquirer.hsm import Hsm
from tillbench.host.acquirer.schema import CARD_STATUSES, Account, Card, Merchant, Terminal

PIN_TRIES = 3
PIN_METHODS = ("block", "pvv", "offset")


class CardProfile(Protocol):
    """What the issuer needs of a card: `expiry` YYMM, `balance` in minor units, `imk_ac`, `imk_smi`, `imk_smc` 16
    bytes in hexadecimal, `currency` four digits, `status` one of `schema.CARD_STATUSES`; a card not `enrolled` is
    unknown to the issuer."""

    @property
    def scheme(self) -> str: ...
    @property
    def pan(self) -> str: ...
    @property
    def psn(self) -> str: ...
    @property
    def expiry(self) -> str: ...
    @property
    def pin(self) -> str: ...
    @property
    def imk_ac(self) -> str: ...
    @property
    def imk_smi(self) -> str: ...
    @property
    def imk_smc(self) -> str: ...
    @property
    def currency(self) -> str: ...
    @property
    def balance(self) -> int: ...
    @property
    def status(self) -> str: ...
    @property
    def enrolled(self) -> bool: ...


@dataclass(frozen=True)
class TerminalSetup:
    """A terminal that may sign on. `tmk` is its master key, 16 bytes; ids have 8 and 15 characters."""

    terminal_id: str
    merchant_id: str
    tmk: bytes = field(repr=False)
    merchant_name: str = "TILLBENCH TEST SHOP"


def provision_cards(
    books: Books, hsm: Hsm, profiles: Iterable[CardProfile], *, new_chips: bool, pin_method: str = "block"
) -> None:
    """Enter cards, or bring their rows up to their profiles, in the given order.

    The account's balance, the PIN tries and the card's counter are history and stay as they are, except that
    `new_chips` accepts cards whose counter starts again. Raises ValueError for a profile the books cannot hold.
    """
    session = books.session  # which flushes each time it is asked for
    profiles = list(profiles)
    entered = select(Card).where(Card.pan.in_({profile.pan for profile in profiles}))
    cards = {(card.pan, card.psn): card for card in session.scalars(entered)}
    for profile in profiles:
        if profile.status not in CARD_STATUSES:
            raise ValueError(f"card status: expected one of {', '.join(CARD_STATUSES)}, found {profile.status!r}")
        card = cards.get((profile.pan, profile.psn))
        if card is None:
            account = Account(currency=profile.currency[-3:], opening=profile.balance, balance=profile.balance)
            card = Card(pan=profile.pan, psn=profile.psn, account=account, last_atc=0)
            card.pin_try_limit = card.pin_tries_left = PIN_TRIES
            session.add(card)
            cards[profile.pan, profile.psn] = card
        card.scheme = profile.scheme
        card.expiry = profile.expiry
        card.status = profile.status
        _set_pin(hsm, card, profile.pin, pin_method)
        imks = (hsm.store_key(bytes.fromhex(imk)) for imk in (profile.imk_ac, profile.imk_smi, profile.imk_smc))
        card.imk_under_lmk, card.imk_smi_under_lmk, card.imk_smc_under_lmk = imks
        if new_chips:
            card.last_atc = 0
    session.flush()


def _set_pin(hsm: Hsm, card: Card, pin: str, method: str) -> None:
    """Keep what the method verifies with, and no more: a card verified by value has no PIN in the books."""
    if method not in PIN_METHODS:
        raise ValueError(f"PIN method: expected one of {', '.join(PIN_METHODS)}, found {method!r}")
    block = hsm.store_pin(pin, card.pan)
    card.pin_method = method
    if method == "block":
        card.pin_under_lmk, card.pin_value = block, None
        return
    card.pin_key_index = card.pin_key_index or 1
    card.pin_key_under_lmk = card.pin_key_under_lmk or hsm.generate_key(16)
    card.pin_under_lmk = None
    card.pin_value = hsm.pin_value(method, pin, card.pan, card.pin_key_under_lmk, card.pin_key_index)


def provision_terminal(books: Books, hsm: Hsm, setup: TerminalSetup) -> None:
    """Enter a terminal and its merchant, or replace its master key; batch and working keys stay."""
    merchant = books.session.get(Merchant, setup.merchant_id) or Merchant(id=setup.merchant_id)
    merchant.name = setup.merchant_name
    books.session.add(merchant)
    books.session.flush()
    terminal = books.session.get(Terminal, setup.terminal_id) or Terminal(id=setup.terminal_id, batch=0)
    terminal.merchant_id = setup.merchant_id
    terminal.tmk_under_lmk = hsm.store_key(setup.tmk)
    books.session.add(terminal)
    books.session.flush()


def provision(
    books: Books,
    hsm: Hsm,
    profiles: Iterable[CardProfile],
    terminals: Iterable[TerminalSetup],
    *,
    new_chips: bool,
    pin_method: str = "block",
) -> None:
    """Enter everything, in the given order; see `provision_cards` and `provision_terminal`."""
    enrolled = [profile for profile in profiles if profile.enrolled]
    provision_cards(books, hsm, enrolled, new_chips=new_chips, pin_method=pin_method)
    for setup in terminals:
        provision_terminal(books, hsm, setup)
