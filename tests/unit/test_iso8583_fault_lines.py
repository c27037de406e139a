"""A fault with the bytes around it: the place is marked, and what a screen must not show is covered."""

from __future__ import annotations

from random import Random

import pytest
from tillbench.host.cli.iso8583.input import Frame
from tillbench.protocols.iso8583 import UNIONPAY, FormatError, Message
from tillbench.protocols.iso8583.describe_fault import fault_lines
from tillbench.protocols.iso8583.diagnose_frame import diagnose
from tillbench.protocols.iso8583.diagnose_line import opened
from tillbench.protocols.iso8583.dialect import Dialect
from tillbench.protocols.iso8583.names import DIALECTS

from .iso8583_faults import PANS, faults

PAN = "6200000000000005"


def lines(dialect: Dialect, body: bytes, unmasked: bool = False, start: int = 0) -> list[str]:
    with pytest.raises(FormatError) as error:
        dialect.open(body)
    return fault_lines(dialect, body, error.value, start, unmasked)


def test_the_place_is_marked_to_the_nibble() -> None:
    body = bytes.fromhex("0200 3000000000000000 0000A0 000000001234")
    text, row, mark = lines(UNIONPAY, body, start=13)
    assert text == (
        "field 3 (processing code) at byte 12, high nibble: expected BCD digits, found A0 (byte 25 of the frame)"
    )
    assert row == "0004  00 00 00 00 00 00 00 00 A0 00 00 ** ** ** **"
    assert row[mark.index("^")] == "A"
    assert len(mark) == mark.index("^") + 1


def test_what_a_field_that_is_cut_holds_is_covered_and_shown_on_request() -> None:
    body = UNIONPAY.encode(Message("0200", {2: PAN}))[:-2]
    _, row, _ = lines(UNIONPAY, body)
    assert row.endswith("16 62 ** ** ** ** **")
    assert lines(UNIONPAY, body, unmasked=True)[1].endswith("16 62 00 00 00 00 00")


def test_a_card_number_in_front_of_a_bad_tag_is_covered() -> None:
    chip = bytes.fromhex(f"5A08{PAN} 9505 0000")
    body = UNIONPAY.encode(Message("0200", {55: chip}))
    text, row, _ = lines(UNIONPAY, body)
    assert text.startswith("field 55 (IC card data), part 95, at byte 24: expected 5 bytes, found 2 bytes")
    assert row == "0010  ** ** ** ** ** ** 95 05 00 00"
    template = UNIONPAY.encode(Message("0200", {55: bytes.fromhex(f"700A 5A08{PAN} 9505 0000")}))
    assert lines(UNIONPAY, template)[1] == "0012  ** ** ** ** ** ** 95 05 00 00"


def test_no_card_number_is_shown_whatever_is_wrong_with_the_definition() -> None:
    """Also in the reading up to the fault, where any field may hold anything."""
    for fault in faults(Random(77), 120):
        if fault.line != "bare":
            continue
        try:
            fault.reader.open(fault.data)
        except FormatError as error:
            shown = "".join(fault_lines(fault.reader, fault.data, error)).replace(" ", "")
            for pan in PANS:
                assert pan not in shown
                assert pan.encode().hex() not in shown
                assert "F" + "F".join(pan) not in shown


@pytest.mark.parametrize("name", DIALECTS)
def test_every_cut_has_its_lines(name: str) -> None:
    dialect = DIALECTS[name]
    body = dialect.encode(Message("0200", {2: "4761739001010010", 4: "0" * dialect.rules[4].high}))
    for size in range(len(body)):
        text, row, mark = lines(dialect, body[:size])
        assert text
        assert len(mark) <= len(row) + 3


def test_no_repr_shows_a_card_number() -> None:
    chip = bytes.fromhex(f"5A08{PAN} 57086200000000000005")
    message = Message("0200", {2: PAN, 35: f"{PAN}D3012", 55: chip})
    body = UNIONPAY.encode(message)
    things: list[object] = [
        message,
        list(UNIONPAY.walk(body)),
        UNIONPAY.open(body),
        opened("bare", body),
        Frame(body),
        diagnose(UNIONPAY, body[:-1]),
    ]
    for thing in things:
        shown = repr(thing)
        assert PAN not in shown
        assert "".join(f"\\x{byte:02x}" for byte in bytes.fromhex(PAN)[2:]) not in shown
    assert repr(UNIONPAY.parts(55, chip)) == "(Element(5A, 8 at 2), Element(57, 8 at 12))"
