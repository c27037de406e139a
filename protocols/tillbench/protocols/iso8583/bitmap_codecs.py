"""Codecs for what comes often: one made at run time for a message type and its set of fields.

A dialect's generated codec asks for each field whether it is there, and looks at each for itself. What has come
`OFTEN` times without a fault gets code of its own: a decoder for one message type and bitmap (`bitmap_decoder`), an
encoder for one message type and set of fields (`bitmap_encoder`). Such code only ever says "right, and this is it", or
nothing. Then the generated codec decides, so that values and errors are always its.

Making one takes one to three milliseconds, ten with all fields there are, and whoever can reach a port can send any
bitmap: there are at most `KEPT` of each kind in a dialect, and at most `WATCHED` are counted at a time.
"""

import threading
from collections.abc import Callable, Hashable, Iterable, Mapping
from typing import Generic, TypeVar

from tillbench.protocols.iso8583.bitmap_decoder import Decoded, Same, decoder
from tillbench.protocols.iso8583.bitmap_encoder import Special, encoder
from tillbench.protocols.iso8583.python import Codec, Decode, Encode, Value
from tillbench.protocols.iso8583.rule import Rule
from tillbench.protocols.iso8583.walk import Envelope

OFTEN = 32
KEPT = 64
WATCHED = 1024
ALIKE = 4
"""So many encoders for one message type and number of fields, which are tried one after the other."""

K = TypeVar("K", bound=Hashable)


def quick(general: Codec, envelope: Envelope, rules: Mapping[int, Rule], often: int = OFTEN) -> Codec:
    """The codec of a dialect, quicker for what comes often."""
    return Codec(_decode(general.decode, envelope, rules, often), _encode(general.encode, envelope, rules, often))


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


def _sizes(envelope: Envelope) -> list[int]:
    """How many bytes message type and bitmaps can take, by how many bitmaps there are."""
    size = 8 if envelope.bitmap == "raw" else 16
    return [envelope.mti.wire_size(4) + size * bitmaps for bitmaps in range(1, envelope.bitmaps + 1)]


def _size(envelope: Envelope, numbers: Iterable[int]) -> int:
    """How many they take in a message of these fields."""
    return _sizes(envelope)[max((max(numbers, default=1) - 1) // 64, int(envelope.always))]


def _decode(general: Decode, envelope: Envelope, rules: Mapping[int, Rule], often: int) -> Decode:
    made: dict[bytes, Callable[[bytes], Decoded | None]] = {}
    same: Same = {}
    counted: Counted[bytes] = Counted(often)
    making = threading.Lock()
    get = made.get
    first, *more = _sizes(envelope)

    def count(data: bytes, mti: str, fields: dict[int, Value]) -> None:
        size = _size(envelope, fields)
        head = data[:size]
        if counted.enough(head):
            with making:
                if len(made) < KEPT:
                    made[head] = decoder(mti, size, [rules[number] for number in fields], same)

    def decode(data: bytes) -> Decoded:
        if data.__class__ is not bytes:
            data = bytes(data)
        special = get(data[:first])
        if special is None:
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


def _encode(general: Encode, envelope: Envelope, rules: Mapping[int, Rule], often: int) -> Encode:
    made: set[tuple[object, ...]] = set()
    by_size: dict[tuple[str, int], tuple[Special, ...]] = {}
    counted: Counted[tuple[object, ...]] = Counted(often)
    making = threading.Lock()
    get = by_size.get

    def count(mti: str, fields: Mapping[int, Value], body: bytes) -> None:
        numbers = sorted(fields)
        key = mti, *numbers
        if key not in made and counted.enough(key):
            with making:
                size = mti, len(numbers)
                alike = get(size, ())
                if len(made) < KEPT and len(alike) < ALIKE and numbers and key not in made:
                    head = body[: _size(envelope, numbers)]
                    by_size[size] = (*alike, encoder(head, [rules[number] for number in numbers]))
                made.add(key)

    def encode(mti: str, fields: Mapping[int, Value]) -> bytes:
        if mti.__class__ is not str or fields.__class__ is not dict:
            return general(mti, fields)
        # As many fields, all of which are there, are the same fields in whatever order.
        for special in get((mti, len(fields)), ()):
            body = special(fields)
            if body is not None:
                return body
        body = general(mti, fields)
        if len(made) < KEPT:
            count(mti, fields, body)
        return body

    return encode
