"""Sections of a client's panel: contact persons, deals, notes."""

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from salesdesk.services.clientview import ClientDeal, ClientView
from salesdesk.services.dealview import NoteLine
from salesdesk.text import ntr, tr
from salesdesk.ui import formats, theme
from salesdesk.ui.context import Context
from salesdesk.ui.widgets.buttons import Button, IconButton, LinkButton, PrimaryButton
from salesdesk.ui.widgets.labels import SectionLabel, label
from salesdesk.ui.widgets.lines import LineItem, LineList

_DEALS_SHOWN = 8
_NOTES_SHOWN = 4


class PeopleSection(QWidget):
    """The contact persons of a company; ``opened(id)``, ``wanted()`` for a new one."""

    opened = Signal(object)
    wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("client-people")
        self.title = SectionLabel("")
        self.list = LineList("client-people-list")
        self.list.opened.connect(lambda item: self.opened.emit(item.source))
        self.add_button = LinkButton("", "client-add-person", self.wanted.emit)
        _stack(self, self.title, self.list, self.add_button)

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


class DealSection(QWidget):
    """All deals of the client, open ones first; ``opened(id)``, ``merge_wanted(ids)``."""

    opened = Signal(object)
    merge_wanted = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("client-deals")
        self._all = False
        self._client: ClientView | None = None
        self.title = SectionLabel("")
        self.list = LineList("client-deals-list")
        self.list.opened.connect(lambda item: self.opened.emit(item.source))
        self.more = LinkButton("", "client-deals-more", self._on_more)
        self.merge_button = LinkButton("", "client-deals-merge", self._on_merge)
        self.none = label("", "muted", wrap=True)
        _stack(self, self.title, self.none, self.list, self.more, self.merge_button)

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


class NoteSection(QWidget):
    """Notes, the newest first. ``added(text)``, ``changed(id, text)`` (empty: remove)."""

    added = Signal(str)
    changed = Signal(object, object)

    def __init__(self, context: Context) -> None:
        super().__init__()
        self.setObjectName("client-notes")
        self._context = context
        self._client: ClientView | None = None
        self._key: object = None
        self._all = False
        self.title = SectionLabel("")
        self.field = QPlainTextEdit()
        self.field.setObjectName("client-note")
        self.field.setTabChangesFocus(True)
        self.field.setFixedHeight(58)
        self.field.installEventFilter(self)
        self.field.textChanged.connect(self._on_typed)
        self.button = PrimaryButton("", "client-note-ok", self.take)
        self.cancel_button = Button("", "client-note-cancel", "plain", self.leave)
        self._buttons = QWidget()
        row = QHBoxLayout(self._buttons)
        row.setContentsMargins(0, 0, 0, 0)
        row.addStretch(1)
        row.addWidget(self.cancel_button)
        row.addWidget(self.button)
        self._buttons.hide()
        self._lines = QWidget()
        self._column = QVBoxLayout(self._lines)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(theme.S)
        self.more = LinkButton("", "client-notes-more", self._on_more)
        _stack(self, self.title, self.field, self._buttons, self._lines, self.more)

    def show_client(self, client: ClientView) -> None:
        """Show its notes; what is being written stays with its client."""
        if self._client is None or self._client.id != client.id:
            self.field.clear()
            self._all = False
        self._client = client
        self.title.set_text(tr("Notes"))
        self.button.set_text(tr("Add the note"))
        self.cancel_button.set_text(tr("Cancel"))
        self.field.setAccessibleName(tr("Note"))
        self.field.setPlaceholderText(tr("What should the others know?"))
        self.field.setVisible(not client.deleted)
        key = (client.notes, self._all, self._context.language)
        if key != self._key:
            self._key = key
            self._rebuild(client.notes)

    def _rebuild(self, notes: tuple[NoteLine, ...]) -> None:
        while (item := self._column.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.hide()
                old.deleteLater()
        shown = notes if self._all else notes[:_NOTES_SHOWN]
        for note in shown:
            self._column.addWidget(self._line(note))
        hidden = len(notes) - len(shown)
        self.more.setVisible(hidden > 0)
        self.more.set_text(ntr("and {n} more…", "and {n} more…", hidden))

    def _line(self, note: NoteLine) -> QWidget:
        line = QWidget()
        row = QHBoxLayout(line)
        row.setContentsMargins(0, 0, 0, 0)
        column = QVBoxLayout()
        column.setSpacing(1)
        text = label(note.text, wrap=True)
        text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        at = formats.moment(self._context.store.zone, note.at, self._context.now())
        below = " · ".join(filter(None, (at, note.author)))
        column.addWidget(text)
        column.addWidget(label(below, "muted", wrap=True))
        remove = IconButton(
            "trash", tr("Remove the note"), f"client-note-{note.id}-remove",
            lambda: self.changed.emit(note.id, None), "quiet",
        )  # fmt: skip
        row.addLayout(column, 1)
        row.addWidget(remove, 0, Qt.AlignmentFlag.AlignTop)
        line.setAccessibleName(f"{note.text}, {below}")
        return line

    def writing(self) -> bool:
        """Whether something is being written."""
        return bool(self.field.toPlainText().strip())

    def take(self) -> None:
        """Add the note."""
        if text := self.field.toPlainText().strip():
            self.added.emit(text)
            self.field.clear()

    def leave(self) -> None:
        """Forget what is being written."""
        self.field.clear()

    def _on_typed(self) -> None:
        self._buttons.setVisible(self.writing())

    def _on_more(self) -> None:
        self._all = True
        if self._client is not None:
            self.show_client(self._client)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            held = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
            if held and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self.take()
                return True
        return super().eventFilter(watched, event)


def _stack(holder: QWidget, *parts: QWidget) -> None:
    column = QVBoxLayout(holder)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(theme.XS)
    for part in parts:
        if isinstance(part, LinkButton):
            column.addWidget(part, 0, Qt.AlignmentFlag.AlignLeft)
        else:
            column.addWidget(part)
