"""The first tasks of deals that came without any: what an import offers for its open deals."""

from collections.abc import Generator, Sequence

from salesdesk.models.store import Reader, Store, Transaction
from salesdesk.services import surroundings
from salesdesk.services.history import roll_back, roll_back_steps
from salesdesk.services.moving import Effects, apply_tasks

SLICE = 10


def offered(r: Reader | Transaction, deal_ids: Sequence[int]) -> list[int]:
    """Of these deals: the open ones without an open task, in stages that have task rules."""
    rows = r.rows_of(
        "SELECT d.id FROM deal d JOIN stage s ON s.id = d.stage_id WHERE d.deleted_at IS NULL "
        "AND s.kind = 'open' AND d.open_tasks = 0 AND EXISTS (SELECT 1 FROM task_rule t "
        "WHERE t.stage_id = s.id AND t.deleted_at IS NULL) AND d.id IN ({ids})",
        deal_ids,
    )
    return [row[0] for row in rows]


def create_steps(
    store: Store, deal_ids: Sequence[int], *, person: int | None, now: int, origin: str = "window"
) -> Generator[tuple[int, int], None, int]:
    """Create the tasks of the stage where each deal stands, due as if it had entered now.

    One command in short transactions; yields (deals done, deals in all), returns the command.
    """
    with store.read() as r:
        wanted = offered(r, deal_ids)
    command = store.long_command("task.first", now=now, person=person, origin=origin)
    try:
        for start in range(0, max(len(wanted), 1), SLICE):
            with command.transaction(last=start + SLICE >= len(wanted)) as tx:
                _create(tx, offered(tx, wanted[start : start + SLICE]))
            yield min(start + SLICE, len(wanted)), len(wanted)
    except Exception:
        if command.id is not None:
            yield from roll_back_steps(store, command.id, now)
        raise
    except BaseException:
        if command.id is not None:
            roll_back(store, command.id, now)
        raise
    assert command.id is not None
    return command.id


def _create(tx: Transaction, deal_ids: list[int]) -> None:
    """The tasks of the stage where each deal stands now."""
    effects = Effects()
    for deal_id in deal_ids:
        row = tx.row("SELECT stage_id, owner_id FROM deal WHERE id = ?", (deal_id,))
        stage = surroundings.stages(tx).get(row[0]) if row else None
        if row is not None and stage is not None:
            apply_tasks(tx, deal_id, row[1], None, stage, [], effects)
    tx.touch("deal", deal_ids)


def create(store: Store, deal_ids: Sequence[int], *, person: int | None, now: int) -> int:
    """The same without pauses (command line, tests)."""
    steps = create_steps(store, deal_ids, person=person, now=now)
    while True:
        try:
            next(steps)
        except StopIteration as end:
            command: int = end.value
            return command
