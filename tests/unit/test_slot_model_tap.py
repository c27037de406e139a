"""The listener on the I/O line: T=0 traffic becomes exchanges, and PINs are masked."""

from __future__ import annotations

from tillbench.host.devices.slot_tap import Exchange, T0Tap


def talk(*turns: tuple[str, str]) -> list[Exchange]:
    """Feed ("t", hex) and ("c", hex) turns; the exchanges that ended, and one that was broken off."""
    tap = T0Tap(lambda: 7)
    ended: list[Exchange] = []
    for side, text in turns:
        for value in bytes.fromhex(text):
            if side == "t":
                tap.terminal(value)
            elif (exchange := tap.card(value)) is not None:
                ended.append(exchange)
    if (broken := tap.broken()) is not None:
        ended.append(broken)
    return ended


def test_data_to_the_card() -> None:
    assert talk(("t", "00A4040002"), ("c", "A4"), ("t", "1122"), ("c", "6105")) == [
        Exchange(bytes.fromhex("00A40400021122"), bytes.fromhex("6105"), 7)
    ]


def test_data_from_the_card_that_look_like_procedure_bytes() -> None:
    assert talk(("t", "00B2010C04"), ("c", "60B2 60B2904D 9000")) == [
        Exchange(bytes.fromhex("00B2010C04"), bytes.fromhex("60B2904D9000"), 7)
    ]


def test_byte_by_byte_both_ways() -> None:
    assert talk(
        ("t", "00A4040003"),
        ("c", "5B"),
        ("t", "11"),
        ("c", "605B"),
        ("t", "22"),
        ("c", "A4"),
        ("t", "33"),
        ("c", "9000"),
    ) == [Exchange(bytes.fromhex("00A4040003112233"), bytes.fromhex("9000"), 7)]
    assert talk(("t", "00B2010C03"), ("c", "4D11 4D22 B233 9000")) == [
        Exchange(bytes.fromhex("00B2010C03"), bytes.fromhex("1122339000"), 7)
    ]


def test_256_bytes_and_the_next_command() -> None:
    found = talk(("t", "00B2010C00"), ("c", "B2" + "90" * 256 + "9000"), ("t", "0084000000"), ("c", "6D00"))
    assert [len(exchange.response) for exchange in found] == [258, 2]


def test_pins_are_masked_and_records_not_shown() -> None:
    (verify,) = talk(("t", "0020008008"), ("c", "20"), ("t", "241234FFFFFFFFFF"), ("c", "9000"))
    assert verify.command == bytes.fromhex("0020008008") + b"*" * 8
    (change,) = talk(("t", "0024000004"), ("c", "24"), ("t", "12345678"), ("c", "9000"))
    assert change.command[5:] == b"****"
    (record,) = talk(("t", "00B2010C08"), ("c", "B2 5A06620000000005 9000"))
    assert repr(record) == "<00 B2 01 0C 08 +0 -> 8 9000>"


def test_what_breaks_off_is_told_as_such() -> None:
    (half,) = talk(("t", "0020008008"), ("c", "20"), ("t", "2412"))
    assert (half.complete, half.command) == (False, bytes.fromhex("0020008008") + b"**")
    assert repr(half) == "<00 20 00 80 08 +2 -> 0 broken off>"
    (header,) = talk(("t", "00A4"))
    assert (header.complete, header.command) == (False, b"\x00\xa4")
    assert talk() == []


def test_noise_of_the_card_between_commands_is_nobodys_exchange() -> None:
    assert talk(("c", "9000"), ("t", "0084000000"), ("c", "6D00"))[0].response == bytes.fromhex("6D00")
