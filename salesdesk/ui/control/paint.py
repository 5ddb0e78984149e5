"""How the rows of the list look: a box to select, the state, avatars, pills, dots to press."""

from typing import Any

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPen
from PySide6.QtWidgets import QStyledItemDelegate

from salesdesk.ui import theme
from salesdesk.ui.control.model import COLUMNS, DeskModel
from salesdesk.ui.control.words import Cells
from salesdesk.ui.widgets import avatar, icons

Index = QModelIndex | QPersistentModelIndex
ROW = theme.ROW_HEIGHT
_BOX, _DOT = 16, 8
_LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)


def tick_box(painter: QPainter, where: QRectF, state: Qt.CheckState, focus: bool = False) -> None:
    """A box: filled with a check mark, with a bar (some of them), or empty."""
    look = theme.current()
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    on = state != Qt.CheckState.Unchecked
    edge = look.accent if on or focus else look.faint
    painter.setPen(QPen(edge, 1.3))
    painter.setBrush(look.accent if on else look.surface)
    painter.drawRoundedRect(where.adjusted(0.5, 0.5, -0.5, -0.5), theme.XS, theme.XS)
    if state == Qt.CheckState.Checked:
        icons.paint(painter, "check", where.adjusted(3, 3, -3, -3), look.accent_text)
    elif on:
        painter.setPen(QPen(look.accent_text, 1.6))
        middle = where.center()
        painter.drawLine(int(middle.x() - 3), int(middle.y()), int(middle.x() + 3), int(middle.y()))
    painter.restore()


def box_in(rect: QRect) -> QRectF:
    """Where the box stands in the first cell."""
    return QRectF(rect.left() + theme.M, rect.center().y() - _BOX / 2 + 0.5, _BOX, _BOX)


def pill(painter: QPainter, where: QRect, text: str, age: str, right: bool = False) -> None:
    """A small rounded text in the colours of an age, at the left or the right end."""
    tint = theme.current().age(age)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setFont(theme.font(theme.SMALL, tabular=True))
    width = painter.fontMetrics().horizontalAdvance(text) + 2 * theme.S
    left = where.right() - width + 1 if right else where.left()
    box = QRectF(left, where.center().y() - 9.5, width, 20)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(tint.background)
    painter.drawRoundedRect(box, theme.XS, theme.XS)
    painter.setPen(tint.text)
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)
    painter.restore()


def text_in(painter: QPainter, where: QRect, text: str, font: QFont, colour: QColor) -> int:
    """One line, shortened to fit; how wide it is."""
    painter.setFont(font)
    painter.setPen(colour)
    metrics = painter.fontMetrics()
    cut = metrics.elidedText(text, Qt.TextElideMode.ElideRight, max(where.width(), 0))
    painter.drawText(where, _LEFT, cut)
    return metrics.horizontalAdvance(cut)


def dot(painter: QPainter, where: QRectF, state: str) -> None:
    """The state of a task: a disc in its colour; a ring for one that waits, or for none."""
    look = theme.current()
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    if state in ("overdue", "today", "planned"):
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(look.dot(state))
        painter.drawEllipse(where)
    elif state == "done":
        icons.paint(painter, "check", where.adjusted(-2, -2, 2, 2), look.good)
    else:
        painter.setPen(QPen(look.faint, 1.5))
        painter.drawEllipse(where.adjusted(0.75, 0.75, -0.75, -0.75))
    painter.restore()


class RowPainter(QStyledItemDelegate):
    """Paints every cell; ``hovered`` is the row under the pointer, ``current`` that of the
    keyboard (−1: none, or it is elsewhere)."""

    def __init__(self, model: DeskModel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self.hovered = -1
        self.current = -1
        self.focused = False
        self._fonts()
        theme.changed.connect(self._fonts)

    def _fonts(self) -> None:
        self._plain = theme.font(tabular=True)
        self._strong = theme.font(bold=True)
        self._small = theme.font(theme.SECONDARY, tabular=True)

    def paint(self, painter: QPainter, option: Any, index: Index) -> None:
        at, name, rect = index.row(), COLUMNS[index.column()], QRect(option.rect)
        cells = self._model.cells(at)
        ticked = self._model.ids[at] in self._model.ticks
        painter.save()
        self._ground(painter, rect, at, name, ticked)
        if name == "check":
            state = Qt.CheckState.Checked if ticked else Qt.CheckState.Unchecked
            tick_box(painter, box_in(rect), state, at == self.hovered)
        elif cells is None:
            self._coming(painter, rect, name)
        else:
            self._cell(painter, rect.adjusted(theme.S, 0, -theme.S, -1), name, cells, at)
        painter.restore()

    def _ground(self, painter: QPainter, rect: QRect, at: int, name: str, ticked: bool) -> None:
        look = theme.current()
        if ticked:
            painter.fillRect(rect, look.accent_soft)
        elif at == self.hovered or at == self.current:
            painter.fillRect(rect, look.hover)
        painter.fillRect(rect.left(), rect.bottom(), rect.width(), 1, look.line)
        if at == self.current and name == "check":
            colour = look.accent if self.focused else theme.mix(look.accent, look.surface, 0.6)
            painter.fillRect(rect.left(), rect.top(), 3, rect.height() - 1, colour)

    def _coming(self, painter: QPainter, rect: QRect, name: str) -> None:
        """A line that is being read."""
        if name in ("title", "about"):
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.current().track)
            box = QRectF(rect.left() + theme.S, rect.center().y() - 4, rect.width() * 0.6, 8)
            painter.drawRoundedRect(box, 4, 4)

    def _cell(self, painter: QPainter, rect: QRect, name: str, cells: Cells, at: int) -> None:
        look = theme.current()
        if name == "title":
            middle = rect.center().y() - _DOT / 2 + 0.5
            dot(painter, QRectF(rect.left(), middle, _DOT, _DOT), cells.dot)
            inside = rect.adjusted(_DOT + theme.S, 0, 0, 0)
            text_in(painter, inside, cells.title, self._strong, look.text)
        elif name == "about":
            text_in(painter, rect, cells.about, self._plain, look.muted)
        elif name == "person":
            self._person(painter, rect, cells)
        elif name == "when":
            self._when(painter, rect, cells)
        elif name == "more" and cells.pill:
            pill(painter, rect, cells.more, cells.more_tone)
        elif name == "more":
            tones = {"bad": look.bad, "muted": look.muted}
            font = self._strong if cells.more_tone == "bad" else self._plain
            text_in(painter, rect, cells.more, font, tones.get(cells.more_tone, look.text))
        elif name == "menu":
            strong = at in (self.hovered, self.current)
            where = QRectF(rect.center().x() - 8, rect.center().y() - 7.5, 16, 16)
            icons.paint(painter, "more", where, look.text if strong else look.muted)

    def _person(self, painter: QPainter, rect: QRect, cells: Cells) -> None:
        look, size = theme.current(), theme.AVATAR
        where = QRectF(rect.left(), rect.center().y() - size / 2 + 0.5, size, size)
        named = cells.person if cells.person_id is not None else None
        avatar.paint(painter, where, named, cells.person_id or 0)
        inside = rect.adjusted(size + theme.S, 0, 0, 0)
        text_in(painter, inside, cells.person, self._plain, look.text if named else look.muted)

    def _when(self, painter: QPainter, rect: QRect, cells: Cells) -> None:
        look = theme.current()
        if cells.colour:
            painter.save()
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(look.stage(cells.colour))
            painter.drawRoundedRect(QRectF(rect.left(), rect.center().y() - 5.5, 3, 12), 1.5, 1.5)
            painter.restore()
            rect = rect.adjusted(theme.S + 2, 0, 0, 0)
        colour = look.bad if cells.when_tone == "bad" else look.text
        text_in(painter, rect, cells.when, self._plain, colour)
