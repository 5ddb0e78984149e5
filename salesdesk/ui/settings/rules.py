"""Task rules as sentences: which task a stage makes, for whom, until when, and its end."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from PySide6.QtWidgets import QVBoxLayout

from salesdesk.services import lists, people, pipelines, task_rules
from salesdesk.services.people import Person, Team
from salesdesk.services.task_rules import TaskRule
from salesdesk.text import N_, tr
from salesdesk.ui import theme
from salesdesk.ui.context import Context
from salesdesk.ui.settings import rule_words
from salesdesk.ui.settings.adding import AddLine
from salesdesk.ui.settings.cells import Choice, Token, UpDown, trash
from salesdesk.ui.settings.rule_forms import DueForm, TitleForm
from salesdesk.ui.settings.rule_trial import TrialPanel, try_button
from salesdesk.ui.settings.rule_words import Found
from salesdesk.ui.settings.section import Row, Rows, Section, card, inline
from salesdesk.ui.settings.sentence import Sentence
from salesdesk.ui.widgets.buttons import Button
from salesdesk.ui.widgets.labels import label
from salesdesk.ui.widgets.popup import Option, Picker, Popover, show_under
from salesdesk.ui.widgets.switcher import Switcher

LEAVING = {
    "keep": N_("keep"),
    "complete": N_("complete"),
    "cancel": N_("cancel"),
    "must": N_("must be done"),
}
_REMEMBERED = "settings/pipeline"
#: The key of the row of a rule that is not saved yet.
DRAFT = 0


class TasksSection(Section):
    """The rules of one pipeline, stage by stage; below them a draft, if there is one."""

    tables = frozenset(
        {"task_rule", "stage", "pipeline", "person", "team", "task_kind", "custom_field"}
    )

    def __init__(self, context: Context, title: str) -> None:
        super().__init__(
            context, title,
            tr("The tasks that a deal gets when it enters a stage. Click a word to change it."),
        )  # fmt: skip
        self.found: Found
        self.draft: TaskRule | None = None
        self.trial = TrialPanel(context, "settings-trial")
        self.side = self.trial
        self.pipeline = Switcher("settings-tasks-pipeline", tr("Pipeline"))
        self.pipeline.chosen.connect(self._on_pipeline)
        self.column.insertWidget(1, inline(self.pipeline, 1))
        self.rules = Rows(lambda item: RuleRow(self, item[0].id))
        self.card = card()
        self.card.body.addWidget(self.rules)
        self.stage = Choice("settings-rule-stage", tr("Stage"), 180, "plain")
        self.draft_button = Button(
            tr("Draft to try"), "settings-rule-draft-add", "link", self._on_draft
        )
        self.draft_button.setToolTip(tr("A rule that does nothing until you save it"))
        self.add = AddLine(
            "settings-rule", tr("Title of a new task"), tr("Add task rule"), self.stage
        )
        self.add.wanted.connect(self._on_add)
        self.card.body.addWidget(self.add)
        self.card.body.addWidget(
            inline(self.draft_button, 1, margins=(theme.M - 2, 0, theme.M, theme.S))
        )
        self.inside.addWidget(self.card)

    def question(self, r: Any) -> Found:
        fields = [each for each in lists.items(r, "fields") if each.values["subject"] == "deal"]
        return Found(
            tuple(pipelines.pipelines(r)), tuple(pipelines.stages(r)),
            tuple(task_rules.task_rules(r)), tuple(people.people(r)), tuple(people.teams(r)),
            tuple(lists.items(r, "task_kinds")), tuple(fields), self.today(),
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

    def set_allowed(self, may: bool) -> None:
        super().set_allowed(may)
        self.draft_button.setVisible(may)

    def _show(self) -> None:
        found = self.found
        inside = [s for s in found.stages if s.pipeline_id == self.pipeline.value]
        self.stage.set_options([(s.id, s.name) for s in inside], tr("Stage"))
        items: list[tuple[Any, Any]] = []
        for stage in inside:
            rules = [rule for rule in found.rules if rule.stage_id == stage.id]
            items += [
                (("rule", rule.id), (rule, found, place, len(rules)))
                for place, rule in enumerate(rules)
            ]
        # A rule whose stage is gone is shown with every pipeline: else nobody would find it.
        lost = [rule for rule in found.rules if found.stage(rule.stage_id) is None]
        items += [(("rule", rule.id), (rule, found, 0, 1)) for rule in lost]
        if self.draft is not None:
            items.append((("draft", DRAFT), (self.draft, found, 0, 1)))
        self.rules.set_items(items)
        self.add.setEnabled(bool(inside))
        self.draft_button.setEnabled(bool(inside) and self.draft is None)

    def _on_pipeline(self, key: int) -> None:
        self.context.remember.set(_REMEMBERED, key)
        self._show()

    def _on_add(self, title: str) -> None:
        rule = TaskRule(DRAFT, self.stage.value, title, amount=1, unit="working_days")
        self.do(task_rules.add_task_rule, rule, say=tr("Task rule added"), cell=self.add,
                done=lambda _saved: self.add.done())  # fmt: skip

    # -- the draft ----------------------------------------------------------------------------

    def _on_draft(self) -> None:
        title = self.add.field.text().strip() or tr("A new task")
        self.set_draft(TaskRule(DRAFT, self.stage.value, title, amount=1, unit="working_days"))
        self.add.field.clear()
        row = self.rules.rows()[("draft", DRAFT)]
        assert isinstance(row, RuleRow)
        row.tokens["task"].setFocus()

    def set_draft(self, draft: TaskRule | None) -> None:
        """Show another draft; None: there is none any more."""
        self.draft = draft
        self._show()

    def save_draft(self, row: "RuleRow") -> None:
        """The draft becomes a rule."""
        self.do(task_rules.add_task_rule, row.rule, say=tr("Task rule added"), cell=row,
                done=lambda _saved: self.set_draft(None))  # fmt: skip

    def try_rule(self, rule: TaskRule) -> None:
        """Show what the rule would have done."""
        leave = tr(LEAVING["must" if rule.must_be_done else rule.leave_policy])
        self.trial.try_task_rule(rule, rule_words.spoken(rule, self.found, leave))

    def step(self, rule: TaskRule, by: int) -> None:
        """Move a rule among those of its stage."""
        order = [each.id for each in self.found.rules if each.stage_id == rule.stage_id]
        at = order.index(rule.id)
        order[at], order[at + by] = order[at + by], order[at]
        self.do(task_rules.reorder_task_rules, rule.stage_id, order,
                say=tr("Task rules put in order"))  # fmt: skip


class RuleRow(Row):
    """One rule as a sentence; the draft says that it is one, and can be saved."""

    def __init__(self, section: TasksSection, key: int) -> None:
        super().__init__("settings-rule-draft" if key == DRAFT else f"settings-rule-{key}")
        self.section, self.key = section, key
        self.rule: TaskRule
        name = self.objectName()
        self.cells.setContentsMargins(theme.M + 2, theme.S, theme.S, theme.S)
        self.tokens = {
            "stage": Token(f"{name}-in", tr("Stage"), self._pick_stage),
            "task": Token(f"{name}-title", tr("Task"), self._edit_title),
            "more": Token(f"{name}-more", tr("Kind and result"), self._edit_title),
            "who": Token(f"{name}-who", tr("Who gets the task"), self._pick_who),
            "when": Token(f"{name}-due", tr("Due"), lambda: self._edit_due("when")),
            "date": Token(f"{name}-before", tr("Date of the deal"), lambda: self._edit_due("date")),
            "event": Token(
                f"{name}-event", tr("What it waits for"), lambda: self._edit_due("event")
            ),
            "leave": Token(f"{name}-leave", tr("On leaving the stage"), self._pick_leave),
        }
        self.sentence = Sentence(f"{name}-sentence", self.tokens)
        self.add(self.sentence, 1)
        if key == DRAFT:
            self._add_draft_line(name)
        self.add(try_button(f"{name}-try", lambda: section.try_rule(self.rule)))
        self.arrows = UpDown(name, tr("Move the rule up"), tr("Move the rule down"))
        self.arrows.moved.connect(lambda by: section.step(self.rule, by))
        if key != DRAFT:
            self.add(self.arrows)
        self.add(trash(f"{name}-remove", tr("Delete the task rule"), self._on_remove))

    def _add_draft_line(self, name: str) -> None:
        """Below the sentence: that it is a draft, and the way to keep it."""
        said = label(tr("Draft"), "small")
        keep = Button(tr("Save rule"), f"{name}-keep", "link",
                      lambda: self.section.save_draft(self))  # fmt: skip
        column = self.layout()
        assert isinstance(column, QVBoxLayout)
        margins = (theme.M + 2, 0, theme.M, theme.XS)
        column.insertWidget(1, inline(said, keep, 1, margins=margins))

    def fill(self, item: Any) -> None:
        self.rule, found, place, count = item
        rule = self.rule
        words = {
            "stage": found.stage_name(rule.stage_id),
            "task": rule.title,
            "more": rule_words.more(rule, found.kinds),
            "who": rule_words.who(rule, found.people, found.teams),
            "when": rule_words.when(rule),
            "date": rule_words.date(rule, found),
            "event": rule_words.event(rule, found),
            "leave": tr(LEAVING["must" if rule.must_be_done else rule.leave_policy]),
        }
        for name, text in words.items():
            self.tokens[name].set_words(text)
        self.sentence.set_template(rule_words.template(rule))
        self.arrows.set_place(place, count)
        self.show_problem(rule_words.problem(rule, found))

    def _change(self, **values: Any) -> None:
        changed = replace(self.rule, **values)
        if changed == self.rule:
            return
        if self.key == DRAFT:
            self.section.set_draft(changed)
        else:
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
        options = assignee_options(found.people, found.teams, found.today)
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

    def _edit_due(self, token: str) -> None:
        form = DueForm(self.rule, self.section.found, f"{self.objectName()}-when", self)
        form.given.connect(lambda values: self._change(**values))
        self._open(form, token)

    def _on_remove(self) -> None:
        if self.key == DRAFT:
            self.section.set_draft(None)
            return
        said = tr("Task rule “{title}” deleted", title=self.rule.title)
        self.section.do(task_rules.delete_task_rule, self.key, say=said, cell=self)


def assignee_options(people: Sequence[Person], teams: Sequence[Team], today: int) -> list[Option]:
    """Whom a rule can give something: values are (rule, person, team)."""
    options = [
        Option(("responsible", None, None), tr("the responsible person")),
        Option(("supervisor", None, None), tr("the supervisor")),
    ]
    options += [
        Option(("least_loaded", None, t.id), tr("the least loaded in {team}", team=t.name))
        for t in teams
    ]
    return options + [Option(("person", p.id, None), p.name) for p in people if p.works_on(today)]
