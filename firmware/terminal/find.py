"""Looking at a transaction on the screen: by its voucher number, by the end of its card number, by its amount; those
that failed, those that look as if they were done twice."""

from terminal import money
from terminal.i18n import text
from terminal.journal_search import cancelled, found
from terminal.response_codes import meaning
from terminal.slips.paper import timestamp
from terminal.slips.scanned import ask_voucher
from terminal.transaction import STATE_TEXTS
from terminal.ui.amount_entry import ask_amount
from terminal.ui.digits_entry import ask_digits
from terminal.ui.menu import ask_choice
from terminal.ui.pages import read_pages

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from terminal.app import Terminal
    from terminal.transaction import Transaction

_BY = ("voucher", "card_end", "amount", "find_failed", "find_repeated")
_HOUR = 60
"""Minutes in which a repeated transaction is looked for when the guard against it is off."""
_MOST = 9


async def find_transaction(terminal: Terminal) -> None:
    """Asks what is known, lets choose among what fits (the newest nine), and shows it. Raises Stop."""
    dialogs = terminal.dialogs
    by = _BY[await ask_choice(dialogs, "find", [text(name) for name in _BY])]
    if by == "voucher":
        voucher = await ask_voucher(terminal, "find")
        query: "dict[str, Any]" = {"stan": voucher.stan}
        if voucher.time:
            query["time"] = voucher.time
    elif by == "card_end":
        query = {"card": await ask_digits(dialogs, "find", by, 4, 4)}
    elif by == "amount":
        query = {"amount": await ask_amount(dialogs, "find")}
    elif by == "find_failed":
        query = {"failed": True}
    else:
        query = {"repeated": terminal.parameters.repeat_minutes or _HOUR}
    newest: list[Transaction] = []
    for t in found(terminal.journal.history(), query):
        newest.append(t)
        if len(newest) > _MOST:
            newest.pop(0)
    if not newest:
        return await dialogs.message("find", text("nothing_found"))
    newest.reverse()
    chosen = 0
    if len(newest) > 1:
        lines = ["%06d %s" % (t.stan, _short(t.amount)) for t in newest]
        chosen = await ask_choice(dialogs, "find", lines)
    await read_pages(dialogs, "find", _described(terminal, newest[chosen]))


def _short(amount: int) -> str:
    """An amount in the six cells that a menu has left for it: whole units when it is large."""
    shown = money.decimal(amount)
    return shown if len(shown) <= 6 else shown[:-3]


def _described(terminal: Terminal, t: Transaction) -> str:
    lines = [
        text(t.type) + " %06d" % t.stan,
        terminal.parameters.currency_name + " " + money.decimal(t.worth),
        text("voided" if (t.batch, t.stan) in cancelled(terminal.journal.history()) else STATE_TEXTS[t.state]),
        t.masked_pan,
        timestamp(t.time),
    ]
    if t.response_code:
        lines.append(text("code") + " " + t.response_code)
        if t.state == "D":
            lines.append(meaning(t.response_code))
    if t.authorisation_code:
        lines.append(text("auth") + " " + t.authorisation_code)
    if t.reference:
        lines.append(t.reference)
    lines.append(text("batch") + " %06d" % t.batch)
    return "\n".join(lines)
