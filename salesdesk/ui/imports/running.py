"""The import as the window runs it: checked in the background, written slice by slice.

The check reads all rows and would hold up a person's moves if the writer did it; so the first steps
of the importer are taken on a pool thread, and only the writing goes to the writer.
"""

from collections.abc import Generator, Sequence
from typing import Any

from salesdesk.errors import Refused
from salesdesk.services import workspaces
from salesdesk.services.exchange.importer import ImportResult, Progress, Steps, import_table
from salesdesk.services.exchange.mapping import Mapping
from salesdesk.services.exchange.table import Table
from salesdesk.services.first_tasks import create_steps
from salesdesk.services.writer import Store
from salesdesk.text import N_
from salesdesk.ui.collecting import without_collector


@without_collector()
def checked(store: Store, table: Table, mapping: Mapping, **how: Any) -> tuple[Steps, Progress]:
    """An import taken to the end of its check, and the step that says so."""
    steps = import_table(store, table, mapping, **how)
    step = next(steps)
    while step.phase == "check" and step.done < step.total:
        step = next(steps)
    return steps, step


def write(
    store: Store, steps: Steps, *, person: int | None, now: int
) -> Generator[Progress, None, ImportResult]:
    """The rest of an import, with the lock that keeps recovery away from it.

    ``person`` and ``now`` were given to the check already. Raises Refused while another process
    runs a long command.
    """
    running = workspaces.running(store.path)
    if running is None:
        raise Refused(
            N_("Another import or undo is being carried out; nothing was imported, try again.")
        )
    with running:
        return (yield from steps)


def first_tasks(
    store: Store, deal_ids: Sequence[int], *, person: int | None, now: int
) -> Generator[tuple[int, int], None, int]:
    """First tasks for these deals, under the same lock; returns the command."""
    running = workspaces.running(store.path)
    if running is None:
        raise Refused(
            N_("Another import or undo is being carried out; no task was made, try again.")
        )
    with running:
        return (yield from create_steps(store, deal_ids, person=person, now=now))
