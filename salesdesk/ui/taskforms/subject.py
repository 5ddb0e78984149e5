"""Choosing the deal or the client that a new task is for, found while typing."""

from typing import Any, NamedTuple

from PySide6.QtCore import QEvent, QObject, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QShowEvent
from PySide6.QtWidgets import QLineEdit, QListWidget, QListWidgetItem, QWidget

from salesdesk.text import tr
from salesdesk.ui.context import Context
from salesdesk.ui.widgets import icons
from salesdesk.ui.widgets.popup import Popover

_ROLE = int(Qt.ItemDataRole.UserRole)
_WAIT_MS = 60
_ROW = 28
_SHOWN = 10


class Subject(NamedTuple):
    """What a task is for: a deal, a client, or neither."""

    deal_id: int | None = None
    client_id: int | None = None
    title: str = ""


class SubjectPicker(Popover):
    """``picked(Subject)`` comes when a line is chosen; the popover then closes."""

    picked = Signal(object)

    def __init__(self, context: Context, name: str, parent: QWidget | None = None) -> None:
        super().__init__(name, tr("Deal or client"), parent)
        self._context = context
        self.field = QLineEdit()
        self.field.setObjectName(f"{name}-search")
        self.field.setAccessibleName(tr("Deal or client"))
        self.field.setPlaceholderText(tr("Find a deal or a client"))
        self.field.setProperty("look", "search")
        self.field.setMinimumWidth(280)
        self.field.installEventFilter(self)
        self.list = QListWidget()
        self.list.setObjectName(f"{name}-list")
        self.list.setAccessibleName(tr("Deal or client"))
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setFixedHeight(_ROW + 2)
        self.list.itemClicked.connect(self._take)
        self.body.addWidget(self.field)
        self.body.addWidget(self.list)
        self._timer = QTimer(self, interval=_WAIT_MS, singleShot=True)
        self._timer.timeout.connect(self._ask)
        self.field.textChanged.connect(lambda _text: self._timer.start())
        self._answered: str | None = None
        self._wants = False
        self._show("", [])

    def showEvent(self, event: QShowEvent) -> None:
        self.field.setFocus()

    def _ask(self) -> None:
        self._context.read(
            _found, self.field.text(), self._context.person_id, now=self._context.now(),
            done=lambda answer: self._show(*answer), key=self.objectName(),
        )  # fmt: skip

    def _show(self, typed: str, found: list[Subject]) -> None:
        self._answered = typed
        self.list.clear()
        if not typed.strip():
            self._add(Subject(title=tr("Without a deal or a client")), "close")
        for subject in found:
            self._add(subject, "board" if subject.deal_id is not None else "clients")
        self.list.setCurrentRow(0)
        self.list.setFixedHeight(min(max(self.list.count(), 1), _SHOWN) * _ROW + 2)
        self.adjustSize()
        if self._wants and typed == self.field.text():
            self._enter()

    def _add(self, subject: Subject, icon: str) -> None:
        item = QListWidgetItem(icons.icon(icon), subject.title)
        item.setData(_ROLE, subject)
        item.setSizeHint(QSize(0, _ROW))
        self.list.addItem(item)

    def _take(self, item: QListWidgetItem) -> None:
        subject: Subject = Subject(*item.data(_ROLE))
        self.close()
        self.picked.emit(subject)

    def _enter(self) -> None:
        """Enter takes the line, after what was typed faster has been found."""
        self._wants = self._answered != self.field.text()
        item = self.list.currentItem()
        if not self._wants and item is not None:
            self._take(item)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self._enter()
                return True
            step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}.get(Qt.Key(event.key()))
            if step is not None:
                last = self.list.count() - 1
                self.list.setCurrentRow(min(max(self.list.currentRow() + step, 0), last))
                return True
        return super().eventFilter(watched, event)


def _found(r: Any, typed: str, person: int | None, *, now: int) -> tuple[str, list[Subject]]:
    """What fits, of what the person may see."""
    from salesdesk.services import rights, search

    if not typed.strip():
        return typed, []
    people = rights.seen_people(r, person, day=r.zone.day_of(now))
    answer = search.search(r, typed, people=people, kinds=("deal", "client"), limit=8)
    made = []
    for group in answer.groups:
        for hit in group.hits:
            deal = hit.kind == "deal"
            text = f"{hit.title} · {hit.detail}" if hit.detail else hit.title
            made.append(Subject(hit.id if deal else None, None if deal else hit.id, text))
    return typed, made
