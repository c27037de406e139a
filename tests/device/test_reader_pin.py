"""A PIN on the reader's own keypad: PC/SC part 10, from the driver's request to the command for the card."""

from __future__ import annotations

import pytest
from tillbench.host.devices.slot_card import ScriptedCard

from .reader_rig import (
    ABSENT,
    ACTIVE,
    POWER_ON,
    SECURE,
    XFR,
    Answer,
    Line,
    frame,
    insert,
    message,
    told,
    visa,
)


def pin_request(line: Line, structure: str, keys: str) -> Answer:
    line.take()
    line.write(frame(message(SECURE, bytes.fromhex(structure), seq=77)))
    line.bench.run_until(lambda: line.models.pin_entry_open, 5, "PIN entry")
    line.models.type(keys)
    return line.answer()


VERIFY = "00 1E 89 47 04 0C 04 02 01 0904 00 000000 0020008008 2FFFFFFFFFFFFFFF"


def test_a_pin_reaches_the_card_alone(line: Line) -> None:
    card = visa(line, pin="12345")
    application = card.profile.applications[0]
    line.request(XFR, bytes([0, 0xA4, 4, 0, len(application.aid)]) + application.aid)
    objects = sum(entry.length for entry in application.pdol)
    line.request(XFR, bytes([0x80, 0xA8, 0, 0, objects + 2, 0x83, objects]) + bytes(objects))
    seen: list[bytes] = []
    card.on_exchange = lambda command, _: seen.append(command)
    assert pin_request(line, VERIFY, "1 CLEAR 1 2 3 4 5 ENTER").data.hex() == "9000"
    assert [command[1] for command in seen] == [0x20]
    assert not line.models.pin_entry_open


def test_pin_entry_ends(line: Line) -> None:
    visa(line)
    assert told(pin_request(line, VERIFY, "1 2 CANCEL")) == (ACTIVE, True, 0xEF)
    assert told(pin_request(line, VERIFY, "1 2 ENTER")) == (ACTIVE, True, 0xF0)  # too few digits; then nothing
    line.take()
    line.write(frame(message(SECURE, bytes.fromhex(VERIFY), seq=78)))
    line.bench.run_until(lambda: line.models.pin_entry_open, 5, "PIN entry")
    line.models.slot.remove()
    assert told(line.answer()) == (ABSENT, True, 0xFE)
    assert not line.models.pin_entry_open


@pytest.mark.parametrize(
    ("structure", "error"),
    [
        (VERIFY.replace("00 1E", "02 1E", 1), 10),
        (VERIFY.replace("89", "8F"), 12),
        (VERIFY.replace("0C 04", "03 04"), 15),
        (VERIFY.replace("0020008008", "0020008007"), 1),
        ("00 1E 89 47 04 0C 04 02 01 0904 00 000000 0020", 1),
    ],
)
def test_pin_requests_that_make_no_sense(line: Line, structure: str, error: int) -> None:
    visa(line)
    answer = line.request(SECURE, bytes.fromhex(structure))
    assert told(answer) == (ACTIVE, True, error)
    assert not line.models.pin_entry_open


FORMATS = {
    "BCD behind a length of four bits": (VERIFY, "1 2 3 4 5 ENTER", "0020008008 2512345FFFFFFFFF"),
    "ASCII at the end": ("00 1E 82 00 00 08 04 02 01 0904 00 000000 00200081", "1 2 3 4 ENTER", "0020008104 31323334"),
    "ASCII in a place of eight": (
        "00 1E 82 08 00 08 04 02 01 0904 00 000000 0020008108 FFFFFFFFFFFFFFFF",
        "1 2 3 4 ENTER",
        "0020008108 31323334FFFFFFFF",
    ),
    "BCD from bit 4, its length in a byte before": (
        "00 1E A1 84 00 08 04 02 01 0904 00 000000 0020008006 000000000000",
        "1 2 3 4 ENTER",
        "0020008006 040000001234",
    ),
    "old, new, and new again": (
        "01 1E 82 08 00 00 08 08 04 03 02 03 0904 00 01 02 000000 0020000010" + "FF" * 16,
        "1 2 3 4 ENTER 5 6 7 8 ENTER 5 6 7 8 ENTER",
        "0020000010 31323334FFFFFFFF 35363738FFFFFFFF",
    ),
    "a new one, asked for once": (
        "01 1E 82 08 00 00 00 08 04 00 02 03 0904 01 01 02 000000 0020000008" + "00" * 8,
        "9 8 7 6 5 ENTER",
        "0020000008 3938373635000000",
    ),
}


@pytest.mark.parametrize("name", FORMATS)
def test_how_digits_get_into_the_command(line: Line, name: str) -> None:
    structure, keys, command = FORMATS[name]
    card = ScriptedCard()
    insert(line, card)
    line.request(POWER_ON)
    assert pin_request(line, structure, keys).data.hex() == "9000"
    assert [found.hex() for found in card.commands] == [bytes.fromhex(command).hex()]


def test_a_pin_that_the_template_has_no_room_for(line: Line) -> None:
    insert(line, ScriptedCard())
    line.request(POWER_ON)
    answer = pin_request(line, "00 1E 82 04 00 08 04 02 01 0904 00 000000 0020008104 FFFFFFFF", "1 2 3 4 5 ENTER")
    assert told(answer) == (ACTIVE, True, 13)
