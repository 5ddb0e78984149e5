"""The cards of one column: an item view whose layout is arithmetic.

It is a ``QListView`` only to be a list to screen readers; none of that class's own layout runs (it
grows with the column), every place is asked from ``ColumnModel.layout``.
"""

from collections.abc import Iterator, Sequence

from PySide6.QtCore import (
    QItemSelection,
    QItemSelectionModel,
    QItemSelectionRange,
    QModelIndex,
    QPoint,
    QRect,
    QRectF,
    Qt,
    Signal,
)
from PySide6.QtGui import (
    QAccessible,
    QAccessibleEvent,
    QColor,
    QPainter,
    QPaintEvent,
    QPen,
    QRegion,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QAbstractSlider,
    QListView,
    QScrollBar,
    QWidget,
)

from salesdesk.ui import theme
from salesdesk.ui.board.model import ColumnModel, Index
from salesdesk.ui.board.paint import EDGE, PLAIN, CardPainter, Marks, Placed
from salesdesk.ui.widgets.toast import covered

#: Width of the scroll bar, which lies in the gap between two columns.
BAR = 8


def parts(selection: QItemSelection) -> Iterator[QItemSelectionRange]:
    """The ranges of a selection."""
    return (selection.at(k) for k in range(selection.count()))


class ThinBar(QScrollBar):
    """The scroll bar of a column, in the gap beside it; nothing when there is nothing to scroll.

    It follows ``real`` and moves it; the column's own bar stays hidden, so that the cards keep
    their width.
    """

    def __init__(self, real: QScrollBar, parent: QWidget) -> None:
        super().__init__(Qt.Orientation.Vertical, parent)
        self._real = real
        self._drawn = (0, 0)
        self.setFixedWidth(BAR)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)
        real.rangeChanged.connect(self._follow)
        real.valueChanged.connect(self.setValue)
        self.valueChanged.connect(real.setValue)
        self._follow(real.minimum(), real.maximum())

    def _follow(self, low: int, high: int) -> None:
        self.setPageStep(self._real.pageStep())
        self.setSingleStep(self._real.singleStep())
        self.setRange(low, high)

    def sliderChange(self, _change: QAbstractSlider.SliderChange) -> None:
        if self._slider() != self._drawn:  # one card more or less is seldom a pixel
            self.update()

    def _slider(self) -> tuple[int, int]:
        """Where the slider begins and how long it is; (0, 0) when there is nothing to scroll."""
        span = self.maximum() - self.minimum()
        if span <= 0:
            return 0, 0
        groove = self.height() - 2 * EDGE
        length = max(theme.XL, groove * self.pageStep() // (span + self.pageStep()))
        return EDGE + (groove - length) * (self.value() - self.minimum()) // span, length

    def paintEvent(self, _event: QPaintEvent) -> None:
        with QPainter(self) as p:
            look = theme.current()
            self._drawn = top, length = self._slider()
            if not length:
                return
            p.setRenderHint(QPainter.RenderHint.Antialiasing)
            p.setPen(Qt.PenStyle.NoPen)
            hot = self.underMouse() or self.isSliderDown()
            p.setBrush(look.muted if hot else theme.mix(look.background, look.faint, 0.35))
            p.drawRoundedRect(QRectF(2, top, self.width() - 4, length), 2, 2)


class ColumnView(QListView):
    """One column's cards.

    ``selected()``: the selection has changed. Mouse and keys are in ``hands.Column``.
    """

    selected = Signal()

    def __init__(self, painter: CardPainter, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        # A viewport of our own: the first answer of viewport() would cost the start 25 ms.
        self.port = QWidget()
        self.setViewport(self.port)
        self._painter = painter
        self._column: ColumnModel | None = None
        self._hovered = -1
        self._anchor = -1
        self._removed = 0
        self._removed_above = False
        #: Drop place: ``None`` not over here, -1 somewhere in the column, else before this row.
        self.gap: int | None = None
        self.lifted_ids: frozenset[int] = frozenset()
        self.ring = True
        self.empty_text = ""
        self._dress()

    def _dress(self) -> None:
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setFrameShape(QListView.Shape.NoFrame)
        self.port.setMouseTracking(True)
        self.port.setAutoFillBackground(False)
        self.port.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setTabKeyNavigation(False)

    def show_column(self, column: ColumnModel) -> None:
        """Show this model."""
        if self._column is not None:
            self._column.rowsRemoved.disconnect(self._on_rows_removed)
            self._column.forgotten.disconnect(self._on_forgotten)
        self._column = column
        self.setModel(column)
        column.rowsRemoved.connect(self._on_rows_removed)
        column.forgotten.connect(self._on_forgotten)
        self.updateGeometries()

    # -- arithmetic instead of a layout -------------------------------------------------------

    def visualRect(self, index: Index) -> QRect:
        if not index.isValid() or self._column is None:
            return QRect()
        return self.card_rect(index.row())

    def card_rect(self, row: int) -> QRect:
        """The card of a row in the viewport."""
        assert self._column is not None
        layout = self._column.layout
        top = EDGE + layout.top(row) - self.verticalOffset()
        return QRect(EDGE, top, self.port.width() - EDGE - 2, layout.height(row))

    def row_at(self, y: int) -> int:
        """The row whose band holds ``y`` of the viewport, ``count`` below the last."""
        assert self._column is not None
        return self._column.layout.row_at(y - EDGE + self.verticalOffset())

    def gap_at(self, y: int) -> int:
        """Before which row a card dropped at ``y`` of the viewport goes."""
        assert self._column is not None
        row = self.row_at(y)
        if row < len(self._column.ids) and y > self.card_rect(row).center().y():
            row += 1
        return row

    def indexAt(self, place: QPoint) -> QModelIndex:
        if self._column is None:
            return QModelIndex()
        row = self.row_at(place.y())
        if row < len(self._column.ids) and self.card_rect(row).contains(place):
            return self._column.index(row)
        return QModelIndex()

    def scrollTo(
        self,
        index: Index,
        hint: QAbstractItemView.ScrollHint = QAbstractItemView.ScrollHint.EnsureVisible,
    ) -> None:
        rect, bar = self.visualRect(index), self.verticalScrollBar()
        if not rect.isValid():
            return
        height = self.port.height()
        if hint == QAbstractItemView.ScrollHint.PositionAtCenter:
            bar.setValue(bar.value() + rect.center().y() - height // 2)
        elif rect.top() < EDGE or hint == QAbstractItemView.ScrollHint.PositionAtTop:
            bar.setValue(bar.value() + rect.top() - EDGE)
        elif rect.bottom() > height - EDGE:
            bar.setValue(bar.value() + rect.bottom() - height + 2 * EDGE)

    def verticalOffset(self) -> int:
        return self.verticalScrollBar().value()

    def horizontalOffset(self) -> int:
        return 0

    def isIndexHidden(self, _index: Index) -> bool:
        return False

    def doItemsLayout(self) -> None:
        self.updateGeometries()
        self.port.update()

    def updateGeometries(self) -> None:
        if self._column is None:
            return
        height, bar = self.port.height(), self.verticalScrollBar()
        bar.setSingleStep(theme.XL + theme.S)
        bar.setPageStep(height)
        bar.setRange(0, max(0, self._column.layout.total() + 3 * EDGE - height))

    def resizeEvent(self, event: QResizeEvent) -> None:
        current, before = self.currentIndex(), event.oldSize().height()
        rect = self.visualRect(current) if current.isValid() else QRect()
        seen = rect.isValid() and rect.top() >= 0 and rect.bottom() < before
        QAbstractItemView.resizeEvent(self, event)
        self.updateGeometries()
        if seen:  # chips or a panel took some room: the card that is worked on stays whole
            self.scrollTo(current)

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        self.port.scroll(dx, dy)  # takes along what waits to be painted: name more of it after
        self._hover(-1)

    def setSelection(self, rect: QRect, command: QItemSelectionModel.SelectionFlag) -> None:
        if self._column is None or not self._column.ids:
            return
        last = min(self.row_at(rect.bottom()), len(self._column.ids) - 1)
        self._select_rows(self.row_at(rect.top()), last, command)

    def _select_rows(
        self, first: int, last: int, command: QItemSelectionModel.SelectionFlag
    ) -> None:
        assert self._column is not None
        low, high = min(first, last), max(first, last)
        rows = QItemSelection(self._column.index(low), self._column.index(high))
        self.selectionModel().select(rows, command)

    def visualRegionForSelection(self, selection: QItemSelection) -> QRegion:
        region = QRegion()
        bounds = self.port.rect()
        for part in parts(selection):
            top = self.card_rect(part.top()).top() - EDGE
            bottom = self.card_rect(part.bottom()).bottom() + EDGE
            region += QRect(0, top, bounds.width(), bottom - top + 1).intersected(bounds)
        return region

    # -- what the model tells -----------------------------------------------------------------

    def reset(self) -> None:
        QAbstractItemView.reset(self)
        self._anchor = self._hovered = -1
        self.updateGeometries()
        self.verticalScrollBar().setValue(0)
        self.port.update()

    def dataChanged(self, first: Index, last: Index, roles: Sequence[int] = ()) -> None:
        QAbstractItemView.dataChanged(self, first, last, list(roles))
        if int(Qt.ItemDataRole.SizeHintRole) in roles:
            self.doItemsLayout()
            return
        top = self.card_rect(first.row()).top() - EDGE  # with the ring around it
        bottom = self.card_rect(last.row()).bottom() + EDGE
        bounds = self.port.rect()
        self.port.update(bounds & QRect(0, top, bounds.width(), bottom - top + 1))

    def _on_forgotten(self) -> None:
        """Paint anew what is in the picture and has to be read again."""
        assert self._column is not None
        ids, cards = self._column.ids, self._column.cards
        for row in range(self.row_at(-EDGE), min(self.row_at(self.port.height()) + 1, len(ids))):
            if cards.get(ids[row]) is None:
                self._update_row(row)

    def rowsInserted(self, _parent: Index, start: int, end: int) -> None:
        assert self._column is not None
        layout = self._column.layout
        leaves = self._hovered >= start  # the card, the pointer
        self._hovered += end - start + 1 if leaves else 0
        added = layout.top(end + 1) - layout.top(start)
        above = layout.top(end + 1) <= self.verticalOffset()
        if above or layout.count == end - start + 1:
            self.doItemsLayout()
            bar = self.verticalScrollBar()
            bar.setValue(bar.value() + (added if above else 0))
        else:
            self._shift_from(start, added)
            self.updateGeometries()
        if leaves:
            self._hover(-1)

    def rowsAboutToBeRemoved(self, _parent: Index, start: int, end: int) -> None:
        assert self._column is not None
        layout = self._column.layout
        self._removed = layout.top(end + 1) - layout.top(start)
        self._removed_above = layout.top(end + 1) <= self.verticalOffset()
        if self._hovered > end:  # its card leaves the pointer
            self._update_row(self._hovered)
        if self._hovered >= start:
            self._hovered = -1

    def _on_rows_removed(self, _parent: Index, start: int, _end: int) -> None:
        assert self._column is not None
        if self._removed_above or not self._column.ids:
            bar = self.verticalScrollBar()
            bar.setValue(bar.value() - (self._removed if self._removed_above else 0))
            self.doItemsLayout()
        else:
            self._shift_from(start, -self._removed)
            self.updateGeometries()

    def _shift_from(self, row: int, by: int) -> None:
        """Move the picture from the top of ``row`` on; only what is new is painted, and what lies
        below a toast: Qt moves nothing of a picture on part of which something else lies."""
        port = self.port
        top, width, height = self.card_rect(row).top() - EDGE, port.width(), port.height()
        if top < 0:
            port.update()
        elif top < height:
            free = max(height - covered(port), top)
            port.scroll(0, by, QRect(0, top, width, free - top))
            port.update(0, free, width, height - free)

    def currentChanged(self, current: Index, previous: Index) -> None:
        self._update_row(previous.row())
        self._update_row(current.row())
        if QAccessible.isActive() and current.isValid() and self.hasFocus():
            event = QAccessibleEvent(self, QAccessible.Event.Focus)
            event.setChild(current.row())
            QAccessible.updateAccessibility(event)

    def selectionChanged(self, selected: QItemSelection, deselected: QItemSelection) -> None:
        QAbstractItemView.selectionChanged(self, selected, deselected)
        self.selected.emit()

    # -- painting -----------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self.port) as p:
            rect, dirty = event.rect(), event.region()
            look = theme.current()
            p.fillRect(rect, look.background)
            if self._column is None:
                return
            if self.gap is not None:
                self._paint_light(p)
            if not self._column.ids:
                self._paint_empty(p, look.muted)
            cards = list(self._placed(p, rect, dirty))
            self._painter.paint(p, cards, plain_ground=self.gap is None)
            if self.gap is not None and self.gap >= 0:
                self._paint_gap(p, self.gap)

    def _placed(self, p: QPainter, rect: QRect, dirty: QRegion) -> Iterator[Placed]:
        """The cards that a region shows; those that are being read are painted blank."""
        assert self._column is not None
        column, offset, all_of_it = self._column, self.verticalOffset(), dirty.rectCount() == 1
        width, bottom, edges = self.port.width() - EDGE - 2, rect.bottom(), 2 * EDGE
        focused = self.currentIndex().row() if self.ring and self.hasFocus() else -1
        selection = self.selectionModel() if self.selectionModel().hasSelection() else None
        for row in range(self.row_at(rect.top() - EDGE), len(column.ids)):
            top = EDGE + column.layout.top(row) - offset
            if top - EDGE > bottom:
                return
            height = column.layout.height(row)
            if all_of_it or dirty.intersects(QRect(0, top - EDGE, width + edges, height + edges)):
                deal = column.card(row)
                selected = selection is not None and selection.isRowSelected(row)
                if deal is None:
                    self._painter.draw_blank(p, self.card_rect(row))
                else:
                    marks = self._marks(row, deal.id, selected, row == focused)
                    yield Placed(EDGE, top, width, height, deal, marks)

    def _marks(self, row: int, deal_id: int, selected: bool, focused: bool) -> Marks:
        assert self._column is not None
        pending, lifted = deal_id in self._column.pending, deal_id in self.lifted_ids
        if selected or focused or pending or lifted or row == self._hovered:
            return Marks(selected, focused, row == self._hovered, pending, lifted)
        return PLAIN

    def _paint_light(self, p: QPainter) -> None:
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        p.setPen(Qt.PenStyle.NoPen)
        p.setBrush(theme.current().accent_soft)
        p.drawRoundedRect(self.port.rect(), theme.RADIUS_CARD, theme.RADIUS_CARD)

    def _paint_gap(self, p: QPainter, row: int) -> None:
        y = self._gap_y(row)
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        p.setPen(QPen(theme.current().accent, 3, c=Qt.PenCapStyle.RoundCap))
        p.drawLine(EDGE + 2, y, self.port.width() - 4, y)

    def _gap_y(self, row: int) -> int:
        assert self._column is not None
        y = EDGE + self._column.layout.top(row) - self.verticalOffset()
        y -= (self._column.layout.gap + 1) // 2
        return min(max(y, 2), self.port.height() - 3)

    def _paint_empty(self, p: QPainter, colour: QColor) -> None:
        p.setFont(theme.font(theme.SECONDARY))
        p.setPen(colour)
        box = self.port.rect().adjusted(theme.M, theme.L, -theme.M, 0)
        flags = Qt.AlignmentFlag.AlignHCenter | Qt.TextFlag.TextWordWrap
        p.drawText(box, int(flags), self.empty_text)

    def set_gap(self, gap: int | None) -> None:
        """Light the column up and show a place in it."""
        if gap == self.gap:
            return
        old, self.gap = self.gap, gap
        if old is None or gap is None:
            self.port.update()
            return
        for row in (old, gap):
            if row >= 0:
                y = self._gap_y(row)
                self.port.update(0, y - 4, self.port.width(), 9)

    def set_lifted(self, ids: frozenset[int]) -> None:
        """Show only the places of these cards: they hang on the mouse."""
        assert self._column is not None
        changed, self.lifted_ids = self.lifted_ids ^ ids, ids
        for deal_id in changed:
            self._update_row(self._column.row_of(deal_id))

    def _hover(self, row: int) -> None:
        if row != self._hovered:
            self._update_row(self._hovered)
            self._hovered = row
            self._update_row(row)

    def _update_row(self, row: int) -> None:
        if self._column is not None and 0 <= row < len(self._column.ids):
            self.port.update(self.card_rect(row).adjusted(-EDGE, -EDGE, EDGE, EDGE))
