"""Plans and norms of people and teams, and from which share of a plan on a number is coloured."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from salesdesk.moments import month_of
from salesdesk.services import people, ranking_plans, settings
from salesdesk.services.levels import NORMED, PLANNED
from salesdesk.services.people import Person, Team
from salesdesk.services.ranking_plans import Entry as Planned
from salesdesk.text import N_, ntr, tr
from salesdesk.ui import formats, theme
from salesdesk.ui.context import Context
from salesdesk.ui.settings.cells import Entry
from salesdesk.ui.settings.grid import Change, Grid, GridModel, Line, Subject
from salesdesk.ui.settings.section import Section, card, inline
from salesdesk.ui.settings.teams import tree
from salesdesk.ui.widgets.buttons import IconButton
from salesdesk.ui.widgets.chips import ChipRow
from salesdesk.ui.widgets.kinds import NumberKind
from salesdesk.ui.widgets.labels import Card, label

TITLES = {
    "requests_new": N_("New requests"), "meetings_scheduled": N_("Meetings scheduled"),
    "meetings_held": N_("Meetings held"), "contracts_signed": N_("Contracts signed"),
    "advances_paid": N_("Advances paid"), "won": N_("Deals won"), "points": N_("Points"),
    "revenue": N_("Revenue"), "gross_profit": N_("Gross profit"), "lost": N_("Deals lost"),
    "tasks_overdue": N_("Overdue"), "deals_without_tasks": N_("Without tasks"),
}  # fmt: skip
_MONTHS = {"month": 1, "quarter": 3, "half": 6, "year": 12}
_KIND = NumberKind(0, Decimal(10) ** 12 - 1, 4)
_FIRST, _LAST = 1970 * 12, 2199 * 12 + 11
Numbers = dict[tuple[Subject, str], Decimal]


@dataclass(frozen=True)
class Found:
    """Plans of the period, norms of the month and of every month, whom they may be set for."""

    people: tuple[Person, ...]
    teams: tuple[Team, ...]
    plans: tuple[Planned, ...]
    norms: tuple[Planned, ...]
    mine: frozenset[Subject]
    full: int
    half: int


class PlansSection(Section):
    """A grid of plans for a month (or longer), a grid of norms, the thresholds."""

    tables = frozenset({"plan", "norm", "person", "team", "setting"})

    def __init__(self, context: Context, title: str) -> None:
        super().__init__(context, title)
        self.month = month_of(self.today())
        self._build_period()
        self.plans = GridModel([(metric, TITLES[metric]) for metric in PLANNED], _KIND)
        self.norms = GridModel([(metric, TITLES[metric]) for metric in NORMED], _KIND)
        self.plan_grid = self._add_grid("settings-plans-grid", tr("Plans"), self.plans)
        self.plans.changed.connect(self._on_plans)
        self._build_norms()
        self._build_thresholds()

    def _build_period(self) -> None:
        self.before = IconButton("chevron-left", tr("Period before"), "settings-plans-before",
                                 lambda: self._turn(-1), "quiet")  # fmt: skip
        self.after = IconButton("chevron-right", tr("Period after"), "settings-plans-after",
                                lambda: self._turn(1), "quiet")  # fmt: skip
        self.period = label("", "strong")
        self.period.setMinimumWidth(120)
        self.span = ChipRow(
            [("month", tr("Month")), ("quarter", tr("Quarter")), ("half", tr("Half-year")),
             ("year", tr("Year"))],
            "settings-plans-span", tr("Plan for"),
        )  # fmt: skip
        self.span.chosen.connect(lambda _key: self.refresh())
        self.inside.addWidget(inline(self.span, self.before, self.period, self.after, 1))
        self.shared = label(
            tr("A total is shared over its months by working days. A team without a plan of its "
               "own shows the sum of its people."), "muted", wrap=True,
        )  # fmt: skip
        self.inside.addWidget(self.shared)

    def _add_grid(self, name: str, accessible: str, model: GridModel) -> Grid:
        grid = Grid(name, accessible, model)
        wrong = label("", "problem", wrap=True)
        wrong.setObjectName(f"{name}-problem")
        wrong.setContentsMargins(theme.M, theme.XS, theme.M, theme.S)
        wrong.hide()

        def judge(text: str) -> None:
            wrong.setText(text)
            wrong.setVisible(bool(text))

        grid.editor.judged.connect(judge)
        box = card()
        box.body.addWidget(grid)
        box.body.addWidget(wrong)
        self.inside.addWidget(box)
        return grid

    def _build_norms(self) -> None:
        self.always = ChipRow(
            [("always", tr("Every month")), ("month", tr("This month only"))],
            "settings-norms-span", tr("Norm for"),
        )  # fmt: skip
        self.always.chosen.connect(lambda _key: self.refresh())
        self.inside.addWidget(inline(label(tr("Norms"), "title"), self.always, 1))
        self.inside.addWidget(
            label(tr("What is still acceptable: refusals in a month; overdue tasks and deals "
                     "without tasks at any moment."), "muted", wrap=True)
        )  # fmt: skip
        self.norm_grid = self._add_grid("settings-norms-grid", tr("Norms"), self.norms)
        self.norms.changed.connect(self._on_norms)

    def _build_thresholds(self) -> None:
        box = Card(tr("Colours"))
        self.levels: dict[str, Entry] = {}
        wrong = label("", "problem", wrap=True)
        wrong.hide()
        for spec in (settings.LEVEL_FULL, settings.LEVEL_HALF):
            field = Entry(NumberKind(1, 1000, 0, True, "%"), f"settings-{spec.name}",
                          tr(spec.title), 84, "inline")  # fmt: skip
            field.committed.connect(lambda value, name=spec.name: self._on_level(name, value))
            field.problem.connect(wrong.setText)
            field.problem.connect(lambda text: wrong.setVisible(bool(text)))
            self.levels[spec.name] = field
            words = label(tr(spec.title), "muted")
            words.setFixedWidth(200)
            box.body.addWidget(inline(words, field, 1))
        box.body.addWidget(wrong)
        self.colours = box
        self.inside.addWidget(box)

    # -- reading ------------------------------------------------------------------------------

    def months(self) -> range:
        """The months that a number of the plans' grid is for."""
        count = _MONTHS[self.span.value()]
        first = self.month - self.month % count
        return range(first, first + count)

    def question(self, r: Any) -> Found:
        everybody, teams = tuple(people.people(r)), tuple(people.teams(r))
        norm_month = None if self.always.value() == "always" else self.month
        return Found(
            tuple(each for each in everybody if self._works(each)), teams,
            tuple(each for month in self.months() for each in ranking_plans.plans(r, month)),
            tuple(ranking_plans.norms(r, norm_month)),
            frozenset(_plannable(r, self.context, everybody, teams)),
            settings.get(r, settings.LEVEL_FULL), settings.get(r, settings.LEVEL_HALF),
        )  # fmt: skip

    def _works(self, person: Person) -> bool:
        from salesdesk.moments import month_start

        months = self.months()
        first, last = month_start(months[0]), month_start(months[-1] + 1) - 1
        return (person.first_day is None or person.first_day <= last) and (
            person.last_day is None or person.last_day >= first
        )

    def set_allowed(self, may: bool) -> None:
        self.colours.setEnabled(may)
        self.refused.setVisible(not may and self.context.role != "team_lead")

    def fill(self, found: Found) -> None:
        months = self.months()
        self.period.setText(
            formats.month(months[0])
            if len(months) == 1
            else f"{formats.month(months[0])} – {formats.month(months[-1])}"
        )
        plans = _sums(found.plans)
        lines = _lines(found, everybody=False)
        self.plans.show_lines(lines, plans, _team_hints(found, plans))
        self.norms.show_lines(_lines(found, everybody=True), _sums(found.norms), {})
        for grid in (self.plan_grid, self.norm_grid):
            grid.fit_height(24)
        self.levels[settings.LEVEL_FULL.name].set_value(Decimal(found.full))
        self.levels[settings.LEVEL_HALF.name].set_value(Decimal(found.half))

    # -- changing -----------------------------------------------------------------------------

    def _turn(self, by: int) -> None:
        step = _MONTHS[self.span.value()]
        self.month = min(max(self.month + by * step, _FIRST), _LAST)
        self.refresh()

    def _on_plans(self, changes: list[Change]) -> None:
        months = self.months()
        emptied = all(value is None for _subject, _metric, value in changes)
        if len(changes) > 1 and (len(months) == 1 or emptied):
            # An entry without a value takes the plan away; the whole block is one command.
            entries = [
                Planned(metric, person, team, month, value)  # type: ignore[arg-type]
                for (person, team), metric, value in changes
                for month in months
            ]
            said = ntr("{n} plan set", "{n} plans set", len(changes))
            self.do(ranking_plans.set_plans, entries, say=said)
            return
        for (person, team), metric, value in changes:
            said = tr("Plan set: {metric}", metric=tr(TITLES[metric]))
            self.do(
                ranking_plans.set_plan, metric, months[0], value, person_id=person, team_id=team,
                months=len(months), say=said,
            )  # fmt: skip

    def _on_norms(self, changes: list[Change]) -> None:
        month = None if self.always.value() == "always" else self.month
        for (person, team), metric, value in changes:
            said = tr("Norm set: {metric}", metric=tr(TITLES[metric]))
            self.do(ranking_plans.set_norm, metric, value, month=month, person_id=person,
                    team_id=team, say=said)  # fmt: skip

    def _on_level(self, name: str, value: Decimal) -> None:
        self.do(settings.change, {name: int(value)}, say=tr("Colours changed"),
                cell=self.levels[name])  # fmt: skip


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


def _sums(entries: tuple[Planned, ...]) -> Numbers:
    found: Numbers = {}
    for each in entries:
        key = ((each.person_id, each.team_id), each.metric)
        found[key] = found.get(key, Decimal(0)) + each.value
    return found


def _lines(found: Found, everybody: bool) -> list[Line]:
    """Teams as a tree with their people, those without a team at the end."""
    lines: list[Line] = []
    if everybody:
        subject: Subject = (None, None)
        lines.append(Line(subject, tr("Everybody"), 0, True, subject in found.mine))
    known = {team.id for team in found.teams}
    for team, depth in tree(found.teams):
        subject = (None, team.id)
        lines.append(Line(subject, team.name, depth, True, subject in found.mine))
        inside = [each for each in found.people if each.team_id == team.id]
        lines += [_person(each, depth + 1, found) for each in inside]
    alone = [each for each in found.people if each.team_id not in known]
    return lines + [_person(each, 0, found) for each in alone]


def _person(person: Person, depth: int, found: Found) -> Line:
    subject: Subject = (person.id, None)
    return Line(subject, person.name, depth, False, subject in found.mine)


def _team_hints(found: Found, plans: Numbers) -> Numbers:
    """Where a team has no plan of its own: the sum of the people in it and in the teams inside."""
    above = {team.id: team.parent_id for team in found.teams}
    hints: Numbers = {}
    for person in found.people:
        team, seen = person.team_id, set[int]()
        while team is not None and team not in seen:
            for metric in PLANNED:
                value = plans.get(((person.id, None), metric))
                if value is not None:
                    key: tuple[Subject, str] = ((None, team), metric)
                    hints[key] = hints.get(key, Decimal(0)) + value
            seen.add(team)
            team = above.get(team)
    return hints
