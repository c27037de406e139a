"""What can be set on a terminal, with its default and its range.

The record on flash holds only what differs from the defaults, as JSON. A value of the wrong type or out of its range is
refused when it is set, and when it is read back.
"""

import json

from terminal import store

# name, lowest, highest for a number; name, shortest, longest for a text
_RANGES = (
    ("language", 2, 2),
    ("merchant_name", 1, 40),
    ("merchant", 15, 15),
    ("terminal", 8, 8),
    ("operator", 2, 3),
    ("tpdu", 10, 10),
    ("header", 12, 12),
    ("currency", 3, 3),
    ("currency_name", 1, 4),
    ("printer_font", 1, 4),
    ("slip_qr", 0, 1),
    ("amount_digits", 3, 12),
    ("pin_shortest", 4, 12),
    ("pin_longest", 4, 12),
    ("batch_limit", 1, 9999),
    ("entry_ms", 1000, 600000),
    ("card_ms", 1000, 600000),
    ("pin_ms", 1000, 600000),
    ("connect_ms", 1000, 120000),
    ("answer_ms", 1000, 120000),
    ("message_ms", 500, 30000),
    ("copy_ms", 500, 600000),
    ("reminder_ms", 100, 5000),
)
_DIGITS = ("merchant", "tpdu", "header", "currency")
_CHOICES = {"language": ("en", "zh"), "printer_font": ("A", "B", "dots")}


class ParameterError(Exception):
    """`name` cannot have the value `found`; `expected` says what it can have."""

    def __init__(self, name: str, expected: str, found: object) -> None:
        super().__init__(name, expected, found)
        self.name = name


class Parameters:
    """The settings of this terminal. Times are milliseconds."""

    language: str = "en"
    merchant_name: str = "TILLBENCH TEST SHOP"
    merchant: str = "898110053110001"
    """F42: acquirer 3, area 4, category 4, serial 4."""
    terminal: str = "12345678"
    """F41."""
    operator: str = "01"
    tpdu: str = "6000030000"
    header: str = "603100310000"
    currency: str = "156"
    """F49."""
    currency_name: str = "RMB"
    printer_font: str = "A"
    """32 columns, "B" has 42; "dots", 48, for a printer without Chinese characters."""
    slip_qr: int = 0
    """1: the slip's record as a QR code."""
    amount_digits: int = 9
    pin_shortest: int = 4
    pin_longest: int = 12
    """F26."""
    batch_limit: int = 500
    entry_ms: int = 60000
    """For each key of an amount or a menu."""
    card_ms: int = 30000
    """For the card to be inserted."""
    pin_ms: int = 60000
    """For each key of a PIN."""
    connect_ms: int = 10000
    answer_ms: int = 30000
    message_ms: int = 3000
    """For how long a message stands if no key is pressed."""
    copy_ms: int = 30000
    """Between the two copies of a slip, if ENTER is not pressed."""
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
        for name in changed:
            _check(name, changed[name])
            setattr(self, name, changed[name])

    def set(self, name: str, value: "str | int") -> None:
        """Changes one setting, on flash too. Raises ParameterError."""
        _check(name, value)
        setattr(self, name, value)
        changed = {}
        for known, _, _ in _RANGES:
            current = getattr(self, known)
            if current != getattr(Parameters, known):
                changed[known] = current
        store.replace(self._path, json.dumps(changed).encode())


def _check(name: str, value: object) -> None:
    for known, low, high in _RANGES:
        if known != name:
            continue
        if isinstance(getattr(Parameters, name), str):
            if not isinstance(value, str) or not low <= len(value) <= high:
                raise ParameterError(name, "a text of %d to %d characters" % (low, high), value)
            if name in _CHOICES and value not in _CHOICES[name]:
                raise ParameterError(name, "one of " + ", ".join(_CHOICES[name]), value)
            if name in _DIGITS and not value.isdigit():
                raise ParameterError(name, "%d digits" % low, value)
        elif isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise ParameterError(name, "a number from %d to %d" % (low, high), value)
        return
    raise ParameterError(name, "a known name", value)
