"""Sign-on (0800): working keys for the day, the batch number, and the host's clock."""

from terminal.gate import take_stan
from terminal.host_link import Unanswered, open_link
from terminal.i18n import text
from terminal.response_codes import approved, meaning
from terminal.ui.dialogs import Stop
from terminal.working_keys import KeyRefused

TYPE_CHECKING = False
if TYPE_CHECKING:
    from terminal.app import Terminal
    from terminal.host_link import Fields

_TYPE = "00"
_DOUBLE_LENGTH_KEYS = "003"


async def sign_on(terminal: Terminal) -> None:
    """Fetches and verifies the working keys. Raises Stop with the reason when the terminal is not signed on after it.

    Keys that are there stay in use until new ones have passed their check values.
    """
    parameters = terminal.parameters
    if not terminal.has_master_key:
        raise Stop("no_master_key")
    terminal.screen.show(text("sign_on"), text("connecting"))
    link = await open_link(terminal.line, parameters)
    try:
        request: Fields = {
            11: "%06d" % take_stan(terminal),
            41: parameters.terminal,
            42: parameters.merchant,
            60: _TYPE + "%06d" % terminal.counters.batch + _DOUBLE_LENGTH_KEYS,
            63: (parameters.operator + "   ")[:3],
        }
        terminal.screen.show(text("sign_on"), text("waiting"))
        answer = await link.exchange("0800", request)
    except Unanswered as failure:
        raise Stop(failure.why)
    finally:
        await link.close()

    code = str(answer.get(39, ""))
    if not approved(code):
        raise Stop("answer_refused", meaning(code))
    adopt(terminal, answer)


def adopt(terminal: Terminal, answer: Fields) -> None:
    """Takes over keys, batch number and clock of the 0810, keys last: signed on means that all of it is in place."""
    try:
        batch = int(str(answer[60])[2:8])
        key_block = bytes(answer[62])  # type: ignore[arg-type]  # field 62 is bytes
        if 12 in answer and 13 in answer:
            terminal.clock.adopt(str(answer[12]), str(answer[13]))
    except (KeyError, ValueError):
        raise Stop("answer_malformed")
    try:
        terminal.counters.adopt_batch(batch)
        terminal.keys.adopt(key_block)
    except KeyRefused as refused:
        raise Stop("keys_refused", refused.args[0])
    except OSError:
        terminal.keys.wipe()
        raise Stop("flash_fault")


async def sign_on_again(terminal: Terminal) -> None:
    """What the menu's entry does: the terminal's sign-on, with all that follows from it."""
    await terminal.sign_on()
