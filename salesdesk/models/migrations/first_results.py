"""The tables of ``models.results`` as the first revision makes them. Frozen."""

import sqlalchemy as sa
from alembic import op

Big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def create() -> None:
    """Make the tables and their indexes."""
    _closed_month()
    _closed_month_indexes()
    _bonus_step()
    _award()
    _award_indexes()
    _move_review()
    _move_review_indexes()
    _digest_target()
    _digest_sent()
    _digest_sent_indexes()


def _closed_month() -> None:
    op.create_table(
        "closed_month",
        sa.Column("id", Big, nullable=False),
        sa.Column("uid", sa.LargeBinary(), nullable=False),
        sa.Column("deleted_at", Big, nullable=True),
        sa.Column("month", Big, nullable=False),
        sa.Column("at", Big, nullable=False),
        sa.Column("person_id", Big, nullable=True),
        sa.Column("content", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("uid"),
    )


def _closed_month_indexes() -> None:
    op.create_index(op.f("ix_closed_month_month"), "closed_month", ["month"], unique=False)


def _bonus_step() -> None:
    op.create_table(
        "bonus_step",
        sa.Column("id", Big, nullable=False),
        sa.Column("uid", sa.LargeBinary(), nullable=False),
        sa.Column("deleted_at", Big, nullable=True),
        sa.Column("from_percent", sa.Integer(), nullable=False),
        sa.Column("percent", Big, nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("uid"),
    )


def _award() -> None:
    op.create_table(
        "award",
        sa.Column("id", Big, nullable=False),
        sa.Column("uid", sa.LargeBinary(), nullable=False),
        sa.Column("deleted_at", Big, nullable=True),
        sa.Column("person_id", Big, nullable=False),
        sa.Column("first_month", Big, nullable=False),
        sa.Column("last_month", Big, nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("points", Big, nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("confirmed_by_id", Big, nullable=True),
        sa.Column("at", Big, nullable=False),
        sa.ForeignKeyConstraint(["confirmed_by_id"], ["person.id"]),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("uid"),
    )


def _award_indexes() -> None:
    op.create_index(op.f("ix_award_first_month"), "award", ["first_month"], unique=False)


def _move_review() -> None:
    op.create_table(
        "move_review",
        sa.Column("id", Big, nullable=False),
        sa.Column("uid", sa.LargeBinary(), nullable=False),
        sa.Column("deleted_at", Big, nullable=True),
        sa.Column("move_id", Big, nullable=False),
        sa.Column("person_id", Big, nullable=True),
        sa.Column("at", Big, nullable=False),
        sa.Column("note", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["move_id"], ["stage_move.id"]),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("uid"),
    )


def _move_review_indexes() -> None:
    op.create_index(op.f("ix_move_review_move_id"), "move_review", ["move_id"], unique=False)


def _digest_target() -> None:
    op.create_table(
        "digest_target",
        sa.Column("id", Big, nullable=False),
        sa.Column("uid", sa.LargeBinary(), nullable=False),
        sa.Column("deleted_at", Big, nullable=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("thread", sa.Integer(), nullable=True),
        sa.Column("active", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("position", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("uid"),
    )


def _digest_sent() -> None:
    op.create_table(
        "digest_sent",
        sa.Column("id", Big, nullable=False),
        sa.Column("uid", sa.LargeBinary(), nullable=False),
        sa.Column("deleted_at", Big, nullable=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("day", Big, nullable=False),
        sa.Column("target_id", Big, nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("at", Big, nullable=False),
        sa.Column("person_id", Big, nullable=True),
        sa.Column("detail", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"]),
        sa.ForeignKeyConstraint(["target_id"], ["digest_target.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("uid"),
    )


def _digest_sent_indexes() -> None:
    op.create_index(op.f("ix_digest_sent_day"), "digest_sent", ["day"], unique=False)
