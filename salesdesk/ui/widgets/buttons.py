"""Buttons: primary, plain, link, icon, and the combo pill that opens a list or a menu."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QPushButton, QToolButton, QWidget

from salesdesk.ui import theme
from salesdesk.ui.widgets import icons

if TYPE_CHECKING:
    from PySide6.QtWidgets import QMenu

    from salesdesk.ui.widgets.popup import Popover


def is_enter(event: QKeyEvent) -> bool:
    """Whether Enter alone was pressed: with Ctrl it takes a whole form."""
    plain = not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
    return plain and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class Button(QPushButton):
    """A push button; ``look`` is ``plain``, ``primary``, ``chip`` or ``link``.

    ``name`` is its object name (kept over languages); the text is also its accessible name.
    """

    def __init__(
        self,
        text: str,
        name: str,
        look: str = "plain",
        run: Callable[[], object] | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.setProperty("look", look)
        self.set_text(text)
        self.setAutoDefault(False)
        if run is not None:
            self.clicked.connect(lambda: run())  # noqa: PLW0108 - without the bool

    def set_text(self, text: str, spoken: str | None = None) -> None:
        """Show ``text`` and let a screen reader say it (or ``spoken``)."""
        self.setText(text.replace("&", "&&"))
        self.setAccessibleName(spoken or text)

    def set_look(self, look: str) -> None:
        """Look otherwise."""
        if look != self.property("look"):
            self.setProperty("look", look)
            self._restyle()

    def set_tone(self, tone: str) -> None:
        """Colour a chip: ``good``, ``bad``, ``accent`` or nothing."""
        self.setProperty("tone", tone)
        self._restyle()

    def _restyle(self) -> None:
        self.style().unpolish(self)
        self.style().polish(self)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if is_enter(event):
            self.click()  # Space alone would press it otherwise
        else:
            super().keyPressEvent(event)


class PrimaryButton(Button):
    """The one main action of a page."""

    def __init__(
        self,
        text: str,
        name: str,
        run: Callable[[], object] | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(text, name, "primary", run, parent)


class LinkButton(Button):
    """An action that reads like a link."""

    def __init__(
        self,
        text: str,
        name: str,
        run: Callable[[], object] | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(text, name, "link", run, parent)


class ComboButton(Button):
    """A button with a small arrow that opens a menu or a popover; looks ``plain`` or ``chip``."""

    def __init__(
        self, text: str, name: str, look: str = "plain", parent: QWidget | None = None
    ) -> None:
        super().__init__(text, name, look, None, parent)
        self._opens: Callable[[], QMenu | Popover] | None = None
        self.clicked.connect(self.open)

    def set_opens(self, opens: "Callable[[], QMenu | Popover]") -> None:
        """What is shown under the button when it is pressed, made each time anew."""
        self._opens = opens

    def open(self) -> None:
        """Open the list (also by Enter, Space or Down)."""
        if self._opens is not None:
            from salesdesk.ui.widgets.popup import show_under

            show_under(self._opens(), self)

    def sizeHint(self) -> QSize:
        return super().sizeHint() + QSize(theme.L, 0)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        with QPainter(self) as painter:
            size = 12 if self.property("look") == "plain" else 10
            right = theme.S + (0 if self.property("look") == "plain" else 1)
            where = QRectF(
                self.width() - right - size, (self.height() - size) / 2 + 0.5, size, size
            )
            now = theme.current()
            icons.paint(
                painter, "chevron-down", where, now.muted if self.isEnabled() else now.faint
            )

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Down:
            self.open()
            return
        super().keyPressEvent(event)


class IconButton(QToolButton):
    """A square button with an icon; ``text`` is its tool tip and accessible name.

    ``look`` is ``icon`` (with a border) or ``quiet`` (without, smaller).
    """

    def __init__(
        self,
        icon: str,
        text: str,
        name: str,
        run: Callable[[], object] | None = None,
        look: str = "icon",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._icon = icon
        self.setObjectName(name)
        self.setProperty("look", look)
        self._bordered = look == "icon"
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setIconSize(QSize(theme.ICON, theme.ICON))
        self.set_text(text)
        self._redraw()
        theme.changed.connect(self._redraw)
        if run is not None:
            self.clicked.connect(lambda: run())  # noqa: PLW0108 - without the bool

    def set_text(self, text: str, tip: str | None = None) -> None:
        """What a screen reader says; the tool tip may add the keys."""
        self.setToolTip(tip or text)
        self.setAccessibleName(text)

    def set_icon(self, icon: str) -> None:
        """Show another icon."""
        self._icon = icon
        self._redraw()

    def _redraw(self) -> None:
        """Draw the icon in the colour of its state; a checked one in the accent."""
        now = theme.current()
        colour = now.text if self._bordered else now.muted
        checked = now.accent if self.isCheckable() else None
        ratio = self.devicePixelRatioF()
        self.setIcon(icons.icon(self._icon, colour, checked, not self.isEnabled(), ratio=ratio))

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.EnabledChange:
            self._redraw()
        super().changeEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if is_enter(event):
            self.click()
        else:
            super().keyPressEvent(event)
