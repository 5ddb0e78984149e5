"""Reminders of tasks that are due: a strip in the window, a message beside the system's clock."""

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, Qt, QTimer, Signal
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from salesdesk.moments import SECOND
from salesdesk.services import reminders
from salesdesk.services.reminders import Memory, Reminder
from salesdesk.text import ntr, tr
from salesdesk.ui import formats, theme
from salesdesk.ui.context import Context
from salesdesk.ui.tray import Tray
from salesdesk.ui.widgets.buttons import Button, ComboButton, IconButton
from salesdesk.ui.widgets.labels import ElidedLabel, label
from salesdesk.ui.widgets.popup import menu
from salesdesk.ui.widgets.shadow import Shadow
from salesdesk.ui.widgets.toast import TAKEN

if TYPE_CHECKING:
    from PySide6.QtWidgets import QMenu

    from salesdesk.ui.main_window import MainWindow

_LOOK_MS = 20_000
_WIDTH, _GAP, _NAMED = 380, 16, 3
_MINUTE = 60 * SECOND


class Strip(QFrame):
    """What is due now, at the bottom right of the window. ``wanted()``: show the tasks;
    ``later(until)``: come back then (a moment); it stays until one of its buttons is pressed."""

    wanted = Signal()
    later = Signal(object)

    def __init__(self, context: Context, area: QWidget) -> None:
        super().__init__(area)
        self._context, self._area = context, area
        self.setObjectName("reminder")
        self.setProperty("role", "popover")
        self.setFixedWidth(_WIDTH)
        self.title = label("", "strong", wrap=True)
        self.lines = [ElidedLabel("", "muted") for _ in range(_NAMED + 1)]
        self.show_button = Button("", "reminder-show", "chip", self._on_show)
        self.later_button = ComboButton("", "reminder-later", "chip")
        self.later_button.set_opens(self._later_menu)
        self.close_button = IconButton("close", "", "reminder-close", self.hide, "quiet")
        head = QHBoxLayout()
        head.addWidget(self.title, 1)
        head.addWidget(self.close_button, 0, Qt.AlignmentFlag.AlignTop)
        foot = QHBoxLayout()
        foot.setSpacing(theme.S)
        foot.addWidget(self.show_button)
        foot.addWidget(self.later_button)
        foot.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.L, theme.M, theme.S, theme.M)
        column.setSpacing(theme.XS)
        column.addLayout(head)
        for each in self.lines:
            column.addWidget(each)
        column.addSpacing(theme.XS)
        column.addLayout(foot)
        area.installEventFilter(self)
        self.hide()
        self._shadow = Shadow(self)

    def tell(self, title: str, lines: list[str], may_wait: bool) -> None:
        """Show it."""
        self.title.setText(title)
        for widget, text in zip(self.lines, [*lines, *[""] * len(self.lines)], strict=False):
            widget.set_text(text)
            widget.setVisible(bool(text))
        self.setAccessibleName(". ".join([title, *lines]))
        self.show_button.set_text(tr("Show"))
        self.later_button.set_text(tr("Remind me later"))
        self.later_button.setVisible(may_wait)
        self.close_button.set_text(tr("Close"))
        self.show()
        self.raise_()
        self._place()
        event = QAccessibleAnnouncementEvent(self, self.accessibleName())
        QAccessible.updateAccessibility(event)

    def _place(self) -> None:
        """At the corner; in a narrow window above what stands at its bottom."""
        self.adjustSize()
        size, taken = self.size(), self._area.property(TAKEN)
        place = QRect(QPoint(self._area.width() - size.width() - _GAP,
                             self._area.height() - size.height() - _GAP), size)  # fmt: skip
        if taken is not None and place.intersects(taken):
            place.moveBottom(taken.top() - _GAP)
        self.move(place.topLeft())

    def _on_show(self) -> None:
        self.hide()
        self.wanted.emit()

    def _later_menu(self) -> "QMenu":
        now, zone = self._context.now(), self._context.store.zone
        tomorrow = zone.start_of(zone.day_of(now) + 1) + 9 * 3600 * SECOND
        moments = {
            "10": (tr("In 10 minutes"), now + 10 * _MINUTE),
            "hour": (tr("In an hour"), now + 60 * _MINUTE),
            "tomorrow": (tr("Tomorrow morning"), tomorrow),
        }
        entries = [
            (key, text, lambda at=at: self._on_later(at)) for key, (text, at) in moments.items()
        ]
        return menu(entries, "reminder-later-menu", self)

    def _on_later(self, until: int) -> None:
        self.hide()
        self.later.emit(until)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kinds = (QEvent.Type.Resize, QEvent.Type.DynamicPropertyChange)
        if event.type() in kinds and self.isVisible():
            self._place()
        return False


class Reminders(QObject):
    """Looks every few seconds what is due for the person who works here, and tells it once."""

    def __init__(self, context: Context, window: "MainWindow") -> None:
        super().__init__(context)
        self._context, self._window = context, window
        self._uid = ""
        self._reading = False
        self._changed = False
        self._last: Reminder | None = None
        self.strip = Strip(context, window.centralWidget() or window)
        self.strip.wanted.connect(self._show_tasks)
        self.strip.later.connect(self._put_off)
        self.tray = Tray(window, self)
        window.destroyed.connect(self.tray.close)
        self._timer = QTimer(self, interval=_LOOK_MS)
        self._timer.timeout.connect(self.look)
        self._timer.start()
        context.person_changed.connect(self._on_person)
        context.language_changed.connect(self._retranslate)
        self.look()

    @property
    def is_on(self) -> bool:
        """Whether the person wants to be reminded on this machine."""
        return self._context.remember.flag("reminders/on", True)

    def _key(self) -> str:
        return f"reminders/{self._uid}-{self._context.person_id}"

    def memory(self) -> Memory:
        """What is remembered of this person on this machine."""
        return reminders.read_memory(self._context.remember.text(self._key()))

    def look(self) -> None:
        """Look now."""
        self._window.rail.refresh_counts()
        person = self._context.person_id
        if person is None or self._reading:
            return
        if not self._uid:
            self._uid = self._context.ask(_uid)
        early = self._context.remember.number("reminders/early", 0)
        self._reading, self._changed = True, False
        self._context.read(
            reminders.check, self.memory(), person, now=self._context.now(), early=early,
            done=lambda found: self._on_found(person, *found), failed=self._on_failed,
        )  # fmt: skip

    def _on_failed(self, _error: Exception) -> None:
        self._reading = False

    def _on_found(self, person: int, memory: Memory, found: Reminder | None) -> None:
        self._reading = False
        if person != self._context.person_id or self._changed:
            self.look()
            return
        self._context.remember.set(self._key(), memory.written())
        if found is not None and self.is_on:
            self._tell(found)

    def _tell(self, found: Reminder) -> None:
        self._last = found
        title, lines = _words(found, self._context)
        self.strip.tell(title, lines, bool(found.due))
        self.tray.tell(title, "\n".join(lines), self._show_tasks)

    def _retranslate(self) -> None:
        """What stands there is said in the other language."""
        if self._last is not None and self.strip.isVisible():
            self.strip.tell(*_words(self._last, self._context), bool(self._last.due))

    def _put_off(self, until: int) -> None:
        if self._last is not None:
            memory = self.memory().put_off(self._last.pairs, until)
            self._changed = True
            self._context.remember.set(self._key(), memory.written())

    def _show_tasks(self) -> None:
        found = self._last
        self.strip.hide()
        if found is None:
            return
        if len(found.due) == 1:
            self._context.go("tasks", found.due[0].id)
            return
        late = found.overdue if found.away else sum(t.shown == "overdue" for t in found.due)
        which = "overdue" if late else "today"
        self._context.go("tasks", {"list": which, "people": "mine", "view": "list"})

    def _on_person(self) -> None:
        self.strip.hide()
        self._last = None
        self.look()


def _uid(r: Any) -> str:
    from salesdesk.services.search import workspace_id

    return workspace_id(r)


def _words(found: Reminder, context: Context) -> tuple[str, list[str]]:
    """What a reminder says: a title and lines below it."""
    if found.away:
        n = found.missed
        missed = ntr("{n} task became overdue while you were away.",
                     "{n} tasks became overdue while you were away.", n)  # fmt: skip
        lines = [ntr("{n} overdue in all", "{n} overdue in all", found.overdue)]
        lines.append(ntr("{n} due today", "{n} due today", found.today))
        return (missed if n else tr("Welcome back. Nothing became overdue.")), lines
    now, zone = context.now(), context.store.zone
    if len(found.due) == 1:
        [task] = found.due
        about = " · ".join(part for part in (task.deal, task.client) if part)
        at = "" if task.due_at is None else formats.near(zone, task.due_at, now)
        return tr("Due: {title}", title=task.title), [part for part in (about, at) if part]
    title = ntr("{n} task is due", "{n} tasks are due", len(found.due))
    lines = [_line(task.title, task.deal or task.client) for task in found.due[:_NAMED]]
    more = len(found.due) - _NAMED
    if more > 0:
        lines.append(ntr("and {n} more", "and {n} more", more))
    return title, lines


def _line(title: str, about: str | None) -> str:
    return f"{title} · {about}" if about else title
