"""The small marks on cards, drawn at a painter's own corner: states of tasks, stages of
children."""

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen

from salesdesk.services.cards import TaskState
from salesdesk.ui import theme

DOT, CHILD_DOT = 9, 7


def draw_dot(inner: QPainter, state: TaskState) -> None:
    """Full with a stroke: overdue; half: today; full: planned; ring with a core: waiting."""
    look = theme.current()
    ring = QRectF(1.25, 1.25, DOT - 2.5, DOT - 2.5)
    if state in ("none", "waiting"):
        inner.setPen(QPen(look.muted, 1.25))
        inner.drawEllipse(ring)
        if state == "waiting":
            inner.setPen(Qt.PenStyle.NoPen)
            inner.setBrush(look.muted)
            inner.drawEllipse(QRectF(3, 3, DOT - 6, DOT - 6))
        return
    colour = look.dot(state)
    inner.setBrush(colour)
    if state == "today":
        inner.drawPie(ring, 90 * 16, 180 * 16)
        inner.setPen(QPen(colour, 1.25))
        inner.setBrush(Qt.BrushStyle.NoBrush)
        inner.drawEllipse(ring)
        return
    inner.drawEllipse(QRectF(0.5, 0.5, DOT - 1, DOT - 1))
    if state == "overdue":
        inner.setPen(QPen(look.raised, 1.5))
        inner.drawLine(QPointF(DOT / 2, 2), QPointF(DOT / 2, 4.8))
        inner.drawPoint(QPointF(DOT / 2, 6.8))


def draw_child_dot(inner: QPainter, stage_colour: str, is_open: bool) -> None:
    """A disc in the colour of the stage; a ring when the child is closed."""
    colour = theme.current().stage(stage_colour)
    box = QRectF(0.5, 0.5, CHILD_DOT - 1, CHILD_DOT - 1)
    if is_open:
        inner.setBrush(colour)
    else:
        inner.setPen(QPen(colour, 1.5))
        box.adjust(0.5, 0.5, -0.5, -0.5)
    inner.drawEllipse(box)


def draw_chain_box(inner: QPainter, width: int, height: int) -> None:
    """The dashed frame around the stages of the children."""
    look = theme.current()
    pen = QPen(theme.mix(look.line, look.faint, 0.35), 1)
    pen.setDashPattern([3, 3])
    inner.setPen(pen)
    inner.drawRoundedRect(QRectF(0.5, 0.5, width - 1, height - 1), 4, 4)
