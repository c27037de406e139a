"""Each command of the card: its answer, its order, and the status word for everything wrong with it."""

import pytest
from tillbench.host.cards import CardMemory, CardProfile, VirtualCard, load_profile
from tillbench.protocols.apdu import Command
from tillbench.protocols.emv import tlv

from .cards_terminal import AAC, ARQC, TC, Issuer, Terminal, terminal_for

PSE = b"1PAY.SYS.DDF01"
UNIONPAY = load_profile("unionpay-debit")
VISA = load_profile("visa-credit")
AID = UNIONPAY.applications[0].aid


def fresh(profile: CardProfile = UNIONPAY) -> Terminal:
    """A terminal with a card that has just been reset, nothing selected."""
    card = VirtualCard(profile)
    card.reset()
    return Terminal(card.transmit)


def sw(terminal: Terminal, apdu: str) -> str:
    """The status word for these bytes."""
    return terminal.transmit(bytes.fromhex(apdu))[-2:].hex().upper()


@pytest.mark.parametrize(
    ("apdu", "expected"),
    [
        ("84A4040005A000000333", "6E00"),  # secure messaging class
        ("80A4040005A000000333", "6E00"),  # SELECT is an interindustry command
        ("00A8000002830000", "6E00"),  # GPO is not
        ("FF00000000", "6E00"),
        ("00880000041122334400", "6D00"),  # INTERNAL AUTHENTICATE
        ("8022000000", "6D00"),
        ("8024000000", "6E00"),  # PIN CHANGE/UNBLOCK without secure messaging
        ("8424010000", "6A86"),
        ("8424000300", "6A86"),
        ("841E000100", "6A86"),
        ("04DC010000", "6A86"),  # SFI 0
        ("00A4000005A000000333", "6A86"),  # SELECT by file id
        ("00A4040105A000000333", "6A86"),
        ("00A40400", "6700"),
        ("00B2010800", "6A86"),  # READ RECORD by identifier
        ("00B2010400", "6A86"),  # SFI 0
        ("00B2010C02AABB", "6700"),  # READ RECORD with data
        ("80A8010002830000", "6A86"),
        ("80AEC000021122", "6A86"),  # reserved cryptogram type
        ("80AE9000021122", "6A86"),  # CDA request
        ("80AE8001021122", "6A86"),
        ("0020000008241234FFFFFFFFFF", "6A86"),
        ("0020008808241234FFFFFFFFFF", "6A86"),  # enciphered PIN
        ("0084000100", "6A86"),
        ("0082010008" + "00" * 8, "6A86"),
        ("00A4040006A000000333", "6700"),  # Lc says more than there is
        ("00", "6700"),
    ],
)
def test_bad_headers_and_lengths(apdu: str, expected: str) -> None:
    assert sw(fresh(), apdu[: len(apdu) // 2 * 2]) == expected


@pytest.mark.parametrize(
    "apdu",
    [
        "00B2010C00",
        "80A8000002830000",
        "80CA9F3600",
        "0020008008241234FFFFFFFFFF",
        "0084000000",
        "0082000008" + "00" * 8,
        "80AE80001D" + "00" * 29,
    ],
)
def test_nothing_but_select_before_a_selection(apdu: str) -> None:
    assert sw(fresh(), apdu) == "6985"


def test_select_the_directory_and_read_it() -> None:
    terminal = fresh(load_profile("multi-app"))
    fci = tlv.parse(terminal.select(PSE).data)
    assert [item.tag for item in tlv.walk(fci)] == [0x6F, 0x84, 0xA5, 0x88, 0x5F2D]
    assert terminal.values[0x88] == b"\x01"
    records = [terminal.read_record(1, number) for number in (1, 2, 3)]
    assert [answer.sw for answer in records] == [0x9000, 0x9000, 0x6A83]
    aids = [tlv.find(tlv.parse(answer.data), 0x4F) for answer in records[:2]]
    assert [item.value.hex().upper() for item in aids if item] == ["A000000333010101", "A000000333010102"]
    assert terminal.read_record(2, 1).sw == 0x6A82
    assert terminal.initiate().sw == 0x6985


def test_select_by_partial_name_and_next() -> None:
    terminal = fresh(load_profile("multi-app"))
    found = [terminal.select(AID[:5])] + [terminal.select(AID[:5], following=True) for _ in range(2)]
    assert [answer.sw for answer in found] == [0x9000, 0x9000, 0x6A82]
    names = [tlv.find(tlv.parse(answer.data), 0x84) for answer in found[:2]]
    assert [item.value[-1] for item in names if item] == [0x01, 0x02]
    assert terminal.select(AID[:5]).data == found[0].data  # "first" starts over
    assert terminal.select(b"\xa0\x00\x00\x00\x04").sw == 0x6A82


def test_a_reset_forgets_the_selection_but_not_the_counters() -> None:
    card = VirtualCard(UNIONPAY)
    terminal = terminal_for(card)
    assert card.reset() == UNIONPAY.atr
    assert terminal.read_record(2, 1).sw == 0x6985
    assert terminal.select(AID[:5], following=True).sw == 0x9000  # "next" after a reset starts at the first
    assert terminal.get_data(0x9F36).data == bytes.fromhex("9F36020001")


def test_special_cards_at_selection() -> None:
    assert fresh(load_profile("unionpay-card-blocked")).select(PSE).sw == 0x6A81
    assert fresh(load_profile("unionpay-no-pse")).select(PSE).sw == 0x6A82
    assert fresh(load_profile("unionpay-no-pse")).select(AID).sw == 0x9000
    blocked = fresh(load_profile("unionpay-app-blocked"))
    answer = blocked.select(AID)
    assert (answer.sw, answer.data[:1]) == (0x6283, b"\x6f")
    assert blocked.initiate().sw == 0x9000
    blocked.read_records()
    blocked.generate_ac(TC)
    assert blocked.cryptogram_type == AAC  # nothing else from a blocked application (Book 3, 6.5.1.1)
    confirm = fresh(load_profile("unionpay-confirm"))
    confirm.select(AID)
    assert confirm.values[0x87] == b"\x81"


def test_get_processing_options_in_both_formats() -> None:
    unionpay, visa = fresh(), fresh(VISA)
    unionpay.select(AID)
    assert unionpay.initiate().data.hex().upper() == "771282021C00940C080101001001020118010400"
    visa.select(VISA.applications[0].aid)
    assert visa.initiate().data.hex().upper() == "800E1C00080101001001020118010400"


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ("8305015600E0F0", "9000"),
        ("83050156E0F0", "6700"),  # template longer than the data
        ("8304015600E0", "6700"),  # shorter than the PDOL
        ("83060156E0F0C800", "6700"),
        ("8300", "6700"),
        ("84050156E0F0C8", "6A80"),
        ("83", "6A80"),
    ],
)
def test_pdol_data_are_checked(data: str, expected: str) -> None:
    terminal = fresh()
    terminal.select(AID)
    raw = Command(0x80, 0xA8, 0, 0, bytes.fromhex(data), 0).build()
    assert terminal.transmit(raw)[-2:].hex().upper() == expected
    assert terminal.get_data(0x9F36).data[-1] == (1 if expected == "9000" else 0)


def test_the_transaction_counter() -> None:
    card = VirtualCard(UNIONPAY, memory=CardMemory.fresh(UNIONPAY.model_copy(update={"atc": 0xFFFE})))
    terminal = Terminal(card.transmit)
    terminal.select(AID)
    assert terminal.initiate().sw == 0x9000
    assert terminal.initiate().sw == 0x6985  # one GPO a selection
    assert terminal.get_data(0x9F36).data.hex().upper() == "9F3602FFFF"
    terminal.select(AID)
    assert terminal.initiate().sw == 0x6985  # the counter is used up


def test_records_only_after_get_processing_options() -> None:
    terminal = fresh()
    terminal.select(AID)
    assert terminal.read_record(2, 1).sw == 0x6985
    terminal.initiate()
    terminal.read_records()
    assert terminal.values[0x5A].hex() == UNIONPAY.pan
    assert terminal.read_record(2, 3).sw == 0x6A83
    assert terminal.read_record(2, 0).sw == 0x6A83
    assert terminal.read_record(4, 1).sw == 0x6A82


def test_mandatory_objects_are_in_the_records() -> None:
    for profile in (UNIONPAY, VISA):
        values = terminal_for(VirtualCard(profile)).values
        assert {0x57, 0x5A, 0x5F20, 0x5F24, 0x5F25, 0x5F28, 0x5F34, 0x8C, 0x8D, 0x8E, 0x9F07, 0x9F08} <= set(values)
        assert {0x9F0D, 0x9F0E, 0x9F0F} <= set(values)
        assert values[0x57].hex().upper().startswith(profile.pan + "D" + profile.expiry)


def test_get_data() -> None:
    terminal = terminal_for(VirtualCard(UNIONPAY))
    assert terminal.get_data(0x9F36).data.hex().upper() == "9F36020001"
    assert terminal.get_data(0x9F13).data.hex().upper() == "9F13020000"
    assert terminal.get_data(0x9F17).data.hex().upper() == "9F170103"
    assert terminal.get_data(0x9F4F).data.hex().upper().startswith("9F4F199A039F2103")
    assert terminal.get_data(0x9F50).sw == 0x6A88
    assert terminal_for(VirtualCard(VISA)).get_data(0x9F4F).sw == 0x6A88  # keeps no log
    without = VirtualCard(VISA.model_copy(update={"offline_pin": False}))
    assert terminal_for(without).get_data(0x9F17).sw == 0x6A88


def test_verify_counts_and_blocks() -> None:
    card = VirtualCard(UNIONPAY)
    terminal = terminal_for(card)
    assert terminal.verify("111111").sw == 0x63C2
    assert terminal.verify("222222").sw == 0x63C1
    assert terminal.verify("123456").sw == 0x9000
    assert terminal.get_data(0x9F17).data[-1] == 3  # a right PIN gives the tries back
    assert [terminal.verify("1").sw for _ in range(2)] == [0x63C2, 0x63C1]
    assert terminal.verify("333333").sw == 0x63C0
    assert terminal.verify("123456").sw == 0x6983
    assert card.memory.pin_tries == 0


def test_verify_at_the_wrong_time_or_length() -> None:
    terminal = fresh()
    terminal.select(AID)
    assert terminal.verify("123456").sw == 0x6985
    terminal = terminal_for(VirtualCard(UNIONPAY))
    assert terminal.send(0x00, 0x20, 0, 0x80, bytes(7), None).sw == 0x6700
    terminal.generate_ac(ARQC)
    assert terminal.verify("123456").sw == 0x6985
    assert terminal_for(VirtualCard(VISA.model_copy(update={"offline_pin": False}))).verify("1234").sw == 0x6985


def test_the_pin_is_not_in_what_the_card_reports() -> None:
    heard: list[tuple[bytes, bytes]] = []
    card = VirtualCard(UNIONPAY, on_exchange=lambda command, answer: heard.append((command, answer)))
    terminal = terminal_for(card)
    terminal.verify("123456")
    assert heard[-1] == (bytes.fromhex("0020008008") + bytes(8), bytes.fromhex("9000"))
    assert len(heard) == len(terminal.apdus)
    assert heard[0][0] == terminal.apdus[0]
    assert all(bytes.fromhex("123456") not in command for command, _answer in heard)


def test_challenges_are_eight_bytes_and_repeat_with_the_card() -> None:
    def challenges() -> list[bytes]:
        terminal = terminal_for(VirtualCard(UNIONPAY))
        return [terminal.send(0x00, 0x84, 0, 0).data for _ in range(3)]

    first = challenges()
    assert first == challenges()
    assert len(set(first)) == 3
    assert {len(challenge) for challenge in first} == {8}


def test_external_authenticate() -> None:
    card = VirtualCard(UNIONPAY)
    terminal = terminal_for(card)
    assert terminal.external_authenticate(bytes(10)).sw == 0x6985  # no ARQC yet
    terminal.generate_ac(ARQC)
    proof = Issuer(UNIONPAY).authentication_data(terminal.values)
    assert terminal.external_authenticate(proof[:7]).sw == 0x6700
    assert terminal.external_authenticate(proof + bytes(7)).sw == 0x6700
    assert terminal.external_authenticate(proof).sw == 0x9000
    assert terminal.external_authenticate(proof).sw == 0x6985  # once a transaction


@pytest.mark.parametrize("name", ["unionpay-debit", "visa-credit"])
def test_forged_issuer_data_fail(name: str) -> None:
    profile = load_profile(name)
    terminal = terminal_for(VirtualCard(profile))
    terminal.generate_ac(ARQC)
    proof = bytearray(Issuer(profile).authentication_data(terminal.values))
    proof[7] ^= 0x01
    assert terminal.external_authenticate(bytes(proof)).sw == 0x6300
    again = terminal_for(VirtualCard(profile))
    again.generate_ac(ARQC)
    proof = bytearray(Issuer(profile).authentication_data(again.values))
    proof[9] ^= 0x01  # another response code than the ARPC was made for
    assert again.external_authenticate(bytes(proof)).sw == 0x6300
    short = terminal_for(VirtualCard(profile))
    short.generate_ac(ARQC)
    assert short.external_authenticate(Issuer(profile).authentication_data(short.values)[:8]).sw == 0x6300


def test_external_authenticate_on_a_card_that_takes_its_proof_in_cdol2() -> None:
    profile = load_profile("visa-cdol2")
    terminal = terminal_for(VirtualCard(profile))
    assert terminal.values[0x82][0] & 0x04 == 0
    terminal.generate_ac(ARQC)
    assert terminal.external_authenticate(Issuer(profile).authentication_data(terminal.values)).sw == 0x6985


def test_generate_ac_order_and_lengths() -> None:
    terminal = fresh()
    terminal.select(AID)
    assert terminal.send(0x80, 0xAE, ARQC, 0, bytes(52)).sw == 0x6985  # before GPO
    terminal.initiate()
    terminal.read_records()
    assert terminal.send(0x80, 0xAE, ARQC, 0, bytes(51)).sw == 0x6700
    assert terminal.send(0x80, 0xAE, ARQC, 0, b"").sw == 0x6700
    assert terminal.generate_ac(ARQC).sw == 0x9000
    assert terminal.generate_ac(ARQC, 0x8D).sw == 0x6A86  # no second ARQC
    assert terminal.generate_ac(TC, 0x8C).sw == 0x6700  # CDOL1 where CDOL2 is due
    assert terminal.generate_ac(AAC, 0x8D).sw == 0x9000
    assert terminal.generate_ac(AAC, 0x8D).sw == 0x6985  # the transaction is over
    assert terminal.read_record(2, 1).sw == 0x9000  # its records may still be read
