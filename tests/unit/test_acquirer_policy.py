"""The switches of the business rules, each in its other position; and PINs that are not in the books."""

import pytest
from tillbench.host.acquirer import Acquirer, TerminalSetup
from tillbench.host.acquirer.institution import Institution
from tillbench.host.acquirer.policy import Policy

from .acquirer_batch import BatchClient, flags
from .acquirer_till import MERCHANT, TERMINAL, TMK, UNIONPAY_CARD, Bench, Chip

CARD = UNIONPAY_CARD


def shop(policy: Policy | None = None, pin_method: str = "block") -> tuple[Acquirer, BatchClient]:
    bench = Bench()
    acquirer = Acquirer(
        "sqlite://", lambda: bench.time, bench.entropy, institution=Institution(policy=policy or Policy())
    )
    acquirer.provision([CARD], [TerminalSetup(TERMINAL, MERCHANT, TMK)], pin_method=pin_method)
    till = BatchClient(acquirer.connect())
    till.sign_on()
    return acquirer, till


def test_a_repeated_request_may_get_its_first_answer() -> None:
    acquirer, till = shop(Policy(repeats="first-answer"))
    sale = till.do("sale", Chip(CARD), 10_00)
    assert till.again(sale).answer == sale.answer
    other = till.flow("sale", CARD, 11_00)
    other.fields[11] = sale.request[11]
    assert till.ask(other)[39] == "94"  # the trace number again, but not the request
    till.reverse(sale)
    assert till.again(sale).code == "94"  # never the approval of what was undone
    assert acquirer.ledger.balance(CARD.pan) == CARD.balance


def test_a_completion_may_overdraw_within_its_percentage() -> None:
    for policy, code in ((Policy(), "51"), (Policy(overdraw_completions=True), "00")):
        acquirer, till = shop(policy)
        preauth = till.do("preauth", CARD, CARD.balance)
        assert till.do("completion", CARD, CARD.balance + 1, preauth).code == code
        assert acquirer.ledger.faults(policy) == []


@pytest.mark.parametrize(("allowed", "code"), [(True, "10"), (False, "51")])
def test_partial_approval_may_be_off(allowed: bool, code: str) -> None:
    _, till = shop(Policy(partial_approval=allowed))
    asked = till.do("sale", CARD, CARD.balance + 1, changes={60: f"22{till.batch:06}000501"})
    assert asked.code == code


def test_voids_may_count_as_credits() -> None:
    policy = Policy(voids_as_credits=True)
    acquirer, till = shop(policy)
    till.do("void", CARD, 10_00, till.do("sale", CARD, 10_00))
    till.do("sale", CARD, 5_00)
    assert flags(till.settle((15_00, 2, 10_00, 1))) == "11"
    till.end_upload(0, balanced=True)
    assert acquirer.ledger.faults(policy) == []


def test_a_voided_sale_in_the_upload_is_not_claimed_where_voids_are_credits() -> None:
    policy = Policy(voids_as_credits=True)
    acquirer, till = shop(policy)
    sale = till.do("sale", CARD, 10_00)
    till.do("void", CARD, 10_00, sale)
    till.settle((11_00, 1, 10_00, 1))
    till.upload_details(sale)
    till.end_upload(1, balanced=False)
    assert acquirer.ledger.balance(CARD.pan) == CARD.balance
    assert acquirer.ledger.faults(policy) == []


@pytest.mark.parametrize("method", ["pvv", "offset"])
def test_a_pin_held_by_value_is_verified_and_is_not_in_the_books(method: str) -> None:
    acquirer, till = shop(pin_method=method)
    chip = Chip(CARD)
    codes = [till.do("sale", chip, 1, pin=pin).code for pin in (CARD.pin, "9" + CARD.pin[1:])]
    assert codes == ["00", "55"]
    card = acquirer.ledger.card(CARD.pan)
    assert card.pin_under_lmk is None
    assert len(card.pin_value or "") == 4


def test_another_pin_method_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="PIN method: expected one of block, pvv, offset, found 'guess'"):
        shop(pin_method="guess")
