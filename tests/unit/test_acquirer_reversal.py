"""Reversals: once, whatever the order in which things arrive."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tillbench.host.acquirer import TerminalSetup

from tests.sample import examples

from .acquirer_till import MERCHANT, TMK, UNIONPAY_CARD, Bench, Chip, Profile, Till

PAN = UNIONPAY_CARD.pan
START = UNIONPAY_CARD.balance


def test_reversal_restores_the_balance_and_links_to_its_original() -> None:
    bench = Bench()
    till = bench.till()
    sale = till.sale_message(Chip(UNIONPAY_CARD), 5_00)
    till.ask(sale)
    answer = till.ask(till.reversal_message(sale))
    assert (answer.mti, answer[39], answer[11], answer[3]) == ("0410", "00", sale[11], sale[3])
    assert 38 not in answer
    ledger = bench.acquirer.ledger
    original = ledger.transaction(kind="sale")
    reversal = ledger.reversal_of(original)
    assert reversal is not None
    assert (reversal.booked, reversal.reason, reversal.rrn) == (5_00, "98", answer[37])
    assert reversal.original is not None
    assert reversal.original.id == original.id
    assert ledger.balance(PAN) == START


def test_a_sale_not_reversed_has_no_reversal() -> None:
    bench = Bench()
    bench.till().sale(Chip(UNIONPAY_CARD), 5_00)
    assert bench.acquirer.ledger.reversal_of(bench.acquirer.ledger.transaction(kind="sale")) is None


def test_repeated_reversal_gets_its_first_answer_and_no_second_effect() -> None:
    bench = Bench()
    till = bench.till()
    sale = till.sale_message(Chip(UNIONPAY_CARD), 5_00)
    till.ask(sale)
    first = till.ask(till.reversal_message(sale))
    bench.wait(hours=3)
    again = till.ask(till.reversal_message(sale, {39: "06"}))
    assert again == first  # to the second of fields 12 and 13
    assert bench.acquirer.ledger.balance(PAN) == START
    assert len(bench.acquirer.ledger.transactions(kind="reversal")) == 1


def test_reversal_of_a_declined_sale_is_00_and_moves_nothing() -> None:
    bench = Bench(cards=(Profile(balance=10),))
    till = bench.till()
    sale = till.sale_message(Chip(UNIONPAY_CARD), 5_00)
    assert till.ask(sale)[39] == "51"
    assert till.ask(till.reversal_message(sale))[39] == "00"
    assert bench.acquirer.ledger.balance(PAN) == 10


def test_reversal_of_a_sale_with_an_unknown_card() -> None:
    bench = Bench(cards=())
    till = bench.till()
    sale = till.sale_message(Chip(UNIONPAY_CARD), 5_00)
    assert till.ask(sale)[39] == "14"
    assert till.ask(till.reversal_message(sale))[39] == "00"


def test_reversal_without_original_is_25_and_refuses_the_late_original() -> None:
    bench = Bench()
    till = bench.till()
    sale = till.sale_message(Chip(UNIONPAY_CARD), 5_00)
    assert till.ask(till.reversal_message(sale))[39] == "25"
    for _ in range(2):
        late = till.ask(sale)
        assert late[39] == "22"
        assert 38 not in late
    assert till.ask(till.reversal_message(sale))[39] == "25"
    assert bench.acquirer.ledger.balance(PAN) == START
    (remembered,) = bench.acquirer.ledger.transactions()
    assert (remembered.kind, remembered.booked, remembered.original_id) == ("reversal", 0, None)


def test_a_reversed_sale_that_arrives_again_is_a_duplicate() -> None:
    bench = Bench()
    till = bench.till()
    sale = till.sale_message(Chip(UNIONPAY_CARD), 5_00)
    till.ask(sale)
    till.ask(till.reversal_message(sale))
    assert till.ask(sale)[39] == "94"
    assert bench.acquirer.ledger.balance(PAN) == START


def test_reversal_after_another_sign_on_finds_its_original_by_batch() -> None:
    bench = Bench()
    till = bench.till()
    sale = till.sale_message(Chip(UNIONPAY_CARD), 5_00)
    till.ask(sale)
    till.sign_on()
    assert till.ask(till.reversal_message(sale))[39] == "00"
    assert bench.acquirer.ledger.balance(PAN) == START


def test_field_61_names_the_original_when_field_60_has_the_batch_of_today() -> None:
    bench = Bench()
    till = bench.till()
    sale = till.sale_message(Chip(UNIONPAY_CARD), 5_00)
    till.ask(sale)
    till.sign_on()
    changes: dict[int, str | bytes | None] = {60: "2200000200050", 61: f"000001{sale.text(11)}1123"}
    assert till.ask(till.reversal_message(sale, changes))[39] == "00"
    assert bench.acquirer.ledger.balance(PAN) == START


@pytest.mark.parametrize(
    ("changes", "code"),
    [({4: "000000000499"}, "64"), ({2: "4761739001010010"}, "22"), ({4: "000000000000"}, "13")],
    ids=["amount", "card", "zero"],
)
def test_reversal_that_contradicts_its_original_books_nothing(
    changes: dict[int, str | bytes | None], code: str
) -> None:
    bench = Bench()
    till = bench.till()
    sale = till.sale_message(Chip(UNIONPAY_CARD), 5_00)
    till.ask(sale)
    assert till.ask(till.reversal_message(sale, changes))[39] == code
    assert bench.acquirer.ledger.balance(PAN) == START - 5_00
    assert till.ask(till.reversal_message(sale))[39] == "00"  # the right one still has its effect
    assert bench.acquirer.ledger.balance(PAN) == START


def test_wrong_mac_reverses_nothing_and_is_not_remembered() -> None:
    bench = Bench()
    till = bench.till()
    sale = till.sale_message(Chip(UNIONPAY_CARD), 5_00)
    assert till.ask(till.reversal_message(sale, {64: b"00000000"}))[39] == "A0"
    assert till.ask(sale)[39] == "00"


def test_another_terminals_trace_number_is_not_the_original() -> None:
    bench = Bench()
    bench.acquirer.provision([], [TerminalSetup("87654321", MERCHANT, TMK)])
    one, other = bench.till(), Till(bench.acquirer.connect(), "87654321")
    other.sign_on()
    sale = one.sale_message(Chip(UNIONPAY_CARD), 5_00)
    one.ask(sale)
    theirs = other.reversal_message(sale)
    assert other.ask(theirs)[39] == "25"
    assert bench.acquirer.ledger.balance(PAN) == START - 5_00


ACTION = st.tuples(st.sampled_from(["sale", "reversal", "sign on"]), st.integers(0, 3))
SHARED, SHARED_CHIP = Bench(), Chip(UNIONPAY_CARD)


@settings(max_examples=examples(30), deadline=None)
@given(st.lists(ACTION, max_size=14))
def test_any_order_of_sales_reversals_and_repeats_keeps_the_books(actions: list[tuple[str, int]]) -> None:
    """Money is where the answers say: an approved sale is debited unless a reversal of it was answered."""
    ledger, till = SHARED.acquirer.ledger, SHARED.till()
    with ledger.unit_of_work() as books:
        card = books.card(PAN)
        assert card is not None
        card.account.balance = 25_00
    booked_before = sum(entry.booked for entry in ledger.transactions())
    prepared = [till.sale_message(SHARED_CHIP, 7_00 + index) for index in range(4)]
    spent: dict[int, int] = {}
    undone: set[int] = set()
    for action, index in actions:
        sale = prepared[index]
        sale.fields[64] = bytes(8)
        if action == "sign on":
            till.sign_on()
        elif action == "reversal":
            assert till.ask(till.reversal_message(sale))[39] in ("00", "25")
            undone.add(index)
        elif till.ask(sale)[39] == "00":
            assert index not in undone
            assert index not in spent
            spent[index] = 7_00 + index
    left = 25_00 - sum(amount for index, amount in spent.items() if index not in undone)
    assert ledger.balance(PAN) == left
    assert left == 25_00 + sum(entry.booked for entry in ledger.transactions()) - booked_before
