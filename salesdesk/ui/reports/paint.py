"""How the cells and heads of a report look: figures right, colours of plans with their marks."""

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPen, QPolygonF
from PySide6.QtWidgets import QStyle, QStyledItemDelegate

from salesdesk.ui import theme
from salesdesk.ui.reports.cells import NOTHING, is_words
from salesdesk.ui.reports.model import Index, ReportModel

if TYPE_CHECKING:
    from salesdesk.ui.reports.grid import GridView

LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
_MARK = 8


class CellPainter(QStyledItemDelegate):
    """Paints a cell; what leads somewhere is underlined under the pointer."""

    def __init__(self, view: "GridView") -> None:
        super().__init__(view)
        self._view = view

    def paint(self, painter: QPainter, option: Any, index: Index) -> None:
        focused: bool | None = None
        if option.state & QStyle.StateFlag.State_Selected:
            focused = bool(option.state & QStyle.StateFlag.State_HasFocus)
        view = self._view
        whole(painter, QRect(option.rect), view.model_of, index, view.pad, view.hovered, focused)


def whole(
    painter: QPainter,
    rect: QRect,
    model: ReportModel,
    index: Index,
    pad: int,
    hovered: tuple[int, int],
    focused: bool | None,
) -> None:
    """A cell with its ground; ``hovered`` is under the pointer, ``focused`` says whether the
    keyboard, which stands there, has the table (None: it stands elsewhere)."""
    painter.save()
    last = index.row() == len(model.rows) - 1
    ground(painter, rect, model, index, hovered[0] == index.row(), last)
    cell(painter, rect, model, index, pad, hovered == (index.row(), index.column()))
    if focused is not None:
        _frame(painter, rect, focused)
    painter.restore()


def ground(
    painter: QPainter, rect: QRect, model: ReportModel, index: Index, over: bool, last: bool
) -> None:
    """What is behind a cell: its level, the pointer's row, the line below."""
    look, row = theme.current(), model.rows[index.row()]
    tint = look.level(row.levels.get(model.column(index.column()).key, "none"))
    if tint is not None:
        painter.fillRect(rect, tint.background)
    elif over:
        painter.fillRect(rect, look.hover)
    if model.is_total(index.row()):
        painter.fillRect(rect.left(), rect.top() - 1, rect.width(), 1, look.faint)
    if not last:
        painter.fillRect(rect.left(), rect.bottom(), rect.width(), 1, look.line)


def cell(
    painter: QPainter, rect: QRect, model: ReportModel, index: Index, pad: int, active: bool = False
) -> None:
    """What a cell says; ``active``: under the pointer."""
    look, row = theme.current(), model.rows[index.row()]
    column = model.column(index.column())
    level = row.levels.get(column.key, "none")
    tint, text = look.level(level), str(model.data(index))
    leads = active and (model.has_behind(index) or model.leads(index))
    strong = model.is_total(index.row()) or tint is not None
    quiet = text == NOTHING or (is_words(column.holds) and index.column() != model.label)
    colour = tint.text if tint is not None else look.muted if quiet else look.text
    painter.setPen(look.accent if leads else colour)
    font = theme.font(theme.BODY, bold=strong, tabular=True)
    font.setUnderline(leads)
    painter.setFont(font)
    inside = rect.adjusted(pad, 0, -pad, -1)
    words = is_words(column.holds)
    if level in ("full", "half", "over") or column.key in row.signs:
        used = painter.fontMetrics().horizontalAdvance(text)
        left = inside.left() + used + theme.XS if words else inside.right() - used - _MARK - 5
        if left >= rect.left() + 2:
            mark(painter, QPointF(left, rect.center().y() - _MARK / 2 + 1), level, colour)
        painter.setPen(look.accent if leads else colour)
    painter.drawText(inside, LEFT if words else RIGHT, _cut(text, strong, inside.width() + 1))


@lru_cache(maxsize=4096)
def _cut(text: str, strong: bool, room: int) -> str:
    """What of a cell's text fits: measuring it costs as much as writing it."""
    metrics = QFontMetrics(theme.font(theme.BODY, bold=strong, tabular=True))
    return metrics.elidedText(text, Qt.TextElideMode.ElideRight, room)


def mark(painter: QPainter, at: QPointF, level: str, colour: QColor) -> None:
    """The sign beside a colour: a tick, a half circle, an exclamation mark; else a dot."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    box = QRectF(at.x(), at.y(), _MARK, _MARK)
    if level == "full":
        painter.setPen(QPen(colour, 1.6))
        ticks = ((0.5, 4.2), (3, 6.8), (7.5, 1.4))
        painter.drawPolyline(QPolygonF([at + QPointF(x, y) for x, y in ticks]))
    elif level == "half":
        painter.setPen(QPen(colour, 1.2))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawEllipse(box.adjusted(0.6, 0.6, -0.6, -0.6))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        painter.drawPie(box.adjusted(0.6, 0.6, -0.6, -0.6), 90 * 16, 180 * 16)
    elif level == "over":
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        painter.drawRect(QRectF(at.x() + 3.2, at.y() + 0.4, 1.8, 4.8))
        painter.drawRect(QRectF(at.x() + 3.2, at.y() + 6.2, 1.8, 1.8))
    else:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        painter.drawEllipse(box.center(), 2.2, 2.2)
    painter.restore()


def _frame(painter: QPainter, rect: QRect, strong: bool) -> None:
    """The place of the keyboard."""
    look = theme.current()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    colour = look.accent if strong else theme.mix(look.accent, look.line, 0.5)
    painter.setPen(QPen(colour, 1.5))
    painter.drawRoundedRect(rect.adjusted(1, 1, -2, -2), theme.XS, theme.XS)


def head(painter: QPainter, rect: QRect, model: ReportModel, at: int, pad: int) -> None:
    """The head of a column, in as many lines as it needs; the one sorted by is in the accent."""
    look, column = theme.current(), model.column(at)
    painter.save()
    painter.fillRect(rect, look.surface)
    painter.fillRect(rect.left(), rect.bottom(), rect.width(), 1, look.line)
    sorts = column.key == model.sorted_by
    painter.setPen(look.accent if sorts else look.muted)
    painter.setFont(theme.font(theme.SMALL, bold=True))
    inside = rect.adjusted(pad, theme.XS, -pad, -theme.S)
    words = is_words(column.holds)
    side = Qt.AlignmentFlag.AlignLeft if words else Qt.AlignmentFlag.AlignRight
    flags = int(side | Qt.AlignmentFlag.AlignBottom) | int(Qt.TextFlag.TextWordWrap)
    text = str(model.headerData(at, Qt.Orientation.Horizontal))
    painter.drawText(inside, flags, text)
    if sorts:
        x = inside.left() + 4 if words else inside.right() - 3
        _arrow(painter, QPointF(x, rect.bottom() - 4), model.upwards)
    painter.restore()


def _arrow(painter: QPainter, middle: QPointF, upwards: bool) -> None:
    tip = -2 if upwards else 2
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.current().accent)
    corners = ((-3.5, -tip), (3.5, -tip), (0, tip))
    painter.drawPolygon(QPolygonF([middle + QPointF(x, y) for x, y in corners]))
