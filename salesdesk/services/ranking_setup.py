"""What the ranking knows of the workspace's configuration, read again only when it has changed."""

import threading
from dataclasses import dataclass, field
from typing import Any
from weakref import WeakKeyDictionary

from salesdesk import names
from salesdesk.models.store import Reader, Store
from salesdesk.services import rates, settings
from salesdesk.services.calendars import WorkCalendar
from salesdesk.services.levels import Thresholds
from salesdesk.services.ranking_points import Points, StageNames, load
from salesdesk.services.rates import Rates
from salesdesk.services.surroundings import load_calendar

#: A change in one of these tables makes the setup stale. (The plus sign: among the newest lines
#: alone, not through the index by table.)
_TABLES = (
    "pipeline", "stage", "stage_points", "person", "team", "plan", "norm", "rate", "setting",
    "day_off", "calendar_year",
)  # fmt: skip
_STALE = f"SELECT 1 FROM change WHERE id > ? AND +tbl IN ({', '.join('?' * len(_TABLES))}) LIMIT 1"


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage, deleted ones too."""

    id: int
    pipeline_id: int
    name: str
    kind: str
    position: int
    milestone: str | None
    deleted: bool
    archived: bool = False


@dataclass(frozen=True, slots=True)
class Member:
    """A person, deleted ones too; ``sort_key`` is the name without case."""

    id: int
    name: str
    role: str
    team_id: int | None
    in_ranking: bool
    first_day: int | None
    last_day: int | None
    deleted: bool
    sort_key: str

    def active_on(self, day: int) -> bool:
        """Whether the person works here that day."""
        return (
            not self.deleted
            and (self.first_day is None or self.first_day <= day)
            and (self.last_day is None or day <= self.last_day)
        )


@dataclass(frozen=True, slots=True)
class Scope:
    """Which pipelines count in an answer. ``loose``: tasks without a deal count too."""

    pipelines: frozenset[int]
    loose: bool
    #: stages of these pipelines
    stages: dict[int, Stage]

    @property
    def key(self) -> tuple[frozenset[int], bool]:
        """Alike for scopes that count alike: a single pipeline without what has no pipeline is
        another scope than all pipelines where there is but one."""
        return self.pipelines, self.loose

    def holds(self, scope_id: int) -> bool:
        """Whether what counts for this pipeline (0: none) counts here."""
        return scope_id in self.pipelines or (scope_id == 0 and self.loose)

    def with_milestone(self, milestone: str) -> list[int]:
        """The stages that carry a milestone."""
        return [stage.id for stage in self.stages.values() if stage.milestone == milestone]


@dataclass(slots=True)
class Setup:
    """The configuration as of one state of the workspace."""

    stages: dict[int, Stage]
    #: by id: name, counts
    pipelines: dict[int, tuple[str, bool]]
    #: pipelines that are not deleted, by id: counts, position
    pipeline_order: dict[int, tuple[bool, int]]
    people: list[Member]
    #: by id: name, parent
    teams: dict[int, tuple[str, int | None]]
    points: Points
    rates: Rates
    thresholds: Thresholds
    calendar: WorkCalendar
    #: what others work out of it once
    memo: dict[Any, Any] = field(default_factory=dict)
    last_change: int = 0

    def scope(self, pipeline_id: int | None) -> Scope:
        """The pipelines that count, or the one asked for if it does."""
        counting = {key for key, (_, counts) in self.pipelines.items() if counts}
        if pipeline_id is not None:
            counting &= {pipeline_id}
        stages = {key: stage for key, stage in self.stages.items()
                  if stage.pipeline_id in counting}  # fmt: skip
        return Scope(frozenset(counting), pipeline_id is None, stages)

    def teams_within(self, team_id: int) -> set[int]:
        """The team and all teams inside it."""
        found, grown = {team_id}, True
        while grown:
            inside = {team for team, (_, parent) in self.teams.items() if parent in found}
            grown = not inside <= found
            found |= inside
        return found

    def team_named(self, person: Member) -> str | None:
        """The name of a person's team."""
        return self.teams[person.team_id][0] if person.team_id in self.teams else None

    def stage_names(self) -> StageNames:
        """Stages that are not deleted, by the keys of their pipeline's and their own name; one in
        use comes before an archived one of its name."""
        known = sorted(self.stages.values(), key=lambda stage: not stage.archived)
        return {
            (names.key(self.pipelines[stage.pipeline_id][0]), names.key(stage.name)): stage.id
            for stage in known
            if not stage.deleted
        }


_known: "WeakKeyDictionary[Store, Setup]" = WeakKeyDictionary()
_lock = threading.Lock()


def of(r: Reader) -> Setup:
    """The configuration of the reader's workspace."""
    last = int(r.value("SELECT coalesce(max(id), 0) FROM change"))
    with _lock:
        known = _known.get(r.store)
    if known is not None and known.last_change <= last:
        if known.last_change == last:
            return known
        if r.row(_STALE, (known.last_change, *_TABLES)) is None:
            known.last_change = last
            return known
    known = _read(r)
    known.last_change = last
    with _lock:
        _known[r.store] = known
    return known


def _read(r: Reader) -> Setup:
    return Setup(
        {
            row[0]: Stage(*(*row[:6], bool(row[6]), bool(row[7])))
            for row in r.rows(
                "SELECT id, pipeline_id, name, kind, position, milestone, deleted_at IS NOT NULL, "
                "archived FROM stage ORDER BY pipeline_id, position, id"
            )
        },
        {row[0]: (row[1], bool(row[2])) for row in r.rows("SELECT id, name, counts FROM pipeline")},
        {
            row[0]: (bool(row[1]), row[2])
            for row in r.rows("SELECT id, counts, position FROM pipeline WHERE deleted_at IS NULL")
        },
        [
            Member(*(*row[:4], bool(row[4]), *row[5:7], bool(row[7]), row[1].casefold()))
            for row in r.rows(
                "SELECT id, name, role, team_id, in_ranking, first_day, last_day, "
                "deleted_at IS NOT NULL FROM person"
            )
        ],
        {
            row[0]: (row[1], row[2])
            for row in r.rows("SELECT id, name, parent_id FROM team WHERE deleted_at IS NULL")
        },
        load(r),
        rates.load(r),
        settings.thresholds(r),
        load_calendar(r),
    )
