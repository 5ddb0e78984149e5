"""What every section is: a heading, a body, what it reads, and how it writes.

A section reads everything it shows at once (``question``) and shows it (``fill``) by keyed rows, so
that a change from elsewhere leaves the focus and an edit in progress alone. When the language
changes, the page makes the section anew.
"""

from collections.abc import Callable, Hashable, Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget
from shiboken6 import isValid

from salesdesk.errors import SalesDeskError
from salesdesk.text import tr
from salesdesk.ui import theme
from salesdesk.ui.context import Context
from salesdesk.ui.settings.adding import AddLine
from salesdesk.ui.settings.cells import Entry, Steps, UpDown
from salesdesk.ui.widgets.empty import EmptyState
from salesdesk.ui.widgets.labels import Card, ElidedLabel, label, line
from salesdesk.ui.widgets.panel import SidePanel

if TYPE_CHECKING:
    from salesdesk.ui.settings.link_panel import LinkPanel

#: The width of the buttons at the end of a line: up, down, remove.
ENDS = 84
END = 28
_TEXT_HEIGHT = 28
_PROBLEM_WIDTH = 360
#: What a list does with places: item ids in their new order.
Reorders = Callable[[list[int]], object]


class Section(QWidget):
    """A section of the settings. ``tables``: whose changes concern it."""

    tables: frozenset[str] = frozenset()
    #: Whether it shows one pipeline: the one that is chosen at the top of the page.
    by_pipeline = False

    def __init__(self, context: Context, title: str, hint: str = "") -> None:
        super().__init__()
        self.context = context
        self.may = True
        self.stale = True
        #: What stands beside the section while it is shown; it hides itself.
        self.side: SidePanel | None = None
        #: What always stands beside the section (below it, where there is no room).
        self.beside: LinkPanel | None = None
        #: The pipeline that is chosen at the top; None: nobody has chosen yet.
        self.pipeline: int | None = None
        self._seen: object = None
        self._nothing: EmptyState | None = None
        self.setProperty("role", "body")
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(theme.L, theme.M, theme.L, theme.L)
        self.column.setSpacing(theme.M)
        self.heading = label(title, "title")
        self.column.addWidget(self.heading)
        self.hint = label(hint, "muted", wrap=True)
        self.column.addWidget(self.hint)
        self.hint.setVisible(bool(hint))  # not before: alone it would be a window
        self.refused = label(tr("Only an administrator changes this."), "muted")
        self.refused.setObjectName("settings-refused")
        self.refused.hide()
        self.column.addWidget(self.refused)
        self.body = QWidget()
        self.inside = QVBoxLayout(self.body)
        self.inside.setContentsMargins(0, 0, 0, 0)
        self.inside.setSpacing(theme.M)
        self.column.addWidget(self.body)
        self.column.addStretch(1)

    # -- what a section overrides ---------------------------------------------------------------

    def question(self, r: Any) -> Any:
        """Everything that the section shows (compared with ``==``)."""
        raise NotImplementedError

    def fill(self, found: Any) -> None:
        """Show what ``question`` found."""
        raise NotImplementedError

    def allowed(self, r: Any) -> bool:
        """Whether the person who works here may change what stands here."""
        from salesdesk.services import people

        return people.may_configure(r, self.context.person_id)

    def set_allowed(self, may: bool) -> None:
        """Offer what may be changed, or only show it."""
        self.body.setEnabled(may)
        self.refused.setVisible(not may)

    def pipeline_chosen(self) -> None:
        """Another ``pipeline`` has been chosen: show it."""

    def fits_beside(self, width: int) -> bool:
        """Whether what stands beside fits into a page of this width (without its list)."""
        return True

    # -- reading and writing --------------------------------------------------------------------

    def refresh(self, anyway: bool = False) -> None:
        """Read anew and show what has changed (``anyway``: even when it is the same)."""
        found, may = self.context.ask(lambda r: (self.question(r), self.allowed(r)))
        self.stale = False
        if may != self.may:
            self.may = may
            self.set_allowed(may)
        if anyway or found != self._seen:
            self._seen = found
            self.fill(found)

    def do(
        self,
        verb: Callable[..., Any],
        *args: Any,
        say: str,
        cell: "Entry | Row | AddLine | None" = None,
        done: Callable[[Any], object] | None = None,
        **given: Any,
    ) -> None:
        """Run a verb; the toast says ``say`` with Undo. When it is refused everything is shown as
        it is, and ``cell`` (if any) says why."""

        def failed(error: Exception) -> bool:
            if not isValid(self):
                return False
            self.refresh(anyway=True)
            if isinstance(error, SalesDeskError) and cell is not None and isValid(cell):
                cell.show_problem(error.text())
                return True
            return False

        def finished(result: Any) -> None:
            if done is not None and isValid(self):
                done(result)

        self.context.write(
            verb, *args, say=lambda _result: say, failed=failed, done=finished, **given
        )

    def say_no_pipeline(self, there_is_one: bool) -> None:
        """Where there is no pipeline yet: say what to do, and lead there."""
        if self._nothing is None and not there_is_one:
            self._nothing = EmptyState(
                "settings-no-pipeline",
                tr("There is no pipeline yet. Its stages come first."),
                tr("Make a pipeline"),
                lambda: self.context.go("settings", "pipelines"),
                "settings",
            )
            self.inside.insertWidget(0, self._nothing)
        if self._nothing is not None:
            self._nothing.setVisible(not there_is_one)

    def today(self) -> int:
        """The local day of now."""
        return self.context.store.zone.day_of(self.context.now())


class Row(QWidget):
    """A line of a list: ``cells`` beside each other, below them what is wrong."""

    def __init__(self, name: str, line_below: bool = True) -> None:
        super().__init__()
        self.setObjectName(name)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self.cells = QHBoxLayout()
        self.cells.setContentsMargins(theme.S, 4, theme.S, 4)
        self.cells.setSpacing(theme.XS)
        column.addLayout(self.cells)
        self.wrong = label("", "problem", wrap=True)
        self.wrong.setContentsMargins(theme.M, 0, theme.M, theme.XS)
        self.wrong.hide()
        column.addWidget(self.wrong)
        self.below = line() if line_below else None
        if self.below is not None:
            column.addWidget(self.below)
        self.places: UpDown | Steps | None = None

    def add(self, widget: QWidget, stretch: int = 0) -> None:
        """Put a cell at the right end; what is wrong with an ``Entry`` is said below the line."""
        self.cells.addWidget(widget, stretch)
        if isinstance(widget, Entry):
            widget.problem.connect(lambda text: self.show_problem(text, widget))

    def add_places(self, places: UpDown | Steps) -> None:
        """The buttons (or only the keys) that move this line."""
        self.places = places
        if isinstance(places, UpDown):
            self.add(places)

    def show_problem(self, text: str, cell: QWidget | None = None) -> None:
        """Say below the line (below its cell) what is wrong; empty: nothing."""
        left = theme.M if cell is None else cell.mapTo(self, QPoint(theme.S - 1, 0)).x()
        left = max(theme.M, min(left, self.width() - _PROBLEM_WIDTH))
        self.wrong.setContentsMargins(left, 0, theme.M, theme.XS)
        self.wrong.setText(text)
        self.wrong.setVisible(bool(text))

    def clear_problem(self) -> None:
        """Forget a refusal; what is wrong with a value that is being typed stays."""
        if not any(entry.editing() for entry in self.findChildren(Entry)):
            self.show_problem("")

    def fill(self, item: Any) -> None:
        """Show an item."""
        raise NotImplementedError

    def keyPressEvent(self, event: QKeyEvent) -> None:
        held = event.modifiers() & Qt.KeyboardModifier.AltModifier
        steps = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}
        step = steps.get(Qt.Key(event.key()))
        if held and step and self.places is not None:
            if self.places.can(step):
                self.places.moved.emit(step)
            return
        super().keyPressEvent(event)


class Rows(QWidget):
    """Rows by key: a row stays the same widget as long as its item is there.

    ``last``: nothing stands below, so that the last row needs no line.
    """

    def __init__(
        self, make: Callable[[Any], Row], reorders: Reorders | None = None, last: bool = False
    ) -> None:
        super().__init__()
        self._last = last
        self._make, self._reorders = make, reorders
        self._rows: dict[Hashable, Row] = {}
        self._order: list[Any] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)

    def rows(self) -> dict[Hashable, Row]:
        """The rows by key."""
        return dict(self._rows)

    def set_items(self, items: Sequence[tuple[Any, Any]]) -> None:
        """Show (key, item) in this order."""
        wanted = [key for key, _item in items]
        for key in [key for key in self._rows if key not in set(wanted)]:
            gone = self._rows.pop(key)
            self._column.removeWidget(gone)
            gone.hide()
            gone.deleteLater()
        for place, (key, item) in enumerate(items):
            row = self._rows.get(key)
            if row is None:
                row = self._rows[key] = self._make(item)
                if row.places is not None:
                    row.places.moved.connect(lambda step, key=key: self._on_moved(key, step))
                self._column.insertWidget(place, row)
            elif self._column.indexOf(row) != place:
                self._column.removeWidget(row)
                self._column.insertWidget(place, row)
            row.clear_problem()
            row.fill(item)
            if row.places is not None:
                row.places.set_place(place, len(items))
            if row.below is not None:
                row.below.setVisible(not self._last or place < len(items) - 1)
        if self._order and wanted != [key for key in self._order if key in set(wanted)]:
            self._put_tabs_in_order(wanted)
        self._order = wanted

    def _put_tabs_in_order(self, wanted: Sequence[Any]) -> None:
        """Tab walks the rows as they stand: Qt appends what was made later to the window's end."""
        chain: list[QWidget] = [self]
        while (after := chain[-1].nextInFocusChain()) not in (None, self):
            chain.append(after)
        reached = [each for each in chain if each.focusPolicy() != Qt.FocusPolicy.NoFocus]
        before = next((w for w in reversed(reached) if not self.isAncestorOf(w)), None)
        for key in wanted:
            row = self._rows[key]
            for each in reached:
                if before is not None and row.isAncestorOf(each):
                    self.setTabOrder(before, each)
                    before = each

    def _on_moved(self, key: Any, step: int) -> None:
        order = list(self._order)
        at = order.index(key)
        order[at], order[at + step] = order[at + step], order[at]
        if self._reorders is not None:
            self._reorders(order)


def card() -> Card:
    """A card whose rows reach its edges."""
    made = Card("", 0)
    made.body.setContentsMargins(1, 1, 1, 1)
    made.body.setSpacing(0)
    return made


def heads(columns: Sequence[tuple[str, int]]) -> QWidget:
    """Column heads of rows: (text, width; 0 takes what is left)."""
    made = QWidget()
    row = QHBoxLayout(made)
    row.setContentsMargins(theme.S, theme.S, theme.S, theme.XS)
    row.setSpacing(theme.XS)
    for text, width in columns:
        head = QLabel(text)
        head.setTextFormat(Qt.TextFormat.PlainText)
        head.setProperty("role", "column")
        head.setWordWrap(True)
        head.setIndent(theme.S - 1)
        if width:
            head.setFixedWidth(width)
        row.addWidget(head, 0 if width else 1)
    return made


class _Words(ElidedLabel):
    """A text that begins where the text of an ``Entry`` begins."""

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            where = self.rect().adjusted(theme.S - 1, 0, 0, 0)
            shown = self.fontMetrics().elidedText(
                self.text(), Qt.TextElideMode.ElideRight, where.width()
            )
            painter.setPen(self.palette().color(self.foregroundRole()))
            painter.drawText(where, int(Qt.AlignmentFlag.AlignVCenter), shown)


def words(width: int, role: str = "") -> ElidedLabel:
    """A text in a column of ``width`` (0 takes what is left), in line with the column's head."""
    made = _Words("", role)
    made.setFixedHeight(_TEXT_HEIGHT)
    if width:
        # Its own policy ignores the width, and a layout would give it none.
        made.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        made.setFixedWidth(width)
    return made


def inline(*widgets: QWidget | int, margins: tuple[int, int, int, int] = (0, 0, 0, 0)) -> QWidget:
    """Widgets in a row; a number is a stretch."""
    made = QWidget()
    row = QHBoxLayout(made)
    row.setContentsMargins(*margins)
    row.setSpacing(theme.S)
    for widget in widgets:
        if isinstance(widget, int):
            row.addStretch(widget)
        else:
            row.addWidget(widget)
    return made
