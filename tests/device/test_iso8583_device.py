"""The device's ISO 8583 codec against the reference codec: the same bytes, the same errors, word for word."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice
from random import Random
from typing import TypeVar

import iso8583
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tillbench.host.emulator.bench import Bench
from tillbench.protocols.iso8583 import UNIONPAY, Dialect, FormatError, Message, corpus, framing, mac_input
from tillbench.protocols.iso8583.corpus import Outcome, reference_decode, reference_encode
from tillbench.protocols.iso8583.export import pyiso8583_spec
from tillbench.protocols.iso8583.micropython import source
from tillbench.protocols.iso8583.names import DIALECTS as NAMED
from tillbench.protocols.iso8583.specimen import SPECIMENS

T = TypeVar("T")
BATCH_SIZE = 30_000  # characters of the literals in one call: the runner's heap holds several times that
DIALECTS = {
    **NAMED,
    **{specimen.name: specimen for specimen in SPECIMENS},
    "48, 60, 61 in bytes": UNIONPAY.counting(bytes=(48, 60, 61)),
    "all the other way": UNIONPAY.counting(
        bytes=(2, 32, 35, 36, 48, 60, 61), digits=[row.number for row in UNIONPAY.rows if row.type == "b"][2:-1]
    ),
    "second always": NAMED["iso87-bcd"].changed(second_bitmap="always"),
}


def batches(items: Sequence[T]) -> Iterator[list[T]]:
    batch: list[T] = []
    size = 0
    for item in items:
        batch.append(item)
        size += len(repr(item))
        if size > BATCH_SIZE:
            yield batch
            batch, size = [], 0
    yield batch


def plain(message: Message) -> tuple[str, dict[int, str | bytes]]:
    return message.mti, message.fields


def expected_decode(dialect: Dialect, body: bytes) -> Outcome:
    found = reference_decode(dialect, body)
    return ("ok", found[1:]) if found[0] == "ok" else found


def check_decoding(device: Bench, dialect: Dialect, bodies: list[bytes]) -> Counter[object]:
    """Both codecs say the same of all bodies; how often which outcome was it."""
    outcomes: Counter[object] = Counter()
    device.call("iso8583_probe:make", dialect.name, source(dialect))
    for batch in batches(bodies):
        for body, found in zip(batch, device.call("iso8583_probe:decode_by", dialect.name, batch), strict=True):
            assert found == expected_decode(dialect, body), body.hex()
            outcomes[found[0] if found[0] == "ok" else found[5].split()[0]] += 1
    device.call("iso8583_probe:forget")
    return outcomes


def check_encoding(device: Bench, dialect: Dialect, messages: list[Message]) -> Counter[object]:
    outcomes: Counter[object] = Counter()
    device.call("iso8583_probe:make", dialect.name, source(dialect))
    for batch in batches(messages):
        answers = device.call("iso8583_probe:encode_by", dialect.name, [plain(message) for message in batch])
        for message, found in zip(batch, answers, strict=True):
            assert found == reference_encode(dialect, message), plain(message)
            outcomes[found[0] if found[0] == "ok" else found[5].split()[0]] += 1
    device.call("iso8583_probe:forget")
    return outcomes


def test_pyiso8583_reads_what_the_device_writes_and_writes_what_it_reads(device: Bench) -> None:
    spec = pyiso8583_spec(UNIONPAY)
    random = Random(42)
    messages = [corpus.message(UNIONPAY, random) for _ in range(60)]
    theirs = [
        {"t": m.mti, **{str(n): v if isinstance(v, str) else v.hex().upper() for n, v in m.fields.items()}}
        for m in messages
    ]
    written = device.call("iso8583_probe:encode", [plain(message) for message in messages])
    assert [iso8583.decode(body, spec)[0] for _, body in written] == [
        {"p": body[2:10].hex().upper(), **values} for (_, body), values in zip(written, theirs, strict=True)
    ]
    bodies = [bytes(iso8583.encode(values, spec)[0]) for values in theirs]
    assert device.call("iso8583_probe:decode", bodies) == [("ok", plain(message)) for message in messages]


def test_the_generated_module_is_the_dialect(device: Bench) -> None:
    random = Random(1)
    for _ in range(10):
        messages = [corpus.message(UNIONPAY, random) for _ in range(6)]
        bodies = [UNIONPAY.encode(message) for message in messages]
        assert device.call("iso8583_probe:encode", [plain(m) for m in messages]) == [("ok", body) for body in bodies]
        assert device.call("iso8583_probe:decode", bodies) == [("ok", plain(message)) for message in messages]


@pytest.mark.one_in(2)
@pytest.mark.till_needs("memory")  # the device compiles the dialect
@pytest.mark.parametrize("name", DIALECTS)
def test_valid_messages(device: Bench, name: str) -> None:
    dialect = DIALECTS[name]
    random = Random(name)
    messages = [corpus.message(dialect, random) for _ in range(60)]
    assert set(check_encoding(device, dialect, messages)) == {"ok"}
    assert set(check_decoding(device, dialect, [dialect.encode(message) for message in messages])) == {"ok"}


@pytest.mark.one_in(2)
@pytest.mark.till_needs("memory")  # the device compiles the dialect
@pytest.mark.parametrize("name", DIALECTS)
def test_mutated_messages(device: Bench, name: str) -> None:
    dialect = DIALECTS[name]
    outcomes = check_decoding(device, dialect, list(islice(corpus.frames(dialect, Random(name)), 500)))
    # The corpus reaches every kind of error: counts, trailing bytes, text.
    assert {"ok", "length", "end", "printable"} <= set(outcomes)
    assert ("pad" in outcomes) == (dialect.wire.digits == "packed")


@pytest.mark.one_in(2)
@pytest.mark.till_needs("memory")  # the device compiles the dialect
@pytest.mark.parametrize("name", DIALECTS)
def test_values_that_cannot_be_encoded(device: Bench, name: str) -> None:
    dialect = DIALECTS[name]
    outcomes = check_encoding(device, dialect, list(islice(corpus.messages(dialect, Random(name)), 250)))
    assert {"ok", "bit", "length", "digits", "str"} <= set(outcomes)


@pytest.mark.till_needs("memory")
def test_every_single_byte_change_of_a_sale(device: Bench) -> None:
    sale = UNIONPAY.encode(
        Message("0200", {2: "6200000000000005", 22: "051", 35: "620000D3012", 41: "12345678", 55: b"\x95\x01\x00"})
    )
    changed = [
        sale[:at] + bytes([byte]) + sale[at + 1 :]
        for at in range(len(sale))
        for byte in (0x00, 0x09, 0x0A, 0x1F, 0x20, 0x7F, 0x90, 0xA0, 0xFF)
    ]
    cut = [sale[:size] for size in range(len(sale))]
    assert check_decoding(device, UNIONPAY, changed + cut)["ok"] > 0


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.binary(max_size=80), max_size=60))
def test_noise(device: Bench, bodies: list[bytes]) -> None:
    check_decoding(device, UNIONPAY, bodies)


def test_a_value_of_any_type_is_refused_by_its_name(device: Bench) -> None:
    wrong: list[object] = [None, 123, [], True, b"12"]
    found = device.call("iso8583_probe:encode", [("0200", {3: value}) for value in wrong])
    assert found == [("error", 3, "", 10, None, "str", name) for name in ("NoneType", "int", "list", "bool", "bytes")]


def test_a_frame_is_built_as_the_reference_builds_it(device: Bench) -> None:
    arguments = (bytes.fromhex("6000030000"), "603100310000", b"body")
    assert device.call("iso8583_probe:build", *arguments) == ("ok", framing.build(*arguments))


@pytest.mark.parametrize(
    ("tpdu", "header", "size"),
    [(b"\x60", "603100310000", 0), (bytes(5), "6031", 0), (bytes(5), "60310031000x", 0), (bytes(5), "0" * 12, 4086)],
)
def test_what_cannot_be_framed_is_the_same_error(device: Bench, tpdu: bytes, header: str, size: int) -> None:
    with pytest.raises(FormatError) as error:
        framing.build(tpdu, header, bytes(size))
    assert device.call("iso8583_probe:build", tpdu, header, bytes(size)) == ("error", *error.value.key)


def test_frames_are_read_off_a_stream(device: Bench) -> None:
    frames = [(bytes.fromhex("6000030000"), f"6031003100{n:02}", bytes(n)) for n in range(0, 90, 7)]
    stream = b"".join(framing.build(*frame) for frame in frames)
    assert device.call("iso8583_probe:read_frames", stream, 1500) == [*frames, ("end", 0)]
    assert device.call("iso8583_probe:read_frames", stream + b"\x00\x20half", 1500) == [*frames, ("end", 4)]


@pytest.mark.parametrize("damage", [b"\x00\x0a", b"\x05\xdd", b"\xff\xff", bytes(7) + b"\x0a" + bytes(20)])
def test_a_damaged_frame_is_the_same_error(device: Bench, damage: bytes) -> None:
    if len(damage) > 2:
        damage = (len(damage) - 2).to_bytes(2, "big") + damage[2:]
    with pytest.raises(FormatError) as error:
        framing.FrameReader(largest=1500).feed(damage)
    assert device.call("iso8583_probe:read_frames", damage, 1500) == [("error", *error.value.key)]


def test_the_mac_block_is_the_same(device: Bench) -> None:
    body = UNIONPAY.encode(Message("0210", {39: "00", 64: bytes(8)}))
    assert device.call("iso8583_probe:mac_input", body) == ("ok", mac_input(body))
    assert device.call("iso8583.mac:with_mac", body, b"E267B6E2") == body[:-8] + b"E267B6E2"
    for wrong in (UNIONPAY.encode(Message("0210", {39: "00", 41: "12345678"})), b"\x02\x10"):
        with pytest.raises(FormatError) as error:
            mac_input(wrong)
        assert device.call("iso8583_probe:mac_input", wrong) == ("error", *error.value.key)
