"""Task rules as sentences: which task a stage makes, for whom, until when, and its end."""

from dataclasses import dataclass, replace
from typing import Any

from salesdesk.services import lists, people, pipelines, task_rules
from salesdesk.services.people import Person, Team
from salesdesk.services.pipelines import Pipeline, Stage
from salesdesk.services.task_rules import TaskRule
from salesdesk.text import N_, tr
from salesdesk.ui import theme
from salesdesk.ui.context import Context
from salesdesk.ui.settings import rule_words
from salesdesk.ui.settings.adding import AddLine
from salesdesk.ui.settings.cells import Choice, Token, UpDown, trash
from salesdesk.ui.settings.rule_forms import DueForm, TitleForm
from salesdesk.ui.settings.section import Row, Rows, Section, card, inline
from salesdesk.ui.settings.sentence import Sentence
from salesdesk.ui.widgets.popup import Option, Picker, Popover, show_under
from salesdesk.ui.widgets.switcher import Switcher

LEAVING = {
    "keep": N_("keep"),
    "complete": N_("complete"),
    "cancel": N_("cancel"),
    "must": N_("must be done"),
}
_REMEMBERED = "settings/pipeline"


@dataclass(frozen=True)
class Found:
    """What the sentences name."""

    pipelines: tuple[Pipeline, ...]
    stages: tuple[Stage, ...]
    rules: tuple[TaskRule, ...]
    people: tuple[Person, ...]
    teams: tuple[Team, ...]
    kinds: tuple[lists.Item, ...]


class TasksSection(Section):
    """The rules of one pipeline, stage by stage."""

    tables = frozenset({"task_rule", "stage", "pipeline", "person", "team", "task_kind"})

    def __init__(self, context: Context, title: str) -> None:
        super().__init__(
            context, title,
            tr("The tasks that a deal gets when it enters a stage. Click a word to change it."),
        )  # fmt: skip
        self.pipeline = Switcher("settings-tasks-pipeline", tr("Pipeline"))
        self.pipeline.chosen.connect(self._on_pipeline)
        self.column.insertWidget(1, inline(self.pipeline, 1))
        self.rules = Rows(lambda item: RuleRow(self, item[0].id))
        self.card = card()
        self.card.body.addWidget(self.rules)
        self.stage = Choice("settings-rule-stage", tr("Stage"), 180, "plain")
        self.add = AddLine(
            "settings-rule", tr("Title of a new task"), tr("Add task rule"), self.stage
        )
        self.add.wanted.connect(self._on_add)
        self.card.body.addWidget(self.add)
        self.inside.addWidget(self.card)

    def question(self, r: Any) -> Found:
        return Found(
            tuple(pipelines.pipelines(r)), tuple(pipelines.stages(r)),
            tuple(task_rules.task_rules(r)), tuple(people.people(r)), tuple(people.teams(r)),
            tuple(lists.items(r, "task_kinds")),
        )  # fmt: skip

    def fill(self, found: Found) -> None:
        self.found = found
        before = self.pipeline.value
        self.pipeline.set_options([(p.id, p.name) for p in found.pipelines], tr("Pipeline"))
        self.pipeline.setVisible(len(found.pipelines) > 1)
        if before is None:
            self.pipeline.set_value(self.context.remember.number(_REMEMBERED))
        self._show()
        self.say_no_pipeline(bool(found.stages))
        self.card.setVisible(bool(found.stages))

    def _show(self) -> None:
        inside = [s for s in self.found.stages if s.pipeline_id == self.pipeline.value]
        self.stage.set_options([(s.id, s.name) for s in inside], tr("Stage"))
        items: list[tuple[Any, Any]] = []
        for stage in inside:
            rules = [rule for rule in self.found.rules if rule.stage_id == stage.id]
            items += [
                (("rule", rule.id), (rule, self.found, place, len(rules)))
                for place, rule in enumerate(rules)
            ]
        self.rules.set_items(items)
        self.add.setEnabled(bool(inside))

    def _on_pipeline(self, key: int) -> None:
        self.context.remember.set(_REMEMBERED, key)
        self._show()

    def _on_add(self, title: str) -> None:
        rule = TaskRule(0, self.stage.value, title, amount=1, unit="working_days")
        self.do(task_rules.add_task_rule, rule, say=tr("Task rule added"), cell=self.add,
                done=lambda _saved: self.add.done())  # fmt: skip

    def step(self, rule: TaskRule, by: int) -> None:
        """Move a rule among those of its stage."""
        order = [each.id for each in self.found.rules if each.stage_id == rule.stage_id]
        at = order.index(rule.id)
        order[at], order[at + by] = order[at + by], order[at]
        self.do(task_rules.reorder_task_rules, rule.stage_id, order,
                say=tr("Task rules put in order"))  # fmt: skip


class RuleRow(Row):
    """One rule as a sentence."""

    def __init__(self, section: TasksSection, key: int) -> None:
        super().__init__(f"settings-rule-{key}")
        self.section, self.key = section, key
        name = self.objectName()
        self.cells.setContentsMargins(theme.M + 2, theme.S, theme.S, theme.S)
        self.tokens = {
            "stage": Token(f"{name}-in", tr("Stage"), self._pick_stage),
            "task": Token(f"{name}-title", tr("Task"), self._edit_title),
            "who": Token(f"{name}-who", tr("Who gets the task"), self._pick_who),
            "when": Token(f"{name}-due", tr("Due"), self._edit_due),
            "leave": Token(f"{name}-leave", tr("On leaving the stage"), self._pick_leave),
        }
        self.sentence = Sentence(f"{name}-sentence", self.tokens)
        self.add(self.sentence, 1)
        self.arrows = UpDown(name, tr("Move the rule up"), tr("Move the rule down"))
        self.arrows.moved.connect(lambda by: section.step(self.rule, by))
        self.add(self.arrows)
        self.add(trash(f"{name}-remove", tr("Delete the task rule"), self._on_remove))

    def fill(self, item: Any) -> None:
        self.rule: TaskRule
        self.rule, found, place, count = item
        rule = self.rule
        words = {
            "stage": next((s.name for s in found.stages if s.id == rule.stage_id), "—"),
            "task": rule.title,
            "who": rule_words.who(rule, found.people, found.teams),
            "when": rule_words.when(rule),
            "leave": tr(LEAVING["must" if rule.must_be_done else rule.leave_policy]),
        }
        for name, text in words.items():
            self.tokens[name].set_words(text)
        self.sentence.set_template(rule_words.template(rule))
        self.arrows.set_place(place, count)

    def _change(self, **values: Any) -> None:
        changed = replace(self.rule, **values)
        if changed != self.rule:
            self.section.do(task_rules.change_task_rule, changed, say=tr("Task rule changed"),
                            cell=self)  # fmt: skip

    def _pick(self, token: str, options: list[Option], current: object, what: str) -> Picker:
        picker = Picker(options, f"{self.objectName()}-{token}-list", what, current, self)
        show_under(picker, self.tokens[token])
        return picker

    def _pick_stage(self) -> None:
        found = self.section.found
        inside = [s for s in found.stages if s.pipeline_id == self.section.pipeline.value]
        picker = self._pick("stage", [Option(s.id, s.name) for s in inside], self.rule.stage_id,
                            tr("Stage"))  # fmt: skip
        picker.picked.connect(lambda stage: self._change(stage_id=stage))

    def _pick_who(self) -> None:
        rule, found = self.rule, self.section.found
        today = self.section.today()
        options = [
            Option(("responsible", None, None), tr("the responsible person")),
            Option(("supervisor", None, None), tr("the supervisor")),
        ]
        options += [
            Option(("least_loaded", None, t.id), tr("the least loaded in {team}", team=t.name))
            for t in found.teams
        ]
        options += [
            Option(("person", p.id, None), p.name) for p in found.people if p.works_on(today)
        ]
        picker = self._pick("who", options, (rule.assignee_rule, rule.assignee_id, rule.team_id),
                            tr("Who gets the task"))  # fmt: skip
        picker.picked.connect(
            lambda who: self._change(assignee_rule=who[0], assignee_id=who[1], team_id=who[2])
        )

    def _pick_leave(self) -> None:
        current = "must" if self.rule.must_be_done else self.rule.leave_policy
        options = [Option(key, tr(text)) for key, text in LEAVING.items()]
        picker = self._pick("leave", options, current, tr("On leaving the stage"))
        picker.picked.connect(self._on_leave)

    def _on_leave(self, policy: str) -> None:
        if policy == "must":
            self._change(must_be_done=True, leave_policy="keep")
        else:
            self._change(must_be_done=False, leave_policy=policy)

    def _open(self, form: Popover, token: str) -> None:
        show_under(form, self.tokens[token])

    def _edit_title(self) -> None:
        form = TitleForm(self.rule, self.section.found.kinds, f"{self.objectName()}-task", self)
        form.given.connect(lambda values: self._change(**values))
        self._open(form, "task")

    def _edit_due(self) -> None:
        form = DueForm(self.rule, f"{self.objectName()}-when", self)
        form.given.connect(lambda values: self._change(**values))
        self._open(form, "when")

    def _on_remove(self) -> None:
        said = tr("Task rule “{title}” deleted", title=self.rule.title)
        self.section.do(task_rules.delete_task_rule, self.key, say=said, cell=self)
