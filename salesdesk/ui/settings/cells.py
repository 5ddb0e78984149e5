"""Cells of a list that are edited where they stand: text, choice, yes or no, actions."""

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QEvent, QObject, QPointF, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QFontMetrics, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QWidget

from salesdesk.text import tr
from salesdesk.ui import theme
from salesdesk.ui.widgets.buttons import Button, IconButton
from salesdesk.ui.widgets.kinds import DateKind, Kind
from salesdesk.ui.widgets.switcher import Switcher

_BUTTON = 28
_LEAVING = (Qt.FocusReason.PopupFocusReason, Qt.FocusReason.ActiveWindowFocusReason)


class Entry(QLineEdit):
    """A value of one ``Kind`` that is typed in place.

    Enter and leaving commit, Esc takes back. ``committed(value)`` comes with a new valid value,
    ``problem(text)`` while something else stands there (empty: nothing wrong). A value set from
    outside waits until the edit in progress has ended.
    """

    committed = Signal(object)
    problem = Signal(str)

    def __init__(
        self,
        kind: Kind,
        name: str,
        accessible: str,
        width: int = 0,
        look: str = "cell",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.kind = kind
        self._value: Any = None
        self._wrong = ""
        self.setObjectName(name)
        self.setAccessibleName(accessible)
        self.setProperty("look", look)
        if width:
            self.setFixedWidth(width)
        if isinstance(kind, DateKind):
            self._add_calendar()
        self.textEdited.connect(self._judge)
        self.returnPressed.connect(self.commit)

    def _add_calendar(self) -> None:
        button = IconButton("calendar", tr("Choose in the calendar"),
                            f"{self.objectName()}-calendar", self._open_calendar, "quiet",
                            self)  # fmt: skip
        button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        inside = QHBoxLayout(self)
        inside.setContentsMargins(0, 0, 2, 0)
        inside.addWidget(button, 0, Qt.AlignmentFlag.AlignRight)
        self.setTextMargins(0, 0, 22, 0)

    def _open_calendar(self) -> None:
        from salesdesk.ui.widgets.calendar import calendar
        from salesdesk.ui.widgets.popup import show_under

        def pick(day: int) -> None:
            self.setText(self.kind.typed(day))
            self.setModified(True)
            self.commit()

        assert isinstance(self.kind, DateKind)
        name, day = f"{self.objectName()}-days", self.kind.opens_on(self._value)
        show_under(calendar(name, self.accessibleName(), day, pick, self), self)

    def value(self) -> Any:
        """The value that was set or committed last."""
        return self._value

    def editing(self) -> bool:
        """Whether something typed has not been committed yet."""
        return self.isModified()

    def set_value(self, value: Any) -> None:
        """Show another value; what is being typed stays."""
        self._value = value
        if not self.editing():
            self._rest()

    def commit(self) -> bool:
        """Take what was typed; ``False`` when it is not valid and stays."""
        if not self.editing():
            return True
        try:
            value = self.kind.read(self.text())
        except ValueError as error:
            self.show_problem(str(error))
            return False
        changed = value != self._value
        self._value = value
        self._rest()
        if changed:
            self.committed.emit(value)
        return True

    def cancel(self) -> None:
        """Forget what was typed."""
        self._rest()
        self.selectAll()

    def show_problem(self, text: str) -> None:
        """Say what is wrong with the value (empty: nothing)."""
        if text == self._wrong:
            return
        self._wrong = text
        self.setProperty("valid", "false" if text else "true")
        self.setAccessibleDescription(text)
        self.setToolTip(text)
        self.style().unpolish(self)
        self.style().polish(self)
        self.problem.emit(text)

    def _rest(self) -> None:
        nothing = self._value is None or self._value == ""
        shown = "" if nothing else self.kind.show(self._value)
        self.setText(self.kind.typed(self._value) if self.hasFocus() else shown)
        self.setCursorPosition(0)
        self.setModified(False)
        self.show_problem("")

    def _judge(self) -> None:
        try:
            self.kind.read(self.text())
        except ValueError as error:
            self.show_problem(str(error))
        else:
            self.show_problem("")

    def focusInEvent(self, event: QFocusEvent) -> None:
        if not self.editing():
            self.setText(self.kind.typed(self._value))
        super().focusInEvent(event)
        if event.reason() != Qt.FocusReason.MouseFocusReason and not self.editing():
            self.selectAll()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if event.reason() in _LEAVING:
            return
        if self.commit():
            self._rest()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.editing():
            self.cancel()
            return
        super().keyPressEvent(event)


class Choice(Switcher):
    """One of several values in a cell."""

    def __init__(self, name: str, what: str, width: int = 0, look: str = "cell") -> None:
        super().__init__(name, what, look)
        self._width = width
        if width:
            self.setFixedWidth(width)

    def set_text(self, text: str, spoken: str | None = None) -> None:
        room = getattr(self, "_width", 0) - theme.L - theme.S
        if room > 0:
            font = self.fontMetrics()
            shown = font.elidedText(text, Qt.TextElideMode.ElideRight, room)
        else:
            shown = text
        super().set_text(shown, spoken or text)

    def sizeHint(self) -> QSize:
        hint = super().sizeHint()
        return QSize(hint.width() - theme.L, hint.height())


class Token(Button):
    """A word of a sentence that can be changed; a dashed line stands below it."""

    def __init__(self, name: str, what: str, run: Callable[[], object]) -> None:
        super().__init__("", name, "token", run)
        self._what = what

    def set_words(self, words: str) -> None:
        """Other words; a screen reader also says what they are."""
        self.set_text(words, f"{self._what}: {words}")
        self.setToolTip(self._what)
        self.updateGeometry()

    def sizeHint(self) -> QSize:
        font = theme.font(theme.BODY, bold=True)
        wide = QFontMetrics(font).horizontalAdvance(self.text().replace("&&", "&")) + 2
        return QSize(wide, 24)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self.isEnabled():
            return
        with QPainter(self) as painter:
            pen = QPen(theme.current().accent, 1)
            pen.setDashPattern([3, 2])
            painter.setPen(pen)
            y = self.height() - 2.5
            painter.drawLine(QPointF(1, y), QPointF(self.width() - 2, y))


def _keep_room(widget: QWidget) -> None:
    """Whoever may not change a list sees its columns in line all the same."""
    policy = widget.sizePolicy()
    policy.setRetainSizeWhenHidden(True)
    widget.setSizePolicy(policy)


class _Trash(IconButton):
    """Not shown where it may not be used."""

    def __init__(self, text: str, name: str, run: Callable[[], object]) -> None:
        super().__init__("trash", text, name, run, "quiet")
        self.setFixedWidth(_BUTTON)
        _keep_room(self)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.EnabledChange:
            self.setVisible(self.isEnabled())
        super().changeEvent(event)


def trash(name: str, text: str, run: Callable[[], object]) -> IconButton:
    """The button that takes a line away."""
    return _Trash(text, name, run)


class UpDown(QWidget):
    """Two small buttons that move a line; also Alt+Up and Alt+Down in the line."""

    moved = Signal(int)

    def __init__(self, name: str, up: str, down: str) -> None:
        super().__init__()
        self.up = IconButton("chevron-up", up, f"{name}-up", lambda: self.moved.emit(-1), "quiet")
        self.down = IconButton(
            "chevron-down", down, f"{name}-down", lambda: self.moved.emit(1), "quiet"
        )
        _keep_room(self)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        for button in (self.up, self.down):
            button.setFixedWidth(_BUTTON - 2)
            row.addWidget(button)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.EnabledChange:
            self.setVisible(self.isEnabled())
        super().changeEvent(event)

    def set_place(self, place: int, count: int) -> None:
        """Which of the two lead anywhere."""
        self.up.setEnabled(place > 0)
        self.down.setEnabled(place < count - 1)

    def can(self, step: int) -> bool:
        """Whether a step leads anywhere."""
        return (self.up if step < 0 else self.down).isEnabled()


class Steps(QObject):
    """Moves a line by Alt+Up and Alt+Down alone, where it has a grip and a menu for the mouse."""

    moved = Signal(int)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._line = parent
        self._place, self._count = 0, 1

    def set_place(self, place: int, count: int) -> None:
        """Where the line stands among so many."""
        self._place, self._count = place, count

    def can(self, step: int) -> bool:
        """Whether a step leads anywhere."""
        return self._line.isEnabled() and 0 <= self._place + step < self._count
