"""From the tables that a ledger has to the tables that this version needs, all in one transaction or not at all.

The old tables are set aside, the new ones made, and what was in the old written into them: the same on every database,
whatever each can alter, and some rows at a time, however many there are.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    Dialect,
    Engine,
    MetaData,
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
AT_A_TIME = 1_000
"""Rows read, and written, together."""
ASIDE = "aside_"

Row = dict[str, Any]
Rows = dict[str, Iterable[Row]]
"""By table, in the order of their keys. They can be gone through again; what is changed in one is forgotten."""


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
        aside = _set_aside(connection)
        rows: Rows = {table.name.removeprefix(ASIDE): _Kept(connection, table) for table in aside.sorted_tables}
        for version in range(found, VERSION) if found else ():
            rows = STEPS[version](rows)
        rows.pop(SchemaVersion.__tablename__, None)
        for statement in _making(connection.dialect):
            connection.exec_driver_sql(statement)
        _write(connection, rows)
        aside.drop_all(connection)
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


def _set_aside(connection: Connection) -> MetaData:
    """Copies of the tables that are there, in the connection's own temporary ones, and those gone."""
    old, aside = MetaData(), MetaData()
    old.reflect(connection, only=lambda name, _: name in KNOWN)
    for table in old.tables.values():
        columns = [
            Column(each.name, each.type, primary_key=each.primary_key, autoincrement=False) for each in table.columns
        ]
        copy = Table(ASIDE + table.name, aside, *columns, prefixes=["TEMPORARY"])
        copy.create(connection)
        connection.execute(insert(copy).from_select(list(table.columns.keys()), select(table)))
    old.drop_all(connection)
    return aside


class _Kept:
    """The rows of a table, read anew each time that they are gone through."""

    def __init__(self, connection: Connection, table: Table) -> None:
        self._connection = connection
        self._query = select(table).order_by(*table.primary_key.columns)

    def __iter__(self) -> Iterator[Row]:
        found = self._connection.execute(self._query, execution_options={"yield_per": AT_A_TIME})
        return map(dict, found.mappings())


class _Changed:
    """Rows, each of them changed on its way."""

    def __init__(self, rows: Iterable[Row], change: Callable[[Row], Row]) -> None:
        self._rows = rows
        self._change = change

    def __iter__(self) -> Iterator[Row]:
        return map(self._change, self._rows)


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


def _write(connection: Connection, rows: Rows) -> None:
    for table in Base.metadata.sorted_tables:
        left = iter(rows.get(table.name, ()))
        while some := list(islice(left, AT_A_TIME)):
            connection.execute(insert(table), some)
        key = table.autoincrement_column
        if connection.dialect.name == "postgresql" and key is not None:
            # It counts keys by itself, and these came with theirs. (SQLite looks at the highest.)
            connection.execute(select(func.setval(func.pg_get_serial_sequence(table.name, key.name), func.max(key))))


def _one_to_two(rows: Rows) -> Rows:
    """Holds, purses, PIN values, links and settlements."""
    booked: dict[int, int] = {}
    accounts = {card["id"]: card["account_id"] for card in rows["cards"]}
    foreign = {card["id"] for card in rows["cards"] if card["scheme"] != DOMESTIC}
    reversed_ids = {each["original_id"] for each in rows["transactions"] if each["original_id"]}
    for each in rows["transactions"]:
        if each["card_id"]:
            account = accounts[each["card_id"]]
            booked[account] = booked.get(account, 0) + each["booked"]

    def transaction(each: Row) -> Row:
        approved = each["response_code"] in GOOD
        return each | {
            "place": TRAITS[Kind(each["kind"])].place,
            "domestic": each["card_id"] not in foreign,
            "approved": each["amount"] if approved else 0,
            "held": 0,
            "purse": 0,
            "standing": approved and each["kind"] == Kind.SALE.value and each["id"] not in reversed_ids,
        }

    return rows | {
        "accounts": [
            each | {"opening": each["balance"] - booked.get(each["id"], 0), "held": 0} for each in rows["accounts"]
        ],
        "cards": [each | {"pin_method": "block", "pin_key_index": 1, "purse": 0} for each in rows["cards"]],
        "terminals": [
            each | {"signed_on_with_next": False, "last_stan": 0, "wishes": ""} for each in rows["terminals"]
        ],
        "transactions": _Changed(rows["transactions"], transaction),
    }


def _two_to_three(rows: Rows) -> Rows:
    """Limits of cards, and their script keys, which the next `provision` brings."""
    none = {"most_each": 0, "most_a_day": 0, "count_a_day": 0, "imk_smi_under_lmk": None, "imk_smc_under_lmk": None}
    return rows | {"cards": [each | none for each in rows["cards"]]}


def _three_to_four(rows: Rows) -> Rows:
    """A transaction has its reference, not known of those that are there; the last trace number of a terminal is that
    of its transactions."""
    terminals = [{name: value for name, value in each.items() if name != "last_stan"} for each in rows["terminals"]]
    return rows | {
        "terminals": terminals,
        "transactions": _Changed(rows["transactions"], lambda each: each | {"reference": None}),
    }


def _four_to_five(rows: Rows) -> Rows:
    """A transaction's key is its reference. Where that is not known its last six digits are, from the reference number:
    it is the first such number after the one before. A terminal's last settlement knows up to where all is settled."""
    keys: dict[int, int] = {}
    first_open: dict[str, int] = {}
    key = 0
    for each in rows["transactions"]:
        key = each["reference"] or key + 1 + (int(each["rrn"][-6:]) - key - 1) % MILLION
        keys[each["id"]] = key
        if each.get("settlement_id") is None:
            first_open.setdefault(each["terminal_id"], key)
    settlements = [each | {"up_to": 0} for each in rows.get("settlements", ())]
    for each in {each["terminal_id"]: each for each in settlements}.values():
        each["up_to"] = first_open.get(each["terminal_id"], key + 1) - 1

    def transaction(each: Row) -> Row:
        del each["reference"]
        return each | {"id": keys[each["id"]], "original_id": keys.get(each["original_id"])}

    return rows | {"settlements": settlements, "transactions": _Changed(rows["transactions"], transaction)}


STEPS: Mapping[int, Callable[[Rows], Rows]] = {
    1: _one_to_two,
    2: _two_to_three,
    3: _three_to_four,
    4: _four_to_five,
}
KNOWN = {*Base.metadata.tables}
