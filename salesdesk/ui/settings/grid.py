"""The numbers of a grid: whose they are down, what they are for across."""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, Signal

from salesdesk.services.plan_blocks import Subject
from salesdesk.text import tr, trp
from salesdesk.ui import formats, theme
from salesdesk.ui.settings.grid_editor import MARKED
from salesdesk.ui.widgets.kinds import NumberKind

Index = QModelIndex | QPersistentModelIndex
_ROLE = Qt.ItemDataRole
Place = tuple[Subject, Hashable]
#: The line that sums up everybody.
TOTAL: Subject = (0, 0)
#: A number that was set: whose, in which column (its key), the number (None: none any more).
Change = tuple[Subject, Any, Decimal | None]


@dataclass(frozen=True)
class Line:
    """A row: whose numbers, its name, how deep in the tree of teams, whether they may be set."""

    subject: Subject
    name: str
    depth: int
    strong: bool
    editable: bool


class GridModel(QAbstractTableModel):
    """Numbers by (subject, column); ``hints`` stand greyed where none is set.

    The first column holds the names. ``changed`` lists what was set, to be written as one command.
    Cells that a paste could not read are marked until something else is set.
    """

    changed = Signal(list)

    def __init__(self, columns: Sequence[tuple[Hashable, str]], kind: NumberKind) -> None:
        super().__init__()
        self.columns, self.kind = list(columns), kind
        self.lines: list[Line] = []
        self._values: Mapping[Any, Decimal] = {}
        self._hints: Mapping[Any, Decimal] = {}
        self._marks: dict[Place, str] = {}

    def show_numbers(
        self,
        columns: Sequence[tuple[Hashable, str]],
        lines: Sequence[Line],
        values: Mapping[Any, Decimal],
        hints: Mapping[Any, Decimal],
    ) -> None:
        """Show other numbers; the same rows and columns keep what is being typed."""
        same = [line.subject for line in lines] == [line.subject for line in self.lines]
        same = same and [key for key, _title in columns] == [key for key, _title in self.columns]
        if not same:
            self.beginResetModel()
            self._marks = {}
        self.columns = list(columns)
        self.lines, self._values, self._hints = list(lines), values, hints
        if not same:
            self.endResetModel()
        else:
            self._repaint()

    def mark(self, texts: Mapping[Place, str]) -> None:
        """Mark the cells whose texts could not be read; without any, none is marked any more."""
        if texts or self._marks:
            self._marks = dict(texts)
            self._repaint()

    def _repaint(self) -> None:
        if self.lines:
            last = self.index(len(self.lines) - 1, len(self.columns))
            self.dataChanged.emit(self.index(0, 0), last)

    def set_all(self, changes: Iterable[Change]) -> None:
        """Tell what was set, without what stands there already."""
        meant = [each for each in changes if each[2] != self._values.get(each[:2])]
        if meant:
            self.changed.emit(meant)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.lines)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.columns) + 1

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = _ROLE.DisplayRole
    ) -> Any:
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == _ROLE.DisplayRole:
            return _two_lines(self.columns[section - 1][1]) if section else trp("person", "Name")
        if role == _ROLE.TextAlignmentRole and section:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        return None

    def place(self, index: Index) -> Place:
        """Whose number, in which column."""
        return self.lines[index.row()].subject, self.columns[index.column() - 1][0]

    def value(self, index: Index) -> Decimal | None:
        """The number that is set there."""
        return self._values.get(self.place(index))

    def shown(self, index: Index) -> Decimal | None:
        """The number that stands there, set or not."""
        value = self.value(index)
        return self._hints.get(self.place(index)) if value is None else value

    def data(self, index: Index, role: int = _ROLE.DisplayRole) -> Any:
        line = self.lines[index.row()]
        if index.column() == 0:
            return _name_data(line, role)
        if role == _ROLE.DisplayRole:
            value = self.shown(index)
            return "" if value is None else formats.decimal(value)
        if role == _ROLE.EditRole:
            return self.kind.typed(self.value(index))
        if role == _ROLE.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        if role == _ROLE.FontRole:
            return theme.font(bold=True, tabular=True) if line.subject == TOTAL else None
        return self._dressed(index, line, role)

    def _dressed(self, index: Index, line: Line, role: int) -> Any:
        mark, now = self._marks.get(self.place(index)), theme.current()
        if role == MARKED:
            return mark
        if role == _ROLE.ForegroundRole:
            quiet = line.subject != TOTAL and (self.value(index) is None or not line.editable)
            return now.bad if mark else now.muted if quiet else None
        if role == _ROLE.BackgroundRole:
            return now.bad_soft if mark else None
        if role == _ROLE.ToolTipRole:
            return tr("Could not be read: {text}", text=mark) if mark else None
        if role == _ROLE.AccessibleTextRole:
            title = self.columns[index.column() - 1][1]
            shown = self.data(index, _ROLE.DisplayRole) or formats.DASH
            said = f"{line.name}, {title}: {shown}"
            return f"{said}. {tr('Could not be read: {text}', text=mark)}" if mark else said
        return None

    def setData(self, index: Index, value: Any, role: int = _ROLE.EditRole) -> bool:
        if role != _ROLE.EditRole or not self.is_editable(index):
            return False
        self.mark({})
        self.set_all([(*self.place(index), self.kind.read(str(value)))])
        return True

    def is_editable(self, index: Index) -> bool:
        """Whether a number may be set there."""
        return index.isValid() and index.column() > 0 and self.lines[index.row()].editable

    def flags(self, index: Index) -> Qt.ItemFlag:
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        return flags | Qt.ItemFlag.ItemIsEditable if self.is_editable(index) else flags


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
