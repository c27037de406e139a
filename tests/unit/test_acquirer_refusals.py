"""Every flow refuses what does not fit: no original, another card, amount or state, a missing field, a wrong key."""

import pytest

from .acquirer_flows import ROWS, Fields
from .acquirer_till import UNIONPAY_CARD, VISA_CARD, Profile
from .test_acquirer_flows import Shop

FOLLOWING = ("void", "refund", "preauth void", "completion", "completion advice", "completion void", "adjustment")
SECURED = [name for name, row in ROWS.items() if row.mti in ("0100", "0200")]


@pytest.fixture
def shop() -> Shop:
    return Shop()


@pytest.mark.parametrize("name", FOLLOWING)
def test_without_an_original_is_25(shop: Shop, name: str) -> None:
    none: Fields = {37: "632714999999", 38: "999999", 61: f"000001999999{1123}"}
    original = shop.prepared(name)
    money = shop.money
    assert shop.client.do(name, UNIONPAY_CARD, 100_00, original, changes=none).code == "25"
    assert shop.money == money


@pytest.mark.parametrize("name", FOLLOWING)
def test_another_card_than_the_originals_is_refused(shop: Shop, name: str) -> None:
    original = shop.prepared(name)
    money = shop.money
    done = shop.client.do(name, VISA_CARD, 100_00, original)
    assert done.code == ("25" if name in ("preauth void", "completion", "completion advice") else "22")
    assert shop.money == money
    assert shop.bench.acquirer.ledger.balance(VISA_CARD.pan) == VISA_CARD.balance


@pytest.mark.parametrize("name", ["void", "preauth void", "completion void"])
def test_a_void_is_of_the_whole_amount(shop: Shop, name: str) -> None:
    original = shop.prepared(name)
    money = shop.money
    assert [shop.client.do(name, UNIONPAY_CARD, amount, original).code for amount in (99_99, 100_01)] == ["64", "64"]
    assert shop.money == money


@pytest.mark.parametrize(
    ("name", "original"),
    [("void", "preauth"), ("void", "offline sale"), ("refund", "preauth"), ("completion void", "sale")],
)
def test_an_original_of_another_kind_is_22(shop: Shop, name: str, original: str) -> None:
    first = shop.good(original)
    money = shop.money
    assert shop.client.do(name, UNIONPAY_CARD, 100_00, first, changes=lent(first.answer.text(38))).code == "22"
    assert shop.money == money


def lent(code: str) -> Fields:
    """An authorisation code, for a row that needs one, where the original had none."""
    return {38: code} if code else {38: None}


def test_a_completion_by_advice_is_not_voided(shop: Shop) -> None:
    advice = shop.good("completion advice")
    assert shop.client.do("completion void", UNIONPAY_CARD, 100_00, advice).code == "22"


def test_a_declined_original_is_22(shop: Shop) -> None:
    sale = shop.client.do("sale", shop.chip, UNIONPAY_CARD.balance + 1)
    assert sale.code == "51"
    assert shop.client.do("void", UNIONPAY_CARD, UNIONPAY_CARD.balance + 1, sale).code == "22"


@pytest.mark.parametrize(("number", "wrong"), [(37, "632714999999"), (38, "999999"), (61, "1122")])
def test_what_is_said_of_an_original_must_be_so(shop: Shop, number: int, wrong: str) -> None:
    sale = shop.good("sale")
    said = shop.client.flow("void", UNIONPAY_CARD, 100_00, sale).text(61)
    value = said[:12] + wrong if number == 61 else wrong
    assert shop.client.do("void", UNIONPAY_CARD, 100_00, sale, changes={number: value}).code == "22"
    assert shop.client.do("void", UNIONPAY_CARD, 100_00, sale, changes={61: said[:12]}).code == "00"


def test_a_preauth_cannot_be_completed_when_voided_or_run_out(shop: Shop) -> None:
    voided, late = shop.good("preauth"), shop.good("preauth")
    assert shop.client.do("preauth void", UNIONPAY_CARD, 100_00, voided).code == "00"
    assert shop.client.do("completion", UNIONPAY_CARD, 100_00, voided).code == "22"
    assert shop.client.do("preauth void", UNIONPAY_CARD, 100_00, voided).code == "22"
    shop.bench.wait(days=31)
    assert shop.client.do("completion", UNIONPAY_CARD, 100_00, late).code == "22"
    assert shop.client.do("preauth void", UNIONPAY_CARD, 100_00, late).code == "00"
    assert shop.money == (0, 0, 0)


def test_a_completed_preauth_is_neither_voided_nor_reversed(shop: Shop) -> None:
    preauth = shop.good("preauth")
    completion = shop.client.do("completion", UNIONPAY_CARD, 100_00, preauth)
    assert shop.client.do("preauth void", UNIONPAY_CARD, 100_00, preauth).code == "22"
    assert shop.client.reverse(preauth).code == "22"
    assert shop.client.do("completion void", UNIONPAY_CARD, 100_00, completion).code == "00"
    assert shop.client.do("preauth void", UNIONPAY_CARD, 100_00, preauth).code == "00"
    assert shop.money == (0, 0, 0)


@pytest.mark.parametrize(
    ("name", "amount", "tip", "code"),
    [
        ("tip", 110_01, 10_01, "61"),
        ("tip", 105_00, 4_99, "64"),
        ("adjustment", 110_01, 0, "61"),
        ("adjustment", 100_00, 0, "13"),
    ],
)
def test_tips_and_adjustments_have_limits(shop: Shop, name: str, amount: int, tip: int, code: str) -> None:
    sale = shop.good("sale")
    assert shop.client.do(name, UNIONPAY_CARD, amount, sale, tip=tip).code == code
    assert shop.money == (-100_00, 0, 0)


@pytest.mark.parametrize("name", ["offline sale", "completion advice"])
def test_an_advice_of_what_cannot_be_paid_is_51(shop: Shop, name: str) -> None:
    original = shop.prepared(name)
    left = UNIONPAY_CARD.balance - (100_00 if original else 0)
    shop.client.do("sale", shop.chip, left)
    assert shop.client.do(name, UNIONPAY_CARD, 100_01, original).code == "51"


def test_a_certificate_is_taken_once_and_only_a_certificate(shop: Shop) -> None:
    first = shop.good("offline chip sale")
    shop.chip.atc -= 1
    assert shop.client.do("offline chip sale", shop.chip, 100_00).code == "94"
    request = shop.client.flow("offline chip sale", shop.chip, 5_00)
    shop.chip.cid = 0x80
    request.fields[55] = shop.chip.field_55(5_00)
    assert shop.client.ask(request)[39] == "05"
    shop.chip.spoil = True
    assert shop.client.do("offline chip sale", shop.chip, 5_00).code == "05"
    assert shop.money == (-100_00, 0, 0)
    assert first.code == "00"


@pytest.mark.parametrize("name", SECURED)
def test_a_wrong_mac_moves_nothing(shop: Shop, name: str) -> None:
    original = shop.prepared(name)
    money = shop.money
    changes: Fields = {64: b"00000000", 62: VISA_CARD.pan.encode() if name == "transfer load" else None}
    assert shop.client.do(name, shop.chip, 100_00, original, changes=changes).code == "A0"
    assert shop.money == money


@pytest.mark.parametrize("name", ROWS)
def test_every_field_that_a_row_demands_is_named_when_it_is_missing(
    shop: Shop, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    original = shop.prepared(name)
    money = shop.money
    for number in ROWS[name].more:
        done = shop.client.do(name, shop.chip, 100_00, original, changes={number: None})
        assert done.code == "30"
        assert f"field {number} (" in caplog.messages[-1]
        assert "expected present, found absent" in caplog.messages[-1]
    assert shop.money == money


@pytest.mark.parametrize("name", ["void", "completion", "preauth void"])
def test_a_pin_where_one_is_entered_must_be_right(shop: Shop, name: str) -> None:
    original = shop.prepared(name)
    assert shop.client.do(name, UNIONPAY_CARD, 100_00, original, pin="000000").code == "55"
    assert shop.client.do(name, UNIONPAY_CARD, 100_00, original, pin=UNIONPAY_CARD.pin).code == "00"


def test_a_card_that_pays_no_more_may_still_be_refunded(shop: Shop) -> None:
    sale = shop.good("sale")
    shop.bench.acquirer.provision([Profile(status="stolen")], [])
    assert shop.client.do("sale", shop.chip, 1).code == "43"
    assert shop.client.do("offline sale", UNIONPAY_CARD, 1).code == "43"
    assert shop.client.do("refund", UNIONPAY_CARD, 100_00, sale).code == "00"


def test_a_purse_that_was_spent_cannot_be_given_back_as_cash(shop: Shop) -> None:
    load = shop.good("cash load")
    shop.client.do("offline chip sale", shop.chip, 1)
    assert shop.client.do("cash load void", UNIONPAY_CARD, 100_00, load).code == "51"
