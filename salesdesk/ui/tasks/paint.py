"""How a task looks in a list (one line) and in a day of the week (a small card)."""

from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPen
from PySide6.QtWidgets import QStyledItemDelegate

from salesdesk.services.task_lists import Item
from salesdesk.text import tr
from salesdesk.ui import awaiting, formats, theme
from salesdesk.ui.tasks import words
from salesdesk.ui.tasks.model import TaskModel
from salesdesk.ui.widgets import avatar, icons

Index = QModelIndex | QPersistentModelIndex
ROW, CARD = 40, 62
_LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
_ICONS = {"task": "tasks"}
#: Room for ``12/15`` of a checklist; for the mark of a text.
_STEPS, _SHEET = 56, 20


@dataclass(frozen=True, slots=True)
class Places:
    """Where the parts of a line stand."""

    box: QRect
    ring: QRect
    icon: QRect
    title: QRect
    steps: QRect
    about: QRect
    phone: QRect
    person: QRect
    when: QRect
    pill: QRect
    menu: QRect

    def more(self, item: Item) -> QRect:
        """The mark of what is to be done: as wide as it needs to be, with nothing it is empty."""
        wide = _STEPS if item.task.checklist else _SHEET if item.task.description else 0
        return self.steps.adjusted(_STEPS - wide, 0, 0, 0)


def places(rect: QRect, team: bool) -> Places:
    """The parts of a line ``rect``; the phone and the person only where there is room for them."""
    top, high = rect.top(), rect.height()
    left, right = rect.left(), rect.right() + 1
    wide = rect.width()

    def cut(width: int) -> QRect:
        nonlocal right
        right -= width
        return QRect(right, top, width, high)

    menu, pill = cut(40), cut(52)
    when = cut(136)
    person = cut((176 if wide >= 1000 else 44) if team else 0)
    phone = cut(158 if wide >= 860 else 0)
    first = left + 96
    room = right - first - theme.M
    title = QRect(first, top, room * 46 // 100, high)
    steps = QRect(title.right() + 1 - _STEPS, top, _STEPS, high)
    about = QRect(title.right() + theme.M, top, right - title.right() - 2 * theme.M, high)
    return Places(
        QRect(left + theme.M, top, 16, high), QRect(left + 40, top, 16, high),
        QRect(left + 68, top, 16, high), title, steps, about, phone, person, when, pill, menu,
    )  # fmt: skip


def _middle(where: QRect, size: float) -> QRectF:
    centre = QRectF(where).center()
    return QRectF(centre.x() - size / 2, centre.y() - size / 2, size, size)


class _Painter(QStyledItemDelegate):
    """What both ways of painting share; ``hovered`` and ``current`` are rows (-1: none)."""

    def __init__(self, model: TaskModel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.model = model
        self.team = False
        self.hovered = self.current = -1
        self.focused = False
        self._fonts()
        theme.changed.connect(self._fonts)

    def _fonts(self) -> None:
        self._plain = theme.font(tabular=True)
        self._strong = theme.font(bold=True)
        self._small = theme.font(theme.SECONDARY, tabular=True)

    def _text(self, p: QPainter, where: QRect, text: str, font: QFont, colour: QColor) -> int:
        """One line, shortened to fit; how wide it is."""
        p.setFont(font)
        p.setPen(colour)
        cut = p.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, max(where.width(), 0))
        p.drawText(where, _LEFT, cut)
        return p.fontMetrics().horizontalAdvance(cut)

    def _ring(self, p: QPainter, where: QRectF, item: Item, lit: bool) -> None:
        """The state as a coloured ring, a check mark in it when done (or about to be)."""
        look, task = theme.current(), item.task
        colour = look.dot(task.shown) if task.state == "open" else look.good
        if task.shown in ("waiting", "cancelled"):
            colour = look.faint
        p.setPen(QPen(colour, 1.8))
        p.setBrush(colour if task.state == "done" else Qt.BrushStyle.NoBrush)
        p.drawEllipse(where.adjusted(1, 1, -1, -1))
        if task.state == "done" or lit:
            mark = look.surface if task.state == "done" else colour
            icons.paint(p, "check", where.adjusted(3.5, 3.5, -3.5, -3.5), mark)

    def _icon(self, p: QPainter, where: QRectF, item: Item, colour: QColor) -> None:
        name = item.task.icon or "task"
        icons.paint(p, _ICONS.get(name, name), where, colour)

    def _box(self, p: QPainter, where: QRectF, on: bool) -> None:
        look = theme.current()
        p.setPen(QPen(look.accent if on else look.faint, 1.3))
        p.setBrush(look.accent if on else look.surface)
        p.drawRoundedRect(where.adjusted(0.5, 0.5, -0.5, -0.5), theme.XS, theme.XS)
        if on:
            icons.paint(p, "check", where.adjusted(3, 3, -3, -3), look.accent_text)


class LinePainter(_Painter):
    """A task as a line."""

    def sizeHint(self, option: Any, index: Index) -> QSize:
        return QSize(200, ROW)

    def paint(self, painter: QPainter, option: Any, index: Index) -> None:
        rect, at = QRect(option.rect), index.row()
        item = self.model.item(at)
        if item is None:
            return
        ticked = item.task.id in self.model.ticks
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._ground(painter, rect, at, ticked)
        where = places(rect.adjusted(0, 0, 0, -1), self.team)
        if ticked or at in (self.hovered, self.current) or self.model.ticks:
            self._box(painter, _middle(where.box, 16), ticked)
        self._parts(painter, where, item, at == self.hovered)
        painter.restore()

    def _ground(self, p: QPainter, rect: QRect, at: int, ticked: bool) -> None:
        look = theme.current()
        if ticked:
            p.fillRect(rect, look.accent_soft)
        elif at in (self.hovered, self.current):
            p.fillRect(rect, look.hover)
        p.fillRect(rect.left(), rect.bottom(), rect.width(), 1, look.line)
        if at == self.current:
            colour = look.accent if self.focused else theme.mix(look.accent, look.surface, 0.6)
            p.fillRect(rect.left(), rect.top(), 3, rect.height() - 1, colour)

    def _parts(self, p: QPainter, where: Places, item: Item, hovered: bool) -> None:
        look, task = theme.current(), item.task
        is_open = task.state == "open"
        self._ring(p, _middle(where.ring, 16), item, hovered and is_open)
        self._icon(p, _middle(where.icon, 16), item, look.muted)
        more = where.more(item)
        self._title(p, where.title.adjusted(0, 0, -more.width(), 0), item)
        if more.width():
            self._steps(p, more, item)
        self._text(p, where.about, words.about(item), self._plain, look.muted)
        if item.phone and where.phone.width():
            sign = QRect(where.phone.left(), where.phone.top(), 16, where.phone.height())
            icons.paint(p, "phone", _middle(sign, 13), look.accent)
            self._text(p, where.phone.adjusted(20, 0, -4, 0), item.phone, self._small, look.accent)
        if self.team:
            self._person(p, where.person, item)
        late = task.shown == "overdue"
        text = words.when(item, self.model.zone, self.model.now())
        self._text(p, where.when, text, self._plain, look.bad if late else look.text)
        if task.postponed:
            self._pill(p, where.pill, words.postponed(item), task.postponed)
        strong = hovered or (self.current >= 0 and task.id == self.model.ids[self.current])
        icons.paint(p, "more", _middle(where.menu, 16), look.text if strong else look.faint)

    def _title(self, p: QPainter, where: QRect, item: Item) -> None:
        look = theme.current()
        closed = item.task.state != "open"
        behind = words.beside(item, self.model.zone)
        # What explains the task has its room; the beginning of its text takes what is left.
        wanted = closed or item.remark or item.kept
        room = where.adjusted(0, 0, -where.width() * 2 // 5 if behind and wanted else 0, 0)
        width = self._text(p, room, item.task.title, self._strong,
                           look.muted if closed else look.text)  # fmt: skip
        if behind:
            colour = look.warning if words.remark(item) else look.muted
            rest = where.adjusted(width + theme.S, 0, 0, 0)
            self._text(p, rest, behind, self._small, colour)

    def _steps(self, p: QPainter, where: QRect, item: Item) -> None:
        """A sheet of paper where there is a text, and how far the checklist has come."""
        look = theme.current()
        done = awaiting.progress(item.task)
        all_done = all(ticked for _line, ticked in item.task.checklist)
        colour = look.good if done and all_done else look.muted
        sign = QRect(where.left() + theme.XS, where.top(), 12, where.height())
        icons.paint(p, "tasks" if done else "note", _middle(sign, 12), colour)
        self._text(p, where.adjusted(theme.XS + 16, 0, 0, 0), done, self._small, colour)

    def _person(self, p: QPainter, where: QRect, item: Item) -> None:
        look, task = theme.current(), item.task
        size = theme.AVATAR
        left = QRect(where.left(), where.top(), size, where.height())
        avatar.paint(p, _middle(left, size), task.assignee, task.assignee_id or 0)
        if where.width() > 60:
            inside = where.adjusted(size + theme.S, 0, -theme.S, 0)
            self._text(p, inside, task.assignee or tr("Nobody"), self._plain, look.text)

    def _pill(self, p: QPainter, where: QRect, text: str, times: int) -> None:
        tint = theme.current().age("stuck" if times >= 3 else "warn" if times == 2 else "fresh")
        p.setFont(self._small)
        width = p.fontMetrics().horizontalAdvance(text) + 2 * theme.S
        box = QRectF(where.left(), where.center().y() - 9.5, width, 20)
        p.setPen(Qt.PenStyle.NoPen)
        p.setBrush(tint.background)
        p.drawRoundedRect(box, theme.XS, theme.XS)
        p.setPen(tint.text)
        p.drawText(box, Qt.AlignmentFlag.AlignCenter, text)


class CardPainter(_Painter):
    """A task as a card in a day of the week: the time, its kind, the title, the deal."""

    def sizeHint(self, option: Any, index: Index) -> QSize:
        return QSize(80, CARD)

    def paint(self, painter: QPainter, option: Any, index: Index) -> None:
        at = index.row()
        item = self.model.item(at)
        if item is None:
            return
        look, task = theme.current(), item.task
        rect = QRect(option.rect).adjusted(4, 2, -4, -3)
        ticked, current = task.id in self.model.ticks, at == self.current and self.focused
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(look.accent if current or ticked else look.line, 1.4 if current else 1))
        ground = look.hover if at == self.hovered else look.raised
        painter.setBrush(look.accent_soft if ticked else ground)
        painter.drawRoundedRect(QRectF(rect).adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)
        inside = rect.adjusted(8, 5, -8, -5)
        high = inside.height() // 3
        head = QRect(inside.left(), inside.top(), inside.width(), high)
        dot = QRectF(head.left(), head.center().y() - 3, 7, 7)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(look.dot(task.shown))
        painter.drawEllipse(dot)
        clock = "" if task.due_at is None else formats.clock(self.model.zone, task.due_at)
        late = task.shown == "overdue"
        self._text(painter, head.adjusted(12, 0, -40, 0), clock, self._small,
                   look.bad if late else look.muted)  # fmt: skip
        right = QRect(head.right() - 15, head.top(), 16, high)
        if self.team:
            avatar.paint(painter, _middle(right, 16), task.assignee, task.assignee_id or 0)
            right.translate(-theme.XL + 3, 0)
        self._icon(painter, _middle(right, 13), item, look.muted)
        title = head.translated(0, high)
        self._text(painter, title, task.title, theme.font(theme.SECONDARY, bold=True), look.text)
        given, done = words.remark(item), awaiting.progress(task)
        foot = given or " · ".join(part for part in (done, words.about(item)) if part)
        colour = look.warning if given else look.muted
        self._text(painter, title.translated(0, high), foot, theme.font(theme.SMALL), colour)
        painter.restore()
