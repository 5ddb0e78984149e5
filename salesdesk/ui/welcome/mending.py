"""The card that says why a workspace did not open, and what can be done about it."""

from PySide6.QtCore import QRectF, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from salesdesk.moments import datetime_of
from salesdesk.services.beginnings import Trouble
from salesdesk.text import tr
from salesdesk.ui import theme
from salesdesk.ui.widgets.buttons import Button
from salesdesk.ui.widgets.flow import FlowLayout
from salesdesk.ui.widgets.labels import label


class TroubleCard(QWidget):
    """One sentence, and a button for each way out."""

    restore_wanted = Signal()
    move_wanted = Signal()
    again_wanted = Signal()
    other_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("welcome-trouble")
        self._trouble: Trouble | None = None
        self.title = label("", "strong")
        self.words = label("", "", wrap=True)
        self.words.setObjectName("welcome-trouble-words")
        self.restore = Button("", "welcome-restore", "plain", self.restore_wanted.emit)
        self.move_button = Button("", "welcome-move", "plain", self.move_wanted.emit)
        self.again = Button("", "welcome-again", "plain", self.again_wanted.emit)
        self.other = Button("", "welcome-other", "plain", self.other_wanted.emit)
        ways = QWidget()
        flow = FlowLayout(ways, theme.S)
        for button in (self.restore, self.move_button, self.again, self.other):
            flow.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.L, theme.M, theme.L, theme.M)
        column.setSpacing(theme.S)
        for widget in (self.title, self.words, ways):
            column.addWidget(widget)
        self.hide()

    def show_trouble(self, trouble: Trouble | None) -> None:
        """Show what went wrong; None takes the card away."""
        self._trouble = trouble
        self.retranslate()
        self.setVisible(trouble is not None)

    def retranslate(self) -> None:
        """Say everything anew."""
        trouble = self._trouble
        if trouble is None:
            return
        self.title.setText(trouble.error.heading())
        self.words.setText(trouble.error.text())
        self.setAccessibleName(f"{self.title.text()}. {self.words.text()}")
        self.restore.setVisible(trouble.backup is not None)
        if trouble.backup is not None:
            from salesdesk.ui import formats

            made = datetime_of(trouble.backup.at).astimezone()
            when = f"{formats.day(made.date().toordinal())} {made:%H:%M}"
            self.restore.set_text(tr("Restore the backup of {when}", when=when))
        self.move_button.setVisible(trouble.proposal is not None)
        if trouble.proposal is not None:
            self.move_button.set_text(tr("Move it to {folder}", folder=trouble.proposal.parent))
        self.again.set_text(tr("Try again"))
        self.other.set_text(tr("Open another file…"))

    def paintEvent(self, event: QPaintEvent) -> None:
        now = theme.current()
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(now.bad)
            painter.setBrush(now.bad_soft)
            where = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
            painter.drawRoundedRect(where, theme.RADIUS_CARD, theme.RADIUS_CARD)
