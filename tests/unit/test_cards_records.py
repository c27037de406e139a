"""Records: the automatic layout, layouts by hand, objects replaced, and bytes that are no record at all."""

from typing import Any

from tillbench.host.cards import CardProfile, VirtualCard, load_profile
from tillbench.protocols.emv import tlv

from .cards_terminal import Terminal, terminal_for
from .test_cards_oda import chain

LONG = "9F05" + "20" + "AB" * 32


def card(**changes: Any) -> VirtualCard:
    profile = load_profile("unionpay-debit")
    application = profile.applications[0].model_dump() | changes
    return VirtualCard(CardProfile.model_validate(profile.model_dump() | {"applications": [application]}))


def read_all(sut: VirtualCard) -> dict[tuple[int, int], bytes]:
    """Every record there is, whatever the AFL says."""
    sut.reset()
    terminal = Terminal(sut.transmit)
    terminal.select(sut.profile.applications[0].aid)
    terminal.initiate()
    answers = {
        (sfi, number): sut.transmit(bytes([0x00, 0xB2, number, sfi << 3 | 4, 0]))
        for sfi in range(1, 31)
        for number in range(1, 10)
    }
    return {place: answer[:-2] for place, answer in answers.items() if answer[-2:] == b"\x90\x00"}


def test_objects_of_ones_own() -> None:
    sut = card(objects={"5F20": "41", "9F05": "AABB", "9F08": "", "5F24": "301231"})
    values = terminal_for(sut).values
    assert (values[0x5F20], values[0x9F05], values[0x5F24]) == (b"A", b"\xaa\xbb", bytes.fromhex("301231"))
    assert 0x9F08 not in values
    chain(terminal_for(sut), sut)  # signed as they stand


def test_an_object_of_the_keys_is_replaced_after_signing() -> None:
    sut = card(objects={"8F": "77"})
    assert terminal_for(sut).values[0x8F] == b"\x77"


def test_a_layout_by_hand() -> None:
    sut = card(
        layout=[
            {"sfi": 5, "tags": "5A 5F24 9F4A", "signed": "true"},
            {"sfi": 5, "tags": "5F34 82 9F44", "signed": "true"},
            {"sfi": 5, "tags": "8C 8D 8E"},
            {"sfi": 12, "tags": "5F28 9F07", "signed": "true"},
            {"sfi": 2, "tags": "8F 9F32 92"},
            {"sfi": 2, "tags": "90"},
            {"sfi": 2, "tags": "9F46"},
            {"sfi": 2, "tags": "9F47 9F48"},
        ]
    )
    assert terminal_for(sut).values[0x94].hex().upper() == "28010302" + "60010101" + "10010400"
    records = read_all(sut)
    assert sorted(records) == [(2, 1), (2, 2), (2, 3), (2, 4), (5, 1), (5, 2), (5, 3), (12, 1)]
    assert [item.tag for item in tlv.walk(tlv.parse(records[5, 2]))] == [0x70, 0x5F34]
    chain(terminal_for(sut), sut)  # two records by their values, the one of SFI 12 whole, then the AIP


def test_bytes_that_are_no_record_and_an_afl_that_does_not_fit() -> None:
    sut = card(
        layout=[{"sfi": 1, "raw": ""}, {"sfi": 1, "raw": "7003"}, {"sfi": 1, "raw": "70" + "81FC" + LONG * 7 + "00"}],
        afl="0801030010",
    )
    records = read_all(sut)
    assert [records[1, number].hex().upper()[:6] for number in (1, 2, 3)] == ["", "7003", "7081FC"]
    terminal = Terminal(sut.transmit)
    sut.reset()
    terminal.select(sut.profile.applications[0].aid)
    terminal.initiate()
    assert terminal.values[0x94].hex().upper() == "0801030010"


def test_languages_in_the_directory_and_in_the_application() -> None:
    sut = card(languages="enfrzh")
    sut.reset()
    terminal = Terminal(sut.transmit)
    for name in (b"1PAY.SYS.DDF01", sut.profile.applications[0].aid):
        terminal.values.pop(0x5F2D, None)
        terminal.select(name)
        assert terminal.values[0x5F2D] == b"enfrzh"
