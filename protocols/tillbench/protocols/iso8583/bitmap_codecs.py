"""Codecs for what comes often: a decoder made at run time for one message type and bitmap.

A dialect's generated codec asks for each field whether it is there, and looks at each for itself. What has come
`OFTEN` times without a fault gets code of its own (`bitmap_decoder`), which only ever says "right, and this is it", or
nothing. Then the generated codec decides, so that values and errors are always its.

Making one takes about a millisecond, and whoever can reach a port can send any bitmap: there are at most `KEPT` in a
dialect, and at most `WATCHED` are counted at a time.
"""

import threading
from collections.abc import Callable, Hashable, Mapping
from typing import Generic, TypeVar

from tillbench.protocols.iso8583.bitmap_decoder import Decoded, decoder
from tillbench.protocols.iso8583.python import Codec, Decode
from tillbench.protocols.iso8583.rule import Rule
from tillbench.protocols.iso8583.walk import Envelope

OFTEN = 32
KEPT = 64
WATCHED = 1024

K = TypeVar("K", bound=Hashable)
F = TypeVar("F")


def quick(general: Codec, envelope: Envelope, rules: Mapping[int, Rule], often: int = OFTEN) -> Codec:
    """The codec of a dialect, quicker for what comes often."""
    return Codec(_decode(general.decode, envelope, rules, often), general.encode)


class Counted(Generic[K]):
    """How often what has come. Threads may lose each other's counts."""

    def __init__(self, often: int) -> None:
        self._often = often
        self._seen: dict[K, int] = {}

    def enough(self, key: K) -> bool:
        """It has come once more: has it come often by now?"""
        times = self._seen.get(key, 0) + 1
        if times >= self._often:
            self._seen.pop(key, None)
            return True
        if times == 1 and len(self._seen) >= WATCHED:
            self._seen.clear()
        self._seen[key] = times
        return False


def _decode(general: Decode, envelope: Envelope, rules: Mapping[int, Rule], often: int) -> Decode:
    made: dict[bytes, Callable[[bytes], Decoded | None]] = {}
    counted: Counted[bytes] = Counted(often)
    making = threading.Lock()
    get = made.get
    step = 8 if envelope.bitmap == "raw" else 16
    before = envelope.mti.wire_size(4)
    sizes = [before + step * bitmaps for bitmaps in range(1 + envelope.always, envelope.bitmaps + 1)]
    first, *more = sizes

    def count(data: bytes, mti: str, fields: dict[int, str | bytes]) -> None:
        size = next(size for size in sizes if max(fields, default=0) <= (size - before) // step * 64)
        head = data[:size]
        if counted.enough(head):
            with making:
                if len(made) < KEPT and head not in made:
                    made[head] = decoder(mti, size, [rules[number] for number in fields])

    def decode(data: bytes) -> Decoded:
        if data.__class__ is not bytes:
            data = bytes(data)
        special = get(data[:first])
        if special is None and more:
            # A shorter head never is the beginning of a longer one: the first bit of its last bitmap is another.
            for size in more:
                special = special or get(data[:size])
        if special is not None:
            return special(data) or general(data)
        mti, fields = general(data)
        if len(made) < KEPT:
            count(data, mti, fields)
        return mti, fields

    return decode
