"""What floats at the bottom of the window: the toast after an action, and the error bar."""

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QRectF, QSize, Qt, QTimer
from PySide6.QtGui import (
    QAccessible,
    QAccessibleAnnouncementEvent,
    QGuiApplication,
    QPainter,
    QPaintEvent,
)
from PySide6.QtWidgets import (
    QHBoxLayout,
    QVBoxLayout,
    QWidget,
)

from salesdesk.text import tr
from salesdesk.ui import theme
from salesdesk.ui.context import Note, Problem
from salesdesk.ui.widgets.buttons import Button, IconButton
from salesdesk.ui.widgets.labels import label
from salesdesk.ui.widgets.shadow import Shadow, around

TOAST_MS = 6000
_GAP = 20
_MAX_WIDTH = 640
#: So much wider than its words a toast may stay when it says something else: what lies below it is
#: painted anew where its edges move.
_SPARE_WIDTH = 64


def _announce(widget: QWidget, text: str) -> None:
    """Have a screen reader say it, wherever the focus is."""
    QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(widget, text))


class _Words(QWidget):
    """Words on the colour of the toast: when others come, what lies below need not be painted, as
    below a label, which lets it through."""

    def __init__(self) -> None:
        super().__init__()
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self._text = ""

    def text(self) -> str:
        """The words."""
        return self._text

    def set_text(self, text: str) -> None:
        """Say something else."""
        self._text = text
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        metrics = self.fontMetrics()
        return QSize(metrics.horizontalAdvance(self._text) + 1, metrics.height())

    def paintEvent(self, event: QPaintEvent) -> None:
        now, box, painter = theme.current(), self.rect(), QPainter(self)
        painter.fillRect(box, now.toast)
        painter.setPen(now.toast_text)
        shown = self.fontMetrics().elidedText(self._text, Qt.TextElideMode.ElideRight, box.width())
        painter.drawText(box, int(Qt.AlignmentFlag.AlignVCenter), shown)


class Toast(QWidget):
    """One dark line with an action; goes by itself unless the pointer or the focus is on it."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("toast")
        self._text = _Words()
        self.button = Button("", "toast-action", "toast", self._on_action)
        self._run: Note | None = None
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.L, theme.S, theme.L, theme.S)
        row.setSpacing(theme.L)
        row.addWidget(self._text, 1)
        row.addWidget(self.button)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._on_timeout)
        theme.changed.connect(self.update)
        theme.changed.connect(self._text.update)
        self.hide()
        self._shadow = Shadow(self)

    def show_note(self, note: Note) -> None:
        """Show a note in the place of the one before."""
        self._run = note
        self._text.set_text(note.text)
        self.setAccessibleName(note.text)
        self.button.set_text(note.action, f"{note.action}: {note.text}")
        self.button.setVisible(bool(note.action))
        self.adjustSize()
        self.show()
        self.raise_()
        self._timer.start(TOAST_MS)
        _announce(self, note.text)

    def sizeHint(self) -> QSize:
        hint = super().sizeHint()
        if self.isVisible() and 0 < self.width() - hint.width() <= _SPARE_WIDTH:
            hint.setWidth(self.width())
        return hint

    def text(self) -> str:
        """What it says."""
        return self._text.text()

    def dismiss(self) -> None:
        """Take it away now."""
        self._timer.stop()
        self.hide()

    def _on_action(self) -> None:
        note = self._run
        self.dismiss()
        if note is not None and note.run is not None:
            note.run()

    def _on_timeout(self) -> None:
        if self.underMouse() or self.button.hasFocus():
            self._timer.start(TOAST_MS)
        else:
            self.hide()

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.current().toast)
            painter.drawRoundedRect(self.rect(), theme.RADIUS_CARD, theme.RADIUS_CARD)


class ErrorBar(QWidget):
    """A title, a sentence, "Copy details", and a cross; stays until it is closed."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("error-bar")
        self._problem: Problem | None = None
        self.title = label("", "strong")
        self.message = label("", wrap=True)
        self.copy_button = Button("", "error-copy", "chip", self._on_copy)
        self.close_button = IconButton("close", "", "error-close", self.hide, "quiet")
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(self.title)
        words.addWidget(self.message)
        self.row = QHBoxLayout(self)
        self.row.setContentsMargins(theme.L, theme.M, theme.M, theme.M)
        self.row.setSpacing(theme.M)
        self.row.addLayout(words, 1)
        self.row.addWidget(self.copy_button)
        self.row.addWidget(self.close_button)
        self.retranslate()
        self.hide()

    def show_problem(self, problem: Problem) -> None:
        """Show an error in the place of the one before."""
        self._problem = problem
        self.retranslate()
        self.show()
        self.raise_()
        _announce(self, self.accessibleName())

    def retranslate(self) -> None:
        """Set every text anew, that of the error too."""
        if self._problem is not None:
            title, message = self._problem.words()
            self.title.setText(title)
            self.message.setText(message)
            self.setAccessibleName(f"{title}. {message}")
        self.copy_button.set_text(tr("Copy details"))
        self.close_button.set_text(tr("Close"))

    def paintEvent(self, event: QPaintEvent) -> None:
        now = theme.current()
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(now.bad)
            painter.setBrush(now.bad_soft)
            where = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
            painter.drawRoundedRect(where, theme.RADIUS_CARD, theme.RADIUS_CARD)

    def _on_copy(self) -> None:
        details = "" if self._problem is None else self._problem.details
        QGuiApplication.clipboard().setText(
            f"{self.title.text()}\n{self.message.text()}\n\n{details}"
        )
        self.copy_button.set_text(tr("Copied"))


#: The room that toast and error bar take of an area (a QRect), as a property of it.
TAKEN = "taken"


def covered(widget: QWidget) -> int:
    """How many pixels of a widget, from its bottom up, lie below toast or error bar."""
    area: QWidget | None = widget
    while area is not None and area.property(TAKEN) is None:
        area = area.parentWidget()
    if area is None or area.property(TAKEN).isEmpty():
        return 0
    own = QRect(widget.mapTo(area, QPoint(0, 0)), widget.size())
    above = own & around(area.property(TAKEN))
    return 0 if above.isEmpty() else own.bottom() - above.top() + 1


class Floats(QObject):
    """Keeps toast and error bar at the bottom centre of an area while it changes its size."""

    def __init__(self, area: QWidget) -> None:
        super().__init__(area)
        self._area = area
        self.toast = Toast(area)
        self.errors = ErrorBar(area)
        for watched in (area, self.toast, self.errors):
            watched.installEventFilter(self)

    def say(self, note: Note) -> None:
        """Show a toast."""
        self.toast.show_note(note)
        self.place()

    def retranslate(self) -> None:
        """Another language: an error is said in it; a toast has been read and goes (undo stays)."""
        self.toast.dismiss()
        self.errors.retranslate()
        self.place()

    def fail(self, problem: Problem) -> None:
        """Show an error; a toast that says the opposite goes."""
        self.toast.dismiss()
        self.errors.show_problem(problem)
        self.place()

    def place(self) -> None:
        """Put both where they belong."""
        width, bottom = self._area.width(), self._area.height() - _GAP
        if self.errors.isVisibleTo(self._area):
            wide = min(_MAX_WIDTH, width - 2 * _GAP)
            self.errors.setFixedWidth(wide)
            self.errors.row.activate()  # else it goes by the height of the text before
            high = self.errors.row.totalHeightForWidth(wide)
            self.errors.setGeometry((width - wide) // 2, bottom - high, wide, high)
            bottom -= high + theme.S
        if self.toast.isVisibleTo(self._area):
            size = self.toast.sizeHint()
            wide = min(size.width(), width - 2 * _GAP)
            self.toast.setGeometry((width - wide) // 2, bottom - size.height(), wide, size.height())
        shown = [one for one in (self.errors, self.toast) if one.isVisibleTo(self._area)]
        taken = QRect()
        for one in shown:
            taken = taken.united(one.geometry())
        self._area.setProperty(TAKEN, taken)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kinds = (QEvent.Type.Resize, QEvent.Type.Hide)
        if event.type() in kinds and (watched is self._area or event.type() == kinds[1]):
            self.place()
        return False
