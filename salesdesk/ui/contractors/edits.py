"""What a person sets in a contractor's panel, each as one command with a toast that offers Undo."""

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import QObject, Signal

from salesdesk.services import contractors, ratings
from salesdesk.services.contractors import NewContact
from salesdesk.services.contractorview import ContactPerson, ContractorView, RatingLine
from salesdesk.text import N_, tr
from salesdesk.ui.context import Context

FIELDS = {
    "name": N_("Name"), "phone": N_("Phone"), "email": N_("E-mail"),
    "tax_number": N_("Tax number"), "notes": N_("Notes"),
}  # fmt: skip


class Edits(QObject):
    """Writes to ``view``, the contractor that is shown. ``refused()``: show again what is true."""

    refused = Signal()

    def __init__(self, context: Context, parent: QObject) -> None:
        super().__init__(parent)
        self._context = context
        self.view: ContractorView | None = None

    def change(self, name: str, value: Any) -> None:
        """Set a field."""
        if self.view is not None:
            said = tr("{field} changed", field=tr(FIELDS[name]))
            self._write(contractors.change, self.view.id, {name: value}, said=said)

    def add_service(self, name: str) -> None:
        """It does this, too."""
        if self.view is not None:
            names = [*self.view.services, name]
            said = tr("Service added")
            self._write(contractors.set_services, self.view.id, names, said=said)

    def drop_service(self, name: str) -> None:
        """It does this no more."""
        if self.view is not None:
            names = [one for one in self.view.services if one != name]
            said = tr("Service taken away")
            self._write(contractors.set_services, self.view.id, names, said=said)

    def add_contact(self, values: dict[str, str]) -> None:
        """Add a person to talk to."""
        if self.view is not None:
            new = NewContact(**values)
            self._write(contractors.add_contact, self.view.id, new, said=tr("Contact added"))

    def change_contact(self, contact: ContactPerson, values: dict[str, str]) -> None:
        """Change one."""
        said = tr("{what} changed", what=tr("Contact"))
        self._write(contractors.change_contact, contact.id, values, said=said)

    def remove_contact(self, contact: ContactPerson) -> None:
        """Remove one."""
        self._write(contractors.remove_contact, contact.id, said=tr("Contact removed"))

    def remove_ratings(self, lines: Sequence[RatingLine]) -> None:
        """Take ratings away."""
        self._write(ratings.remove, [one.id for one in lines], said=tr("Rating removed"))

    def delete(self) -> None:
        """Delete the contractor; Undo brings it back."""
        if self.view is not None:
            self._write(contractors.delete, self.view.id, said=tr("Contractor deleted"))

    def _write(self, verb: Callable[..., Any], *args: Any, said: str) -> None:
        self._context.write(verb, *args, say=lambda _result: said, failed=self._on_failed)

    def _on_failed(self, _error: Exception) -> bool:
        self.refused.emit()
        return False
