"""The same host over PostgreSQL: its flows, its settlement, several processes at once, a server that goes away."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import MetaData, create_engine, insert, select, text
from tillbench.host.acquirer import LedgerUnavailable, TerminalSetup

from .acquirer_batch import BatchClient, flags
from .acquirer_till import MERCHANT, TMK, UNIONPAY_CARD, Bench, file_url
from .postgres_server import binaries, postgres
from .test_acquirer_flows import MOVES, Shop
from .test_acquirer_migrations import MAK_4, PIK_4, VERSION_4, restored
from .test_acquirer_settlement import Day
from .test_acquirer_settlement import test_an_imbalance_is_repaired_by_the_upload as repair

pytestmark = pytest.mark.skipif(binaries() is None, reason="PostgreSQL is not installed (Debian: postgresql)")


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with postgres() as url:
        yield url


@pytest.fixture
def url(server: str) -> str:
    """The server with nothing in it."""
    engine = create_engine(server.replace("postgresql:", "postgresql+psycopg:"))
    with engine.begin() as connection:
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))
    engine.dispose()
    return server


def test_every_flow_and_the_reversal_of_each(url: str) -> None:
    shop = Shop(url)
    with shop.bench.acquirer.ledger.unit_of_work() as books:
        card = books.card(UNIONPAY_CARD.pan)
        assert card is not None
        card.account.opening += 10_000_00
        card.account.balance += 10_000_00
    for name, moves in MOVES.items():
        before = shop.money
        done = shop.good(name)
        assert tuple(new - old for new, old in zip(shop.money, before, strict=True)) == moves, name
        again = shop.client.again(done)
        assert again.code == "94" or again.answer == done.answer
    sale = shop.good("sale")
    money = shop.money
    reversed_ = shop.client.reverse(sale)
    assert shop.client.reverse(sale).answer == reversed_.answer
    assert shop.money[0] == money[0] + 100_00
    assert shop.bench.acquirer.ledger.faults() == []
    shop.bench.acquirer.close()


def test_a_ledger_of_an_earlier_version_goes_on_where_it_was(url: str, tmp_path: Path) -> None:
    """Its rows keep their keys, and new ones get others."""
    restored(VERSION_4, tmp_path)
    old = create_engine(file_url(tmp_path))
    tables = MetaData()
    tables.reflect(old)
    new = create_engine(url.replace("postgresql:", "postgresql+psycopg:"))
    with old.connect() as source, new.begin() as target:
        for table in tables.sorted_tables:
            for column in table.columns:
                column.type = column.type.as_generic()
            table.indexes.clear()
            table.create(target)
            for row in source.execute(select(table)).mappings():
                target.execute(insert(table), dict(row))
    old.dispose()
    new.dispose()
    bench = Bench(url)
    assert bench.acquirer.ledger.faults() == []
    till = BatchClient(bench.acquirer.connect())
    till.batch, till.stan, till.mak, till.pik = 4, 12, MAK_4, PIK_4
    assert flags(till.settle((5_00, 2, 0, 0), (0, 0, 0, 0))) == "11"
    till.end_upload(0, balanced=True)
    bench.acquirer.provision([replace(UNIONPAY_CARD, pan="6200000000000013")], [])
    till.sign_on()
    assert till.do("sale", UNIONPAY_CARD, 3_00).code == "00"
    assert flags(till.settle((3_00, 1, 0, 0))) == "11"
    assert bench.acquirer.ledger.faults() == []
    bench.acquirer.close()


def test_an_imbalance_is_repaired(url: str) -> None:
    day = Day(url)
    repair(day)
    assert day.bench.acquirer.ledger.faults() == []
    day.bench.acquirer.close()


def test_processes_share_one_account_and_lose_nothing(url: str) -> None:
    """Two hosts, a terminal each, one card: every approved sale and reversal is in the balance."""
    first = Bench(url)
    names = ("T0000001", "T0000002")
    first.acquirer.provision([], [TerminalSetup(name, MERCHANT, TMK) for name in names])
    left: list[int] = []

    def sell(bench: Bench, name: str) -> None:
        client = BatchClient(bench.acquirer.connect(), name)
        client.sign_on()
        kept = 0
        for number in range(12):
            done = client.do("sale", UNIONPAY_CARD, 1_00 + number)
            assert done.code == "00"
            if number % 3:
                kept += 1_00 + number
            else:
                assert client.reverse(done).code == "00"
        assert flags(client.settle((kept, 8, 0, 0))) == "11"
        left.append(kept)

    second = Bench(url)
    threads = [threading.Thread(target=sell, args=pair) for pair in zip((first, second), names, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(50)
    assert len(left) == 2
    assert first.acquirer.ledger.balance(UNIONPAY_CARD.pan) == UNIONPAY_CARD.balance - sum(left)
    assert first.acquirer.ledger.faults() == []
    first.acquirer.close()
    second.acquirer.close()


def test_a_database_that_goes_away_is_96_and_comes_back_by_itself(url: str) -> None:
    bench = Bench(url)
    client = BatchClient(bench.acquirer.connect())
    client.sign_on()
    assert client.do("sale", UNIONPAY_CARD, 1_00).code == "00"
    admin = create_engine(url.replace("postgresql:", "postgresql+psycopg:"), isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text("ALTER TABLE accounts RENAME TO gone"))
        request = client.flow("sale", UNIONPAY_CARD, 2_00)
        assert client.ask(request)[39] == "96"
        connection.execute(text("ALTER TABLE gone RENAME TO accounts"))
        others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
        connection.execute(text(f"{others} AND datname = 'postgres'"))
    admin.dispose()
    assert client.ask(request)[39] == "00"
    assert bench.acquirer.ledger.faults() == []
    bench.acquirer.close()


def test_a_server_that_is_not_there_is_told_without_its_password() -> None:
    with pytest.raises(LedgerUnavailable, match=r"ledger postgresql://shop:\*\*\*@127\.0\.0\.1:1/books: ") as caught:
        Bench("postgresql://shop:secret@127.0.0.1:1/books")
    assert "secret" not in str(caught.value)
