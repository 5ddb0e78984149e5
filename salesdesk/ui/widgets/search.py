"""The field in which a list is searched, and the head of a list: the field, how many, the chips."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QHBoxLayout,
    QLabel,
    QLayout,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from salesdesk.text import tr
from salesdesk.ui import shortcuts, theme

_WIDEST = 420


def type_ahead(name: str, accessible: str, hint: str | None = None) -> QLineEdit:
    """The field at the head of a pick list, in which typing narrows it down."""
    field = QLineEdit()
    field.setObjectName(name)
    field.setAccessibleName(accessible)
    field.setPlaceholderText(tr("Type to search") if hint is None else hint)
    field.setProperty("look", "search")
    return field


class SearchField(QLineEdit):
    """A field of a page that ``/`` leads to; ``left()`` when Enter, Down or Esc (which empties it)
    leave it."""

    left = Signal()

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.setProperty("look", "search")
        self.setClearButtonEnabled(True)

    def begin(self) -> None:
        """Begin to type."""
        self.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.selectAll()

    def show_text(self, text: str) -> None:
        """Show a text without telling."""
        self.blockSignals(True)
        self.setText(text)
        self.blockSignals(False)

    def retranslate(self, placeholder: str, spoken: str) -> None:
        """Say what it finds, in the field and aloud."""
        self.setPlaceholderText(placeholder)
        self.setAccessibleName(spoken)
        self.setToolTip(shortcuts.hint(spoken, "/"))
        # Qt gives the cross in the field no name.
        for cross in self.findChildren(QAbstractButton):
            cross.setAccessibleName(tr("Show all"))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        if key == Qt.Key.Key_Escape:
            self.clear()
        if key in (Qt.Key.Key_Down, Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Escape):
            self.left.emit()
            return
        super().keyPressEvent(event)


def lay_out(owner: QWidget, field: SearchField, count: QLabel, chips: QLayout) -> None:
    """The head of a list: the field and at its right how many there are, the chips below."""
    field.setMaximumWidth(_WIDEST)
    top = QHBoxLayout()
    top.setSpacing(theme.S)
    top.addWidget(field, 1)
    top.addStretch(1)
    top.addWidget(count, 0, Qt.AlignmentFlag.AlignRight)
    column = QVBoxLayout(owner)
    column.setContentsMargins(theme.L, theme.M, theme.L, theme.S)
    column.setSpacing(theme.S)
    column.addLayout(top)
    column.addLayout(chips)
