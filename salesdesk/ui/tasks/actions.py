"""What can be done with tasks of the page: one command for all that are meant, with its form."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QPoint, QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QMenu, QWidget

from salesdesk.services import rights, tasks
from salesdesk.services.task_lists import Item
from salesdesk.services.tasks import TaskLine
from salesdesk.text import ntr, tr
from salesdesk.ui.context import Context
from salesdesk.ui.taskforms.acting import Acting, Anchor
from salesdesk.ui.taskforms.due import DueForm
from salesdesk.ui.taskforms.forms import Now, TextForm
from salesdesk.ui.widgets.popup import Option, Picker, menu

Entry = tuple[str, str, Callable[[], object]] | None


class Actions(Acting):
    """Works on the items it is given."""

    def __init__(self, context: Context, page: QWidget) -> None:
        super().__init__(context, page, "tasks")

    def may_accept(self) -> bool:
        """Whether the person accepts results of others."""
        return self._context.ask(rights.may, self._context.person_id, "accept")

    # -- open tasks ---------------------------------------------------------------------------

    def complete(self, items: Sequence[Item], anchor: Anchor) -> None:
        """Mark them done; a result is asked for once where one of them asks for it."""
        meant = _open_ones(items)
        if meant:
            asks = any(task.asks_result for task in meant)
            self.complete_ids([task.id for task in meant], asks, anchor, meant[0].title)

    def postpone(self, items: Sequence[Item], anchor: Anchor, day: int = 0) -> None:
        """Ask until when and why, once."""
        self.postpone_lines(_open_ones(items), anchor, day)

    def to_day(self, items: Sequence[Item], day: int, anchor: Anchor) -> None:
        """Tasks were dragged to a day: a later one is a postponement with a reason, an earlier one
        (not before now) another due moment."""
        now = self.now()
        meant = [task for task in _open_ones(items) if task.due_at is not None]
        moved = [task for task in meant if now.zone.day_of(task.due_at or 0) != day]
        if not moved:
            return
        later = any(now.zone.day_of(task.due_at or 0) < day for task in moved)
        if day < now.today:
            self._context.say(tr("A task cannot be moved to a day that is over."))
        elif later:
            self.postpone([item for item in items if item.task in moved], anchor, day)
        else:
            self._set_day(now, moved, day)

    def _set_day(self, now: Now, moved: Sequence[TaskLine], day: int) -> None:
        from salesdesk.ui.taskforms.forms import moment_at

        dues = {task.id: moment_at(now.zone, day, now.minutes_of(task.due_at)) for task in moved}
        title = moved[0].title if len(moved) == 1 else ntr("{n} task", "{n} tasks", len(moved))
        said = tr("Due date changed: {title}", title=title)
        self.write(tasks.set_due_each, dues, say=said)

    def set_due(self, item: Item, anchor: Anchor) -> None:
        """Correct the due moment of one task."""
        form = DueForm("tasks-due", [item.task], self.now(), reason=False, parent=self._page)
        said = tr("Due date changed: {title}", title=item.task.title)
        form.given.connect(
            lambda dues: self.write(
                tasks.set_due, [item.task.id], dues.moments[item.task.id], say=said
            )
        )
        self.open_form(form, anchor)

    def no_answer(self, items: Sequence[Item]) -> None:
        """Nobody answered: calls move to the next working day."""
        calls = [task for task in _open_ones(items) if task.icon == "phone"]
        if not calls:
            if items:
                self._context.say(tr("“No answer” is for calls."))
            return
        said = tr("No answer: {title}", title=calls[0].title) if len(calls) == 1 else ntr(
            "No answer: {n} call", "No answer: {n} calls", len(calls)
        )  # fmt: skip
        ids = [task.id for task in calls]
        self.write(tasks.no_answer, ids, tr("No answer"), say=said)

    def reassign(self, items: Sequence[Item], anchor: Anchor) -> None:
        """Give them to someone else."""
        meant = _open_ones(items)
        if not meant:
            return
        names = {each.id: each.name for each in self.choices().people}
        current = meant[0].assignee_id if len(meant) == 1 else None
        options = [Option(key, name) for key, name in names.items()]
        picker = Picker(options, "tasks-reassign", tr("Assignee"), current, self._page)
        picker.picked.connect(lambda who: self._give(meant, who, names[who]))
        self.open_form(picker, anchor)

    def _give(self, meant: Sequence[TaskLine], person: int, name: str) -> None:
        ids = [task.id for task in meant if task.assignee_id != person]
        if ids:
            self.give_tasks(ids, person, name)

    def rename(self, item: Item, anchor: Anchor) -> None:
        """Another title."""
        form = TextForm("tasks-rename", tr("Title of the task"), tr("Save"), item.task.title,
                        needed=tr("A task needs a title."), parent=self._page)  # fmt: skip
        form.given.connect(
            lambda title: self.write(tasks.rename, item.task.id, title, say=tr("Task renamed"))
        )
        self.open_form(form, anchor)

    def cancel(self, items: Sequence[Item]) -> None:
        """Cancel them."""
        ids = [task.id for task in _open_ones(items)]
        if ids:
            self.cancel_ids(ids)

    # -- closed tasks -------------------------------------------------------------------------

    def reopen(self, items: Sequence[Item]) -> None:
        """Open closed tasks again."""
        ids = [item.task.id for item in items if item.task.state != "open"]
        if ids:
            self.reopen_ids(ids)

    def accept(self, items: Sequence[Item]) -> None:
        """Accept the results."""
        ids = self._to_judge(items)
        if ids:
            self.accept_ids(ids)

    def give_back(self, items: Sequence[Item], anchor: Anchor) -> None:
        """Ask what is missing and until when, once; they are open again with the remark."""
        ids = self._to_judge(items)
        if ids:
            self.give_back_lines([item.task for item in items if item.task.id in ids], anchor)

    def _to_judge(self, items: Sequence[Item]) -> list[int]:
        """Done tasks of others whose results nobody has decided on."""
        return [
            item.task.id for item in items
            if item.task.state == "done" and item.task.result and not item.accepted
            and item.task.assignee_id != self._context.person_id
        ]  # fmt: skip

    # -- calls, adding ------------------------------------------------------------------------

    def call(self, item: Item | None) -> None:
        """Have the system call the client's phone."""
        if item is not None and item.phone:
            figures = "".join(each for each in item.phone if each.isdigit() or each == "+")
            QDesktopServices.openUrl(QUrl(f"tel:{figures}"))

    def copy_phone(self, item: Item | None) -> None:
        """Put the phone on the clipboard."""
        if item is not None and item.phone:
            QGuiApplication.clipboard().setText(item.phone)
            self._context.say(tr("Copied: {text}", text=item.phone))

    def add(self, anchor: Anchor) -> None:
        """A new task, for a deal or a client."""
        self.new_task_form(anchor)

    # -- menu ---------------------------------------------------------------------------------

    def menu_of(
        self, items: Sequence[Item], place: QPoint, open_one: Callable[[], None],
        show_one: Callable[[], None],
    ) -> QMenu:  # fmt: skip
        """What can be done with these; ``show_one`` shows one of them in full."""
        one = items[0] if len(items) == 1 else None
        entries: list[Entry] = []
        if one is not None:
            entries.append(("more", tr("Show what is to be done"), show_one))
            entries += self._about(one, open_one)
        if _open_ones(items):
            entries += self._open_entries(items, one, place)
        else:
            if self._to_judge(items) and self.may_accept():
                entries += [
                    ("accept", tr("Accept the result"), lambda: self.accept(items)),
                    ("give-back", tr("Give back…"), self.later(self.give_back, items, place)),
                ]
            entries.append(("reopen", tr("Open again"), lambda: self.reopen(items)))
        return menu(entries, "tasks-menu", self._page)

    def _about(self, one: Item, open_one: Callable[[], None]) -> list[Entry]:
        entries: list[Entry] = []
        if one.task.deal_id is not None:
            entries.append(("open", tr("Open the deal"), open_one))
        elif one.client_id is not None:
            entries.append(("open", tr("Open the client"), open_one))
        if one.phone:
            entries += [
                ("call", tr("Call {phone}", phone=one.phone), lambda: self.call(one)),
                ("copy", tr("Copy the phone"), lambda: self.copy_phone(one)),
            ]
        return [*entries, None]

    def _open_entries(self, items: Sequence[Item], one: Item | None, place: QPoint) -> list[Entry]:
        entries: list[Entry] = [
            ("complete", tr("Complete"), self.later(self.complete, items, place))
        ]
        if any(item.task.icon == "phone" for item in items):
            entries.append(
                ("no-answer", tr("No answer: next working day"), lambda: self.no_answer(items))
            )
        entries += [
            ("postpone", tr("Postpone…"), self.later(self.postpone, items, place)),
            ("reassign", tr("Reassign…"), self.later(self.reassign, items, place)),
        ]
        if one is not None:
            entries += [
                ("due", tr("Change the due date…"), self.later(self.set_due, one, place)),
                ("rename", tr("Rename…"), self.later(self.rename, one, place)),
            ]
        return [*entries, None, ("cancel", tr("Cancel the task"), lambda: self.cancel(items))]


def _open_ones(items: Sequence[Item]) -> list[TaskLine]:
    return [item.task for item in items if item.task.state == "open"]
