"""The notes of a deal."""

from PySide6.QtCore import Signal

from salesdesk.services import deals
from salesdesk.services.dealview import DealView
from salesdesk.text import tr
from salesdesk.ui import theme
from salesdesk.ui.context import Context
from salesdesk.ui.deal.standing import changeable
from salesdesk.ui.taskforms.forms import has_focus
from salesdesk.ui.widgets.sections import NoteForm, NoteList, Section

_NOTES_SHOWN = 3


class NoteSection(Section):
    """Notes, the newest first, and the field that adds one. What is being written is kept by deal
    while others are looked at. ``left()`` when the field was closed with the focus in it."""

    left = Signal()

    def __init__(self, context: Context) -> None:
        super().__init__("deal-notes", theme.S)
        self._context = context
        self._deal: DealView | None = None
        self._drafts: dict[int, str] = {}
        self.form = NoteForm("deal-note", 64, self.take, self.leave)
        self.field = self.form.field
        self.list = NoteList(context, "deal-note", _NOTES_SHOWN, self._on_remove)
        self.stack(self.form, self.list)
        self.form.hide()

    def show_deal(self, deal: DealView) -> None:
        """Show the notes of a deal; hidden while there is none and none is being written."""
        another = self._deal is None or self._deal.id != deal.id
        if another:
            self._keep_draft()
            draft = self._drafts.pop(deal.id, "")
            self.field.setPlainText(draft)
            self.form.setVisible(bool(draft))
        self._deal = deal
        self.title.set_text(tr("Notes"))
        self.form.retranslate()
        self._show_if_any()
        self.list.show_notes(deal.notes, another, changeable(self._context, deal))

    def _keep_draft(self) -> None:
        text = self.field.toPlainText()
        if self._deal is not None and text.strip() and not self.form.isHidden():
            self._drafts[self._deal.id] = text

    def _show_if_any(self) -> None:
        notes = self._deal.notes if self._deal is not None else ()
        self.setVisible(bool(notes) or not self.form.isHidden())

    def add(self) -> None:
        """Open the field; nothing for a deal that is only looked at."""
        if self._deal is not None and not changeable(self._context, self._deal):
            return
        self.form.show()
        self._show_if_any()
        self.field.setFocus()

    def writing(self) -> bool:
        """Whether the field is open."""
        return not self.form.isHidden()

    def leave(self) -> None:
        """Close the field and forget what stands in it."""
        had_focus = has_focus(self.form)
        self.field.clear()
        self.form.hide()
        self._show_if_any()
        if had_focus:
            self.left.emit()

    def take(self) -> None:
        """Add the note."""
        text = self.form.text()
        if text and self._deal is not None:
            self._context.write(
                deals.add_note, self._deal.id, text, done=self._on_added,
                say=lambda _id: tr("Note added"),
            )  # fmt: skip

    def _on_added(self, _command: int) -> None:
        self.leave()

    def _on_remove(self, note: int) -> None:
        self._context.write(
            deals.remove_note, note, done=lambda _command: self.left.emit(),
            say=lambda _id: tr("Note removed"),
        )  # fmt: skip
