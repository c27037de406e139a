"""How the card comes into the transaction: inserted, swiped, or its number typed; a trace number is used up for it."""

from iso7816.errors import CardError

from terminal import kinds, money, number_lists
from terminal.card_reader import stop_for, wait_until_out
from terminal.flows.card import Card
from terminal.gate import take_stan
from terminal.i18n import text
from terminal.ui import keys
from terminal.ui.dialogs import Stop
from terminal.ui.waits import TIMED_OUT, first_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from terminal.app import Terminal

_INSERTED, _KEY, _SWIPED, _TAPPED = 0, 1, 2, 3
_ACCOUNTS = ("00", "30", "20", "10")
"""Default, credit, debit, savings (5F57)."""
_ROW = {(False, False): "cancel_key", (True, False): "or_swipe", (False, True): "or_type", (True, True): "or_both"}
"""What else than the chip is offered, by (stripe, keys)."""


async def present_card(terminal: Terminal, kind: str, amount: int) -> Card:
    """The card, read: its number is known when this returns. `amount` 0: there is none. Raises Stop, EmvError."""
    return await CardEntry(terminal, kind, amount).card()


def check_not_listed(terminal: Terminal, kind: str, pan: str) -> None:
    """Raises Stop when the card is on the black list; giving back is allowed all the same."""
    if not kinds.gives_back(kind) and number_lists.listed(terminal.board.storage, number_lists.BLACK_LIST, pan):
        raise Stop("card_listed")


class CardEntry:
    """Asks for the card until one has come in a way that may be used.

    A chip card that is swiped must be inserted; one whose chip stays silent may be swiped then, if `fallback` is set.
    """

    def __init__(self, terminal: Terminal, kind: str, amount: int) -> None:
        self._terminal = terminal
        self._kind = kind
        self._amount = amount
        self._chip = True
        self._stripe = terminal.board.stripe is not None
        self._keys = bool(terminal.parameters.keyed_entry) and kinds.may_be_keyed(kind)
        self._hint = ""
        self._account = ""

    async def card(self) -> Card:
        """See `present_card`."""
        if self._terminal.parameters.account_choice and kinds.asks_account(self._kind):
            from terminal.ui.menu import ask_choice

            chosen = await ask_choice(self._terminal.dialogs, "account", [text("account_" + a) for a in _ACCOUNTS])
            self._account = _ACCOUNTS[chosen]
        card = None
        while card is None:
            how, what = await self._next()
            if how == _INSERTED:
                card = await self._inserted()
            elif how == _SWIPED:
                card = self._swiped(what)
            elif how == _KEY:
                card = await self._typed(what)
            else:
                self._hint = "no_tap"
        card.account_type = self._account
        check_not_listed(self._terminal, self._kind, card.pan)
        return card

    async def _next(self) -> "tuple[int, Any]":
        """What the cardholder or the cashier does. Raises Stop on CANCEL and when nothing comes."""
        terminal = self._terminal
        board = terminal.board
        if self._chip:
            asked, beside = "insert_card", _ROW[(self._stripe, self._keys)]
            if board.card.present():
                return _INSERTED, None
        else:
            asked, beside = "swipe_card", "cancel_key"
        price = money.price(terminal.parameters, self._amount)
        terminal.screen.show(text(self._kind), price, text(asked), text(self._hint or beside))
        waits: "list[Any]" = [board.card.wait_present(), self._pressed()]
        if board.stripe is not None:
            waits.append(board.stripe.swipe())
            if board.contactless is not None:
                waits.append(board.contactless.tap())
        how, what = await first_of(terminal.parameters.card_ms, *waits)
        if how == TIMED_OUT:
            raise Stop("timed_out")
        if how == _KEY and what == keys.CANCEL:
            raise Stop("cancelled")
        return how, what

    async def _pressed(self) -> int:
        """The next key; FN shows help meanwhile, which the card ends, and so does the time for it."""
        terminal = self._terminal
        while True:
            key = await terminal.board.keypad.get()
            if key != keys.FN:
                return key
            await terminal.dialogs.help("help_card")

    async def _inserted(self) -> Card | None:
        from terminal.flows.chip import ChipCard

        terminal = self._terminal
        price = money.price(terminal.parameters, self._amount)
        terminal.screen.show(text(self._kind), price, text("reading_card"), text("please_wait"))
        try:
            await terminal.board.card.activate()
        except CardError as fault:
            if fault.reason == "REMOVED" or not (terminal.parameters.fallback and self._stripe and self._chip):
                raise stop_for(fault)
            return await self._fall_back()
        terminal.dialogs.card = terminal.board.card
        card = ChipCard(terminal, self._kind, self._amount, take_stan(terminal))
        card.account_type = self._account
        await card.read()
        return card

    async def _fall_back(self) -> None:
        """The chip is silent: from now on the stripe is asked for, once the card is out."""
        self._chip = self._keys = False
        price = money.price(self._terminal.parameters, self._amount)
        await wait_until_out(self._terminal, self._kind, price, text("card_mute"))

    def _swiped(self, track: str) -> Card | None:
        from terminal.flows.stripe import StripeCard, has_chip, is_track_2

        terminal = self._terminal
        if not self._stripe:
            return None
        if not is_track_2(track):
            self._hint = "swipe_again"
            return None
        if has_chip(track) and self._chip and not kinds.gives_back(self._kind):
            self._hint = "chip_insert"
            self._stripe = False
            return None
        card = StripeCard(terminal, self._kind, self._amount, take_stan(terminal))
        card.take(track)
        card.fallback = has_chip(track) and not self._chip
        return card

    async def _typed(self, key: int) -> Card | None:
        from terminal.ui.digits_entry import ask_expiry, ask_pan

        terminal = self._terminal
        if not self._keys or keys.digit(key) < 0:
            return None
        pan = await ask_pan(terminal.dialogs, terminal.board.events, self._kind, chr(key))
        expiry = await ask_expiry(terminal.dialogs, self._kind)
        card = Card(terminal, self._kind, self._amount, take_stan(terminal))
        card.pan = pan
        card.expiry = expiry
        return card
