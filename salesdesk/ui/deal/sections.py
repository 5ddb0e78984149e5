"""The notes of a deal."""

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from salesdesk.services import deals
from salesdesk.services.dealview import DealView, NoteLine
from salesdesk.text import ntr, tr
from salesdesk.ui import formats, theme
from salesdesk.ui.context import Context
from salesdesk.ui.deal.standing import changeable
from salesdesk.ui.taskforms.forms import has_focus
from salesdesk.ui.widgets.buttons import Button, LinkButton, PrimaryButton
from salesdesk.ui.widgets.labels import SectionLabel, label

_NOTES_SHOWN = 3


def _clear(column: QVBoxLayout) -> None:
    while (item := column.takeAt(0)) is not None:
        if (old := item.widget()) is not None:
            old.hide()
            old.deleteLater()


def _lines() -> QVBoxLayout:
    made = QVBoxLayout()
    made.setContentsMargins(0, 0, 0, 0)
    made.setSpacing(theme.S)
    return made


class NoteSection(QWidget):
    """Notes, the newest first, and the field that adds one. What is being written is kept by deal
    while others are looked at. ``left()`` when the field was closed with the focus in it."""

    left = Signal()

    def __init__(self, context: Context) -> None:
        super().__init__()
        self.setObjectName("deal-notes")
        self._context = context
        self._deal: DealView | None = None
        self._key: object = None
        self._all = False
        self._drafts: dict[int, str] = {}
        self.title = SectionLabel("")
        self.field = QPlainTextEdit()
        self.field.setObjectName("deal-note")
        self.field.setTabChangesFocus(True)
        self.field.setFixedHeight(64)
        self.field.installEventFilter(self)
        self.button = PrimaryButton("", "deal-note-ok", self.take)
        self.cancel_button = Button("", "deal-note-cancel", "plain", self.leave)
        self._form = QWidget()
        self._column = _lines()
        self.more = LinkButton("", "deal-notes-more", self._on_more)
        self._build()

    def _build(self) -> None:
        buttons = QHBoxLayout()
        buttons.setSpacing(theme.S)
        buttons.addStretch(1)
        buttons.addWidget(self.cancel_button)
        buttons.addWidget(self.button)
        form = QVBoxLayout(self._form)
        form.setContentsMargins(0, 0, 0, 0)
        form.setSpacing(theme.S)
        form.addWidget(self.field)
        form.addLayout(buttons)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.S)
        column.addWidget(self.title)
        column.addWidget(self._form)
        column.addLayout(self._column)
        column.addWidget(self.more, 0, Qt.AlignmentFlag.AlignLeft)
        self._form.hide()

    def show_deal(self, deal: DealView) -> None:
        """Show the notes of a deal; hidden while there is none and none is being written."""
        if self._deal is None or self._deal.id != deal.id:
            self._keep_draft()
            self._all = False
            draft = self._drafts.pop(deal.id, "")
            self.field.setPlainText(draft)
            self._form.setVisible(bool(draft))
        self._deal = deal
        self.title.set_text(tr("Notes"))
        self.button.set_text(tr("Add the note"))
        self.cancel_button.set_text(tr("Cancel"))
        self.field.setAccessibleName(tr("Note"))
        self.field.setPlaceholderText(tr("What should the others know?"))
        self._show_if_any()
        key = (deal.notes, self._all, self._context.language)
        if key != self._key:
            self._key = key
            self._rebuild(deal.notes)

    def _keep_draft(self) -> None:
        text = self.field.toPlainText()
        if self._deal is not None and text.strip() and not self._form.isHidden():
            self._drafts[self._deal.id] = text

    def _show_if_any(self) -> None:
        notes = self._deal.notes if self._deal is not None else ()
        self.setVisible(bool(notes) or not self._form.isHidden())

    def _rebuild(self, notes: tuple[NoteLine, ...]) -> None:
        _clear(self._column)
        shown = notes if self._all else notes[:_NOTES_SHOWN]
        for note in shown:
            self._column.addWidget(self._line(note))
        hidden = len(notes) - len(shown)
        self.more.setVisible(hidden > 0)
        self.more.set_text(ntr("and {n} more…", "and {n} more…", hidden))

    def _line(self, note: NoteLine) -> QWidget:
        line = QWidget()
        column = QVBoxLayout(line)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(1)
        text = label(note.text, wrap=True)
        text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        column.addWidget(text)
        at = formats.moment(self._context.store.zone, note.at, self._context.now())
        below = " · ".join(filter(None, (at, note.author)))
        column.addWidget(label(below, "muted", wrap=True))
        line.setAccessibleName(f"{note.text}, {below}")
        return line

    def add(self) -> None:
        """Open the field; nothing for a deal that is only looked at."""
        if self._deal is not None and not changeable(self._context, self._deal):
            return
        self._form.show()
        self._show_if_any()
        self.field.setFocus(Qt.FocusReason.OtherFocusReason)

    def writing(self) -> bool:
        """Whether the field is open."""
        return not self._form.isHidden()

    def leave(self) -> None:
        """Close the field and forget what stands in it."""
        had_focus = has_focus(self._form)
        self.field.clear()
        self._form.hide()
        self._show_if_any()
        if had_focus:
            self.left.emit()

    def take(self) -> None:
        """Add the note."""
        text = self.field.toPlainText().strip()
        if text and self._deal is not None:
            self._context.write(
                deals.add_note, self._deal.id, text, done=self._on_added,
                say=lambda _id: tr("Note added"),
            )  # fmt: skip

    def _on_added(self, _command: int) -> None:
        self.leave()

    def _on_more(self) -> None:
        self._all = True
        if self._deal is not None:
            self.show_deal(self._deal)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            held = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
            if held and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self.take()
                return True
        return super().eventFilter(watched, event)
