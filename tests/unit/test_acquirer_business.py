"""Messages taken in groups: one commit, nothing handed out before it, and trouble of one is not trouble of all."""

import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import event
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session
from tillbench.host.acquirer import Incoming, Outcome
from tillbench.protocols.iso8583 import UNIONPAY

from .acquirer_till import UNIONPAY_CARD, Bench, Chip, file_url

PAN = UNIONPAY_CARD.pan
START = UNIONPAY_CARD.balance


class PowerCut(BaseException):
    """The process is gone: nothing catches this."""


def codes(outcomes: list[Outcome]) -> list[str]:
    return [UNIONPAY.decode(delivery.body).text(39) for outcome in outcomes for delivery in outcome.deliveries]


def sales(bench: Bench, count: int) -> list[Incoming]:
    till, chip = bench.till(), Chip(UNIONPAY_CARD)
    return [Incoming(till.body(till.sale_message(chip, 100))) for _ in range(count)]


def test_a_group_is_one_commit() -> None:
    bench = Bench()
    messages = sales(bench, 5)
    commits: list[object] = []
    event.listen(bench.acquirer.ledger.engine, "commit", commits.append)
    assert codes(bench.acquirer.business.take(messages)) == ["00"] * 5
    assert len(commits) == 1
    assert bench.acquirer.ledger.balance(PAN) == START - 500


def test_a_bad_message_in_a_group_is_its_own_trouble() -> None:
    bench = Bench()
    messages = sales(bench, 3)
    repeated = messages[0]
    assert codes(bench.acquirer.business.take([*messages, Incoming(b"\x02\x00 no message"), repeated])) == [
        *["00"] * 3,
        "30",
        "94",
    ]
    assert bench.acquirer.ledger.balance(PAN) == START - 300


@pytest.mark.parametrize("moment", ["before_commit", "after_commit"])
def test_no_answer_of_a_group_leaves_before_its_commit(tmp_path: Path, moment: str) -> None:
    bench = Bench(file_url(tmp_path))
    messages = sales(bench, 3)

    def cut(session: Session) -> None:
        if not session.in_nested_transaction():  # one message's part of the group
            raise PowerCut

    event.listen(bench.acquirer.ledger._session, moment, cut)  # the cut has to fall inside
    with pytest.raises(PowerCut):
        bench.acquirer.business.take(messages)
    bench.acquirer.close()
    after = Bench(file_url(tmp_path))
    booked = moment == "after_commit"
    assert after.acquirer.ledger.balance(PAN) == START - 300 * booked
    assert codes(after.acquirer.business.take(messages)) == ["94" if booked else "00"] * 3
    after.acquirer.close()


def test_books_that_fail_at_the_commit_of_a_group_are_tried_again_one_by_one() -> None:
    bench = Bench()
    messages = sales(bench, 3)
    failures = iter([True, False, True, False])

    def fail(connection: object) -> None:
        if next(failures):
            raise OperationalError("COMMIT", None, sqlite3.OperationalError("disk I/O error"))

    event.listen(bench.acquirer.ledger.engine, "commit", fail)
    assert codes(bench.acquirer.business.take(messages)) == ["00", "96", "00"]
    assert bench.acquirer.ledger.balance(PAN) == START - 200
    told = [exchange.code for exchange in bench.acquirer.journal("0200")]
    assert told == ["00", "96", "00"]  # what was undone was never told


def test_a_rule_is_used_up_once_even_when_its_group_is_undone() -> None:
    bench = Bench()
    messages = sales(bench, 2)
    bench.acquirer.rules.answer("0200", "51")
    failures = iter([True, False, False])

    def fail(connection: object) -> None:
        if next(failures):
            raise OperationalError("COMMIT", None, sqlite3.OperationalError("disk I/O error"))

    event.listen(bench.acquirer.ledger.engine, "commit", fail)
    assert codes(bench.acquirer.business.take(messages)) == ["51", "00"]


def test_outcomes_come_in_the_order_of_the_messages() -> None:
    bench = Bench()
    messages = sales(bench, 4)
    requests = [outcome.exchange.request for outcome in bench.acquirer.business.take(messages)]
    assert requests == [UNIONPAY.decode(message.body) for message in messages]
