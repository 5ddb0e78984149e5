"""Where the keyboard was before something covered the window, to give it back there."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget
from shiboken6 import isValid


class Keyboard:
    """Notes who has the keyboard; ``give_back()`` lets that one have it again.

    An editor in place ends when something covers the window, and is no more: what it stood in has
    the keyboard then.
    """

    def __init__(self, window: QWidget) -> None:
        self._places: list[QWidget] = []
        place: QWidget | None = window.focusWidget()
        while place is not None and place is not window:
            self._places.append(place)
            place = place.parentWidget()

    def give_back(self) -> None:
        """Give it to the innermost that is still there and takes it."""
        for place in self._places:
            if isValid(place) and _takes(place):
                place.setFocus(Qt.FocusReason.OtherFocusReason)
                return


def _takes(place: QWidget) -> bool:
    proxy = place.focusProxy()
    takes = proxy is not None or place.focusPolicy() != Qt.FocusPolicy.NoFocus
    return takes and place.isVisible() and place.isEnabled()
