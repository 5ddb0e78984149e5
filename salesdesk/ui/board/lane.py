"""One column on the board: its head and cards, or the strip when it is collapsed."""

from PySide6.QtCore import QRect, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QWidget

from salesdesk.text import tr
from salesdesk.ui import theme
from salesdesk.ui.board.column import BAR, ThinBar
from salesdesk.ui.board.hands import Column
from salesdesk.ui.board.head import HEAD_HEIGHT, STRIP_WIDTH, ColumnHead, ColumnStrip
from salesdesk.ui.board.model import ColumnModel
from salesdesk.ui.board.paint import CardPainter
from salesdesk.ui.board.words import Wording

#: Width of a card column with its scroll bar: at least and at most.
NARROW, WIDE = 168, 336


class Lane(QWidget):
    """Head and cards of ``model``, or its strip. ``folded(bool)`` asks for the other of both."""

    folded = Signal(bool)

    def __init__(
        self, model: ColumnModel, painter: CardPainter, wording: Wording, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self.model = model
        self.collapsed = False
        #: Where it lies among the others, when nothing keeps it in sight.
        self.place = 0
        self._pinned = False
        self._shown: tuple[object, ...] = ()
        self.head = ColumnHead(wording, self)
        self.cards = Column(painter, self)
        self.cards.setObjectName("board-column")
        self.cards.show_column(model)
        self.bar = ThinBar(self.cards.verticalScrollBar(), self)
        self.bar.setObjectName("board-scroll")
        self.strip = ColumnStrip(wording, self)
        self.head.collapse_asked.connect(lambda: self.folded.emit(True))
        self.strip.clicked.connect(lambda: self.folded.emit(False))
        self.strip.hide()

    @property
    def stage_id(self) -> int:
        """The stage that this column shows."""
        return self.model.column.id

    def set_collapsed(self, collapsed: bool) -> None:
        """Show the strip, or head and cards."""
        self.collapsed = collapsed
        self.strip.setVisible(collapsed)
        self.head.setVisible(not collapsed)
        self.cards.setVisible(not collapsed)
        self.bar.setVisible(not collapsed)

    def set_pinned(self, pinned: bool) -> None:
        """Whether it is kept in sight above other columns: then it hides what lies below."""
        if pinned != self._pinned:
            self._pinned = pinned
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._pinned:
            QPainter(self).fillRect(event.rect(), theme.current().background)

    def fixed_width(self) -> int | None:
        """The width of a strip with its gap; ``None`` when the width is to be shared."""
        return STRIP_WIDTH + BAR if self.collapsed else None

    def show_head(self, filtered: bool, first: bool, limited: bool = False) -> None:
        """Show name, count and sums; the words of an empty column. ``limited``: to the deals that
        somebody may see."""
        column = self.model.column
        shown = (column, filtered, first, limited, self.model.loaded)
        if shown == self._shown:
            return
        self._shown = shown
        self.head.show_column(column)
        self.strip.show_column(column)
        self.cards.setAccessibleName(column.name)
        self.bar.setAccessibleName(tr("Scroll {column}", column=column.name))
        text = self._empty_text(filtered, first, limited)
        if text != self.cards.empty_text:
            self.cards.empty_text = text
            self.cards.port.update()

    def forget(self) -> None:
        """Say everything anew next time (another language)."""
        self._shown = ()
        self.head.forget()
        self.strip.forget()

    def _empty_text(self, filtered: bool, first: bool, limited: bool) -> str:
        if not self.model.loaded:
            return tr("Loading…")
        if filtered:
            return tr("No deal here passes the filter.")
        if first and limited:
            return tr("Deals of other teams and colleagues are not shown to you. Press N to make "
                      "one of your own.")  # fmt: skip
        if first:
            return tr("No deals yet. Press N to make one.")
        return tr("Drag a card here, or press M on a card.")

    def focus_here(self) -> None:
        """Give the keyboard to the cards or the strip."""
        (self.strip if self.collapsed else self.cards).setFocus()

    def has_focus(self) -> bool:
        """Whether the keyboard is here."""
        return self.strip.hasFocus() or self.cards.hasFocus()

    def show_focus(self) -> None:
        """An empty column has no card to ring: its head shows where the keyboard is."""
        wanted = self.cards.hasFocus() and not self.model.ids
        if wanted != self.head.focused:
            self.head.focused = wanted
            self.head.update()

    def resizeEvent(self, _event: QResizeEvent) -> None:
        width, height = self.width(), self.height()
        self.head.setGeometry(0, 0, width - BAR, HEAD_HEIGHT)
        self.cards.setGeometry(0, HEAD_HEIGHT, width - BAR, height - HEAD_HEIGHT)
        self.bar.setGeometry(width - BAR, HEAD_HEIGHT, BAR, height - HEAD_HEIGHT)
        self.strip.setGeometry(QRect(2, 0, STRIP_WIDTH, height - theme.M))
