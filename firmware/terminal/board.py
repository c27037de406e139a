"""What the application asks of a board: nothing here runs, it is for the reader and for the type checker.

A board file (`boards/`) builds these out of drivers and real or virtual buses; the application knows no more of them.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Callable, Protocol

    class Display(Protocol):
        """Four rows of sixteen characters of 8x16 pixels."""

        def clear(self) -> None: ...
        def text(self, row: int, text: str, inverse: bool = False) -> None: ...
        def show(self) -> None:
            """Commits the picture as one frame."""
            ...

    class Keypad(Protocol):
        """Codes as in `ui/keys.py`."""

        def start(self) -> object: ...
        async def get(self) -> int: ...
        def flush(self) -> None: ...

        overflows: int
        """Presses lost because nobody fetched them."""
        ghosts: int
        """Pictures of the matrix that were refused."""

    class Printer(Protocol):
        """Raises PrinterFault when it cannot print: its `reason` says why, and "LOST" that the slip must begin again.

        A call that raised has not taken its line: called again it goes on where it was. `abandon` gives the slip up.
        """

        dots: int
        """Across the paper."""
        unprintable: int
        """Characters that were printed as `?`."""

        def cell(self, __font: str) -> "tuple[int, int]":
            """Dots of a letter and of a hanzi in a font, "A", "B" or "dots"."""
            ...

        async def text(
            self,
            s: str,
            bold: bool = False,
            double: bool = False,
            align: str = "left",
            font: str = "A",
            right: str = "",
        ) -> None: ...
        async def picture(
            self, row: "Callable[[int], bytes | bytearray]", height: int, width: int, align: str = "left"
        ) -> None: ...
        async def feed(self, lines: int) -> None: ...
        async def cut(self) -> None: ...
        def abandon(self) -> None: ...

    class CardSlot(Protocol):
        """Raises CardError (with `.reason`) when the card is gone or does not behave."""

        def present(self) -> bool: ...
        async def wait_present(self) -> None: ...
        async def wait_removed(self) -> None: ...
        async def activate(self) -> bytes: ...
        async def exchange(self, apdu: bytes) -> bytes: ...
        def deactivate(self) -> None: ...

    class StripeReader(Protocol):
        async def swipe(self) -> str:
            """Track 2 of the next swipe: the characters between the sentinels, `=` for the separator; "" for a swipe
            that could not be read."""
            ...

    class ContactlessField(Protocol):
        async def tap(self) -> None:
            """Returns when a card or telephone comes into the field."""
            ...

    class Buzzer(Protocol):
        async def beep(self, ms: int, hz: int) -> None: ...

    class Leds(Protocol):
        def set(self, name: str, on: bool) -> None: ...

    class Reader(Protocol):
        async def readexactly(self, n: int) -> bytes: ...

    class Writer(Protocol):
        def write(self, data: bytes) -> object: ...
        async def drain(self) -> None: ...
        def close(self) -> None: ...
        async def wait_closed(self) -> None: ...

    class Line(Protocol):
        async def open(self) -> "tuple[Reader, Writer]":
            """The line to the acquirer. Raises OSError when it is away."""
            ...

    class KeySlot(Protocol):
        """Keys by name; `key_into` raises KeyError for one that is not there."""

        protected: bool
        """False: whoever gets at the flash can read them."""

        def key_into(self, __name: str, __out: bytearray) -> None: ...
        def store(self, __name: str, __key: bytearray) -> None: ...
        def erase(self) -> None: ...

    class Tamper(Protocol):
        def is_open(self) -> bool: ...
        async def wait_opened(self) -> None: ...
        async def wait_closed(self) -> None: ...

    class Events(Protocol):
        def pin_entry(self, open: bool) -> None: ...

    class Desk(Protocol):
        """Requests from a program, JSON, and their answers."""

        async def request(self) -> bytes: ...
        def reply(self, __data: bytes) -> None: ...

    class Board(Protocol):
        display: Display
        keypad: Keypad
        printer: Printer
        card: CardSlot
        stripe: "StripeReader | None"
        contactless: "ContactlessField | None"
        buzzer: Buzzer
        leds: Leds
        line: Line
        storage: str
        keyslot: KeySlot
        tamper: Tamper | None
        """The case switch."""
        key_loader: Callable[[str, bytearray], bool] | None
        """Fills a buffer with the key of that name that a key loader on the cable has; False if it has none."""
        events: Events
        desk: "Desk | None"

        def entropy(self, __n: int) -> bytes: ...
