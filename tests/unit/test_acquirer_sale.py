"""Sale: every answer the issuer can give, what it books, and what the answer carries."""

import logging

import psec
import pytest
from tillbench.host.acquirer.institution import Institution

from .acquirer_till import TERMINAL, UNIONPAY_CARD, VISA_CARD, Bench, Chip, Profile, quiet

START = UNIONPAY_CARD.balance


@pytest.mark.parametrize("profile", [UNIONPAY_CARD, VISA_CARD], ids=["unionpay", "visa"])
def test_approved_sale_debits_and_proves_itself_to_the_card(profile: Profile) -> None:
    bench = Bench()
    till, chip = bench.till(), Chip(profile)
    request = till.sale_message(chip, 12_34, pin=profile.pin)
    answer = till.ask(request)
    assert answer[39] == "00"
    assert {number: answer[number] for number in (2, 3, 4, 11, 14, 23, 25, 41, 42, 49, 60)} == {
        number: request[number] for number in (2, 3, 4, 11, 14, 23, 25, 41, 42, 49, 60)
    }
    assert (answer[12], answer[13], answer[15]) == ("140509", "1123", "1123")
    assert answer[32] == "48020000"
    assert answer[44] == "01020000   48020000   "
    assert chip.accepts(answer.data(55), "00")
    assert 64 in answer
    entry = bench.acquirer.ledger.transaction(kind="sale", terminal_id=TERMINAL, batch=till.batch, stan=till.stan)
    assert (entry.rrn, entry.authorisation_code) == (answer[37], answer[38])
    assert (entry.amount, entry.booked, entry.currency, entry.response_code) == (12_34, -12_34, "156", "00")
    assert bench.acquirer.ledger.balance(profile.pan) == profile.balance - 12_34


def test_the_whole_balance_may_be_spent_and_not_a_fen_more() -> None:
    bench = Bench()
    till, chip = bench.till(), Chip(UNIONPAY_CARD)
    assert till.sale(chip, START)[39] == "00"
    assert bench.acquirer.ledger.balance(UNIONPAY_CARD.pan) == 0
    assert till.sale(chip, 1)[39] == "51"


def declined(bench: Bench, profile: Profile, **sale: object) -> str:
    """Send one sale that must book nothing; return its response code."""
    till, chip = bench.till(), Chip(profile)
    answer = till.sale(chip, **{"amount": 1_000, **sale})  # type: ignore[arg-type]  # values of its own fields
    assert 38 not in answer
    for entry in bench.acquirer.ledger.transactions():
        assert (entry.booked, entry.response_code) == (0, answer[39])
    return answer.text(39)


@pytest.mark.parametrize(
    ("profile", "code"),
    [
        (Profile(balance=999), "51"),
        (Profile(expiry="2610"), "54"),
        (Profile(status="blocked"), "05"),
        (Profile(status="lost"), "41"),
        (Profile(status="stolen"), "43"),
        (Profile(enrolled=False), "14"),
        (Profile(currency="0840"), "12"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_declined_by_account_and_card(profile: Profile, code: str) -> None:
    bench = Bench(cards=(profile,))
    assert declined(bench, profile) == code
    if profile.enrolled:
        assert bench.acquirer.ledger.balance(profile.pan) == profile.balance


def test_a_card_is_good_to_the_end_of_its_month() -> None:
    profile = Profile(expiry="2611")
    bench = Bench(cards=(profile,))
    till, chip = bench.till(), Chip(profile)
    assert till.sale(chip, 100)[39] == "00"
    bench.wait(days=8)
    assert till.sale(chip, 100)[39] == "54"


def test_expiry_sent_must_be_the_cards() -> None:
    assert declined(Bench(), UNIONPAY_CARD, changes={14: "3112"}) == "54"


def test_decline_carries_an_arpc_over_the_code_sent() -> None:
    bench = Bench(cards=(Profile(balance=0),))
    till, chip = bench.till(), Chip(Profile())
    answer = till.sale(chip, 100)
    assert answer[39] == "51"
    assert chip.accepts(answer.data(55), "51")
    assert not chip.accepts(answer.data(55), "00")


def test_wrong_pin_counts_and_75_after_the_limit() -> None:
    bench = Bench()
    till, chip = bench.till(), Chip(UNIONPAY_CARD)
    codes = [till.sale(chip, 100, pin="111111")[39] for _ in range(4)]
    assert codes == ["55", "55", "55", "75"]
    assert till.sale(chip, 100, pin=UNIONPAY_CARD.pin)[39] == "75"
    assert bench.acquirer.ledger.balance(UNIONPAY_CARD.pan) == START


def test_right_pin_resets_the_tries() -> None:
    till, chip = Bench().till(), Chip(UNIONPAY_CARD)
    codes = [till.sale(chip, 100, pin=pin)[39] for pin in ("111111", "222222", "123456", "111111", "111111", "123456")]
    assert codes == ["55", "55", "00", "55", "55", "00"]


def test_pin_block_under_a_wrong_key_is_99_and_costs_no_try() -> None:
    bench = Bench()
    till, chip = bench.till(), Chip(UNIONPAY_CARD)
    with quiet():
        block = psec.des.encrypt_tdes_ecb(
            bytes(range(16)), psec.pinblock.encode_pinblock_iso_0("123456", chip.profile.pan)
        )
    answer = till.sale(chip, 100, changes={22: "051", 26: "12", 52: block, 53: "2600000000000000"})
    assert answer[39] == "99"
    assert bench.acquirer.ledger.card(chip.profile.pan).pin_tries_left == 3


@pytest.mark.parametrize(
    ("chip", "because"),
    [
        (Chip(UNIONPAY_CARD, spoil=True), "wrong cryptogram"),
        (Chip(UNIONPAY_CARD, replace={0x9F36: b"\x7f\xff"}), "wrong cryptogram"),
        (Chip(UNIONPAY_CARD, replace={0x9F02: bytes(5) + b"\x01"}), "wrong cryptogram: none of "),
        (Chip(UNIONPAY_CARD, replace={0x9C: b"\x01"}), "wrong cryptogram: 9C (Transaction Type): the card signed 00"),
        (Chip(UNIONPAY_CARD, replace={0x9F10: bytes.fromhex("070177 03A040020101")}), "cryptogram version"),
        (Chip(UNIONPAY_CARD, cid=0x40), "not a request to go online"),
        (Chip(Profile(pan=UNIONPAY_CARD.pan, imk_ac="00" * 16)), "wrong cryptogram"),
    ],
    ids=["cryptogram", "counter", "amount", "type", "version", "tc", "key"],
)
def test_false_chip_is_05_without_an_arpc(chip: Chip, because: str) -> None:
    bench = Bench()
    answer = bench.till().sale(chip, 1_000)
    assert answer[39] == "05"
    assert 55 not in answer
    assert because in bench.acquirer.expect("0200", code="05").because
    assert bench.acquirer.ledger.card(UNIONPAY_CARD.pan).last_atc == 0


def test_counter_must_rise() -> None:
    bench = Bench()
    till, chip = bench.till(), Chip(UNIONPAY_CARD)
    assert till.sale(chip, 100)[39] == "00"
    chip.atc -= 1  # the same cryptogram once more, under a new trace number
    assert till.sale(chip, 100)[39] == "05"
    assert bench.acquirer.ledger.balance(UNIONPAY_CARD.pan) == START - 100


def test_chip_must_have_signed_the_amount_of_field_4() -> None:
    assert declined(Bench(), UNIONPAY_CARD, amount=100, changes={4: "000000000001"}) == "05"


def test_wrong_mac_is_a0_and_nothing_is_booked() -> None:
    bench = Bench()
    till, chip = bench.till(), Chip(UNIONPAY_CARD)
    request = till.sale_message(chip, 100, pin="111111", changes={64: b"00000000"})
    assert till.ask(request)[39] == "A0"
    assert till.answer_frame.processing_request == 3
    assert bench.acquirer.ledger.transactions() == []
    assert bench.acquirer.ledger.card(UNIONPAY_CARD.pan).pin_tries_left == 3
    request.fields[64] = bytes(8)
    assert till.ask(request)[39] == "55"  # the trace number was not used up


def test_mac_covers_every_byte() -> None:
    bench = Bench()
    till, chip = bench.till(), Chip(UNIONPAY_CARD)
    body = till.body(till.sale_message(chip, 100))
    till.ask(till.sale_message(chip, 100, changes={64: body[-8:]}))
    assert bench.acquirer.journal()[-1].code == "A0"


def test_repeated_sale_is_94_and_books_once() -> None:
    bench = Bench()
    till, chip = bench.till(), Chip(UNIONPAY_CARD)
    request = till.sale_message(chip, 100)
    assert till.ask(request)[39] == "00"
    assert till.ask(request)[39] == "94"
    assert len(bench.acquirer.ledger.transactions()) == 1
    assert bench.acquirer.ledger.balance(UNIONPAY_CARD.pan) == START - 100


def test_repeated_declined_sale_is_94_too() -> None:
    till, chip = Bench(cards=(Profile(balance=0),)).till(), Chip(UNIONPAY_CARD)
    request = till.sale_message(chip, 100)
    assert [till.ask(request)[39] for _ in range(2)] == ["51", "94"]


def test_trace_numbers_start_anew_with_a_batch() -> None:
    till, chip = Bench().till(), Chip(UNIONPAY_CARD)
    till.stan = 100
    assert till.sale(chip, 100)[39] == "00"
    till.sign_on()
    till.stan = 100
    assert till.sale(chip, 100)[39] == "00"


def test_other_batch_than_the_hosts_is_77() -> None:
    bench = Bench()
    till, chip = bench.till(), Chip(UNIONPAY_CARD)
    till.batch += 1
    assert till.sale(chip, 100)[39] == "77"
    assert till.answer_frame.processing_request == 3
    assert bench.acquirer.ledger.transactions() == []


def test_amount_zero_is_13() -> None:
    bench = Bench()
    assert bench.till().sale(Chip(UNIONPAY_CARD), 0)[39] == "13"
    assert bench.acquirer.ledger.transactions() == []


@pytest.mark.parametrize(
    ("changes", "code"),
    [({3: "310000"}, "40"), ({25: "06"}, "40"), ({60: "25000001000"}, "40")],
    ids=["processing code", "condition", "type"],
)
def test_business_not_done_here(changes: dict[int, str | bytes | None], code: str) -> None:
    bench = Bench()
    assert bench.till().sale(Chip(UNIONPAY_CARD), 100, changes=changes)[39] == code
    assert bench.acquirer.ledger.transactions() == []


def test_unknown_message_type_is_12() -> None:
    till = Bench().till()
    assert till.ask(till.message("0600", {11: "000009", 60: "00000001201"}))[39] == "12"


def test_reference_numbers_are_unique_and_repeatable() -> None:
    def numbers() -> list[tuple[object, object]]:
        till, chip = Bench().till(), Chip(UNIONPAY_CARD)
        return [(answer[37], answer[38]) for answer in (till.sale(chip, 10) for _ in range(20))]

    first = numbers()
    assert first == numbers()
    assert len({rrn for rrn, _ in first}) == len({code for _, code in first}) == 20
    assert first[0][0] == "632714000002"  # year 6, day 327, hour 14, the second reference of these books


def test_pan_from_track_2_when_field_2_is_absent() -> None:
    bench = Bench()
    assert bench.till().sale(Chip(UNIONPAY_CARD), 100, changes={2: None})[39] == "00"
    assert bench.acquirer.ledger.balance(UNIONPAY_CARD.pan) == START - 100


def test_each_sale_is_one_log_line_without_secrets(caplog: pytest.LogCaptureFixture) -> None:
    bench = Bench()
    till, chip = bench.till(), Chip(UNIONPAY_CARD)
    with caplog.at_level(logging.DEBUG):
        till.sale(chip, 12_34, pin="123456")
        till.sale(chip, 12_34, pin="654321")
    lines = [record.getMessage() for record in caplog.records if record.name == "tillbench.acquirer"]
    assert lines == [
        "12345678 000002 0200 620000******0005 12.34 -> 00",
        "12345678 000003 0200 620000******0005 12.34 -> 55 wrong PIN, 2 tries left",
    ]


def test_field_63_tells_the_card_organisation_and_remarks() -> None:
    bench = Bench()
    till = bench.till()
    answers = [till.sale(Chip(card), 100) for card in (UNIONPAY_CARD, VISA_CARD, Profile(pan="6200009999999999"))]
    assert [answer.text(63) for answer in answers] == ["CUP", "VIS", ""]
    assert Institution(remarks=("", "Switch", "Call us")).card_organisation("CUP") == (
        "CUP" + 20 * " " + "Switch".ljust(20) + "Call us".ljust(20)
    )
