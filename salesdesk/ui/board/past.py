"""The board of any past day: the strip, the timeline behind it, and the list of what changed."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QWidget

from salesdesk.ui.board.state import Board
from salesdesk.ui.context import Context

if TYPE_CHECKING:
    from salesdesk.services.past_changes import Changes
    from salesdesk.services.timeline import Timeline
    from salesdesk.ui.board.pastchanges import ChangesPanel
    from salesdesk.ui.board.paststrip import PastStrip

_AGAIN_MS = 1500
_LIST_MS = 80
Owners = Callable[[], frozenset[int] | None]


class PastBoardMode(QObject):
    """Whether a past day is shown, and which.

    ``changed(step)``: another day, entered or left; ``deal_wanted(id)``: open a deal as it was.
    ``owners`` are whose deals the filter leaves. The strip and the list are made when first needed
    and handed to ``place``.
    """

    changed = Signal(bool)
    deal_wanted = Signal(object)

    def __init__(
        self,
        context: Context,
        board: Board,
        owners: Owners,
        place: "Callable[[PastStrip, ChangesPanel], object]",
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self._context, self._board, self._owners, self._place = context, board, owners, place
        self.day: int | None = None
        self.pipeline_id = 0
        self._timeline: Timeline | None = None
        self._until: int | None = None
        self._wants_list = False
        self.strip: PastStrip | None = None
        self.panel: ChangesPanel | None = None
        self._again = QTimer(self, interval=_AGAIN_MS, singleShot=True)
        self._again.timeout.connect(self._load)
        self._listing = QTimer(self, interval=_LIST_MS, singleShot=True)
        self._listing.timeout.connect(self._list)

    def is_on(self) -> bool:
        """Whether a past day is shown."""
        return self.day is not None

    def is_ready(self) -> bool:
        """Whether the past of this pipeline is in memory."""
        return self._timeline is not None and self._timeline.pipeline_id == self.pipeline_id

    def moment(self) -> int | None:
        """The moment that is shown: the end of the day, or this very now."""
        return None if self.day is None else self._end_of(self.day)

    def _end_of(self, day: int) -> int:
        return min(self._context.store.zone.start_of(day + 1) - 1, self._context.now())

    def _today(self) -> int:
        return self._context.store.zone.day_of(self._context.now())

    # -- in and out ---------------------------------------------------------------------------

    def enter(self, pipeline_id: int, day: int) -> None:
        """Show the board as it stood at the end of a day; the first time its past is read."""
        strip = self._make()
        entering = self.day is None
        self.day, self.pipeline_id = min(day, self._today()), pipeline_id
        strip.show()
        if self.is_ready():
            self._show()
        else:
            strip.set_busy(True)
            self._load()
        if entering:
            strip.slider.setFocus()
        self.changed.emit(True)

    def leave(self) -> None:
        """Back to the present."""
        if self.day is None:
            return
        self.day = self._until = None
        self._wants_list = False
        self._context.background.forget("board-past")
        if self.strip is not None and self.panel is not None:
            self.strip.hide()
            self.strip.since.setChecked(False)
            self.panel.hide()
        self._timeline = None
        self.changed.emit(True)

    def _make(self) -> "PastStrip":
        if self.strip is None:
            from salesdesk.ui.board.pastchanges import ChangesPanel
            from salesdesk.ui.board.paststrip import PastStrip

            self.strip, self.panel = PastStrip(), ChangesPanel()
            self.strip.chosen.connect(self._on_day)
            self.strip.left.connect(self.leave)
            self.strip.changes.connect(self.show_list)
            self.panel.closed.connect(lambda: self.show_list(False))
            self.panel.deal_wanted.connect(self.deal_wanted)
            self.panel.until_changed.connect(self._on_until)
            self._place(self.strip, self.panel)
            self.panel.hide()
        return self.strip

    def retranslate(self) -> None:
        """Set every text anew."""
        if self.strip is not None and self.panel is not None:
            self.strip.retranslate()
            self.panel.retranslate()
            if self.day is not None:
                self.strip.show_day(self.day)

    # -- reading ------------------------------------------------------------------------------

    def _load(self) -> None:
        from salesdesk.services import timeline

        self._context.read(timeline.load, self.pipeline_id, done=self._on_loaded, key="board-past")

    def _on_loaded(self, found: "Timeline") -> None:
        if self.day is not None and found.pipeline_id == self.pipeline_id:
            self._timeline = found
            self._show()

    def refresh(self) -> None:
        """Something was written: the past may be another one (an import, an undo)."""
        if self.is_on() and not self._again.isActive():
            self._again.start()

    def show_again(self) -> None:
        """Show the day anew (the filter has changed)."""
        if self.is_on() and self.is_ready():
            self._show()

    def _show(self) -> None:
        from salesdesk.ui.board.pastsource import PastSource

        found, moment = self._timeline, self.moment()
        if found is None or moment is None or self.strip is None or self.day is None:
            return
        zone, today = self._context.store.zone, self._today()
        first = zone.day_of(found.first) if found.first is not None else today
        self.strip.set_busy(False)
        self.strip.set_days(first, today)
        self.strip.show_day(self.day)
        self._board.wording.now = moment
        self._board.show(PastSource(self._context.store, found, found.at(moment, self._owners())))
        if self._wants_list:
            self._listing.start()

    def _on_day(self, day: int) -> None:
        self.day = day
        self._show()
        self.changed.emit(False)

    # -- what changed -------------------------------------------------------------------------

    def show_list(self, on: bool) -> None:
        """Show what changed since the day, or no longer."""
        strip = self._make()
        self._wants_list = on
        strip.since.setChecked(on)
        if self.panel is not None:
            self.panel.setVisible(on)
        if on:
            self._list()

    def _on_until(self, day: int) -> None:
        self._until = None if day >= self._today() else day
        self._list()

    def _list(self) -> None:
        from salesdesk.services import past_changes

        found, moment, today = self._timeline, self.moment(), self._today()
        if found is None or moment is None or self.panel is None or self.day is None:
            return
        until = today if self._until is None else self._until
        self.panel.show_days(self.day, until, today)
        self._context.read(
            past_changes.changes, found, moment, self._end_of(until), owners=self._owners(),
            done=self._on_listed, key="board-changes",
        )  # fmt: skip

    def _on_listed(self, found: "Changes") -> None:
        if self.panel is not None and self.is_on():
            self.panel.show_changes(found)
