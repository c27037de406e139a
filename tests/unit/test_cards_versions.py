"""Every cryptogram version against pyemv, through whole transactions; and the results that each tells its issuer."""

from typing import Any

import pyemv
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tillbench.host.cards import CardMemory, VirtualCard, cryptograms
from tillbench.host.cards.card_results import CardResults
from tillbench.host.cards.cryptogram_versions import VERSIONS, qvsdc_cryptogram
from tillbench.host.cards.memory import ApplicationMemory

from .cards_terminal import AAC, ARQC, ORACLES, TC, Issuer, Terminal, quiet, terminal_for
from .cards_versions import card_of, every_version, profile_of

KEY = st.binary(min_size=16, max_size=16)
MCHIP_CDOLS: dict[str, Any] = {
    "issuer_authentication": "cdol2",
    "cdol1": "9F02 9F03 9F1A 95 5F2A 9A 9C 9F37 9F35 9F45 9F4C:8 9F34",
    "cdol2": "91:10 8A 95 9F37 9F4C:8",
}


def test_every_version_has_its_oracle() -> None:
    assert set(VERSIONS) == set(ORACLES)


@every_version
@pytest.mark.parametrize("pan", ["4761739001010010", "4761739001010010006"], ids=["16", "19"])
def test_a_transaction_with_each_version(scheme: str, number: int, pan: str) -> None:
    """ARQC, the issuer's proof, TC: what the card computes and believes is what pyemv computes."""
    card = VirtualCard(profile_of(scheme, number, pan=pan))
    issuer = Issuer(card.profile)
    for transaction in range(3):
        terminal = terminal_for(card)
        terminal.values[0x9F37] = bytes([transaction]) * 4
        terminal.generate_ac(ARQC)
        assert terminal.cryptogram_type == ARQC
        assert terminal.values[0x9F26] == issuer.cryptogram(terminal.values)
        proof = issuer.authentication_data(terminal.values)
        assert terminal.external_authenticate(proof).sw == 0x9000
        terminal.values[0x8A] = b"00"
        terminal.generate_ac(TC, 0x8D)
        assert terminal.cryptogram_type == TC
        assert terminal.values[0x9F26] == issuer.cryptogram(terminal.values)


@every_version
def test_a_forged_proof(scheme: str, number: int) -> None:
    card = card_of(scheme, number)
    terminal = terminal_for(card)
    terminal.generate_ac(ARQC)
    proof = bytearray(Issuer(card.profile).authentication_data(terminal.values))
    proof[3] ^= 0x01
    assert terminal.external_authenticate(bytes(proof)).sw == 0x6300
    terminal.values[0x8A] = b"00"
    terminal.generate_ac(TC, 0x8D)
    assert (terminal.cryptogram_type, terminal.reason) == (AAC, 3)


@every_version
def test_a_proof_in_cdol2(scheme: str, number: int) -> None:
    size = 8 if number in (0x12, 0x22, 0xA5) else 10
    cdol2 = f"8A 91:{size} 9F02 9F03 9F1A 95 5F2A 9A 9C 9F37"
    card = card_of(scheme, number, issuer_authentication="cdol2", cdol2=cdol2)
    terminal = terminal_for(card)
    terminal.generate_ac(ARQC)
    terminal.values |= {0x8A: b"00", 0x91: Issuer(card.profile).authentication_data(terminal.values)}
    terminal.generate_ac(TC, 0x8D)
    assert terminal.cryptogram_type == TC


@given(KEY, st.binary(min_size=2, max_size=2), st.binary(min_size=8, max_size=8))
def test_session_keys_as_pyemv_derives_them(master: bytes, atc: bytes, diversifier: bytes) -> None:
    with quiet():
        assert cryptograms.common_session_key(master, diversifier) == pyemv.kd.derive_common_sk(master, diversifier)
        assert cryptograms.visa_script_key(master, atc) == pyemv.kd.derive_visa_sm_sk(master, atc)


@given(KEY, st.binary(min_size=8, max_size=8), st.binary(min_size=4, max_size=12))
def test_arpc_by_method_2_as_pyemv_computes_it(key: bytes, arqc: bytes, said: bytes) -> None:
    with quiet():
        expected = pyemv.ac.generate_arpc_2(key, arqc, said[:4], said[4:])
    assert VERSIONS["visa", 0x12].arpc(key, arqc, said) == expected


@given(KEY, st.binary(min_size=30, max_size=30))
@settings(max_examples=20)
def test_visa_17_as_pyemv_computes_its_parts(udk: bytes, data: bytes) -> None:
    amount, number, atc, iad = data[:6], data[6:10], data[10:12], data[12:]
    with quiet():
        expected = pyemv.ac.generate_ac(udk, amount + number + atc + iad[4:5], pyemv.ac.PaddingType.VISA, 8)
    assert qvsdc_cryptogram(udk, amount, number, atc, iad) == expected


def test_issuer_application_data_of_the_common_core() -> None:
    """Every bit of format code A in its place (EMV 4.3 Book 3, C7)."""
    everything = CardResults(
        first=ARQC,
        second=TC,
        issuer_authentication_failed=True,
        cda_first=True,
        dda_performed=True,
        pin_tries=2,
        offline_pin_performed=True,
        offline_pin_failed=True,
        pin_try_limit_exceeded=True,
        last_online_not_completed=True,
        lower_limit_exceeded=True,
        upper_limit_exceeded=True,
        cumulative_limit_exceeded=True,
        upper_cumulative_limit_exceeded=True,
        script_commands=3,
        script_failed=True,
        last_dda_failed=True,
        go_online_was_set=True,
        unable_to_go_online=True,
    )
    assert everything.ccd().hex().upper() == "6F2FF03F00"
    assert CardResults(first=ARQC, issuer_authentication_performed=True).ccd().hex().upper() == "A000000000"
    terminal = terminal_for(card_of("jcb", 0xA5))
    terminal.generate_ac(ARQC)
    assert iad(terminal) == "0FA501" + "A230000000" + "00000000000000FF" + "0F" + "00" * 15


def seasoned(**changes: object) -> ApplicationMemory:
    return ApplicationMemory(**{"atc": 7, "last_online_atc": 7, **changes})  # type: ignore[arg-type]  # values of its own fields


def mastercard(memory: ApplicationMemory | None = None, number: int = 0x11, **changes: Any) -> Terminal:
    """After the first record of an M/Chip card."""
    profile = profile_of("mastercard", number, **MCHIP_CDOLS, **changes)
    stored = CardMemory.fresh(profile)
    stored.applications[profile.applications[0].aid.hex().upper()] = memory or seasoned()
    return terminal_for(VirtualCard(profile, memory=stored))


def iad(terminal: Terminal) -> str:
    return terminal.values[0x9F10].hex().upper()


def test_issuer_application_data_of_mchip_as_in_a_public_sample() -> None:
    """The sample: 0110A0000324 0000... with key index 01, version 10, no PIN, abroad, three tries left."""
    terminal = mastercard(number=0x10)
    terminal.values[0x9F1A] = bytes.fromhex("0840")
    terminal.generate_ac(ARQC)
    assert iad(terminal) == "0110A00003240000000000000000000000FF"


def test_results_of_mchip() -> None:
    limits: dict[str, Any] = {
        "lower_offline_limit": 0,
        "upper_offline_limit": 0,
        "cumulative_limit": 1,
        "upper_cumulative_limit": 1,
    }
    cases: list[tuple[str, int, Terminal]] = [
        ("A00003220000", ARQC, mastercard()),
        ("900003220000", TC, mastercard()),
        ("800003220000", AAC, mastercard()),
        ("A00003A20000", ARQC, mastercard(seasoned(online_not_completed=True))),
        ("A00003220400", ARQC, mastercard(seasoned(issuer_authentication_failed=True))),
        ("A00003220800", ARQC, mastercard(seasoned(go_online=True))),
        ("A0000322F000", TC, mastercard(**limits)),
        ("A00053220300", ARQC, mastercard(seasoned(script_commands=5, script_failed=True))),
    ]
    good, bad = mastercard(), mastercard()
    good.verify("1234")
    bad.verify("9999")
    claims = mastercard()
    claims.values[0x9F34] = bytes.fromhex("410302")
    dynamic = mastercard(offline_authentication={"methods": "dda cda"})
    dynamic.send(0x00, 0x88, 0, 0, bytes(4))
    cases += [("A50003020000", ARQC, good), ("A40002120000", ARQC, bad), ("A00003230000", ARQC, claims)]
    cases += [("A08003220000", ARQC, dynamic)]
    for expected, asked, terminal in cases:
        assert terminal.generate_ac(asked).sw == 0x9000
        assert iad(terminal)[4:16] == expected


def test_results_of_mchip_at_the_second_cryptogram() -> None:
    for proof, asked, expected in (("good", TC, "601003220000"), ("forged", TC, "201003220400"), ("none", TC, "2000")):
        terminal = mastercard()
        profile = profile_of("mastercard", 0x11)
        terminal.generate_ac(ARQC)
        data = {"good": Issuer(profile).authentication_data(terminal.values), "forged": b"\x01" * 10, "none": b""}
        terminal.values |= {0x8A: b"00", 0x91: data[proof]}
        terminal.generate_ac(asked, 0x8D)
        assert iad(terminal)[4:].startswith(expected)
        assert terminal.values[0x9F26] == Issuer(profile).cryptogram(terminal.values)
    unable = mastercard()
    unable.generate_ac(ARQC)
    unable.values[0x8A] = b"Y3"
    unable.generate_ac(TC, 0x8D)
    assert iad(unable)[4:16] == "600003620000"


def test_the_counters_of_mchip() -> None:
    """What was approved offline is in the data of the next cryptogram, and under it where the version says so."""
    for number in (0x10, 0x11, 0x14, 0x15):
        profile = profile_of("mastercard", number, **MCHIP_CDOLS)
        stored = CardMemory.fresh(profile)
        stored.applications[profile.applications[0].aid.hex().upper()] = seasoned()
        card = VirtualCard(profile, memory=stored)
        first = terminal_for(card)
        first.generate_ac(TC)
        assert iad(first)[-16:] == "00000000000000FF"
        second = terminal_for(card)
        second.generate_ac(TC)
        assert iad(second)[-16:] == "00000000123401FF"
        assert second.values[0x9F26] == Issuer(profile).cryptogram(second.values)


def test_mchip_tells_what_the_terminal_found_offline() -> None:
    terminal = mastercard()
    terminal.values |= {0x9F45: bytes.fromhex("DAC1")}
    terminal.generate_ac(ARQC)
    assert iad(terminal)[16:20] == "DAC1"
    terminal = mastercard()
    terminal.values |= {0x9F45: bytes.fromhex("DAC1"), 0x9F4C: bytes.fromhex("1122334455667788")}
    terminal.generate_ac(ARQC)
    assert iad(terminal)[16:20] == "1122"


def test_issuer_application_data_of_visa() -> None:
    for number, expected in ((0x12, "06011203A01000"), (0x22, "1F220100A01000" + "00" * 25)):
        terminal = terminal_for(card_of("visa", number))
        terminal.generate_ac(ARQC)
        assert iad(terminal) == expected
    terminal = terminal_for(card_of("interac", 0x85))
    terminal.generate_ac(ARQC)
    assert iad(terminal) == "06018503A01000"


# One flag each: the bit in the three bytes of VIS, and in the six of M/Chip.
BITS = {
    "issuer_authentication_performed": ("000000", "001000000000"),
    "issuer_authentication_failed": ("080000", "000000000400"),
    "issuer_authentication_missing": ("000400", "000000000000"),
    "offline_pin_expected": ("000001", "000000000000"),
    "pin_try_limit_exceeded": ("004000", "000000080000"),
    "pin_claimed": ("000000", "000000010000"),
    "blocked_by_pin": ("000200", "000000000000"),
    "unable_to_go_online": ("010000", "000000400000"),
    "lower_limit_exceeded": ("002000", "000000008000"),
    "upper_limit_exceeded": ("002000", "000000004000"),
    "international_limit_exceeded": ("002000", "000000000000"),
    "cumulative_limit_exceeded": ("002000", "000000002000"),
    "upper_cumulative_limit_exceeded": ("002000", "000000001000"),
    "new_card": ("001000", "000000000000"),
    "dda_performed": ("000002", "008000000000"),
    "cda_first": ("000000", "004000000000"),
    "cda_second": ("000000", "002000000000"),
    "go_online_was_set": ("000000", "000000000800"),
    "script_failed": ("000008", "000000000300"),
    "last_online_not_completed": ("008000", "000000800000"),
    "last_issuer_authentication_failed": ("000800", "000000000400"),
    "last_sda_failed": ("000100", "000000000000"),
    "last_dda_failed": ("000004", "000000000000"),
}


@pytest.mark.parametrize("name", BITS)
def test_each_bit_of_the_results(name: str) -> None:
    plain, flagged = CardResults(AAC), CardResults(AAC, **{name: True})
    vis = bytes(a ^ b for a, b in zip(plain.vis(), flagged.vis(), strict=True))
    mchip = bytes(a ^ b for a, b in zip(plain.mchip(), flagged.mchip(), strict=True))
    assert (vis.hex(), mchip.hex()) == BITS[name]


def test_the_other_bits_of_the_results() -> None:
    assert CardResults(AAC, script_commands=3).vis().hex() == "800030"
    assert CardResults(AAC, script_commands=99).vis().hex() == "8000f0"
    assert CardResults(AAC, script_commands=3, pin_tries=2).mchip().hex() == "800032220200"
    assert CardResults(AAC, is_domestic=False).mchip().hex() == "800000240000"
    good = CardResults(AAC, offline_pin_performed=True, offline_pin_enciphered=True)
    assert (good.vis().hex(), good.mchip().hex()) == ("840000", "870000020000")
    bad = CardResults(AAC, offline_pin_performed=True, offline_pin_failed=True)
    assert (bad.vis().hex(), bad.mchip().hex()) == ("860000", "840000120000")
    types = {(AAC, None): 0x80, (TC, None): 0x90, (ARQC, None): 0xA0, (ARQC, AAC): 0x20, (ARQC, TC): 0x60}
    for (first, second), expected in types.items():
        assert CardResults(first, second).vis()[0] == CardResults(first, second).mchip()[0] == expected
