"""A layout that breaks its row like words of a text."""

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtWidgets import QLayout, QLayoutItem, QWidget

from salesdesk.ui import theme


class FlowLayout(QLayout):
    """Widgets beside each other, in as many rows as the width asks for."""

    def __init__(self, parent: QWidget | None = None, spacing: int = theme.S) -> None:
        super().__init__(parent)
        self._items: list[QLayoutItem] = []
        self.setSpacing(spacing)
        self.setContentsMargins(0, 0, 0, 0)

    def addItem(self, item: QLayoutItem) -> None:
        self._items.append(item)

    def count(self) -> int:
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem | None:
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> QLayoutItem | None:
        return self._items.pop(index) if 0 <= index < len(self._items) else None

    def expandingDirections(self) -> Qt.Orientation:
        return Qt.Orientation(0)

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return self._arrange(QRect(0, 0, width, 0), move=False)

    def setGeometry(self, rect: QRect) -> None:
        super().setGeometry(rect)
        self._arrange(rect, move=True)

    def sizeHint(self) -> QSize:
        return self.minimumSize()

    def minimumSize(self) -> QSize:
        size = QSize()
        for item in self._items:
            size = size.expandedTo(item.minimumSize())
        margins = self.contentsMargins()
        return size + QSize(margins.left() + margins.right(), margins.top() + margins.bottom())

    def _arrange(self, rect: QRect, move: bool) -> int:
        inside = rect.marginsRemoved(self.contentsMargins())
        x, y = inside.x(), inside.y()
        row: list[tuple[QLayoutItem, int, QSize]] = []
        for item in self._items:
            size = item.sizeHint()
            if item.isEmpty():
                continue
            if size.width() > inside.width() > 0:  # what can be shorter than a row is
                size.setWidth(max(inside.width(), item.minimumSize().width()))
            if row and x + size.width() > inside.right() + 1:
                x, y = inside.x(), y + _placed(row, y, move) + self.spacing()
                row = []
            row.append((item, x, size))
            x += size.width() + self.spacing()
        return y + _placed(row, y, move) - rect.y() + self.contentsMargins().bottom()


def _placed(row: list[tuple[QLayoutItem, int, QSize]], y: int, move: bool) -> int:
    """How high a row is; its items stand at the middle of it."""
    height = max((size.height() for _, _, size in row), default=0)
    if move:
        for item, x, size in row:
            item.setGeometry(QRect(QPoint(x, y + (height - size.height()) // 2), size))
    return height


class BarLayout(FlowLayout):
    """A bar: all in one row while there is room; else the row breaks before one widget
    (``break_before``). What was given to ``add_trailing`` stands at the right end of the last
    row."""

    def __init__(self, parent: QWidget | None = None, spacing: int = theme.S) -> None:
        super().__init__(parent, spacing)
        self._trailing: list[QWidget] = []
        self._breaks: QWidget | None = None

    def add_trailing(self, widget: QWidget) -> None:
        """Add a widget to the right end."""
        self._trailing.append(widget)
        self.addWidget(widget)

    def break_before(self, widget: QWidget) -> None:
        """Where the row breaks when it must."""
        self._breaks = widget

    def _arrange(self, rect: QRect, move: bool) -> int:
        inside = rect.marginsRemoved(self.contentsMargins())
        shown = [item for item in self._items if not item.isEmpty()]
        leading = [item for item in shown if item.widget() not in self._trailing]
        trailing = [item for item in shown if item.widget() in self._trailing]
        broken = self._wide(shown) > inside.width()
        rows: list[list[QLayoutItem]] = [[]]
        for item in leading:
            full = self._wide([*rows[-1], item]) > inside.width()
            if rows[-1] and (full or (broken and item.widget() is self._breaks)):
                rows.append([])
            rows[-1].append(item)
        if self._wide([*rows[-1], *trailing]) > inside.width():
            rows.append([])
        y = inside.y()
        for row in rows:
            ends = trailing if row is rows[-1] else []
            height = max((item.sizeHint().height() for item in (*row, *ends)), default=0)
            if move:
                self._place(row, inside.x(), y, height)
                self._place(ends, inside.right() + 1 - self._wide(ends), y, height)
            y += height + self.spacing()
        return y - self.spacing() - rect.y() + self.contentsMargins().bottom()

    def _wide(self, items: list[QLayoutItem]) -> int:
        widths = [item.sizeHint().width() for item in items]
        return sum(widths) + self.spacing() * max(len(widths) - 1, 0)

    def _place(self, items: list[QLayoutItem], x: int, y: int, height: int) -> None:
        for item in items:
            size = item.sizeHint()
            item.setGeometry(QRect(QPoint(x, y + (height - size.height()) // 2), size))
            x += size.width() + self.spacing()
