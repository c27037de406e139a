"""Loading the terminal master key, under dual control: nobody alone knows it, and nobody alone can load one.

By components on the keypad: the supervisor enters the first and the admin the second, each after the own password; the
key is the exclusive or of all (ISO 11568-2, split knowledge). Or from a key loader on the cable, after both passwords.
What is shown of component and key is the check value: the first four bytes of zeros enciphered under it.
"""

from binascii import hexlify

from crypto.des import TDES
from crypto.wiping import wipe

from terminal.i18n import text
from terminal.operators import gate
from terminal.ui import keys
from terminal.ui.dialogs import Stop
from terminal.ui.key_entry import ask_component
from terminal.ui.menu import ask_choice
from terminal.ui.screen import right

TYPE_CHECKING = False
if TYPE_CHECKING:
    from terminal.app import Terminal

_TITLE = "load_key"
_SIZE = 16
_WAYS = ("components_2", "components_3", "key_loader")
_LOADER = 2


async def load_master_key(terminal: Terminal) -> None:
    """Asks how, asks both, shows the check value, and puts the key into the slot. Raises Stop; then none was loaded.

    The working keys of the old master key end.
    """
    way = await ask_choice(terminal.dialogs, _TITLE, [text(name) for name in _WAYS])
    key = bytearray(_SIZE)
    try:
        if way == _LOADER:
            await _from_loader(terminal, key)
        else:
            await _from_components(terminal, key, way + 2)
        if key[:8] == key[8:] or not any(key):
            raise Stop("key_weak")
        await terminal.dialogs.agreed(_TITLE, text("check_value"), right(check_value(key)), topic="help_check_value")
        try:
            terminal.board.keyslot.store("TMK", key)
            terminal.keys.forget()
        except OSError:
            raise Stop("flash_fault")
    finally:
        wipe(key)
    terminal.take_master_key()
    await terminal.dialogs.message(_TITLE, text("key_loaded"), right(check_value(terminal.tmk)))


async def _from_loader(terminal: Terminal, key: bytearray) -> None:
    await gate.supervisor(terminal, _TITLE)
    await gate.admin(terminal, _TITLE)
    loader = terminal.board.key_loader
    if loader is None or not loader("TMK", key):
        raise Stop("no_key_loader")


async def _from_components(terminal: Terminal, key: bytearray, count: int) -> None:
    part = bytearray(_SIZE)
    await gate.supervisor(terminal, _TITLE)
    try:
        for number in range(1, count + 1):
            if number == 2:
                await gate.admin(terminal, _TITLE)
            await _ask_until_right(terminal, text("component") + " %d" % number, part)
            for at in range(_SIZE):
                key[at] ^= part[at]
            wipe(part)
    finally:
        wipe(part)


async def _ask_until_right(terminal: Terminal, name: str, part: bytearray) -> None:
    """A component whose check value its holder has confirmed with ENTER; CLEAR asks for it again."""
    dialogs = terminal.dialogs
    while True:
        await ask_component(dialogs, terminal.board.events, _TITLE, name, part)
        dialogs.screen.show(text(_TITLE), name, right(check_value(part)), text("check_keys"))
        key = 0
        while key not in (keys.ENTER, keys.CLEAR):
            key = await dialogs.key(dialogs.parameters.entry_ms, "help_check_value")
        if key == keys.ENTER:
            return
        wipe(part)


def check_value(key: bytearray) -> str:
    """Eight hexadecimal digits that tell a key from another one and give nothing of it away."""
    cipher = TDES(key)
    found = cipher.encrypt(bytes(8))[:4]
    cipher.wipe()
    return hexlify(found).decode().upper()
