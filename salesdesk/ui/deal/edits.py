"""What a person sets in the panel, each as one command with a toast that offers Undo."""

from typing import Any

from PySide6.QtCore import QObject, Signal

from salesdesk.services import dealfields, deals
from salesdesk.services.dealview import DealView
from salesdesk.text import tr
from salesdesk.ui.awaiting import field_name
from salesdesk.ui.context import Context
from salesdesk.ui.deal.fields import Change
from salesdesk.ui.deal.pick import Picked


class Edits(QObject):
    """Writes to ``deal``, the one that is shown. ``refused()``: show again what is true."""

    refused = Signal()

    def __init__(self, context: Context, parent: QObject) -> None:
        super().__init__(parent)
        self._context = context
        self.deal: DealView | None = None

    def change(self, name: str, value: Any) -> None:
        """Set a column of the deal."""
        if self.deal is not None:
            said = tr("{field} changed", field=field_name(name))
            self._write(deals.change, self.deal.id, {name: value}, said=said)

    def set_field(self, change: Change) -> None:
        """Set what a row of the fields was given."""
        deal = self.deal
        if deal is None:
            return
        if change.name == "tags":
            said = tr("{field} changed", field=field_name("tags"))
            self._write(dealfields.set_tags, deal.id, change.value, said=said)
        elif change.own_id is not None:
            name = next((field.name for field in deal.fields if field.id == change.own_id), "")
            said = tr("{field} changed", field=name)
            self._write(dealfields.set_own_field, deal.id, change.own_id, change.value, said=said)
        else:
            self.change(change.name, change.value)

    def set_client(self, column: str, picked: Picked) -> None:
        """Set company or contact: one that is known, a new one by its name, or nobody."""
        if self.deal is not None and picked.id is None and picked.name:
            said = tr("{field} changed", field=field_name(column))
            self._write(dealfields.set_client, self.deal.id, column, picked.name, said=said)
        else:
            self.change(column, picked.id)

    def assign(self, person: int | None, name: str) -> None:
        """Make someone responsible, or nobody."""
        if self.deal is not None:
            said = tr("Responsible: {name}", name=name)
            self._write(deals.assign, [self.deal.id], person, said=said)

    def delete(self) -> None:
        """Delete the deal; Undo and "Restore" bring it back."""
        if self.deal is not None:
            self._write(deals.delete, [self.deal.id], said=tr("Deal deleted"))

    def restore(self) -> None:
        """Bring a deleted deal back."""
        if self.deal is not None:
            self._write(deals.restore, [self.deal.id], said=tr("Deal restored"))

    def _write(self, verb: Any, *args: Any, said: str) -> None:
        self._context.write(verb, *args, say=lambda _result: said, failed=self._on_failed)

    def _on_failed(self, _error: Exception) -> bool:
        self.refused.emit()
        return False
