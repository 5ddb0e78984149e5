"""The quiet line at the foot of the rail: how the sync stands. Only where a CRM is connected."""

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QRect, QSize, Qt, QTimer
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QPushButton

from salesdesk.ui import theme
from salesdesk.ui.context import Context

if TYPE_CHECKING:
    from salesdesk.services.sync.desk import Brief
    from salesdesk.ui.widgets.rail import Rail

_MINUTE_MS, _CALM_MS = 60_000, 400
_DOT, _LEFT = 7, 10


class SyncStatus(QPushButton):
    """A dot and a few words; a click opens the page."""

    def __init__(self, context: Context, rail: "Rail") -> None:
        super().__init__(rail)
        self._context, self._rail = context, rail
        self._brief: Brief | None = None
        self._tone, self._words = "quiet", ""
        self.setObjectName("rail-sync")
        self.setProperty("look", "who")
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.hide()
        rail.foot.addWidget(self)
        self.clicked.connect(lambda: context.go("sync"))
        self._calm = QTimer(self, interval=_CALM_MS, singleShot=True)
        self._calm.timeout.connect(self.refresh)
        minutes = QTimer(self, interval=_MINUTE_MS)
        minutes.timeout.connect(self.refresh)
        minutes.start()
        context.bus.changed.connect(lambda _changes: self._calm.start())
        context.sync_told.connect(self._on_told)
        context.language_changed.connect(self._show)
        context.rights_changed.connect(self.refresh)
        rail.collapse_changed.connect(lambda _collapsed: self._fit())
        theme.changed.connect(self.update)
        self.refresh()

    def refresh(self) -> None:
        """Read in the background how the sync stands."""
        self._context.read(_brief, self._context.person_id, done=self._on_read, key="sync-brief")

    def _on_told(self) -> None:
        self._show()
        if not self._calm.isActive():
            self._calm.start()

    def _on_read(self, found: "Brief | None") -> None:
        self._brief = found
        self._show()

    def _show(self) -> None:
        found = self._brief
        self.setVisible(found is not None)
        if found is None:
            return
        from salesdesk.services.sync import maps
        from salesdesk.ui.sync import words

        running = self._context.findChild(QObject, "sync-desk")
        state: Any = getattr(running, "state", None)
        zone, now = self._context.store.zone, self._context.now()
        self._tone, self._words = words.status(found, state, zone, now)
        self.setAccessibleName(self._words)
        self.setToolTip(f"{maps.name_of(found.kind)}: {found.account}\n{self._words}")
        self._fit()

    def _fit(self) -> None:
        self.setFixedHeight(self._room().height() + 10)
        self.update()

    def _room(self) -> QRect:
        """Where the words stand, in as many lines as they need."""
        left = _LEFT + _DOT + 7
        wide = theme.RAIL_WIDTH - 19 - left - 4
        if self._rail.collapsed:
            return QRect(0, 0, 10, 14)
        room = QRect(left, 5, wide, 100)
        return self.fontMetrics().boundingRect(room, int(_FLAGS), self._words)

    def sizeHint(self) -> QSize:
        return QSize(40, self._room().height() + 10)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        look = theme.current()
        tones = {"good": look.good, "busy": look.accent, "bad": look.bad}
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(tones.get(self._tone, look.faint))
            collapsed = self._rail.collapsed
            left = (self.width() - _DOT) / 2 if collapsed else _LEFT
            line = self.fontMetrics().height()
            top = (self.height() - _DOT) / 2 if collapsed else 5 + (line - _DOT) / 2
            painter.drawEllipse(int(left), int(top), _DOT, _DOT)
            if not collapsed:
                painter.setPen(look.bad if self._tone == "bad" else look.muted)
                painter.drawText(self._room(), int(_FLAGS), self._words)


_FLAGS = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap


def _brief(r: Any, person_id: int | None) -> "Brief | None":
    """In the background, where what it needs is imported, too; most workspaces sync with nobody."""
    if not r.value("SELECT 1 FROM sync_remote WHERE state <> 'off'"):
        return None
    from salesdesk.services.sync import desk

    return desk.brief(r, person_id)
