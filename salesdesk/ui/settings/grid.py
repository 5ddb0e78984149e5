"""A grid of numbers edited in place: people and teams down, metrics across."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QFontMetrics, QGuiApplication, QKeyEvent, QKeySequence, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView

from salesdesk.text import tr, trp
from salesdesk.ui import formats, theme
from salesdesk.ui.settings.grid_editor import NumberDelegate
from salesdesk.ui.widgets.kinds import NumberKind
from salesdesk.ui.widgets.table import Table

_Index = QModelIndex | QPersistentModelIndex
_ROLE = Qt.ItemDataRole
_LEAST, _EDGE = 60, 16
#: Whose number it is: (person, team); neither is everybody.
Subject = tuple[int | None, int | None]
Change = tuple[Subject, str, Decimal | None]


@dataclass(frozen=True)
class Line:
    """A row: whose numbers, its name, how deep in the tree of teams, whether they may be set."""

    subject: Subject
    name: str
    depth: int
    strong: bool
    editable: bool


class GridModel(QAbstractTableModel):
    """Numbers by (subject, metric); ``hints`` stand greyed where none is set."""

    changed = Signal(list)

    def __init__(self, metrics: Sequence[tuple[str, str]], kind: NumberKind) -> None:
        super().__init__()
        self.metrics, self.kind = list(metrics), kind
        self.lines: list[Line] = []
        self._values: Mapping[tuple[Subject, str], Decimal] = {}
        self._hints: Mapping[tuple[Subject, str], Decimal] = {}

    def show_lines(
        self,
        lines: Sequence[Line],
        values: Mapping[tuple[Subject, str], Decimal],
        hints: Mapping[tuple[Subject, str], Decimal],
    ) -> None:
        """Show other numbers; the same rows keep what is being typed."""
        same = [line.subject for line in lines] == [line.subject for line in self.lines]
        if not same:
            self.beginResetModel()
        self.lines, self._values, self._hints = list(lines), values, hints
        if not same:
            self.endResetModel()
        elif lines:
            last = self.index(len(lines) - 1, len(self.metrics))
            self.dataChanged.emit(self.index(0, 0), last)

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.lines)

    def columnCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.metrics) + 1

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = _ROLE.DisplayRole
    ) -> Any:
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == _ROLE.DisplayRole:
            return (
                _two_lines(tr(self.metrics[section - 1][1])) if section else trp("person", "Name")
            )
        if role == _ROLE.TextAlignmentRole and section:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        return None

    def value(self, index: _Index) -> Decimal | None:
        """The number that is set there."""
        line = self.lines[index.row()]
        return self._values.get((line.subject, self.metrics[index.column() - 1][0]))

    def data(self, index: _Index, role: int = _ROLE.DisplayRole) -> Any:
        line = self.lines[index.row()]
        if index.column() == 0:
            return _name_data(line, role)
        now = theme.current()
        value = self.value(index)
        if role == _ROLE.DisplayRole:
            if value is None:
                value = self._hints.get((line.subject, self.metrics[index.column() - 1][0]))
            return "" if value is None else formats.decimal(value)
        if role == _ROLE.EditRole:
            return self.kind.typed(value)
        if role == _ROLE.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        if role == _ROLE.ForegroundRole:
            return now.muted if value is None or not line.editable else None
        if role == _ROLE.AccessibleTextRole:
            title = tr(self.metrics[index.column() - 1][1])
            shown = self.data(index, _ROLE.DisplayRole) or formats.DASH
            return f"{line.name}, {title}: {shown}"
        return None

    def setData(self, index: _Index, value: Any, role: int = _ROLE.EditRole) -> bool:
        if role != _ROLE.EditRole or not self.flags(index) & Qt.ItemFlag.ItemIsEditable:
            return False
        found = self.kind.read(str(value))
        if found != self.value(index):
            line = self.lines[index.row()]
            self.changed.emit([(line.subject, self.metrics[index.column() - 1][0], found)])
        return True

    def flags(self, index: _Index) -> Qt.ItemFlag:
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        if index.isValid() and index.column() and self.lines[index.row()].editable:
            flags |= Qt.ItemFlag.ItemIsEditable
        return flags


def _name_data(line: Line, role: int) -> Any:
    if role == _ROLE.DisplayRole:
        return "   " * line.depth + line.name
    if role == _ROLE.ToolTipRole:
        return line.name
    return theme.font(bold=True) if role == _ROLE.FontRole and line.strong else None


def _two_lines(text: str) -> str:
    """A head broken once, near its middle."""
    gaps = [at for at, char in enumerate(text) if char == " "]
    if not gaps:
        return text
    at = min(gaps, key=lambda gap: abs(gap - len(text) / 2))
    return f"{text[:at]}\n{text[at + 1 :]}"


class Grid(Table):
    """Typing, Enter, F2 or a second click edits; Delete empties; copies and pastes tables."""

    def __init__(self, name: str, accessible: str, model: GridModel) -> None:
        super().__init__(name, accessible, theme.CONTROL_HEIGHT)
        self.grid = model
        self._wanted: list[int] = []
        self.setProperty("look", "grid")
        self.setModel(model)
        self.editor = NumberDelegate(model.kind, self)
        self.setItemDelegate(self.editor)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectItems)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ContiguousSelection)
        trigger = QAbstractItemView.EditTrigger
        self.setEditTriggers(
            trigger.AnyKeyPressed | trigger.EditKeyPressed | trigger.SelectedClicked
        )
        head = self.horizontalHeader()
        head.setStretchLastSection(False)
        head.setMinimumSectionSize(_LEAST)
        head.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        model.modelReset.connect(self._measure)
        model.dataChanged.connect(lambda *_: self._measure())
        self.opened.connect(self._on_opened)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._share_width()

    def _measure(self) -> None:
        """What every column needs: its head, and the longest of its texts."""
        head, body = QFontMetrics(theme.font(theme.SMALL, bold=True)), self.fontMetrics()
        model = self.grid
        self._wanted = []
        for column in range(model.columnCount()):
            title = str(model.headerData(column, Qt.Orientation.Horizontal))
            texts = (str(model.index(row, column).data() or "") for row in range(len(model.lines)))
            longest = max(texts, key=len, default="")
            font = body if column else QFontMetrics(theme.font(bold=True))
            widest = max(head.horizontalAdvance(line) for line in title.split("\n"))
            needed = max(widest, font.horizontalAdvance(longest))
            self._wanted.append(max(needed, _LEAST - _EDGE) + _EDGE)
        self._share_width()

    def _share_width(self) -> None:
        """What is left goes to all columns alike; where it is too narrow the names give way."""
        room = self.width() - sum(self._wanted)
        each, rest = divmod(max(0, room), max(1, len(self._wanted)))
        for column, width in enumerate(self._wanted):
            fair = width + each + (0 if column else rest)
            self.setColumnWidth(column, fair if column or room >= 0 else max(_LEAST, width + room))

    def is_editing(self) -> bool:
        """Whether a number is being typed."""
        return self.state() == QAbstractItemView.State.EditingState

    def _on_opened(self, index: QModelIndex) -> None:
        editable = self.grid.flags(index) & Qt.ItemFlag.ItemIsEditable
        if editable and not self.is_editing():
            self.edit(index)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Copy):
            self._copy()
        elif event.matches(QKeySequence.StandardKey.Paste):
            self._paste()
        elif event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self._empty()
        else:
            super().keyPressEvent(event)

    def _copy(self) -> None:
        rows: dict[int, list[str]] = {}
        for index in sorted(self.selectedIndexes(), key=lambda at: (at.row(), at.column())):
            shown = self.grid.data(index, _ROLE.EditRole if index.column() else _ROLE.DisplayRole)
            rows.setdefault(index.row(), []).append(str(shown or "").strip())
        QGuiApplication.clipboard().setText("\n".join("\t".join(row) for row in rows.values()))

    def _paste(self) -> None:
        start = self.currentIndex()
        if not start.isValid():
            return
        changes: list[Change] = []
        lines = QGuiApplication.clipboard().text().rstrip("\n").split("\n")
        for down, line in enumerate(lines):
            for right, cell in enumerate(line.split("\t")):
                index = self.grid.index(start.row() + down, start.column() + right)
                if not index.isValid() or not index.column() or not cell.strip():
                    continue
                try:
                    value = self.grid.kind.read(cell)
                except ValueError as error:
                    self.editor.judged.emit(f"{cell.strip()}: {error}")
                    return
                row = self.grid.lines[index.row()]
                if row.editable and value != self.grid.value(index):
                    metric = self.grid.metrics[index.column() - 1][0]
                    changes.append((row.subject, metric, value))
        if changes:
            self.grid.changed.emit(changes)

    def _empty(self) -> None:
        changes: list[Change] = [
            (self.grid.lines[at.row()].subject, self.grid.metrics[at.column() - 1][0], None)
            for at in self.selectedIndexes()
            if at.column()
            and self.grid.lines[at.row()].editable
            and self.grid.value(at) is not None
        ]
        if changes:
            self.grid.changed.emit(changes)
