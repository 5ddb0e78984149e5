"""The lines of the palette: headings, records and commands, as a list model."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QSize, Qt

from salesdesk.services.search import Answer, Hit
from salesdesk.text import N_, tr
from salesdesk.ui import theme
from salesdesk.ui.palette.commands import Command

_ROLE = Qt.ItemDataRole
HEADING_HEIGHT, LINE_HEIGHT = 28, theme.ROW_HEIGHT

KIND_NAMES = {
    "deal": N_("Deals"), "client": N_("Clients"), "contractor": N_("Contractors"),
    "task": N_("Tasks"), "person": N_("People"), "note": N_("Notes"), "command": N_("Commands"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """A heading (with its kind, and whether there are more of it), a record or a command."""

    heading: str = ""
    kind: str = ""
    more: bool = False
    hit: Hit | None = None
    command: Command | None = None
    marks: tuple[tuple[int, int], ...] = ()

    @property
    def can_be_chosen(self) -> bool:
        """Whether Enter does something on it."""
        return self.hit is not None or self.command is not None


def of_answer(
    answer: Answer, commands: Sequence[tuple[float, Command]], most: int, foremost: bool
) -> list[Line]:
    """Lines of what was found; commands that fit very well come first, else last."""
    found: list[Line] = []
    for group in answer.groups:
        found.append(Line(tr(KIND_NAMES[group.kind]), group.kind, group.more))
        found += [Line(hit=hit) for hit in group.hits]
    shown = [Line(command=command) for _, command in commands[:most]]
    if shown:
        shown.insert(0, Line(tr("Commands"), "command", len(commands) > most))
    return shown + found if foremost else found + shown


def of_start(recent: Sequence[Hit], commands: Sequence[Command]) -> list[Line]:
    """Lines of an empty palette: what was opened lately, what can be done."""
    lines = [Line(tr("Opened lately")), *(Line(hit=hit) for hit in recent)] if recent else []
    if commands:
        lines += [Line(tr("Commands")), *(Line(command=command) for command in commands)]
    return lines


class Lines(QAbstractListModel):
    """The lines of now; every role answers from ``lines``."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.lines: list[Line] = []

    def show(self, lines: list[Line]) -> None:
        """Show other lines."""
        self.beginResetModel()
        self.lines = lines
        self.endResetModel()

    def rowCount(self, parent: QModelIndex | Any = None) -> int:
        return len(self.lines)

    def data(self, index: QModelIndex | Any, role: int = _ROLE.DisplayRole) -> Any:
        line = self.lines[index.row()]
        if role in (_ROLE.DisplayRole, _ROLE.AccessibleTextRole):
            return spoken(line)
        if role == _ROLE.SizeHintRole:
            return QSize(0, LINE_HEIGHT if line.can_be_chosen else HEADING_HEIGHT)
        return None

    def flags(self, index: QModelIndex | Any) -> Qt.ItemFlag:
        line = self.lines[index.row()] if index.isValid() else None
        if line is not None and not line.can_be_chosen:
            return Qt.ItemFlag.ItemIsEnabled if line.more else Qt.ItemFlag.NoItemFlags
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable

    def next(self, row: int, step: int) -> int:
        """The line to go to from ``row``, past headings, round at the ends; -1 for none."""
        count = len(self.lines)
        for far in range(1, count + 1):
            at = (row + step * far) % count if row >= 0 or step > 0 else count - far
            if self.lines[at].can_be_chosen:
                return at
        return -1


def spoken(line: Line) -> str:
    """A line as a screen reader says it."""
    if line.command is not None:
        return line.command.text
    hit = line.hit
    if hit is None:
        return line.heading
    return ", ".join(part for part in (hit.title, hit.detail, hit.stage, hit.owner) if part)
