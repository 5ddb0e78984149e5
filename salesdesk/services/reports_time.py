"""How long deals stand in the stages of a pipeline."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from salesdesk.models.store import Reader
from salesdesk.moments import DAY_SECONDS, SECOND
from salesdesk.services.cards import BoardFilter
from salesdesk.services.periods import Period
from salesdesk.services.planning import decimal_of
from salesdesk.services.reports_moves import Filter, ask, filter_of, first_counting, whole

_DAY = DAY_SECONDS * SECOND


@dataclass(frozen=True, slots=True)
class StageTime:
    """Days of the stays that ended with a move out in the period (exact; None without any), and how
    many deals stand in the stage at the period's end."""

    stage_id: int
    stage: str
    moves_out: int
    median_days: Fraction | None
    mean_days: Fraction | None
    p90_days: Fraction | None
    now_in_stage: int


def stage_time(
    r: Reader,
    period: Period,
    *,
    now: int,
    pipeline_id: int | None = None,
    person_id: int | None = None,
    team_id: int | None = None,
    deals: BoardFilter | None = None,
) -> list[StageTime]:
    """One row a stage of the pipeline (default: the first that counts), in their order.

    Moves out go by the person responsible with them, deals in a stage by the one responsible then.
    """
    asked = filter_of(r, pipeline_id, person_id, team_id, deals, now=now)
    pipeline = first_counting(asked.setup) if pipeline_id is None else pipeline_id
    stages = [
        stage
        for stage in asked.setup.stages.values()
        if stage.pipeline_id == pipeline and not stage.deleted
    ]
    spent = _spent(r, asked, period, now, [stage.id for stage in stages])
    standing = _standing(r, asked, period, now, [stage.id for stage in stages])
    return [
        _row(stage.id, stage.name, spent[stage.id], standing[stage.id])
        for stage in stages
        if not stage.archived or spent[stage.id] or standing[stage.id]
    ]


def _spent(
    r: Reader, asked: Filter, period: Period, now: int, stages: list[int]
) -> dict[int, list[int]]:
    """Microseconds of each stay that ended, by stage, shortest first."""
    import numpy as np

    from salesdesk.services import reports_columns

    columns = reports_columns.read(r, asked, whole(r, period, now), ("left", "spent"))
    left, spent = columns["left"], columns["spent"]
    return {stage: np.sort(spent[(left == stage) & (spent >= 0)]).tolist() for stage in stages}


def _standing(
    r: Reader, asked: Filter, period: Period, now: int, stages: list[int]
) -> dict[int, int]:
    """How many deals stood in each stage at the period's end."""
    stop = period.moments(r.zone, now)[1]
    if asked.persons is None:
        return _standing_of_all(r, asked, stop)
    found: dict[int, int] = defaultdict(int)
    found.update(
        r.rows_of(
            "SELECT stage_id, count(*) FROM span WHERE start < ? AND (stop IS NULL OR stop >= ?)"
            f"{asked.of_persons('owner_id')}{asked.of_deals('deal_id')} "
            "AND stage_id IN ({ids}) GROUP BY stage_id",
            stages,
            (stop, stop, *asked.given),
        )
    )
    return found


def _standing_of_all(r: Reader, asked: Filter, stop: int) -> dict[int, int]:
    """The same of everybody: where deals stand now, and back what has moved since."""
    found: dict[int, int] = defaultdict(int)
    moved = (
        "FROM stage_move WHERE at >= ? AND undone = 0 AND superseded = 0 AND deal_id NOT IN "
        f"(SELECT id FROM deal WHERE deleted_at IS NOT NULL){asked.of_deals('deal_id')}"
    )
    standing = f"FROM deal WHERE deleted_at IS NULL{asked.of_deals('id')}"
    for column, rows, sign, given in (
        ("stage_id", standing, 1, ()),
        ("to_stage_id", moved, -1, (stop,)),
        ("from_stage_id", moved, 1, (stop,)),
    ):
        sql = f"SELECT {column}, count(*) {rows} GROUP BY {column}"
        for stage, n in r.rows(sql, (*given, *asked.given)):
            found[stage] += sign * n
    return found


def _row(stage_id: int, name: str, spent: list[int], standing: int) -> StageTime:
    if not spent:
        return StageTime(stage_id, name, 0, None, None, None, standing)
    mean = Fraction(sum(spent), len(spent) * _DAY)
    median, most = percentile(spent, Fraction(1, 2)), percentile(spent, Fraction(9, 10))
    return StageTime(stage_id, name, len(spent), median / _DAY, mean, most / _DAY, standing)


@dataclass(frozen=True, slots=True)
class Stay:
    """A deal that stood in a stage: until ``at``, or since then when it stands there still."""

    deal_id: int
    deal: str
    at: int
    days: Decimal
    person: str | None


def stays(
    r: Reader,
    period: Period,
    stage_id: int,
    *,
    going_on: bool,
    now: int,
    person_id: int | None = None,
    team_id: int | None = None,
    deals: BoardFilter | None = None,
) -> list[Stay]:
    """The stays behind a row of ``stage_time``, the longest first: those that ended with a move out
    in the period, or those that go on at its end."""
    asked = filter_of(r, None, person_id, team_id, deals, now=now)
    people = {person.id: person.name for person in asked.setup.people}
    found = (_going_on if going_on else _ended)(r, asked, period, stage_id, now)
    return [Stay(row[0], row[1], row[2], _days(row[3]), people.get(row[4])) for row in found]


def _ended(
    r: Reader, asked: Filter, period: Period, stage_id: int, now: int
) -> Iterable[tuple[Any, ...]]:
    return ask(
        r,
        whole(r, period, now),
        "SELECT m.deal_id, deal.title, m.at, m.spent, m.person_id FROM moves m "
        "JOIN deal ON deal.id = m.deal_id WHERE m.from_stage_id = ? AND m.spent IS NOT NULL"
        f"{asked.of_persons('m.person_id')}{asked.of_deals('m.deal_id')} "
        "ORDER BY m.spent DESC, m.id",
        (stage_id, *asked.given),
    )


def _going_on(
    r: Reader, asked: Filter, period: Period, stage_id: int, now: int
) -> Iterable[tuple[Any, ...]]:
    stop = period.moments(r.zone, now)[1]
    return r.rows(
        "SELECT w.deal_id, deal.title, w.since, ? - w.since, w.owner_id FROM (SELECT deal_id, "
        "owner_id, (SELECT max(m.at) FROM stage_move m WHERE m.deal_id = span.deal_id "
        "AND m.undone = 0 AND m.superseded = 0 AND m.at <= span.start) AS since "
        "FROM span WHERE stage_id = ? AND start < ? AND (stop IS NULL OR stop >= ?)"
        f"{asked.of_persons('owner_id')}{asked.of_deals('deal_id')}) w "
        "JOIN deal ON deal.id = w.deal_id ORDER BY w.since, w.deal_id",
        (stop, stage_id, stop, stop, *asked.given),
    )


def _days(micros: int) -> Decimal:
    """A length of time in days, to a thousandth."""
    return decimal_of(Fraction(micros, _DAY), 3)


def percentile(ordered: Sequence[int], share: Fraction) -> Fraction:
    """By linear interpolation between the nearest two of the ordered values."""
    place = (len(ordered) - 1) * share
    low = place.numerator // place.denominator
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


def stage_time_json(rows: Sequence[StageTime]) -> dict[str, Any]:
    """The document of ``salesdesk report stage-time --json``; days are numbers."""
    return {
        "rows": [
            {
                "stage": row.stage,
                "moves_out": row.moves_out,
                "median_days": _number(row.median_days),
                "mean_days": _number(row.mean_days),
                "p90_days": _number(row.p90_days),
                "now_in_stage": row.now_in_stage,
            }
            for row in rows
        ]
    }


def _number(days: Fraction | None) -> float | None:
    return None if days is None else round(float(days), 6)
