"""A small form that asks for a reason before something is done."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QWidget

from salesdesk.text import tr
from salesdesk.ui import theme
from salesdesk.ui.widgets.buttons import Button, PrimaryButton
from salesdesk.ui.widgets.labels import label
from salesdesk.ui.widgets.popup import Popover

_WIDTH = 300


class ReasonForm(Popover):
    """Asks for a reason; ``given(reason)`` comes when there is one. ``action`` is the word on its
    button, ``hint`` says what becomes of the reason. With ``note`` (what the field is called) it
    may be left empty."""

    given = Signal(str)

    def __init__(
        self, name: str, title: str, action: str, hint: str, parent: QWidget, note: str = ""
    ) -> None:
        super().__init__(name, title, parent)
        self.body.setContentsMargins(theme.M, theme.M, theme.M, theme.M)
        self.body.setSpacing(theme.S)
        heading = label(title, "strong", wrap=True)
        heading.setFixedWidth(_WIDTH)
        self.field = QLineEdit()
        self.field.setObjectName(f"{name}-reason")
        self._needed = not note
        self.field.setAccessibleName(note or tr("Reason"))
        self.field.setPlaceholderText(note or tr("Reason"))
        self.problem = label(hint, "muted", wrap=True)
        self.problem.setFixedWidth(_WIDTH)
        self.action = PrimaryButton(action, f"{name}-do", self._on_done)
        self.cancel = Button(tr("Cancel"), f"{name}-cancel", "plain", self.close)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(self.cancel)
        row.addWidget(self.action)
        for widget in (heading, self.field, self.problem):
            self.body.addWidget(widget)
        self.body.addLayout(row)
        if self._needed:
            self.action.setEnabled(False)
            self.field.textChanged.connect(lambda text: self.action.setEnabled(bool(text.strip())))
        self.field.returnPressed.connect(self._on_done)

    def showEvent(self, event: object) -> None:
        self.field.setFocus()

    def _on_done(self) -> None:
        reason = self.field.text().strip()
        if reason or not self._needed:
            self.close()
            self.given.emit(reason)
