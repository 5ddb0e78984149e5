"""The head of a column, and the strip that a collapsed column leaves."""

from collections.abc import Iterator
from functools import cache

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QEnterEvent,
    QFont,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractButton, QMenu, QToolButton, QWidget

from salesdesk.services.cards import StageColumn
from salesdesk.text import ntr, tr
from salesdesk.ui import theme
from salesdesk.ui.board import words
from salesdesk.ui.board.paint import EDGE
from salesdesk.ui.board.texts import Texts
from salesdesk.ui.board.words import Wording
from salesdesk.ui.formats import money, short_money, whole

HEAD_HEIGHT = 58
STRIP_WIDTH = 30
_LINE = 3
_LINE_HEIGHT = theme.L + 2


#: Font, whether in the colour of text (else muted), where it begins on its base line, what.
_Text = tuple[QFont, bool, QPointF, str]


@cache
def _fonts() -> dict[str, QFont]:
    return {
        "name": theme.font(theme.BODY, bold=True),
        "count": theme.font(theme.BODY),
        "small": theme.font(theme.SECONDARY),
    }


@cache
def _measures() -> Texts:
    return Texts(_fonts())


def _written(font: str, colour: bool, left: float, top: int, text: str) -> _Text:
    height, ascent = _measures().line(font)
    base = top + (_LINE_HEIGHT - height + 1) // 2 + ascent
    return _fonts()[font], colour, QPointF(left, base), text


class ColumnHead(QWidget):
    """Name, count, sums and probability of a column. ``collapse_asked()`` folds it."""

    collapse_asked = Signal()

    def __init__(self, wording: Wording, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._wording = wording
        self._column: StageColumn | None = None
        self.focused = False
        self._fits: tuple[object, ...] = ()
        self._found: list[_Text] = []
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setFixedHeight(HEAD_HEIGHT)
        self.setObjectName("board-head")
        self.fold = QToolButton(self)
        self.fold.setObjectName("board-fold")
        self.fold.setProperty("look", "quiet")
        self.fold.setText("‹")
        self.fold.setFixedSize(theme.AVATAR, theme.AVATAR)
        self.fold.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.fold.clicked.connect(self.collapse_asked)
        self.fold.hide()

    def show_column(self, column: StageColumn) -> None:
        """Show this column."""
        if column == self._column:
            return
        self._column = column
        self._fits = ()
        self.update()
        if not column.summed:  # while a filter is typed: what is said of it follows with the sums
            return
        said = [column.name, ntr("{n} deal", "{n} deals", column.count)]
        said.append(money(column.amount, self._wording.currency))
        self.setAccessibleName(", ".join([*said, words.probability(column.probability)]))
        self.fold.setAccessibleName(tr("Collapse {column}", column=column.name))
        self.fold.setToolTip(tr("Collapse"))

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and self._column is not None:
            self.setToolTip(self._wording.head_tooltip(self._column))
        return super().event(event)

    def forget(self) -> None:
        """Say everything anew next time (another language)."""
        self._column = None

    def paintEvent(self, _event: QPaintEvent) -> None:
        with QPainter(self) as p:
            look, column = theme.current(), self._column
            p.fillRect(self.rect(), look.background)
            if column is None:
                return
            p.setRenderHint(QPainter.RenderHint.Antialiasing)
            width = self.width() - EDGE - 2
            p.setPen(Qt.PenStyle.NoPen)
            p.setBrush(look.stage(column.colour))
            p.drawRoundedRect(QRectF(EDGE, 0, width, _LINE), 1, 1)
            for font, colour, place, text in self._texts(column, width):
                p.setFont(font)
                p.setPen(look.text if colour else look.muted)
                p.drawText(place, text)
            if self.focused:
                p.setBrush(Qt.BrushStyle.NoBrush)
                p.setPen(QPen(look.accent, 1.5))
                ring = QRectF(EDGE - 1, _LINE + 3, width + 2, HEAD_HEIGHT - _LINE - 8)
                p.drawRoundedRect(ring, theme.RADIUS, theme.RADIUS)

    def _texts(self, column: StageColumn, width: int) -> list[_Text]:
        """The texts, cut to their room; measured once as long as the same is shown."""
        folding = self.fold.isVisible()
        fits = (width, folding, self.font().key())
        if fits != self._fits:
            self._fits = fits
            self._found = list(self._laid_out(column, width, folding))
        return self._found

    def _laid_out(self, column: StageColumn, width: int, folding: bool) -> Iterator[_Text]:
        measures = _measures()
        left, right = EDGE + theme.XS, EDGE + width - theme.XS
        room = right - left - self.fold.width() - 2
        above, below = theme.M - 1, theme.M + theme.L + 1
        if not folding:
            count = measures.fit("count", whole(column.count), right - left)
            yield _written("count", False, right - count.width, above, count.words)
            room = right - left - round(count.width) - theme.S
        name = measures.fit("name", column.name, room).words
        yield _written("name", True, left, above, name)
        share = measures.fit("small", words.probability(column.probability), right - left)
        yield _written("small", False, right - share.width, below, share.words)
        room = right - left - round(share.width) - theme.S
        sums = measures.fit("small", self._sums(column, room), room).words
        yield _written("small", False, left, below, sums)

    def _sums(self, column: StageColumn, room: int) -> str:
        text = self._wording.sums(column)
        if column.summed and _measures().advance("small", text) > room:
            text = short_money(column.amount, self._wording.currency)
        return f"{text} *" if column.unrated else text

    def resizeEvent(self, _event: QResizeEvent) -> None:
        self.fold.move(self.width() - self.fold.width() - 2, theme.S + 1)

    def enterEvent(self, _event: QEnterEvent) -> None:
        self.fold.show()
        self.update()

    def leaveEvent(self, _event: object) -> None:
        self.fold.hide()
        self.update()

    def mouseDoubleClickEvent(self, _event: QMouseEvent) -> None:
        self.collapse_asked.emit()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        menu = QMenu(self)
        menu.addAction(tr("Collapse")).triggered.connect(self.collapse_asked)
        menu.exec(event.globalPos())
        menu.deleteLater()


class ColumnStrip(QAbstractButton):
    """A collapsed column: its name and count, from top to bottom. A click unfolds it."""

    def __init__(self, wording: Wording, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._wording = wording
        self._column: StageColumn | None = None
        self.lit = False
        self.setObjectName("board-strip")
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def sizeHint(self) -> QSize:
        return QSize(STRIP_WIDTH, 200)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.click()
        else:
            event.ignore()  # arrows walk the board

    def show_column(self, column: StageColumn) -> None:
        """Show this column."""
        if column == self._column:
            return
        self._column = column
        self.update()
        if not column.summed:
            return
        self.setText(column.name)
        deals = ntr("{n} deal", "{n} deals", column.count)
        self.setAccessibleName(tr("{column}, {deals}, collapsed", column=column.name, deals=deals))

    def forget(self) -> None:
        """Say everything anew next time (another language)."""
        self._column = None

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and self._column is not None:
            self.setToolTip(f"{self._wording.head_tooltip(self._column)}\n{tr('Click to expand')}")
        return super().event(event)

    def set_lit(self, lit: bool) -> None:
        """Light up as the place where a card would go."""
        if lit != self.lit:
            self.lit = lit
            self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        if self._column is None:
            return
        with QPainter(self) as p:
            p.setRenderHint(QPainter.RenderHint.Antialiasing)
            look, column = theme.current(), self._column
            strong = self.lit or self.hasFocus()
            edge = look.accent if strong else (look.faint if self.underMouse() else look.line)
            p.setBrush(look.accent_soft if self.lit else look.surface)
            p.setPen(QPen(edge, 2 if strong else 1))
            box = QRectF(self.rect()).adjusted(1, 1, -1, -1)
            p.drawRoundedRect(box, theme.RADIUS_CARD, theme.RADIUS_CARD)
            p.setPen(Qt.PenStyle.NoPen)
            p.setBrush(look.stage(column.colour))
            p.drawRoundedRect(QRectF(0, 0, self.width(), _LINE), 1, 1)
            p.translate(QPointF(self.width(), theme.M))
            p.rotate(90)
            p.setFont(_fonts()["name"])
            p.setPen(look.muted)
            room, said = self.height() - 2 * theme.M, f"{column.name}  {whole(column.count)}"
            height, ascent = _measures().line("name")
            place = QPointF(0, (self.width() - height) // 2 + ascent)
            p.drawText(place, _measures().fit("name", said, room).words)
