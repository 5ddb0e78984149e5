"""The table of the ranking as Qt asks for it: people by rank, and their sum as the last row."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from salesdesk.services.ranking import RankingRow
from salesdesk.text import tr
from salesdesk.ui.ranking import words
from salesdesk.ui.ranking.query import Answer
from salesdesk.ui.ranking.words import COLUMNS, NUMBERS, Cell, Unit

_ROLE = Qt.ItemDataRole
_NOTHING = QModelIndex()
Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True, slots=True)
class Line:
    """A row as it is painted; ``share`` is the part of the leader's points, 0..1."""

    row: RankingRow
    name: str
    rank: str
    change: str
    share: float
    weeks: tuple[Decimal, ...]
    cells: dict[str, Cell]

    @property
    def is_total(self) -> bool:
        """Whether it is the sum of all."""
        return self.row.person_id is None


class RankingModel(QAbstractTableModel):
    """``set_answer`` replaces everything; ``line(row)`` is what the delegate paints."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.answer: Answer | None = None
        self.unit = Unit(Decimal(1), "")
        self.lines: list[Line] = []

    def set_answer(self, answer: Answer) -> None:
        """Show another state; a state with as many rows keeps the views' places."""
        same = self.answer is not None and len(answer.ranking.rows) == len(self.lines) - 1
        if not same:
            self.beginResetModel()
        self.answer = answer
        self.unit = words.unit_for(answer.ranking)
        self.lines = self._made(answer)
        if same:
            last = self.index(len(self.lines) - 1, len(COLUMNS) - 1)
            self.dataChanged.emit(self.index(0, 0), last)
            self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(COLUMNS) - 1)
        else:
            self.endResetModel()

    def reword(self) -> None:
        """Say everything anew: the language has changed."""
        if self.answer is not None:
            self.set_answer(self.answer)

    def _made(self, answer: Answer) -> list[Line]:
        ranking = answer.ranking
        if not ranking.rows:
            return []
        most = max(row.points for row in ranking.rows)
        return [self._line(row, answer, most) for row in (*ranking.rows, ranking.total)]

    def _line(self, row: RankingRow, answer: Answer, most: Decimal) -> Line:
        rank, change = words.rank_text(row) if row.person_id is not None else ("", "")
        share = float(row.points / most) if most > 0 and row.person_id is not None else 0.0
        cells = {metric: words.cell(row, metric, self.unit) for metric in NUMBERS}
        weeks = answer.weeks.get(row.person_id or 0, ())
        return Line(row, words.name_of(row), rank, change, max(share, 0.0), weeks, cells)

    def line(self, row: int) -> Line:
        """The row as it is painted."""
        return self.lines[row]

    def row_of(self, person_id: int | None) -> int:
        """The row of a person (None: the sum); -1 when there is none."""
        for at, line in enumerate(self.lines):
            if line.row.person_id == person_id:
                return at
        return -1

    def head(self, column: str) -> str:
        """The head of a column, with the unit for money."""
        text = words.head(column)
        return f"{text},\n{self.unit.name}" if column in words.MONEY else text

    # -- what Qt asks -------------------------------------------------------------------------

    def rowCount(self, parent: Index = _NOTHING) -> int:
        return 0 if parent.isValid() else len(self.lines)

    def columnCount(self, parent: Index = _NOTHING) -> int:
        return 0 if parent.isValid() else len(COLUMNS)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = _ROLE.DisplayRole
    ) -> Any:
        if orientation != Qt.Orientation.Horizontal or not 0 <= section < len(COLUMNS):
            return None
        column = COLUMNS[section]
        if role == _ROLE.DisplayRole:
            return self.head(column)
        if role in (_ROLE.AccessibleTextRole, _ROLE.ToolTipRole):
            return tr(words.TITLES[column])
        return None

    def data(self, index: Index, role: int = _ROLE.DisplayRole) -> Any:
        if not index.isValid() or self.answer is None:
            return None
        line, column = self.lines[index.row()], COLUMNS[index.column()]
        if role == _ROLE.DisplayRole:
            return self._text(line, column)
        if role == _ROLE.ToolTipRole:
            if column == "weeks":
                return None if line.is_total else words.weeks_tip(line.weeks)
            return words.tip(line.row, column, self.answer.ranking)
        if role == _ROLE.AccessibleTextRole:
            said = self.data(index, _ROLE.ToolTipRole) or self._text(line, column)
            return str(said).replace("\n", ", ")
        return None

    def _text(self, line: Line, column: str) -> str:
        if column == "rank":
            return f"{line.rank} {line.change}".strip()
        if column == "person":
            return line.name
        if column == "weeks":
            return ""
        shown = line.cells[column]
        return shown.fact + shown.target
