"""Whole transactions, with the reference terminal at APDU level and through T=0, and the issuer's oracle."""

import pytest
from tillbench.host.cards import CardProfile, T0Card, T0Options, VirtualCard, load_profile, profile_names

from .cards_terminal import ARQC, TC, Issuer, T0Reader, Terminal
from .cards_versions import sound_names

PSE = b"1PAY.SYS.DDF01"
DENIED = ("unionpay-app-blocked", "unionpay-card-blocked")  # never reach GENERATE AC
DECLINED = {"visa-decline-1gac": 0x00}


def sale(terminal: Terminal, profile: CardProfile) -> None:
    """Directory, application, records, ARQC, issuer's answer, second cryptogram."""
    issuer = Issuer(profile)
    assert terminal.select(PSE).sw == 0x9000
    assert terminal.read_record(1, 1).sw == 0x9000
    terminal.start(terminal.values[0x4F])
    assert terminal.values[0x84] == profile.applications[0].aid
    assert terminal.generate_ac(ARQC).sw == 0x9000
    assert terminal.cryptogram_type == ARQC
    assert terminal.values[0x9F26] == issuer.cryptogram(terminal.values)
    proof = issuer.authentication_data(terminal.values)
    terminal.values |= {0x8A: b"00", 0x91: proof}
    if terminal.values[0x82][0] & 0x04:
        assert terminal.external_authenticate(proof).sw == 0x9000
    assert terminal.generate_ac(TC, 0x8D).sw == 0x9000
    assert terminal.values[0x9F26] == issuer.cryptogram(terminal.values)


@pytest.mark.parametrize("name", ["unionpay-debit", "visa-credit", "visa-cdol2", "multi-app"])
def test_approved_online_at_apdu_level(name: str) -> None:
    card = VirtualCard(load_profile(name))
    assert card.reset() == bytes.fromhex("3B600000")
    terminal = Terminal(card.transmit)
    sale(terminal, card.profile)
    assert terminal.cryptogram_type == TC
    assert terminal.cvr == "03601000"  # second TC, first ARQC, a new card until this moment


@pytest.mark.parametrize(
    "options",
    [T0Options(), T0Options(null_bytes=3), T0Options(one_by_one=True), T0Options(one_by_one=True, null_bytes=1)],
    ids=["plain", "null", "single", "single-null"],
)
@pytest.mark.parametrize("name", ["unionpay-debit", "visa-credit"])
def test_the_same_transaction_through_t0(name: str, options: T0Options) -> None:
    profile = load_profile(name)
    at_apdu_level = Terminal(VirtualCard(profile).transmit)
    sale(at_apdu_level, profile)
    reader = T0Reader(T0Card(VirtualCard(profile), options))
    reader.card.reset()
    through_t0 = Terminal(reader.transmit)
    sale(through_t0, profile)
    assert through_t0.values == at_apdu_level.values
    assert reader.card.card.apdu_count == len(through_t0.apdus)


def test_a_blocked_application_warns_through_t0_as_it_does_at_apdu_level() -> None:
    profile = load_profile("unionpay-app-blocked")
    reader = T0Reader(T0Card(VirtualCard(profile)))
    answer = Terminal(reader.transmit).select(profile.applications[0].aid)
    assert answer.sw == 0x6283
    assert answer == Terminal(VirtualCard(profile).transmit).select(profile.applications[0].aid)


@pytest.mark.one_in(3)
@pytest.mark.parametrize("name", [*profile_names(), *sound_names("lab")])
def test_every_shipped_card_gives_the_cryptogram_its_issuer_expects(name: str) -> None:
    card = VirtualCard(load_profile(name))
    card.reset()
    terminal = Terminal(card.transmit)
    aid = card.profile.applications[0].aid
    selected = terminal.select(aid).sw
    if name in DENIED:
        assert selected in (0x6283, 0x6A81)
        assert terminal.initiate().sw == (0x9000 if selected == 0x6283 else 0x6985)
        return
    terminal.start(aid)
    assert terminal.values[0x5A].hex().rstrip("f") == card.profile.pan
    assert terminal.generate_ac(ARQC).sw == 0x9000
    assert terminal.cryptogram_type == DECLINED.get(name, ARQC)
    assert terminal.values[0x9F26] == Issuer(card.profile).cryptogram(terminal.values)
