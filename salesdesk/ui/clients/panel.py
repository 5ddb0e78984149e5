"""The panel of one client, beside the list: everything about it, edited in place.

What is shown is read in the background and read again when something near it changes; what is
being typed stays. Each edit is one command on the writer thread.
"""

from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QMenu, QVBoxLayout, QWidget

from salesdesk.errors import NotFound
from salesdesk.services import clientview
from salesdesk.services.clientview import OpenedClient
from salesdesk.services.duplicates import Typed
from salesdesk.text import tr, trp
from salesdesk.ui import shortcuts
from salesdesk.ui.clients import words
from salesdesk.ui.clients.edits import Edits
from salesdesk.ui.clients.fields import ClientFields
from salesdesk.ui.clients.sections import DealSection, NoteSection, PeopleSection
from salesdesk.ui.clients.tasks import TaskSection
from salesdesk.ui.context import Context
from salesdesk.ui.reading import Reading
from salesdesk.ui.widgets.buttons import LinkButton
from salesdesk.ui.widgets.figures import Figures
from salesdesk.ui.widgets.labels import label
from salesdesk.ui.widgets.matches import Matches
from salesdesk.ui.widgets.pick import ClientPicker, Picked
from salesdesk.ui.widgets.popup import menu, show_under
from salesdesk.ui.widgets.recordpanel import RecordPanel
from salesdesk.ui.widgets.revealing import Revealing

_WIDTHS = (320, 372, 520)
_CALM_MS = 60
_TABLES = (
    "client", "client_contact", "custom_field", "deal", "field_value", "industry", "note",
    "payment", "person", "rate", "setting", "source", "stage", "task", "task_kind",
)  # fmt: skip


def _opened(r: Any, client_id: int, *, now: int) -> OpenedClient:
    return clientview.opened(r, client_id, now=now)


class ClientPanel(RecordPanel):
    """``person_wanted(id, name)``: a new contact person of the company, ``merge_wanted(ids)`` and
    ``merge_deals_wanted(ids)``."""

    person_wanted = Signal(object, str)
    merge_wanted = Signal(object)
    merge_deals_wanted = Signal(object)

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(context, "client", _WIDTHS, parent)
        self._shown: OpenedClient | None = None
        self.edits = Edits(context, self)
        self.subtitle = label("", "muted", wrap=True)
        self.gone = label("", "problem", wrap=True)
        self.figures = Figures("client-figures")
        self.unrated = label("", "muted", wrap=True)
        self.matches = Matches(context, "client-matches")
        self.merge_link = LinkButton("", "client-merge-link", self._on_merge_matches)
        self.fields = ClientFields(context)
        self.people = PeopleSection()
        self.tasks = TaskSection(context)
        self.deals = DealSection()
        self.notes = NoteSection(context)
        self.lay_out((
            self.subtitle, self.gone, self.figures, self.unrated, self._warning(), self.fields,
            self.people, self.tasks, self.deals, self.notes,
        ))  # fmt: skip
        Revealing(self.area, self.tasks.field)
        shortcuts.add(self, "T", "", self.tasks.focus_field, everywhere=False)  # the page lists it
        self._connect()
        self.retranslate()
        self.hide()

    def _warning(self) -> QWidget:
        """Likely duplicates with the way to merge them."""
        self._warned = QWidget()
        column = QVBoxLayout(self._warned)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.matches)
        column.addWidget(self.merge_link, 0, Qt.AlignmentFlag.AlignLeft)
        self._warned.hide()
        return self._warned

    def _connect(self) -> None:
        edits, fields = self.edits, self.fields
        edits.refused.connect(self._show_again)
        self.title.committed.connect(lambda value: edits.change("name", value))
        fields.changed.connect(edits.change)
        fields.own_changed.connect(edits.set_own)
        fields.company_picked.connect(edits.set_company)
        fields.company_opened.connect(self.open_record)
        fields.contacts.added.connect(edits.add_contact)
        fields.contacts.changed.connect(edits.change_contact)
        fields.contacts.typed.connect(self._look_for_duplicates)
        fields.rows["tax_number"].typed.connect(lambda text: self._look_for_duplicates("tax", text))
        self.people.opened.connect(self.open_record)
        self.people.wanted.connect(self._on_person)
        self.deals.opened.connect(self.deal_wanted)
        self.deals.merge_wanted.connect(self.merge_deals_wanted)
        self.tasks.wanted.connect(edits.add_task)
        self.tasks.done.connect(edits.complete)
        self.tasks.opened.connect(edits.reopen)
        self.notes.added.connect(edits.add_note)
        self.notes.changed.connect(edits.change_note)
        self.matches.client_wanted.connect(self.open_record)
        self.matches.deal_wanted.connect(self.deal_wanted)
        self.matches.found.connect(lambda found: self._warned.setVisible(bool(found)))
        self.context.language_changed.connect(self.retranslate)
        self.reading = Reading(
            self, self.context, lambda: self.record_id, _opened, self._on_read,
            tables=_TABLES, calm=_CALM_MS, minutes=True, failed=self._on_failed,
        )  # fmt: skip

    def retranslate(self) -> None:
        self.setAccessibleName(tr("Client"))
        self.title.set_spoken(trp("client", "Name"))
        super().retranslate()
        self.merge_link.set_text(tr("Merge them…"))
        self.fields.retranslate()
        self._show_again()

    # -- what is shown ----------------------------------------------------------------------------

    def open_record(self, key: int) -> None:
        if key != self.record_id:
            self.matches.clear()
        super().open_record(key)

    def _on_read(self, opened: OpenedClient) -> None:
        client = opened.client
        another = self._shown is None or self._shown.client.id != client.id
        renamed = another or self._marks() != _marks_of(opened)
        self._shown, self.record_id = opened, client.id
        self.edits.client = client
        self._show(opened)
        if another:
            self.area.verticalScrollBar().setValue(0)
            self.record_opened.emit(client.id)
        if renamed and not client.deleted:
            self._look_for_duplicates()

    def _marks(self) -> object:
        return None if self._shown is None else _marks_of(self._shown)

    def _look_for_duplicates(self, kind: str = "", typed: str = "") -> None:
        """Warn of clients that this one duplicates, what is being typed taken in."""
        if self._shown is None:
            return
        client = self._shown.client
        by_kind: dict[str, list[str]] = {"phone": [], "email": []}
        for contact in client.contacts:
            by_kind[contact.kind].append(contact.value)
        if typed and kind in by_kind:
            by_kind[kind].append(typed)
        tax = typed if kind == "tax" else client.tax_number
        self.matches.look_for(
            Typed(
                client.name, tuple(by_kind["phone"]), tuple(by_kind["email"]), tax, client.kind,
                client.id,
            )
        )  # fmt: skip

    def _on_failed(self, error: Exception) -> bool:
        was_shown = self._shown is not None and self._shown.client.id == self.record_id
        self.close_panel()
        return was_shown and isinstance(error, NotFound)

    def _show_again(self) -> None:
        if self._shown is not None:
            self._show(self._shown)

    def _show(self, opened: OpenedClient) -> None:
        client, choices = opened.client, opened.choices
        zone, now = self.context.store.zone, self.context.now()
        self.setUpdatesEnabled(False)
        self.title.set_value(client.name)
        self.title.set_editable(not client.deleted)
        self.subtitle.setText(f"{words.kind(client.kind)} · {words.active(client, zone, now)}")
        self.gone.setText(tr("This client is deleted."))
        self.gone.setVisible(client.deleted)
        self.figures.show_pairs(words.summary(client))
        self.more_button.setVisible(self._may_change())
        self.unrated.setText(words.unrated(client))
        self.unrated.setVisible(bool(client.unrated))
        self.fields.show_client(client, choices)
        self.people.show_client(client)
        self.tasks.show_client(client, choices)
        self.deals.show_client(client)
        self.notes.show_client(client)
        self.setUpdatesEnabled(True)

    # -- keys and menus ---------------------------------------------------------------------------

    def forget(self) -> None:
        self._shown = None

    def leave_one(self) -> bool:
        row = self.fields.editing()
        if row is not None:
            row.cancel()
        elif self.notes.writing():
            self.notes.leave()
        else:
            return False
        return True

    def leave_edits(self) -> None:
        self.title.cancel()
        row = self.fields.editing()
        if row is not None:
            row.cancel()

    def _on_person(self) -> None:
        if self._shown is not None:
            self.person_wanted.emit(self._shown.client.id, self._shown.client.name)

    def _on_merge_matches(self) -> None:
        if self._shown is not None:
            same = [
                match.id for match in self.matches.shown if match.kind == self._shown.client.kind
            ]
            if same:
                self.merge_wanted.emit([self._shown.client.id, *same])

    def _may_change(self) -> bool:
        """What a role may not do is not offered."""
        if self._shown is None or self._shown.client.deleted:
            return False
        return self.context.may("client", self._shown.client.id)

    def _on_menu(self) -> None:
        show_under(self.menu_of_client(), self.more_button, right=True)

    def menu_of_client(self) -> QMenu:
        """What else can be done with the client."""
        if self._shown is None or not self._may_change():
            return menu([], "client-menu-list", self)
        client = self._shown.client
        other = "contact" if client.kind == "company" else "company"
        turn = tr("Make it a contact person") if other == "contact" else tr("Make it a company")
        return menu(
            [
                ("merge", tr("Merge with…"), self._on_merge),
                ("kind", turn, lambda: self.edits.change("kind", other)),
                None,
                ("delete", tr("Delete the client"), self.edits.delete),
            ],
            "client-menu-list", self,
        )  # fmt: skip

    def _on_merge(self) -> None:
        """Choose whom it is merged with."""
        if self._shown is None:
            return
        client = self._shown.client
        picker = ClientPicker(
            self.context, client.kind, "client-merge-with", tr("Merge with…"), None, False, self,
            may_create=False,
        )  # fmt: skip
        picker.picked.connect(self._on_other)
        show_under(picker, self.more_button, right=True)

    def _on_other(self, picked: Picked) -> None:
        if self._shown is not None and picked.id not in (None, self._shown.client.id):
            self.merge_wanted.emit([self._shown.client.id, picked.id])


def _marks_of(opened: OpenedClient) -> object:
    """What likely duplicates are found by."""
    client = opened.client
    contacts = tuple((each.kind, each.value) for each in client.contacts)
    return client.id, client.name, client.tax_number, contacts
