"""Dragging cards with the mouse: the picture under it, where they would go, and the end of it.

Not Qt's own drag and drop: this works the same on every platform, and in tests.
"""

from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QObject, QPoint, QPointF, QRect, QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QPixmap
from PySide6.QtWidgets import QWidget

from salesdesk.services.cards import DealCard, StageColumn
from salesdesk.text import tr
from salesdesk.ui import theme
from salesdesk.ui.board.paint import EDGE, CardPainter, Marks
from salesdesk.ui.board.placing import Place

if TYPE_CHECKING:
    from salesdesk.ui.board.lane import Lane
    from salesdesk.ui.board.view import BoardView

_NEAR = 36
_SPEED = 14
_TICK_MS = 16
_BAR_HEIGHT = 56


class DragPicture(QWidget):
    """The cards that follow the mouse: the first one, a hint of the others, and their number."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setObjectName("board-drag-picture")
        self._picture = QPixmap()
        self.hide()

    def take(self, painter: CardPainter, card: DealCard, size: QSize, count: int) -> None:
        """Draw ``card`` once, with ``count`` in a badge when there are several."""
        room = EDGE + theme.S
        full = QSize(size.width() + 2 * room, size.height() + 2 * room)
        ratio = self.devicePixelRatioF()
        self._picture = QPixmap(full * ratio)
        self._picture.setDevicePixelRatio(ratio)
        self._picture.fill(Qt.GlobalColor.transparent)
        with QPainter(self._picture) as p:
            p.setRenderHint(QPainter.RenderHint.Antialiasing)
            box = QRect(QPoint(room, room), size)
            self._draw_ground(p, box, count)
            painter.draw(p, box, card, Marks(selected=True))
            if count > 1:
                self._draw_badge(p, box, count)
        self.resize(full)

    def _draw_ground(self, p: QPainter, box: QRect, count: int) -> None:
        look, radius = theme.current(), theme.RADIUS_CARD
        p.setPen(Qt.PenStyle.NoPen)
        p.setBrush(look.shadow)
        for spread in (1, 3, 5):
            p.drawRoundedRect(QRectF(box).adjusted(-1, 1, 1, spread), radius, radius)
        if count > 1:
            p.setPen(QPen(look.accent, 1))
            p.setBrush(look.raised)
            p.drawRoundedRect(QRectF(box).translated(5, 5), radius, radius)

    def _draw_badge(self, p: QPainter, box: QRect, count: int) -> None:
        look = theme.current()
        p.setFont(theme.font(theme.SMALL, bold=True))
        text = str(count)
        width = max(theme.AVATAR, p.fontMetrics().horizontalAdvance(text) + theme.M)
        badge = QRectF(box.right() - width + theme.S, box.top() - theme.S, width, theme.AVATAR)
        p.setPen(Qt.PenStyle.NoPen)
        p.setBrush(look.accent)
        p.drawRoundedRect(badge, theme.AVATAR / 2, theme.AVATAR / 2)
        p.setPen(look.accent_text)
        p.drawText(badge, Qt.AlignmentFlag.AlignCenter, text)

    def paintEvent(self, _event: QPaintEvent) -> None:
        with QPainter(self) as p:
            p.setOpacity(0.93)  # the place that lights up below shines through
            p.drawPixmap(QPointF(0, 0), self._picture)


class DropBar(QWidget):
    """Wide targets for won and lost at the foot of the board, there only while dragging."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("board-drop-bar")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._columns: list[StageColumn] = []
        self._lit = 0
        self.hide()

    def open(self, columns: list[StageColumn]) -> None:
        """Show a target for each of these closing stages."""
        self._columns = columns
        self._lit = 0
        self.setAccessibleName(", ".join(column.name for column in columns))
        self.setVisible(bool(columns))
        self.raise_()

    def stage_at(self, place: QPoint) -> int:
        """The stage whose target holds a place of this widget, or 0."""
        if not self.isVisible():
            return 0
        zones = zip(self._zones(), self._columns, strict=True)
        return next((column.id for zone, column in zones if zone.contains(place)), 0)

    def light(self, stage_id: int) -> None:
        """Light up the target of a stage; 0 none."""
        if stage_id != self._lit:
            self._lit = stage_id
            self.update()

    def _zones(self) -> list[QRect]:
        count = len(self._columns)
        inside = self.rect().adjusted(theme.L, theme.S, -theme.L, -theme.S)
        width = (inside.width() - (count - 1) * theme.S) // max(1, count)
        left, top, height = inside.left(), inside.top(), inside.height()
        return [QRect(left + k * (width + theme.S), top, width, height) for k in range(count)]

    def paintEvent(self, _event: QPaintEvent) -> None:
        with QPainter(self) as p:
            p.setRenderHint(QPainter.RenderHint.Antialiasing)
            look = theme.current()
            p.fillRect(self.rect(), look.background)  # no card peeps out below
            p.setFont(theme.font(theme.BODY, bold=True))
            for zone, column in zip(self._zones(), self._columns, strict=True):
                won = column.kind == "won"
                ground, ink = (look.good_soft, look.good) if won else (look.bad_soft, look.bad)
                lit = column.id == self._lit
                p.setBrush(theme.mix(ground, ink, 0.18) if lit else ground)
                p.setPen(QPen(ink, 2 if lit else 1, Qt.PenStyle.SolidLine if lit else _DASH))
                box = QRectF(zone).adjusted(1, 1, -1, -1)
                p.drawRoundedRect(box, theme.RADIUS_CARD, theme.RADIUS_CARD)
                p.setPen(ink)
                name = f"✓  {column.name}" if won else f"✕  {tr('{stage}…', stage=column.name)}"
                p.drawText(zone, int(Qt.AlignmentFlag.AlignCenter), name)


_DASH = Qt.PenStyle.DashLine


class Target(NamedTuple):
    """Where the cards would go, and the column that lights up for it."""

    place: Place
    lane: "Lane | None"
    gap: int


class CardDrag(QObject):
    """The drag that is going on, if any."""

    def __init__(self, view: "BoardView", painter: CardPainter) -> None:
        super().__init__(view)
        self._view = view
        self._painter = painter
        self._picture = DragPicture(view)
        self._bar = DropBar(view)
        self._ids: list[int] = []
        self._grip = QPoint()
        self._at = QPoint()
        self._target: Target | None = None
        self._timer = QTimer(self, interval=_TICK_MS)
        self._timer.timeout.connect(self._on_tick)

    def is_on(self) -> bool:
        """Whether cards hang on the mouse."""
        return bool(self._ids)

    def target(self) -> Place | None:
        """Where the cards would go now."""
        return self._target.place if self._target is not None else None

    def begin(self, lane: "Lane", row: int, place: QPoint, ids: list[int]) -> None:
        """Lift ``ids``; the card of ``row`` is held at the global ``place``."""
        card = lane.model.card(row)
        if card is None:
            return
        self._ids = ids
        rect = lane.cards.card_rect(row)
        self._grip = place - lane.cards.port.mapToGlobal(rect.topLeft())
        self._grip += QPoint(EDGE + theme.S, EDGE + theme.S)
        self._picture.take(self._painter, card, rect.size(), len(ids))
        for each in self._view.lanes:
            each.cards.set_lifted(frozenset(ids))
        self._open_bar()
        self._picture.show()
        self._picture.raise_()
        self._view.setCursor(Qt.CursorShape.ClosedHandCursor)
        self._timer.start()

    def move(self, place: QPoint) -> None:
        """The mouse is at the global ``place``."""
        if not self._ids:
            return
        self._at = place
        self._picture.move(self._view.mapFromGlobal(place - self._grip))
        self._show(self._find(place))

    def finish(self, place: QPoint) -> tuple[list[int], Place | None]:
        """The button was released: what was carried, and where it goes (``None`` nowhere)."""
        self.move(place)
        ids, target = self._ids, self._target
        self.stop()
        return ids, target.place if target is not None else None

    def stop(self) -> None:
        """Put everything away."""
        self._ids = []
        self._timer.stop()
        self._show(None)
        self._picture.hide()
        self._bar.hide()
        self._view.unsetCursor()
        for lane in self._view.lanes:
            lane.cards.set_lifted(frozenset())

    # -- where it would go --------------------------------------------------------------------

    def _open_bar(self) -> None:
        columns = [lane.model.column for lane in self._view.lanes]
        self._bar.open([column for column in columns if column.kind != "open"])
        area = self._view.port.geometry()
        height = _BAR_HEIGHT + 2 * theme.S
        self._bar.setGeometry(area.left(), area.bottom() - height + 1, area.width(), height)

    def _find(self, place: QPoint) -> Target | None:
        stage_id = self._bar.stage_at(self._bar.mapFromGlobal(place))
        if stage_id:
            return Target(Place(stage_id, 0), None, -1)
        inside = self._view.port.rect().contains(self._view.port.mapFromGlobal(place))
        lane = self._view.lane_at(place) if inside else None
        if lane is None:
            return None
        if lane.collapsed:
            return Target(Place(lane.stage_id, 0), lane, -1)
        if not self._view.places_count():
            return Target(Place(lane.stage_id, lane.model.after(0, set(self._ids))), lane, -1)
        y = max(lane.cards.port.mapFromGlobal(place).y(), 0)
        gap = lane.cards.gap_at(y)
        return Target(Place(lane.stage_id, lane.model.after(gap, set(self._ids))), lane, gap)

    def _show(self, target: Target | None) -> None:
        self._target = target
        self._bar.light(target.place.stage_id if target and target.lane is None else 0)
        for lane in self._view.lanes:
            here = target is not None and target.lane is lane
            lane.set_lit(here)
            lane.cards.set_gap(target.gap if here and target is not None else None)

    # -- scrolling at the edges ---------------------------------------------------------------

    def _on_tick(self) -> None:
        moved = self._scroll_board()
        lane = self._view.lane_at(self._at)
        if lane is not None and not lane.collapsed:
            moved = self._scroll_cards(lane) or moved
        if moved:
            self.move(self._at)

    def _scroll_board(self) -> bool:
        area = self._view.port
        bar, before = self._view.horizontalScrollBar(), self._view.horizontalScrollBar().value()
        x = area.mapFromGlobal(self._at).x()
        bar.setValue(before + _pull(x, area.width()))
        return bar.value() != before

    def _scroll_cards(self, lane: "Lane") -> bool:
        area, bar = lane.cards.port, lane.cards.verticalScrollBar()
        before = bar.value()
        height = area.height() - (_BAR_HEIGHT + 2 * theme.S if self._bar.isVisible() else 0)
        y = area.mapFromGlobal(self._at).y()
        if self._bar.stage_at(self._bar.mapFromGlobal(self._at)) == 0 and y > -_NEAR:
            bar.setValue(before + _pull(y, height))
        return bar.value() != before


def _pull(at: int, length: int) -> int:
    """How far to scroll in a tick with the mouse at ``at`` of ``0..length``."""
    if at < _NEAR:
        return -min(_SPEED, 1 + (_NEAR - at) // 3)
    if at > length - _NEAR:
        return min(_SPEED, 1 + (at - length + _NEAR) // 3)
    return 0
