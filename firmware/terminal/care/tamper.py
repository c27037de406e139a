"""What an open case means: no key survives, nothing is sold, and the screen says why."""

from terminal.i18n import text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from terminal.app import Terminal


def wipe(terminal: Terminal) -> None:
    """Zeroes the keys in RAM first, then those in the key slot and on flash. What is owed to anybody stays."""
    if terminal.put_aside is not None:
        terminal.journal, terminal.counters, terminal.keys, terminal.line = terminal.put_aside
        terminal.put_aside = None
    terminal.keys.wipe()
    for at in range(len(terminal.tmk)):
        terminal.tmk[at] = 0
    for deed in (terminal.board.keyslot.erase, terminal.progress.begin_again, terminal.keys.forget):
        try:
            deed()
        except OSError:
            # A flash that fails must not save the keys: they are gone from RAM, and the next deed is tried.
            pass
    if terminal.board.wifi is not None:
        terminal.board.wifi.start()  # its pass phrase is gone with the keys


async def stay_open(terminal: Terminal) -> None:
    """Says so until the case is shut and somebody has read it."""
    terminal.board.card.deactivate()
    terminal.dialogs.card = None
    terminal.board.keypad.flush()
    lines = (text("tampered_keys"), text("tampered_sales"), text("call_service"))
    terminal.screen.show(text("tampered"), *lines)
    if terminal.board.tamper is not None:
        await terminal.board.tamper.wait_closed()
    await terminal.dialogs.message("tampered", *lines)
