"""Pipelines, stages, task rules and links of a configuration document, taken in by name.

A stage that the document names gets exactly the points and task rules listed there (a stage without
such a list keeps its own). The links between pipelines that the document names are those listed.
"""

from collections.abc import Mapping
from typing import Any

from salesdesk.errors import Invalid, NotFound
from salesdesk.models.store import Transaction
from salesdesk.services import pipelines, stage_points
from salesdesk.services.automation import TaskRule
from salesdesk.services.configuration_entry import (
    Entry,
    Mistakes,
    day,
    decimal,
    flag,
    place,
    text,
    texts,
    whole,
)
from salesdesk.services.configuration_export import PLAIN_RULE_FIELDS
from salesdesk.services.link_rules import LinkRule, link_rules, write_link_rule
from salesdesk.services.people import find_team
from salesdesk.services.records import named
from salesdesk.services.task_rules import task_rules, write_task_rule
from salesdesk.text import N_

Table = Mapping[str, Any]
_STAGE_READERS = {
    "kind": text, "colour": text, "probability": whole, "limit_days": whole, "milestone": text,
    "required": texts, "paid_percent": whole,
}  # fmt: skip
_RULE_READERS = {
    "due_rule": text, "amount": whole, "unit": text, "date_field": text, "due_minute": whole,
    "event": text, "event_field": text, "shift_to_working_day": flag, "assignee_rule": text,
    "leave_policy": text, "must_be_done": flag, "asks_result": flag,
}  # fmt: skip
assert set(_RULE_READERS) == set(PLAIN_RULE_FIELDS)


def take_pipelines(tx: Transaction, tables: list[Table], mistakes: Mistakes) -> None:
    """All pipelines and stages first, then the task rules, which may name any stage."""
    for table in tables:
        with mistakes.at(place(N_("pipeline"), table.get("name", ""))):
            _take_pipeline(tx, table, mistakes)
    for waiting in (False, True):  # those that wait for another task come after it
        for table in tables:
            with mistakes.at(place(N_("pipeline"), table.get("name", ""))):
                for stage in table.get("stage", []):
                    with mistakes.at(place(N_("stage"), stage.get("name", ""))):
                        _take_rules(tx, table, stage, waiting)


def _take_pipeline(tx: Transaction, table: Table, mistakes: Mistakes) -> None:
    entry = Entry(table)
    name = entry.must("name", text)
    values = entry.some({"counts": flag})
    stages = entry.tables("stage")
    entry.done()
    key = named(tx, "pipeline", name)
    if key is None:
        key = pipelines.write_pipeline(tx, None, {**values, "name": name})
    elif values:
        pipelines.write_pipeline(tx, key, values)
    order = []
    for stage in stages:
        with mistakes.at(place(N_("stage"), stage.get("name", ""))):
            order.append(_take_stage(tx, key, stage))
    inside = {stage.id: stage for stage in pipelines.stages(tx, key)}
    listed = dict.fromkeys(order)
    rest = [stage for stage in inside.values() if stage.id not in listed]
    pipelines.order_stages(tx, [*(inside[stage] for stage in listed), *rest])


def _take_stage(tx: Transaction, pipeline_id: int, table: Table) -> int:
    entry = Entry(table)
    name = entry.must("name", text)
    values = entry.some(_STAGE_READERS)
    for field in ("limit_days", "milestone", "paid_percent"):
        values[field] = values.get(field) or None
        if field not in table:
            del values[field]
    entry.take("points", _anything)
    entry.tables("task")
    entry.done()
    known = named(tx, "stage", name, within=("pipeline_id", pipeline_id))
    if known is None:
        values["name"] = name
    key = pipelines.write_stage(tx, pipeline_id, known, values)
    if entry.has("points"):
        _take_points(tx, key, entry)
    return key


def _take_points(tx: Transaction, stage_id: int, entry: Entry) -> None:
    value = entry.table["points"]
    wanted: dict[int | None, Any] = {}
    if isinstance(value, list):
        for table in entry.tables("points"):
            one = Entry(table)
            wanted[one.take("from", day)] = one.must("points", decimal)
            one.done()
    else:
        wanted[None] = entry.take("points", decimal)
    there = {point.valid_from: point.points for point in stage_points.points_history(tx, stage_id)}
    if there == wanted:
        return
    for since in sorted(wanted, key=lambda since: since or 0):
        stage_points.write_points(tx, stage_id, wanted[since], since)
    gone = [
        point.id
        for point in stage_points.points_history(tx, stage_id)
        if point.valid_from not in wanted
    ]
    tx.delete("stage_points", gone)


def _anything(value: Any) -> Any:
    return value


# --- task rules --------------------------------------------------------------------------------


def _take_rules(tx: Transaction, pipeline: Table, stage: Table, waiting: bool) -> None:
    if "task" not in stage:
        return
    stage_id = _stage(tx, pipeline["name"], stage["name"])
    there = task_rules(tx, stage_id)
    free = {rule.id: rule for rule in there}
    for position, table in enumerate(stage["task"]):
        known = next((rule for rule in free.values() if rule.title == table.get("title")), None)
        if known is not None:
            del free[known.id]
        if ("event_task" in table) == waiting:
            write_task_rule(tx, _rule(tx, stage_id, position, table, known))
    if not waiting:
        kept = {table.get("title") for table in stage["task"]}
        tx.delete("task_rule", [rule.id for rule in free.values() if rule.title not in kept])


def _rule(
    tx: Transaction, stage_id: int, position: int, table: Table, known: TaskRule | None
) -> TaskRule:
    entry = Entry(table)
    values = entry.some(_RULE_READERS)
    kind, team = entry.take("kind", text), entry.take("team", text)
    event_stage, event_rule = _event(tx, entry)
    rule = TaskRule(
        known.id if known else 0,
        stage_id,
        entry.must("title", text),
        kind_id=None if kind is None else _named(tx, "task_kind", kind),
        fixed_day=entry.take("date", day),
        event_stage_id=event_stage,
        event_task_rule_id=event_rule,
        assignee_id=_person(tx, entry),
        team_id=None if team is None else find_team(tx, team).id,
        position=position,
        **values,
    )
    entry.done()
    return rule


def _event(tx: Transaction, entry: Entry) -> tuple[int | None, int | None]:
    """The stage, or the rule of a stage, that the task waits for."""
    pipeline, stage = entry.take("event_pipeline", text), entry.take("event_stage", text)
    task = entry.take("event_task", text)
    if stage is None and task is None:
        return None, None
    if pipeline is None or stage is None:
        raise Invalid(N_("Say in which pipeline and stage the event is."))
    stage_id = _stage(tx, pipeline, stage)
    if task is None:
        return stage_id, None
    for rule in task_rules(tx, stage_id):
        if rule.title == task:
            return None, rule.id
    raise NotFound(N_("The stage “{stage}” makes no task “{title}”."), stage=stage, title=task)


def _person(tx: Transaction, entry: Entry) -> int | None:
    name = entry.take("assignee", text)
    return None if name is None else _named(tx, "person", name)


def _named(tx: Transaction, table: str, name: str) -> int:
    key = named(tx, table, name)
    if key is None:
        raise NotFound(N_("There is no “{name}”."), name=name)
    return key


def _stage(tx: Transaction, pipeline: str, stage: str) -> int:
    return pipelines.find_stage(tx, pipelines.find_pipeline(tx, pipeline).id, stage).id


# --- links -------------------------------------------------------------------------------------


def take_links(tx: Transaction, tables: list[Table], mistakes: Mistakes) -> None:
    """The links of the pipelines named here become exactly these."""
    there = link_rules(tx)
    free = {(link.stage_id, link.kind, link.target_stage_id): link for link in there}
    touched: set[int] = set()
    for position, table in enumerate(tables):
        with mistakes.at(place(N_("link"), table.get("stage", ""))):
            link = _link(tx, position, table)
            known = free.pop((link.stage_id, link.kind, link.target_stage_id), None)
            touched.add(pipelines.stage_of(tx, link.stage_id).pipeline_id)
            values = {name: getattr(link, name) for name in link.__slots__}
            write_link_rule(tx, LinkRule(**{**values, "id": known.id if known else 0}))
    left = [
        link.id
        for link in free.values()
        if pipelines.stage_of(tx, link.stage_id).pipeline_id in touched
    ]
    tx.delete("link_rule", left)


def _link(tx: Transaction, position: int, table: Table) -> LinkRule:
    entry = Entry(table)
    team = entry.take("team", text)
    link = LinkRule(
        0,
        _stage(tx, entry.must("pipeline", text), entry.must("stage", text)),
        entry.must("kind", text),
        _stage(tx, entry.must("to_pipeline", text), entry.must("to_stage", text)),
        entry.take("title", text),
        entry.take("assignee_rule", text, "responsible"),
        _person(tx, entry),
        None if team is None else find_team(tx, team).id,
        tuple(entry.take("copied", texts, [])),
        tuple(entry.take("filled", texts, [])),
        position,
    )
    entry.done()
    return link
