"""Rows that are put in order by dragging them at a grip; the keys and buttons do the same."""

from collections.abc import Callable, Hashable
from typing import Any

from PySide6.QtCore import QPoint, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QApplication, QScrollArea, QWidget

from salesdesk.text import tr
from salesdesk.ui import theme
from salesdesk.ui.settings.section import Reorders, Row, Rows

#: How wide a grip is; heads over such rows begin with a column of this width.
GRIP = 16
_DOT, _STEP = 2, 5
_NEAR = 24


class Grip(QWidget):
    """Six dots at the left end of a row: pressed and moved they drag it. The arrows and
    Alt+Up and Alt+Down do the same, so the keyboard passes it by."""

    pulled = Signal(QPoint)
    dropped = Signal(QPoint)
    left = Signal()

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setObjectName(f"{name}-grip")
        self.setAccessibleName(tr("Drag to put in order"))
        self.setToolTip(tr("Drag to put in order, or Alt+Up and Alt+Down"))
        self.setCursor(Qt.CursorShape.OpenHandCursor)
        self.setFixedWidth(GRIP)
        self._from: QPoint | None = None
        self._dragged = False

    def sizeHint(self) -> QSize:
        return QSize(GRIP, theme.CONTROL_HEIGHT)

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self.isEnabled():
            return
        with QPainter(self) as painter:
            painter.setPen(Qt.PenStyle.NoPen)
            look = theme.current()
            painter.setBrush(look.muted if self.underMouse() or self._dragged else look.faint)
            left, top = (self.width() - _STEP - _DOT) // 2, self.height() // 2 - _STEP - 1
            for row in range(3):
                for column in range(2):
                    painter.drawRect(left + column * _STEP, top + row * _STEP, _DOT, _DOT)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._from = event.position().toPoint()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        at = event.position().toPoint()
        if self._from is None:
            return
        if not self._dragged:
            if (at - self._from).manhattanLength() < QApplication.startDragDistance():
                return
            self._dragged = True
            self.setCursor(Qt.CursorShape.ClosedHandCursor)
            self.setFocus(Qt.FocusReason.OtherFocusReason)  # for Esc
        self.pulled.emit(self.mapToGlobal(at))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        dragged = self._dragged
        self._stop()
        if dragged:
            self.dropped.emit(self.mapToGlobal(event.position().toPoint()))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self._dragged:
            self._stop()
            self.left.emit()
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if self._dragged:
            self._stop()
            self.left.emit()

    def _stop(self) -> None:
        self._from, self._dragged = None, False
        self.setCursor(Qt.CursorShape.OpenHandCursor)
        self.update()


class _Mark(QWidget):
    """The line that shows where a row would go."""

    def paintEvent(self, event: QPaintEvent) -> None:
        QPainter(self).fillRect(self.rect(), theme.current().accent)


class DragRows(Rows):
    """Rows with a grip each; while one is dragged a line shows where it would go."""

    def __init__(self, make: Callable[[Any], Row], reorders: Reorders, last: bool = False) -> None:
        super().__init__(lambda item: self._gripped(make(item)), reorders, last)
        self._mark = _Mark(self)
        self._mark.hide()

    def _gripped(self, row: Row) -> Row:
        grip = Grip(row.objectName())
        row.cells.insertWidget(0, grip)
        grip.pulled.connect(self._on_pulled)
        grip.left.connect(self._mark.hide)
        grip.dropped.connect(lambda at: self._on_dropped(row, at))
        return row

    def _place(self, at: QPoint) -> int:
        """Before which of the rows a drop at a place of the screen goes."""
        y = self.mapFromGlobal(at).y()
        rows = self.rows()
        middles = [rows[key].geometry().center().y() for key in self._order]
        return sum(middle < y for middle in middles)

    def _on_pulled(self, at: QPoint) -> None:
        rows, place = self.rows(), self._place(at)
        if place < len(self._order):
            y = rows[self._order[place]].geometry().top()
        else:
            y = rows[self._order[-1]].geometry().bottom()
        self._mark.setGeometry(theme.S, max(0, y - 1), self.width() - 2 * theme.S, 2)
        self._mark.raise_()
        self._mark.show()
        self._follow(at)

    def _follow(self, at: QPoint) -> None:
        """Near the edge of what scrolls it scrolls along."""
        holder: QWidget | None = self.parentWidget()
        while holder is not None and not isinstance(holder, QScrollArea):
            holder = holder.parentWidget()
        inside = holder.widget() if isinstance(holder, QScrollArea) else None
        if isinstance(holder, QScrollArea) and inside is not None:
            where = inside.mapFromGlobal(at)
            holder.ensureVisible(where.x(), where.y(), 0, _NEAR)

    def _on_dropped(self, row: Row, at: QPoint) -> None:
        self._mark.hide()
        key = next((key for key, each in self.rows().items() if each is row), None)
        if key is None or self._reorders is None:
            return
        order: list[Hashable] = list(self._order)
        before, place = order.index(key), self._place(at)
        order.pop(before)
        order.insert(place - (place > before), key)
        if order != self._order:
            self._reorders(list(order))  # type: ignore[arg-type]
