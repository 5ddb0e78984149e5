"""Draws the palette's lines: an icon, the title with what fits, what else there is, marks at the
right."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QModelIndex, QObject, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from salesdesk.moments import Zone
from salesdesk.services.search import Hit
from salesdesk.text import N_, ntr, tr, trp
from salesdesk.ui import shortcuts, theme
from salesdesk.ui.formats import money, near
from salesdesk.ui.palette.rows import Line, Lines
from salesdesk.ui.widgets import avatar, icons

ICONS = {"deal": "board", "client": "clients", "task": "tasks", "person": "user", "note": "note"}
_ROLES = {"manager": N_("Manager"), "team_lead": N_("Team lead"), "admin": N_("Administrator")}
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_ACTIVE = QStyle.StateFlag.State_Selected
_AVATAR = 20.0
_DOT = 8.0
_MONEY_WIDTH = 104.0
_STAGE_WIDTH = 128.0


class LinePainter(QStyledItemDelegate):
    """The delegate of the palette's list."""

    def __init__(self, lines: Lines, zone: Zone, now: int, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lines, self._zone, self._now = lines, zone, now
        self._title, self._marked = theme.font(), theme.font(bold=True)
        self._small = theme.font(theme.SECONDARY)
        self._tiny = theme.font(theme.SMALL, bold=True)
        self._figures = theme.font(theme.SECONDARY, tabular=True)

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
        painter.setFont(self._tiny)
        painter.setPen(theme.current().muted)
        where = box.adjusted(theme.S + theme.M, theme.XS, -theme.L, 0)
        painter.drawText(where, _LEFT, line.heading)
        if line.more:
            painter.setFont(self._small)
            said = trp("palette", "all of them: Tab")
            painter.drawText(where.adjusted(0, 0, -theme.XS, 0), _RIGHT, said)

    def _line(self, painter: QPainter, box: QRectF, line: Line, is_active: bool) -> None:
        now = theme.current()
        if is_active:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(now.accent_soft)
            painter.drawRoundedRect(box, theme.RADIUS, theme.RADIUS)
        hit, command = line.hit, line.command
        name = command.icon if command is not None else ICONS[hit.kind] if hit else ""
        spot = QRectF(box.left() + theme.M, box.center().y() - 8, theme.ICON, theme.ICON)
        icons.paint(painter, name, spot, now.accent if is_active else now.muted)
        left, right = spot.right() + theme.M, box.right() - theme.M
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
            number = f"{hit.number}  "
            painter.setFont(self._figures)
            painter.setPen(theme.current().muted)
            wide = QFontMetricsF(self._figures).horizontalAdvance(number)
            painter.drawText(QRectF(left, box.top(), wide, box.height()), _LEFT, number)
            left += wide
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
        now = theme.current()
        font = self._small if is_small else self._title
        metrics = QFontMetricsF(font)
        room = right - left
        if room < theme.XL:
            return left
        shown = text
        if metrics.horizontalAdvance(text) > room:
            shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, room)
        plain = now.muted if is_quiet else now.text
        y = box.center().y() + (metrics.ascent() - metrics.descent()) / 2
        cut = len(shown) if shown == text else len(shown) - 1
        at = 0
        for start, length in marks:
            start, stop = min(start, cut), min(start + length, cut)
            left = self._piece(painter, left, y, shown[at:start], font, plain)
            fitting = font if is_small else self._marked
            left = self._piece(painter, left, y, shown[start:stop], fitting, now.accent)
            at = max(at, stop)
        return self._piece(painter, left, y, shown[at:], font, plain)

    def _piece(
        self, painter: QPainter, left: float, y: float, text: str, font: QFont, colour: QColor
    ) -> float:
        if not text:
            return left
        painter.setFont(font)
        painter.setPen(colour)
        painter.drawText(QPointF(left, y), text)
        return left + QFontMetricsF(font).horizontalAdvance(text)

    # -- right: what kind of thing it is in a few marks -----------------------------------------

    def _marks_of(self, painter: QPainter, hit: Hit, box: QRectF, right: float) -> float:
        """Draw them from the right; returns where the room for words ends."""
        if hit.kind == "deal":
            return self._deal(painter, hit, box, right)
        if hit.kind == "client":
            said = ntr("{n} open deal", "{n} open deals", hit.deals) if hit.deals else ""
            return self._said(painter, said, box, right)
        if hit.kind == "task":
            right = self._who(painter, hit, box, right)
            late = hit.is_open and hit.due_at is not None and hit.due_at < self._now
            said = near(self._zone, hit.due_at, self._now) if hit.due_at is not None else ""
            said = said if hit.is_open else tr("Done")
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
        metrics = QFontMetricsF(self._small)
        left = right - _STAGE_WIDTH
        spot = QRectF(left, box.center().y() - _DOT / 2, _DOT, _DOT)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.current().stage(hit.colour))
        painter.drawEllipse(spot)
        room = _STAGE_WIDTH - _DOT - 2 * theme.S
        name = metrics.elidedText(hit.stage, Qt.TextElideMode.ElideRight, room)
        painter.setFont(self._small)
        painter.setPen(theme.current().muted)
        where = QRectF(spot.right() + 6, box.top(), room + theme.S, box.height())
        painter.drawText(where, _LEFT, name)
        return left - theme.M

    def _who(self, painter: QPainter, hit: Hit, box: QRectF, right: float) -> float:
        where = QRectF(right - _AVATAR, box.center().y() - _AVATAR / 2, _AVATAR, _AVATAR)
        avatar.paint(painter, where, hit.owner or None, hit.owner_id or 0)
        return where.left() - theme.M

    def _said(
        self, painter: QPainter, text: str, box: QRectF, right: float, colour: QColor | None = None
    ) -> float:
        if not text:
            return right
        wide = QFontMetricsF(self._figures).horizontalAdvance(text)
        painter.setFont(self._figures)
        painter.setPen(colour or theme.current().muted)
        where = QRectF(right - wide - 1, box.top(), wide + 2, box.height())
        painter.drawText(where, _LEFT, text)
        return where.left() - theme.M

    def _keys(self, painter: QPainter, keys: str, box: QRectF, right: float) -> float:
        """Each key as a small cap."""
        if not keys:
            return right
        painter.setFont(self._small)
        metrics = QFontMetricsF(self._small)
        now = theme.current()
        for part in reversed(shortcuts.shown(keys).split(" + ")):
            wide = max(metrics.horizontalAdvance(part) + 10, 20.0)
            cap = QRectF(right - wide, box.center().y() - 10, wide, 20)
            painter.setPen(now.line)
            painter.setBrush(now.surface)
            painter.drawRoundedRect(cap, theme.XS, theme.XS)
            painter.setPen(now.muted)
            painter.drawText(cap, Qt.AlignmentFlag.AlignCenter, part)
            right = cap.left() - theme.XS
        return right - theme.S
