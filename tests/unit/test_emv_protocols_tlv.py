"""BER-TLV: the straight-line reader and writer against the construct definition, and every kind of broken bytes."""

from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tillbench.protocols.emv import tlv
from tillbench.protocols.emv.tlv import Tlv, TlvError

PRIMITIVE_TAGS = st.sampled_from([0x4F, 0x50, 0x5A, 0x82, 0x8E, 0x95, 0x9F02, 0x9F26, 0x5F24, 0xDF8101])
TEMPLATE_TAGS = st.sampled_from([0x6F, 0x70, 0x77, 0xA5, 0xBF0C])
PRIMITIVES = st.builds(lambda tag, value: (tag, value), PRIMITIVE_TAGS, st.binary(max_size=300))
TREES: st.SearchStrategy[Any] = st.recursive(
    PRIMITIVES,
    lambda children: st.tuples(TEMPLATE_TAGS, st.lists(children, max_size=4)),
    max_leaves=12,
)


def build(tree: Any) -> bytes:
    tag, content = tree
    return tlv.encode(tag, *([content] if isinstance(content, bytes) else map(build, content)))


def strip(objects: Iterable[Tlv]) -> list[Any]:
    return [
        (item.tag, strip(item.children)) if tlv.is_constructed(item.tag) else (item.tag, item.value) for item in objects
    ]


@given(st.lists(TREES, max_size=5))
def test_what_is_encoded_parses_back(trees: list[Any]) -> None:
    assert strip(tlv.parse(b"".join(map(build, trees)))) == [
        (tag, content if isinstance(content, bytes) else list(map(tuple, content))) for tag, content in trees
    ]


@given(st.lists(PRIMITIVES, max_size=8))
def test_agrees_with_the_construct_definition(objects: list[tuple[int, bytes]]) -> None:
    raw = tlv.encode_all(objects)
    defined = tlv.OBJECTS.parse(raw)
    assert [bytes(o.value) for o in defined] == [o.value for o in tlv.parse(raw)]
    assert [bytes([o.tag.first, *(o.tag.rest or [])]) for o in defined] == [
        tlv.tag_bytes(o.tag) for o in tlv.parse(raw)
    ]
    assert tlv.OBJECTS.build(defined) == raw


@given(st.binary(max_size=80))
def test_any_bytes_parse_or_raise_tlv_error_with_an_offset_inside(raw: bytes) -> None:
    offsets = []
    try:
        offsets = [item.offset for item in tlv.walk(tlv.parse(raw))]
    except TlvError as error:
        offsets = [error.offset]
    assert all(0 <= offset <= len(raw) for offset in offsets)


def test_zero_bytes_around_objects_are_skipped() -> None:
    raw = bytes.fromhex("0000 9C0100 00 70 05 00 9A01 01 00 00")
    objects = tlv.parse(raw)
    assert [(o.tag, o.offset) for o in tlv.walk(objects)] == [(0x9C, 2), (0x70, 6), (0x9A, 9)]


def test_offsets_are_those_of_the_outermost_bytes() -> None:
    raw = bytes.fromhex("6F0A 8402A000 A504 5002 4142")
    found = tlv.find(tlv.parse(raw), 0x50)
    assert found is not None
    assert raw[found.offset] == 0x50


@pytest.mark.parametrize(
    ("raw", "tag", "offset", "text"),
    [
        ("9F", None, 0, "tag at offset 0: expected another tag byte, found the end of the data"),
        ("9C01009F268481", 0x9F26, 5, "tag 9F26 at offset 5: expected a length byte 00..7F, 81 or 82, found 84"),
        ("5A", 0x5A, 1, "tag 5A at offset 1: expected a length byte, found the end of the data"),
        ("9C0100 5A 08 6200", 0x5A, 3, "tag 5A at offset 3: expected 8 value bytes, found 2"),
        ("70 04 9C 01 00 57", 0x57, 6, "tag 57 at offset 6: expected a length byte, found the end of the data"),
        ("70 80 00 00", 0x70, 1, "tag 70 at offset 1: expected a length byte 00..7F, 81 or 82, found 80"),
        ("90 82 01", 0x90, 1, "tag 90 at offset 1: expected 2 more length bytes, found 1"),
        ("5F81818101 00", None, 0, "tag at offset 0: expected a tag of at most 3 bytes, found a longer one"),
    ],
)
def test_errors_name_tag_and_offset(raw: str, tag: int | None, offset: int, text: str) -> None:
    with pytest.raises(TlvError) as caught:
        tlv.parse(bytes.fromhex(raw))
    assert (caught.value.tag, caught.value.offset, str(caught.value)) == (tag, offset, text)


@pytest.mark.parametrize(("size", "head"), [(0x7F, "907F"), (0x80, "908180"), (0xFF, "9081FF"), (0x100, "90820100")])
def test_lengths_take_their_shortest_form(size: int, head: str) -> None:
    assert tlv.encode(0x90, bytes(size)).startswith(bytes.fromhex(head))


def test_a_value_over_65535_bytes_is_refused() -> None:
    with pytest.raises(TlvError, match="at most 65535"):
        tlv.encode(0x90, bytes(0x10000))


def test_a_longer_than_needed_length_is_read() -> None:
    assert tlv.parse(bytes.fromhex("9C 81 01 20"))[0].value == b"\x20"
