"""Deals and the facts about them: moves, changes of the responsible person, rulings on reaches.

Columns marked *derived* are written by ``models.derived`` alone, from the facts.
"""

from sqlalchemy import Index, LargeBinary, text
from sqlmodel import Field

from salesdesk.models.columns import Keyed, Record, big, flag, must, must_ref, ref


def _partial(name: str, *columns: str, where: str, unique: bool = False) -> Index:
    condition = text(where)
    return Index(name, *columns, unique=unique, sqlite_where=condition, postgresql_where=condition)


class Deal(Record, table=True):
    """The card of the board."""

    __tablename__ = "deal"
    __table_args__ = (
        # With deleted_at at its end an index covers what is asked of it: SQLite looks it up in the
        # row otherwise, though the index has no other rows.
        # What chips, filters and the control desk count of a stage stands in the board's index.
        _partial(
            "ix_deal_board",
            *("stage_id", "pos", "id", "owner_id", "since", "open_tasks", "next_due", "deleted_at"),
            where="deleted_at IS NULL",
        ),
        _partial("ix_deal_merged", "merged_into_id", where="merged_into_id IS NOT NULL"),
        _partial("ix_deal_gone", "deleted_at", where="deleted_at IS NOT NULL"),
        _partial("ix_deal_owner", "owner_id", "stage_id", "deleted_at", where="deleted_at IS NULL"),
        _partial("ix_deal_parent", "parent_id", where="parent_id IS NOT NULL"),
        _partial(
            "ux_deal_external",
            "external_id",
            unique=True,
            where="external_id IS NOT NULL AND deleted_at IS NULL",
        ),
    )
    number: int = must(index=True)
    title: str
    title_key: str
    client_id: int | None = ref("client.id", index=True)
    contact_id: int | None = ref("client.id", index=True)
    amount: int | None = big()
    cost: int | None = big()
    currency: str
    source_id: int | None = ref("source.id")
    industry_id: int | None = ref("industry.id")
    start_day: int | None = big()
    expected_day: int | None = big()
    probability: int | None = None
    parent_id: int | None = ref("deal.id")
    lost_reason_id: int | None = ref("lost_reason.id")
    external_id: str | None = None
    merged_into_id: int | None = ref("deal.id")
    pos: float = 0.0
    # derived from the facts:
    pipeline_id: int | None = ref("pipeline.id")
    stage_id: int | None = ref("stage.id")
    owner_id: int | None = ref("person.id")
    since: int | None = big()
    created_at: int | None = big()
    closed_at: int | None = big()
    open_tasks: int = Field(default=0)
    next_due: int | None = big()
    next_task_id: int | None = big()


class StageMove(Keyed, table=True):
    """One line of the protocol. ``evidence`` is ``acted`` (here), ``reported`` (by an import of
    moves or a sync), ``assumed`` (by an import of deals; gives way to reported ones) or ``told``
    (by a sync, of a deal whose past an import of deals assumed: both stand).
    ``mover_as`` is ``person``, ``cli``, ``rule``, ``sync`` or ``import``. ``seq`` orders facts of
    one moment: the number of the log line that recorded it. ``spent`` is microseconds in the stage
    left.
    """

    __tablename__ = "stage_move"
    __table_args__ = (
        # What reports count of many moves stands in the index by moment: without the rows, which
        # are four times as much to read and to decipher. Behind the moment comes the key: so the
        # index is in the order in which lists are turned.
        Index(
            "ix_stage_move_at",
            *("at", "id", "to_stage_id", "from_stage_id", "spent", "deal_id"),
            *("seq", "owner_id", "sets_owner", "lost_reason_id", "undone", "superseded"),
        ),
    )
    uid: bytes = Field(sa_type=LargeBinary, nullable=False, unique=True)
    deal_id: int = must_ref("deal.id", index=True)
    to_stage_id: int = must_ref("stage.id")
    at: int = must()
    seq: int = must()
    recorded_at: int = must()
    mover_id: int | None = ref("person.id")
    mover_as: str = "person"
    owner_id: int | None = ref("person.id")
    sets_owner: int = flag()
    amount: int | None = big()
    lost_reason_id: int | None = ref("lost_reason.id")
    override: str | None = None
    evidence: str = "acted"
    command_id: int = must_ref("command.id")
    # derived:
    undone: int = flag()
    superseded: int = flag()
    from_stage_id: int | None = big()
    spent: int | None = big()


class OwnerChange(Keyed, table=True):
    """The responsible person of a deal from a moment on (empty: nobody)."""

    __tablename__ = "owner_change"
    deal_id: int = must_ref("deal.id", index=True)
    person_id: int | None = ref("person.id")
    at: int = must()
    seq: int = must()
    command_id: int = must_ref("command.id")
    undone: int = flag()


class ReachRuling(Keyed, table=True):
    """A reach voided (``void``), credited to another person (``credit``) or ruled upon no more
    (``restore``), with the reason."""

    __tablename__ = "reach_ruling"
    deal_id: int = must_ref("deal.id", index=True)
    stage_id: int = must_ref("stage.id")
    move_id: int = must_ref("stage_move.id")
    kind: str
    person_id: int | None = ref("person.id")
    reason: str
    by_id: int | None = ref("person.id")
    at: int = must()
    seq: int = must()
    command_id: int = must_ref("command.id")
    undone: int = flag()


class DealPerson(Record, table=True):
    """A participant of a deal, without points."""

    __tablename__ = "deal_person"
    deal_id: int = must_ref("deal.id", index=True)
    person_id: int = must_ref("person.id")


class DealTag(Record, table=True):
    """A tag of a deal."""

    __tablename__ = "deal_tag"
    deal_id: int = must_ref("deal.id", index=True)
    tag_id: int = must_ref("tag.id")


class Note(Record, table=True):
    """A note on a deal or a client."""

    __tablename__ = "note"
    deal_id: int | None = ref("deal.id", index=True)
    client_id: int | None = ref("client.id", index=True)
    text: str
    at: int = must()
    person_id: int | None = ref("person.id")


class Payment(Record, table=True):
    """Money in from the client (``in``) or out to a contractor (``out``), planned and actual."""

    __tablename__ = "payment"
    deal_id: int = must_ref("deal.id", index=True)
    direction: str = "in"
    amount: int = must()
    currency: str
    planned_day: int | None = big()
    actual_day: int | None = big()
    contractor_id: int | None = ref("contractor.id", index=True)
    note: str | None = None
