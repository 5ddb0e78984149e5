"""The tables of ``models.clients`` as the first revision makes them. Frozen."""

import sqlalchemy as sa
from alembic import op

Big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def create() -> None:
    """Make the tables and their indexes."""
    _source()
    _source_indexes()
    _industry()
    _industry_indexes()
    _client()
    _client_indexes()
    _client_contact()
    _client_contact_indexes()
    _client_apart()
    _client_apart_indexes()
    _tag()
    _tag_indexes()
    _lost_reason()
    _lost_reason_indexes()
    _rate()
    _rate_indexes()
    _saved_filter()


def _source() -> None:
    op.create_table(
        "source",
        sa.Column("id", Big, nullable=False),
        sa.Column("uid", sa.LargeBinary(), nullable=False),
        sa.Column("deleted_at", Big, nullable=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("name_key", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("uid"),
    )


def _source_indexes() -> None:
    op.create_index(op.f("ix_source_name_key"), "source", ["name_key"], unique=False)


def _industry() -> None:
    op.create_table(
        "industry",
        sa.Column("id", Big, nullable=False),
        sa.Column("uid", sa.LargeBinary(), nullable=False),
        sa.Column("deleted_at", Big, nullable=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("name_key", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("uid"),
    )


def _industry_indexes() -> None:
    op.create_index(op.f("ix_industry_name_key"), "industry", ["name_key"], unique=False)


def _client() -> None:
    op.create_table(
        "client",
        sa.Column("id", Big, nullable=False),
        sa.Column("uid", sa.LargeBinary(), nullable=False),
        sa.Column("deleted_at", Big, nullable=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("name_key", sa.String(), nullable=False),
        sa.Column("company_id", Big, nullable=True),
        sa.Column("source_id", Big, nullable=True),
        sa.Column("industry_id", Big, nullable=True),
        sa.Column("tax_number", sa.String(), nullable=True),
        sa.Column("notes", sa.String(), nullable=True),
        sa.Column("external_id", sa.String(), nullable=True),
        sa.Column("merged_into_id", Big, nullable=True),
        sa.ForeignKeyConstraint(["company_id"], ["client.id"]),
        sa.ForeignKeyConstraint(["industry_id"], ["industry.id"]),
        sa.ForeignKeyConstraint(["merged_into_id"], ["client.id"]),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("uid"),
    )


def _client_indexes() -> None:
    op.create_index(op.f("ix_client_company_id"), "client", ["company_id"], unique=False)
    op.create_index(op.f("ix_client_name_key"), "client", ["name_key"], unique=False)
    op.create_index(
        "ix_client_tax",
        "client",
        ["tax_number"],
        unique=False,
        sqlite_where=sa.text("tax_number IS NOT NULL"),
        postgresql_where=sa.text("tax_number IS NOT NULL"),
    )
    op.create_index(
        "ux_client_external",
        "client",
        ["kind", "external_id"],
        unique=True,
        sqlite_where=sa.text("external_id IS NOT NULL AND deleted_at IS NULL"),
        postgresql_where=sa.text("external_id IS NOT NULL AND deleted_at IS NULL"),
    )


def _client_contact() -> None:
    op.create_table(
        "client_contact",
        sa.Column("id", Big, nullable=False),
        sa.Column("uid", sa.LargeBinary(), nullable=False),
        sa.Column("deleted_at", Big, nullable=True),
        sa.Column("client_id", Big, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.Column("value_key", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.ForeignKeyConstraint(["client_id"], ["client.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("uid"),
    )


def _client_contact_indexes() -> None:
    op.create_index(
        op.f("ix_client_contact_client_id"), "client_contact", ["client_id"], unique=False
    )
    op.create_index(
        op.f("ix_client_contact_value_key"), "client_contact", ["value_key"], unique=False
    )


def _client_apart() -> None:
    op.create_table(
        "client_apart",
        sa.Column("id", Big, nullable=False),
        sa.Column("uid", sa.LargeBinary(), nullable=False),
        sa.Column("deleted_at", Big, nullable=True),
        sa.Column("client_id", Big, nullable=False),
        sa.Column("other_id", Big, nullable=False),
        sa.ForeignKeyConstraint(["client_id"], ["client.id"]),
        sa.ForeignKeyConstraint(["other_id"], ["client.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("uid"),
    )


def _client_apart_indexes() -> None:
    op.create_index(op.f("ix_client_apart_client_id"), "client_apart", ["client_id"], unique=False)
    op.create_index(op.f("ix_client_apart_other_id"), "client_apart", ["other_id"], unique=False)


def _tag() -> None:
    op.create_table(
        "tag",
        sa.Column("id", Big, nullable=False),
        sa.Column("uid", sa.LargeBinary(), nullable=False),
        sa.Column("deleted_at", Big, nullable=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("name_key", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("uid"),
    )


def _tag_indexes() -> None:
    op.create_index(op.f("ix_tag_name_key"), "tag", ["name_key"], unique=False)


def _lost_reason() -> None:
    op.create_table(
        "lost_reason",
        sa.Column("id", Big, nullable=False),
        sa.Column("uid", sa.LargeBinary(), nullable=False),
        sa.Column("deleted_at", Big, nullable=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("name_key", sa.String(), nullable=False),
        sa.Column("not_refusal", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("position", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("uid"),
    )


def _lost_reason_indexes() -> None:
    op.create_index(op.f("ix_lost_reason_name_key"), "lost_reason", ["name_key"], unique=False)


def _rate() -> None:
    op.create_table(
        "rate",
        sa.Column("id", Big, nullable=False),
        sa.Column("uid", sa.LargeBinary(), nullable=False),
        sa.Column("deleted_at", Big, nullable=True),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("valid_from", Big, nullable=True),
        sa.Column("rate", Big, nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("uid"),
    )


def _rate_indexes() -> None:
    op.create_index(op.f("ix_rate_currency"), "rate", ["currency"], unique=False)


def _saved_filter() -> None:
    op.create_table(
        "saved_filter",
        sa.Column("id", Big, nullable=False),
        sa.Column("uid", sa.LargeBinary(), nullable=False),
        sa.Column("deleted_at", Big, nullable=True),
        sa.Column("page", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("person_id", Big, nullable=True),
        sa.Column("content", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("uid"),
    )
