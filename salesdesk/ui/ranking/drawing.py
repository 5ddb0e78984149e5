"""The ranking drawn on any painter, without a window: its table and the two charts below.

Everything is placed in device-independent pixels from (0, 0); who wants it larger (a wall, a
sheet of paper) scales the painter, so that letters stay letters in a file that knows them.
"""

from collections.abc import Callable, Sequence
from decimal import Decimal

from PySide6.QtCore import QPointF, QRect, QRectF, QSizeF, Qt
from PySide6.QtGui import QFont, QPainter, QPen

from salesdesk.text import tr
from salesdesk.ui import formats, theme
from salesdesk.ui.ranking import chartdata
from salesdesk.ui.ranking.bars import BarLine, paint_lines
from salesdesk.ui.ranking.columns import BASIC
from salesdesk.ui.ranking.fit import Fitted, fitted
from salesdesk.ui.ranking.model import RankingModel
from salesdesk.ui.ranking.paint import PAD, Cells
from salesdesk.ui.ranking.query import Answer
from salesdesk.ui.widgets.linechart import LineDrawing

HEAD = theme.CONTROL_HEIGHT + theme.M
ROW = theme.CONTROL_HEIGHT + theme.S
#: With the difference to another period below each number.
ROW_COMPARED = ROW + theme.S
#: More lines than these cannot be told apart on paper.
_LINES = 9


class TableDrawing:
    """The table of the ranking at a width; rows are painted from one to another, so that many can
    go on on further pages."""

    def __init__(
        self,
        answer: Answer,
        width: int,
        look: theme.Theme,
        *,
        columns: Sequence[str] = BASIC,
        without_red: bool = False,
    ) -> None:
        self.model = RankingModel()
        self.model.set_shown(tuple(columns))
        self.model.set_answer(answer)
        self._look = look
        self._cells = Cells(self.model, lambda: look, without_red)
        self.row = ROW_COMPARED if answer.other is not None else ROW
        self._measured = (self.model.widest(), self.model.heads()) if self.model.lines else ({}, {})
        self.fitted: Fitted | None = None
        self.fit_to(width)

    def fit_to(self, width: int) -> None:
        """Place the columns in another width."""
        self.width = width
        if self.model.lines:
            self.fitted = fitted(self.model.shown, *self._measured, width)
            self.width = max(width, self.fitted.width)
            self._cells.pad = self.fitted.pad

    @property
    def is_roomy(self) -> bool:
        """Whether nothing had to be left out or squeezed."""
        found = self.fitted
        squeezed = found is not None and (found.pad < PAD - 1 or 0 in found.widths.values())
        return not (squeezed or self.is_tight)

    @property
    def is_tight(self) -> bool:
        """Whether the columns are wider than the width that was given."""
        return self.fitted is not None and self.fitted.tight

    @property
    def lines(self) -> int:
        """How many rows there are, the sum among them."""
        return len(self.model.lines)

    def height(self, first: int = 0, last: int | None = None) -> int:
        """How high the head and the rows ``first`` to ``last`` (excluded) are."""
        return HEAD + self.row * ((self.lines if last is None else last) - first)

    def paint(self, painter: QPainter, first: int = 0, last: int | None = None) -> None:
        """Draw a card with the head and these rows, its corner at (0, 0)."""
        end = self.lines if last is None else last
        card(painter, QRectF(0, 0, self.width, self.height(first, end)), self._look)
        if self.fitted is None:
            return
        left = 0
        painter.save()
        for column, width in self.fitted.widths.items():
            if not width:
                continue
            at_end = left + width >= self.width
            inside = QRect(left, 0, width, HEAD).adjusted(0 if left else 1, 1, -at_end, 0)
            self._cells.head(painter, inside, column)
            for at in range(first, end):
                line = self.model.line(at)
                rect = QRect(left, HEAD + self.row * (at - first), width, self.row)
                self._cells.ground(painter, rect, line, column, False, at == end - 1)
                self._cells.paint(painter, rect, line, column)
            left += width
        painter.restore()
        border(painter, QRectF(0, 0, self.width, self.height(first, end)), self._look)


def card(painter: QPainter, where: QRectF, look: theme.Theme) -> None:
    """A rounded surface."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(look.surface)
    painter.drawRoundedRect(where, theme.RADIUS_CARD, theme.RADIUS_CARD)
    painter.restore()


def border(painter: QPainter, where: QRectF, look: theme.Theme) -> None:
    """The line around a surface."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(look.line, 1))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    box = where.adjusted(0.5, 0.5, -0.5, -0.5)
    painter.drawRoundedRect(box, theme.RADIUS_CARD, theme.RADIUS_CARD)
    painter.restore()


class ChartsDrawing:
    """The two charts side by side in a room."""

    def __init__(self, answer: Answer, size: QSizeF, look: theme.Theme) -> None:
        self._answer, self._size, self._look = answer, size, look

    def paint(self, painter: QPainter) -> None:
        """Draw both, the corner at (0, 0)."""
        width = (self._size.width() - theme.M) * 7 / 11
        plans = chartdata.plan_bars(self._answer)
        if plans is None:
            width = self._size.width()
        title = chartdata.points_title(self._answer)
        self._card(painter, 0.0, width, title, self._points)
        if plans is not None:
            left = width + theme.M
            self._card(painter, left, self._size.width() - left, plans.title,
                       lambda p, size: self._bars(p, size, plans.lines, plans.count))  # fmt: skip

    def _card(
        self, painter: QPainter, left: float, width: float, title: str,
        draw: Callable[[QPainter, QSizeF], None],
    ) -> None:  # fmt: skip
        where = QRectF(left, 0, width, self._size.height())
        card(painter, where, self._look)
        border(painter, where, self._look)
        font = theme.font(theme.SMALL, bold=True)
        font.setLetterSpacing(QFont.SpacingType.AbsoluteSpacing, 0.6)
        painter.save()
        painter.translate(left + theme.M, theme.M)
        painter.setFont(font)
        painter.setPen(self._look.muted)
        painter.drawText(QPointF(0, theme.SMALL), title.upper())
        top = theme.L + theme.S
        painter.translate(0, top)
        draw(painter, QSizeF(width - 2 * theme.M, self._size.height() - 2 * theme.M - top))
        painter.restore()

    def _points(self, painter: QPainter, size: QSizeF) -> None:
        lines = chartdata.person_lines(self._answer)
        if not lines:
            self._say(painter, size, tr("No points in this period yet."))
            return
        if len(self._answer.days.days) == 1:
            found = chartdata.day_bars(self._answer)
            self._bars(painter, size, found.lines, found.count)
            return
        drawing = LineDrawing(lambda value: formats.decimal(Decimal(repr(round(value, 4)))))
        series, more = chartdata.light_series(lines, _LINES)
        drawing.set_data(series, chartdata.day_labels(self._answer), more)
        drawing.size = size
        drawing.paint(painter, self._look)

    def _bars(self, painter: QPainter, size: QSizeF, lines: list[BarLine], count: int) -> None:
        room = QRectF(0, 0, size.width(), size.height())
        paint_lines(painter, room, lines, count, self._look)

    def _say(self, painter: QPainter, size: QSizeF, text: str) -> None:
        painter.setFont(theme.font(theme.BODY))
        painter.setPen(self._look.muted)
        room = QRectF(0, 0, size.width(), size.height())
        painter.drawText(room, Qt.AlignmentFlag.AlignCenter, text)
