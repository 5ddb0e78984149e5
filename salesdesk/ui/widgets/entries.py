"""A field of a form that holds a value of one kind, judged while it is typed."""

from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit

from salesdesk.text import tr
from salesdesk.ui.widgets.buttons import IconButton
from salesdesk.ui.widgets.kinds import DateKind, Kind
from salesdesk.ui.widgets.popup import show_under


class ValueEdit(QLineEdit):
    """A line for a value of a ``Kind``; a day has a calendar. Enter in it: ``taken()``."""

    taken = Signal()

    def __init__(self, kind: Kind, name: str, spoken: str, value: Any = None) -> None:
        super().__init__(kind.typed(value))
        self.kind = kind
        self.setObjectName(name)
        self.setAccessibleName(spoken)
        self.setProperty("look", "inline")
        self.textChanged.connect(lambda _text: self._judge())
        self.returnPressed.connect(self.taken)
        if isinstance(kind, DateKind):
            self._add_calendar()

    def value(self) -> Any:
        """What stands there; raises ValueError with the sentence to show."""
        return self.kind.read(self.text())

    def set_value(self, value: Any) -> None:
        """Show another value."""
        self.setText(self.kind.typed(value))

    def needed(self) -> Any:
        """What stands there, which may not be nothing; raises ValueError."""
        found = self.value()
        if found is None or found == "":
            raise ValueError(tr("This cannot be empty."))
        return found

    def _judge(self) -> None:
        try:
            self.value()
        except ValueError as error:
            self._mark(str(error))
        else:
            self._mark("")

    def _mark(self, wrong: str) -> None:
        self.setToolTip(wrong)
        self.setAccessibleDescription(wrong)
        state = "false" if wrong else "true"
        if self.property("valid") != state:
            self.setProperty("valid", state)
            self.style().unpolish(self)
            self.style().polish(self)

    def _add_calendar(self) -> None:
        name = f"{self.objectName()}-calendar"
        button = IconButton(
            "calendar", tr("Choose in the calendar"), name, self._open_calendar, "quiet", self
        )
        button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        inside = QHBoxLayout(self)
        inside.setContentsMargins(0, 0, 2, 0)
        inside.addWidget(button, 0, Qt.AlignmentFlag.AlignRight)
        self.setTextMargins(0, 0, 22, 0)

    def _open_calendar(self) -> None:
        from salesdesk.ui.widgets.calendar import calendar

        assert isinstance(self.kind, DateKind)
        try:
            chosen = self.kind.opens_on(self.value())
        except ValueError:
            chosen = self.kind.today()
        name = f"{self.objectName()}-days"
        show_under(calendar(name, self.accessibleName(), chosen, self.set_value, self), self)


class NameEdit(QLineEdit):
    """A name that is typed; names that are known are offered while it is. ``find(text)`` gives
    them, best first."""

    def __init__(self, name: str, spoken: str, find: Any, text: str = "") -> None:
        super().__init__(text)
        from PySide6.QtCore import QStringListModel
        from PySide6.QtWidgets import QCompleter

        self._find = find
        self.setObjectName(name)
        self.setAccessibleName(spoken)
        self.setProperty("look", "inline")
        self._known = QStringListModel(self)
        offered = QCompleter(self._known, self)
        offered.setCompletionMode(QCompleter.CompletionMode.UnfilteredPopupCompletion)
        offered.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self.setCompleter(offered)
        self.textEdited.connect(self._on_typed)

    def _on_typed(self, text: str) -> None:
        self._known.setStringList(list(self._find(text)) if text.strip() else [])
