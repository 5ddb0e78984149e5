"""A popover in which something is typed and what is found stands below, to be taken by Enter."""

from typing import Any

from PySide6.QtCore import QEvent, QObject, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QIcon, QKeyEvent, QShowEvent
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QWidget

from salesdesk.ui.widgets.popup import Popover
from salesdesk.ui.widgets.search import type_ahead

_ROLE = int(Qt.ItemDataRole.UserRole)
_WAIT_MS = 60
_ROW = 28


class FindingPopover(Popover):
    """``asked(text)``: look for what was typed. ``entered``: Enter was pressed. ``picked(value)``
    comes when a line is taken; the popover then closes."""

    asked = Signal(str)
    entered = Signal()
    picked = Signal(object)

    def __init__(
        self, name: str, accessible: str, hint: str, width: int, most: int,
        parent: QWidget | None = None,
    ) -> None:  # fmt: skip
        super().__init__(name, accessible, parent)
        self._most = most
        self.field = type_ahead(f"{name}-search", accessible, hint)
        self.field.setMinimumWidth(width)
        self.field.installEventFilter(self)
        self.list = QListWidget()
        self.list.setObjectName(f"{name}-list")
        self.list.setAccessibleName(accessible)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setFixedHeight(_ROW + 2)
        self.list.itemClicked.connect(self._take)
        self.body.addWidget(self.field)
        self.body.addWidget(self.list)
        self._timer = QTimer(self, interval=_WAIT_MS, singleShot=True)
        self._timer.timeout.connect(lambda: self.asked.emit(self.field.text()))
        self.field.textChanged.connect(lambda _text: self._timer.start())

    def add_line(self, text: str, value: Any, icon: QIcon | None = None) -> None:
        """A line below the others; ``value`` is what taking it picks."""
        item = QListWidgetItem(text) if icon is None else QListWidgetItem(icon, text)
        item.setData(_ROLE, value)
        item.setSizeHint(QSize(0, _ROW))
        self.list.addItem(item)

    def say(self, text: str) -> None:
        """A line that cannot be taken."""
        item = QListWidgetItem(text)
        item.setFlags(Qt.ItemFlag.NoItemFlags)
        item.setSizeHint(QSize(0, _ROW))
        self.list.addItem(item)

    def has_lines(self) -> bool:
        """Whether there is one that can be taken (what is only said comes last)."""
        first = self.list.item(0)
        return first is not None and bool(first.flags() & Qt.ItemFlag.ItemIsEnabled)

    def fit(self) -> None:
        """As high as the lines; the first of them is the one that Enter takes."""
        self.list.setCurrentRow(0)
        self.list.setFixedHeight(min(max(self.list.count(), 1), self._most) * _ROW + 2)
        self.adjustSize()

    def take_current(self) -> None:
        """Take the line that stands out, if there is one."""
        item = self.list.currentItem()
        if item is not None and item.flags() & Qt.ItemFlag.ItemIsEnabled:
            self._take(item)

    def _take(self, item: QListWidgetItem) -> None:
        value = item.data(_ROLE)
        self.close()
        self.picked.emit(value)

    def showEvent(self, event: QShowEvent) -> None:
        self.field.setFocus()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self.entered.emit()
                return True
            step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}.get(Qt.Key(event.key()))
            if step is not None:
                last = self.list.count() - 1
                self.list.setCurrentRow(min(max(self.list.currentRow() + step, 0), last))
                return True
        return super().eventFilter(watched, event)
