"""How the cells of the ranking look: facts with plans in small, bars, little charts, avatars."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate

from salesdesk.ui import theme
from salesdesk.ui.ranking.model import Line, RankingModel
from salesdesk.ui.ranking.words import COLUMNS
from salesdesk.ui.widgets import avatar

#: As numbers: to combine flags costs Python more than to paint a cell's ground.
_SELECTED = QStyle.StateFlag.State_Selected.value
_FOCUSED = QStyle.StateFlag.State_HasFocus.value
PAD = 6
TIGHT = 3
_BAR = 4
_SPARK_HEIGHT = 16
_SPARK_BAR, _SPARK_GAP = 3, 2
_RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
_LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
Index = QModelIndex | QPersistentModelIndex


SPARK_WIDTH = 12 * (_SPARK_BAR + _SPARK_GAP) - _SPARK_GAP


class CellPainter(QStyledItemDelegate):
    """Paints every cell; ``pad`` is the room at the sides, ``hovered`` the row and column under the
    pointer, ``current`` the cell of the keyboard."""

    def __init__(self, model: RankingModel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self.fonts = model.fonts
        self.pad = PAD
        self.hovered = (-1, -1)

    def paint(self, painter: QPainter, option: Any, index: Index) -> None:
        line, column = self._model.line(index.row()), COLUMNS[index.column()]
        rect = QRect(option.rect)
        painter.save()
        self._ground(painter, rect, line, column, index.row())
        inside = rect.adjusted(self.pad, 0, -self.pad, -1)
        if column == "rank":
            self._rank(painter, rect.adjusted(theme.S, 0, 0, -1), line)
        elif column == "person":
            self._person(painter, inside, line)
        elif column == "weeks":
            sparkline(painter, QRectF(inside), line.weeks)
        else:
            hovered = self.hovered == (index.row(), index.column())
            self._number(painter, inside, line, column, hovered)
        state = option.state.value
        if state & _SELECTED:
            self._focus(painter, rect, bool(state & _FOCUSED))
        painter.restore()

    def _ground(self, painter: QPainter, rect: QRect, line: Line, column: str, row: int) -> None:
        look = theme.current()
        tint = None
        if column in line.cells and not line.is_total:
            tint = look.level(line.cells[column].level)
        if tint is not None:
            painter.fillRect(rect, tint.background)
        elif row == self.hovered[0]:
            painter.fillRect(rect, look.hover)
        if row < len(self._model.lines) - 1:
            painter.fillRect(rect.left(), rect.bottom(), rect.width(), 1, look.line)

    def _focus(self, painter: QPainter, rect: QRect, strong: bool) -> None:
        look = theme.current()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(look.accent if strong else theme.mix(look.accent, look.line, 0.5), 1.5))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        box = QRectF(rect).adjusted(1, 1, -1, -2)
        painter.drawRoundedRect(box, theme.XS, theme.XS)

    def _rank(self, painter: QPainter, rect: QRect, line: Line) -> None:
        if line.is_total:
            return
        look = theme.current()
        painter.setFont(self.fonts.bold)
        painter.setPen(look.text)
        painter.drawText(rect, _LEFT, line.rank)
        rect = rect.adjusted(round(self.fonts.width(line.rank, "bold")) + theme.XS, 0, 0, 0)
        colour = {"▲": look.good, "▼": look.bad}.get(line.change[:1], look.muted)
        painter.setFont(self.fonts.small)
        painter.setPen(colour)
        painter.drawText(rect, _LEFT, line.change)

    def _person(self, painter: QPainter, rect: QRect, line: Line) -> None:
        look = theme.current()
        if not line.is_total:
            size = theme.AVATAR
            top = rect.center().y() - size // 2 + 1
            where = QRectF(rect.left(), top, size, size)
            avatar.paint(painter, where, line.name, line.row.person_id or 0)
        rect = rect.adjusted(theme.AVATAR + theme.S, 0, 0, 0)
        font = self.fonts.bold if line.is_total else self.fonts.plain
        painter.setFont(font)
        painter.setPen(look.text)
        shown = painter.fontMetrics().elidedText(
            line.name, Qt.TextElideMode.ElideRight, rect.width()
        )
        painter.drawText(rect, _LEFT, shown)

    def _number(
        self, painter: QPainter, rect: QRect, line: Line, column: str, hovered: bool
    ) -> None:
        look, cell = theme.current(), line.cells[column]
        text = rect
        if column == "points" and not line.is_total:
            text = rect.adjusted(0, theme.XS + 1, 0, -theme.S - 3)
            track = QRectF(rect.left(), rect.bottom() - theme.S - 1, rect.width(), _BAR)
            bar(painter, track, line.share, look.accent)
        tint = None if line.is_total else look.level(cell.level)
        right = text.right() + 1
        if cell.target:
            painter.setFont(self.fonts.small)
            painter.setPen(look.muted)
            painter.drawText(text, _RIGHT, cell.target)
            right -= round(self.fonts.width(cell.target, "small"))
        strong = line.is_total or tint is not None or column == "points"
        font = self.fonts.bold if strong else self.fonts.plain
        painter.setFont(font)
        colour = tint.text if tint is not None else look.text
        painter.setPen(look.accent if hovered and tint is None else colour)
        where = QRect(text.left() - theme.L, text.top(), right - text.left() + theme.L,
                      text.height())  # fmt: skip
        painter.drawText(where, _RIGHT, cell.fact)
        if hovered:
            width = round(self.fonts.width(cell.fact, "bold" if strong else "plain"))
            below = where.center().y() + painter.fontMetrics().ascent() // 2 + 3
            painter.drawLine(right - width, below, right - 1, below)


def bar(painter: QPainter, track: QRectF, share: float, colour: QColor) -> None:
    """A thin bar, ``share`` (0..1) of it filled."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    radius = track.height() / 2
    painter.setBrush(theme.current().track)
    painter.drawRoundedRect(track, radius, radius)
    width = track.width() * max(0.0, min(share, 1.0))
    if width > 0:
        painter.setBrush(colour)
        filled = QRectF(track.left(), track.top(), max(width, track.height()), track.height())
        painter.drawRoundedRect(filled, radius, radius)
    painter.restore()


def sparkline(painter: QPainter, rect: QRectF, values: Sequence[Decimal]) -> None:
    """Little bars side by side, the newest at the right and strongest, scaled to the highest."""
    most = max(values, default=Decimal(0))
    if most <= 0:
        return
    look = theme.current()
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
