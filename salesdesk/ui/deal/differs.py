"""A quiet line: fields of the deal that somebody changed here and in the CRM, to be decided."""

from typing import Any

from PySide6.QtWidgets import QHBoxLayout, QWidget

from salesdesk.text import ntr, tr
from salesdesk.ui import theme
from salesdesk.ui.context import Context
from salesdesk.ui.widgets.buttons import LinkButton
from salesdesk.ui.widgets.labels import label


class Differs(QWidget):
    """Hidden while nothing is to be decided about the deal that is shown."""

    def __init__(self, context: Context) -> None:
        super().__init__()
        self._context = context
        self._deal: int | None = None
        self._count = 0
        self.text = label("", "muted")
        self.button = LinkButton("", "deal-differs", lambda: context.go("sync"))
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.L, 0, theme.L, theme.XS)
        row.setSpacing(theme.XS)
        row.addWidget(self.text)
        row.addWidget(self.button)
        row.addStretch(1)
        self.hide()
        context.sync_told.connect(self._ask)

    def show_deal(self, deal_id: int | None) -> None:
        """Ask about a deal; None: nothing is shown."""
        if deal_id != self._deal:
            self.hide()
        self._deal = deal_id
        self._ask()

    def _ask(self) -> None:
        if self._deal is not None:
            self._context.read(_count, self._deal, done=self._on_read, key="deal-differs")

    def _on_read(self, found: tuple[int, int]) -> None:
        deal, count = found
        if deal != self._deal:
            return
        self._count = count
        self.text.setText(
            ntr("{n} field differs from the CRM:", "{n} fields differ from the CRM:", count)
        )
        self.button.set_text(tr("decide"))
        self.setVisible(count > 0)


def _count(r: Any, deal_id: int) -> tuple[int, int]:
    """The deal, and how many of its fields are to be decided."""
    if not r.value("SELECT 1 FROM sync_conflict WHERE state = 'open' LIMIT 1"):
        return deal_id, 0
    from salesdesk.services.sync import clashes

    return deal_id, clashes.clashes_of_deal(r, deal_id)
