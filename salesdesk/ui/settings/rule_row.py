"""Rows of the section of tasks and links: a sentence, what is wrong with it, a menu of actions."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QEnterEvent, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QVBoxLayout

from salesdesk.services import task_rules
from salesdesk.services.link_rules import LinkRule
from salesdesk.services.people import Person, Team
from salesdesk.services.task_rules import TaskRule
from salesdesk.text import N_, tr
from salesdesk.ui import theme
from salesdesk.ui.settings import rule_words
from salesdesk.ui.settings.cells import Token
from salesdesk.ui.settings.rule_forms import DueForm, TitleForm
from salesdesk.ui.settings.rule_words import Found
from salesdesk.ui.settings.section import Row, inline
from salesdesk.ui.settings.sentence import Sentence
from salesdesk.ui.widgets.buttons import Button, IconButton
from salesdesk.ui.widgets.labels import label
from salesdesk.ui.widgets.popup import Option, Picker, Popover, menu, show_under

if TYPE_CHECKING:
    from salesdesk.ui.settings.rules import RulesSection

LEAVING = {
    "keep": N_("keep"),
    "complete": N_("complete"),
    "cancel": N_("cancel"),
    "must": N_("must be done"),
}
#: The id of a rule that is not saved yet.
DRAFT = 0
Kind = Literal["rule", "link"]


@dataclass(frozen=True)
class Line:
    """What a row shows: a rule or a link, and its place among those that it can change with."""

    kind: Kind
    thing: Any
    found: Found
    place: int
    count: int

    @property
    def key(self) -> tuple[str, int]:
        """What the row is known by; a draft has the id 0."""
        return (self.kind, self.thing.id)


class SentenceRow(Row):
    """One rule or link; a draft says that it is one, and can be saved."""

    kind: Kind = "rule"
    deletes = N_("Delete the task rule")

    def __init__(self, section: "RulesSection", key: int, tokens: dict[str, Token]) -> None:
        super().__init__(row_name(self.kind, key))
        self.section, self.key = section, key
        self.thing: Any = None
        self.tokens = tokens
        self._marked = False
        self._place = (0, 1)
        name = self.objectName()
        self.cells.setContentsMargins(theme.M + 2, theme.M, theme.S, theme.M)
        self.sentence = Sentence(f"{name}-sentence", tokens)
        self.add(self.sentence, 1)
        self.more = IconButton("more", tr("What to do with it"), f"{name}-actions",
                               self._on_menu, "quiet")  # fmt: skip
        self.cells.addWidget(self.more, 0, Qt.AlignmentFlag.AlignTop)
        if key == DRAFT:
            self._add_draft_line(name)
        for watched in (*tokens.values(), self.more):
            watched.installEventFilter(self)

    def _add_draft_line(self, name: str) -> None:
        """Below the sentence: that it is a draft, and the way to keep it."""
        said = label(tr("Draft: it does nothing yet."), "small")
        self.keep = Button(tr("Save"), f"{name}-keep", "link", lambda: self.section.save(self))
        drop = Button(tr("Discard"), f"{name}-drop", "link", self.remove)
        column = self.layout()
        assert isinstance(column, QVBoxLayout)
        margins = (theme.M + 2, 0, theme.M, theme.S)
        column.insertWidget(1, inline(said, self.keep, drop, 1, margins=margins))

    # -- what a kind of row overrides -------------------------------------------------------------

    def fill(self, item: Line) -> None:
        self.thing = item.thing
        self._place = (item.place, item.count)
        for name, text in self.words(item.found).items():
            self.tokens[name].set_words(text)
        self.sentence.set_template(self.template())
        self.show_problem(self.problem(item.found))
        self.set_may(self.section.may)

    def words(self, found: Found) -> dict[str, str]:
        """The words of the tokens."""
        raise NotImplementedError

    def template(self) -> str:
        """The sentence with places for the tokens."""
        raise NotImplementedError

    def problem(self, found: Found) -> str:
        """What is wrong; empty: nothing."""
        raise NotImplementedError

    def remove(self) -> None:
        """Delete what the row shows."""
        raise NotImplementedError

    # -- what may be done with it -----------------------------------------------------------------

    def set_may(self, may: bool) -> None:
        """A saved sentence is changed by administrators; a draft by everybody who sees it."""
        for token in self.tokens.values():
            token.setEnabled(may or self.key == DRAFT)
        if self.key == DRAFT:
            self.keep.setVisible(may)

    def _on_menu(self) -> None:
        entries: list[tuple[str, str, Callable[[], object]] | None] = [
            ("try", tr("Try it: what would it have done?"), lambda: self.section.try_row(self))
        ]
        place, count = self._place
        if self.section.may and self.key != DRAFT:
            if place > 0:
                entries.append(("up", tr("Move up"), lambda: self.section.step(self, -1)))
            if place < count - 1:
                entries.append(("down", tr("Move down"), lambda: self.section.step(self, 1)))
            entries += [None, ("remove", tr(self.deletes), self.remove)]
        if self.key == DRAFT:
            entries += [None, ("remove", tr("Discard"), self.remove)]
        show_under(menu(entries, f"{self.objectName()}-menu", self), self.more, right=True)

    def change(self, **values: Any) -> None:
        """Other values: saved, or kept with the draft."""
        changed = replace(self.thing, **values)
        if changed != self.thing:
            self.section.change(self, changed)

    def pick(self, token: str, options: list[Option], current: object, what: str) -> Picker:
        """A list under a word."""
        picker = Picker(options, f"{self.objectName()}-{token}-list", what, current, self)
        show_under(picker, self.tokens[token])
        return picker

    def open(self, form: Popover, token: str) -> None:
        """A form under a word."""
        show_under(form, self.tokens[token])

    def pick_who(self, what: str) -> None:
        """Who gets the task or the child deal."""
        thing, found = self.thing, self.section.found
        options = assignee_options(found.people, found.teams, found.today)
        current = (thing.assignee_rule, thing.assignee_id, thing.team_id)
        picker = self.pick("who", options, current, what)
        picker.picked.connect(
            lambda who: self.change(assignee_rule=who[0], assignee_id=who[1], team_id=who[2])
        )

    # -- keys, and the mark that the diagram gives and takes --------------------------------------

    def _stepped(self, event: QKeyEvent) -> bool:
        """Alt+Up and Alt+Down move the row, whichever of its words has the focus."""
        step = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}.get(Qt.Key(event.key()))
        if step is None or not event.modifiers() & Qt.KeyboardModifier.AltModifier:
            return False
        place, count = self._place
        if self.section.may and self.key != DRAFT and 0 <= place + step < count:
            self.section.step(self, step)
        return True

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.FocusIn, QEvent.Type.FocusOut):
            self.section.mark(self.kind, self.key, event.type() == QEvent.Type.FocusIn)
        elif event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            return self._stepped(event)  # a button would take the arrows for itself
        return super().eventFilter(watched, event)

    def enterEvent(self, event: QEnterEvent) -> None:
        super().enterEvent(event)
        self.section.mark(self.kind, self.key, True)

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self.section.mark(self.kind, self.key, False)

    def set_marked(self, marked: bool) -> None:
        """Stand out: the diagram shows this link."""
        if marked != self._marked:
            self._marked = marked
            self.update()

    def is_marked(self) -> bool:
        """Whether it stands out."""
        return self._marked

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._marked:
            with QPainter(self) as painter:
                look = theme.current()
                painter.fillRect(self.rect(), look.accent_soft)
                painter.fillRect(0, 0, 3, self.height(), look.accent)
        super().paintEvent(event)


class RuleRow(SentenceRow):
    """A task rule: which task, for whom, until when, and its end."""

    def __init__(self, section: "RulesSection", key: int) -> None:
        name = row_name("rule", key)
        super().__init__(
            section, key,
            {
                "stage": Token(f"{name}-in", tr("Stage"), self._pick_stage),
                "task": Token(f"{name}-title", tr("Task"), self._edit_title),
                "more": Token(f"{name}-more", tr("Kind, text, checklist, result"),
                              self._edit_title),
                "who": Token(f"{name}-who", tr("Who gets the task"),
                             lambda: self.pick_who(tr("Who gets the task"))),
                "when": Token(f"{name}-due", tr("Due"), lambda: self._edit_due("when")),
                "date": Token(f"{name}-before", tr("Date of the deal"),
                              lambda: self._edit_due("date")),
                "event": Token(f"{name}-event", tr("What it waits for"),
                               lambda: self._edit_due("event")),
                "leave": Token(f"{name}-leave", tr("On leaving the stage"), self._pick_leave),
            },
        )  # fmt: skip

    @property
    def rule(self) -> TaskRule:
        """The rule that it shows."""
        assert isinstance(self.thing, TaskRule)
        return self.thing

    def words(self, found: Found) -> dict[str, str]:
        rule = self.rule
        return {
            "stage": found.stage_name(rule.stage_id),
            "task": rule.title,
            "more": rule_words.more(rule, found.kinds),
            "who": rule_words.who(rule, found.people, found.teams),
            "when": rule_words.when(rule),
            "date": rule_words.date(rule, found),
            "event": rule_words.event(rule, found),
            "leave": leave_words(rule),
        }

    def template(self) -> str:
        return rule_words.template(self.rule)

    def problem(self, found: Found) -> str:
        return rule_words.problem(self.rule, found)

    def _pick_stage(self) -> None:
        inside = self.section.stages()
        picker = self.pick("stage", [Option(s.id, s.name) for s in inside], self.rule.stage_id,
                           tr("Stage"))  # fmt: skip
        picker.picked.connect(lambda stage: self.change(stage_id=stage))

    def _pick_leave(self) -> None:
        current = "must" if self.rule.must_be_done else self.rule.leave_policy
        options = [Option(key, tr(text)) for key, text in LEAVING.items()]
        picker = self.pick("leave", options, current, tr("On leaving the stage"))
        picker.picked.connect(self._on_leave)

    def _on_leave(self, policy: str) -> None:
        must = policy == "must"
        self.change(must_be_done=must, leave_policy="keep" if must else policy)

    def _edit_title(self) -> None:
        form = TitleForm(self.rule, self.section.found, f"{self.objectName()}-task", self)
        form.given.connect(lambda values: self.change(**values))
        self.open(form, "task")

    def _edit_due(self, token: str) -> None:
        form = DueForm(self.rule, self.section.found, f"{self.objectName()}-when", self)
        form.given.connect(lambda values: self.change(**values))
        self.open(form, token)

    def remove(self) -> None:
        if self.key == DRAFT:
            self.section.drop_draft(self.kind)
            return
        said = tr("Task rule “{title}” deleted", title=self.rule.title)
        self.section.do(task_rules.delete_task_rule, self.key, say=said, cell=self)


def row_name(kind: Kind, key: int) -> str:
    """The object name of a row."""
    return f"settings-{kind}-{key or 'draft'}"


def leave_words(rule: TaskRule) -> str:
    """What becomes of the task when the deal leaves the stage."""
    return tr(LEAVING["must" if rule.must_be_done else rule.leave_policy])


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


Thing = TaskRule | LinkRule
