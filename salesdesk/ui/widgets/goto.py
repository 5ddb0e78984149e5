"""The address of the page: copied from here, or another one typed."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QWidget

from salesdesk.text import tr
from salesdesk.ui import theme
from salesdesk.ui.widgets.buttons import Button, PrimaryButton
from salesdesk.ui.widgets.labels import label
from salesdesk.ui.widgets.popup import Popover, show_under

_WIDTH = 380


class GoTo(Popover):
    """Shows ``address``; Enter calls ``go(text)``."""

    def __init__(self, address: str, go: Callable[[str], object], parent: QWidget) -> None:
        super().__init__("goto", tr("Address of the page"), parent)
        self._go = go
        self.body.setContentsMargins(theme.M, theme.M, theme.M, theme.M)
        self.body.setSpacing(theme.S)
        self.body.addWidget(label(tr("Address of the page"), "section"))
        self.field = QLineEdit(address)
        self.field.setObjectName("goto-address")
        self.field.setAccessibleName(tr("Address of the page"))
        self.field.setMinimumWidth(_WIDTH)
        self.field.returnPressed.connect(self._on_go)
        self.body.addWidget(self.field)
        row = QHBoxLayout()
        row.setSpacing(theme.S)
        row.addWidget(label(tr("Whoever opens it sees the same filter."), "muted"), 1)
        row.addWidget(Button(tr("Copy"), "goto-copy", "plain", self._on_copy))
        row.addWidget(PrimaryButton(tr("Go"), "goto-go", self._on_go))
        self.body.addLayout(row)

    def open_under(self, anchor: QWidget) -> None:
        """Open under a button."""
        show_under(self, anchor)

    def showEvent(self, event: QShowEvent) -> None:
        self.field.setFocus(Qt.FocusReason.PopupFocusReason)
        self.field.selectAll()

    def _on_copy(self) -> None:
        QGuiApplication.clipboard().setText(self.field.text())
        self.close()

    def _on_go(self) -> None:
        text = self.field.text()
        self.close()
        self._go(text)
