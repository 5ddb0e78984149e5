"""Links between pipelines as sentences: what a stage opens or moves in another pipeline."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QScrollArea, QVBoxLayout, QWidget

from salesdesk.services import link_rules, people, pipelines
from salesdesk.services.link_rules import COPIED, FILLED, LinkRule
from salesdesk.services.people import Person, Team
from salesdesk.services.pipelines import Pipeline, Stage
from salesdesk.text import tr
from salesdesk.ui import formats, theme
from salesdesk.ui.context import Context
from salesdesk.ui.settings import rule_words
from salesdesk.ui.settings.cells import Choice, Token, trash
from salesdesk.ui.settings.link_diagram import LinkDiagram
from salesdesk.ui.settings.rule_forms import FieldsForm, WordsForm
from salesdesk.ui.settings.rule_trial import TrialPanel, try_button
from salesdesk.ui.settings.rules import assignee_options
from salesdesk.ui.settings.section import Row, Rows, Section, card
from salesdesk.ui.settings.sentence import Sentence
from salesdesk.ui.widgets.buttons import Button
from salesdesk.ui.widgets.flow import FlowLayout
from salesdesk.ui.widgets.labels import Card, label
from salesdesk.ui.widgets.popup import Option, Picker, show_under

#: The places stay places: the words are put there by the sentence.
_PLACES = {
    name: f"{{{name}}}" for name in ("stage", "target", "who", "called", "carries", "fills")
}  # fmt: skip
_CHOICE = 230


@dataclass(frozen=True)
class Found:
    """What the sentences name."""

    pipelines: tuple[Pipeline, ...]
    stages: tuple[Stage, ...]
    links: tuple[LinkRule, ...]
    people: tuple[Person, ...]
    teams: tuple[Team, ...]
    today: int

    def stage(self, key: int) -> str:
        """``Pipeline · Stage``."""
        names = {one.id: one.name for one in self.pipelines}
        return next(
            (f"{names.get(s.pipeline_id, '')} · {s.name}" for s in self.stages if s.id == key),
            formats.DASH,
        )

    def options(self) -> list[tuple[Any, str]]:
        """Every stage, in the order of the pipelines."""
        place = {one.id: at for at, one in enumerate(self.pipelines)}
        stages = sorted(self.stages, key=lambda s: place.get(s.pipeline_id, 0))
        return [(stage.id, self.stage(stage.id)) for stage in stages]


class LinksSection(Section):
    """All links, and the line that adds one."""

    tables = frozenset({"link_rule", "stage", "pipeline", "person", "team"})

    def __init__(self, context: Context, title: str) -> None:
        super().__init__(
            context, title,
            tr("A stage of one pipeline can open a deal in another one, or move the deal that it "
               "was opened from. Click a word to change it."),
        )  # fmt: skip
        self.trial = TrialPanel(context, "settings-link-trial")
        self.side = self.trial
        self.links = Rows(lambda item: LinkRow(self, item[0].id))
        self.card = card()
        self.card.body.addWidget(self.links)
        self.stage = Choice("settings-link-stage", tr("When a deal enters"), _CHOICE, "plain")
        self.kind = Choice("settings-link-kind", tr("What happens"), 210, "plain")
        self.target = Choice(
            "settings-link-target", tr("Stage of the other deal"), _CHOICE, "plain"
        )
        self.add_button = Button(tr("Add link"), "settings-link-add", "link", self._on_add)
        self.wrong = label("", "problem", wrap=True)
        self.wrong.hide()
        self.adding = self._add_line()
        self.card.body.addWidget(self.adding)
        self.inside.addWidget(self.card)
        self.picture = Card(tr("How the pipelines are linked"))
        self.diagram = LinkDiagram("settings-links-diagram")
        self.diagram.link_wanted.connect(self.show_link)
        self.picture.body.addWidget(self.diagram)
        self.picture.body.addWidget(
            label(tr("A line opens a deal, a dashed line moves the parent. Click one to come to "
                     "its rule."), "small", wrap=True)
        )  # fmt: skip
        # Outside of the body: whoever may change nothing can look at it all the same.
        self.column.insertWidget(self.column.indexOf(self.body) + 1, self.picture)

    def _add_line(self) -> QWidget:
        made = QWidget()
        column = QVBoxLayout(made)
        column.setContentsMargins(theme.M, theme.S, theme.M, theme.S)
        column.setSpacing(theme.XS)
        parts = QWidget()
        row = FlowLayout(parts, theme.S)
        for widget in (self.stage, self.kind, self.target, self.add_button):
            row.addWidget(widget)
        column.addWidget(parts)
        column.addWidget(self.wrong)
        return made

    def question(self, r: Any) -> Found:
        return Found(
            tuple(pipelines.pipelines(r)), tuple(pipelines.stages(r)),
            tuple(link_rules.link_rules(r)), tuple(people.people(r)), tuple(people.teams(r)),
            self.today(),
        )  # fmt: skip

    def fill(self, found: Found) -> None:
        self.found = found
        self.links.set_items([(link.id, (link, found)) for link in found.links])
        options = found.options()
        self.stage.set_options(options, tr("When a deal enters"))
        self.target.set_options(options, tr("Stage of the other deal"))
        self.kind.set_options(
            [("open_child", tr("opens a deal in")), ("move_parent", tr("moves its parent to"))],
            tr("What happens"),
        )  # fmt: skip
        self.diagram.set_found(found.pipelines, found.stages, found.links)
        self.picture.setVisible(len(found.pipelines) > 1)
        self.say_no_pipeline(bool(found.stages))
        self.card.setVisible(bool(found.stages))

    def set_allowed(self, may: bool) -> None:
        super().set_allowed(may)
        self.adding.setVisible(may)

    def show_link(self, key: int) -> None:
        """Bring the rule of a link into sight, its first word having the focus."""
        row = self.links.rows()[key]
        assert isinstance(row, LinkRow)
        row.tokens["stage"].setFocus(Qt.FocusReason.OtherFocusReason)
        viewport = self.parentWidget()
        area = None if viewport is None else viewport.parentWidget()
        if isinstance(area, QScrollArea):
            area.ensureWidgetVisible(row)

    def show_problem(self, text: str) -> None:
        """Say why the link was not added."""
        self.wrong.setText(text)
        self.wrong.setVisible(bool(text))

    def _on_add(self) -> None:
        self.show_problem("")
        rule = LinkRule(0, self.stage.value, self.kind.value, self.target.value)
        cell: Any = self
        self.do(link_rules.add_link_rule, rule, say=tr("Link added"), cell=cell)


class LinkRow(Row):
    """One link as a sentence."""

    def __init__(self, section: LinksSection, key: int) -> None:
        super().__init__(f"settings-link-{key}")
        self.section, self.key = section, key
        name = self.objectName()
        self.cells.setContentsMargins(theme.M + 2, theme.S, theme.S, theme.S)
        self.tokens = {
            "stage": Token(f"{name}-in", tr("Stage"), lambda: self._pick_stage("stage_id")),
            "target": Token(
                f"{name}-to", tr("Stage of the other deal"),
                lambda: self._pick_stage("target_stage_id"),
            ),
            "who": Token(f"{name}-who", tr("Who becomes responsible"), self._pick_who),
            "called": Token(f"{name}-called", tr("Title of the new deal"), self._edit_title),
            "carries": Token(f"{name}-carries", tr("What goes along"), self._pick_carried),
            "fills": Token(f"{name}-fills", tr("What is filled in"), self._pick_filled),
        }  # fmt: skip
        self.sentence = Sentence(f"{name}-sentence", self.tokens)
        self.add(self.sentence, 1)
        self.add(try_button(f"{name}-try", self._on_try))
        self.add(trash(f"{name}-remove", tr("Delete the link"), self._on_remove))

    def fill(self, item: Any) -> None:
        self.link: LinkRule
        self.link, found = item
        link = self.link
        words = {
            "stage": found.stage(link.stage_id),
            "target": found.stage(link.target_stage_id),
            "who": self._who(found),
            "called": f"“{link.title}”" if link.title else tr("like its parent"),
            "carries": _fields(link.copied, COPIED),
            "fills": _fields(link.filled, FILLED),
        }
        for name, text in words.items():
            self.tokens[name].set_words(text)
        if link.kind == "open_child":
            template = tr("When a deal enters {stage}, open a deal in {target} for {who}, named "
                          "{called}; from its parent it takes {carries}.", **_PLACES)  # fmt: skip
        else:
            template = tr("When a deal enters {stage}, move its parent to {target} and fill in "
                          "{fills} there.", **_PLACES)  # fmt: skip
        self.sentence.set_template(template)
        self.show_problem(_problem(link, found))

    def _on_try(self) -> None:
        self.section.trial.try_link_rule(self.link, self.sentence.accessibleName())

    def _who(self, found: Found) -> str:
        link = self.link
        if link.assignee_rule == "person":
            return next((p.name for p in found.people if p.id == link.assignee_id), formats.DASH)
        if link.assignee_rule == "supervisor":
            return tr("the supervisor")
        if link.assignee_rule == "least_loaded":
            team = next((t.name for t in found.teams if t.id == link.team_id), formats.DASH)
            return tr("the least loaded in {team}", team=team)
        return tr("the responsible person")

    def _change(self, **values: Any) -> None:
        changed = replace(self.link, **values)
        if changed != self.link:
            self.section.do(link_rules.change_link_rule, changed, say=tr("Link changed"), cell=self)

    def _pick(self, token: str, options: list[Option], current: object, what: str) -> Picker:
        picker = Picker(options, f"{self.objectName()}-{token}-list", what, current, self)
        show_under(picker, self.tokens[token])
        return picker

    def _pick_stage(self, column: str) -> None:
        token = "stage" if column == "stage_id" else "target"
        options = [Option(key, text) for key, text in self.section.found.options()]
        picker = self._pick(token, options, getattr(self.link, column), tr("Stage"))
        picker.picked.connect(lambda stage: self._change(**{column: stage}))

    def _pick_who(self) -> None:
        found, link = self.section.found, self.link
        options = assignee_options(found.people, found.teams, found.today)
        current = (link.assignee_rule, link.assignee_id, link.team_id)
        picker = self._pick("who", options, current, tr("Who becomes responsible"))
        picker.picked.connect(
            lambda who: self._change(assignee_rule=who[0], assignee_id=who[1], team_id=who[2])
        )

    def _edit_title(self) -> None:
        form = WordsForm(tr("Title of the new deal"), self.link.title or "",
                         tr("empty: like its parent"), f"{self.objectName()}-words",
                         self)  # fmt: skip
        form.given.connect(lambda values: self._change(title=values["text"] or None))
        show_under(form, self.tokens["called"])

    def _pick_carried(self) -> None:
        self._tick("carries", tr("What goes along"), COPIED, "copied")

    def _pick_filled(self) -> None:
        self._tick("fills", tr("What is filled in"), FILLED, "filled")

    def _tick(self, token: str, title: str, known: Mapping[str, str], column: str) -> None:
        """Let fields be ticked, all in one go."""
        names = {name: tr(text) for name, text in known.items()}
        form = FieldsForm(title, names, getattr(self.link, column),
                          f"{self.objectName()}-{token}-form", self)  # fmt: skip
        form.given.connect(lambda values: self._change(**{column: values["names"]}))
        show_under(form, self.tokens[token])

    def _on_remove(self) -> None:
        self.section.do(link_rules.delete_link_rule, self.key, say=tr("Link deleted"), cell=self)


def _fields(names: Sequence[str], known: Mapping[str, str]) -> str:
    """Fields by their names; a field that is no longer known by the name it had."""
    return ", ".join(tr(known[name]) if name in known else name for name in names) or tr("nothing")


def _problem(link: LinkRule, found: Found) -> str:
    """What the link names that is gone; empty: nothing."""
    known = {stage.id for stage in found.stages}
    if link.stage_id not in known or link.target_stage_id not in known:
        return tr("One of its stages is gone: the link does nothing until it gets another one.")
    if link.kind != "open_child":
        return ""
    return rule_words.wrong_assignee(link.assignee_rule, link.assignee_id, link.team_id,
                                     found.people, found.teams, found.today)  # fmt: skip
