"""The menus, as data: what there is to choose, and what it does.

A row is a key of the text table and where to go on: the module and the function that gets the terminal, and what else
the function wants to know; or nothing, for an entry that opens the menu of its name. Every entry does what it says: one
whose flow is not there yet is not there either, nor "wifi" on a board that has none.
"""

from terminal.i18n import text
from terminal.text_table import rows
from terminal.ui.dialogs import Stop
from terminal.ui.menu import ask_choice

TYPE_CHECKING = False
if TYPE_CHECKING:
    from terminal.app import Terminal


async def choose(terminal: Terminal) -> "list[str]":
    """What a person has chosen in the menus that MENU and ENTER open on the idle screen: module, function, and what it
    wants to know. Empty when CANCEL has led back to the idle screen. CANCEL leads from a menu to the one that it was
    opened from. Raises Stop when no key comes.

    The caller begins it, when the menus are gone from the heap.
    """
    opened = ["menu"]
    while opened:
        entries = [entry for entry in rows(MENUS[opened[-1]]) if entry[0] != "wifi" or terminal.board.wifi]
        try:
            chosen = entries[await ask_choice(terminal.dialogs, opened[-1], [text(entry[0]) for entry in entries])]
        except Stop as stop:
            if stop.why != "cancelled":
                raise
            opened.pop()
            continue
        if len(chosen) > 1:
            return chosen[1:]
        opened.append(chosen[0])
    return []


MENUS = {
    "menu": """
sale terminal.flows.sale sale
void terminal.flows.void void
refund terminal.flows.refund refund
preauths
offline
balance terminal.flows.balance balance
settle terminal.flows.settle settle
print
manage
""",
    "preauths": """
preauth terminal.flows.preauth preauth
preauth_void terminal.flows.preauth preauth_void
completion terminal.flows.preauth completion
completion_advice terminal.flows.preauth completion_advice
completion_void terminal.flows.void completion_void
""",
    "offline": """
offline_sale terminal.flows.offline_sale offline_sale
tip terminal.flows.adjust tip
adjustment terminal.flows.adjust adjustment
""",
    "print": """
reprint terminal.reprint reprint_last
reprint_any terminal.reprint reprint_any
x_report terminal.printing print_report x_report running_totals
detail_report terminal.printing print_report detail_report detail
failed_report terminal.printing print_report failed_report failures
last_totals terminal.flows.settle reprint_totals
last_batch terminal.printing print_report last_batch last_batch
settings_report terminal.printing print_report settings_report settings
emv_report terminal.printing print_report emv_report applications
""",
    "manage": """
sign_on terminal.flows.sign_on sign_on_again
host
find terminal.find find_transaction
info terminal.care.info show_info
code_lookup terminal.care.code_lookup look_up_code
device
operators
lock terminal.operators.manage lock
setup terminal.care.setup set_up
""",
    "device": """
self_test terminal.care.self_test self_test
health terminal.care.health show_health
training terminal.training.mode enter_or_leave
language terminal.care.language choose_language
contact terminal.care.contact show_contact
load_key terminal.care.load_key load_master_key
wifi
commission terminal.care.commission begin_again
""",
    "wifi": """
wifi_join terminal.care.wifi join_network
wifi_status terminal.care.wifi show_status
wifi_forget terminal.care.wifi forget_network
""",
    "host": """
sign_off terminal.flows.sign_off sign_off
echo terminal.flows.echo echo
load_params terminal.flows.load_parameters load_parameters
load_ca_keys terminal.flows.downloads load_ca_keys
load_aids terminal.flows.downloads load_aids
load_black terminal.flows.downloads load_black_list
load_no_pin terminal.flows.downloads load_no_pin
""",
    "operators": """
operator_in terminal.operators.manage sign_in
operator_out terminal.operators.manage sign_out
password_new terminal.operators.manage change_password
operator_list terminal.operators.manage list_operators
operator_add terminal.operators.manage add_operator
operator_del terminal.operators.manage remove_operator
""",
}
