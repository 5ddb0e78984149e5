"""The chart of a replay: what was said each Monday, its range, and what happened."""

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from salesdesk.text import tr
from salesdesk.ui import formats, theme
from salesdesk.ui.reports.pointed import Pointed
from salesdesk.ui.widgets.linechart import steps_to

if TYPE_CHECKING:
    from salesdesk.services.forecast_replay import Said

_LEAST = 200
_LEGEND = 24
_MARK = 20
_DOT = 2.8
_WEEK = 7
_LONE = 3.0  # half as wide as what was said of a Monday that stands alone
_RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
_HISTORY, _DATE = 0, 1  # places among the theme's series, as in the chart of the report


class ReplayChart(Pointed):
    """``set_lines`` draws the Mondays where they are in time: where some are missing (nothing was
    open) there is a gap, and no line goes over it. A point outside the range is a red ring."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(name, _LEAST, parent)
        self._lines: tuple[Said, ...] = ()
        self._number: Callable[[float], str] = str

    def set_lines(
        self, lines: "Sequence[Said]", number: Callable[[float], str], spoken: str
    ) -> None:
        """Draw these Mondays; ``number`` writes a value, ``spoken`` is for a screen reader."""
        self._lines, self._number, self._at = tuple(lines), number, -1
        self.setAccessibleName(spoken)
        self.update()

    # -- measures -----------------------------------------------------------------------------

    def _dated(self) -> bool:
        return any(each.by_date for each in self._lines)

    def _top(self) -> tuple[float, float]:
        """The highest value of the axis and the step of its lines."""
        most = max(
            (max(each.high, each.by_date, each.expected, each.happened or 0.0)
             for each in self._lines), default=0.0,
        )  # fmt: skip
        step = steps_to(most)
        return max(step * math.ceil(most / step - 1e-9), step), step

    def _box(self, top: float, step: float) -> QRectF:
        metrics = QFontMetricsF(theme.font(theme.SMALL, tabular=True))
        said = [self._number(line * step) for line in range(round(top / step) + 1)]
        left = max(map(metrics.horizontalAdvance, said)) + theme.S
        above = _LEGEND + theme.S
        return QRectF(left, above, max(self.width() - left - theme.S, 10.0),
                      max(self.height() - above - theme.L - theme.XS, 10.0))  # fmt: skip

    def _x(self, at: int, box: QRectF) -> float:
        return box.left() + self._week(box) * (self._lines[at].day - self._lines[0].day) / _WEEK

    def _week(self, box: QRectF) -> float:
        """How wide a week is."""
        return box.width() * _WEEK / max(self._lines[-1].day - self._lines[0].day, _WEEK)

    def runs(self) -> list[range]:
        """The places of Mondays one after another, without one missing between them."""
        days = [each.day for each in self._lines]
        starts = [at for at in range(len(days)) if not at or days[at] - days[at - 1] > _WEEK]
        return [range(a, b) for a, b in zip(starts, [*starts[1:], len(days)], strict=True)]

    def _drawn(self, run: range, values: Sequence[float], box: QRectF, top: float) -> list[QPointF]:
        """The points of a run's line; a Monday that stands alone has a short one."""
        apart = (-_LONE, _LONE) if len(run) == 1 else (0.0,)
        return [
            QPointF(self._x(at, box) + by, self._y(values[at], box, top))
            for at in run
            for by in apart
        ]

    @staticmethod
    def _y(value: float, box: QRectF, top: float) -> float:
        return box.bottom() - box.height() * max(value, 0.0) / top

    def point(self, at: int) -> QPointF:
        """Where what happened after a Monday is drawn (for tests)."""
        top, step = self._top()
        box = self._box(top, step)
        return QPointF(self._x(at, box), self._y(self._lines[at].happened or 0.0, box, top))

    # -- painting -----------------------------------------------------------------------------

    def paintEvent(self, _event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            if not self._lines:
                return
            top, step = self._top()
            box = self._box(top, step)
            self._paint_legend(painter)
            self._paint_grid(painter, box, top, step)
            look = theme.current()
            self._paint_band(painter, box, top)
            if self._dated():
                pen = QPen(look.line_of(_DATE), 1.6, Qt.PenStyle.DashLine)
                self._paint_line(painter, box, top, pen, [each.by_date for each in self._lines])
            pen = QPen(look.line_of(_HISTORY), 2)
            self._paint_line(painter, box, top, pen, [each.expected for each in self._lines])
            self._paint_truth(painter, box, top)
            if self._at >= 0:
                x = self._x(self._at, box)
                painter.setPen(QPen(look.faint, 1))
                painter.drawLine(QPointF(x, box.top()), QPointF(x, box.bottom()))

    def _paint_legend(self, painter: QPainter) -> None:
        look = theme.current()
        history = look.line_of(_HISTORY)
        entries: list[tuple[str, str, QColor]] = [
            ("band", tr("Range 10–90 %"), theme.mix(look.surface, history, 0.22)),
            ("line", tr("By history"), history),
        ]
        if self._dated():
            entries.append(("dash", tr("By probability"), look.line_of(_DATE)))
        entries += [("dot", tr("What happened"), look.text), ("ring", tr("Outside"), look.bad)]
        painter.setFont(theme.font(theme.SECONDARY))
        x = 0.0
        for kind, text, colour in entries:
            self._mark(painter, kind, QRectF(x, 0, _MARK, _LEGEND), colour)
            x += _MARK + theme.XS + 1
            painter.setPen(look.muted)
            wide = painter.fontMetrics().horizontalAdvance(text)
            where = QRectF(x, 0, max(self.width() - x, 0.0), _LEGEND)
            painter.drawText(where, int(Qt.AlignmentFlag.AlignVCenter), text)
            x += wide + theme.L

    def _mark(self, painter: QPainter, kind: str, box: QRectF, colour: QColor) -> None:
        middle = box.center()
        painter.setBrush(colour)
        if kind == "band":
            painter.setPen(Qt.PenStyle.NoPen)
            painter.drawRoundedRect(QRectF(box.left() + 4, middle.y() - 5, 14, 10), 2, 2)
        elif kind in ("line", "dash"):
            style = Qt.PenStyle.SolidLine if kind == "line" else Qt.PenStyle.DashLine
            painter.setPen(QPen(colour, 2, style))
            painter.drawLine(QPointF(box.left(), middle.y()), QPointF(box.right(), middle.y()))
        else:
            self._dot(painter, middle, colour, kind == "ring")

    @staticmethod
    def _dot(painter: QPainter, middle: QPointF, colour: QColor, ring: bool) -> None:
        if ring:
            painter.setPen(QPen(colour, 1.8))
            painter.setBrush(theme.current().surface)
            painter.drawEllipse(middle, _DOT + 0.6, _DOT + 0.6)
        else:
            painter.setPen(QPen(theme.current().surface, 1))
            painter.setBrush(colour)
            painter.drawEllipse(middle, _DOT + 0.4, _DOT + 0.4)

    def _paint_grid(self, painter: QPainter, box: QRectF, top: float, step: float) -> None:
        look = theme.current()
        painter.setFont(theme.font(theme.SMALL, tabular=True))
        for line in range(round(top / step) + 1):
            y = round(self._y(line * step, box, top)) + 0.5
            painter.setPen(QPen(look.line, 1))
            painter.drawLine(QPointF(box.left(), y), QPointF(box.right(), y))
            painter.setPen(look.muted)
            where = QRectF(0, y - 8, box.left() - theme.S, 16)
            painter.drawText(where, _RIGHT, self._number(line * step))
        self._paint_days(painter, box)

    def _paint_days(self, painter: QPainter, box: QRectF) -> None:
        """As many Mondays as fit, the first among them."""
        metrics = painter.fontMetrics()
        labels = [formats.day_short(each.day) for each in self._lines]
        widest = max(metrics.horizontalAdvance(text) for text in labels) + theme.L
        first, last = self._lines[0].day, self._lines[-1].day
        weeks = (last - first) // _WEEK + 1
        apart = max(math.ceil(weeks * widest / max(box.width(), 1.0)), 1) * _WEEK
        end, free = 0.0, first
        for at, each in enumerate(self._lines):
            if each.day < free:
                continue
            free = each.day + apart
            wide = metrics.horizontalAdvance(labels[at])
            left = min(max(self._x(at, box) - wide / 2, box.left()), self.width() - wide)
            if left >= end:
                painter.drawText(QPointF(left, box.bottom() + theme.L), labels[at])
                end = left + wide + theme.S

    def _paint_band(self, painter: QPainter, box: QRectF, top: float) -> None:
        look = theme.current()
        high, low = [each.high for each in self._lines], [each.low for each in self._lines]
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.mix(look.surface, look.line_of(_HISTORY), 0.16))
        for run in self.runs():
            lower = reversed(self._drawn(run, low, box, top))
            painter.drawPolygon(QPolygonF([*self._drawn(run, high, box, top), *lower]))

    def _paint_line(
        self, painter: QPainter, box: QRectF, top: float, pen: QPen, values: Sequence[float]
    ) -> None:
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for run in self.runs():
            painter.drawPolyline(QPolygonF(self._drawn(run, values, box, top)))

    def _paint_truth(self, painter: QPainter, box: QRectF, top: float) -> None:
        look = theme.current()
        for run in self.runs():
            known = [
                (QPointF(self._x(at, box), self._y(happened, box, top)), self._lines[at].held)
                for at in run
                if (happened := self._lines[at].happened) is not None
            ]
            painter.setPen(QPen(theme.mix(look.surface, look.text, 0.35), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawPolyline(QPolygonF([place for place, _ in known]))
            for place, held in known:
                self._dot(painter, place, look.text if held else look.bad, not held)

    # -- the pointer --------------------------------------------------------------------------

    def said(self, at: int) -> str:
        """What the tool tip says of a Monday."""
        line, number = self._lines[at], self._number
        found = [
            tr("Monday {day}", day=formats.day(line.day)),
            f"{tr('By history')}  {number(line.expected)}",
            f"{tr('Range 10–90 %')}  {number(line.low)} – {number(line.high)}",
        ]
        if line.dated:
            found.append(f"{tr('By probability')}  {number(line.by_date)}")
        happened = tr("not over yet") if line.happened is None else number(line.happened)
        found.append(f"{tr('What happened')}  {happened}")
        found.append(f"{tr('Open deals')}  {formats.whole(line.deals)}")
        return "\n".join(found)

    def place_at(self, where: QPointF) -> int:
        box = self._box(*self._top())
        if not self._lines or not box.adjusted(-6, 0, 6, 0).contains(where):
            return -1
        far, at = min((abs(self._x(at, box) - where.x()), at) for at in range(len(self._lines)))
        return at if far <= max(self._week(box) / 2, _MARK / 2) else -1
