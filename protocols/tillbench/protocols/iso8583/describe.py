"""A message in words, for a console or a log: nothing in it that a log must not hold."""

from tillbench.protocols.iso8583.dialect import Dialect
from tillbench.protocols.iso8583.dialects.unionpay import UNIONPAY
from tillbench.protocols.iso8583.message import Message
from tillbench.protocols.iso8583.privacy import masked


def describe(message: Message, dialect: Dialect = UNIONPAY) -> list[str]:
    """One line for the message type and one for each field."""
    lines = [message.mti]
    for number, value in sorted(message.fields.items()):
        lines.append(f"{number:>4} {masked(number, value)}")
    return lines
