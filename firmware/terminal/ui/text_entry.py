"""Asking for letters on a keypad of digits: a key has several, and the next press of the same key takes the next one.

The letters of the keys 2 to 9 are those of ITU-T E.161 (ISO/IEC 9995-8); between them all keys have every printable
ASCII character. `#` goes from small letters to capitals to digits and back.
"""

from micropython import const

from terminal.i18n import text
from terminal.ui import keys
from terminal.ui.dialogs import Stop
from terminal.ui.screen import COLUMNS, right

TYPE_CHECKING = False
if TYPE_CHECKING:
    from terminal.board import Events
    from terminal.ui.dialogs import Dialogs

_LETTERS = (" 0", ".-_@1,:;!?", "abc2", "def3", "ghi4", "jkl5", "mno6", "pqrs7", "tuv8", "wxyz9")
_SYMBOLS = "*+#$%&/\\=()[]{}<>~^|'\"`"
_CASES = ("abc", "ABC", "123")
_CAPITALS = const(1)
_DIGITS = const(2)
_STAR = const(0x2A)
_HASH = const(0x23)
_SETTLED_MS = const(1000)
_SEEN = const(2)


async def ask_text(
    dialogs: Dialogs,
    events: Events,
    title: str,
    prompt: str,
    buffer: bytearray,
    shortest: int,
    longest: int,
    secret: bool = False,
) -> int:
    """Number of characters entered into `buffer`, ASCII; `title` is a key of the text table, `prompt` ready words.

    Of a `secret` only the letter that is being chosen is shown, for a second, the others are asterisks; the bench is
    told to mask keys and pictures meanwhile, and the caller wipes the buffer on every path. CLEAR takes the last letter
    back, DOWN settles it at once. Raises Stop on CANCEL and when no key comes.
    """
    entry = _Entry(buffer, longest)
    hint = ""
    if secret:
        events.pin_entry(_SEEN)
    try:
        while True:
            shown = text(hint) if hint else _CASES[entry.case] + " " + text("letter_keys")
            dialogs.screen.show(text(title), prompt, right(entry.shown(secret)), shown)
            try:
                key = await dialogs.key(_SETTLED_MS if entry.choosing else dialogs.parameters.entry_ms, "help_letters")
            except Stop as stop:
                if stop.why != "timed_out" or not entry.choosing:
                    raise
                entry.choosing = 0
                continue
            hint = ""
            if key != keys.ENTER:
                entry.take(key)
            elif entry.count >= shortest:
                return entry.count
            else:
                entry.choosing = 0
                hint = "more_letters"
    finally:
        if secret:
            events.pin_entry(False)


class _Entry:
    """What was entered; `choosing` is the key whose letters are being gone through, 0 if none is."""

    def __init__(self, buffer: bytearray, longest: int) -> None:
        self.count = 0
        self.case = 0
        self.choosing = 0
        self._buffer = buffer
        self._longest = longest
        self._turn = 0

    def take(self, key: int) -> None:
        """A key other than ENTER."""
        letters = self._letters(key)
        if letters and key == self.choosing:
            self._turn = (self._turn + 1) % len(letters)
            self._buffer[self.count - 1] = ord(letters[self._turn])
            return
        self.choosing = 0
        if key == keys.CLEAR and self.count:
            self.count -= 1
            self._buffer[self.count] = 0
        elif key == _HASH:
            self.case = (self.case + 1) % len(_CASES)
        elif letters and self.count < self._longest:
            self._buffer[self.count] = ord(letters[0])
            self.count += 1
            self._turn = 0
            self.choosing = key if len(letters) > 1 else 0

    def _letters(self, key: int) -> str:
        if key == _STAR:
            return _SYMBOLS
        digit = keys.digit(key)
        if digit < 0:
            return ""
        if self.case == _DIGITS:
            return chr(key)
        return _LETTERS[digit].upper() if self.case == _CAPITALS else _LETTERS[digit]

    def shown(self, secret: bool) -> str:
        """Its end, as far as the row goes."""
        if not secret:
            return str(memoryview(self._buffer)[max(0, self.count - COLUMNS) : self.count], "ascii")
        if not self.choosing:
            return "*" * min(self.count, COLUMNS)
        return "*" * min(self.count - 1, COLUMNS - 1) + chr(self._buffer[self.count - 1])
