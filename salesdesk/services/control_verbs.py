"""What a team lead does to many at once: accept results or give them back, a task for each deal."""

from collections.abc import Sequence
from typing import Any

from salesdesk.errors import Invalid, NotFound, Refused
from salesdesk.models.store import Reader, Store, Transaction
from salesdesk.names import clean
from salesdesk.services import rights
from salesdesk.services.surroundings import calendar, people
from salesdesk.services.tasks import DUE, STATE
from salesdesk.text import N_


def asks_result(r: Reader, task_ids: Sequence[int]) -> bool:
    """Whether one of these tasks cannot be done without a result."""
    sql = "SELECT 1 FROM task WHERE asks_result = 1 AND state = 'open' AND id IN ({ids})"
    return bool(r.rows_of(sql, task_ids))


def accept(store: Store, ids: Sequence[int], *, person: int | None, now: int) -> int:
    """Accept the results of done tasks; raises Refused when none of them waits for that, and for
    a result of one's own while anybody else could accept it."""
    with store.command("task.accept", now=now, person=person) as tx:
        rights.require(tx, person, "accept")
        rows = _waiting(tx, ids)
        own = [row for row in rows if person is not None and row[3] == person]
        if own and rights.led_by_another(tx, own[0][3]):
            raise Refused(
                N_("“{title}” is your own: somebody else accepts its result. Nothing was changed."),
                title=own[0][1],
            )
        tx.update("task", [{"id": row[0], "accepted": 1} for row in rows])
        _tell(tx, rows)
    return tx.command_id


def give_back(
    store: Store,
    ids: Sequence[int],
    remark: str,
    *,
    due_at: int | None = None,
    person: int | None,
    now: int,
) -> int:
    """Open done tasks again, with a remark that says what is missing. Those that were due before
    ``now`` are due at ``due_at``, else when the next working day ends; the others as they were.

    Raises Invalid without a remark or for a due moment that is past, Refused when none of them
    waits to be accepted.
    """
    if not remark.strip():
        raise Invalid(N_("Say what is missing; nothing was given back."))
    if due_at is not None and due_at <= now:
        raise Invalid(N_("Choose a later moment than now; nothing was given back."))
    with store.command("task.give_back", now=now, person=person) as tx:
        rights.require(tx, person, "accept")
        rows = _waiting(tx, ids)
        tx.update("task", [{"id": row[0], "remark": remark.strip()} for row in rows])
        fact = {"at": now, "fields": STATE, "person_id": person, "state": "open", "due_at": None}
        late = fact | {"fields": STATE | DUE, "due_at": due_at or _next_end(tx)}
        facts = [
            {**(late if row[4] is not None and row[4] <= now else fact), "task_id": row[0]}
            for row in rows
        ]
        tx.insert("task_change", facts)
        _tell(tx, rows)
    return tx.command_id


def _next_end(tx: Transaction) -> int:
    """When the next working day ends."""
    known = calendar(tx)
    return known.at(known.add_working_days(tx.zone.day_of(tx.now), 1), known.closes)


def _waiting(tx: Transaction, ids: Sequence[int]) -> list[tuple[Any, ...]]:
    """Those of these tasks whose results wait to be accepted: (id, title, deal, assignee, due)."""
    rows = tx.rows_of(
        "SELECT id, title, deal_id, assignee_id, due_at FROM task WHERE state = 'done' "
        "AND accepted IS NULL AND deleted_at IS NULL AND id IN ({ids})",
        ids,
    )
    if not rows:
        raise Refused(N_("These results are decided on already; nothing was changed."))
    return rows


def _tell(tx: Transaction, rows: list[tuple[Any, ...]]) -> None:
    tx.set_detail(title=rows[0][1], count=len(rows))
    tx.touch("task", [row[0] for row in rows])
    tx.touch("deal", [row[2] for row in rows if row[2] is not None])


def add_tasks(
    store: Store,
    deal_ids: Sequence[int],
    title: str,
    due_at: int | None,
    *,
    kind_id: int | None = None,
    assignee_id: int | None = None,
    person: int | None,
    now: int,
) -> int:
    """Add a task to each of these deals, as one command; without ``assignee_id`` each goes to the
    deal's responsible person. Deals that are gone meanwhile are left out.

    Raises Invalid without a title, NotFound when all the deals are gone.
    """
    wanted = clean(title)
    if not wanted:
        raise Invalid(N_("A task needs a title; nothing was added."))
    with store.command("task.add", now=now, person=person) as tx:
        rights.require_deals(tx, person, deal_ids)
        deals = tx.rows_of(
            "SELECT id, owner_id FROM deal WHERE deleted_at IS NULL AND id IN ({ids})", deal_ids
        )
        if not deals:
            raise NotFound(N_("These deals are deleted meanwhile; no task was added."))
        asks = tx.value("SELECT asks_result FROM task_kind WHERE id = ?", (kind_id,))
        given = [(deal, assignee_id or owner) for deal, owner in deals]
        known = people(tx)
        rows = []
        for deal, assignee in given:
            someone = known.get(assignee or 0)
            rows.append({
                "title": wanted, "kind_id": kind_id, "deal_id": deal, "created_at": now,
                "supervisor_id": someone.superior() if someone else None,
                "asks_result": int(asks or 0),
            })  # fmt: skip
        tasks = tx.insert("task", rows)
        facts = [
            {"task_id": task, "at": now, "fields": 7, "person_id": person,
             "assignee_id": assignee, "due_at": due_at, "state": "open"}
            for task, (_deal, assignee) in zip(tasks, given, strict=True)
        ]  # fmt: skip
        tx.insert("task_change", facts)
        tx.set_detail(title=wanted, count=len(tasks))
        tx.touch("deal", [deal for deal, _ in given])
    return tx.command_id
