"""Keeps what can be found up with what is written, whoever writes it: in slices on the writer
thread, behind everything else.

While an import or a sync goes on the index waits, for it would take a sixth of their time; a search
says meanwhile that something cannot be found yet, where it is much.
"""

from PySide6.QtCore import QObject, QTimer

from salesdesk.errors import SalesDeskError
from salesdesk.services import search
from salesdesk.services.writer import IMPORT, Changes, Closed, Stopped
from salesdesk.ui.bus import SLOW
from salesdesk.ui.context import Context
from salesdesk.ui.palette import recent

#: Behind imports, too.
_LAST = IMPORT + 1
#: How soon after what a person did; and after the last of what comes from elsewhere, but no later
#: than so long after the first of it.
_SOON_MS = 40
_CALM_MS, _LATEST_MS = 1_000, 120_000


class Follower(QObject):
    """Asks for the index to be brought up to date after each change, one asking at a time."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.setObjectName("search-follower")
        self._context = context
        self._busy = self._again = False
        self.soon = QTimer(self, interval=_SOON_MS, singleShot=True)
        self.calm = QTimer(self, interval=_CALM_MS, singleShot=True)
        self.latest = QTimer(self, interval=_LATEST_MS, singleShot=True)
        self._timers = (self.soon, self.calm, self.latest)
        for timer in self._timers:
            timer.timeout.connect(self._catch_up)
        context.bus.changed.connect(self._on_changed)
        self._catch_up()

    def _on_changed(self, changes: Changes) -> None:
        if changes.origin not in SLOW:
            self.soon.start()
            return
        self.calm.start()
        if not self.latest.isActive():
            self.latest.start()

    def is_at_rest(self) -> bool:
        """Whether nothing is being indexed nor waits for it."""
        return not (self._busy or any(map(QTimer.isActive, self._timers)))

    def _rest(self) -> None:
        for timer in self._timers:
            timer.stop()

    def _catch_up(self) -> None:
        self._rest()
        if self._busy:
            self._again = True
            return
        self._busy, self._again = True, False
        try:
            self._context.write(
                search.catch_up, done=self._done, failed=self._failed, undoable=False,
                priority=_LAST,
            )  # fmt: skip
        except Closed:
            self._rest()  # the window is closing; the next start goes on from the mark

    def _done(self, _nothing: object) -> None:
        self._busy = False
        if self._again:
            self.soon.start()

    def _failed(self, error: Exception) -> bool:
        """A busy file or a full disk is no news here: the next change, or the next start, brings
        the index up to date."""
        self._busy = False
        if self._again:
            self.calm.start()
        return isinstance(error, SalesDeskError | Stopped)


def follow(context: Context) -> None:
    """Begin to keep the index up to date, and to note what is opened; once a context."""
    if context.findChild(Follower) is None:
        Follower(context)
        recent.watch(context)
        context.background.ask(_load, lambda _none: None, context.fail)


def _load() -> None:
    """Import off the GUI thread what the first Ctrl+K would wait for."""
    import rapidfuzz.process  # noqa: F401

    import salesdesk.ui.palette.palette
    import salesdesk.ui.settings.panel  # noqa: F401
