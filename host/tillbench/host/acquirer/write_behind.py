"""Writes that wait until many can go out together: one statement for each table, whatever the number of rows.

The ORM would look at every attribute of every row again, which costs more than all the rest of an authorisation.
"""

from collections.abc import Callable, Mapping, Sequence
from operator import itemgetter
from typing import Any, cast

from sqlalchemy import Connection, Dialect, Table, Update, bindparam
from sqlalchemy.engine.interfaces import DBAPICursor
from sqlalchemy.orm.attributes import instance_dict
from sqlalchemy.sql.dml import Insert
from tillbench.host.acquirer.schema import Account, Base, Card, Counter, Transaction

CHANGES: Mapping[type[Base], tuple[str, ...]] = {
    Account: ("balance", "held"),
    Card: ("last_atc", "pin_tries_left", "purse"),
    Counter: ("last",),
}
"""What an authorisation changes, by table; always in this order, so that two writers never wait for each other."""

Row = Mapping[str, Any]
Process = Callable[[Any], Any]


class WriteBehind:
    """Writes of one transaction of the database. Whoever reads tables that it writes lets them `out` first."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.dialect = connection.dialect
        self._entries: list[Row] = []
        self._changed: dict[Base, None] = {}

    def enter(self, values: Row) -> None:
        """A row of `transactions`, by column."""
        self._entries.append(values)

    def change(self, row: Base, **values: Any) -> None:
        """Other values for columns named in `CHANGES`. The row has them at once, its table when they go `out`."""
        instance_dict(row).update(values)  # as loaded: the ORM need not compare and write them
        self._changed[row] = None

    def out(self) -> None:
        """Write all that waits. Errors are the driver's, not SQLAlchemy's."""
        if not self._entries and not self._changed:
            return
        dialect, cursor = self.dialect, self._connection.connection.cursor()
        if self._entries:
            _statement(dialect, Transaction).execute(cursor, self._entries)
        for kind, columns in CHANGES.items():
            rows = [_values(row, columns) for row in self._changed if row.__class__ is kind]
            if rows:
                _statement(dialect, kind).execute(cursor, rows)
        cursor.close()
        self._entries, self._changed = [], {}


def _values(row: Base, columns: Sequence[str]) -> Row:
    of_row = instance_dict(row)
    return {KEY: of_row["name" if row.__class__ is Counter else "id"], **{name: of_row[name] for name in columns}}


KEY = "of_key"
"""The parameter for a row's primary key; no column has this name."""


class _Statement:
    """An insert or update, compiled once."""

    def __init__(self, statement: Insert | Update, processes: Mapping[str, Process | None], dialect: Dialect) -> None:
        compiled = statement.compile(dialect=dialect, column_keys=list(processes))
        self._sql = compiled.string
        self._names = list(compiled.positiontup or processes)
        self._take = itemgetter(*self._names)
        self._processes = [(at, process) for at, name in enumerate(self._names) if (process := processes[name])]
        self._positional = bool(compiled.positional)

    def execute(self, cursor: DBAPICursor, rows: Sequence[Row]) -> None:
        made = [list(self._take(row)) for row in rows]
        for values in made:
            for at, process in self._processes:
                values[at] = process(values[at])
        if self._positional:
            cursor.executemany(self._sql, made)
        else:
            cursor.executemany(self._sql, [dict(zip(self._names, values, strict=True)) for values in made])


_STATEMENTS: dict[tuple[str, type[Base]], _Statement] = {}


def _statement(dialect: Dialect, kind: type[Base]) -> _Statement:
    found = _STATEMENTS.get((dialect.name, kind))
    if found is None:
        found = _STATEMENTS[dialect.name, kind] = _compiled(dialect, kind)
    return found


def _compiled(dialect: Dialect, kind: type[Base]) -> _Statement:
    table = cast(Table, kind.__table__)

    def process(name: str) -> Process | None:
        return table.c[name].type.dialect_impl(dialect).bind_processor(dialect)

    if kind is Transaction:
        names = [column.name for column in table.columns if column.name != "id"]
        return _Statement(table.insert(), {name: process(name) for name in names}, dialect)
    (key,) = table.primary_key.columns
    columns = CHANGES[kind]
    update = table.update().where(key == bindparam(KEY)).values({name: bindparam(name) for name in columns})
    return _Statement(update, {**{name: process(name) for name in columns}, KEY: process(key.name)}, dialect)
