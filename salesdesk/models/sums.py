"""What is derived from the facts: segments, reaches, holds and sums. Never logged, rebuilt by
``salesdesk check --rebuild``; written by ``models.derived`` alone.

Keys begin with what a move touches together: a deal's rows lie on one page, today's sums on
another.
"""

from typing import Any

from sqlalchemy import Index, text
from sqlmodel import Field, SQLModel

from salesdesk.models.columns import Big, big, must

_COMPACT = {"sqlite_with_rowid": False}


def _key() -> Any:
    return Field(primary_key=True, sa_type=Big)


class Span(SQLModel, table=True):
    """A deal stood in a stage under a responsible person in ``[start, stop)``."""

    __tablename__ = "span"
    __table_args__ = (_COMPACT,)
    deal_id: int = _key()
    start: int = _key()
    stop: int | None = big()
    stage_id: int = must()
    owner_id: int | None = big()


class Reach(SQLModel, table=True):
    """The reach of a stage by a deal; ``prev_at`` is the same person's latest earlier reach of the
    same milestone on that deal. ``credited`` tells that a ruling gave it to this person."""

    __tablename__ = "reach"
    __table_args__ = (
        Index("ix_reach_at", "at", "person_id", "stage_id"),
        Index("ix_reach_prev", "prev_at", sqlite_where=text("prev_at IS NOT NULL")),
        _COMPACT,
    )
    deal_id: int = _key()
    stage_id: int = _key()
    person_id: int = must()
    at: int = must()
    day: int = must()
    move_id: int = must()
    prev_at: int | None = big()
    credited: int = Field(default=0)


class Hold(SQLModel, table=True):
    """An item (a deal, or a task) counted for a person in ``[start, stop)``.

    ``kind`` is one of ``models.derive``'s kinds, ``scope_id`` the pipeline (0: none).
    ``prev_stop`` is the end of the same person's latest earlier hold of the same kind and item (see
    ``models.derive.HoldRow`` for what it means elsewhere).
    """

    __tablename__ = "hold"
    __table_args__ = (
        Index("ix_hold_start", "start", "kind", "person_id", "scope_id"),
        Index("ix_hold_stop", "stop", "kind", sqlite_where=text("stop IS NOT NULL")),
        Index(
            "ix_hold_prev",
            "prev_stop",
            "kind",
            "scope_id",
            "person_id",
            "start",
            sqlite_where=text("prev_stop IS NOT NULL"),
        ),
        _COMPACT,
    )
    item_id: int = _key()
    kind: int = _key()
    start: int = _key()
    person_id: int = _key()
    scope_id: int = _key()
    stop: int | None = big()
    prev_stop: int | None = big()


class TallyDay(SQLModel, table=True):
    """How many holds (reaches, ...) of a kind began (``plus``) and ended (``minus``) on a day."""

    __tablename__ = "tally_day"
    __table_args__ = (_COMPACT,)
    day: int = _key()
    person_id: int = _key()
    kind: int = _key()
    scope_id: int = _key()
    plus: int = must()
    minus: int = must()


class TallyMonth(SQLModel, table=True):
    """The same for a whole month."""

    __tablename__ = "tally_month"
    __table_args__ = (_COMPACT,)
    month: int = _key()
    person_id: int = _key()
    kind: int = _key()
    scope_id: int = _key()
    plus: int = must()
    minus: int = must()


class WonLine(SQLModel, table=True):
    """What a won deal adds to ``won_sum``."""

    __tablename__ = "won_line"
    __table_args__ = (_COMPACT,)
    deal_id: int = _key()
    day: int = _key()
    person_id: int = _key()
    scope_id: int = _key()
    currency: str = Field(primary_key=True)
    n: int = must()
    amount: int = must()
    cost: int = must()


class WonSum(SQLModel, table=True):
    """Present amount and cost of the deals a person won on a day, by currency and pipeline.
    The cost is the deal's own and its children's (each in its own currency)."""

    __tablename__ = "won_sum"
    __table_args__ = (_COMPACT,)
    day: int = _key()
    person_id: int = _key()
    scope_id: int = _key()
    currency: str = Field(primary_key=True)
    n: int = must()
    amount: int = must()
    cost: int = must()


class StageTotal(SQLModel, table=True):
    """What stands in a stage now, by currency; ``own_*`` of deals with a probability of their own
    (``own_weighted`` = sum of amount times percent)."""

    __tablename__ = "stage_total"
    __table_args__ = (_COMPACT,)
    stage_id: int = _key()
    currency: str = Field(primary_key=True)
    n: int = must()
    amount: int = must()
    own_amount: int = must()
    own_weighted: int = must()
