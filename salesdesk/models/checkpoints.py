"""While much is written: the write-ahead log goes into the file beside the writer.

SQLite copies the log into the file inside the commit that makes it too long. Where an import or a
sync writes for minutes, that is a commit of 30 to 100 ms each second, and whoever moves a deal
waits for it. Here a thread with a connection of its own copies most of the log while the writer
goes on; the writer copies the little that has come since, so that the log begins anew.
"""

import threading
from pathlib import Path

from salesdesk.models import sqlite

#: Pages of the log from which it is copied; from which it is to begin anew; and so few that the
#: writer copies them between two transactions.
_MANY, _ANEW, _FEW = 4_000, 8_000, 400
#: Copied so often one after another, while more comes than is few.
_TIMES = 4


class Checkpoints:
    """Of one workspace; ``step`` is called by the writer, between two transactions."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._connection: sqlite.Connection | None = None
        self._thread: threading.Thread | None = None
        self._due = False

    def step(self, connection: sqlite.Connection) -> None:
        """Have the log copied if it is long, and end what was copied beside the writer."""
        if self._thread is not None:
            if self._thread.is_alive():
                return
            self._thread = None
            if self._due:
                self._due = False
                sqlite.checkpoint(connection)
            return
        if sqlite.log_length(connection) >= _MANY:
            self._thread = threading.Thread(target=self._copy, name="checkpoints", daemon=True)
            self._thread.start()

    def end(self) -> None:
        """Wait until nothing is being copied, and let go of the file."""
        if self._thread is not None:
            self._thread.join()
            self._thread = None
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _copy(self) -> None:
        try:
            if self._connection is None:
                self._connection = sqlite.connect(self._path)
            for _ in range(_TIMES):
                length, copied = sqlite.checkpoint(self._connection)
                if length - copied <= _FEW:
                    break
        except sqlite.DatabaseError:
            return  # as in Store.copy_log
        self._due = length >= _ANEW
