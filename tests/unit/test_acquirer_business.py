"""Messages taken in groups: one commit, nothing handed out before it, and trouble of one is not trouble of all."""

import itertools
import sqlite3
import tempfile
import threading
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import event
from sqlalchemy.exc import OperationalError
from tillbench.host.acquirer import Incoming, Outcome
from tillbench.host.acquirer.books import retrieval_reference_number
from tillbench.host.acquirer.business import Business
from tillbench.protocols.iso8583 import UNIONPAY, Message

from .acquirer_power import MOMENTS, PowerCut, cut
from .acquirer_till import UNIONPAY_CARD, Bench, Chip, file_url

PAN = UNIONPAY_CARD.pan
START = UNIONPAY_CARD.balance


def codes(outcomes: list[Outcome]) -> list[str]:
    return [UNIONPAY.decode(delivery.body).text(39) for outcome in outcomes for delivery in outcome.deliveries]


def sales(bench: Bench, count: int) -> list[Incoming]:
    till, chip = bench.till(), Chip(UNIONPAY_CARD)
    return [Incoming(till.body(till.sale_message(chip, 100))) for _ in range(count)]


def in_two_parts(business: Business, messages: list[Incoming]) -> list[Outcome]:
    """As a server does that must not wait."""
    taking = business.taking(messages)
    outcomes = taking.at_once()
    outcomes = taking.to_the_end() if outcomes is None else outcomes
    taking.enter(outcomes)
    return outcomes


def ahead(business: Business, messages: list[Incoming]) -> list[Outcome]:
    """As a server does that waited for them."""
    business.stand_by(soon=True)
    return in_two_parts(business, messages)


EITHER_WAY = pytest.mark.parametrize("take", [Business.take, in_two_parts, ahead])
Take = Callable[[Business, list[Incoming]], list[Outcome]]


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


@pytest.mark.parametrize("moment", MOMENTS)
def test_no_answer_of_a_group_leaves_before_its_commit(tmp_path: Path, moment: str) -> None:
    bench = Bench(file_url(tmp_path))
    messages = sales(bench, 3)
    with pytest.raises(PowerCut), cut(bench.acquirer, moment):
        bench.acquirer.business.take(messages)
    bench.acquirer.close()
    after = Bench(file_url(tmp_path))
    booked = moment == "after_commit"
    assert after.acquirer.ledger.balance(PAN) == START - 300 * booked
    assert codes(after.acquirer.business.take(messages)) == ["94" if booked else "00"] * 3
    after.acquirer.close()


@EITHER_WAY
def test_books_that_fail_at_the_commit_of_a_group_are_tried_again_one_by_one(take: Take) -> None:
    bench = Bench()
    messages = sales(bench, 3)
    failures = iter([True, False, True, False])

    def fail(connection: object) -> None:
        if next(failures):
            raise OperationalError("COMMIT", None, sqlite3.OperationalError("disk I/O error"))

    event.listen(bench.acquirer.ledger.engine, "commit", fail)
    assert codes(take(bench.acquirer.business, messages)) == ["00", "96", "00"]
    assert bench.acquirer.ledger.balance(PAN) == START - 200
    told = [exchange.code for exchange in bench.acquirer.journal("0200")]
    assert told == ["00", "96", "00"]  # what was undone was never told


@EITHER_WAY
def test_a_rule_is_used_up_once_even_when_its_group_is_undone(take: Take) -> None:
    bench = Bench()
    messages = sales(bench, 2)
    bench.acquirer.rules.answer("0200", "51")
    failures = iter([True, False, False])

    def fail(connection: object) -> None:
        if next(failures):
            raise OperationalError("COMMIT", None, sqlite3.OperationalError("disk I/O error"))

    event.listen(bench.acquirer.ledger.engine, "commit", fail)
    assert codes(take(bench.acquirer.business, messages)) == ["51", "00"]


def test_outcomes_come_in_the_order_of_the_messages() -> None:
    bench = Bench()
    messages = sales(bench, 4)
    requests = [outcome.decision.request for outcome in bench.acquirer.business.take(messages)]
    assert requests == [UNIONPAY.decode(message.body) for message in messages]


# What is asked of the till in a random order: how much is sold, reversed, repeated, spoilt.
STEPS = st.lists(
    st.sampled_from(
        ["sell", "sell with PIN", "wrong PIN", "reverse", "repeat", "spoil", "reverse unknown", "bad chip"]
    ),
    min_size=2,
    max_size=14,
)


def bodies(bench: Bench, steps: list[str]) -> list[bytes]:
    till, chip = bench.till(), Chip(UNIONPAY_CARD)
    sent: list[bytes] = []
    sales: list[Message] = []
    for step in steps:
        if step.startswith("reverse"):
            sale = sales[-1] if sales and step == "reverse" else till.sale_message(chip, 100)
            sent.append(till.body(till.reversal_message(sale)))
        elif step == "repeat" and sent:
            sent.append(sent[-1])
        else:
            pin = {"sell with PIN": "123456", "wrong PIN": "999999"}.get(step)
            sales.append(till.sale_message(chip, 100, pin, {55: b"\x9f\x36"} if step == "bad chip" else None))
            body = till.body(sales[-1])
            sent.append(body[:-1] + b"#" if step == "spoil" else body)
    return sent


@settings(max_examples=4, deadline=None)
@given(STEPS, st.lists(st.tuples(st.integers(1, 6), st.booleans(), st.booleans()), min_size=1, max_size=8))
def test_groups_of_any_size_give_the_same_answers_and_books_as_one_by_one(
    steps: list[str], groups: list[tuple[int, bool, bool]]
) -> None:
    """How many messages, whether they were waited for, whether another wrote meanwhile."""
    with tempfile.TemporaryDirectory() as name:
        one, many = (Bench(f"sqlite:///{Path(name) / kind}.db") for kind in ("one", "many"))
        alone = [one.acquirer.business.take([Incoming(body)])[0] for body in bodies(one, steps)]
        waiting = [Incoming(body) for body in bodies(many, steps)]
        grouped: list[Outcome] = []
        business, other = many.acquirer.business, sqlite3.connect(Path(name) / "many.db")
        for size, soon, written in itertools.cycle(groups):
            if not waiting:
                break
            business.stand_by(soon=soon)
            if written:
                with other:
                    other.execute(OF_NO_CONSEQUENCE)
            grouped += in_two_parts(business, waiting[:size])
            waiting = waiting[size:]
        other.close()
        assert [outcome.deliveries for outcome in grouped] == [outcome.deliveries for outcome in alone]
        one_by_one, together = (bench.acquirer.ledger.transactions() for bench in (one, many))
        assert list(map(repr, together)) == list(map(repr, one_by_one))
        assert many.acquirer.ledger.balance(PAN) == one.acquirer.ledger.balance(PAN)
        for bench in (one, many):
            bench.acquirer.close()


def test_what_another_process_wrote_between_two_groups_is_seen(tmp_path: Path) -> None:
    bench, other = Bench(file_url(tmp_path)), sqlite3.connect(tmp_path / "ledger.db")
    messages = sales(bench, 6)
    assert codes(bench.acquirer.business.take(messages[:2])) == ["00"] * 2
    with other:
        other.execute("UPDATE cards SET status = 'stolen'")
    assert codes(bench.acquirer.business.take(messages[2:4])) == ["43"] * 2
    with other:
        other.execute("UPDATE cards SET status = 'active'")
        other.execute("UPDATE accounts SET balance = 150")
    assert codes(bench.acquirer.business.take(messages[4:])) == ["00", "51"]
    other.close()
    bench.acquirer.close()


def test_books_opened_ahead_are_in_nobodys_way(tmp_path: Path) -> None:
    bench = Bench(file_url(tmp_path))
    other = sqlite3.connect(tmp_path / "ledger.db", timeout=0, check_same_thread=False)
    business, messages = bench.acquirer.business, sales(bench, 7)
    assert codes(ahead(business, messages[:1])) == ["00"]  # the first finds nothing that could be opened
    stand_by(bench, messages[1:2])
    with other:
        other.execute("UPDATE cards SET status = 'stolen'")
    assert codes(business.taking(messages[2:3]).at_once() or []) == ["43"]
    stand_by(bench, messages[3:4], "43")
    other.execute("BEGIN IMMEDIATE")
    other.execute("UPDATE cards SET status = 'active'")
    taking = business.taking(messages[4:5])
    assert taking.at_once() is None  # another is writing, and is waited for elsewhere
    end = threading.Timer(0.2, other.commit)
    end.start()
    assert codes(taking.to_the_end()) == ["00"]
    end.join()
    stand_by(bench, messages[5:6])
    checkpoint = "PRAGMA wal_checkpoint(TRUNCATE)"
    assert other.execute(checkpoint).fetchone()[0] == 1  # a reader is there
    business.stand_by(soon=False)
    assert other.execute(checkpoint).fetchone()[0] == 0
    assert codes(in_two_parts(business, messages[6:7])) == ["00"]
    assert [row.response_code for row in bench.acquirer.ledger.transactions()] == [
        *["00"] * 2,
        *["43"] * 2,
        *["00"] * 3,
    ]
    other.close()
    bench.acquirer.close()


def test_opened_ahead_a_group_only_writes(tmp_path: Path) -> None:
    bench = Bench(file_url(tmp_path))
    business, messages = bench.acquirer.business, sales(bench, 4)
    business.take(messages[:1])
    stand_by(bench, messages[1:2])
    assert first_words(bench, lambda: in_two_parts(business, messages[2:3])) == [
        "UPDATE counters",  # for the place of the writer
        "INSERT INTO",
        "UPDATE accounts",
        "UPDATE cards",
        "COMMIT",
    ]
    bench.acquirer.close()


def test_books_that_another_has_just_written_are_not_opened_ahead(tmp_path: Path) -> None:
    """Of two hosts on a file that are asked in turn, each would do it for nothing."""
    bench, other = Bench(file_url(tmp_path)), sqlite3.connect(tmp_path / "ledger.db")
    business, messages = bench.acquirer.business, sales(bench, 3)
    for message in messages:
        assert codes(ahead(business, [message])) == ["00"]
        with other:
            other.execute(OF_NO_CONSEQUENCE)
    assert first_words(bench, lambda: business.stand_by(soon=True)) == []
    other.close()
    bench.acquirer.close()


def test_a_group_that_writes_nothing_knows_what_another_wrote_meanwhile(tmp_path: Path) -> None:
    bench, other = Bench(file_url(tmp_path)), Bench(file_url(tmp_path))
    messages = sales(bench, 2)
    bench.acquirer.business.take(messages[:1])
    stand_by(bench, messages[1:])
    till = other.till()  # it signs on at another host on the same file, and has other keys
    sale = till.body(till.sale_message(Chip(UNIONPAY_CARD, atc=50), 100))
    spoilt = sale[:-1] + b"#"
    assert codes(in_two_parts(bench.acquirer.business, [Incoming(sale)])) == ["00"]
    assert codes(in_two_parts(bench.acquirer.business, [Incoming(spoilt)])) == ["A0"]
    for each in (bench, other):
        each.acquirer.close()


def test_a_ledger_that_is_gone_is_not_opened_ahead(tmp_path: Path) -> None:
    bench = Bench(file_url(tmp_path))
    business, messages = bench.acquirer.business, sales(bench, 4)
    business.take(messages[:1])
    stand_by(bench, messages[1:2])
    (tmp_path / "ledger.db").rename(tmp_path / "aside.db")
    assert codes(in_two_parts(business, messages[2:3])) == ["96"]
    business.stand_by(soon=True)
    assert codes(in_two_parts(business, messages[2:3])) == ["96"]
    (tmp_path / "aside.db").rename(tmp_path / "ledger.db")
    assert codes(ahead(business, messages[2:])) == ["00", "00"]
    bench.acquirer.close()


OF_NO_CONSEQUENCE = "UPDATE merchants SET name = lower(hex(randomblob(8)))"


def stand_by(bench: Bench, messages: list[Incoming], code: str = "00") -> None:
    """One more group, so that nobody has written between it and the one before, and books that are opened ahead."""
    assert codes(in_two_parts(bench.acquirer.business, messages)) == [code] * len(messages)
    assert first_words(bench, lambda: bench.acquirer.business.stand_by(soon=True)) == ["BEGIN", "PRAGMA data_version"]


def first_words(bench: Bench, do: Callable[[], object]) -> list[str]:
    """The first two words of each statement that the driver got meanwhile."""
    statements: list[str] = []
    cursor = bench.acquirer.ledger._writer._cursor
    assert cursor is not None
    driver = cursor.connection
    driver.set_trace_callback(statements.append)
    do()
    driver.set_trace_callback(None)
    return [" ".join(statement.split()[:2]).rstrip("=0123456789") for statement in statements]


def test_a_group_takes_no_more_statements_than_it_has_kinds_of_rows(tmp_path: Path) -> None:
    bench = Bench(file_url(tmp_path))
    messages = sales(bench, 60)
    bench.acquirer.business.take(messages[:10])
    # Of the one terminal and its card each row once, however often it changed; nothing is read.
    assert first_words(bench, lambda: bench.acquirer.business.take(messages[10:])) == [
        "BEGIN IMMEDIATE",
        "PRAGMA data_version",
        *["INSERT INTO"] * 50,
        "UPDATE accounts",
        "UPDATE cards",
        "COMMIT",
    ]
    bench.acquirer.close()


def test_reference_numbers_go_on_after_a_restart_whatever_had_the_last_one(tmp_path: Path) -> None:
    bench = Bench(file_url(tmp_path))

    def references(messages: list[Incoming]) -> list[str]:
        outcomes = bench.acquirer.business.take(messages)
        bench.acquirer.ledger.close()
        return [UNIONPAY.decode(each.body).text(37)[6:] for outcome in outcomes for each in outcome.deliveries]

    till, chip = bench.till(), Chip(UNIONPAY_CARD)  # 1 is the sign-on's
    sale = [Incoming(till.body(till.sale_message(chip, 100))) for _ in range(3)]
    sign_on = Incoming(till.body(till.sign_on_message()))
    assert references(sale[:2]) == ["000002", "000003"]
    assert references([sale[2], sign_on]) == ["000004", "000005"]
    assert references(sales(bench, 1)) == ["000007"]  # and another sign-on
    bench.acquirer.close()


def test_reference_numbers_of_a_busy_hour_stay_apart() -> None:
    at = datetime(2026, 11, 23, 16, 59)
    assert retrieval_reference_number(7, at) == "632716000007"
    numbers = {retrieval_reference_number(million * 1_000_000 + 7, at) for million in range(4)}
    assert len(numbers) == 4
    assert all(number.isdecimal() and len(number) == 12 for number in numbers)
    others = {retrieval_reference_number(7, at.replace(hour=hour)) for hour in range(24)}
    assert numbers & others == {"632716000007"}
