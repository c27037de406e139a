"""The connections to a ledger's database: how an SQLite file is opened, and that it is still the one opened."""

import os
from pathlib import Path
from sqlite3 import Connection as DriverConnection
from sqlite3 import Error as DriverError
from sqlite3 import OperationalError as DriverOperationalError
from typing import Any

from sqlalchemy import URL, Engine, create_engine, event
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.exc import DisconnectionError, OperationalError
from sqlalchemy.pool import StaticPool
from sqlalchemy.util import LRUCache

BUSY_MILLISECONDS = 5_000
"""How long an SQLite file that another process is writing is waited for."""
CACHE_KIB = 65_536
"""Of an SQLite file, in memory: the ends of all indices of a large ledger."""
PAGE_BYTES = 1_024
"""Of a new SQLite file. A commit writes every page that it has changed as a whole, four or more for a sale; with pages
of 4 KiB, SQLite's own choice, statements and commit took a quarter longer."""
CHECKPOINT_KIB = 16_000
"""What is in the log beside an SQLite file before it is written into it: a page that changes with every message is
written the less often, the longer that waits."""
IN_MEMORY = (None, "", ":memory:")


class SameDialect(SQLiteDialect_pysqlite):
    """SQLite as its library in this process speaks it. SQLAlchemy keeps compiled statements by their dialect: all of
    these are equal, so what was compiled for one ledger serves for the next, as in a suite with a fresh one per test.
    """

    supports_statement_cache = True

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self)

    def __hash__(self) -> int:
        return hash(type(self))


registry.register("sqlite.same", __name__, SameDialect.__name__)
_compiled: Any = LRUCache(500)  # as many as an engine's own


class LedgerFile:
    """A database file, by its place and by what is there. A connection to a file that was removed or replaced would go
    on as if nothing were wrong, and all that it writes would be lost."""

    def __init__(self, path: Path) -> None:
        self._path = str(path)  # at each look a `Path` would be made into text
        self.made = False

    def must_be_there(self) -> tuple[int, int]:
        """Which file is in the place now. Raises the driver's OperationalError when there is none."""
        try:
            found = os.stat(self._path)
        except OSError as error:
            raise DriverOperationalError(f"the file is gone: {error.strerror}") from None
        return found.st_dev, found.st_ino


def in_a_file(url: URL) -> bool:
    """Is this an SQLite file, named by its path? (Not by a URI of SQLite's own, whose ways are the user's affair.)"""
    named = url.get_backend_name() == "sqlite" and url.database not in IN_MEMORY
    return named and not str(url.database).startswith("file:")


def make_engine(url: URL, *, power_safe: bool) -> tuple[Engine, LedgerFile | None]:
    """Connections to that database, each as it must be; and the file, when it is in one. SQLAlchemyError, ImportError.

    power_safe: see `ledger.Ledger`. Until the file is said to be `made`, connecting makes it; after that never again.
    """
    if url.drivername == "postgresql":
        url = url.set(drivername="postgresql+psycopg")
    if url.get_backend_name() != "sqlite":
        # A server that was restarted in between is noticed before a request is answered 96 for it.
        return create_engine(url, pool_pre_ping=True), None
    options = {"compiled_cache": _compiled}
    own = url.set(drivername="sqlite+same") if url.drivername in ("sqlite", "sqlite+pysqlite") else url
    if url.database in IN_MEMORY:
        # One connection for all, or each would see an empty database of its own.
        engine = create_engine(
            own, poolclass=StaticPool, connect_args={"check_same_thread": False}, execution_options=options
        )
        file = None
    elif in_a_file(url):
        engine, file = create_engine(own, execution_options=options), LedgerFile(Path(url.database or ""))
        _watch(engine, file)
    else:
        engine, file = create_engine(own, execution_options=options), None

    @event.listens_for(engine, "connect")
    def configure(connection: DriverConnection, _record: Any) -> None:
        connection.isolation_level = None  # the driver would begin too late; `begin` below does it
        connection.execute(f"PRAGMA page_size={PAGE_BYTES}").close()  # means nothing to a file that is there
        (page_bytes,) = connection.execute("PRAGMA page_size").fetchone()
        for pragma in (
            "journal_mode=WAL",
            f"synchronous={'FULL' if power_safe else 'NORMAL'}",
            f"cache_size=-{CACHE_KIB}",
            f"wal_autocheckpoint={CHECKPOINT_KIB * 1024 // page_bytes}",
            "foreign_keys=ON",
            f"busy_timeout={BUSY_MILLISECONDS}",
        ):
            connection.execute(f"PRAGMA {pragma}").close()

    @event.listens_for(engine, "begin")
    def begin(connection: Any) -> None:
        # Take the writer's place at once: a reader that turns writer half-way could lose to another and fail.
        # At the driver, since SQLAlchemy's way costs as much as the rest of a small transaction.
        driver: DriverConnection = connection.connection.driver_connection
        if driver.in_transaction:
            return  # by `Writer`, which has no need of a session most of the time
        try:
            driver.execute("BEGIN IMMEDIATE").close()
        except DriverError as error:
            raise OperationalError("BEGIN IMMEDIATE", None, error) from error

    return engine, file


def _watch(engine: Engine, file: LedgerFile) -> None:
    """A connection is used only while its file is in its place; when another one is there, that is opened."""

    @event.listens_for(engine, "do_connect")
    def look(*_: Any) -> None:
        if file.made:
            file.must_be_there()

    @event.listens_for(engine, "connect")
    def remember(_connection: Any, record: Any) -> None:
        record.info["file"] = file.must_be_there()

    @event.listens_for(engine, "checkout")
    def same(_connection: Any, record: Any, _proxy: Any) -> None:
        if record.info["file"] != file.must_be_there():
            raise DisconnectionError("another file is in its place")
