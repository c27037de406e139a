"""What people do to the terminal in a shop, told by the keys of the text table, so in either language."""

from __future__ import annotations

from tillbench.host.acquirer.schema import Transaction
from tillbench.host.terminal import Terminal
from tillbench.protocols.texts import table

SUPERVISOR = 123456
"""What the supervisor of a new terminal keys in."""
RESULTS = ("approved", "declined", "not_approved", "not_confirmed")
"""Titles of the screens that say how a transaction ended."""


def keys(digits: int | str) -> str:
    """The keys of a number, and ENTER."""
    return " ".join([*str(digits), "ENTER"])


class Counter:
    """Cashier, cardholder and supervisor at one terminal."""

    def __init__(self, terminal: Terminal, language: str) -> None:
        self.terminal = terminal
        self._texts = {text.key: text.in_language(language) for text in table()}

    def wait(self, *names: str) -> str:
        """Wait for a screen that shows one of these texts; returns which. WaitTimeout when none comes."""
        shown = self.terminal.screen.wait_any(*(self._texts[name] for name in names)).text
        return next(name for name in names if self._texts[name] in shown)

    def press(self, sequence: str) -> None:
        """Keys, one after the other."""
        self.terminal.press(sequence)

    def answer(self, question: str, digits: int | str) -> None:
        """Wait for a question and key in the answer."""
        self.wait(question)
        self.press(keys(digits))

    def agree(self) -> None:
        """ENTER, when something is to be agreed to."""
        self.wait("confirm_keys")
        self.press("ENTER")

    def choose(self, *entries: str) -> None:
        """From the idle screen into the menus."""
        self.terminal.menu(*(self._texts[entry] for entry in entries))

    def idle(self) -> None:
        """Wait for the idle screen."""
        self.wait("idle_keys")

    def sell(self, card: str, amount: int, pin: str | None = None) -> str:
        """A sale up to its result; the card is still in."""
        self.press(keys(amount))
        self.wait("insert_card")
        profile = self.terminal.card.insert(card).profile
        result = self.wait("enter_pin", *RESULTS)
        if result == "enter_pin":
            self.press(keys(pin or profile.pin))
            result = self.wait(*RESULTS)
        return self._exactly(result)

    def finish(self, result: str) -> str:
        """The card goes, both slips come if there are any; the terminal is idle after it."""
        if self.terminal.card.inserted is not None:
            self.terminal.card.remove()
        else:
            self.press("ENTER")
        if result == "approved":
            self.take_slips()
        self.idle()
        return result

    def take_slips(self) -> None:
        """Both copies, ENTER between them."""
        self.terminal.receipt()
        self.wait("tear_off")
        self.press("ENTER")
        self.terminal.receipt()

    def supervised(self, *entries: str) -> None:
        """Chooses what only the supervisor may begin."""
        self.choose(*entries)
        self.answer("supervisor_password", SUPERVISOR)

    def void(self, sale: Transaction, card: str) -> str:
        """Takes a sale back, up to the result."""
        self.supervised("void")
        self.answer("voucher", sale.stan)
        self.agree()
        self.wait("insert_card")
        self.terminal.card.insert(card)
        return self._exactly(self.wait(*RESULTS))

    def refund(self, sale: Transaction, card: str, amount: int) -> str:
        """Gives a part of a sale back, up to the result."""
        self.supervised("refund")
        self.wait("insert_card")
        self.terminal.card.insert(card)
        self.answer("old_reference", sale.rrn)
        self.answer("old_date", f"{sale.at:%m%d}")
        self.answer("amount", amount)
        self.agree()
        return self._exactly(self.wait(*RESULTS))

    def sell_offline(self, pan: str, amount: int, code: str) -> str:
        """A sale that the bank has authorised by telephone, up to the result."""
        self.choose("offline", "offline_sale")
        for question, digits in (("card_number", pan), ("expiry", ""), ("auth_code", code), ("amount", amount)):
            self.answer(question, digits)
        self.agree()
        return self._exactly(self.wait(*RESULTS))

    def change(self, kind: str, sale: Transaction, amount: int) -> str:
        """A tip of `amount`, or an adjustment to it, up to the result."""
        self.choose("offline", kind)
        self.answer("voucher", sale.stan)
        self.agree()
        self.answer("amount", amount)
        self.agree()
        return self._exactly(self.wait(*RESULTS))

    def settle(self) -> str:
        """The end of the batch, up to its slip; "flag_balanced" or "uploaded"."""
        self.choose("settle")
        self.agree()
        result = self.wait("flag_balanced", "uploaded")
        self.press("ENTER")
        self.terminal.receipt()
        self.idle()
        return result

    def last(self, kind: str) -> Transaction:
        """The newest of a kind in the acquirer's books."""
        return self.terminal.acquirer.ledger.transactions(kind=kind)[-1]

    def _exactly(self, result: str) -> str:
        """ "APPROVED" is a part of "NOT APPROVED": the title says which of them it is."""
        title = self.terminal.screen.text.partition("\n")[0].strip()
        return next((name for name in RESULTS if self._texts[name] == title), result)
