"""The list of shortcuts that ``?`` shows over the window: those of every page, in columns."""

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QSize, Qt, QTimer
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from salesdesk.text import tr
from salesdesk.ui import shortcuts, theme
from salesdesk.ui.widgets.buttons import IconButton
from salesdesk.ui.widgets.keyboard import Keyboard
from salesdesk.ui.widgets.labels import SectionLabel, label

_COLUMN, _KEYS = 330, 96
_MARGIN = 2 * theme.XL


class ShortcutList(QWidget):
    """Covers the window; any click beside it, Esc or ``?`` takes it away.

    ``make_more()`` makes a page that was not made yet (its keys are then known) and says whether
    there was one; it is called between two frames until there is none.
    """

    def __init__(self, window: QWidget, make_more: Callable[[], bool] = lambda: False) -> None:
        super().__init__(window)
        self.setObjectName("shortcuts")
        self.setAccessibleName(tr("Keyboard shortcuts"))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._window, self._make_more = window, make_more
        self._keyboard = Keyboard(window)
        self._wide = 0
        self._inside = QWidget()
        self._card = QFrame(self)
        self._card.setProperty("role", "popover")
        head = QHBoxLayout()
        head.setContentsMargins(0, 0, theme.L, 0)
        head.addWidget(label(tr("Keyboard shortcuts"), "title"), 1)
        head.addWidget(IconButton("close", tr("Close"), "shortcuts-close", self.close, "quiet"))
        self._area = QScrollArea()
        self._area.setObjectName("shortcuts-scroll")
        self._area.setAccessibleName(tr("Keyboard shortcuts"))
        self._area.setWidgetResizable(True)
        self._area.setFrameShape(QScrollArea.Shape.NoFrame)
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        column = QVBoxLayout(self._card)
        column.setContentsMargins(theme.XL, theme.L, theme.S, theme.L)
        column.setSpacing(theme.M)
        column.addLayout(head)
        column.addWidget(self._area)
        window.installEventFilter(self)
        self._fill()
        QTimer.singleShot(0, self, self._complete)

    def _complete(self) -> None:
        """Learn the keys of a page that was not shown yet, then of the next."""
        if self._make_more():
            QTimer.singleShot(0, self, self._complete)
        elif self._groups() != self._shown:
            self._fill()

    @staticmethod
    def _groups() -> dict[str, int]:
        return {group: len(lines) for group, lines in shortcuts.entries().items()}

    def _fill(self) -> None:
        """Lay the groups out in as many columns as there is room for."""
        self._shown = self._groups()
        room = self._window.width() - 2 * _MARGIN - theme.XL - theme.L
        count = max(1, min(4, room // (_COLUMN + theme.XL), len(self._shown)))
        inside = self._inside = QWidget()
        inside.setProperty("role", "body")
        columns = QHBoxLayout(inside)
        columns.setContentsMargins(0, 0, theme.L, 0)
        columns.setSpacing(theme.XL)
        for groups in self._columns(count):
            side = QVBoxLayout()
            side.setSpacing(theme.S)
            for group in groups:
                self._add_group(side, group)
            side.addStretch(1)
            columns.addLayout(side, 1)
        self._wide = count * _COLUMN + (count - 1) * theme.XL
        self._area.setWidget(inside)
        inside.setMinimumWidth(self._wide)
        self._fit()

    def _columns(self, count: int) -> list[list[str]]:
        """Groups in columns of about the same length, each group whole and none out of its turn
        within a column."""
        found: list[list[str]] = [[] for _ in range(count)]
        lengths = [0] * count
        for group, lines in self._shown.items():
            at = lengths.index(min(lengths))
            found[at].append(group)
            lengths[at] += lines + 2
        return [column for column in found if column]

    def _add_group(self, side: QVBoxLayout, group: str) -> None:
        side.addWidget(SectionLabel(tr(group)))
        grid = QGridLayout()
        grid.setHorizontalSpacing(theme.L)
        grid.setVerticalSpacing(theme.XS)
        for row, entry in enumerate(shortcuts.entries()[group]):
            keys = label(shortcuts.shown(entry.keys), "strong", wrap=True)
            grid.addWidget(keys, row, 0, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(label(tr(entry.text), wrap=True), row, 1, Qt.AlignmentFlag.AlignTop)
        grid.setColumnStretch(1, 1)
        grid.setColumnMinimumWidth(0, _KEYS)
        side.addLayout(grid)
        side.addSpacing(theme.S)

    def _fit(self) -> None:
        self.setGeometry(self._window.rect())
        high = self._inside.heightForWidth(self._wide + theme.L)
        if high <= 0:
            high = self._inside.sizeHint().height()
        whole = QSize(self._wide + theme.L + theme.XL + theme.S, high + 3 * theme.XL + theme.L)
        most = self.size() - QSize(_MARGIN, _MARGIN)
        self._card.resize(whole.boundedTo(most))
        at = self._card.rect()
        at.moveCenter(self.rect().center())
        self._card.setGeometry(at)

    def closeEvent(self, event: QEvent) -> None:
        self._keyboard.give_back()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and watched is self._window:
            self._fill()
        return False

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Escape, Qt.Key.Key_Question):
            self.close()
            return
        bar = self._area.verticalScrollBar()
        steps = {
            Qt.Key.Key_Down: bar.singleStep(), Qt.Key.Key_Up: -bar.singleStep(),
            Qt.Key.Key_PageDown: bar.pageStep(), Qt.Key.Key_PageUp: -bar.pageStep(),
        }  # fmt: skip
        bar.setValue(bar.value() + steps.get(Qt.Key(event.key()), 0))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if not self._card.geometry().contains(event.position().toPoint()):
            self.close()

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            veil = QColor(theme.current().toast)
            veil.setAlpha(110)
            painter.fillRect(self.rect(), veil)
