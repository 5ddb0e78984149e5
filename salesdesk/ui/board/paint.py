"""Cards painted by hand.

What cards share is copied from small pictures (``pieces``), the rest written, texts of one font
together: what a filter shows was mostly never seen, and laying texts out for later
(``QStaticText``) costs three times what writing one does. What is painted again is copied from a
picture of the whole card (``pictures``).
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QImage, QPainter, QPen, QPixmap

from salesdesk.names import initials
from salesdesk.services.cards import Age, DealCard, TaskState
from salesdesk.ui import theme
from salesdesk.ui.board import marks, words
from salesdesk.ui.board.layout import CHAIN, OWN, Heights
from salesdesk.ui.board.lettering import Colour, Lettering
from salesdesk.ui.board.model import lines_of
from salesdesk.ui.board.pieces import EDGE, Pieces
from salesdesk.ui.board.texts import Texts
from salesdesk.ui.board.words import Wording
from salesdesk.ui.formats import clock, money
from salesdesk.ui.widgets.pictures import Pictures

__all__ = ["EDGE", "PLAIN", "CardPainter", "Marks", "Placed"]

_MUTED = 0.78
#: Children of which the mark of the chain shows the stage's colour; more are counted.
_CHILD_DOTS = 4
_CHILD_STEP = 9
#: Of names that stand on many cards.
_initials = lru_cache(maxsize=1000)(initials)
#: Colours of the days in a stage (``Theme.age``).
_AGE_COLOURS: dict[Age, Colour] = {"fresh": "muted", "warn": "warning", "stuck": "bad"}


class Marks(NamedTuple):
    """How a card stands: none of these by colour alone."""

    selected: bool = False
    focused: bool = False
    hovered: bool = False
    pending: bool = False
    lifted: bool = False


#: Nothing of them.
PLAIN = Marks()


class Placed(NamedTuple):
    """A card and where it lies, in logical pixels."""

    left: int
    top: int
    width: int
    height: int
    deal: DealCard
    marks: Marks = PLAIN


class CardPainter:
    """Paints cards in the theme on the screen."""

    def __init__(self, wording: Wording) -> None:
        self._wording = wording
        #: Cards of a past day, which nobody moves.
        self.muted = False
        self._plain_ground = True
        self._cards = Pictures()
        self._ratio = 1.0
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

    def draw(self, p: QPainter, card: QRect, deal: DealCard, marks: Marks) -> None:
        """Paint ``deal`` into the rectangle ``card``, over whatever is there."""
        one = Placed(card.left(), card.top(), card.width(), card.height(), deal, marks)
        self.paint(p, [one], plain_ground=False)

    def paint(self, p: QPainter, cards: Sequence[Placed], *, plain_ground: bool = True) -> None:
        """Paint cards that lie beside each other on the board's own ground (or, if that is not
        plain, on a place to drop at); those at first sight together, kind by kind: what is done
        many times in a row is done faster."""
        self._for_device(p)
        self._plain_ground = plain_ground
        new, ringed = [], []
        for one in cards:
            marks = one.marks
            if marks.lifted:
                self._draw_place(p, one)
            elif marks.pending or self.muted:
                self._paint_faded(p, one)
            else:
                if not self._copy(p, one):
                    new.append(one)
                if marks.selected or marks.focused:
                    ringed.append(one)
        self._write(p, new)
        for one in ringed:
            self._draw_ring(p, one)

    def _paint_faded(self, p: QPainter, one: Placed) -> None:
        p.setOpacity(0.6 if one.marks.pending else _MUTED)
        if not self._copy(p, one):
            self._write(p, [one])
        if one.marks.selected or one.marks.focused:
            self._draw_ring(p, one)
        p.setOpacity(1.0)

    def _copy(self, p: QPainter, one: Placed) -> bool:
        """Copy the picture of a card with the ground around it; False when it is new."""
        if one.marks.hovered or not self._plain_ground:
            return False
        width, height = one.width, one.height
        key = one.deal.id, width, height
        if not self._cards.is_known(key, one.deal, self._ratio):
            return False
        inside = Placed(EDGE, EDGE, width, height, one.deal)
        picture = self._cards.of(
            key, one.deal, QSize(width + 2 * EDGE, height + 2 * EDGE), self._ratio,
            theme.current().background, lambda inner: self._write(inner, [inside]),
        )  # fmt: skip
        if picture is not None:
            p.drawPixmap(one.left - EDGE, one.top - EDGE, picture)
        return picture is not None

    def _write(self, p: QPainter, cards: Sequence[Placed]) -> None:
        """Cards that are neither selected nor where the keyboard is."""
        letters, solid = Lettering(self._fonts), self._plain_ground
        for one in cards:
            frame = self._pieces.frame(one.width, one.height, one.marks.hovered, solid)
            p.drawPixmap(one.left - EDGE, one.top - EDGE, frame)
        for one in cards:
            self._lay_out(p, one, letters)
        letters.write(p)

    def _lay_out(self, p: QPainter, one: Placed, letters: Lettering) -> None:
        """Draw the marks of a card on its ground, and place its texts."""
        deal, line, fit = one.deal, self._line, self._texts.fit
        left, right = one.left + theme.M, one.left + one.width - theme.M
        top = one.top + theme.S + 1
        middle = top + line["title"] + theme.XS + 1
        foot = own = middle + line["plain"] + theme.XS + 2
        lines = self._room_for(lines_of(deal), one.height)
        if lines & OWN:
            foot += self._heights[1][0]
        title = fit("title", deal.title, right - left).words
        letters.add("title", "text", left, top + self._ascent["title"], title)
        amount = fit("amount", money(deal.amount, deal.currency), right - left)
        letters.add(
            "amount", "text" if deal.amount is not None else "muted",
            right - amount.width, middle + self._ascent["amount"], amount.words,
        )  # fmt: skip
        beside = right - left - int(amount.width) - theme.S
        if deal.company and beside > 0:
            company = fit("plain", deal.company, beside).words
            letters.add("plain", "muted", left, middle + self._ascent["plain"], company)
        room = self._place_marks(p, deal, left, foot, right - left, letters)
        task = self._task(deal, room)
        if task and room > 0:
            base = foot + round((theme.AVATAR - line["plain"]) / 2) + self._ascent["plain"]
            task = fit("plain", task, room).words
            letters.add("plain", "muted", left + marks.DOT + 5, base, task)
        if lines & OWN:
            self._place_own(deal, left, right - left, own - 2, letters)
        if lines & CHAIN:
            chain = foot + theme.AVATAR + 6
            self._place_chain(p, deal, left, right - left, chain, letters)

    def dot_image(self, state: TaskState) -> QImage:
        """The mark of a task's state as it stands on a card."""
        image = QImage(1, 1, QImage.Format.Format_ARGB32)
        with QPainter(image) as p:
            self._for_device(p)
        return self._pieces.dot(state).toImage()

    def draw_blank(self, p: QPainter, card: QRect) -> None:
        """Paint a card that is being read."""
        self._for_device(p)
        frame = self._pieces.frame(card.width(), card.height(), hovered=False, solid=False)
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

    def _place_marks(
        self, p: QPainter, deal: DealCard, left: int, y: int, width: int, letters: Lettering
    ) -> int:
        """The marks of the last line; returns how wide the task beside them may be."""
        pieces, avatar = self._pieces, theme.AVATAR
        disc_left, middle = left + width - avatar, y + avatar / 2
        p.drawPixmap(disc_left, y, self._avatar(deal))
        p.drawPixmap(QPointF(left, middle - marks.DOT / 2 - 1), pieces.dot(deal.task_state))
        days, font = words.days(deal.days_in_stage), "loud" if deal.age == "stuck" else "small"
        wide = self._texts.advance(font, days)
        badge, height = round(wide) + 2 * 5, self._line["small"] + 5
        badge_left = disc_left - 5 - badge
        ground = pieces.badge(deal.age, badge, height)
        p.drawPixmap(QPointF(badge_left, middle - height / 2), ground)
        base = y + (avatar - self._line[font] + 1) // 2 + self._ascent[font]
        letters.add(font, _AGE_COLOURS[deal.age], badge_left + (badge - wide) / 2, base, days)
        return badge_left - left - marks.DOT - 5 - theme.XS

    def _avatar(self, deal: DealCard) -> QPixmap:
        """The disc of the responsible person with the initials."""
        known, who = deal.owner is not None, _initials(deal.owner)

        def write(inner: QPainter) -> None:
            size, letters = theme.AVATAR, Lettering(self._fonts)
            left = (size - self._texts.advance("avatar", who)) / 2
            base = (size - self._line["avatar"]) / 2 + self._ascent["avatar"]
            letters.add("avatar", "avatar_text" if known else "muted", left, base, who)
            letters.write(inner)

        return self._pieces.avatar(deal.owner_colour if known else None, who, write)

    def _place_own(self, deal: DealCard, left: int, width: int, y: int, letters: Lettering) -> None:
        """Own fields, ``Floors 12   Lift yes``. The last has half of the line at most, the first
        what is left; without room for the name the value stands alone."""
        texts = [(f"{one.name} ", self._wording.own(one, deal)) for one in deal.fields]
        right = left + width
        for name, value in texts[1:]:
            needed = self._texts.advance("small", name + value) + 1
            room = int(min(needed, (width - theme.M) // 2))
            right -= room
            self._place_field(letters, name, value, right, y, room)
            right -= theme.M
        self._place_field(letters, *texts[0], left, y, right - left)

    def _place_field(
        self, letters: Lettering, name: str, value: str, left: int, y: int, room: int
    ) -> None:
        wide = self._texts.advance("small", name)
        if wide + self._texts.advance("small", value) <= room:
            self._place_small(letters, "muted", name, left, y, room)
            left, room = left + int(wide), room - int(wide)
        self._place_small(letters, "text", value, left, y, room)

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

    def _place_chain(
        self, p: QPainter, deal: DealCard, left: int, width: int, y: int, letters: Lettering
    ) -> None:
        """The stages of the children: a dot each, the first in words, how many more there are."""
        children, height = deal.children, self._child_height() - 1
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
            self._place_small(letters, "muted", more.words, right, y, width)
            right -= theme.XS
        late = children[0].late
        sign = "! " if late else ""  # colour is never the only sign
        told = sign + words.child(children[0])
        # The stage says more than the pipeline.
        if self._texts.advance("small", told) > right - left:
            told = sign + children[0].stage
        self._place_small(letters, "bad" if late else "muted", told, left, y, right - left)

    def _place_small(
        self, letters: Lettering, colour: Colour, text: str, x: float, y: int, room: int
    ) -> None:
        """A small text."""
        if text and room > 0:
            said = self._texts.fit("small", text, room).words
            letters.add("small", colour, x, y + self._ascent["small"], said)

    def _draw_ring(self, p: QPainter, one: Placed) -> None:
        ring = self._pieces.ring(one.width, one.height, one.marks.selected, one.marks.focused)
        p.drawPixmap(one.left - EDGE, one.top - EDGE, ring)

    def _draw_place(self, p: QPainter, one: Placed) -> None:
        """The place that a card was lifted from."""
        look = theme.current()
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        p.setPen(QPen(look.faint, 1, Qt.PenStyle.DashLine))
        p.setBrush(Qt.BrushStyle.NoBrush)
        box, radius = QRectF(one.left, one.top, one.width, one.height), theme.RADIUS_CARD
        p.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), radius, radius)

    def _for_device(self, p: QPainter) -> None:
        """Pictures are made for the screen of the device that ``p`` paints on."""
        self._ratio = p.device().devicePixelRatioF()
        self._pieces.for_ratio(self._ratio)
