"""The menus, as data: what there is to choose, and what it does.

An entry is a key of the text table and a function of the terminal. Every entry does what it says: one whose flow is not
there yet is not there either. Flows are imported by the function that starts them, and by nobody else.
"""

from terminal.i18n import text
from terminal.ui.dialogs import Stop
from terminal.ui.menu import ask_choice

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Awaitable, Callable, Iterator

    from terminal.app import Terminal
    from terminal.slips.paper import Line, Paper

    Entry = tuple[str, Callable[[Terminal], Awaitable[Any]]]


async def open_menu(terminal: Terminal, title: str, entries: "tuple[Entry, ...]") -> bool:
    """Lets a person choose, and does it. False when CANCEL leads back to where the menu was opened.

    Raises Stop when no key comes.
    """
    names = [text(name) for name, _ in entries]
    while True:
        try:
            chosen = await ask_choice(terminal.dialogs, title, names)
        except Stop as stop:
            if stop.why == "cancelled":
                return False
            raise
        if await entries[chosen][1](terminal) is not False:
            return True


async def main_menu(terminal: Terminal) -> bool:
    """What MENU and ENTER open on the idle screen."""
    return await open_menu(terminal, "menu", MAIN)


async def _sale(terminal: Terminal) -> None:
    await terminal.sale()


async def _void(terminal: Terminal) -> None:
    from terminal.flows.void import void

    await void(terminal)


async def _refund(terminal: Terminal) -> None:
    from terminal.flows.refund import refund

    await refund(terminal)


async def _offline_sale(terminal: Terminal) -> None:
    from terminal.flows.offline_sale import offline_sale

    await offline_sale(terminal)


async def _tip(terminal: Terminal) -> None:
    from terminal.flows.adjust import tip

    await tip(terminal)


async def _adjustment(terminal: Terminal) -> None:
    from terminal.flows.adjust import adjustment

    await adjustment(terminal)


async def _settle(terminal: Terminal) -> None:
    from terminal.flows.settle import settle

    await settle(terminal)


async def _last_totals(terminal: Terminal) -> None:
    from terminal.flows.settle import reprint_totals

    await reprint_totals(terminal)


async def _last_batch(terminal: Terminal) -> None:
    from terminal.slips.reports import last_batch

    await _report(terminal, "last_batch", last_batch)


async def _hold(terminal: Terminal) -> None:
    from terminal.flows.preauth import preauth

    await preauth(terminal)


async def _hold_void(terminal: Terminal) -> None:
    from terminal.flows.preauth import preauth_void

    await preauth_void(terminal)


async def _completion(terminal: Terminal) -> None:
    from terminal.flows.preauth import completion

    await completion(terminal)


async def _completion_advice(terminal: Terminal) -> None:
    from terminal.flows.preauth import completion_advice

    await completion_advice(terminal)


async def _completion_void(terminal: Terminal) -> None:
    from terminal.flows.void import completion_void

    await completion_void(terminal)


async def _balance(terminal: Terminal) -> None:
    from terminal.flows.balance import balance

    await balance(terminal)


async def _sign_on(terminal: Terminal) -> None:
    await terminal.sign_on()


async def _sign_off(terminal: Terminal) -> None:
    from terminal.flows.sign_off import sign_off

    await sign_off(terminal)


async def _echo(terminal: Terminal) -> None:
    from terminal.flows.echo import echo

    await echo(terminal)


async def _load_params(terminal: Terminal) -> None:
    from terminal.flows.load_parameters import load_parameters

    await load_parameters(terminal)


async def _load_ca_keys(terminal: Terminal) -> None:
    from terminal.flows.downloads import load_ca_keys

    await load_ca_keys(terminal)


async def _load_aids(terminal: Terminal) -> None:
    from terminal.flows.downloads import load_aids

    await load_aids(terminal)


async def _load_black(terminal: Terminal) -> None:
    from terminal.flows.downloads import load_black_list

    await load_black_list(terminal)


async def _load_no_pin(terminal: Terminal) -> None:
    from terminal.flows.downloads import load_no_pin

    await load_no_pin(terminal)


async def _info(terminal: Terminal) -> None:
    from terminal.care.info import show_info

    await show_info(terminal)


async def _reprint(terminal: Terminal) -> None:
    from terminal.reprint import reprint_last

    await reprint_last(terminal)


async def _reprint_any(terminal: Terminal) -> None:
    from terminal.reprint import reprint_any

    await reprint_any(terminal)


async def _codes(terminal: Terminal) -> None:
    from terminal.care.code_lookup import look_up_code

    await look_up_code(terminal)


async def _language(terminal: Terminal) -> None:
    from terminal.care.language import choose_language

    await choose_language(terminal)


async def _x_report(terminal: Terminal) -> None:
    from terminal.slips.reports import running_totals

    await _report(terminal, "x_report", running_totals)


async def _detail(terminal: Terminal) -> None:
    from terminal.slips.reports import detail

    await _report(terminal, "detail_report", detail)


async def _failures(terminal: Terminal) -> None:
    from terminal.slips.reports import failures

    await _report(terminal, "failed_report", failures)


async def _settings_report(terminal: Terminal) -> None:
    from terminal.slips.reports import settings

    await _report(terminal, "settings_report", settings)


async def _emv_report(terminal: Terminal) -> None:
    from terminal.slips.reports import applications

    await _report(terminal, "emv_report", applications)


async def _report(terminal: Terminal, title: str, report: Callable[[Terminal, Paper], Iterator[Line]]) -> None:
    from terminal.printing import print_slip
    from terminal.slips.paper import paper_of

    terminal.screen.show(text("printing"), text(title))
    paper = paper_of(terminal.board.printer, terminal.parameters)
    await print_slip(terminal, lambda: report(terminal, paper))


async def _operator_in(terminal: Terminal) -> None:
    from terminal.operators.manage import sign_in

    await sign_in(terminal)


async def _operator_out(terminal: Terminal) -> None:
    from terminal.operators.manage import sign_out

    await sign_out(terminal)


async def _lock(terminal: Terminal) -> None:
    terminal.locked = True


async def _operator_add(terminal: Terminal) -> None:
    from terminal.operators.manage import add_operator

    await add_operator(terminal)


async def _operator_del(terminal: Terminal) -> None:
    from terminal.operators.manage import remove_operator

    await remove_operator(terminal)


async def _operator_list(terminal: Terminal) -> None:
    from terminal.operators.manage import list_operators

    await list_operators(terminal)


async def _password_new(terminal: Terminal) -> None:
    from terminal.operators.manage import change_password

    await change_password(terminal)


async def _set_up(terminal: Terminal) -> None:
    from terminal.care.setup import set_up

    await set_up(terminal)


async def _find(terminal: Terminal) -> None:
    from terminal.find import find_transaction

    await find_transaction(terminal)


async def _health(terminal: Terminal) -> None:
    from terminal.care.health import show_health

    await show_health(terminal)


async def _self_test(terminal: Terminal) -> None:
    from terminal.care.self_test import self_test

    await self_test(terminal)


async def _training(terminal: Terminal) -> None:
    from terminal.training.mode import enter, leave

    if terminal.put_aside is None:
        await enter(terminal)
    else:
        await leave(terminal)


async def _offline(terminal: Terminal) -> bool:
    return await open_menu(terminal, "offline", OFFLINE)


async def _commission(terminal: Terminal) -> None:
    from terminal.care.commission import begin_again

    await begin_again(terminal)


async def _contact(terminal: Terminal) -> None:
    from terminal.care.contact import show_contact

    await show_contact(terminal)


async def _load_key(terminal: Terminal) -> None:
    from terminal.care.load_key import load_master_key

    await load_master_key(terminal)


async def _host(terminal: Terminal) -> bool:
    return await open_menu(terminal, "host", HOST)


async def _preauths(terminal: Terminal) -> bool:
    return await open_menu(terminal, "preauths", PREAUTHS)


async def _device(terminal: Terminal) -> bool:
    return await open_menu(terminal, "device", DEVICE)


async def _operators(terminal: Terminal) -> bool:
    return await open_menu(terminal, "operators", OPERATORS)


async def _print(terminal: Terminal) -> bool:
    return await open_menu(terminal, "print", PRINT)


async def _manage(terminal: Terminal) -> bool:
    return await open_menu(terminal, "manage", MANAGE)


MAIN = (
    ("sale", _sale),
    ("void", _void),
    ("refund", _refund),
    ("preauths", _preauths),
    ("offline", _offline),
    ("balance", _balance),
    ("settle", _settle),
    ("print", _print),
    ("manage", _manage),
)
PREAUTHS = (
    ("preauth", _hold),
    ("preauth_void", _hold_void),
    ("completion", _completion),
    ("completion_advice", _completion_advice),
    ("completion_void", _completion_void),
)
OFFLINE = (
    ("offline_sale", _offline_sale),
    ("tip", _tip),
    ("adjustment", _adjustment),
)
PRINT = (
    ("reprint", _reprint),
    ("reprint_any", _reprint_any),
    ("x_report", _x_report),
    ("detail_report", _detail),
    ("failed_report", _failures),
    ("last_totals", _last_totals),
    ("last_batch", _last_batch),
    ("settings_report", _settings_report),
    ("emv_report", _emv_report),
)
MANAGE = (
    ("sign_on", _sign_on),
    ("host", _host),
    ("find", _find),
    ("info", _info),
    ("code_lookup", _codes),
    ("device", _device),
    ("operators", _operators),
    ("lock", _lock),
    ("setup", _set_up),
)
DEVICE = (
    ("self_test", _self_test),
    ("health", _health),
    ("training", _training),
    ("language", _language),
    ("contact", _contact),
    ("load_key", _load_key),
    ("commission", _commission),
)
HOST = (
    ("sign_off", _sign_off),
    ("echo", _echo),
    ("load_params", _load_params),
    ("load_ca_keys", _load_ca_keys),
    ("load_aids", _load_aids),
    ("load_black", _load_black),
    ("load_no_pin", _load_no_pin),
)
OPERATORS = (
    ("operator_in", _operator_in),
    ("operator_out", _operator_out),
    ("password_new", _password_new),
    ("operator_list", _operator_list),
    ("operator_add", _operator_add),
    ("operator_del", _operator_del),
)
