"""What the ranking's header says of awards: the way to the hall, and at a quarter's end that awards
wait to be confirmed."""

from PySide6.QtWidgets import QHBoxLayout, QWidget

from salesdesk.services import awards
from salesdesk.services.awards import quarter_name
from salesdesk.text import tr
from salesdesk.ui.context import Context
from salesdesk.ui.widgets.buttons import Button, IconButton


class AwardMark(QWidget):
    """Leads to the page of awards: an icon, or words while some wait for this team lead."""

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("ranking-award-mark")
        self._context = context
        self._waiting: int | None = None
        self.icon = IconButton("award", "", "ranking-awards", self._on_pressed, "quiet")
        self.words = Button("", "ranking-awards-waiting", "chip", self._on_pressed)
        self.words.set_tone("accent")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.icon)
        row.addWidget(self.words)
        self.words.hide()

    def refresh(self) -> None:
        """Ask whether awards wait."""
        context = self._context
        self._waiting = context.ask(awards.reminder, context.person_id, now=context.now())
        self.retranslate()

    def retranslate(self) -> None:
        """Say it in the chosen language."""
        waits = self._waiting is not None
        self.icon.setVisible(not waits)
        self.words.setVisible(waits)
        self.icon.set_text(tr("Awards"))
        if self._waiting is not None:
            quarter = quarter_name(self._waiting)
            self.words.set_text(tr("Awards of {quarter}", quarter=quarter))
            self.words.setToolTip(tr("They wait to be confirmed"))

    def _on_pressed(self) -> None:
        self._context.go("awards", None)
