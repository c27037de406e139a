"""Asking for a PIN on the keypad for a program on the computer: the digits never go there.

They go from the keypad's ring, which forgets them as they are read, into the caller's buffer; the screen gets
asterisks, and the bench is told to mask key events meanwhile.
"""

from crypto.wiping import wipe
from micropython import const
from terminal.ui import keys
from terminal.ui.screen import Screen, centred
from terminal.ui.waits import TIMED_OUT, first_of

from reader import escape
from reader.ccid import MUTE, NONE, PIN_CANCELLED, PIN_TIMEOUT
from reader.escape import Vendor
from reader.pin_block import LONGEST_PIN, PinRequest

TYPE_CHECKING = False
if TYPE_CHECKING:
    import asyncio

    from terminal.board import Events, Keypad

_BLOCKED = const(0x6983)
DIFFERENT_PINS = const(-2)
"""No error of CCID's: the reader says it to the program with a status word, 6402 (PC/SC part 10, 2.5.3)."""


class PinPad:
    """Keypad and display, with the texts that the driver has brought."""

    def __init__(
        self, screen: Screen, keypad: "Keypad", gone: "asyncio.Event", events: "Events", vendor: Vendor
    ) -> None:
        """`gone` is set when the card has left."""
        self._screen = screen
        self._keypad = keypad
        self._gone = gone
        self._events = events
        self._vendor = vendor

    async def command_for(self, wanted: PinRequest) -> "tuple[int, bytearray | None]":
        """(NONE, the command with the PIN in it, for the caller to wipe), or the error and None: cancelled, timed out,
        card pulled, two new PINs that differ."""
        current, new, again = bytearray(LONGEST_PIN), bytearray(LONGEST_PIN), bytearray(LONGEST_PIN)
        self._events.pin_entry(True)
        try:
            self._keypad.flush()
            error = old = size = 0
            number = 0
            if wanted.current:
                error, old = await self._ask(wanted, wanted.messages[number], current)
                number += 1
                if error != NONE:
                    return error, None
            if wanted.modify:
                error, size = await self._ask(wanted, wanted.messages[number], new)
                if error != NONE:
                    return error, None
                if wanted.confirm:
                    error, repeated = await self._ask(wanted, wanted.messages[min(number + 1, 2)], again)
                    if error != NONE:
                        return error, None
                    if repeated != size or new != again:
                        return DIFFERENT_PINS, None
            return NONE, wanted.build(memoryview(current)[:old], memoryview(new)[:size])
        finally:
            self._events.pin_entry(False)
            for buffer in (current, new, again):
                wipe(buffer)

    async def _ask(self, wanted: PinRequest, text: int, pin: bytearray) -> "tuple[int, int]":
        """(error, number of digits)."""
        title = self._text(text if text < 3 else escape.ENTER_PIN)
        hint = "ENTER / CANCEL"
        length = 0
        while True:
            self._screen.show(title, "", centred("*" * length), hint)
            first, key = await first_of(wanted.seconds * 1000, self._keypad.get(), self._gone.wait())
            if first == TIMED_OUT:
                self.show(escape.TIME_OUT)
                return PIN_TIMEOUT, 0
            if first == 1:
                return MUTE, 0
            hint = "ENTER / CANCEL"
            if key == keys.CANCEL:
                return PIN_CANCELLED, 0
            if key == keys.ENTER:
                if length >= wanted.least:
                    return NONE, length
                hint = "%d TO %d DIGITS" % (wanted.least, wanted.most)
            elif key == keys.CLEAR:
                wipe(pin)
                length = 0
            elif keys.digit(key) >= 0 and length < wanted.most:
                pin[length] = key
                length += 1

    def outcome(self, sw: int) -> None:
        """Show what the card has said to the PIN."""
        if sw == 0x9000:
            self.show(escape.PIN_OK)
        elif sw >> 4 == 0x63C and sw & 15:
            self._screen.show(
                self._text(escape.WRONG_PIN), "", centred(self._text(escape.TRIES_LEFT).replace("*", str(sw & 15)))
            )
        elif sw == _BLOCKED or sw == 0x63C0:
            self.show(escape.PIN_BLOCKED)
        else:
            self.show(escape.CARD_ERROR)

    def show(self, text: int) -> None:
        """One of the driver's texts."""
        self._screen.show("", "", centred(self._text(text)))

    def _text(self, number: int) -> str:
        return self._vendor.texts[number]
