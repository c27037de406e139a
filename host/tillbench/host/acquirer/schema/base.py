"""What all tables share, and the two that are about the books themselves."""

from sqlalchemy import String
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

REFERENCES = "references"
"""The counter behind retrieval reference numbers and authorisation codes."""


class Base(DeclarativeBase):
    pass


class SchemaVersion(Base):
    """One row: which of `migrations.VERSION` these tables are."""

    __tablename__ = "schema_version"

    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)


class Counter(Base):
    """A named number that only grows; its row is there from the beginning.

    Of `REFERENCES` it need not know those that went to a transaction, whose key they are.
    """

    __tablename__ = "counters"

    name: Mapped[str] = mapped_column(String(32), primary_key=True)
    last: Mapped[int]
