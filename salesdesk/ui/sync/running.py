"""The worker of this window, and what waits for the net or the keyring on threads of its own.

Nothing here stops the window: rounds run in ``services.sync.worker``, connecting in a thread that
ends with it. ``Context.sync_told`` comes on the GUI thread when something is to be shown anew.
"""

from collections.abc import Callable
from typing import Any, Protocol, TypeVar

from PySide6.QtCore import QObject

from salesdesk.moments import Zone
from salesdesk.services.sync import catalog
from salesdesk.services.sync.catalog import Access
from salesdesk.services.sync.maps import Connection
from salesdesk.services.sync.pace import Clock
from salesdesk.services.sync.remote import Remote
from salesdesk.services.sync.worker import State, Worker
from salesdesk.services.writer import Reader
from salesdesk.ui.background import Deliverer, apart
from salesdesk.ui.context import Context

T = TypeVar("T")


class Makes(Protocol):
    """How remotes are made (``services.sync.catalog``); tests hand in another."""

    def remote(self, access: Access, clock: Clock, zone: Zone, options: Any, /) -> Remote:
        """The remote of an access that is being tried."""

    def of_connection(self, r: Reader, connection: Connection, clock: Clock, /) -> Remote:
        """The remote of the connection in use."""


class SyncDesk(QObject):
    """One a window."""

    def __init__(self, context: Context, makes: Makes | None = None) -> None:
        super().__init__(context)
        self.setObjectName("sync-desk")
        found: Any = catalog
        self.makes: Makes = makes or found
        self._context = context
        self._deliverer = Deliverer(self)
        self._told = False
        self.worker = Worker(
            context.store,
            context.now,
            self._on_told,
            self._make,
        )
        context.closing.connect(self.worker.stop)

    @staticmethod
    def of(context: Context) -> "SyncDesk":
        """The one of this window, made when it is first asked for."""
        found = context.findChild(SyncDesk)
        return SyncDesk(context) if found is None else found

    @property
    def state(self) -> State:
        """What the worker is at; the foot of the rail asks it without knowing this class."""
        return self.worker.state

    def _make(self, r: Reader, connection: Connection, clock: Clock) -> Remote:
        return self.makes.of_connection(r, connection, clock)

    def start(self) -> None:
        """Sync from now on."""
        self.worker.start()

    def now(self) -> None:
        """A round at once."""
        self.worker.now()

    def compare(self) -> None:
        """A round at once that compares everything with the CRM."""
        self.worker.compare()

    def halt(self) -> None:
        """End the round that goes on; the next one goes on where it was."""
        self.worker.halt()

    def ask(
        self,
        run: Callable[[], T],
        done: Callable[[T], object],
        failed: Callable[[Exception], object] | None = None,
    ) -> None:
        """``run()`` on a thread of its own, then ``done(answer)`` here; an error goes to
        ``failed``, else it is shown."""
        apart(self._deliverer, "sync-ask", run, done, failed or self._context.fail)

    def show(self, run: Callable[[], object]) -> None:
        """``run()`` on the GUI thread soon; from any thread."""
        self._deliverer.call(run)

    def _on_told(self) -> None:
        """On the worker's thread: have it shown, once for all that comes meanwhile."""
        if not self._told:
            self._told = True
            self._deliverer.call(self._tell)

    def _tell(self) -> None:
        self._told = False
        self._context.sync_told.emit()
