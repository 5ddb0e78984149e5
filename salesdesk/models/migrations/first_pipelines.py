"""The tables of ``models.pipelines`` as the first revision makes them. Frozen."""

import sqlalchemy as sa
from alembic import op

Big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def create() -> None:
    """Make the tables and their indexes."""
    _pipeline()
    _pipeline_indexes()
    _stage()
    _stage_indexes()
    _stage_points()
    _stage_points_indexes()
    _task_kind()
    _task_kind_indexes()
    _task_rule()
    _task_rule_indexes()
    _link_rule()
    _link_rule_indexes()
    _custom_field()
    _custom_field_indexes()
    _field_value()
    _field_value_indexes()


def _pipeline() -> None:
    op.create_table(
        "pipeline",
        sa.Column("id", Big, nullable=False),
        sa.Column("uid", sa.LargeBinary(), nullable=False),
        sa.Column("deleted_at", Big, nullable=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("name_key", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("counts", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("uid"),
    )


def _pipeline_indexes() -> None:
    op.create_index(op.f("ix_pipeline_name_key"), "pipeline", ["name_key"], unique=False)


def _stage() -> None:
    op.create_table(
        "stage",
        sa.Column("id", Big, nullable=False),
        sa.Column("uid", sa.LargeBinary(), nullable=False),
        sa.Column("deleted_at", Big, nullable=True),
        sa.Column("pipeline_id", Big, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("name_key", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("colour", sa.String(), server_default=sa.text("'slate'"), nullable=False),
        sa.Column("kind", sa.String(), server_default=sa.text("'open'"), nullable=False),
        sa.Column("probability", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("limit_days", sa.Integer(), nullable=True),
        sa.Column("milestone", sa.String(), nullable=True),
        sa.Column("required", sa.String(), server_default=sa.text("'[]'"), nullable=False),
        sa.Column("paid_percent", sa.Integer(), nullable=True),
        sa.Column("archived", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.ForeignKeyConstraint(["pipeline_id"], ["pipeline.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("uid"),
    )


def _stage_indexes() -> None:
    op.create_index(op.f("ix_stage_pipeline_id"), "stage", ["pipeline_id"], unique=False)


def _stage_points() -> None:
    op.create_table(
        "stage_points",
        sa.Column("id", Big, nullable=False),
        sa.Column("uid", sa.LargeBinary(), nullable=False),
        sa.Column("deleted_at", Big, nullable=True),
        sa.Column("stage_id", Big, nullable=False),
        sa.Column("valid_from", Big, nullable=True),
        sa.Column("points", Big, nullable=False),
        sa.ForeignKeyConstraint(["stage_id"], ["stage.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("uid"),
    )


def _stage_points_indexes() -> None:
    op.create_index(op.f("ix_stage_points_stage_id"), "stage_points", ["stage_id"], unique=False)


def _task_kind() -> None:
    op.create_table(
        "task_kind",
        sa.Column("id", Big, nullable=False),
        sa.Column("uid", sa.LargeBinary(), nullable=False),
        sa.Column("deleted_at", Big, nullable=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("name_key", sa.String(), nullable=False),
        sa.Column("icon", sa.String(), server_default=sa.text("'task'"), nullable=False),
        sa.Column("asks_result", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("position", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("uid"),
    )


def _task_kind_indexes() -> None:
    op.create_index(op.f("ix_task_kind_name_key"), "task_kind", ["name_key"], unique=False)


def _task_rule() -> None:
    op.create_table(
        "task_rule",
        sa.Column("id", Big, nullable=False),
        sa.Column("uid", sa.LargeBinary(), nullable=False),
        sa.Column("deleted_at", Big, nullable=True),
        sa.Column("stage_id", Big, nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("kind_id", Big, nullable=True),
        sa.Column("position", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("due_rule", sa.String(), server_default=sa.text("'after_move'"), nullable=False),
        sa.Column("amount", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("unit", sa.String(), server_default=sa.text("'days'"), nullable=False),
        sa.Column("date_field", sa.String(), nullable=True),
        sa.Column("fixed_day", Big, nullable=True),
        sa.Column("due_minute", sa.Integer(), nullable=True),
        sa.Column("event", sa.String(), nullable=True),
        sa.Column("event_stage_id", Big, nullable=True),
        sa.Column("event_rule_id", Big, nullable=True),
        sa.Column("event_field", sa.String(), nullable=True),
        sa.Column("shift", sa.Integer(), nullable=True),
        sa.Column(
            "assignee_rule", sa.String(), server_default=sa.text("'responsible'"), nullable=False
        ),
        sa.Column("assignee_id", Big, nullable=True),
        sa.Column("team_id", Big, nullable=True),
        sa.Column("leave_policy", sa.String(), server_default=sa.text("'keep'"), nullable=False),
        sa.Column("must_be_done", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("asks_result", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("description", sa.String(), nullable=True),
        sa.Column("checklist", sa.String(), server_default=sa.text("'[]'"), nullable=False),
        sa.ForeignKeyConstraint(["assignee_id"], ["person.id"]),
        sa.ForeignKeyConstraint(["event_rule_id"], ["task_rule.id"]),
        sa.ForeignKeyConstraint(["event_stage_id"], ["stage.id"]),
        sa.ForeignKeyConstraint(["kind_id"], ["task_kind.id"]),
        sa.ForeignKeyConstraint(["stage_id"], ["stage.id"]),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("uid"),
    )


def _task_rule_indexes() -> None:
    op.create_index(op.f("ix_task_rule_stage_id"), "task_rule", ["stage_id"], unique=False)


def _link_rule() -> None:
    op.create_table(
        "link_rule",
        sa.Column("id", Big, nullable=False),
        sa.Column("uid", sa.LargeBinary(), nullable=False),
        sa.Column("deleted_at", Big, nullable=True),
        sa.Column("stage_id", Big, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("target_stage_id", Big, nullable=False),
        sa.Column("title", sa.String(), nullable=True),
        sa.Column(
            "assignee_rule", sa.String(), server_default=sa.text("'responsible'"), nullable=False
        ),
        sa.Column("assignee_id", Big, nullable=True),
        sa.Column("team_id", Big, nullable=True),
        sa.Column("copied", sa.String(), server_default=sa.text("'[]'"), nullable=False),
        sa.Column("filled", sa.String(), server_default=sa.text("'[]'"), nullable=False),
        sa.Column("keeps_in_step", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("allows_back", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("position", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.ForeignKeyConstraint(["assignee_id"], ["person.id"]),
        sa.ForeignKeyConstraint(["stage_id"], ["stage.id"]),
        sa.ForeignKeyConstraint(["target_stage_id"], ["stage.id"]),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("uid"),
    )


def _link_rule_indexes() -> None:
    op.create_index(op.f("ix_link_rule_stage_id"), "link_rule", ["stage_id"], unique=False)


def _custom_field() -> None:
    op.create_table(
        "custom_field",
        sa.Column("id", Big, nullable=False),
        sa.Column("uid", sa.LargeBinary(), nullable=False),
        sa.Column("deleted_at", Big, nullable=True),
        sa.Column("subject", sa.String(), server_default=sa.text("'deal'"), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("name_key", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), server_default=sa.text("'text'"), nullable=False),
        sa.Column("options", sa.String(), server_default=sa.text("'[]'"), nullable=False),
        sa.Column("on_card", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("position", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("uid"),
    )


def _custom_field_indexes() -> None:
    op.create_index(op.f("ix_custom_field_name_key"), "custom_field", ["name_key"], unique=False)


def _field_value() -> None:
    op.create_table(
        "field_value",
        sa.Column("id", Big, nullable=False),
        sa.Column("uid", sa.LargeBinary(), nullable=False),
        sa.Column("deleted_at", Big, nullable=True),
        sa.Column("field_id", Big, nullable=False),
        sa.Column("subject_id", Big, nullable=False),
        sa.Column("value", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["field_id"], ["custom_field.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("uid"),
    )


def _field_value_indexes() -> None:
    op.create_index(op.f("ix_field_value_subject_id"), "field_value", ["subject_id"], unique=False)
