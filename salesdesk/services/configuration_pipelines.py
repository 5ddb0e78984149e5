"""Pipelines, stages, task rules and links of a configuration document, taken in by name.

A stage that the document names gets exactly the points and task rules listed there (a stage without
such a list keeps its own). The links between pipelines that the document names are those listed.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from salesdesk import names
from salesdesk.errors import Invalid, NotFound
from salesdesk.models.store import Transaction
from salesdesk.services import pipelines, stage_points
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
from salesdesk.services.link_rules import link_rules, write_link_rule
from salesdesk.services.people import find_team
from salesdesk.services.records import last_position, mark_dependents, named, put_in_order
from salesdesk.services.rulebook import LinkRule, TaskRule
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
    "leave_policy": text, "must_be_done": flag, "asks_result": flag, "description": text,
}  # fmt: skip
assert set(_RULE_READERS) == set(PLAIN_RULE_FIELDS)


def take_pipelines(tx: Transaction, tables: list[Table], mistakes: Mistakes) -> None:
    """All pipelines and stages first, then the task rules, which may name any stage."""
    made: list[tuple[Table, Table, int]] = []
    mistakes.each(
        N_("pipeline"), tables, lambda table: _take_pipeline(tx, table, mistakes, made), once=True
    )
    if mistakes.found:
        return
    for waiting in (False, True):  # those that wait for another task come after it
        for table, stage, stage_id in made:
            where = f"{place(N_('pipeline'), table['name'])}, {place(N_('stage'), stage['name'])}"
            with mistakes.at(where, stage):
                _take_rules(tx, stage_id, stage, waiting, mistakes)


def _take_pipeline(
    tx: Transaction, table: Table, mistakes: Mistakes, made: list[tuple[Table, Table, int]]
) -> None:
    """A pipeline and its stages, which are added to ``made`` with their ids."""
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
    found = _Stages(tx, key)
    for archived in (True, False):  # an archived one has given its name back
        some = [one for one in stages if (one.get("archived") is True) == archived]

        def take(one: Table) -> None:
            made.append((table, one, _take_stage(tx, key, one, found)))

        mistakes.each(N_("stage"), some, take, once=not archived)
    found.put_in_order([stage_id for _, one, stage_id in made if one in stages])


class _Stages:
    """The stages that a pipeline has before the file is taken in."""

    def __init__(self, tx: Transaction, pipeline_id: int) -> None:
        self._tx, self._pipeline = tx, pipeline_id
        self._free = pipelines.stages(tx, pipeline_id, archived=True)

    def take(self, name: str, archived: bool) -> pipelines.Stage | None:
        """The stage of this name; an archived one is looked for among them first."""
        called = [one for one in self._free if names.key(one.name) == names.key(name)]
        called.sort(key=lambda one: one.archived != archived)
        if not called or (called[0].archived and not archived):
            return None
        self._free.remove(called[0])
        return called[0]

    def put_in_order(self, named_ids: list[int]) -> None:
        """Those that the file names, then the others; nothing when that is how they stand."""
        living = {one.id: one for one in pipelines.stages(self._tx, self._pipeline)}
        wanted = list(dict.fromkeys([key for key in named_ids if key in living] + list(living)))
        if wanted != list(living):
            pipelines.order_stages(self._tx, [living[key] for key in wanted])


def _take_stage(tx: Transaction, pipeline_id: int, table: Table, found: _Stages) -> int:
    entry = Entry(table)
    name = entry.must("name", text)
    values = entry.some(_STAGE_READERS)
    for field in ("limit_days", "milestone", "paid_percent"):
        values[field] = values.get(field) or None
        if field not in table:
            del values[field]
    archived = entry.take("archived", flag, False)
    entry.take("points", _anything)
    entry.tables("task")
    entry.done()
    known = found.take(name, archived)
    if known is None:
        values["name"] = name
    key = pipelines.write_stage(tx, pipeline_id, known.id if known else None, values)
    if entry.has("points"):
        _take_points(tx, key, entry)
    if archived and not (known and known.archived):
        pipelines.refuse_with_deals(tx, [key], name)
        tx.update("stage", [{"id": key, "archived": tx.now}])
        mark_dependents(tx, "stage", [key], ["archived"])
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


def _take_rules(
    tx: Transaction, stage_id: int, stage: Table, waiting: bool, mistakes: Mistakes
) -> None:
    """The task rules of a stage: those that wait for another task, or the others."""
    if "task" not in stage:
        return
    free = {rule.id: rule for rule in task_rules(tx, stage_id)}
    there: list[TaskRule | None] = []
    for table in stage["task"]:
        title = Entry(table).must("title", text)
        there.append(next((rule for rule in free.values() if rule.title == title), None))
        if there[-1] is not None:
            del free[there[-1].id]
    places = _places([None if rule is None else rule.position for rule in there])
    wanted = [
        (place, known, table)
        for place, known, table in zip(places, there, stage["task"], strict=True)
        if ("event_task" in table) == waiting
    ]
    if not waiting:
        kept = {table["title"] for table in stage["task"]}
        tx.delete("task_rule", [rule.id for rule in free.values() if rule.title not in kept])
    for position, known, table in wanted:
        with mistakes.at(place(N_("task"), table["title"]), table):
            write_task_rule(tx, _rule(tx, stage_id, position, table, known))


def _places(there: list[int | None]) -> list[int]:
    """The positions of rules in their order: those that they have, if these rise, so that nothing
    changes where nothing differs; else 0, 1, 2, ..."""
    known = [place for place in there if place is not None]
    rising = len(known) == len(there) and sorted(set(known)) == known
    return known if rising else list(range(len(there)))


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
        checklist=tuple(entry.take("checklist", texts, [])),
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
    if task is None:
        return _stage(tx, pipeline, stage), None
    inside = pipelines.find_pipeline(tx, pipeline).id
    for one in pipelines.stages(tx, inside, archived=True):  # an archived one keeps its rules
        if names.key(one.name) == names.key(stage):
            for rule in task_rules(tx, one.id):
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
    free: dict[tuple[int, str, int], list[LinkRule]] = defaultdict(list)
    for saved in link_rules(tx):
        free[_way(saved)].append(saved)
    touched: set[int] = set()
    taken: list[int] = []

    def take(table: Table) -> None:
        link = _link(tx, last_position(tx, "link_rule"), table)
        known = free[_way(link)].pop(0) if free[_way(link)] else None
        touched.add(pipelines.stage_of(tx, link.stage_id).pipeline_id)
        if known is not None:
            link = replace(link, id=known.id, position=known.position)
        taken.append(write_link_rule(tx, link))

    mistakes.each(N_("link"), tables, take, by="stage")
    left = []
    for link in (link for links in free.values() for link in links):
        stage = pipelines.stage_of(tx, link.stage_id)
        if stage.pipeline_id in touched and not stage.archived:
            left.append(link.id)
    tx.delete("link_rule", left)
    positions = {link.id: link.position for link in link_rules(tx)}
    order = [positions.pop(key) for key in taken]
    if sorted(set(order)) != order:
        put_in_order(tx, "link_rule", [*taken, *positions])


def _way(link: LinkRule) -> tuple[int, str, int]:
    return link.stage_id, link.kind, link.target_stage_id


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
        entry.take("keeps_in_step", flag, False),
        entry.take("allows_back", flag, False),
    )
    entry.done()
    return link
