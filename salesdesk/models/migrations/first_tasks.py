"""The tables of ``models.tasks`` as the first revision makes them. Frozen."""

import sqlalchemy as sa
from alembic import op

Big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def create() -> None:
    """Make the tables and their indexes."""
    _task()
    _task_indexes()
    _task_change()
    _task_change_indexes()


def _task() -> None:
    op.create_table(
        "task",
        sa.Column("id", Big, nullable=False),
        sa.Column("uid", sa.LargeBinary(), nullable=False),
        sa.Column("deleted_at", Big, nullable=True),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("kind_id", Big, nullable=True),
        sa.Column("deal_id", Big, nullable=True),
        sa.Column("client_id", Big, nullable=True),
        sa.Column("supervisor_id", Big, nullable=True),
        sa.Column("created_at", Big, nullable=False),
        sa.Column("rule_id", Big, nullable=True),
        sa.Column("stage_id", Big, nullable=True),
        sa.Column("must_be_done", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("asks_result", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("result", sa.String(), nullable=True),
        sa.Column("remark", sa.String(), nullable=True),
        sa.Column("accepted", sa.Integer(), nullable=True),
        sa.Column("event", sa.String(), nullable=True),
        sa.Column("event_stage_id", Big, nullable=True),
        sa.Column("event_task_id", Big, nullable=True),
        sa.Column("event_field", sa.String(), nullable=True),
        sa.Column("event_days", sa.Integer(), nullable=True),
        sa.Column("description", sa.String(), nullable=True),
        sa.Column("checklist", sa.String(), nullable=True),
        sa.Column("note", sa.String(), nullable=True),
        sa.Column("external_id", sa.String(), nullable=True),
        sa.Column("assignee_id", Big, nullable=True),
        sa.Column("due_at", Big, nullable=True),
        sa.Column("state", sa.String(), server_default=sa.text("'new'"), nullable=False),
        sa.Column("closed_at", Big, nullable=True),
        sa.Column("postponed", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.ForeignKeyConstraint(["assignee_id"], ["person.id"]),
        sa.ForeignKeyConstraint(["client_id"], ["client.id"]),
        sa.ForeignKeyConstraint(["deal_id"], ["deal.id"]),
        sa.ForeignKeyConstraint(["event_stage_id"], ["stage.id"]),
        sa.ForeignKeyConstraint(["event_task_id"], ["task.id"]),
        sa.ForeignKeyConstraint(["kind_id"], ["task_kind.id"]),
        sa.ForeignKeyConstraint(["rule_id"], ["task_rule.id"]),
        sa.ForeignKeyConstraint(["stage_id"], ["stage.id"]),
        sa.ForeignKeyConstraint(["supervisor_id"], ["person.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("uid"),
    )


def _task_indexes() -> None:
    op.create_index(
        "ix_task_accept",
        "task",
        ["closed_at", "assignee_id", "deal_id"],
        unique=False,
        sqlite_where=sa.text(
            "state = 'done' AND asks_result = 1 AND accepted IS NULL AND result IS NOT NULL AND deleted_at IS NULL"
        ),
        postgresql_where=sa.text(
            "state = 'done' AND asks_result = 1 AND accepted IS NULL AND result IS NOT NULL AND deleted_at IS NULL"
        ),
    )
    op.create_index(
        "ix_task_client",
        "task",
        ["client_id"],
        unique=False,
        sqlite_where=sa.text("client_id IS NOT NULL"),
        postgresql_where=sa.text("client_id IS NOT NULL"),
    )
    op.create_index(op.f("ix_task_deal_id"), "task", ["deal_id"], unique=False)
    op.create_index(
        "ix_task_due",
        "task",
        ["due_at", "deal_id", "assignee_id", "state", "deleted_at"],
        unique=False,
        sqlite_where=sa.text("state = 'open' AND deleted_at IS NULL"),
        postgresql_where=sa.text("state = 'open' AND deleted_at IS NULL"),
    )
    op.create_index(
        "ix_task_ended",
        "task",
        ["closed_at", "state", "kind_id", "assignee_id", "deal_id", "due_at", "deleted_at"],
        unique=False,
        sqlite_where=sa.text("closed_at IS NOT NULL AND deleted_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NOT NULL AND deleted_at IS NULL"),
    )
    op.create_index(
        "ux_task_external",
        "task",
        ["external_id"],
        unique=True,
        sqlite_where=sa.text("external_id IS NOT NULL AND deleted_at IS NULL"),
        postgresql_where=sa.text("external_id IS NOT NULL AND deleted_at IS NULL"),
    )


def _task_change() -> None:
    op.create_table(
        "task_change",
        sa.Column("id", Big, nullable=False),
        sa.Column("task_id", Big, nullable=False),
        sa.Column("at", Big, nullable=False),
        sa.Column("seq", Big, nullable=False),
        sa.Column("fields", sa.Integer(), nullable=False),
        sa.Column("assignee_id", Big, nullable=True),
        sa.Column("due_at", Big, nullable=True),
        sa.Column("state", sa.String(), nullable=True),
        sa.Column("postponement", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("person_id", Big, nullable=True),
        sa.Column("command_id", Big, nullable=False),
        sa.Column("undone", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.ForeignKeyConstraint(["assignee_id"], ["person.id"]),
        sa.ForeignKeyConstraint(["command_id"], ["command.id"]),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"]),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"]),
        sa.PrimaryKeyConstraint("id"),
    )


def _task_change_indexes() -> None:
    op.create_index(op.f("ix_task_change_task_id"), "task_change", ["task_id"], unique=False)
