"""What a person sets in a client's panel, each as one command with a toast that offers Undo."""

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, Signal

from salesdesk.services import clients, tasks
from salesdesk.services.clientview import ClientView
from salesdesk.services.tasks import NewTask
from salesdesk.text import tr
from salesdesk.ui.clients import words
from salesdesk.ui.context import Context
from salesdesk.ui.widgets.pick import Picked


class Edits(QObject):
    """Writes to ``client``, the one that is shown. ``refused()``: show again what is true."""

    refused = Signal()

    def __init__(self, context: Context, parent: QObject) -> None:
        super().__init__(parent)
        self._context = context
        self.client: ClientView | None = None

    def change(self, name: str, value: Any) -> None:
        """Set a field of the client."""
        if self.client is not None:
            said = tr("{field} changed", field=words.field(name))
            self._write(clients.change, self.client.id, {name: value}, said=said)

    def set_own(self, field_id: int, value: Any) -> None:
        """Set an own field."""
        if self.client is not None:
            name = next((each.name for each in self.client.fields if each.id == field_id), "")
            said = tr("{field} changed", field=name)
            self._write(clients.set_own_field, self.client.id, field_id, value, said=said)

    def set_company(self, picked: Picked) -> None:
        """Set the company of a contact person: a known one, a new one by its name, or none."""
        if self.client is not None and picked.id is None and picked.name:
            said = tr("{field} changed", field=words.field("company_id"))
            self._write(clients.set_company, self.client.id, picked.name, said=said)
        else:
            self.change("company_id", picked.id)

    def add_contact(self, kind: str, value: str) -> None:
        """Add a phone or an e-mail."""
        if self.client is not None:
            said = tr("Phone added") if kind == "phone" else tr("E-mail added")
            self._write(clients.add_contact, self.client.id, kind, value, said=said)

    def change_contact(self, contact_id: int, value: str | None) -> None:
        """Change a phone or an e-mail; an empty one is removed."""
        said = tr("{what} changed", what=tr("Contact")) if value else tr("Contact removed")
        self._write(clients.change_contact, contact_id, value, said=said)

    def add_note(self, text: str) -> None:
        """Add a note."""
        if self.client is not None:
            self._write(clients.add_note, self.client.id, text, said=tr("Note added"))

    def change_note(self, note_id: int, text: str | None) -> None:
        """Change a note; an empty one is removed."""
        said = tr("Note changed") if text else tr("Note removed")
        self._write(clients.change_note, note_id, text, said=said)

    def add_task(self, new: NewTask) -> None:
        """Add a task without a deal."""
        self._write(tasks.add, new, said=tr("Task added"))

    def complete(self, task_id: int, result: str | None) -> None:
        """Tick a task."""
        self._write(tasks.complete, [task_id], result=result, said=tr("Task done"))

    def reopen(self, task_id: int) -> None:
        """Untick a task."""
        self._write(tasks.reopen, [task_id], said=tr("Task open again"))

    def delete(self) -> None:
        """Delete the client; Undo brings it back."""
        if self.client is not None:
            said = tr("Client deleted")
            self._write(clients.delete, self.client.id, said=said)

    def _write(self, verb: Callable[..., Any], *args: Any, said: str, **kwargs: Any) -> None:
        self._context.write(verb, *args, say=lambda _result: said, failed=self._on_failed, **kwargs)

    def _on_failed(self, _error: Exception) -> bool:
        self.refused.emit()
        return False
