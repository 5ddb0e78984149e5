"""Sections of a client's panel: contact persons, deals, notes."""

from PySide6.QtCore import Signal

from salesdesk.services.clientview import ClientDeal, ClientView
from salesdesk.text import ntr, tr
from salesdesk.ui import formats
from salesdesk.ui.context import Context
from salesdesk.ui.widgets.buttons import LinkButton
from salesdesk.ui.widgets.labels import label
from salesdesk.ui.widgets.lines import LineItem, LineList
from salesdesk.ui.widgets.sections import NoteForm, NoteList, Section

_DEALS_SHOWN = 8
_NOTES_SHOWN = 4


class PeopleSection(Section):
    """The contact persons of a company; ``opened(id)``, ``wanted()`` for a new one."""

    opened = Signal(object)
    wanted = Signal()

    def __init__(self) -> None:
        super().__init__("client-people")
        self.list = LineList("client-people-list")
        self.list.opened.connect(lambda item: self.opened.emit(item.source))
        self.add_button = LinkButton("", "client-add-person", self.wanted.emit)
        self.stack(self.list, self.add_button)

    def show_client(self, client: ClientView) -> None:
        """Show whom the company has."""
        self.setVisible(client.kind == "company")
        self.title.set_text(tr("Contact persons"))
        self.list.setAccessibleName(tr("Contact persons"))
        self.add_button.set_text(tr("Add a contact person"))
        self.add_button.setVisible(not client.deleted)
        self.list.set_items(
            [
                LineItem(one.name, below=one.phone or "", person=one.id, source=one.id)
                for one in client.people
            ]
        )


class DealSection(Section):
    """All deals of the client, open ones first; ``opened(id)``, ``merge_wanted(ids)``."""

    opened = Signal(object)
    merge_wanted = Signal(object)

    def __init__(self) -> None:
        super().__init__("client-deals")
        self._all = False
        self._client: ClientView | None = None
        self.list = LineList("client-deals-list")
        self.list.opened.connect(lambda item: self.opened.emit(item.source))
        self.more = LinkButton("", "client-deals-more", self._on_more)
        self.merge_button = LinkButton("", "client-deals-merge", self._on_merge)
        self.none = label("", "muted", wrap=True)
        self.stack(self.none, self.list, self.more, self.merge_button)

    def show_client(self, client: ClientView) -> None:
        """Show its deals."""
        if self._client is None or self._client.id != client.id:
            self._all = False
        self._client = client
        self.title.set_text(tr("Deals"))
        self.none.setText(tr("No deals yet. A deal names its client in its own panel."))
        self.none.setVisible(not client.deals)
        self.list.setAccessibleName(tr("Deals"))
        shown = client.deals if self._all else client.deals[:_DEALS_SHOWN]
        self.list.set_items([self._item(deal) for deal in shown])
        hidden = len(client.deals) - len(shown)
        self.more.setVisible(hidden > 0)
        self.more.set_text(ntr("and {n} more…", "and {n} more…", hidden))
        self.merge_button.set_text(tr("Merge open deals…"))
        self.merge_button.setVisible(client.open_deals > 1 and not client.deleted)

    @staticmethod
    def _item(deal: ClientDeal) -> LineItem:
        below = [deal.stage, deal.owner or tr("Nobody")]
        if deal.paid:
            below.append(tr("paid {amount}", amount=formats.money(deal.paid, deal.currency)))
        number = "" if deal.amount is None else formats.money(deal.amount, deal.currency)
        quiet = deal.stage_kind != "open"
        text = f"#{deal.number} {deal.title}"
        return LineItem(text, below=" · ".join(below), number=number, quiet=quiet, source=deal.id)

    def _on_more(self) -> None:
        self._all = True
        if self._client is not None:
            self.show_client(self._client)

    def _on_merge(self) -> None:
        if self._client is not None:
            opened = [deal.id for deal in self._client.deals if deal.stage_kind == "open"]
            self.merge_wanted.emit(opened)


class NoteSection(Section):
    """Notes, the newest first. ``added(text)``, ``changed(id, text)`` (empty: remove)."""

    added = Signal(str)
    changed = Signal(object, object)

    def __init__(self, context: Context) -> None:
        super().__init__("client-notes")
        self._client: ClientView | None = None
        self.form = NoteForm("client-note", 58, self.take, self.leave)
        self.field = self.form.field
        self.field.textChanged.connect(self._on_typed)
        self.form.buttons.hide()
        self.list = NoteList(context, "client-note", _NOTES_SHOWN, self._on_remove)
        self.stack(self.form, self.list)

    def show_client(self, client: ClientView) -> None:
        """Show its notes; what is being written stays with its client."""
        another = self._client is None or self._client.id != client.id
        if another:
            self.field.clear()
        self._client = client
        self.title.set_text(tr("Notes"))
        self.form.retranslate()
        self.form.setVisible(not client.deleted)
        self.list.show_notes(client.notes, another)

    def writing(self) -> bool:
        """Whether something is being written."""
        return bool(self.form.text())

    def take(self) -> None:
        """Add the note."""
        if text := self.form.text():
            self.added.emit(text)
            self.field.clear()

    def leave(self) -> None:
        """Forget what is being written."""
        self.field.clear()

    def _on_typed(self) -> None:
        self.form.buttons.setVisible(self.writing())

    def _on_remove(self, note: int) -> None:
        self.changed.emit(note, None)
