"""Who keeps deals how long in which stage: people down, stages across, days beside the limit."""

from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPen, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyledItemDelegate,
    QTableView,
    QWidget,
)

from salesdesk.services.control import Desk, StageColumn
from salesdesk.services.control_numbers import Person, Standing
from salesdesk.text import tr
from salesdesk.ui import theme
from salesdesk.ui.control import words
from salesdesk.ui.control.paint import text_in

Index = QModelIndex | QPersistentModelIndex
_ROLE = Qt.ItemDataRole
_NOTHING = QModelIndex()
_ROW, _HEAD, _NAME = 26, 30, 84
_CENTRE = int(Qt.AlignmentFlag.AlignCenter)


@dataclass(frozen=True, slots=True)
class Times:
    """Stages of one pipeline, people with deals in them, and how long those stand."""

    stages: tuple[StageColumn, ...] = ()
    people: tuple[tuple[Person, str], ...] = ()
    cells: tuple[tuple[Standing | None, ...], ...] = ()


def times_of(desk: Desk, pipeline_id: int) -> Times:
    """The times in the stages of a pipeline; people without a deal in it are left out."""
    stages = tuple(stage for stage in desk.stages if stage.pipeline_id == pipeline_id)
    standing = desk.counted.standing
    people, cells = [], []
    for load in desk.loads:
        line = tuple(standing.get((load.person_id, stage.id)) for stage in stages)
        if any(line):
            people.append((load.person_id, load.name or tr("Nobody")))
            cells.append(line)
    return Times(stages, tuple(people), tuple(cells))


class _Model(QAbstractTableModel):
    """The cells; the first column is the name."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.times = Times()

    def set_times(self, times: Times) -> None:
        """Other times; in a table of the same size only what differs is told."""
        old = self.times
        same = (old.stages, old.people) == (times.stages, times.people)
        if not same:
            self.beginResetModel()
        self.times = times
        if not same:
            self.endResetModel()
            return
        for at, (before, after) in enumerate(zip(old.cells, times.cells, strict=True)):
            if before != after:
                self.dataChanged.emit(self.index(at, 0), self.index(at, len(times.stages)))

    def rowCount(self, parent: Index = _NOTHING) -> int:
        return 0 if parent.isValid() else len(self.times.people)

    def columnCount(self, parent: Index = _NOTHING) -> int:
        return 0 if parent.isValid() else len(self.times.stages) + 1

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = _ROLE.DisplayRole
    ) -> Any:
        if orientation != Qt.Orientation.Horizontal:
            return None
        if section == 0 or section > len(self.times.stages):
            return "" if role == _ROLE.DisplayRole else tr("Who")
        stage = self.times.stages[section - 1]
        if role in (_ROLE.ToolTipRole, _ROLE.AccessibleTextRole):
            if stage.limit_days is None:
                return tr("{stage}: no limit", stage=stage.name)
            return tr("{stage}: at most {n} d", stage=stage.name, n=stage.limit_days)
        return stage.name if role == _ROLE.DisplayRole else None

    def data(self, index: Index, role: int = _ROLE.DisplayRole) -> Any:
        if not index.isValid():
            return None
        name = self.times.people[index.row()][1]
        if index.column() == 0:
            return name if role in (_ROLE.DisplayRole, _ROLE.ToolTipRole) else None
        stage = self.times.stages[index.column() - 1]
        cell = self.times.cells[index.row()][index.column() - 1]
        if role == _ROLE.DisplayRole:
            return str(words.days_of(cell.mean)) if cell is not None else ""
        if role in (_ROLE.ToolTipRole, _ROLE.AccessibleTextRole):
            if cell is None:
                return None if role == _ROLE.ToolTipRole else f"{name}, {stage.name}"
            return words.standing_tip(name, stage.name, cell, stage.limit_days)
        return None


class _Head(QHeaderView):
    """A stroke in the stage's colour over its limit."""

    def __init__(self, model: _Model, parent: QWidget) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._model = model
        self.setObjectName("control-times-head")
        self.setSectionsClickable(False)
        self.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.setMinimumSectionSize(theme.L)

    def sizeHint(self) -> QSize:
        return QSize(super().sizeHint().width(), _HEAD)

    def paintSection(self, painter: QPainter, rect: QRect, logicalIndex: int) -> None:
        look, stages = theme.current(), self._model.times.stages
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(rect, look.surface)
        font = theme.font(theme.SMALL, tabular=True)
        if logicalIndex == 0:
            inside = rect.adjusted(theme.XS, theme.S, 0, 0)
            text_in(painter, inside, tr("Limit, days"), font, look.muted)
        elif logicalIndex <= len(stages):
            stage = stages[logicalIndex - 1]
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(look.stage(stage.colour))
            painter.drawRoundedRect(QRectF(rect.left() + 2, rect.top() + 2, rect.width() - 4, 3),
                                    1.5, 1.5)  # fmt: skip
            painter.setFont(font)
            painter.setPen(look.muted)
            limit = "–" if stage.limit_days is None else str(stage.limit_days)
            painter.drawText(rect.adjusted(0, theme.S, 0, 0), _CENTRE, limit)
        painter.restore()


class _Painter(QStyledItemDelegate):
    """A cell in the colours of its mean time against the limit."""

    def __init__(self, view: "StageTimes") -> None:
        super().__init__(view)
        self._view = view

    def paint(self, painter: QPainter, option: Any, index: Index) -> None:
        look, times, rect = theme.current(), self._view.times, QRect(option.rect)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if index.column() == 0:
            name = times.people[index.row()][1]
            text_in(painter, rect.adjusted(theme.XS, 0, 0, 0), name,
                    theme.font(theme.SECONDARY), look.text)  # fmt: skip
        else:
            self._cell(painter, rect, index)
        if self._view.hasFocus() and index == self._view.currentIndex():
            painter.setPen(QPen(look.accent, 1.5))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(rect).adjusted(1, 1, -1, -1), theme.XS, theme.XS)
        painter.restore()

    def _cell(self, painter: QPainter, rect: QRect, index: Index) -> None:
        look, times = theme.current(), self._view.times
        cell = times.cells[index.row()][index.column() - 1]
        if cell is None:
            return
        limit = times.stages[index.column() - 1].limit_days
        tint = look.age(words.age(cell.mean, limit))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(tint.background)
        box = QRectF(rect).adjusted(1, 1, -1, -1)
        painter.drawRoundedRect(box, theme.XS, theme.XS)
        painter.setFont(theme.font(theme.SMALL, bold=cell.stuck > 0, tabular=True))
        painter.setPen(tint.text)
        painter.drawText(rect, _CENTRE, str(words.days_of(cell.mean)))
        if cell.stuck:  # some stand beyond the limit, even if the mean does not
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(look.bad)
            painter.drawEllipse(QRectF(box.right() - 6, box.top() + 3, 3.5, 3.5))


class StageTimes(QTableView):
    """``opened(person or None, stage)``: a cell was clicked or Enter pressed on it."""

    opened = Signal(object, int)

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = _Model(self)
        self.setObjectName(name)
        self.setModel(self._model)
        self.setItemDelegate(_Painter(self))
        self.setHorizontalHeader(_Head(self._model, self))
        self.setShowGrid(False)
        self.setFrameShape(QTableView.Shape.NoFrame)
        self.setTabKeyNavigation(False)
        self.setCornerButtonEnabled(False)
        self.setMouseTracking(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        lines = self.verticalHeader()
        lines.hide()
        lines.setMinimumSectionSize(_ROW)
        lines.setDefaultSectionSize(_ROW)
        lines.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        theme.changed.connect(self.viewport().update)

    @property
    def times(self) -> Times:
        """What is shown."""
        return self._model.times

    def set_times(self, times: Times) -> None:
        """Show other times."""
        self._model.set_times(times)
        self.setFixedHeight(_HEAD + _ROW * len(times.people) + 1)
        self._fit()

    def retranslate(self) -> None:
        """Say everything anew."""
        self.setAccessibleName(tr("Time in stages"))
        self.viewport().update()
        self.horizontalHeader().viewport().update()

    def _fit(self) -> None:
        stages = len(self.times.stages)
        room = self.viewport().width()
        if not stages or room <= 0:
            return
        each = max((room - _NAME) // stages, 18)
        self.setColumnWidth(0, max(room - each * stages, 40))
        for at in range(stages):
            self.setColumnWidth(at + 1, each)

    def _open(self, index: QModelIndex) -> None:
        if not index.isValid() or index.column() == 0:
            return
        if self.times.cells[index.row()][index.column() - 1] is not None:
            person = self.times.people[index.row()][0]
            self.opened.emit(person, self.times.stages[index.column() - 1].id)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self._open(self.currentIndex())
        else:
            super().keyPressEvent(event)
            self.viewport().update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        if event.button() == Qt.MouseButton.LeftButton:
            self._open(self.indexAt(event.position().toPoint()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        index = self.indexAt(event.position().toPoint())
        hand = index.column() > 0 and bool(index.data())
        self.viewport().setCursor(
            Qt.CursorShape.PointingHandCursor if hand else Qt.CursorShape.ArrowCursor
        )

    def focusInEvent(self, event: Any) -> None:
        super().focusInEvent(event)
        self.viewport().update()

    def wheelEvent(self, event: Any) -> None:
        event.ignore()  # the area around it scrolls
