"""A message in words, for a console or a log: nothing in it that a log must not hold."""

from collections.abc import Callable

from tillbench.protocols.emv import TlvError, describe_tree
from tillbench.protocols.emv.tlv import parse as parse_tlv
from tillbench.protocols.iso8583 import gbk, meanings
from tillbench.protocols.iso8583.dialect import Dialect
from tillbench.protocols.iso8583.dialects.unionpay import UNIONPAY
from tillbench.protocols.iso8583.message import Message
from tillbench.protocols.iso8583.privacy import hidden, masked
from tillbench.protocols.iso8583.responses import response


def describe(message: Message, dialect: Dialect = UNIONPAY) -> list[str]:
    """One line for the message type, one for each field, and under field 55 one for each tag and bit.

    PAN and tracks masked; PIN block, MAC and keys hidden. Fields that the dialect does not know are shown as such.
    """
    lines = [f"{message.mti} {meanings.MESSAGE_TYPES.get(message.mti, 'unknown message type')}"]
    for number, value in sorted(message.fields.items()):
        name = dialect.fields[number].name if number in dialect.fields else "not in this dialect"
        lines.append(f"{number:>4} {name}: {shown(message, number, value)}")
        if number == 55 and isinstance(value, bytes):
            lines += [" " * 7 + line for line in icc_lines(value)]
    return lines


def shown(message: Message, number: int, value: str | bytes) -> str:
    """A value and, where it is a code, its meaning."""
    if number == 62:
        return _field_62(message, value)
    if not isinstance(value, str):
        return masked(number, value) if number != 55 else f"{len(value)} bytes"
    if number == 48 and message.mti[:2] == "05":
        return f"{value} ({meanings.parts(value, meanings.F48_TOTALS_PARTS)})"
    meaning = _MEANINGS[number](value) if number in _MEANINGS else ""
    return masked(number, value) + (f" ({meaning})" if meaning else "")


def meaning_of(number: int) -> Callable[[str], str] | None:
    """What puts a value of that field into words; None when its values are what they are."""
    return _MEANINGS.get(number)


def icc_lines(data: bytes) -> list[str]:
    """The data objects of field 55; data that is not TLV yields the error instead, with its tag and offset."""
    try:
        return describe_tree(parse_tlv(data))
    except TlvError as error:
        return [f"! not TLV: {error}"]


def _field_62(message: Message, value: str | bytes) -> str:
    """Text of parameter loads; everything else (keys, a target card) by its size."""
    network_code = message.text(60)[8:11]
    if isinstance(value, str) or message.mti[:2] != "08" or network_code in meanings.KEY_CODES | {""}:
        return hidden(value, "bytes")
    text = value.decode("latin-1")
    return text if text.isascii() and text.isprintable() else value.hex().upper()


def _amount(value: str) -> str:
    return f"{int(value) // 100}.{int(value) % 100:02}" if value.isdecimal() else ""


def _entry_mode(value: str) -> str:
    words = (meanings.ENTRY_MODES.get(value[:2], "unknown"), meanings.PIN_ENTRY.get(value[2:], ""))
    return ", ".join(word for word in words if word)


def _response(value: str) -> str:
    known = response(value)
    return f"{known.english}, {known.chinese}"


def _readable(value: str) -> str:
    text = gbk.from_wire(value)
    return text if text != value else ""


_MEANINGS: dict[int, Callable[[str], str]] = {
    3: lambda value: meanings.PROCESSING_CODES.get(value[:2], ""),
    4: _amount,
    22: _entry_mode,
    25: lambda value: meanings.CONDITIONS.get(value, ""),
    39: _response,
    53: lambda value: meanings.parts(value[:3], meanings.F53_PARTS),
    54: lambda value: meanings.parts(value, meanings.F54_PARTS),
    60: lambda value: meanings.parts(value, meanings.F60_PARTS),
    61: lambda value: meanings.parts(value, meanings.F61_PARTS),
    63: _readable,
}
