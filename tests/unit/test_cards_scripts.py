"""Issuer scripts of every scheme, built by pyemv, and what they do to the card."""

from collections.abc import Callable

import pytest
from tillbench.host.cards import CardMemory, CardProfile, VirtualCard, cryptograms
from tillbench.host.cards.memory import ApplicationMemory
from tillbench.protocols.apdu import Response
from tillbench.protocols.emv import tlv

from .cards_terminal import AAC, ARQC, TC, Issuer, Terminal, terminal_for
from .cards_versions import card_of, every_version, profile_of

LIMITS = {
    "lower_offline_limit": 2,
    "upper_offline_limit": 5,
    "cumulative_limit": 10000,
    "upper_cumulative_limit": 20000,
}


class Visit:
    """A card in the terminal after its ARQC, with the issuer on the line. Scripts are for this ARQC."""

    def __init__(self, card: VirtualCard, asked: int = ARQC) -> None:
        self.card = card
        self.terminal = terminal_for(card)
        self.issuer = Issuer(card.profile)
        assert self.terminal.generate_ac(asked).sw == 0x9000
        self.signed = dict(self.terminal.values)

    def script(self, header: str, data: bytes = b"") -> int:
        return self.send(self.issuer.script(self.signed, header, data))

    def send(self, apdu: bytes) -> int:
        return Response.parse(self.card.transmit(apdu)).sw

    def finish(self, arc: bytes = b"00") -> int:
        """Proof and second cryptogram; the type that the card gives."""
        proof = self.issuer.authentication_data(self.signed, arc)
        assert self.terminal.external_authenticate(proof).sw == 0x9000
        self.terminal.values[0x8A] = arc
        assert self.terminal.generate_ac(TC, 0x8D).sw == 0x9000
        return self.terminal.cryptogram_type


def memory_of(card: VirtualCard) -> ApplicationMemory:
    return card.memory.applications[card.profile.applications[0].aid.hex().upper()]


def select(card: VirtualCard) -> int:
    card.reset()
    return Terminal(card.transmit).select(card.profile.applications[0].aid).sw


def test_the_unionpay_script_key_of_a_public_example() -> None:
    key = cryptograms.unionpay_session_key(bytes.fromhex("40BF52BFD9AD67456B078A19011A1391"), bytes.fromhex("0001"))
    assert key.hex().upper() == "85FF218BB721253B726B8F8BFFA4326E"


@every_version
def test_application_block_and_unblock(scheme: str, number: int) -> None:
    card = card_of(scheme, number)
    visit = Visit(card)
    assert visit.script("841E0000") == 0x9000
    assert visit.finish() == AAC  # blocked before its second cryptogram
    assert select(card) == 0x6283
    again = VirtualCard(card.profile, memory=CardMemory.from_dict(card.memory.to_dict()))
    visit = Visit(again)
    assert visit.terminal.cryptogram_type == AAC
    assert visit.script("84180000") == 0x9000  # after an AAC too: how a block is lifted
    assert select(again) == 0x9000
    assert Visit(again).terminal.cryptogram_type == ARQC


@every_version
def test_card_block_is_for_good(scheme: str, number: int) -> None:
    card = card_of(scheme, number)
    visit = Visit(card)
    assert visit.finish() == TC
    assert visit.script("84160000") == 0x9000
    assert select(card) == 0x6A81
    assert select(VirtualCard(card.profile, memory=CardMemory.from_dict(card.memory.to_dict()))) == 0x6A81


@every_version
def test_pin_unblock(scheme: str, number: int) -> None:
    card = card_of(scheme, number)
    terminal = terminal_for(card)
    assert [terminal.verify("9999").sw for _ in range(4)][-1] == 0x6983
    visit = Visit(card)
    assert visit.script("84240000") == 0x9000
    assert terminal_for(card).verify("1234").sw == 0x9000


@every_version
def test_pin_change(scheme: str, number: int) -> None:
    card = card_of(scheme, number)
    terminal_for(card).verify("9999")
    visit = Visit(card)
    assert visit.send(visit.issuer.pin_change(visit.signed, "852741")) == 0x9000
    assert visit.finish() == TC
    later = VirtualCard(card.profile, memory=CardMemory.from_dict(card.memory.to_dict()))
    assert terminal_for(later).verify("1234").sw == 0x63C2
    assert terminal_for(later).verify("852741").sw == 0x9000
    stored = str(later.memory.to_dict()) + repr(later.memory)
    assert "852741" not in stored
    assert "26852741" not in stored


@every_version
def test_pin_change_with_the_current_pin(scheme: str, number: int) -> None:
    card = card_of(scheme, number)
    visit = Visit(card)
    if scheme in ("mastercard", "interac"):
        assert visit.script("84240001", bytes(16)) == 0x6A80  # no such form there
        return
    assert visit.send(visit.issuer.pin_change(visit.signed, "852741", current="4321")) == 0x6A80
    assert visit.send(visit.issuer.pin_change(visit.signed, "852741", current="1234")) == 0x9000
    assert terminal_for(card).verify("852741").sw == 0x9000


def test_no_pin_of_a_script_is_recorded() -> None:
    heard: list[bytes] = []
    card = VirtualCard(profile_of("visa", 10), on_exchange=lambda asked, _given: heard.append(asked))
    visit = Visit(card)
    apdu = visit.issuer.pin_change(visit.signed, "852741")
    assert visit.send(apdu) == 0x9000
    assert heard[-1] == apdu[:5] + bytes(24)


@every_version
def test_put_data_changes_a_limit_and_the_decision(scheme: str, number: int) -> None:
    card = card_of(scheme, number, **LIMITS)
    visit = Visit(card)
    assert visit.terminal.get_data(0x9F58).data.hex().upper() == "9F580102"
    assert visit.script("04DA9F58", b"\x00") == 0x9000
    assert visit.script("04DA9F54", bytes.fromhex("000000000050")) == 0x9000
    assert visit.terminal.get_data(0x9F58).data.hex().upper() == "9F580100"
    assert visit.finish() == TC
    assert visit.terminal.get_data(0x9F54).data.hex().upper() == "9F5406000000000050"
    assert Visit(card, TC).terminal.cryptogram_type == ARQC  # was within the limits, is not any more


def test_put_data_takes_known_objects_in_their_length() -> None:
    card = card_of("unionpay", 1, data_objects={"9F7A": "01", "DF01": "AABBCC"}, **LIMITS)
    visit = Visit(card)
    assert visit.script("04DADF01", bytes.fromhex("112233")) == 0x9000
    assert visit.terminal.get_data(0xDF01).data.hex().upper() == "DF0103112233"
    assert visit.terminal.get_data(0x9F7A).data.hex().upper() == "9F7A0101"
    assert visit.script("04DADF01", b"\x11") == 0x6700
    assert visit.script("04DADF02", b"\x11") == 0x6A88
    assert visit.script("04DA9F36", b"\x00\x00") == 0x6A88  # a counter is nobody's to set
    assert visit.script("04DA9F53", b"\x00") == 0x6A88  # a limit that this card does not have
    assert visit.script("04DA9F5C", bytes.fromhex("00000000005A")) == 0x6A80


@every_version
def test_update_record(scheme: str, number: int) -> None:
    card = card_of(scheme, number)
    visit = Visit(card)
    record = tlv.encode(0x70, tlv.encode(0x5F20, b"NEW/NAME"))
    assert visit.script("04DC010C", record) == 0x9000
    assert visit.terminal.read_record(1, 1).data == record
    assert visit.script("04DC090C", record) == 0x6A83
    assert visit.script("04DC010C", b"\x71" + record[1:]) == 0x6A80
    assert terminal_for(card).values[0x5F20] == b"NEW/NAME"


@every_version
def test_a_false_mac_changes_nothing_and_is_told(scheme: str, number: int) -> None:
    card = card_of(scheme, number)
    visit = Visit(card)
    for spoiled in (0, 2, -1):  # the class, P1, the MAC itself
        apdu = bytearray(visit.issuer.script(visit.signed, "84160000"))
        apdu[spoiled] ^= 0x08 if spoiled == 0 else 0x01
        assert visit.send(bytes(apdu)) == (0x6A86 if spoiled == 2 else 0x6988)
    other = {**visit.signed, 0x9F26: bytes(8)}
    assert visit.send(visit.issuer.script(other, "84160000")) == 0x6988
    assert visit.send(bytes.fromhex("841600000411223344")) in (0x6987, 0x6988)
    assert visit.send(bytes.fromhex("84160000")) == 0x6987
    assert select(card) == 0x9000
    assert memory_of(card).script_failed
    assert memory_of(card).script_commands == 0


def test_a_script_of_another_transaction_is_not_this_ones() -> None:
    card = card_of("visa", 10)
    old = Visit(card)
    replayed = old.issuer.script(old.signed, "841E0000")
    visit = Visit(card)
    assert visit.send(replayed) == 0x6988
    assert select(card) == 0x9000


def test_scripts_need_a_cryptogram_before_them() -> None:
    terminal = terminal_for(card_of("visa", 10))
    assert terminal.send(0x84, 0x1E, 0, 0, bytes(8), None).sw == 0x6985


@pytest.mark.parametrize("header", ["841E0000", "84180000", "84160000", "84240000"])
def test_commands_without_data_take_none(header: str) -> None:
    visit = Visit(card_of("visa", 10))
    assert visit.script(header, b"\x01") == 0x6700


def cvr(profile: CardProfile, terminal: Terminal) -> str:
    iad = terminal.values[0x9F10]
    return (iad[2:8] if profile.scheme == "mastercard" else iad[4:7]).hex().upper()


def test_scripts_are_counted_for_the_next_cvr_and_forgotten_once_it_was_told() -> None:
    for scheme, number, told in (("visa", 10, ("A01020", "A00028", "A00000")), ("mastercard", 16, None)):
        card = card_of(scheme, number, data_objects={"DF01": "00"})
        visit = Visit(card)
        assert visit.script("04DADF01", b"\x01") == 0x9000
        assert visit.script("04DADF01", b"\x02") == 0x9000
        assert memory_of(card).script_commands == 2
        assert visit.finish() == TC
        if told:
            assert cvr(card.profile, visit.terminal)[4:] == "20"  # in the second cryptogram already
        assert visit.script("04DADF01", b"") == 0x6700
        after = Visit(card)
        if told:
            assert cvr(card.profile, after.terminal) == told[1]
        else:
            assert cvr(card.profile, after.terminal)[4:] == "23220300"  # 2 scripts, 3 tries; received and failed
        assert after.finish() == TC
        assert memory_of(card).script_commands == 0
        assert not memory_of(card).script_failed


def test_a_card_status_update_is_carried_out() -> None:
    card = card_of("visa", 0x12)
    checks: tuple[tuple[str, Callable[[], bool]], ...] = (
        ("00900000", lambda: card.memory.pin_tries == 0),
        ("02900000", lambda: card.memory.pin_tries == 2),
        ("0F900000", lambda: card.memory.pin_tries == 3),  # not above its limit
        ("00880000", lambda: memory_of(card).go_online),
        ("00800000", lambda: not memory_of(card).go_online),
        ("00A00000", lambda: memory_of(card).blocked is True),
    )
    for update, check in checks:
        visit = Visit(card)
        proof = visit.issuer.authentication_data(visit.signed, update=update)
        assert visit.terminal.external_authenticate(proof).sw == 0x9000
        visit.terminal.values[0x8A] = b"00"
        visit.terminal.generate_ac(TC, 0x8D)
        assert visit.terminal.cryptogram_type == TC, update
        assert check(), update
    assert select(card) == 0x6283
    blocked = card_of("visa", 0x12)
    visit = Visit(blocked)
    visit.terminal.external_authenticate(visit.issuer.authentication_data(visit.signed, update="00C00000"))
    visit.terminal.values[0x8A] = b"00"
    visit.terminal.generate_ac(TC, 0x8D)
    assert select(blocked) == 0x6A81


def test_a_card_status_update_that_does_not_approve() -> None:
    visit = Visit(card_of("visa", 0x22))
    proof = visit.issuer.authentication_data(visit.signed, update="00000000")
    assert visit.terminal.external_authenticate(proof).sw == 0x9000
    visit.terminal.values[0x8A] = b"00"
    visit.terminal.generate_ac(TC, 0x8D)
    assert visit.terminal.cryptogram_type == AAC


def test_proprietary_data_after_a_card_status_update() -> None:
    for update in ("808000001122", "80800000" + "11" * 8):
        visit = Visit(card_of("visa", 0x12))
        proof = visit.issuer.authentication_data(visit.signed, update=update)
        assert visit.terminal.external_authenticate(proof).sw == 0x9000
        false = Visit(card_of("visa", 0x12))
        proof = false.issuer.authentication_data(false.signed, update=update)
        assert false.terminal.external_authenticate(proof[:-1] + b"\x00").sw == 0x6300
