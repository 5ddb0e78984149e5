"""Writing a file that nobody relies on yet, without waiting for the disk after each command."""

from collections.abc import Iterator
from contextlib import contextmanager

from salesdesk.models import sqlite
from salesdesk.models.store import Store


@contextmanager
def hasty(store: Store) -> Iterator[None]:
    """Commits inside do not wait for the disk; at the end all of them are there for good.

    A power cut inside may leave a damaged file: only for one that is just being made and would be
    made anew. The program's own death loses nothing.
    """
    store.connection.execute("PRAGMA synchronous = OFF")
    try:
        yield
    finally:
        store.connection.execute("PRAGMA synchronous = FULL")
        sqlite.checkpoint(store.connection)
