"""A ledger of an earlier version opens, and goes on where it was."""

import sqlite3
import tracemalloc
from pathlib import Path

import pytest
from sqlalchemy import text
from tillbench.host.acquirer import LedgerUnavailable, audit
from tillbench.host.acquirer.migrations import VERSION
from tillbench.host.acquirer.policy import Policy

from .acquirer_batch import BatchClient, flags
from .acquirer_flows import Done
from .acquirer_till import TERMINAL, UNIONPAY_CARD, VISA_CARD, Bench, Chip, file_url

VERSION_1 = Path(__file__).parents[1] / "golden" / "ledger" / "version-1.sql"
"""Dumped by the first version: a sale, one reversed, one declined, a reversal without original, a foreign sale."""
VERSION_2 = VERSION_1.with_name("version-2.sql")
"""Dumped by the second: a sale and a part of it refunded, a foreign pre-authorisation completed."""
VERSION_3 = VERSION_1.with_name("version-3.sql")
"""Dumped by the third: a sale that is voided, a settlement that waits for its upload, another sale."""
VERSION_4 = VERSION_1.with_name("version-4.sql")
"""Dumped by the fourth: a batch with a refund, settled; three more with a void, of which the settlement waits for its
upload, since the terminal said that the void counts; and another sale."""
MAK, PIK = bytes.fromhex("ef734a8f3d2a2908fb6491fd8f89feba"), bytes.fromhex("d93846fe94b3c8e9678a581991e9e0fe")
MAK_4, PIK_4 = bytes.fromhex("516794dcb6c2f883d58979c134ec1513"), bytes.fromhex("98c20e809191154f0189bafd31c46d26")


def restored(dump: Path, folder: Path) -> Path:
    with sqlite3.connect(folder / "ledger.db") as connection:
        connection.executescript(dump.read_text("utf-8"))
    connection.close()
    return folder


@pytest.fixture
def earlier(tmp_path: Path) -> Path:
    return restored(VERSION_1, tmp_path)


def test_a_ledger_of_version_1_goes_on_where_it_was(earlier: Path) -> None:
    bench = Bench(file_url(earlier))
    ledger = bench.acquirer.ledger
    assert ledger.faults() == []
    kinds = [(e.kind, e.response_code, e.booked, e.standing) for e in ledger.transactions()]
    assert kinds == [
        ("sale", "00", -10_00, True),
        ("sale", "00", -20_00, False),
        ("reversal", "00", 20_00, False),
        ("sale", "51", 0, False),
        ("reversal", "25", 0, False),
        ("sale", "00", -40_00, True),
    ]
    assert ledger.balance(UNIONPAY_CARD.pan) == UNIONPAY_CARD.balance - 10_00
    till = BatchClient(bench.acquirer.connect())
    till.batch, till.stan, till.mak, till.pik = 1, 6, MAK, PIK
    sale = ledger.transactions(kind="sale")[0]
    request = till.flow("sale", UNIONPAY_CARD, 10_00)
    request.fields[11] = f"{sale.stan:06}"
    answer = till.message("0210", {13: "1123", 37: sale.rrn, 38: sale.authorisation_code})
    assert till.do("void", UNIONPAY_CARD, 10_00, Done(request, answer)).code == "00"
    assert till.do("sale", Chip(UNIONPAY_CARD, atc=10), 5_00, pin=UNIONPAY_CARD.pin).code == "00"
    assert flags(till.settle((5_00, 1, 0, 0), (40_00, 1, 0, 0))) == "11"
    assert ledger.faults() == []
    bench.acquirer.close()


def test_a_ledger_of_version_2_goes_on_where_it_was(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "ledger.db") as connection:
        connection.executescript(VERSION_2.read_text("utf-8"))
        assert "imk_smi_under_lmk" not in {name for _, name, *_ in connection.execute("PRAGMA table_info(cards)")}
    connection.close()
    bench = Bench(file_url(tmp_path))
    ledger = bench.acquirer.ledger
    assert ledger.faults() == []
    assert [(e.kind, e.booked) for e in ledger.transactions()] == [
        ("sale", -10_00),
        ("refund", 4_00),
        ("preauth", 0),
        ("completion", -5_00),
    ]
    card = ledger.card(UNIONPAY_CARD.pan)
    assert (card.most_each, card.most_a_day, card.count_a_day) == (0, 0, 0)
    assert card.imk_smi_under_lmk, "provisioned again, so that it has script keys now"
    till = BatchClient(bench.acquirer.connect())
    till.batch, till.stan, till.mak, till.pik = 1, 5, MAK, PIK
    assert flags(till.settle((10_00, 1, 4_00, 1), (5_00, 1, 0, 0))) == "11"
    assert ledger.faults() == []
    bench.acquirer.close()


def test_a_ledger_of_version_3_goes_on_where_it_was(tmp_path: Path) -> None:
    """Its reference numbers go on too, and its transactions have theirs, which they did not know."""
    bench = Bench(file_url(restored(VERSION_3, tmp_path)))
    ledger = bench.acquirer.ledger
    assert ledger.faults() == []
    assert [(e.id, e.kind, e.booked, e.rrn[6:]) for e in ledger.transactions()] == [
        (2, "sale", -10_00, "000002"),
        (3, "void", 10_00, "000003"),
        (5, "sale", -3_00, "000005"),
    ]
    assert ledger.last_stan(ledger.terminal(TERMINAL)) == 5
    till = BatchClient(bench.acquirer.connect())
    till.batch, till.stan, till.mak, till.pik = 1, 5, MAK, PIK
    answers = [till.do("sale", UNIONPAY_CARD, 5_00).answer for _ in range(2)]
    assert [answer[37] for answer in answers] == ["632714000006", "632714000007"]
    assert [e.id for e in ledger.transactions()[3:]] == [6, 7]
    assert ledger.faults() == []
    bench.acquirer.close()


def test_a_ledger_of_version_4_goes_on_where_it_was(tmp_path: Path) -> None:
    """Its transactions have their running numbers as keys now; what follows from another still does."""
    bench = Bench(file_url(restored(VERSION_4, tmp_path)))
    ledger = bench.acquirer.ledger
    assert ledger.faults() == []
    assert [(e.id, e.kind, e.rrn[6:], e.original_id, e.settlement_id) for e in ledger.transactions()] == [
        (2, "sale", "000002", None, 1),
        (3, "refund", "000003", 2, 1),
        (7, "sale", "000007", None, 2),
        (9, "void", "000009", 7, 2),
        (10, "sale", "000010", None, 2),
        (12, "sale", "000012", None, None),
    ]
    till = BatchClient(bench.acquirer.connect())
    till.batch, till.stan = 4, 12
    till.mak, till.pik = MAK_4, PIK_4
    assert flags(till.settle((5_00, 2, 0, 0), (0, 0, 0, 0))) == "11", "what was open, with the last sale"
    till.end_upload(0, balanced=True)
    assert {e.settlement_id for e in ledger.transactions()} == {1, 2}
    assert ledger.faults() == []
    bench.acquirer.close()


def test_running_numbers_that_were_not_known_are_found_over_a_million(tmp_path: Path) -> None:
    restored(VERSION_3, tmp_path)
    with sqlite3.connect(tmp_path / "ledger.db") as connection:
        for key, rrn in ((1, "632714999999"), (2, "632738000001"), (3, "632738000000")):
            connection.execute("UPDATE transactions SET rrn = ? WHERE id = ?", (rrn, key))
        connection.execute("UPDATE counters SET last = 2000000")
    connection.close()
    bench = Bench(file_url(tmp_path))
    ledger = bench.acquirer.ledger
    assert [(e.id, e.original_id) for e in ledger.transactions()] == [
        (999_999, None),
        (1_000_001, 999_999),
        (2_000_000, None),
    ]
    for each in ledger.transactions():
        with ledger.unit_of_work() as books:
            assert [found.id for found in books.under_reference(each.rrn)] == [each.id]
    bench.acquirer.close()


MANY = """
WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 8000)
INSERT INTO transactions SELECT 100 + n, kind, place, terminal_id, merchant_id, 5, n, at, masked_pan, NULL,
 purse_card_id, domestic, amount, approved, currency, entry_mode, 0, 0, 0, standing, response_code, 100 + n,
 '632714' || printf('%06d', 100 + n), authorisation_code, issuer_data, atc, script_result, reason, NULL, NULL
 FROM transactions, numbers WHERE id = 6
"""


def test_a_long_ledger_takes_little_memory(tmp_path: Path) -> None:
    """Of 3 KB that a row takes in Python, of all rows at once: a million of them have to be migrated too."""
    restored(VERSION_4, tmp_path)
    with sqlite3.connect(tmp_path / "ledger.db") as connection:
        connection.execute(MANY)
    connection.close()
    tracemalloc.start()
    try:
        bench = Bench(file_url(tmp_path))
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < 12e6
    ledger = bench.acquirer.ledger
    assert len(ledger.transactions()) == 8006
    assert ledger.faults() == []
    bench.acquirer.close()


@pytest.mark.parametrize("dump", [VERSION_1, VERSION_2, VERSION_3, VERSION_4], ids=lambda dump: dump.stem)
def test_opening_again_changes_nothing(tmp_path: Path, dump: Path) -> None:
    earlier = restored(dump, tmp_path)
    Bench(file_url(earlier)).acquirer.close()
    with sqlite3.connect(earlier / "ledger.db") as connection:
        before = list(connection.iterdump())
        assert list(connection.execute("SELECT version FROM schema_version")) == [(VERSION,)]
    Bench(file_url(earlier)).acquirer.close()
    with sqlite3.connect(earlier / "ledger.db") as connection:
        assert [line for line in connection.iterdump() if "INSERT INTO" in line] == [
            line for line in before if "INSERT INTO" in line
        ]
    connection.close()


def test_a_migration_that_fails_leaves_the_old_tables(earlier: Path) -> None:
    """Rows that the new tables refuse: all is as it was, and the cause is told."""
    with sqlite3.connect(earlier / "ledger.db") as connection:
        connection.execute("PRAGMA ignore_check_constraints=ON")
        connection.execute("UPDATE cards SET status = 'gone'")
    connection.close()
    with pytest.raises(LedgerUnavailable, match="card_status_known"):
        Bench(file_url(earlier))
    with sqlite3.connect(earlier / "ledger.db") as connection:
        tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        assert "schema_version" not in tables
        assert connection.execute("SELECT count(*) FROM transactions").fetchone() == (6,)
    connection.close()


def test_a_ledger_of_a_later_version_is_left_alone(tmp_path: Path) -> None:
    bench = Bench(file_url(tmp_path))
    with bench.acquirer.ledger.engine.begin() as connection:
        connection.execute(text(f"UPDATE schema_version SET version = {VERSION + 1}"))
    bench.acquirer.close()
    words = f"its tables are of version {VERSION + 1}, this program knows up to {VERSION}"
    with pytest.raises(LedgerUnavailable, match=words):
        Bench(file_url(tmp_path))


def test_the_audit_finds_what_does_not_add_up() -> None:
    bench = Bench()
    till = BatchClient(bench.acquirer.connect())
    till.sign_on()
    sale = till.do("sale", UNIONPAY_CARD, 10_00)
    till.do("refund", UNIONPAY_CARD, 4_00, sale)
    till.do("completion", VISA_CARD, 5_00, till.do("preauth", VISA_CARD, 5_00))
    till.settle((10_00, 1, 4_00, 1), (5_00, 1, 0, 0))
    till.end_upload(0, balanced=True)
    ledger = bench.acquirer.ledger
    assert ledger.faults() == []
    for statement, words in (
        ("UPDATE accounts SET balance = balance + 1", "balance 99401, opening 100000 and -600 booked"),
        ("UPDATE accounts SET held = held + 1", "1 held, 0 by its transactions"),
        ("UPDATE cards SET purse = 5", "purse 5, 0 by its transactions"),
        ("UPDATE transactions SET standing = 0 WHERE kind = 'sale'", "does not stand"),
        ("UPDATE transactions SET approved = 399 WHERE kind = 'sale'", "400 refunded of 399"),
        ("UPDATE transactions SET approved = 1 WHERE kind = 'preauth'", "takes more than 115 % of"),
        ("UPDATE transactions SET held = 1 WHERE kind = 'completion'", "does not let go of the hold"),
        ("UPDATE transactions SET settlement_id = NULL WHERE kind = 'refund'", "was left out of its settlement"),
        (
            "UPDATE settlement_totals SET debit_count = 7 WHERE counted_by = 'host'",
            "settlement 1: its transactions make",
        ),
    ):
        with ledger.engine.connect() as connection:
            connection.execute(text(statement))
            with ledger._session(bind=connection) as session:
                assert any(words in fault for fault in audit.faults(session, Policy())), statement
            connection.rollback()
    assert ledger.faults() == []
