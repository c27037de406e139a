"""What a rule looks at in a request, and whether the request is one that the rule means."""

from dataclasses import dataclass, fields
from datetime import datetime, time
from functools import cached_property

from tillbench.protocols.emv import mask_pan, tlv
from tillbench.protocols.iso8583 import Message

AID_TAGS = (0x84, 0x9F06, 0x4F)


@dataclass(frozen=True)
class Seen:
    """A request as rules see it: its message type always, its fields when they could be read."""

    mti: str
    message: Message
    at: datetime

    @cached_property
    def aid(self) -> str:
        """The application's name in field 55, hexadecimal, "" without."""
        try:
            found = {item.tag: item.value for item in tlv.parse(self.message.data(55))}
        except tlv.TlvError:
            return ""
        return next((found[tag].hex().upper() for tag in AID_TAGS if tag in found), "")

    @property
    def amount(self) -> int:
        text = self.message.text(4)
        return int(text) if text.isdecimal() else 0

    @property
    def pan(self) -> str:
        return self.message.text(2) or self.message.text(35).partition("D")[0]


@dataclass(frozen=True)
class Condition:
    """All of these must hold; what is empty holds always.

    Attributes:
        messages: message types.
        type: field 60.1.
        amounts: (least, most) in minor units.
        amount_ends: the last digits of field 4.
        pan: the card number, or its front.
        aid: the application's name, or its front, hexadecimal.
        terminal: field 41.
        entry: the front of field 22.
        stan: field 11.
        hours: (from, to) of the host's day, over midnight too.
    """

    messages: tuple[str, ...] = ()
    type: str = ""
    amounts: tuple[int, int] | None = None
    amount_ends: str = ""
    pan: str = ""
    aid: str = ""
    terminal: str = ""
    entry: str = ""
    stan: str = ""
    hours: tuple[time, time] | None = None

    @property
    def looks_inside(self) -> bool:
        """Does it need more than the message type?"""
        return self != Condition(messages=self.messages)

    def __str__(self) -> str:
        """What it looks at, in words; a card number masked."""
        words = ["/".join(self.messages) or "any message"]
        for field in fields(self):
            value = getattr(self, field.name)
            if field.name != "messages" and value not in ("", None):
                shown = mask_pan(value) if field.name == "pan" else value
                words.append(f"{field.name.replace('_', ' ')} {_range(shown)}")
        return ", ".join(words)

    def holds(self, seen: Seen) -> bool:
        """Is this a request that the rule means?"""
        message = seen.message
        return (
            (not self.messages or seen.mti in self.messages)
            and message.text(60).startswith(self.type)
            and (self.amounts is None or self.amounts[0] <= seen.amount <= self.amounts[1])
            and message.text(4).endswith(self.amount_ends)
            and seen.pan.startswith(self.pan)
            and seen.aid.startswith(self.aid)
            and self.terminal in ("", message.text(41))
            and message.text(22).startswith(self.entry)
            and self.stan in ("", message.text(11))
            and (self.hours is None or _within(seen.at.time(), *self.hours))
        )


def _range(value: object) -> str:
    return f"{value[0]} to {value[1]}" if isinstance(value, tuple) else str(value)


def _within(now: time, start: time, end: time) -> bool:
    return start <= now < end if start <= end else now >= start or now < end
