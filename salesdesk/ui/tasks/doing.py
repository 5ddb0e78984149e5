"""What is done with the tasks that are chosen: by keys, by the mouse, by the buttons over them."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, QPoint
from PySide6.QtWidgets import QWidget

from salesdesk.services.task_lists import Item
from salesdesk.text import N_
from salesdesk.ui import shortcuts
from salesdesk.ui.context import Context
from salesdesk.ui.tasks.actions import Actions
from salesdesk.ui.tasks.bar import KEYS
from salesdesk.ui.tasks.details import TaskSheet
from salesdesk.ui.tasks.view import LineView
from salesdesk.ui.tasks.week import WeekView

GROUP = N_("Tasks")
_TEXTS = {
    "complete": N_("Complete"), "postpone": N_("Postpone"), "reassign": N_("Reassign"),
    "no-answer": N_("No answer: next working day"), "accept": N_("Accept the result"),
    "give-back": N_("Give back the result"), "reopen": N_("Open again"),
}  # fmt: skip


class Doing(QObject):
    """Acts on what is chosen on ``page``: ``items`` says what that is, ``place`` where a form about
    it opens, ``fetch`` reads lines of tasks. ``accepts``: the person accepts results of others."""

    def __init__(
        self, context: Context, page: QWidget, items: Callable[[], list[Item]],
        place: Callable[[], QPoint], fetch: Callable[[Sequence[int]], list[Item]],
    ) -> None:  # fmt: skip
        super().__init__(page)
        self._context, self._page = context, page
        self._items, self._place, self._fetch = items, place, fetch
        self.actions = Actions(context, page)
        self.accepts = False

    def add_keys(self) -> None:
        """Its keys, on the page."""
        page = self._page
        for key, letter in KEYS.items():
            shortcuts.add(page, letter, _TEXTS[key], lambda key=key: self.do(key), GROUP)  # type: ignore[misc]
        shortcuts.add(page, "C", N_("Call the client"), self.call, GROUP)
        shortcuts.add(page, "Ctrl+C", N_("Copy the phone"), self.copy_phone, GROUP)
        shortcuts.add(page, "F2", N_("Rename"), self.rename, GROUP)
        shortcuts.add(page, "Del", N_("Cancel the task"), self.cancel, GROUP)
        shortcuts.add(page, "I", N_("Show what is to be done"), self.show_more, GROUP)

    def follow(self, lines: LineView, week: WeekView) -> None:
        """Do what is asked for in the list and in the week."""
        tasks = lines.tasks
        lines.opened.connect(lambda row: self.open(tasks.item(row)))
        lines.menu_asked.connect(lambda _row, place: self.menu(place))
        lines.done_asked.connect(lambda row: self._on_ring(tasks.item(row), lines.place_of(row)))
        lines.call_asked.connect(lambda row: self.actions.call(tasks.item(row)))
        lines.more_asked.connect(lambda row: self._show(tasks.item(row), lines.place_of(row)))
        week.opened.connect(self.open)
        week.menu_asked.connect(self.menu)
        week.moved.connect(lambda ids, day, place: self.actions.to_day(week.items(ids), day, place))

    def do(self, key: str) -> None:
        """One of the actions about what is selected."""
        items, acts = self._items(), self.actions
        if not items:
            return
        if key == "no-answer":
            acts.no_answer(items)
        elif key == "reopen":
            acts.reopen(items)
        elif key in ("accept", "give-back") and not self.accepts:
            return
        elif key == "accept":
            acts.accept(items)
        else:
            run = {"complete": acts.complete, "postpone": acts.postpone,
                   "reassign": acts.reassign, "give-back": acts.give_back}[key]  # fmt: skip
            run(items, self._place())

    def _one(self) -> Item | None:
        items = self._items()
        return items[0] if len(items) == 1 else None

    def call(self) -> None:
        """Call the client of the task."""
        self.actions.call(self._one())

    def copy_phone(self) -> None:
        """Copy the client's phone."""
        self.actions.copy_phone(self._one())

    def rename(self) -> None:
        """Another title for one task."""
        one = self._one()
        if one is not None and one.task.state == "open":
            self.actions.rename(one, self._place())

    def cancel(self) -> None:
        """Cancel what is selected."""
        self.actions.cancel(self._items())

    def show_more(self) -> None:
        """One task in full, with its checklist to tick."""
        self._show(self._one(), self._place())

    def _show(self, item: Item | None, place: QPoint) -> None:
        if item is not None:
            self.actions.open_form(TaskSheet(self._context, item, self._read, self._page), place)

    def _read(self, task_id: int) -> Item | None:
        return next(iter(self._fetch([task_id])), None)

    def _on_ring(self, item: Item | None, place: QPoint) -> None:
        if item is not None and item.task.state == "open":
            self.actions.complete([item], place)
        elif item is not None:
            self.actions.reopen([item])

    def menu(self, place: QPoint) -> None:
        """What can be done with what is chosen."""
        items = self._items()
        if items:
            one = items[0]
            more = self.actions.later(self._show, one, place)
            self.actions.menu_of(items, place, lambda: self.open(one), more).popup(place)

    def open(self, item: Item | None) -> None:
        """The deal, or the client of a task without one."""
        if item is None:
            return
        if item.task.deal_id is not None:
            self._context.go("board", item.task.deal_id)
        elif item.client_id is not None:
            self._context.go("clients", item.client_id)
