"""How far the deals that were created in a period came."""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any, Literal

from salesdesk.models.asking import keys_in
from salesdesk.models.store import Reader
from salesdesk.services.cards import BoardFilter
from salesdesk.services.periods import Period
from salesdesk.services.planning import decimal_of
from salesdesk.services.ranking_setup import Stage
from salesdesk.services.reports_moves import (
    OWNER_WITH,
    OWNERS,
    Filter,
    filter_of,
    first_counting,
)

#: The first person responsible for a deal: the one with its creation ``m``, else the next named.
_FIRST_OWNER = f"""
coalesce({OWNER_WITH}, (SELECT f.owner_id FROM ({OWNERS}) f
WHERE f.owner_id IS NOT NULL AND (f.at, f.seq) > (m.at, m.seq) ORDER BY f.at, f.seq LIMIT 1))
"""
#: Deals created in a period (from, to) in the stages of a pipeline.
_BORN = """
born (deal_id) AS (
SELECT m.deal_id FROM stage_move m JOIN deal d ON d.id = m.deal_id AND d.deleted_at IS NULL
WHERE m.at >= ? AND m.at < ? AND m.undone = 0 AND m.superseded = 0 AND m.from_stage_id IS NULL
AND m.to_stage_id IN ({stages}){persons}{deals})
"""
#: The places of the steps they ever entered, up to now.
BEEN = """
been (deal_id, place) AS (
SELECT DISTINCT e.deal_id, step.place FROM born CROSS JOIN stage_move e ON e.deal_id = born.deal_id
JOIN step ON step.stage_id = e.to_stage_id
WHERE e.undone = 0 AND e.superseded = 0 AND e.at <= ?)
"""


@dataclass(frozen=True, slots=True)
class FunnelStep:
    """A step: deals that reached it or a later one, and those that entered this very stage.

    Conversions are fractions; None over 0, and 1 in the first row.
    """

    stage_id: int
    stage: str
    reached: int
    entered: int
    conversion_from_first: Fraction | None
    conversion_from_previous: Fraction | None


@dataclass(frozen=True, slots=True)
class Funnel:
    """The steps of a pipeline in order, won last; ``created`` counts the deals, those too that
    reached no step."""

    pipeline_id: int
    pipeline: str
    created: int
    steps: tuple[FunnelStep, ...]


def funnel(
    r: Reader,
    period: Period,
    *,
    now: int,
    pipeline_id: int | None = None,
    person_id: int | None = None,
    team_id: int | None = None,
    deals: BoardFilter | None = None,
) -> Funnel:
    """The funnel of the deals created in a period; the person of a deal is its first responsible
    one. Default: the first pipeline that counts in the ranking."""
    asked = filter_of(r, pipeline_id, person_id, team_id, deals, now=now)
    pipeline = first_counting(asked.setup) if pipeline_id is None else pipeline_id
    own, steps = stages_of(asked, pipeline)
    created, furthest, entered = _counts(r, asked, period, now, own, steps)
    reached = [sum(furthest[place:]) for place in range(len(steps))]
    # An archived stage is a step of the deals that saw it, and of no others.
    shown = [place for place, step in enumerate(steps) if not step.archived or entered[place]]
    return Funnel(
        pipeline,
        asked.setup.pipelines[pipeline][0],
        created,
        tuple(
            FunnelStep(
                steps[place].id, steps[place].name, reached[place], entered[place],
                _share(reached[place], reached[shown[0]], at),
                _share(reached[place], reached[shown[at - 1]], at),
            )
            for at, place in enumerate(shown)
        ),
    )  # fmt: skip


def _share(part: int, whole: int, place: int) -> Fraction | None:
    if place == 0:
        return Fraction(1)
    return Fraction(part, whole) if whole else None


def _counts(
    r: Reader, asked: Filter, period: Period, now: int, own: list[Stage], steps: list[Stage]
) -> tuple[int, list[int], list[int]]:
    """Deals created; deals by their furthest step; deals that entered each step."""
    furthest, entered = [0] * len(steps), [0] * len(steps)
    start, stop = period.moments(r.zone, now)
    if asked.persons is None:
        from salesdesk.services import reports_columns

        among = asked.of_deals("m.deal_id"), asked.given
        return reports_columns.came_through(
            r, (start, stop, now), [stage.id for stage in own], [step.id for step in steps], *among
        )
    born = born_of(asked, own)
    given = (start, stop, *asked.given)
    created = int(r.value(f"WITH {born} SELECT count(*) FROM born", given))
    if not steps:
        return created, furthest, entered
    with_all = f"WITH {steps_of(steps)}, {born}, {BEEN}"
    for which, place, n in r.rows(
        f"{with_all} SELECT 'entered', place, count(*) FROM been GROUP BY place UNION ALL "
        "SELECT 'furthest', far, count(*) FROM (SELECT max(place) AS far FROM been "
        "GROUP BY deal_id) GROUP BY far",
        (*given, now),
    ):
        (entered if which == "entered" else furthest)[place] = n
    return created, furthest, entered


@dataclass(frozen=True, slots=True)
class BornDeal:
    """A deal behind a step: when it was made, and where it stands now."""

    deal_id: int
    deal: str
    at: int
    stage: str


def born_deals(
    r: Reader,
    period: Period,
    pipeline_id: int,
    stage_id: int,
    way: Literal["reached", "entered"],
    *,
    now: int,
    person_id: int | None = None,
    team_id: int | None = None,
    deals: BoardFilter | None = None,
) -> list[BornDeal]:
    """The deals that a step of ``funnel`` counts in one of its ways, those made last first."""
    asked = filter_of(r, pipeline_id, person_id, team_id, deals, now=now)
    own, steps = stages_of(asked, pipeline_id)
    place = next((at for at, step in enumerate(steps) if step.id == stage_id), len(steps))
    low, high = place, place if way == "entered" else len(steps)
    rows = r.rows(
        f"WITH {steps_of(steps)}, {born_of(asked, own)}, {BEEN} "
        "SELECT d.id, d.title, d.created_at, s.name FROM deal d "
        "JOIN stage s ON s.id = d.stage_id WHERE d.id IN "
        "(SELECT deal_id FROM been WHERE place BETWEEN ? AND ?) ORDER BY d.created_at DESC, d.id",
        (*period.moments(r.zone, now), *asked.given, now, low, high),
    )
    return [BornDeal(*row) for row in rows]


def stages_of(asked: Filter, pipeline_id: int) -> tuple[list[Stage], list[Stage]]:
    """The stages of a pipeline, and those of them that are steps, in order."""
    own = [stage for stage in asked.setup.stages.values() if stage.pipeline_id == pipeline_id]
    steps = [stage for stage in own if stage.kind != "lost" and not stage.deleted]
    return own, sorted(steps, key=lambda stage: (stage.kind == "won", stage.position, stage.id))


def born_of(asked: Filter, own: list[Stage]) -> str:
    """``born (deal_id)`` as a part of a query: deals created in the stages of a pipeline. Takes the
    period's moments, then ``asked.given``."""
    return _BORN.format(
        stages=keys_in(stage.id for stage in own),
        persons=asked.of_persons(_FIRST_OWNER),
        deals=asked.of_deals("m.deal_id"),
    )


def steps_of(steps: list[Stage]) -> str:
    """``step (stage_id, place)`` as a part of a query."""
    places = ", ".join(f"({stage.id}, {place})" for place, stage in enumerate(steps))
    return f"step (stage_id, place) AS (VALUES {places})"


def funnel_json(answer: Funnel) -> dict[str, Any]:
    """The document of ``salesdesk report funnel --json``; conversions have four digits."""
    return {
        "pipeline": answer.pipeline,
        "created": answer.created,
        "rows": [
            {
                "stage": step.stage,
                "reached": step.reached,
                "conversion_from_first": _text(step.conversion_from_first),
                "conversion_from_previous": _text(step.conversion_from_previous),
                "entered": step.entered,
            }
            for step in answer.steps
        ],
    }


def _text(share: Fraction | None) -> str | None:
    return None if share is None else format(_four(share), "f")


def _four(share: Fraction) -> Decimal:
    return decimal_of(share, 4)
