"""What is on a magnetic stripe: characters, bits, and the times between flux reversals.

Sources: ISO/IEC 7811-2 and -6 (recording, character sets, parity, LRC).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Format:
    """How a track is recorded.

    Attributes:
        bits: of a character with its parity.
        first: ASCII of the character with value 0.
        start: start sentinel.
        end: end sentinel.
        longest: characters with sentinels and LRC.
        bpi: bits per inch.
    """

    bits: int
    first: int
    start: str
    end: str
    longest: int
    bpi: int

    @property
    def bit_mm(self) -> float:
        """Length of a bit on the card."""
        return 25.4 / self.bpi


TRACKS = {
    1: Format(7, 0x20, "%", "?", 79, 210),
    2: Format(5, 0x30, ";", "?", 40, 75),
    3: Format(5, 0x30, ";", "?", 107, 210),
}


class NotOnThisTrack(ValueError):
    """A character that the track has not, or more of them than fit."""


def bits(track: int, text: str, leading: int = 20, trailing: int = 20) -> list[int]:
    """The bits of a track: clocking zeros, sentinels, characters with odd parity, LRC, clocking zeros.

    Raises:
        NotOnThisTrack: `text` cannot be recorded there.
    """
    form = TRACKS[track]
    whole = form.start + text + form.end
    if len(whole) + 1 > form.longest:
        raise NotOnThisTrack(f"track {track}: expected at most {form.longest - 3} characters, found {len(text)}")
    values = []
    for at, character in enumerate(whole):
        value = ord(character) - form.first
        if not 0 <= value < 1 << form.bits - 1:
            raise NotOnThisTrack(f"track {track}, character {at}: {character!r} is not in its character set")
        values.append(value)
    lrc = 0
    for value in values:
        lrc ^= value
    return [0] * leading + [bit for value in (*values, lrc) for bit in _with_parity(value, form)] + [0] * trailing


def _with_parity(value: int, form: Format) -> list[int]:
    data = [value >> n & 1 for n in range(form.bits - 1)]
    return [*data, 1 - sum(data) % 2]


def intervals(recorded: Sequence[int], bit_us: Iterable[float]) -> list[int]:
    """Times between flux reversals in microseconds: one for a 0, two halves for a 1.

    Args:
        recorded: the bits.
        bit_us: how long each takes to pass the head: the hand is not steady.
    """
    times: list[int] = []
    for bit, us in zip(recorded, bit_us, strict=True):
        times += [round(us / 2), round(us / 2)] if bit else [round(us)]
    return times


def packed(recorded: Sequence[int]) -> bytes:
    """Eight bits a byte, the first one lowest."""
    return bytes(sum(bit << n for n, bit in enumerate(recorded[at : at + 8])) for at in range(0, len(recorded), 8))
