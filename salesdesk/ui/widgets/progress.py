"""Progress of something long: a bar, a line that says how far it is, and Cancel."""

from collections.abc import Callable

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QVBoxLayout, QWidget

from salesdesk.text import tr
from salesdesk.ui import theme
from salesdesk.ui.widgets.buttons import LinkButton
from salesdesk.ui.widgets.labels import label

_STEPS = 1000


class ProgressRow(QWidget):
    """``set_progress(5456, 8800, "…")``; ``cancelled`` comes once when Cancel is pressed."""

    cancelled = Signal()

    def __init__(self, name: str, accessible: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.bar = QProgressBar()
        self.bar.setObjectName(f"{name}-bar")
        self.bar.setAccessibleName(accessible)
        self.bar.setTextVisible(False)
        self.bar.setRange(0, 0)
        self._text = label("", "muted")
        self.button = LinkButton(tr("Cancel"), f"{name}-cancel", self._on_cancel)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.XS)
        row = QHBoxLayout()
        row.setSpacing(theme.S)
        row.addWidget(self._text)
        row.addWidget(self.button)
        row.addStretch(1)
        column.addWidget(self.bar)
        column.addLayout(row)

    def begin(self, text: str = "") -> None:
        """Start anew, how far being unknown."""
        self.bar.setRange(0, 0)
        self._text.setText(text)
        self.button.setEnabled(True)

    def set_progress(self, done: int, total: int, text: str) -> None:
        """``done`` of ``total``; a total of 0 means nobody knows."""
        self.bar.setRange(0, _STEPS if total else 0)
        if total:
            self.bar.setValue(round(_STEPS * min(done / total, 1.0)))
        self._text.setText(text)

    def retranslate(self) -> None:
        """Set the button's text anew."""
        self.button.set_text(tr("Cancel"))

    def _on_cancel(self) -> None:
        self.button.setEnabled(False)
        self._text.setText(tr("Stopping…"))
        self.cancelled.emit()


class Bar(QWidget):
    """A thin bar of parts side by side: plan and fact, a person's load."""

    def __init__(self, height: int = 6, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._parts: list[tuple[float, Callable[[], QColor]]] = []
        self.setFixedHeight(height)

    def set_parts(self, parts: "list[tuple[float, Callable[[], QColor]]]", spoken: str) -> None:
        """Shares of the whole (0..1) from the left, each with a function that gives its colour."""
        self._parts = parts
        self.setAccessibleName(spoken)
        self.setToolTip(spoken)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            whole = QRectF(self.rect())
            outline = QPainterPath()
            outline.addRoundedRect(whole, whole.height() / 2, whole.height() / 2)
            painter.setClipPath(outline)
            painter.fillRect(whole, theme.current().track)
            x = 0.0
            for share, colour in self._parts:
                width = whole.width() * max(0.0, min(share, 1.0))
                painter.fillRect(QRectF(x, 0, width, whole.height()), colour())
                x += width
