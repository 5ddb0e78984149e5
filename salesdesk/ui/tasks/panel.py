"""The page of tasks: lists and weeks of one's own tasks or the team's, and what is done there."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any, NamedTuple

from PySide6.QtCore import QPoint, QTimer
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from salesdesk.services import rights, task_lists
from salesdesk.services.task_lists import Answer, Asked, Item, Week
from salesdesk.text import N_, tr
from salesdesk.ui import addresses, shortcuts, theme
from salesdesk.ui.context import Context
from salesdesk.ui.page import Page, number_in
from salesdesk.ui.reading import Reading
from salesdesk.ui.tasks import words
from salesdesk.ui.tasks.bar import TaskBar
from salesdesk.ui.tasks.doing import GROUP, Doing
from salesdesk.ui.tasks.filters import TaskFilters
from salesdesk.ui.tasks.model import TaskModel
from salesdesk.ui.tasks.parts import parts
from salesdesk.ui.tasks.view import LineView
from salesdesk.ui.tasks.week import WeekView, monday_of
from salesdesk.ui.widgets.buttons import PrimaryButton
from salesdesk.ui.widgets.chips import ChipRow
from salesdesk.ui.widgets.empty import EmptyState
from salesdesk.ui.widgets.labels import Card, label
from salesdesk.ui.widgets.switcher import Switcher

_MINE, _TEAM = 0, -1
_TABLES = frozenset(
    ("task", "task_change", "deal", "client", "client_contact", "task_kind", "person", "team",
     "absence", "day_off", "setting", "deal_tag", "stage")
)  # fmt: skip
#: What filters are named by.
_NAMED = frozenset(("task_kind", "person", "team", "client", "pipeline", "stage", "tag", "source"))
_TYPED_MS = 60


class Wanted(NamedTuple):
    """What the page is about: a list, or the week that begins with ``first_day``; ``or_overdue``:
    what is overdue instead of an empty list."""

    list: Asked
    first_day: int
    or_overdue: bool = False


def _read(r: Any, wanted: Wanted, *, now: int) -> tuple[Answer, Week | None]:
    answer = task_lists.listed(r, wanted.list, now=now)
    if wanted.or_overdue and not answer.ids and answer.counts["overdue"]:
        answer = task_lists.listed(r, replace(wanted.list, kind="overdue"), now=now)
    first = wanted.first_day
    return answer, task_lists.week(r, wanted.list, first, now=now) if first else None


class TasksPage(Page):
    """Everybody's day: what is overdue, due today, planned; in a list or a week."""

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        remember = context.remember
        chosen = remember.text("tasks/list")
        self.kind = chosen if chosen in words.LISTS else "today"
        # A person who has never chosen a list begins with today. With nothing for today an empty
        # page would say that all is well while tasks are overdue, so it then begins with those;
        # once only, lest the list change below the hands when its last task is done.
        self._begins = chosen not in words.LISTS
        self.by_week = remember.text("tasks/view") == "week"
        self.first_day = self._monday()
        self.seen: frozenset[int] | None = None
        self._sees_several = False
        self.doing = Doing(context, self, self.items, self.place, self._fetch)
        self.title = label("", "heading")
        self.people = Switcher("tasks-people")
        self.views = ChipRow([("list", "list"), ("week", "week")], "tasks-view", " ")
        self.new_button = PrimaryButton("", "tasks-new", self.add)
        for widget in (self.title, self.people, self.views, self.new_button):
            widget.setParent(self)  # till the header takes them
        self.bar = TaskBar()
        self.filters = TaskFilters(
            context, self.bar, lambda: parts(context, self.seen, self._sees_several)
        )
        zone = context.store.zone
        self.model = TaskModel(zone, context.now, self._fetch, self)
        self.list = LineView("tasks-lines", self.model)
        self.week = WeekView(zone, context.now, self._fetch)
        self.empty = EmptyState("tasks-empty", "", "", self._from_empty, "tasks")
        self._build()
        self._connect()
        self._add_keys()
        self.reading = Reading(self, context, self._wanted, _read, self._show, tables=_TABLES,
                               calm=60, minutes=True)  # fmt: skip
        self._typing = QTimer(self, interval=_TYPED_MS, singleShot=True)
        self._typing.timeout.connect(self.reading.refresh)
        self._read_people()
        self.people.set_value(remember.number("tasks/people", _MINE))
        self._recall()
        self.retranslate()
        self._show_mode()

    def _build(self) -> None:
        self.stack = QStackedWidget()
        for widget in (self.list, self.week, self.empty):
            self.stack.addWidget(widget)
        card = Card("", 1)
        card.body.addWidget(self.stack)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.L, theme.S, theme.L, theme.M)
        column.setSpacing(theme.S)
        column.addWidget(self.filters)
        column.addWidget(card, 1)

    def _connect(self) -> None:
        self.people.chosen.connect(self._on_people)
        self.views.chosen.connect(lambda key: self.set_view(key == "week"))
        self.bar.list_chosen.connect(self.show_list)
        self.bar.week_stepped.connect(self.step_week)
        self.bar.before_asked.connect(lambda: self.show_list("overdue"))
        self.bar.pressed.connect(self.doing.do)
        self.bar.cleared.connect(self._clear)
        self.filters.changed.connect(self._on_filter)
        self.filters.left.connect(self._focus)
        self.context.bus.changed.connect(self._on_changed)
        self.doing.follow(self.list, self.week)
        self.week.ticked.connect(self._show_mode)
        self.model.ticked.connect(self._show_mode)
        self.doing.actions.done.connect(self._clear)
        self.context.person_changed.connect(self._clear)
        self.context.rights_changed.connect(self._on_rights)

    def _add_keys(self) -> None:
        shortcuts.add(self, "N", N_("New task"), self.add, GROUP)
        self.doing.add_keys()
        shortcuts.add(self, "W", N_("List or week"), lambda: self.set_view(not self.by_week),
                      GROUP)  # fmt: skip
        shortcuts.add(self, "/", N_("Filter the tasks"), self.filters.list.focus_field, GROUP)
        shortcuts.add(self, "[", N_("Week before"), lambda: self.step_week(-1), GROUP)
        shortcuts.add(self, "]", N_("Week after"), lambda: self.step_week(1), GROUP)
        for at, kind in enumerate(words.LISTS, 1):
            shortcuts.add(self, str(at), "", lambda kind=kind: self.show_list(kind), GROUP)  # type: ignore[misc]
        for keys, text in (
            ("1…6", N_("Choose a list")), ("Return", N_("Open the deal or the client")),
            ("Space", N_("Select")), ("Right", N_("Show what is to be done")),
            ("Shift+Right", N_("To the next day (week)")),
        ):  # fmt: skip
            shortcuts.listed(self, keys, text, GROUP)

    # -- the page as the window sees it -------------------------------------------------------

    def header_widgets(self) -> list[QWidget]:
        return [self.title, self.people, self.views]

    def header_actions(self) -> list[QWidget]:
        return [self.new_button]

    def activated(self) -> None:
        self.reading.seen()
        self._focus()

    def show_item(self, item: object) -> None:
        """``{"list": "overdue", "people": "team"}``, ``{"view": "week"}``, a list, or a task."""
        self.filters.set_texts({})  # what is asked for is not to be hidden
        if isinstance(item, Mapping):
            self.go_to({str(key): str(value) for key, value in item.items()})
        elif isinstance(item, str) and item in words.LISTS:
            self.show_list(item)
        elif isinstance(item, int):
            self._show_task(item)

    def address(self) -> Mapping[str, str]:
        parts = {"view": "week" if self.by_week else "list"}
        if self.by_week:
            parts["week"] = date.fromordinal(self.first_day).isoformat()
        else:
            parts["list"] = self.kind
        whose = self.people.value
        parts["people"] = {_MINE: "mine", _TEAM: "team"}.get(whose, str(whose))
        return parts | self.filters.texts()

    def go_to(self, parts: Mapping[str, str]) -> None:
        self.filters.set_texts(parts)
        self._arrive(parts)

    def _recall(self) -> None:
        """The filter that was left behind, but for what was typed."""
        kept = dict(addresses.read(self.context.remember.text("tasks/address")).parts)
        kept.pop("text", None)
        if not self.is_team:
            kept.pop("assignees", None)
            kept.pop("teams", None)
        self.filters.set_texts(kept)

    def _arrive(self, parts: Mapping[str, str]) -> None:
        kind, whose = parts.get("list", ""), parts.get("people", "")
        if kind in words.LISTS:
            self.kind, self._begins = kind, False
        self.by_week = parts["view"] == "week" if "view" in parts else self.by_week and not kind
        if whose:
            known = {"mine": _MINE, "team": _TEAM}
            value = known.get(whose, number_in(parts, "people"))
            self.people.set_value(value)
        try:
            self.first_day = monday_of(date.fromisoformat(parts.get("week", "")).toordinal())
        except ValueError:
            self.first_day = self.first_day or self._monday()
        self._asks_anew(step=False)

    def _show_task(self, task_id: int) -> None:
        """The list in which a task stands, with the keyboard on it."""
        found = self._fetch([task_id])
        if found:
            shown = str(found[0].task.shown)
            self.kind = shown if shown in words.LISTS else "done"
            self.by_week = self._begins = False
            if found[0].task.assignee_id != self.context.person_id:
                self.people.set_value(_TEAM)
            self._wanted_task = task_id
            self._asks_anew()

    _wanted_task = 0

    def retranslate(self) -> None:
        self.title.setText(tr("Tasks"))
        self.views.setAccessibleName(tr("List or week"))
        self.views.set_texts({"list": tr("List"), "week": tr("Week")})
        self.new_button.set_text(tr("New task"))
        self.new_button.setToolTip(shortcuts.hint(tr("New task"), "N"))
        self.list.setAccessibleName(tr("Tasks"))
        self.bar.retranslate()
        self.filters.retranslate()
        self._read_people()
        self.week.retranslate()
        self.model.reword()
        self._say_empty()
        self.reading.stale()

    # -- whose --------------------------------------------------------------------------------

    def _read_people(self) -> None:
        """Mine, the team's, and each person of it: what the person may see."""
        context = self.context
        today = context.store.zone.day_of(context.now())
        self.seen = context.ask(rights.seen_people, context.person_id, day=today)
        self.doing.accepts = self.doing.actions.may_accept()
        self._sees_several = self.seen is None or len(self.seen) > 1 or context.person_id is None
        options: list[tuple[int, str]] = []
        if context.person_id is not None:
            options.append((_MINE, tr("My tasks")))
        if self._sees_several:
            everybody = self.seen is None
            options.append((_TEAM, tr("Everybody's") if everybody else tr("My team's")))
            options += context.ask(_names, self.seen, context.person_id, today)
        self.people.set_options(options, tr("Whose tasks"))
        self.people.setVisible(len(options) > 1)
        self.filters.refresh_parts()

    def _on_people(self, value: int) -> None:
        if not self.is_team:
            self.filters.drop_people()
        self.context.remember.set("tasks/people", value if value <= 0 else _TEAM)
        self._asks_anew()

    def _on_rights(self) -> None:
        """Another person works here, or whom one sees has changed."""
        self._read_people()
        self._show_mode()
        self.reading.stale()
        self.address_changed.emit(False)

    @property
    def is_team(self) -> bool:
        """Whether tasks of several people are shown."""
        return bool(self.people.value == _TEAM)

    def _wanted(self) -> Wanted:
        me, value = self.context.person_id, self.people.value
        chosen = self.filters.chosen()
        if value == _TEAM:
            asked = Asked(self.kind, self.seen, True, self.seen, me, chosen)
        else:
            who = value or me
            people = None if who is None else frozenset((who,))
            asked = Asked(self.kind, people, False, people if value else self.seen, me,
                          chosen)  # fmt: skip
        begins = self._begins and self.kind == "today" and not self.by_week
        return Wanted(asked, self.first_day if self.by_week else 0, begins)

    def _on_filter(self, step: bool) -> None:
        """Another filter; people chosen in it are looked for among everybody's tasks."""
        if self.filters.texts().keys() & {"assignees", "teams"} and not self.is_team:
            self.people.set_value(_TEAM)
        self._clear()
        self._typing.start(0 if step else _TYPED_MS)
        self.address_changed.emit(step)

    def _on_changed(self, changes: Any) -> None:
        if _NAMED & changes.tables.keys():
            self.filters.refresh_parts()

    # -- what is shown ------------------------------------------------------------------------

    def _fetch(self, ids: Sequence[int]) -> list[Item]:
        return self.context.ask(task_lists.lines, ids, now=self.context.now())

    def _monday(self) -> int:
        return monday_of(self.context.store.zone.day_of(self.context.now()))

    def show_list(self, kind: str) -> None:
        """Show one of the lists."""
        self.kind, self.by_week, self._begins = kind, False, False
        self.context.remember.set("tasks/list", kind)
        self._asks_anew()

    def set_view(self, week: bool) -> None:
        """List or week."""
        self.by_week = week
        self.context.remember.set("tasks/view", "week" if week else "list")
        self._asks_anew()

    def step_week(self, by: int) -> None:
        """Another week; 0 is this one."""
        if self.by_week:
            self.first_day = monday_of(self.first_day + 7 * by) if by else self._monday()
            self._asks_anew()

    def _asks_anew(self, step: bool = True) -> None:
        self._clear()
        self._show_mode()
        self.reading.ask()
        self.address_changed.emit(step)

    def _show(self, found: tuple[Answer, Week | None]) -> None:
        answer, week = found
        self._begin_with(answer.asked.kind)
        several = self.is_team or answer.asked.kind == "accept"
        self.list.painter.team = several
        self.model.set_ids(answer.ids)
        numbers = dict(answer.counts)
        if self.kind == "done":
            numbers["done"] = len(answer.ids)
        self.bar.show_counts(numbers, self.doing.accepts)
        if week is not None:
            self.week.show_week(week, self.is_team)
            self.bar.show_week(week.first_day, week.before)
        had = self.list.hasFocus() or self.empty.button.hasFocus()
        self._show_mode()
        if self._wanted_task in answer.ids:
            self.list.go(answer.ids.index(self._wanted_task))
        self._wanted_task = 0
        if had:
            self._focus()

    def _begin_with(self, kind: str) -> None:
        """The first answer has come: it says which list the page begins with."""
        if self._begins and not self.by_week:
            self._begins = False
            if self.kind == "today" and kind == "overdue":
                self.kind = kind
                self.address_changed.emit(False)

    def _show_mode(self) -> None:
        """What stands in the middle and over it."""
        self.views.set_value("week" if self.by_week else "list")
        self.bar.lists.set_value(self.kind)
        if self.by_week:
            self.stack.setCurrentWidget(self.week)
        else:
            self.stack.setCurrentWidget(self.list if self.model.ids else self.empty)
            self._say_empty()
        closed = not self.by_week and self.kind in ("done", "accept")
        ticked = self._ticked()
        accept = self.doing.accepts and not self.by_week and self.kind == "accept"
        self.bar.show_mode(self.by_week, ticked, closed, accept)
        self.filters.show_selecting(ticked > 0)

    def _say_empty(self) -> None:
        if self.filters.texts():
            self.empty.set_texts(tr("No task of this list is like that."), tr("Show all"))
            return
        leads = words.leads_to(self.kind, self.bar.overdue)
        self.empty.set_texts(tr(words.EMPTY[self.kind]), tr(words.LEADS[leads]))

    def _from_empty(self) -> None:
        if self.filters.texts():
            self.filters.list.clear()
        elif other := words.leads_to(self.kind, self.bar.overdue):
            self.show_list(other)
        else:
            self.add()

    def _focus(self) -> None:
        if self.by_week:
            self.week.current().setFocus()
        else:
            (self.list if self.model.ids else self.empty.button).setFocus()

    # -- what is done -------------------------------------------------------------------------

    def _ticked(self) -> int:
        if self.by_week:
            return sum(len(day.tasks.ticks) for day in self.week.days)
        return len(self.model.ticks)

    def _clear(self) -> None:
        self.model.tick_all(False)
        self.week.clear_ticks()

    def add(self) -> None:
        """The form of a new task."""
        self.doing.actions.add(self.new_button)

    def items(self) -> list[Item]:
        """What a command is about."""
        if self.by_week:
            return self.week.items(self.week.acted_on())
        return self.model.items(self.list.acted_on())

    def place(self) -> QPoint:
        """Where a form opens."""
        if self.by_week:
            return self.week.place()
        row = self.list.row()
        shown = self.list.viewport().rect().intersects(self.list.visualRect(self.model.index(row)))
        return self.list.place_of(row) if shown else self.bar.mapToGlobal(QPoint(0, 40))


def _names(
    r: Any, seen: frozenset[int] | None, me: int | None, today: int
) -> list[tuple[int, str]]:
    from salesdesk.services import people

    return [
        (one.id, one.name)
        for one in people.people(r, on_day=today)
        if one.id != me and (seen is None or one.id in seen)
    ]
