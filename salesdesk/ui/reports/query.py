"""What the page asks for in the background: one report, and the moves behind one of its numbers."""

from dataclasses import dataclass
from typing import Any

from salesdesk.services import reports
from salesdesk.services.periods import Period
from salesdesk.services.reports import Funnel, MoveLine, StageTime, Transition

REPORTS = ("transitions", "stage-time", "funnel")
#: How many moves behind a number are listed at most.
MOST_MOVES = 1000


@dataclass(frozen=True, slots=True)
class Asked:
    """Which report of what; None is everything (for two of the reports the first pipeline that
    counts). ``by`` is ``day``, ``week`` or ``month``."""

    report: str
    period: Period
    by: str = "day"
    pipeline_id: int | None = None
    person_id: int | None = None
    team_id: int | None = None

    def limits(self) -> dict[str, Any]:
        """The arguments that every report takes."""
        return {
            "pipeline_id": self.pipeline_id, "person_id": self.person_id, "team_id": self.team_id,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class StageLook:
    """A stage as a chart shows it; ``place`` orders the stages of all pipelines."""

    name: str
    colour: str
    place: int


@dataclass(frozen=True, slots=True)
class Answer:
    """The rows of the report that was asked for; the others are empty."""

    asked: Asked
    stages: dict[int, StageLook]
    transitions: tuple[Transition, ...] = ()
    times: tuple[StageTime, ...] = ()
    funnel: Funnel | None = None


def read(r: Any, asked: Asked, *, now: int) -> Answer:
    """The report."""
    from salesdesk.services import pipelines

    order = {one.id: place for place, one in enumerate(pipelines.pipelines(r))}
    known = sorted(
        pipelines.stages(r, archived=True),
        key=lambda s: (order.get(s.pipeline_id, len(order)), s.position, s.id),
    )
    stages = {s.id: StageLook(s.name, s.colour, place) for place, s in enumerate(known)}
    given: dict[str, Any] = {"now": now, **asked.limits()}
    if asked.report == "stage-time":
        return Answer(asked, stages, times=tuple(reports.stage_time(r, asked.period, **given)))
    if asked.report == "funnel":
        return Answer(asked, stages, funnel=reports.funnel(r, asked.period, **given))
    rows = reports.transitions(r, asked.period, asked.by, **given)
    return Answer(asked, stages, transitions=tuple(rows))


@dataclass(frozen=True, slots=True)
class Behind:
    """Which number: moves into a stage (None: any), of a day, week or month by its first day (None:
    the whole period), of a person (0: deals of nobody) or a team by name; None: all."""

    stage_id: int | None = None
    first_day: int | None = None
    person_id: int | None = None
    team: str | None = None

    def holds(self, row: Transition) -> bool:
        """Whether a row of the report is part of the number."""
        return (
            (self.stage_id is None or row.stage_id == self.stage_id)
            and (self.first_day is None or row.first_day == self.first_day)
            and (self.person_id is None or (row.person_id or 0) == self.person_id)
            and (self.team is None or (row.team or "") == self.team)
        )


@dataclass(frozen=True, slots=True)
class Move:
    """A move behind a number, with the stage entered and the person responsible."""

    line: MoveLine
    stage: str
    person: str | None


def moves(r: Any, asked: Asked, behind: Behind, *, now: int) -> list[Move]:
    """The moves that a number counts, newest first."""
    by = asked.by if behind.first_day is not None else "month"
    rows = reports.transitions(r, asked.period, by, now=now, **asked.limits())
    found: list[Move] = []
    for row in sorted(filter(behind.holds, rows), key=lambda row: -row.first_day):
        lines = reports.transition_moves(r, asked.period, row, by, now=now)
        found += [Move(line, row.stage, row.person) for line in lines]
        if len(found) > MOST_MOVES:
            break
    found.sort(key=lambda move: (-move.line.at, -move.line.move_id))
    return found
