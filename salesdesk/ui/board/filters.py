"""The row above the board: chips that filter, a field that filters by text, the sort order."""

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QLineEdit, QMenu, QWidget

from salesdesk.services.cards import BoardFilter, ChipCounts, SortKey
from salesdesk.text import N_, tr
from salesdesk.ui import shortcuts, theme
from salesdesk.ui.remember import Remember
from salesdesk.ui.widgets.buttons import ComboButton
from salesdesk.ui.widgets.chips import Chip
from salesdesk.ui.widgets.flow import FlowLayout

_TYPED_MS = 120
_FIELD_WIDTH = 168
SORTS: dict[SortKey, str] = {
    "position": N_("By hand"),
    "task": N_("By task"),
    "amount": N_("By amount"),
    "age": N_("By days in stage"),
}
_CHIPS = {
    "mine": N_("My deals"),
    "team": N_("My team"),
    "overdue": N_("Overdue"),
    "no_task": N_("No task"),
    "stuck": N_("Stuck"),
}
_OWNERS = ("mine", "team")


class FilterBar(QWidget):
    """Chips, text field and sort order.

    ``changed()`` comes when ``chosen`` or ``sort`` is another; ``left()`` when Enter or Esc leaves
    the text field. What is chosen is remembered.
    """

    changed = Signal()
    left = Signal()

    def __init__(self, remember: Remember, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("board-filters")
        self._remember = remember
        self._mine: frozenset[int] = frozenset()
        self._team: frozenset[int] = frozenset()
        self.sort: SortKey = "position"
        self.chips = {key: Chip(tr(text), f"board-chip-{key}") for key, text in _CHIPS.items()}
        self.clear_chip = Chip("", "board-chip-clear", False, self.clear)
        self.field = QLineEdit()
        self.field.setObjectName("board-filter")
        self.field.setProperty("look", "inline")
        self.field.setMinimumWidth(_FIELD_WIDTH // 2)
        self.field.setMaximumWidth(_FIELD_WIDTH)
        self.field.setClearButtonEnabled(True)
        self.field.installEventFilter(self)
        self.sort_button = ComboButton("", "board-sort", "chip")
        self.sort_button.set_opens(self._sort_menu)
        self._typed = QTimer(self, interval=_TYPED_MS, singleShot=True)
        self._typed.timeout.connect(self._on_changed)
        self._build()
        self._restore()
        self.retranslate()

    def _build(self) -> None:
        chips = FlowLayout()
        for key, chip in self.chips.items():
            chip.clicked.connect(lambda _on=False, key=key: self._on_chip(key))
            chips.addWidget(chip)
        chips.addWidget(self.clear_chip)
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.L, theme.S, theme.L, theme.S)
        row.setSpacing(theme.S)
        row.addLayout(chips, 1)
        row.addWidget(self.field, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self.sort_button, 0, Qt.AlignmentFlag.AlignTop)
        self.field.textChanged.connect(self._on_text)

    # -- what is chosen -----------------------------------------------------------------------

    def chosen(self) -> BoardFilter:
        """The filter as it stands."""
        owners = None
        if self.chips["mine"].isChecked():
            owners = self._mine
        elif self.chips["team"].isChecked():
            owners = self._team
        return BoardFilter(
            owner_ids=owners,
            overdue=self.chips["overdue"].isChecked(),
            no_task=self.chips["no_task"].isChecked(),
            stuck=self.chips["stuck"].isChecked(),
            text=self.field.text().strip(),
        )

    def set_people(self, mine: frozenset[int], team: frozenset[int]) -> None:
        """Whose deals are mine, and my team's; a chip that would mean nothing is not shown."""
        self._mine, self._team = mine, team
        for key, people in (("mine", mine), ("team", team - mine)):
            self.chips[key].setVisible(bool(people))
            if not people:
                self.chips[key].setChecked(False)
        self._show_clear()

    def wants_team(self) -> bool:
        """Whether the team must be known to filter."""
        return self.chips["team"].isChecked()

    def set_counts(self, counts: ChipCounts) -> None:
        """The numbers beside the chips."""
        self.chips["overdue"].set_count(counts.overdue)
        self.chips["no_task"].set_count(counts.no_task)
        self.chips["stuck"].set_count(counts.stuck)

    def clear(self) -> None:
        """Show everything."""
        for chip in self.chips.values():
            chip.setChecked(False)
        self.field.blockSignals(True)
        self.field.clear()
        self.field.blockSignals(False)
        self._on_changed()

    def owners(self) -> BoardFilter:
        """The filter without all but the owners, for the numbers beside the chips."""
        return BoardFilter(owner_ids=self.chosen().owner_ids)

    def _on_chip(self, key: str) -> None:
        if key in _OWNERS and self.chips[key].isChecked():
            for other in _OWNERS:
                self.chips[other].setChecked(other == key)
        self._on_changed()

    def _on_changed(self) -> None:
        self._typed.stop()
        self.remember()
        self._show_clear()
        self.changed.emit()

    def _on_text(self, _text: str) -> None:
        self._typed.start()
        # Qt gives the cross in the field no name; at the start, looking it up would cost.
        for cross in self.field.findChildren(QAbstractButton):
            cross.setAccessibleName(tr("Show all"))

    def remember(self) -> None:
        """Keep chips and sort order for the next start; a typed text is of the moment."""
        on = [key for key, chip in self.chips.items() if chip.isChecked()]
        self._remember.set("board/chips", " ".join(on))
        self._remember.set("board/sort", self.sort)

    def _show_clear(self) -> None:
        self.clear_chip.setVisible(not self.chosen().is_empty())

    def _restore(self) -> None:
        on = self._remember.text("board/chips").split()
        for key, chip in self.chips.items():
            chip.setChecked(key in on)
        sort = self._remember.text("board/sort")
        self.sort = next((key for key in SORTS if key == sort), "position")

    # -- sort order ---------------------------------------------------------------------------

    def _sort_menu(self) -> QMenu:
        from salesdesk.ui.widgets.popup import menu

        def choose(key: SortKey) -> None:
            self.sort = key
            self.retranslate()
            self._on_changed()

        entries = [(key, tr(text), lambda key=key: choose(key)) for key, text in SORTS.items()]
        return menu(entries, "board-sort-menu", self, self.sort)

    # -- words and keys -----------------------------------------------------------------------

    def retranslate(self) -> None:
        """Set every text anew."""
        for key, text in _CHIPS.items():
            self.chips[key].set_words(tr(text))
        self.clear_chip.set_words(tr("Show all"))
        self.field.setPlaceholderText(tr("Filter"))
        self.field.setAccessibleName(tr("Filter the cards by title or client"))
        self.field.setToolTip(shortcuts.hint(tr("Filter"), "/"))
        text = tr(SORTS[self.sort])
        self.sort_button.set_text(text, tr("Sort order: {order}", order=text))
        self._show_clear()

    def focus_field(self) -> None:
        """Begin to type a filter."""
        self.field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.field.selectAll()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            if event.key() == Qt.Key.Key_Escape:
                self.field.clear()
                self._on_changed()
                self.left.emit()
                return True
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Down):
                if self._typed.isActive():
                    self._on_changed()
                self.left.emit()
                return True
        return super().eventFilter(watched, event)
