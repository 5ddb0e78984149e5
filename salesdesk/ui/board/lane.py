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

#: Width of a card column with its scroll bar: at least (five of them, the rail and the panel of a
#: deal have room in 1440) and at most.
NARROW, WIDE = 166, 336


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
        self._wording = wording
        self._strip: ColumnStrip | None = None
        self.head.collapse_asked.connect(lambda: self.folded.emit(True))

    @property
    def strip(self) -> ColumnStrip:
        """The strip, made when it is first needed: most columns are never collapsed."""
        if self._strip is None:
            self._strip = ColumnStrip(self._wording, self)
            self._strip.clicked.connect(lambda: self.folded.emit(False))
            self._strip.hide()
            if self._shown:
                self._strip.show_column(self.model.column)
            self._place_strip()
        return self._strip

    def set_lit(self, lit: bool) -> None:
        """Whether what is dragged would fall on the strip."""
        if self._strip is not None:
            self._strip.set_lit(lit)

    @property
    def stage_id(self) -> int:
        """The stage that this column shows."""
        return self.model.column.id

    def set_collapsed(self, collapsed: bool) -> None:
        """Show the strip, or head and cards."""
        self.collapsed = collapsed
        if collapsed or self._strip is not None:
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
        if self._strip is not None:
            self._strip.show_column(column)
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
        if self._strip is not None:
            self._strip.forget()

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
        on_strip = self._strip is not None and self._strip.hasFocus()
        return on_strip or self.cards.hasFocus()

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
        self._place_strip()

    def _place_strip(self) -> None:
        if self._strip is not None:
            self._strip.setGeometry(QRect(2, 0, STRIP_WIDTH, self.height() - theme.M))
