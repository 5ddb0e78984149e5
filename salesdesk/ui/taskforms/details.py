"""What is to be done in a task: its text, and its checklist to tick."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from salesdesk.services.tasks import TaskLine
from salesdesk.text import tr
from salesdesk.ui import theme
from salesdesk.ui.widgets.checks import CheckLine
from salesdesk.ui.widgets.labels import label


class TaskDetails(QWidget):
    """The text of a task and its checklist; ``ticked(line, on)``. ``name`` begins the object names
    of the lines; ``inset`` pixels are left free before them."""

    ticked = Signal(int, bool)

    def __init__(self, name: str, inset: int = 0) -> None:
        super().__init__()
        self._name = name
        self.text = label("", "muted", wrap=True)
        self.text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.lines: list[CheckLine] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(inset, 0, 0, theme.XS)
        self._column.setSpacing(2)
        self._column.addWidget(self.text)

    def show_task(self, task: TaskLine, editable: bool) -> None:
        """Show another task."""
        self.text.setText(task.description or "")
        self.text.setVisible(bool(task.description))
        while len(self.lines) < len(task.checklist):
            self._add_line(len(self.lines))
        for at, (text, ticked) in enumerate(task.checklist):
            line = self.lines[at]
            line.setObjectName(f"{self._name}-{task.id}-check-{at}")
            line.set_line(text, ticked)
            line.setEnabled(editable)
            line.show()
        for line in self.lines[len(task.checklist) :]:
            line.hide()

    def _add_line(self, at: int) -> None:
        line = CheckLine("")
        line.chosen.connect(lambda on: self.ticked.emit(at, on))
        self.lines.append(line)
        self._column.addWidget(line)


def ticked_words(task: TaskLine, on: bool) -> str:
    """What is said when a line of a task is ticked, or its tick taken away."""
    done = sum(ticked for _line, ticked in task.checklist) + (1 if on else -1)
    return tr("{title}: {done} of {n} done", title=task.title, done=done, n=len(task.checklist))
