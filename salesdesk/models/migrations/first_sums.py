"""The tables of ``models.sums`` as the first revision makes them. Frozen."""

import sqlalchemy as sa
from alembic import op

Big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def create() -> None:
    """Make the tables and their indexes."""
    _span()
    _reach()
    _reach_indexes()
    _hold()
    _hold_indexes()
    _tally_day()
    _tally_month()
    _won_line()
    _won_sum()
    _stage_total()


def _span() -> None:
    op.create_table(
        "span",
        sa.Column("deal_id", Big, nullable=False),
        sa.Column("start", Big, nullable=False),
        sa.Column("stop", Big, nullable=True),
        sa.Column("stage_id", Big, nullable=False),
        sa.Column("owner_id", Big, nullable=True),
        sa.PrimaryKeyConstraint("deal_id", "start"),
        sqlite_with_rowid=False,
    )


def _reach() -> None:
    op.create_table(
        "reach",
        sa.Column("deal_id", Big, nullable=False),
        sa.Column("stage_id", Big, nullable=False),
        sa.Column("person_id", Big, nullable=False),
        sa.Column("at", Big, nullable=False),
        sa.Column("day", Big, nullable=False),
        sa.Column("move_id", Big, nullable=False),
        sa.Column("prev_at", Big, nullable=True),
        sa.Column("credited", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.PrimaryKeyConstraint("deal_id", "stage_id"),
        sqlite_with_rowid=False,
    )


def _reach_indexes() -> None:
    op.create_index("ix_reach_at", "reach", ["at", "person_id", "stage_id"], unique=False)
    op.create_index(
        "ix_reach_prev",
        "reach",
        ["prev_at"],
        unique=False,
        sqlite_where=sa.text("prev_at IS NOT NULL"),
    )


def _hold() -> None:
    op.create_table(
        "hold",
        sa.Column("item_id", Big, nullable=False),
        sa.Column("kind", Big, nullable=False),
        sa.Column("start", Big, nullable=False),
        sa.Column("person_id", Big, nullable=False),
        sa.Column("scope_id", Big, nullable=False),
        sa.Column("stop", Big, nullable=True),
        sa.Column("prev_stop", Big, nullable=True),
        sa.PrimaryKeyConstraint("item_id", "kind", "start", "person_id", "scope_id"),
        sqlite_with_rowid=False,
    )


def _hold_indexes() -> None:
    op.create_index(
        "ix_hold_prev",
        "hold",
        ["prev_stop", "kind", "scope_id", "person_id", "start"],
        unique=False,
        sqlite_where=sa.text("prev_stop IS NOT NULL"),
    )
    op.create_index(
        "ix_hold_start", "hold", ["start", "kind", "person_id", "scope_id"], unique=False
    )
    op.create_index(
        "ix_hold_stop",
        "hold",
        ["stop", "kind"],
        unique=False,
        sqlite_where=sa.text("stop IS NOT NULL"),
    )


def _tally_day() -> None:
    op.create_table(
        "tally_day",
        sa.Column("day", Big, nullable=False),
        sa.Column("person_id", Big, nullable=False),
        sa.Column("kind", Big, nullable=False),
        sa.Column("scope_id", Big, nullable=False),
        sa.Column("plus", Big, nullable=False),
        sa.Column("minus", Big, nullable=False),
        sa.PrimaryKeyConstraint("day", "person_id", "kind", "scope_id"),
        sqlite_with_rowid=False,
    )


def _tally_month() -> None:
    op.create_table(
        "tally_month",
        sa.Column("month", Big, nullable=False),
        sa.Column("person_id", Big, nullable=False),
        sa.Column("kind", Big, nullable=False),
        sa.Column("scope_id", Big, nullable=False),
        sa.Column("plus", Big, nullable=False),
        sa.Column("minus", Big, nullable=False),
        sa.PrimaryKeyConstraint("month", "person_id", "kind", "scope_id"),
        sqlite_with_rowid=False,
    )


def _won_line() -> None:
    op.create_table(
        "won_line",
        sa.Column("deal_id", Big, nullable=False),
        sa.Column("day", Big, nullable=False),
        sa.Column("person_id", Big, nullable=False),
        sa.Column("scope_id", Big, nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("n", Big, nullable=False),
        sa.Column("amount", Big, nullable=False),
        sa.Column("cost", Big, nullable=False),
        sa.PrimaryKeyConstraint("deal_id", "day", "person_id", "scope_id", "currency"),
        sqlite_with_rowid=False,
    )


def _won_sum() -> None:
    op.create_table(
        "won_sum",
        sa.Column("day", Big, nullable=False),
        sa.Column("person_id", Big, nullable=False),
        sa.Column("scope_id", Big, nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("n", Big, nullable=False),
        sa.Column("amount", Big, nullable=False),
        sa.Column("cost", Big, nullable=False),
        sa.PrimaryKeyConstraint("day", "person_id", "scope_id", "currency"),
        sqlite_with_rowid=False,
    )


def _stage_total() -> None:
    op.create_table(
        "stage_total",
        sa.Column("stage_id", Big, nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("n", Big, nullable=False),
        sa.Column("amount", Big, nullable=False),
        sa.Column("own_amount", Big, nullable=False),
        sa.Column("own_weighted", Big, nullable=False),
        sa.PrimaryKeyConstraint("stage_id", "currency"),
        sqlite_with_rowid=False,
    )
