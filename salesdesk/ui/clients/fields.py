"""The rows of fields of a client: company, contacts, tax number, industry, source, own fields."""

from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from salesdesk.services.clientview import ClientView
from salesdesk.services.dealview import Choices
from salesdesk.text import tr
from salesdesk.ui import formats
from salesdesk.ui.clients import words
from salesdesk.ui.clients.contacts import ContactList
from salesdesk.ui.context import Context
from salesdesk.ui.widgets.buttons import IconButton
from salesdesk.ui.widgets.fields import FieldRow
from salesdesk.ui.widgets.kinds import ChoiceKind, MultilineKind, TextKind
from salesdesk.ui.widgets.own_kinds import options_of, own_kind, own_shown
from salesdesk.ui.widgets.pick import ClientPicker, Picked, PickRow, Shown
from salesdesk.ui.widgets.popup import Option


class ClientFields(QWidget):
    """``changed(name, value)`` for a column, ``own_changed(id, value)``, ``company_picked``;
    ``company_opened(id)``: the company of a contact person is to be seen."""

    changed = Signal(str, object)
    own_changed = Signal(object, object)
    company_picked = Signal(object)
    company_opened = Signal(object)

    def __init__(self, context: Context) -> None:
        super().__init__()
        self._context = context
        self._client: ClientView | None = None
        self._choices: Choices | None = None
        self.contacts = ContactList()
        self.company = PickRow("", "client-company", self._company_picker)
        self.go_button = IconButton("link", "", "client-company-open", self._on_go, "quiet")
        self.company.add_action(self.go_button)
        self.rows: dict[str, FieldRow] = {
            "tax_number": FieldRow("", TextKind(longest=40), "client-tax"),
            "industry_id": FieldRow("", ChoiceKind(self._industries), "client-industry"),
            "source_id": FieldRow("", ChoiceKind(self._sources), "client-source"),
            "notes": FieldRow("", MultilineKind(), "client-about"),
            "external_id": FieldRow("", Shown(), "client-external", editable=False),
        }
        self._own: dict[int, FieldRow] = {}
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._column.addWidget(self.company)
        self._column.addWidget(self.contacts)
        for name, row in self.rows.items():
            self._column.addWidget(row)
            row.committed.connect(lambda value, name=name: self.changed.emit(name, value))

    def show_client(self, client: ClientView, choices: Choices) -> None:
        """Show the fields of a client; what is being typed stays."""
        self._client, self._choices = client, choices
        self.company.setVisible(client.kind == "contact")
        self.company.set_value(client.company or formats.DASH)
        self.company.set_editable(not client.deleted)
        self.go_button.setVisible(client.company_id is not None)
        self.contacts.show_client(client)
        values = {
            "tax_number": client.tax_number, "industry_id": client.industry_id,
            "source_id": client.source_id, "notes": client.about,
            "external_id": client.external_id,
        }  # fmt: skip
        for name, row in self.rows.items():
            row.set_value(values[name])
            row.set_editable(not client.deleted and name != "external_id")
        self.rows["industry_id"].setVisible(client.kind == "company" or bool(client.industry_id))
        self.rows["external_id"].setVisible(client.external_id is not None)
        tax = self.rows["tax_number"]
        if not tax.editing():
            tax.show_problem("" if client.tax_doubt is None else tr(client.tax_doubt), gentle=True)
        self._show_own(client)

    def _show_own(self, client: ClientView) -> None:
        if [field.id for field in client.fields] != list(self._own):
            for row in self._own.values():
                row.hide()
                row.deleteLater()
            self._own = {field.id: self._own_row(field.id) for field in client.fields}
        for field in client.fields:
            row = self._own[field.id]
            row.kind = own_kind(field, client.currency, self._context.today)
            row.set_value(own_shown(field))
            row.set_label(field.name)
            row.set_editable(not client.deleted)

    def _own_row(self, field_id: int) -> FieldRow:
        row = FieldRow("", Shown(), f"client-own-{field_id}")
        row.committed.connect(lambda value: self.own_changed.emit(field_id, value))
        self._column.addWidget(row)
        return row

    def retranslate(self) -> None:
        """Set every label anew."""
        self.company.set_label(words.field("company_id"))
        self.go_button.set_text(tr("Show the company"))
        for name, row in self.rows.items():
            row.set_label(words.field(name))
        self.contacts.retranslate()

    def editing(self) -> FieldRow | None:
        """The row that is being edited."""
        rows: Any = (*self.rows.values(), *self._own.values())
        here = next((row for row in rows if row.editing()), None)
        return here or self.contacts.editing()

    def _on_go(self) -> None:
        if self._client is not None and self._client.company_id is not None:
            self.company_opened.emit(self._client.company_id)

    # -- lists ------------------------------------------------------------------------------------

    def _industries(self) -> list[Option]:
        if self._client is None or self._choices is None:
            return []
        current = (self._client.industry_id, self._client.industry)
        return options_of(self._choices.industries, current)

    def _sources(self) -> list[Option]:
        if self._client is None or self._choices is None:
            return []
        return options_of(self._choices.sources, (self._client.source_id, self._client.source))

    def _company_picker(self) -> ClientPicker:
        has_one = self._client is not None and self._client.company_id is not None
        title = words.field("company_id")
        picker = ClientPicker(
            self._context, "company", "client-companies", title, None, has_one, self
        )
        picker.picked.connect(self._on_company)
        return picker

    def _on_company(self, picked: Picked) -> None:
        if self._client is not None and (picked.name or picked.id != self._client.company_id):
            self.company_picked.emit(picked)
