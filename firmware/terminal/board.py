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
        def put(self, __code: int) -> None:
            """A press that nobody's finger made."""
            ...

        on_press: "Callable[[int], None] | None"
        """Hears each press of a finger."""
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
        async def status(self) -> int:
            """Flags: 1 out of paper, 2 paper near its end, 4 cover open, 8 head too hot, 16 stands still, 32 broken,
            64 cash drawer open.

            Raises PrinterFault NO_ANSWER.
            """
            ...

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

    class Scanner(Protocol):
        async def scan(self) -> str:
            """The next code that is read from now on, printable ASCII."""
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
        """The network. `host` and `port` are the acquirer's, as the board was provisioned."""

        host: str
        port: int
        has_tls: bool
        """The image can do TLS."""

        def address(self) -> str:
            """The board's own, or another word for its being on a network; "" while it is on none."""
            ...

        def resolve(self, __host: str) -> str:
            """The address of a name. Raises OSError when nobody knows it."""
            ...

        async def open(self, __address: str, __port: int) -> "tuple[Reader, Writer]":
            """A connection. Raises OSError when there is none: then not a byte has left."""
            ...

        async def secure(
            self,
            __streams: "tuple[Reader, Writer]",
            __name: str,
            __authority: bytes,
            __certificate: bytes,
            __key: "bytes | bytearray | memoryview",
            __seen: "Callable[[memoryview], None]",
        ) -> "tuple[Reader, Writer]":
            """TLS on a connection, checked against an authority and a name; all certificates and the key are DER.

            `certificate` and `key` are the terminal's own, empty if it has none; `seen` is called with each certificate
            of the host's. Raises OSError, and a fault with `reason` (UNKNOWN_CA, WRONG_NAME, EXPIRED, NOT_YET_VALID,
            NO_CERTIFICATE, CERTIFICATE_REFUSED, CREDENTIALS, REFUSED) and `detail`.
            """
            ...

        def is_quiet(self, __writer: Writer) -> bool:
            """True while nothing has come on a connection, its end neither."""
            ...

    class Network(Protocol):
        """One that was found."""

        name: bytes
        rssi: int
        """dBm."""
        usable: bool
        """The terminal could join it."""
        is_open: bool
        """Without a pass phrase."""

        @property
        def label(self) -> str:
            """The name, fit to be shown."""
            ...

    class Wifi(Protocol):
        """The way of `line` where it is Wi-Fi. It remembers one network, and goes back to it by itself."""

        name: bytes
        """Of its network; empty if it has none."""

        @property
        def label(self) -> str: ...
        def start(self) -> None:
            """Goes to what the key slot remembers, or off."""
            ...

        def scan(self) -> "list[Network]":
            """The strongest first; it takes two seconds. Raises OSError."""
            ...

        async def join(self, __name: bytes, __key: "bytes | bytearray | memoryview") -> str:
            """ "" when it is in that network, which is then remembered, or why it is not: "not_found", "wrong_key",
            "refused", "no_address", "no_answer". Raises OSError when the flash does not take it.
            """
            ...

        def forget(self) -> None:
            """Leaves its network. Raises OSError."""
            ...

        def address(self) -> str: ...
        def rssi(self) -> int:
            """dBm; 0 while it is in none."""
            ...

    class SerialLine(Protocol):
        def open(self, __baud: int) -> "tuple[Reader, Writer]":
            """Both ends of a port, 8N1; what had come before is forgotten."""
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

    class Battery(Protocol):
        mv: int
        """Millivolts of the last measurement that made sense."""
        level: int
        """0 (nearly empty) to 4; -1: there is one, but nobody knows; -2: there is none."""
        implausible: int
        """Measurements that made no sense."""

        async def measure(self) -> None: ...

    class Events(Protocol):
        def pin_entry(self, open: int) -> None:
            """True while something is entered that nobody may see; 2 if it can be seen on the screen."""
            ...

    class Desk(Protocol):
        """Requests from a program, JSON, and their answers."""

        async def request(self) -> bytes: ...
        def reply(self, __data: bytes) -> None: ...
        def tell(self, __data: bytes) -> None:
            """Something that nobody has asked for."""
            ...

    class Board(Protocol):
        display: Display
        keypad: Keypad
        printer: Printer
        card: CardSlot
        stripe: "StripeReader | None"
        contactless: "ContactlessField | None"
        scanner: "Scanner | None"
        """On the port of `serial_line`, where there is one."""
        buzzer: Buzzer
        leds: Leds
        line: Line
        wifi: "Wifi | None"
        serial_line: "SerialLine | None"
        storage: str
        flash_wear: Callable[[], tuple[int, int, int, int]] | None
        """How often its most worn block was erased, and all together, as far back as the board knows; operations and
        bytes programmed since the start. None if it does not know."""
        keyslot: KeySlot
        tamper: Tamper | None
        """The case switch."""
        battery: Battery | None
        key_loader: Callable[[str, bytearray], bool] | None
        """Fills a buffer with the key of that name that a key loader on the cable has; False if it has none."""
        certificates: dict[str, str]
        """PEM by the names of `line/credentials.py`, as the board was provisioned: the terminal takes them over."""
        certificates_taken: Callable[[], None] | None
        """Says that it has."""
        events: Events
        desk: "Desk | None"

        def entropy(self, __n: int) -> bytes: ...
