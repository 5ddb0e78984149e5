"""What can be done with tasks and deals of the list: forms, menus, one command for all of them."""

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import QObject, QPoint, QTimer, Signal
from PySide6.QtWidgets import QMenu, QWidget

from salesdesk.services import absences, control_verbs, deals, dealview, tasks
from salesdesk.services.absences import Away
from salesdesk.services.control_lists import DealRow, Row, TaskRow
from salesdesk.services.dealview import Choices
from salesdesk.text import ntr, tr, trp
from salesdesk.ui.context import Context
from salesdesk.ui.control.forms import AbsenceSheet, ManySheet
from salesdesk.ui.taskforms.adding import NewTaskForm
from salesdesk.ui.taskforms.due import DueForm, Dues
from salesdesk.ui.taskforms.forms import Now, TextForm, present
from salesdesk.ui.taskforms.giving_back import GiveBackForm, GivenBack
from salesdesk.ui.taskforms.subject import Subject
from salesdesk.ui.taskforms.task import Filled
from salesdesk.ui.widgets.popup import Option, Picker, Popover, menu, show_under

#: Where a form opens: under a widget, or at a place on the screen.
Anchor = QWidget | QPoint


class Actions(QObject):
    """Works on what it is given; ``done()`` tells that a command about the selection was given."""

    done = Signal()

    def __init__(self, context: Context, page: QWidget) -> None:
        super().__init__(page)
        self._context = context
        self._page = page
        #: How many open tasks each person has, to be shown beside the name.
        self.loads: dict[int | None, int] = {}

    # -- helpers ------------------------------------------------------------------------------

    def _choices(self) -> Choices:
        return self._context.ask(dealview.choices, now=self._context.now())

    def _now(self) -> Now:
        return self._context.ask(present, now=self._context.now())

    def _open(self, popup: Popover, anchor: Anchor) -> None:
        if isinstance(anchor, QWidget):
            show_under(popup, anchor)
            return
        popup.adjustSize()
        room = self._page.screen().availableGeometry()
        left = min(anchor.x(), room.right() - popup.width())
        top = min(anchor.y(), room.bottom() - popup.height())
        popup.move(max(left, room.left()), max(top, room.top()))
        popup.show()

    def _write(self, verb: Callable[..., Any], *args: Any, say: str, **kwargs: Any) -> None:
        self._context.write(verb, *args, say=lambda _result: say, **kwargs)
        self.done.emit()

    def _later(self, run: Callable[[], None]) -> Callable[[], None]:
        """Run when the menu is gone: its going would close a popover too."""
        return lambda: QTimer.singleShot(0, self, run)

    # -- tasks --------------------------------------------------------------------------------

    def postpone(self, ids: Sequence[int], anchor: Anchor) -> None:
        """Ask until when and why, once, and postpone them all."""
        lines = self._context.ask(tasks.by_ids, ids, now=self._context.now())
        if not lines:
            return
        form = DueForm("control-postpone", lines, self._now(), reason=True, parent=self._page)

        def given(dues: Dues) -> None:
            said = ntr("{n} task postponed", "{n} tasks postponed", len(dues.moments))
            self._write(tasks.postpone_each, dues.moments, dues.reason, say=said)

        form.given.connect(given)
        self._open(form, anchor)

    def no_answer(self, ids: Sequence[int]) -> None:
        """Nobody answered: the calls move to the same time of the next working day."""
        said = tr("No answer: moved to the next working day")
        self._write(tasks.no_answer, list(ids), tr("No answer"), say=said)

    def complete(self, ids: Sequence[int], anchor: Anchor) -> None:
        """Mark them done; where one asks for a result it is asked once for all."""
        said = ntr("{n} task done", "{n} tasks done", len(ids))
        if not self._context.ask(control_verbs.asks_result, ids):
            self._write(tasks.complete, list(ids), say=said)
            return
        form = TextForm(
            "control-result", ntr("What came of {n} task?", "What came of {n} tasks?", len(ids)),
            trp("verb", "Done"), needed=tr("A result is asked for."), many=True, parent=self._page,
        )  # fmt: skip
        form.given.connect(
            lambda text: self._write(tasks.complete, list(ids), result=text, say=said)
        )
        self._open(form, anchor)

    def cancel(self, ids: Sequence[int]) -> None:
        """Cancel them."""
        said = ntr("{n} task cancelled", "{n} tasks cancelled", len(ids))
        self._write(tasks.cancel, list(ids), say=said)

    def reopen(self, ids: Sequence[int]) -> None:
        """Open closed tasks again."""
        said = ntr("{n} task open again", "{n} tasks open again", len(ids))
        self._write(tasks.reopen, list(ids), say=said)

    def accept(self, ids: Sequence[int]) -> None:
        """Accept their results."""
        said = ntr("{n} result accepted", "{n} results accepted", len(ids))
        self._write(control_verbs.accept, list(ids), say=said)

    def give_back(self, ids: Sequence[int], anchor: Anchor) -> None:
        """Ask what is missing and until when, once, and open them again."""
        lines = self._context.ask(tasks.by_ids, ids, now=self._context.now())
        form = GiveBackForm("control-remark", lines, self._now(), parent=self._page)
        said = ntr("{n} task given back", "{n} tasks given back", len(ids))

        def given(answer: GivenBack) -> None:
            self._write(
                control_verbs.give_back, list(ids), answer.remark, due_at=answer.due_at, say=said
            )

        form.given.connect(given)
        self._open(form, anchor)

    def reassign(self, ids: Sequence[int], of_deals: bool, anchor: Anchor) -> None:
        """Choose a person; tasks get another assignee, deals another responsible person."""
        options, people = [], self._choices().people
        for each in people:
            n = self.loads.get(each.id, 0)
            text = tr("{name} · {n} open", name=each.name, n=n) if n else each.name
            options.append(Option(each.id, text, each.name))
        what = tr("Responsible") if of_deals else tr("Assignee")
        picker = Picker(options, "control-reassign", what, None, self._page)
        names = {each.id: each.name for each in people}
        picker.picked.connect(lambda one: self.give(ids, of_deals, one, names[one]))
        self._open(picker, anchor)

    def give(self, ids: Sequence[int], of_deals: bool, person_id: int, name: str) -> None:
        """Give tasks (or deals) to someone."""
        if of_deals:
            said = ntr("{n} deal for {name}", "{n} deals for {name}", len(ids), name=name)
            self._write(deals.assign, list(ids), person_id, say=said)
        else:
            said = ntr("{n} task for {name}", "{n} tasks for {name}", len(ids), name=name)
            self._write(tasks.reassign, list(ids), person_id, say=said)

    # -- new tasks ----------------------------------------------------------------------------

    def new_task(self, row: Row | None, anchor: Anchor) -> None:
        """A task of any kind; with a row for its deal."""
        subject = None
        if row is not None and row.deal_id is not None:
            named = row.title if isinstance(row, DealRow) else row.deal or ""
            subject = Subject(deal_id=row.deal_id, title=named)
        form = NewTaskForm(
            self._context, self._now(), self._choices(), self._context.person_id, subject,
            self._page,
        )  # fmt: skip

        def given(new: tasks.NewTask) -> None:
            self._write(tasks.add, new, say=tr("Task added: {title}", title=new.title))

        form.given.connect(given)
        self._open(form, anchor)

    def add_tasks(self, deal_ids: Sequence[int], anchor: Anchor) -> None:
        """The same task for each of several deals."""
        title = ntr("A task for {n} deal", "A task for each of {n} deals", len(deal_ids))
        sheet = ManySheet(title, self._now(), self._choices(), self._page)

        def given(wanted: Filled) -> None:
            said = ntr("Task added to {n} deal", "Task added to {n} deals", len(deal_ids))
            self._write(
                control_verbs.add_tasks, list(deal_ids), wanted.title, wanted.due_at,
                kind_id=wanted.kind_id, assignee_id=wanted.assignee_id, say=said,
            )  # fmt: skip

        sheet.given.connect(given)
        self._open(sheet, anchor)

    # -- absences -----------------------------------------------------------------------------

    def add_absence(self, people: list[tuple[int, str]], anchor: Anchor) -> None:
        """Someone of these people is away."""
        sheet = AbsenceSheet(self._now(), people, None, self._page)
        names = dict(people)

        def given(who: int, first: int, last: int, substitute: int | None) -> None:
            said = tr("Absence added: {name}", name=names[who])
            self._write(absences.add_absence, who, first, last, substitute, say=said)

        sheet.given.connect(given)
        self._open(sheet, anchor)

    def change_absence(self, one: Away, people: list[tuple[int, str]], anchor: Anchor) -> None:
        """Other days or another substitute."""
        sheet = AbsenceSheet(self._now(), people, one.absence, self._page)

        def given(_who: int, first: int, last: int, substitute: int | None) -> None:
            said = tr("Absence changed: {name}", name=one.name)
            self._write(absences.change_absence, one.absence.id, first, last, substitute, say=said)

        sheet.given.connect(given)
        self._open(sheet, anchor)

    def end_absence(self, one: Away) -> None:
        """They are back (or it will not be)."""
        said = tr("{name} is back", name=one.name) if one.now else tr("Absence removed")
        self._write(absences.end_absence, one.absence.id, say=said)

    # -- menus --------------------------------------------------------------------------------

    def task_menu(self, rows: Sequence[Row], ids: Sequence[int], kind: str, place: QPoint) -> QMenu:
        """What can be done with the tasks ``ids``; ``rows`` are those of them that are read."""
        first = rows[0] if rows else None
        entries: list[tuple[str, str, Callable[[], object]] | None] = []
        one = first if len(ids) == 1 and isinstance(first, TaskRow) else None
        if one is not None and one.deal_id is not None:
            deal = one.deal_id
            entries += [
                ("deal", tr("Open the deal"), lambda: self._context.go("board", deal)),
                ("task", tr("Add a task…"), self._later(lambda: self.new_task(one, place))),
                None,
            ]
        if kind == "accept":
            entries += self._result_entries(ids, place)
        if kind in ("accept", "done") or (one is not None and one.shown in ("done", "cancelled")):
            entries.append(("reopen", tr("Open again"), lambda: self.reopen(ids)))
            return menu(entries, "control-menu", self._page)
        entries.append(
            ("complete", trp("verb", "Done"), self._later(lambda: self.complete(ids, place)))
        )
        if one is not None and one.icon == "phone":
            entries.append(
                ("no-answer", tr("No answer: next working day"), lambda: self.no_answer(ids))
            )
        entries += [
            ("postpone", tr("Postpone…"), self._later(lambda: self.postpone(ids, place))),
            ("reassign", tr("Reassign…"), self._later(lambda: self.reassign(ids, False, place))),
            None,
            ("cancel", tr("Cancel the task"), lambda: self.cancel(ids)),
        ]
        return menu(entries, "control-menu", self._page)

    def _result_entries(
        self, ids: Sequence[int], place: QPoint
    ) -> list[tuple[str, str, Callable[[], object]] | None]:
        return [
            ("accept", tr("Accept the result"), lambda: self.accept(ids)),
            ("give-back", tr("Give back…"), self._later(lambda: self.give_back(ids, place))),
        ]

    def deal_menu(self, ids: Sequence[int], place: QPoint) -> QMenu:
        """What can be done with deals."""
        entries: list[tuple[str, str, Callable[[], object]] | None] = []
        if len(ids) == 1:
            entries += [("deal", tr("Open the deal"), lambda: self._context.go("board", ids[0])),
                        None]  # fmt: skip
        entries += [
            ("task", tr("Add a task…"), self._later(lambda: self.add_tasks(ids, place))),
            ("reassign", tr("Reassign…"), self._later(lambda: self.reassign(ids, True, place))),
        ]
        return menu(entries, "control-menu", self._page)

    def away_menu(
        self, one: Away, people: list[tuple[int, str]], show: Callable[[Away], object],
        place: QPoint,
    ) -> QMenu:  # fmt: skip
        """What can be done about an absence."""
        entries: list[tuple[str, str, Callable[[], object]] | None] = []
        if one.tasks:
            entries += [("tasks", tr("Tasks to hand over"), lambda: show(one)), None]
        back = tr("Back today") if one.now else tr("Remove the absence")
        entries += [
            ("change", tr("Change…"),
             self._later(lambda: self.change_absence(one, people, place))),
            ("end", back, lambda: self.end_absence(one)),
        ]  # fmt: skip
        return menu(entries, "control-away-menu", self._page)
