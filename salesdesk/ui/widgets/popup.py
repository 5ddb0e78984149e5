"""What opens over the window: popovers, the pick list with type-ahead, menus."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QEvent,
    QModelIndex,
    QObject,
    QPoint,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QAction, QIcon, QKeyEvent, QPainter, QPaintEvent, QPen, QShowEvent
from PySide6.QtWidgets import QFrame, QListView, QMenu, QVBoxLayout, QWidget

from salesdesk.names import folded
from salesdesk.ui import theme
from salesdesk.ui.widgets.search import type_ahead
from salesdesk.ui.widgets.typed import Typed

_ROLE = Qt.ItemDataRole
_ROW = 28


class Popover(QFrame):
    """A small surface under a button; Esc or a click elsewhere closes it. Fill ``body``."""

    closed = Signal()

    def __init__(self, name: str, accessible: str, parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Popup | Qt.WindowType.FramelessWindowHint)
        self.setObjectName(name)
        self.setAccessibleName(accessible)
        self.setProperty("role", "popover")
        self.setAttribute(Qt.WidgetAttribute.WA_TranslucentBackground)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.body = QVBoxLayout(self)
        self.body.setContentsMargins(theme.S, theme.S, theme.S, theme.S)
        self.body.setSpacing(theme.XS)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The ground: a window with an alpha channel has none of its own."""
        now = theme.current()
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(now.line, 1))
            painter.setBrush(now.raised)
            box = self.rect().toRectF().adjusted(0.5, 0.5, -0.5, -0.5)
            painter.drawRoundedRect(box, theme.RADIUS_CARD, theme.RADIUS_CARD)

    def sizeHint(self) -> QSize:
        """As high as the width asks for that it gets: at a fixed one rows may break."""
        wanted = super().sizeHint()
        if self.minimumWidth() == self.maximumWidth() and self.body.hasHeightForWidth():
            width = self.maximumWidth()
            return QSize(width, self.body.totalHeightForWidth(width))
        return wanted

    def hideEvent(self, event: object) -> None:
        self.closed.emit()


@dataclass(frozen=True, slots=True)
class Option:
    """A line of a pick list: its value, its text, what else can be typed to find it."""

    value: Any
    text: str
    more: str = ""
    icon: QIcon | None = None


class _Options(QAbstractListModel):
    """The options that match what was typed."""

    def __init__(self, options: Sequence[Option], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._all = [(folded(f"{each.text} {each.more}"), each) for each in options]
        self.shown = list(options)

    def rowCount(self, parent: QModelIndex | Any = None) -> int:
        return len(self.shown)

    def data(self, index: QModelIndex | Any, role: int = _ROLE.DisplayRole) -> Any:
        option = self.shown[index.row()]
        if role == _ROLE.DisplayRole:
            return option.text
        if role == _ROLE.ToolTipRole:
            return option.more or None
        if role == _ROLE.SizeHintRole:
            return QSize(0, _ROW)
        return option.icon if role == _ROLE.DecorationRole else None

    def filter(self, typed: str) -> None:
        """Keep what holds every typed word, also when typed in the wrong keyboard layout."""
        meant = Typed(typed)
        self.beginResetModel()
        self.shown = [option for text, option in self._all if meant.finds(text)]
        if meant:
            first = meant.words[0]
            self.shown.sort(key=lambda option: not folded(option.text).startswith(first))
        self.endResetModel()


class Picker(Popover):
    """A list to choose from, with type-ahead: arrows walk, Enter picks, typing filters.

    ``picked(value)`` comes when one is chosen; the popover then closes.
    """

    picked = Signal(object)

    def __init__(
        self,
        options: Iterable[Option],
        name: str,
        accessible: str,
        current: object = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(name, accessible, parent)
        given = list(options)
        self.field = type_ahead(f"{name}-search", accessible)
        self.list = QListView()
        self.list.setObjectName(f"{name}-list")
        self.list.setAccessibleName(accessible)
        self.list.setUniformItemSizes(True)
        self.list.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._model = _Options(given, self)
        self.list.setModel(self._model)
        self.body.addWidget(self.field)
        self.body.addWidget(self.list)
        self._fit(given)
        self.field.textChanged.connect(self._on_typed)
        self.list.clicked.connect(self._on_picked)
        self.field.installEventFilter(self)
        at = next((at for at, each in enumerate(given) if each.value == current), 0)
        self.list.setCurrentIndex(self._model.index(at))

    def _fit(self, given: list[Option]) -> None:
        widest = max((self.fontMetrics().horizontalAdvance(each.text) for each in given), default=0)
        self.list.setMinimumWidth(min(max(widest + 48, 200), 420))
        self.list.setFixedHeight(min(max(len(given), 1), 10) * _ROW + 2)
        self.field.setVisible(len(given) > 7)
        if len(given) <= 7:
            self.list.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            self.list.installEventFilter(self)

    def showEvent(self, event: QShowEvent) -> None:
        (self.field if self.field.isVisibleTo(self) else self.list).setFocus()
        self.list.scrollTo(self.list.currentIndex())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            key = event.key()
            if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self._on_picked(self.list.currentIndex())
                return True
            walk = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_PageDown: 8}
            walk[Qt.Key.Key_PageUp] = -8
            if key in walk:
                self._walk(walk[Qt.Key(key)])
                return True
        return super().eventFilter(watched, event)

    def _walk(self, step: int) -> None:
        last = self._model.rowCount() - 1
        if last >= 0:
            at = min(max(self.list.currentIndex().row() + step, 0), last)
            self.list.setCurrentIndex(self._model.index(at))

    def _on_typed(self, typed: str) -> None:
        self._model.filter(typed)
        if self._model.rowCount():
            self.list.setCurrentIndex(self._model.index(0))

    def _on_picked(self, index: QModelIndex | Any) -> None:
        if index.isValid():
            value = self._model.shown[index.row()].value
            self.close()
            self.picked.emit(value)


def menu(
    entries: Iterable[tuple[str, str, Callable[[], object]] | None],
    name: str,
    parent: QWidget,
    checked: str | None = None,
) -> QMenu:
    """A menu of (key, text, what to do); ``None`` is a separator, ``checked`` a key.

    Actions are named ``<name>-<key>``.
    """
    made = QMenu(parent)
    made.setObjectName(name)
    made.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    for entry in entries:
        if entry is None:
            made.addSeparator()
            continue
        key, text, run = entry
        action = QAction(text.replace("&", "&&"), made)
        action.setObjectName(f"{name}-{key}")
        action.triggered.connect(lambda _on=False, run=run: run())
        if checked is not None:
            action.setCheckable(True)
            action.setChecked(key == checked)
        made.addAction(action)
    return made


def show_under(popup: QMenu | Popover, anchor: QWidget, right: bool = False) -> None:
    """Open under ``anchor`` (at its right edge if asked), above it where there is no room."""
    if popup.parent() is None:
        # Else Python, holding the last reference, would take it away at once.
        popup.setParent(anchor, popup.windowFlags())
    popup.adjustSize()
    size = popup.sizeHint()
    corner = anchor.mapToGlobal(QPoint(0, anchor.height() + theme.XS))
    if right:
        corner.setX(corner.x() + anchor.width() - size.width())
    screen = anchor.screen().availableGeometry()
    if corner.y() + size.height() > screen.bottom():
        corner.setY(anchor.mapToGlobal(QPoint(0, 0)).y() - size.height() - theme.XS)
    corner.setX(max(screen.left(), min(corner.x(), screen.right() - size.width())))
    corner.setY(max(screen.top(), corner.y()))
    if isinstance(popup, QMenu):
        popup.popup(corner)
    else:
        popup.move(corner)
        popup.show()
