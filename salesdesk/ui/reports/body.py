"""What a report shows below its filters: chart, table with a field that filters rows, notes."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QScrollArea, QVBoxLayout, QWidget

from salesdesk.services.report_table import Table
from salesdesk.text import ntr, tr
from salesdesk.ui import formats, shortcuts, theme
from salesdesk.ui.reports.cells import Wording
from salesdesk.ui.reports.draw import ChartCard
from salesdesk.ui.reports.drawing import drawing
from salesdesk.ui.reports.extras import Extra
from salesdesk.ui.reports.grid import GridView
from salesdesk.ui.widgets.buttons import LinkButton
from salesdesk.ui.widgets.labels import Card, ElidedLabel, label
from salesdesk.ui.widgets.progress import ProgressRow

_CHART_HIGH = 330
_FIELD = 190
_LEAST_ROWS = 5


class Field(QLineEdit):
    """``left()`` when Enter, Down or Esc leaves it; Esc empties it too."""

    left = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.clear()
            self.left.emit()
        elif event.key() in (Qt.Key.Key_Down, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.left.emit()
        else:
            super().keyPressEvent(event)


class ReportBody(QScrollArea):
    """``filters`` stand at its head; ``extra`` is placed below the table; ``arranged`` after its
    size. ``found()``: other rows are shown; ``back()``: from a list to its report."""

    found = Signal()
    back = Signal()

    def __init__(self, filters: QWidget, empty: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("reports-scroll")
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._filters, self.empty = filters, empty
        self.chart = ChartCard()
        self.table = GridView("reports-table")
        self.about = ElidedLabel("", "muted")
        self.back_button = LinkButton("", "reports-back", self.back.emit)
        self.count = label("", "small")
        self.field = Field()
        self.field.setObjectName("reports-find")
        self.field.setProperty("look", "inline")
        self.field.setFixedWidth(_FIELD)
        self.field.setClearButtonEnabled(True)
        self.note = label("", "muted", wrap=True)
        self.note.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.progress = ProgressRow("reports-progress", " ")
        self.extra: Extra | None = None
        self._has_chart = False
        self._build()
        self.field.textChanged.connect(self._on_typed)
        self.field.left.connect(self.table.setFocus)
        self.table.sorted.connect(self._on_sorted)

    def _build(self) -> None:
        self.card = Card("", 0)
        self.card.body.setContentsMargins(1, 1, 1, 1)
        self.card.body.setSpacing(0)
        self.over = QWidget()
        over = QHBoxLayout(self.over)
        over.setContentsMargins(theme.M, theme.S, theme.S, theme.XS)
        over.setSpacing(theme.S)
        over.addWidget(self.back_button)
        over.addWidget(self.about, 1)
        over.addWidget(self.count)
        over.addWidget(self.field)
        self.card.body.addWidget(self.over)
        self.card.body.addWidget(self.table)
        inside = QWidget()
        inside.setProperty("role", "body")
        self._column = QVBoxLayout(inside)
        self._column.setContentsMargins(theme.L, theme.M, theme.L, theme.M)
        self._column.setSpacing(theme.M)
        for widget in (self._filters, self.progress, self.chart, self.card, self.note):
            self._column.addWidget(widget)
        self._column.addStretch(1)
        self._column.addWidget(self.empty, 100)
        self.setWidget(inside)
        for widget in (self.progress, self.back_button, self.empty, self.card, self.chart):
            widget.hide()
        self.note.hide()

    # -- what is shown ----------------------------------------------------------------------------

    def show_table(self, table: Table, words: Wording, opens: bool, about: str) -> None:
        """Show a table, with its chart and its notes."""
        self.empty.hide()
        self.card.show()
        self.about.set_text(about)
        if table.title:
            self.chart.title.set_text(table.title)
        self.table.set_table(table, words, opens)
        self._draw()
        self._show_notes()
        self._show_count()
        self.arrange()

    def show_nothing(self, notes: tuple[str, ...] = ()) -> None:
        """Only the empty state, and why."""
        for widget in (self.card, self.chart):
            widget.hide()
        self.note.setText("\n".join(notes))
        self.note.setVisible(bool(notes))
        self.empty.show()

    def set_extra(self, widget: Extra | None) -> None:
        """What a report brings beside its table; of the one before it is taken away."""
        if self.extra is not None:
            self._column.removeWidget(self.extra)
            self.extra.hide()
            self.extra.deleteLater()
        self.extra = widget
        if widget is not None:
            self._column.insertWidget(self._column.indexOf(self.note) + 1, widget)

    def _draw(self) -> None:
        model = self.table.model_of
        made = drawing(model.shown(), model.words) if model.words is not None else None
        self._has_chart = made is not None
        self.chart.setVisible(made is not None)
        if made is not None:
            self.chart.set_drawing(made, self.chart.title.accessibleName())

    def _show_notes(self) -> None:
        """What was left out; of a search that finds nothing, that it does not."""
        model = self.table.model_of
        notes = list(model.table.notes)
        if model.typed and not model.rows:
            notes.insert(0, tr("No row has “{text}” in its words.", text=model.typed))
        self.note.setText("\n".join(notes))
        self.note.setVisible(bool(notes))

    def _show_count(self) -> None:
        model = self.table.model_of
        every = len(model.table.rows)
        self.field.setVisible(every > _LEAST_ROWS or bool(model.typed))
        text = ntr("{n} row", "{n} rows", every) if every > _LEAST_ROWS else ""
        if model.typed:
            here = formats.whole(len(model.rows))
            text = tr("{n} of {all}", n=here, all=formats.whole(every))
        self.count.setText(text)

    def _on_typed(self, typed: str) -> None:
        self.table.filter(typed.strip())
        self._draw()
        self._show_notes()
        self._show_count()
        self.arrange()
        self.found.emit()

    def _on_sorted(self) -> None:
        self._draw()
        self.found.emit()

    def retranslate(self) -> None:
        """Set every text anew."""
        self.setAccessibleName(tr("Reports"))
        said = tr("Filter the rows")
        self.field.setPlaceholderText(said)
        self.field.setAccessibleName(said)
        self.field.setToolTip(shortcuts.hint(said, "/"))
        self.back_button.set_text(tr("‹ Back to the report"), tr("Back to the report"))
        self.progress.retranslate()

    # -- places -----------------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.arrange()

    def arrange(self) -> None:
        """The table as high as its rows if the chart then fits above it, else it scrolls."""
        self.table.fit()
        spaces = theme.M * (3 + self._has_chart)
        room = self.viewport().height() - spaces - 4
        wide = self.viewport().width() - 2 * theme.L
        flow = self._filters.layout()
        if flow is not None:
            room -= flow.heightForWidth(wide)
        room -= self.over.sizeHint().height()
        if self.note.isVisibleTo(self):
            room -= self.note.heightForWidth(wide) + theme.M
        if self.progress.isVisibleTo(self):
            room -= self.progress.sizeHint().height() + theme.M
        least = theme.ROW_HEIGHT * _LEAST_ROWS
        low = min(self.chart.least_height(wide), _CHART_HIGH) if self._has_chart else 0
        rows = min(self.table.full_height(), max(room - low, least))
        self.table.setFixedHeight(rows)
        most = min(self.chart.full_height(wide), _CHART_HIGH)
        self.chart.setFixedHeight(min(max(room - rows, low, 1), max(most, 1)))
