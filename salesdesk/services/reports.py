"""Reports of domain.md section 5: transitions, time in stage, funnel. Each answers with frozen rows
and has an ``..._json`` that is the document of ``salesdesk report``."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from salesdesk.errors import Invalid
from salesdesk.models.asking import keys_in
from salesdesk.models.store import Reader
from salesdesk.services.cards import BoardFilter
from salesdesk.services.periods import Period
from salesdesk.services.reports_funnel import Funnel, FunnelStep, funnel, funnel_json
from salesdesk.services.reports_moves import Bucket, Filter, buckets, filter_of
from salesdesk.services.reports_time import StageTime, stage_time, stage_time_json
from salesdesk.text import N_

__all__ = [
    "BY", "Funnel", "FunnelStep", "StageTime", "Transition", "funnel", "funnel_json",
    "stage_time", "stage_time_json", "transitions", "transitions_json",
]  # fmt: skip

BY = ("day", "week", "month")


@dataclass(frozen=True, slots=True)
class Transition:
    """So many moves into a stage; ``first_day`` is that of the day, week or month.

    ``person`` (and ``team``) are None for deals of nobody; ``from_stage`` is only told when the
    report is split by it, and None for creations.
    """

    first_day: int
    pipeline: str
    stage_id: int
    stage: str
    person_id: int | None
    person: str | None
    team: str | None
    count: int
    from_stage_id: int | None = None
    from_stage: str | None = None


def transitions(
    r: Reader,
    period: Period,
    by: str = "day",
    *,
    now: int,
    pipeline_id: int | None = None,
    person_id: int | None = None,
    team_id: int | None = None,
    deals: BoardFilter | None = None,
    split_from: bool = False,
    split_period: bool = True,
    split_person: bool = True,
) -> list[Transition]:
    """Moves by day, week or month, stage entered and responsible person; creations count.

    ``deals`` (here and in the other reports): only of deals like that, whose people are known.
    Not split by period all have the first day of the first one, not by person they have none.
    """
    if by not in BY:
        raise Invalid(N_("A report goes by day, week or month, not by “{by}”."), by=by)
    asked = filter_of(r, pipeline_id, person_id, team_id, deals, now=now)
    parts = buckets(r, period, now, by)
    rows = _counts(r, asked, parts, split_period, split_person, split_from)
    people = {person.id: person for person in asked.setup.people}
    found = [_transition(asked, people, row) for row in rows]
    places = {key: place for place, key in enumerate(asked.setup.stages)}
    found.sort(
        key=lambda row: (
            row.first_day, places[row.stage_id], row.person is None, (row.person or "").casefold(),
            row.person_id or 0, places.get(row.from_stage_id or 0, -1),
        )
    )  # fmt: skip
    return found


def _counts(
    r: Reader, asked: Filter, parts: list[Bucket], period: bool, person: bool, left: bool
) -> list[tuple[int, int, int | None, int | None, int]]:
    """First day, stage, person, stage left, and how many moves; None where it is not split by."""
    import numpy as np

    from salesdesk.services import reports_columns

    split = {"at": period, "person": person, "left": left}
    names = ["stage", *(name for name, is_split in split.items() if is_split)]
    columns = reports_columns.read(r, asked, parts, names)
    kept = np.isin(columns["stage"], asked.stages())
    if period:
        starts = [one.start for one in parts]
        columns["at"] = np.searchsorted(starts, columns["at"], side="right") - 1
    found = []
    for line in reports_columns.counted([columns[name][kept] for name in names]):
        own = dict(zip((*names, "n"), line, strict=True))
        first = parts[own.get("at", 0)].first
        found.append((first, own["stage"], own.get("person") or None, own.get("left") or None,
                      own["n"]))  # fmt: skip
    return found


def wanted(asked: Filter) -> str:
    """A condition on ``moves``, whose parameters are ``asked.given``."""
    stages = keys_in(asked.stages())
    people, deals = asked.of_persons("person_id"), asked.of_deals("deal_id")
    return f"stage_id IN ({stages}){people}{deals}"


def _transition(asked: Filter, people: dict[int, Any], row: Sequence[Any]) -> Transition:
    first, stage_id, person_id, left, count = row
    setup = asked.setup
    stage = setup.stages[stage_id]
    person = people.get(person_id)
    return Transition(
        first, setup.pipelines[stage.pipeline_id][0], stage_id, stage.name, person_id,
        None if person is None else person.name,
        None if person is None else setup.team_named(person), count,
        left, setup.stages[left].name if left in setup.stages else None,
    )  # fmt: skip


def transitions_json(rows: Sequence[Transition], *, split_from: bool = False) -> dict[str, Any]:
    """The document of ``salesdesk report transitions --json``."""
    found = []
    for row in rows:
        line: dict[str, Any] = {
            "period": date.fromordinal(row.first_day).isoformat(),
            "pipeline": row.pipeline,
            "stage": row.stage,
            "person": row.person,
            "team": row.team,
            "count": row.count,
        }
        if split_from:
            line["from"] = row.from_stage
        found.append(line)
    return {"rows": found}
