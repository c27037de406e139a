"""What the host asks for in the header of an answer (processing request), done after the transaction."""

from terminal.i18n import text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from terminal.app import Terminal


async def heed_host(terminal: Terminal) -> None:
    """Does each thing that was asked for once, also if the host asks for it again meanwhile. Raises Stop.

    What failed is dropped: the host says it again with its next answer.
    """
    done = ""
    while terminal.line.wishes:
        digit, terminal.line.wishes = terminal.line.wishes[0], terminal.line.wishes[1:]
        if digit not in done:
            done += digit
            await _DEEDS[digit](terminal)


async def _load_parameters(terminal: Terminal) -> None:
    from terminal.flows.load_parameters import load_parameters

    await load_parameters(terminal)


async def _send_status(terminal: Terminal) -> None:
    from terminal.flows.send_status import send_status

    await send_status(terminal)


async def _sign_on(terminal: Terminal) -> None:
    await terminal.sign_on()


async def _load_ca_keys(terminal: Terminal) -> None:
    from terminal.flows.downloads import load_ca_keys

    await load_ca_keys(terminal)


async def _load_aids(terminal: Terminal) -> None:
    from terminal.flows.downloads import load_aids

    await load_aids(terminal)


async def _update(terminal: Terminal) -> None:
    await terminal.dialogs.message("update_wanted", text("call_service"))


async def _load_black_list(terminal: Terminal) -> None:
    from terminal.flows.downloads import load_black_list

    await load_black_list(terminal)


_DEEDS = {
    "1": _load_parameters,
    "2": _send_status,
    "3": _sign_on,
    "4": _load_ca_keys,
    "5": _load_aids,
    "6": _update,
    "7": _load_black_list,
}
"""By the digit of the header."""
