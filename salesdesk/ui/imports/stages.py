"""The stages of the file: which stage a value stands for, its kind, milestone, points and order."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtCore import Signal as QtSignal
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from salesdesk.names import clean, key
from salesdesk.services.exchange.fields import MILESTONES
from salesdesk.services.exchange.mapping import StageRule
from salesdesk.text import N_, tr
from salesdesk.ui import formats, shortcuts, theme
from salesdesk.ui.imports import words
from salesdesk.ui.imports.cells import LOOK, TONE, CellTable
from salesdesk.ui.widgets.buttons import Button
from salesdesk.ui.widgets.kinds import NumberKind
from salesdesk.ui.widgets.labels import Card, label
from salesdesk.ui.widgets.popup import Option, Picker

_ROLE = Qt.ItemDataRole
_VALUE, _STAGE, _KIND, _MILESTONE, _POINTS = range(5)
_SHARES = (0.24, 0.25, 0.15, 0.2)
Index = QModelIndex | QPersistentModelIndex
_POINTS_KIND = NumberKind(-999_999, 1_000_000, places=6)


class StagesModel(QAbstractTableModel):
    """Rules of the stages; ``edited(rules)`` after each change, ``refused(sentence)`` for none."""

    edited = QtSignal(object)
    refused = QtSignal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.rules: list[StageRule] = []
        #: The name of the stage with which a new pipeline begins.
        self.first = ""

    def show_rules(self, rules: list[StageRule]) -> None:
        """Other rules; the place of the keyboard stays when there are as many."""
        if len(rules) == len(self.rules):
            self.rules = rules
            self.retranslate()
            return
        self.beginResetModel()
        self.rules = rules
        self.endResetModel()

    def retranslate(self) -> None:
        """Say everything anew."""
        self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, _POINTS)
        if self.rules:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self.rules) - 1, _POINTS))

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self.rules)

    def columnCount(self, parent: Index | None = None) -> int:
        return 5

    def headerData(self, section: int, way: Qt.Orientation, role: int = _ROLE.DisplayRole) -> Any:
        if way != Qt.Orientation.Horizontal or role != _ROLE.DisplayRole:
            return None
        heads = (tr("Value in the file"), tr("Stage"), tr("Kind"), tr("Milestone"), tr("Points"))
        return heads[section]

    def flags(self, index: Index) -> Qt.ItemFlag:
        found = super().flags(index)
        typed = index.column() in (_STAGE, _POINTS)
        return found | Qt.ItemFlag.ItemIsEditable if typed else found

    def data(self, index: Index, role: int = _ROLE.DisplayRole) -> Any:
        rule, column = self.rules[index.row()], index.column()
        if role == _ROLE.DisplayRole or role == _ROLE.ToolTipRole:
            return self._text(rule, column)
        if role == _ROLE.EditRole:
            points = "" if rule.points is None else formats.decimal(rule.points)
            return rule.stage if column == _STAGE else points
        if role == _ROLE.AccessibleTextRole:
            head = self.headerData(column, Qt.Orientation.Horizontal)
            return f"{rule.value}, {head}: {self._text(rule, column)}"
        if role == LOOK:
            return "pill" if column in (_KIND, _MILESTONE) else None
        if role == TONE:
            unset = (column == _MILESTONE and self.milestone(rule) is None) or (
                column == _POINTS and rule.points is None
            )
            return "quiet" if column == _VALUE or unset else ""
        return None

    def _text(self, rule: StageRule, column: int) -> str:
        if column == _VALUE:
            return rule.value
        if column == _STAGE:
            return rule.stage
        if column == _KIND:
            return words.stage_kind(rule.kind)
        if column == _MILESTONE:
            return words.milestone(self.milestone(rule))
        return tr("as its milestone") if rule.points is None else formats.decimal(rule.points)

    def setData(self, index: Index, value: Any, role: int = _ROLE.EditRole) -> bool:
        rule = self.rules[index.row()]
        try:
            if index.column() == _STAGE:
                self.put(index.row(), replace(rule, stage=clean(str(value)) or rule.value))
            else:
                points = _POINTS_KIND.read(str(value))
                self.put(index.row(), replace(rule, points=_exact(points)))
        except ValueError as problem:
            self.refused.emit(f"{rule.value}: {problem}")
            return False
        return True

    def milestone(self, rule: StageRule) -> str | None:
        """The milestone that the import gives the stage: won, lost and the first one of a new
        pipeline go without saying."""
        begins = "new" if self.first and key(rule.stage) == key(self.first) else None
        return rule.milestone or (rule.kind if rule.kind in ("won", "lost") else begins)

    def put(self, row: int, rule: StageRule) -> None:
        """Another rule in a row."""
        if rule != self.rules[row]:
            rules = list(self.rules)
            rules[row] = rule
            self.edited.emit(rules)

    def shift(self, row: int, by: int) -> bool:
        """Move a row up or down."""
        to = row + by
        if not 0 <= row < len(self.rules) or not 0 <= to < len(self.rules):
            return False
        rules = list(self.rules)
        rules.insert(to, rules.pop(row))
        self.edited.emit(rules)
        return True


def _exact(points: Decimal | None) -> Decimal | None:
    return None if points is None else points.normalize() + 0


class StagesCard(Card):
    """The stages in a card; ``changed(rules)`` when one was edited or moved."""

    changed = QtSignal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(margin=1, parent=parent)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self.model = StagesModel(self)
        self.table = CellTable("import-stages", tr("Stages in the file"), self._act, _SHARES)
        self.table.setModel(self.model)
        self.up = Button("", "import-stage-up", "chip", lambda: self._shift(-1))
        self.down = Button("", "import-stage-down", "chip", lambda: self._shift(1))
        self.problem = label("", "problem", wrap=True)
        foot = QHBoxLayout()
        foot.setContentsMargins(theme.S, 0, theme.S, theme.S)
        foot.setSpacing(theme.S)
        foot.addWidget(self.up)
        foot.addWidget(self.down)
        foot.addWidget(self.problem, 1)
        self.body.addWidget(self.table)
        self.body.addLayout(foot)
        self.model.edited.connect(self._on_edited)
        self.model.refused.connect(self.problem.setText)
        self.picker: Picker | None = None
        group = N_("Import")
        shortcuts.add(self.table, "Alt+Up", N_("Move a stage up"), lambda: self._shift(-1), group,
                      everywhere=False)  # fmt: skip
        shortcuts.add(self.table, "Alt+Down", N_("Move a stage down"), lambda: self._shift(1),
                      group, everywhere=False)  # fmt: skip

    def show_rules(self, rules: list[StageRule], first: str = "") -> None:
        """Show the stages of the file; a new pipeline begins with ``first``."""
        self.model.first = first
        self.model.show_rules(rules)
        self.table.fit_height(12)

    def retranslate(self) -> None:
        """Say everything anew."""
        self.table.setAccessibleName(tr("Stages in the file"))
        self.up.set_text(tr("Move up"))
        self.up.setToolTip(shortcuts.hint(tr("Move a stage up"), "Alt+Up"))
        self.down.set_text(tr("Move down"))
        self.down.setToolTip(shortcuts.hint(tr("Move a stage down"), "Alt+Down"))
        self.model.retranslate()

    def _on_edited(self, rules: list[StageRule]) -> None:
        self.problem.clear()
        self.model.show_rules(rules)
        self.changed.emit(rules)

    def _shift(self, by: int) -> None:
        index = self.table.currentIndex()
        if not self.table.locked and self.model.shift(index.row(), by):
            self.table.setCurrentIndex(self.model.index(index.row() + by, index.column()))

    def _act(self, index: QModelIndex) -> None:
        rule = self.model.rules[index.row()]
        if index.column() in (_STAGE, _POINTS):
            self.table.edit(index)
        elif index.column() == _KIND:
            options = [Option(name, tr(text)) for name, text in words.STAGE_KINDS.items()]
            self.picker = self.table.choose(
                index, options, "import-stage-kind", rule.kind or "open",
                lambda value: self.model.put(index.row(), replace(rule, kind=value)),
            )  # fmt: skip
        elif index.column() == _MILESTONE:
            options = [Option(None, words.milestone(None))]
            options += [Option(name, words.milestone(name)) for name in MILESTONES]
            self.picker = self.table.choose(
                index, options, "import-stage-milestone", self.model.milestone(rule),
                lambda value: self.model.put(index.row(), replace(rule, milestone=value)),
            )  # fmt: skip
