"""Step 3: the rows that are refused, each with its place and reason."""

from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtWidgets import QHeaderView, QSizePolicy, QWidget

from salesdesk.services.exchange.rejects import Reject
from salesdesk.text import tr
from salesdesk.ui.formats import whole
from salesdesk.ui.imports.cells import TONE, CellPainter
from salesdesk.ui.widgets.labels import Card
from salesdesk.ui.widgets.table import Table

_ROLE = Qt.ItemDataRole
_WIDTHS = (70, 160, 220)
Index = QModelIndex | QPersistentModelIndex


class RejectsModel(QAbstractTableModel):
    """One line for each refused row."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.rejects: tuple[Reject, ...] = ()

    def show_rejects(self, rejects: tuple[Reject, ...]) -> None:
        """Other rows."""
        if rejects != self.rejects:
            self.beginResetModel()
            self.rejects = rejects
            self.endResetModel()

    def retranslate(self) -> None:
        """Say everything anew."""
        self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, 3)
        if self.rejects:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self.rejects) - 1, 3))

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self.rejects)

    def columnCount(self, parent: Index | None = None) -> int:
        return 4

    def headerData(self, section: int, way: Qt.Orientation, role: int = _ROLE.DisplayRole) -> Any:
        if way == Qt.Orientation.Horizontal and role == _ROLE.DisplayRole:
            return (tr("Row"), tr("Column"), tr("Value"), tr("Problem"))[section]
        return None

    def data(self, index: Index, role: int = _ROLE.DisplayRole) -> Any:
        if role == TONE:
            return ("quiet", "", "", "bad")[index.column()]
        if role not in (_ROLE.DisplayRole, _ROLE.ToolTipRole):
            return None
        one = self.rejects[index.row()]
        return (whole(one.row), one.column, one.value, tr(one.problem))[index.column()]


class RejectsCard(Card):
    """The refused rows in a card."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(margin=1, parent=parent)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self.model = RejectsModel(self)
        self.table = Table("import-rejects", tr("Rejected rows"))
        self.table.setModel(self.model)
        self._painter = CellPainter(self)
        self.table.setItemDelegate(self._painter)
        head = self.table.horizontalHeader()
        for section, width in enumerate(_WIDTHS):
            head.resizeSection(section, width)
        head.setSectionResizeMode(3, QHeaderView.ResizeMode.Stretch)
        self.body.addWidget(self.table)

    def show_rejects(self, rejects: tuple[Reject, ...]) -> None:
        """Show these rows."""
        self.model.show_rejects(rejects)
        self.table.fit_height(10)

    def retranslate(self) -> None:
        """Say everything anew."""
        self.table.setAccessibleName(tr("Rejected rows"))
        self.model.retranslate()
