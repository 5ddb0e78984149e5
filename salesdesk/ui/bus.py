"""From the store to one Qt signal: what changed, on the GUI thread.

Commits of this process arrive through the store's subscription; those of another process (the
command line) are noticed by ``data_version`` and read from the tail of the log.
"""

from collections import deque
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from salesdesk.ui.background import Background, Deliverer

if TYPE_CHECKING:
    from salesdesk.services.writer import Changes, Store

POLL_MS = 200
_REMEMBERED = 500


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
        self._own: deque[int] = deque(maxlen=_REMEMBERED)
        self._version = -1
        self._last = self._since = store.last_txn()
        self._reading = False
        self._leave = store.subscribe(self._on_commit)
        self._timer = QTimer(self)
        self._timer.setInterval(POLL_MS)
        self._timer.timeout.connect(self.poll)
        self._timer.start()

    def stop(self) -> None:
        """Look no more (the window is closing)."""
        if self._timer.isActive():
            self._timer.stop()
            self._leave()

    def poll(self) -> None:
        """Look whether another process has written, and tell what."""
        if self._reading:
            return
        version = self._store.data_version()
        if version == self._version:
            return
        self._version = version
        newest = self._store.last_txn()
        since, self._last = self._last, newest
        if newest != since:
            self._reading = True
            self._since = since
            self._background.ask(
                lambda: self._store.changes_after(since), self._on_tail, self._on_tail_failed
            )

    def _on_tail(self, tail: list["Changes"]) -> None:
        self._reading = False
        for changes in tail:
            if changes.command_id not in self._own:
                self.changed.emit(changes)

    def _on_tail_failed(self, _error: Exception) -> None:
        """A busy or vanished file: the next poll tries again from where it was."""
        self._reading = False
        self._version, self._last = -1, self._since

    def _on_commit(self, changes: "Changes") -> None:
        """On the committing thread."""
        if changes.command_id not in self._own:
            self._own.append(changes.command_id)
        self._deliverer.call(lambda: self.changed.emit(changes))
