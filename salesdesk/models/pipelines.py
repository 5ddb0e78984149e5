"""Pipelines, stages, what stages earn, require and set off, and the workspace's own fields."""

from sqlmodel import Field

from salesdesk.models.columns import Record, big, flag, must, must_ref, ref


class Pipeline(Record, table=True):
    """An ordered list of stages."""

    __tablename__ = "pipeline"
    name: str
    name_key: str = Field(index=True)
    position: int = Field(default=0)
    counts: int = flag(True)


class Stage(Record, table=True):
    """A column of the board; ``kind`` is ``open``, ``won`` or ``lost``.

    ``required`` is a JSON list of fields of the deal; ``paid_percent`` the share of the amount that
    must have been paid before a deal may enter. ``archived`` is the moment since which
    nothing enters the stage (0: it is in use); its past stays.
    """

    __tablename__ = "stage"
    pipeline_id: int = must_ref("pipeline.id", index=True)
    name: str
    name_key: str
    position: int = Field(default=0)
    colour: str = "slate"
    kind: str = "open"
    probability: int = 0
    limit_days: int | None = None
    milestone: str | None = None
    required: str = "[]"
    paid_percent: int | None = None
    archived: int = flag()


class StagePoints(Record, table=True):
    """Points of a stage from a day on (empty: since ever)."""

    __tablename__ = "stage_points"
    stage_id: int = must_ref("stage.id", index=True)
    valid_from: int | None = big()
    points: int = must()


class TaskKind(Record, table=True):
    """Call, meeting, proposal, ...: the admin's list."""

    __tablename__ = "task_kind"
    name: str
    name_key: str = Field(index=True)
    icon: str = "task"
    asks_result: int = flag()
    position: int = Field(default=0)


class TaskRule(Record, table=True):
    """Which task is created when a deal enters the stage (see ``services.automation``).

    ``description`` may name fields of the deal in braces; ``checklist`` is a JSON list of lines.
    """

    __tablename__ = "task_rule"
    stage_id: int = must_ref("stage.id", index=True)
    title: str
    kind_id: int | None = ref("task_kind.id")
    position: int = Field(default=0)
    due_rule: str = "after_move"
    amount: int = 1
    unit: str = "days"
    date_field: str | None = None
    fixed_day: int | None = big()
    due_minute: int | None = None
    event: str | None = None
    event_stage_id: int | None = ref("stage.id")
    event_rule_id: int | None = ref("task_rule.id")
    event_field: str | None = None
    shift: int | None = None
    assignee_rule: str = "responsible"
    assignee_id: int | None = ref("person.id")
    team_id: int | None = ref("team.id")
    leave_policy: str = "keep"
    must_be_done: int = flag()
    asks_result: int = flag()
    description: str | None = None
    checklist: str = "[]"


class LinkRule(Record, table=True):
    """Entering ``stage_id`` opens a child deal (``open_child``) or moves the parent
    (``move_parent``) at ``target_stage_id``.

    ``keeps_in_step``: the fields copied follow the parent's later changes. ``allows_back``: the
    parent may be moved back, too.
    """

    __tablename__ = "link_rule"
    stage_id: int = must_ref("stage.id", index=True)
    kind: str
    target_stage_id: int = must_ref("stage.id")
    title: str | None = None
    assignee_rule: str = "responsible"
    assignee_id: int | None = ref("person.id")
    team_id: int | None = ref("team.id")
    copied: str = "[]"
    filled: str = "[]"
    keeps_in_step: int = flag()
    allows_back: int = flag()
    position: int = Field(default=0)


class CustomField(Record, table=True):
    """A field of the workspace's own; ``options`` is a JSON list for a choice."""

    __tablename__ = "custom_field"
    subject: str = "deal"
    name: str
    name_key: str = Field(index=True)
    kind: str = "text"
    options: str = "[]"
    on_card: int = flag()
    position: int = Field(default=0)


class FieldValue(Record, table=True):
    """The value of an own field for one deal or client."""

    __tablename__ = "field_value"
    field_id: int = must_ref("custom_field.id")
    subject_id: int = must(index=True)
    value: str | None = None
