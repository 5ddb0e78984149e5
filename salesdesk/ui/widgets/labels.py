"""Labels by their place in the hierarchy, one that elides, the section label, lines and cards."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QFont, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from salesdesk.ui import theme

ROLES = ("title", "heading", "big", "strong", "muted", "small", "problem")


def label(text: str, role: str = "", wrap: bool = False, parent: QWidget | None = None) -> QLabel:
    """A plain-text label; ``role`` is one of ``ROLES``, or empty for body text."""
    made = QLabel(text, parent)
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.setWordWrap(wrap)
    if role:
        made.setProperty("role", role)
    return made


def set_role(widget: QWidget, role: str) -> None:
    """Change the role of a widget and style it anew."""
    widget.setProperty("role", role)
    widget.style().unpolish(widget)
    widget.style().polish(widget)


class SectionLabel(QLabel):
    """A small grey heading in capitals, with a little more room between the letters."""

    def __init__(self, text: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "section")
        self.setTextFormat(Qt.TextFormat.PlainText)
        font = theme.font(theme.SMALL, bold=True)
        font.setLetterSpacing(QFont.SpacingType.AbsoluteSpacing, 0.6)
        self.setFont(font)
        self.set_text(text)

    def set_text(self, text: str) -> None:
        """Shown in capitals, read aloud as it is."""
        self.setText(text.upper())
        self.setAccessibleName(text)


class ElidedLabel(QLabel):
    """One line that ends in an ellipsis when there is no room; the tool tip has all of it."""

    def __init__(self, text: str = "", role: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        if role:
            self.setProperty("role", role)
        self.set_text(text)

    def set_text(self, text: str) -> None:
        """Show another text."""
        self.setText(text)
        self.setAccessibleName(text)
        self._tip()

    def minimumSizeHint(self) -> QSize:
        return QSize(theme.XL, super().minimumSizeHint().height())

    def resizeEvent(self, event: object) -> None:
        self._tip()

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            shown = self.fontMetrics().elidedText(
                self.text(), Qt.TextElideMode.ElideRight, self.width()
            )
            painter.setPen(self.palette().color(self.foregroundRole()))
            painter.drawText(self.rect(), int(self.alignment()), shown)

    def _tip(self) -> None:
        fits = self.fontMetrics().horizontalAdvance(self.text()) <= self.width()
        self.setToolTip("" if fits else self.text())


class Card(QFrame):
    """A white, rounded surface with a border; ``body`` is its vertical layout."""

    def __init__(self, title: str = "", margin: int = theme.M, parent: QWidget | None = None):
        super().__init__(parent)
        self.setProperty("role", "card")
        self.body = QVBoxLayout(self)
        self.body.setContentsMargins(margin, margin, margin, margin)
        self.body.setSpacing(theme.S)
        self.title = SectionLabel(title)
        if title:
            self.body.addWidget(self.title)
        else:
            self.title.hide()
            self.title.setParent(self)


class SelectionBar(QFrame):
    """A soft bar above a list: how many are selected and what can be done with them."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.setProperty("role", "selection")
        self.row = QHBoxLayout(self)
        self.row.setContentsMargins(theme.M, theme.XS, theme.M, theme.XS)
        self.row.setSpacing(theme.S)
        self.count = label("", "strong")
        self.row.addWidget(self.count)


def line(parent: QWidget | None = None) -> QFrame:
    """A horizontal line, one pixel."""
    made = QFrame(parent)
    made.setProperty("role", "line")
    made.setFixedHeight(1)
    return made
