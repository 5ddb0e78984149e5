"""What stages earn, from which day on: as saved, or as tried out (``--weights``)."""

import tomllib
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from salesdesk import names
from salesdesk.errors import Invalid, Reason
from salesdesk.models.store import Reader
from salesdesk.moments import points_int
from salesdesk.text import N_

_EVER = -1
_LIMIT = Decimal(10) ** 9


@dataclass(slots=True)
class Points:
    """Points (millionths) of stages by the day on which they begin to hold."""

    _days: dict[int, list[int]] = field(default_factory=dict)
    _points: dict[int, list[int]] = field(default_factory=dict)

    def add(self, stage: int, day: int | None, points: int) -> None:
        """Points of a stage from a day on (None: since ever); later calls win."""
        since = _EVER if day is None else day
        days = self._days.setdefault(stage, [])
        values = self._points.setdefault(stage, [])
        place = bisect_right(days, since)
        if place and days[place - 1] == since:
            values[place - 1] = points
        else:
            days.insert(place, since)
            values.insert(place, points)

    def on(self, stage: int, day: int) -> int:
        """What the stage earns on a day; 0 before its first entry."""
        days = self._days.get(stage)
        place = bisect_right(days, day) if days else 0
        return self._points[stage][place - 1] if place else 0

    def changes(self, first: int, stop: int) -> list[int]:
        """The days after ``first`` and before ``stop`` from which other points hold."""
        found = {d for days in self._days.values() for d in days if first < d < stop}
        return sorted(found)


def load(r: Reader) -> Points:
    """The saved points."""
    points = Points()
    for stage, day, value in r.rows(
        "SELECT stage_id, valid_from, points FROM stage_points WHERE deleted_at IS NULL ORDER BY id"
    ):
        points.add(stage, day, value)
    return points


#: Stages by (pipeline's name, stage's name) keys.
StageNames = Mapping[tuple[str, str], int]


def from_file(path: Path, stages: StageNames) -> Points:
    """The table of a ``--weights`` file (cli.md): it replaces the saved points altogether.

    Raises ``Invalid`` when the file cannot be read, names an unknown stage or a value is no
    decimal.
    """
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise Invalid(
            N_("The points in {file} could not be read: {detail}."),
            file=path.name,
            detail=Reason(error),
        ) from error
    return from_table(content, stages)


def from_table(content: Mapping[str, Any], stages: StageNames) -> Points:
    """The same from what the file holds."""
    unknown = set(content) - {"points", "change"}
    if unknown:
        raise Invalid(
            N_("A table of points has [points] and [[change]] alone, not “{name}”."),
            name=min(unknown),
        )
    points = Points()
    for stage, value in _entries(content.get("points", {}), stages):
        points.add(stage, None, value)
    changes = content.get("change", [])
    if not isinstance(changes, list):
        raise Invalid(N_("Changes of points are written as [[change]]."))
    for change in changes:
        day = _day(change)
        for stage, value in _entries(change.get("points", {}), stages):
            points.add(stage, day, value)
    return points


def _day(change: Any) -> int:
    given = change.get("from") if isinstance(change, dict) else None
    try:
        day = given if isinstance(given, date) else date.fromisoformat(str(given))
    except ValueError as error:
        raise Invalid(
            N_('A change of points needs from = "2024-03-01", not “{value}”.'), value=given
        ) from error
    return day.toordinal()


def _entries(table: Any, stages: StageNames) -> Iterable[tuple[int, int]]:
    """What the lines say, those of a stage in all pipelines first: the later entry holds, so
    ``Pipeline/Stage`` does wherever it is written."""
    if not isinstance(table, dict):
        raise Invalid(N_('Points are written as "Stage" = "7".'))
    everywhere = {own for _pipeline, own in stages}
    lines = sorted(table.items(), key=lambda line: names.key(str(line[0])) not in everywhere)
    told = set[str]()
    for name, value in lines:
        if names.key(str(name)) in told:
            raise Invalid(N_("The points of “{name}” are given twice."), name=name)
        told.add(names.key(str(name)))
        found = _stages_named(str(name), stages)
        points = _decimal(name, value)
        for stage in found:
            yield stage, points


def _stages_named(name: str, stages: StageNames) -> list[int]:
    """The stages of that name in all pipelines, or the one of ``Pipeline/Stage``."""
    wanted = names.key(name)
    found = [stage for (_pipeline, own), stage in stages.items() if own == wanted]
    if not found:
        found = [
            stage
            for (pipeline, own), stage in stages.items()
            if names.key(f"{pipeline}/{own}") == wanted
            or names.key(f"{pipeline} / {own}") == wanted
        ]
    if not found:
        raise Invalid(N_("There is no stage “{name}” to give points to."), name=name)
    return found


def _decimal(name: str, value: Any) -> int:
    try:
        if isinstance(value, bool | float):
            raise ValueError
        points = Decimal(str(value).replace(",", "."))
    except (InvalidOperation, ValueError) as error:
        raise Invalid(
            N_("The points of “{name}” are “{value}”, not a decimal in quotes."),
            name=name, value=value,
        ) from error  # fmt: skip
    if not points.is_finite() or abs(points) >= _LIMIT:
        raise Invalid(
            N_("The points of “{name}” are “{value}”, not a decimal in quotes."),
            name=name, value=value,
        )  # fmt: skip
    return points_int(points)
