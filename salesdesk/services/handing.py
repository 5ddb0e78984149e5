"""What somebody leaves behind, and handing all of it over to somebody else."""

from typing import NamedTuple

from salesdesk.errors import Invalid, Refused
from salesdesk.models.store import Store, Transaction
from salesdesk.services.people import person_of
from salesdesk.services.records import Asks
from salesdesk.services.tasks import ASSIGNEE
from salesdesk.text import N_

_DEALS = (
    "SELECT d.id FROM deal d JOIN stage s ON s.id = d.stage_id "
    "WHERE d.owner_id = ? AND s.kind = 'open' AND d.deleted_at IS NULL ORDER BY d.id"
)
_TASKS = (
    "SELECT t.id, t.deal_id FROM task t LEFT JOIN deal d ON d.id = t.deal_id "
    "WHERE t.assignee_id = ? AND t.state = 'open' AND t.deleted_at IS NULL "
    "AND d.deleted_at IS NULL ORDER BY t.id"
)


class Left(NamedTuple):
    """How many open deals and open tasks are somebody's."""

    deals: int
    tasks: int


def left_with(r: Asks, person_id: int) -> Left:
    """What is still to be done by someone."""
    return Left(len(r.rows(_DEALS, (person_id,))), len(r.rows(_TASKS, (person_id,))))


def hand_over(store: Store, person_id: int, to_id: int, *, person: int | None, now: int) -> int:
    """Make ``to_id`` responsible for the open deals of someone, and give them the open tasks, from
    ``now`` on; one undo step. Raises ``Refused`` where nothing is left to hand over."""
    if person_id == to_id:
        raise Invalid(N_("Choose somebody else to hand over to; nothing was changed."))
    with store.command("person.hand_over", now=now, person=person) as tx:
        name, heir = person_of(tx, person_id).name, person_of(tx, to_id)
        if heir.last_day is not None and heir.last_day < tx.zone.day_of(now):
            raise Refused(
                N_("{name} does not work here any more; nothing was changed."), name=heir.name
            )
        deals = [int(row[0]) for row in tx.rows(_DEALS, (person_id,))]
        tasks = tx.rows(_TASKS, (person_id,))
        if not deals and not tasks:
            raise Refused(N_("There is nothing to hand over; nothing was changed."))
        tx.claim("deal", deals)
        tx.insert(
            "owner_change", [{"deal_id": deal, "person_id": to_id, "at": now} for deal in deals]
        )
        _give(tx, [row[0] for row in tasks], to_id)
        tx.touch("deal", {*deals, *(row[1] for row in tasks if row[1] is not None)})
        tx.set_detail(title=name, count=len(deals) + len(tasks))
    return tx.command_id


def _give(tx: Transaction, tasks: list[int], to_id: int) -> None:
    tx.insert(
        "task_change",
        [
            {"task_id": task, "at": tx.now, "fields": ASSIGNEE, "person_id": tx.person,
             "assignee_id": to_id}
            for task in tasks
        ],
    )  # fmt: skip
    tx.touch("task", tasks)
