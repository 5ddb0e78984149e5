"""Which moves are doubtful: found window by window, from the newest back, by their moments.

A move is doubtful when the stage was left backwards within a day, when it was recorded far from its
moment, or when it came by an import or the command line; and the stay that it began, when a task of
the deal was put off again and again just before it was due.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from salesdesk.models import derive
from salesdesk.models.asking import keys_in
from salesdesk.models.store import Reader
from salesdesk.moments import SECOND
from salesdesk.services import ranking_setup, settings
from salesdesk.services.ranking_setup import Stage

#: Why a move is doubtful: forward and back within a day, recorded far from its moment, a task of
#: the deal put off just before it was due, by an import or the command line.
REASONS = ("back", "late", "postponed", "outside")
DAY = 24 * 3600 * SECOND
_FIRST_WINDOW = 2 * DAY
_OUTSIDE = "m.mover_as IN ('import', 'cli')"
#: What an import or a sync brings is always recorded later.
_LATE = f"m.mover_as NOT IN ('import', 'sync') AND abs(m.recorded_at - m.at) > {DAY}"
_LIVE = "+{0}.undone = 0 AND +{0}.superseded = 0"
_REVIEWED = "EXISTS (SELECT 1 FROM move_review v WHERE v.move_id = m.id AND v.deleted_at IS NULL)"

Key = tuple[int, int]


class Found(NamedTuple):
    """A doubtful move: ``when`` orders them (its moment, or that of the last postponement)."""

    when: int
    move_id: int
    reasons: tuple[str, ...]
    back_at: int | None = None
    task_id: int | None = None
    times: int = 0


@dataclass(frozen=True, slots=True)
class Search:
    """What is looked for in ``[start, stop)``; ``looked``: the ones that were looked at instead of
    those that were not; ``after``: only what comes after that one (further back)."""

    r: Reader
    start: int
    stop: int
    now: int
    pipeline_id: int | None = None
    reason: str | None = None
    looked: bool = False
    after: Key | None = None
    put_off: list[Found] = field(default_factory=list)

    def wants(self, reason: str) -> bool:
        """Whether this reason is asked for."""
        return self.reason in (None, reason)


def find(asked: Search, limit: int) -> list[Found]:
    """The newest ``limit`` doubtful moves at most, newest first."""
    if asked.wants("postponed"):
        asked.put_off.extend(_put_off(asked))
    found: list[Found] = []
    high, width = asked.stop, _FIRST_WINDOW
    if asked.after is not None:
        high = min(high, asked.after[0] + 1)
    while high > asked.start and len(found) < limit:
        low = max(asked.start, high - width)
        part, reached = _window(asked, low, high, limit - len(found))
        found += part
        high, width = (low, width * 2) if reached is None else (reached + 1, width)
        if reached is not None and part:
            asked = _further(asked, part[-1])
    return found[:limit]


def _further(asked: Search, last: Found) -> Search:
    return Search(
        asked.r, asked.start, asked.stop, asked.now, asked.pipeline_id, asked.reason,
        asked.looked, (last.when, last.move_id), asked.put_off,
    )  # fmt: skip


def _window(asked: Search, low: int, high: int, limit: int) -> tuple[list[Found], int | None]:
    """What lies in ``[low, high)``, and (if that was too much at once) the moment down to which it
    was looked through."""
    direct = (
        _direct(asked, low, high, limit) if asked.wants("late") or asked.wants("outside") else []
    )
    edge = direct[-1] if len(direct) == limit else None
    found: dict[tuple[int, int, bool], Found] = {
        (one.when, one.move_id, False): one for one in direct
    }
    for one in _back(asked, low, high) if asked.wants("back") else ():
        same = (one.when, one.move_id, False)
        known = found.get(same)
        reasons = one.reasons if known is None else (*one.reasons, *known.reasons)
        found[same] = one._replace(reasons=reasons)
    for one in asked.put_off:
        if low <= one.when < high:
            found[one.when, one.move_id, True] = one
    ordered = sorted(found.values(), key=lambda one: (-one.when, -one.move_id, one.task_id or 0))
    if asked.after is not None:
        ordered = [one for one in ordered if (one.when, one.move_id) < asked.after]
    if edge is None:
        return ordered, None
    whole = (edge.when, edge.move_id)
    return [one for one in ordered if (one.when, one.move_id) >= whole], edge.when


def _stages(asked: Search) -> dict[int, Stage]:
    return ranking_setup.of(asked.r).scope(asked.pipeline_id).stages


def _seen(asked: Search) -> str:
    return _REVIEWED if asked.looked else f"NOT {_REVIEWED}"


def _direct(asked: Search, low: int, high: int, limit: int) -> list[Found]:
    """Moves whose own columns say that they are doubtful."""
    wanted = [
        sql for reason, sql in (("outside", _OUTSIDE), ("late", _LATE)) if asked.wants(reason)
    ]
    after = asked.after or (high, 0)
    rows = asked.r.rows(
        f"SELECT m.at, m.id, {_OUTSIDE}, {_LATE} FROM stage_move m "
        "JOIN deal d ON d.id = m.deal_id AND d.deleted_at IS NULL "
        "WHERE m.at >= ? AND m.at < ? AND (m.at, m.id) < (?, ?) "
        f"AND {_LIVE.format('m')} AND m.to_stage_id IN ({keys_in(_stages(asked))}) "
        f"AND ({' OR '.join(f'({one})' for one in wanted)}) AND {_seen(asked)} "
        "ORDER BY m.at DESC, m.id DESC LIMIT ?",
        (low, high, *after, limit),
    )
    return [
        Found(at, move, tuple(name for name, so in (("late", late), ("outside", out)) if so))
        for at, move, out, late in rows
    ]


def _pairs(stages: dict[int, Stage], forward: bool) -> str:
    """Pairs of stages (left, entered) of moves forward, or back, as rows of SQL."""
    found = [
        f"({left.id}, {entered.id})"
        for left in stages.values()
        for entered in stages.values()
        if left.pipeline_id == entered.pipeline_id
        and "lost" not in (left.kind, entered.kind)
        and (entered.position > left.position if forward else entered.position < left.position)
    ]
    return ", ".join(found) or "(NULL, NULL)"


def _back(asked: Search, low: int, high: int) -> list[Found]:
    """Moves forward whose stage was left backwards within a day: found by the move back, which
    knows how long the deal had stood there."""
    stages = _stages(asked)
    rows = asked.r.rows(
        f"WITH forward (f, t) AS (VALUES {_pairs(stages, True)}), "
        f"back (f, t) AS (VALUES {_pairs(stages, False)}) "
        "SELECT m.at, m.id, n.at FROM stage_move n "
        "JOIN deal d ON d.id = n.deal_id AND d.deleted_at IS NULL "
        "CROSS JOIN stage_move m ON m.deal_id = n.deal_id "
        "WHERE n.at >= ? AND n.at < ? AND n.at <= ? AND n.spent BETWEEN 0 AND ? "
        f"AND {_LIVE.format('n')} AND (n.from_stage_id, n.to_stage_id) IN (SELECT f, t FROM back) "
        # The plus signs: by its deal, not by its moment, which an import gives to thousands.
        "AND m.to_stage_id = n.from_stage_id AND +m.at = n.at - n.spent AND m.seq < n.seq "
        f"AND +m.at >= ? AND +m.at < ? AND {_LIVE.format('m')} "
        "AND (m.from_stage_id, m.to_stage_id) IN (SELECT f, t FROM forward) "
        f"AND {_seen(asked)}",
        (low, high + DAY, asked.now, DAY, low, high),
    )
    return [Found(at, move, ("back",), back_at) for at, move, back_at in rows]


# --- postponements -----------------------------------------------------------------------------


def _put_off(asked: Search) -> list[Found]:
    """Tasks that were put off just before they were due, as often as makes a habit; told of the
    move that began the stay in which it happened last."""
    times = settings.get(asked.r, settings.HABIT_TIMES)
    rows = asked.r.rows(
        "SELECT item_id, count(*) FROM hold WHERE start >= ? AND start < ? AND kind = ? "
        "GROUP BY item_id HAVING count(*) >= ?",
        (asked.start, asked.stop, derive.POSTPONED, times),
    )
    found = []
    for task, moments in _just_before(asked, [row[0] for row in rows]).items():
        if len(moments) < times:
            continue
        move = _begun_by(asked, task, moments[-1])
        if move is not None:
            found.append(Found(moments[-1], move, ("postponed",), None, task, len(moments)))
    return found


def _just_before(asked: Search, tasks: Sequence[int]) -> dict[int, list[int]]:
    """The postponements of the period that came within a day before the task was due, by task."""
    due: dict[int, int | None] = {}
    found: dict[int, list[int]] = {}
    for task, at, fields, due_at, put_off in asked.r.rows_of(
        "SELECT task_id, at, fields, due_at, postponement FROM task_change "
        "WHERE undone = 0 AND task_id IN ({ids}) ORDER BY at, seq",
        tasks,
    ):
        before = due.get(task)
        inside = asked.start <= at < asked.stop
        if put_off and inside and before is not None and 0 <= before - at <= DAY:
            found.setdefault(task, []).append(at)
        if fields & 2:
            due[task] = due_at
    return found


def _begun_by(asked: Search, task: int, moment: int) -> int | None:
    """The move that began the stay in which the deal of a task stood at a moment."""
    found = asked.r.row(
        "SELECT m.id, m.to_stage_id FROM task t JOIN deal d ON d.id = t.deal_id "
        "JOIN stage_move m ON m.deal_id = d.id WHERE t.id = ? AND t.deleted_at IS NULL "
        f"AND d.deleted_at IS NULL AND m.at <= ? AND {_LIVE.format('m')} "
        "ORDER BY m.at DESC, m.seq DESC LIMIT 1",
        (task, moment),
    )
    if found is None or found[1] not in _stages(asked):
        return None
    seen = asked.r.value(f"SELECT {_REVIEWED} FROM stage_move m WHERE m.id = ?", (found[0],))
    return int(found[0]) if bool(seen) == asked.looked else None
