"""Cards painted by hand.

Texts are measured and small pictures (avatar, badge, dot) drawn once; a card keeps the list of them
with their places for as long as the very same card is shown. Texts are drawn as plain text each
time: laying them out for later (``QStaticText``) costs three times what drawing one does, and a
filter shows forty cards at once that were never seen. What is painted again is copied from a
picture of the whole card (``pictures``).
"""

from collections.abc import Callable
from typing import NamedTuple

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QImage,
    QPainter,
    QPen,
    QPixmap,
)

from salesdesk.names import initials
from salesdesk.services.cards import Age, CardChild, DealCard, TaskState
from salesdesk.ui import theme
from salesdesk.ui.board import marks, words
from salesdesk.ui.board.layout import CHAIN, OWN, Heights
from salesdesk.ui.board.model import lines_of
from salesdesk.ui.board.pictures import CardPictures
from salesdesk.ui.board.texts import Texts
from salesdesk.ui.board.words import Wording
from salesdesk.ui.formats import clock, money

#: Room left of and above a card, for the focus ring.
EDGE = 3
_MUTED = 0.78
_KEEP = 4000
#: What some screens show; the oldest go first.
_KEEP_PLANS = 512
#: Children of which the mark of the chain shows the stage's colour; more are counted.
_CHILD_DOTS = 4
_CHILD_STEP = 9


class Marks(NamedTuple):
    """How a card stands: none of these by colour alone."""

    selected: bool = False
    focused: bool = False
    hovered: bool = False
    pending: bool = False
    lifted: bool = False


class _Plan(NamedTuple):
    """Everything on a card at its place, from the card's corner."""

    deal: DealCard
    pictures: list[tuple[QPointF, QPixmap]]
    texts: list[tuple[QFont, QColor, QPointF, str]]


class CardPainter:
    """Paints cards in the theme on the screen."""

    def __init__(self, wording: Wording) -> None:
        self._wording = wording
        #: Cards of a past day, which nobody moves.
        self.muted = False
        #: Whether they lie on the board's own ground, not in the light of a place to drop at.
        self.plain_ground = True
        self._cards = CardPictures()
        self._ratio: float | None = None
        self._pictures: dict[tuple[object, ...], QPixmap] = {}
        self._plans: dict[tuple[int, int, int], _Plan] = {}
        self._fonts: dict[str, QFont] = {}
        self._texts = Texts({})
        self.restyle()

    def restyle(self) -> None:
        """Take the fonts and colours of the theme, and the words of the language, anew."""
        self.forget()
        self._pictures.clear()
        self._fonts = {
            "title": theme.font(theme.BODY, bold=True),
            "amount": theme.font(theme.SECONDARY, bold=True),
            "plain": theme.font(theme.SECONDARY),
            "small": theme.font(theme.SMALL),
            "loud": theme.font(theme.SMALL, bold=True),
            "avatar": theme.font(theme.TINY - 1, bold=True),
        }
        self._texts = Texts(self._fonts)
        self._line = {name: self._texts.line(name)[0] for name in self._fonts}
        self._ascent = {name: self._texts.line(name)[1] for name in self._fonts}

        rows = self._line["title"] + self._line["plain"] + theme.AVATAR
        plain = rows + 2 * theme.S + 3 * theme.XS + 2
        own = self._line["small"] + theme.XS
        self._heights: Heights = (plain, (own, self._child_height() + 6), theme.S + 1)

    def forget(self) -> None:
        """Lay the cards out anew (a new day has begun: other words beside the tasks)."""
        self._plans.clear()
        self._cards.clear()

    def heights(self) -> Heights:
        """The plain height of a card, what further lines add, and the gap between cards."""
        return self._heights

    def _child_height(self) -> int:
        return self._line["small"] + theme.S

    # -- a card -------------------------------------------------------------------------------

    def begin(self, p: QPainter | None) -> None:
        """Many cards are painted on the device of ``p`` now; ``None`` when they are."""
        self._ratio = p.device().devicePixelRatioF() if p is not None else None

    def draw(self, p: QPainter, card: QRect, deal: DealCard, marks: Marks) -> None:
        """Paint ``deal`` into the rectangle ``card``."""
        if marks.lifted:
            self._draw_place(p, card)
            return
        if marks.pending or self.muted:
            p.setOpacity(0.6 if marks.pending else _MUTED)
        picture = None if marks.hovered or not self.plain_ground else self._card(p, card, deal)
        if picture is not None:
            p.drawPixmap(card.left() - EDGE, card.top() - EDGE, picture)
        else:
            self._draw_plain(p, card, deal, marks.hovered)
        if marks.selected or marks.focused:
            self._draw_ring(p, card, marks)
        if marks.pending or self.muted:
            p.setOpacity(1.0)

    def _card(self, p: QPainter, card: QRect, deal: DealCard) -> QPixmap | None:
        """The picture of a card with the ground around it; none when it is new."""
        whole = card.adjusted(-EDGE, -EDGE, EDGE, EDGE)
        inside = QRect(EDGE, EDGE, card.width(), card.height())
        return self._cards.of(
            (deal.id, card.width(), card.height()), deal, whole.size(), self._ratio_of(p),
            theme.current().background, lambda inner: self._draw_plain(inner, inside, deal, False),
        )  # fmt: skip

    def _draw_plain(self, p: QPainter, card: QRect, deal: DealCard, hovered: bool) -> None:
        """A card that is neither selected nor where the keyboard is."""
        self._draw_frame(p, card, hovered)
        plan = self._plan(p, deal, card.width(), card.height())
        p.translate(card.topLeft())
        for place, picture in plan.pictures:
            p.drawPixmap(place, picture)
        last = None
        for font, colour, place, text in plan.texts:
            if font is not last:
                p.setFont(font)
                last = font
            p.setPen(colour)
            p.drawText(place, text)
        p.translate(-card.topLeft())

    def dot_image(self, state: TaskState) -> QImage:
        """The mark of a task's state as it stands on a card."""
        image = QImage(1, 1, QImage.Format.Format_ARGB32)
        p = QPainter(image)
        found = self._dot(p, state).toImage()
        p.end()
        return found

    def draw_blank(self, p: QPainter, card: QRect) -> None:
        """Paint a card that is being read."""
        self._draw_frame(p, card, hovered=False)
        p.setPen(Qt.PenStyle.NoPen)
        p.setBrush(theme.current().track)
        for row, share in enumerate((0.7, 0.45, 0.55)):
            top = card.top() + theme.M + row * (theme.L + theme.XS)
            width = (card.width() - 2 * theme.M) * share
            p.drawRoundedRect(QRectF(card.left() + theme.M, top, width, theme.S), 4, 4)

    def _plan(self, p: QPainter, deal: DealCard, width: int, height: int) -> _Plan:
        key = (deal.id, width, height)
        found = self._plans.get(key)
        if found is None or found.deal is not deal:
            if len(self._plans) >= _KEEP_PLANS:
                del self._plans[next(iter(self._plans))]
            found = _Plan(deal, [], [])
            self._lay_out(p, found, width, height)
            found.texts.sort(key=lambda one: id(one[0]))  # texts of one font together
            self._plans[key] = found
        return found

    def _lay_out(self, p: QPainter, plan: _Plan, width: int, height: int) -> None:
        look, deal = theme.current(), plan.deal
        left, right = theme.M, width - theme.M
        y = theme.S + 1
        self._put(plan, "title", look.text, deal.title, left, y, right - left)
        y += self._line["title"] + theme.XS + 1
        amount = self._texts.fit("amount", money(deal.amount, deal.currency), right - left)
        colour = look.text if deal.amount is not None else look.muted
        place = QPointF(right - amount.width, y + self._ascent["amount"])
        plan.texts.append((self._fonts["amount"], colour, place, amount.words))
        room = right - left - int(amount.width) - theme.S
        self._put(plan, "plain", look.muted, deal.company or "", left, y, room)
        y += self._line["plain"] + theme.XS + 2
        lines = self._room_for(lines_of(deal), height)
        if lines & OWN:
            self._lay_out_own(plan, left, right - left, y - 2)
            y += self._heights[1][0]
        self._lay_out_foot(p, plan, left, right, y)
        if lines & CHAIN:
            self._lay_out_chain(p, plan, left, right - left, y + theme.AVATAR + 6)

    def _room_for(self, lines: int, height: int) -> int:
        """Which of the further lines have their place: a card may have changed since its column
        was laid out."""
        plain, extras, _gap = self._heights
        for kept in (lines, lines & CHAIN, lines & OWN):
            needed = sum(extra for bit, extra in enumerate(extras) if kept >> bit & 1)
            if plain + needed <= height:
                return kept
        return 0

    def _lay_out_own(self, plan: _Plan, left: int, width: int, y: int) -> None:
        """Own fields, ``Floors 12   Lift yes``. The last has half of the line at most, the first
        what is left; without room for the name the value stands alone."""
        fields = plan.deal.fields
        texts = [(f"{one.name} ", self._wording.own(one, plan.deal)) for one in fields]
        right = left + width
        for name, value in texts[1:]:
            needed = self._texts.advance("small", name + value) + 1
            room = int(min(needed, (width - theme.M) // 2))
            right -= room
            self._put_own(plan, name, value, right, y, room)
            right -= theme.M
        self._put_own(plan, *texts[0], left, y, right - left)

    def _put_own(self, plan: _Plan, name: str, value: str, left: int, y: int, room: int) -> None:
        look, wide = theme.current(), self._texts.advance("small", name)
        if wide + self._texts.advance("small", value) <= room:
            self._put(plan, "small", look.muted, name, left, y, room)
            left, room = left + int(wide), room - int(wide)
        self._put(plan, "small", look.text, value, left, y, room)

    def _lay_out_foot(self, p: QPainter, plan: _Plan, left: int, right: int, y: int) -> None:
        deal, look = plan.deal, theme.current()
        middle = y + theme.AVATAR / 2
        plan.pictures.append((QPointF(right - theme.AVATAR, y), self._avatar(p, deal)))
        badge_left = self._put_badge(p, plan, right - theme.AVATAR - 5, middle)
        dot = self._dot(p, deal.task_state)
        plan.pictures.append((QPointF(left, middle - marks.DOT / 2 - 1), dot))
        text_left = left + marks.DOT + 5
        room = int(badge_left - text_left - theme.XS)
        y_text = round(middle - self._line["plain"] / 2)
        self._put(plan, "plain", look.muted, self._task(deal, room), text_left, y_text, room)

    def _task(self, deal: DealCard, room: int) -> str:
        """Task and due moment, as much as there is room for: a late one always tries the date."""
        title, due = self._wording.task(deal)
        if not due:
            return title
        both = f"{title}, {due}"
        if deal.task_state == "overdue" or self._texts.advance("plain", both) <= room:
            return both
        if deal.task_state == "today" and deal.next_due is not None:
            both = f"{title}, {clock(self._wording.zone, deal.next_due)}"
            if self._texts.advance("plain", both) <= room:
                return both
        return title

    def _lay_out_chain(self, p: QPainter, plan: _Plan, left: int, width: int, y: int) -> None:
        """The stages of the children: a dot each, the first in words, how many more there are."""
        children, look = plan.deal.children, theme.current()
        height = self._child_height() - 1
        plan.pictures.append((QPointF(left, y), self._child_box(p, width, height)))
        left, right = left + 7, left + width - 7
        dots = children[:_CHILD_DOTS]
        middle = y + (height - marks.CHILD_DOT) / 2
        for at, child in enumerate(dots):
            place = QPointF(left + at * _CHILD_STEP, middle)
            plan.pictures.append((place, self._child_dot(p, child)))
        left += len(dots) * _CHILD_STEP + 3
        y += (height - self._line["small"]) // 2
        if len(children) > 1:
            more = self._texts.fit("small", f"+{len(children) - 1}", width)
            right -= int(more.width)
            self._put(plan, "small", look.muted, more.words, right, y, width)
            right -= theme.XS
        late = children[0].late
        colour = look.bad if late else look.muted
        sign = "! " if late else ""  # colour is never the only sign
        told = sign + words.child(children[0])
        # The stage says more than the pipeline.
        if self._texts.advance("small", told) > right - left:
            told = sign + children[0].stage
        self._put(plan, "small", colour, told, left, y, right - left)

    def _draw_frame(self, p: QPainter, card: QRect, hovered: bool) -> None:
        frame = self._frame(p, card.width(), card.height(), hovered)
        p.drawPixmap(QPointF(card.left() - EDGE, card.top() - EDGE), frame)

    def _draw_ring(self, p: QPainter, card: QRect, marks: Marks) -> None:
        selected, focused = marks.selected, marks.focused
        width, height = card.width(), card.height()

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

        key = ("ring", width, height, selected, focused)
        ring = self._picture(p, key, width + 2 * EDGE, height + 2 * EDGE, draw)
        p.drawPixmap(QPointF(card.left() - EDGE, card.top() - EDGE), ring)

    def _draw_place(self, p: QPainter, card: QRect) -> None:
        """The place that a card was lifted from."""
        look = theme.current()
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        p.setPen(QPen(look.faint, 1, Qt.PenStyle.DashLine))
        p.setBrush(Qt.BrushStyle.NoBrush)
        radius = theme.RADIUS_CARD
        p.drawRoundedRect(QRectF(card).adjusted(0.5, 0.5, -0.5, -0.5), radius, radius)

    def _ratio_of(self, p: QPainter) -> float:
        return p.device().devicePixelRatioF() if self._ratio is None else self._ratio

    # -- kept pieces --------------------------------------------------------------------------

    def _put(
        self, plan: _Plan, font: str, colour: QColor, text: str, x: float, y: float, room: int
    ) -> None:
        if text and room > 0:
            words = self._texts.fit(font, text, room).words
            place = QPointF(x, y + self._ascent[font])
            plan.texts.append((self._fonts[font], colour, place, words))

    def _picture(
        self,
        p: QPainter,
        key: tuple[object, ...],
        width: float,
        height: float,
        draw: Callable[[QPainter], None],
    ) -> QPixmap:
        ratio = self._ratio_of(p)
        full = (*key, ratio)
        found = self._pictures.get(full)
        if found is None:
            if len(self._pictures) > _KEEP:
                self._pictures.clear()
            found = QPixmap(round(width * ratio), round(height * ratio))
            found.setDevicePixelRatio(ratio)
            found.fill(Qt.GlobalColor.transparent)
            painter = QPainter(found)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            draw(painter)
            painter.end()
            self._pictures[full] = found
        return found

    def _frame(self, p: QPainter, width: int, height: int, hovered: bool) -> QPixmap:
        def draw(inner: QPainter) -> None:
            look = theme.current()
            radius = theme.RADIUS_CARD
            card = QRectF(EDGE, EDGE, width, height)
            inner.setBrush(look.shadow)
            inner.drawRoundedRect(card.adjusted(0, 1, 0, 1), radius, radius)
            inner.setBrush(look.raised)
            inner.setPen(QPen(look.faint if hovered else look.line, 1))
            inner.drawRoundedRect(card.adjusted(0.5, 0.5, -0.5, -0.5), radius, radius)

        key = ("frame", width, height, hovered)
        return self._picture(p, key, width + 2 * EDGE, height + 2 * EDGE, draw)

    def _avatar(self, p: QPainter, deal: DealCard) -> QPixmap:
        size = theme.AVATAR

        def draw(inner: QPainter) -> None:
            look = theme.current()
            box = QRectF(0, 0, size, size)
            known = deal.owner is not None
            inner.setBrush(look.avatar(deal.owner_colour) if known else look.track)
            inner.drawEllipse(box.adjusted(1, 1, -1, -1))
            inner.setFont(self._fonts["avatar"])
            inner.setPen(look.avatar_text if known else look.muted)
            inner.drawText(box, Qt.AlignmentFlag.AlignCenter, initials(deal.owner))

        return self._picture(p, ("avatar", deal.owner, deal.owner_colour), size, size, draw)

    def _put_badge(self, p: QPainter, plan: _Plan, right: int, middle: float) -> float:
        """Days in the stage, on the colour of their age; where it begins."""
        deal = plan.deal
        text = words.days(deal.days_in_stage)
        font = "loud" if deal.age == "stuck" else "small"
        wide = self._texts.fit(font, text, 1000).width
        width = round(wide) + 2 * 5
        height = self._line["small"] + 5
        left, top = right - width, middle - height / 2
        plan.pictures.append((QPointF(left, top), self._badge(p, deal.age, width, height)))
        y = round(top + (height - self._line[font]) / 2) + self._ascent[font]
        place = QPointF(left + (width - wide) / 2, y)
        plan.texts.append((self._fonts[font], theme.current().age(deal.age).text, place, text))
        return left

    def _badge(self, p: QPainter, age: Age, width: int, height: int) -> QPixmap:
        def draw(inner: QPainter) -> None:
            tint = theme.current().age(age)
            box = QRectF(0, 0, width, height)
            inner.setBrush(tint.background)
            if age == "stuck":
                inner.setPen(QPen(tint.text, 1))
                inner.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
            else:
                inner.drawRoundedRect(box, 4, 4)

        return self._picture(p, ("badge", age, width), width, height, draw)

    def _child_box(self, p: QPainter, width: int, height: int) -> QPixmap:
        return self._picture(
            p, ("child", width, height), width, height,
            lambda inner: marks.draw_chain_box(inner, width, height),
        )  # fmt: skip

    def _child_dot(self, p: QPainter, child: CardChild) -> QPixmap:
        is_open, size = child.kind == "open", marks.CHILD_DOT
        return self._picture(
            p, ("child-dot", child.colour, is_open), size, size,
            lambda inner: marks.draw_child_dot(inner, child.colour, is_open),
        )  # fmt: skip

    def _dot(self, p: QPainter, state: TaskState) -> QPixmap:
        size = marks.DOT
        return self._picture(
            p, ("dot", state), size, size, lambda inner: marks.draw_dot(inner, state)
        )
