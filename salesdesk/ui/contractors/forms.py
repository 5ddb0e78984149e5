"""The forms of the page: a new contractor, a person to talk to; the list that adds a service."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from salesdesk.names import clean, folded, key
from salesdesk.services.contractors import NewContact, NewContractor
from salesdesk.services.contractorview import ContactPerson
from salesdesk.text import tr, trp
from salesdesk.ui.taskforms.forms import Form
from salesdesk.ui.widgets.finding import FindingPopover

_SHOWN = 8


class NewContractorForm(Form):
    """``given(NewContractor)``."""

    given = Signal(object)

    def __init__(self, parent: QWidget | None = None, name: str = "") -> None:
        super().__init__("new-contractor", tr("New contractor"), tr("Create"), parent)
        spoken = {
            "name": trp("contractor", "Name"), "services": tr("Services, with commas between"),
            "phone": tr("Phone"), "email": tr("E-mail"),
            "contact": tr("Whom to ask for"),
        }  # fmt: skip
        self.fields = {
            field: self.line(field, text, name if field == "name" else "", text)
            for field, text in spoken.items()
        }
        for field in self.fields.values():
            self.inside.addWidget(field)

    def read(self) -> NewContractor:
        texts = {name: field.text() for name, field in self.fields.items()}
        if not clean(texts["name"]):
            raise ValueError(tr("A contractor needs a name."))
        services = tuple(filter(None, map(clean, texts["services"].split(","))))
        contact = clean(texts["contact"])
        return NewContractor(
            texts["name"], services, texts["phone"], texts["email"],
            contacts=(NewContact(contact),) if contact else (),
        )  # fmt: skip

    def give(self, answer: Any) -> None:
        self.given.emit(answer)


class ContactForm(Form):
    """A person to talk to; ``given(dict)`` of name, duty, phone, email."""

    given = Signal(object)

    def __init__(self, contact: ContactPerson | None, parent: QWidget | None = None) -> None:
        title = tr("New contact") if contact is None else tr("Contact")
        super().__init__("contractor-contact", title, tr("Save"), parent)
        phone = contact.phone.typed if contact is not None and contact.phone is not None else ""
        values = {
            "name": (trp("contact", "Name"), contact.name if contact else ""),
            "duty": (tr("Duty"), (contact.duty or "") if contact else ""),
            "phone": (tr("Phone"), phone),
            "email": (tr("E-mail"), (contact.email or "") if contact else ""),
        }
        self.fields = {
            name: self.line(name, spoken, text, spoken) for name, (spoken, text) in values.items()
        }
        for field in self.fields.values():
            self.inside.addWidget(field)

    def read(self) -> dict[str, str]:
        found = {name: clean(field.text()) for name, field in self.fields.items()}
        if not found["name"]:
            raise ValueError(tr("A contact needs a name."))
        return found

    def give(self, answer: Any) -> None:
        self.given.emit(answer)


class ServicePicker(FindingPopover):
    """``picked(name)``: a service of the list, or a new one."""

    def __init__(self, names: Sequence[str], parent: QWidget | None = None) -> None:
        hint = tr("Type a service, a new one too")
        super().__init__("contractor-service-add", tr("Add a service"), hint, 220, _SHOWN, parent)
        self._names = names
        self.asked.connect(self._fill)
        self.entered.connect(self._enter)
        self._fill("")

    def _fill(self, typed: str) -> None:
        self.list.clear()
        wanted = clean(typed)
        for name in self._names:
            if folded(wanted) in folded(name):
                self.add_line(name, name)
        if wanted and key(wanted) not in map(key, self._names):
            self.add_line(tr("Create “{name}”", name=wanted), wanted)
        self.fit()

    def _enter(self) -> None:
        self._fill(self.field.text())
        self.take_current()
