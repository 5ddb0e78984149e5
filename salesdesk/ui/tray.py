"""The icon beside the system's clock, where there is one: reminders when the window is away."""

from collections.abc import Callable

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QSystemTrayIcon, QWidget

from salesdesk.text import tr
from salesdesk.ui import theme
from salesdesk.ui.widgets import icons
from salesdesk.ui.widgets.popup import menu

_MESSAGE_MS = 15_000


class Tray(QObject):
    """Does nothing where the system has no such place.

    ``run`` of the last message is called when it is clicked.
    """

    def __init__(self, window: QWidget, parent: QObject | None = None) -> None:
        super().__init__(parent or window)
        self._window = window
        self._icon: QSystemTrayIcon | None = None
        self._run: Callable[[], object] | None = None
        if QSystemTrayIcon.isSystemTrayAvailable():
            self._icon = QSystemTrayIcon(icons.icon("tasks", theme.current().accent, size=32), self)
            self._icon.setToolTip("SalesDesk")
            self._icon.activated.connect(self._on_activated)
            self._icon.messageClicked.connect(self._on_message)
            self._icon.show()

    @property
    def is_there(self) -> bool:
        """Whether there is such a place."""
        return self._icon is not None

    def tell(self, title: str, text: str, run: Callable[[], object]) -> None:
        """Show a message, unless the person looks at the window anyway."""
        self._run = run
        if self._icon is not None and not self._window.isActiveWindow():
            self._icon.showMessage(title, text, self._icon.icon(), _MESSAGE_MS)

    def _on_activated(self, reason: QSystemTrayIcon.ActivationReason) -> None:
        if self._icon is None:
            return
        if reason == QSystemTrayIcon.ActivationReason.Context:
            entries = [
                ("open", tr("Open SalesDesk"), self.raise_window),
                ("quit", tr("Close the window"), self._window.close),
            ]
            menu(entries, "tray-menu", self._window).popup(self._icon.geometry().center())
        else:
            self.raise_window()

    def _on_message(self) -> None:
        self.raise_window()
        if self._run is not None:
            self._run()

    def raise_window(self) -> None:
        """Bring the window to the front."""
        from salesdesk.ui.single import bring_to_front

        bring_to_front(self._window)

    def close(self) -> None:
        """Take the icon away."""
        if self._icon is not None:
            self._icon.hide()
