"""Issuer scripts by name, as a rule asks for them: `pin-change 123456`, `before put-data 9F58 03`."""

from collections.abc import Callable
from typing import NamedTuple

from tillbench.host.issuer.scripts import SCRIPT_AFTER, SCRIPT_BEFORE, Scripter, template

WHEN = {"before": SCRIPT_BEFORE, "after": SCRIPT_AFTER}
"""The final GENERATE AC: tags 71 and 72."""


class ScriptWish(NamedTuple):
    """One command for the card of a transaction, made when its ARQC is there. Not told: its arguments, maybe a PIN."""

    kind: int
    name: str
    make: Callable[[Scripter], bytes]

    def script(self, scripter: Scripter) -> bytes:
        """Tag 71 or 72, whole. Raises ValueError for what the card's scheme does not have."""
        return template(self.kind, [self.make(scripter)])


def parse(text: str) -> ScriptWish:
    """A wish from its text. Raises ValueError with what was expected."""
    words = text.split()
    kind = WHEN[words.pop(0)] if words and words[0] in WHEN else SCRIPT_AFTER
    name, *arguments = words or [""]
    if name not in COMMANDS:
        raise ValueError(f"script: expected hexadecimal (tag 71 or 72) or one of {', '.join(COMMANDS)}, found {name!r}")
    usage, make = COMMANDS[name]
    try:
        return ScriptWish(kind, name, make(*arguments))
    except (TypeError, ValueError):
        raise ValueError(f"script: expected {name} {usage}".rstrip(" ,") + ", found other arguments") from None


def _plain(make: Callable[[Scripter], bytes]) -> Callable[[], Callable[[Scripter], bytes]]:
    return lambda: make


def _pin_change(pin: str, current: str | None = None) -> Callable[[Scripter], bytes]:
    for digits in (pin, current or "0000"):
        if not (digits.isascii() and digits.isdigit() and 4 <= len(digits) <= 12):
            raise ValueError
    return lambda scripter: scripter.pin_change(pin, current)


def _put_data(tag: str, value: str) -> Callable[[Scripter], bytes]:
    number, data = int(tag, 16), bytes.fromhex(value)
    if not 0 < number <= 0xFFFF or len(data) > 200:
        raise ValueError
    return lambda scripter: scripter.put_data(number, data)


def _update_record(sfi: str, number: str, record: str) -> Callable[[Scripter], bytes]:
    file, at, data = int(sfi), int(number), bytes.fromhex(record)
    if not 1 <= file <= 30 or not 1 <= at <= 255 or not data or len(data) > 240:
        raise ValueError
    return lambda scripter: scripter.update_record(file, at, data)


COMMANDS: dict[str, tuple[str, Callable[..., Callable[[Scripter], bytes]]]] = {
    "application-block": ("", _plain(Scripter.application_block)),
    "application-unblock": ("", _plain(Scripter.application_unblock)),
    "card-block": ("", _plain(Scripter.card_block)),
    "pin-unblock": ("", _plain(Scripter.pin_unblock)),
    "pin-change": ("PIN [CURRENT], 4 to 12 digits", _pin_change),
    "put-data": ("TAG VALUE, in hexadecimal, up to 200 bytes", _put_data),
    "update-record": ("SFI NUMBER RECORD, the record in hexadecimal, with its template 70", _update_record),
}
"""By name: its arguments, and what makes the command of them."""
