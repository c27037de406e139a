"""Every financial flow: what it books, what it answers, how it repeats, and its reversal."""

import pytest
from tillbench.host.acquirer import TerminalSetup, reports
from tillbench.host.acquirer.schema import Card, Counter
from tillbench.host.acquirer.schema.base import REFERENCES

from .acquirer_flows import REVERSIBLE, ROWS, Client, Done
from .acquirer_till import MERCHANT, TERMINAL, TMK, UNIONPAY_CARD, VISA_CARD, Bench, Chip

PAN, START = UNIONPAY_CARD.pan, UNIONPAY_CARD.balance
PIN = UNIONPAY_CARD.pin


class Shop:
    """A bench, a client that is signed on, and a chip."""

    def __init__(self, url: str = "sqlite://") -> None:
        self.bench = Bench(url)
        self.client = Client(self.bench.acquirer.connect())
        self.client.sign_on()
        self.chip = Chip(UNIONPAY_CARD)

    @property
    def card(self) -> Card:
        return self.bench.acquirer.ledger.card(PAN)

    @property
    def money(self) -> tuple[int, int, int]:
        """What was booked, what is held, what the purse has."""
        account = self.card.account
        return account.balance - START, account.held, self.card.purse

    def prepared(self, name: str) -> Done | None:
        """The original that a flow needs, if any, approved."""
        first = {
            "void": "sale",
            "refund": "sale",
            "adjustment": "sale",
            "tip": "sale",
            "offline chip refund": "offline chip sale",
            "preauth void": "preauth",
            "completion": "preauth",
            "completion advice": "preauth",
            "completion void": "completion",
            "cash load void": "cash load",
        }.get(name)
        if first is None:
            return None
        return self.good(first)

    def good(self, name: str, amount: int = 100_00) -> Done:
        """A flow with its original, approved."""
        changes: dict[int, str | bytes | None] = {62: VISA_CARD.pan.encode()} if name == "transfer load" else {}
        changed = {"adjustment": 5_00, "tip": 10_00}.get(name, 0)
        original = self.prepared(name)
        if name == "balance":
            amount = 0
        done = self.client.do(name, self.chip, amount + changed, original, tip=changed, changes=changes)
        assert done.code == "00", (name, self.bench.acquirer.journal()[-1].because)
        return done


@pytest.fixture
def shop() -> Shop:
    return Shop()


MOVES = {
    "sale": (-100_00, 0, 0),
    "void": (0, 0, 0),
    "refund": (0, 0, 0),
    "offline chip refund": (0, 0, 0),
    "balance": (0, 0, 0),
    "preauth": (0, 100_00, 0),
    "preauth void": (0, 0, 0),
    "completion": (-100_00, 0, 0),
    "completion advice": (-100_00, 0, 0),
    "completion void": (0, 100_00, 0),
    "offline sale": (-100_00, 0, 0),
    "adjustment": (-105_00, 0, 0),
    "tip": (-110_00, 0, 0),
    "offline chip sale": (-100_00, 0, 0),
    "load": (-100_00, 0, 100_00),
    "cash load": (0, 0, 100_00),
    "transfer load": (-100_00, 0, 0),
    "cash load void": (0, 0, 0),
}


@pytest.mark.parametrize("name", ROWS)
def test_each_flow_moves_what_it_should(shop: Shop, name: str) -> None:
    done = shop.good(name)
    assert shop.money == MOVES[name]
    request, answer = done.request, done.answer
    assert answer.mti == f"{int(request.mti) + 10:04}"
    for number in (2, 3, 4, 11, 25, 41, 42, 49, 60):
        assert answer.fields.get(number) == request.fields.get(number)
    assert {12, 13, 15, 32, 37, 39, 44, 64} <= set(answer.fields)
    assert (38 in answer) == (name in AUTHORISED)


AUTHORISED = (
    *("sale", "preauth", "completion", "completion advice"),
    *("load", "cash load", "transfer load"),
)


@pytest.mark.parametrize("name", ROWS)
def test_a_repeat_has_no_second_effect(shop: Shop, name: str) -> None:
    """An advice gets its first answer, to the second of its clock; a request gets 94."""
    first = shop.good(name)
    money = shop.money
    shop.bench.wait(hours=2)
    again = shop.client.again(first)
    if ROWS[name].mti == "0220":
        assert again.answer == first.answer
    else:
        assert again.code == "94"
    assert shop.money == money


@pytest.mark.parametrize("name", REVERSIBLE)
def test_each_reversal_undoes_its_original_once(shop: Shop, name: str) -> None:
    prepared = shop.prepared(name)
    before = shop.money
    changes: dict[int, str | bytes | None] = {62: VISA_CARD.pan.encode()} if name == "transfer load" else {}
    done = shop.client.do(name, shop.chip, 100_00, prepared, changes=changes)
    assert done.code == "00"
    assert shop.money != before or name == "transfer load"
    reversed_ = shop.client.reverse(done)
    assert reversed_.code == "00"
    assert shop.money == before
    assert shop.client.reverse(done).answer == reversed_.answer
    assert shop.money == before
    assert shop.client.again(done).code == "94"
    if prepared:  # what it had undone is in force again, and can be undone now
        assert shop.client.do(name, shop.chip, 100_00, prepared).code == "00"


@pytest.mark.parametrize("name", REVERSIBLE)
def test_a_request_after_its_own_reversal_is_refused(shop: Shop, name: str) -> None:
    prepared = shop.prepared(name)
    before = shop.money
    changes: dict[int, str | bytes | None] = {62: VISA_CARD.pan.encode()} if name == "transfer load" else {}
    request = shop.client.flow(name, shop.chip, 100_00, prepared, changes=changes)
    late = Done(request, request)
    assert shop.client.reverse(late).code == "25"
    assert shop.client.again(late).code == "22"
    assert shop.money == before


@pytest.mark.parametrize("name", [name for name in ROWS if name not in REVERSIBLE])
def test_what_has_no_reversal_is_not_reversed(shop: Shop, name: str) -> None:
    done = shop.good(name)
    money = shop.money
    assert shop.client.reverse(done).code in ("12", "40")
    assert shop.money == money


def test_balance_is_what_may_be_spent(shop: Shop) -> None:
    shop.good("sale")
    shop.good("preauth")
    done = shop.client.do("balance", shop.chip, 0, pin=PIN)
    assert done.answer[54] == f"0002156C{START - 200_00:012}"
    assert shop.chip.accepts(done.answer.data(55), "00")
    refused = shop.client.do("balance", shop.chip, 0, pin="111111")
    assert refused.code == "55"
    assert 54 not in refused.answer


def test_a_completion_lets_go_of_the_whole_hold(shop: Shop) -> None:
    preauth = shop.good("preauth")
    done = shop.client.do("completion", UNIONPAY_CARD, 60_00, preauth)
    assert (done.code, shop.money) == ("00", (-60_00, 0, 0))


def test_a_completion_may_take_fifteen_percent_more_and_no_fen_above(shop: Shop) -> None:
    preauth = shop.good("preauth")
    assert shop.client.do("completion", UNIONPAY_CARD, 115_01, preauth).code == "64"
    assert shop.money == (0, 100_00, 0)
    assert shop.client.do("completion advice", UNIONPAY_CARD, 115_00, preauth).code == "00"
    assert shop.money == (-115_00, 0, 0)
    assert shop.client.do("completion", UNIONPAY_CARD, 1, preauth).code == "22"


def test_held_money_cannot_be_spent_elsewhere(shop: Shop) -> None:
    shop.client.do("preauth", shop.chip, START - 50)
    assert shop.client.do("sale", shop.chip, 51).code == "51"
    assert shop.client.do("sale", shop.chip, 50).code == "00"


def test_a_preauth_is_completed_at_another_terminal_of_the_merchant(shop: Shop) -> None:
    preauth = shop.good("preauth")
    shop.bench.acquirer.provision([], [TerminalSetup("87654321", MERCHANT, TMK)])
    other = Client(shop.bench.acquirer.connect(), "87654321")
    other.sign_on()
    assert other.do("completion", UNIONPAY_CARD, 100_00, preauth).code == "00"
    assert shop.money == (-100_00, 0, 0)


def test_refunds_add_up_to_the_sale_and_no_further(shop: Shop) -> None:
    sale = shop.good("sale")
    shop.bench.wait(days=40)
    codes = [shop.client.do("refund", UNIONPAY_CARD, amount, sale).code for amount in (60_00, 40_01, 40_00, 1)]
    assert codes == ["00", "64", "00", "64"]
    assert shop.money == (0, 0, 0)
    assert shop.client.do("void", UNIONPAY_CARD, 100_00, sale).code == "22"
    assert shop.client.reverse(sale).code == "22"


def test_a_reference_number_that_came_twice_in_an_hour_names_no_sale(shop: Shop) -> None:
    first, second = shop.good("sale"), shop.good("sale")
    ledger = shop.bench.acquirer.ledger
    with ledger.unit_of_work() as books:
        counter = books.session.get_one(Counter, REFERENCES)
        counter.last = 4_000_000 + int(first.answer.text(37)[6:]) - 1
    again = shop.good("sale")
    assert again.answer[37] == first.answer[37] != second.answer[37]
    assert shop.client.do("refund", UNIONPAY_CARD, 1_00, second).code == "00"
    assert shop.client.do("refund", UNIONPAY_CARD, 1_00, first).code == "25"
    rows = reports.belonging(ledger, first.answer.text(37))
    assert [row["stan"] for row in rows] == [first.request[11], again.request[11]]


def test_a_voided_sale_is_neither_voided_nor_refunded_again(shop: Shop) -> None:
    sale = shop.good("sale")
    assert shop.client.do("void", UNIONPAY_CARD, 100_00, sale).code == "00"
    assert shop.client.do("void", UNIONPAY_CARD, 100_00, sale).code == "22"
    assert shop.client.do("refund", UNIONPAY_CARD, 1, sale).code == "22"
    assert shop.client.reverse(sale).code == "22"
    assert shop.money == (0, 0, 0)


def test_an_adjusted_sale_is_refunded_up_to_its_new_amount(shop: Shop) -> None:
    sale = shop.good("sale")
    assert shop.client.do("adjustment", UNIONPAY_CARD, 95_00, sale).code == "00"
    assert shop.money == (-95_00, 0, 0)
    assert shop.client.do("tip", UNIONPAY_CARD, 105_00, sale, tip=10_00).code == "00"
    assert shop.money == (-105_00, 0, 0)
    assert shop.client.do("void", UNIONPAY_CARD, 100_00, sale).code == "22"
    assert shop.client.do("refund", UNIONPAY_CARD, 105_01, sale).code == "64"
    assert shop.client.do("refund", UNIONPAY_CARD, 105_00, sale).code == "00"
    assert shop.money == (0, 0, 0)


def test_the_purse_pays_first_and_the_account_the_rest(shop: Shop) -> None:
    shop.client.do("load", shop.chip, 30_00)
    assert shop.money == (-30_00, 0, 30_00)
    assert shop.client.do("offline chip sale", shop.chip, 50_00).code == "00"
    assert shop.money == (-50_00, 0, 0)


def test_a_load_that_was_spent_is_reversed_at_the_accounts_cost(shop: Shop) -> None:
    load = shop.client.do("load", shop.chip, 30_00)
    shop.client.do("offline chip sale", shop.chip, 20_00)
    assert shop.client.reverse(load).code == "00"
    assert shop.money == (-20_00, 0, 0)


def test_a_load_for_another_card_fills_its_purse(shop: Shop) -> None:
    shop.good("transfer load")
    assert shop.bench.acquirer.ledger.card(VISA_CARD.pan).purse == 100_00


def test_the_script_result_is_kept_beside_its_transaction(shop: Shop) -> None:
    sale = shop.good("sale")
    first = shop.client.script_notice(sale, b"\x20\x00\x00\x00\x00")
    assert first.answer.mti == "0630"
    assert first.code == "00"
    assert shop.client.again(first).answer == first.answer
    notice = shop.bench.acquirer.ledger.transaction(kind="script notice")
    assert notice.script_result == b"\x20\x00\x00\x00\x00"
    assert notice.original is not None
    assert notice.original.rrn == sale.answer[37]
    lost = shop.client.script_notice(sale, b"\x20", {61: f"000001999999{sale.answer.text(13)}"})
    assert lost.code == "25"


def test_part_of_the_amount_is_approved_when_the_terminal_takes_it(shop: Shop) -> None:
    partial: dict[int, str | bytes | None] = {60: f"22{shop.client.batch:06}000501"}
    shop.client.do("sale", shop.chip, START - 7_00)
    assert shop.client.do("sale", shop.chip, 10_00).code == "51"
    done = shop.client.do("sale", shop.chip, 10_00, changes=partial)
    assert (done.code, done.answer[4]) == ("10", f"{7_00:012}")
    assert shop.chip.accepts(done.answer.data(55), "10")
    assert shop.money == (-START, 0, 0)
    assert shop.client.reverse(done).code == "00"
    assert shop.money == (-START + 7_00, 0, 0)


def test_terminal_of_the_offline_sale_is_named_in_field_62(shop: Shop) -> None:
    sale = shop.good("offline chip sale")
    wrong: dict[int, str | bytes | None] = {62: b"99999999"}
    assert shop.client.do("offline chip refund", UNIONPAY_CARD, 1, sale, changes=wrong).code == "25"
    short: dict[int, str | bytes | None] = {62: TERMINAL[:5].encode()}
    assert shop.client.do("offline chip refund", UNIONPAY_CARD, 1, sale, changes=short).code == "30"
