"""The link's codec: `struct` on the hot path equals the construct definition, and every undamaged frame is found."""

from __future__ import annotations

import itertools
import random
from dataclasses import dataclass

import construct
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tillbench.protocols.link import FRAME, HEADER, MAX_PAYLOAD, MORE, OVERHEAD, SYNC, Frame, FrameReader, encode

BYTE = st.integers(0, 255)
PAYLOAD = st.one_of(st.binary(max_size=40), st.binary(min_size=MAX_PAYLOAD, max_size=MAX_PAYLOAD))


@given(seq=BYTE, ack=BYTE, channel=BYTE, payload=PAYLOAD)
def test_encode_equals_the_definition(seq: int, ack: int, channel: int, payload: bytes) -> None:
    header = {"length": len(payload), "seq": seq, "ack": ack, "channel": channel}
    assert encode(seq, ack, channel, payload) == FRAME.build(
        {"body": {"value": {"header": {"value": header}, "payload": payload}}}
    )


@given(seq=BYTE, ack=BYTE, channel=BYTE, payload=PAYLOAD)
def test_the_reader_equals_the_definition(seq: int, ack: int, channel: int, payload: bytes) -> None:
    data = encode(seq, ack, channel, payload)
    parsed = FRAME.parse(data).body.value
    header = parsed.header.value
    (frame,) = FrameReader().feed(data)
    assert frame == Frame(header.seq, header.ack, header.channel & ~MORE, parsed.payload, bool(header.channel & MORE))
    assert frame == Frame(seq, ack, channel & 0x7F, payload, channel >= 0x80)


@given(payload=st.binary(max_size=30), data=st.data())
def test_no_changed_bit_goes_unseen(payload: bytes, data: st.DataObject) -> None:
    good = encode(1, 2, 3, payload)
    bit = data.draw(st.integers(0, 8 * len(good) - 1))
    damaged = bytearray(good)
    damaged[bit // 8] ^= 1 << bit % 8
    with pytest.raises(construct.ConstructError):
        FRAME.parse(bytes(damaged))
    reader = FrameReader()
    assert reader.feed(bytes(damaged)) == []
    while reader.pending:
        assert reader.give_up() == []
    assert reader.bad or bit < 8, "damage that nobody counts"
    assert reader.stray == damaged


def test_a_payload_that_is_too_long_is_refused() -> None:
    with pytest.raises(ValueError, match=f"at most {MAX_PAYLOAD} bytes, got {MAX_PAYLOAD + 1}"):
        encode(0, 0, 0, bytes(MAX_PAYLOAD + 1))


@given(payloads=st.lists(st.binary(max_size=30), max_size=8), cuts=st.lists(st.integers(1, 60), min_size=1))
def test_how_the_bytes_are_cut_changes_nothing(payloads: list[bytes], cuts: list[int]) -> None:
    stream = b"".join(encode(n, 0, 3, payload) for n, payload in enumerate(payloads))
    reader, frames = FrameReader(), []
    sizes = itertools.cycle(cuts)
    while stream:
        size = next(sizes)
        frames += reader.feed(stream[:size])
        stream = stream[size:]
    assert [frame.payload for frame in frames] == payloads
    assert (reader.bad, bytes(reader.stray), reader.pending) == (0, b"", False)


@given(st.lists(st.tuples(st.text("abc ¥\r\n>", max_size=20), st.binary(max_size=20)), max_size=6))
@example([("price 5 ¥", b""), ("Traceback (most recent call last):\r\n", b"x")])
def test_text_between_frames_is_kept_and_harms_none(pieces: list[tuple[str, bytes]]) -> None:
    """The sign for Yen ends with the sync byte in UTF-8."""
    stream = b"".join(text.encode() + encode(n, 0, 9, payload) for n, (text, payload) in enumerate(pieces))
    reader = FrameReader()
    frames = reader.feed(stream)
    while reader.pending:
        frames += reader.give_up()
    assert [frame.payload for frame in frames] == [payload for _, payload in pieces]
    assert reader.stray == "".join(text for text, _ in pieces).encode()


@dataclass(frozen=True)
class Damage:
    """What happened to one frame on its way."""

    kind: str
    seed: int

    def to(self, frame: bytes) -> tuple[bytes, int]:
        """The bytes that arrive, and how many whole frames are in them."""
        chance = random.Random(self.seed)
        at = chance.randrange(1, len(frame) - 1)
        match self.kind:
            case "none":
                return frame, 1
            case "lost":
                return b"", 0
            case "flipped":
                return frame[:at] + bytes([frame[at] ^ 1 << chance.randrange(8)]) + frame[at + 1 :], 0
            case "byte lost":
                return frame[:at] + frame[at + 1 :], 0
            case "byte more":
                return frame[:at] + bytes([frame[at] ^ 0xFF]) + frame[at:], 0
            case "cut":
                return frame[:at], 0
            case "twice":
                return frame + frame, 2
            case "noise":
                return chance.randbytes(at) + frame, 1
            case "length":
                length = chance.randrange(len(frame) - OVERHEAD + 1, MAX_PAYLOAD + 1)
                head = length.to_bytes(2, "little") + frame[3:6]
                return bytes([SYNC]) + head + bytes([~sum(head) & 0xFF]) + frame[HEADER:], 0
        raise AssertionError(self.kind)


KINDS = ("none", "lost", "flipped", "byte lost", "byte more", "cut", "twice", "noise", "length")
DAMAGE = st.builds(Damage, st.sampled_from(KINDS), st.integers(0, 2**32 - 1))


@given(st.lists(st.tuples(st.binary(max_size=80), DAMAGE), max_size=12), st.integers(1, 500))
def test_every_whole_frame_is_found_whatever_lies_around_it(frames: list[tuple[bytes, Damage]], cut: int) -> None:
    stream, expected = b"", []
    for n, (payload, damage) in enumerate(frames):
        data, whole = damage.to(encode(n, 0, 3, payload))
        stream += data
        expected += [payload] * whole
    reader, found = FrameReader(), []
    for at in range(0, len(stream), cut):
        found += reader.feed(stream[at : at + cut])
    while reader.pending:
        found += reader.give_up()
    assert [frame.payload for frame in found] == expected
    if any(damage.kind in ("flipped", "byte lost", "byte more", "length") for _, damage in frames):
        assert reader.bad > 0
