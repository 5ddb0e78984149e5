"""The import page: from a file to what came of it, with nothing written before the last button."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from salesdesk.errors import SalesDeskError
from salesdesk.names import key
from salesdesk.services import pipelines
from salesdesk.services.exchange.fields import Kind, kind_of
from salesdesk.services.exchange.importer import ImportResult
from salesdesk.services.exchange.mapping import Mapping, StageRule
from salesdesk.text import N_, ntr, tr
from salesdesk.ui import shortcuts, theme
from salesdesk.ui.addresses import Address
from salesdesk.ui.context import Context, problem_of
from salesdesk.ui.formats import whole
from salesdesk.ui.imports import draft, files, steps
from salesdesk.ui.imports.bodies import CheckBody, ColumnsBody
from salesdesk.ui.imports.carrying import Carrier
from salesdesk.ui.imports.choose_file import DropCard
from salesdesk.ui.imports.draft import ReadFile
from salesdesk.ui.imports.finished import Finished
from salesdesk.ui.imports.side import Side
from salesdesk.ui.imports.trial import Trial, try_out
from salesdesk.ui.page import Page
from salesdesk.ui.widgets.buttons import Button
from salesdesk.ui.widgets.labels import label

_GROUP = N_("Import")
_TRY_MS = 120
_STALE_MS = 1_000
_READING = "import-file"
#: What a trial run depends on, besides the file.
_TABLES = {"deal", "person", "client", "pipeline", "stage", "source", "industry", "custom_field"}


class ImportPage(Page):
    """The import, step by step. Whatever was entered stays until another file is read."""

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self.read: ReadFile | None = None
        self.mapping: Mapping | None = None
        self.pipeline = ""
        self.trial: Trial | None = None
        self.problem: SalesDeskError | None = None
        self._waiting: Mapping | None = None
        self._stale = False
        self._busy = self._trying = False
        self._ticket = 0
        self.title = label("", "heading")
        self.steps = steps.Steps()
        self.load_button = Button("", "import-load-mapping", "chip", self.choose_mapping)
        self.save_button = Button("", "import-save-mapping", "chip", self.choose_mapping_target)
        self.drop = DropCard()
        self.columns = ColumnsBody()
        self.check = CheckBody()
        self.finished = Finished()
        self.side = Side()
        self.carrier = Carrier(context, self)
        self._build()
        self._connect()
        self.show_step(steps.FILE)
        self.retranslate()

    def _build(self) -> None:
        self.setAcceptDrops(True)
        first = QWidget()
        column = QVBoxLayout(first)
        column.setContentsMargins(theme.L, theme.M, theme.L, theme.M)
        column.addStretch(2)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(self.drop, 8)
        row.addStretch(1)
        column.addLayout(row)
        column.addStretch(3)
        self._stack = QStackedWidget()
        for body in (first, self.columns, self.check, self.finished):
            self._stack.addWidget(body)
        across = QHBoxLayout(self)
        across.setContentsMargins(0, 0, 0, 0)
        across.setSpacing(0)
        across.addWidget(self._stack, 1)
        across.addWidget(self.side)
        self._timer = QTimer(self, interval=_TRY_MS, singleShot=True)
        self._timer.timeout.connect(self._try)

    def _connect(self) -> None:
        self.steps.chosen.connect(self.show_step)
        self.drop.choose_wanted.connect(self.choose_file)
        self.drop.back_wanted.connect(lambda: self.show_step(steps.COLUMNS))
        self.drop.reading.cancelled.connect(self._stop_reading)
        self.columns.columns.changed.connect(self.set_mapping)
        self.columns.stages.changed.connect(self._set_stages)
        side = self.side
        side.kind_chosen.connect(self.set_kind)
        side.pipeline_chosen.connect(self.set_pipeline)
        side.check_wanted.connect(lambda: self.show_step(steps.CHECK))
        side.save_wanted.connect(self.choose_rejects_target)
        side.import_wanted.connect(self.start)
        side.progress.cancelled.connect(self.carrier.cancel)
        self.carrier.moved.connect(self._on_progress)
        self.carrier.ended.connect(self._on_ended)
        self.carrier.offered.connect(self.finished.offer_tasks)
        self.carrier.tasks_moved.connect(self._on_tasks_progress)
        self.carrier.tasks_ended.connect(self._on_tasks_ended)
        self.carrier.turned.connect(self.finished.show_undone)
        done = self.finished
        done.undo_wanted.connect(self.carrier.undo)
        done.board_wanted.connect(self._open_board)
        done.tasks_wanted.connect(self._create_tasks)
        done.progress.cancelled.connect(self.carrier.cancel_tasks)
        done.save_wanted.connect(self.choose_rejects_target)
        done.again_wanted.connect(self._again)
        self.context.bus.changed.connect(self._on_changed)
        shortcuts.add(self, "Ctrl+O", N_("Choose a file to import"), self.choose_file, _GROUP)

    # -- the page as the window sees it -------------------------------------------------------

    def header_widgets(self) -> list[QWidget]:
        return [self.title, self.steps]

    def header_actions(self) -> list[QWidget]:
        return [self.load_button, self.save_button]

    def activated(self) -> None:
        if self._stale:
            self._stale = False
            self._read_pipelines()
            self._later()
        if self.step == steps.FILE:
            self.drop.choose.setFocus()

    def show_item(self, item: object) -> None:
        if isinstance(item, str | Path):
            self.open_file(Path(item))

    def retranslate(self) -> None:
        self.title.setText(tr("Import"))
        self.load_button.set_text(tr("Load mapping…"))
        self.save_button.set_text(tr("Save mapping…"))
        for part in (self.steps, self.drop, self.columns, self.check, self.finished, self.side):
            part.retranslate()
        self.drop.offer_back(self.read.path.name if self.read is not None else "")
        self._show_trial()

    # -- steps --------------------------------------------------------------------------------

    @property
    def step(self) -> int:
        """Which step is on the screen."""
        return self._stack.currentIndex()

    def show_step(self, step: int) -> None:
        """Show a step that was reached."""
        self._stack.setCurrentIndex(step)
        reached = steps.FILE if self.read is None else steps.CHECK
        if self.carrier.result is not None:
            reached = steps.DONE
        if self.carrier.running:
            reached = max(step, steps.COLUMNS) if self.read is not None else step
        self.steps.show_step(step, reached)
        self.side.setVisible(self.read is not None and step in (steps.COLUMNS, steps.CHECK))
        self.save_button.setEnabled(self.mapping is not None)

    # -- the file -----------------------------------------------------------------------------

    def choose_file(self) -> None:
        """Ask for a file."""
        if not self.carrier.running:
            files.ask_to_open(self, files.TABLES, self.open_file)

    def open_file(self, path: Path) -> None:
        """Read a file in the background; what was there stays until it is read."""
        if self.carrier.running:
            return
        self.show_step(steps.FILE)
        self.drop.begin(path)
        self.context.read(
            draft.read_file, path, self._waiting,
            done=self._on_read, failed=self._on_unreadable, key=_READING,
        )  # fmt: skip

    def _stop_reading(self) -> None:
        self.context.background.forget(_READING)
        self.drop.end()

    def _on_unreadable(self, error: Exception) -> bool:
        self.drop.end(problem_of(error).message)
        return isinstance(error, SalesDeskError)

    def _on_read(self, read: ReadFile) -> None:
        self.drop.end()
        self.carrier.forget()
        self.read, self.mapping, self.pipeline = read, read.guess.mapping, read.pipeline
        self.trial, self.problem, self._waiting = None, None, None
        self._read_pipelines()
        self.columns.show_stages([])
        self.check.show_trial(None)
        self._show_mapping()
        self.drop.offer_back(read.path.name)
        self.show_step(steps.COLUMNS)
        self.columns.columns.table.setFocus()
        for note in read.table.notes:
            self.context.say(tr(note.message, **dict(note.values)))
        if read.misfit is not None:
            self.context.fail(read.misfit)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if files.path_of(event.mimeData()) is not None and not self.carrier.running:
            event.acceptProposedAction()
            self.drop.light(True)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self.drop.light(False)

    def dropEvent(self, event: QDropEvent) -> None:
        self.drop.light(False)
        path = files.path_of(event.mimeData())
        if path is not None:
            event.acceptProposedAction()
            self.open_file(path)

    # -- the mapping --------------------------------------------------------------------------

    def set_mapping(self, mapping: Mapping) -> None:
        """Another mapping: shown at once, tried a moment later."""
        self.mapping = mapping
        self._show_mapping()

    def _set_stages(self, rules: list[StageRule]) -> None:
        if self.mapping is not None:
            self.mapping = replace(self.mapping, stages=tuple(rules))
            self._later()

    def set_kind(self, name: str) -> None:
        """The rows are of another kind: guess anew, in the background."""
        kind: Kind = kind_of(name)
        if self.read is None or (self.mapping is not None and self.mapping.kind == kind):
            return
        read = self.read
        self.context.background.ask(
            lambda: draft.guessed(read, kind), self.set_mapping, self.context.fail,
            "import-guess",
        )  # fmt: skip

    def set_pipeline(self, name: str) -> None:
        """Import into another pipeline, new if there is none of that name."""
        self.pipeline = name
        self._show_mapping()

    def _show_mapping(self) -> None:
        if self.read is None or self.mapping is None:
            return
        self.columns.show_mapping(self.read.table, self.mapping, self.read.own_fields)
        self.side.show_file(self.read, self.mapping, self.pipeline)
        self._later()

    def _open_board(self) -> None:
        """The board of the pipeline that the file went to."""
        wanted = key(self.pipeline)
        found = [one.id for one in self.context.ask(pipelines.pipelines) if key(one.name) == wanted]
        parts = {"pipeline": str(found[0])} if found else {}
        self.context.go_to(str(Address("board", parts)))

    def _read_pipelines(self) -> None:
        self.side.pipelines = [one.name for one in self.context.ask(pipelines.pipelines)]

    def choose_mapping(self) -> None:
        """Ask for a mapping file."""
        files.ask_to_open(self, files.MAPPINGS, self.load_mapping)

    def load_mapping(self, path: Path) -> None:
        """Use a mapping file; without a file to import it waits for one."""
        try:
            mapping = files.mapping_for(path, self.read)
        except SalesDeskError as error:
            self.context.fail(error)
            return
        if self.read is None:
            self._waiting = mapping
            self.context.say(tr("The mapping is used for the next file."))
            return
        if mapping.pipeline:
            self.pipeline = mapping.pipeline
        self.set_mapping(mapping)

    def choose_mapping_target(self) -> None:
        """Ask where the mapping goes."""
        if self.read is not None:
            name = self.read.path.with_suffix(".toml").name
            files.ask_to_save(self, name, files.MAPPINGS, self.save_mapping)

    def save_mapping(self, path: Path) -> None:
        """Write the mapping as a file that the command line takes too."""
        if self.mapping is None:
            return
        try:
            files.save_mapping(path, replace(self.mapping, pipeline=self.pipeline or None))
        except SalesDeskError as error:
            self.context.fail(error)
        else:
            self.context.say(tr("Saved {name}", name=path.name))

    # -- the trial run ------------------------------------------------------------------------

    def _later(self) -> None:
        """Try the import when nothing has changed for a moment; what is being tried is void."""
        if self.read is None or self.carrier.running:
            return
        self._ticket += 1
        self._busy = True
        self._show_trial()
        self._timer.start(_TRY_MS)

    def _try(self) -> None:
        if self.read is None or self.mapping is None or self._trying:
            return
        self._trying = True
        ticket = self._ticket
        self.context.read(
            try_out, self.read.table, self.mapping, self.pipeline or None, self.context.now(),
            done=lambda trial: self._on_tried(ticket, trial, None),
            failed=lambda error: self._on_tried(ticket, None, error),
        )  # fmt: skip

    def _on_tried(self, ticket: int, trial: Trial | None, error: Exception | None) -> bool:
        self._trying = False
        if ticket != self._ticket:
            if not self._timer.isActive():
                self._try()
            return True
        self._busy = False
        self.trial = trial
        self.problem = error if isinstance(error, SalesDeskError) else None
        if trial is not None and self.read is not None:
            self.mapping = trial.mapping
            self.columns.show_mapping(self.read.table, trial.mapping, self.read.own_fields)
            self.columns.show_stages(list(trial.stages), trial.first)
        self._show_trial()
        return self.problem is not None

    def _show_trial(self) -> None:
        problem = self.problem.text() if self.problem is not None and not self._busy else ""
        self.columns.show_trial(self.trial, problem)
        self.check.show_trial(self.trial)
        self.side.show_trial(self.trial, self._busy, problem)

    def _on_changed(self, changes: Any) -> None:
        if changes.origin == "undo":
            self.carrier.look()
        if self.read is None or self.carrier.running or not _TABLES & changes.tables.keys():
            return
        if not self.isVisible():
            self._stale = True
        elif self.step != steps.DONE:
            self._read_pipelines()
            self.side.retranslate()
            self._ticket += 1
            self._timer.start(_STALE_MS)
        else:
            self._stale = True

    # -- the import ---------------------------------------------------------------------------

    def start(self) -> None:
        """Import what the trial run promised."""
        if self.read is None or self.mapping is None or self._busy or self.carrier.running:
            return
        if not self.side.rows_to_import():
            return
        self.side.set_running(True)
        self.columns.lock(True)
        self.load_button.setEnabled(False)
        self.side.progress.begin(tr("Checking the rows…"))
        self.carrier.start(
            self.read, self.mapping, self.pipeline or None, self.side.whole.isChecked()
        )
        self.show_step(self.step)
        self.side.progress.button.setFocus()

    def _on_progress(self, done: int, total: int) -> None:
        rows = self.side.rows_to_import()
        shown = min(rows, round(rows * done / total)) if total else 0
        text = tr("{done} of {total} rows", done=whole(shown), total=whole(rows))
        self.side.progress.set_progress(done, total, text)

    def _on_ended(self, result: ImportResult | None, stopped: bool) -> None:
        self.side.set_running(False)
        self.columns.lock(False)
        self.load_button.setEnabled(True)
        if result is None or result.refused_whole:
            self.show_step(self.step)
            self._later()
            if stopped:
                self.context.say(tr("The import was cancelled; nothing of it was kept."))
            return
        name = self.read.path.name if self.read is not None else ""
        self.finished.show_result(result, name)
        self._stale = True
        self.show_step(steps.DONE)
        (self.finished.board if result.kind in draft.STAGED else self.finished.again).setFocus()

    def _create_tasks(self) -> None:
        self.finished.set_busy(True)
        self.finished.progress.begin(tr("Creating tasks…"))
        self.carrier.create_tasks()

    def _on_tasks_progress(self, done: int, total: int) -> None:
        text = ntr("{done} of {count} deal", "{done} of {count} deals", total,
                   done=whole(done), count=whole(total))  # fmt: skip
        self.finished.progress.set_progress(done, total, text)

    def _on_tasks_ended(self) -> None:
        self.finished.set_busy(False)

    def _again(self) -> None:
        self.show_step(steps.FILE)
        self.drop.choose.setFocus(Qt.FocusReason.OtherFocusReason)

    # -- the rejected rows --------------------------------------------------------------------

    def choose_rejects_target(self) -> None:
        """Ask where the rejected rows go."""
        if self.read is not None:
            name = tr("{name}, rejected rows.csv", name=self.read.path.stem)
            files.ask_to_save(self, name, files.CSV, self.save_rejects)

    def save_rejects(self, path: Path) -> None:
        """Write the rejected rows, to be mended and imported again."""
        result = self.carrier.result if self.step == steps.DONE else self.trial
        if self.read is None or result is None:
            return
        table, rejected = self.read.table, result.rejected
        self.context.background.ask(
            lambda: files.write_rejected(path, table, rejected), self._on_saved, self.context.fail
        )

    def _on_saved(self, count: int) -> None:
        self.context.say(
            ntr("Saved {count} rejected row", "Saved {count} rejected rows", count,
                count=whole(count))
        )  # fmt: skip
