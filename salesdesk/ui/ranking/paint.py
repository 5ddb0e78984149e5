"""How the cells of the ranking look: facts with plans in small, bars, little charts, avatars."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

from PySide6.QtCore import (
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPoint,
    QPointF,
    QRect,
    QRectF,
    Qt,
)
from PySide6.QtGui import QColor, QFont, QPainter, QPen, QPolygonF
from PySide6.QtWidgets import QStyle, QStyledItemDelegate

from salesdesk.text import language
from salesdesk.ui import theme
from salesdesk.ui.ranking.columns import COLUMNS
from salesdesk.ui.ranking.model import Line, RankingModel
from salesdesk.ui.widgets import avatar
from salesdesk.ui.widgets.pictures import Pictures

#: As numbers: to combine flags costs Python more than to paint a cell's ground.
_SELECTED = QStyle.StateFlag.State_Selected.value
_FOCUSED = QStyle.StateFlag.State_HasFocus.value
#: Pictures of cells that are kept: a screen full of them.
_KEPT = 1500
PAD = 6
TIGHT = 3
_BAR = 4
_SPARK_HEIGHT = 16
_SPARK_BAR, _SPARK_GAP = 3, 2
_RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
#: Heads of texts stand over them.
_AT_LEFT = ("rank", "person", "team")
_LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
Index = QModelIndex | QPersistentModelIndex


SPARK_WIDTH = 12 * (_SPARK_BAR + _SPARK_GAP) - _SPARK_GAP


class Cells:
    """Paints cells on any painter, in the colours of ``look()``; ``pad`` is the room at the sides.

    ``without_red``: what is above a norm is left out, and nobody's going down is shown in red.
    """

    def __init__(
        self, model: RankingModel, look: Callable[[], theme.Theme], without_red: bool = False
    ) -> None:
        self._model = model
        self._look = look
        self.without_red = without_red
        self.fonts = model.fonts
        self.pad = PAD

    def paint(
        self, painter: QPainter, rect: QRect, line: Line, column: str, hovered: bool = False
    ) -> None:
        """Draw what a cell says."""
        inside = rect.adjusted(self.pad, 0, -self.pad, -1)
        if column == "rank":
            self._rank(painter, rect.adjusted(theme.S, 0, 0, -1), line)
        elif column == "person":
            self._person(painter, inside, line)
        elif column == "weeks":
            sparkline(painter, QRectF(inside), line.weeks, self._look())
        elif column == "team":
            self._team(painter, inside, line)
        else:
            self._number(painter, inside, line, column, hovered)

    def ground(
        self, painter: QPainter, rect: QRect, line: Line, column: str, over: bool, last: bool
    ) -> None:
        """Draw what is behind a cell; ``over``: the pointer is over its row."""
        look = self._look()
        tint = self._tint(line, column)
        if tint is not None:
            painter.fillRect(rect, tint.background)
        elif over:
            painter.fillRect(rect, look.hover)
        if not last:
            painter.fillRect(rect.left(), rect.bottom(), rect.width(), 1, look.line)

    def head(self, painter: QPainter, rect: QRect, column: str, sorted_by: str = "") -> None:
        """Draw a head of one or two lines; ``sorted_by`` is ``▲``, ``▼`` or nothing."""
        look = self._look()
        painter.fillRect(rect, look.surface)
        painter.fillRect(rect.left(), rect.bottom(), rect.width(), 1, look.line)
        painter.setPen(look.accent if sorted_by else look.muted)
        painter.setFont(self.fonts.head)
        left = theme.S if column == "rank" else self.pad
        inside = rect.adjusted(left, 0, -self.pad, -theme.S)
        side = Qt.AlignmentFlag.AlignLeft if column in _AT_LEFT else Qt.AlignmentFlag.AlignRight
        painter.drawText(inside, int(side | Qt.AlignmentFlag.AlignBottom), self._model.head(column))
        if sorted_by:
            at_left = column in _AT_LEFT
            x = inside.left() + 4 if at_left else inside.right() - 3
            self._sign(painter, QPointF(x, rect.bottom() - 4), sorted_by == "▲")

    def _sign(self, painter: QPainter, middle: QPointF, upwards: bool) -> None:
        """A small triangle at the foot of the head that the rows are sorted by."""
        tip = -2 if upwards else 2
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._look().accent)
        corners = ((-3.5, -tip), (3.5, -tip), (0, tip))
        painter.drawPolygon(QPolygonF([middle + QPointF(x, y) for x, y in corners]))

    def _tint(self, line: Line, column: str) -> theme.Tint | None:
        if line.is_total or column not in line.cells:
            return None
        level = line.cells[column].level
        return None if level == "over" and self.without_red else self._look().level(level)

    def _rank(self, painter: QPainter, rect: QRect, line: Line) -> None:
        if line.is_total:
            return
        look = self._look()
        painter.setFont(self.fonts.bold)
        painter.setPen(look.text)
        painter.drawText(rect, _LEFT, line.rank)
        rect = rect.adjusted(round(self.fonts.width(line.rank, "bold")) + theme.XS, 0, 0, 0)
        down = look.muted if self.without_red else look.bad
        colour = {"▲": look.good, "▼": down}.get(line.change[:1], look.muted)
        painter.setFont(self.fonts.small)
        painter.setPen(colour)
        painter.drawText(rect, _LEFT, line.change)

    def _person(self, painter: QPainter, rect: QRect, line: Line) -> None:
        look = self._look()
        if not line.is_total:
            size = theme.AVATAR
            top = rect.center().y() - size // 2 + 1
            where = QRectF(rect.left(), top, size, size)
            avatar.paint(painter, where, line.name, line.row.person_id or 0, look)
        rect = rect.adjusted(theme.AVATAR + theme.S, 0, 0, 0)
        if line.as_of[0]:
            below = rect.adjusted(0, 2 * theme.S, 0, 0)
            rect = rect.adjusted(0, 0, 0, -2 * theme.S + 2)
            painter.setFont(self.fonts.small)
            painter.setPen(look.muted)
            painter.drawText(below, _LEFT, line.as_of[0])
        self._words(painter, rect, line.name, self.fonts.bold if line.is_total else None)

    def _team(self, painter: QPainter, rect: QRect, line: Line) -> None:
        if not line.is_total:
            self._words(painter, rect, line.row.team or "", None, muted=True)

    def _words(
        self, painter: QPainter, rect: QRect, text: str, font: QFont | None, muted: bool = False
    ) -> None:
        look = self._look()
        painter.setFont(self.fonts.plain if font is None else font)
        painter.setPen(look.muted if muted else look.text)
        metrics = self.fonts.plain_metrics if font is None else self.fonts.bold_metrics
        shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, rect.width())
        painter.drawText(rect, _LEFT, shown)

    def _number(
        self, painter: QPainter, rect: QRect, line: Line, column: str, hovered: bool
    ) -> None:
        look, cell = self._look(), line.cells[column]
        if cell.level == "over" and self.without_red and not line.is_total:
            painter.setFont(self.fonts.plain)
            painter.setPen(look.muted)
            painter.drawText(rect, _RIGHT, "·")
            return
        top, bottom = rect.top(), rect.bottom() + 1
        if column == "points" and not line.is_total:
            track = QRectF(rect.left(), rect.bottom() - theme.S - 1, rect.width(), _BAR)
            bar(painter, track, line.share, look.accent, look)
            top, bottom = top + theme.XS + 1, bottom - theme.S - 3
        middle, right = (top + bottom) / 2, rect.right() + 1
        if cell.below:
            self._figures(painter, cell.below, "small", look.muted, right, middle + theme.S + 1)
            middle -= theme.S - 1
        tint = self._tint(line, column)
        if cell.target and not (self.without_red and cell.level == "over"):
            right = self._figures(painter, cell.target, "small", look.muted, right, middle)
        strong = line.is_total or tint is not None or column == "points"
        colour = tint.text if tint is not None else look.accent if hovered else look.text
        font = "bold" if strong else "plain"
        left = self._figures(painter, cell.fact, font, colour, right, middle)
        if hovered:
            below = round(middle) + painter.fontMetrics().ascent() // 2 + 3
            painter.drawLine(left, below, right - 1, below)

    def _figures(
        self, painter: QPainter, text: str, font: str, colour: QColor, right: int, middle: float
    ) -> int:
        """Write figures that end at ``right``; where they begin. By the point: to have Qt align
        them in a box takes more than twice as long."""
        painter.setFont(self.fonts.named[font])
        painter.setPen(colour)
        left = right - round(self.fonts.width(text, font))
        painter.drawText(left, round(middle + self.fonts.rise[font]), text)
        return left


class CellPainter(QStyledItemDelegate):
    """The cells in a table of the screen; ``hovered`` is the row and column under the pointer."""

    def __init__(self, model: RankingModel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self.cells = Cells(model, theme.current)
        self.fonts = model.fonts
        self.hovered = (-1, -1)
        self._pictures = Pictures(keep=_KEPT)

    def forget(self) -> None:
        """Paint every cell anew the next time."""
        self._pictures.clear()

    def paint(self, painter: QPainter, option: Any, index: Index) -> None:
        row = index.row()
        line, column = self._model.line(row), COLUMNS[index.column()]
        rect = QRect(option.rect)
        last = row == len(self._model.lines) - 1
        over, state = row == self.hovered[0], option.state.value
        painter.save()
        if over or state & _SELECTED:  # the table's own ground shines through
            self.cells.ground(painter, rect, line, column, over, last)
            self.cells.paint(painter, rect, line, column, self.hovered == (row, index.column()))
        else:
            self._still(painter, rect, line, column, last)
        if state & _SELECTED:
            self._focus(painter, rect, bool(state & _FOCUSED))
        painter.restore()

    def _still(self, painter: QPainter, rect: QRect, line: Line, column: str, last: bool) -> None:
        """A cell on the plain ground: copied where it was painted before."""

        def draw(inner: QPainter, where: QRect) -> None:
            self.cells.ground(inner, where, line, column, False, last)
            self.cells.paint(inner, where, line, column)

        look, size = theme.current(), rect.size()
        picture = self._pictures.of(
            (line.row.person_id, column, size.toTuple(), last, look.name, language()), line, size,
            painter.device().devicePixelRatioF(), look.surface,
            lambda inner: draw(inner, QRect(QPoint(0, 0), size)),
        )  # fmt: skip
        if picture is None:
            draw(painter, rect)
        else:
            painter.drawPixmap(rect.topLeft(), picture)

    def _focus(self, painter: QPainter, rect: QRect, strong: bool) -> None:
        look = theme.current()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(look.accent if strong else theme.mix(look.accent, look.line, 0.5), 1.5))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        box = QRectF(rect).adjusted(1, 1, -1, -2)
        painter.drawRoundedRect(box, theme.XS, theme.XS)


def bar(painter: QPainter, track: QRectF, share: float, colour: QColor, look: theme.Theme) -> None:
    """A thin bar, ``share`` (0..1) of it filled."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    radius = track.height() / 2
    painter.setBrush(look.track)
    painter.drawRoundedRect(track, radius, radius)
    width = track.width() * max(0.0, min(share, 1.0))
    if width > 0:
        painter.setBrush(colour)
        filled = QRectF(track.left(), track.top(), max(width, track.height()), track.height())
        painter.drawRoundedRect(filled, radius, radius)
    painter.restore()


def sparkline(
    painter: QPainter, rect: QRectF, values: Sequence[Decimal], look: theme.Theme
) -> None:
    """Little bars side by side, the newest at the right and strongest, scaled to the highest."""
    most = max(values, default=Decimal(0))
    if most <= 0:
        return
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    step = _SPARK_BAR + _SPARK_GAP
    left = rect.right() - step * len(values) + _SPARK_GAP + 1
    bottom = rect.center().y() + _SPARK_HEIGHT / 2
    for at, value in enumerate(values):
        height = max(1.5, _SPARK_HEIGHT * float(max(value, Decimal(0)) / most))
        pale = 0.55 * (1 - at / max(len(values) - 1, 1))
        painter.setBrush(theme.mix(look.accent, look.surface, pale))
        box = QRectF(left + at * step, bottom - height, _SPARK_BAR, height)
        painter.drawRoundedRect(box, 1, 1)
    painter.restore()
