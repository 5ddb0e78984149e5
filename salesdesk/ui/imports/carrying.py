"""Carries out an import and what follows it: check, write, cancel, undo, first tasks."""

from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from salesdesk.services import audit, first_tasks
from salesdesk.services.exchange.importer import ImportResult, Progress, Steps
from salesdesk.services.exchange.mapping import Mapping
from salesdesk.services.writer import IMPORT, Job, Stopped
from salesdesk.text import ntr, tr
from salesdesk.ui.context import Context
from salesdesk.ui.formats import whole
from salesdesk.ui.imports import running
from salesdesk.ui.imports.draft import ReadFile

_CHECKING = "import-check"
_A_MOMENT_MS = 40


class Carrier(QObject):
    """One import at a time.

    ``moved(done, total)`` while it writes, ``ended(result or None, stopped)`` at its end;
    ``offered(n)`` open deals could get first tasks; ``turned(undone)`` when it was taken back or
    brought back; ``tasks_moved`` and ``tasks_ended`` while the tasks are made.
    """

    moved = Signal(int, int)
    ended = Signal(object, bool)
    offered = Signal(int)
    turned = Signal(bool)
    tasks_moved = Signal(int, int)
    tasks_ended = Signal()

    def __init__(self, context: Context, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self.running = False
        self.result: ImportResult | None = None
        self._job: Job[Any] | None = None
        self._tasks_job: Job[Any] | None = None
        self._open: list[int] = []

    def forget(self) -> None:
        """Another file: what came of the last one is history."""
        self.result = None
        self._open = []

    def start(
        self, read: ReadFile, mapping: Mapping, pipeline: str | None, all_or_nothing: bool
    ) -> None:
        """Check all rows in the background, then write them on the writer thread."""
        self.running, self.result, self._job = True, None, None
        context = self._context
        store, now = context.store, context.now()
        how = {
            "person": context.person_id, "now": now, "pipeline": pipeline,
            "all_or_nothing": all_or_nothing, "name": read.path.name,
        }  # fmt: skip

        def check() -> None:
            if self.running:
                context.background.ask(
                    lambda: running.checked(store, read.table, mapping, **how),
                    self._on_checked, self._on_check_failed, _CHECKING,
                )  # fmt: skip

        # The page shows that it has begun before the check takes a core.
        QTimer.singleShot(_A_MOMENT_MS, self, check)

    def cancel(self) -> None:
        """Stop: what was written is taken back."""
        if self._job is not None:
            self._job.stop()
        elif self.running:
            self._context.background.forget(_CHECKING)
            self._end(None, stopped=True)

    def _on_check_failed(self, error: Exception) -> None:
        self._context.fail(error)
        self._end(None)

    def _on_checked(self, checked: tuple[Steps, Progress]) -> None:
        steps, _ = checked
        self._job = self._context.write(
            running.write, steps, done=self._on_done, failed=self._on_failed,
            progress=self._on_progress, say=self._words, priority=IMPORT,
        )  # fmt: skip

    def _on_progress(self, step: Progress) -> None:
        if step.phase == "write" and self.running:
            self.moved.emit(step.done, step.total)

    def _on_failed(self, error: Exception) -> bool:
        stopped = isinstance(error, Stopped)
        self._end(None, stopped=stopped)
        return stopped

    def _on_done(self, result: ImportResult) -> None:
        self._end(result)
        if result.open_deals:
            self._ask_for_tasks(result.open_deals)

    def _end(self, result: ImportResult | None, *, stopped: bool = False) -> None:
        self.running, self._job = False, None
        if result is not None and not result.refused_whole:
            self.result = result
        self.ended.emit(result, stopped)

    def _words(self, result: ImportResult) -> str:
        rows = result.created + result.updated
        return ntr("Imported {count} row", "Imported {count} rows", rows, count=whole(rows))

    # -- afterwards ---------------------------------------------------------------------------

    def undo(self) -> None:
        """Take the whole import back."""
        if self.result is not None and self.result.command_id is not None:
            self._context.undo(self.result.command_id)

    def look(self) -> None:
        """Something was undone or redone: see whether it was this import."""
        if self.result is not None and self.result.command_id is not None:
            entry = self._context.ask(audit.command_of, self.result.command_id)
            self.turned.emit(entry.undone)

    def _ask_for_tasks(self, deals: tuple[int, ...]) -> None:
        self._context.read(
            first_tasks.offered, deals, done=self._on_offered, key="import-first-tasks"
        )

    def _on_offered(self, deals: list[int]) -> None:
        self._open = deals
        self.offered.emit(len(deals))

    def create_tasks(self) -> None:
        """The first tasks of the imported open deals, as one command."""
        if self._tasks_job is None and self._open:
            self._tasks_job = self._context.write(
                running.first_tasks, self._open, done=self._on_tasks, failed=self._on_no_tasks,
                progress=lambda step: self.tasks_moved.emit(*step), priority=IMPORT,
                say=lambda _command: tr("First tasks created"),
            )  # fmt: skip

    def cancel_tasks(self) -> None:
        """Stop making tasks."""
        if self._tasks_job is not None:
            self._tasks_job.stop()

    def _on_tasks(self, _command: int) -> None:
        self._tasks_job = None
        self._open = []
        self.offered.emit(0)
        self.tasks_ended.emit()

    def _on_no_tasks(self, error: Exception) -> bool:
        self._tasks_job = None
        self.tasks_ended.emit()
        return isinstance(error, Stopped)
