"""The tables of ``models.contractors`` as the first revision makes them. Frozen."""

import sqlalchemy as sa
from alembic import op

Big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def create() -> None:
    """Make the tables and their indexes."""
    _service()
    _service_indexes()
    _contractor()
    _contractor_indexes()
    _contractor_service()
    _contractor_service_indexes()
    _contractor_contact()
    _contractor_contact_indexes()
    _contractor_quote()
    _contractor_quote_indexes()
    _contractor_rating()
    _contractor_rating_indexes()


def _service() -> None:
    op.create_table(
        "service",
        sa.Column("id", Big, nullable=False),
        sa.Column("uid", sa.LargeBinary(), nullable=False),
        sa.Column("deleted_at", Big, nullable=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("name_key", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("uid"),
    )


def _service_indexes() -> None:
    op.create_index(op.f("ix_service_name_key"), "service", ["name_key"], unique=False)


def _contractor() -> None:
    op.create_table(
        "contractor",
        sa.Column("id", Big, nullable=False),
        sa.Column("uid", sa.LargeBinary(), nullable=False),
        sa.Column("deleted_at", Big, nullable=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("name_key", sa.String(), nullable=False),
        sa.Column("phone", sa.String(), nullable=True),
        sa.Column("email", sa.String(), nullable=True),
        sa.Column("tax_number", sa.String(), nullable=True),
        sa.Column("rating", sa.Integer(), nullable=True),
        sa.Column("notes", sa.String(), nullable=True),
        sa.Column("external_id", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("uid"),
    )


def _contractor_indexes() -> None:
    op.create_index(op.f("ix_contractor_name_key"), "contractor", ["name_key"], unique=False)


def _contractor_service() -> None:
    op.create_table(
        "contractor_service",
        sa.Column("id", Big, nullable=False),
        sa.Column("uid", sa.LargeBinary(), nullable=False),
        sa.Column("deleted_at", Big, nullable=True),
        sa.Column("contractor_id", Big, nullable=False),
        sa.Column("service_id", Big, nullable=False),
        sa.ForeignKeyConstraint(["contractor_id"], ["contractor.id"]),
        sa.ForeignKeyConstraint(["service_id"], ["service.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("uid"),
    )


def _contractor_service_indexes() -> None:
    op.create_index(
        op.f("ix_contractor_service_contractor_id"),
        "contractor_service",
        ["contractor_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_contractor_service_service_id"), "contractor_service", ["service_id"], unique=False
    )


def _contractor_contact() -> None:
    op.create_table(
        "contractor_contact",
        sa.Column("id", Big, nullable=False),
        sa.Column("uid", sa.LargeBinary(), nullable=False),
        sa.Column("deleted_at", Big, nullable=True),
        sa.Column("contractor_id", Big, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("duty", sa.String(), nullable=True),
        sa.Column("phone", sa.String(), nullable=True),
        sa.Column("email", sa.String(), nullable=True),
        sa.Column("position", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.ForeignKeyConstraint(["contractor_id"], ["contractor.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("uid"),
    )


def _contractor_contact_indexes() -> None:
    op.create_index(
        op.f("ix_contractor_contact_contractor_id"),
        "contractor_contact",
        ["contractor_id"],
        unique=False,
    )


def _contractor_quote() -> None:
    op.create_table(
        "contractor_quote",
        sa.Column("id", Big, nullable=False),
        sa.Column("uid", sa.LargeBinary(), nullable=False),
        sa.Column("deleted_at", Big, nullable=True),
        sa.Column("contractor_id", Big, nullable=False),
        sa.Column("deal_id", Big, nullable=True),
        sa.Column("service_id", Big, nullable=True),
        sa.Column("price", Big, nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("day", Big, nullable=False),
        sa.Column("accepted", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("planned_day", Big, nullable=True),
        sa.Column("actual_day", Big, nullable=True),
        sa.Column("person_id", Big, nullable=True),
        sa.Column("note", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["contractor_id"], ["contractor.id"]),
        sa.ForeignKeyConstraint(["deal_id"], ["deal.id"]),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"]),
        sa.ForeignKeyConstraint(["service_id"], ["service.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("uid"),
    )


def _contractor_quote_indexes() -> None:
    op.create_index(
        op.f("ix_contractor_quote_contractor_id"),
        "contractor_quote",
        ["contractor_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_contractor_quote_deal_id"), "contractor_quote", ["deal_id"], unique=False
    )
    op.create_index(
        op.f("ix_contractor_quote_service_id"), "contractor_quote", ["service_id"], unique=False
    )


def _contractor_rating() -> None:
    op.create_table(
        "contractor_rating",
        sa.Column("id", Big, nullable=False),
        sa.Column("uid", sa.LargeBinary(), nullable=False),
        sa.Column("deleted_at", Big, nullable=True),
        sa.Column("contractor_id", Big, nullable=False),
        sa.Column("quote_id", Big, nullable=True),
        sa.Column("criterion", sa.String(), nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("why", sa.String(), nullable=True),
        sa.Column("person_id", Big, nullable=True),
        sa.Column("day", Big, nullable=False),
        sa.ForeignKeyConstraint(["contractor_id"], ["contractor.id"]),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"]),
        sa.ForeignKeyConstraint(["quote_id"], ["contractor_quote.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("uid"),
    )


def _contractor_rating_indexes() -> None:
    op.create_index(
        op.f("ix_contractor_rating_contractor_id"),
        "contractor_rating",
        ["contractor_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_contractor_rating_quote_id"), "contractor_rating", ["quote_id"], unique=False
    )
