"""The changed fields of a command, from what to what: a heading for each record, then its lines."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QResizeEvent
from PySide6.QtWidgets import QFrame, QListView, QStyledItemDelegate, QStyleOptionViewItem

from salesdesk.moments import Zone
from salesdesk.services.chronicle_changes import Change
from salesdesk.ui import theme
from salesdesk.ui.history import words

_Index = QModelIndex | QPersistentModelIndex
_ROLE = Qt.ItemDataRole
_NAME = 118
_LINE = 18
_GAP = 6


@dataclass(frozen=True, slots=True)
class Line:
    """A heading (``name`` empty), a field with its values, or (``plain``) a sentence."""

    name: str
    text: str
    plain: bool = False


def lines(changes: Sequence[Change], zone: Zone, now: int) -> list[Line]:
    """Changes as lines; one record's lines stand under its name."""
    found: list[Line] = []
    last: object = None
    for one in changes:
        subject = (one.subject.table, one.subject.id)
        if subject != last:
            head = words.thing(one.subject.table)
            named = one.subject.name if one.subject.table != "note" else ""
            head = f"{head}: {named}" if named else head
            came = words.came_or_went(one)
            found.append(Line("", f"{head} · {came}" if came else head))
            last = subject
        name, text = words.change(one, zone, now)
        if name:
            found.append(Line(name, text))
    return found


class _Lines(QAbstractListModel):
    def __init__(self) -> None:
        super().__init__()
        self.lines: list[Line] = []

    def replace(self, lines: Sequence[Line]) -> None:
        """Show other lines."""
        self.beginResetModel()
        self.lines = list(lines)
        self.endResetModel()

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.lines)

    def data(self, index: _Index, role: int = _ROLE.DisplayRole) -> Any:
        line = self.lines[index.row()]
        if role in (_ROLE.DisplayRole, _ROLE.AccessibleTextRole):
            return f"{line.name}: {line.text}" if line.name else line.text
        return None


class _Painter(QStyledItemDelegate):
    def __init__(self, view: "ChangeList") -> None:
        super().__init__(view)
        self._view = view

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        return QSize(0, self._view.height_of(index.row()))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        now, line, box = theme.current(), self._view.line(index.row()), option.rect
        painter.save()
        wraps = Qt.TextFlag.TextWordWrap
        if not line.name:
            painter.setFont(theme.font(bold=not line.plain))
            painter.setPen(now.text)
            painter.drawText(box.adjusted(0, _GAP, 0, 0), int(wraps), line.text)
        else:
            painter.setFont(theme.font(theme.SMALL))
            painter.setPen(now.muted)
            name = QRect(box.left(), box.top() + 2, _NAME - theme.S, box.height())
            painter.drawText(name, int(wraps), line.name)
            painter.setFont(theme.font())
            painter.setPen(now.text)
            painter.drawText(box.adjusted(_NAME, 0, 0, 0), int(wraps), line.text)
        painter.restore()


class ChangeList(QListView):
    """As high as its lines; the panel around it scrolls."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("history-changes")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setSelectionMode(QListView.SelectionMode.NoSelection)
        self.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._model = _Lines()
        self.setModel(self._model)
        self.setItemDelegate(_Painter(self))
        self.setFixedHeight(0)

    def line(self, row: int) -> Line:
        """What a row says."""
        return self._model.lines[row]

    def set_lines(self, lines: Sequence[Line]) -> None:
        """Show other lines."""
        self._model.replace(lines)
        self._fit()

    def height_of(self, row: int) -> int:
        """How high a row is at the present width."""
        line, width = self.line(row), max(self.viewport().width(), 120)
        wraps = int(Qt.TextFlag.TextWordWrap)
        if not line.name:
            metrics = QFontMetrics(theme.font(bold=not line.plain))
            return metrics.boundingRect(0, 0, width, 4000, wraps, line.text).height() + 2 * _GAP
        value = QFontMetrics(theme.font()).boundingRect(0, 0, width - _NAME, 4000, wraps, line.text)
        name = QFontMetrics(theme.font(theme.SMALL)).boundingRect(
            0, 0, _NAME - theme.S, 4000, wraps, line.name
        )
        return max(value.height(), name.height() + 2, _LINE) + 4

    def _fit(self) -> None:
        self.setFixedHeight(sum(self.height_of(row) for row in range(self._model.rowCount())) + 2)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.scheduleDelayedItemsLayout()
            self._fit()

    def wheelEvent(self, event: Any) -> None:
        event.ignore()
