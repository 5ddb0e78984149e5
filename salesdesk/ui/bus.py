"""From the store to one Qt signal: what changed, on the GUI thread.

Commits of this process arrive through the store's subscription; those of another process (the
command line) are noticed by ``data_version`` and read from the tail of the log. The first commit of
a command is told at once; those that follow (an import writes hundreds) are told together, soon
after what a person did, in a while of what an import or a sync brings.
"""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from salesdesk.errors import SalesDeskError
from salesdesk.services.writer import Changes, commands_after
from salesdesk.ui.background import Background, Deliverer

if TYPE_CHECKING:
    from salesdesk.services.writer import Store

POLL_MS = 200
GATHER_MS = 120
SOON_MS = 40
#: What writes much, for a while: nobody waits for each of its slices to be shown.
SLOW = ("import", "sync")
_REMEMBERED = 2000


class Bus(QObject):
    """Emits ``changed(Changes)``; order and repeats mean nothing, values are to be read anew."""

    changed = Signal(object)

    def __init__(
        self, store: "Store", background: Background, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._store = store
        self._background = background
        self._deliverer = Deliverer(self)
        self._own: dict[int, None] = {}
        self._told: dict[int, None] = {}
        self._gathered: dict[int, tuple[Changes, dict[str, set[int]]]] = {}
        self._version = -1
        self._last = self._since = store.last_txn()
        self._reading = False
        self._leave = store.subscribe(self._on_commit)
        self._gathering = QTimer(self)
        self._gathering.setSingleShot(True)
        self._gathering.timeout.connect(self._tell_gathered)
        self._timer = QTimer(self)
        self._timer.setInterval(POLL_MS)
        self._timer.timeout.connect(self.poll)
        self._timer.start()

    def stop(self) -> None:
        """Look no more (the window is closing)."""
        if self._timer.isActive():
            self._timer.stop()
            self._gathering.stop()
            self._leave()

    def poll(self) -> None:
        """Look whether another process has written, and tell what."""
        if self._reading:
            return
        try:
            foreign, since = self._foreign()
        except SalesDeskError:  # a busy or vanished file: the next look tries again
            self._version = -1
            return
        if foreign:
            self._reading, self._since = True, since
            self._background.ask(
                lambda: self._store.changes_after(since), self._on_tail, self._on_tail_failed
            )

    def _foreign(self) -> tuple[set[int], int]:
        """Commands of others since the last look, and the transaction that it had seen."""
        since, version = self._last, self._store.data_version()
        if version == self._version:
            return set(), since
        newest = self._store.last_txn()
        with self._store.read() as r:
            found = commands_after(r, since) - self._own.keys()
        self._version, self._last = version, newest
        return found, since

    def _on_tail(self, tail: list[Changes]) -> None:
        self._reading = False
        for changes in tail:
            if changes.command_id not in self._own:
                self.changed.emit(changes)

    def _on_tail_failed(self, _error: Exception) -> None:
        """A busy or vanished file: the next poll tries again from where it was."""
        self._reading = False
        self._version, self._last = -1, self._since

    def _on_commit(self, changes: Changes) -> None:
        """On the committing thread."""
        _remember(self._own, changes.command_id)
        self._deliverer.call(lambda: self._on_own(changes))

    def _on_own(self, changes: Changes) -> None:
        if changes.command_id not in self._told:
            _remember(self._told, changes.command_id)
            self.changed.emit(changes)
            return
        _, tables = self._gathered.setdefault(changes.command_id, (changes, {}))
        for table, ids in changes.tables.items():
            tables.setdefault(table, set()).update(ids)
        wait = GATHER_MS if changes.origin in SLOW else SOON_MS
        if not self._gathering.isActive() or self._gathering.remainingTime() > wait:
            self._gathering.start(wait)

    def _tell_gathered(self) -> None:
        gathered, self._gathered = self._gathered, {}
        for first, tables in gathered.values():
            together = {table: tuple(sorted(ids)) for table, ids in tables.items()}
            self.changed.emit(Changes(first.command_id, first.kind, first.origin, together))


def _remember(commands: dict[int, None], command: int) -> None:
    """Keep the latest commands, without growing for ever."""
    commands[command] = None
    if len(commands) > _REMEMBERED:
        for old in list(commands)[: _REMEMBERED // 2]:
            commands.pop(old, None)
