"""Two orders side by side: the saved one at the left, the tried one at the right, and a line from
each person's place to the other."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPaintEvent, QPen

from salesdesk.services.what_if import Place
from salesdesk.text import tr
from salesdesk.ui import formats, theme
from salesdesk.ui.widgets import avatar
from salesdesk.ui.widgets.flatlist import FlatList

#: Widths from the left: the saved place, the saved points, the lines between.
_RANK, _SAVED, _BETWEEN = 18, 44, 32
_SMALL = 18
_LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
_RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the list: who stands here as it is tried, and who as it is saved.

    ``before`` is the line in which the person of ``now`` stands as it is saved.
    """

    now: Place
    saved: Place | None
    before: int | None


def rows_of(places: Sequence[Place]) -> list[Row]:
    """The lines, in the tried order."""
    known = [one for one in places if one.saved_rank is not None]
    known.sort(key=lambda one: (one.saved_rank or 0, -one.saved_points))
    line = {one.person_id: at for at, one in enumerate(known)}
    return [
        Row(one, known[at] if at < len(known) else None, line.get(one.person_id))
        for at, one in enumerate(places)
    ]


class OrdersList(FlatList[Row]):
    """``opened(row)``: the person of the tried order."""

    row_height = 30

    def spoken(self, item: Row) -> str:
        one = item.now
        saved = formats.decimal(one.saved_points)
        below = tr("Saved: place {rank}, {points} points", rank=one.saved_rank, points=saved)
        if one.saved_rank is None:
            below = tr("Saved: not in the ranking")
        return f"{one.rank}. {one.person}, {formats.decimal(one.points)}, {below}"

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        with QPainter(self.viewport()) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            for at, row in enumerate(self.items):
                if row.before is not None:
                    self._line(painter, row.before, at)

    def _line(self, painter: QPainter, left: int, right: int) -> None:
        start = QPointF(_RANK + _SAVED + 4, (left + 0.5) * self.row_height)
        stop = QPointF(_RANK + _SAVED + _BETWEEN - 4, (right + 0.5) * self.row_height)
        path = QPainterPath(start)
        middle = (start.x() + stop.x()) / 2
        path.cubicTo(QPointF(middle, start.y()), QPointF(middle, stop.y()), stop)
        painter.setPen(QPen(_colour(self.items[right].now), 1.6 if left != right else 1.2))
        painter.drawPath(path)

    def paint_row(self, painter: QPainter, rect: QRect, item: Row, active: bool) -> None:
        look, top, high = theme.current(), rect.top(), rect.height()
        small = theme.font(theme.SECONDARY, tabular=True)
        painter.setFont(small)
        painter.setPen(look.muted)
        if item.saved is not None:
            at = QRect(theme.XS, top, _RANK, high)
            painter.drawText(at, _LEFT, formats.whole(item.saved.saved_rank or 0))
            at = QRect(_RANK, top, _SAVED, high)
            painter.drawText(at, _RIGHT, _points(item.saved.saved_points))
        left = _RANK + _SAVED + _BETWEEN
        one, right = item.now, rect.right() - theme.XS
        painter.setFont(theme.font(theme.BODY, bold=True, tabular=True))
        painter.setPen(look.text)
        painter.drawText(QRect(left, top, 18, high), _LEFT, formats.whole(one.rank))
        where = QRectF(left + 18, top + (high - _SMALL) / 2, _SMALL, _SMALL)
        avatar.paint(painter, where, one.person, one.person_id)
        painter.setFont(theme.font(theme.BODY, bold=True, tabular=True))
        painter.setPen(look.text)
        number = _points(one.points)
        wide = painter.fontMetrics().horizontalAdvance(number)
        painter.drawText(QRect(right - wide, top, wide, high), _RIGHT, number)
        painter.setFont(theme.font(theme.BODY))
        begin = left + 18 + _SMALL + theme.XS
        room = right - wide - theme.S - begin
        name = painter.fontMetrics().elidedText(one.person, Qt.TextElideMode.ElideRight, room)
        painter.drawText(QRect(begin, top, room, high), _LEFT, name)


def _points(value: Decimal) -> str:
    return formats.decimal(value)


def _colour(one: Place) -> QColor:
    """Up, down or the same place."""
    look = theme.current()
    return look.good if one.up > 0 else look.bad if one.up < 0 else look.faint
