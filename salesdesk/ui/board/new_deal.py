"""The smallest form of a new deal: its title. Everything else is filled in beside the board.

While one types, open deals of clients whom the title names are shown: the deal may be there.
"""

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from salesdesk.text import tr
from salesdesk.ui import theme
from salesdesk.ui.context import Context
from salesdesk.ui.widgets.buttons import PrimaryButton
from salesdesk.ui.widgets.labels import label
from salesdesk.ui.widgets.matches import Matches
from salesdesk.ui.widgets.popup import Popover

_WIDTH = 300


class NewDealForm(Popover):
    """Asks for the title of a deal that begins in ``stage``: ``wanted(title)`` on Enter;
    ``deal_wanted(id)`` when one that is there already is chosen."""

    wanted = Signal(str)
    deal_wanted = Signal(object)

    def __init__(
        self, stage: str, parent: QWidget | None = None, context: Context | None = None
    ) -> None:
        super().__init__("new-deal", tr("New deal"), parent)
        self._corner = QPoint()
        self.body.addWidget(label(tr("New deal in “{stage}”", stage=stage), "muted"))
        self.title = QLineEdit()
        self.title.setObjectName("new-deal-title")
        self.title.setAccessibleName(tr("Title of the new deal"))
        self.title.setPlaceholderText(tr("What is it about?"))
        self.title.setMinimumWidth(_WIDTH)
        self.title.returnPressed.connect(self._on_done)
        self.title.textChanged.connect(self._on_typed)
        self.body.addWidget(self.title)
        self.matches: Matches | None = None
        if context is not None:
            self.matches = Matches(context, "new-deal-matches", clients=False)
            self.matches.deal_wanted.connect(self._on_deal)
            self.matches.found.connect(lambda _found: self._fit())
            self.body.addWidget(self.matches)
        self.button = PrimaryButton(tr("Create"), "new-deal-create", self._on_done)
        self.button.setEnabled(False)
        self.body.addWidget(self.button, 0, Qt.AlignmentFlag.AlignRight)

    def open_under(self, anchor: QWidget) -> None:
        """Open under the right end of ``anchor``."""
        self._corner = anchor.mapToGlobal(QPoint(anchor.width(), anchor.height() + theme.XS))
        self._fit()
        self.show()

    def _fit(self) -> None:
        """As large as what stands in it, its right corner in its place."""
        self.adjustSize()
        self.move(self._corner - QPoint(self.width(), 0))

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.title.setFocus()

    def _on_typed(self, text: str) -> None:
        self.button.setEnabled(bool(text.strip()))
        if self.matches is not None:
            self.matches.look_in_title(text)

    def _on_deal(self, deal: int) -> None:
        self.close()
        self.deal_wanted.emit(deal)

    def _on_done(self) -> None:
        title = self.title.text().strip()
        if title:
            self.close()
            self.wanted.emit(title)
