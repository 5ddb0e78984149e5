"""What can be done with tasks of the page: one command for all that are meant, with its form."""

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import QObject, QPoint, QTimer, QUrl, Signal
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QMenu, QWidget

from salesdesk.services import control_verbs, dealview, rights, tasks
from salesdesk.services.task_lists import Item
from salesdesk.services.tasks import NewTask, TaskLine
from salesdesk.text import ntr, tr, trp
from salesdesk.ui.context import Context
from salesdesk.ui.taskforms.adding import NewTaskForm
from salesdesk.ui.taskforms.due import DueForm, Dues
from salesdesk.ui.taskforms.forms import Now, TextForm, present
from salesdesk.ui.taskforms.giving_back import GiveBackForm, GivenBack
from salesdesk.ui.widgets.popup import Option, Picker, Popover, menu, show_under

Anchor = QWidget | QPoint
Entry = tuple[str, str, Callable[[], object]] | None


class Actions(QObject):
    """Works on the items it is given; ``done()``: a command about them was given."""

    done = Signal()

    def __init__(self, context: Context, page: QWidget) -> None:
        super().__init__(page)
        self._context = context
        self._page = page

    def now(self) -> Now:
        """The present with the working day."""
        return self._context.ask(present, now=self._context.now())

    def may_accept(self) -> bool:
        """Whether the person accepts results of others."""
        return self._context.ask(rights.may, self._context.person_id, "accept")

    def _open(self, popup: Popover, anchor: Anchor) -> None:
        if isinstance(anchor, QWidget):
            show_under(popup, anchor)
            return
        popup.adjustSize()
        size, room = popup.sizeHint(), self._page.screen().availableGeometry()
        left = min(anchor.x(), room.right() - size.width())
        top = min(anchor.y(), room.bottom() - size.height())
        popup.move(max(left, room.left()), max(top, room.top()))
        popup.show()

    def _write(self, verb: Callable[..., Any], *args: Any, say: str, **kwargs: Any) -> None:
        self._context.write(verb, *args, say=lambda _result: say, **kwargs)
        self.done.emit()

    # -- open tasks ---------------------------------------------------------------------------

    def complete(self, items: Sequence[Item], anchor: Anchor) -> None:
        """Mark them done; a result is asked for once where one of them asks for it."""
        meant = _open_ones(items)
        if not meant:
            return
        ids = [task.id for task in meant]
        one = meant[0].title
        said = tr("Done: {title}", title=one) if len(meant) == 1 else ntr(
            "{n} task done", "{n} tasks done", len(meant)
        )  # fmt: skip
        if not any(task.asks_result for task in meant):
            self._write(tasks.complete, ids, say=said)
            return
        title = tr("What came of “{title}”?", title=one) if len(meant) == 1 else ntr(
            "What came of {n} task?", "What came of {n} tasks?", len(meant)
        )  # fmt: skip
        form = TextForm("tasks-result", title, trp("verb", "Done"), many=True, parent=self._page,
                        needed=tr("This task asks for its result."))  # fmt: skip
        form.given.connect(lambda text: self._write(tasks.complete, ids, result=text, say=said))
        self._open(form, anchor)

    def postpone(self, items: Sequence[Item], anchor: Anchor, day: int = 0) -> None:
        """Ask until when and why, once."""
        meant = _open_ones(items)
        if meant:
            form = DueForm(
                "tasks-postpone", meant, self.now(), reason=True, day=day, parent=self._page
            )
            form.given.connect(lambda dues: self._postponed(meant, dues))
            self._open(form, anchor)

    def _postponed(self, meant: Sequence[TaskLine], dues: Dues) -> None:
        said = tr("Postponed: {title}", title=meant[0].title) if len(meant) == 1 else ntr(
            "{n} task postponed", "{n} tasks postponed", len(meant)
        )  # fmt: skip
        self._write(tasks.postpone_each, dues.moments, dues.reason, say=said)

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
        self._write(tasks.set_due_each, dues, say=said)

    def set_due(self, item: Item, anchor: Anchor) -> None:
        """Correct the due moment of one task."""
        form = DueForm("tasks-due", [item.task], self.now(), reason=False, parent=self._page)
        said = tr("Due date changed: {title}", title=item.task.title)
        form.given.connect(
            lambda dues: self._write(
                tasks.set_due, [item.task.id], dues.moments[item.task.id], say=said
            )
        )
        self._open(form, anchor)

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
        self._write(tasks.no_answer, ids, tr("No answer"), say=said)

    def reassign(self, items: Sequence[Item], anchor: Anchor) -> None:
        """Give them to someone else."""
        meant = _open_ones(items)
        if not meant:
            return
        choices = self._context.ask(dealview.choices, now=self._context.now())
        names = {each.id: each.name for each in choices.people}
        current = meant[0].assignee_id if len(meant) == 1 else None
        options = [Option(key, name) for key, name in names.items()]
        picker = Picker(options, "tasks-reassign", tr("Assignee"), current, self._page)
        picker.picked.connect(lambda who: self._give(meant, who, names[who]))
        self._open(picker, anchor)

    def _give(self, meant: Sequence[TaskLine], person: int, name: str) -> None:
        ids = [task.id for task in meant if task.assignee_id != person]
        if ids:
            said = ntr("{n} task for {name}", "{n} tasks for {name}", len(ids), name=name)
            self._write(tasks.reassign, ids, person, say=said)

    def rename(self, item: Item, anchor: Anchor) -> None:
        """Another title."""
        form = TextForm("tasks-rename", tr("Title of the task"), tr("Save"), item.task.title,
                        needed=tr("A task needs a title."), parent=self._page)  # fmt: skip
        form.given.connect(
            lambda title: self._write(tasks.rename, item.task.id, title, say=tr("Task renamed"))
        )
        self._open(form, anchor)

    def cancel(self, items: Sequence[Item]) -> None:
        """Cancel them."""
        ids = [task.id for task in _open_ones(items)]
        if ids:
            said = ntr("{n} task cancelled", "{n} tasks cancelled", len(ids))
            self._write(tasks.cancel, ids, say=said)

    # -- closed tasks -------------------------------------------------------------------------

    def reopen(self, items: Sequence[Item]) -> None:
        """Open closed tasks again."""
        ids = [item.task.id for item in items if item.task.state != "open"]
        if ids:
            said = ntr("{n} task open again", "{n} tasks open again", len(ids))
            self._write(tasks.reopen, ids, say=said)

    def accept(self, items: Sequence[Item]) -> None:
        """Accept the results."""
        ids = self._to_judge(items)
        if ids:
            said = ntr("{n} result accepted", "{n} results accepted", len(ids))
            self._write(control_verbs.accept, ids, say=said)

    def give_back(self, items: Sequence[Item], anchor: Anchor) -> None:
        """Ask what is missing and until when, once; they are open again with the remark."""
        ids = self._to_judge(items)
        if not ids:
            return
        lines = [item.task for item in items if item.task.id in ids]
        form = GiveBackForm("tasks-remark", lines, self.now(), parent=self._page)
        said = ntr("{n} task given back", "{n} tasks given back", len(ids))

        def given(answer: GivenBack) -> None:
            self._write(control_verbs.give_back, ids, answer.remark, due_at=answer.due_at, say=said)

        form.given.connect(given)
        self._open(form, anchor)

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
        choices = self._context.ask(dealview.choices, now=self._context.now())
        form = NewTaskForm(
            self._context, self.now(), choices, self._context.person_id, parent=self._page
        )

        def given(new: NewTask) -> None:
            self._write(tasks.add, new, say=tr("Task added: {title}", title=new.title))

        form.given.connect(given)
        self._open(form, anchor)

    # -- menu ---------------------------------------------------------------------------------

    def menu_of(self, items: Sequence[Item], place: QPoint, open_one: Callable[[], None]) -> QMenu:
        """What can be done with these."""
        one = items[0] if len(items) == 1 else None
        entries: list[Entry] = []
        if one is not None:
            entries += self._about(one, open_one)
        if _open_ones(items):
            entries += self._open_entries(items, one, place)
        else:
            if self._to_judge(items) and self.may_accept():
                entries += [
                    ("accept", tr("Accept the result"), lambda: self.accept(items)),
                    ("give-back", tr("Give back…"), self._later(self.give_back, items, place)),
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
        return [*entries, None] if entries else []

    def _open_entries(self, items: Sequence[Item], one: Item | None, place: QPoint) -> list[Entry]:
        entries: list[Entry] = [
            ("complete", tr("Complete"), self._later(self.complete, items, place))
        ]
        if any(item.task.icon == "phone" for item in items):
            entries.append(
                ("no-answer", tr("No answer: next working day"), lambda: self.no_answer(items))
            )
        entries += [
            ("postpone", tr("Postpone…"), self._later(self.postpone, items, place)),
            ("reassign", tr("Reassign…"), self._later(self.reassign, items, place)),
        ]
        if one is not None:
            entries += [
                ("due", tr("Change the due date…"), self._later(self.set_due, one, place)),
                ("rename", tr("Rename…"), self._later(self.rename, one, place)),
            ]
        return [*entries, None, ("cancel", tr("Cancel the task"), lambda: self.cancel(items))]

    def _later(self, run: Callable[..., None], *args: Any) -> Callable[[], None]:
        """Open a form when the menu is gone: its going would close the form too."""
        return lambda: QTimer.singleShot(0, self, lambda: run(*args))


def _open_ones(items: Sequence[Item]) -> list[TaskLine]:
    return [item.task for item in items if item.task.state == "open"]
