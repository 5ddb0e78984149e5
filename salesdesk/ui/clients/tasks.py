"""Tasks of a client that belong to no deal: a line to add one, a box to tick when it is done."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from salesdesk.services.clientview import ClientTask, ClientView
from salesdesk.services.dealview import Choices
from salesdesk.services.tasks import NewTask
from salesdesk.text import ntr, tr, trp
from salesdesk.ui import theme
from salesdesk.ui.clients import words
from salesdesk.ui.context import Context
from salesdesk.ui.widgets.buttons import ComboButton, IconButton, LinkButton, PrimaryButton
from salesdesk.ui.widgets.flow import FlowLayout
from salesdesk.ui.widgets.labels import ElidedLabel, SectionLabel, set_role
from salesdesk.ui.widgets.popup import Option, Picker, Popover, show_under

_SHOWN = 6


class ResultForm(Popover):
    """Asks what came out of a task: ``given(text)``."""

    given = Signal(str)

    def __init__(self, title: str, parent: QWidget) -> None:
        super().__init__("client-task-result", tr("Result"), parent)
        self.body.addWidget(ElidedLabel(title, "strong"))
        self.field = QLineEdit()
        self.field.setObjectName("client-task-result-text")
        self.field.setAccessibleName(tr("Result"))
        self.field.setPlaceholderText(tr("What came out of it?"))
        self.field.setMinimumWidth(260)
        self.field.returnPressed.connect(self._take)
        self.body.addWidget(self.field)
        button = PrimaryButton(trp("verb", "Done"), "client-task-result-ok", self._take)
        self.body.addWidget(button, 0, Qt.AlignmentFlag.AlignRight)

    def showEvent(self, event: QShowEvent) -> None:
        self.field.setFocus()

    def _take(self) -> None:
        if text := self.field.text().strip():
            self.close()
            self.given.emit(text)


class TaskSection(QWidget):
    """``wanted(NewTask)`` adds one; ``done(id, result)``, ``opened(id)`` takes "done" back."""

    wanted = Signal(object)
    done = Signal(object, object)
    opened = Signal(object)

    def __init__(self, context: Context) -> None:
        super().__init__()
        self.setObjectName("client-tasks")
        self._context = context
        self._client: ClientView | None = None
        self._choices: Choices | None = None
        self._key: object = None
        self._kind: int | None = None
        self._assignee: int | None = None
        self._days = 1
        self.title = SectionLabel("")
        self.field = QLineEdit()
        self.field.setObjectName("client-task-title")
        self.field.returnPressed.connect(self.take)
        self.field.textChanged.connect(self._on_typed)
        self.kind = self._combo("kind", self._kinds)
        self.assignee = self._combo("assignee", self._people)
        self.due = self._combo("due", self._dues)
        self.button = PrimaryButton("", "client-task-ok", self.take)
        self._more = QWidget()
        self._rows = QWidget()
        self._column = QVBoxLayout(self._rows)
        self.more = LinkButton("", "client-tasks-more", self._on_all)
        self._all = False
        self._build()

    def _combo(self, name: str, opens: Callable[[], Picker]) -> ComboButton:
        made = ComboButton("", f"client-task-{name}", "chip")
        made.set_opens(opens)
        return made

    def _build(self) -> None:
        pills = QWidget()
        flow = FlowLayout(pills, 6)
        for widget in (self.kind, self.assignee, self.due):
            flow.addWidget(widget)
        inside = QHBoxLayout(self._more)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.addWidget(pills, 1)
        inside.addWidget(self.button, 0, Qt.AlignmentFlag.AlignTop)
        self._more.hide()
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(2)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.XS)
        for part in (self.title, self.field, self._more, self._rows):
            column.addWidget(part)
        column.addWidget(self.more, 0, Qt.AlignmentFlag.AlignLeft)

    # -- what is shown ----------------------------------------------------------------------------

    def show_client(self, client: ClientView, choices: Choices) -> None:
        """Show the tasks of a client; what is being typed stays with it."""
        if self._client is None or self._client.id != client.id:
            self.field.clear()
            self._kind, self._assignee, self._days = None, self._context.person_id, 1
            self._all = False
        self._client, self._choices = client, choices
        self.title.set_text(tr("Tasks without a deal"))
        self.field.setPlaceholderText(tr("Add a task: what is to be done?"))
        self.field.setAccessibleName(tr("Add a task"))
        self.field.setVisible(not client.deleted)
        self.button.set_text(tr("Add"), tr("Add the task"))
        self._show_pills()
        day = self._context.today()
        key = (client.tasks, self._all, day, self._context.language, theme.current().name)
        if key != self._key:
            self._key = key
            self._rebuild(client)

    def _show_pills(self) -> None:
        if self._choices is None:
            return
        kinds = {each.id: each.name for each in self._choices.task_kinds}
        people = {each.id: each.name for each in self._choices.people}
        for button, title, text in (
            (self.kind, tr("Kind"), kinds.get(self._kind or 0, tr("Kind"))),
            (self.assignee, tr("Assignee"), people.get(self._assignee or 0, tr("Nobody"))),
            (self.due, tr("Day"), _distance(self._days)),
        ):
            button.set_text(text, f"{title}: {text}")
            button.updateGeometry()
        self.kind.setVisible(bool(kinds))

    def _rebuild(self, client: ClientView) -> None:
        while (item := self._column.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.hide()
                old.deleteLater()
        shown = client.tasks if self._all else client.tasks[:_SHOWN]
        for task in shown:
            self._column.addWidget(self._row(task))
        hidden = len(client.tasks) - len(shown)
        self.more.setVisible(hidden > 0)
        self.more.set_text(ntr("and {n} more…", "and {n} more…", hidden))

    def _row(self, task: ClientTask) -> QWidget:
        row = QWidget()
        below = words.task_below(task, self._context.store.zone, self._context.now())
        is_open = task.state == "open"
        text = tr("Done: {title}", title=task.title) if is_open else tr("Open again")
        tick = IconButton(
            "check" if is_open else "undo", text, f"client-task-{task.id}-done",
            lambda: self._on_tick(task, tick), "quiet",
        )  # fmt: skip
        column = QVBoxLayout()
        column.setSpacing(0)
        title = ElidedLabel(f"{task.kind}: {task.title}" if task.kind else task.title)
        if not is_open:
            set_role(title, "muted")
        column.addWidget(title)
        role = "problem" if task.shown == "overdue" else "muted"
        column.addWidget(ElidedLabel(below, role))
        line = QHBoxLayout(row)
        line.setContentsMargins(0, 2, 0, 2)
        line.setSpacing(theme.S)
        line.addWidget(tick, 0, Qt.AlignmentFlag.AlignTop)
        line.addLayout(column, 1)
        row.setAccessibleName(f"{task.title}, {below}")
        return row

    def _on_tick(self, task: ClientTask, anchor: QWidget) -> None:
        if task.state != "open":
            self.opened.emit(task.id)
        elif task.asks_result:
            form = ResultForm(task.title, self)
            form.given.connect(lambda text: self.done.emit(task.id, text))
            show_under(form, anchor)
        else:
            self.done.emit(task.id, None)

    def _on_all(self) -> None:
        self._all = True
        if self._client is not None and self._choices is not None:
            self.show_client(self._client, self._choices)

    # -- adding -----------------------------------------------------------------------------------

    def focus_field(self) -> None:
        """Begin to type a task."""
        self.field.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _on_typed(self, text: str) -> None:
        self._more.setVisible(bool(text.strip()))

    def take(self) -> None:
        """Add the task that was typed; it is due when that day's work ends."""
        title = self.field.text().strip()
        if not title or self._client is None or self._choices is None:
            return
        zone = self._context.store.zone
        day = date.fromordinal(self._context.today() + self._days)
        due = datetime.combine(day, time()) + timedelta(minutes=min(self._choices.closes, 1439))
        new = NewTask(
            title, client_id=self._client.id, assignee_id=self._assignee, kind_id=self._kind,
            due_at=zone.moment(due),
        )  # fmt: skip
        self.field.clear()
        self.wanted.emit(new)

    def _picker(
        self, name: str, title: str, options: list[Option], current: object,
        take: Callable[[int], None],
    ) -> Picker:  # fmt: skip
        picker = Picker(options, f"client-task-{name}-list", title, current, self)
        picker.picked.connect(take)
        return picker

    def _kinds(self) -> Picker:
        given = self._choices.task_kinds if self._choices is not None else ()
        options = [Option(each.id, each.name) for each in given]
        return self._picker("kind", tr("Kind"), options, self._kind, self._set_kind)

    def _people(self) -> Picker:
        given = self._choices.people if self._choices is not None else ()
        options = [Option(each.id, each.name) for each in given]
        return self._picker("assignee", tr("Assignee"), options, self._assignee, self._set_person)

    def _dues(self) -> Picker:
        options = [Option(days, _distance(days)) for days in (0, 1, 3, 7, 14, 30)]
        return self._picker("due", tr("Day"), options, self._days, self._set_days)

    def _set_kind(self, kind: int) -> None:
        self._kind = kind
        self._show_pills()

    def _set_person(self, person: int) -> None:
        self._assignee = person
        self._show_pills()

    def _set_days(self, days: int) -> None:
        self._days = days
        self._show_pills()


def _distance(days: int) -> str:
    if days < 2:
        return tr("Tomorrow") if days else tr("Today")
    return ntr("In {n} day", "In {n} days", days)
