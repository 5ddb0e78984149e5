"""The tables of ``models.sync`` as the first revision makes them. Frozen."""

import sqlalchemy as sa
from alembic import op

Big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def create() -> None:
    """Make the tables and their indexes."""
    _sync_remote()
    _sync_map()
    _sync_link()
    _sync_queue()
    _sync_queue_indexes()
    _sync_conflict()
    _sync_conflict_indexes()
    _sync_stream()
    _sync_owed()
    _sync_aside()
    _sync_move()
    _sync_move_indexes()
    _sync_round()


def _sync_remote() -> None:
    op.create_table(
        "sync_remote",
        sa.Column("id", Big, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("base_url", sa.String(), nullable=False),
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("user_id", sa.String(), nullable=False),
        sa.Column("seat", sa.String(), nullable=False),
        sa.Column("state", sa.String(), server_default=sa.text("'on'"), nullable=False),
        sa.Column("problem", sa.String(), nullable=True),
        sa.Column("connected_at", Big, nullable=False),
        sa.Column("seen_change", Big, nullable=False),
        sa.Column("options", sa.String(), server_default=sa.text("'{}'"), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )


def _sync_map() -> None:
    op.create_table(
        "sync_map",
        sa.Column("id", Big, nullable=False),
        sa.Column("remote_id", Big, nullable=False),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("local_id", Big, nullable=False),
        sa.Column("far_id", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["remote_id"], ["sync_remote.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("remote_id", "what", "local_id"),
    )


def _sync_link() -> None:
    op.create_table(
        "sync_link",
        sa.Column("id", Big, nullable=False),
        sa.Column("remote_id", Big, nullable=False),
        sa.Column("entity", sa.String(), nullable=False),
        sa.Column("local_id", Big, nullable=False),
        sa.Column("far_id", sa.String(), nullable=False),
        sa.Column("agreed", sa.String(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("far_at", Big, nullable=False),
        sa.Column("state", sa.String(), server_default=sa.text("'linked'"), nullable=False),
        sa.ForeignKeyConstraint(["remote_id"], ["sync_remote.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("remote_id", "entity", "far_id"),
        sa.UniqueConstraint("remote_id", "entity", "local_id"),
    )


def _sync_queue() -> None:
    op.create_table(
        "sync_queue",
        sa.Column("id", Big, nullable=False),
        sa.Column("remote_id", Big, nullable=False),
        sa.Column("entity", sa.String(), nullable=False),
        sa.Column("local_id", Big, nullable=False),
        sa.Column("first_change", Big, nullable=False),
        sa.Column("last_change", Big, nullable=False),
        sa.Column("at", Big, nullable=False),
        sa.Column("state", sa.String(), server_default=sa.text("'waiting'"), nullable=False),
        sa.Column("tries", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("next_at", Big, nullable=False),
        sa.Column("sending_upto", Big, nullable=True),
        sa.Column("sent", sa.String(), nullable=True),
        sa.Column("failure", sa.String(), nullable=True),
        sa.Column("detail", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["remote_id"], ["sync_remote.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("remote_id", "entity", "local_id"),
    )


def _sync_queue_indexes() -> None:
    op.create_index(
        "ix_sync_queue_state", "sync_queue", ["remote_id", "state", "next_at"], unique=False
    )


def _sync_conflict() -> None:
    op.create_table(
        "sync_conflict",
        sa.Column("id", Big, nullable=False),
        sa.Column("remote_id", Big, nullable=False),
        sa.Column("entity", sa.String(), nullable=False),
        sa.Column("local_id", Big, nullable=False),
        sa.Column("field", sa.String(), nullable=False),
        sa.Column("before", sa.String(), nullable=False),
        sa.Column("ours", sa.String(), nullable=False),
        sa.Column("theirs", sa.String(), nullable=False),
        sa.Column("at", Big, nullable=False),
        sa.Column("state", sa.String(), server_default=sa.text("'open'"), nullable=False),
        sa.Column("person_id", Big, nullable=True),
        sa.Column("decided_at", Big, nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"]),
        sa.ForeignKeyConstraint(["remote_id"], ["sync_remote.id"]),
        sa.PrimaryKeyConstraint("id"),
    )


def _sync_conflict_indexes() -> None:
    op.create_index("ix_sync_conflict_open", "sync_conflict", ["remote_id", "state"], unique=False)


def _sync_stream() -> None:
    op.create_table(
        "sync_stream",
        sa.Column("id", Big, nullable=False),
        sa.Column("remote_id", Big, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("cursor", sa.String(), server_default=sa.text("''"), nullable=False),
        sa.Column("first_done", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("read", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("total", sa.Integer(), nullable=True),
        sa.Column("complete_at", Big, nullable=True),
        sa.ForeignKeyConstraint(["remote_id"], ["sync_remote.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("remote_id", "name"),
    )


def _sync_owed() -> None:
    op.create_table(
        "sync_owed",
        sa.Column("id", Big, nullable=False),
        sa.Column("remote_id", Big, nullable=False),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("far_id", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["remote_id"], ["sync_remote.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("remote_id", "what", "far_id"),
    )


def _sync_aside() -> None:
    op.create_table(
        "sync_aside",
        sa.Column("id", Big, nullable=False),
        sa.Column("remote_id", Big, nullable=False),
        sa.Column("stream", sa.String(), nullable=False),
        sa.Column("far_id", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("content", sa.String(), nullable=False),
        sa.Column("at", Big, nullable=False),
        sa.ForeignKeyConstraint(["remote_id"], ["sync_remote.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("remote_id", "stream", "far_id"),
    )


def _sync_move() -> None:
    op.create_table(
        "sync_move",
        sa.Column("id", Big, nullable=False),
        sa.Column("remote_id", Big, nullable=False),
        sa.Column("deal_id", Big, nullable=False),
        sa.Column("move_id", Big, nullable=True),
        sa.Column("carried", sa.String(), nullable=True),
        sa.Column("far_id", sa.String(), nullable=True),
        sa.Column("pushed_at", Big, nullable=True),
        sa.ForeignKeyConstraint(["deal_id"], ["deal.id"]),
        sa.ForeignKeyConstraint(["move_id"], ["stage_move.id"]),
        sa.ForeignKeyConstraint(["remote_id"], ["sync_remote.id"]),
        sa.PrimaryKeyConstraint("id"),
    )


def _sync_move_indexes() -> None:
    op.create_index("ix_sync_move_carried", "sync_move", ["remote_id", "carried"], unique=False)
    op.create_index(op.f("ix_sync_move_deal_id"), "sync_move", ["deal_id"], unique=False)
    op.create_index("ix_sync_move_far", "sync_move", ["remote_id", "far_id"], unique=False)


def _sync_round() -> None:
    op.create_table(
        "sync_round",
        sa.Column("id", Big, nullable=False),
        sa.Column("remote_id", Big, nullable=False),
        sa.Column("started_at", Big, nullable=False),
        sa.Column("ended_at", Big, nullable=True),
        sa.Column("pushed", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("pulled", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("failed", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("problem", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["remote_id"], ["sync_remote.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
