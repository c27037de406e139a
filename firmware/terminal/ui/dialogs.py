"""What the terminal says and asks: keys with a time-out, messages, help, and the one way out of a dialog."""

import asyncio

from terminal.i18n import text
from terminal.ui import keys
from terminal.ui.waits import TIMED_OUT, first_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Awaitable

    from terminal.board import CardSlot, Keypad, Scanner
    from terminal.parameters import Parameters
    from terminal.ui.screen import Screen


class Stop(Exception):
    """The transaction ends here, and nothing is owed to anyone that the journal does not know.

    `why` is a key of the text table, `detail` a ready line for the screen.
    """

    def __init__(self, why: str, detail: str = "") -> None:
        super().__init__(why, detail)
        self.why = why
        self.detail = detail


class Dialogs:
    """Screen and keypad together, with the time-outs of `parameters`.

    Wherever a key is awaited FN shows a page of help (`topic` is its key in the text table) and comes back.
    """

    def __init__(self, screen: Screen, keypad: Keypad, parameters: Parameters) -> None:
        self.screen = screen
        self.keypad = keypad
        self.parameters = parameters
        self.pin_asked_ms: Any = None
        """Ticks of the end of the last PIN entry, None before there was one."""
        self.card: CardSlot | None = None
        """The slot whose card must stay in while questions are asked, if one must."""
        self.scanner: Scanner | None = None
        """What reads a code for the question that is asked, if it wants one."""
        self.scanned = ""
        """The code, when `keys.SCANNED` came."""

    async def key(self, timeout_ms: int, topic: str = "help_keys") -> int:
        """The next key. Raises Stop on CANCEL, when `timeout_ms` pass without a key, and when the card is pulled."""
        key = await self._key_or_help(timeout_ms, topic)
        if key == keys.CANCEL:
            raise Stop("cancelled")
        return key

    async def _key_or_help(self, timeout_ms: int, topic: str) -> int:
        while True:
            key = await self._any_key(timeout_ms)
            if key != keys.FN:
                return key
            await self._help(timeout_ms, topic)

    async def _any_key(self, timeout_ms: int) -> int:
        waits: "list[Awaitable[Any]]" = [self.keypad.get()]
        if self.card is not None:
            waits.append(self.card.wait_removed())
        if self.scanner is not None:
            waits.append(self.scanner.scan())
        first, found = await first_of(timeout_ms, *waits)
        if first == TIMED_OUT:
            raise Stop("timed_out")
        if first == 0:
            return found  # type: ignore[no-any-return]  # the first wait gives a key
        if first == 1 and self.card is not None:
            raise Stop("card_removed")
        self.scanned = found
        return keys.SCANNED

    async def _help(self, timeout_ms: int, topic: str) -> None:
        """The page under `topic`, UP and DOWN move in it, any other key leaves it; then the screen that was there."""
        from terminal.ui.pages import Pages

        before = self.screen.shown()
        pages = Pages(self.screen, "help", text(topic))
        pages.show()
        while pages.turned(await self._any_key(timeout_ms)):
            pass
        self.screen.show(*before)

    async def help(self, topic: str) -> None:
        """A page of help over a screen that waits for ever, and that screen again."""
        before = self.screen.shown()
        try:
            await self._help(self.parameters.entry_ms, topic)
        except Stop:
            self.screen.show(*before)

    async def cancel(self, topic: str) -> None:
        """Returns when CANCEL is pressed; other keys are forgotten, but FN, which shows help."""
        while True:
            key = await self.keypad.get()
            if key == keys.CANCEL:
                return
            if key == keys.FN:
                await self.help(topic)

    async def pause(self, timeout_ms: int) -> None:
        """Waits for any key, at most `timeout_ms`: time to read what is on the screen, or to tear off a slip."""
        try:
            await asyncio.wait_for_ms(self.keypad.get(), timeout_ms)
        except asyncio.TimeoutError:
            pass

    async def message(self, title: str, *lines: str) -> None:
        """Shows a title (key of the text table) and ready lines until a key is pressed, at most `message_ms`."""
        self.keypad.flush()
        self.screen.show(text(title), *lines)
        await self.pause(self.parameters.message_ms)

    async def confirmed(self, topic: str = "help_confirm") -> bool:
        """Waits, for as long as it takes, for ENTER (True) or CANCEL (False)."""
        while True:
            key = await self.keypad.get()
            if key == keys.ENTER:
                return True
            if key == keys.CANCEL:
                return False
            if key == keys.FN:
                await self.help(topic)

    async def agreed(self, title: str, *lines: str, topic: str = "help_confirm") -> None:
        """Asks for ENTER on a screen of up to two lines. Raises Stop on CANCEL and when no key comes."""
        shown = list(lines) + [""] * (2 - len(lines))
        self.screen.show(text(title), shown[0], shown[1], text("confirm_keys"))
        while await self.key(self.parameters.entry_ms, topic) != keys.ENTER:
            pass
