"""Offline PIN, in the clear and enciphered: counters, challenges, blocks that do not decipher, and no trace of it."""

import random
from typing import Any

import pytest
from tillbench.host.cards import CardAuthority, CardMemory, CardProfile, VirtualCard, load_profile
from tillbench.protocols.apdu import Response

from . import cards_oda
from .cards_oda import Key
from .cards_terminal import AAC, ARQC, Terminal, terminal_for
from .test_cards_oda import PIN_TAGS, TODAY, chain, issuer_key

PIN = "1234"
RNG = random.Random(7)
ENCIPHERED: dict[str, Any] = {"cvm_list": [{"method": "enciphered-pin", "when": "supported", "otherwise": "next"}]}


def card(changes: dict[str, Any] | None = None, heard: list[bytes] | None = None, **oda: Any) -> VirtualCard:
    profile = load_profile("visa-credit")
    application = profile.applications[0].model_dump() | ENCIPHERED | {"offline_authentication": oda} | (changes or {})
    made = CardProfile.model_validate(profile.model_dump() | {"applications": [application]})
    return VirtualCard(
        made, on_exchange=lambda asked, given: heard.append(asked + given) if heard is not None else None
    )


def pin_key(terminal: Terminal, sut: VirtualCard) -> Key:
    """The key a terminal enciphers under, proved: 9F2D where there is one, else the ICC key (Book 2, 7.1)."""
    if 0x9F2D not in terminal.values:
        return chain(terminal, sut)
    return cards_oda.icc_key(terminal, issuer_key(terminal, sut), TODAY, b"", PIN_TAGS)


def enciphered(key: Key, pin: str, challenge: bytes, header: int = 0x7F) -> bytes:
    """What goes into VERIFY (Book 2, table 23)."""
    size = len(key.modulus)
    block = bytes([header]) + bytes.fromhex(f"2{len(pin):X}{pin}".ljust(16, "F")) + challenge + RNG.randbytes(size - 17)
    return pow(int.from_bytes(block, "big"), key.exponent, int.from_bytes(key.modulus, "big")).to_bytes(size, "big")


def verify(terminal: Terminal, data: bytes) -> Response:
    return terminal.send(0x00, 0x20, 0, 0x88, data, le=None)


def challenge(terminal: Terminal) -> bytes:
    return terminal.send(0x00, 0x84, 0, 0).data


def tries(terminal: Terminal) -> int:
    return terminal.get_data(0x9F17).data[-1]


@pytest.mark.parametrize(
    "keys",
    [
        {},
        {"pin": {"bits": 512}},
        {"pin": {"bits": 1024, "exponent": 65537}},
        {"ca": {"bits": 1984}, "issuer": {"bits": 1984}, "pin": {"bits": 1984}},
    ],
    ids=["icc-key", "pin-key-512", "pin-key-65537", "pin-key-1984"],
)
def test_an_enciphered_pin(keys: dict[str, Any]) -> None:
    sut = card(**keys)
    terminal = terminal_for(sut)
    key = pin_key(terminal, sut)
    assert verify(terminal, enciphered(key, "9999", challenge(terminal))).sw == 0x63C2
    assert tries(terminal) == 2
    assert verify(terminal, enciphered(key, PIN, challenge(terminal))).sw == 0x9000
    assert tries(terminal) == 3


def test_a_challenge_is_good_once_and_only_right_after_it_was_given() -> None:
    sut = card()
    terminal = terminal_for(sut)
    key = pin_key(terminal, sut)
    assert verify(terminal, enciphered(key, PIN, bytes(8))).sw == 0x6985
    given = challenge(terminal)
    assert verify(terminal, enciphered(key, PIN, given)).sw == 0x9000
    assert verify(terminal, enciphered(key, PIN, given)).sw == 0x6985
    given = challenge(terminal)
    tries(terminal)  # any other command in between
    assert verify(terminal, enciphered(key, PIN, given)).sw == 0x6985
    assert tries(terminal) == 3


def test_a_block_that_does_not_decipher_is_a_wrong_pin() -> None:
    sut = card(changes=None)
    terminal = terminal_for(sut)
    key = pin_key(terminal, sut)
    old = challenge(terminal)
    challenge(terminal)
    assert verify(terminal, enciphered(key, PIN, old)).sw == 0x63C2
    assert verify(terminal, enciphered(key, PIN, challenge(terminal), header=0x7E)).sw == 0x63C1
    challenge(terminal)
    assert verify(terminal, b"\xff" * len(key.modulus)).sw == 0x63C0  # not even below the modulus
    assert verify(terminal, enciphered(key, PIN, challenge(terminal))).sw == 0x6983
    assert tries(terminal) == 0


def test_lengths_and_the_wrong_time() -> None:
    terminal = terminal_for(card())
    challenge(terminal)
    assert verify(terminal, bytes(111)).sw == 0x6700
    assert verify(terminal, bytes(112)).sw == 0x6985  # the challenge was for the command before
    terminal.generate_ac(ARQC)
    challenge(terminal)
    assert verify(terminal, bytes(112)).sw == 0x6985
    assert tries(terminal) == 3


def test_cards_without_an_enciphered_pin_do_not_know_the_qualifier() -> None:
    plain = terminal_for(VirtualCard(load_profile("visa-credit")))
    assert verify(plain, bytes(112)).sw == 0x6A86
    assert plain.verify(PIN).sw == 0x9000
    both = terminal_for(card())
    assert both.verify(PIN).sw == 0x9000


def test_an_enciphered_pin_in_the_cvr() -> None:
    for pin, cvr in ((PIN, "03A41000"), ("4321", "03A61000")):
        sut = card()
        terminal = terminal_for(sut)
        verify(terminal, enciphered(pin_key(terminal, sut), pin, challenge(terminal)))
        terminal.generate_ac(ARQC)
        assert terminal.cvr == cvr


def test_a_card_may_block_its_application_with_the_last_try() -> None:
    sut = card({"pin_limit_blocks": True})
    terminal = terminal_for(sut)
    assert [terminal.verify("0000").sw for _ in range(3)] == [0x63C2, 0x63C1, 0x63C0]
    terminal.generate_ac(ARQC)
    assert (terminal.cryptogram_type, terminal.reason, terminal.cvr) == (AAC, 2, "03865200")
    sut.reset()
    assert terminal.select(sut.profile.applications[0].aid).sw == 0x6283
    again = VirtualCard(sut.profile, memory=CardMemory.from_dict(sut.memory.to_dict()))
    assert Terminal(again.transmit).select(sut.profile.applications[0].aid).sw == 0x6283


def test_no_pin_in_what_is_recorded() -> None:
    heard: list[bytes] = []
    sut = card(heard=heard)
    terminal = terminal_for(sut)
    sent = enciphered(pin_key(terminal, sut), PIN, challenge(terminal))
    terminal.values[0x9F02] = bytes(6)
    terminal.verify("74185296")
    verify(terminal, sent)
    recorded = b"".join(heard)
    assert bytes.fromhex("74185296") not in recorded
    assert sent not in recorded
    assert sent[:16] not in recorded
    assert "74185296" not in repr(sut.memory) + str(sut.memory.to_dict())


def test_the_pin_key_is_certified_apart_from_the_static_data() -> None:
    sut = card(pin={"bits": 768})
    terminal = terminal_for(sut)
    key = pin_key(terminal, sut)
    assert len(key.modulus) == 96
    assert key.modulus != chain(terminal, sut).modulus
    assert CardAuthority().public_keys(sut.profile)[0].index == 0xFE
