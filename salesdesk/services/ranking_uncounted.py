"""Moves under a person that earn the person nothing, and why: what an explanation shows greyed.

Moves are looked through from the newest back, and no further than the list that shows them goes.
"""

from typing import Any, NamedTuple

from salesdesk.services.ranking_items import Asked, Reach, Ruled, rulings
from salesdesk.services.reports_moves import OWNER_WITH

#: Who was responsible for the deal of a move ``m`` once it had happened: a stay knows it soonest;
#: deals that were deleted have none.
_OWNER = f"""
CASE WHEN m.sets_owner = 1 THEN m.owner_id ELSE coalesce(
(SELECT s.owner_id FROM span s WHERE s.deal_id = m.deal_id AND s.start <= m.at
ORDER BY s.start DESC LIMIT 1), {OWNER_WITH}) END
"""
_ENTRIES = f"""
SELECT m.deal_id, m.to_stage_id, m.id, m.at, m.undone, d.deleted_at IS NOT NULL
FROM stage_move m JOIN deal d ON d.id = m.deal_id
WHERE m.at >= ? AND m.at < ? AND +m.superseded = 0 AND {_OWNER} = ?
"""


class _Entry(NamedTuple):
    deal: int
    stage: int
    move: int
    at: int
    undone: int
    deleted: int


class _Taken(NamedTuple):
    """The reach of a stage that an entry came too late for (or is itself)."""

    at: int
    move: int
    person: int
    credited: int


def uncounted(asked: Asked, since: int) -> list[Reach]:
    """Entries with which the person was responsible, from ``since`` to the end of the period, and
    that earn the person nothing."""
    entries = [
        entry
        for row in asked.r.rows(_ENTRIES, (since, asked.span.stop, asked.person_id))
        if (entry := _Entry(*row)).stage in asked.scope.stages
    ]
    taken = _taken(asked, entries)
    # Of most entries the reach is the person's own: those alone that are none need an explanation.
    left = [one for one in entries if not _is_own(asked, one, taken)]
    ruled = rulings(asked.r, {one.move for one in left})
    names = _names(asked, left, taken)
    found = (_why(asked, one, taken, ruled, names) for one in left)
    return [one for one in found if one is not None]


def back_to(asked: Asked, depth: int) -> int:
    """The moment down to which ``depth`` moves (of anybody) are looked through."""
    at = asked.r.value(
        "SELECT at FROM stage_move WHERE at >= ? AND at < ? ORDER BY at DESC LIMIT 1 OFFSET ?",
        (asked.span.start, asked.span.stop, depth),
    )
    return asked.span.start if at is None else int(at) + 1


def _taken(asked: Asked, entries: list[_Entry]) -> dict[tuple[int, int], _Taken]:
    deals = {one.deal for one in entries if not one.deleted}
    found = {
        (deal, stage): _Taken(*rest)
        for deal, stage, *rest in asked.r.rows_of(
            "SELECT deal_id, stage_id, at, move_id, person_id, credited FROM reach "
            "WHERE deal_id IN ({ids})",
            deals,
        )
    }
    if asked.trial is not None:
        tried = asked.trial.tried
        found = {key: one for key, one in found.items() if key[0] not in tried}
        for deal in deals & tried.keys():
            for one in tried[deal]:
                kept = _Taken(one.at, one.move_id, one.person_id, one.credited)
                found[deal, one.stage_id] = kept
    return found


def _is_own(asked: Asked, entry: _Entry, taken: dict[tuple[int, int], _Taken]) -> bool:
    reach = taken.get((entry.deal, entry.stage))
    own = reach is not None and (reach.move, reach.person) == (entry.move, asked.person_id)
    return own and not entry.undone


def _names(
    asked: Asked, entries: list[_Entry], taken: dict[tuple[int, int], _Taken]
) -> dict[int, str]:
    keys = {taken[one.deal, one.stage].person for one in entries if (one.deal, one.stage) in taken}
    return dict(asked.r.rows_of("SELECT id, name FROM person WHERE id IN ({ids})", keys))


def _why(
    asked: Asked,
    entry: _Entry,
    taken: dict[tuple[int, int], _Taken],
    ruled: dict[tuple[int, int], Ruled],
    names: dict[int, str],
) -> Reach | None:
    """The entry with why it counts for nothing; none when there is nothing to say."""
    more: dict[str, Any]
    reach = taken.get((entry.deal, entry.stage))
    ruling = ruled.get((entry.move, entry.stage))
    if entry.undone:
        more = {"undone": True}
    elif entry.deleted:
        more = {"deleted": True}
    elif ruling is not None and ruling.kind == "void":
        more = {"ruling": "void", "reason": ruling.reason, "by": ruling.by}
    elif reach is None:
        return None
    elif reach.move == entry.move and reach.credited and ruling is not None:
        more = {"ruling": "credit", "reason": ruling.reason, "by": ruling.by,
                "credited_to": ruling.to}  # fmt: skip
    elif reach.move == entry.move:
        more = {"instead": names.get(reach.person, "")}
    elif reach.at <= entry.at:
        by = None if reach.person == asked.person_id else names.get(reach.person)
        more = {"already": reach.at, "already_by": by}
    else:
        return None
    day = asked.r.zone.day_of(entry.at)
    return Reach(entry.deal, entry.stage, entry.move, entry.at, day, False, **more)
