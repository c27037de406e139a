"""The codecs made for what comes often: never another value, type or error than the dialect's general codec."""

from __future__ import annotations

from collections import OrderedDict, defaultdict
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from enum import StrEnum
from functools import cache
from itertools import pairwise
from random import Random
from types import MappingProxyType
from typing import Any

import iso8583
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tillbench.protocols.iso8583 import UNIONPAY, FormatError, Message, corpus
from tillbench.protocols.iso8583.bitmap_codecs import ALIKE, KEPT, OFTEN, WATCHED, quick
from tillbench.protocols.iso8583.bitmap_decoder import REMEMBERED, Same, decoder
from tillbench.protocols.iso8583.dialect import Dialect, Field, Wire, fixed, lll
from tillbench.protocols.iso8583.export import pyiso8583_spec
from tillbench.protocols.iso8583.names import DIALECTS
from tillbench.protocols.iso8583.python import Codec, codec
from tillbench.protocols.iso8583.samples import as_pyiso8583, sale
from tillbench.protocols.iso8583.specimen import SPECIMENS

from tests.sample import examples

ISO_ASCII, ISO_BCD = DIALECTS["iso87-ascii"], DIALECTS["iso87-bcd"]
ALL = [
    *DIALECTS.values(),
    *SPECIMENS,
    ISO_BCD.changed(name="second always", second_bitmap="always"),
    UNIONPAY.counting(bytes=(48, 60, 61), digits=(55, 62), name="counting otherwise"),
    ISO_ASCII.changed(name="ASCII, raw bytes", wire=ISO_ASCII.wire.__class__(digits="ascii", counts="ascii")),
]
by_name = pytest.mark.parametrize("dialect", ALL, ids=lambda dialect: dialect.name)


@cache
def _general(dialect: Dialect) -> Codec:
    return codec(dialect.name, dialect.envelope, dialect.rules)


class Rig:
    """A codec that makes special ones at once, over a general one whose calls are counted."""

    def __init__(self, dialect: Dialect, often: int = 1) -> None:
        self.general = _general(dialect)
        self.asked = 0
        self.quick = quick(Codec(self._decode, self._encode), dialect.envelope, dialect.rules, often)

    def _decode(self, data: bytes) -> tuple[str, dict[int, str | bytes]]:
        self.asked += 1
        return self.general.decode(data)

    def _encode(self, mti: str, fields: Mapping[int, str | bytes]) -> bytes:
        self.asked += 1
        return self.general.encode(mti, fields)

    def decode(self, data: Any) -> bool:
        """Both decoders say the same; was the special one enough?"""
        return self._same(self.general.decode, self.quick.decode, data)

    def encode(self, mti: Any, fields: Any) -> bool:
        """Both encoders say the same; was the special one enough?"""
        return self._same(self.general.encode, self.quick.encode, mti, fields)

    def _same(self, general: Callable[..., Any], special: Callable[..., Any], *given: Any) -> bool:
        before = self.asked
        expected = outcome(general, *given)
        assert outcome(special, *given) == expected, given
        return self.asked == before


def outcome(call: Callable[..., Any], *given: Any) -> Any:
    """What came of it, down to types, the order of fields and the text of an error."""
    try:
        found = call(*given)
    except Exception as error:  # a caller's mistake raises what it always did
        return type(error), error.key if isinstance(error, FormatError) else str(error), str(error)
    if isinstance(found, bytes):
        return type(found), found
    mti, fields = found
    return type(mti), mti, type(fields), [(number, type(value), value) for number, value in fields.items()]


SALES = Rig(UNIONPAY)
SALES.decode(UNIONPAY.encode(sale()))
SALES.encode("0200", sale().fields)


@pytest.mark.one_in(3)
@by_name
def test_decoding_what_is_whole_spoiled_and_cut(dialect: Dialect) -> None:
    random = Random(dialect.name)
    for _ in range(10):
        body = dialect.construct.build(corpus.message(dialect, random))
        rig = Rig(dialect)
        assert not rig.decode(body)
        assert rig.decode(body)
        assert rig.decode(bytearray(body))
        for size in range(0, len(body), 1 + len(body) // 40):
            assert not rig.decode(body[:size])
        assert not rig.decode(body + b"0")
        for _ in range(40):
            rig.decode(corpus.mutated(body, random))


@pytest.mark.one_in(3)
@by_name
def test_decoding_every_flipped_bit(dialect: Dialect) -> None:
    rig = Rig(dialect)
    body = dialect.encode(corpus.message(dialect, Random(3)))[:100]
    rig.decode(body)
    for at in range(len(body)):
        for bit in range(8):
            rig.decode(body[:at] + bytes([body[at] ^ 1 << bit]) + body[at + 1 :])


@pytest.mark.one_in(3)
@by_name
def test_decoding_every_value_of_every_byte_of_every_field(dialect: Dialect) -> None:
    """Fields by themselves, as short as can be, so that each byte of count, value and pad takes all values."""
    random = Random(dialect.name)
    for rule in {rule[2:]: rule for rule in dialect.rules.values()}.values():
        rig = Rig(dialect)
        shortest = min((corpus.value(rule, random) for _ in range(5)), key=len)
        body = dialect.construct.build(Message("0200", {rule.number: shortest}))
        rig.decode(body)
        assert rig.decode(body)
        start = len(body) - rule.prefix - rule.wire_size(len(shortest))
        for at in {start, start + 1, start + rule.prefix, len(body) - 1}:
            for byte in range(0, 256, 1 if at == start else 7):
                rig.decode(body[:at] + bytes([byte]) + body[at + 1 :])


class Text(str):
    """A string of another class, which shows itself otherwise than it is."""

    def __str__(self) -> str:
        return "shown"

    def __format__(self, spec: str) -> str:
        return "formatted"


class Liar(str):
    """A string that says it is as long as another."""

    length = 0

    def __len__(self) -> int:
        return self.length


class Digits(StrEnum):
    """Digits by name."""

    TWO = "12"


def odd(value: str | bytes) -> list[object]:
    """What a field might be given instead of a value that is right."""
    size = len(value)
    if isinstance(value, bytes):
        found: list[object] = [bytearray(value), memoryview(value), value.hex(), value.decode("latin-1"), list(value)]
        return [*found, value[1:], value + b"0", b"", "", None, 5]
    liar = Liar(value + "0")
    liar.length = size
    found = [Text(value), liar, Digits.TWO, value.encode(), list(value), tuple(value), None, 5, b"", ""]
    for character in "aAgGzZ =-\x00\n\x1f\x7f\x80\xa0\xad\xff:/@`[{\u00b2\u0663\uff11\u4e2d\U0001d7ce\ud800DF":
        found += [value[:at] + character + value[at + 1 :] for at in {0, size // 2, size - 1} if size]
        found.append(character * size)
    return [*found, value[1:], value + "0", "0" + value, value.lower(), value.swapcase(), value * 3]


@pytest.mark.one_in(3)
@by_name
def test_encoding_what_is_whole_and_spoiled(dialect: Dialect) -> None:
    random = Random(dialect.name)
    for _ in range(10):
        message = corpus.message(dialect, random)
        rig = Rig(dialect)
        rig.encode(message.mti, message.fields)
        shuffled = dict(random.sample(list(message.fields.items()), len(message.fields)))
        assert rig.encode(message.mti, shuffled) or not message.fields
        for fields in (OrderedDict(shuffled), MappingProxyType(shuffled), defaultdict(str, shuffled)):
            assert not rig.encode(message.mti, fields)
        for mti in ("02X0", "020", "02000", "\uff10200", b"0200", None, ["0200"], Text(message.mti)):
            rig.encode(mti, message.fields)
        for number in message.fields:
            fewer = {other: value for other, value in message.fields.items() if other != number}
            rig.encode(message.mti, fewer)
            for other in (0, 1, 2, 64, 65, 128, 193, -1, "2", None):
                rig.encode(message.mti, {**fewer, other: message.fields[number]})
        for _ in range(30):
            spoiled = corpus.spoiled(message, random)
            rig.encode(spoiled.mti, spoiled.fields)


@pytest.mark.one_in(3)
@by_name
def test_encoding_odd_values_in_every_kind_of_field(dialect: Dialect) -> None:
    random = Random(dialect.name)
    kinds = list({rule[2:]: rule for rule in dialect.rules.values()}.values())
    fields: dict[int, Any] = {
        rule.number: corpus.value(rule, random)[: max(rule.low, 40) & ~1 | rule.low & 1] for rule in kinds
    }
    rig = Rig(dialect)
    rig.encode("0200", fields)
    assert rig.encode("0200", fields)
    for number, value in fields.items():
        for other in odd(value):
            rig.encode("0200", {**fields, number: other})


@by_name
def test_lengths_that_make_up_for_each_other_are_wrong(dialect: Dialect) -> None:
    random = Random(dialect.name)
    fixed = [rule for rule in dialect.rules.values() if not rule.prefix]
    fields: dict[int, Any] = {rule.number: corpus.value(rule, random) for rule in fixed}
    rig = Rig(dialect)
    rig.encode("0200", fields)
    for one, other in pairwise(fixed):
        first, second = fields[one.number], fields[other.number]
        if type(first) is type(second):
            moved = {one.number: first + second[:1], other.number: second[1:]}
            assert not rig.encode("0200", {**fields, **moved})


@pytest.mark.parametrize("most", [17, 99])
def test_odd_numbers_of_digits_counted_in_bytes_that_make_up_for_each_other_are_wrong(most: int) -> None:
    counting = UNIONPAY.counting(bytes=(60, 61))
    rig = Rig(counting.changed({number: {"length": lll(most)} for number in (60, 61)}, f"at most {most}"))
    rig.encode("0200", {60: "1234", 61: "123456"})
    assert rig.encode("0200", {60: "1234", 61: "123456"})
    assert not rig.encode("0200", {60: "123", 61: "12345"})


def test_an_amount_with_a_sign_whose_number_is_that_of_a_part() -> None:
    amount, data = Field(2, "fee", "x+n", fixed(9), code="ascii"), Field(3, "data", "b", fixed(1))
    rig = Rig(Dialect("third part in digits", (amount, data, Field(4, "amount", "n", fixed(4))), Wire()))
    fields: dict[int, str | bytes] = {2: "C00000100", 3: b"1", 4: "0001"}
    rig.encode("0200", fields)
    assert rig.encode("0200", {**fields, 2: "D00000200"})


def test_no_more_is_remembered_of_terminals_than_said() -> None:
    same: Same = {}
    decode = decoder("0200", 10, [UNIONPAY.rules[41], UNIONPAY.rules[42]], same)
    for number in range(REMEMBERED + 3):
        fields: dict[int, str | bytes] = {41: f"T{number:07}", 42: "MERCHANT 000001"}
        assert decode(UNIONPAY.encode(Message("0200", fields))) == ("0200", fields)
        assert all(len(values) == number % REMEMBERED + 1 for values in same.values())


def test_what_a_terminal_sends_each_time_is_known_again_and_is_that_of_the_message() -> None:
    rig = Rig(UNIONPAY)
    places: dict[int, str | bytes] = {41: "TERM0001", 42: "MERCHANT 000001"}
    kinds: list[dict[int, str | bytes]] = [
        {**places},
        {**places, 49: "156"},
        {41: "TERM0001"},
        {22: "051", **places},
        {22: "051", 23: "012"},
        {22: "051", 25: "00", 26: "12"},
    ]
    bodies = [UNIONPAY.encode(Message("0200", fields)) for fields in kinds]
    for body in bodies:
        rig.decode(body)
    assert all(rig.decode(body) for body in bodies * 2)
    for number in range(REMEMBERED + 3):
        body = UNIONPAY.encode(Message("0200", {**places, 41: f"T{number:07}"}))
        assert rig.decode(body)
        assert rig.decode(body)
        assert not rig.decode(body.replace(b"T0", b"T\n"))
    assert all(rig.decode(body) for body in bodies * 2)


def test_threads_share_a_codec() -> None:
    rig = Rig(ISO_BCD, 2)
    messages = [Message(f"{number:04}", {3: "000000", 11: f"{number:06}"}) for number in range(KEPT + 20)]

    def work(seed: int) -> None:
        for message in Random(seed).choices(messages, k=600):
            body = rig.quick.encode(message.mti, message.fields)
            assert rig.quick.decode(body) == (message.mti, message.fields)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))
    for _ in range(2):
        assert sum(rig.decode(ISO_BCD.encode(message)) for message in messages) == KEPT


@settings(deadline=None, max_examples=examples(60), suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_anything_in_the_place_of_a_value_and_of_bytes(data: st.DataObject) -> None:
    message = sale()
    body = UNIONPAY.encode(message)
    start = data.draw(st.integers(0, len(body)))
    end = data.draw(st.integers(start, len(body)))
    SALES.decode(body[:start] + data.draw(st.binary(max_size=end - start + 2)) + body[end:])
    number = data.draw(st.sampled_from(sorted(message.fields)))
    value = data.draw(st.one_of(st.text(max_size=20), st.from_regex(r"\d{1,20}"), st.binary(max_size=20)))
    SALES.encode("0200", {**message.fields, number: value})


def test_pyiso8583_makes_and_reads_the_same() -> None:
    message, spec = sale(), pyiso8583_spec(UNIONPAY)
    body = bytes(iso8583.encode(as_pyiso8583(message), spec)[0])
    assert SALES.quick.encode("0200", message.fields) == body
    assert SALES.quick.decode(body) == ("0200", message.fields)
    assert SALES.encode("0200", message.fields)
    assert SALES.decode(body)


def test_only_what_is_encoded_often_gets_one() -> None:
    rig = Rig(ISO_BCD, OFTEN)
    fields = {3: "000000", 11: "000001"}
    assert not any(rig.encode("0200", fields) for _ in range(OFTEN))
    assert rig.encode("0200", fields)
    assert not rig.encode("0210", fields)
    rig = Rig(ISO_BCD)
    mtis = [f"{number:04}" for number in range(KEPT + 3)]
    for mti in mtis:
        rig.encode(mti, fields)
    assert [rig.encode(mti, fields) for mti in mtis] == [True] * KEPT + [False] * 3


def test_as_many_fields_that_are_others() -> None:
    rig = Rig(ISO_BCD)
    kinds = [{3: "000000", number: "000001"} for number in (11, 12, 73)]
    kinds += [{4: "000000000001", number: "0001"} for number in (13, 14, 15)]
    for fields in kinds:
        rig.encode("0200", fields)
    assert [rig.encode("0200", fields) for fields in kinds] == [True] * ALIKE + [False] * (len(kinds) - ALIKE)


def test_only_what_comes_often_gets_one_and_only_so_many() -> None:
    rig = Rig(ISO_BCD, OFTEN)
    body = ISO_BCD.encode(Message("0200", {3: "000000", 11: "000001"}))
    assert not any(rig.decode(body) for _ in range(OFTEN))
    assert rig.decode(body)
    rig = Rig(ISO_BCD)
    bodies = [ISO_BCD.encode(Message(f"{number:04}", {11: "000001"})) for number in range(KEPT + 3)]
    for body in bodies:
        rig.decode(body)
    assert [rig.decode(body) for body in bodies] == [True] * KEPT + [False] * 3


def test_a_flood_of_others_makes_none_and_is_not_remembered() -> None:
    rig = Rig(ISO_BCD, 2)
    for number in range(WATCHED + 2):
        rig.decode(ISO_BCD.encode(Message(f"{number:04}", {11: "000001"})))
    assert not rig.decode(ISO_BCD.encode(Message("0005", {11: "000001"})))  # forgotten, counted from one again
    assert rig.decode(ISO_BCD.encode(Message("0005", {11: "000001"}))) is False
    assert rig.decode(ISO_BCD.encode(Message("0005", {11: "000001"})))


def test_faulty_messages_are_not_counted() -> None:
    rig = Rig(ISO_BCD, 2)
    body = ISO_BCD.encode(Message("0200", {11: "000001"}))
    for _ in range(5):
        rig.decode(body + b"\x00")
    assert not rig.decode(body)


def test_dialects_use_it() -> None:
    dialect = UNIONPAY.changed(name="fresh")
    body = dialect.encode(sale())
    for _ in range(OFTEN + 2):
        assert dialect.decode(body) == sale()
    assert dialect.codec.decode.__module__ == "tillbench.protocols.iso8583.bitmap_codecs"
