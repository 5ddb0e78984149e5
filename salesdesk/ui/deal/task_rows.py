"""The line of one task: its state, its text, who has it; below it why it stands as it does, and
unfolded what is to be done."""

from typing import NamedTuple

from PySide6.QtCore import QSize, Signal
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from salesdesk.services.tasks import TaskLine
from salesdesk.text import tr
from salesdesk.ui import theme
from salesdesk.ui.deal import words
from salesdesk.ui.taskforms.details import TaskDetails
from salesdesk.ui.widgets.avatar import Avatar
from salesdesk.ui.widgets.buttons import IconButton
from salesdesk.ui.widgets.labels import label
from salesdesk.ui.widgets.state_rows import ROW, Mark, Piece, StateRow

_AVATAR = 18
_INSET = 20


class Told(NamedTuple):
    """What stands around a task: behind its title, why it is as it is, and whether it is open."""

    meta: str
    why: str = ""
    unfolded: bool = False


class TaskRow(StateRow):
    """State, text, and the assignee where that is not the responsible person. A row that was made
    once is used again for another task: what costs is the making.

    ``unfold(bool)``: what is to be done is wanted or no longer; ``ticked(line, on)``.
    """

    unfold = Signal(bool)
    ticked = Signal(int, bool)

    def __init__(self) -> None:
        super().__init__()
        self.task: TaskLine | None = None
        self._avatar: Avatar | None = None
        self._why: QLabel | None = None
        self.details: TaskDetails | None = None
        self.arrow: IconButton | None = None
        self._unfolded = False
        self.text.folded.connect(lambda fold: self.unfold.emit(not fold))
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._column.addLayout(self.line)

    def show_task(
        self, task: TaskLine, told: Told, owner_id: int | None, editable: bool = True
    ) -> None:
        """Stand for this task from now on, in a deal that ``owner_id`` is responsible for."""
        self.task = task
        self._unfolded = told.unfolded
        name = f"deal-task-{task.id}"
        self.setObjectName(name)
        verb = tr("Complete") if task.state == "open" else tr("Open again")
        self.dot.show_mark(_mark(task), f"{name}-state", verb, task.title, words.task_state(task))
        self._show_text(task, told, name)
        self._show_why(told.why)
        has_more = bool(task.description or task.checklist)
        self.text.folded_now = not told.unfolded if has_more else None
        for part in (self.dot, self.text):
            part.setEnabled(editable)
        self._show_arrow(task, has_more)
        self._show_details(task, has_more and told.unfolded, editable and task.state == "open")
        self._show_person(task, owner_id)

    def _show_text(self, task: TaskLine, told: Told, name: str) -> None:
        font = theme.font(theme.SECONDARY)
        font.setStrikeOut(task.state == "cancelled")
        spoken = (task.title, words.task_state(task), told.meta, told.why.replace("\n", ", "))
        tip = (task.title, told.meta, told.why, task.assignee, task.result)
        self.text.show_pieces(
            f"{name}-text",
            Piece(task.title, lambda now: now.text if task.state == "open" else now.muted),
            Piece(f" · {told.meta}", lambda now: now.bad if task.shown == "overdue" else now.muted),
            font,
            ", ".join(filter(None, (*spoken, task.assignee))),
            "\n".join(filter(None, tip)),
        )

    def _show_why(self, why: str) -> None:
        if why and self._why is None:
            self._why = label("", "small", wrap=True)
            self._why.setContentsMargins(_INSET, 0, 0, theme.XS)
            self._column.insertWidget(1, self._why)
        if self._why is not None:
            self._why.setText(why)
            self._why.setVisible(bool(why))

    def _show_arrow(self, task: TaskLine, has_more: bool) -> None:
        if has_more and self.arrow is None:
            self.arrow = IconButton("chevron-down", "", "", self._on_arrow, "quiet", self)
            self.arrow.setFixedSize(QSize(ROW - 6, ROW - 6))
            self.line.insertWidget(2, self.arrow)
        if self.arrow is not None:
            self.arrow.setObjectName(f"deal-task-{task.id}-unfold")
            self.arrow.set_icon("chevron-up" if self._unfolded else "chevron-down")
            said = (
                tr("Hide what is to be done") if self._unfolded else tr("Show what is to be done")
            )
            self.arrow.set_text(f"{said}: {task.title}", said)
            self.arrow.setVisible(has_more)

    def _show_details(self, task: TaskLine, shown: bool, editable: bool) -> None:
        if shown and self.details is None:
            self.details = TaskDetails("deal-task", _INSET)
            self.details.ticked.connect(self.ticked)
            self._column.addWidget(self.details)
        if self.details is not None:
            if shown:
                self.details.show_task(task, editable)
            self.details.setVisible(shown)

    def _show_person(self, task: TaskLine, owner_id: int | None) -> None:
        told = task.assignee_id != owner_id or task.assignee is None
        if told and self._avatar is None:
            self._avatar = Avatar(size=_AVATAR, parent=self)
            self.line.addWidget(self._avatar)
        if self._avatar is not None:
            self._avatar.set_person(task.assignee, task.assignee_id or 0)
            self._avatar.setVisible(told)

    def _on_arrow(self) -> None:
        self.unfold.emit(not self._unfolded)

    def parts(self) -> list[QWidget]:
        """What can have the keyboard, in an order that stays when the task changes."""
        lines = self.details.lines if self.details is not None else []
        return [self.dot, self.text, self.arrow or self.text, *lines]

    def has_focus(self) -> bool:
        return any(part.hasFocus() for part in self.parts())


def _mark(task: TaskLine) -> Mark:
    if task.state == "done":
        return Mark("check", lambda now: now.muted, undoes=True)
    if task.shown in ("waiting", "cancelled"):
        return Mark("ring", lambda now: now.faint, undoes=task.state != "open")
    return Mark("disc", lambda now: now.dot(task.shown))
