"""The table of a merge: a column for each record, a row for each field; one cell of a row stays."""

from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QPersistentModelIndex,
    QPointF,
    QRect,
    Qt,
    Signal,
)
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPen
from PySide6.QtWidgets import QHeaderView, QStyle, QStyledItemDelegate, QWidget

from salesdesk.services.mergefields import FieldChoice, MergePreview
from salesdesk.text import tr
from salesdesk.ui import formats, theme
from salesdesk.ui.clients import words
from salesdesk.ui.widgets.table import Table

Index = QModelIndex | QPersistentModelIndex
_NOTHING = QModelIndex()
_ROLE = Qt.ItemDataRole
_RADIO = 14
_ROW = 40
_LABELS, _MEMBER = 168, 460


class MergeModel(QAbstractTableModel):
    """Row 0 says which record stays; the others are the fields. ``choices`` is by field."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.preview: MergePreview | None = None
        self.choices: dict[str, int] = {}
        self._picked: dict[str, int] = {}
        self.stays = 0

    def show_preview(self, preview: MergePreview) -> None:
        """Another merge, or the same with another survivor: what was chosen by hand stays."""
        members = {member.id for member in preview.members}
        if self.preview is None or members != {each.id for each in self.preview.members}:
            self._picked = {}
        self.beginResetModel()
        self.preview, self.stays = preview, preview.stays
        self.choices = {field.name: field.chosen for field in preview.fields} | self._picked
        self.endResetModel()

    def field(self, row: int) -> FieldChoice | None:
        """The field of a row; none for the first."""
        return None if row == 0 or self.preview is None else self.preview.fields[row - 1]

    def choose(self, row: int, column: int) -> bool:
        """Choose a cell; True when another record stays now."""
        if self.preview is None or column == 0:
            return False
        member = self.preview.members[column - 1]
        field = self.field(row)
        if field is None:
            return member.id != self.stays
        if field.values[column - 1] is not None:
            self.choices[field.name] = self._picked[field.name] = member.id
            last = self.index(row, len(self.preview.members))
            self.dataChanged.emit(self.index(row, 0), last)
        return False

    def is_chosen(self, row: int, column: int) -> bool:
        """Whether a cell's value stays."""
        if self.preview is None or column == 0:
            return False
        member = self.preview.members[column - 1]
        field = self.field(row)
        return member.id == (self.stays if field is None else self.choices[field.name])

    # -- for the view ---------------------------------------------------------------------------

    def rowCount(self, parent: Index = _NOTHING) -> int:
        if parent.isValid() or self.preview is None:
            return 0
        return len(self.preview.fields) + 1

    def columnCount(self, parent: Index = _NOTHING) -> int:
        if parent.isValid() or self.preview is None:
            return 0
        return len(self.preview.members) + 1

    def headerData(self, section: int, orientation: Any, role: int = _ROLE.DisplayRole) -> Any:
        if orientation != Qt.Orientation.Horizontal or role != _ROLE.DisplayRole:
            return None
        if self.preview is None or section == 0:
            return tr("What stays")
        member = self.preview.members[section - 1]
        return f"{member.name} · {member.more}" if member.more else member.name

    def data(self, index: Index, role: int = _ROLE.DisplayRole) -> Any:
        text = self.text(index.row(), index.column())
        if role == _ROLE.DisplayRole:
            return text
        if role == _ROLE.ToolTipRole:
            return text if index.column() else None
        if role == _ROLE.AccessibleTextRole:
            chosen = self.is_chosen(index.row(), index.column())
            return tr("{value}, stays", value=text) if chosen else text
        return None

    def text(self, row: int, column: int) -> str:
        """What stands in a cell."""
        if self.preview is None:
            return ""
        field = self.field(row)
        if column == 0:
            return tr("Record") if field is None else field.own or words.field(field.name)
        if field is None:
            return tr("This one stays") if self.is_chosen(row, column) else tr("Goes into it")
        value, currency = field.values[column - 1], field.currencies[column - 1]
        if value is None:
            return formats.DASH
        if field.holds == "money":
            return formats.money(value, currency)
        if field.holds == "day":
            return formats.day(value)
        return tr("{n}%", n=value) if field.holds == "percent" else str(value).replace("\n", " ")


class _Painter(QStyledItemDelegate):
    """Draws a cell with a ring that is filled when its value stays."""

    def __init__(self, table: "MergeTable") -> None:
        super().__init__(table)
        self._table = table

    def paint(self, painter: QPainter, option: Any, index: Index) -> None:
        now, model = theme.current(), self._table.merge
        rect = QRect(option.rect)
        row, column = index.row(), index.column()
        chosen = model.is_chosen(row, column)
        field = model.field(row)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if chosen and column and (field is None or field.differs):
            painter.fillRect(rect, now.accent_soft)
        painter.setPen(QPen(now.line, 1))
        painter.drawLine(rect.bottomLeft(), rect.bottomRight())
        if option.state & QStyle.StateFlag.State_HasFocus and self._table.hasFocus():
            painter.setPen(QPen(now.accent, 1.5))
            painter.drawRoundedRect(rect.adjusted(1, 1, -2, -2), theme.RADIUS, theme.RADIUS)
        inside = rect.adjusted(theme.M, 0, -theme.S, 0)
        empty = column > 0 and field is not None and field.values[column - 1] is None
        if column and not empty and (field is None or field.differs):
            self._ring(painter, inside, chosen)
        if column:
            inside.adjust(_RADIO + theme.S, 0, 0, 0)
        painter.setPen(now.muted if column == 0 or empty or not chosen else now.text)
        painter.setFont(theme.font(bold=chosen and field is None, tabular=True))
        text = painter.fontMetrics().elidedText(
            model.text(row, column), Qt.TextElideMode.ElideRight, inside.width()
        )
        painter.drawText(inside, int(Qt.AlignmentFlag.AlignVCenter), text)
        painter.restore()

    @staticmethod
    def _ring(painter: QPainter, inside: QRect, chosen: bool) -> None:
        now = theme.current()
        centre = QPointF(inside.left() + _RADIO / 2, inside.center().y() + 0.5)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(now.accent if chosen else now.faint, 1.5))
        painter.drawEllipse(centre, _RADIO / 2 - 1, _RADIO / 2 - 1)
        if chosen:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(now.accent)
            painter.drawEllipse(centre, 3.5, 3.5)


class MergeTable(Table):
    """``stays_wanted(id)`` when another record is to stay; other cells are chosen in the model."""

    stays_wanted = Signal(object)

    def __init__(self, name: str) -> None:
        super().__init__(name, "", row_height=_ROW)
        self.merge = MergeModel(self)
        self.setModel(self.merge)
        self.setItemDelegate(_Painter(self))
        self.setSelectionBehavior(Table.SelectionBehavior.SelectItems)
        self.setSelectionMode(Table.SelectionMode.SingleSelection)
        self.horizontalHeader().setSectionsClickable(False)
        theme.changed.connect(self.viewport().update)

    def show_preview(self, preview: MergePreview) -> None:
        """Show a merge; the first cell that can be chosen has the keyboard."""
        self.merge.show_preview(preview)
        head = self.horizontalHeader()
        for column in range(1, len(preview.members) + 1):
            head.setSectionResizeMode(column, QHeaderView.ResizeMode.Stretch)
        self.setColumnWidth(0, _LABELS)
        self.setMaximumWidth(_LABELS + _MEMBER * len(preview.members))
        self.setCurrentIndex(self.merge.index(0, 1))

    def take(self, index: Index) -> None:
        """Choose a cell."""
        if self.merge.choose(index.row(), index.column()) and self.merge.preview is not None:
            self.stays_wanted.emit(self.merge.preview.members[index.column() - 1].id)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        index = self.indexAt(event.position().toPoint())
        if index.isValid() and event.button() == Qt.MouseButton.LeftButton:
            self.take(index)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.take(self.currentIndex())
            return
        super().keyPressEvent(event)
