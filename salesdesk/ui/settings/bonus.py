"""Bonuses: which share of the gross profit is paid from which degree of the plan on; and from where
on a single deal is marked as large."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from salesdesk.services import bonuses, settings
from salesdesk.services.bonuses import Step
from salesdesk.text import tr
from salesdesk.ui import formats, theme
from salesdesk.ui.context import Context
from salesdesk.ui.settings.cells import Choice, Entry, trash
from salesdesk.ui.settings.section import END, Row, Rows, Section, card, heads, inline, words
from salesdesk.ui.settings.thresholds import Thresholds
from salesdesk.ui.widgets.buttons import Button
from salesdesk.ui.widgets.kinds import NumberKind
from salesdesk.ui.widgets.labels import label

_FROM, _SHARE = 200, 200
_DEGREE = NumberKind(0, 1000, 0, True, "%")
_PERCENT = NumberKind(0, 100, 2, True, "%")


@dataclass(frozen=True)
class Found:
    """The table, and the settings beside it."""

    steps: tuple[Step, ...]
    by: str
    large: int


class BonusSection(Section):
    """The steps in a small grid, the lowest first."""

    tables = frozenset({"bonus_step", "setting"})

    def __init__(self, context: Context, title: str) -> None:
        super().__init__(
            context, title,
            tr("The share of the gross profit that is paid, by the degree to which the plan was "
               "met. Bonuses are paid from closed months; a month keeps the table that stood when "
               "it was closed."),
        )  # fmt: skip
        self.by = Choice("settings-bonus-by", tr(settings.BONUS_BY.title), 180, "plain")
        self.by.chosen.connect(self._on_by)
        self.inside.addWidget(inline(label(tr(settings.BONUS_BY.title), "muted"), self.by, 1))
        self.card = card()
        self.head = heads([(tr("From this share of the plan"), _FROM),
                           (tr("Paid of the gross profit"), _SHARE), ("", 0),
                           ("", END)])  # fmt: skip
        self.card.body.addWidget(self.head)
        self.rows = Rows(lambda item: _StepRow(self, item.from_percent))
        self.card.body.addWidget(self.rows)
        self.none = label(tr("No steps yet: nobody gets a bonus."), "muted")
        self.none.setContentsMargins(theme.M + 3, theme.M, theme.M, 0)
        self.card.body.addWidget(self.none)
        self._build_add()
        self.inside.addWidget(self.card)
        self.large = Thresholds(
            self, tr("Large deals"), tr(settings.LARGE_DEAL.description), (settings.LARGE_DEAL,),
            tr("Large deals are marked otherwise now"),
        )  # fmt: skip
        self.inside.addWidget(self.large)

    def _build_add(self) -> None:
        self.start = Entry(_DEGREE, "settings-bonus-from", tr("From this share of the plan"),
                           _FROM, "inline")  # fmt: skip
        self.start.setPlaceholderText("80 %")
        self.share = Entry(_PERCENT, "settings-bonus-share", tr("Paid of the gross profit"),
                           _SHARE, "inline")  # fmt: skip
        self.share.setPlaceholderText("5 %")
        self.share.returnPressed.connect(self._on_add)
        self.button = Button(tr("Add step"), "settings-bonus-add", "link", self._on_add)
        self.problem = label("", "problem", wrap=True)
        self.problem.setContentsMargins(theme.M + 3, 0, theme.M, theme.S)
        self.problem.hide()
        edge = (theme.S, theme.S, theme.S, theme.S)
        row = inline(self.start, self.share, self.button, 1, margins=edge)
        self.card.body.addWidget(row)
        self.card.body.addWidget(self.problem)

    # -- reading ------------------------------------------------------------------------------

    def question(self, r: Any) -> Found:
        return Found(tuple(bonuses.steps(r)), settings.get(r, settings.BONUS_BY),
                     settings.get(r, settings.LARGE_DEAL))  # fmt: skip

    def fill(self, found: Found) -> None:
        self.found = found
        plans = [(key, tr(name)) for key, name in settings.BONUS_PLANS.items()]
        self.by.set_options(plans, tr(settings.BONUS_BY.title))
        self.by.set_value(found.by)
        self.head.setVisible(bool(found.steps))
        self.none.setVisible(not found.steps)
        self.rows.set_items([(step.from_percent, step) for step in found.steps])
        self.large.fill({settings.LARGE_DEAL.name: found.large})

    # -- writing ------------------------------------------------------------------------------

    def set_steps(self, steps: list[Step], said: str, cell: Any = None) -> None:
        """Replace the table."""
        self.do(bonuses.set_steps, steps, say=said, cell=cell)

    def _on_by(self, by: str) -> None:
        said = tr("Another plan counts for bonuses now")
        self.do(settings.change, {settings.BONUS_BY.name: by}, say=said)

    def _say(self, text: str) -> None:
        self.problem.setText(text)
        self.problem.setVisible(bool(text))

    def _on_add(self) -> None:
        good = [field.commit() for field in (self.start, self.share)]
        start, share = self.start.value(), self.share.value()
        if not all(good) or start is None or share is None:
            self._say(tr("Give a share of the plan, and what is paid from there on."))
            return
        if any(step.from_percent == start for step in self.found.steps):
            self._say(tr("There is a step from there on already."))
            return
        self._say("")
        said = tr("Step added")
        steps = [*self.found.steps, Step(int(start), share)]
        self.do(bonuses.set_steps, steps, say=said, done=self._on_added)

    def _on_added(self, _command: Any) -> None:
        for field in (self.start, self.share):
            field.set_value(None)
        self.start.setFocus()


class _StepRow(Row):
    def __init__(self, section: BonusSection, start: int) -> None:
        super().__init__(f"settings-bonus-{start}")
        self.section = section
        self.start = Entry(_DEGREE, f"settings-bonus-{start}-from",
                           tr("From this share of the plan"), _FROM)  # fmt: skip
        self.share = Entry(_PERCENT, f"settings-bonus-{start}-share",
                           tr("Paid of the gross profit"), _SHARE)  # fmt: skip
        self.said = words(0, "muted")
        self.start.committed.connect(lambda value: self._on_set(value, self.step.percent))
        self.share.committed.connect(lambda value: self._on_set(self.step.from_percent, value))
        self.add(self.start)
        self.add(self.share)
        self.add(self.said, 1)
        self.add(trash(f"settings-bonus-{start}-remove", tr("Remove the step"), self._on_remove))

    def fill(self, item: Any) -> None:
        self.step: Step = item
        self.start.set_value(Decimal(item.from_percent))
        self.share.set_value(item.percent)
        paid, profit = formats.decimal(item.percent * 1000), formats.whole(100_000)
        self.said.set_text(tr("{paid} of {profit} gross profit", paid=paid, profit=profit))

    def _others(self) -> list[Step]:
        return [step for step in self.section.found.steps if step != self.step]

    def _on_set(self, start: Any, share: Decimal) -> None:
        steps = [*self._others(), Step(int(start), share)]
        self.section.set_steps(steps, tr("Step changed"), self.share)

    def _on_remove(self) -> None:
        self.section.set_steps(self._others(), tr("Step removed"))
