"""The list of clients as a table, and how a client's name is drawn: a mark with initials."""

from typing import Any

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRectF, Qt, QTimer
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QHeaderView, QStyle, QStyledItemDelegate, QWidget

from salesdesk.services.clientlist import ClientRow
from salesdesk.ui import theme
from salesdesk.ui.clients.model import COLUMNS, RIGHT, ClientModel
from salesdesk.ui.widgets import avatar
from salesdesk.ui.widgets.table import Table

Index = QModelIndex | QPersistentModelIndex
_MARK = 22
_STARTS = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
_ENDS = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
_WIDTHS = {"name": 230, "company": 150, "phone": 150, "email": 156, "open": 84, "won": 84,
           "revenue": 120, "active": 124}  # fmt: skip
#: Columns that go first when the panel takes their room.
_WEAK = ("email", "won", "company")


def paint_mark(painter: QPainter, where: QRectF, name: str, kind: str, key: int) -> None:
    """Initials: a person's in a disc, a company's in a rounded square."""
    if kind == "contact":
        avatar.paint(painter, where, name, key)
        return
    now = theme.current()
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.mix(now.surface, now.avatar(key), 0.22))
    painter.drawRoundedRect(where, theme.RADIUS, theme.RADIUS)
    painter.setPen(now.text)
    painter.setFont(theme.font(max(round(where.height() * 0.41), 7), bold=True))
    painter.drawText(where, Qt.AlignmentFlag.AlignCenter, avatar.initials(name))
    painter.restore()


class _Painter(QStyledItemDelegate):
    """Draws a cell; quick, because a screen has hundreds."""

    def __init__(self, table: "ClientTable") -> None:
        super().__init__(table)
        self._table = table

    def paint(self, painter: QPainter, option: Any, index: Index) -> None:
        now, row = theme.current(), index.row()
        rect = option.rect
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(rect, now.accent_soft)
        elif row == self._table.hovered:
            painter.fillRect(rect, now.hover)
        painter.setPen(now.line)
        painter.drawLine(rect.bottomLeft(), rect.bottomRight())
        line = self._table.clients.line(row)
        column = COLUMNS[index.column()]
        if line is None:
            if column == "name":
                self._waiting(painter, rect, now.track)
            return
        text = self._table.clients.text(line, column)
        if not text:
            return
        inside = rect.adjusted(theme.M, 0, -theme.M, 0)
        if column == "name":
            top = rect.top() + (rect.height() - _MARK) / 2
            where = QRectF(inside.left(), top, _MARK, _MARK)
            paint_mark(painter, where, line.name, line.kind, line.id)
            inside.adjust(_MARK + theme.S, 0, 0, 0)
        colour, bold = self._look(line, column)
        painter.setFont(theme.font(bold=bold, tabular=True))
        painter.setPen(colour)
        metrics = painter.fontMetrics()
        if metrics.horizontalAdvance(text) > inside.width():
            text = metrics.elidedText(text, Qt.TextElideMode.ElideRight, inside.width())
        painter.drawText(inside, _ENDS if column in RIGHT else _STARTS, text)

    @staticmethod
    def _look(line: ClientRow, column: str) -> tuple[QColor, bool]:
        now = theme.current()
        if column == "name":
            return now.text, True
        strong = column in ("phone", "revenue") or (column == "open" and line.open_deals > 0)
        return now.text if strong else now.muted, False

    @staticmethod
    def _waiting(painter: QPainter, rect: Any, colour: QColor) -> None:
        bar = QRectF(rect.left() + theme.M, rect.center().y() - 3, rect.width() * 0.5, 6)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        painter.drawRoundedRect(bar, 3, 3)


class ClientTable(Table):
    """``opened(index)`` by Enter or a double click; a click selects (the page opens the panel)."""

    def __init__(self, model: ClientModel, parent: QWidget | None = None) -> None:
        super().__init__("clients-table", "", parent=parent)
        self.clients = model
        self.hovered = -1
        self.setModel(model)
        self.setItemDelegate(_Painter(self))
        self.setSelectionMode(Table.SelectionMode.ExtendedSelection)
        head = self.horizontalHeader()
        head.setStretchLastSection(False)
        head.setSectionsClickable(False)
        for place, column in enumerate(COLUMNS):
            self.setColumnWidth(place, _WIDTHS[column])
        head.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.entered.connect(self._on_entered)
        theme.changed.connect(self.viewport().update)

    def _on_entered(self, index: QModelIndex) -> None:
        if index.row() != self.hovered:
            self.hovered = index.row()
            self.viewport().update()

    def leaveEvent(self, event: Any) -> None:
        super().leaveEvent(event)
        self.hovered = -1
        self.viewport().update()

    def resizeEvent(self, event: Any) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Hide the weakest columns while the name would have too little room."""
        room = self.viewport().width() - _WIDTHS["name"]
        wanted = sum(_WIDTHS[column] for column in COLUMNS if column != "name")
        hidden = set()
        for column in (*_WEAK, "active", "phone", "open"):
            if wanted <= room:
                break
            hidden.add(column)
            wanted -= _WIDTHS[column]
        for place, column in enumerate(COLUMNS):
            if self.isColumnHidden(place) != (column in hidden):
                self.setColumnHidden(place, column in hidden)

    def current_key(self) -> int | None:
        """The client of the row with the keyboard."""
        index = self.currentIndex()
        return self.clients.key_at(index.row()) if index.isValid() else None

    def selected_keys(self) -> list[int]:
        """The clients selected, in the order of the list."""
        rows = sorted({index.row() for index in self.selectionModel().selectedRows()})
        keys = [self.clients.key_at(row) for row in rows]
        return [key for key in keys if key is not None]

    def go_to(self, key: int) -> None:
        """Select a client's row, if it is listed."""
        row = self.clients.row_of(key)
        if row >= 0:
            self.setCurrentIndex(self.clients.index(row, 0))
            self.selectRow(row)
            # The rows of a list that was just filled have their places a moment later.
            QTimer.singleShot(0, self, self._show_current)

    def _show_current(self) -> None:
        self.scrollTo(self.currentIndex())
