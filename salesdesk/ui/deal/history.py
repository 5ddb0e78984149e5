"""The history of a deal beside a thin line, painted: hundreds of lines open at once.

A list view on a model, so that arrow keys and screen readers walk the lines.
"""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QPointF,
    QRect,
    QSize,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import (
    QFont,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QTextCharFormat,
    QTextLayout,
    QTextOption,
    QWheelEvent,
)
from PySide6.QtWidgets import (
    QFrame,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from salesdesk.services.dealhistory import HistoryPage
from salesdesk.text import ntr, tr
from salesdesk.ui import theme
from salesdesk.ui.context import Context
from salesdesk.ui.deal.words import HistoryWords
from salesdesk.ui.widgets import icons
from salesdesk.ui.widgets.buttons import LinkButton
from salesdesk.ui.widgets.labels import SectionLabel
from salesdesk.ui.widgets.timeline import TimelineEntry

_ROLE = Qt.ItemDataRole
_ENTRY = int(_ROLE.UserRole)
_LEFT = theme.L
_PAD, _GAP = 3, theme.XS
_MARK = 12
_AT_ONCE, _REST_MS = 8, 60


class _Entries(QAbstractListModel):
    def __init__(self) -> None:
        super().__init__()
        self.entries: Sequence[TimelineEntry] = ()

    def rowCount(self, parent: QModelIndex | Any = None) -> int:
        return len(self.entries)

    def data(self, index: QModelIndex | Any, role: int = _ROLE.DisplayRole) -> Any:
        entry = self.entries[index.row()]
        if role == _ENTRY:
            return entry
        if role in (_ROLE.DisplayRole, _ROLE.AccessibleTextRole):
            return ", ".join(filter(None, (f"{entry.text} {entry.strong}".strip(), entry.below)))
        return None

    def replace(self, entries: Sequence[TimelineEntry]) -> None:
        self.beginResetModel()
        self.entries = entries
        self.endResetModel()


class _Block:
    """One entry broken into lines for a width."""

    def __init__(self, entry: TimelineEntry, width: int) -> None:
        text = f"{entry.text} {entry.strong}".strip()
        self.text = _laid_out(text, theme.font(theme.BODY), width, _formats(entry))
        self.below = _laid_out(entry.below, theme.font(theme.SECONDARY), width, [])
        self.split = _bottom(self.text)
        self.height = round(self.split + 1 + _bottom(self.below) + 2 * _PAD + _GAP)


def _formats(entry: TimelineEntry) -> list[QTextLayout.FormatRange]:
    found = []
    if entry.undone:
        found.append(_range(0, len(entry.text) + len(entry.strong) + 1, strike=True))
    if entry.strong:
        start = len(entry.text) + 1 if entry.text else 0
        found.append(_range(start, len(entry.strong), strike=entry.undone, bold=True))
    return found


def _range(
    start: int, length: int, *, strike: bool = False, bold: bool = False
) -> QTextLayout.FormatRange:
    style = QTextCharFormat()
    style.setFontStrikeOut(strike)
    if bold:
        style.setFontWeight(QFont.Weight.DemiBold)
    made = QTextLayout.FormatRange()
    made.start, made.length, made.format = start, length, style
    return made


def _laid_out(
    text: str, font: QFont, width: int, formats: list[QTextLayout.FormatRange]
) -> QTextLayout:
    layout = QTextLayout(text.replace("\n", "\u2028"), font)
    option = QTextOption()
    option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
    layout.setTextOption(option)
    layout.setFormats(formats)
    layout.beginLayout()
    y = 0.0
    while (line := layout.createLine()).isValid():
        line.setLineWidth(width)
        line.setPosition(QPointF(0, y))
        y += line.height()
    layout.endLayout()
    return layout


def _bottom(layout: QTextLayout) -> float:
    if not layout.text():
        return 0.0
    last = layout.lineAt(layout.lineCount() - 1)
    return last.y() + last.height()


class _Painter(QStyledItemDelegate):
    def __init__(self, view: "HistoryView") -> None:
        super().__init__(view)
        self._view = view

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | Any) -> QSize:
        return QSize(self._view.viewport().width(), self._view.block(index.row()).height)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | Any
    ) -> None:
        now, block = theme.current(), self._view.block(index.row())
        box: QRect = option.rect
        state: Any = option.state
        if state & QStyle.StateFlag.State_HasFocus:
            painter.save()
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(now.accent)
            frame = box.toRectF().adjusted(_LEFT - 4.5, 0.5, -0.5, -_GAP - 0.5)
            painter.drawRoundedRect(frame, theme.RADIUS, theme.RADIUS)
            painter.restore()
        undone = bool(index.data(_ENTRY).undone)
        painter.setPen(now.muted if undone else now.text)
        top = box.top() + _PAD
        block.text.draw(painter, QPointF(box.left() + _LEFT, top))
        painter.setPen(now.muted)
        block.below.draw(painter, QPointF(box.left() + _LEFT, top + block.split + 1))
        if state & (QStyle.StateFlag.State_HasFocus | QStyle.StateFlag.State_MouseOver):
            mark = self._view.mark_in(box)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(now.surface)
            painter.drawRect(mark.adjusted(-2, -2, 2, 2))
            icons.paint(painter, "clock", mark.toRectF(), now.accent)


class HistoryView(QListView):
    """The lines, as high as they are; ``walked(rect)`` when the keys came to another line,
    ``then_wanted(row)`` when one was asked for by its clock, or by Enter."""

    walked = Signal(QRect)
    then_wanted = Signal(int)

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self._entries = _Entries()
        self._blocks: dict[int, _Block] = {}
        self._wide = 0
        self.setModel(self._entries)
        self.setItemDelegate(_Painter(self))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        self.setSelectionMode(QListView.SelectionMode.NoSelection)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setTabKeyNavigation(False)
        self.setMouseTracking(True)
        self.setFixedHeight(0)

    def entries(self) -> Sequence[TimelineEntry]:
        """What is shown."""
        return self._entries.entries

    def set_entries(self, entries: Sequence[TimelineEntry]) -> None:
        """Replace what is shown; the line that the keys came to stays."""
        row = self.currentIndex().row()
        self._blocks.clear()
        self._entries.replace(entries)
        if 0 <= row < len(entries) and self.hasFocus():
            self.setCurrentIndex(self._entries.index(row))
        self._fit()

    def block(self, row: int) -> _Block:
        """The lines of an entry for the present width."""
        found = self._blocks.get(row)
        if found is None:
            width = max(self.viewport().width() - _LEFT - 2, 80)
            found = self._blocks[row] = _Block(self._entries.entries[row], width)
        return found

    def _fit(self) -> None:
        high = sum(self.block(row).height for row in range(len(self._entries.entries)))
        self.setFixedHeight(high)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self.viewport().width() != self._wide:
            self._wide = self.viewport().width()
            self._blocks.clear()
            self.scheduleDelayedItemsLayout()
            self._fit()

    def currentChanged(self, current: QModelIndex | Any, previous: QModelIndex | Any) -> None:
        super().currentChanged(current, previous)
        if current.isValid() and self.hasFocus():
            self.walked.emit(self.visualRect(current))

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()

    def mark_in(self, line: QRect) -> QRect:
        """Where the clock of a line is: at its right end."""
        return QRect(line.right() - _MARK - 3, line.top() + _PAD + 1, _MARK, _MARK)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        super().mousePressEvent(event)
        index = self.indexAt(event.position().toPoint())
        around = self.mark_in(self.visualRect(index)).adjusted(-5, -5, 5, 5)
        if index.isValid() and around.contains(event.position().toPoint()):
            self.then_wanted.emit(index.row())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if enter and self.currentIndex().isValid():
            self.then_wanted.emit(self.currentIndex().row())
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self.viewport()) as painter:
            line = QRect(theme.S, 0, 2, max(self.viewport().height() - _GAP, 0))
            painter.fillRect(line, theme.current().line)
        super().paintEvent(event)


class HistorySection(QWidget):
    """The newest lines of the history; ``more_wanted()`` asks for more of them,
    ``then_wanted(moment)`` for the deal as it was after one of them."""

    more_wanted = Signal()
    then_wanted = Signal(object)

    def __init__(self, context: Context) -> None:
        super().__init__()
        self._context = context
        self._key: object = None
        self._page: HistoryPage | None = None
        self._as_of: int | None = None
        self._words: HistoryWords | None = None
        self._rest = QTimer(self, interval=_REST_MS, singleShot=True)
        self._rest.timeout.connect(self._fill)
        self.title = SectionLabel("")
        self.view = HistoryView("deal-history")
        self.view.then_wanted.connect(self._on_then)
        self.more = LinkButton("", "deal-history-more", self.more_wanted.emit)
        self.more.setStyleSheet("padding: 0;")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.XS)
        column.addWidget(self.title)
        column.addWidget(self.view)
        column.addWidget(self.more, 0, Qt.AlignmentFlag.AlignLeft)

    def show_page(self, page: HistoryPage, as_of: int | None = None, another: bool = False) -> None:
        """Show a page of history (of ``another`` deal than before); nothing is made anew when
        nothing changed."""
        self._as_of = as_of
        self._page = page
        zone, now = self._context.store.zone, self._context.now()
        # This year's moments leave the year out, so the year is part of what is shown.
        key = (page, self._context.language, zone.local(now).year)
        if key == self._key:
            return
        self._key = key
        self._words = HistoryWords(zone, now)
        if another:
            # What lies below the edge of the panel follows when the panel has been painted.
            self.view.set_entries([self._words.entry(line) for line in page.lines[:_AT_ONCE]])
            self._rest.start()
        else:
            self._fill()
        left = page.total - len(page.lines)
        self.more.set_text(ntr("and {n} more…", "and {n} more…", left))
        self.more.setVisible(left > 0)

    def _fill(self) -> None:
        self._rest.stop()
        if self._page is not None and self._words is not None:
            self.view.set_entries([self._words.entry(line) for line in self._page.lines])

    def retranslate(self) -> None:
        """Set every text anew."""
        self.title.set_text(tr("History"))
        self.view.setAccessibleName(tr("History"))
        self.view.setToolTip(tr("Enter, or its clock: the deal as it was then"))
        if self._page is not None:
            self.show_page(self._page, self._as_of)

    def _on_then(self, row: int) -> None:
        if self._page is not None and row < len(self._page.lines):
            self.then_wanted.emit(self._page.lines[row].at)
