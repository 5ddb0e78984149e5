"""“What would it have done?”: rules and links tried on the real moves of the last days. Nothing is
written.

The trial runs in the background, slice by slice; Cancel and the next trial end it between slices.
"""

import threading
from collections import Counter
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import Signal

from salesdesk.services.link_rules import LinkRule
from salesdesk.services.task_rules import TaskRule
from salesdesk.text import ntr, tr
from salesdesk.ui import formats, theme
from salesdesk.ui.background import Deliverer
from salesdesk.ui.context import Context
from salesdesk.ui.settings.section import inline
from salesdesk.ui.settings.trial_list import Numbers, Tried, TriedList
from salesdesk.ui.widgets.buttons import Button
from salesdesk.ui.widgets.labels import Card, SectionLabel, label
from salesdesk.ui.widgets.progress import ProgressRow

#: How many days of moves a rule is tried on.
DAYS = 30
_STEPS = Generator[tuple[int, int], None, Any]


@dataclass(frozen=True)
class Found:
    """What rules would have done together; ``moves`` into their stages, ``names`` of people."""

    moves: int
    tried: tuple[Tried, ...]
    names: dict[int, str]

    def of(self, kind: str) -> list[Tried]:
        """What is of one kind: ``task``, ``child`` or ``parent``."""
        return [each for each in self.tried if each.kind == kind]

    def by_person(self) -> Counter[int | None]:
        """How many tasks and child deals each person would have got."""
        return Counter(each.person_id for each in self.tried if each.kind != "parent")


def trial(
    r: Any,
    rules: Sequence[TaskRule | LinkRule],
    since: int,
    now: int,
    told: Callable[[int, int], object],
    stopped: Callable[[], bool],
) -> Found | None:
    """What task rules and links would have done; None when it was stopped."""
    from salesdesk.services import people, rule_trial

    moves, tried = 0, []
    for rule in rules:
        steps: _STEPS = (
            rule_trial.of_link_rule(r, rule, since=since, now=now)
            if isinstance(rule, LinkRule)
            else rule_trial.of_task_rule(r, rule, since=since, now=now)
        )
        found = _walk(steps, moves, told, stopped)
        if found is None:
            return None
        moves += found.moves
        tried += [_task(rule, task) for task in found.tasks if isinstance(rule, TaskRule)]
        tried += [_deal(rule, deal) for deal in found.deals if isinstance(rule, LinkRule)]
    tried.sort(key=lambda each: -each.at)
    return Found(moves, tuple(tried), {one.id: one.name for one in people.people(r)})


def _walk(
    steps: _STEPS, before: int, told: Callable[[int, int], object], stopped: Callable[[], bool]
) -> Any:
    while True:
        try:
            done, whole = next(steps)
        except StopIteration as end:
            return end.value
        if stopped():
            steps.close()
            return None
        told(before + done, before + whole)


def _task(rule: TaskRule, task: Any) -> Tried:
    return Tried("task", task.at, task.deal_id, rule.title, task.deal, task.assignee_id,
                 task.due_at, task.waits, task.late)  # fmt: skip


def _deal(link: LinkRule, deal: Any) -> Tried:
    opened = link.kind == "open_child"
    return Tried("child" if opened else "parent", deal.at, deal.deal_id, deal.deal, "",
                 deal.owner_id)  # fmt: skip


class TrialCard(Card):
    """Numbers and a list of what rules would have made. ``wanted()``: Try was pressed; answer with
    ``try_rules(rules, sentence)``."""

    wanted = Signal()
    #: What it shows has grown: to be brought into sight.
    grown = Signal()

    def __init__(self, context: Context, name: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self.context = context
        self._deliverer = Deliverer(self)
        self._stop = threading.Event()
        self._since = self._now = 0
        self._draft = False
        self._asked: tuple[Sequence[TaskRule | LinkRule], str] | None = None
        self.heading = SectionLabel("")
        self.heading.setWordWrap(True)
        self.button = Button(tr("Try"), f"{name}-run", "chip", self.wanted.emit)
        self.button.setToolTip(tr("Try it on the moves of the last {n} days", n=DAYS))
        self.sentence = label("", "muted", wrap=True)
        self.progress = ProgressRow(f"{name}-progress", tr("Trying the rules"))
        self.progress.cancelled.connect(self.cancel)
        self.numbers = Numbers(f"{name}-numbers")
        self.told = label("", "muted", wrap=True)
        self.told.setObjectName(f"{name}-told")
        self.list = TriedList(f"{name}-list")
        self.list.opened.connect(lambda deal: context.go("board", deal))
        head = inline(self.heading, self.button)
        layout = head.layout()
        assert layout is not None
        layout.setStretch(0, 1)  # type: ignore[attr-defined]
        for widget in (head, self.sentence, self.progress, self.numbers, self.told, self.list):
            self.body.addWidget(widget)
        self.body.setSpacing(theme.XS)
        self.clear()

    def set_draft(self, draft: bool) -> None:
        """Whether there is a draft, which is what would be tried."""
        if draft != self._draft:
            self._draft = draft
            self._head()

    def clear(self) -> None:
        """Show no results: nothing has been tried yet."""
        self._stop.set()
        self._asked = None
        self.progress.hide()
        self.sentence.hide()
        self._results(False)
        self.told.setText(tr("Runs over the real moves of the last {n} days and writes nothing.",
                             n=DAYS))  # fmt: skip
        self._head()

    def cancel(self) -> None:
        """Stop the trial between two slices."""
        self._stop.set()

    # -- trying -------------------------------------------------------------------------------

    def try_rules(self, rules: Sequence[TaskRule | LinkRule], sentence: str) -> None:
        """Show what rules and links, saved or drafts, would have done."""
        self._stop.set()
        stop = self._stop = threading.Event()
        zone = self.context.store.zone
        self._now = self.context.now()
        self._since = zone.start_of(zone.day_of(self._now) - DAYS)
        self._asked = (rules, sentence)
        self._head()
        self.sentence.setText(sentence)
        self.sentence.setVisible(bool(sentence))
        self._results(False)
        self.told.hide()
        self.progress.begin(tr("Looking at the moves…"))
        self.progress.show()
        self.grown.emit()

        def told(done: int, whole: int) -> None:
            self._deliverer.call(lambda: self._on_progress(stop, done, whole))

        self.context.read(
            trial, tuple(rules), self._since, self._now, told, stop.is_set,
            done=self._on_done, failed=self._on_failed, key=f"{self.objectName()}-trial",
        )  # fmt: skip

    def _on_progress(self, stop: threading.Event, done: int, whole: int) -> None:
        if stop is self._stop and not stop.is_set():
            words = tr("{done} of {whole} moves", done=formats.whole(done),
                       whole=formats.whole(whole))  # fmt: skip
            self.progress.set_progress(done, whole, words)

    def _on_failed(self, _error: Exception) -> bool:
        self.progress.hide()
        return False

    def _on_done(self, found: Found | None) -> None:
        self.progress.hide()
        if self._asked is None:
            return
        self.told.show()
        if found is None:
            self.told.setText(tr("Stopped; nothing has been written."))
            return
        self.told.setText(_words(found))
        self.numbers.set_parts(_numbers(found))
        self.list.set_found(found.tried, found.names, self.context.store.zone, self._now)
        self._results(bool(found.tried))
        self.grown.emit()

    # -- showing ------------------------------------------------------------------------------

    def _results(self, there: bool) -> None:
        self.numbers.setVisible(there)
        self.list.setVisible(there)

    def _head(self) -> None:
        if self._draft:
            words = tr("What would the draft have done?")
        elif self._asked is not None and len(self._asked[0]) == 1:
            words = tr("What would this rule have done?")
        else:
            words = tr("What would these rules have done?")
        if self._asked is not None:
            zone = self.context.store.zone
            first, last = zone.day_of(self._since), zone.day_of(self._now)
            words += f" {formats.day_short(first)} – {formats.day_short(last)}"
        self.heading.set_text(words)


def _numbers(found: Found) -> list[tuple[str, str, bool]]:
    """(number, text with it, whether it is bad) each."""
    tasks, children, parents = found.of("task"), found.of("child"), found.of("parent")
    late = sum(each.late for each in tasks)
    n = len(found.by_person().keys() - {None})
    parts = []
    if tasks:
        parts.append((len(tasks), ntr("{n} task", "{n} tasks", len(tasks)), False))
    parts.append((n, ntr("{n} person", "{n} people", n), False))
    if tasks:
        words = ntr("{n} would be late today", "{n} would be late today", late)
        parts.append((late, words, late > 0))
    if children:
        words = ntr("{n} child deal", "{n} child deals", len(children))
        parts.append((len(children), words, False))
    if parents:
        words = ntr("{n} parent moved", "{n} parents moved", len(parents))
        parts.append((len(parents), words, False))
    return [(str(number), words, bad) for number, words, bad in parts]


def _words(found: Found) -> str:
    nothing = tr("Nothing has been written.")
    if not found.tried:
        moves = ntr("{n} move into the stage.", "{n} moves into the stage.", found.moves)
        idle = tr("The rule would have done nothing in these {n} days.", n=DAYS)
        return f"{moves} {idle}"
    parts = [nothing]
    ranked = found.by_person().most_common()
    if ranked and ranked[0][0] is not None:
        name = found.names.get(ranked[0][0], tr("Nobody"))
        parts.append(tr("Most for {name} ({n}).", name=name, n=ranked[0][1]))
    waiting = sum(each.waits for each in found.tried)
    if waiting:
        parts.append(ntr("{n} task would wait first.", "{n} tasks would wait first.", waiting))
    return " ".join(parts)
