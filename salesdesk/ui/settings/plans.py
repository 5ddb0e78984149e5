"""Plans and norms of people and teams, and from which share of a plan on a number is coloured."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from PySide6.QtWidgets import QWidget

from salesdesk.moments import month_of, month_start
from salesdesk.services import action_plans, people, plan_blocks, ranking_plans
from salesdesk.services.levels import NORMED, PLANNED
from salesdesk.services.metric_names import METRIC_NAMES
from salesdesk.services.people import Person, Team
from salesdesk.services.plan_blocks import Subject
from salesdesk.services.ranking_plans import Entry as Planned
from salesdesk.text import ntr, tr
from salesdesk.ui import formats, theme
from salesdesk.ui.context import Context
from salesdesk.ui.settings import plan_columns, thresholds
from salesdesk.ui.settings.cells import Choice
from salesdesk.ui.settings.grid import TOTAL, Change, GridModel
from salesdesk.ui.settings.grid_view import Grid
from salesdesk.ui.settings.plan_columns import SPANS, Column
from salesdesk.ui.settings.plan_tools import PlanTools
from salesdesk.ui.settings.section import Section, card, inline
from salesdesk.ui.settings.thresholds import Thresholds
from salesdesk.ui.widgets.buttons import IconButton
from salesdesk.ui.widgets.chips import ChipRow
from salesdesk.ui.widgets.empty import EmptyState
from salesdesk.ui.widgets.kinds import NumberKind
from salesdesk.ui.widgets.labels import label

_KIND = NumberKind(0, Decimal(10) ** 12 - 1, 4, grouped=True)
_FIRST, _LAST = 1970 * 12, 2199 * 12 + 11
_METRIC = "settings/plans-metric"
_ROWS = 24


@dataclass(frozen=True)
class Found:
    """Plans of the months shown, norms of the month or of every month, whom one may plan for."""

    people: tuple[Person, ...]
    teams: tuple[Team, ...]
    columns: tuple[Column, ...]
    plans: tuple[Planned, ...]
    norms: tuple[Planned, ...]
    mine: frozenset[Subject]
    thresholds: tuple[tuple[str, int], ...]
    kinds: dict[int, str]


class PlansSection(Section):
    """A grid of plans (month beside month, or metric beside metric), one of norms, thresholds."""

    tables = frozenset({"plan", "norm", "person", "team", "setting", "task_kind"})

    def __init__(self, context: Context, title: str) -> None:
        super().__init__(
            context, title,
            tr("What people and teams are to reach. A total of several months is shared by working "
               "days; a team without a plan has the sum of its people."),
        )  # fmt: skip
        self.month = month_of(self.today())
        self.kinds: dict[int, str] = {}
        self.plans = GridModel([], _KIND)
        self.norms = GridModel([(metric, tr(METRIC_NAMES[metric])) for metric in NORMED], _KIND)
        self._build_period()
        self.nobody = EmptyState(
            "settings-plans-nobody", tr("Plans belong to people and teams. There are none yet."),
            tr("Add people"), lambda: context.go("settings", "people"), "user",
        )  # fmt: skip
        self.nobody.hide()
        self.inside.addWidget(self.nobody)
        self.plan_grid = self._make_grid("settings-plans-grid", tr("Plans"), self.plans)
        self.tools = PlanTools(self.plan_grid, self._on_copy_before, self._on_change_by)
        self.inside.insertWidget(self.inside.count() - 1, self.tools)
        self.plans.changed.connect(self._on_plans)
        self._build_norms()
        self._build_thresholds()

    def _build_period(self) -> None:
        self.view = ChipRow(
            [("months", tr("By month")), ("metrics", tr("By metric"))], "settings-plans-view",
            tr("What stands beside each other"),
        )  # fmt: skip
        self.view.chosen.connect(lambda _key: self.refresh())
        self.which = Choice("settings-plans-metric", tr("Metric"), 168, "plain")
        self._offer({})
        self.which.set_value(self.context.remember.text(_METRIC, "revenue"))
        self.which.chosen.connect(self._on_metric)
        self.span = ChipRow(
            [("month", tr("Month")), ("quarter", tr("Quarter")), ("half", tr("Half-year")),
             ("year", tr("Year"))],
            "settings-plans-span", tr("Plan for"),
        )  # fmt: skip
        self.span.chosen.connect(lambda _key: self.refresh())
        self.before = IconButton("chevron-left", tr("Period before"), "settings-plans-before",
                                 lambda: self._turn(-1), "quiet")  # fmt: skip
        self.after = IconButton("chevron-right", tr("Period after"), "settings-plans-after",
                                lambda: self._turn(1), "quiet")  # fmt: skip
        self.period = label("", "strong")
        self.inside.addWidget(
            inline(self.view, self.which, self.span, 1, self.before, self.period, self.after)
        )

    def _make_grid(self, name: str, accessible: str, model: GridModel) -> Grid:
        grid = Grid(name, accessible, model)
        wrong = label("", "problem", wrap=True)
        wrong.setObjectName(f"{name}-problem")
        wrong.setContentsMargins(theme.M, theme.S, theme.M, theme.XS)
        wrong.hide()

        def judge(text: str) -> None:
            wrong.setText(text)
            wrong.setVisible(bool(text))

        grid.judged.connect(judge)
        box = card()
        box.body.addWidget(wrong)  # over the grid: a toast may stand on what is below
        box.body.addWidget(grid)
        self.inside.addWidget(box)
        return grid

    def _build_norms(self) -> None:
        self.always = ChipRow(
            [("always", tr("Every month")), ("month", tr("One month only"))],
            "settings-norms-span", tr("Norm for"),
        )  # fmt: skip
        self.always.chosen.connect(lambda _key: self.refresh())
        self.norm_at = self.month
        self.norm_month = label("", "strong")
        before = IconButton("chevron-left", tr("Month before"), "settings-norms-before",
                            lambda: self._turn_norms(-1), "quiet")  # fmt: skip
        after = IconButton("chevron-right", tr("Month after"), "settings-norms-after",
                           lambda: self._turn_norms(1), "quiet")  # fmt: skip
        self.norm_period = inline(before, self.norm_month, after)
        self.inside.addWidget(inline(label(tr("Norms"), "title"), self.always, self.norm_period, 1))
        self.inside.addWidget(
            label(tr("What is still acceptable: refusals in a month; overdue tasks and deals "
                     "without tasks at any moment."), "muted", wrap=True)
        )  # fmt: skip
        self.norm_grid = self._make_grid("settings-norms-grid", tr("Norms"), self.norms)
        self.norms.changed.connect(self._on_norms)

    def _build_thresholds(self) -> None:
        self.cards = (
            Thresholds(
                self, tr("Colours"),
                tr("From which share of its plan on a number of the ranking is green or yellow."),
                thresholds.COLOURS, tr("Colours changed"),
            ),
            Thresholds(
                self, tr("Control desk"),
                tr("What the control desk marks: tasks that wait for their event too long, and "
                   "those that are postponed again and again."),
                thresholds.DESK, tr("Control desk changed"),
            ),
        )  # fmt: skip
        for each in self.cards:
            self.inside.addWidget(each)

    # -- reading ------------------------------------------------------------------------------

    def _by_month(self) -> bool:
        return self.view.value() == "months"

    def columns(self, r: Any, kinds: dict[int, str]) -> list[Column]:
        """What stands beside each other: of actions those kinds of task that have plans."""
        months = SPANS[self.span.value()]
        if self._by_month():
            return plan_columns.of_months(self.which.value, self.month // 12, months)
        planned = action_plans.planned_kinds(r)
        metrics = [*PLANNED, *(action_plans.metric_of(key) for key in kinds if key in planned)]
        first = self.month - self.month % months
        return plan_columns.of_metrics(metrics, first, months, kinds)

    def months(self) -> range:
        """All months that are shown."""
        step = SPANS[self.span.value()]
        step, month = (12 if self._by_month() else step), self.month
        return range(month - month % step, month - month % step + step)

    def question(self, r: Any) -> Found:
        everybody, teams = tuple(people.people(r)), tuple(people.teams(r))
        norm_month = None if self.always.value() == "always" else self.norm_at
        kinds = action_plans.kinds(r)
        columns, months = self.columns(r, kinds), self.months()
        return Found(
            tuple(each for each in everybody if _works(each, months)), teams,
            tuple(columns),
            tuple(each for month in months for each in ranking_plans.plans(r, month)),
            tuple(ranking_plans.norms(r, norm_month)),
            frozenset(_plannable(r, self.context, everybody, teams)),
            thresholds.read(r), kinds,
        )  # fmt: skip

    def set_allowed(self, may: bool) -> None:
        for each in self.cards:
            each.setEnabled(may)
        self.refused.setVisible(not may and self.context.role != "team_lead")

    def _offer(self, kinds: dict[int, str]) -> None:
        """The metrics whose months can stand beside each other."""
        self.kinds = kinds
        metrics = [*PLANNED, *map(action_plans.metric_of, kinds)]
        self.which.set_options(
            [(each, plan_columns.title_of(each, kinds)) for each in metrics], tr("Metric")
        )

    def fill(self, found: Found) -> None:
        if found.kinds != self.kinds:
            chosen = self.which.value
            self._offer(found.kinds)
            self.which.set_value(self.context.remember.text(_METRIC, "revenue"))
            if self.which.value != chosen and self._by_month():
                self.refresh()
        self._show_period(found.columns)
        known, columns = plan_columns.schedules(found.plans), found.columns
        self.plans.show_numbers(
            [(each, each.title) for each in columns],
            plan_columns.lines(found.people, found.teams, found.mine, TOTAL),
            plan_columns.entered(known, columns),
            plan_columns.followed(known, columns, found.people, found.teams),
        )
        norms = {((each.person_id, each.team_id), each.metric): each.value for each in found.norms}
        self.norms.show_numbers(
            self.norms.columns,
            plan_columns.lines(found.people, found.teams, found.mine, (None, None)), norms, {},
        )  # fmt: skip
        for grid in (self.plan_grid, self.norm_grid):
            grid.fit_height(_ROWS)
        self._begin()
        there = bool(found.people or found.teams)
        _card_of(self.plan_grid).setVisible(there)
        self.nobody.setVisible(not there)
        self.tools.setVisible(there)
        self.tools.set_allowed(bool(found.mine))
        self.tools.show_chosen()
        for each in self.cards:
            each.fill(dict(found.thresholds))

    def _show_period(self, columns: Sequence[Column]) -> None:
        by_month, first = self._by_month(), columns[0]
        last = first.first + first.months - 1
        if by_month:
            said = str(self.month // 12)
        elif first.months == 1:
            said = formats.month(first.first)
        else:
            said = f"{formats.month(first.first)} – {formats.month(last)}"
        self.period.setText(said)
        self.which.setVisible(by_month)
        self.norm_month.setText(formats.month(self.norm_at))
        self.norm_period.setVisible(self.always.value() == "month")
        self.tools.set_before(
            {"month": tr("Copy the month before"), "quarter": tr("Copy the quarter before"),
             "half": tr("Copy the half-year before"), "year": tr("Copy the year before")}
            [self.span.value()]
        )  # fmt: skip

    def _begin(self) -> None:
        """The keyboard begins at the present month."""
        if self.plan_grid.currentIndex().isValid() or not self.plans.lines:
            return
        now = month_of(self.today())
        at = next((at for at, (key, _title) in enumerate(self.plans.columns, 1)
                   if isinstance(key, Column) and now in key.span), 1)  # fmt: skip
        index = self.plans.index(0, at)
        self.plan_grid.setCurrentIndex(index)
        self.plan_grid.clearSelection()

    # -- changing -----------------------------------------------------------------------------

    def _turn(self, by: int) -> None:
        step = 12 if self._by_month() else SPANS[self.span.value()]
        self.month = min(max(self.month + by * step, _FIRST), _LAST)
        self.refresh()

    def _turn_norms(self, by: int) -> None:
        self.norm_at = min(max(self.norm_at + by, _FIRST), _LAST)
        self.refresh()

    def _on_metric(self, metric: str) -> None:
        self.context.remember.set(_METRIC, metric)
        self.refresh()

    def _on_plans(self, changes: list[Change]) -> None:
        values = [(column.cell(subject), value) for subject, column, value in changes]
        said = ntr("{n} plan set", "{n} plans set", len(values))
        if len(values) == 1:
            metric = plan_columns.title_of(values[0][0].metric, self.kinds)
            said = tr("Plan set: {metric}", metric=metric)
        self.do(plan_blocks.set_cells, values, say=said)

    def _chosen(self) -> list[plan_blocks.Cell]:
        return [key.cell(subject) for subject, key in self.plan_grid.places()
                if isinstance(key, Column)]  # fmt: skip

    def _on_copy_before(self) -> None:
        """Into the cells selected; where none (or one alone) is, into the whole column of it, or
        into the whole table when metrics stand beside each other."""
        cells = self._chosen()
        if len(cells) < 2:
            at = self.plan_grid.currentIndex().column()
            columns = [key for key, _title in self.plans.columns if isinstance(key, Column)]
            if self._by_month():
                columns = columns[max(at, 1) - 1 : max(at, 1)]
            cells = [column.cell(line.subject) for line in self.plans.lines if line.editable
                     for column in columns]  # fmt: skip
        if cells:
            self._rewrite(plan_blocks.copy_before, cells)

    def _on_change_by(self, percent: Decimal) -> None:
        """The plans selected, however many."""
        cells = self._chosen()
        if cells:
            self._rewrite(plan_blocks.change_by, cells, percent)
        else:
            self.plan_grid.judged.emit(tr("First select the plans that are to change."))

    def _rewrite(self, verb: Any, *args: Any) -> None:
        def said(done: plan_blocks.Planned) -> str:
            return ntr("{n} plan changed", "{n} plans changed", done.cells)

        self.context.write(verb, *args, say=said)

    def _on_norms(self, changes: list[Change]) -> None:
        month = None if self.always.value() == "always" else self.norm_at
        entries = [
            (Planned(metric, person, team, month, Decimal(0)), value)
            for (person, team), metric, value in changes
        ]
        said = ntr("{n} norm set", "{n} norms set", len(entries))
        if len(entries) == 1:
            said = tr("Norm set: {metric}", metric=tr(METRIC_NAMES[entries[0][0].metric]))
        self.do(plan_blocks.set_norms, entries, say=said)


def _card_of(grid: QWidget) -> QWidget:
    found = grid.parentWidget()
    assert found is not None
    return found


def _works(person: Person, months: range) -> bool:
    """Whether someone works here in one of the months."""
    first, last = month_start(months[0]), month_start(months[-1] + 1) - 1
    return (person.first_day is None or person.first_day <= last) and (
        person.last_day is None or person.last_day >= first
    )


def _plannable(
    r: Any,
    context: Context,
    everybody: tuple[Person, ...],
    teams: tuple[Team, ...],
) -> set[Subject]:
    """For whom the person who works here may set plans and norms."""
    me = context.person_id
    everything: set[Subject] = {(None, None)}
    everything |= {(each.id, None) for each in everybody} | {(None, each.id) for each in teams}
    if people.may_configure(r, me) and context.may("plans"):
        return everything
    lead = next((each for each in everybody if each.id == me), None)
    if lead is None or lead.role != "team_lead":
        return set()
    led: set[int] = set()
    for team in teams:
        if team.lead_id == me or team.id == lead.team_id:
            led |= people.teams_within(r, team.id)
    mine: set[Subject] = {(None, team) for team in led}
    own = [each.id for each in everybody if each.id == me or people.may_lead(r, me, each.id)]
    return mine | {(person, None) for person in own}
