"""Writes that wait until many can go out together: one statement for each table, whatever the number of rows.

The ORM would look at every attribute of every row again, which costs more than all the rest of an authorisation.
"""

from collections.abc import Callable, Iterable, Mapping
from itertools import groupby
from operator import itemgetter, methodcaller
from typing import Any, cast

from sqlalchemy import Boolean, DateTime, Dialect, LargeBinary, Table, Update, bindparam
from sqlalchemy.engine.interfaces import DBAPICursor
from sqlalchemy.orm.attributes import instance_dict
from sqlalchemy.sql.dml import Insert
from sqlalchemy.types import TypeEngine
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

    def __init__(self, dialect: Dialect, cursor: DBAPICursor) -> None:
        self.dialect = dialect
        self._cursor = cursor
        self._statements = _STATEMENTS.setdefault(dialect.name, {})
        self._entries: list[Row] = []
        self._changed: dict[type[Base], dict[Base, None]] = {}

    def enter(self, values: Row) -> None:
        """A row of `transactions`, by column; those that stay null can be left out."""
        self._entries.append(values)

    def change(self, row: Base, **values: Any) -> None:
        """Other values for columns named in `CHANGES`. The row has them at once, its table when they go `out`."""
        instance_dict(row).update(values)  # as loaded: the ORM need not compare and write them
        self._changed.setdefault(row.__class__, {})[row] = None

    def out(self) -> None:
        """Write all that waits. Errors are the driver's, not SQLAlchemy's."""
        if self._entries:
            for columns, rows in groupby(self._entries, tuple):
                self._statement(Transaction, columns).execute(self._cursor, rows)
            self._entries = []
        if self._changed:
            for table, columns in CHANGES.items():
                changed = self._changed.get(table)
                if changed:
                    self._statement(table, columns).execute(self._cursor, map(instance_dict, changed))
            self._changed = {}

    def _statement(self, table: type[Base], columns: tuple[str, ...]) -> "_Statement":
        found = self._statements.get((table, columns))
        if found is None:
            found = self._statements[table, columns] = _compiled(self.dialect, table, columns)
        return found


KEY = "of_key"
"""The parameter for a row's primary key; no column has this name."""


class _Statement:
    """An insert or update, compiled once."""

    def __init__(
        self, statement: Insert | Update, processes: Mapping[str, Process | None], dialect: Dialect, key: str = ""
    ) -> None:
        """key: the column that the parameter `KEY` is taken from."""
        compiled = statement.compile(dialect=dialect, column_keys=list(processes))
        self._sql = compiled.string
        self._names = list(compiled.positiontup or processes)
        self._take = itemgetter(*(key if name == KEY else name for name in self._names))
        self._processes = [(at, process) for at, name in enumerate(self._names) if (process := processes[name])]
        self._positional = bool(compiled.positional)
        as_they_are = self._positional and not self._processes
        self._parameters: Callable[[Row], Any] = self._take if as_they_are else self._processed

    def execute(self, cursor: DBAPICursor, rows: Iterable[Row]) -> None:
        cursor.executemany(self._sql, [self._parameters(row) for row in rows])

    def _processed(self, row: Row) -> Any:
        values = list(self._take(row))
        for at, process in self._processes:
            values[at] = process(values[at])
        return values if self._positional else dict(zip(self._names, values, strict=True))


_STATEMENTS: dict[str, dict[tuple[type[Base], tuple[str, ...]], _Statement]] = {}
"""By the name of the dialect, the table and the columns."""


def _compiled(dialect: Dialect, kind: type[Base], columns: tuple[str, ...]) -> _Statement:
    """An insert into the transactions, or an update of another table."""
    table = cast(Table, kind.__table__)
    processes = {name: bound(table.c[name].type, dialect) for name in columns}
    if kind is Transaction:
        return _Statement(table.insert(), processes, dialect)
    (key,) = table.primary_key.columns
    update = table.update().where(key == bindparam(KEY)).values({name: bindparam(name) for name in columns})
    return _Statement(update, {**processes, KEY: bound(key.type, dialect)}, dialect, key.name)


def bound(kind: TypeEngine[Any], dialect: Dialect) -> Process | None:
    """What makes of a value of this type the one for the driver; None: it goes as it is. For SQLite in C, where
    SQLAlchemy's own is not; a test holds one against the other."""
    if dialect.name == "sqlite":
        for quick, process in QUICK.items():
            if isinstance(kind, quick):
                return process
    return kind.dialect_impl(dialect).bind_processor(dialect)


QUICK: Mapping[type[TypeEngine[Any]], Process | None] = {
    Boolean: int,
    DateTime: methodcaller("isoformat", " ", "microseconds"),
    LargeBinary: None,
}
"""For values that are never null, but for bytes."""
