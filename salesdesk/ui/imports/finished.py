"""Step 4: what came, and what can be done now: undo, the board, first tasks, rejected rows."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from salesdesk.services.exchange.importer import ImportResult
from salesdesk.text import ntr, tr
from salesdesk.ui import theme
from salesdesk.ui.formats import whole
from salesdesk.ui.imports.draft import STAGED
from salesdesk.ui.widgets.buttons import Button, PrimaryButton
from salesdesk.ui.widgets.flow import FlowLayout
from salesdesk.ui.widgets.labels import Card, label
from salesdesk.ui.widgets.progress import ProgressRow

_WIDTH = 640


class Finished(QWidget):
    """``undo_wanted``, ``board_wanted``, ``tasks_wanted``, ``save_wanted``, ``again_wanted``."""

    undo_wanted = Signal()
    board_wanted = Signal()
    tasks_wanted = Signal()
    save_wanted = Signal()
    again_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("import-finished")
        self._result: ImportResult | None = None
        self._name = ""
        self._offered = 0
        self._undone = False
        self.title = label("", "heading", wrap=True)
        self.more = label("", "muted", wrap=True)
        self._numbers = [(label(""), label("", "strong")) for _ in range(9)]
        self.board = PrimaryButton("", "import-open-board", self.board_wanted.emit)
        self.undo = Button("", "import-undo", "plain", self.undo_wanted.emit)
        self.save = Button("", "import-save-rejects-done", "plain", self.save_wanted.emit)
        self.again = Button("", "import-another", "plain", self.again_wanted.emit)
        self.tasks = Button("", "import-first-tasks", "plain", self.tasks_wanted.emit)
        self.tasks_hint = label("", "muted", wrap=True)
        self.progress = ProgressRow("import-tasks-progress", tr("Tasks"))
        self.progress.hide()
        self._build()

    def _build(self) -> None:
        card = Card(margin=theme.L)
        card.setMaximumWidth(_WIDTH)
        card.body.addWidget(self.title)
        card.body.addWidget(self.more)
        for name, number in self._numbers:
            row = QHBoxLayout()
            row.addWidget(name)
            row.addStretch(1)
            row.addWidget(number)
            card.body.addLayout(row)
        buttons = FlowLayout()
        for button in (self.board, self.undo, self.save, self.again):
            buttons.addWidget(button)
        card.body.addSpacing(theme.S)
        card.body.addLayout(buttons)
        self.tasks_card = Card(margin=theme.L)
        self.tasks_card.setMaximumWidth(_WIDTH)
        self.tasks_card.body.addWidget(self.tasks_hint)
        self.tasks_card.body.addWidget(self.tasks, 0, Qt.AlignmentFlag.AlignLeft)
        self.tasks_card.body.addWidget(self.progress)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.L, theme.M, theme.L, theme.M)
        column.setSpacing(theme.M)
        column.addWidget(card)
        column.addWidget(self.tasks_card)
        column.addStretch(1)

    def show_result(self, result: ImportResult, name: str) -> None:
        """What an import of the file ``name`` did."""
        self._result, self._name, self._offered, self._undone = result, name, 0, False
        self.progress.hide()
        self.retranslate()

    def show_undone(self, undone: bool) -> None:
        """Whether the import was taken back."""
        self._undone = undone
        self.retranslate()

    def offer_tasks(self, deals: int) -> None:
        """First tasks can be created for so many deals."""
        self._offered = deals
        self.retranslate()

    def set_busy(self, busy: bool) -> None:
        """First tasks are being created."""
        self.progress.setVisible(busy)
        self.tasks.setVisible(not busy)
        self.undo.setEnabled(not busy)

    def retranslate(self) -> None:
        """Say everything anew."""
        self.board.set_text(tr("Open the board"))
        self.undo.set_text(tr("Undo the import"))
        self.save.set_text(tr("Save rejected rows…"))
        self.again.set_text(tr("Import another file"))
        self.progress.retranslate()
        result = self._result
        if result is None:
            return
        title = tr("Imported {name}", name=self._name)
        if self._undone:
            title = tr("The import of {name} was taken back", name=self._name)
        elif result.command_id is None:
            title = tr("{name} brought nothing new", name=self._name)
        self.title.setText(title)
        self.more.setText(
            "" if self._undone or result.command_id is None else tr("One undo takes it all back.")
        )
        self.more.setVisible(bool(self.more.text()))
        self._show_numbers(result)
        came = result.command_id is not None and not self._undone
        self.undo.setVisible(came)
        self.board.setVisible(result.kind in STAGED)
        self.save.setVisible(bool(result.rejected))
        count = self._offered
        self.tasks_card.setVisible(came and count > 0)
        self.tasks_hint.setText(tr("Imported deals come without tasks. Their stages have rules."))
        self.tasks.set_text(
            ntr(
                "Create first tasks for {count} open deal",
                "Create first tasks for {count} open deals", count, count=whole(count),
            )
        )  # fmt: skip

    def _show_numbers(self, result: ImportResult) -> None:
        numbers = [
            (tr("Rows read"), result.read), (tr("New deals"), result.created_deals),
            (tr("New clients"), result.created_clients), (tr("Stage moves"), result.created_moves),
            (tr("New stages"), len(result.created_stages)),
            (tr("New people"), len(result.created_people)), (tr("Changed"), result.updated),
            (tr("Unchanged"), result.unchanged), (tr("Rejected rows"), len(result.rejected)),
        ]  # fmt: skip
        for (name, number), (text, count) in zip(self._numbers, numbers, strict=True):
            name.setText(text)
            number.setText(whole(count))
            name.setVisible(bool(count))
            number.setVisible(bool(count))
