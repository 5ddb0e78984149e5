"""Whose turn it is: one process at a time syncs a workspace, a window or the command line."""

from collections.abc import Iterator
from contextlib import contextmanager

from salesdesk.errors import Refused
from salesdesk.models import lock
from salesdesk.models.store import Store
from salesdesk.text import N_

_TAKEN = N_("Another program is syncing {name} at this moment; try again when it is done.")


class Busy(Refused):
    """Somebody else is at it."""


@contextmanager
def turn(store: Store) -> Iterator[None]:
    """Held during a round, a connecting or a disconnecting; raises ``Busy`` while another
    program (or another thread of this one) holds it. It ends with its process."""
    held = lock.syncing(store.path)
    if held is None:
        raise Busy(_TAKEN, name=store.path.name)
    with held:
        yield
