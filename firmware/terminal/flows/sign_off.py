"""Sign-off (0820, 002): the working keys end, here and at the host."""

from terminal.gate import take_stan
from terminal.host_message import call_host, tell_host
from terminal.i18n import text
from terminal.ui.dialogs import Stop

TYPE_CHECKING = False
if TYPE_CHECKING:
    from terminal.app import Terminal

_SIGN_OFF = "002"


async def sign_off(terminal: Terminal) -> None:
    """Zeroes the keys and tells the host: nothing is sold before the next sign-on.

    Raises Stop when the host is not there or does not agree, and while a reversal or an upload is owed that needs the
    keys.
    """
    await terminal.dialogs.agreed("sign_off", text("keys_go"))
    if terminal.journal.pending is not None:
        raise Stop(terminal.journal.owed_text)
    if terminal.settling:
        raise Stop("settle_first")
    await end_keys(terminal)


async def end_keys(terminal: Terminal) -> None:
    """The same without a question. Raises Stop.

    The message carries no MAC, so the keys go first: whatever becomes of the message, the terminal does not sell with
    keys that the host no longer has.
    """
    link = await call_host(terminal, "sign_off")
    try:
        stan = take_stan(terminal)
        try:
            terminal.keys.forget()
        except OSError:
            raise Stop("flash_fault")
        await tell_host(terminal, link, "0820", _SIGN_OFF, {11: "%06d" % stan})
    finally:
        await link.close()
    await terminal.dialogs.message("sign_off", text("signed_off"))
