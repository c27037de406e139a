"""Sale: the card pays the amount, or it does not, and nobody is left in doubt which.

Reads from top to bottom as it happens at the counter. Until the request is sent every failure is a `Stop`: the
transaction ends, nothing is owed to anyone. From the moment the journal has it until an answer settles it, every
failure leads to a reversal.
"""

from emv.errors import EmvError
from emv.kernel import Kernel

from terminal import money
from terminal.card_reader import exchange_with, remove_card, wait_for_card
from terminal.emv_config import emv_config
from terminal.flows.choose_application import open_application
from terminal.flows.online_pin import OnlinePin
from terminal.flows.reversal import reverse_pending
from terminal.flows.sale_record import describe, sale_request, take_from_card
from terminal.gate import check_may_sell, take_stan
from terminal.host_link import NoLine, Unanswered, open_link
from terminal.i18n import text
from terminal.response_codes import approved, meaning, unclear
from terminal.transaction import APPROVED, DECLINED, PENDING, REVERSED, Transaction
from terminal.ui.amount_entry import ask_amount
from terminal.ui.dialogs import Stop
from terminal.ui.waits import first_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from terminal.app import Terminal
    from terminal.host_link import Fields, HostLink

_GOODS_AND_SERVICES = 0x00
_OTHER = "06"

_EMV_TEXTS = {
    "TERMINATE": "card_terminated",
    "FORMAT": "card_format",
    "NOT_ACCEPTED": "card_not_accepted",
    "ISSUER_DATA": "answer_malformed",
}


async def sale(terminal: Terminal, first_digit: int = 0) -> None:
    """A sale, from the first digit of its amount to the second copy of its slip."""
    transaction = None
    try:
        transaction = await take_payment(terminal, first_digit)
        screen = result_screen(terminal, transaction)
    except Stop as stop:
        screen = ("not_approved", text(stop.why), stop.detail)
    except EmvError as fault:
        screen = ("not_approved", text(_EMV_TEXTS.get(fault.reason, "card_fault")), "EMV " + fault.reason)
    finally:
        terminal.dialogs.card = None
    await remove_card(terminal, *screen)
    if transaction is not None and transaction.state == APPROVED:
        from terminal.printing import print_both_copies

        await print_both_copies(terminal, transaction)


async def take_payment(terminal: Terminal, first_digit: int) -> Transaction:
    """The transaction, in the state in which the journal has it. Raises Stop or EmvError if none came about."""
    # 1. May we sell at all, and how much is it?
    await check_may_sell(terminal)
    amount = await ask_amount(terminal.dialogs, "sale", first_digit)
    price = terminal.parameters.currency_name + " " + money.decimal(amount)

    # 2. Which card, and which application on it? The trace number is used up here, whatever follows.
    await wait_for_card(terminal, price)
    terminal.dialogs.card = terminal.board.card
    stan = take_stan(terminal)
    time = terminal.clock.now()

    async def exchange(apdu: bytes) -> bytes:
        return await exchange_with(terminal, apdu)

    kernel = Kernel(exchange, terminal.board.entropy, emv_config(terminal.parameters))
    await open_application(terminal, kernel, amount, _GOODS_AND_SERVICES, time, stan)

    # 3. What the card says of itself, and whether it may be used here.
    await kernel.read_records()
    await kernel.data_authentication()
    kernel.restrictions()

    # 4. Who is holding it? The PIN, if one is asked for, is a PIN block by the time this returns.
    pin = OnlinePin(terminal, kernel, amount)
    cvm = await kernel.cardholder_verification(pin.ask)

    # 5. What do terminal and card make of it?
    await kernel.risk_management()
    terminal.screen.show(text("sale"), price, text("reading_card"), text("please_wait"))
    decision = await kernel.first_generate_ac()
    if decision == "AAC":
        raise Stop("card_declined")
    if decision != "ARQC":
        raise Stop("offline_refused")

    # 6. The line, while there is still nothing to undo.
    terminal.screen.show(text("sale"), price, text("connecting"))
    try:
        link = await open_link_unless_cancelled(terminal)
    except Stop:
        await _tell_card_there_is_no_answer(kernel)
        raise

    # 7. Money first: what would have to be undone is on flash before the first byte leaves. Then ask the issuer.
    try:
        transaction = describe(terminal, kernel, amount, stan, time, cvm, pin.block is not None)
        request = sale_request(terminal, kernel, transaction, pin.block)
        write_ahead(terminal, transaction)
        terminal.screen.show(text("sale"), price, text("waiting"), text("please_wait"))
        answer = await ask_issuer(terminal, link, transaction, request)
    finally:
        await link.close()
    terminal.sign_on_wanted = link.sign_on_wanted

    # 8. Tell the card what the issuer said: approved is what both of them approve.
    if answer is None:
        await _tell_card_there_is_no_answer(kernel)
    elif approved(transaction.response_code):
        await confirm_with_card(terminal, kernel, transaction, answer)
    else:
        await declined_by_issuer(terminal, kernel, transaction, answer)

    # 9. What is not settled by now is undone: at once if that can be, else before the next sale or after a restart.
    await reverse_pending(terminal)
    return transaction


async def open_link_unless_cancelled(terminal: Terminal) -> HostLink:
    """The line, opened while CANCEL is still heard. Raises Stop."""
    opening = open_link(terminal.line, terminal.parameters)
    cancel = terminal.dialogs.cancel("help_wait")
    try:
        first, link = await first_of(terminal.parameters.connect_ms + 1000, opening, cancel)
    except NoLine:
        raise Stop("no_line")
    if link is None:
        raise Stop("cancelled" if first == 1 else "no_line")
    return link


def write_ahead(terminal: Terminal, t: Transaction) -> None:
    """Puts the transaction on flash, PENDING. Raises Stop when the flash does not take it: nothing is sent then."""
    try:
        terminal.journal.open(t)
    except OSError:
        raise Stop("flash_fault")


async def ask_issuer(terminal: Terminal, link: HostLink, t: Transaction, request: Fields) -> Fields | None:
    """The issuer's answer; None when there is none that can be trusted: then the reason to reverse is written down."""
    try:
        answer = await link.exchange("0200", request, terminal.keys.mak)
    except Unanswered as failure:
        owe_reversal(terminal, t, failure.reason, failure.why)
        return None
    t.response_code = str(answer.get(39, ""))
    t.authorisation_code = str(answer.get(38, "")).strip()
    t.reference = str(answer.get(37, "")).strip()
    if 12 in answer and 13 in answer:
        t.time = t.time[:4] + str(answer[13]) + str(answer[12])
    return answer


async def confirm_with_card(terminal: Terminal, kernel: Kernel, t: Transaction, answer: Fields) -> None:
    """The issuer approved. Only a TC of the card makes a sale of it, and only when the journal has that too."""
    try:
        final = await kernel.complete(t.response_code.encode(), bytes(answer.get(55, b"")))  # type: ignore[arg-type]
    except Stop as stop:
        return owe_reversal(terminal, t, _OTHER, stop.why)
    except EmvError as fault:
        owe_reversal(terminal, t, _OTHER, _EMV_TEXTS.get(fault.reason, "card_fault"))
        if fault.reason == "ISSUER_DATA":
            await _tell_card_there_is_no_answer(kernel)
        return
    take_from_card(t, kernel, final)
    if final != "TC":
        return owe_reversal(terminal, t, _OTHER, "card_declined")
    try:
        terminal.journal.record(t, APPROVED)
    except OSError:
        owe_reversal(terminal, t, _OTHER, "flash_fault")


async def declined_by_issuer(terminal: Terminal, kernel: Kernel, t: Transaction, answer: Fields) -> None:
    """The issuer declined, or said something that is neither yes nor no: then what it may have booked is undone."""
    if not t.response_code or unclear(t.response_code):
        owe_reversal(terminal, t, _OTHER, "answer_unclear")
    else:
        try:
            terminal.journal.record(t, DECLINED)
        except OSError:
            owe_reversal(terminal, t, _OTHER, "flash_fault")
    try:
        await kernel.complete(t.response_code.encode(), bytes(answer.get(55, b"")))  # type: ignore[arg-type]
    except (Stop, EmvError):
        pass  # the card has nothing to say any more that could change the result


def owe_reversal(terminal: Terminal, t: Transaction, reason: str, why: str) -> None:
    """Writes down why the transaction, still PENDING, must be undone: F39 of the reversal, a text for the screen."""
    t.reason = reason
    t.note = why
    try:
        terminal.journal.record(t, PENDING)
    except OSError:
        pass  # the record that was written ahead stands, and is reason enough: 98


async def _tell_card_there_is_no_answer(kernel: Kernel) -> None:
    """Second GENERATE AC without an issuer. Nothing is approved offline here, so what comes of it changes nothing."""
    try:
        await kernel.complete(None, b"")
    except (Stop, EmvError):
        pass


def result_screen(terminal: Terminal, t: Transaction) -> "tuple[str, str, str]":
    """Title (a key of the text table) and two lines, for the state that the journal has."""
    if t.state == APPROVED:
        price = terminal.parameters.currency_name + " " + money.decimal(t.amount)
        return "approved", price, text("auth") + " " + t.authorisation_code
    if t.state == DECLINED:
        return "declined", meaning(t.response_code), text("code") + " " + t.response_code
    return "not_approved", text(t.note), text("reversed" if t.state == REVERSED else "reversal_due")
