"""The books themselves: what the database refuses, cuts around the commit, and trouble with the file."""

import shutil
import sqlite3
from collections.abc import Callable
from dataclasses import fields
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Boolean, ClauseElement, DateTime, Dialect, Integer, LargeBinary, String, event, text
from sqlalchemy.dialects.sqlite import dialect as sqlite_dialect
from sqlalchemy.exc import IntegrityError
from sqlalchemy.sql.compiler import SQLCompiler
from tillbench.host.acquirer import Acquirer, Incoming, Ledger, LedgerUnavailable
from tillbench.host.acquirer.ledger import GroupUndone
from tillbench.host.acquirer.schema import Account, Card, CardFacts, Terminal, TerminalFacts
from tillbench.host.acquirer.wishes import meet
from tillbench.host.acquirer.write_behind import CHANGES, bound

from .acquirer_flows import Client
from .acquirer_power import MOMENTS, PowerCut, cut
from .acquirer_till import TMK, UNIONPAY_CARD, Bench, Chip, Profile, Till, file_url

PAN = UNIONPAY_CARD.pan
START = UNIONPAY_CARD.balance


def reopened(folder: Path) -> Bench:
    return Bench(file_url(folder))


def reconnected(bench: Bench) -> None:
    """The connection that the host keeps is checked out again, with what has been told to happen then."""
    bench.acquirer.ledger._writer.close()


@pytest.mark.parametrize("moment", MOMENTS)
def test_no_answer_leaves_before_its_commit(tmp_path: Path, moment: str) -> None:
    bench = reopened(tmp_path)
    till, chip = bench.till(), Chip(UNIONPAY_CARD)
    sale = till.sale_message(chip, 3_00)
    with pytest.raises(PowerCut), cut(bench.acquirer, moment):
        till.send(sale)
    bench.acquirer.close()

    after = reopened(tmp_path)
    till.line = after.acquirer.connect()
    booked = moment == "after_commit"
    assert after.acquirer.ledger.balance(PAN) == START - 3_00 * booked
    assert till.ask(sale)[39] == ("94" if booked else "00")
    assert till.ask(till.reversal_message(sale))[39] == "00"
    assert after.acquirer.ledger.balance(PAN) == START
    after.acquirer.close()


def test_reversal_cut_before_its_commit_has_no_effect_yet(tmp_path: Path) -> None:
    bench = reopened(tmp_path)
    till, chip = bench.till(), Chip(UNIONPAY_CARD)
    sale = till.sale_message(chip, 3_00)
    till.ask(sale)
    with pytest.raises(PowerCut), cut(bench.acquirer, "before_commit"):
        till.send(till.reversal_message(sale))
    bench.acquirer.close()
    after = reopened(tmp_path)
    till.line = after.acquirer.connect()
    assert after.acquirer.ledger.balance(PAN) == START - 3_00
    for _ in range(2):
        assert till.ask(till.reversal_message(sale))[39] == "00"
        assert after.acquirer.ledger.balance(PAN) == START
    after.acquirer.close()


def test_keys_batch_counter_and_tries_survive_a_restart(tmp_path: Path) -> None:
    bench = reopened(tmp_path)
    till, chip = bench.till(), Chip(UNIONPAY_CARD)
    assert [till.sale(chip, 100, pin=pin)[39] for pin in ("111111", "123456", "111111", "111111")] == [
        "55",
        "00",
        "55",
        "55",
    ]
    bench.acquirer.close()
    after = reopened(tmp_path)
    till.line = after.acquirer.connect()
    assert [till.sale(chip, 100, pin=pin)[39] for pin in ("111111", "123456")] == ["55", "75"]
    assert after.acquirer.ledger.card(PAN).last_atc == chip.atc
    after.acquirer.close()


def test_the_file_holds_no_clear_secret(tmp_path: Path) -> None:
    pin = "908172635445"
    bench = Bench(file_url(tmp_path), cards=(Profile(pin=pin),))
    till = bench.till()
    assert till.sale(Chip(UNIONPAY_CARD), 100, pin=pin)[39] == "00"
    content = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    bench.acquirer.close()
    secrets = [till.pik, till.mak, TMK, bytes.fromhex(UNIONPAY_CARD.imk_ac), pin.encode(), bytes.fromhex(pin)]
    for secret in secrets:
        assert secret not in content
        assert secret.hex().encode() not in content.lower()
    assert PAN.encode() in content  # the search does find what is there


COPY = (
    "INSERT INTO transactions (id, kind, place, terminal_id, merchant_id, batch, stan, at, masked_pan, card_id,"
    " domestic, amount, approved, currency, entry_mode, booked, held, purse, standing, response_code, rrn, original_id)"
    " SELECT id + 1000, kind, place, terminal_id, merchant_id, batch, {stan}, at, masked_pan, card_id, domestic,"
    " amount, approved, currency, entry_mode, booked, held, purse, standing, response_code, 'other', original_id"
    " FROM transactions WHERE kind = '{kind}'"
)
STATEMENTS: list[tuple[str, str]] = [
    ("UPDATE accounts SET held = -1", "held_not_negative"),
    ("UPDATE cards SET purse = -1", "purse_not_negative"),
    ("UPDATE transactions SET booked = -amount - 1 WHERE kind = 'sale'", "booked_within_amount"),
    ("UPDATE transactions SET booked = amount, original_id = 1 WHERE kind = 'sale'", "debits_take_and_credits_give"),
    ("UPDATE transactions SET booked = -amount WHERE kind = 'void'", "debits_take_and_credits_give"),
    ("UPDATE transactions SET response_code = '51', standing = 0 WHERE kind = 'sale'", "moved_only_when_approved"),
    ("UPDATE transactions SET booked = 0, standing = 1, response_code = '51'", "standing_only_when_approved"),
    ("UPDATE transactions SET card_id = NULL WHERE kind = 'sale'", "moved_on_a_card"),
    ("UPDATE transactions SET original_id = NULL WHERE kind = 'reversal'", "credit_has_its_original"),
    ("UPDATE transactions SET amount = 0, booked = 0, approved = 0", "amount_positive"),
    ("UPDATE transactions SET approved = amount + 1", "approved_within_amount"),
    ("UPDATE transactions SET terminal_id = 'nowhere!'", "FOREIGN KEY"),
    ("UPDATE transactions SET kind = 'gift'", "kind_known"),
    ("UPDATE cards SET pin_tries_left = -1", "pin_tries_in_range"),
    ("UPDATE cards SET status = 'gone'", "card_status_known"),
    (COPY.format(kind="reversal", stan=999), "transactions.original_id"),
    (COPY.format(kind="void", stan=999), "transactions.original_id"),
    (
        COPY.format(kind="sale", stan="stan"),
        "transactions.terminal_id, transactions.batch, transactions.stan, transactions.place",
    ),
]


@pytest.mark.parametrize(("statement", "constraint"), STATEMENTS, ids=[statement[-40:] for statement, _ in STATEMENTS])
def test_the_database_itself_refuses_what_must_not_be(statement: str, constraint: str) -> None:
    bench = Bench()
    client, chip = Client(bench.acquirer.connect()), Chip(UNIONPAY_CARD)
    client.sign_on()
    client.reverse(client.do("sale", chip, 3_00))
    client.do("void", chip, 4_00, client.do("sale", chip, 4_00))
    with pytest.raises(IntegrityError, match=constraint), bench.acquirer.ledger.engine.begin() as connection:
        connection.execute(text(statement))


def test_locked_database_is_96_then_recovers(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    bench = reopened(tmp_path)
    till, chip = bench.till(), Chip(UNIONPAY_CARD)

    @event.listens_for(bench.acquirer.ledger.engine, "checkout")
    def impatient(connection: sqlite3.Connection, *_: object) -> None:
        connection.execute("PRAGMA busy_timeout=0").close()

    reconnected(bench)
    blocker = sqlite3.connect(tmp_path / "ledger.db", isolation_level=None)
    blocker.execute("BEGIN IMMEDIATE")
    sale = till.sale_message(chip, 3_00)
    assert till.ask(sale)[39] == "96"
    assert "books not usable (database is locked)" in caplog.text
    assert PAN not in caplog.text
    blocker.execute("ROLLBACK")
    blocker.close()
    assert till.ask(sale)[39] == "00"
    bench.acquirer.close()


def test_full_disk_is_96_and_books_nothing(tmp_path: Path) -> None:
    bench = reopened(tmp_path)
    till, chip = bench.till(), Chip(UNIONPAY_CARD)

    def size_limit(pages: str) -> Callable[..., None]:
        def limit(connection: sqlite3.Connection, *_: object) -> None:
            connection.execute(f"PRAGMA max_page_count={pages}").close()

        return limit

    event.listen(bench.acquirer.ledger.engine, "checkout", size_limit("1"))
    reconnected(bench)
    codes = {till.sale(chip, 1)[39] for _ in range(60)}
    assert codes == {"00", "96"}  # it fills up on the way
    spent = START - bench.acquirer.ledger.balance(PAN)
    assert spent == len(bench.acquirer.ledger.transactions(response_code="00"))
    event.listen(bench.acquirer.ledger.engine, "checkout", size_limit("4294967294"))
    reconnected(bench)
    assert till.sale(chip, 1)[39] == "00"
    bench.acquirer.close()


def test_ledger_under_another_master_key_is_96(tmp_path: Path) -> None:
    bench = reopened(tmp_path)
    till, chip = bench.till(), Chip(UNIONPAY_CARD)
    bench.acquirer.close()
    other = Acquirer(file_url(tmp_path), lambda: bench.time, bytes, lmk=bytes(32))
    line = Till(other.connect())
    line.batch, line.mak = till.batch, till.mak
    assert line.send(line.sale_message(chip, 100))  # answered without a MAC: the key cannot be read
    assert other.journal()[-1].code == "96"
    other.close()


def test_unusable_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "ledger.db").write_bytes(b"no database at all" * 100)
    with pytest.raises(LedgerUnavailable, match=r"ledger sqlite:///.*ledger.db: file is not a database"):
        Bench(file_url(tmp_path))


def test_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(LedgerUnavailable, match="unable to open database file"):
        Bench(file_url(tmp_path / "missing"))


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("ledger.db", "ledger: expected a database URL such as sqlite:///ledger.db"),
        ("nodb://user:secret@host/books", r"ledger nodb://user:\*\*\*@host/books: "),
    ],
)
def test_impossible_url_is_told_without_its_password(url: str, words: str) -> None:
    with pytest.raises(LedgerUnavailable, match=words) as caught:
        Bench(url)
    assert "secret" not in str(caught.value)


def test_lookups_that_find_nothing_say_so() -> None:
    ledger = Bench().acquirer.ledger
    for lookup in (lambda: ledger.balance("0"), lambda: ledger.card("0"), lambda: ledger.terminal("0")):
        with pytest.raises(LookupError, match="in the books"):
            lookup()
    with pytest.raises(LookupError, match="expected 1, found 0"):
        ledger.transaction(kind="sale")


@pytest.mark.parametrize(("power_safe", "synchronous"), [(False, 1), (True, 2)])
def test_commits_are_durable_and_references_checked(tmp_path: Path, power_safe: bool, synchronous: int) -> None:
    ledger = Ledger(file_url(tmp_path), power_safe=power_safe)
    with ledger.engine.connect() as connection:
        pragmas = ("journal_mode", "synchronous", "foreign_keys")
        values = [connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in pragmas]
    ledger.close()
    assert values == ["wal", synchronous, 1]


def test_a_file_that_is_gone_is_96_until_it_is_back(tmp_path: Path) -> None:
    """A connection to a file that was removed would go on, and all that it writes would be lost."""
    bench = reopened(tmp_path)
    till, chip = bench.till(), Chip(UNIONPAY_CARD)
    assert till.sale(chip, 100)[39] == "00"
    bench.acquirer.ledger.close()  # so that all is in the one file that is kept
    kept = tmp_path / "ledger.db"
    away = kept.rename(tmp_path / "away.db")
    for _ in range(2):
        assert till.sale(chip, 100)[39] == "96"
        assert bench.acquirer.trouble().startswith("the file is gone: ")
    assert not kept.exists(), "an empty ledger was made in its place"
    shutil.copy(away, kept)
    assert bench.acquirer.trouble() == ""
    assert till.sale(chip, 100)[39] == "00"
    assert bench.acquirer.ledger.balance(PAN) == START - 200
    bench.acquirer.close()


def test_books_to_look_at_are_not_made(tmp_path: Path) -> None:
    with pytest.raises(LedgerUnavailable, match="there is none; the acquirer makes it when it starts"):
        Ledger(file_url(tmp_path), make=False)
    assert list(tmp_path.iterdir()) == []


def test_a_group_without_books_is_96_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bench = reopened(tmp_path)
    till, chip = bench.till(), Chip(UNIONPAY_CARD)
    asked = [Incoming(till.body(till.sale_message(chip, 3_00))) for _ in range(3)]
    begun = []

    def refuse(*_: object) -> None:
        begun.append(1)
        raise sqlite3.OperationalError("disk I/O error")

    monkeypatch.setattr(bench.acquirer.ledger._writer, "_begun_on_file", refuse)
    reply, nonsense = b"\x02\x10" + asked[0].body[2:], asked[0].body[:-9]
    outcomes = bench.acquirer.business.take([*asked, Incoming(reply), Incoming(nonsense)])
    assert [outcome.decision.code for outcome in outcomes] == ["96", "96", "96", "", "30"]
    assert len(begun) == 1, "each message waited for the books by itself"
    monkeypatch.undo()
    assert [outcome.decision.code for outcome in bench.acquirer.business.take(asked)] == ["00", "00", "00"]
    bench.acquirer.close()


def test_a_group_that_fails_is_undone_whatever_its_end_meets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that is gone fails the request, and then the rollback: who waits for the group hears of both alike."""
    ledger = reopened(tmp_path).acquirer.ledger

    def gone() -> None:
        raise sqlite3.OperationalError("disk I/O error")

    def fail_in_a_group() -> None:
        with ledger.group():
            monkeypatch.setattr(ledger._writer, "close", gone)
            raise ValueError

    with pytest.raises(GroupUndone, match="OperationalError"):
        fail_in_a_group()
    monkeypatch.undo()
    ledger.close()


def test_values_for_the_driver_are_sqlalchemys() -> None:
    """What is written past the ORM is what the ORM would have written, and reads as it wrote."""
    dialect = sqlite_dialect()
    values = {Boolean: (True, False), DateTime: (datetime(2026, 11, 29, 7, 5), datetime(987, 1, 2, 3, 4, 5, 60_000))}
    for kind, examples in values.items():
        ours, theirs = bound(kind(), dialect), kind().dialect_impl(dialect).bind_processor(dialect)
        assert ours is not None
        assert theirs is not None
        for value in examples:
            assert (ours(value), type(ours(value))) == (theirs(value), type(theirs(value)))
    for row in bound(LargeBinary(), dialect), bound(String(2), dialect), bound(Integer(), dialect):
        assert row is None
    with sqlite3.connect(":memory:") as driver:
        assert driver.execute("SELECT ?, typeof(?)", (b"\0\xff", b"\0")).fetchone() == (b"\0\xff", "blob")
    driver.close()


def test_facts_of_a_row_are_what_it_says_now() -> None:
    """They are kept beside the row, so whatever sets a column has to end them, or be of a column that is in none."""
    terminal = Terminal(id="POS00001", wishes="1", batch=7)
    assert (terminal.facts.wishes, terminal.facts.batch) == ("1", 7)
    meet(terminal, "1")
    assert (terminal.facts.wishes, terminal.facts.batch) == ("", 7)
    card = Card(pan="6200000000000005", account=Account(currency="156"), count_a_day=0)
    assert not card.facts.limited
    card.count_a_day = 3
    assert card.facts.limited
    changed_past_the_orm = {name for names in CHANGES.values() for name in names}
    for kind in TerminalFacts, CardFacts:
        assert changed_past_the_orm.isdisjoint(field.name for field in fields(kind))


def test_what_was_compiled_for_one_ledger_serves_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    compiled: list[str] = []
    compiles = SQLCompiler.__init__

    def note(compiler: SQLCompiler, dialect: Dialect, statement: ClauseElement, *rest: Any, **more: Any) -> None:
        compiled.append(str(statement))
        compiles(compiler, dialect, statement, *rest, **more)

    def open_and_ask() -> None:
        ledger = Ledger("sqlite://")
        assert ledger.transactions() == []
        ledger.close()

    open_and_ask()
    monkeypatch.setattr(SQLCompiler, "__init__", note)
    open_and_ask()
    assert compiled == []
