"""What the ranking's header says at a quarter's end: that awards wait to be confirmed."""

from PySide6.QtWidgets import QWidget

from salesdesk.services import awards
from salesdesk.services.awards import quarter_name
from salesdesk.text import tr
from salesdesk.ui.context import Context
from salesdesk.ui.widgets.buttons import Button


class AwardMark(Button):
    """Leads to the page of awards while some wait for this team lead; hidden otherwise."""

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__("", "ranking-awards-waiting", "chip", self._on_pressed, parent)
        self._context = context
        self._waiting: int | None = None
        self.set_tone("accent")
        self.hide()

    def refresh(self) -> None:
        """Ask whether awards wait."""
        context = self._context
        self._waiting = context.ask(awards.reminder, context.person_id, now=context.now())
        self.retranslate()

    def retranslate(self) -> None:
        """Say it in the chosen language."""
        self.setVisible(self._waiting is not None)
        if self._waiting is not None:
            self.set_text(tr("Awards of {quarter}", quarter=quarter_name(self._waiting)))
            self.setToolTip(tr("They wait to be confirmed"))

    def _on_pressed(self) -> None:
        self._context.go("awards", None)
