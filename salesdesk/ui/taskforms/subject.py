"""Choosing the deal or the client that a new task is for, found while typing."""

from typing import Any, NamedTuple

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QListWidgetItem, QWidget

from salesdesk.text import tr
from salesdesk.ui.context import Context
from salesdesk.ui.widgets import icons
from salesdesk.ui.widgets.finding import FindingPopover

_SHOWN = 10


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
        self.asked.connect(self._ask)
        self.entered.connect(self._enter)
        self._show("", [])

    def _ask(self, typed: str) -> None:
        self._context.read(
            _found, typed, self._context.person_id, now=self._context.now(),
            done=lambda answer: self._show(*answer), key=self.objectName(),
        )  # fmt: skip

    def _show(self, typed: str, found: list[Subject]) -> None:
        self._answered = typed
        self.list.clear()
        if not typed.strip():
            self._add(Subject(title=tr("Without a deal or a client")), "close")
        for subject in found:
            self._add(subject, "board" if subject.deal_id is not None else "clients")
        self.fit()
        if self._wants and typed == self.field.text():
            self._enter()

    def _add(self, subject: Subject, icon: str) -> None:
        self.add_line(subject.title, subject, icons.icon(icon))

    def _take(self, item: QListWidgetItem) -> None:
        # A list of Qt's hands a named tuple back as a plain one.
        self.close()
        self.picked.emit(Subject(*item.data(int(Qt.ItemDataRole.UserRole))))

    def _enter(self) -> None:
        """Enter takes the line, after what was typed faster has been found."""
        self._wants = self._answered != self.field.text()
        if not self._wants:
            self.take_current()


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
