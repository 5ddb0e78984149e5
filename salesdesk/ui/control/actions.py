"""What can be done with tasks and deals of the list: forms, menus, one command for all of them."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QMenu, QWidget

from salesdesk.services import absences, control_verbs, deals, tasks
from salesdesk.services.absences import Away
from salesdesk.services.control_lists import DealRow, Row, TaskRow
from salesdesk.services.tasks import TaskLine
from salesdesk.text import ntr, tr, trp
from salesdesk.ui.context import Context
from salesdesk.ui.control.forms import AbsenceSheet, ManySheet
from salesdesk.ui.taskforms.acting import Acting, Anchor
from salesdesk.ui.taskforms.subject import Subject
from salesdesk.ui.taskforms.task import Filled
from salesdesk.ui.widgets.popup import Option, Picker, menu


class Actions(Acting):
    """Works on the tasks and deals it is given."""

    def __init__(self, context: Context, page: QWidget) -> None:
        super().__init__(context, page, "control")
        #: How many open tasks each person has, to be shown beside the name.
        self.loads: dict[int | None, int] = {}

    # -- tasks --------------------------------------------------------------------------------

    def postpone(self, ids: Sequence[int], anchor: Anchor) -> None:
        """Ask until when and why, once, and postpone them all."""
        self._read_lines(ids, lambda lines: self.postpone_lines(lines, anchor))

    def _read_lines(self, ids: Sequence[int], done: Callable[[list[TaskLine]], object]) -> None:
        """Thousands may be selected: they are read in the background."""
        self._context.read(
            tasks.by_ids, list(ids), now=self._context.now(), done=done, key="control-lines"
        )

    def no_answer(self, ids: Sequence[int]) -> None:
        """Nobody answered: the calls move to the same time of the next working day."""
        said = tr("No answer: moved to the next working day")
        self.write(tasks.no_answer, list(ids), tr("No answer"), say=said)

    def complete(self, ids: Sequence[int], anchor: Anchor) -> None:
        """Mark them done; where one asks for a result it is asked once for all."""
        self._context.read(
            control_verbs.asks_result, list(ids), key="control-lines",
            done=lambda asks: self.complete_ids(ids, asks, anchor),
        )  # fmt: skip

    def give_back(self, ids: Sequence[int], anchor: Anchor) -> None:
        """Ask what is missing and until when, once, and open them again."""
        self._read_lines(ids, lambda lines: self.give_back_lines(lines, anchor))

    def reassign(self, ids: Sequence[int], of_deals: bool, anchor: Anchor) -> None:
        """Choose a person; tasks get another assignee, deals another responsible person."""
        options, people = [], self.choices().people
        for each in people:
            n = self.loads.get(each.id, 0)
            text = tr("{name} · {n} open", name=each.name, n=n) if n else each.name
            options.append(Option(each.id, text, each.name))
        what = tr("Responsible") if of_deals else tr("Assignee")
        picker = Picker(options, "control-reassign", what, None, self._page)
        names = {each.id: each.name for each in people}
        picker.picked.connect(lambda one: self.give(ids, of_deals, one, names[one]))
        self.open_form(picker, anchor)

    def give(self, ids: Sequence[int], of_deals: bool, person_id: int, name: str) -> None:
        """Give tasks (or deals) to someone."""
        if of_deals:
            said = ntr("{n} deal for {name}", "{n} deals for {name}", len(ids), name=name)
            self.write(deals.assign, list(ids), person_id, say=said)
        else:
            self.give_tasks(ids, person_id, name)

    # -- new tasks ----------------------------------------------------------------------------

    def new_task(self, row: Row | None, anchor: Anchor) -> None:
        """A task of any kind; with a row for its deal."""
        subject = None
        if row is not None and row.deal_id is not None:
            named = row.title if isinstance(row, DealRow) else row.deal or ""
            subject = Subject(deal_id=row.deal_id, title=named)
        self.new_task_form(anchor, subject)

    def add_tasks(self, deal_ids: Sequence[int], anchor: Anchor) -> None:
        """The same task for each of several deals."""
        title = ntr("A task for {n} deal", "A task for each of {n} deals", len(deal_ids))
        sheet = ManySheet(title, self.now(), self.choices(), self._page)

        def given(wanted: Filled) -> None:
            said = ntr("Task added to {n} deal", "Task added to {n} deals", len(deal_ids))
            self.write(
                control_verbs.add_tasks, list(deal_ids), wanted.title, wanted.due_at,
                kind_id=wanted.kind_id, assignee_id=wanted.assignee_id, say=said,
            )  # fmt: skip

        sheet.given.connect(given)
        self.open_form(sheet, anchor)

    # -- absences -----------------------------------------------------------------------------

    def add_absence(self, people: list[tuple[int, str]], anchor: Anchor) -> None:
        """Someone of these people is away."""
        sheet = AbsenceSheet(self.now(), people, None, self._page)
        names = dict(people)

        def given(who: int, first: int, last: int, substitute: int | None) -> None:
            said = tr("Absence added: {name}", name=names[who])
            self.write(absences.add_absence, who, first, last, substitute, say=said)

        sheet.given.connect(given)
        self.open_form(sheet, anchor)

    def change_absence(self, one: Away, people: list[tuple[int, str]], anchor: Anchor) -> None:
        """Other days or another substitute."""
        sheet = AbsenceSheet(self.now(), people, one.absence, self._page)

        def given(_who: int, first: int, last: int, substitute: int | None) -> None:
            said = tr("Absence changed: {name}", name=one.name)
            self.write(absences.change_absence, one.absence.id, first, last, substitute, say=said)

        sheet.given.connect(given)
        self.open_form(sheet, anchor)

    def end_absence(self, one: Away) -> None:
        """They are back (or it will not be)."""
        said = tr("{name} is back", name=one.name) if one.now else tr("Absence removed")
        self.write(absences.end_absence, one.absence.id, say=said)

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
                ("task", tr("Add a task…"), self.later(lambda: self.new_task(one, place))),
                None,
            ]
        if kind == "accept":
            entries += self._result_entries(ids, place)
        if kind in ("accept", "done") or (one is not None and one.shown in ("done", "cancelled")):
            entries.append(("reopen", tr("Open again"), lambda: self.reopen_ids(ids)))
            return menu(entries, "control-menu", self._page)
        entries.append(
            ("complete", trp("verb", "Done"), self.later(lambda: self.complete(ids, place)))
        )
        if one is not None and one.icon == "phone":
            entries.append(
                ("no-answer", tr("No answer: next working day"), lambda: self.no_answer(ids))
            )
        entries += [
            ("postpone", tr("Postpone…"), self.later(lambda: self.postpone(ids, place))),
            ("reassign", tr("Reassign…"), self.later(lambda: self.reassign(ids, False, place))),
            None,
            ("cancel", tr("Cancel the task"), lambda: self.cancel_ids(ids)),
        ]
        return menu(entries, "control-menu", self._page)

    def _result_entries(
        self, ids: Sequence[int], place: QPoint
    ) -> list[tuple[str, str, Callable[[], object]] | None]:
        return [
            ("accept", tr("Accept the result"), lambda: self.accept_ids(ids)),
            ("give-back", tr("Give back…"), self.later(lambda: self.give_back(ids, place))),
        ]

    def deal_menu(self, ids: Sequence[int], place: QPoint) -> QMenu:
        """What can be done with deals."""
        entries: list[tuple[str, str, Callable[[], object]] | None] = []
        if len(ids) == 1:
            entries += [("deal", tr("Open the deal"), lambda: self._context.go("board", ids[0])),
                        None]  # fmt: skip
        entries += [
            ("task", tr("Add a task…"), self.later(lambda: self.add_tasks(ids, place))),
            ("reassign", tr("Reassign…"), self.later(lambda: self.reassign(ids, True, place))),
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
             self.later(lambda: self.change_absence(one, people, place))),
            ("end", back, lambda: self.end_absence(one)),
        ]  # fmt: skip
        return menu(entries, "control-away-menu", self._page)
