"""The tables of ``models.people`` as the first revision makes them. Frozen."""

import sqlalchemy as sa
from alembic import op

Big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def create() -> None:
    """Make the tables and their indexes."""
    _team()
    _team_indexes()
    _person()
    _person_indexes()
    _absence()
    _absence_indexes()
    _day_off()
    _day_off_indexes()
    _calendar_year()
    _plan()
    _plan_indexes()
    _norm()


def _team() -> None:
    op.create_table(
        "team",
        sa.Column("id", Big, nullable=False),
        sa.Column("uid", sa.LargeBinary(), nullable=False),
        sa.Column("deleted_at", Big, nullable=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("name_key", sa.String(), nullable=False),
        sa.Column("parent_id", Big, nullable=True),
        sa.Column("lead_id", Big, nullable=True),
        sa.Column("position", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.ForeignKeyConstraint(["lead_id"], ["person.id"]),
        sa.ForeignKeyConstraint(["parent_id"], ["team.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("uid"),
    )


def _team_indexes() -> None:
    op.create_index(op.f("ix_team_name_key"), "team", ["name_key"], unique=False)


def _person() -> None:
    op.create_table(
        "person",
        sa.Column("id", Big, nullable=False),
        sa.Column("uid", sa.LargeBinary(), nullable=False),
        sa.Column("deleted_at", Big, nullable=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("name_key", sa.String(), nullable=False),
        sa.Column("role", sa.String(), server_default=sa.text("'manager'"), nullable=False),
        sa.Column("team_id", Big, nullable=True),
        sa.Column("supervisor_id", Big, nullable=True),
        sa.Column("email", sa.String(), nullable=True),
        sa.Column("phone", sa.String(), nullable=True),
        sa.Column("in_ranking", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("first_day", Big, nullable=True),
        sa.Column("last_day", Big, nullable=True),
        sa.Column("pin_hash", sa.String(), nullable=True),
        sa.Column("external_id", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["supervisor_id"], ["person.id"]),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("uid"),
    )


def _person_indexes() -> None:
    op.create_index(op.f("ix_person_name_key"), "person", ["name_key"], unique=False)


def _absence() -> None:
    op.create_table(
        "absence",
        sa.Column("id", Big, nullable=False),
        sa.Column("uid", sa.LargeBinary(), nullable=False),
        sa.Column("deleted_at", Big, nullable=True),
        sa.Column("person_id", Big, nullable=False),
        sa.Column("first_day", Big, nullable=False),
        sa.Column("last_day", Big, nullable=False),
        sa.Column("substitute_id", Big, nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"]),
        sa.ForeignKeyConstraint(["substitute_id"], ["person.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("uid"),
    )


def _absence_indexes() -> None:
    op.create_index(op.f("ix_absence_person_id"), "absence", ["person_id"], unique=False)


def _day_off() -> None:
    op.create_table(
        "day_off",
        sa.Column("id", Big, nullable=False),
        sa.Column("uid", sa.LargeBinary(), nullable=False),
        sa.Column("deleted_at", Big, nullable=True),
        sa.Column("day", Big, nullable=False),
        sa.Column("name", sa.String(), server_default=sa.text("''"), nullable=False),
        sa.Column("origin", sa.String(), server_default=sa.text("'country'"), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("uid"),
    )


def _day_off_indexes() -> None:
    op.create_index(op.f("ix_day_off_day"), "day_off", ["day"], unique=False)


def _calendar_year() -> None:
    op.create_table(
        "calendar_year",
        sa.Column("id", Big, nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("country", sa.String(), nullable=False),
        sa.Column("deleted_at", Big, nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("year"),
    )


def _plan() -> None:
    op.create_table(
        "plan",
        sa.Column("id", Big, nullable=False),
        sa.Column("uid", sa.LargeBinary(), nullable=False),
        sa.Column("deleted_at", Big, nullable=True),
        sa.Column("metric", sa.String(), nullable=False),
        sa.Column("kind_id", Big, nullable=True),
        sa.Column("person_id", Big, nullable=True),
        sa.Column("team_id", Big, nullable=True),
        sa.Column("month", Big, nullable=False),
        sa.Column("value", Big, nullable=False),
        sa.ForeignKeyConstraint(["kind_id"], ["task_kind.id"]),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"]),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("uid"),
    )


def _plan_indexes() -> None:
    op.create_index("ix_plan_month", "plan", ["month", "metric"], unique=False)


def _norm() -> None:
    op.create_table(
        "norm",
        sa.Column("id", Big, nullable=False),
        sa.Column("uid", sa.LargeBinary(), nullable=False),
        sa.Column("deleted_at", Big, nullable=True),
        sa.Column("metric", sa.String(), nullable=False),
        sa.Column("person_id", Big, nullable=True),
        sa.Column("team_id", Big, nullable=True),
        sa.Column("month", Big, nullable=True),
        sa.Column("value", Big, nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"]),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("uid"),
    )
