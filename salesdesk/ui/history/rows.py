"""The list of commands: a model that grows page by page, and its painter."""

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QFont, QKeyEvent, QPainter, QPen
from PySide6.QtWidgets import (
    QFrame,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
)

from salesdesk.moments import Zone
from salesdesk.services.chronicle import Told
from salesdesk.text import tr
from salesdesk.ui import formats, theme
from salesdesk.ui.history import words
from salesdesk.ui.widgets import avatar

_Index = QModelIndex | QPersistentModelIndex
_ROLE = Qt.ItemDataRole
_ROW = 52
_HEAD = 38
_AVATAR = 26
_TIME = 52


class Commands(QAbstractListModel):
    """The commands that were read so far, the newest first; ``more_wanted`` when the view has come
    to the end of them. A day's first command carries the day."""

    more_wanted = Signal()

    def __init__(self, zone: Zone, now: Callable[[], int]) -> None:
        super().__init__()
        self.zone = zone
        self._now = now
        self._shown: list[Told] = []
        self._ended = True

    def told(self, row: int) -> Told:
        """The command of a row."""
        return self._shown[row]

    def row_of(self, command_id: int | None) -> int:
        """The row of a command, -1 when it was not read."""
        return next((at for at, one in enumerate(self._shown) if one.entry.id == command_id), -1)

    def last_id(self) -> int | None:
        """The oldest command read so far."""
        return self._shown[-1].entry.id if self._shown else None

    def show_first(self, page: Sequence[Told], ended: bool) -> bool:
        """The newest commands: as they are now, the older ones that were read before stay when they
        follow on. Answers whether rows have come or gone."""
        rest: list[Told] = []
        if page and not ended and self._shown and page[-1].entry.id <= self._shown[0].entry.id:
            rest = [one for one in self._shown if one.entry.id < page[-1].entry.id]
            ended = self._ended if rest else False
        new = [*page, *rest]
        same = [one.entry.id for one in new] == [one.entry.id for one in self._shown]
        if same:
            self._shown, self._ended = new, ended
            if new:
                self.dataChanged.emit(self.index(0), self.index(len(new) - 1))
            return False
        self.beginResetModel()
        self._shown, self._ended = new, ended
        self.endResetModel()
        return True

    def clear(self) -> None:
        """Another question: nothing of the old answer stays."""
        self.beginResetModel()
        self._shown, self._ended = [], True
        self.endResetModel()

    def add(self, page: Sequence[Told], ended: bool) -> None:
        """Older commands."""
        self._ended = ended
        if page:
            count = len(self._shown)
            self.beginInsertRows(QModelIndex(), count, count + len(page) - 1)
            self._shown += page
            self.endInsertRows()

    def day_of(self, row: int) -> int | None:
        """The day that begins with this row, or none."""
        day = self.zone.day_of(self._shown[row].entry.at)
        if row and self.zone.day_of(self._shown[row - 1].entry.at) == day:
            return None
        return day

    def day_words(self, day: int) -> str:
        """``Today``, ``Yesterday``, else the day."""
        back = self.zone.day_of(self._now()) - day
        if back in (0, 1):
            return tr("Yesterday") if back else tr("Today")
        return formats.day(day)

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._shown)

    def data(self, index: _Index, role: int = _ROLE.DisplayRole) -> Any:
        one = self._shown[index.row()]
        if role == _ROLE.DisplayRole:
            return words.what(one)
        if role in (_ROLE.AccessibleTextRole, _ROLE.ToolTipRole):
            at = formats.moment(self.zone, one.entry.at, self._now())
            parts = [words.what(one), words.about(one), words.by_whom(one), at]
            if one.entry.undone:
                parts.append(tr("taken back"))
            return ", ".join(part for part in parts if part)
        return None

    def canFetchMore(self, parent: _Index) -> bool:
        return not parent.isValid() and not self._ended

    def fetchMore(self, parent: _Index) -> None:
        if not self._ended:
            self.more_wanted.emit()


class _Painter(QStyledItemDelegate):
    def __init__(self, view: "CommandList", model: Commands) -> None:
        super().__init__(view)
        self._model = model

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        return QSize(0, _ROW + (_HEAD if self._model.day_of(index.row()) is not None else 0))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        box = QRect(option.rect)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        day = self._model.day_of(index.row())
        if day is not None:
            self._paint_day(painter, box, self._model.day_words(day))
            box.setTop(box.top() + _HEAD)
        state = option.state
        chosen = bool(state & QStyle.StateFlag.State_Selected)
        self._paint_ground(painter, box, chosen, bool(state & QStyle.StateFlag.State_MouseOver))
        self._paint_command(painter, box, self._model.told(index.row()))
        painter.restore()

    @staticmethod
    def _paint_day(painter: QPainter, box: QRect, text: str) -> None:
        now = theme.current()
        painter.setFont(theme.font(theme.SMALL, bold=True))
        painter.setPen(now.muted)
        painter.drawText(box.left() + theme.M, box.top() + 25, text)
        wide = painter.fontMetrics().horizontalAdvance(text)
        painter.setPen(QPen(now.line, 1))
        high = box.top() + 21
        painter.drawLine(box.left() + theme.M + wide + theme.M, high, box.right() - theme.M, high)

    @staticmethod
    def _paint_ground(painter: QPainter, box: QRect, chosen: bool, over: bool) -> None:
        if chosen or over:
            now = theme.current()
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(now.accent_soft if chosen else now.hover)
            painter.drawRoundedRect(box.adjusted(0, 1, 0, -1), theme.RADIUS, theme.RADIUS)

    def _paint_command(self, painter: QPainter, box: QRect, told: Told) -> None:
        now, undone = theme.current(), told.entry.undone
        painter.setPen(now.muted)
        painter.setFont(theme.font(theme.SMALL, tabular=True))
        time = formats.clock(self._model.zone, told.entry.at)
        painter.drawText(box.left() + theme.M, box.top() + 21, time)
        left = box.left() + theme.M + _TIME
        circle = QRectF(left, box.top() + (_ROW - _AVATAR) / 2, _AVATAR, _AVATAR)
        painter.setOpacity(0.45 if undone else 1.0)
        avatar.paint(painter, circle, told.entry.person, told.person_id or 0)
        painter.setOpacity(1.0)
        left += _AVATAR + theme.M
        right = box.right() - theme.M
        self._line(painter, left, right, box.top() + 22, told, undone)
        painter.setFont(theme.font(theme.SMALL))
        painter.setPen(now.muted)
        below = words.by_whom(told) + (f" · {tr('taken back')}" if undone else "")
        below = painter.fontMetrics().elidedText(below, Qt.TextElideMode.ElideRight, right - left)
        painter.drawText(left, box.top() + 39, below)

    @staticmethod
    def _line(
        painter: QPainter, left: int, right: int, base: int, told: Told, undone: bool
    ) -> None:
        """What happened, strong, and behind it what it was about."""
        now = theme.current()
        strong, plain = theme.font(bold=True), theme.font()
        for font in (strong, plain):
            font.setStrikeOut(undone)
        painter.setFont(strong)
        painter.setPen(now.faint if undone else now.text)
        what = painter.fontMetrics().elidedText(
            words.what(told), Qt.TextElideMode.ElideRight, right - left
        )
        painter.drawText(left, base, what)
        left += painter.fontMetrics().horizontalAdvance(what) + theme.S
        painter.setFont(QFont(plain))
        if not undone:
            painter.setPen(now.muted)
        if right - left > theme.XL:
            about = painter.fontMetrics().elidedText(
                words.about(told), Qt.TextElideMode.ElideRight, right - left
            )
            painter.drawText(left, base, about)


class CommandList(QListView):
    """The list; ``chosen(command id)`` when the keys or the mouse come to a command, ``opened`` on
    Enter or a double click."""

    chosen = Signal(int)
    opened = Signal(int)

    def __init__(self, model: Commands) -> None:
        super().__init__()
        self._model = model
        self.setObjectName("history-list")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setMouseTracking(True)
        self.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setViewportMargins(theme.M, 0, theme.XS, 0)
        self.setModel(model)
        self.setItemDelegate(_Painter(self, model))
        self.clicked.connect(self._on_clicked)
        self.doubleClicked.connect(lambda index: self.opened.emit(model.told(index.row()).entry.id))

    def currentChanged(self, current: QModelIndex | Any, previous: QModelIndex | Any) -> None:
        super().currentChanged(current, previous)
        if current.isValid() and self.hasFocus():
            self.chosen.emit(self._model.told(current.row()).entry.id)

    def _on_clicked(self, index: QModelIndex) -> None:
        self.chosen.emit(self._model.told(index.row()).entry.id)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        index = self.currentIndex()
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and index.isValid():
            self.opened.emit(self._model.told(index.row()).entry.id)
            return
        super().keyPressEvent(event)
