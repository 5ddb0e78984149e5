"""Pipelines, their stages, and what a stage is worth. Task rules and link rules have rooms of their
own (``task_rules``, ``link_rules``).

Kind, milestone and order of the stages hold for all time: changing one counts the pipeline's deals
anew in the same command. Points have a day from which they hold and are applied when read.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from decimal import Decimal
from typing import Any

from salesdesk import names
from salesdesk.errors import Invalid, NotFound, Refused
from salesdesk.models.store import Store, Transaction
from salesdesk.moments import points_of
from salesdesk.services import stage_uses
from salesdesk.services.cards import StageKind
from salesdesk.services.ordering import reorder
from salesdesk.services.people import require_admin
from salesdesk.services.records import (
    Asks,
    Saved,
    free_name,
    last_position,
    mark_dependents,
    must_exist,
    put_in_order,
    set_fields,
)
from salesdesk.services.stage_points import DEFAULT_POINTS, write_points
from salesdesk.services.stage_rows import ARCHIVED, checked_stage
from salesdesk.text import N_

NO_PIPELINE = N_("There is no such pipeline any more; nothing was changed.")
NO_PIPELINE_CALLED = N_("There is no pipeline “{name}”. There are: {pipelines}.")
NO_STAGE = N_("There is no such stage any more; nothing was changed.")


@dataclass(frozen=True, slots=True)
class Pipeline:
    """An ordered list of stages; ``counts``: in the ranking."""

    id: int
    name: str
    position: int
    counts: bool


@dataclass(frozen=True, slots=True)
class Stage:
    """A column of the board; ``points`` are those of the day that was asked for. Nothing enters one
    that is ``archived``."""

    id: int
    pipeline_id: int
    name: str
    position: int
    colour: str
    kind: StageKind
    probability: int
    limit_days: int | None
    milestone: str | None
    required: tuple[str, ...]
    paid_percent: int | None
    points: Decimal
    archived: bool = False


# --- questions ---------------------------------------------------------------------------------


def pipelines(r: Asks) -> list[Pipeline]:
    """All pipelines, in their order."""
    return [
        Pipeline(row[0], row[1], row[2], bool(row[3]))
        for row in r.rows(
            "SELECT id, name, position, counts FROM pipeline WHERE deleted_at IS NULL "
            "ORDER BY position, id"
        )
    ]


_POINTS = (
    "(SELECT p.points FROM stage_points p WHERE p.stage_id = s.id AND p.deleted_at IS NULL "
    "AND coalesce(p.valid_from, 0) <= ? ORDER BY coalesce(p.valid_from, 0) DESC, p.id DESC LIMIT 1)"
)
_STAGES = (
    "SELECT s.id, s.pipeline_id, s.name, s.position, s.colour, s.kind, s.probability, "
    f"s.limit_days, s.milestone, s.required, s.paid_percent, {_POINTS}, s.archived FROM stage s "
    "WHERE s.deleted_at IS NULL {where} "
    "ORDER BY s.pipeline_id, s.archived > 0, s.position, s.id"
)
_STAGE_FIELDS = tuple(field.name for field in fields(Stage))
_FOREVER = 3_652_059


def stages(
    r: Asks, pipeline_id: int | None = None, *, day: int = _FOREVER, archived: bool = False
) -> list[Stage]:
    """Stages of a pipeline (or all) in their order, with the points of a day (the latest set);
    with ``archived`` those too, below the others of their pipeline."""
    where = "" if archived else "AND s.archived = 0 "
    where += "" if pipeline_id is None else "AND s.pipeline_id = ?"
    params = (day,) if pipeline_id is None else (day, pipeline_id)
    return [_stage(row) for row in r.rows(_STAGES.format(where=where), params)]


def stage_of(r: Asks, stage_id: int, *, day: int = _FOREVER) -> Stage:
    """One stage; raises ``NotFound``."""
    found = r.rows(_STAGES.format(where="AND s.id = ?"), (day, stage_id))
    if not found:
        raise NotFound(NO_STAGE)
    return _stage(found[0])


def _stage(row: tuple[Any, ...]) -> Stage:
    values: dict[str, Any] = dict(zip(_STAGE_FIELDS, row, strict=True))
    values["required"] = tuple(json.loads(values["required"]))
    values["points"] = points_of(values["points"] or 0)
    values["archived"] = bool(values["archived"])
    return Stage(**values)


def find_pipeline(r: Asks, text: str) -> Pipeline:
    """The pipeline of that name, else of that id; raises ``NotFound``."""
    wanted = names.key(text)
    everything = pipelines(r)
    found = [one for one in everything if names.key(one.name) == wanted]
    if not found and wanted.isdecimal():
        found = [one for one in everything if one.id == int(wanted)]
    if not found:
        raise NotFound(
            NO_PIPELINE_CALLED,
            name=names.clean(text),
            pipelines=", ".join(one.name for one in everything) or "–",
        )
    return found[0]


def find_stage(r: Asks, pipeline: int | str | None, text: str) -> Stage:
    """The stage of that name, else of that id, in a pipeline (id, name, or any when empty).

    ``Pipeline/Stage`` names both. Raises ``NotFound`` for a stage that is not there and ``Invalid``
    when several pipelines have one of that name.
    """
    where = pipeline if isinstance(pipeline, int) else None
    if isinstance(pipeline, str) and pipeline:
        where = find_pipeline(r, pipeline).id
    found = _stages_called(r, where, text)
    if not found and "/" in text:
        head, _, tail = text.partition("/")
        inside = [one.id for one in pipelines(r) if names.key(one.name) == names.key(head)]
        found = [one for key in inside for one in _stages_called(r, key, tail)]
    if not found:
        _refuse_archived(r, where, text)
        raise NotFound(
            N_("There is no stage “{name}”. There are: {stages}."),
            name=names.clean(text),
            stages=", ".join(dict.fromkeys(stage.name for stage in stages(r, where))) or "–",
        )
    if len(found) > 1:
        raise Invalid(
            N_("Several pipelines have a stage “{name}”; say which one: Pipeline/Stage."),
            name=names.clean(text),
        )
    return found[0]


def _stages_called(r: Asks, pipeline_id: int | None, text: str) -> list[Stage]:
    inside, wanted = stages(r, pipeline_id), names.key(text)
    found = [stage for stage in inside if names.key(stage.name) == wanted]
    if not found and wanted.isdecimal():
        found = [stage for stage in inside if stage.id == int(wanted)]
    return found


def _refuse_archived(r: Asks, pipeline_id: int | None, text: str) -> None:
    wanted = names.key(text.rpartition("/")[2])
    for stage in stages(r, pipeline_id, archived=True):
        if stage.archived and wanted in (names.key(stage.name), str(stage.id)):
            raise Refused(ARCHIVED, name=stage.name)


# --- verbs: pipelines --------------------------------------------------------------------------


def add_pipeline(
    store: Store,
    name: str,
    *,
    counts: bool = True,
    person: int | None,
    now: int,
    origin: str = "window",
) -> Saved:
    """Add a pipeline without stages."""
    with store.command("pipeline.add", now=now, person=person, origin=origin) as tx:
        require_admin(tx, person)
        key = write_pipeline(tx, None, {"name": name, "counts": counts})
    return Saved(tx.command_id, key)


def change_pipeline(
    store: Store,
    pipeline_id: int,
    values: Mapping[str, Any],
    *,
    person: int | None,
    now: int,
    origin: str = "window",
) -> Saved:
    """Change the name of a pipeline or whether it counts in the ranking (then for all time)."""
    with store.command("pipeline.change", now=now, person=person, origin=origin) as tx:
        require_admin(tx, person)
        must_exist(tx, "pipeline", pipeline_id, NO_PIPELINE)
        write_pipeline(tx, pipeline_id, values)
    return Saved(tx.command_id, pipeline_id)


def write_pipeline(tx: Transaction, pipeline_id: int | None, values: Mapping[str, Any]) -> int:
    """Add or change a pipeline inside a transaction; returns the id."""
    row: dict[str, Any] = {}
    if "name" in values:
        row |= free_name(tx, "pipeline", str(values["name"]), but=pipeline_id)
    if "counts" in values:
        row["counts"] = int(bool(values["counts"]))
    if pipeline_id is None:
        return tx.insert("pipeline", [{**row, "position": last_position(tx, "pipeline")}])[0]
    set_fields(tx, "pipeline", pipeline_id, row)
    return pipeline_id


def delete_pipeline(
    store: Store, pipeline_id: int, *, person: int | None, now: int, origin: str = "window"
) -> Saved:
    """Delete a pipeline that no deal ever saw, with its stages and rules, the archived ones too.

    Raises ``Refused`` for one with deals or a past.
    """
    with store.command("pipeline.delete", now=now, person=person, origin=origin) as tx:
        require_admin(tx, person)
        must_exist(tx, "pipeline", pipeline_id, NO_PIPELINE)
        inside = [stage.id for stage in stages(tx, pipeline_id, archived=True)]
        name = tx.value(_PIPELINE_NAME, (pipeline_id,))
        refuse_with_deals(tx, inside, name)
        if any(stage_uses.was_entered(tx, stage_id) for stage_id in inside):
            raise Refused(
                N_("Deals have been in “{name}”: archive its stages, and their history stays."),
                name=name,
            )
        _delete_stages(tx, inside)
        tx.delete("pipeline", [pipeline_id])
    return Saved(tx.command_id, pipeline_id)


_PIPELINE_NAME = "SELECT name FROM pipeline WHERE id = ?"


def reorder_pipelines(
    store: Store, ids: Sequence[int], *, person: int | None, now: int, origin: str = "window"
) -> int:
    """Put the pipelines in another order; returns the command id."""
    return reorder(
        store, "pipeline", ids, lambda tx: (one.id for one in pipelines(tx)),
        person=person, now=now, origin=origin,
    )  # fmt: skip


# --- verbs: stages -----------------------------------------------------------------------------


def add_stage(
    store: Store,
    pipeline_id: int,
    name: str,
    values: Mapping[str, Any] | None = None,
    *,
    points: Decimal | None = None,
    person: int | None,
    now: int,
    origin: str = "window",
) -> Saved:
    """Add a stage: an open one after the other open ones, won and lost ones at the end.

    ``values`` are fields of a stage; without ``points`` it earns the default of its milestone.
    """
    with store.command("stage.add", now=now, person=person, origin=origin) as tx:
        require_admin(tx, person)
        must_exist(tx, "pipeline", pipeline_id, NO_PIPELINE)
        key = write_stage(tx, pipeline_id, None, {**(values or {}), "name": name}, points)
        put_among(tx, pipeline_id, key)
    return Saved(tx.command_id, key)


def put_among(tx: Transaction, pipeline_id: int, stage_id: int) -> None:
    """Put an open stage behind the other open ones of its pipeline."""
    inside = stages(tx, pipeline_id)
    added = next(stage for stage in inside if stage.id == stage_id)
    others = [stage for stage in inside if stage.id != stage_id]
    if added.kind == "open":
        place = sum(1 for stage in others if stage.kind == "open")
        order_stages(tx, [*others[:place], added, *others[place:]])


def change_stage(
    store: Store,
    stage_id: int,
    values: Mapping[str, Any],
    *,
    person: int | None,
    now: int,
    origin: str = "window",
) -> Saved:
    """Change fields of a stage: name, colour, kind, probability, limit_days, milestone, required,
    paid_percent. Raises ``Invalid`` with one sentence."""
    with store.command("stage.change", now=now, person=person, origin=origin) as tx:
        require_admin(tx, person)
        write_stage(tx, stage_of(tx, stage_id).pipeline_id, stage_id, values)
    return Saved(tx.command_id, stage_id)


def write_stage(
    tx: Transaction,
    pipeline_id: int,
    stage_id: int | None,
    values: Mapping[str, Any],
    points: Decimal | None = None,
) -> int:
    """Add (at the end) or change a stage inside a transaction; returns the id."""
    row = checked_stage(tx, pipeline_id, stage_id, values)
    if stage_id is None:
        row["position"] = last_position(tx, "stage", ("pipeline_id", pipeline_id))
        [stage_id] = tx.insert("stage", [{"pipeline_id": pipeline_id, **row}])
        default = DEFAULT_POINTS.get(row.get("milestone") or "", Decimal(0))
        write_points(tx, stage_id, default if points is None else points, None)
        return stage_id
    derived = {name: row[name] for name in ("kind", "milestone") if name in row}
    old = tx.row("SELECT kind, milestone FROM stage WHERE id = ?", (stage_id,)) or ("", None)
    set_fields(tx, "stage", stage_id, row)
    if any(derived[name] != old[("kind", "milestone").index(name)] for name in derived):
        mark_dependents(tx, "stage", [stage_id], derived)
    return stage_id


def reorder_stages(
    store: Store,
    pipeline_id: int,
    ids: Sequence[int],
    *,
    person: int | None,
    now: int,
    origin: str = "window",
) -> int:
    """Put the stages of a pipeline (not the archived ones) in another order; returns the command
    id."""

    def write(tx: Transaction, wanted: list[int]) -> None:
        inside = {stage.id: stage for stage in stages(tx, pipeline_id)}
        order_stages(tx, [inside[key] for key in wanted])

    return reorder(
        store, "stage", ids, lambda tx: (stage.id for stage in stages(tx, pipeline_id)),
        person=person, now=now, origin=origin, write=write,
    )  # fmt: skip


def order_stages(tx: Transaction, wanted: Sequence[Stage]) -> None:
    """Number the stages in this order; their deals are counted anew when it is another one."""
    moved = [stage.id for place, stage in enumerate(wanted) if stage.position != place]
    put_in_order(tx, "stage", [stage.id for stage in wanted])
    if moved:
        mark_dependents(tx, "stage", moved, ["position"])


def delete_stage(
    store: Store, stage_id: int, *, person: int | None, now: int, origin: str = "window"
) -> Saved:
    """Delete a stage that no deal ever saw, with its own rules.

    Raises ``Refused`` for one with deals or a past (archive it) and for one that rules elsewhere
    point to, which it names.
    """
    with store.command("stage.delete", now=now, person=person, origin=origin) as tx:
        require_admin(tx, person)
        stage = stage_of(tx, stage_id)
        refuse_with_deals(tx, [stage_id], stage.name)
        use = stage_uses.use_of(tx, stage_id)
        if use.ever:
            raise Refused(
                N_("Deals have been in “{name}”: archive it, and their history stays."),
                name=stage.name,
            )
        stage_uses.refuse_pointed(use, stage.name)
        _delete_stages(tx, [stage_id])
    return Saved(tx.command_id, stage_id)


def refuse_with_deals(tx: Transaction, stage_ids: list[int], name: str) -> None:
    """Raise ``Refused`` with the number of deals that stand in these stages."""
    found = tx.rows_of(
        "SELECT count(*) FROM deal WHERE stage_id IN ({ids}) AND deleted_at IS NULL", stage_ids
    )
    deals = sum(row[0] for row in found)
    if deals:
        raise Refused(
            N_("{n} deals stand in “{name}”: choose a stage for them first."),
            n=deals,
            name=name,
        )


def _delete_stages(tx: Transaction, ids: list[int]) -> None:
    for table, columns in (("task_rule", "stage_id"), ("link_rule", "stage_id")):
        rules = tx.rows_of(
            f"SELECT id FROM {table} WHERE deleted_at IS NULL AND {columns} IN ({{ids}})", ids
        )
        tx.delete(table, [row[0] for row in rules])
    aimed = tx.rows_of(
        "SELECT id FROM link_rule WHERE deleted_at IS NULL AND target_stage_id IN ({ids})", ids
    )
    tx.delete("link_rule", [row[0] for row in aimed])
    tx.delete("stage", ids)
    mark_dependents(tx, "stage", ids, ["deleted_at"])
