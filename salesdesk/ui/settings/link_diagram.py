"""The stages of one pipeline and of those linked with it, with a line for every link.

Painted in one widget. The lines are reached by the mouse and by the keys (arrows walk, Enter
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

_NAME, _BOX, _ROW = 22, 34, 46
_GAP, _WIDEST = 44, 150
_HEAD = 4.5
_NEAR = 12.0
#: So many rows more than the pipeline itself has may stand beside it.
_MORE = 2


class LinkDiagram(QWidget):
    """``set_found(...)`` shows; ``link_wanted(id)`` comes when a line is clicked or entered,
    ``hovered(id)`` when the pointer comes to one (-1: leaves it)."""

    link_wanted = Signal(int)
    hovered = Signal(int)

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
        self._current = self._hovered = self._marked = -1
        theme.changed.connect(self.update)

    def set_found(
        self,
        pipelines: Sequence[Pipeline],
        stages: Sequence[Stage],
        links: Sequence[LinkRule],
        home: int | None,
    ) -> None:
        """Show the pipeline ``home`` and those linked with it; a link whose stage is gone or
        archived has no line."""
        inside = {each.id: [s for s in stages if s.pipeline_id == each.id and not s.archived]
                  for each in pipelines}  # fmt: skip
        holder = {stage.id: key for key, found in inside.items() for stage in found}
        self._links = [
            link for link in links
            if home in (holder.get(link.stage_id), holder.get(link.target_stage_id))
            and link.stage_id in holder and link.target_stage_id in holder
        ]  # fmt: skip
        linked = {holder[key] for one in self._links for key in (one.stage_id, one.target_stage_id)}
        self._pipelines = [
            (each, inside[each.id])
            for each in sorted(pipelines, key=lambda each: each.id != home)
            if each.id == home or each.id in linked
        ]
        self._shorten()
        names = {each.id: each.name for each in pipelines}
        self._names = {s.id: f"{names.get(s.pipeline_id, '')} · {s.name}" for s in stages}
        if self._current not in {link.id for link in self._links}:
            self._current = -1
        self._hovered = self._marked = -1
        self._arrange()
        self._tell()
        self.update()

    def _shorten(self) -> None:
        """Of the pipelines at the right only the stages with lines, where all were too many."""
        rows = [len(stages) + 1 for _pipeline, stages in self._pipelines]
        if sum(rows[1:]) <= sum(rows[:1]) + _MORE:
            return
        ends = {key for one in self._links for key in (one.stage_id, one.target_stage_id)}
        self._pipelines[1:] = [
            (each, [stage for stage in stages if stage.id in ends])
            for each, stages in self._pipelines[1:]
        ]

    def links(self) -> list[LinkRule]:
        """The links that have a line."""
        return list(self._links)

    def set_marked(self, link_id: int) -> None:
        """Let the line of a link stand out (-1: none)."""
        if link_id != self._marked:
            self._marked = link_id
            self.update()

    def is_marked(self, link_id: int) -> bool:
        """Whether the line of a link stands out."""
        focused = link_id == self._current and self.hasFocus()
        return link_id in (self._hovered, self._marked) or focused

    def text(self) -> str:
        """The links as sentences, one a line; without links, that there are none."""
        told = [self.words(link) for link in self._links]
        return "\n".join(told) or tr("No other pipeline is linked with this one yet.")

    def words(self, link: LinkRule) -> str:
        """A link in short."""
        given = {"stage": self._names[link.stage_id], "target": self._names[link.target_stage_id]}
        if link.kind == "open_child":
            return tr("“{stage}” opens a deal in “{target}”", **given)
        return tr("“{stage}” moves the parent to “{target}”", **given)

    def box(self, stage_id: int) -> QRectF:
        """Where a stage stands, in the widget's coordinates."""
        return self._boxes[stage_id]

    def arrow(self, link_id: int) -> QPainterPath:
        """The line of a link, in the widget's coordinates."""
        return self._arrows[link_id]

    # -- where everything is --------------------------------------------------------------------

    def sizeHint(self) -> QSize:
        return QSize(264, self.height())

    def resizeEvent(self, _event: object) -> None:
        self._arrange()

    def _arrange(self) -> None:
        """The chosen pipeline at the left, the others below each other at the right, each as near
        as can be to the stages that it is linked with."""
        self._boxes.clear()
        wide = max(min(float(_WIDEST), (self.width() - _GAP) / 2 - 1), 40.0)
        low = [1.0, 1.0]
        for place, (_pipeline, stages) in enumerate(self._pipelines):
            side = min(place, 1)
            left = 1.0 if side == 0 else wide + _GAP
            top = low[side] if side == 0 else max(low[1], self._beside(stages))
            for row, stage in enumerate(stages):
                self._boxes[stage.id] = QRectF(left, top + _NAME + row * _ROW, wide, _BOX)
            low[side] = top + _NAME + len(stages) * _ROW
        self._arrows = {link.id: self._line(link) for link in self._links}
        self.setFixedHeight(max(int(max(low) - _ROW + _BOX + 2), 1))

    def _beside(self, stages: Sequence[Stage]) -> float:
        """Where a linked pipeline begins, so that its first line is as level as possible."""
        rows = {stage.id: row for row, stage in enumerate(stages)}
        level = []
        for link in self._links:
            for here, there in (
                (link.stage_id, link.target_stage_id),
                (link.target_stage_id, link.stage_id),
            ):
                if here in self._boxes and there in rows:
                    level.append(self._boxes[here].top() - _NAME - rows[there] * _ROW)
        return max(min(level, default=1.0), 1.0)

    def _line(self, link: LinkRule) -> QPainterPath:
        source, target = self._boxes[link.stage_id], self._boxes[link.target_stage_id]
        right = source.left() < target.left()
        start = QPointF(source.right() if right else source.left(), source.center().y())
        end = QPointF(target.left() if right else target.right(), target.center().y())
        # Lines that meet at a stage come in above each other.
        aside = 5.0 if link.kind == "move_parent" else -5.0
        if self._shares(link, link.stage_id):
            start.setY(start.y() + aside)
        if self._shares(link, link.target_stage_id):
            end.setY(end.y() + aside)
        # Lines that run side by side bend at places of their own.
        place = [each.id for each in self._links].index(link.id) % 4
        bend = _GAP * (0.4 + place * 0.18) * (1 if right else -1)
        path = QPainterPath(start)
        path.cubicTo(QPointF(start.x() + bend, start.y()), QPointF(end.x() - bend, end.y()), end)
        return path

    def _shares(self, link: LinkRule, stage: int) -> bool:
        return any(
            other.kind != link.kind and stage in (other.stage_id, other.target_stage_id)
            for other in self._links
        )

    # -- painting -------------------------------------------------------------------------------

    def paintEvent(self, _event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            for pipeline, stages in self._pipelines:
                if stages:
                    self._paint_name(painter, pipeline.name, self._boxes[stages[0].id])
                for stage in stages:
                    self._paint_stage(painter, stage)
            for link in sorted(self._links, key=lambda each: self.is_marked(each.id)):
                self._paint_arrow(painter, link)

    def _paint_name(self, painter: QPainter, name: str, first: QRectF) -> None:
        painter.setFont(theme.font(theme.SMALL, bold=True))
        painter.setPen(theme.current().muted)
        where = QRectF(first.left(), first.top() - _NAME, first.width() + _GAP / 2, _NAME - 3)
        cut = painter.fontMetrics().elidedText(
            name.upper(), Qt.TextElideMode.ElideRight, int(where.width())
        )
        painter.drawText(where, int(Qt.AlignmentFlag.AlignVCenter), cut)

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
        inside = box.adjusted(7, 3, -5, 0)
        lines = _broken(painter, stage.name, inside.width())
        high = inside.height() / len(lines) if len(lines) == 1 else 14.0
        for at, line in enumerate(lines):
            where = QRectF(inside.left(), inside.top() + at * high, inside.width(), high)
            painter.drawText(where, int(Qt.AlignmentFlag.AlignVCenter), line)

    def _paint_arrow(self, painter: QPainter, link: LinkRule) -> None:
        look = theme.current()
        colour = look.accent if link.kind == "open_child" else look.good
        chosen = self.is_marked(link.id)
        line = self._arrows[link.id]
        pen = QPen(colour, 2.5 if chosen else 1.5)
        if link.kind == "move_parent":
            pen.setDashPattern([4, 2])
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPath(line)
        end = line.pointAtPercent(1)
        # Lines come in straight from the left or the right.
        away = _HEAD * 1.7 if line.pointAtPercent(0).x() > end.x() else -_HEAD * 1.7
        head = [end, end + QPointF(away, -_HEAD), end + QPointF(away, _HEAD)]
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
            self.hovered.emit(found)
            self.update()

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        if self._hovered >= 0:
            self._hovered = -1
            self.hovered.emit(-1)
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
