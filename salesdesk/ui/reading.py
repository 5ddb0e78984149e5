"""One question of a page, kept fresh: asked anew when data changes, one reading at a time.

While one reading goes on, further wishes wait together for the next one; a page that is not seen
only notes that its answer is old and reads when it is shown. An answer to what is no longer asked
is dropped. A page makes one ``Reading`` per question and calls ``seen`` in ``activated``.
"""

from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QWidget

from salesdesk.ui.context import Context

if TYPE_CHECKING:
    from salesdesk.services.writer import Changes, Reader

_MINUTE_MS = 60_000

Asked = TypeVar("Asked")
Answer = TypeVar("Answer")
Asked_contra = TypeVar("Asked_contra", contravariant=True)
Answer_co = TypeVar("Answer_co", covariant=True)


class Question(Protocol[Asked_contra, Answer_co]):
    """A question of a service: of which state, about what, as of when."""

    def __call__(self, r: "Reader", asked: Asked_contra, /, *, now: int) -> Answer_co: ...


class Reading(QObject, Generic[Asked, Answer]):
    """Reads ``question(r, asked(), now=)`` in the background and hands the answer to ``show``.

    ``asked()`` says what the page is about now (compared with ``==``), or None when there is
    nothing to ask. With ``replaces`` (a key of its own) a newer question takes the place of the one
    under way instead of waiting for it. ``busy(reading)`` tells when reading begins and ends.
    ``tables`` are those whose changes make the answer old (None: every one but the
    ``indifferent``). With ``calm`` (ms) changes are gathered for so long; with ``minutes`` the
    answer grows old by the minute while nothing is written. ``failed`` as in ``Context.read``.
    """

    busy = Signal(bool)

    def __init__(
        self,
        page: QWidget,
        context: Context,
        asked: Callable[[], Asked | None],
        question: Question[Asked, Answer],
        show: Callable[[Answer], object],
        *,
        tables: Collection[str] | None = None,
        indifferent: Collection[str] = (),
        calm: int = 0,
        minutes: bool = False,
        failed: Callable[[Exception], object] | None = None,
        replaces: str | None = None,
    ) -> None:
        super().__init__(page)
        self._page = page
        self._context = context
        self._asked = asked
        self._question = question
        self._show = show
        self._tables = None if tables is None else frozenset(tables)
        self._indifferent = frozenset(indifferent)
        self._failed = failed
        self._replaces = replaces
        self._stale, self._again = True, False
        self._under_way: Asked | None = None
        self._calm = QTimer(self, interval=calm, singleShot=True)
        self._calm.timeout.connect(self.refresh)
        context.bus.changed.connect(self._on_changed)
        if minutes:
            every = QTimer(self, interval=_MINUTE_MS)
            every.timeout.connect(self.stale)
            every.start()

    @property
    def is_stale(self) -> bool:
        """Whether what is shown (or nothing yet) is known to be old and nothing is being read."""
        return self._stale

    @property
    def is_reading(self) -> bool:
        """Whether an answer is under way."""
        return self._under_way is not None

    def seen(self) -> bool:
        """The page is shown: read if the answer is old. Whether it was."""
        if not self._stale:
            return False
        self.refresh()
        return True

    def stale(self) -> None:
        """The answer is old: read anew now if the page is seen, else when it is shown."""
        if not self._page.isVisible():
            self._stale = True
        elif self._calm.interval() == 0:
            self.refresh()
        elif not self._calm.isActive():
            self._calm.start()

    def ask(self) -> None:
        """Something else was chosen: read at once if the page is seen, else when it is shown."""
        if self._page.isVisible():
            self.refresh()
        else:
            self._stale = True

    def refresh(self) -> None:
        """Read anew; while one reading goes on, another one waits for it."""
        if self._under_way is not None and self._replaces is None:
            self._again = True
            return
        self._calm.stop()
        asked = self._asked()
        self._stale = False
        if asked is None:
            self.cancel()
            return
        self._under_way = asked
        self._context.read(
            self._question, asked, now=self._context.now(),
            done=self._on_answer, failed=self._on_failed, key=self._replaces,
        )  # fmt: skip
        self.busy.emit(True)

    def cancel(self) -> None:
        """Drop the question under way, where one may be replaced; its answer never comes."""
        if self._under_way is not None and self._replaces is not None:
            self._context.background.forget(self._replaces)
            self._under_way, self._again, self._stale = None, False, True
            self.busy.emit(False)

    def concerns(self, tables: Collection[str]) -> bool:
        """Whether a change of these tables makes the answer old."""
        if self._tables is not None and self._tables.isdisjoint(tables):
            return False
        return not self._indifferent.issuperset(tables)

    def _on_changed(self, changes: "Changes") -> None:
        if self.concerns(changes.tables.keys()):
            self.stale()

    def _on_answer(self, answer: Answer) -> None:
        asked, self._under_way = self._under_way, None
        self.busy.emit(False)
        wanted = asked == self._asked()
        if self._again or not wanted:
            self._again = False
            self.refresh()
        if wanted:
            self._show(answer)

    def _on_failed(self, error: Exception) -> object:
        self._under_way, self._again, self._stale = None, False, True
        self.busy.emit(False)
        return self._failed(error) if self._failed is not None else None
