"""One task in full under its line: its title, why it stands as it does, what is to be done."""

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent, QShowEvent
from PySide6.QtWidgets import QWidget

from salesdesk.moments import Zone
from salesdesk.services import tasks
from salesdesk.services.task_lists import Item
from salesdesk.text import tr
from salesdesk.ui import theme
from salesdesk.ui.context import Context
from salesdesk.ui.taskforms.details import TaskDetails, ticked_words
from salesdesk.ui.tasks import words
from salesdesk.ui.widgets.labels import label
from salesdesk.ui.widgets.popup import Popover

_WIDTH = 420
_KEY = Qt.Key
_STEPS = {_KEY.Key_Down: 1, _KEY.Key_Up: -1}


class TaskSheet(Popover):
    """Up and Down walk the checklist, Space ticks, Left or Esc closes. ``fetch`` reads the task
    anew after a tick; it closes when the task is gone."""

    def __init__(
        self, context: Context, item: Item, fetch: Callable[[int], Item | None], parent: QWidget
    ) -> None:
        super().__init__("tasks-sheet", item.task.title, parent)
        self._context, self._item, self._fetch = context, item, fetch
        self.setFixedWidth(_WIDTH)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.body.setContentsMargins(theme.L, theme.M, theme.L, theme.M)
        self.body.setSpacing(theme.S)
        self.title = label("", "strong", wrap=True)
        self.about = label("", "small", wrap=True)
        self.why = label("", "small", wrap=True)
        self.details = TaskDetails("tasks-sheet")
        self.details.ticked.connect(self._on_tick)
        for part in (self.title, self.about, self.why, self.details):
            self.body.addWidget(part)
        self._show(item)

    def _show(self, item: Item) -> None:
        zone: Zone = self._context.store.zone
        now, task = self._context.now(), item.task
        self._item = item
        self.title.setText(task.title)
        parts = (words.when(item, zone, now), words.about(item), task.assignee or tr("Nobody"))
        self.about.setText(" · ".join(part for part in parts if part))
        why = words.why(item, zone)
        self.why.setText(why)
        self.why.setVisible(bool(why))
        self.details.show_task(task, task.state == "open")
        self.details.setVisible(bool(task.description or task.checklist))
        for line in self.details.lines:
            line.installEventFilter(self)
        self._fit()

    def _fit(self) -> None:
        """As high as its texts are at this width; a layout asks for more where lines are broken."""
        self.ensurePolished()
        for part in self.findChildren(QWidget):
            part.ensurePolished()
        self.body.invalidate()
        self.setFixedHeight(self.body.totalHeightForWidth(_WIDTH))

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._walk(1)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """A box has a use of its own for arrows, which here are the sheet's."""
        pressed = event if event.type() == QEvent.Type.KeyPress else None
        if isinstance(pressed, QKeyEvent) and pressed.key() in (*_STEPS, _KEY.Key_Left):
            self.keyPressEvent(pressed)
            return True
        return False

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = _STEPS.get(_KEY(event.key()))
        if step is not None:
            self._walk(step)
        elif event.key() == _KEY.Key_Left:
            self.close()
        else:
            super().keyPressEvent(event)

    def _walk(self, step: int) -> None:
        """The keyboard goes to the next line; at first to the first that is not ticked."""
        lines = [line for line in self.details.lines if not line.isHidden() and line.isEnabled()]
        if not lines:
            self.setFocus()
            return
        at = next((at for at, line in enumerate(lines) if line.hasFocus()), None)
        if at is None:
            first = next((line for line in lines if not line.isChecked()), lines[0])
            first.setFocus(Qt.FocusReason.TabFocusReason)
        else:
            lines[(at + step) % len(lines)].setFocus(Qt.FocusReason.TabFocusReason)

    def _on_tick(self, at: int, on: bool) -> None:
        task = self._item.task
        said = ticked_words(task, on)
        self._context.write(
            tasks.tick, task.id, at, on, say=lambda _id: said, done=lambda _id: self._again(),
            failed=self._on_refused,
        )  # fmt: skip

    def _again(self) -> None:
        """Show what is true now."""
        found = self._fetch(self._item.task.id)
        if found is None:
            self.close()
        else:
            self._show(found)

    def _on_refused(self, _error: Exception) -> bool:
        self._again()
        return False
