"""Step 1: drop a file or choose one; what went wrong with it stands here."""

from pathlib import Path

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QPixmap
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from salesdesk.text import tr
from salesdesk.ui import shortcuts, theme
from salesdesk.ui.widgets import icons
from salesdesk.ui.widgets.buttons import Button, PrimaryButton
from salesdesk.ui.widgets.labels import label
from salesdesk.ui.widgets.progress import ProgressRow

_WIDTH = 560
_HEIGHT = 320


class DropCard(QWidget):
    """The place for a file; a dashed frame that lights up while a file is held over the page."""

    choose_wanted = Signal()
    back_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("import-drop")
        self.setMaximumSize(_WIDTH, _HEIGHT)
        self.setMinimumHeight(_HEIGHT)
        self._lit = False
        self._picture = QLabel()
        self._picture.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.title = label("", "title")
        self.title.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.kinds = label("", "muted", wrap=True)
        self.kinds.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.problem = label("", "problem", wrap=True)
        self.problem.setObjectName("import-file-problem")
        self.problem.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.problem.hide()
        self.choose = PrimaryButton("", "import-choose-file", self.choose_wanted.emit)
        self.back = Button("", "import-back-to-columns", "plain", self.back_wanted.emit)
        self.back.hide()
        self.reading = ProgressRow("import-reading", tr("Reading the file"))
        self.reading.hide()
        self._build()
        theme.changed.connect(self._redraw)
        self._redraw()

    def _build(self) -> None:
        buttons = QHBoxLayout()
        buttons.setSpacing(theme.S)
        buttons.addStretch(1)
        buttons.addWidget(self.choose)
        buttons.addWidget(self.back)
        buttons.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.XL, theme.XL, theme.XL, theme.XL)
        column.setSpacing(theme.M)
        column.addStretch(1)
        column.addWidget(self._picture)
        column.addWidget(self.title)
        column.addWidget(self.kinds)
        column.addLayout(buttons)
        column.addWidget(self.problem)
        column.addWidget(self.reading)
        column.addStretch(1)

    def light(self, lit: bool) -> None:
        """Whether a file is held over the page."""
        self._lit = lit
        self._redraw()

    def begin(self, path: Path) -> None:
        """A file is being read."""
        self.problem.hide()
        self.reading.begin(tr("Reading {name}…", name=path.name))
        self.reading.show()

    def end(self, problem: str = "") -> None:
        """It was read, or why not."""
        self.reading.hide()
        self.problem.setText(problem)
        self.problem.setVisible(bool(problem))

    def offer_back(self, name: str) -> None:
        """A file that was read before is still there."""
        self.back.setVisible(bool(name))
        self.back.set_text(tr("Back to {name}", name=name))

    def retranslate(self) -> None:
        """Say everything anew."""
        self.title.setText(tr("Drop a file here"))
        self.kinds.setText(
            tr(
                "CSV, XLSX, or a table as HTML: deals, stage moves, tasks, people, companies, "
                "contact persons or contractors. Exports of amoCRM and Bitrix24 are recognised."
            )
        )
        self.choose.set_text(tr("Choose a file…"))
        self.choose.setToolTip(shortcuts.hint(tr("Choose a file to import"), "Ctrl+O"))
        self.reading.retranslate()

    def _redraw(self) -> None:
        now = theme.current()
        colour = now.accent if self._lit else now.faint
        ratio = self.devicePixelRatioF()
        picture: QPixmap = icons.pixmap("import", colour, 32, ratio)
        self._picture.setPixmap(picture)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        now = theme.current()
        with QPainter(self) as p:
            p.setRenderHint(QPainter.RenderHint.Antialiasing)
            pen = QPen(now.accent if self._lit else now.faint, 1.5, Qt.PenStyle.DashLine)
            p.setPen(pen)
            p.setBrush(now.accent_soft if self._lit else now.surface)
            box = QRectF(self.rect()).adjusted(1, 1, -1, -1)
            p.drawRoundedRect(box, theme.RADIUS_CARD, theme.RADIUS_CARD)
