"""Choosing a client with type-ahead over all of them, and making one when the name is new."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from salesdesk.names import clean, key
from salesdesk.services import dealview
from salesdesk.services.dealview import Named
from salesdesk.services.duplicates import Typed
from salesdesk.text import tr
from salesdesk.ui.context import Context
from salesdesk.ui.widgets.fields import FieldRow
from salesdesk.ui.widgets.finding import FindingPopover
from salesdesk.ui.widgets.kinds import Kind
from salesdesk.ui.widgets.matches import Matches
from salesdesk.ui.widgets.popup import Popover, show_under

__all__ = ["ClientPicker", "PickRow", "Picked", "Shown"]

_ROLE = int(Qt.ItemDataRole.UserRole)
_WAIT_MS = 60
_ROW = 28
_SHOWN = 8


@dataclass(frozen=True, slots=True)
class Picked:
    """A client that was chosen: its id, or only the name of one to be made; neither: nobody."""

    id: int | None = None
    name: str = ""


class ClientPicker(FindingPopover):
    """``picked(Picked)`` comes when a line is chosen; the popover then closes."""

    def __init__(
        self,
        context: Context,
        kind: str,
        name: str,
        accessible: str,
        company_id: int | None,
        has_one: bool,
        parent: QWidget | None = None,
        may_create: bool = True,
    ) -> None:
        """``may_create``: a name that is new can be chosen too, with a warning when it is much
        like one that is there."""
        hint = tr("Type a name, a new one too") if may_create else tr("Type a name")
        super().__init__(name, accessible, hint, 240, _SHOWN, parent)
        self._may_create = may_create
        self._context = context
        self._kind = kind
        self._company = company_id
        self._has_one = has_one
        self.matches = Matches(context, f"{name}-matches")
        self.matches.client_wanted.connect(self._on_match)
        self.matches.deal_wanted.connect(self._on_deal)
        self.matches.found.connect(lambda _found: self.adjustSize())
        self.body.addWidget(self.matches)
        self._answered = ""
        self.asked.connect(self._ask)
        self.entered.connect(self._enter)
        self._ask("")

    def _ask(self, typed: str) -> None:
        self._context.read(
            _found, typed, self._kind, self._company, done=self._on_found, key=self.objectName()
        )

    def _on_found(self, answer: tuple[str, list[Named]]) -> None:
        typed, found = answer
        self._answered = typed
        self.list.clear()
        for client in found:
            text = f"{client.name} · {client.more}" if client.more else client.name
            self.add_line(text, Picked(client.id, client.name))
        wanted = clean(typed)
        is_new = wanted and key(wanted) not in {key(client.name) for client in found}
        if is_new and self._may_create:
            self.add_line(tr("Create “{name}”", name=wanted), Picked(None, wanted))
            self.matches.look_for(Typed(wanted, _phones(wanted), kind=self._kind))
        else:
            self.matches.clear()
        if self._has_one and not wanted:
            self.add_line(tr("Nobody"), Picked())
        self.fit()

    def _on_match(self, client: int) -> None:
        """The one that is there already is taken instead of a new one."""
        match = next((each for each in self.matches.shown if each.id == client), None)
        if match is not None and match.kind == self._kind:
            self.close()
            self.picked.emit(Picked(match.id, match.name))

    def _on_deal(self, deal: int) -> None:
        """The client of an open deal that was found is the one meant."""
        for match in self.matches.shown:
            if deal in {each.id for each in match.open_deals}:
                self._on_match(match.id)
                return

    def _enter(self) -> None:
        """Enter takes the line; what was typed faster than it was found is taken by its name."""
        if self._answered == self.field.text():
            self.take_current()
        elif self._may_create and (name := clean(self.field.text())):
            self.close()
            self.picked.emit(Picked(None, name))


def _phones(text: str) -> tuple[str, ...]:
    """A phone that was typed where a name was asked for."""
    return (text,) if sum(char.isdigit() for char in text) >= 7 else ()


def _found(r: Any, typed: str, kind: str, company: int | None) -> tuple[str, list[Named]]:
    return typed, dealview.find_clients(r, typed, kind, company_id=company)


class Shown(Kind):
    """A text that is made elsewhere and never typed."""

    def read(self, text: str) -> str:
        return text


class PickRow(FieldRow):
    """A row whose value is chosen in a popover that the row opens."""

    def __init__(self, text: str, name: str, opens: Callable[[], Popover]) -> None:
        super().__init__(text, Shown(), name)
        self._opens = opens

    def edit(self) -> None:
        """Open the popover."""
        if self._editable:
            show_under(self._opens(), self._shown)
