"""The history of one deal: moves, people, fields, tasks, notes, payments, linked deals, and undos.

Gathered from the facts and from the log with a handful of queries, whatever the number of changes;
only the lines that are shown get their names looked up.
"""

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from salesdesk.models.store import Reader
from salesdesk.moments import amount_of, points_of
from salesdesk.services.dealevents import Event
from salesdesk.services.dealmerged import with_merged

Holds = Literal["text", "money", "day", "moment", "percent"]
Value = str | int | Decimal | None

#: Tables whose ids an event may hold, with the name that is shown.
_NAMES = {
    "person": "SELECT id, name FROM person WHERE id IN ({ids})",
    "client": "SELECT id, name FROM client WHERE id IN ({ids})",
    "source": "SELECT id, name FROM source WHERE id IN ({ids})",
    "industry": "SELECT id, name FROM industry WHERE id IN ({ids})",
    "lost_reason": "SELECT id, name FROM lost_reason WHERE id IN ({ids})",
    "deal": "SELECT id, title FROM deal WHERE id IN ({ids})",
}


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """One thing that happened to a deal.

    ``kind``: ``created``, ``move``, ``owner``, ``field`` (``subject`` is the column),
    ``own_field``, ``tag_added``, ``tag_removed``, ``note``, ``note_changed``, ``note_removed``,
    the kinds of ``dealpayments`` (``subject`` is ``in`` or ``out``) and of ``dealquotes``
    (``subject`` is the contractor), ``task``, ``task_done``,
    ``task_cancelled``, ``task_reopened``, ``task_postponed``, ``task_due``, ``task_assigned``,
    ``task_renamed``, ``task_removed``, ``child``, ``deleted``, ``restored``, ``imported``,
    ``reach_voided``, ``reach_credited``, ``reach_restored``, ``merged``, ``undo``.
    ``subject`` is a task's or child's title, a field's name, a tag; of a move or ``created`` the
    title of the deal, merged into this one, to which it happened. ``holds`` says what ``old`` and
    ``new`` are: names and texts, Decimal in ``currency``, days, moments, percents.
    ``who`` is empty when nobody is known; ``automatic``: a rule did it. ``points`` are what the
    move earned on its day, for ``points_to`` when that is not the responsible person. An undone
    line tells who took it back, and when; an ``undo`` says in ``about`` of which kind the line is
    that it took back.
    """

    at: int
    kind: str
    command_id: int
    who: str | None
    origin: str
    automatic: bool = False
    subject: str = ""
    old: Value = None
    new: Value = None
    holds: Holds = "text"
    currency: str = ""
    reason: str | None = None
    points: Decimal | None = None
    points_to: str | None = None
    undone: bool = False
    undone_by: str | None = None
    undone_at: int | None = None
    superseded: bool = False
    about: str = ""

    @property
    def lacks_author(self) -> bool:
        """Whether it is a move whose author the CRM did not tell: counting it for the responsible
        person is an assumption."""
        is_move = self.kind in ("created", "move")
        return is_move and self.origin == "sync" and self.who is None and not self.automatic


@dataclass(frozen=True, slots=True)
class HistoryPage:
    """The newest lines of a history, and how many there are in all."""

    lines: tuple[HistoryLine, ...]
    total: int


#: In the place of a history that is read when the rest is shown.
LATER = HistoryPage((), -1)


def history(r: Reader, deal_id: int, *, limit: int = 50, until: int | None = None) -> HistoryPage:
    """The newest ``limit`` lines of a deal's history, the newest first; with ``until`` only what
    had happened by that moment."""
    found = with_merged(r, deal_id)
    if until is not None:
        found = [event for event in found if event.at <= until]
    shown = found[:limit]
    names = _names(r, shown)
    stages = _stage_names(r, shown)
    points = _points(r, deal_id) if any(event.move_id for event in shown) else {}
    return HistoryPage(
        tuple(_line(event, names, stages, points.get(event.move_id or 0)) for event in shown),
        len(found),
    )


def _line(
    event: Event,
    names: dict[tuple[str, int], str],
    stages: dict[int, tuple[str, str]],
    earned: "_Earned | None",
) -> HistoryLine:
    old, new, holds = _values(event, names, stages)
    points, points_to = None, None
    if earned is not None and not event.undone:
        points = earned.points
        if earned.person != event.responsible:
            points_to = names.get(("person", earned.person))
    return HistoryLine(
        at=event.at,
        kind=event.kind,
        command_id=event.command_id,
        who=names.get(("person", event.by or 0)),
        origin=event.origin,
        automatic=event.automatic,
        subject=event.subject,
        old=old,
        new=new,
        holds=holds,
        currency=event.currency,
        reason=names.get(("lost_reason", event.reason_id or 0), event.reason),
        points=points,
        points_to=points_to,
        undone=event.undone,
        undone_by=names.get(("person", event.undone_by or 0)),
        undone_at=event.undone_at,
        superseded=event.superseded,
        about=event.about,
    )


def _values(
    event: Event, names: dict[tuple[str, int], str], stages: dict[int, tuple[str, str]]
) -> tuple[Value, Value, Holds]:
    """Old and new as they are shown, and what they are."""
    if event.holds == "stage":
        return *_stage_pair(event, stages), "text"
    if event.holds in _NAMES:
        old = names.get((event.holds, event.old)) if event.old is not None else None
        new = names.get((event.holds, event.new)) if event.new is not None else None
        return old, new, "text"
    if event.holds == "money":
        return _amount(event.old), _amount(event.new), "money"
    kind: Holds = event.holds  # type: ignore[assignment]
    return event.old, event.new, kind


def _amount(value: Any) -> Decimal | None:
    return None if value is None else amount_of(value)


def _stage_pair(event: Event, stages: dict[int, tuple[str, str]]) -> tuple[str | None, str | None]:
    """Stage names; with their pipelines' when the move led from one to another."""
    old, new = stages.get(event.old or 0), stages.get(event.new or 0)
    apart = old is not None and new is not None and old[0] != new[0]

    def named(stage: tuple[str, str] | None) -> str | None:
        if stage is None:
            return None
        return f"{stage[0]} · {stage[1]}" if apart else stage[1]

    return named(old), named(new)


def _stage_names(r: Reader, shown: list[Event]) -> dict[int, tuple[str, str]]:
    wanted = {key for event in shown if event.holds == "stage" for key in (event.old, event.new)}
    return {
        row[0]: (row[1], row[2])
        for row in r.rows_of(
            "SELECT s.id, p.name, s.name FROM stage s JOIN pipeline p ON p.id = s.pipeline_id "
            "WHERE s.id IN ({ids})",
            sorted(wanted - {None}),
        )
    }


def _names(r: Reader, shown: list[Event]) -> dict[tuple[str, int], str]:
    wanted: dict[str, set[int]] = defaultdict(set)
    for event in shown:
        if event.holds in _NAMES:
            wanted[event.holds].update(key for key in (event.old, event.new) if key is not None)
        wanted["person"].update(key for key in (event.by, event.undone_by) if key is not None)
        if event.reason_id is not None:
            wanted["lost_reason"].add(event.reason_id)
    if any(event.move_id for event in shown):
        found = r.rows("SELECT id, name FROM person")
        return _looked_up(r, wanted) | {("person", key): name for key, name in found}
    return _looked_up(r, wanted)


def _looked_up(r: Reader, wanted: dict[str, set[int]]) -> dict[tuple[str, int], str]:
    return {
        (table, key): name
        for table, ids in wanted.items()
        for key, name in r.rows_of(_NAMES[table], sorted(ids))
    }


@dataclass(frozen=True, slots=True)
class _Earned:
    points: Decimal
    person: int


def _points(r: Reader, deal_id: int) -> dict[int, _Earned]:
    """What each move of the deal earned: the points of the stages it reached, as they were on the
    day of the reach (domain.md section 4)."""
    reaches = r.rows(
        "SELECT e.move_id, e.stage_id, e.day, e.person_id FROM reach e "
        "JOIN stage s ON s.id = e.stage_id JOIN pipeline p ON p.id = s.pipeline_id "
        "WHERE e.deal_id = ? AND p.counts = 1 AND e.person_id <> 0",
        (deal_id,),
    )
    known: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for stage, first_day, points in r.rows_of(
        "SELECT stage_id, coalesce(valid_from, 0), points FROM stage_points "
        "WHERE deleted_at IS NULL AND stage_id IN ({ids}) ORDER BY 2, id",
        sorted({row[1] for row in reaches}),
    ):
        known[stage].append((first_day, points))
    earned: dict[int, _Earned] = {}
    for move, stage, day, person in reaches:
        held = [points for first_day, points in known[stage] if first_day <= day]
        if held and held[-1]:
            before = earned[move].points if move in earned else Decimal(0)
            earned[move] = _Earned(before + points_of(held[-1]), person)
    return earned
