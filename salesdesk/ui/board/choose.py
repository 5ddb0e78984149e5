"""A small list that opens at a place and is chosen from by keys or mouse."""

from collections.abc import Sequence
from typing import NamedTuple

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QGuiApplication, QIcon, QKeyEvent, QPainter, QPixmap
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QWidget

from salesdesk.ui import theme
from salesdesk.ui.widgets.labels import label
from salesdesk.ui.widgets.popup import Popover

_ROW = 28
_VALUE = int(Qt.ItemDataRole.UserRole)


class Choice(NamedTuple):
    """A line to choose: what it stands for, its words, and the colour of its mark."""

    value: int
    text: str
    colour: QColor | None = None


class ChoiceList(Popover):
    """A popover with a titled list.

    Arrow keys and Enter choose, so do the digits 1-9 and a click; Esc closes. Exactly one of
    ``chosen(value)`` and ``cancelled()`` is emitted.
    """

    chosen = Signal(object)
    cancelled = Signal()

    def __init__(
        self, title: str, choices: Sequence[Choice], parent: QWidget | None = None
    ) -> None:
        super().__init__("board-choice", title, parent)
        self._answered = False
        self.list = QListWidget(self)
        self.list.setObjectName("board-choices")
        self.list.setProperty("role", "palette")
        self.list.setAccessibleName(title)
        self.list.setIconSize(QSize(10, 10))
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        for number, choice in enumerate(choices, 1):
            self._add(number, choice)
        self.list.setCurrentRow(0)
        self.list.installEventFilter(self)
        self.list.itemClicked.connect(self._on_item)
        self.list.itemActivated.connect(self._on_item)
        self.body.addWidget(label(title, "section"))
        self.body.addWidget(self.list)
        self._fit(len(choices))

    def _add(self, number: int, choice: Choice) -> None:
        mark = f"{number}  " if number <= 9 else "    "
        item = QListWidgetItem(f"{mark}{choice.text}")
        item.setData(_VALUE, choice.value)
        item.setSizeHint(QSize(0, _ROW))
        item.setData(int(Qt.ItemDataRole.AccessibleTextRole), choice.text)
        if choice.colour is not None:
            item.setIcon(_disc(choice.colour, self.devicePixelRatioF()))
        self.list.addItem(item)

    def _fit(self, count: int) -> None:
        self.list.setFixedHeight(max(1, min(count, 12)) * _ROW + theme.XS)
        metrics = self.list.fontMetrics()
        texts = [self.list.item(row).text() for row in range(count)]
        wanted = max(map(metrics.horizontalAdvance, texts), default=0) + 2 * theme.XL + theme.L
        self.list.setFixedWidth(min(max(wanted, 200), 360))

    def open_at(self, place: QPoint) -> None:
        """Open near the global ``place``, inside the screen."""
        self.adjustSize()
        box = QRect(place, self.sizeHint())
        screen = QGuiApplication.screenAt(place) or QGuiApplication.primaryScreen()
        if screen is not None:
            bounds = screen.availableGeometry()
            box.moveLeft(max(bounds.left(), min(box.left(), bounds.right() - box.width())))
            box.moveTop(max(bounds.top(), min(box.top(), bounds.bottom() - box.height())))
        self.move(box.topLeft())
        self.show()
        self.list.setFocus(Qt.FocusReason.PopupFocusReason)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Digits choose at once, before the list takes them for a search."""
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            digit = event.key() - Qt.Key.Key_0
            if 1 <= digit <= min(9, self.list.count()):
                self._on_item(self.list.item(digit - 1))
                return True
        return super().eventFilter(watched, event)

    def _on_item(self, item: QListWidgetItem) -> None:
        if not self._answered:
            self._answered = True
            value = item.data(_VALUE)
            self.close()
            self.chosen.emit(value)

    def hideEvent(self, event: object) -> None:
        super().hideEvent(event)
        owner = self.parentWidget()
        if owner is not None:
            owner.window().activateWindow()  # where the platform does not do it by itself
        if not self._answered:
            self._answered = True
            self.cancelled.emit()


def _disc(colour: QColor, ratio: float) -> QIcon:
    size = 10
    picture = QPixmap(round(size * ratio), round(size * ratio))
    picture.setDevicePixelRatio(ratio)
    picture.fill(Qt.GlobalColor.transparent)
    with QPainter(picture) as p:
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        p.setPen(Qt.PenStyle.NoPen)
        p.setBrush(colour)
        p.drawEllipse(0, 0, size, size)
    return QIcon(picture)
