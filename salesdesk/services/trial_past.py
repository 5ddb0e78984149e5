"""What rules ask of a deal, as it was at each move of the past: dates, events that had happened,
open tasks of people. Read at once for all deals of a trial, then looked up move by move."""

import heapq
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Container, Iterable
from operator import itemgetter
from typing import Any

from salesdesk.models import derive
from salesdesk.models.asking import OF_RECORDS
from salesdesk.models.store import Reader
from salesdesk.services import happenings
from salesdesk.services.automation import TaskRule

_LOG = (
    "FROM change c JOIN txn t ON t.id = c.txn_id JOIN command m ON m.id = t.command_id "
    f"WHERE m.undone = 0 AND m.origin <> 'undo' AND c.{OF_RECORDS}"
)
_SAME = {"expected_close": "expected_day"}


class Past:
    """A field of deals through time: what it holds now, when it changed, what it held before."""

    def __init__(self, now: dict[int, Any]) -> None:
        self.now = now
        self._moments: dict[int, list[int]] = defaultdict(list)
        self._before: dict[int, list[Any]] = defaultdict(list)

    def changed(self, deal: int, at: int, before: Any) -> None:
        """It changed then; called in the order of the changes."""
        self._moments[deal].append(at)
        self._before[deal].append(before)

    def at(self, deal: int, moment: int) -> Any:
        """What it held at a moment, changes of that very moment taken in."""
        moments = self._moments.get(deal)
        if moments is None:
            return self.now.get(deal)
        place = bisect_right(moments, moment)
        return self._before[deal][place] if place < len(moments) else self.now.get(deal)


def of_field(r: Reader, name: str, deals: Iterable[int]) -> Past:
    """A field of deals: a column by its name, else an own field; raw as the database has it."""
    column, ids = _SAME.get(name, name), sorted(deals)
    if column not in happenings.FILLED:
        return _of_own(r, name, ids)
    found = Past(dict(r.rows_of(f"SELECT id, {column} FROM deal WHERE id IN ({{ids}})", ids)))
    for deal, at, old in r.rows_of(
        f"SELECT c.row_id, t.at, c.old {_LOG} AND c.tbl = 'deal' AND c.field = ? "
        "AND c.row_id IN ({ids}) ORDER BY c.id",
        ids,
        (column,),
    ):
        found.changed(deal, at, old)
    return found


def _of_own(r: Reader, name: str, ids: list[int]) -> Past:
    """An own field; it held nothing before it was first filled in."""
    found = Past({})
    values: dict[int, int] = {}
    for key, deal, value in r.rows_of(
        "SELECT v.id, v.subject_id, v.value FROM field_value v JOIN custom_field f "
        "ON f.id = v.field_id WHERE f.subject = 'deal' AND f.name = ? AND f.deleted_at IS NULL "
        "AND v.deleted_at IS NULL AND v.subject_id IN ({ids})",
        ids,
        (name,),
    ):
        found.now[deal] = value
        values[key] = deal
    for key, at, field, old in r.rows_of(
        f"SELECT c.row_id, t.at, c.field, c.old {_LOG} AND c.tbl = 'field_value' "
        "AND (c.field = 'value' OR c.field IS NULL) AND c.row_id IN ({ids}) ORDER BY c.id",
        values,
    ):
        found.changed(values[key], at, old if field else None)
    return found


# -- events that had happened ---------------------------------------------------------------------

#: Whether an event had happened to a deal at a moment.
Happened = Callable[[int, int], bool]


def of_event(r: Reader, rule: TaskRule, deals: Iterable[int]) -> Happened:
    """Whether what a rule waits for held already, by deal and moment."""
    if rule.event == "field_filled":
        past = of_field(r, rule.event_field or "", deals)
        return lambda deal, at: past.at(deal, at) not in (None, "")
    first = _child_entries if rule.event == "child_enters" else _done
    steps: dict[int, list[tuple[int, int]]] = first(r, rule, sorted(deals))
    counts = {deal: _running(found) for deal, found in steps.items()}

    def happened(deal: int, at: int) -> bool:
        if deal not in counts:
            return False
        moments, sums = counts[deal]
        place = bisect_right(moments, at)
        return place > 0 and sums[place - 1] > 0

    return happened


def _running(steps: list[tuple[int, int]]) -> tuple[list[int], list[int]]:
    moments, sums, total = [], [], 0
    for at, step in sorted(steps):
        total += step
        moments.append(at)
        sums.append(total)
    return moments, sums


def _child_entries(r: Reader, rule: TaskRule, ids: list[int]) -> dict[int, list[tuple[int, int]]]:
    found: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for deal, at in r.rows_of(
        "SELECT c.parent_id, m.at FROM deal c JOIN stage_move m ON m.deal_id = c.id "
        "WHERE c.deleted_at IS NULL AND m.undone = 0 AND m.superseded = 0 AND m.to_stage_id = ? "
        "AND c.parent_id IN ({ids})",
        ids,
        (rule.event_stage_id,),
    ):
        found[deal].append((at, 1))
    return found


def _done(r: Reader, rule: TaskRule, ids: list[int]) -> dict[int, list[tuple[int, int]]]:
    """When tasks of the rule awaited became done (+1) and open or cancelled again (-1)."""
    found: dict[int, list[tuple[int, int]]] = defaultdict(list)
    done: set[int] = set()
    for deal, task, at, state in r.rows_of(
        "SELECT t.deal_id, t.id, f.at, f.state FROM task t JOIN task_change f ON f.task_id = t.id "
        "WHERE t.rule_id = ? AND t.deleted_at IS NULL AND f.undone = 0 AND f.fields & 4 "
        "AND t.deal_id IN ({ids}) ORDER BY f.at, f.seq",
        ids,
        (rule.event_task_rule_id,),
    ):
        if (state == "done") != (task in done):
            found[deal].append((at, 1 if state == "done" else -1))
            done ^= {task}
    return found


# -- how much people had to do --------------------------------------------------------------------


class Loads:
    """Open tasks by person at moments that only go forward; those that the rule itself has made
    are left out: it is tried as if it had not lived. Tasks that the rules ``before`` it make count
    at the very moment of the move, others once it is over."""

    def __init__(self, r: Reader, first: int, rule_id: int, before: Container[int] = ()) -> None:
        self._load: Counter[int] = Counter()
        self._ends: list[tuple[int, int]] = []
        found = [
            (start, rule not in before, stop, person)
            for start, stop, person, rule in r.rows(
                "SELECT h.start, h.stop, h.person_id, t.rule_id FROM hold h "
                "JOIN task t ON t.id = h.item_id WHERE h.kind = ? "
                "AND (h.stop IS NULL OR h.stop > ?) AND t.rule_id IS NOT ?",
                (derive.TASK, first, rule_id),
            )
        ]
        self._coming = sorted(found, key=itemgetter(0, 1))
        self._place = 0

    def at(self, moment: int) -> Counter[int]:
        """The load just before a moment, with what the rules before made at it."""
        due = (moment, True)
        while self._place < len(self._coming) and self._coming[self._place][:2] < due:
            _start, _later, stop, person = self._coming[self._place]
            self._place += 1
            self._load[person] += 1
            if stop is not None:
                heapq.heappush(self._ends, (stop, person))
        while self._ends and self._ends[0][0] < moment:
            self._load[heapq.heappop(self._ends)[1]] -= 1
        return self._load

    def count(self, person: int) -> None:
        """One more task, which the rule would have made."""
        self._load[person] += 1
