"""What the protocols below need of a card: APDU in, APDU out, and a word about a command before all of it is there."""

from collections.abc import Callable
from typing import Protocol

Exchange = Callable[[bytes, bytes], None]


class Instructions(Protocol):
    """What a card says of a header alone."""

    def takes_data(self, ins: int) -> bool:
        """Whether the card reads a data field for this instruction."""

    def judge_header(self, cla: int, ins: int, p1: int, p2: int) -> int:
        """The status word that the header alone deserves, 0 when it is good."""


class ApduCard(Protocol):
    """A `VirtualCard`, or anything else that plays one."""

    late: int
    """etu by which the last answer is to come late."""
    on_exchange: Exchange | None
    """Sees every APDU pair, PINs zeroed."""

    @property
    def instructions(self) -> Instructions:
        """Which instructions it has."""

    @property
    def atr(self) -> bytes:
        """A sound answer to reset."""

    def reset(self) -> bytes:
        """Cold or warm reset; the ATR, `b""` from a card that stays mute."""

    def transmit(self, apdu: bytes) -> bytes:
        """One APDU: response data, then SW1 SW2. Raises `CardMute`."""

    def is_silent(self, ins: int) -> bool:
        """Whether the next APDU, with this instruction, will find the card mute."""
