"""The parts of cards that many cards share (grounds, dots, rings, avatars), drawn once.

A new picture costs ten times what writing a text does: initials, of which there are few, are part
of one; the days in a stage are not, a filter shows others with each key.
"""

from collections.abc import Callable

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPixmap

from salesdesk.services.cards import Age, CardChild, TaskState
from salesdesk.ui import theme
from salesdesk.ui.board import marks

#: Room left of and above a card, for the focus ring.
EDGE = 3
_KEEP = 4000


class Pieces:
    """Pictures of parts in the theme on the screen, for screens of one ratio at a time."""

    def __init__(self) -> None:
        self._ratio = 1.0
        self._kept: dict[tuple[object, ...], QPixmap] = {}

    def for_ratio(self, ratio: float) -> None:
        """What is asked for from now on is drawn at this many pixels for one."""
        if ratio != self._ratio:
            self._kept.clear()
            self._ratio = ratio

    def frame(self, width: int, height: int, hovered: bool, solid: bool) -> QPixmap:
        """The ground of a card with its shadow, ``EDGE`` pixels around it; ``solid`` with the
        board's own ground behind it, which is copied and not blended."""
        key = ("frame", width, height, hovered, solid)
        found = self._kept.get(key)
        if found is not None:
            return found

        def draw(inner: QPainter) -> None:
            look = theme.current()
            radius = theme.RADIUS_CARD
            card = QRectF(EDGE, EDGE, width, height)
            inner.setBrush(look.shadow)
            inner.drawRoundedRect(card.adjusted(0, 1, 0, 1), radius, radius)
            inner.setBrush(look.raised)
            inner.setPen(QPen(look.faint if hovered else look.line, 1))
            inner.drawRoundedRect(card.adjusted(0.5, 0.5, -0.5, -0.5), radius, radius)

        ground = theme.current().background if solid else Qt.GlobalColor.transparent
        return self._keep(key, width + 2 * EDGE, height + 2 * EDGE, draw, ground)

    def ring(self, width: int, height: int, selected: bool, focused: bool) -> QPixmap:
        """What lies around a card that is selected or where the keyboard is, as ``frame`` does."""
        key = ("ring", width, height, selected, focused)
        found = self._kept.get(key)
        if found is not None:
            return found

        def draw(inner: QPainter) -> None:
            accent, radius = theme.current().accent, theme.RADIUS_CARD
            box = QRectF(EDGE, EDGE, width, height)
            inner.setBrush(Qt.BrushStyle.NoBrush)
            if selected:
                inner.setPen(QPen(accent, 2))
                inner.drawRoundedRect(box, radius, radius)
            if focused:
                halo = QColor(accent)
                halo.setAlpha(110 if selected else 255)
                inner.setPen(QPen(halo, 2 if selected else 1.5))
                out = 2 if selected else 0
                inner.drawRoundedRect(
                    box.adjusted(-out, -out, out, out), radius + out, radius + out
                )

        return self._keep(key, width + 2 * EDGE, height + 2 * EDGE, draw)

    def avatar(self, colour: int | None, who: str, write: Callable[[QPainter], None]) -> QPixmap:
        """A disc in a person's colour (None: nobody's) with the initials ``who``, which ``write``
        puts on it."""
        key = ("avatar", colour, who)
        found = self._kept.get(key)
        if found is not None:
            return found
        size = theme.AVATAR

        def draw(inner: QPainter) -> None:
            look = theme.current()
            inner.setBrush(look.track if colour is None else look.avatar(colour))
            inner.drawEllipse(QRectF(1, 1, size - 2, size - 2))
            write(inner)

        return self._keep(key, size, size, draw)

    def badge(self, age: Age, width: int, height: int) -> QPixmap:
        """The ground of the days in a stage."""
        key = ("badge", age, width, height)
        found = self._kept.get(key)
        if found is not None:
            return found

        def draw(inner: QPainter) -> None:
            tint = theme.current().age(age)
            box = QRectF(0, 0, width, height)
            inner.setBrush(tint.background)
            if age == "stuck":
                inner.setPen(QPen(tint.text, 1))
                inner.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
            else:
                inner.drawRoundedRect(box, 4, 4)

        return self._keep(key, width, height, draw)

    def dot(self, state: TaskState) -> QPixmap:
        """The mark of a task's state."""
        key = ("dot", state)
        found = self._kept.get(key)
        if found is not None:
            return found
        return self._keep(key, marks.DOT, marks.DOT, lambda inner: marks.draw_dot(inner, state))

    def child_box(self, width: int, height: int) -> QPixmap:
        """The dashed frame around the stages of the children."""
        key = ("child", width, height)
        return self._kept.get(key) or self._keep(
            key, width, height, lambda inner: marks.draw_chain_box(inner, width, height)
        )

    def child_dot(self, child: CardChild) -> QPixmap:
        """A child in the colour of its stage."""
        is_open, size = child.kind == "open", marks.CHILD_DOT
        key = ("child-dot", child.colour, is_open)
        return self._kept.get(key) or self._keep(
            key, size, size, lambda inner: marks.draw_child_dot(inner, child.colour, is_open)
        )

    def _keep(
        self,
        key: tuple[object, ...],
        width: int,
        height: int,
        draw: Callable[[QPainter], None],
        ground: QColor | Qt.GlobalColor = Qt.GlobalColor.transparent,
    ) -> QPixmap:
        if len(self._kept) > _KEEP:
            self._kept.clear()
        ratio = self._ratio
        made = QPixmap(round(width * ratio), round(height * ratio))
        made.setDevicePixelRatio(ratio)
        made.fill(ground)
        with QPainter(made) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            draw(painter)
        self._kept[key] = made
        return made
