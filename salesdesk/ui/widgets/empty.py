"""The empty state: one line that says what to do, and the button that does it."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from salesdesk.ui import theme
from salesdesk.ui.widgets import icons
from salesdesk.ui.widgets.buttons import Button
from salesdesk.ui.widgets.labels import label


class EmptyState(QWidget):
    """Shown in the place of a list that has nothing in it."""

    def __init__(
        self,
        name: str,
        text: str,
        action: str = "",
        run: Callable[[], object] | None = None,
        icon: str = "inbox",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self._icon = icon
        self._picture = QLabel()
        self._picture.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._text = label(text, "muted", wrap=True)
        self._text.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.button = Button(action, f"{name}-action", "plain", run)
        column = QVBoxLayout(self)
        column.setSpacing(theme.M)
        column.addStretch(1)
        column.addWidget(self._picture)
        column.addWidget(self._text)
        column.addWidget(self.button, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(1)
        # Not before it stands here: shown on its own it would be a window and take the keyboard.
        self.button.setVisible(bool(action))
        self.setAccessibleName(text)
        self._redraw()
        theme.changed.connect(self._redraw)

    def set_texts(self, text: str, action: str = "") -> None:
        """Say something else (another reason, another language)."""
        self._text.setText(text)
        self.setAccessibleName(text)
        self.button.set_text(action)
        self.button.setVisible(bool(action))

    def _redraw(self) -> None:
        ratio = self.devicePixelRatioF()
        self._picture.setPixmap(icons.pixmap(self._icon, theme.current().faint, 32, ratio))
