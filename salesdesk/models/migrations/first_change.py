"""The tables of ``models.change`` as the first revision makes them. Frozen."""

import sqlalchemy as sa
from alembic import op

Big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def create() -> None:
    """Make the tables and their indexes."""
    _command()
    _command_indexes()
    _txn()
    _txn_indexes()
    _change()
    _change_indexes()
    _setting()


def _command() -> None:
    op.create_table(
        "command",
        sa.Column("id", Big, nullable=False),
        sa.Column("uid", sa.LargeBinary(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("origin", sa.String(), nullable=False),
        sa.Column("person_id", Big, nullable=True),
        sa.Column("at", Big, nullable=False),
        sa.Column("undoes_id", Big, nullable=True),
        sa.Column("state", sa.String(), server_default=sa.text("'done'"), nullable=False),
        sa.Column("undone", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("detail", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"]),
        sa.ForeignKeyConstraint(["undoes_id"], ["command.id"]),
        sa.PrimaryKeyConstraint("id"),
    )


def _command_indexes() -> None:
    op.create_index(
        "ix_command_running",
        "command",
        ["id"],
        unique=False,
        sqlite_where=sa.text("state = 'running'"),
        postgresql_where=sa.text("state = 'running'"),
    )
    op.create_index(
        "ix_command_told",
        "command",
        ["id"],
        unique=False,
        sqlite_where=sa.text("kind = 'undo' AND detail IS NOT NULL"),
        postgresql_where=sa.text("kind = 'undo' AND detail IS NOT NULL"),
    )


def _txn() -> None:
    op.create_table(
        "txn",
        sa.Column("id", Big, nullable=False),
        sa.Column("command_id", Big, nullable=False),
        sa.Column("at", Big, nullable=False),
        sa.Column("first_change", Big, nullable=False),
        sa.Column("last_change", Big, nullable=False),
        sa.ForeignKeyConstraint(["command_id"], ["command.id"]),
        sa.PrimaryKeyConstraint("id"),
    )


def _txn_indexes() -> None:
    op.create_index(op.f("ix_txn_command_id"), "txn", ["command_id"], unique=False)


def _change() -> None:
    op.create_table(
        "change",
        sa.Column("id", Big, nullable=False),
        sa.Column("txn_id", Big, nullable=False),
        sa.Column("tbl", sa.String(), nullable=False),
        sa.Column("row_id", Big, nullable=False),
        sa.Column("field", sa.String(), nullable=True),
        sa.Column("old", sa.LargeBinary(), nullable=True),
        sa.Column("new", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )


def _change_indexes() -> None:
    op.create_index(
        "ix_change_row",
        "change",
        ["tbl", "row_id"],
        unique=False,
        sqlite_where=sa.text(
            "tbl NOT IN ('stage_move', 'owner_change', 'reach_ruling', 'task_change')"
        ),
        postgresql_where=sa.text(
            "tbl NOT IN ('stage_move', 'owner_change', 'reach_ruling', 'task_change')"
        ),
    )


def _setting() -> None:
    op.create_table(
        "setting",
        sa.Column("id", Big, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.Column("deleted_at", Big, nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("name"),
    )
