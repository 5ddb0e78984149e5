"""A ``World`` out of a workspace's file: its configuration and bare facts, nothing derived.

Only the columns that people and imports write are read; what is undone is left out, and assumed
moves (of an import of deals) give way as soon as a deal has reported ones.
"""

import json
from collections import defaultdict
from datetime import date
from decimal import Decimal
from typing import Any, Protocol

from salesdesk.moments import Zone, amount_of, points_of
from tests.oracle.world import (
    KEEP,
    Deal,
    Move,
    OwnerChange,
    Person,
    Pipeline,
    Rate,
    Ruling,
    Stage,
    Target,
    Task,
    TaskFact,
    Team,
    World,
    weekdays,
)

RATE_SCALE = 100_000_000


class Asks(Protocol):
    """A reader or a transaction of the store."""

    def rows(self, sql: str, params: Any = ()) -> list[tuple[Any, ...]]: ...


def world_of(r: Asks) -> World:
    """Everything that the oracle needs to know of a workspace."""
    settings = {
        name: json.loads(value)
        for name, value in r.rows("SELECT name, value FROM setting WHERE deleted_at IS NULL")
    }
    return World(
        zone=Zone(settings.get("zone", "UTC")),
        currency=settings.get("currency", "RUB"),
        persons=_persons(r),
        teams=[Team(*row) for row in r.rows("SELECT id, parent_id FROM team")],
        pipelines=[Pipeline(key, bool(n)) for key, n in r.rows("SELECT id, counts FROM pipeline")],
        stages=_stages(r),
        deals=_deals(r),
        moves=_moves(r),
        owner_changes=_owner_changes(r),
        rulings=[
            Ruling(deal, stage, move, kind, (at, "crv".index(kind[0]), seq), person)
            for deal, stage, move, kind, at, seq, person in r.rows(
                "SELECT deal_id, stage_id, move_id, kind, at, seq, person_id FROM reach_ruling "
                "WHERE undone = 0"
            )
        ],
        tasks=[
            Task(key, deal, deleted is not None)
            for key, deal, deleted in r.rows("SELECT id, deal_id, deleted_at FROM task")
        ],
        task_facts=_task_facts(r),
        rates=[
            Rate(currency, Decimal(rate) / RATE_SCALE, since)
            for currency, rate, since in r.rows(
                "SELECT currency, rate, valid_from FROM rate WHERE deleted_at IS NULL"
            )
        ],
        plans=_targets(r, "plan"),
        norms=_targets(r, "norm"),
        is_working=_Calendar(r).is_working,
        counts_skipped=bool(settings.get("count_skipped_stages", False)),
        full=Decimal(settings.get("level_full", 100)) / 100,
        half=Decimal(settings.get("level_half", 50)) / 100,
    )


def _persons(r: Asks) -> list[Person]:
    """People; one who was deleted is known by history alone, like someone who left long ago."""
    return [
        Person(key, name, role, team, bool(ranked), first, last if deleted is None else 1)
        for key, name, role, team, ranked, first, last, deleted in r.rows(
            "SELECT id, name, role, team_id, in_ranking, first_day, last_day, deleted_at "
            "FROM person"
        )
    ]


def _stages(r: Asks) -> list[Stage]:
    points = defaultdict(list)
    for stage, since, value in r.rows(
        "SELECT stage_id, valid_from, points FROM stage_points WHERE deleted_at IS NULL ORDER BY id"
    ):
        points[stage].append((since, points_of(value)))
    return [
        Stage(key, pipeline, place, kind, milestone, tuple(points[key]), deleted is not None)
        for key, pipeline, place, kind, milestone, deleted in r.rows(
            "SELECT id, pipeline_id, position, kind, milestone, deleted_at FROM stage"
        )
    ]


def _not_refusals(r: Asks) -> set[int]:
    return {row[0] for row in r.rows("SELECT id FROM lost_reason WHERE not_refusal = 1")}


def _deals(r: Asks) -> list[Deal]:
    excused = _not_refusals(r)
    return [
        Deal(
            key,
            None if amount is None else amount_of(amount),
            currency,
            None if cost is None else amount_of(cost),
            parent,
            deleted is not None,
            None if reason is None else reason not in excused,
        )
        for key, amount, currency, cost, parent, deleted, reason in r.rows(
            "SELECT id, amount, currency, cost, parent_id, deleted_at, lost_reason_id FROM deal"
        )
    ]


def _owner_changes(r: Asks) -> list[OwnerChange]:
    """Changes of the responsible person, and whom assumed moves that gave way made responsible:
    the first of those from the deal's beginning on (cli.md: "keeps the one before")."""
    changes = [
        OwnerChange(deal, person, at, (seq,))
        for deal, person, at, seq in r.rows(
            "SELECT deal_id, person_id, at, seq FROM owner_change WHERE undone = 0"
        )
    ]
    begun: set[int] = set()
    for deal, person, at, seq, beginning in r.rows(
        "SELECT m.deal_id, m.owner_id, m.at, m.seq, (SELECT min(at) FROM stage_move x "
        "WHERE x.deal_id = m.deal_id AND x.undone = 0) FROM stage_move m "
        "WHERE m.undone = 0 AND m.evidence = 'assumed' AND m.sets_owner = 1 "
        "AND EXISTS (SELECT 1 FROM stage_move x WHERE x.deal_id = m.deal_id AND x.undone = 0 "
        "AND x.evidence = 'reported') ORDER BY m.at, m.seq"
    ):
        first = deal not in begun
        begun.add(deal)
        changes.append(OwnerChange(deal, person, beginning, (-1,)) if first
                       else OwnerChange(deal, person, at, (seq,)))  # fmt: skip
    return changes


def _moves(r: Asks) -> list[Move]:
    excused = _not_refusals(r)
    rows = r.rows(
        "SELECT id, deal_id, to_stage_id, at, seq, owner_id, sets_owner, lost_reason_id, evidence "
        "FROM stage_move WHERE undone = 0"
    )
    proved = {row[1] for row in rows if row[8] == "reported"}
    return [
        Move(
            key,
            deal,
            stage,
            at,
            (seq,),
            owner if sets_owner else KEEP,
            reason not in excused,
            not (evidence == "assumed" and deal in proved),
        )
        for key, deal, stage, at, seq, owner, sets_owner, reason, evidence in rows
    ]


def _task_facts(r: Asks) -> list[TaskFact]:
    return [
        TaskFact(
            task,
            at,
            (seq,),
            assignee if fields & 1 else KEEP,
            due if fields & 2 else KEEP,
            state if fields & 4 else KEEP,
            bool(put_off),
        )
        for task, at, seq, fields, assignee, due, state, put_off in r.rows(
            "SELECT task_id, at, seq, fields, assignee_id, due_at, state, postponement "
            "FROM task_change WHERE undone = 0"
        )
    ]


def _targets(r: Asks, table: str) -> list[Target]:
    return [
        Target(metric, amount_of(value), month, person, team)
        for metric, value, month, person, team in r.rows(
            f"SELECT metric, value, month, person_id, team_id FROM {table} "
            "WHERE deleted_at IS NULL ORDER BY id"
        )
    ]


class _Calendar:
    """The working days that were copied into the workspace, less the team's own days off."""

    def __init__(self, r: Asks) -> None:
        rows = r.rows("SELECT day FROM day_off WHERE deleted_at IS NULL")
        years = r.rows("SELECT year FROM calendar_year WHERE deleted_at IS NULL")
        self.off = {row[0] for row in rows}
        self.years = {row[0] for row in years}

    def is_working(self, day: int) -> bool:
        known = date.fromordinal(day).year in self.years
        return day not in self.off and (known or weekdays(day))
