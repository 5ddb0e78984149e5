"""The tasks of a deal: open ones as lines with a state, closed ones folded, a form to add one."""

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QMenu, QVBoxLayout, QWidget

from salesdesk.services import tasks as verbs
from salesdesk.services.dealview import Choices, DealView
from salesdesk.services.tasks import TaskLine
from salesdesk.text import ntr, tr, trp
from salesdesk.ui import theme
from salesdesk.ui.context import Context
from salesdesk.ui.deal import standing, words
from salesdesk.ui.deal.add_task import AddTaskForm, Wanted
from salesdesk.ui.deal.task_rows import TaskRow, Told
from salesdesk.ui.taskforms.details import ticked_words
from salesdesk.ui.taskforms.due import DueForm, Dues
from salesdesk.ui.taskforms.forms import Now, TextForm, present
from salesdesk.ui.widgets.buttons import LinkButton
from salesdesk.ui.widgets.labels import SectionLabel
from salesdesk.ui.widgets.popup import Option, Picker, menu, show_under


class TaskSection(QWidget):
    """The heading, the form, the lines."""

    def __init__(self, context: Context) -> None:
        super().__init__()
        self.setObjectName("deal-tasks")
        self._context = context
        self._deal: DealView | None = None
        self._choices: Choices | None = None
        self._key: object = None
        self._unfolded = False
        #: Tasks whose text and checklist are shown.
        self._open: set[int] = set()
        #: The rows that are seen, by task; and all that were made, by place.
        self.rows: dict[int, TaskRow] = {}
        self._made: list[TaskRow] = []
        self.title = SectionLabel("")
        self.form = AddTaskForm(self._now)
        self.form.wanted.connect(self._on_wanted)
        self.fold = LinkButton("", "deal-tasks-closed", self._on_fold)
        self._lines = QVBoxLayout()
        self._lines.setSpacing(0)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.XS)
        column.addWidget(self.title)
        column.addWidget(self.form)
        column.addLayout(self._lines)
        self.empty = LinkButton("", "deal-tasks-empty", self.add)
        for link in (self.empty, self.fold):
            link.setStyleSheet("padding: 0;")
        column.addWidget(self.empty, 0, Qt.AlignmentFlag.AlignLeft)
        column.addWidget(self.fold, 0, Qt.AlignmentFlag.AlignLeft)

    def show_deal(self, deal: DealView, choices: Choices) -> None:
        """Show the tasks of a deal; nothing is made anew when nothing changed."""
        if self._deal is not None and self._deal.id != deal.id:
            self._unfolded = False
            self.form.leave()
        self._deal, self._choices = deal, choices
        zone, now = self._context.store.zone, self._context.now()
        shown = [task for task in deal.tasks if task.state == "open" or self._unfolded]
        told = [
            Told(
                words.task_meta(task, zone, now), words.task_why(task, deal, zone),
                task.id in self._open,
            )
            for task in shown
        ]  # fmt: skip
        key = (
            deal.tasks, told, deal.owner_id, deal.stage_kind, self._may(deal), self._unfolded,
            self._context.language, self._context.seen,
        )  # fmt: skip
        if key != self._key:
            self._key = key
            self._rebuild(deal, list(zip(shown, told, strict=True)))

    def retranslate(self) -> None:
        """Set every text anew."""
        self.title.set_text(tr("Tasks"))
        self.form.retranslate()
        if self._deal is not None and self._choices is not None:
            self.show_deal(self._deal, self._choices)

    def add(self) -> None:
        """Open the form that adds a task."""
        if self._deal is not None and self._choices is not None and self._may(self._deal):
            person = self._deal.owner_id or self._context.person_id
            self.form.begin(self._choices, person)

    def _may(self, deal: DealView) -> bool:
        return standing.changeable(self._context, deal)

    def _rebuild(self, deal: DealView, shown: list[tuple[TaskLine, Told]]) -> None:
        focus, before = self._focused(), list(self.rows)
        self.rows.clear()
        closed = sum(task.state != "open" for task in deal.tasks)
        for place, (task, told) in enumerate(shown):
            row = self._row(place)
            editable = standing.task_changeable(self._context, deal, task)
            row.show_task(task, told, deal.owner_id, editable)
            row.show()
            self.rows[task.id] = row
        for row in self._made[len(shown) :]:
            row.hide()
        self.empty.set_text(tr("No open task: add one"))
        works = deal.stage_kind == "open" and self._may(deal)
        self.empty.setVisible(works and closed == len(deal.tasks))
        self.title.setVisible(works or bool(deal.tasks))
        self.fold.setVisible(bool(closed))
        text = ntr("{n} closed task", "{n} closed tasks", closed)
        self.fold.set_text(tr("Hide closed tasks") if self._unfolded else text)
        if focus is not None:
            self._focus_again(focus[0], focus[1], before.index(focus[0]))

    def _focus_again(self, task: int, part: int, place: int) -> None:
        """The keyboard stays on its task; when that is gone, on the one that took its place."""
        rows = list(self.rows.values())
        row = self.rows.get(task) or (rows[min(place, len(rows) - 1)] if rows else None)
        if row is not None:
            parts = row.parts()
            found = parts[part] if part < len(parts) else row.text
            (found if found.isVisibleTo(row) else row.text).setFocus()
        else:
            (self.empty if self.empty.isVisibleTo(self) else self.fold).setFocus()

    def _focused(self) -> tuple[int, int] | None:
        """The task whose line has the focus, and which part of it."""
        for task, row in self.rows.items():
            for at, part in enumerate(row.parts()):
                if part.hasFocus():
                    return task, at
        return None

    def _row(self, place: int) -> TaskRow:
        """The row in a place; made once, and used again for whatever stands there."""
        if place == len(self._made):
            row = TaskRow()
            row.dot.clicked.connect(lambda: self._on_dot(self._made[place].task))
            row.text.clicked.connect(lambda: self._on_text(self._made[place].task))
            row.unfold.connect(lambda on: self._on_unfold(self._made[place].task, on))
            row.ticked.connect(lambda at, on: self._on_tick(self._made[place].task, at, on))
            self._made.append(row)
            self._lines.addWidget(row)
        return self._made[place]

    def _on_unfold(self, task: TaskLine | None, on: bool) -> None:
        if task is not None and self._deal is not None and self._choices is not None:
            (self._open.add if on else self._open.discard)(task.id)
            self.show_deal(self._deal, self._choices)

    def _on_fold(self) -> None:
        self._unfolded = not self._unfolded
        if self._deal is not None and self._choices is not None:
            self.show_deal(self._deal, self._choices)

    def _now(self) -> Now:
        return self._context.ask(present, now=self._context.now())

    # -- what can be done with a task -----------------------------------------------------------

    def _on_dot(self, task: TaskLine | None) -> None:
        if task is None:
            return
        if task.state == "open":
            self._complete(task)
        else:
            self._write(verbs.reopen, task, tr("Open again: {title}", title=task.title))

    def _on_text(self, task: TaskLine | None) -> None:
        if task is not None:
            show_under(self.menu_of(task), self.rows[task.id].text)

    def menu_of(self, task: TaskLine) -> QMenu:
        """What can be done with a task."""
        if task.state != "open":
            return menu(
                [("reopen", tr("Open again"), lambda: self._on_dot(task))], "deal-task-menu", self
            )
        calls = [("no-answer", tr("No answer: next working day"), lambda: self._no_answer(task))]
        return menu(
            [
                ("complete", tr("Complete"), lambda: self._later(self._complete, task)),
                *(calls if task.icon == "phone" else []),
                ("postpone", tr("Postpone…"), lambda: self._later(self._postpone, task)),
                ("reassign", tr("Reassign…"), lambda: self._later(self._reassign, task)),
                ("due", tr("Change the due date…"), lambda: self._later(self._set_due, task)),
                ("rename", tr("Rename…"), lambda: self._later(self._rename, task)),
                ("text", tr("Description…"), lambda: self._later(self._describe, task)),
                ("checklist", tr("Checklist…"), lambda: self._later(self._list, task)),
                None,
                ("cancel", tr("Cancel the task"), lambda: self._cancel(task)),
            ],
            "deal-task-menu",
            self,
        )

    def _later(self, opens: Callable[[TaskLine], None], task: TaskLine) -> None:
        """Open a popover when the menu is gone: its going would close the popover too."""
        QTimer.singleShot(0, self, lambda: opens(task))

    def _write(self, verb: Any, task: TaskLine, said: str, *args: Any, **kwargs: Any) -> None:
        self._context.write(verb, [task.id], *args, say=lambda _result: said, **kwargs)

    def _complete(self, task: TaskLine) -> None:
        if not task.asks_result:
            self._write(verbs.complete, task, tr("Done: {title}", title=task.title))
            return
        form = TextForm(
            "deal-result", tr("What came of “{title}”?", title=task.title), trp("verb", "Done"),
            needed=tr("This task asks for its result."), many=True, parent=self,
        )  # fmt: skip
        said = tr("Done: {title}", title=task.title)
        form.given.connect(lambda text: self._write(verbs.complete, task, said, result=text))
        show_under(form, self._anchor(task))

    def _cancel(self, task: TaskLine) -> None:
        self._write(verbs.cancel, task, tr("Cancelled: {title}", title=task.title))

    def _no_answer(self, task: TaskLine) -> None:
        said = tr("No answer: {title}", title=task.title)
        self._write(verbs.no_answer, task, said, tr("No answer"))

    def _postpone(self, task: TaskLine) -> None:
        form = DueForm("deal-postpone", [task], self._now(), reason=True, parent=self)
        form.given.connect(self._postponed)
        show_under(form, self._anchor(task))

    def _postponed(self, dues: Dues) -> None:
        [task_id] = dues.moments
        title = next((each.title for each in self._tasks() if each.id == task_id), "")
        said = tr("Postponed: {title}", title=title)
        self._context.write(
            verbs.postpone_each, dues.moments, dues.reason, say=lambda _result: said
        )

    def _tasks(self) -> tuple[TaskLine, ...]:
        return self._deal.tasks if self._deal is not None else ()

    def _set_due(self, task: TaskLine) -> None:
        form = DueForm("deal-due", [task], self._now(), reason=False, parent=self)
        said = tr("Due date changed: {title}", title=task.title)
        form.given.connect(
            lambda dues: self._write(verbs.set_due, task, said, dues.moments[task.id])
        )
        show_under(form, self._anchor(task))

    def _reassign(self, task: TaskLine) -> None:
        given = self._choices.people if self._choices is not None else ()
        options = [Option(each.id, each.name) for each in given]
        picker = Picker(options, "deal-reassign", tr("Assignee"), task.assignee_id, self)
        picker.picked.connect(lambda person: self._reassigned(task, person))
        show_under(picker, self._anchor(task))

    def _reassigned(self, task: TaskLine, person: int) -> None:
        if person != task.assignee_id:
            said = tr("Assignee changed: {title}", title=task.title)
            self._write(verbs.reassign, task, said, person)

    def _rename(self, task: TaskLine) -> None:
        form = TextForm(
            "deal-rename", tr("Title of the task"), tr("Save"), task.title,
            needed=tr("A task needs a title."), parent=self,
        )  # fmt: skip
        form.given.connect(lambda title: self._renamed(task, title))
        show_under(form, self._anchor(task))

    def _renamed(self, task: TaskLine, title: str) -> None:
        if title != task.title:
            self._context.write(verbs.rename, task.id, title, say=lambda _id: tr("Task renamed"))

    def _describe(self, task: TaskLine) -> None:
        form = TextForm(
            "deal-describe", tr("What is to be done?"), tr("Save"), task.description or "",
            many=True, tall=True, parent=self,
        )  # fmt: skip
        said = tr("Description changed: {title}", title=task.title)
        form.given.connect(lambda text: self._texts(task, verbs.describe, text or None, said))
        show_under(form, self._anchor(task))

    def _list(self, task: TaskLine) -> None:
        lines = "\n".join(text for text, _ticked in task.checklist)
        form = TextForm(
            "deal-checklist", tr("Checklist, a line for each step"), tr("Save"), lines,
            many=True, tall=True, parent=self,
        )  # fmt: skip
        form.given.connect(lambda text: self._listed(task, text))
        show_under(form, self._anchor(task))

    def _listed(self, task: TaskLine, text: str) -> None:
        """A line that was there stays ticked."""
        ticked = dict(task.checklist)
        lines = tuple((line.strip(), ticked.get(line.strip(), False)) for line in text.splitlines())
        said = tr("Checklist changed: {title}", title=task.title)
        self._texts(task, verbs.set_checklist, lines, said)

    def _texts(self, task: TaskLine, verb: Any, value: Any, said: str) -> None:
        """Write what is to be done, and show it."""
        self._open.add(task.id)
        self._context.write(verb, task.id, value, say=lambda _id: said)

    def _on_tick(self, task: TaskLine | None, at: int, on: bool) -> None:
        if task is None:
            return
        said = ticked_words(task, on)
        self._context.write(
            verbs.tick, task.id, at, on, say=lambda _id: said, failed=self._on_not_ticked
        )

    def _on_not_ticked(self, _error: Exception) -> bool:
        """Show again what is true."""
        self._key = None
        if self._deal is not None and self._choices is not None:
            self.show_deal(self._deal, self._choices)
        return False

    def _anchor(self, task: TaskLine) -> QWidget:
        row = self.rows.get(task.id)
        return self.title if row is None else row.text

    def _on_wanted(self, wanted: Wanted) -> None:
        if self._deal is None:
            return
        new = verbs.NewTask(
            wanted.title, self._deal.id, assignee_id=wanted.assignee_id, due_at=wanted.due_at,
            kind_id=wanted.kind_id,
        )  # fmt: skip
        said = tr("Task added: {title}", title=wanted.title)
        self._context.write(verbs.add, new, done=self._on_added, say=lambda _id: said)

    def _on_added(self, _command: int) -> None:
        self.form.leave()
