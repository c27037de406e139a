"""Values on the link's RUN channel: there and back, and what is none."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tillbench.protocols.literal import LiteralError, decode, encode

scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.binary() | st.text()
keys = st.integers() | st.text() | st.binary()
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner) | st.lists(inner).map(tuple) | st.dictionaries(keys, inner),
    max_leaves=20,
)


@given(values)
def test_there_and_back(value: object) -> None:
    found = decode(encode(value))
    assert found == value
    assert repr(found) == repr(value), "True is not 1, and a tuple is no list"


def test_a_set_comes_back() -> None:
    assert decode(encode({1, "a", b"b"})) == {1, "a", b"b"}


def test_bytes_cost_five_more() -> None:
    assert len(encode(bytes(range(256)))) == 256 + 5


@pytest.mark.parametrize("value", [object(), [1, object()], {"a": range(3)}])
def test_what_a_literal_cannot_say(value: object) -> None:
    with pytest.raises(LiteralError, match="expected None, a bool"):
        encode(value)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "offset 0: expected a value, found the end"),
        (b"x", "offset 0: expected a value, found 78"),
        (b"b\x05\0\0\0abcd", "offset 5: expected 5 bytes, found 4"),
        (b"l\x02\0\0\0N", "offset 6: expected a value, found the end"),
        (b"NN", "offset 1: expected the end of the value, found 1 more bytes"),
        (b"i\x01\0\0\0x", "offset 5: invalid literal"),
        (b"s\x01\0\0\0\xff", "offset 5: 'utf-8' codec"),
        (b"d\x01\0\0\0N", "offset 6: zip"),
        (b"d\x02\0\0\0l\0\0\0\0N", "offset 11: unhashable"),
    ],
)
def test_what_is_no_value(data: bytes, why: str) -> None:
    with pytest.raises(LiteralError, match=why):
        decode(data)


@given(st.binary(max_size=40))
def test_noise_is_a_value_or_an_error(noise: bytes) -> None:
    try:
        decode(noise)
    except LiteralError:
        pass
