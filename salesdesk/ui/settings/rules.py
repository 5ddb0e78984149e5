"""Tasks and links of one pipeline as sentences; below them what a draft would have done, beside
them the picture of how the pipelines are linked."""

from typing import Any

from PySide6.QtCore import QPoint, QRect, Qt, QTimer
from PySide6.QtWidgets import QScrollArea

from salesdesk.services import link_rules, lists, people, pipelines, task_rules
from salesdesk.services.link_rules import LinkRule
from salesdesk.services.pipelines import Stage
from salesdesk.services.records import Saved
from salesdesk.services.task_rules import TaskRule
from salesdesk.text import tr
from salesdesk.ui import theme
from salesdesk.ui.context import Context
from salesdesk.ui.settings.link_panel import LinkPanel
from salesdesk.ui.settings.links import LinkRow
from salesdesk.ui.settings.rule_row import DRAFT, Kind, Line, RuleRow, SentenceRow
from salesdesk.ui.settings.rule_trial import TrialCard
from salesdesk.ui.settings.rule_words import Found
from salesdesk.ui.settings.section import Row, Rows, Section, card, inline
from salesdesk.ui.widgets.buttons import Button
from salesdesk.ui.widgets.empty import EmptyState

#: The narrowest section that still has room for the picture beside it.
_ROOM = 860


class RulesSection(Section):
    """The task rules of one pipeline, stage by stage, then its links; drafts at the end."""

    tables = frozenset(
        {"task_rule", "link_rule", "stage", "pipeline", "person", "team", "task_kind",
         "custom_field"}
    )  # fmt: skip
    by_pipeline = True

    def __init__(self, context: Context, title: str) -> None:
        super().__init__(context, title)
        self.found: Found
        self.drafts: dict[Kind, TaskRule | LinkRule | None] = {"rule": None, "link": None}
        #: The pipeline in which each was drafted: there it is shown, wherever it leads.
        self._drafted: dict[Kind, int | None] = {}
        self.lines = Rows(self._row)
        self.card = card()
        self.card.body.addWidget(self.lines)
        self.nothing = EmptyState(
            "settings-no-rule",
            tr("No stage of this pipeline makes a task or opens a deal yet."),
            tr("Make the first task rule"), lambda: self._on_new("rule"), "tasks",
        )  # fmt: skip
        self.card.body.addWidget(self.nothing)
        self.add_rule = Button(
            tr("+ Task rule"), "settings-rule-add", "link", lambda: self._on_new("rule")
        )
        self.add_link = Button(
            tr("+ Link"), "settings-link-add", "link", lambda: self._on_new("link")
        )
        for button in (self.add_rule, self.add_link):
            button.setToolTip(tr("A draft, which does nothing until it is saved"))
        self.adding = inline(self.add_rule, self.add_link, 1,
                             margins=(theme.M - 2, theme.XS, theme.M, theme.XS))  # fmt: skip
        self.card.body.addWidget(self.adding)
        self.trial = TrialCard(context, "settings-trial")
        self.trial.wanted.connect(self._on_try)
        self.trial.grown.connect(lambda: QTimer.singleShot(0, self.trial, self._show_trial))
        self.inside.addWidget(self.card)
        self.inside.addWidget(self.trial)
        self.picture = LinkPanel("settings-links")
        self.picture.diagram.link_wanted.connect(self.show_link)
        self.picture.diagram.hovered.connect(self._on_hovered)
        self.beside = self.picture

    # -- showing ----------------------------------------------------------------------------------

    def question(self, r: Any) -> Found:
        fields = [each for each in lists.items(r, "fields") if each.values["subject"] == "deal"]
        return Found(
            tuple(pipelines.pipelines(r)), tuple(pipelines.stages(r, archived=True)),
            tuple(task_rules.task_rules(r)), tuple(link_rules.link_rules(r)),
            tuple(people.people(r)), tuple(people.teams(r)),
            tuple(lists.items(r, "task_kinds")), tuple(fields), self.today(),
            _problems(r, self.context.now()),
        )  # fmt: skip

    def fill(self, found: Found) -> None:
        self.found = found
        self.say_no_pipeline(bool(found.stages))
        self.card.setVisible(bool(found.stages))
        self.trial.setVisible(bool(found.stages))
        self._show()

    def set_allowed(self, may: bool) -> None:
        """Who may not configure reads, drafts and tries all the same."""
        self.refused.setText(tr("You can draft and try; only an administrator saves."))
        self.refused.setVisible(not may)
        for row in self.rows():
            row.set_may(may)

    def pipeline_chosen(self) -> None:
        if not self.stale:
            self.trial.clear()
            self._show()

    def home(self) -> int | None:
        """The pipeline that is chosen (the first one, when nobody has chosen)."""
        known = [each.id for each in self.found.pipelines]
        return self.pipeline if self.pipeline in known else next(iter(known), None)

    def stages(self) -> list[Stage]:
        """The stages of the pipeline that deals can enter."""
        return [s for s in self.found.living() if s.pipeline_id == self.home()]

    def rows(self) -> list[SentenceRow]:
        """The rows from the top."""
        return [row for row in self.lines.rows().values() if isinstance(row, SentenceRow)]

    def row(self, kind: Kind, key: int) -> SentenceRow | None:
        """The row of a rule or a link; the draft has the id 0."""
        found = self.lines.rows().get((kind, key))
        return found if isinstance(found, SentenceRow) else None

    def _row(self, line: Line) -> Row:
        make = RuleRow if line.kind == "rule" else LinkRow
        return make(self, line.thing.id)

    def _show(self) -> None:
        lines = [*self._rule_lines(), *self._link_lines()]
        self.lines.set_items([(line.key, line) for line in lines])
        self.nothing.setVisible(not lines)
        self.adding.setVisible(bool(self.stages()))
        self.add_rule.setEnabled(self.drafts["rule"] is None)
        self.add_link.setEnabled(self.drafts["link"] is None and len(self.found.pipelines) > 1)
        self.trial.set_draft(any(line.thing.id == DRAFT for line in lines))
        self.picture.set_found(self.found, self.home())

    def _rule_lines(self) -> list[Line]:
        found, home = self.found, self.home()
        shown: list[Line] = []
        for stage in [s for s in found.stages if s.pipeline_id == home]:
            rules = [rule for rule in found.rules if rule.stage_id == stage.id]
            shown += [Line("rule", rule, found, at, len(rules)) for at, rule in enumerate(rules)]
        # A rule whose stage is gone is shown with every pipeline: else nobody would find it.
        lost = [rule for rule in found.rules if found.stage(rule.stage_id) is None]
        shown += [Line("rule", rule, found, 0, 1) for rule in lost]
        draft = self.drafts["rule"]
        if draft is not None and self._drafted["rule"] == home:
            shown.append(Line("rule", draft, found, 0, 1))
        return shown

    def _link_lines(self) -> list[Line]:
        lines = [
            Line("link", link, self.found, at, len(group))
            for group in self._links()
            for at, link in enumerate(group)
        ]
        draft = self.drafts["link"]
        if draft is not None and self._drafted["link"] == self.home():
            lines.append(Line("link", draft, self.found, 0, 1))
        return lines

    def _links(self) -> tuple[list[LinkRule], list[LinkRule]]:
        """The links that begin in the pipeline, and the others that lead there."""
        home, found = self.home(), self.found
        mine = [link for link in found.links if self._touches(link)]
        begin = [link for link in mine if found.pipeline_of(link.stage_id) == home]
        return begin, [link for link in mine if link not in begin]

    def _touches(self, link: LinkRule) -> bool:
        ends = {self.found.pipeline_of(key) for key in (link.stage_id, link.target_stage_id)}
        return self.home() in ends or None in ends

    # -- the picture and the sentences show each other --------------------------------------------

    def mark(self, kind: Kind, key: int, marked: bool) -> None:
        """The pointer (or the focus) is on a sentence: its line in the picture stands out."""
        if kind == "link":
            self.picture.diagram.set_marked(key if marked else -1)

    def _on_hovered(self, key: int) -> None:
        for row in self.rows():
            row.set_marked(row.kind == "link" and row.key == key)
        if key > 0:
            self._bring("link", key)

    def show_link(self, key: int) -> None:
        """Bring the sentence of a link into sight, its first word having the focus."""
        self._lead_to("link", key)

    def _lead_to(self, kind: Kind, key: int) -> None:
        """The first word of a sentence gets the keyboard, and all of it is seen."""
        row = self.row(kind, key)
        if row is not None:
            row.tokens["stage"].setFocus(Qt.FocusReason.OtherFocusReason)
            self._bring_in_full(kind, key, QRect())

    def _bring_in_full(self, kind: Kind, key: int, seen: QRect) -> None:
        """Bring a new row into sight: its words wrap, and it grows, only once it has a width."""
        self._bring(kind, key)
        row = self.row(kind, key)
        if row is not None and row.geometry() != seen:
            place = row.geometry()
            QTimer.singleShot(0, row, lambda: self._bring_in_full(kind, key, place))

    def _bring(self, kind: Kind, key: int) -> None:
        row, area = self.row(kind, key), self._area()
        if row is not None and area is not None:
            area.ensureWidgetVisible(row)

    def _show_trial(self) -> None:
        """The trial stands below all sentences: it comes to the rule that was tried."""
        area = self._area()
        if area is not None:
            area.verticalScrollBar().setValue(self.trial.mapTo(self, QPoint(0, 0)).y() - theme.ICON)

    def _area(self) -> QScrollArea | None:
        viewport = self.parentWidget()
        area = None if viewport is None else viewport.parentWidget()
        return area if isinstance(area, QScrollArea) else None

    def fits_beside(self, width: int) -> bool:
        return width >= _ROOM

    # -- drafts ----------------------------------------------------------------------------------

    def _on_new(self, kind: Kind) -> None:
        made = self._new_rule() if kind == "rule" else self._new_link()
        if made is None:
            return
        self._drafted[kind] = self.home()
        self.set_draft(kind, made)
        self._lead_to(kind, DRAFT)

    def _new_rule(self) -> TaskRule | None:
        inside = self.stages()
        if not inside:
            return None
        return TaskRule(DRAFT, inside[0].id, tr("A new task"), amount=1, unit="working_days")

    def _new_link(self) -> LinkRule | None:
        away = [s for s in self.found.living() if s.pipeline_id != self.home()]
        inside = self.stages()
        if not inside or not away:
            return None
        return LinkRule(DRAFT, inside[0].id, "open_child", away[0].id)

    def set_draft(self, kind: Kind, draft: TaskRule | LinkRule | None) -> None:
        """Show another draft; None: there is none any more."""
        self.drafts[kind] = draft
        self._show()

    def drop_draft(self, kind: Kind) -> None:
        """Throw a draft away; its button has the keyboard again."""
        self.set_draft(kind, None)
        button = self.add_rule if kind == "rule" else self.add_link
        button.setFocus(Qt.FocusReason.OtherFocusReason)

    # -- what the rows ask for --------------------------------------------------------------------

    def change(self, row: SentenceRow, changed: Any) -> None:
        """Save a rule or link, or keep it as the draft."""
        if row.key == DRAFT:
            self.set_draft(row.kind, changed)
        elif row.kind == "rule":
            self.do(task_rules.change_task_rule, changed, say=tr("Task rule changed"), cell=row)
        else:
            self.do(link_rules.change_link_rule, changed, say=tr("Link changed"), cell=row)

    def save(self, row: SentenceRow) -> None:
        """The draft becomes a rule, and is shown where it stands now."""
        kind = row.kind

        def done(saved: Saved) -> None:
            self.refresh()
            self.set_draft(kind, None)
            self._lead_to(kind, saved.id)

        if row.kind == "rule":
            self.do(task_rules.add_task_rule, row.thing, say=tr("Task rule added"), cell=row,
                    done=done)  # fmt: skip
        else:
            self.do(link_rules.add_link_rule, row.thing, say=tr("Link added"), cell=row, done=done)

    def step(self, row: SentenceRow, by: int) -> None:
        """Move a rule among those of its stage, a link among those that are shown."""
        if row.kind == "link":
            self._step_link(row.key, by)
            return
        order = [each.id for each in self.found.rules if each.stage_id == row.thing.stage_id]
        _swap(order, row.key, by)
        self.do(task_rules.reorder_task_rules, row.thing.stage_id, order,
                say=tr("Task rules put in order"))  # fmt: skip

    def _step_link(self, key: int, by: int) -> None:
        shown = next(ids for group in self._links() if key in (ids := [one.id for one in group]))
        other = shown[shown.index(key) + by]
        order = [link.id for link in self.found.links]
        one, two = order.index(key), order.index(other)
        order[one], order[two] = order[two], order[one]
        self.do(link_rules.reorder_link_rules, order, say=tr("Links put in order"))

    def try_row(self, row: SentenceRow) -> None:
        """Show what one rule would have done."""
        self.trial.try_rules([row.thing], row.sentence.accessibleName())

    def _on_try(self) -> None:
        rows = self.rows()
        drafts = [row for row in rows if row.key == DRAFT]
        words = drafts[0].sentence.accessibleName() if len(drafts) == 1 else ""
        self.trial.try_rules([row.thing for row in drafts or rows], words)


def _problems(r: Any, now: int) -> dict[tuple[str, int], str]:
    """What is wrong with each broken rule and link, in words."""
    from salesdesk.services import rule_problems

    found: dict[tuple[str, int], str] = {}
    for kind, key, words in rule_problems.problems(r, now=now):
        found[kind, key] = f"{found.get((kind, key), '')} {words}".strip()
    return found


def _swap(order: list[int], key: int, by: int) -> None:
    at = order.index(key)
    order[at], order[at + by] = order[at + by], order[at]
