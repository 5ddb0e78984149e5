"""The smallest form of a new deal: its title. Everything else is filled in beside the board."""

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from salesdesk.text import tr
from salesdesk.ui import theme
from salesdesk.ui.widgets.buttons import PrimaryButton
from salesdesk.ui.widgets.labels import label
from salesdesk.ui.widgets.popup import Popover

_WIDTH = 300


class NewDealForm(Popover):
    """Asks for the title of a deal that begins in ``stage``: ``wanted(title)`` on Enter."""

    wanted = Signal(str)

    def __init__(self, stage: str, parent: QWidget | None = None) -> None:
        super().__init__("new-deal", tr("New deal"), parent)
        self.body.addWidget(label(tr("New deal in “{stage}”", stage=stage), "muted"))
        self.title = QLineEdit()
        self.title.setObjectName("new-deal-title")
        self.title.setAccessibleName(tr("Title of the new deal"))
        self.title.setPlaceholderText(tr("What is it about?"))
        self.title.setMinimumWidth(_WIDTH)
        self.title.returnPressed.connect(self._on_done)
        self.title.textChanged.connect(self._on_typed)
        self.body.addWidget(self.title)
        self.button = PrimaryButton(tr("Create"), "new-deal-create", self._on_done)
        self.button.setEnabled(False)
        self.body.addWidget(self.button, 0, Qt.AlignmentFlag.AlignRight)

    def open_under(self, anchor: QWidget) -> None:
        """Open under the right end of ``anchor``."""
        self.adjustSize()
        corner = anchor.mapToGlobal(QPoint(anchor.width(), anchor.height() + theme.XS))
        self.move(corner - QPoint(self.width(), 0))
        self.show()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.title.setFocus()

    def _on_typed(self, text: str) -> None:
        self.button.setEnabled(bool(text.strip()))

    def _on_done(self) -> None:
        title = self.title.text().strip()
        if title:
            self.close()
            self.wanted.emit(title)
