"""The sync: who makes the tasks, what decides when both sides changed a field, publishing."""

from dataclasses import dataclass
from typing import Any

from salesdesk.services.sync import deciding, desk, maps, options
from salesdesk.services.sync.desk import Choices
from salesdesk.text import N_, tr, trp
from salesdesk.ui import theme
from salesdesk.ui.context import Context
from salesdesk.ui.settings.publishing import Publishing
from salesdesk.ui.settings.section import Row, Rows, Section, card, inline
from salesdesk.ui.widgets.buttons import Button
from salesdesk.ui.widgets.chips import ChipRow
from salesdesk.ui.widgets.labels import Card, label
from salesdesk.ui.widgets.since import Since
from salesdesk.ui.widgets.switcher import Switcher

_NAME = 260
_FIELDS = {
    "deal.stage": N_("Stage of a deal"), "deal.amount": N_("Amount of a deal"),
    "deal.expected_day": N_("Expected close date of a deal"),
    "deal.owner": N_("Responsible for a deal"), "deal.title": N_("Title of a deal"),
    "deal.company": N_("Company of a deal"), "deal.contact": N_("Contact of a deal"),
    "company.name": N_("Name of a company"), "company.phones": N_("Phones of a company"),
    "contact.name": N_("Name of a contact"), "contact.phones": N_("Phones of a contact"),
    "task.title": N_("Title of a task"), "task.owner": N_("Who does a task"),
    "task.due_at": N_("When a task is due"), "task.done": N_("Whether a task is done"),
}  # fmt: skip
_RULES = {
    "ask": N_("somebody decides"), "ours": N_("SalesDesk holds"), "theirs": N_("the CRM holds"),
    "closed": N_("won or lost beats open"), "both": N_("all of both are kept"),
    "done": N_("what is done stays done"),
}  # fmt: skip


@dataclass(frozen=True)
class Found:
    """What the section shows; None: no CRM is connected."""

    choices: Choices | None


class SyncSection(Section):
    """Nothing but a way to connect, while nothing is connected."""

    tables = frozenset({"pipeline"})

    def __init__(self, context: Context, title: str) -> None:
        super().__init__(
            context, title,
            tr("SalesDesk keeps deals, clients and tasks in step with Bitrix24 or amoCRM, also "
               "after days without a net."),
        )  # fmt: skip
        self.status = Card()
        self.account = label("", "strong")
        self.open = Button("", "settings-sync-open", "plain", self._on_open)
        self.status.body.addWidget(inline(self.account, 1, self.open))
        self.column.insertWidget(self.column.indexOf(self.body), self.status)
        self._build_tasks()
        self._build_rules()
        self._build_moves()
        self.publishing = Publishing(self)
        self.inside.addWidget(self.publishing)
        context.sync_told.connect(self._on_told)

    def _build_tasks(self) -> None:
        self.tasks_title = label(tr("Who makes the tasks"), "title")
        self.tasks_hint = label(
            tr("Where the robots of the CRM make tasks, the rules of SalesDesk make none, so that "
               "none is made twice. These choices hold on this computer: choose the same on the "
               "others of the team. Moves made in the CRM itself have SalesDesk make no tasks."),
            "muted", wrap=True,
        )  # fmt: skip
        self.tasks = card()
        self.pipelines = Rows(lambda item: _PipelineRow(self, item[0]), last=True)
        self.tasks.body.addWidget(self.pipelines)
        for widget in (self.tasks_title, self.tasks_hint, self.tasks):
            self.inside.addWidget(widget)

    def _build_rules(self) -> None:
        self.rules_title = label(tr("When both sides changed the same field"), "title")
        self.rules_hint = label(
            tr("Until somebody decides, both sides keep what they have. Notes are only added, and "
               "stage moves of both sides are kept."), "muted", wrap=True,
        )  # fmt: skip
        self.rules = card()
        self.fields = Rows(lambda item: _RuleRow(self, item[0], item[1]), last=True)
        self.rules.body.addWidget(self.fields)
        for widget in (self.rules_title, self.rules_hint, self.rules):
            self.inside.addWidget(widget)

    def _build_moves(self) -> None:
        self.moves = Card(tr("Stage moves of the CRM"))
        said = tr("Moves of the CRM's history count")
        self.since = Since(
            "settings-sync-since", said, lambda: tr("all of them"),
            lambda: self.context.store.zone.day_of(self.context.now()),
        )  # fmt: skip
        self.since.chosen.connect(self._on_since)
        self.moves.body.addWidget(inline(label(said, ""), self.since, 1))
        self.moves.body.addWidget(label(
            tr("Earlier ones are read and count nowhere. It holds for what is read from now on; "
               "what was read counts as it did."), "muted", wrap=True,
        ))  # fmt: skip
        self.inside.addWidget(self.moves)

    # -- reading ------------------------------------------------------------------------------

    def question(self, r: Any) -> Any:
        return Found(desk.choices(r))

    def fill(self, found: Any) -> None:
        choices: Choices | None = found.choices
        self.body.setVisible(choices is not None)
        if choices is None:
            self.account.setText(tr("No CRM is connected."))
            self.open.set_text(tr("Connect a CRM"))
            self.open.setEnabled(self.may)
            return
        brief = choices.brief
        self.account.setText(f"{maps.name_of(brief.kind)} · {brief.account}")
        self.open.set_text(tr("Open the sync"))
        self.open.setEnabled(True)
        self.pipelines.set_items([(one[0], one) for one in choices.pipelines])
        self.fields.set_items([(f"{one[0]}.{one[1]}", one) for one in choices.rules])
        self.since.set_value(choices.counts_from)
        self.publishing.fill(choices)

    def _on_told(self) -> None:
        if self.isVisible():
            self.refresh()
        else:
            self.stale = True

    # -- choosing -----------------------------------------------------------------------------

    def choose(self, verb: Any, *args: Any, say: str) -> None:
        """Run a verb that has no undo, and show what came of it."""
        self.do(verb, *args, say=say, done=lambda _result: self.refresh(True), undoable=False)

    def _on_open(self) -> None:
        connected = self._seen is not None and getattr(self._seen, "choices", None) is not None
        self.context.go("sync", None if connected else "connect")

    def _on_since(self, day: int | None) -> None:
        self.choose(deciding.set_counts_from, day, say=tr("What counts of the moves: changed"))


class _PipelineRow(Row):
    """A pipeline, and who makes its tasks."""

    def __init__(self, section: SyncSection, pipeline_id: int) -> None:
        super().__init__(f"settings-sync-pipeline-{pipeline_id}")
        self.name = label("", "")
        self.name.setFixedWidth(_NAME)
        self.who = ChipRow(
            [("salesdesk", "SalesDesk"), ("crm", trp("automates", "Robots of the CRM"))],
            f"settings-sync-who-{pipeline_id}", tr("Who makes the tasks"),
        )  # fmt: skip
        said = tr("Who makes the tasks: changed")
        self.who.chosen.connect(
            lambda who: section.choose(deciding.set_automates, pipeline_id, who, say=said)
        )
        self.cells.setContentsMargins(theme.M, 6, theme.M, 6)
        self.add(self.name)
        self.add(self.who)
        self.cells.addStretch(1)

    def fill(self, item: Any) -> None:
        self.name.setText(item[1])
        self.who.set_value(item[2])


class _RuleRow(Row):
    """A field, and what decides about it."""

    def __init__(self, section: SyncSection, entity: Any, field: str) -> None:
        key = f"{entity}.{field}"
        super().__init__(f"settings-sync-rule-{entity}-{field}")
        text = tr(_FIELDS[key])
        self.name = label(text, "")
        self.name.setFixedWidth(_NAME)
        self.rule = Switcher(f"settings-sync-rule-{entity}-{field}-of", text, "chip")
        known = [(rule, tr(_RULES[rule])) for rule in options.CHOICES[entity, field]]
        self.rule.set_options(known, text)
        said = tr("{field}: the rule is changed", field=text)
        self.rule.chosen.connect(
            lambda rule: section.choose(deciding.set_rule, entity, field, rule, say=said)
        )
        self.cells.setContentsMargins(theme.M, 3, theme.M, 3)
        self.add(self.name)
        self.add(self.rule)
        self.cells.addStretch(1)

    def fill(self, item: Any) -> None:
        self.rule.set_value(item[2])
