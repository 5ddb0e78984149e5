"""What the sections of a panel are made of: a heading above parts, and the notes of a record."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from salesdesk.services.dealview import NoteLine
from salesdesk.text import ntr, tr
from salesdesk.ui import formats, theme
from salesdesk.ui.context import Context
from salesdesk.ui.widgets.buttons import Button, IconButton, LinkButton, PrimaryButton
from salesdesk.ui.widgets.labels import SectionLabel, label


class Section(QWidget):
    """A heading; ``stack`` puts the parts below it, links at the left."""

    def __init__(self, name: str, spacing: int = theme.XS) -> None:
        super().__init__()
        self.setObjectName(name)
        self.title = SectionLabel("")
        self._parts = QVBoxLayout(self)
        self._parts.setContentsMargins(0, 0, 0, 0)
        self._parts.setSpacing(spacing)
        self._parts.addWidget(self.title)

    def stack(self, *parts: QWidget) -> None:
        """Add parts below those that are there."""
        for part in parts:
            if isinstance(part, LinkButton):
                self._parts.addWidget(part, 0, Qt.AlignmentFlag.AlignLeft)
            else:
                self._parts.addWidget(part)


class NoteForm(QWidget):
    """The field in which a note is written, with its buttons; Ctrl+Enter takes it."""

    def __init__(self, name: str, height: int, take: Callable[[], object],
                 leave: Callable[[], object]) -> None:  # fmt: skip
        super().__init__()
        self._take = take
        self.field = QPlainTextEdit()
        self.field.setObjectName(name)
        self.field.setTabChangesFocus(True)
        self.field.setFixedHeight(height)
        self.field.installEventFilter(self)
        self.button = PrimaryButton("", f"{name}-ok", take)
        self.cancel_button = Button("", f"{name}-cancel", "plain", leave)
        self.buttons = QWidget()
        row = QHBoxLayout(self.buttons)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.S)
        row.addStretch(1)
        row.addWidget(self.cancel_button)
        row.addWidget(self.button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.S)
        column.addWidget(self.field)
        column.addWidget(self.buttons)

    def text(self) -> str:
        """What is written, without blanks around it."""
        return self.field.toPlainText().strip()

    def retranslate(self) -> None:
        """Set every text anew."""
        self.button.set_text(tr("Add the note"))
        self.cancel_button.set_text(tr("Cancel"))
        self.field.setAccessibleName(tr("Note"))
        self.field.setPlaceholderText(tr("What should the others know?"))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            held = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
            if held and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self._take()
                return True
        return super().eventFilter(watched, event)


class NoteList(QWidget):
    """Notes, the newest first, so many until the others are asked for. ``remove(id)`` removes one;
    without it they are only read."""

    def __init__(
        self, context: Context, name: str, most: int, remove: Callable[[int], object] | None = None
    ) -> None:
        super().__init__()
        self._context, self._name, self._most, self._remove = context, name, most, remove
        self._key: object = None
        self._all = False
        self._notes: Sequence[NoteLine] = ()
        self._may = True
        self._lines = QVBoxLayout()
        self._lines.setSpacing(theme.S)
        self.more = LinkButton("", f"{name}-more", self._on_more)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.S)
        column.addLayout(self._lines)
        column.addWidget(self.more, 0, Qt.AlignmentFlag.AlignLeft)

    def show_notes(self, notes: Sequence[NoteLine], another: bool, may: bool = True) -> None:
        """Show these; of ``another`` record the older ones are not shown at once. Who ``may`` not
        change the record does not remove any."""
        self._all = self._all and not another
        self._notes, self._may = notes, may
        key = (tuple(notes), self._all, may, self._context.language)
        if key == self._key:
            return
        self._key = key
        while (item := self._lines.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.hide()
                old.deleteLater()
        shown = notes if self._all else notes[: self._most]
        for note in shown:
            self._lines.addWidget(self._line(note))
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
        row.addLayout(column, 1)
        if (remove := self._remove) is not None and self._may:
            button = IconButton(
                "trash", tr("Remove the note"), f"{self._name}-{note.id}-remove",
                lambda: remove(note.id), "quiet",
            )  # fmt: skip
            row.addWidget(button, 0, Qt.AlignmentFlag.AlignTop)
        line.setAccessibleName(f"{note.text}, {below}")
        return line

    def _on_more(self) -> None:
        self._all = True
        self.show_notes(self._notes, False)
