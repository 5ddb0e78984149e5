"""The table of the ranking as Qt asks for it: people by rank, and their sum as the last row."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from salesdesk.names import folded
from salesdesk.services.ranking import RankingRow
from salesdesk.text import tr
from salesdesk.ui.ranking import words
from salesdesk.ui.ranking.columns import BASIC, COLUMNS, is_number, value_of
from salesdesk.ui.ranking.fonts import Fonts
from salesdesk.ui.ranking.query import Answer
from salesdesk.ui.ranking.words import Cell, Unit

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
    #: how wide the rank, the name and each of the cells is, by the columns shown
    needs: tuple[float, ...]
    #: the largest of its amounts
    largest: Decimal
    #: the person's row of the period it is compared with
    before: RankingRow | None = None
    #: up to when the person's data is here, and what that means; nothing where it is complete
    as_of: tuple[str, str] = ("", "")

    def looks_like(self, other: "Line") -> bool:
        """Whether it is painted as the other one is (its cells are kept when nothing changed)."""
        if self is other or self.cells is not other.cells:
            return self is other
        mine = (self.rank, self.change, self.share, self.weeks, self.name, self.as_of)
        theirs = (other.rank, other.change, other.share, other.weeks, other.name, other.as_of)
        return mine == theirs

    @property
    def around(self) -> tuple[float, tuple[Decimal, ...], RankingRow | None, tuple[str, str]]:
        """What it shows beside its own numbers."""
        return self.share, self.weeks, self.before, self.as_of

    @property
    def is_total(self) -> bool:
        """Whether it is the sum of all."""
        return self.row.person_id is None


class RankingModel(QAbstractTableModel):
    """``set_answer`` replaces everything; ``line(row)`` is what the delegate paints.

    It has every column there is; cells are made for those of ``shown`` (``set_shown``) alone.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.fonts = Fonts()
        self.answer: Answer | None = None
        self.unit = Unit(Decimal(1), "")
        self.lines: list[Line] = []
        self.shown: tuple[str, ...] = BASIC
        self.sorted_by: tuple[str, bool] | None = None
        self._numbers = tuple(filter(is_number, BASIC))
        self._before: dict[int | None, RankingRow] = {}
        #: what the largest share is measured by
        self._most = 0.0

    def set_shown(self, columns: tuple[str, ...]) -> None:
        """Make the cells of these columns."""
        if columns != self.shown:
            self.shown = columns
            self._numbers = tuple(filter(is_number, columns))
            self.reword()

    def set_sorted(self, sorted_by: tuple[str, bool] | None) -> None:
        """Order the lines by a column, downwards or not; None: by rank."""
        if sorted_by != self.sorted_by:
            self.sorted_by = sorted_by
            if self.answer is not None:
                self.set_answer(self.answer)

    def set_answer(self, answer: Answer) -> None:
        """Show another state; in one with as many rows only those that differ are told."""
        before, old_unit = self.lines, self.unit
        known = {line.row.person_id: line for line in before}
        unit = self._unit(answer, known)
        if unit != old_unit:
            known = {}
        same = self.answer is not None and len(answer.ranking.rows) == len(before) - 1
        if not same:
            self.beginResetModel()
        self.answer, self.unit = answer, unit
        self._before = answer.rows_before()
        self.lines = self._made(answer, known)
        if not same:
            self.endResetModel()
            return
        if unit != old_unit:
            self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(COLUMNS) - 1)
        for at, line in enumerate(self.lines):
            if not line.looks_like(before[at]):
                self.dataChanged.emit(self.index(at, 0), self.index(at, len(COLUMNS) - 1))

    def reword(self) -> None:
        """Say everything anew: the language has changed."""
        self.unit = Unit(Decimal(0), "")
        if self.answer is not None:
            self.set_answer(self.answer)

    def _made(self, answer: Answer, known: dict[int | None, Line]) -> list[Line]:
        ranking = answer.ranking
        if not ranking.rows:
            return []
        most = float(max(row.points for row in ranking.rows))
        steady, self._most = most == self._most, most
        brought = () if answer.complete is None else answer.complete.people
        weeks, earlier, lines = answer.weeks, self._before, []
        for row in ranking.rows:
            person = row.person_id
            line = known.get(person)
            if (
                line is None or line.row is not row or not steady
                or line.as_of[0] or person in brought
                or line.weeks != weeks.get(person or 0, ()) or line.before != earlier.get(person)
            ):  # fmt: skip
                line = self._line(row, answer, most, line)
            lines.append(line)
        if self.sorted_by is not None:
            lines = self._sorted(lines, *self.sorted_by)
        return [*lines, self._line(ranking.total, answer, most, known.get(None))]

    def _sorted(self, lines: list[Line], column: str, downwards: bool) -> list[Line]:
        """Equal ones stay in the order of the ranks; those without a number come last."""
        if column in ("person", "team"):
            return sorted(lines, key=lambda line: _folded(line, column), reverse=downwards)
        found = [(_sum_or_number(line, column), line) for line in lines]
        without = [line for number, line in found if number is None]
        having = [(number, line) for number, line in found if number is not None]
        having.sort(key=lambda pair: -pair[0] if downwards else pair[0])
        return [*(line for _, line in having), *without]

    def _unit(self, answer: Answer, known: dict[int | None, Line]) -> Unit:
        """The unit of the amounts; a row that is the very same one was looked through before."""
        most = Decimal(0)
        for row in answer.ranking.rows:
            line = known.get(row.person_id)
            own = line.largest if line is not None and line.row is row else words.largest(row)
            most = max(most, own)
        return words.unit_of(most, answer.ranking.currency)

    def _line(self, row: RankingRow, answer: Answer, most: float, known: Line | None) -> Line:
        """A row anew; the very same row gives the same line, and the cells of one whose numbers are
        the same are kept."""
        share = 0.0
        if most > 0 and row.person_id is not None:
            share = max(float(row.points) / most, 0.0)
        weeks = answer.weeks.get(row.person_id or 0, ())
        before = self._before.get(row.person_id)
        as_of = words.as_of(row, answer.complete, answer.ranking.period)
        around = share, weeks, before, as_of
        if known is not None and known.row is row and known.around == around:
            return known
        rank, change = words.rank_text(row) if row.person_id is not None else ("", "")
        name = words.name_of(row)
        alike = known is not None and (known.before, known.as_of) == (before, as_of)
        if known is not None and alike and known.row == row:
            cells, needs, largest = known.cells, known.needs, known.largest
        else:
            cells = {one: words.cell(row, one, self.unit, before) for one in self._numbers}
            needs = self._needs(row, (name, as_of[0]), f"{rank} {change}", cells)
            largest = words.largest(row)
        return Line(row, name, rank, change, share, weeks, cells, needs, largest, before, as_of)

    def _needs(
        self, row: RankingRow, who: tuple[str, str], place: str, cells: dict[str, Cell]
    ) -> tuple[float, ...]:
        fonts, (rank, _, change) = self.fonts, place.partition(" ")
        texts = {
            "rank": fonts.width(rank, "bold") + fonts.width(change, "small"),
            "person": max(fonts.width(who[0], "plain"), fonts.width(who[1], "small")),
            "team": fonts.width(row.team or "", "plain"),
        }
        return tuple(
            fonts.cell(cells[one]) if one in cells else texts.get(one, 0.0) for one in self.shown
        )

    def widest(self) -> dict[str, float]:
        """By the columns shown the width of the widest of the lines."""
        columns = zip(*(line.needs for line in self.lines), strict=True)
        return dict(zip(self.shown, map(max, columns), strict=True))

    def heads(self) -> dict[str, float]:
        """How wide the heads of the columns shown are."""
        return {
            one: max(self.fonts.width(part, "head") for part in self.head(one).split("\n"))
            for one in self.shown
        }

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
            tip = words.tip(line.row, column, self.answer.ranking, line.before, self.answer.other)
            told = line.as_of[1] if column == "person" else ""
            return "\n".join(filter(None, (tip, told)))
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
        if column == "team":
            return line.row.team or ""
        cell = line.cells.get(column)
        return "" if cell is None else cell.fact + cell.target


def _folded(line: Line, column: str) -> str:
    return folded(line.name if column == "person" else line.row.team or "")


def _sum_or_number(line: Line, column: str) -> int | Decimal | None:
    """What a line is sorted by."""
    if column == "rank":
        return line.row.rank
    if column == "weeks":
        return sum(line.weeks, Decimal(0))
    return value_of(line.row, column)
