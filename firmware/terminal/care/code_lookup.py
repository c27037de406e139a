"""What a response code means and what to do about it: for one that was read from a slip or over the phone."""

from terminal.i18n import has, text
from terminal.response_codes import meaning, what_to_do
from terminal.ui import keys
from terminal.ui.screen import right

TYPE_CHECKING = False
if TYPE_CHECKING:
    from terminal.app import Terminal


async def look_up_code(terminal: Terminal) -> None:
    """Asks for two characters and explains them, until CANCEL. UP and DOWN change the first one to A and back."""
    dialogs = terminal.dialogs
    code = ""
    while True:
        explained = [meaning(code), what_to_do(code)] if has("rc" + code) else ["", text("code_keys")]
        if len(code) == 2 and not has("rc" + code):
            explained = [meaning(code), text("code_unknown")]
        dialogs.screen.show(text("code_lookup"), right(code), explained[0], explained[1])
        key = await dialogs.key(dialogs.parameters.entry_ms, "help_code")
        if key == keys.CLEAR:
            code = code[:-1]
        elif key in (keys.UP, keys.DOWN) and len(code) < 2:
            code = "" if code else "A"
        elif keys.digit(key) >= 0:
            code = (code if len(code) < 2 else "") + chr(key)
