"""A form that is opened from elsewhere scrolls into sight."""

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QFocusEvent
from PySide6.QtWidgets import QApplication, QScrollArea, QWidget

from salesdesk.ui import theme

#: Whoever clicks sees what they click, and Qt scrolls to what Tab reaches.
_FROM_ELSEWHERE = (Qt.FocusReason.OtherFocusReason, Qt.FocusReason.ShortcutFocusReason)


class Revealing(QObject):
    """Scrolls ``area`` to a form inside it that is given the keyboard by a key or a button that
    stands elsewhere: as far as all of it is seen."""

    def __init__(self, area: QScrollArea, *forms: QWidget) -> None:
        super().__init__(area)
        self._area = area
        self._forms = forms
        for form in forms:
            for widget in (form, *form.findChildren(QWidget)):
                if widget.focusPolicy() != Qt.FocusPolicy.NoFocus:
                    widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if (
            event.type() == QEvent.Type.FocusIn
            and isinstance(event, QFocusEvent)
            and event.reason() in _FROM_ELSEWHERE
        ):
            QTimer.singleShot(0, self._reveal)  # when what was just shown has its place
        return False

    def _reveal(self) -> None:
        focus = QApplication.focusWidget()
        for form in self._forms:
            if focus is not None and (form is focus or form.isAncestorOf(focus)):
                self._area.ensureWidgetVisible(form, 0, theme.M)
