"""The pipelines as rows of stages, with an arrow for every link between them.

Painted in one widget. The arrows are reached by the mouse and by the keys (arrows walk, Enter
opens), and all of them are told as text to a screen reader.
"""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPainterPathStroker,
    QPaintEvent,
    QPen,
    QPolygonF,
)
from PySide6.QtWidgets import QToolTip, QWidget

from salesdesk.services.link_rules import LinkRule
from salesdesk.services.pipelines import Pipeline, Stage
from salesdesk.text import tr
from salesdesk.ui import theme

_NAME, _BOX, _BETWEEN = 18, 38, 26
_WIDEST, _GAP = 136, 8
_APART, _INSIDE = 7, 20
_HEAD = 5.0
_NEAR = 12.0


class LinkDiagram(QWidget):
    """``set_found(...)`` shows; ``link_wanted(id)`` comes when an arrow is clicked or entered."""

    link_wanted = Signal(int)

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self._pipelines: list[tuple[Pipeline, list[Stage]]] = []
        self._links: list[LinkRule] = []
        self._names: dict[int, str] = {}
        self._boxes: dict[int, QRectF] = {}
        self._arrows: dict[int, QPainterPath] = {}
        self._current = self._hovered = -1
        theme.changed.connect(self.update)

    def set_found(
        self, pipelines: Sequence[Pipeline], stages: Sequence[Stage], links: Sequence[LinkRule]
    ) -> None:
        """Show these pipelines; a link whose stage is gone has no arrow."""
        self._pipelines = [
            (each, [stage for stage in stages if stage.pipeline_id == each.id])
            for each in pipelines
        ]
        holders = {each.id: each.name for each in pipelines}
        self._names = {s.id: f"{holders.get(s.pipeline_id, '')} · {s.name}" for s in stages}
        self._links = [
            link for link in links
            if link.stage_id in self._names and link.target_stage_id in self._names
        ]  # fmt: skip
        if self._current not in {link.id for link in self._links}:
            self._current = -1
        rows = len(self._pipelines)
        self.setFixedHeight(max(rows * (_NAME + _BOX) + max(rows - 1, 0) * _BETWEEN + 2, 1))
        self._arrange()
        self._tell()
        self.update()

    def text(self) -> str:
        """The links as sentences, one a line; without links, that there are none."""
        told = [self.words(link) for link in self._links]
        return "\n".join(told) or tr("No pipeline is linked with another one yet.")

    def words(self, link: LinkRule) -> str:
        """A link in short."""
        given = {"stage": self._names[link.stage_id], "target": self._names[link.target_stage_id]}
        if link.kind == "open_child":
            return tr("“{stage}” opens a deal in “{target}”", **given)
        return tr("“{stage}” moves the parent to “{target}”", **given)

    def arrow(self, link_id: int) -> QPainterPath:
        """The line of a link, in the widget's coordinates."""
        return self._arrows[link_id]

    # -- where everything is --------------------------------------------------------------------

    def sizeHint(self) -> QSize:
        return QSize(480, self.height())

    def resizeEvent(self, _event: object) -> None:
        self._arrange()

    def _arrange(self) -> None:
        self._boxes.clear()
        longest = max((len(stages) for _each, stages in self._pipelines), default=1) or 1
        wide = min(float(_WIDEST), (self.width() - 2 + _GAP) / longest - _GAP)
        top = 1.0
        for _pipeline, stages in self._pipelines:
            for place, stage in enumerate(stages):
                left = 1 + place * (wide + _GAP)
                self._boxes[stage.id] = QRectF(left, top + _NAME, max(wide, 8), _BOX)
            top += _NAME + _BOX + _BETWEEN
        self._arrows = {link.id: self._line(link) for link in self._links}

    def _line(self, link: LinkRule) -> QPainterPath:
        source, target = self._boxes[link.stage_id], self._boxes[link.target_stage_id]
        # At the right of the boxes, where the names of pipelines have mostly ended.
        aside = _INSIDE + (_APART if link.kind == "open_child" else -_APART)
        down = source.top() < target.top()
        start = QPointF(source.right() - aside, source.bottom() if down else source.top())
        end = QPointF(target.right() - aside, target.top() if down else target.bottom())
        # The bend stands in the rows' gaps, so that a line comes in straight.
        bend = (_BETWEEN + _NAME) * (0.8 if down else -0.8)
        path = QPainterPath(start)
        path.cubicTo(QPointF(start.x(), start.y() + bend), QPointF(end.x(), end.y() - bend), end)
        return path

    # -- painting -------------------------------------------------------------------------------

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        # Lines that pass a row go behind its stages.
        for link in self._links:
            self._paint_arrow(painter, link)
        for pipeline, stages in self._pipelines:
            if stages:
                self._paint_name(painter, pipeline.name, self._boxes[stages[0].id])
            for stage in stages:
                self._paint_stage(painter, stage)

    def _paint_name(self, painter: QPainter, name: str, first: QRectF) -> None:
        painter.setFont(theme.font(theme.SMALL, bold=True))
        painter.setPen(theme.current().muted)
        where = QRectF(first.left(), first.top() - _NAME, self.width() - first.left(), _NAME - 3)
        painter.drawText(where, int(Qt.AlignmentFlag.AlignVCenter), name)

    def _paint_stage(self, painter: QPainter, stage: Stage) -> None:
        look, box = theme.current(), self._boxes[stage.id].adjusted(0.5, 0.5, -0.5, -0.5)
        shape = QPainterPath()
        shape.addRoundedRect(box, theme.RADIUS, theme.RADIUS)
        painter.fillPath(shape, look.raised)
        painter.save()
        painter.setClipPath(shape)
        painter.fillRect(QRectF(box.left(), box.top(), box.width(), 3), look.stage(stage.colour))
        painter.restore()
        painter.setPen(QPen(look.line, 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPath(shape)
        painter.setFont(theme.font(theme.SMALL))
        painter.setPen(look.text)
        inside = box.adjusted(5, 4, -4, -2)
        for at, line in enumerate(_broken(painter, stage.name, inside.width())):
            where = QRectF(inside.left(), inside.top() + 1 + at * 14, inside.width(), 15)
            painter.drawText(where, int(Qt.AlignmentFlag.AlignVCenter), line)

    def _paint_arrow(self, painter: QPainter, link: LinkRule) -> None:
        look = theme.current()
        colour = look.accent if link.kind == "open_child" else look.good
        chosen = link.id == self._hovered or (link.id == self._current and self.hasFocus())
        line = self._arrows[link.id]
        pen = QPen(colour, 2.5 if chosen else 1.5)
        if link.kind == "move_parent":
            pen.setDashPattern([4, 2])
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPath(line)
        end = line.pointAtPercent(1)
        # Lines come in straight from above or below.
        away = _HEAD * 1.6 if line.pointAtPercent(0).y() > end.y() else -_HEAD * 1.6
        head = [end, end + QPointF(-_HEAD, away), end + QPointF(_HEAD, away)]
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        painter.drawPolygon(QPolygonF(head))

    # -- mouse and keys -------------------------------------------------------------------------

    def _at(self, where: QPointF) -> int:
        stroker = QPainterPathStroker()
        stroker.setWidth(_NEAR)
        for link_id, line in reversed(self._arrows.items()):
            if stroker.createStroke(line).contains(where):
                return link_id
        return -1

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        found = self._at(event.position())
        if found != self._hovered:
            self._hovered = found
            hand = Qt.CursorShape.PointingHandCursor
            self.setCursor(hand if found >= 0 else Qt.CursorShape.ArrowCursor)
            self.update()

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._hovered = -1
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        found = self._at(event.position())
        if found >= 0 and event.button() == Qt.MouseButton.LeftButton:
            self._current = found
            self.link_wanted.emit(found)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, ids = event.key(), [link.id for link in self._links]
        step = {Qt.Key.Key_Right: 1, Qt.Key.Key_Down: 1, Qt.Key.Key_Left: -1,
                Qt.Key.Key_Up: -1}.get(Qt.Key(key))  # fmt: skip
        if step is not None and ids:
            at = ids.index(self._current) + step if self._current in ids else 0
            self._current = ids[at % len(ids)]
            self._tell()
            self.update()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self._current in ids:
            self.link_wanted.emit(self._current)
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        if self._current < 0 and self._links:
            self._current = self._links[0].id
            self._tell()
        self.update()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            QToolTip.showText(event.globalPos(), self._tip(QPointF(event.pos())), self)
            return True
        return super().event(event)

    def _tip(self, where: QPointF) -> str:
        found = next((link for link in self._links if link.id == self._at(where)), None)
        if found is not None:
            return self.words(found)
        return next(
            (self._names[key] for key, box in self._boxes.items() if box.contains(where)), ""
        )

    def _tell(self) -> None:
        """What a screen reader says: the link that is chosen, and all of them."""
        chosen = next((link for link in self._links if link.id == self._current), None)
        title = tr("How the pipelines are linked")
        self.setAccessibleName(f"{title}: {self.words(chosen)}" if chosen else title)
        self.setAccessibleDescription(self.text())


def _broken(painter: QPainter, name: str, width: float) -> list[str]:
    """A name in at most two lines, shortened where it does not fit."""
    metrics = painter.fontMetrics()

    def cut(text: str) -> str:
        return metrics.elidedText(text, Qt.TextElideMode.ElideRight, int(width))

    if metrics.horizontalAdvance(name) <= width:
        return [name]
    words = name.split()
    first = [words[0]]
    for word in words[1:]:
        if metrics.horizontalAdvance(" ".join([*first, word])) > width:
            break
        first.append(word)
    rest = " ".join(words[len(first) :])
    return [cut(" ".join(first)), *([cut(rest)] if rest else [])]
