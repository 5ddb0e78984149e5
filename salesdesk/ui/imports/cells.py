"""A table cell that can be chosen from a list: painted like a combo button, opened by the table."""

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPen, QResizeEvent
from PySide6.QtWidgets import (
    QLineEdit,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from salesdesk.ui import theme
from salesdesk.ui.widgets import icons
from salesdesk.ui.widgets.popup import Option, Picker
from salesdesk.ui.widgets.table import Table

#: Roles of the models here: how the cell is drawn (``pill``, ``join``) and whether it is loud.
LOOK = Qt.ItemDataRole.UserRole
TONE = Qt.ItemDataRole.UserRole + 1
Index = QModelIndex | QPersistentModelIndex

_ARROW = 10


class CellPainter(QStyledItemDelegate):
    """Paints pills, names with a plus behind them, and quiet or amber texts."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        blank = QStyleOptionViewItem(option)
        self.initStyleOption(blank, index)
        blank.text = ""
        widget = option.widget
        widget.style().drawControl(QStyle.ControlElement.CE_ItemViewItem, blank, painter, widget)
        rect: QRect = option.rect
        painter.save()
        painter.setFont(blank.font)
        look = index.data(LOOK)
        if look == "pill":
            self._pill(painter, rect, index)
        else:
            self._text(painter, rect, index, look)
        view = option.widget
        if isinstance(view, Table) and view.hasFocus() and view.currentIndex() == index:
            painter.setPen(QPen(theme.current().accent, 1))
            painter.drawRect(rect.adjusted(0, 0, -1, -2))
        painter.restore()

    def _pill(self, p: QPainter, rect: QRect, index: Index) -> None:
        now = theme.current()
        text = str(index.data() or "")
        metrics = p.fontMetrics()
        room = rect.width() - 2 * theme.S
        width = min(metrics.horizontalAdvance(text) + 3 * theme.S + _ARROW + theme.XS, room)
        top = rect.top() + (rect.height() - theme.CHIP_HEIGHT) // 2 - 1
        pill = QRectF(rect.left() + theme.XS + 0.5, top + 0.5, width, theme.CHIP_HEIGHT)
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        p.setPen(QPen(now.line, 1))
        p.setBrush(now.raised)
        p.drawRoundedRect(pill, theme.RADIUS, theme.RADIUS)
        p.setPen(now.muted if index.data(TONE) == "quiet" else now.text)
        inner = pill.adjusted(theme.S, 0, -theme.S - _ARROW - 2, 0)
        shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, int(inner.width()) + 1)
        p.drawText(inner, int(Qt.AlignmentFlag.AlignVCenter), shown)
        where = QRectF(pill.right() - theme.S - _ARROW, top + (theme.CHIP_HEIGHT - _ARROW) / 2 + 1,
                       _ARROW, _ARROW)  # fmt: skip
        icons.paint(p, "chevron-down", where, now.muted)

    def _text(self, p: QPainter, rect: QRect, index: Index, look: object) -> None:
        now = theme.current()
        colours = {"amber": now.warning, "bad": now.bad, "quiet": now.muted}
        p.setPen(colours.get(str(index.data(TONE)), now.text))
        room = rect.adjusted(theme.S, 0, -theme.S - (theme.ICON if look == "join" else 0), -1)
        text = str(index.data() or "")
        shown = p.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, room.width())
        p.drawText(room, int(Qt.AlignmentFlag.AlignVCenter), shown)
        if look == "join":
            size = theme.M
            where = QRectF(rect.right() - theme.S - size, rect.center().y() - size / 2, size, size)
            icons.paint(p, "plus", where, now.faint)

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(0, theme.ROW_HEIGHT)

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: Index) -> QWidget:
        field = QLineEdit(parent)
        field.setProperty("look", "inline")
        field.setObjectName("import-cell-editor")
        field.setAccessibleName(str(index.data(Qt.ItemDataRole.AccessibleTextRole) or ""))
        return field


class CellTable(Table):
    """A table whose cells act: a click or Enter on one calls ``acts(index)``.

    Left and right walk the cells, so that every one is reached by the keyboard.
    """

    def __init__(
        self,
        name: str,
        accessible: str,
        acts: Callable[[QModelIndex], object],
        shares: Sequence[float],
    ) -> None:
        """``shares`` of the width for the columns, the last one getting the rest."""
        super().__init__(name, accessible)
        self.locked = False
        self._acts = acts
        self._shares = shares
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSelectionMode(Table.SelectionMode.NoSelection)
        self._painter = CellPainter(self)
        self.setItemDelegate(self._painter)
        self.setMouseTracking(True)
        self.setTabKeyNavigation(False)
        self.opened.connect(self._on_opened)
        self.doubleClicked.disconnect(self.opened)
        theme.changed.connect(self.viewport().update)

    def _on_opened(self, index: QModelIndex) -> None:
        if not self.locked:
            self._acts(index)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        for section, share in enumerate(self._shares):
            self.horizontalHeader().resizeSection(section, int(share * event.size().width()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        index = self.indexAt(event.position().toPoint())
        if index.isValid() and event.button() == Qt.MouseButton.LeftButton:
            self._on_opened(index)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        index = self.currentIndex()
        if event.key() in (Qt.Key.Key_Space, Qt.Key.Key_F2) and index.isValid():
            self._on_opened(index)
            return
        super().keyPressEvent(event)

    def choose(
        self,
        index: QModelIndex,
        options: list[Option],
        name: str,
        current: Any,
        run: Callable[[Any], object],
    ) -> Picker:
        """Open a list under a cell; ``run(value)`` is called with what was chosen."""
        spoken = str(index.data(Qt.ItemDataRole.AccessibleTextRole) or index.data() or "")
        picker = Picker(options, name, spoken, current, self)
        picker.picked.connect(run)
        picker.adjustSize()
        rect = self.visualRect(index)
        corner = self.viewport().mapToGlobal(rect.bottomLeft() + QPoint(theme.XS, 0))
        screen = self.screen().availableGeometry()
        size = picker.sizeHint()
        if corner.y() + size.height() > screen.bottom():
            corner.setY(self.viewport().mapToGlobal(rect.topLeft()).y() - size.height())
        corner.setX(min(corner.x(), screen.right() - size.width()))
        picker.move(corner)
        picker.show()
        return picker
