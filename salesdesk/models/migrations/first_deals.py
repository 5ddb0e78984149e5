"""The tables of ``models.deals`` as the first revision makes them. Frozen."""

import sqlalchemy as sa
from alembic import op

Big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def create() -> None:
    """Make the tables and their indexes."""
    _deal()
    _deal_indexes()
    _stage_move()
    _stage_move_indexes()
    _owner_change()
    _owner_change_indexes()
    _reach_ruling()
    _reach_ruling_indexes()
    _deal_person()
    _deal_person_indexes()
    _deal_tag()
    _deal_tag_indexes()
    _note()
    _note_indexes()
    _payment()
    _payment_indexes()


def _deal() -> None:
    op.create_table(
        "deal",
        sa.Column("id", Big, nullable=False),
        sa.Column("uid", sa.LargeBinary(), nullable=False),
        sa.Column("deleted_at", Big, nullable=True),
        sa.Column("number", Big, nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("title_key", sa.String(), nullable=False),
        sa.Column("client_id", Big, nullable=True),
        sa.Column("contact_id", Big, nullable=True),
        sa.Column("amount", Big, nullable=True),
        sa.Column("cost", Big, nullable=True),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("source_id", Big, nullable=True),
        sa.Column("industry_id", Big, nullable=True),
        sa.Column("start_day", Big, nullable=True),
        sa.Column("expected_day", Big, nullable=True),
        sa.Column("probability", sa.Integer(), nullable=True),
        sa.Column("parent_id", Big, nullable=True),
        sa.Column("lost_reason_id", Big, nullable=True),
        sa.Column("external_id", sa.String(), nullable=True),
        sa.Column("merged_into_id", Big, nullable=True),
        sa.Column("pos", sa.Float(), server_default=sa.text("0.0"), nullable=False),
        sa.Column("pipeline_id", Big, nullable=True),
        sa.Column("stage_id", Big, nullable=True),
        sa.Column("owner_id", Big, nullable=True),
        sa.Column("since", Big, nullable=True),
        sa.Column("created_at", Big, nullable=True),
        sa.Column("closed_at", Big, nullable=True),
        sa.Column("open_tasks", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("next_due", Big, nullable=True),
        sa.Column("next_task_id", Big, nullable=True),
        sa.ForeignKeyConstraint(["client_id"], ["client.id"]),
        sa.ForeignKeyConstraint(["contact_id"], ["client.id"]),
        sa.ForeignKeyConstraint(["industry_id"], ["industry.id"]),
        sa.ForeignKeyConstraint(["lost_reason_id"], ["lost_reason.id"]),
        sa.ForeignKeyConstraint(["merged_into_id"], ["deal.id"]),
        sa.ForeignKeyConstraint(["owner_id"], ["person.id"]),
        sa.ForeignKeyConstraint(["parent_id"], ["deal.id"]),
        sa.ForeignKeyConstraint(["pipeline_id"], ["pipeline.id"]),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"]),
        sa.ForeignKeyConstraint(["stage_id"], ["stage.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("uid"),
    )


def _deal_indexes() -> None:
    op.create_index(
        "ix_deal_board",
        "deal",
        ["stage_id", "pos", "id", "owner_id", "since", "open_tasks", "next_due", "deleted_at"],
        unique=False,
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_index(op.f("ix_deal_client_id"), "deal", ["client_id"], unique=False)
    op.create_index(op.f("ix_deal_contact_id"), "deal", ["contact_id"], unique=False)
    op.create_index(
        "ix_deal_gone",
        "deal",
        ["deleted_at"],
        unique=False,
        sqlite_where=sa.text("deleted_at IS NOT NULL"),
        postgresql_where=sa.text("deleted_at IS NOT NULL"),
    )
    op.create_index(
        "ix_deal_merged",
        "deal",
        ["merged_into_id"],
        unique=False,
        sqlite_where=sa.text("merged_into_id IS NOT NULL"),
        postgresql_where=sa.text("merged_into_id IS NOT NULL"),
    )
    op.create_index(op.f("ix_deal_number"), "deal", ["number"], unique=False)
    op.create_index(
        "ix_deal_owner",
        "deal",
        ["owner_id", "stage_id", "deleted_at"],
        unique=False,
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_index(
        "ix_deal_parent",
        "deal",
        ["parent_id"],
        unique=False,
        sqlite_where=sa.text("parent_id IS NOT NULL"),
        postgresql_where=sa.text("parent_id IS NOT NULL"),
    )
    op.create_index(
        "ux_deal_external",
        "deal",
        ["external_id"],
        unique=True,
        sqlite_where=sa.text("external_id IS NOT NULL AND deleted_at IS NULL"),
        postgresql_where=sa.text("external_id IS NOT NULL AND deleted_at IS NULL"),
    )


def _stage_move() -> None:
    op.create_table(
        "stage_move",
        sa.Column("id", Big, nullable=False),
        sa.Column("uid", sa.LargeBinary(), nullable=False),
        sa.Column("deal_id", Big, nullable=False),
        sa.Column("to_stage_id", Big, nullable=False),
        sa.Column("at", Big, nullable=False),
        sa.Column("seq", Big, nullable=False),
        sa.Column("recorded_at", Big, nullable=False),
        sa.Column("mover_id", Big, nullable=True),
        sa.Column("mover_as", sa.String(), server_default=sa.text("'person'"), nullable=False),
        sa.Column("owner_id", Big, nullable=True),
        sa.Column("sets_owner", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("amount", Big, nullable=True),
        sa.Column("lost_reason_id", Big, nullable=True),
        sa.Column("override", sa.String(), nullable=True),
        sa.Column("evidence", sa.String(), server_default=sa.text("'acted'"), nullable=False),
        sa.Column("command_id", Big, nullable=False),
        sa.Column("undone", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("superseded", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("from_stage_id", Big, nullable=True),
        sa.Column("spent", Big, nullable=True),
        sa.ForeignKeyConstraint(["command_id"], ["command.id"]),
        sa.ForeignKeyConstraint(["deal_id"], ["deal.id"]),
        sa.ForeignKeyConstraint(["lost_reason_id"], ["lost_reason.id"]),
        sa.ForeignKeyConstraint(["mover_id"], ["person.id"]),
        sa.ForeignKeyConstraint(["owner_id"], ["person.id"]),
        sa.ForeignKeyConstraint(["to_stage_id"], ["stage.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("uid"),
    )


def _stage_move_indexes() -> None:
    op.create_index(
        "ix_stage_move_at",
        "stage_move",
        [
            *("at", "id", "to_stage_id", "from_stage_id", "spent", "deal_id"),
            *("seq", "owner_id", "sets_owner", "lost_reason_id", "undone", "superseded"),
        ],
        unique=False,
    )
    op.create_index(op.f("ix_stage_move_deal_id"), "stage_move", ["deal_id"], unique=False)


def _owner_change() -> None:
    op.create_table(
        "owner_change",
        sa.Column("id", Big, nullable=False),
        sa.Column("deal_id", Big, nullable=False),
        sa.Column("person_id", Big, nullable=True),
        sa.Column("at", Big, nullable=False),
        sa.Column("seq", Big, nullable=False),
        sa.Column("command_id", Big, nullable=False),
        sa.Column("undone", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.ForeignKeyConstraint(["command_id"], ["command.id"]),
        sa.ForeignKeyConstraint(["deal_id"], ["deal.id"]),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"]),
        sa.PrimaryKeyConstraint("id"),
    )


def _owner_change_indexes() -> None:
    op.create_index(op.f("ix_owner_change_deal_id"), "owner_change", ["deal_id"], unique=False)


def _reach_ruling() -> None:
    op.create_table(
        "reach_ruling",
        sa.Column("id", Big, nullable=False),
        sa.Column("deal_id", Big, nullable=False),
        sa.Column("stage_id", Big, nullable=False),
        sa.Column("move_id", Big, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("person_id", Big, nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("by_id", Big, nullable=True),
        sa.Column("at", Big, nullable=False),
        sa.Column("seq", Big, nullable=False),
        sa.Column("command_id", Big, nullable=False),
        sa.Column("undone", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"]),
        sa.ForeignKeyConstraint(["command_id"], ["command.id"]),
        sa.ForeignKeyConstraint(["deal_id"], ["deal.id"]),
        sa.ForeignKeyConstraint(["move_id"], ["stage_move.id"]),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"]),
        sa.ForeignKeyConstraint(["stage_id"], ["stage.id"]),
        sa.PrimaryKeyConstraint("id"),
    )


def _reach_ruling_indexes() -> None:
    op.create_index(op.f("ix_reach_ruling_deal_id"), "reach_ruling", ["deal_id"], unique=False)


def _deal_person() -> None:
    op.create_table(
        "deal_person",
        sa.Column("id", Big, nullable=False),
        sa.Column("uid", sa.LargeBinary(), nullable=False),
        sa.Column("deleted_at", Big, nullable=True),
        sa.Column("deal_id", Big, nullable=False),
        sa.Column("person_id", Big, nullable=False),
        sa.ForeignKeyConstraint(["deal_id"], ["deal.id"]),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("uid"),
    )


def _deal_person_indexes() -> None:
    op.create_index(op.f("ix_deal_person_deal_id"), "deal_person", ["deal_id"], unique=False)


def _deal_tag() -> None:
    op.create_table(
        "deal_tag",
        sa.Column("id", Big, nullable=False),
        sa.Column("uid", sa.LargeBinary(), nullable=False),
        sa.Column("deleted_at", Big, nullable=True),
        sa.Column("deal_id", Big, nullable=False),
        sa.Column("tag_id", Big, nullable=False),
        sa.ForeignKeyConstraint(["deal_id"], ["deal.id"]),
        sa.ForeignKeyConstraint(["tag_id"], ["tag.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("uid"),
    )


def _deal_tag_indexes() -> None:
    op.create_index(op.f("ix_deal_tag_deal_id"), "deal_tag", ["deal_id"], unique=False)


def _note() -> None:
    op.create_table(
        "note",
        sa.Column("id", Big, nullable=False),
        sa.Column("uid", sa.LargeBinary(), nullable=False),
        sa.Column("deleted_at", Big, nullable=True),
        sa.Column("deal_id", Big, nullable=True),
        sa.Column("client_id", Big, nullable=True),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("at", Big, nullable=False),
        sa.Column("person_id", Big, nullable=True),
        sa.ForeignKeyConstraint(["client_id"], ["client.id"]),
        sa.ForeignKeyConstraint(["deal_id"], ["deal.id"]),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("uid"),
    )


def _note_indexes() -> None:
    op.create_index(op.f("ix_note_client_id"), "note", ["client_id"], unique=False)
    op.create_index(op.f("ix_note_deal_id"), "note", ["deal_id"], unique=False)


def _payment() -> None:
    op.create_table(
        "payment",
        sa.Column("id", Big, nullable=False),
        sa.Column("uid", sa.LargeBinary(), nullable=False),
        sa.Column("deleted_at", Big, nullable=True),
        sa.Column("deal_id", Big, nullable=False),
        sa.Column("direction", sa.String(), server_default=sa.text("'in'"), nullable=False),
        sa.Column("amount", Big, nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("planned_day", Big, nullable=True),
        sa.Column("actual_day", Big, nullable=True),
        sa.Column("contractor_id", Big, nullable=True),
        sa.Column("note", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["contractor_id"], ["contractor.id"]),
        sa.ForeignKeyConstraint(["deal_id"], ["deal.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("uid"),
    )


def _payment_indexes() -> None:
    op.create_index(op.f("ix_payment_contractor_id"), "payment", ["contractor_id"], unique=False)
    op.create_index(op.f("ix_payment_deal_id"), "payment", ["deal_id"], unique=False)
