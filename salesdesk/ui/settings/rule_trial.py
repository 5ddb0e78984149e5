"""“Try it”: what a rule would have done with the real moves of the last days. Nothing is written.

The trial runs in the background, slice by slice; Cancel and the next trial end it between slices.
"""

import threading
from collections.abc import Callable, Generator, Sequence
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QKeyEvent, QPainter
from PySide6.QtWidgets import QFrame, QListView, QStyle, QStyledItemDelegate, QVBoxLayout, QWidget

from salesdesk.services.link_rules import LinkRule
from salesdesk.services.task_rules import TaskRule
from salesdesk.text import ntr, tr
from salesdesk.ui import formats, theme
from salesdesk.ui.background import Deliverer
from salesdesk.ui.context import Context
from salesdesk.ui.widgets.buttons import IconButton
from salesdesk.ui.widgets.flow import FlowLayout
from salesdesk.ui.widgets.labels import SectionLabel, label, set_role
from salesdesk.ui.widgets.lines import LineItem, LineList
from salesdesk.ui.widgets.panel import SidePanel
from salesdesk.ui.widgets.progress import ProgressRow

#: How many days of moves a rule is tried on.
DAYS = 30
WIDTH = 340
_ROW = 40
_UNBOUND = 16_777_215
_PEOPLE = 4
_NOTHING = QModelIndex()
_ROLE = Qt.ItemDataRole
Index = QModelIndex | QPersistentModelIndex


def try_button(name: str, run: Callable[[], object]) -> IconButton:
    """The button of a rule that tries it."""
    return IconButton("history", tr("Try it: what would it have done?"), name, run, "quiet")


def trial(
    r: Any,
    rule: Any,
    since: int,
    now: int,
    told: Callable[[int, int], object],
    stopped: Callable[[], bool],
) -> Any:
    """The Trial of a task rule or a link, with the names of people; None when it was stopped."""
    from salesdesk.services import people, rule_trial

    of = rule_trial.of_link_rule if isinstance(rule, LinkRule) else rule_trial.of_task_rule
    steps: Generator[tuple[int, int], None, Any] = of(r, rule, since=since, now=now)
    while True:
        try:
            done, whole = next(steps)
        except StopIteration as end:
            return end.value, {person.id: person.name for person in people.people(r)}
        if stopped():
            steps.close()
            return None
        told(done, whole)


class TrialPanel(SidePanel):
    """Numbers, people and a list of what a rule would have made. Hidden until something is tried;
    ``try_task_rule(rule, its sentence)``, ``try_link_rule(link, its sentence)``."""

    def __init__(self, context: Context, name: str) -> None:
        super().__init__(name, tr("What would it have done?"), WIDTH)
        self.context = context
        self.set_title(tr("What would it have done?"))
        self.retranslate()
        self._deliverer = Deliverer(self)
        self._stop = threading.Event()
        self._since = self._now = 0
        self.days = SectionLabel("")
        self.sentence = label("", "muted", wrap=True)
        self.progress = ProgressRow(f"{name}-progress", tr("Trying the rule"))
        self.progress.cancelled.connect(self._on_cancel)
        self.numbers = _Numbers(f"{name}-numbers")
        self.told = label("", "muted", wrap=True)
        self.told.setObjectName(f"{name}-told")
        self.people = LineList(f"{name}-people")
        self.people.setAccessibleName(tr("Who would have got how many"))
        self.listed = SectionLabel("")
        for widget in (self.days, self.sentence, self.progress, self.numbers, self.told,
                       self.people, self.listed):  # fmt: skip
            self.body.addWidget(widget)
        self.body.addStretch(1)
        self.list = TriedList(f"{name}-list")
        self.list.opened.connect(lambda deal: context.go("board", deal))
        column = self.layout()
        assert isinstance(column, QVBoxLayout)
        column.addWidget(self.list, 4)
        column.setStretchFactor(self.area, 5)
        self.closed.connect(self._on_cancel)
        self._results(False)
        self.hide()

    # -- trying -------------------------------------------------------------------------------

    def try_task_rule(self, rule: TaskRule, sentence: str) -> None:
        """Show what a task rule, saved or a draft, would have done."""
        self._try(rule, sentence)

    def try_link_rule(self, rule: LinkRule, sentence: str) -> None:
        """Show what a link would have opened or moved."""
        self._try(rule, sentence)

    def _try(self, rule: Any, sentence: str) -> None:
        self._stop.set()
        stop = self._stop = threading.Event()
        zone = self.context.store.zone
        self._now = self.context.now()
        first = zone.day_of(self._now) - DAYS
        self._since = zone.start_of(first)
        self.days.set_text(f"{formats.day(first)} – {formats.day(zone.day_of(self._now))}")
        self.sentence.setText(sentence)
        self._results(False)
        self.progress.begin(tr("Looking at the moves…"))
        self.progress.show()
        self.told.hide()
        self.show()

        def told(done: int, whole: int) -> None:
            self._deliverer.call(lambda: self._on_progress(stop, done, whole))

        self.context.read(
            trial, rule, self._since, self._now, told, stop.is_set,
            done=self._on_done, failed=self._on_failed, key=f"{self.objectName()}-trial",
        )  # fmt: skip

    def _on_progress(self, stop: threading.Event, done: int, whole: int) -> None:
        if stop is self._stop and not stop.is_set():
            words = tr("{done} of {whole} moves", done=formats.whole(done),
                       whole=formats.whole(whole))  # fmt: skip
            self.progress.set_progress(done, whole, words)

    def _on_cancel(self) -> None:
        self._stop.set()

    def _on_failed(self, _error: Exception) -> bool:
        self.progress.hide()
        return False

    def _on_done(self, answer: Any) -> None:
        self.progress.hide()
        if answer is None:
            self._say(tr("Stopped; nothing has been written."))
            return
        found, names = answer
        self._show_numbers(found)
        self._show_people(found, names)
        self.list.set_found(found.tasks or found.deals, names, self.context.store.zone, self._now)
        self.listed.set_text(tr("Tasks") if found.tasks else tr("Deals"))
        self._say(self._words(found))
        self._results(bool(found.tasks or found.deals))

    # -- showing ------------------------------------------------------------------------------

    def _results(self, there: bool) -> None:
        for widget in (self.numbers, self.people, self.listed, self.list):
            widget.setVisible(there)
        high = self.body.totalHeightForWidth(WIDTH - 1) if there else _UNBOUND
        self.area.setMaximumHeight(high)

    def _say(self, text: str) -> None:
        self.told.setText(text)
        self.told.show()

    def _show_numbers(self, found: Any) -> None:
        got = {task.assignee_id for task in found.tasks} | {d.owner_id for d in found.deals}
        parts = []
        if found.tasks:
            parts.append((ntr("{n} task", "{n} tasks", len(found.tasks)), False))
        if found.deals:
            parts.append((ntr("{n} deal", "{n} deals", len(found.deals)), False))
        parts.append((ntr("{n} person", "{n} people", len(got - {None})), False))
        if found.tasks:
            late = ntr("{n} would be late today", "{n} would be late today", found.late)
            parts.append((late, found.late > 0))
        self.numbers.set_parts(parts)

    def _show_people(self, found: Any, names: dict[int, str]) -> None:
        counts = dict(found.by_person())
        for deal in found.deals:
            counts[deal.owner_id] = counts.get(deal.owner_id, 0) + 1
        ranked = sorted(counts.items(), key=lambda each: (-each[1], names.get(each[0], "")))
        shown = [
            LineItem(names.get(person, tr("Nobody")), number=formats.whole(count),
                     person=person or 0)
            for person, count in ranked[:_PEOPLE]
        ]  # fmt: skip
        rest = ranked[_PEOPLE:]
        if rest:
            words = ntr("{n} more person", "{n} more people", len(rest))
            total = formats.whole(sum(count for _, count in rest))
            shown.append(LineItem(words, number=total, quiet=True))
        self.people.set_items(shown)

    def _words(self, found: Any) -> str:
        moves = ntr("{n} move into the stage.", "{n} moves into the stage.", found.moves)
        nothing = tr("Nothing has been written.")
        if not (found.tasks or found.deals):
            idle = tr("The rule would have done nothing in these {n} days.", n=DAYS)
            return f"{moves} {idle}"
        waiting = sum(task.waits for task in found.tasks)
        if waiting:
            more = ntr("{n} task would wait first.", "{n} tasks would wait first.", waiting)
            return f"{moves} {more} {nothing}"
        return f"{moves} {nothing}"


class _Numbers(QWidget):
    """Numbers with what they count, broken into lines; bad ones in red."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self._flow = FlowLayout(self, theme.M)
        self._labels = [label("", "strong") for _ in range(4)]
        for each in self._labels:
            self._flow.addWidget(each)

    def set_parts(self, parts: Sequence[tuple[str, bool]]) -> None:
        """Texts, and whether each is bad."""
        for at, each in enumerate(self._labels):
            each.setVisible(at < len(parts))
            if at < len(parts):
                each.setText(parts[at][0])
                set_role(each, "problem" if parts[at][1] else "strong")
        self.setAccessibleName(", ".join(text for text, _ in parts))


# -- the list -------------------------------------------------------------------------------------


class _Model(QAbstractListModel):
    """The tasks or deals; their words are made when they are seen."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.rows: Sequence[Any] = ()
        self.names: dict[int, str] = {}
        self.zone: Any = None
        self.now = 0

    def rowCount(self, parent: Index = _NOTHING) -> int:
        return 0 if parent.isValid() else len(self.rows)

    def data(self, index: Index, role: int = _ROLE.DisplayRole) -> Any:
        if role in (_ROLE.DisplayRole, _ROLE.AccessibleTextRole, _ROLE.ToolTipRole):
            title, below, _bad = self.words(index.row())
            return f"{title}, {below}"
        return None

    def words(self, row: int) -> tuple[str, str, bool]:
        """The deal; when, for whom and until when; whether that is late."""
        each = self.rows[row]
        at = formats.day_short(self.zone.day_of(each.at))
        who = getattr(each, "assignee_id", None) or getattr(each, "owner_id", None)
        parts = [at, self.names.get(who, tr("Nobody")) if who else tr("Nobody")]
        late = bool(getattr(each, "late", False))
        if hasattr(each, "due_at"):
            if each.due_at is None:
                parts.append(tr("waits") if each.waits else tr("no date"))
            else:
                due = formats.near(self.zone, each.due_at, self.now)
                parts.append(tr("due {when}", when=due))
        return each.deal, " · ".join(parts), late


class _Painter(QStyledItemDelegate):
    """Two lines of a row."""

    def sizeHint(self, _option: object, _index: Index) -> QSize:
        return QSize(100, _ROW)

    def paint(self, painter: QPainter, option: Any, index: Index) -> None:
        look, view = theme.current(), self.parent()
        assert isinstance(view, TriedList)
        title, below, late = view.model_.words(index.row())
        rect = QRect(option.rect)
        painter.save()
        if option.state & QStyle.StateFlag.State_Selected and view.hasFocus():
            painter.fillRect(rect, look.hover)
        inside = rect.adjusted(theme.L, 3, -theme.L, -3)
        for text, font, colour, top in (
            (title, theme.font(theme.BODY), look.text, 0),
            (below, theme.font(theme.SECONDARY, tabular=True),
             look.bad if late else look.muted, 17),
        ):  # fmt: skip
            painter.setFont(font)
            painter.setPen(colour)
            line = QRect(inside.left(), inside.top() + top, inside.width(), 17)
            cut = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, line.width())
            painter.drawText(line, int(Qt.AlignmentFlag.AlignVCenter), cut)
        painter.restore()


class TriedList(QListView):
    """However many rows there are, only those that are seen are made. ``opened(deal id)``."""

    opened = Signal(int)

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setAccessibleName(tr("What the rule would have made"))
        self.model_ = _Model(self)
        self.setModel(self.model_)
        self.setItemDelegate(_Painter(self))
        self.setUniformItemSizes(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        self.clicked.connect(self._on_opened)
        theme.changed.connect(self.viewport().update)

    def set_found(self, rows: Sequence[Any], names: dict[int, str], zone: Any, now: int) -> None:
        """Show other rows."""
        self.model_.beginResetModel()
        self.model_.rows, self.model_.names = rows, names
        self.model_.zone, self.model_.now = zone, now
        self.model_.endResetModel()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._on_opened(self.currentIndex())
            return
        super().keyPressEvent(event)

    def _on_opened(self, index: QModelIndex) -> None:
        if index.isValid():
            self.opened.emit(self.model_.rows[index.row()].deal_id)
