"""What a trial shows: its numbers, and the list of what would have been made."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QFontMetrics, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QListView, QStyle, QStyledItemDelegate, QWidget

from salesdesk.text import tr
from salesdesk.ui import formats, theme
from salesdesk.ui.widgets.flow import FlowLayout

_ROW, _ROWS = 40, 6
_HIGH = 26
_NOTHING = QModelIndex()
_ROLE = Qt.ItemDataRole
Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True)
class Tried:
    """A ``task``, a ``child`` deal or a ``parent`` moved that there would have been."""

    kind: str
    at: int
    deal_id: int
    title: str
    deal: str
    person_id: int | None
    due_at: int | None = None
    waits: bool = False
    late: bool = False


class Numbers(QWidget):
    """Large numbers with what they count, broken into lines; bad ones in red."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setObjectName(name)
        flow = FlowLayout(self, theme.L + theme.S)
        self._parts = [_Number() for _ in range(5)]
        for part in self._parts:
            flow.addWidget(part)

    def set_parts(self, parts: Sequence[tuple[str, str, bool]]) -> None:
        """(number, the words with it, whether it is bad) each."""
        for at, part in enumerate(self._parts):
            part.setVisible(at < len(parts))
            if at < len(parts):
                part.show_number(*parts[at])
        self.setAccessibleName(", ".join(words for _, words, _ in parts))

    def texts(self) -> list[str]:
        """The words, number included, of those that are shown."""
        return [part.words for part in self._parts if not part.isHidden()]


class _Number(QWidget):
    """A large number, then (or before it) what it counts."""

    def __init__(self) -> None:
        super().__init__()
        self.words = ""
        self._pieces: list[tuple[str, bool]] = []
        self._bad = False
        theme.changed.connect(self.update)

    def show_number(self, number: str, words: str, bad: bool) -> None:
        """``words`` has ``number`` in it, which is set large."""
        self.words, self._bad = words, bad
        before, found, after = words.partition(number)
        self._pieces = [(before, False), (found, True), (after, False)]
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        wide = sum(self._metrics(big).horizontalAdvance(text) for text, big in self._pieces)
        return QSize(wide + 1, _HIGH)

    def _metrics(self, big: bool) -> QFontMetrics:
        return QFontMetrics(theme.font(theme.BIG if big else theme.BODY, bold=big))

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter, look, x = QPainter(self), theme.current(), 0
        base = (_HIGH + self._metrics(True).capHeight()) // 2
        for text, big in self._pieces:
            painter.setFont(theme.font(theme.BIG if big else theme.BODY, bold=big))
            painter.setPen(look.bad if big and self._bad else look.text)
            painter.drawText(x, base, text)
            x += self._metrics(big).horizontalAdvance(text)


class _Model(QAbstractListModel):
    """Tasks and deals; their words are made when they are seen."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.rows: Sequence[Tried] = ()
        self.names: dict[int, str] = {}
        self.zone: Any = None
        self.now = 0

    def rowCount(self, parent: Index = _NOTHING) -> int:
        return 0 if parent.isValid() else len(self.rows)

    def data(self, index: Index, role: int = _ROLE.DisplayRole) -> Any:
        if role in (_ROLE.DisplayRole, _ROLE.AccessibleTextRole, _ROLE.ToolTipRole):
            title, below = self.words(index.row())
            return f"{title}, {below}"
        return None

    def words(self, row: int) -> tuple[str, str]:
        """What it is and of which deal; when, for whom and until when."""
        each = self.rows[row]
        head = f"{each.title} · {each.deal}" if each.deal else each.title
        parts = [formats.day_short(self.zone.day_of(each.at)),
                 self.names.get(each.person_id or 0, tr("Nobody"))]  # fmt: skip
        if each.kind == "child":
            parts.insert(0, tr("child deal"))
        elif each.kind == "parent":
            parts.insert(0, tr("moves its parent"))
        elif each.due_at is None:
            parts.append(tr("waits") if each.waits else tr("no date"))
        else:
            due = formats.near(self.zone, each.due_at, self.now)
            parts.append(tr("due {when}", when=due))
        if each.late:
            parts.append(tr("late"))
        return head, " · ".join(parts)


class _Painter(QStyledItemDelegate):
    """Two lines of a row."""

    def sizeHint(self, _option: object, _index: Index) -> QSize:
        return QSize(100, _ROW)

    def paint(self, painter: QPainter, option: Any, index: Index) -> None:
        look, view = theme.current(), self.parent()
        assert isinstance(view, TriedList)
        title, below = view.model_.words(index.row())
        late = view.model_.rows[index.row()].late
        rect = QRect(option.rect)
        painter.save()
        if option.state & QStyle.StateFlag.State_Selected and view.hasFocus():
            painter.fillRect(rect, look.hover)
        inside = rect.adjusted(theme.XS, 3, -theme.XS, -3)
        for text, font, colour, top in (
            (title, theme.font(theme.BODY), look.text, 0),
            (below, theme.font(theme.SECONDARY, tabular=True),
             look.bad if late else look.muted, 17),
        ):  # fmt: skip
            painter.setFont(font)
            painter.setPen(colour)
            line = QRect(inside.left(), inside.top() + top, inside.width(), 17)
            cut = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, line.width())
            painter.drawText(line, int(Qt.AlignmentFlag.AlignVCenter), cut)
        painter.restore()


class TriedList(QListView):
    """However many rows there are, only those that are seen are made. ``opened(deal id)``."""

    opened = Signal(int)

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setAccessibleName(tr("What the rules would have made"))
        self.model_ = _Model(self)
        self.setModel(self.model_)
        self.setItemDelegate(_Painter(self))
        self.setUniformItemSizes(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        self.clicked.connect(self._on_opened)
        theme.changed.connect(self.viewport().update)

    def set_found(self, rows: Sequence[Tried], names: dict[int, str], zone: Any, now: int) -> None:
        """Show other rows, as many of them at once as there is room for."""
        self.model_.beginResetModel()
        self.model_.rows, self.model_.names = rows, names
        self.model_.zone, self.model_.now = zone, now
        self.model_.endResetModel()
        self.setFixedHeight(min(len(rows), _ROWS) * _ROW + 2)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._on_opened(self.currentIndex())
            return
        super().keyPressEvent(event)

    def _on_opened(self, index: QModelIndex) -> None:
        if index.isValid():
            self.opened.emit(self.model_.rows[index.row()].deal_id)
