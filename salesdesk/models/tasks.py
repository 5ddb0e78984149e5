"""Tasks and the facts about them: who, until when, and in what state, since when."""

from sqlalchemy import Index, text
from sqlmodel import Field

from salesdesk.models.columns import Keyed, Record, big, flag, must, must_ref, ref

#: Results that a supervisor has yet to accept.
_TO_ACCEPT = (
    "state = 'done' AND asks_result = 1 AND accepted IS NULL AND result IS NOT NULL "
    "AND deleted_at IS NULL"
)


class Task(Record, table=True):
    """Something to do for a deal or a client. ``event`` names what it waits for, if it waits;
    ``checklist`` is a JSON list of ``[line, ticked]``; ``note`` is what the rule that made it has
    to say (why another person got it).

    ``assignee_id``, ``due_at``, ``state``, ``closed_at`` and ``postponed`` are derived from the
    facts (``TaskChange``); within the transaction that makes a task, ``state`` is
    ``new`` until they are, so that no index takes it in twice.
    """

    __tablename__ = "task"
    __table_args__ = (
        Index(
            "ix_task_due",
            "due_at",
            "deal_id",
            "assignee_id",
            "state",
            "deleted_at",
            sqlite_where=text("state = 'open' AND deleted_at IS NULL"),
            postgresql_where=text("state = 'open' AND deleted_at IS NULL"),
        ),
        Index(
            "ux_task_external",
            "external_id",
            unique=True,
            sqlite_where=text("external_id IS NOT NULL AND deleted_at IS NULL"),
            postgresql_where=text("external_id IS NOT NULL AND deleted_at IS NULL"),
        ),
        Index(
            "ix_task_accept",
            *("closed_at", "assignee_id", "deal_id"),
            sqlite_where=text(_TO_ACCEPT),
            postgresql_where=text(_TO_ACCEPT),
        ),
        Index(
            "ix_task_ended",
            *("closed_at", "state", "kind_id", "assignee_id", "deal_id", "due_at", "deleted_at"),
            sqlite_where=text("closed_at IS NOT NULL AND deleted_at IS NULL"),
            postgresql_where=text("closed_at IS NOT NULL AND deleted_at IS NULL"),
        ),
        Index(
            "ix_task_client",
            "client_id",
            sqlite_where=text("client_id IS NOT NULL"),
            postgresql_where=text("client_id IS NOT NULL"),
        ),
    )
    title: str
    kind_id: int | None = ref("task_kind.id")
    deal_id: int | None = ref("deal.id", index=True)
    client_id: int | None = ref("client.id")
    supervisor_id: int | None = ref("person.id")
    created_at: int = must()
    rule_id: int | None = ref("task_rule.id")
    stage_id: int | None = ref("stage.id")
    must_be_done: int = flag()
    asks_result: int = flag()
    result: str | None = None
    remark: str | None = None
    accepted: int | None = None
    event: str | None = None
    event_stage_id: int | None = ref("stage.id")
    event_task_id: int | None = ref("task.id")
    event_field: str | None = None
    event_days: int | None = None
    description: str | None = None
    checklist: str | None = None
    note: str | None = None
    external_id: str | None = None
    # derived:
    assignee_id: int | None = ref("person.id")
    due_at: int | None = big()
    state: str = "new"
    closed_at: int | None = big()
    postponed: int = Field(default=0)


class TaskChange(Keyed, table=True):
    """A fact about a task from ``at`` on. ``fields`` says which of the values it sets:
    1 assignee, 2 due, 4 state (``open``, ``done``, ``cancelled``); ``postponement`` marks a due
    moment put off by hand, with its reason."""

    __tablename__ = "task_change"
    task_id: int = must_ref("task.id", index=True)
    at: int = must()
    seq: int = must()
    fields: int
    assignee_id: int | None = ref("person.id")
    due_at: int | None = big()
    state: str | None = None
    postponement: int = flag()
    reason: str | None = None
    person_id: int | None = ref("person.id")
    command_id: int = must_ref("command.id")
    undone: int = flag()
