"""The list of shortcuts that ``?`` shows over the window."""

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from salesdesk.text import tr
from salesdesk.ui import shortcuts, theme
from salesdesk.ui.widgets.buttons import IconButton
from salesdesk.ui.widgets.labels import SectionLabel, label


class ShortcutList(QWidget):
    """Covers the window; any click beside it, Esc or ``?`` takes it away."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self.setObjectName("shortcuts")
        self.setAccessibleName(tr("Keyboard shortcuts"))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._window = window
        self._before = window.focusWidget()
        self._card = QFrame(self)
        self._card.setProperty("role", "popover")
        head = QHBoxLayout()
        head.addWidget(label(tr("Keyboard shortcuts"), "title"), 1)
        head.addWidget(IconButton("close", tr("Close"), "shortcuts-close", self.close, "quiet"))
        column = QVBoxLayout(self._card)
        column.setContentsMargins(theme.XL, theme.L, theme.XL, theme.XL)
        column.setSpacing(theme.M)
        column.addLayout(head)
        columns = QHBoxLayout()
        columns.setSpacing(2 * theme.XL)
        column.addLayout(columns)
        for groups in self._halves():
            side = QVBoxLayout()
            side.setSpacing(theme.S)
            for group in groups:
                self._add_group(side, group)
            side.addStretch(1)
            columns.addLayout(side)
        window.installEventFilter(self)
        self._fit()

    @staticmethod
    def _halves() -> list[list[str]]:
        """Groups in two columns of about the same length."""
        entries = shortcuts.entries()
        halves: list[list[str]] = [[], []]
        lengths = [0, 0]
        for group, lines in entries.items():
            at = lengths.index(min(lengths))
            halves[at].append(group)
            lengths[at] += len(lines) + 2
        return [half for half in halves if half]

    def _add_group(self, side: QVBoxLayout, group: str) -> None:
        side.addWidget(SectionLabel(tr(group)))
        grid = QGridLayout()
        grid.setHorizontalSpacing(theme.L)
        grid.setVerticalSpacing(theme.XS + 2)
        for row, entry in enumerate(shortcuts.entries()[group]):
            grid.addWidget(label(shortcuts.shown(entry.keys), "strong"), row, 0)
            grid.addWidget(label(tr(entry.text)), row, 1)
        grid.setColumnStretch(1, 1)
        grid.setColumnMinimumWidth(0, 96)
        side.addLayout(grid)
        side.addSpacing(theme.S)

    def _fit(self) -> None:
        self.setGeometry(self._window.rect())
        self._card.adjustSize()
        at = self._card.rect()
        at.moveCenter(self.rect().center())
        self._card.setGeometry(at)

    def closeEvent(self, event: QEvent) -> None:
        if self._before is not None:
            self._before.setFocus()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and watched is self._window:
            self._fit()
        return False

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Escape, Qt.Key.Key_Question):
            self.close()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if not self._card.geometry().contains(event.position().toPoint()):
            self.close()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        veil = QColor(theme.current().toast)
        veil.setAlpha(110)
        painter.fillRect(self.rect(), veil)
