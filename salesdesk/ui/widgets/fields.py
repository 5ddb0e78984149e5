"""Form rows edited in place: label at the left, value at the right; a click or Enter edits.

Enter and leaving commit, Esc cancels; a wrong value is explained while it is typed and never
committed. The row shows a committed value at once; the page writes it and sets it back on refusal.
"""

from typing import Any

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLineEdit,
    QPlainTextEdit,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from salesdesk.text import tr
from salesdesk.ui import theme
from salesdesk.ui.widgets.buttons import IconButton
from salesdesk.ui.widgets.frame import AtRest
from salesdesk.ui.widgets.kinds import ChoiceKind, DateKind, Kind
from salesdesk.ui.widgets.labels import ElidedLabel, label, set_role
from salesdesk.ui.widgets.popup import Picker, show_under

LABEL_WIDTH = 124


class _Value(AtRest, ElidedLabel):
    """The value at rest, in one line."""

    wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setFixedHeight(24)
        self.setIndent(5)
        self.setContentsMargins(5, 0, 5, 0)
        self.setMouseTracking(True)

    def set_editable(self, editable: bool) -> None:
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus if editable else Qt.FocusPolicy.NoFocus)
        self.setCursor(Qt.CursorShape.IBeamCursor if editable else Qt.CursorShape.ArrowCursor)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover, editable)


class FieldRow(QWidget):
    """A label and a value of one ``Kind``; ``committed(value)`` when a new one was entered,
    ``typed(text)`` while one is."""

    committed = Signal(object)
    typed = Signal(str)

    def __init__(
        self,
        text: str,
        kind: Kind,
        name: str,
        value: Any = None,
        editable: bool = True,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.kind = kind
        self._value = value
        self._editor: QLineEdit | QPlainTextEdit | None = None
        self._editable = editable
        self._label = ElidedLabel(text, "muted")
        # Its own policy ignores the width, and a layout would give it none.
        self._label.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._label.setFixedWidth(LABEL_WIDTH)
        self._shown = _Value()
        self._shown.setObjectName(f"{name}-value")
        self._shown.wanted.connect(self.edit)
        self._problem = label("", "problem", wrap=True)
        self._problem.hide()
        self._row = QHBoxLayout()
        self._row.setSpacing(theme.XS)
        self._row.addWidget(self._label, 0, Qt.AlignmentFlag.AlignTop)
        self._label.setFixedHeight(24)
        self._row.addWidget(self._shown, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addLayout(self._row)
        column.addWidget(self._problem)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.set_editable(editable)

    def value(self) -> Any:
        """The value that is shown."""
        return self._value

    def set_value(self, value: Any) -> None:
        """Show another value; what is being typed stays."""
        self._value = value
        self._refresh()

    def set_label(self, text: str) -> None:
        """Another label (the language has changed); the value is written anew too."""
        self._label.set_text(text)
        self._refresh()

    def set_editable(self, editable: bool) -> None:
        """Whether a click edits."""
        self._editable = editable
        self._shown.set_editable(editable)
        self._refresh()

    def add_action(self, widget: QWidget) -> None:
        """A small widget behind the value: call, copy, open."""
        self._row.addWidget(widget)

    def editing(self) -> bool:
        """Whether a value is being typed."""
        return self._editor is not None

    def show_problem(self, text: str, gentle: bool = False) -> None:
        """Say below the row what is wrong (``gentle``: what may be); nothing takes it away."""
        role = "muted" if gentle else "problem"
        if self._problem.property("role") != role:
            set_role(self._problem, role)
        self._problem.setText(text)
        self._problem.setVisible(bool(text))
        if self._editor is not None:
            self._editor.setProperty("valid", "false" if text else "true")
            self._editor.style().unpolish(self._editor)
            self._editor.style().polish(self._editor)
            self._editor.setAccessibleDescription(text)

    def edit(self) -> None:
        """Begin to edit, or open the list."""
        if not self._editable or self._editor is not None:
            return
        if isinstance(self.kind, ChoiceKind):
            self._choose(self.kind)
            return
        editor = self._make_editor()
        self._editor = editor
        editor.setObjectName(f"{self.objectName()}-editor")
        editor.setAccessibleName(self._label.text())
        editor.installEventFilter(self)
        self._row.replaceWidget(self._shown, editor)
        QWidget.setTabOrder(self._shown, editor)
        self._shown.hide()
        editor.show()
        self.setFocusProxy(editor)
        editor.setFocus()

    def _make_editor(self) -> QLineEdit | QPlainTextEdit:
        text = self.kind.typed(self._value)
        if self.kind.multiline:
            area = QPlainTextEdit(text, self)
            area.setFixedHeight(96)
            area.setTabChangesFocus(True)
            area.textChanged.connect(self._judge)
            return area
        field = QLineEdit(text, self)
        field.setProperty("look", "inline")
        field.selectAll()
        field.textChanged.connect(self._judge)
        if isinstance(self.kind, DateKind):
            self._add_calendar(field)
        return field

    def _add_calendar(self, field: QLineEdit) -> None:
        button = IconButton(
            "calendar", tr("Choose in the calendar"), f"{self.objectName()}-calendar",
            lambda: self._open_calendar(field), "quiet", field,
        )  # fmt: skip
        button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        inside = QHBoxLayout(field)
        inside.setContentsMargins(0, 0, 2, 0)
        inside.addWidget(button, 0, Qt.AlignmentFlag.AlignRight)
        field.setTextMargins(0, 0, 22, 0)

    def _open_calendar(self, field: QLineEdit) -> None:
        from salesdesk.ui.widgets.calendar import calendar

        def pick(day: int) -> None:
            field.setText(self.kind.typed(day))
            self.commit()

        assert isinstance(self.kind, DateKind)
        name, day = f"{self.objectName()}-days", self.kind.opens_on(self._value)
        show_under(calendar(name, self._label.text(), day, pick, self), field)

    def _choose(self, kind: ChoiceKind) -> None:
        picker = Picker(
            kind.options(), f"{self.objectName()}-list", self._label.text(), self._value, self
        )
        picker.picked.connect(self._take)
        show_under(picker, self._shown)

    def commit(self) -> bool:
        """Take what was typed; ``False`` when it is not valid and stays in the editor."""
        if self._editor is None:
            return True
        try:
            value = self.kind.read(self._typed())
        except ValueError as error:
            self.show_problem(str(error))
            return False
        self._close_editor()
        self._take(value)
        return True

    def cancel(self) -> None:
        """Forget what was typed."""
        self._close_editor()

    def _take(self, value: Any) -> None:
        if value != self._value:
            self._value = value
            self._refresh()
            self.committed.emit(value)

    def _close_editor(self) -> None:
        editor, self._editor = self._editor, None
        if editor is None:
            return
        had_focus = editor.hasFocus()
        editor.removeEventFilter(self)
        self._row.replaceWidget(editor, self._shown)
        editor.hide()
        editor.deleteLater()
        self._shown.show()
        self.setFocusProxy(self._shown)
        if had_focus:
            self._shown.setFocus()
        self.show_problem("")

    def _typed(self) -> str:
        if isinstance(self._editor, QPlainTextEdit):
            return self._editor.toPlainText()
        return self._editor.text() if self._editor is not None else ""

    def _judge(self) -> None:
        self.typed.emit(self._typed())
        try:
            self.kind.read(self._typed())
        except ValueError as error:
            self.show_problem(str(error))
        else:
            self.show_problem("")

    def _refresh(self) -> None:
        text = self.kind.show(self._value)
        self._shown.set_text(text.replace("\n", " "))
        self._shown.setAccessibleName(f"{self._label.text()}: {text}")
        self._shown.setAccessibleDescription(tr("Enter edits") if self._editable else "")

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is not self._editor:
            return False
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            return self._on_key(event)
        if isinstance(event, QFocusEvent) and event.type() == QEvent.Type.FocusOut:
            leaving = event.reason() not in (
                Qt.FocusReason.PopupFocusReason,
                Qt.FocusReason.ActiveWindowFocusReason,
            )
            if leaving:
                self.commit()
        return False

    def _on_key(self, event: QKeyEvent) -> bool:
        if event.key() == Qt.Key.Key_Escape:
            self.cancel()
            return True
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            held = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
            if not self.kind.multiline or held:
                self.commit()
                return True
        return False
