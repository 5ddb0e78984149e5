"""The panel at the right: the file as it was read, the trial run, the one button that imports."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from salesdesk.names import key
from salesdesk.services.exchange.fields import KINDS
from salesdesk.services.exchange.mapping import Mapping
from salesdesk.services.exchange.rejects import Reject
from salesdesk.text import ntr, tr
from salesdesk.ui import theme
from salesdesk.ui.formats import whole
from salesdesk.ui.imports import words
from salesdesk.ui.imports.draft import STAGED, ReadFile
from salesdesk.ui.imports.trial import Trial
from salesdesk.ui.widgets.buttons import Button, ComboButton, LinkButton, PrimaryButton
from salesdesk.ui.widgets.chips import Chip
from salesdesk.ui.widgets.labels import ElidedLabel, SectionLabel, label, set_role
from salesdesk.ui.widgets.popup import Option, Picker, Popover, show_under
from salesdesk.ui.widgets.progress import ProgressRow

_LABEL = 96
_SHOWN = 4
_NEW = object()


class Side(QFrame):
    """What is known of the file and what would come of it.

    ``kind_chosen(kind)``, ``pipeline_chosen(name)``, ``import_wanted``, ``check_wanted`` (show the
    rejected rows), ``save_wanted`` (them as a file).
    """

    kind_chosen = Signal(str)
    pipeline_chosen = Signal(str)
    import_wanted = Signal()
    check_wanted = Signal()
    save_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("import-side")
        self.setProperty("role", "panel")
        self.setFixedWidth(theme.PANEL_WIDTH)
        self.pipelines: Sequence[str] = ()
        self._read: ReadFile | None = None
        self._trial: Trial | None = None
        self._kind, self._pipeline = "deals", ""
        self._asks_pipeline = True
        self._busy = self._running = False
        self._problem_text = ""
        self.title = ElidedLabel("", "title")
        self.kind = ComboButton("", "import-kind", "chip")
        self.kind.set_opens(self._kinds)
        self.pipeline = ComboButton("", "import-pipeline", "chip")
        self.pipeline.set_opens(self._pipeline_list)
        self._facts = [(label("", "muted"), ElidedLabel()) for _ in range(4)]
        self._kind_label, self._pipeline_label = label("", "muted"), label("", "muted")
        self.trial_head = SectionLabel("")
        self._numbers = [(label(""), label("", "strong")) for _ in range(7)]
        self.progress = ProgressRow("import-progress", tr("Import"))
        self.progress.hide()
        self.problem = label("", "problem", wrap=True)
        self.problem.setObjectName("import-problem")
        self.rejects = QWidget()
        self._reject_lines = [ElidedLabel("", "muted") for _ in range(_SHOWN)]
        self.show_rejects = LinkButton("", "import-show-rejects", self.check_wanted.emit)
        self.save = Button("", "import-save-rejects", "chip", self.save_wanted.emit)
        self.whole = Chip("", "import-all-or-nothing")
        self.whole.toggled.connect(lambda _on: self._show_button())
        self.start = PrimaryButton("", "import-start", self.import_wanted.emit)
        self.hint = label("", "muted", wrap=True)
        self._build()

    # -- building -----------------------------------------------------------------------------

    def _build(self) -> None:
        inside = QWidget()
        inside.setProperty("role", "body")
        body = QVBoxLayout(inside)
        body.setContentsMargins(theme.L, theme.M, theme.L, theme.M)
        body.setSpacing(theme.S)
        body.addWidget(self.title)
        body.addLayout(self._facts_grid())
        body.addSpacing(theme.XS)
        body.addWidget(self.trial_head)
        for words_label, number in self._numbers:
            row = QHBoxLayout()
            row.addWidget(words_label)
            row.addStretch(1)
            number.setFont(theme.font(tabular=True))
            row.addWidget(number)
            body.addLayout(row)
        body.addWidget(self.progress)
        body.addWidget(self.problem)
        body.addWidget(self.rejects)
        self._build_rejects()
        body.addStretch(1)
        area = QScrollArea()
        area.setObjectName("import-side-scroll")
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(inside)
        self._area = area
        foot = QVBoxLayout()
        foot.setContentsMargins(theme.L, theme.XS, theme.L, theme.L)
        foot.setSpacing(theme.S)
        foot.addWidget(self.whole, 0, Qt.AlignmentFlag.AlignLeft)
        foot.addWidget(self.start)
        foot.addWidget(self.hint)
        column = QVBoxLayout(self)
        column.setContentsMargins(1, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(area, 1)
        column.addLayout(foot)

    def _facts_grid(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(theme.S)
        grid.setVerticalSpacing(theme.S)
        grid.setColumnMinimumWidth(0, _LABEL)
        grid.setColumnStretch(1, 1)
        for row, (name, value) in enumerate(self._facts):
            grid.addWidget(name, row, 0)
            grid.addWidget(value, row, 1)
        left = Qt.AlignmentFlag.AlignLeft
        grid.addWidget(self._kind_label, len(self._facts), 0)
        grid.addWidget(self.kind, len(self._facts), 1, left)
        grid.addWidget(self._pipeline_label, len(self._facts) + 1, 0)
        grid.addWidget(self.pipeline, len(self._facts) + 1, 1, left)
        return grid

    def _build_rejects(self) -> None:
        column = QVBoxLayout(self.rejects)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.XS)
        for line in self._reject_lines:
            column.addWidget(line)
        left = Qt.AlignmentFlag.AlignLeft
        column.addWidget(self.show_rejects, 0, left)
        column.addWidget(self.save, 0, left)
        self.rejects.hide()

    # -- showing ------------------------------------------------------------------------------

    def show_file(self, read: ReadFile, mapping: Mapping, pipeline: str) -> None:
        """The file, and what its rows are taken for."""
        self._read, self._kind, self._pipeline = read, mapping.kind, pipeline
        self._asks_pipeline = mapping.kind in STAGED and "pipeline" not in mapping.columns
        self.retranslate()

    def show_trial(self, trial: Trial | None, busy: bool, problem: str = "") -> None:
        """What the trial run found; ``None`` while nothing is known."""
        self._trial, self._busy, self._problem_text = trial, busy, problem
        self._show_numbers()
        self._show_rejects(trial.rejected if trial is not None else ())
        self.problem.setText(problem)
        self.problem.setVisible(bool(problem))
        self._show_button()

    def set_running(self, running: bool) -> None:
        """An import is being carried out; only Cancel works meanwhile."""
        self._running = running
        self.progress.setVisible(running)
        for widget in (self.kind, self.pipeline, self.whole):
            widget.setEnabled(not running)
        self._show_button()

    def rows_to_import(self) -> int:
        """How many rows would be written."""
        if self._trial is None or (self.whole.isChecked() and self._trial.rejected):
            return 0
        return self._trial.writes

    def retranslate(self) -> None:
        """Say everything anew."""
        self.setAccessibleName(tr("The file and the trial run"))
        self._area.setAccessibleName(tr("The file and the trial run"))
        self._show_facts()
        self.trial_head.set_text(tr("Trial run"))
        self.whole.set_words(tr("All or nothing"))
        self.whole.setToolTip(tr("Import nothing if a row is rejected"))
        self.save.set_text(tr("Save rejected rows…"))
        self.show_rejects.set_text(tr("Show all"))
        self.progress.retranslate()
        self.show_trial(self._trial, self._busy, self._problem_text)

    def _show_facts(self) -> None:
        read = self._read
        if read is None:
            return
        found = read.table.found
        origin = words.recognised(read.guess.recognised, read.guess.mapping.kind)
        facts = (
            (tr("Rows"), whole(read.table.read)),
            (tr("Encoding"), words.encoding(found)),
            (tr("Delimiter") if found.kind == "csv" else tr("Sheet"), words.delimiter(found)),
            (tr("Recognised as"), origin),
        )
        self.title.set_text(read.path.name)
        for (name, value), (text, said) in zip(self._facts, facts, strict=True):
            name.setText(text)
            value.set_text(said)
        self._kind_label.setText(tr("Import as"))
        kind = words.kind(self._kind)
        self.kind.set_text(kind, tr("Import as: {kind}", kind=kind))
        self._pipeline_label.setText(tr("Into pipeline"))
        known = {key(name) for name in self.pipelines}
        fresh = key(self._pipeline) not in known
        text = tr("{name} (new)", name=self._pipeline) if fresh else self._pipeline
        self.pipeline.set_text(text, tr("Into pipeline: {name}", name=text))
        for widget in (self.pipeline, self._pipeline_label):
            widget.setVisible(self._asks_pipeline)

    def _show_numbers(self) -> None:
        trial = self._trial
        numbers = self._figures(trial) if trial is not None else []
        for place, (name, number) in enumerate(self._numbers):
            shown = place < len(numbers)
            name.setVisible(shown)
            number.setVisible(shown)
            if shown:
                text, count, bad = numbers[place]
                name.setText(text)
                number.setText(whole(count))
                set_role(name, "problem" if bad else "")
        self.trial_head.set_text(tr("Trial run…") if self._busy else tr("Trial run"))

    def _figures(self, trial: Trial) -> list[tuple[str, int, bool]]:
        figures: list[tuple[str, int, bool]] = []
        if trial.mapping.kind in STAGED:
            figures.append((tr("New deals"), trial.deals, False))
            if trial.mapping.kind == "deals":
                figures.append((tr("New clients"), trial.clients, False))
            figures.append((tr("Stage moves"), trial.moves, False))
            if trial.new_stages:
                figures.append((tr("New stages"), len(trial.new_stages), False))
        else:
            figures.append((tr("New records"), trial.created, False))
        if trial.people and trial.mapping.kind != "people":
            figures.append((tr("New people"), len(trial.people), False))
        if trial.updated:
            figures.append((tr("Changed"), trial.updated, False))
        if trial.unchanged:
            figures.append((tr("Unchanged"), trial.unchanged, False))
        figures.append((tr("Cannot be read"), len(trial.rejected), bool(trial.rejected)))
        return figures[-len(self._numbers) :]

    def _show_rejects(self, rejects: tuple[Reject, ...]) -> None:
        self.rejects.setVisible(bool(rejects))
        for place, line in enumerate(self._reject_lines):
            line.setVisible(place < len(rejects))
            if place < len(rejects):
                one = rejects[place]
                value = tr("“{value}”", value=one.value)
                cell = f"{one.column} {value}" if one.column else one.value
                said = f"{tr(one.problem)} — {cell}"
                line.set_text(tr("Row {row}: {cell}", row=whole(one.row), cell=said))

    def _show_button(self) -> None:
        rows = self.rows_to_import()
        if self._running:
            text = tr("Importing…")
        elif self._trial is not None and not rows and not self._trial.writes:
            text = tr("Nothing to import")
        else:
            count = self._trial.writes if self._trial is not None else 0
            text = ntr("Import {count} row", "Import {count} rows", count, count=whole(count))
        self.start.set_text(text if self._trial is not None else tr("Import"))
        self.start.setEnabled(bool(rows) and not self._busy and not self._running)
        refused = self._trial is not None and bool(self._trial.rejected)
        self.whole.setVisible(refused)
        self.hint.setText(
            tr("Rows are rejected, so nothing would be imported.")
            if refused and self.whole.isChecked()
            else tr("One undo takes it all back.")
        )

    # -- choosing -----------------------------------------------------------------------------

    def _kinds(self) -> Picker:
        options = [Option(kind, words.kind(kind)) for kind in KINDS]
        picker = Picker(options, "import-kinds", tr("Import as"), self._kind, self.kind)
        picker.picked.connect(self.kind_chosen)
        return picker

    def _pipeline_list(self) -> Picker:
        options = [Option(name, name) for name in self.pipelines]
        if key(self._pipeline) not in {key(name) for name in self.pipelines}:
            options.append(Option(self._pipeline, tr("{name} (new)", name=self._pipeline)))
        options.append(Option(_NEW, tr("A new pipeline…")))
        picker = Picker(options, "import-pipelines", tr("Into pipeline"), self._pipeline,
                        self.pipeline)  # fmt: skip
        picker.picked.connect(self._on_pipeline)
        return picker

    def _on_pipeline(self, name: object) -> None:
        if name is not _NEW:
            self.pipeline_chosen.emit(str(name))
            return
        popover = Popover("import-new-pipeline", tr("A new pipeline"), self.pipeline)
        field = QLineEdit()
        field.setObjectName("import-new-pipeline-name")
        field.setAccessibleName(tr("Name of the new pipeline"))
        field.setPlaceholderText(tr("Name of the new pipeline"))
        field.setMinimumWidth(_LABEL * 2)
        popover.body.addWidget(field)

        def take() -> None:
            text = " ".join(field.text().split())
            popover.close()
            if text:
                self.pipeline_chosen.emit(text)

        field.returnPressed.connect(take)
        show_under(popover, self.pipeline)
        field.setFocus()
