"""Settlement and batch upload: balanced, unbalanced and repaired, to the fen."""

import pytest
from sqlalchemy import select
from tillbench.host.acquirer import books
from tillbench.host.acquirer.schema import BatchRecord, Settlement

from .acquirer_batch import NOTHING, BatchClient, flags
from .acquirer_flows import Done, Fields
from .acquirer_till import TERMINAL, UNIONPAY_CARD, VISA_CARD, Bench, Chip, Profile

STRIPE = UNIONPAY_CARD


class Day:
    """A client in its first batch."""

    def __init__(self, url: str = "sqlite://") -> None:
        self.bench = Bench(url)
        self.till = BatchClient(self.bench.acquirer.connect())
        self.till.sign_on()
        self.chip = Chip(UNIONPAY_CARD)

    def rows(self, kind: str) -> list[int]:
        return [entry.booked for entry in self.bench.acquirer.ledger.transactions(kind=kind)]

    @property
    def spent(self) -> int:
        return STRIPE.balance - self.bench.acquirer.ledger.balance(STRIPE.pan)

    def settlements(self) -> list[Settlement]:
        with self.bench.acquirer.ledger._session() as session:
            found = list(session.scalars(select(Settlement).order_by(Settlement.id)))
            for each in found:
                assert len(each.totals) in (4, 6)
            return found


@pytest.fixture
def day() -> Day:
    return Day()


def test_a_day_of_everything_balances(day: Day) -> None:
    till, chip = day.till, day.chip
    sale = till.do("sale", chip, 100_00)
    till.do("void", STRIPE, 30_00, till.do("sale", STRIPE, 30_00))
    till.reverse(till.do("sale", STRIPE, 7_77))
    till.do("sale", STRIPE, STRIPE.balance)  # declined
    till.do("refund", STRIPE, 20_00, sale)
    preauth = till.do("preauth", chip, 50_00)
    till.do("completion", STRIPE, 55_00, preauth)
    till.do("completion advice", STRIPE, 1_00, till.do("preauth", chip, 1_00))
    till.do("preauth", chip, 9_00)  # not a debit yet
    till.do("offline sale", STRIPE, 3_00)
    till.do("tip", STRIPE, 11_00, till.do("sale", STRIPE, 10_00), tip=1_00)
    till.do("offline chip sale", chip, 2_00)
    till.do("balance", chip, 0)
    till.do("sale", VISA_CARD, 40_00)
    debits, credits = 100_00 + 55_00 + 1_00 + 3_00 + 11_00 + 2_00, 20_00
    done = till.settle((debits, 6, credits, 1), (40_00, 1, 0, 0))
    assert (done.answer.mti, flags(done)) == ("0510", "11")
    assert 39 not in done.answer
    assert day.spent == debits - credits
    assert till.end_upload(0, balanced=True).code == "00"
    (settlement,) = day.settlements()
    assert (settlement.state, settlement.flag_domestic, settlement.flag_foreign) == ("closed", 1, 1)
    assert day.bench.acquirer.ledger.terminal(TERMINAL).batch == till.batch + 1


@pytest.mark.parametrize(("domestic", "foreign"), [((1, 0, 0, 0), NOTHING), (NOTHING, (0, 1, 0, 0))])
def test_each_side_has_its_own_flag(
    day: Day, domestic: tuple[int, int, int, int], foreign: tuple[int, int, int, int]
) -> None:
    done = day.till.settle(domestic, foreign)
    assert flags(done) == ("21" if foreign == NOTHING else "12")
    assert done.answer.text(48)[:30] == done.request.text(48)[:30]


def test_an_imbalance_is_repaired_by_the_upload(day: Day) -> None:
    """The host has one that the terminal never heard of, lacks one that it refused, and has one at another amount."""
    till = day.till
    agreed = till.do("sale", STRIPE, 10_00)
    till.do("sale", STRIPE, 20_00)  # its answer and its reversal were lost
    gone = till.do("sale", STRIPE, 30_00)
    till.reverse(gone)  # and yet the terminal has it as approved
    chip_sale = till.do("sale", day.chip, 40_00)
    tipped = till.do("sale", STRIPE, 50_00)  # the tip never came
    assert day.spent == 120_00
    done = till.settle((10_00 + 30_00 + 40_00 + 55_00, 4, 0, 0))
    assert flags(done) == "21"
    tipped.request.fields[4] = f"{55_00:012}"
    assert till.upload_details(agreed, gone, tipped).code == "00"
    assert till.upload_chip(chip_sale).code == "00"
    assert till.end_upload(4, balanced=False).code == "00"
    assert day.spent == 135_00
    assert (day.rows("unlisted"), day.rows("claimed"), day.rows("correction")) == ([20_00], [-30_00], [-5_00])
    (settlement,) = day.settlements()
    assert (settlement.state, settlement.repaired) == ("closed", True)
    sides = {(row.counted_by, row.domestic): row.debit_amount for row in settlement.totals}
    assert sides["terminal", True] == sides["repair", True] == 135_00
    assert sides["host", True] == 120_00


def test_an_advice_that_never_came_is_booked_by_the_upload(day: Day) -> None:
    till = day.till
    sale = till.do("sale", STRIPE, 10_00)
    known = till.do("refund", STRIPE, 1_00, sale)
    lost = till.flow("refund", STRIPE, 4_00, sale)
    done = till.settle((10_00, 1, 5_00, 2))
    assert flags(done) == "21"
    till.upload_details(sale)
    assert till.upload_advice(known).answer.fields[37] == known.answer[37]
    uploaded = till.upload_advice(Done(lost, lost))
    assert (uploaded.answer.mti, uploaded.code) == ("0330", "00")
    assert till.upload_advice(Done(lost, lost)).answer == uploaded.answer
    assert till.end_upload(3, balanced=False).code == "00"
    assert day.spent == 5_00
    assert day.settlements()[0].repaired
    assert day.rows("unlisted") == day.rows("claimed") == []


@pytest.mark.parametrize("ended", [True, False], ids=["ended", "abandoned"])
def test_an_advice_in_the_upload_of_a_balanced_batch_is_in_what_the_settlement_came_to(day: Day, ended: bool) -> None:
    till = day.till
    sale = till.do("sale", STRIPE, 10_00)
    lost = till.flow("refund", STRIPE, 4_00, sale)
    assert flags(till.settle((10_00, 1, 0, 0))) == "11"
    assert till.upload_advice(Done(lost, lost)).code == "00"
    if ended:
        assert till.end_upload(1, balanced=True).code == "00"
    else:
        till.sign_on()
        assert flags(till.settle(NOTHING)) == "11"
    assert day.bench.acquirer.ledger.faults() == []
    settlement = day.settlements()[0]
    assert (settlement.state, settlement.repaired) == ("closed", False)
    sides = {(row.counted_by, row.domestic): row.credit_amount for row in settlement.totals}
    assert (sides["terminal", True], sides["host", True], sides["repair", True]) == (0, 0, 4_00)


def test_a_listed_card_that_nobody_knows_stays_a_difference(day: Day) -> None:
    sale = day.till.do("sale", STRIPE, 10_00)
    sale.request.fields[2] = "6299999999999999"
    sale.request.fields[11] = "000999"
    day.till.settle((10_00, 1, 0, 0))
    day.till.upload_details(sale)
    assert day.till.end_upload(1, balanced=True).code == "00"  # balanced: nothing is repaired
    assert day.spent == 10_00
    other = Day()
    sale = other.till.do("sale", STRIPE, 10_00)
    sale.request.fields[2], sale.request.fields[11] = "6299999999999999", "000999"
    other.till.settle((20_00, 2, 0, 0))
    other.till.upload_details(sale)
    assert other.till.end_upload(1, balanced=False).code == "00"
    (settlement,) = other.settlements()
    assert not settlement.repaired
    with other.bench.acquirer.ledger._session() as session:
        assert [each.outcome for each in session.scalars(select(BatchRecord))] == ["unknown"]


def test_failed_chip_transactions_are_listed_and_do_not_count(day: Day) -> None:
    till = day.till
    approved = till.do("sale", day.chip, 10_00)
    failed = till.do("sale", day.chip, 5_00)
    till.reverse(failed, "06")
    till.settle((11_00, 1, 0, 0))
    till.upload_chip(approved)
    till.upload_chip(failed, failed=True)
    assert till.end_upload(2, balanced=False).code == "00"
    assert day.spent == 10_00
    assert day.rows("claimed") == []


def test_the_end_waits_for_every_record(day: Day) -> None:
    till = day.till
    sale = till.do("sale", STRIPE, 10_00)
    till.settle((11_00, 1, 0, 0))
    till.upload_details(sale)
    assert till.end_upload(2, balanced=False).code == "22"
    assert day.settlements()[0].state == "open"
    assert till.end_upload(1, balanced=False).code == "00"


def test_every_repeat_gets_its_first_answer_and_has_no_second_effect(day: Day) -> None:
    till = day.till
    sale = till.do("sale", STRIPE, 10_00)
    till.do("sale", STRIPE, 20_00)
    steps = [
        till.settle((10_00, 1, 0, 0)),
        till.upload_details(sale),
        till.end_upload(1, balanced=False),
    ]
    day.bench.wait(minutes=5)
    for step in steps:
        assert till.again(step).answer == step.answer
    assert day.spent == 10_00
    assert day.rows("unlisted") == [20_00]
    assert len(day.settlements()) == 1


def test_a_settlement_that_was_cut_off_is_begun_again(day: Day) -> None:
    till = day.till
    sale = till.do("sale", STRIPE, 10_00)
    till.settle((11_00, 1, 0, 0))
    till.upload_details(sale)
    assert flags(till.settle((10_00, 1, 0, 0))) == "11"
    assert till.end_upload(0, balanced=True).code == "00"
    assert len(day.settlements()) == 1


def test_what_comes_after_the_totals_belongs_to_the_next_settlement(day: Day) -> None:
    till = day.till
    till.do("sale", STRIPE, 10_00)
    assert flags(till.settle((10_00, 1, 0, 0))) == "11"
    till.do("sale", STRIPE, 20_00)
    till.end_upload(0, balanced=True)
    till.sign_on()
    assert flags(till.settle((20_00, 1, 0, 0))) == "11"


def test_a_sign_on_in_the_middle_leaves_nothing_out(day: Day) -> None:
    till = day.till
    till.do("sale", STRIPE, 10_00)
    till.sign_on()
    till.do("sale", STRIPE, 20_00)
    assert flags(till.settle((30_00, 2, 0, 0))) == "11"


def test_another_batch_than_the_hosts_is_not_comparable(day: Day) -> None:
    day.till.batch += 1
    assert flags(day.till.settle(NOTHING)) == "33"
    assert day.settlements() == []


def test_the_upload_goes_on_after_a_sign_on(day: Day) -> None:
    till = day.till
    sale, batch = till.do("sale", STRIPE, 10_00), till.batch
    till.do("sale", STRIPE, 5_00)
    till.settle((10_00, 1, 0, 0))
    till.sign_on()
    new, till.batch = till.batch, batch
    till.upload_details(sale)
    assert till.end_upload(1, balanced=False).code == "00"
    assert day.spent == 10_00
    assert day.bench.acquirer.ledger.terminal(TERMINAL).batch == new


def test_settled_sales_are_refunded_and_neither_voided_nor_reversed(day: Day) -> None:
    till = day.till
    sale = till.do("sale", STRIPE, 10_00)
    till.settle((10_00, 1, 0, 0))
    till.end_upload(0, balanced=True)
    till.sign_on()
    assert till.do("void", STRIPE, 10_00, sale).code == "22"
    assert till.reverse(sale).code == "22"
    assert till.do("refund", STRIPE, 10_00, sale).code == "00"
    assert flags(till.settle((0, 0, 10_00, 1))) == "11"
    assert day.spent == 0


@pytest.mark.parametrize(
    ("call", "words"),
    [
        ({48: "1" * 61}, "field 48 (totals, details) at byte 7: expected 62 digits, found 61"),
        ({48: None}, "field 48 (totals, details) at byte 7: expected present, found absent"),
    ],
)
def test_totals_that_cannot_be_read_are_30(
    day: Day, call: Fields, words: str, caplog: pytest.LogCaptureFixture
) -> None:
    fields: Fields = {48: "0" * 62, 49: "156", 63: "01 "}
    assert day.till.manage("0500", "201", fields | call).code == "30"
    assert words in caplog.text


def test_details_must_be_as_many_as_they_say(day: Day, caplog: pytest.LogCaptureFixture) -> None:
    day.till.settle(NOTHING)
    assert day.till.manage("0320", "201", {48: "02" + "0" * 40}).code == "30"
    assert "field 48 (totals, details) at byte 7: expected 2 digits and 2 times 40, found 42 digits" in caplog.text


def test_listed_for_no_amount_is_as_good_as_not_listed(day: Day) -> None:
    kept, given_back = day.till.do("sale", STRIPE, 10_00), day.till.do("sale", STRIPE, 7_00)
    day.till.reverse(given_back)
    day.till.settle((1, 1, 0, 0))
    for sale in (kept, given_back):
        sale.request.fields[4] = "0" * 12
        assert day.till.upload_details(sale).code == "00"
    assert day.till.end_upload(2, balanced=False).code == "00"
    assert day.spent == 0
    assert day.bench.acquirer.ledger.faults() == []


@pytest.fixture
def claimed(day: Day) -> Day:
    """Its first batch is over, and the upload had STAN 50, of which the host knew nothing, for 5.00."""
    never_came = day.till.do("sale", STRIPE, 5_00)
    day.till.reverse(never_came)
    never_came.request.fields[11] = "000050"
    day.till.settle((5_00, 1, 0, 0))
    day.till.upload_details(never_came)
    assert day.till.end_upload(1, balanced=False).code == "00"
    assert day.spent == 5_00
    day.till.stan = 49
    return day


def test_an_advice_that_comes_after_its_upload_has_no_second_effect(claimed: Day) -> None:
    till = claimed.till
    late = till.do("offline sale", STRIPE, 5_00)
    (entry,) = claimed.bench.acquirer.ledger.transactions(kind="claimed")
    assert (late.code, late.answer[37]) == ("00", entry.rrn)
    assert till.again(late).answer == late.answer
    assert claimed.spent == 5_00
    till.sign_on()
    assert flags(till.settle(NOTHING)) == "11"


@pytest.mark.parametrize(("card", "amount"), [(STRIPE, 5_01), (VISA_CARD, 5_00)])
def test_another_advice_under_that_trace_number_is_booked(claimed: Day, card: Profile, amount: int) -> None:
    till = claimed.till
    assert till.do("offline sale", card, amount).code == "00"
    (entry,) = claimed.bench.acquirer.ledger.transactions(kind="offline sale")
    assert entry.booked == -amount
    assert claimed.bench.acquirer.ledger.faults() == []


def test_a_trace_number_is_not_repaired_again(claimed: Day) -> None:
    """Its request came later, was another, and the next upload does not have it."""
    till = claimed.till
    assert till.do("offline sale", STRIPE, 7_00).code == "00"
    till.sign_on()
    assert flags(till.settle(NOTHING)) == "21"
    assert till.end_upload(0, balanced=False).code == "00"
    assert [each.repaired for each in claimed.settlements()] == [True, False]
    assert claimed.bench.acquirer.ledger.faults() == []


@pytest.mark.parametrize("few", [0, 3, 50_000], ids=lambda few: f"few is {few}")
def test_each_settlement_takes_in_what_came_since_however_it_is_looked_for(
    day: Day, few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(books, "FEW", few)
    till = day.till
    for number in range(1, 4):
        for _ in range(number):
            till.do("sale", STRIPE, 1_00)
        assert flags(till.settle((number * 1_00, number, 0, 0))) == "11"
        till.end_upload(0, balanced=True)
        assert flags(till.settle(NOTHING)) == "33", "the next batch has not begun"
        till.sign_on()
    assert [each.settlement_id for each in day.bench.acquirer.ledger.transactions()] == [1, 2, 2, 3, 3, 3]


def test_an_upload_without_a_settlement_is_25(day: Day) -> None:
    sale = day.till.do("sale", STRIPE, 10_00)
    assert day.till.upload_details(sale).code == "25"
    assert day.till.end_upload(1, balanced=False).code == "25"
