"""What pages that act on many tasks share: forms opened at a place, one command for all of them."""

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import QObject, QPoint, QTimer, Signal
from PySide6.QtWidgets import QWidget

from salesdesk.services import control_verbs, dealview, tasks
from salesdesk.services.dealview import Choices
from salesdesk.services.tasks import NewTask, TaskLine
from salesdesk.text import ntr, tr, trp
from salesdesk.ui.context import Context
from salesdesk.ui.taskforms.adding import NewTaskForm
from salesdesk.ui.taskforms.due import DueForm, Dues
from salesdesk.ui.taskforms.forms import Now, TextForm, present
from salesdesk.ui.taskforms.giving_back import GiveBackForm, GivenBack
from salesdesk.ui.taskforms.subject import Subject
from salesdesk.ui.widgets.popup import Popover, show_under

#: Where a form opens: under a widget, or at a place on the screen.
Anchor = QWidget | QPoint


class Acting(QObject):
    """``done()``: a command about the selection was given. ``leaving(ids)``: these leave the list
    that they stand in; ``settled()``: the command has been run or refused. ``name`` begins the
    object names of the forms."""

    done = Signal()
    leaving = Signal(object)
    settled = Signal()

    def __init__(self, context: Context, page: QWidget, name: str) -> None:
        super().__init__(page)
        self._context, self._page, self._name = context, page, name

    def now(self) -> Now:
        """The present with the working day."""
        return self._context.ask(present, now=self._context.now())

    def choices(self) -> Choices:
        """What fields of deals and tasks can be chosen from."""
        return self._context.ask(dealview.choices, now=self._context.now())

    def open_form(self, popup: Popover, anchor: Anchor) -> None:
        """Show it under a widget, or at a place, inside the screen."""
        if isinstance(anchor, QWidget):
            show_under(popup, anchor)
            return
        popup.adjustSize()
        room = self._page.screen().availableGeometry()
        left = min(anchor.x(), room.right() - popup.width())
        top = min(anchor.y(), room.bottom() - popup.height())
        popup.move(max(left, room.left()), max(top, room.top()))
        popup.show()

    def write(
        self, verb: Callable[..., Any], *args: Any, say: str, gone: Sequence[int] = (), **kw: Any
    ) -> None:
        """Give a command; the toast says ``say``. Those ``gone`` leave the list at once."""

        def over(_result: object) -> None:
            self.settled.emit()

        self._context.write(verb, *args, say=lambda _result: say, done=over, failed=over, **kw)
        self.done.emit()
        if gone:
            self.leaving.emit(list(gone))

    def later(self, run: Callable[..., object], *args: Any) -> Callable[[], None]:
        """Run when the menu is gone: its going would close a form too."""
        return lambda: QTimer.singleShot(0, self, lambda: run(*args))

    # -- forms --------------------------------------------------------------------------------

    def postpone_lines(self, lines: Sequence[TaskLine], anchor: Anchor, day: int = 0) -> None:
        """Ask until when and why, once, and postpone them all."""
        if not lines:
            return
        form = DueForm(
            f"{self._name}-postpone", lines, self.now(), reason=True, day=day, parent=self._page
        )

        def given(dues: Dues) -> None:
            said = tr("Postponed: {title}", title=lines[0].title) if len(lines) == 1 else ntr(
                "{n} task postponed", "{n} tasks postponed", len(lines)
            )  # fmt: skip
            self.write(
                tasks.postpone_each, dues.moments, dues.reason, say=said, gone=list(dues.moments)
            )

        form.given.connect(given)
        self.open_form(form, anchor)

    def complete_ids(
        self, ids: Sequence[int], asks_result: bool, anchor: Anchor, title: str = ""
    ) -> None:
        """Mark them done; a result is asked for once where one of them asks for it. ``title`` is
        that of a single task."""
        one = len(ids) == 1 and bool(title)
        said = tr("Done: {title}", title=title) if one else ntr(
            "{n} task done", "{n} tasks done", len(ids)
        )  # fmt: skip
        if not asks_result:
            self.write(tasks.complete, list(ids), say=said, gone=ids)
            return
        asked = tr("What came of “{title}”?", title=title) if one else ntr(
            "What came of {n} task?", "What came of {n} tasks?", len(ids)
        )  # fmt: skip
        form = TextForm(f"{self._name}-result", asked, trp("verb", "Done"), many=True,
                        needed=tr("This task asks for its result.") if one
                        else tr("A result is asked for."), parent=self._page)  # fmt: skip
        form.given.connect(
            lambda text: self.write(tasks.complete, list(ids), result=text, say=said, gone=ids)
        )
        self.open_form(form, anchor)

    def accept_ids(self, ids: Sequence[int]) -> None:
        """Accept their results."""
        said = ntr("{n} result accepted", "{n} results accepted", len(ids))
        self.write(control_verbs.accept, list(ids), say=said, gone=ids)

    def give_back_lines(self, lines: Sequence[TaskLine], anchor: Anchor) -> None:
        """Ask what is missing and until when, once; they are open again with the remark."""
        ids = [line.id for line in lines]
        form = GiveBackForm(f"{self._name}-remark", lines, self.now(), parent=self._page)
        said = ntr("{n} task given back", "{n} tasks given back", len(ids))

        def given(answer: GivenBack) -> None:
            self.write(control_verbs.give_back, ids, answer.remark, due_at=answer.due_at, say=said,
                       gone=ids)  # fmt: skip

        form.given.connect(given)
        self.open_form(form, anchor)

    def cancel_ids(self, ids: Sequence[int]) -> None:
        """Cancel them."""
        said = ntr("{n} task cancelled", "{n} tasks cancelled", len(ids))
        self.write(tasks.cancel, list(ids), say=said, gone=ids)

    def reopen_ids(self, ids: Sequence[int]) -> None:
        """Open closed tasks again."""
        said = ntr("{n} task open again", "{n} tasks open again", len(ids))
        self.write(tasks.reopen, list(ids), say=said, gone=ids)

    def give_tasks(self, ids: Sequence[int], person_id: int, name: str) -> None:
        """Give tasks to someone."""
        said = ntr("{n} task for {name}", "{n} tasks for {name}", len(ids), name=name)
        self.write(tasks.reassign, list(ids), person_id, say=said)

    def new_task_form(self, anchor: Anchor, subject: Subject | None = None) -> None:
        """A new task, for a deal or a client."""
        form = NewTaskForm(
            self._context, self.now(), self.choices(), self._context.person_id, subject, self._page
        )

        def given(new: NewTask) -> None:
            self.write(tasks.add, new, say=tr("Task added: {title}", title=new.title))

        form.given.connect(given)
        self.open_form(form, anchor)
