"""Large texts edited in place (title, amount), the responsible person's button, dashed pills."""

from typing import Any

from PySide6.QtCore import QEvent, QObject, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QFontMetrics,
    QIcon,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
)
from PySide6.QtWidgets import QAbstractButton, QLabel, QLineEdit, QVBoxLayout, QWidget

from salesdesk.text import tr
from salesdesk.ui import theme
from salesdesk.ui.widgets import avatar
from salesdesk.ui.widgets.buttons import Button
from salesdesk.ui.widgets.frame import AtRest
from salesdesk.ui.widgets.kinds import Kind
from salesdesk.ui.widgets.labels import label

OWNER_WIDTH = 148
#: How far a frame around a text stands out.
INSET = 5


class _Shown(AtRest, QLabel):
    """The text at rest."""

    wanted = Signal()

    def __init__(self, role: str) -> None:
        super().__init__()
        self.setProperty("role", role)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(True)
        self.setContentsMargins(INSET, 1, INSET, 1)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.IBeamCursor)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)


class InPlace(QWidget):
    """A text of one ``Kind`` without a label; ``committed(value)`` when a new one was entered."""

    committed = Signal(object)

    def __init__(self, kind: Kind, name: str, role: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self.kind = kind
        self._value: Any = None
        self._spoken = ""
        self._editor: QLineEdit | None = None
        self._shown = _Shown(role)
        self._shown.setObjectName(f"{name}-value")
        self._shown.wanted.connect(self.edit)
        self._problem = label("", "problem", wrap=True)
        self._problem.hide()
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(2)
        self._column.addWidget(self._shown)
        self._column.addWidget(self._problem)
        self.setFocusProxy(self._shown)

    def value(self) -> Any:
        """The value that is shown."""
        return self._value

    def set_value(self, value: Any) -> None:
        """Show another value; what is being typed stays."""
        self._value = value
        text = self.kind.show(value)
        self._shown.setText(text)
        self._shown.setAccessibleName(f"{self._spoken}: {text}")
        self._shown.setAccessibleDescription(tr("Enter edits"))

    def set_spoken(self, text: str) -> None:
        """What a screen reader calls it."""
        self._spoken = text
        self.set_value(self._value)

    def set_editable(self, editable: bool) -> None:
        """Whether a click edits."""
        self._shown.setEnabled(editable)

    def editing(self) -> bool:
        """Whether a value is being typed."""
        return self._editor is not None

    def edit(self) -> None:
        """Begin to type."""
        if self._editor is not None or not self._shown.isEnabled():
            return
        editor = QLineEdit(self.kind.typed(self._value), self)
        editor.setObjectName(f"{self.objectName()}-editor")
        editor.setAccessibleName(self._spoken)
        editor.setProperty("look", "inline")
        editor.selectAll()
        editor.textChanged.connect(self._judge)
        editor.installEventFilter(self)
        self._editor = editor
        self._column.replaceWidget(self._shown, editor)
        QWidget.setTabOrder(self._shown, editor)
        self._shown.hide()
        editor.show()
        editor.setFocus()

    def commit(self) -> bool:
        """Take what was typed; ``False`` when it is not valid and stays in the editor."""
        if self._editor is None:
            return True
        try:
            value = self.kind.read(self._editor.text())
        except ValueError as error:
            self._show_problem(str(error))
            return False
        self.cancel()
        if value != self._value:
            self.set_value(value)
            self.committed.emit(value)
        return True

    def cancel(self) -> None:
        """Forget what was typed."""
        editor, self._editor = self._editor, None
        if editor is None:
            return
        had_focus = editor.hasFocus()
        editor.removeEventFilter(self)
        self._column.replaceWidget(editor, self._shown)
        editor.hide()
        editor.deleteLater()
        self._shown.show()
        if had_focus:
            self._shown.setFocus()
        self._show_problem("")

    def _judge(self, text: str) -> None:
        try:
            self.kind.read(text)
        except ValueError as error:
            self._show_problem(str(error))
        else:
            self._show_problem("")

    def _show_problem(self, text: str) -> None:
        self._problem.setText(text)
        self._problem.setVisible(bool(text))
        if self._editor is not None:
            self._editor.setProperty("valid", "false" if text else "true")
            self._editor.style().unpolish(self._editor)
            self._editor.style().polish(self._editor)
            self._editor.setAccessibleDescription(text)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is not self._editor:
            return False
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            if event.key() == Qt.Key.Key_Escape:
                self.cancel()
                return True
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self.commit()
                return True
        if isinstance(event, QFocusEvent) and event.type() == QEvent.Type.FocusOut:
            popup, window = Qt.FocusReason.PopupFocusReason, Qt.FocusReason.ActiveWindowFocusReason
            if event.reason() not in (popup, window):
                self.commit()
        return False


class OwnerButton(Button):
    """Avatar and name of the responsible person; a press asks for another one."""

    def __init__(self, name: str) -> None:
        super().__init__("", name, "who")
        self._person: tuple[str | None, int] = (None, 0)
        self.setMaximumWidth(OWNER_WIDTH)
        self.setStyleSheet(f"padding: 0 {theme.XS}px;")
        theme.changed.connect(self._redraw)

    def set_person(self, name: str | None, colour: int, spoken: str) -> None:
        """Show a person, or nobody."""
        self._person = (name, colour)
        shown = name or tr("Nobody")
        self.setIconSize(QSize(20, 20))
        room = OWNER_WIDTH - 20 - 3 * theme.XS - theme.S
        fits = self.fontMetrics().elidedText(shown, Qt.TextElideMode.ElideRight, room)
        self.set_text(fits, f"{spoken}: {shown}")
        self.setToolTip(f"{spoken}: {shown}")
        self._redraw()

    def _redraw(self) -> None:
        ratio = self.devicePixelRatioF()
        picture = QPixmap(round(20 * ratio), round(20 * ratio))
        picture.setDevicePixelRatio(ratio)
        picture.fill(Qt.GlobalColor.transparent)
        with QPainter(picture) as painter:
            avatar.paint(painter, QRectF(0, 0, 20, 20), *self._person)
        self.setIcon(QIcon(picture))


def dot_icon(colour: QColor, ratio: float) -> QIcon:
    """A small disc of a stage's colour, for lists."""
    picture = QPixmap(round(10 * ratio), round(10 * ratio))
    picture.setDevicePixelRatio(ratio)
    picture.fill(Qt.GlobalColor.transparent)
    with QPainter(picture) as painter:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        painter.drawEllipse(1, 1, 8, 8)
    return QIcon(picture)


class DashedPill(QAbstractButton):
    """A linked deal: ``↳ Logistics · Estimate ready`` in a dashed frame."""

    def __init__(self, text: str, name: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setText(text)
        self.setAccessibleName(text)
        self.setToolTip(text)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setFixedHeight(22)

    def set_words(self, text: str, spoken: str) -> None:
        """Show another text; ``spoken`` is read aloud and stands in the tool tip."""
        self.setText(text)
        self.setAccessibleName(spoken)
        self.setToolTip(spoken)
        self.updateGeometry()

    def sizeHint(self) -> QSize:
        wide = QFontMetrics(theme.font(theme.SMALL)).horizontalAdvance(self.text())
        return QSize(wide + 2 * theme.S + 2, 22)

    def minimumSizeHint(self) -> QSize:
        return QSize(60, 22)

    def paintEvent(self, event: QPaintEvent) -> None:
        now = theme.current()
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            box = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
            lit = self.hasFocus() or self.underMouse()
            edge = QPen(now.accent if lit else theme.mix(now.line, now.faint, 0.35), 1)
            edge.setDashPattern([3, 2])
            painter.setPen(edge)
            painter.drawRoundedRect(box, theme.XS, theme.XS)
            painter.setPen(now.text if lit else now.muted)
            room = self.rect().adjusted(theme.S, 0, -theme.S, 0)
            painter.setFont(theme.font(theme.SMALL))
            text = painter.fontMetrics().elidedText(
                self.text(), Qt.TextElideMode.ElideRight, room.width()
            )
            painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, text)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        else:
            super().keyPressEvent(event)
