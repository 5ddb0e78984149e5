"""Choosing a client with type-ahead over all of them, and making one when the name is new."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QEvent, QObject, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QShowEvent
from PySide6.QtWidgets import QLineEdit, QListWidget, QListWidgetItem, QWidget

from salesdesk.names import clean, key
from salesdesk.services import dealview
from salesdesk.services.dealview import Named
from salesdesk.services.duplicates import Typed
from salesdesk.text import tr
from salesdesk.ui.context import Context
from salesdesk.ui.widgets.fields import FieldRow
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


class ClientPicker(Popover):
    """``picked(Picked)`` comes when a line is chosen; the popover then closes."""

    picked = Signal(object)

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
        super().__init__(name, accessible, parent)
        self._may_create = may_create
        self._context = context
        self._kind = kind
        self._company = company_id
        self._has_one = has_one
        self.field = QLineEdit()
        self.field.setObjectName(f"{name}-search")
        self.field.setAccessibleName(accessible)
        self.field.setProperty("look", "search")
        hint = tr("Type a name, a new one too") if may_create else tr("Type a name")
        self.field.setPlaceholderText(hint)
        self.field.setMinimumWidth(240)
        self.field.installEventFilter(self)
        self.list = QListWidget()
        self.list.setObjectName(f"{name}-list")
        self.list.setAccessibleName(accessible)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setFixedHeight(_ROW + 2)
        self.list.setStyleSheet("background: transparent;")
        self.list.itemClicked.connect(self._take)
        self.body.addWidget(self.field)
        self.body.addWidget(self.list)
        self.matches = Matches(context, f"{name}-matches")
        self.matches.client_wanted.connect(self._on_match)
        self.matches.deal_wanted.connect(self._on_deal)
        self.matches.found.connect(lambda _found: self.adjustSize())
        self.body.addWidget(self.matches)
        self._timer = QTimer(self, interval=_WAIT_MS, singleShot=True)
        self._timer.timeout.connect(self._ask)
        self.field.textChanged.connect(self._on_typed)
        self._answered = ""
        self._ask()

    def showEvent(self, event: QShowEvent) -> None:
        self.field.setFocus()

    def _on_typed(self) -> None:
        self._timer.start()

    def _ask(self) -> None:
        typed = self.field.text()
        self._context.read(
            _found, typed, self._kind, self._company, done=self._on_found, key=self.objectName()
        )

    def _on_found(self, answer: tuple[str, list[Named]]) -> None:
        typed, found = answer
        self._answered = typed
        self.list.clear()
        for client in found:
            text = f"{client.name} · {client.more}" if client.more else client.name
            self._add(text, Picked(client.id, client.name))
        wanted = clean(typed)
        is_new = wanted and key(wanted) not in {key(client.name) for client in found}
        if is_new and self._may_create:
            self._add(tr("Create “{name}”", name=wanted), Picked(None, wanted))
            self.matches.look_for(Typed(wanted, _phones(wanted), kind=self._kind))
        else:
            self.matches.clear()
        if self._has_one and not wanted:
            self._add(tr("Nobody"), Picked())
        self.list.setCurrentRow(0)
        self.list.setFixedHeight(min(max(self.list.count(), 1), _SHOWN) * _ROW + 2)
        self.adjustSize()

    def _add(self, text: str, value: Picked) -> None:
        item = QListWidgetItem(text)
        item.setData(_ROLE, value)
        item.setSizeHint(QSize(0, _ROW))
        self.list.addItem(item)

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

    def _take(self, item: QListWidgetItem) -> None:
        value = item.data(_ROLE)
        self.close()
        self.picked.emit(value)

    def _enter(self) -> None:
        """Enter takes the line; what was typed faster than it was found is taken by its name."""
        item = self.list.currentItem()
        if self._answered == self.field.text():
            if item is not None:
                self._take(item)
        elif self._may_create and (name := clean(self.field.text())):
            self.close()
            self.picked.emit(Picked(None, name))

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
