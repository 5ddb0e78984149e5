"""Cards painted by hand.

What cards share is copied from small pictures (``pieces``), the rest written, texts of one font
together: what a filter shows was mostly never seen, and laying texts out for later
(``QStaticText``) costs three times what writing one does. What is painted again is copied from a
picture of the whole card (``pictures``).
"""

from typing import NamedTuple

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QImage, QPainter, QPen, QPixmap

from salesdesk.names import initials
from salesdesk.services.cards import DealCard, TaskState
from salesdesk.ui import theme
from salesdesk.ui.board import marks, words
from salesdesk.ui.board.layout import CHAIN, OWN, Heights
from salesdesk.ui.board.model import lines_of
from salesdesk.ui.board.pieces import EDGE, Pieces
from salesdesk.ui.board.texts import Texts
from salesdesk.ui.board.words import Wording
from salesdesk.ui.formats import clock, money
from salesdesk.ui.widgets.pictures import Pictures

__all__ = ["EDGE", "CardPainter", "Marks"]

_MUTED = 0.78
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


class CardPainter:
    """Paints cards in the theme on the screen."""

    def __init__(self, wording: Wording) -> None:
        self._wording = wording
        #: Cards of a past day, which nobody moves.
        self.muted = False
        #: Whether they lie on the board's own ground, not in the light of a place to drop at.
        self.plain_ground = True
        self._cards = Pictures()
        self._ratio: float | None = None
        self._fonts: dict[str, QFont] = {}
        self._texts = Texts({})
        self._pieces = Pieces()
        self.restyle()

    def restyle(self) -> None:
        """Take the fonts and colours of the theme, and the words of the language, anew."""
        self.forget()
        self._fonts = {
            "title": theme.font(theme.BODY, bold=True),
            "amount": theme.font(theme.SECONDARY, bold=True),
            "plain": theme.font(theme.SECONDARY),
            "small": theme.font(theme.SMALL),
            "loud": theme.font(theme.SMALL, bold=True),
            "avatar": theme.font(theme.TINY - 1, bold=True),
        }
        self._texts = Texts(self._fonts)
        self._pieces = Pieces()
        self._line = {name: self._texts.line(name)[0] for name in self._fonts}
        self._ascent = {name: self._texts.line(name)[1] for name in self._fonts}

        rows = self._line["title"] + self._line["plain"] + theme.AVATAR
        plain = rows + 2 * theme.S + 3 * theme.XS + 2
        own = self._line["small"] + theme.XS
        self._heights: Heights = (plain, (own, self._child_height() + 6), theme.S + 1)

    def forget(self) -> None:
        """Lay the cards out anew (a new day has begun: other words beside the tasks)."""
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
        look, line, ascent = theme.current(), self._line, self._ascent
        width, height = card.width(), card.height()
        self._pieces.for_ratio(self._ratio_of(p))
        frame = self._pieces.frame(width, height, hovered)
        p.drawPixmap(card.left() - EDGE, card.top() - EDGE, frame)
        left, right = card.left() + theme.M, card.left() + width - theme.M
        top = card.top() + theme.S + 1
        middle = top + line["title"] + theme.XS + 1
        foot = own = middle + line["plain"] + theme.XS + 2
        lines = self._room_for(lines_of(deal), height)
        if lines & OWN:
            foot += self._heights[1][0]
        room = self._draw_marks(p, deal, left, foot, right - left)
        # Texts of one font and colour together.
        p.setFont(self._fonts["title"])
        p.setPen(look.text)
        title = self._texts.fit("title", deal.title, right - left).words
        p.drawText(left, top + ascent["title"], title)
        amount = self._texts.fit("amount", money(deal.amount, deal.currency), right - left)
        p.setFont(self._fonts["amount"])
        if deal.amount is None:
            p.setPen(look.muted)
        p.drawText(QPointF(right - amount.width, middle + ascent["amount"]), amount.words)
        p.setFont(self._fonts["plain"])
        p.setPen(look.muted)
        beside = right - left - int(amount.width) - theme.S
        if deal.company and beside > 0:
            company = self._texts.fit("plain", deal.company, beside).words
            p.drawText(left, middle + ascent["plain"], company)
        self._write_task(p, deal, left, foot, room)
        if lines & OWN:
            self._draw_own(p, deal, left, right - left, own - 2)
        if lines & CHAIN:
            self._draw_chain(p, deal, left, right - left, foot + theme.AVATAR + 6)

    def dot_image(self, state: TaskState) -> QImage:
        """The mark of a task's state as it stands on a card."""
        image = QImage(1, 1, QImage.Format.Format_ARGB32)
        p = QPainter(image)
        self._pieces.for_ratio(self._ratio_of(p))
        p.end()
        return self._pieces.dot(state).toImage()

    def draw_blank(self, p: QPainter, card: QRect) -> None:
        """Paint a card that is being read."""
        self._pieces.for_ratio(self._ratio_of(p))
        frame = self._pieces.frame(card.width(), card.height(), False)
        p.drawPixmap(card.left() - EDGE, card.top() - EDGE, frame)
        p.setPen(Qt.PenStyle.NoPen)
        p.setBrush(theme.current().track)
        for row, share in enumerate((0.7, 0.45, 0.55)):
            top = card.top() + theme.M + row * (theme.L + theme.XS)
            width = (card.width() - 2 * theme.M) * share
            p.drawRoundedRect(QRectF(card.left() + theme.M, top, width, theme.S), 4, 4)

    def _room_for(self, lines: int, height: int) -> int:
        """Which of the further lines have their place: a card may have changed since its column
        was laid out."""
        if not lines:
            return 0
        plain, extras, _gap = self._heights
        for kept in (lines, lines & CHAIN, lines & OWN):
            needed = sum(extra for bit, extra in enumerate(extras) if kept >> bit & 1)
            if plain + needed <= height:
                return kept
        return 0

    def _draw_marks(self, p: QPainter, deal: DealCard, left: int, y: int, width: int) -> int:
        """The marks of the last line; returns how wide the task beside them may be."""
        pieces, look, avatar = self._pieces, theme.current(), theme.AVATAR
        known = deal.owner is not None
        disc_left, middle = left + width - avatar, y + avatar / 2
        p.drawPixmap(disc_left, y, pieces.disc(deal.owner_colour if known else None))
        p.drawPixmap(QPointF(left, middle - marks.DOT / 2 - 1), pieces.dot(deal.task_state))
        days, font = words.days(deal.days_in_stage), "loud" if deal.age == "stuck" else "small"
        wide = self._texts.fit(font, days, 1000).width
        badge, height = round(wide) + 2 * 5, self._line["small"] + 5
        badge_left, top = disc_left - 5 - badge, middle - height / 2
        p.drawPixmap(QPointF(badge_left, top), pieces.badge(deal.age, badge, height))
        p.setFont(self._fonts[font])
        p.setPen(look.age(deal.age).text)
        base = y + (avatar - self._line[font] + 1) // 2 + self._ascent[font]
        p.drawText(QPointF(badge_left + (badge - wide) / 2, base), days)
        who = initials(deal.owner)
        p.setFont(self._fonts["avatar"])
        p.setPen(look.avatar_text if known else look.muted)
        place = QPointF(
            disc_left + (avatar - self._texts.fit("avatar", who, 1000).width) / 2,
            y + (avatar - self._line["avatar"]) / 2 + self._ascent["avatar"],
        )
        p.drawText(place, who)
        return badge_left - left - marks.DOT - 5 - theme.XS

    def _write_task(self, p: QPainter, deal: DealCard, left: int, y: int, room: int) -> None:
        task = self._task(deal, room)
        if task and room > 0:
            y += round((theme.AVATAR - self._line["plain"]) / 2) + self._ascent["plain"]
            p.drawText(left + marks.DOT + 5, y, self._texts.fit("plain", task, room).words)

    def _draw_own(self, p: QPainter, deal: DealCard, left: int, width: int, y: int) -> None:
        """Own fields, ``Floors 12   Lift yes``. The last has half of the line at most, the first
        what is left; without room for the name the value stands alone."""
        texts = [(f"{one.name} ", self._wording.own(one, deal)) for one in deal.fields]
        right = left + width
        for name, value in texts[1:]:
            needed = self._texts.advance("small", name + value) + 1
            room = int(min(needed, (width - theme.M) // 2))
            right -= room
            self._draw_field(p, name, value, right, y, room)
            right -= theme.M
        self._draw_field(p, *texts[0], left, y, right - left)

    def _draw_field(self, p: QPainter, name: str, value: str, left: int, y: int, room: int) -> None:
        look, wide = theme.current(), self._texts.advance("small", name)
        if wide + self._texts.advance("small", value) <= room:
            self._write(p, look.muted, name, left, y, room)
            left, room = left + int(wide), room - int(wide)
        self._write(p, look.text, value, left, y, room)

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

    def _draw_chain(self, p: QPainter, deal: DealCard, left: int, width: int, y: int) -> None:
        """The stages of the children: a dot each, the first in words, how many more there are."""
        children, look = deal.children, theme.current()
        height = self._child_height() - 1
        p.drawPixmap(left, y, self._pieces.child_box(width, height))
        left, right = left + 7, left + width - 7
        dots = children[:_CHILD_DOTS]
        middle = y + (height - marks.CHILD_DOT) / 2
        for at, child in enumerate(dots):
            place = QPointF(left + at * _CHILD_STEP, middle)
            p.drawPixmap(place, self._pieces.child_dot(child))
        left += len(dots) * _CHILD_STEP + 3
        y += (height - self._line["small"]) // 2
        if len(children) > 1:
            more = self._texts.fit("small", f"+{len(children) - 1}", width)
            right -= int(more.width)
            self._write(p, look.muted, more.words, right, y, width)
            right -= theme.XS
        late = children[0].late
        colour = look.bad if late else look.muted
        sign = "! " if late else ""  # colour is never the only sign
        told = sign + words.child(children[0])
        # The stage says more than the pipeline.
        if self._texts.advance("small", told) > right - left:
            told = sign + children[0].stage
        self._write(p, colour, told, left, y, right - left)

    def _draw_ring(self, p: QPainter, card: QRect, marks: Marks) -> None:
        self._pieces.for_ratio(self._ratio_of(p))
        ring = self._pieces.ring(card.width(), card.height(), marks.selected, marks.focused)
        p.drawPixmap(card.left() - EDGE, card.top() - EDGE, ring)

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

    def _write(self, p: QPainter, colour: QColor, text: str, x: float, y: float, room: int) -> None:
        """A small text."""
        if text and room > 0:
            p.setFont(self._fonts["small"])
            p.setPen(colour)
            place = QPointF(x, y + self._ascent["small"])
            p.drawText(place, self._texts.fit("small", text, room).words)
