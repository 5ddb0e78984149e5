"""The table of columns: what feeds which field, an example, and what was found."""

from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtCore import Signal as QtSignal
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from salesdesk.services.exchange.mapping import Mapping
from salesdesk.services.exchange.table import Table as FileTable
from salesdesk.text import tr
from salesdesk.ui import theme
from salesdesk.ui.imports import draft, words
from salesdesk.ui.imports.cells import LOOK, TONE, CellTable
from salesdesk.ui.imports.draft import Line
from salesdesk.ui.imports.trial import Trial
from salesdesk.ui.widgets.buttons import ComboButton
from salesdesk.ui.widgets.labels import Card
from salesdesk.ui.widgets.popup import Option, Picker

_ROLE = Qt.ItemDataRole
_COLUMN, _FIELD, _EXAMPLE, _FOUND = range(4)
_SHARES = (0.22, 0.22, 0.16)
Index = QModelIndex | QPersistentModelIndex
#: Values of the field list that are no fields.
_NOTHING, _OWN = object(), object()


class ColumnsModel(QAbstractTableModel):
    """Lines of the table; ``constant_typed(field, text)`` when a constant was edited."""

    constant_typed = QtSignal(str, str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.lines: list[Line] = []
        self.trial: Trial | None = None

    def show_lines(self, lines: list[Line]) -> None:
        """Other lines; the place of the keyboard stays when there are as many."""
        if len(lines) == len(self.lines):
            self.lines = lines
            self._all_changed()
            return
        self.beginResetModel()
        self.lines = lines
        self.endResetModel()

    def show_trial(self, trial: Trial | None) -> None:
        """What the trial run found."""
        self.trial = trial
        self._all_changed()

    def _all_changed(self) -> None:
        if self.lines:
            last = self.index(len(self.lines) - 1, _FOUND)
            self.dataChanged.emit(self.index(0, 0), last)

    def retranslate(self) -> None:
        """Say everything anew."""
        self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, _FOUND)
        self._all_changed()

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self.lines)

    def columnCount(self, parent: Index | None = None) -> int:
        return 4

    def headerData(self, section: int, way: Qt.Orientation, role: int = _ROLE.DisplayRole) -> Any:
        if way == Qt.Orientation.Horizontal and role == _ROLE.DisplayRole:
            return (tr("Column of the file"), tr("Field"), tr("Example"), tr("Found"))[section]
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        found = super().flags(index)
        if index.column() == _EXAMPLE and self.lines[index.row()].constant is not None:
            return found | Qt.ItemFlag.ItemIsEditable
        return found

    def data(self, index: Index, role: int = _ROLE.DisplayRole) -> Any:
        line = self.lines[index.row()]
        if role == _ROLE.DisplayRole or role == _ROLE.ToolTipRole:
            return self._text(line, index.column())
        if role == _ROLE.EditRole:
            return line.constant or ""
        if role == _ROLE.AccessibleTextRole:
            head = self.headerData(index.column(), Qt.Orientation.Horizontal)
            return f"{head}: {self._text(line, index.column())}"
        if role == LOOK:
            joins = "join" if line.field is not None else None
            return {_COLUMN: joins, _FIELD: "pill"}.get(index.column())
        return self._tone(line, index.column()) if role == TONE else None

    def setData(self, index: Index, value: Any, role: int = _ROLE.EditRole) -> bool:
        line = self.lines[index.row()]
        if line.field is None or str(value) == line.constant:
            return False
        self.constant_typed.emit(line.field, str(value))
        return True

    def _text(self, line: Line, column: int) -> str:
        if column == _COLUMN:
            return " + ".join(line.columns) or tr("a fixed value")
        if column == _FIELD:
            return words.field_label(line.field)
        if column == _EXAMPLE:
            return line.example if line.constant is None else line.constant or tr("Type a value")
        found = self.trial.found.get(line.field or "") if self.trial else None
        if found is None or self.trial is None or line.constant is not None:
            return ""
        return words.found_text(line.field or "", found, self.trial)

    def _tone(self, line: Line, column: int) -> str:
        if column == _COLUMN:
            return "" if line.field else "quiet"
        if column == _FOUND:
            found = self.trial.found.get(line.field or "") if self.trial else None
            if found is not None and found.bad:
                return "bad"
            return "amber" if found is not None and found.empty and line.columns else "quiet"
        return "quiet" if column == _EXAMPLE or line.field is None else ""


class ColumnsCard(Card):
    """The table in its card; ``changed(mapping)`` when another field or column was chosen."""

    changed = QtSignal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(margin=1, parent=parent)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self.model = ColumnsModel(self)
        self.table = CellTable("import-columns", tr("Columns of the file"), self._act, _SHARES)
        self.table.setModel(self.model)
        self.add = ComboButton("", "import-add-field", "chip")
        self.add.set_opens(self._more_fields)
        foot = QVBoxLayout()
        foot.setContentsMargins(theme.S, 0, theme.S, theme.S)
        foot.addWidget(self.add, 0, Qt.AlignmentFlag.AlignLeft)
        self.body.addWidget(self.table)
        self.body.addLayout(foot)
        self._file: FileTable | None = None
        self._mapping: Mapping | None = None
        self._own: tuple[str, ...] = ()
        self.model.constant_typed.connect(self._on_constant)
        self.picker: Picker | None = None

    def show_mapping(self, file: FileTable, mapping: Mapping, own: tuple[str, ...]) -> None:
        """Show what feeds what; anything chosen comes back as ``changed``."""
        self._file, self._mapping, self._own = file, mapping, own
        self.model.show_lines(draft.lines_of(file, mapping))
        self.table.fit_height(12)

    def retranslate(self) -> None:
        """Say everything anew."""
        self.table.setAccessibleName(tr("Columns of the file"))
        self.add.set_text(tr("Add a field"))
        self.model.retranslate()

    def row_of(self, name: str) -> int:
        """The row whose columns are called so, or -1."""
        lines = self.model.lines
        return next((at for at, line in enumerate(lines) if " + ".join(line.columns) == name), -1)

    def open_cell(self, row: int, column: int) -> None:
        """As if the cell had been clicked."""
        self._act(self.model.index(row, column))

    # -- what a click does --------------------------------------------------------------------

    def _act(self, index: QModelIndex) -> None:
        if self._mapping is None:
            return
        line = self.model.lines[index.row()]
        if index.column() == _FIELD:
            self._choose_field(index, line)
        elif index.column() == _COLUMN:
            self._choose_columns(index, line)
        elif index.column() == _EXAMPLE and line.constant is not None:
            self.table.edit(index)

    def _field_options(self, line: Line | None) -> list[Option]:
        assert self._mapping is not None
        options = [] if line is None else [Option(_NOTHING, tr("— not imported"))]
        for name in draft.offered_fields(self._mapping.kind, self._mapping, self._own):
            taken = self._mapping.feeds(name) and (line is None or name != line.field)
            if line is None and taken:
                continue
            text = words.field_label(name)
            options.append(Option(name, text + " ·" if taken else text, name))
        if line is not None and line.columns and self._mapping.kind == "deals":
            own = line.columns[0]
            if own not in [option.value for option in options]:
                options.append(Option(_OWN, tr("Own field “{name}”", name=own), own))
        return options

    def _choose_field(self, index: QModelIndex, line: Line) -> None:
        current = _NOTHING if line.field is None else line.field
        self.picker = self.table.choose(
            index, self._field_options(line), "import-field", current,
            lambda value: self._take_field(line, value),
        )  # fmt: skip

    def _take_field(self, line: Line, value: object) -> None:
        name = None if value is _NOTHING else line.columns[0] if value is _OWN else str(value)
        if self._mapping is not None and name != line.field:
            self.changed.emit(draft.with_field(self._mapping, line, name))

    def _choose_columns(self, index: QModelIndex, line: Line) -> None:
        """Other columns joined with those of the line, or one of them left out."""
        if self._file is None or line.field is None:
            return
        options: list[Option] = []
        if len(line.columns) > 1:
            options += [
                Option(("without", name), tr("Without “{name}”", name=name))
                for name in line.columns
            ]
        options += [
            Option(("with", name), tr("Join “{name}”", name=name) if line.columns else name)
            for name in self._file.addresses()
            if name not in line.columns
        ]
        if line.constant is None:
            options.append(Option(("fixed", ""), tr("A fixed value instead")))
        self.picker = self.table.choose(
            index, options, "import-join", None, lambda value: self._take_columns(line, value)
        )

    def _take_columns(self, line: Line, value: tuple[str, str]) -> None:
        assert self._mapping is not None and line.field is not None
        how, name = value
        if how == "fixed":
            self.changed.emit(draft.with_constant(self._mapping, line.field, line.example))
            return
        joined = [*line.columns, name]
        if how == "without":
            joined = [each for each in line.columns if each != name]
        self.changed.emit(draft.with_columns(self._mapping, line.field, joined))

    def _on_constant(self, name: str, text: str) -> None:
        if self._mapping is not None:
            self.changed.emit(draft.with_constant(self._mapping, name, text))

    def _more_fields(self) -> Picker:
        """Fields that nothing feeds yet; the one chosen begins with a fixed value."""
        picker = Picker(self._field_options(None), "import-more-fields", tr("Add a field"), None,
                        self.add)  # fmt: skip
        picker.picked.connect(self._add_field)
        return picker

    def _add_field(self, name: str) -> None:
        if self._mapping is None:
            return
        self.changed.emit(draft.with_constant(self._mapping, name, ""))
        row = next((at for at, each in enumerate(self.model.lines) if each.field == name), -1)
        if row >= 0:
            self.table.setFocus()
            self.table.setCurrentIndex(self.model.index(row, _EXAMPLE))
