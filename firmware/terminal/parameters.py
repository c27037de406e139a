"""What can be set on a terminal, with its default, its range and the group of the setup menu that it is in.

The record on flash is JSON with the version of its form and what differs from the defaults: {"v": 2, name: value, ...}.
A value of the wrong type or out of its range is refused when it is set and when it is read back. A record of an older
version is brought up to date when it is read, and written so at the next change; one of a newer version is refused,
because nobody here can know what its values mean.
"""

import json

from terminal import store
from terminal.text_table import rows

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Iterator

VERSION = 2
COUNTRY = b"\x01\x56"
"""9F1A: where the terminal stands, ISO 3166-1 numeric."""

# For `text_table.rows`: name, group, lowest, highest for a number; shortest, longest for a text.
_SCHEMA = (
    "language setup_shop 2 2\n"
    "merchant_name setup_shop 1 40\n"
    "merchant setup_shop 15 15\n"
    "terminal setup_shop 8 8\n"
    "operator setup_shop 2 2\n"
    "currency setup_shop 3 3\n"
    "currency_name setup_shop 1 4\n"
    "partial_approval setup_shop 0 1\n"
    "account_choice setup_shop 0 1\n"
    "tpdu setup_host 10 10\n"
    "header setup_host 12 12\n"
    "hotline setup_host 1 16\n"
    "line setup_line 3 6\n"
    "host setup_line 0 64\n"
    "port setup_line 0 65535\n"
    "tls_name setup_line 0 64\n"
    "baud setup_line 1200 115200\n"
    "connect_ms setup_line 1000 120000\n"
    "tls_ms setup_line 1000 120000\n"
    "answer_ms setup_line 1000 120000\n"
    "keep_alive_ms setup_line 0 3600000\n"
    "printer_font setup_printer 1 4\n"
    "slip_qr setup_printer 0 1\n"
    "fault_slips setup_printer 0 1\n"
    "copy_ms setup_printer 500 600000\n"
    "amount_digits setup_limits 3 12\n"
    "batch_limit setup_limits 1 999\n"
    "offline_limit setup_limits 0 999999999999\n"
    "tip_percent setup_limits 0 99\n"
    "adjust_percent setup_limits 0 99\n"
    "advices_at_once setup_limits 1 99\n"
    "day_change setup_limits 0 2\n"
    "sale_limit setup_limits 0 999999999999\n"
    "refund_limit setup_limits 0 999999999999\n"
    "keyed_entry setup_flows 0 1\n"
    "fallback setup_flows 0 1\n"
    "void_card setup_flows 0 1\n"
    "void_pin setup_flows 0 1\n"
    "completion_pin setup_flows 0 1\n"
    "pin_shortest setup_flows 4 12\n"
    "pin_longest setup_flows 4 12\n"
    "pin_bypass setup_flows 0 1\n"
    "pin_interval_ms setup_flows 0 60000\n"
    "repeat_minutes setup_safety 0 1440\n"
    "operator_sign_on setup_safety 0 1\n"
    "change_defaults setup_safety 0 1\n"
    "password_tries setup_safety 1 20\n"
    "lock_ms setup_safety 0 3600000\n"
    "auto_lock_ms setup_safety 0 3600000\n"
    "auto_sign_off setup_safety 0 1\n"
    "entry_ms setup_times 1000 600000\n"
    "card_ms setup_times 1000 600000\n"
    "pin_ms setup_times 1000 600000\n"
    "message_ms setup_times 500 30000\n"
    "reminder_ms setup_times 100 5000\n"
)
GROUPS = (
    "setup_shop",
    "setup_host",
    "setup_line",
    "setup_printer",
    "setup_limits",
    "setup_flows",
    "setup_safety",
    "setup_times",
)
DIGITS = ("merchant", "operator", "tpdu", "header", "currency")
CHOICES = {"language": ("en", "zh"), "line": ("tcp", "tls", "serial"), "printer_font": ("A", "B", "dots")}
HOSTS = ("host", "tls_name")


def schema() -> "Iterator[tuple[str, str, int, int]]":
    """Each setting: name, group, and the bounds of its number or of the length of its text."""
    for name, group, low, high in rows(_SCHEMA):
        yield name, group, int(low), int(high)


class ParameterError(Exception):
    """`name` cannot have the value `found`; `expected` says what it can have."""

    def __init__(self, name: str, expected: str, found: object) -> None:
        super().__init__(name, expected, found)
        self.name = name
        self.expected = expected
        self.found = found


class Parameters:
    """The settings of this terminal. Times are milliseconds."""

    language: str = "en"
    merchant_name: str = "TILLBENCH TEST SHOP"
    merchant: str = "898110053110001"
    """F42: acquirer 3, area 4, category 4, serial 4."""
    terminal: str = "12345678"
    """F41."""
    operator: str = "01"
    """Who works where nobody has to sign on."""
    currency: str = "156"
    """F49."""
    currency_name: str = "RMB"
    hotline: str = "95516"
    """Whom to call: the help desk of who serves the terminal; by default the card organisation's."""
    tpdu: str = "6000030000"
    header: str = "603100310000"
    line: str = "tcp"
    """The way to the host; "tls" is on TCP, "serial" a transparent serial line."""
    host: str = ""
    """A name or an address; empty: the one that the board was provisioned with."""
    port: int = 0
    """0: the one that the board was provisioned with."""
    tls_name: str = ""
    """Whom the host's certificate has to be for; empty: `host`."""
    baud: int = 9600
    """Of the serial line, 8N1."""
    connect_ms: int = 10000
    tls_ms: int = 15000
    """For the handshake, once there is a connection."""
    answer_ms: int = 30000
    keep_alive_ms: int = 0
    """For so long a connection is kept for the next message; 0: each has its own."""
    printer_font: str = "A"
    """32 columns, "B" has 42; "dots", 48, for a printer without Chinese characters."""
    slip_qr: int = 0
    """1: the slip's record as a QR code."""
    fault_slips: int = 0
    """1: what is still owed to the host after a start or a sign-on is printed, for the service."""
    copy_ms: int = 30000
    """Between the two copies of a slip, if ENTER is not pressed."""
    amount_digits: int = 9
    batch_limit: int = 500
    """Transactions: the counts of a settlement have three digits."""
    offline_limit: int = 500000
    """Of an offline sale, in minor units; 0: there is none."""
    tip_percent: int = 10
    """Most that a tip may add to a sale; 0: no tips."""
    adjust_percent: int = 10
    """Most that an adjustment may add."""
    advices_at_once: int = 5
    """Stored advices that wait for a sale or a settlement before they are sent by themselves."""
    day_change: int = 1
    """What transactions of an earlier day mean: 0 nothing, 1 a word on the idle screen, 2 that nothing is sold."""
    sale_limit: int = 0
    """Most of a sale, in minor units; 0: no limit but `amount_digits`."""
    refund_limit: int = 1000000
    """Most of a refund, in minor units; 0: no limit."""
    keyed_entry: int = 0
    """1: card numbers may be typed in."""
    fallback: int = 0
    """1: the stripe of a chip card may be read when its chip stays silent."""
    pin_bypass: int = 0
    """1: ENTER alone goes on without a PIN; the cardholder signs then."""
    partial_approval: int = 0
    """1: a sale may be approved for less than was asked, if the operator agrees."""
    account_choice: int = 0
    """1: the cardholder chooses an account: default, credit, debit, savings (5F57 for the chip)."""
    repeat_minutes: int = 0
    """For so long the same card and amount are asked about before they are charged once more; 0: never."""
    void_card: int = 1
    """1: a void asks for the card that it gives back to."""
    void_pin: int = 0
    """1: and for its PIN."""
    completion_pin: int = 0
    """1: what follows from a pre-authorisation asks for the PIN."""
    pin_shortest: int = 4
    pin_longest: int = 12
    """F26."""
    pin_interval_ms: int = 1000
    """Least time between two PIN entries."""
    operator_sign_on: int = 0
    """1: nothing is sold before an operator has signed on."""
    auto_sign_off: int = 0
    """1: after a settlement the working keys end."""
    change_defaults: int = 1
    """1: who uses the factory's password must choose another one then."""
    password_tries: int = 4
    """Wrong passwords until the operator is locked out."""
    lock_ms: int = 300000
    """For how long."""
    auto_lock_ms: int = 0
    """Of rest after which the terminal locks itself; 0: never. In whole minutes."""
    entry_ms: int = 60000
    """For each key of an amount or a menu."""
    card_ms: int = 30000
    """For the card to be inserted."""
    pin_ms: int = 60000
    """For each key of a PIN."""
    message_ms: int = 3000
    """For how long a message stands if no key is pressed."""
    reminder_ms: int = 500
    """Between two beeps while the card is still in."""

    def __init__(self, path: str) -> None:
        """Raises store.Damaged when the record cannot be read, ParameterError when it holds what cannot be."""
        self._path = path
        body = store.read(path)
        if body is None:
            return
        try:
            changed = json.loads(body)
        except ValueError:
            raise store.Damaged(path, 0, "not JSON")
        if not isinstance(changed, dict):
            raise store.Damaged(path, 0, "not a JSON object")
        _migrate(changed)
        self._check(changed)
        for name in changed:
            setattr(self, name, changed[name])

    def all(self) -> "dict[str, str | int]":
        """Every setting and its value."""
        values = {}
        for name, _, _, _ in schema():
            values[name] = getattr(self, name)
        return values

    def set(self, name: str, value: "str | int") -> None:
        """Changes one setting, on flash too. Raises ParameterError, OSError."""
        self.change({name: value})

    def change(self, changes: "dict[str, str | int]") -> None:
        """Changes settings, on flash too: all of them or, if one cannot be, none. Raises ParameterError, OSError."""
        self._check(changes)
        values = self.all()
        values.update(changes)
        record: "dict[str, str | int]" = {"v": VERSION}
        for name in values:
            if values[name] != getattr(Parameters, name):
                record[name] = values[name]
        store.replace(self._path, json.dumps(record).encode())
        for name in changes:
            setattr(self, name, changes[name])

    def _check(self, changes: "dict[str, str | int]") -> None:
        for name in changes:
            _check(name, changes[name])
        shortest = changes.get("pin_shortest", self.pin_shortest)
        longest = changes.get("pin_longest", self.pin_longest)
        if shortest > longest:  # type: ignore[operator]  # both are checked to be int
            raise ParameterError("pin_shortest", "at most pin_longest, %d" % longest, shortest)


def _migrate(record: "dict[str, str | int]") -> None:
    """Brings a record that was read up to `VERSION`, in place. Raises ParameterError for a newer one."""
    version = record.pop("v", 1)
    if version == 1:
        # The number of an operator had two or three digits, of which one was a leading zero.
        if len(str(record.get("operator", ""))) == 3:
            record["operator"] = str(record["operator"])[1:]
    elif version != VERSION:
        raise ParameterError("v", "at most %d" % VERSION, version)


def _is_host(value: str) -> bool:
    for char in value:
        if not (char.isalpha() or char.isdigit() or char in "-.:") or ord(char) > 0x7E:
            return False
    return True


def _has_glyph(char: str) -> bool:
    from charset.gb18030 import glyph_index

    return glyph_index(ord(char)) >= 0


def _check(name: str, value: object) -> None:
    for known, _, low, high in schema():
        if known != name:
            continue
        if isinstance(getattr(Parameters, name), str):
            if not isinstance(value, str) or not low <= len(value) <= high:
                raise ParameterError(name, "a text of %d to %d characters" % (low, high), value)
            if name in CHOICES and value not in CHOICES[name]:
                raise ParameterError(name, "one of " + ", ".join(CHOICES[name]), value)
            if name in DIGITS and not value.isdigit():
                raise ParameterError(name, "%d digits" % low, value)
            if name in HOSTS and not _is_host(value):
                raise ParameterError(name, "letters, digits, hyphens and dots", value)
            for char in value:
                if not 0x20 <= ord(char) < 0x7F and not _has_glyph(char):
                    raise ParameterError(name, "characters that the terminal can show", char)
        elif isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise ParameterError(name, "a number from %d to %d" % (low, high), value)
        return
    raise ParameterError(name, "a known name", value)
