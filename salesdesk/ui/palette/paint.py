"""Draws the palette's lines: an icon, the title with what fits, what else there is, marks at the
right."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QModelIndex, QObject, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPixmap
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from salesdesk.moments import Zone
from salesdesk.services.search import Hit
from salesdesk.text import N_, ntr, tr, trp
from salesdesk.ui import shortcuts, theme
from salesdesk.ui.formats import money, near
from salesdesk.ui.palette.letters import Letters
from salesdesk.ui.palette.rows import Line, Lines
from salesdesk.ui.widgets import avatar, icons

ICONS = {
    "deal": "board", "client": "clients", "contractor": "contractors", "task": "tasks",
    "person": "user", "note": "note",
}  # fmt: skip
_ROLES = {"manager": N_("Manager"), "team_lead": N_("Team lead"), "admin": N_("Administrator")}
_ACTIVE = QStyle.StateFlag.State_Selected
_AVATAR = 20.0
_DOT = 8.0
_MONEY_WIDTH = 104.0
_STAGE_WIDTH = 128.0
_SERVICES_WIDTH = 200.0


class LinePainter(QStyledItemDelegate):
    """The delegate of the palette's list."""

    def __init__(self, lines: Lines, zone: Zone, now: int, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lines, self._zone, self._now = lines, zone, now
        self._title, self._marked = Letters(theme.font()), Letters(theme.font(bold=True))
        self._small = Letters(theme.font(theme.SECONDARY))
        self._tiny = Letters(theme.font(theme.SMALL, bold=True))
        self._figures = Letters(theme.font(theme.SECONDARY, tabular=True))
        self._drawn: dict[tuple[object, ...], QPixmap] = {}

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | Any
    ) -> None:
        line = self._lines.lines[index.row()]
        box = QRectF(option.rect)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if line.can_be_chosen:
            is_active = bool(option.state & _ACTIVE)
            self._line(painter, box.adjusted(theme.S, 0, -theme.S, 0), line, is_active)
        else:
            self._heading(painter, box, line)
        painter.restore()

    def _heading(self, painter: QPainter, box: QRectF, line: Line) -> None:
        now, middle = theme.current(), box.center().y() + theme.XS / 2
        self._tiny.draw(painter, box.left() + theme.S + theme.M, middle, line.heading, now.muted)
        if line.more:
            said = trp("palette", "all of them: Tab")
            left = box.right() - theme.S - theme.M - self._small.width(said)
            self._small.draw(painter, left, middle, said, now.muted)

    def _line(self, painter: QPainter, box: QRectF, line: Line, is_active: bool) -> None:
        now = theme.current()
        if is_active:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(now.accent_soft)
            painter.drawRoundedRect(box, theme.RADIUS, theme.RADIUS)
        hit, command = line.hit, line.command
        name = command.icon if command is not None else ICONS[hit.kind] if hit else ""
        spot = QPointF(box.left() + theme.M, box.center().y() - theme.ICON / 2)
        tint = now.accent if is_active else now.muted
        painter.drawPixmap(spot, self._icon(name, tint, painter.device().devicePixelRatio()))
        left, right = spot.x() + theme.ICON + theme.M, box.right() - theme.M
        if command is not None:
            right = self._keys(painter, command.keys, box, right)
            self._text(painter, box, left, right, command.text, line.marks, False)
        elif hit is not None:
            right = self._marks_of(painter, hit, box, right)
            self._words_of(painter, hit, box, left, right)

    # -- left: title and what else there is -----------------------------------------------------

    def _words_of(
        self, painter: QPainter, hit: Hit, box: QRectF, left: float, right: float
    ) -> None:
        if hit.number is not None:
            muted, middle = theme.current().muted, box.center().y()
            left = self._figures.draw(painter, left, middle, str(hit.number), muted) + theme.S
        share = 0.62 if hit.detail else 1.0
        quiet = not hit.is_open
        room = left + (right - left) * share
        end = self._text(painter, box, left, room, hit.title, hit.marks, quiet)
        if hit.detail:
            self._text(painter, box, end + theme.S, right, hit.detail, hit.detail_marks, True, True)

    def _text(
        self, painter: QPainter, box: QRectF, left: float, right: float, text: str,
        marks: Sequence[tuple[int, int]], is_quiet: bool, is_small: bool = False,
    ) -> float:  # fmt: skip
        """Draw on one line, cut at the end; what fits in the accent. Returns where it ends."""
        now, middle = theme.current(), box.center().y()
        letters = self._small if is_small else self._title
        fitting = letters if is_small else self._marked
        if right - left < theme.XL:
            return left
        shown = letters.cut(text, right - left)
        plain = now.muted if is_quiet else now.text
        cut = len(shown) if shown == text else len(shown) - 1
        at = 0
        for start, length in marks:
            start, stop = min(start, cut), min(start + length, cut)
            left = letters.draw(painter, left, middle, shown[at:start], plain)
            left = fitting.draw(painter, left, middle, shown[start:stop], now.accent)
            at = max(at, stop)
        return letters.draw(painter, left, middle, shown[at:], plain)

    # -- right: what kind of thing it is in a few marks -----------------------------------------

    def _marks_of(self, painter: QPainter, hit: Hit, box: QRectF, right: float) -> float:
        """Draw them from the right; returns where the room for words ends."""
        if hit.kind == "deal":
            return self._deal(painter, hit, box, right)
        if hit.kind == "client":
            said = ntr("{n} open deal", "{n} open deals", hit.deals) if hit.deals else ""
            return self._said(painter, said, box, right)
        if hit.kind == "contractor":
            services = self._figures.cut(hit.services, _SERVICES_WIDTH)
            return self._said(painter, services, box, right)
        if hit.kind == "task":
            right = self._who(painter, hit, box, right)
            late = hit.is_open and hit.due_at is not None and hit.due_at < self._now
            said = near(self._zone, hit.due_at, self._now) if hit.due_at is not None else ""
            said = said if hit.is_open else tr("Closed")
            return self._said(painter, said, box, right, theme.current().bad if late else None)
        if hit.kind == "person":
            return self._said(painter, tr(_ROLES.get(hit.role, "")), box, right)
        said = near(self._zone, hit.at, self._now) if hit.at is not None else ""
        return self._said(painter, said, box, right)

    def _deal(self, painter: QPainter, hit: Hit, box: QRectF, right: float) -> float:
        right = self._who(painter, hit, box, right)
        said = money(hit.amount, hit.currency) if hit.amount is not None else ""
        self._said(painter, said, box, right)
        right -= _MONEY_WIDTH
        left = right - _STAGE_WIDTH
        spot = QRectF(left, box.center().y() - _DOT / 2, _DOT, _DOT)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.current().stage(hit.colour))
        painter.drawEllipse(spot)
        room = _STAGE_WIDTH - _DOT - 2 * theme.S
        name, muted = self._small.cut(hit.stage, room), theme.current().muted
        self._small.draw(painter, spot.right() + theme.S, box.center().y(), name, muted)
        return left - theme.M

    def _who(self, painter: QPainter, hit: Hit, box: QRectF, right: float) -> float:
        where = QRectF(right - _AVATAR, box.center().y() - _AVATAR / 2, _AVATAR, _AVATAR)
        ratio = painter.device().devicePixelRatio()
        painter.drawPixmap(where.topLeft(), self._avatar(hit.owner, hit.owner_id or 0, ratio))
        return where.left() - theme.M

    def _said(
        self, painter: QPainter, text: str, box: QRectF, right: float, colour: QColor | None = None
    ) -> float:
        if not text:
            return right
        left = right - self._figures.width(text)
        tint = colour or theme.current().muted
        self._figures.draw(painter, left, box.center().y(), text, tint)
        return left - theme.M

    def _keys(self, painter: QPainter, keys: str, box: QRectF, right: float) -> float:
        """Each key as a small cap."""
        if not keys:
            return right
        now, middle = theme.current(), box.center().y()
        for part in reversed(shortcuts.shown(keys).split(" + ")):
            letters = self._small.width(part)
            wide = max(letters + 10, 20.0)
            cap = QRectF(right - wide, middle - 10, wide, 20)
            painter.setPen(now.line)
            painter.setBrush(now.surface)
            painter.drawRoundedRect(cap, theme.XS, theme.XS)
            self._small.draw(painter, cap.center().x() - letters / 2, middle, part, now.muted)
            right = cap.left() - theme.XS
        return right - theme.S

    # -- drawn once -----------------------------------------------------------------------------

    def _icon(self, name: str, tint: QColor, ratio: float) -> QPixmap:
        key = ("icon", name, tint.rgb(), ratio)
        if key not in self._drawn:
            self._drawn[key] = icons.pixmap(name, tint, ratio=ratio)
        return self._drawn[key]

    def _avatar(self, name: str, colour: int, ratio: float) -> QPixmap:
        key = ("avatar", name, colour, theme.current().name, ratio)
        if key not in self._drawn:
            made = QPixmap(round(_AVATAR * ratio), round(_AVATAR * ratio))
            made.setDevicePixelRatio(ratio)
            made.fill(Qt.GlobalColor.transparent)
            with QPainter(made) as painter:
                avatar.paint(painter, QRectF(0, 0, _AVATAR, _AVATAR), name or None, colour)
            self._drawn[key] = made
        return self._drawn[key]
