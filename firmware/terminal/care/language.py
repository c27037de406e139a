"""The language of screens and slips, changed while the terminal runs."""

from terminal import i18n
from terminal.ui.menu import ask_choice

TYPE_CHECKING = False
if TYPE_CHECKING:
    from terminal.app import Terminal


async def choose_language(terminal: Terminal) -> None:
    """Asks for a language, keeps it in the settings and uses it from now on. Raises Stop."""
    # Each name in its own language: whoever has to change it cannot read the other one.
    names = [i18n.text("in_" + language) for language in i18n.LANGUAGES]
    chosen = await ask_choice(terminal.dialogs, "language", names)
    terminal.parameters.set("language", i18n.LANGUAGES[chosen])
    i18n.use(terminal.parameters.language)
    await terminal.dialogs.message("language", names[chosen])
