"""Tasks: add, complete, reopen, postpone, reassign, edit; and their lists."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from salesdesk.errors import Invalid, NotFound, Refused
from salesdesk.models.store import Reader, Store, Transaction
from salesdesk.moments import Zone
from salesdesk.names import clean
from salesdesk.services import checklists, task_notes
from salesdesk.services.cards import TaskState
from salesdesk.services.checklists import Checklist
from salesdesk.services.surroundings import calendar, people
from salesdesk.text import N_

ASSIGNEE, DUE, STATE = 1, 2, 4


@dataclass(frozen=True, slots=True)
class TaskLine:
    """A task as lists show it; moments in microseconds UTC. ``checklist`` are lines with whether
    each is ticked; ``noted`` is what it has to say as it is kept, ``note`` in words."""

    id: int
    title: str
    kind: str | None
    icon: str | None
    deal_id: int | None
    deal: str | None
    client: str | None
    assignee_id: int | None
    assignee: str | None
    due_at: int | None
    state: str
    shown: TaskState | str
    postponed: int
    asks_result: bool
    result: str | None
    from_rule: bool
    must_be_done: bool
    event: str | None
    created_at: int
    closed_at: int | None
    description: str | None = None
    checklist: Checklist = ()
    noted: str | None = None

    @property
    def note(self) -> str | None:
        """What it has to say of itself (why somebody else got it), in the chosen language."""
        return task_notes.words(self.noted)


_SELECT = (
    "SELECT t.id, t.title, k.name, k.icon, t.deal_id, d.title, c.name, t.assignee_id, p.name, "
    "t.due_at, t.state, t.postponed, t.asks_result, t.result, t.rule_id IS NOT NULL, "
    "t.must_be_done, t.event, t.created_at, t.closed_at, t.description, t.checklist, t.note "
    "FROM task t "
    "LEFT JOIN task_kind k ON k.id = t.kind_id LEFT JOIN deal d ON d.id = t.deal_id "
    "LEFT JOIN client c ON c.id = coalesce(t.client_id, d.client_id) "
    "LEFT JOIN person p ON p.id = t.assignee_id "
    "WHERE t.deleted_at IS NULL AND (d.id IS NULL OR d.deleted_at IS NULL) "
)


def shown_state(state: str, due: int | None, event: str | None, now: int, day_end: int) -> str:
    """What a task's state is called at ``now`` (domain.md section 3).

    ``day_end`` is the first moment of tomorrow.

    overdue, today, planned, waiting, done or cancelled. An open task without a due moment and
    without an event is planned.
    """
    if state != "open":
        return state
    if due is None:
        return "waiting" if event else "planned"
    if due < now:
        return "overdue"
    return "today" if due < day_end else "planned"


def of_deal(r: Reader, deal_id: int, *, now: int) -> list[TaskLine]:
    """All tasks of a deal: open ones by due moment first, then closed ones, newest first."""
    found = _lines(r, "AND t.deal_id = ?", (deal_id,), now)
    opened = [task for task in found if task.state == "open"]
    closed = [task for task in found if task.state != "open"]
    opened.sort(key=lambda task: (task.due_at is None, task.due_at or 0, task.id))
    closed.sort(key=lambda task: (-(task.closed_at or 0), task.id))
    return opened + closed


def tasks(
    r: Reader,
    *,
    now: int,
    assignee_ids: Sequence[int] | None = None,
    state: str | None = None,
    limit: int = 10_000,
) -> list[TaskLine]:
    """Tasks of people (or all) in one shown state (or any open one), by due moment."""
    where, params = "", []
    if assignee_ids is not None:
        where += f" AND t.assignee_id IN ({', '.join('?' * len(assignee_ids))})"
        params += list(assignee_ids)
    where += " AND t.state = 'done'" if state == "done" else " AND t.state = 'open'"
    order = " ORDER BY t.due_at IS NULL, t.due_at, t.id LIMIT ?"
    found = _lines(r, where + order, (*params, limit), now)
    return [task for task in found if state is None or task.shown == state]


def by_ids(r: Reader, ids: Sequence[int], *, now: int) -> list[TaskLine]:
    """These tasks, as far as they are there, in the order of ``ids``."""
    day_end = r.zone.start_of(r.zone.day_of(now) + 1)
    found = {
        row[0]: _line(row, now, day_end)
        for row in r.rows_of(f"{_SELECT} AND t.id IN ({{ids}})", ids)
    }
    return [found[each] for each in ids if each in found]


def _lines(r: Reader, where: str, params: tuple[Any, ...], now: int) -> list[TaskLine]:
    day_end = r.zone.start_of(r.zone.day_of(now) + 1)
    return [_line(row, now, day_end) for row in r.rows(_SELECT + where, params)]


def _line(row: tuple[Any, ...], now: int, day_end: int) -> TaskLine:
    shown = shown_state(row[10], row[9], row[16], now, day_end)
    flags = (bool(row[12]), row[13], bool(row[14]), bool(row[15]))
    texts = (row[19], checklists.read(row[20]), row[21])
    cells: tuple[Any, ...] = (*row[:11], shown, row[11], *flags, *row[16:19], *texts)
    return TaskLine(*cells)


@dataclass(frozen=True, slots=True)
class NewTask:
    """A task made by hand; one whose kind asks for a result does so too."""

    title: str
    deal_id: int | None = None
    client_id: int | None = None
    assignee_id: int | None = None
    due_at: int | None = None
    kind_id: int | None = None
    asks_result: bool = False
    description: str | None = None
    checklist: tuple[str, ...] = ()


def add(store: Store, new: NewTask, *, person: int | None, now: int, origin: str = "window") -> int:
    """Add a task by hand; returns the command."""
    title = clean(new.title)
    if not title:
        raise Invalid(N_("A task needs a title; nothing was added."))
    with store.command("task.add", now=now, person=person, origin=origin) as tx:
        asks = tx.value("SELECT asks_result FROM task_kind WHERE id = ?", (new.kind_id,))
        known = people(tx).get(new.assignee_id or 0)
        [task] = tx.insert(
            "task",
            [
                {
                    "title": title, "kind_id": new.kind_id, "deal_id": new.deal_id,
                    "client_id": new.client_id, "created_at": now,
                    "supervisor_id": known.superior() if known else None,
                    "asks_result": int(asks or new.asks_result),
                    "description": (new.description or "").strip() or None,
                    "checklist": checklists.unticked(new.checklist),
                }
            ],
        )  # fmt: skip
        _fact(tx, [task], 7, assignee_id=new.assignee_id, due_at=new.due_at, state="open")
        tx.set_detail(title=title)
        _touch_deals(tx, [task])
    return tx.command_id


def complete(
    store: Store, ids: Sequence[int], *, person: int | None, now: int, result: str | None = None
) -> int:
    """Mark tasks done. Raises Refused when one asks for a result and none is given."""
    with store.command("task.complete", now=now, person=person) as tx:
        rows = _open(tx, ids)
        for _task, title, asks in rows:
            if asks and not (result or "").strip():
                raise Refused(N_("“{title}” asks for a result; it was not closed."), title=title)
        if result:
            tx.update("task", [{"id": row[0], "result": result.strip()} for row in rows])
        _fact(tx, [row[0] for row in rows], STATE, state="done")
        _describe(tx, rows)
        _touch_deals(tx, ids)
    return tx.command_id


def cancel(store: Store, ids: Sequence[int], *, person: int | None, now: int) -> int:
    """Mark tasks cancelled."""
    with store.command("task.cancel", now=now, person=person) as tx:
        rows = _open(tx, ids)
        _fact(tx, [row[0] for row in rows], STATE, state="cancelled")
        _describe(tx, rows)
        _touch_deals(tx, ids)
    return tx.command_id


def reopen(store: Store, ids: Sequence[int], *, person: int | None, now: int) -> int:
    """Open closed tasks again."""
    with store.command("task.reopen", now=now, person=person) as tx:
        found = tx.rows_of("SELECT id FROM task WHERE state <> 'open' AND id IN ({ids})", ids)
        _fact(tx, [row[0] for row in found], STATE, state="open")
        title = tx.value("SELECT title FROM task WHERE id = ?", (found[0][0],)) if found else None
        tx.set_detail(title=title, count=len(found))
        _touch_deals(tx, ids)
    return tx.command_id


def postpone(
    store: Store, ids: Sequence[int], due_at: int, reason: str, *, person: int | None, now: int
) -> int:
    """Give open tasks a later due moment by hand, with a reason; each is counted."""
    return postpone_each(store, dict.fromkeys(ids, due_at), reason, person=person, now=now)


def postpone_each(
    store: Store, dues: Mapping[int, int], reason: str, *, person: int | None, now: int
) -> int:
    """The same with a due moment of its own for each task (by id); one command."""
    if not reason.strip():
        raise Invalid(N_("Say why the task is postponed; nothing was changed."))
    if any(due_at <= now for due_at in dues.values()):
        raise Invalid(N_("A task can only be postponed to a later moment; nothing was changed."))
    with store.command("task.postpone", now=now, person=person) as tx:
        rows = _open(tx, list(dues))
        _put_off(tx, {row[0]: dues[row[0]] for row in rows}, reason)
        _describe(tx, rows)
        _touch_deals(tx, list(dues))
    return tx.command_id


def no_answer(
    store: Store, ids: Sequence[int], reason: str, *, person: int | None, now: int
) -> int:
    """Nobody answered: calls are postponed to the same time of the next working day.

    A call without a due moment is due then when the working day ends. ``reason`` says "no answer"
    in the language of whoever does it.
    """
    with store.command("task.postpone", now=now, person=person) as tx:
        rows = _open(tx, ids)
        known = calendar(tx)
        day = known.add_working_days(tx.zone.day_of(now), 1)
        due: dict[int, int | None] = dict(
            tx.rows_of("SELECT id, due_at FROM task WHERE id IN ({ids})", ids)
        )
        dues = {row[0]: known.at(day, _minutes(tx.zone, due[row[0]], known.closes)) for row in rows}
        _put_off(tx, dues, reason)
        _describe(tx, rows)
        _touch_deals(tx, ids)
    return tx.command_id


def _minutes(zone: Zone, moment: int | None, otherwise: int) -> int:
    """The time of day of a moment."""
    if moment is None:
        return otherwise
    local = zone.local(moment)
    return local.hour * 60 + local.minute


def _put_off(tx: Transaction, dues: Mapping[int, int], reason: str) -> None:
    fact = {"at": tx.now, "fields": DUE, "person_id": tx.person, "postponement": 1}
    facts = [
        {**fact, "task_id": task, "due_at": due_at, "reason": reason.strip()}
        for task, due_at in dues.items()
    ]
    tx.insert("task_change", facts)


def set_due(
    store: Store, ids: Sequence[int], due_at: int | None, *, person: int | None, now: int
) -> int:
    """Correct the due moment of open tasks (not counted as a postponement)."""
    return set_due_each(store, dict.fromkeys(ids, due_at), person=person, now=now)


def set_due_each(
    store: Store, dues: Mapping[int, int | None], *, person: int | None, now: int
) -> int:
    """The same with a due moment of its own for each task (by id); one command."""
    with store.command("task.due", now=now, person=person) as tx:
        rows = _open(tx, list(dues))
        for task, *_ in rows:
            _fact(tx, [task], DUE, due_at=dues[task])
        _describe(tx, rows)
        _touch_deals(tx, list(dues))
    return tx.command_id


def reassign(
    store: Store, ids: Sequence[int], assignee_id: int, *, person: int | None, now: int
) -> int:
    """Give open tasks to someone else from now on."""
    with store.command("task.reassign", now=now, person=person) as tx:
        if people(tx).get(assignee_id) is None:
            raise NotFound(N_("There is no such person; nothing was changed."))
        rows = _open(tx, ids)
        _fact(tx, [row[0] for row in rows], ASSIGNEE, assignee_id=assignee_id)
        _describe(tx, rows)
        _touch_deals(tx, ids)
    return tx.command_id


def rename(store: Store, task_id: int, title: str, *, person: int | None, now: int) -> int:
    """Give a task another title."""
    if not clean(title):
        raise Invalid(N_("A task needs a title; nothing was changed."))
    with store.command("task.rename", now=now, person=person) as tx:
        tx.update("task", [{"id": task_id, "title": clean(title)}])
        tx.set_detail(title=clean(title))
        _touch_deals(tx, [task_id])
    return tx.command_id


def describe(
    store: Store,
    task_id: int,
    text: str | None,
    *,
    person: int | None,
    now: int,
    origin: str = "window",
) -> int:
    """Give a task another text (nothing: none)."""
    with store.command("task.text", now=now, person=person, origin=origin) as tx:
        _write_text(tx, task_id, "description", (text or "").strip() or None)
    return tx.command_id


def set_checklist(
    store: Store,
    task_id: int,
    lines: Checklist,
    *,
    person: int | None,
    now: int,
    origin: str = "window",
) -> int:
    """Give a task exactly these lines (empty ones are left out), ticked or not."""
    with store.command("task.checklist", now=now, person=person, origin=origin) as tx:
        _write_text(tx, task_id, "checklist", checklists.kept(lines))
    return tx.command_id


def tick(
    store: Store,
    task_id: int,
    line_index: int,
    ticked: bool,
    *,
    person: int | None,
    now: int,
    origin: str = "window",
) -> int:
    """Tick a line (0 is the first) of an open task's checklist, or take the tick away.

    Raises Refused for a closed task and NotFound for a line that is not there any more.
    """
    with store.command("task.tick", now=now, person=person, origin=origin) as tx:
        _open(tx, [task_id])
        lines = list(checklists.read(_kept(tx, task_id, "checklist")))
        if not 0 <= line_index < len(lines):
            raise NotFound(N_("This line is not in the checklist any more; nothing was changed."))
        lines[line_index] = (lines[line_index][0], ticked)
        _write_text(tx, task_id, "checklist", checklists.kept(lines))
    return tx.command_id


def _kept(tx: Transaction, task_id: int, column: str) -> Any:
    row = tx.row(f"SELECT {column} FROM task WHERE id = ? AND deleted_at IS NULL", (task_id,))
    if row is None:
        raise NotFound(N_("This task does not exist any more; nothing was changed."))
    return row[0]


def _write_text(tx: Transaction, task_id: int, column: str, value: str | None) -> None:
    title = _kept(tx, task_id, "title")
    tx.update("task", [{"id": task_id, column: value}])
    tx.set_detail(title=title)
    _touch_deals(tx, [task_id])


def _open(tx: Transaction, ids: Sequence[int]) -> list[tuple[Any, ...]]:
    """The open tasks among ``ids``: (id, title, asks for a result)."""
    rows = tx.rows_of(
        "SELECT id, title, asks_result FROM task WHERE state = 'open' AND deleted_at IS NULL "
        "AND id IN ({ids})",
        ids,
    )
    if not rows:
        raise Refused(N_("These tasks are closed already; nothing was changed."))
    return rows


def _fact(tx: Transaction, ids: Sequence[int], fields: int, **values: Any) -> None:
    tx.insert(
        "task_change",
        [
            {"task_id": task, "at": tx.now, "fields": fields, "person_id": tx.person, **values}
            for task in ids
        ],
    )


def _describe(tx: Transaction, rows: list[tuple[Any, ...]]) -> None:
    tx.set_detail(title=rows[0][1], count=len(rows))


def _touch_deals(tx: Transaction, ids: Sequence[int]) -> None:
    """Tell the subscribers that the deals of these tasks look different now."""
    found = tx.rows_of("SELECT DISTINCT deal_id FROM task WHERE id IN ({ids})", ids)
    tx.touch("task", ids)
    tx.touch("deal", [row[0] for row in found if row[0] is not None])
