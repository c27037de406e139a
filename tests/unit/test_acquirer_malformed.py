"""Bytes that are no message, messages that are no request: answered 30, ignored, or the line is closed."""

import logging
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tillbench.host.acquirer.connection import Connection
from tillbench.protocols.iso8583 import UNIONPAY, FormatError, Message, framing
from tillbench.protocols.iso8583.lines import LINES

from tests.sample import examples

from .acquirer_till import HEADER, TERMINAL, TPDU, UNIONPAY_CARD, Bench, Chip


def answer_to(bench: Bench, body: bytes) -> Message:
    (reply,) = bench.acquirer.connect().feed(framing.build(TPDU, HEADER, body))
    (frame,) = framing.FrameReader().feed(reply.data)
    return UNIONPAY.decode(frame.body)


def warnings_in(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING]


def test_broken_field_after_the_terminal_is_30_with_its_echo(caplog: pytest.LogCaptureFixture) -> None:
    bench = Bench()
    till = bench.till()
    sale = till.sale_message(Chip(UNIONPAY_CARD), 100)
    body = till.body(sale)
    position = body.index(b"156\x00\x86")  # field 49, then the length of field 55
    broken = body[: position + 3] + b"\x09\x99" + body[position + 5 :]
    answer = answer_to(bench, broken)
    assert (answer.mti, answer[39], answer[41], answer[11]) == ("0210", "30", TERMINAL, sale[11])
    offset = position + 3
    expected = f"terminal 12345678: 0200: field 55 (IC card data) at byte {offset}: expected length 1..255, found 999"
    assert warnings_in(caplog) == [expected]
    assert bench.acquirer.ledger.transactions() == []


def test_message_cut_short_is_30(caplog: pytest.LogCaptureFixture) -> None:
    bench = Bench()
    till = bench.till()
    body = till.body(till.sale_message(Chip(UNIONPAY_CARD), 100))
    assert answer_to(bench, body[:-3])[39] == "30"
    assert f"field 64 (message authentication code) at byte {len(body) - 8}: expected 8 bytes, found 5" in caplog.text


def test_bytes_after_the_message_are_30(caplog: pytest.LogCaptureFixture) -> None:
    bench = Bench()
    till = bench.till()
    body = till.body(till.sale_message(Chip(UNIONPAY_CARD), 100))
    answer = answer_to(bench, body + b"\0\0")
    assert (answer[39], answer[41]) == ("30", TERMINAL)
    assert f"end at byte {len(body)}: expected end, found 2 bytes" in caplog.text
    assert bench.acquirer.ledger.transactions() == []


def test_field_broken_before_the_terminal_is_answered_by_what_the_line_knows() -> None:
    bench = Bench()
    till = bench.till()
    sale = till.sale_message(Chip(UNIONPAY_CARD), 100)
    body = bytearray(till.body(sale))
    position = body.index(bytes.fromhex("000000000100"))
    body[position] = 0xAA
    frame = framing.build(TPDU, HEADER, bytes(body))
    answer = till.read(till.line.feed(frame))
    assert (answer[39], answer[2], answer[3], answer[41]) == ("30", sale[2], sale[3], TERMINAL)
    unknown = answer_to(bench, bytes(body))  # a line on which nobody has spoken
    assert unknown[39] == "30"
    assert 41 not in unknown


@pytest.mark.parametrize("number", [3, 4, 11, 22, 25, 41, 42, 49, 60, 64])
def test_missing_mandatory_field_is_named(number: int, caplog: pytest.LogCaptureFixture) -> None:
    bench = Bench()
    till = bench.till()
    sale = till.sale_message(Chip(UNIONPAY_CARD), 100, changes={number: None})
    assert till.ask(sale)[39] in ("30", "40")
    if number not in (3, 25, 60):  # without these it is not known to be a sale
        name = UNIONPAY.fields[number].name
        place = f"field {number} ({name}) at byte {2 + (number - 1) // 8}: expected present, found absent"
        assert warnings_in(caplog)[-1].endswith(place)
    assert bench.acquirer.ledger.transactions() == []


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({2: None, 35: None}, "field 2 (primary account number)"),
        ({35: "6200000000000013D3012"}, "expected the PAN of field 2, found another"),
        ({55: None}, "field 55 (IC card data) at byte 8: expected present for a chip"),
        ({22: "051"}, "field 52 (PIN block) at byte 8: expected present for entry mode 051"),
        ({22: "051", 52: bytes(8)}, "field 53 (security control) at byte 8: expected present with a PIN"),
        ({22: "051", 52: bytes(8), 53: "1600000000000000"}, "expected PIN format 2, found 1"),
        ({55: b"\x9f"}, "field 55, offset 0: expected another tag byte"),
        ({55: bytes.fromhex("9F2608")}, "field 55, tag 9F26, offset 0: expected 8 value bytes, found 0"),
        ({60: "2200000"}, "field 60 (type, batch, network code)"),
    ],
)
def test_contradictions_are_30_and_named(
    changes: dict[int, str | bytes | None], words: str, caplog: pytest.LogCaptureFixture
) -> None:
    bench = Bench()
    assert bench.till().sale(Chip(UNIONPAY_CARD), 100, changes=changes)[39] == "30"
    assert words in caplog.text
    assert bench.acquirer.ledger.transactions() == []


def test_an_answer_sent_to_the_host_is_ignored() -> None:
    bench = Bench()
    till = bench.till()
    assert till.send(till.message("0210", {11: "000001", 39: "00"})) == []
    assert not till.line.closed
    assert till.sale(Chip(UNIONPAY_CARD), 100)[39] == "00"


@pytest.mark.parametrize("body", [b"", b"\x02", b"\xaa\xbb" + bytes(8), b"\x02\x00" + bytes(3)])
def test_a_frame_without_a_usable_type_gets_no_answer_and_keeps_the_line(
    body: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    line = Bench().acquirer.connect()
    assert line.feed(framing.build(TPDU, HEADER, body)) == []
    assert not line.closed
    assert "message without a usable type" in caplog.text


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"\x00\x05hello", "length at byte 0: expected length 11..4096, found 5"),
        (b"GET / HTTP/1.1\r\n", "length at byte 0: expected length 11..4096, found 18245"),
        (b"\x00\x0b\x60\x00\x00\x00\x00\xff" + bytes(5), "header at byte 7: expected BCD digits, found FF"),
        (b"\x00\x0b\x61" + bytes(10), "TPDU at byte 2: expected 60, found 61"),
    ],
    ids=["short", "http", "header", "tpdu"],
)
def test_bytes_that_are_no_frame_close_the_line(data: bytes, words: str, caplog: pytest.LogCaptureFixture) -> None:
    line = Bench().acquirer.connect()
    (reply,) = line.feed(data)
    assert reply.close
    assert line.closed
    assert words in caplog.text
    assert line.feed(b"\x00") == []


def test_good_frames_before_the_garbage_are_answered() -> None:
    bench = Bench()
    till = bench.till(signed_on=False)
    replies = till.line.feed(till.frame(till.sign_on_message()) + b"\xff\xff\xff")
    assert [reply.close for reply in replies] == [False, True]


def test_frames_arrive_in_any_pieces() -> None:
    bench = Bench()
    till = bench.till()
    chip = Chip(UNIONPAY_CARD)
    stream = b"".join(till.frame(till.sale_message(chip, 1)) for _ in range(3))
    one_by_one = [reply for byte in stream for reply in till.line.feed(bytes([byte]))]
    assert [till.read([reply])[39] for reply in one_by_one] == ["00"] * 3
    together = till.line.feed(b"".join(till.frame(till.sale_message(chip, 1)) for _ in range(3)))
    assert [till.read([reply])[39] for reply in together] == ["00"] * 3


def test_unfinished_frame_is_told_when_the_peer_goes(caplog: pytest.LogCaptureFixture) -> None:
    line = Bench().acquirer.connect()
    line.feed(b"\x00\x20\x60")
    line.peer_gone()
    assert "cut off with 3 bytes of an unfinished frame" in caplog.text


SHARED = Bench()  # its books only grow, and the properties hold whatever is in them


@settings(max_examples=examples(150), deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_on_the_line(data: bytes) -> None:
    SHARED.acquirer.connect().feed(data)
    assert len(SHARED.till(signed_on=False).sign_on().data(62)) == 40


@settings(max_examples=examples(200), deadline=None)
@given(st.data())
def test_a_damaged_sale_books_nothing(data: st.DataObject) -> None:
    """Flip, cut or add bytes: the answer decodes, and money never moves for a message that is not as it was sent."""
    bench = SHARED
    till = bench.till()
    body = till.body(till.sale_message(Chip(UNIONPAY_CARD), 100, pin="123456"))
    position = data.draw(st.integers(0, len(body) - 1))
    damaged = data.draw(
        st.one_of(
            st.integers(1, 255).map(
                lambda flip: body[:position] + bytes([body[position] ^ flip]) + body[position + 1 :]
            ),
            st.just(body[:position]),
            st.binary(min_size=1, max_size=4).map(lambda more: body[:position] + more + body[position:]),
        )
    )
    if damaged == body:
        return
    for reply in till.line.feed(framing.build(TPDU, HEADER, damaged)):
        (frame,) = framing.FrameReader().feed(reply.data)
        assert UNIONPAY.decode(frame.body)[39] != "00"
    assert bench.acquirer.ledger.balance(UNIONPAY_CARD.pan) == UNIONPAY_CARD.balance


@settings(max_examples=examples(200), deadline=None)
@given(st.sampled_from(["0200", "0400", "0800"]), st.binary(min_size=8, max_size=8), st.binary(max_size=200))
def test_any_body_behind_a_type_is_answered(mti: str, bitmap: bytes, rest: bytes) -> None:
    body = bytes.fromhex(mti) + bitmap + rest
    try:
        UNIONPAY.decode(body)
    except FormatError:
        assert answer_to(SHARED, body)[39] == "30"


def test_the_journal_has_what_could_be_read_of_a_broken_message() -> None:
    bench = Bench()
    till = bench.till()
    body = till.body(till.sale_message(Chip(UNIONPAY_CARD), 100))
    answer_to(bench, body)
    whole = bench.acquirer.journal()[-1]
    answer_to(bench, body[:-3])
    broken = bench.acquirer.journal()[-1]
    assert (whole.request, whole.code) == (UNIONPAY.decode(body), "00")
    assert whole.request is not None
    assert broken.request is not None
    assert broken.reply is not None
    assert (broken.request[41], broken.code, broken.reply[39]) == (TERMINAL, "30", "30")
    assert 64 in whole.request
    assert 64 not in broken.request


def test_the_journal_knows_who_spoke_on_a_line_before() -> None:
    bench = Bench()
    till = bench.till()
    connection = bench.acquirer.connect()
    sale = framing.build(TPDU, HEADER, till.body(till.sale_message(Chip(UNIONPAY_CARD), 100)))
    connection.feed(sale)
    connection.feed(framing.build(TPDU, HEADER, bytes.fromhex("0200") + bytes(7) + b"\x01"))
    last = bench.acquirer.journal()[-1]
    assert (last.mti, last.code) == ("0200", "30")
    assert last.request is not None
    assert last.request[41] == TERMINAL


def test_bytes_in_another_form_are_taken_too() -> None:
    """asyncio's loop on Windows hands over a bytearray."""
    bench = Bench()
    till = bench.till()
    sale: Any = bytearray(till.frame(till.sale_message(Chip(UNIONPAY_CARD), 100)))  # which is declared as bytes there
    (reply,) = bench.acquirer.connect().feed(sale)
    (frame,) = framing.FrameReader().feed(reply.data)
    assert UNIONPAY.decode(frame.body)[39] == "00"
    request = bench.acquirer.journal()[-1].request
    assert request is not None
    assert request[41] == TERMINAL


@settings(max_examples=examples(200), deadline=None)
@given(
    st.sampled_from(sorted(name for name, line in LINES.items() if line.length)),
    st.lists(st.integers(0, 20), min_size=1, max_size=4),
    st.integers(0, 60),
    st.integers(0, 255),
    st.integers(-2, 2),
)
def test_what_a_line_remembers_of_its_frames_changes_nothing(
    name: str, sizes: list[int], at: int, flipped: int, more: int
) -> None:
    line, nobody = LINES[name], cast(Any, None)
    known = Connection(nobody, line)
    for size in sizes:
        frame = line.build(bytes(range(size)), TPDU if line.tpdu else b"", bytes(line.header))
        (packet,), broken = known.receive(frame)
        assert (packet.body, broken) == (bytes(range(size)), "")
    data = bytearray(frame)
    data[at % len(data)] ^= flipped
    data = data + bytes(more) if more >= 0 else data[:more]
    fresh = Connection(nobody, line)
    assert known.receive(bytes(data)) == fresh.receive(bytes(data))
    assert known.pending == fresh.pending
