"""What all transactions that ask the host have in common, from the opened line to the card's removal.

Until the request is sent every failure is a `Stop`: the transaction ends, nothing is owed to anyone. From the moment
the journal has it until an answer settles it, every failure leads to a reversal, or, for an advice, to its repeat.

What only the host is for is imported when it is asked: until then the heap is the card's.
"""

from emv.errors import EmvError

from terminal import kinds, money
from terminal.card_reader import remove_card
from terminal.i18n import text
from terminal.response_codes import approved, meaning, to_be_confirmed, unclear
from terminal.transaction import APPROVED, DECLINED, PENDING, REVERSED
from terminal.ui.dialogs import Stop
from terminal.ui.waits import first_of
from terminal.unload import forget_if_short, unload_if_short

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Coroutine

    from terminal.app import Terminal
    from terminal.flows.card import Card
    from terminal.host_link import Fields, HostLink
    from terminal.transaction import Transaction

_OTHER = "06"
_IN_PART = "10"
_LINE = (
    "terminal.host_link",
    "terminal.flows.message",
    "generated.iso8583_unionpay",
    "iso8583.framing",
    "iso8583.characters",
    "iso8583.rules",
    "crypto.mac",
)
"""Modules that nothing needs any more when the answer is there."""


async def carry_out(terminal: Terminal, work: "Coroutine[None, None, Transaction]") -> None:
    """Does the work of a flow, says how it ended until the card is out, and prints what was approved."""
    transaction = None
    try:
        transaction = await work
        screen = result_screen(terminal, transaction)
    except Stop as stop:
        terminal.card_faults += stop.why in ("card_mute", "card_fault")
        screen = ("not_approved", text(stop.why), stop.detail)
    except EmvError as fault:
        terminal.card_faults += 1
        from terminal.flows.chip import TEXTS

        screen = ("not_approved", text(TEXTS.get(fault.reason, "card_fault")), "EMV " + fault.reason)
    finally:
        terminal.dialogs.card = None
    await remove_card(terminal, *screen)
    if transaction is not None and transaction.state == APPROVED and not kinds.is_inquiry(transaction.type):
        unload_if_short()
        from terminal.printing import print_both_copies

        await print_both_copies(terminal, transaction)


async def ask_host(terminal: Terminal, t: Transaction, card: Card) -> Transaction:
    """The transaction, in the state in which the journal has it then. Raises Stop when it has not come about."""
    # 1. What would have to be undone is on flash before the first byte leaves; then the issuer is asked.
    answer = await _ask_over_line(terminal, t, card)
    forget_if_short(_LINE)

    # 2. Tell the card what the issuer said: approved is what both of them approve.
    if answer is None:
        await card.give_up()
    elif t.approved_amount and not await part_is_enough(terminal, t):
        owe_reversal(terminal, t, _OTHER, "cancelled")
        await card.give_up()
    elif t.approved_amount or approved(t.response_code):
        take_approval(terminal, t, await card.approve(t, answer))
    else:
        take_refusal(terminal, t)
        await card.decline(t, answer)
        if owe_notice(terminal, t) and not kinds.is_inquiry(t.type):
            try:
                terminal.journal.record(t, t.state)
            except OSError:
                pass  # a notice moves no money
    if t.notice_stan and kinds.is_inquiry(t.type):
        try:
            terminal.journal.note(t, APPROVED if t.state == APPROVED else DECLINED)
        except OSError:
            pass

    # 3. What is not settled by now is undone, or told again: at once if that can be, else before the next transaction
    # or after a restart.
    if terminal.journal.pending is not None:
        from terminal.flows.owed import settle_owed

        await settle_owed(terminal)
    return t


async def _ask_over_line(terminal: Terminal, t: Transaction, card: Card) -> Fields | None:
    """The issuer's answer, as `ask_issuer`; a function of its own, so that nothing of the line is left after it."""
    from terminal.flows.message import advice_of, request_of

    # The line comes first, while there is still nothing to undo.
    price = money.price(terminal.parameters, t.amount)
    terminal.screen.show(text(t.type), price, text("connecting"))
    try:
        link = await open_link_unless_cancelled(terminal)
    except Stop:
        await card.give_up()
        raise

    try:
        request = advice_of(terminal, t) if kinds.is_advice(t.type) else request_of(terminal, t, card)
        write_ahead(terminal, t)
        terminal.screen.show(text(t.type), price, text("waiting"), text("please_wait"))
        return await ask_issuer(terminal, link, t, request)
    finally:
        await link.close()


async def open_link_unless_cancelled(terminal: Terminal) -> HostLink:
    """The line, opened while CANCEL is still heard. Raises Stop."""
    from terminal.host_link import open_link

    opening = open_link(terminal.line, terminal.parameters)
    cancel = terminal.dialogs.cancel("help_wait")
    # Each phase of it ends by itself.
    _, link = await first_of(None, opening, cancel)
    if link is None:
        raise Stop("cancelled")
    return link


def write_ahead(terminal: Terminal, t: Transaction) -> None:
    """Puts the transaction on flash, PENDING. Raises Stop when the flash does not take it: nothing is sent then."""
    if kinds.is_inquiry(t.type):
        return
    try:
        terminal.journal.open(t)
    except OSError:
        raise Stop("flash_fault")


async def ask_issuer(terminal: Terminal, link: HostLink, t: Transaction, request: Fields) -> Fields | None:
    """The issuer's answer; None when there is none that can be trusted: then the reason to reverse is written down."""
    from terminal.flows.message import take_answer
    from terminal.host_link import Unanswered

    try:
        answer = await link.exchange(kinds.mti(t.type), request, terminal.keys.mak)
    except Unanswered as failure:
        owe_reversal(terminal, t, failure.reason, failure.why)
        return None
    take_answer(t, answer)
    if t.response_code == _IN_PART and t.private_use[13:14] == "1":
        # More than was asked, or nothing, is no partial approval: then the code alone stands, which is unclear.
        part = int(str(answer.get(4, "0")))
        t.approved_amount = part if 0 < part < t.amount else 0
    return answer


async def part_is_enough(terminal: Terminal, t: Transaction) -> bool:
    """Whether the operator takes the part that was approved; the rest has to be paid otherwise."""
    price, part = money.price(terminal.parameters, t.amount), money.price(terminal.parameters, t.approved_amount)
    try:
        await terminal.dialogs.agreed("in_part", part, text("of") + " " + price)
    except Stop:
        t.approved_amount = 0
        return False
    return True


def take_approval(terminal: Terminal, t: Transaction, why_not: str) -> None:
    """The issuer approved. If the card does too, and the journal takes it, that is the end; else it must be undone."""
    owe_notice(terminal, t)
    if why_not:
        return owe_reversal(terminal, t, _OTHER, why_not)
    try:
        _record(terminal, t, APPROVED)
    except OSError:
        owe_reversal(terminal, t, _OTHER, "flash_fault")


def take_refusal(terminal: Terminal, t: Transaction) -> None:
    """The issuer declined, or said something that is neither yes nor no: then what it may have booked is undone."""
    if not t.response_code or unclear(t.response_code):
        return owe_reversal(terminal, t, _OTHER, "answer_unclear")
    try:
        _record(terminal, t, DECLINED)
    except OSError:
        owe_reversal(terminal, t, _OTHER, "flash_fault")


def owe_reversal(terminal: Terminal, t: Transaction, reason: str, why: str) -> None:
    """Writes down why the transaction, still PENDING, must be undone: F39 of the reversal, a text for the screen.

    An advice has no reversal: the text is all that comes of it.
    """
    t.reason = reason
    t.note = why
    try:
        _record(terminal, t, PENDING)
    except OSError:
        pass  # the record that was written ahead stands, and is reason enough: 98


def owe_notice(terminal: Terminal, t: Transaction) -> bool:
    """Takes a trace number for the script notice if the card has scripts to tell of; True when it has."""
    if not t.script_results or t.notice_stan:
        return False
    try:
        t.notice_stan = terminal.counters.next_stan()
    except OSError:
        return False
    return True


def _record(terminal: Terminal, t: Transaction, state: str) -> None:
    if kinds.is_inquiry(t.type):
        t.state = state
    else:
        terminal.journal.record(t, state)


def result_screen(terminal: Terminal, t: Transaction) -> "tuple[str, str, str]":
    """Title (a key of the text table) and two lines, for the state that the journal has."""
    if t.balance is not None and t.state == APPROVED:
        return t.type, terminal.parameters.currency_name + " " + money.decimal(t.balance), ""
    if t.state == APPROVED:
        proof = text("auth") + " " + t.authorisation_code if t.authorisation_code else t.reference
        if to_be_confirmed(t.response_code):
            proof = text("rc01")
        return "approved", money.price(terminal.parameters, t.worth), proof
    if t.state == DECLINED:
        return "declined", meaning(t.response_code), text("code") + " " + t.response_code
    if kinds.is_inquiry(t.type):
        return "not_approved", text(t.note), ""
    if kinds.is_advice(t.type):
        return "not_confirmed", text(t.note), text("advice_due")
    return "not_approved", text(t.note), text("reversed" if t.state == REVERSED else "reversal_due")
