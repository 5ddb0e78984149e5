"""The way down from a number: the panel with what is behind it, or all of that as a table."""

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer, Signal

from salesdesk.services.report_table import Behind
from salesdesk.ui import formats
from salesdesk.ui.context import Context
from salesdesk.ui.reports import query
from salesdesk.ui.reports.behind import BehindPanel
from salesdesk.ui.reports.body import ReportBody
from salesdesk.ui.reports.cells import Wording
from salesdesk.ui.reports.query import Asked, Cell

_KEY = "reports-behind"


class Drill(QObject):
    """``cell`` is the number that is open, ``listed`` whether it is shown as a table.

    ``asked()`` is the question of the report, ``chain()`` says it in words. ``moved(step)``: the
    page has another address; ``turned(step)``: it shows a list in place of the report, or the
    report again. To another number beside the open one, and up again, is no step: one step back
    leads out.
    """

    moved = Signal(bool)
    turned = Signal(bool)

    def __init__(
        self,
        context: Context,
        body: ReportBody,
        panel: BehindPanel,
        asked: Callable[[], Asked],
        chain: Callable[[], list[str]],
    ) -> None:
        super().__init__(panel)
        self.cell: Cell | None = None
        self.listed = False
        self.words: Wording | None = None
        self._context, self._body, self._panel = context, body, panel
        self._asked, self._of = asked, chain
        panel.closed.connect(self._on_closed)
        panel.listed.connect(self.show_list)
        body.back.connect(self.leave_list)

    def take(self, text: str, listed: bool) -> None:
        """Open what an address has, once the report is there."""
        self.forget()
        self.cell = query.cell_of(text)
        self.listed = self.cell is not None and listed

    def texts(self) -> dict[str, str]:
        """The same for an address."""
        if self.cell is None:
            return {}
        return {"cell": self.cell.text()} | ({"list": "1"} if self.listed else {})

    def open(self, cell: Cell) -> None:
        """List what a number counts."""
        if cell != self.cell:
            is_step = self.cell is None
            self.cell = cell
            self.moved.emit(is_step)
        self.read()

    def read(self) -> None:
        """Read anew what is behind the number that is open."""
        if self.cell is not None and not self.listed:
            self._context.read(
                query.behind, self._asked(), self.cell, now=self._context.now(),
                done=self._show, key=_KEY,
            )  # fmt: skip

    def _show(self, found: Behind) -> None:
        if self.cell is None or self.words is None or self.listed:
            return
        self._body.table.select(self.cell.row, self.cell.column)
        *chain, name = self.chain()
        title = f"{name}: {self._value(found)}"
        self._panel.show_things(title, chain, found, self.words, self._context.now())
        self._panel.show()
        QTimer.singleShot(0, self._body, self._body.arrange)

    def _value(self, found: Behind) -> str:
        """What the number says; of one that is not on the screen, how many there are."""
        model, cell = self._body.table.model_of, self.cell
        if cell is not None and self.words is not None:
            index = model.place_of(cell.row, cell.column)
            if index.isValid():
                row, column = model.row_at(index.row()), model.column(index.column())
                return self.words.in_full(row.cells[index.column()], column.holds)
        return formats.whole(len(found.things) + found.more)

    def chain(self) -> list[str]:
        """What was asked on the way to the number, the widest first."""
        found = self._of()
        model, cell = self._body.table.model_of, self.cell
        if cell is None or self.words is None:
            return found
        index = model.place_of(cell.row, cell.column)
        if index.isValid():
            found += self.words.names(model.row_at(index.row()))
            found.append(self.words.name(model.column(index.column())))
        return [text for text in found if text]

    def show_list(self) -> None:
        """What is behind the number as a table."""
        if self.cell is not None and not self.listed:
            self.listed = True
            self._panel.hide()
            self.turned.emit(True)

    def leave_list(self) -> None:
        """The report again, with the panel."""
        if self.listed:
            self.listed = False
            self.turned.emit(False)

    def close(self) -> None:
        """One step up: from the list to the report, from the panel to the table."""
        if self.listed:
            self.leave_list()
        elif not self._panel.isHidden():
            self._panel.close_panel()

    def forget(self) -> None:
        """Nothing is open."""
        self.cell, self.listed = None, False
        self._context.background.forget(_KEY)
        self._panel.hide()

    def _on_closed(self) -> None:
        self.forget()
        self._body.table.setFocus()
        self.moved.emit(False)
        QTimer.singleShot(0, self._body, self._body.arrange)
