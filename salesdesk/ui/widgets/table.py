"""Tables and lists as every page shows them: row height, header, lines; widths remembered."""

from PySide6.QtCore import QByteArray, QModelIndex, Qt, Signal
from PySide6.QtGui import QKeyEvent, QWheelEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from salesdesk.ui import theme
from salesdesk.ui.remember import Remember


class Table(QTableView):
    """Whole rows are selected; Enter or a double click emits ``opened(index)``.

    Set the model first, then call ``remember``.
    """

    opened = Signal(QModelIndex)

    def __init__(
        self,
        name: str,
        accessible: str,
        row_height: int = theme.ROW_HEIGHT,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._fitted = False
        self.setObjectName(name)
        self.setAccessibleName(accessible)
        self.setFont(theme.font(tabular=True))
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setMouseTracking(True)
        self.setTabKeyNavigation(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        rows = self.verticalHeader()
        rows.hide()
        rows.setDefaultSectionSize(row_height)
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        head = self.horizontalHeader()
        head.setHighlightSections(False)
        head.setStretchLastSection(True)
        head.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        head.setMinimumSectionSize(32)
        self.doubleClicked.connect(self.opened)

    def remember(self, remember: Remember, name: str) -> None:
        """Restore widths, order and sorting of the columns, and keep them when they change."""
        head = self.horizontalHeader()
        key = f"{name}/columns"
        state = remember.blob(key)
        if not state.isEmpty():
            head.restoreState(state)

        def keep(*_: object) -> None:
            remember.set(key, QByteArray(head.saveState()))

        head.sectionResized.connect(keep)
        head.sectionMoved.connect(keep)
        head.sortIndicatorChanged.connect(keep)

    def fit_height(self, most: int = 40) -> None:
        """As high as its rows (at most ``most``), without the last line: the card has a border."""
        model = self.model()
        there = model.rowCount() if model is not None else 0
        rows = min(there, most)
        self._fitted = there <= most
        off = Qt.ScrollBarPolicy.ScrollBarAlwaysOff
        as_needed = Qt.ScrollBarPolicy.ScrollBarAsNeeded
        self.setVerticalScrollBarPolicy(off if self._fitted else as_needed)
        height = rows * self.verticalHeader().defaultSectionSize()
        self.setFixedHeight(height + self.horizontalHeader().sizeHint().height() - 1)

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self._fitted:
            event.ignore()  # what is around it scrolls
        else:
            super().wheelEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        index = self.currentIndex()
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and index.isValid():
            self.opened.emit(index)
            return
        super().keyPressEvent(event)
