"""Doubtful moves for the lead: why each is doubtful, what it earned and for whom; looked at with a
note, they leave the list (domain.md section 4)."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from salesdesk.errors import Invalid, NotFound, Refused
from salesdesk.models import derive
from salesdesk.models.store import Reader, Store, Transaction
from salesdesk.moments import datetime_of, plain, points_of
from salesdesk.names import clean
from salesdesk.services import ranking_setup, rights
from salesdesk.services.doubts_found import REASONS, Found, Key, Search, find
from salesdesk.services.periods import Period
from salesdesk.services.reports_moves import OWNER_WITH
from salesdesk.text import N_

__all__ = ["REASONS", "Doubt", "Earned", "Page", "as_json", "count", "look", "page", "relist"]

PAGE = 50
#: So many are counted; more are "99+".
MOST = 100


@dataclass(frozen=True, slots=True)
class Earned:
    """What a move earned, and for whom: a reach of a stage (of more than one where skipped stages
    count)."""

    stage_id: int
    stage: str
    person_id: int
    person: str
    points: Decimal


@dataclass(frozen=True, slots=True)
class Doubt:
    """A doubtful move. ``when`` orders the list: the moment of the move, or (``postponed``) that of
    the last postponement.

    ``reasons`` are of ``REASONS``; ``back_at`` is when the stage was left backwards, ``task`` was
    put off ``times`` times. ``recorded_at`` is when the move was entered, by ``mover`` as
    ``mover_as``; ``owner`` was responsible. ``looked_at`` (by ``looked_by``, with a ``note``): that
    somebody found it in order.
    """

    move_id: int
    when: int
    reasons: tuple[str, ...]
    deal_id: int
    deal: str
    number: int
    stage_id: int
    stage: str
    left: str | None
    at: int
    recorded_at: int
    mover: str | None
    mover_as: str
    owner_id: int | None
    owner: str | None
    earned: tuple[Earned, ...]
    back_at: int | None = None
    task_id: int | None = None
    task: str | None = None
    times: int = 0
    looked_at: int | None = None
    looked_by: str | None = None
    note: str | None = None

    @property
    def points(self) -> Decimal:
        """What it earned in all."""
        return sum((one.points for one in self.earned), Decimal(0))


@dataclass(frozen=True, slots=True)
class Page:
    """A part of the list, newest first; ``after`` asks for the next one (None: there is none)."""

    doubts: tuple[Doubt, ...]
    after: Key | None


def page(
    r: Reader,
    period: Period,
    *,
    now: int,
    pipeline_id: int | None = None,
    reason: str | None = None,
    looked: bool = False,
    after: Key | None = None,
    limit: int = PAGE,
) -> Page:
    """The doubtful moves of a period, newest first, a page at a time.

    ``reason``: only those doubtful for it; ``looked``: the ones that were looked at instead. Raises
    ``NotFound`` for a reason that is none.
    """
    if reason is not None and reason not in REASONS:
        raise NotFound(N_("Nothing is doubtful for “{name}”."), name=reason)
    found = find(_search(r, period, now, pipeline_id, reason, looked, after), limit + 1)
    shown = found[:limit]
    last = (shown[-1].when, shown[-1].move_id) if len(found) > limit else None
    return Page(_told(r, shown), last)


def count(r: Reader, period: Period, *, now: int, pipeline_id: int | None = None) -> int:
    """How many are to be looked at; ``MOST`` stands for as many or more."""
    return len(find(_search(r, period, now, pipeline_id, None, False, None), MOST))


def _search(
    r: Reader, period: Period, now: int, pipeline_id: int | None, reason: str | None,
    looked: bool, after: Key | None,
) -> Search:  # fmt: skip
    start, stop = period.moments(r.zone, now)
    return Search(r, start, stop, now, pipeline_id, reason, looked, after)


_MOVES = f"""
SELECT m.id, m.deal_id, d.title, d.number, m.to_stage_id, m.from_stage_id, m.at, m.recorded_at,
p.name, m.mover_as, {OWNER_WITH}, v.at, b.name, v.note
FROM stage_move m JOIN deal d ON d.id = m.deal_id LEFT JOIN person p ON p.id = m.mover_id
LEFT JOIN move_review v ON v.move_id = m.id AND v.deleted_at IS NULL
LEFT JOIN person b ON b.id = v.person_id WHERE m.id IN ({{ids}})
"""


def _told(r: Reader, found: Sequence[Found]) -> tuple[Doubt, ...]:
    """What was found with everything that is shown of it."""
    keys = {one.move_id for one in found}
    setup = ranking_setup.of(r)
    people = {person.id: person.name for person in setup.people}
    moves = {row[0]: row[1:] for row in r.rows_of(_MOVES, keys)}
    earned = _earned(r, {row[0] for row in moves.values()}, keys)
    tasks: dict[int | None, str] = dict(
        r.rows_of(
            "SELECT id, title FROM task WHERE id IN ({ids})",
            {one.task_id for one in found} - {None},
        )
    )
    doubts = []
    for one in found:
        (deal, title, number, stage, left, at, recorded, mover, mover_as, owner, looked_at,
         looked_by, note) = moves[one.move_id]  # fmt: skip
        doubts.append(
            Doubt(
                one.move_id, one.when, one.reasons, deal, title, number, stage,
                setup.stages[stage].name, setup.stages[left].name if left else None, at, recorded,
                mover, mover_as, owner, people.get(owner), tuple(earned[one.move_id]), one.back_at,
                one.task_id, tasks.get(one.task_id), one.times, looked_at, looked_by, note,
            )
        )  # fmt: skip
    return tuple(doubts)


def _earned(r: Reader, deals: set[int], moves: set[int]) -> dict[int, list[Earned]]:
    """What these moves earned, by move."""
    setup = ranking_setup.of(r)
    people = {person.id: person.name for person in setup.people}
    found: dict[int, list[Earned]] = defaultdict(list)
    for move, stage, person, day in r.rows_of(
        "SELECT move_id, stage_id, person_id, day FROM reach WHERE deal_id IN ({ids})", deals
    ):
        if move in moves and person != derive.NOBODY:
            value = points_of(setup.points.on(stage, day))
            name = setup.stages[stage].name
            found[move].append(Earned(stage, name, person, people.get(person, ""), value))
    return found


# --- looked at ---------------------------------------------------------------------------------


def look(
    store: Store,
    moves: Sequence[int],
    note: str = "",
    *,
    person: int | None,
    now: int,
    origin: str = "window",
) -> int:
    """Mark moves as looked at and found in order; returns the command id.

    Raises ``Refused`` for anybody but team leads and administrators and for a move of one's own,
    ``NotFound`` for a move that is none, ``Invalid`` for one that was looked at already.
    """
    with store.command("review.look", now=now, person=person, origin=origin) as tx:
        known = _judge(tx, moves)
        if any(row[2] is not None for row in known):
            raise Invalid(N_("This move was looked at already; nothing was changed."))
        tx.insert(
            "move_review",
            [{"move_id": row[0], "person_id": tx.person, "at": tx.now, "note": clean(note) or None}
             for row in known],
        )  # fmt: skip
        _describe(tx, known)
    return tx.command_id


def relist(
    store: Store,
    moves: Sequence[int],
    *,
    person: int | None,
    now: int,
    origin: str = "window",
) -> int:
    """List moves again that were looked at; returns the command id. Raises as ``look`` does."""
    with store.command("review.list", now=now, person=person, origin=origin) as tx:
        known = _judge(tx, moves)
        if any(row[2] is None for row in known):
            raise NotFound(N_("Nobody has looked at this move; nothing was changed."))
        tx.delete("move_review", [row[2] for row in known])
        _describe(tx, known)
    return tx.command_id


def _judge(tx: Transaction, moves: Sequence[int]) -> list[tuple[Any, ...]]:
    """Moves (id, deal's title, review) that the person of a command may decide about."""
    rights.require(tx, tx.person, "rulings")
    rows = tx.rows_of(
        f"SELECT m.id, d.title, (SELECT v.id FROM move_review v WHERE v.move_id = m.id "
        f"AND v.deleted_at IS NULL), {OWNER_WITH}, "
        "(SELECT max(r.person_id = ?) FROM reach r WHERE r.deal_id = m.deal_id "
        "AND r.move_id = m.id) FROM stage_move m JOIN deal d ON d.id = m.deal_id "
        "WHERE m.id IN ({ids})",
        moves,
        (tx.person,),
    )
    if len(rows) < len(set(moves)) or not rows:
        raise NotFound(N_("There is no such move; nothing was changed."))
    if tx.person is not None and any(row[3] == tx.person or row[4] for row in rows):
        raise Refused(N_("Nobody decides about a move of their own; nothing was changed."))
    return rows


def _describe(tx: Transaction, rows: Sequence[tuple[Any, ...]]) -> None:
    tx.set_detail(title=rows[0][1], count=len(rows))


# --- JSON --------------------------------------------------------------------------------------


def as_json(period: Period, found: Sequence[Doubt], zone: Any) -> dict[str, Any]:
    """The document of ``salesdesk ranking --doubtful --json``."""
    return {
        "from": date.fromordinal(period.first_day).isoformat(),
        "to": date.fromordinal(period.last_day).isoformat(),
        "moves": [_doubt_json(one, zone) for one in found],
    }


def _doubt_json(one: Doubt, zone: Any) -> dict[str, Any]:
    def moment(at: int | None) -> str | None:
        return None if at is None else datetime_of(at).astimezone(zone.info).isoformat()

    return {
        "move_id": one.move_id, "reasons": list(one.reasons), "deal_id": one.deal_id,
        "number": one.number, "deal": one.deal, "left": one.left, "stage": one.stage,
        "at": moment(one.at), "recorded_at": moment(one.recorded_at), "mover": one.mover,
        "mover_as": one.mover_as, "responsible": one.owner, "points": plain(one.points),
        "earned": [
            {"stage": each.stage, "person": each.person, "points": plain(each.points)}
            for each in one.earned
        ],
        "back_at": moment(one.back_at), "task_id": one.task_id, "task": one.task,
        "postponements": one.times, "looked_at": moment(one.looked_at),
        "looked_by": one.looked_by, "note": one.note,
    }  # fmt: skip
