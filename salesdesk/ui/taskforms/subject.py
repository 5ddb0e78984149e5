"""Choosing the deal or the client that a new task is for, found while typing."""

from typing import Any, NamedTuple

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QListWidgetItem, QWidget
from shiboken6 import isValid

from salesdesk.text import tr
from salesdesk.ui.context import Context
from salesdesk.ui.widgets import icons
from salesdesk.ui.widgets.finding import FindingPopover

_SHOWN = 10
#: While the search is being prepared it is asked again after so long.
_AGAIN_MS = 300


class Subject(NamedTuple):
    """What a task is for: a deal, a client, or neither."""

    deal_id: int | None = None
    client_id: int | None = None
    title: str = ""


class SubjectPicker(FindingPopover):
    """``picked(Subject)`` comes when a line is chosen; the popover then closes."""

    def __init__(self, context: Context, name: str, parent: QWidget | None = None) -> None:
        super().__init__(
            name, tr("Deal or client"), tr("Find a deal or a client"), 280, _SHOWN, parent
        )
        self._context = context
        self._answered: str | None = None
        self._wants = False
        self._again = QTimer(self, interval=_AGAIN_MS, singleShot=True)
        self._again.timeout.connect(lambda: self._ask(self.field.text()))
        self.asked.connect(self._ask)
        self.entered.connect(self._enter)
        self._show("", [])

    def _ask(self, typed: str) -> None:
        self._context.read(
            _found, typed, self._context.person_id, now=self._context.now(),
            done=self._on_found, key=self.objectName(),
        )  # fmt: skip

    def _on_found(self, answer: tuple[str, list[Subject], bool]) -> None:
        if isValid(self):
            self._show(*answer)

    def _show(self, typed: str, found: list[Subject], is_partial: bool = False) -> None:
        if typed != self.field.text():
            return  # what was typed since is being looked for
        row = self.list.currentRow() if typed == self._answered else 0
        self._answered = typed
        self.list.clear()
        if not typed.strip():
            self._add(Subject(title=tr("Without a deal or a client")), "close")
        for subject in found:
            self._add(subject, "board" if subject.deal_id is not None else "clients")
        if is_partial:
            self.say(tr("Search is being prepared…"))
            self._again.start()
        elif not self.list.count():
            self.say(tr("Nothing found"))
        self.fit()
        self.list.setCurrentRow(min(max(row, 0), self.list.count() - 1))
        if self._wants and found:
            self._enter()

    def _add(self, subject: Subject, icon: str) -> None:
        self.add_line(subject.title, subject, icons.icon(icon))

    def _take(self, item: QListWidgetItem) -> None:
        # A list of Qt's hands a named tuple back as a plain one.
        self.close()
        self.picked.emit(Subject(*item.data(int(Qt.ItemDataRole.UserRole))))

    def _enter(self) -> None:
        """Enter takes the line, after what was typed faster has been found."""
        preparing = self._again.isActive() and not self.has_lines()
        self._wants = preparing or self._answered != self.field.text()
        if not self._wants:
            self.take_current()


def _found(r: Any, typed: str, person: int | None, *, now: int) -> tuple[str, list[Subject], bool]:
    """What fits, of what the person may see; whether there may be more that is not found yet."""
    from salesdesk.services import rights, search

    if not typed.strip():
        return typed, [], False
    people = rights.seen_people(r, person, day=r.zone.day_of(now))
    answer = search.search(r, typed, people=people, kinds=("deal", "client"), limit=8)
    made = []
    for group in answer.groups:
        for hit in group.hits:
            deal = hit.kind == "deal"
            text = f"{hit.title} · {hit.detail}" if hit.detail else hit.title
            made.append(Subject(hit.id if deal else None, None if deal else hit.id, text))
    return typed, made, answer.is_partial
