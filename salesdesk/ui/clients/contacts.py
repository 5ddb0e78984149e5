"""Phones and e-mails of a client: shown as their country writes them, edited in place, called.

An emptied row removes its number; what is no phone is kept as typed, and the row says so.
"""

from collections.abc import Callable

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from salesdesk.services.clientview import ClientView, Contact
from salesdesk.text import tr
from salesdesk.ui import theme
from salesdesk.ui.clients import words
from salesdesk.ui.widgets.buttons import LinkButton
from salesdesk.ui.widgets.fields import FieldRow
from salesdesk.ui.widgets.kinds import TextKind
from salesdesk.ui.widgets.reach import ReachRow, open_link


class ContactRow(ReachRow):
    """One phone or e-mail of a client."""

    def __init__(self, contact: Contact, opens: Callable[[str], object]) -> None:
        super().__init__(f"client-contact-{contact.id}", contact.kind == "phone", opens)

    def show_contact(self, contact: Contact) -> None:
        """Show it (again, in another language too)."""
        self.show_reach(words.field(contact.kind), contact.value, contact.phone, contact.known)


class ContactList(QWidget):
    """``changed(id, text)`` for one that was edited (empty: remove), ``added(kind, text)``,
    ``typed(kind, text)`` while one is being typed."""

    changed = Signal(object, object)
    added = Signal(str, str)
    typed = Signal(str, str)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("client-contacts")
        self.opens: Callable[[str], object] = open_link
        self.rows: dict[int, ContactRow] = {}
        self._column = QVBoxLayout()
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self.new_rows = {kind: self._new_row(kind) for kind in ("phone", "email")}
        self.add_buttons = {
            "phone": LinkButton("", "client-add-phone", lambda: self.begin("phone")),
            "email": LinkButton("", "client-add-email", lambda: self.begin("email")),
        }
        links = QHBoxLayout()
        links.setSpacing(theme.M)
        for button in self.add_buttons.values():
            links.addWidget(button)
        links.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(self._column)
        for row in self.new_rows.values():
            column.addWidget(row)
        column.addLayout(links)

    def _new_row(self, kind: str) -> FieldRow:
        row = FieldRow("", TextKind(longest=200), f"client-new-{kind}")
        row.committed.connect(lambda value: self._on_new(kind, value))
        row.typed.connect(lambda text: self.typed.emit(kind, text))
        row.hide()
        return row

    def _on_new(self, kind: str, value: str | None) -> None:
        self.new_rows[kind].hide()
        self.new_rows[kind].set_value(None)
        if value:
            self.added.emit(kind, value)

    def begin(self, kind: str) -> None:
        """Type another phone or e-mail."""
        row = self.new_rows[kind]
        row.show()
        row.edit()

    def editing(self) -> FieldRow | None:
        """The row that is being edited."""
        rows = (*self.rows.values(), *self.new_rows.values())
        return next((row for row in rows if row.editing()), None)

    def show_client(self, client: ClientView) -> None:
        """Show the contacts of a client; what is being typed stays."""
        wanted = [contact.id for contact in client.contacts]
        if wanted != list(self.rows):
            self._rebuild(client)
        for contact in client.contacts:
            row = self.rows[contact.id]
            row.show_contact(contact)
            row.set_editable(not client.deleted)
        for fresh in self.new_rows.values():
            if not fresh.editing():
                fresh.hide()
        for button in self.add_buttons.values():
            button.setVisible(not client.deleted)

    def _rebuild(self, client: ClientView) -> None:
        for row in self.rows.values():
            row.cancel()
            row.hide()
            row.deleteLater()
        self.rows = {}
        for contact in client.contacts:
            row = ContactRow(contact, self._open)
            row.committed.connect(lambda value, key=contact.id: self.changed.emit(key, value))
            row.typed.connect(lambda text, kind=contact.kind: self.typed.emit(kind, text))
            self.rows[contact.id] = row
            self._column.addWidget(row)

    def _open(self, link: str) -> None:
        self.opens(link)

    def retranslate(self) -> None:
        """Set the texts anew."""
        self.add_buttons["phone"].set_text(tr("Add a phone"))
        self.add_buttons["email"].set_text(tr("Add an e-mail"))
        for kind, row in self.new_rows.items():
            row.set_label(words.field(kind))
