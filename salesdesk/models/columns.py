"""Column kinds shared by the tables.

Moments are microseconds UTC, days are ordinals of local days, money is ten-thousandths and points
millionths (see ``salesdesk.moments``). Every record has a local integer key for joins and a unique
time-ordered id (UUID version 7, 16 bytes) for the outside.
"""

from typing import Any

from sqlalchemy import BigInteger, Integer, LargeBinary
from sqlmodel import Field, SQLModel

Big = BigInteger().with_variant(Integer, "sqlite")


def big(default: Any = None, **options: Any) -> Any:
    """A nullable 64-bit integer column: a moment, money, points or a key."""
    return Field(default=default, sa_type=Big, nullable=True, **options)


def must(**options: Any) -> Any:
    """A 64-bit integer column that is never empty."""
    return Field(sa_type=Big, nullable=False, **options)


def ref(target: str, *, index: bool = False) -> Any:
    """A nullable reference to ``target`` (``table.id``); history is never cascaded into."""
    return Field(default=None, foreign_key=target, sa_type=Big, nullable=True, index=index)


def must_ref(target: str, *, index: bool = False) -> Any:
    """A reference that is never empty."""
    return Field(foreign_key=target, sa_type=Big, nullable=False, index=index)


def flag(default: bool = False) -> Any:
    """A yes or no, kept as 0 or 1."""
    return Field(default=int(default), sa_type=Integer, nullable=False)


class Keyed(SQLModel):
    """A row with a local integer key."""

    id: int | None = Field(default=None, primary_key=True, sa_type=Big)


class Record(Keyed):
    """A row that people know: marked deleted, never removed."""

    uid: bytes = Field(sa_type=LargeBinary, nullable=False, unique=True)
    deleted_at: int | None = big()
