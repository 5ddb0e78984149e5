"""The line below a list that adds to it: a field, maybe choices, and a button."""

from PySide6.QtCore import QEvent, Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from salesdesk.names import clean
from salesdesk.ui import theme
from salesdesk.ui.widgets.buttons import Button
from salesdesk.ui.widgets.labels import label


class AddLine(QWidget):
    """Type a name, press Enter: ``wanted(name)``. Further widgets stand before the button."""

    wanted = Signal(str)

    def __init__(
        self, name: str, placeholder: str, action: str, *more: QWidget, width: int = 240
    ) -> None:
        super().__init__()
        self.setObjectName(name)
        self.field = QLineEdit()
        self.field.setObjectName(f"{name}-name")
        self.field.setAccessibleName(placeholder)
        self.field.setPlaceholderText(placeholder)
        self.field.setProperty("look", "inline")
        self.field.setMaximumWidth(width)
        self.button = Button(action, f"{name}-add", "link", self._on_add)
        self.wrong = label("", "problem", wrap=True)
        self.wrong.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.M, theme.S, theme.M, theme.S)
        column.setSpacing(theme.XS)
        row = QHBoxLayout()
        row.setSpacing(theme.S)
        row.addWidget(self.field, 2)
        for widget in more:
            row.addWidget(widget)
        row.addWidget(self.button)
        row.addStretch(1)
        column.addLayout(row)
        column.addWidget(self.wrong)
        self.button.setEnabled(False)
        self.field.textChanged.connect(self._on_typed)
        self.field.returnPressed.connect(self._on_add)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.EnabledChange:
            self.setVisible(self.isEnabled())
        super().changeEvent(event)

    def show_problem(self, text: str) -> None:
        """Say why it was not added."""
        self.wrong.setText(text)
        self.wrong.setVisible(bool(text))

    def done(self) -> None:
        """It was added: ready for the next one."""
        self.field.clear()
        self.field.setFocus()

    def _on_typed(self, text: str) -> None:
        self.button.setEnabled(bool(clean(text)))
        self.show_problem("")

    def _on_add(self) -> None:
        name = clean(self.field.text())
        if name:
            self.wanted.emit(name)
