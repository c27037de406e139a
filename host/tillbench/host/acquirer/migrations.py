"""From the tables that a ledger has to the tables that this version needs, all in one transaction or not at all.

A step reads the old tables as they are, makes the new ones and writes what it read: the same on every database,
whatever each can alter.
"""

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import (
    Connection,
    Dialect,
    Engine,
    MetaData,
    RowMapping,
    Table,
    create_mock_engine,
    func,
    insert,
    inspect,
    select,
)
from tillbench.host.acquirer.books import DOMESTIC, MILLION
from tillbench.host.acquirer.kinds import TRAITS, Kind
from tillbench.host.acquirer.response_code import GOOD
from tillbench.host.acquirer.schema import Base, Counter, SchemaVersion
from tillbench.host.acquirer.schema.base import REFERENCES

VERSION = 5
FIRST = 1  # had no table of versions

Rows = dict[str, list[dict[str, Any]]]


class NewerLedger(RuntimeError):
    """The ledger was made by a later version of the program."""


def migrate(engine: Engine) -> int:
    """Make the tables, or bring them up to `VERSION`; returns the version found (0: none).

    Raises NewerLedger, with nothing changed; database errors as they come.
    """
    with engine.begin() as connection:
        _alone(connection)
        found = _version(connection)
        if found > VERSION:
            raise NewerLedger(f"its tables are of version {found}, this program knows up to {VERSION}")
        if found == VERSION:
            return found
        rows, old = _read(connection)
        for version in range(found, VERSION) if found else ():
            rows = STEPS[version](rows)
        rows.pop(SchemaVersion.__tablename__, None)
        old.drop_all(connection)
        for statement in _making(connection.dialect):
            connection.exec_driver_sql(statement)
        _write(connection, rows)
        connection.execute(insert(SchemaVersion), {"version": VERSION})
        if not connection.scalar(select(Counter.last).where(Counter.name == REFERENCES)):
            connection.execute(insert(Counter), {"name": REFERENCES, "last": 0})
        return found


def _alone(connection: Connection) -> None:
    """Two processes that open a new ledger at once must not both make its tables. (SQLite is alone already.)"""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SELECT pg_advisory_xact_lock(8583)")


def _version(connection: Connection) -> int:
    names = inspect(connection).get_table_names()
    if SchemaVersion.__tablename__ in names:
        # The highest: earlier migrations left the row of the version that they came from.
        return int(connection.scalar(select(func.max(SchemaVersion.version))) or 0)
    return FIRST if "transactions" in names else 0


def _read(connection: Connection) -> tuple[Rows, MetaData]:
    old = MetaData()
    old.reflect(connection, only=lambda name, _: name in KNOWN)
    return {table.name: [dict(row) for row in _rows(connection, table)] for table in old.sorted_tables}, old


_made: dict[str, tuple[str, ...]] = {}


def _making(dialect: Dialect) -> tuple[str, ...]:
    """The statements that make all tables, compiled once a database: that takes as long as everything else here."""
    if dialect.name not in _made:
        statements: list[str] = []

        def note(statement: Any, *_: Any, **__: Any) -> None:
            statements.append(str(statement.compile(dialect=dialect)))

        Base.metadata.create_all(create_mock_engine(f"{dialect.name}://", note), checkfirst=False)
        _made[dialect.name] = tuple(statements)
    return _made[dialect.name]


def _rows(connection: Connection, table: Table) -> list[RowMapping]:
    return list(connection.execute(select(table).order_by(*table.primary_key.columns)).mappings())


def _write(connection: Connection, rows: Rows) -> None:
    for table in Base.metadata.sorted_tables:
        if rows.get(table.name):
            connection.execute(insert(table), rows[table.name])


def _one_to_two(rows: Rows) -> Rows:
    """Holds, purses, PIN values, links and settlements."""
    booked: dict[int, int] = {}
    accounts = {card["id"]: card["account_id"] for card in rows["cards"]}
    reversed_ids = {each["original_id"] for each in rows["transactions"] if each["original_id"]}
    for each in rows["transactions"]:
        if each["card_id"]:
            account = accounts[each["card_id"]]
            booked[account] = booked.get(account, 0) + each["booked"]
    foreign = {card["id"] for card in rows["cards"] if card["scheme"] != DOMESTIC}
    good = [each["response_code"] in GOOD for each in rows["transactions"]]
    return rows | {
        "accounts": [
            each | {"opening": each["balance"] - booked.get(each["id"], 0), "held": 0} for each in rows["accounts"]
        ],
        "cards": [each | {"pin_method": "block", "pin_key_index": 1, "purse": 0} for each in rows["cards"]],
        "terminals": [
            each | {"signed_on_with_next": False, "last_stan": 0, "wishes": ""} for each in rows["terminals"]
        ],
        "transactions": [
            each
            | {
                "place": TRAITS[Kind(each["kind"])].place,
                "domestic": each["card_id"] not in foreign,
                "approved": each["amount"] if approved else 0,
                "held": 0,
                "purse": 0,
                "standing": approved and each["kind"] == Kind.SALE.value and each["id"] not in reversed_ids,
            }
            for each, approved in zip(rows["transactions"], good, strict=True)
        ],
    }


def _two_to_three(rows: Rows) -> Rows:
    """Limits of cards, and their script keys, which the next `provision` brings."""
    none = {"most_each": 0, "most_a_day": 0, "count_a_day": 0, "imk_smi_under_lmk": None, "imk_smc_under_lmk": None}
    return rows | {"cards": [each | none for each in rows["cards"]]}


def _three_to_four(rows: Rows) -> Rows:
    """A transaction has its reference; the last trace number of a terminal is that of its transactions."""
    for each in rows["terminals"]:
        del each["last_stan"]
    return rows


def _four_to_five(rows: Rows) -> Rows:
    """A transaction's running number is its key. Entries of the first three versions do not know theirs, but the last
    six digits of it: it is the first after the one before."""
    keys: dict[int, int] = {}
    last = 0
    for each in rows["transactions"]:
        number = each.pop("reference", None)
        last = number or last + 1 + (int(each["rrn"][-6:]) - last - 1) % MILLION
        keys[each["id"]] = last
    for each in rows["transactions"]:
        each["id"] = keys[each["id"]]
        each["original_id"] = keys.get(each["original_id"])
    return rows | {"settlements": [each | {"up_to": 0} for each in rows.get("settlements", ())]}


STEPS: Mapping[int, Callable[[Rows], Rows]] = {
    1: _one_to_two,
    2: _two_to_three,
    3: _three_to_four,
    4: _four_to_five,
}
KNOWN = {*Base.metadata.tables}
