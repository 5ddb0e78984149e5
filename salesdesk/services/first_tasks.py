"""The first tasks of deals that came without any: what an import offers for its open deals."""

from collections.abc import Generator, Sequence

from salesdesk.models.store import Reader, Store
from salesdesk.services import surroundings
from salesdesk.services.moving import Effects, apply_tasks

SLICE = 10


def offered(r: Reader, deal_ids: Sequence[int]) -> list[int]:
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
    for start in range(0, max(len(wanted), 1), SLICE):
        part = wanted[start : start + SLICE]
        with command.transaction(last=start + SLICE >= len(wanted)) as tx:
            for deal_id in part:
                row = tx.row("SELECT stage_id, owner_id FROM deal WHERE id = ?", (deal_id,))
                stage = surroundings.stages(tx).get(row[0]) if row else None
                if row is not None and stage is not None:
                    apply_tasks(tx, deal_id, row[1], None, stage, [], Effects())
            tx.touch("deal", part)
        yield min(start + SLICE, len(wanted)), len(wanted)
    assert command.id is not None
    return command.id


def create(store: Store, deal_ids: Sequence[int], *, person: int | None, now: int) -> int:
    """The same without pauses (command line, tests)."""
    steps = create_steps(store, deal_ids, person=person, now=now)
    while True:
        try:
            next(steps)
        except StopIteration as end:
            command: int = end.value
            return command
