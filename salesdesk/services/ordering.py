"""Putting records in another order: one verb for every list that an administrator orders."""

from collections.abc import Callable, Iterable

from salesdesk.models.store import Store, Transaction
from salesdesk.services import rights
from salesdesk.services.records import put_in_order, same_set


def reorder(
    store: Store,
    table: str,
    ids: Iterable[int],
    there: Callable[[Transaction], Iterable[int]],
    *,
    person: int | None,
    now: int,
    origin: str = "window",
    write: Callable[[Transaction, list[int]], object] | None = None,
) -> int:
    """Put the records of ``table`` that are ``there`` in the order of ``ids``, as the command
    ``<table>.order``; ``write`` numbers them where more follows from it. Returns the command id.

    Raises ``Invalid`` unless ``ids`` names everything once, ``Refused`` for who may not.
    """
    wanted = list(ids)
    with store.command(f"{table}.order", now=now, person=person, origin=origin) as tx:
        rights.require(tx, person, "admin")
        same_set(wanted, there(tx))
        if write is None:
            put_in_order(tx, table, wanted)
        else:
            write(tx, wanted)
    return tx.command_id
