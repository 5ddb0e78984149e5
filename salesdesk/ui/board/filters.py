"""The row above the board: chips and filters, a field that filters by text, the sort order."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractButton, QLineEdit, QMenu, QWidget

from salesdesk.services.cards import BoardFilter, ChipCounts, SortKey
from salesdesk.text import N_, tr, trp
from salesdesk.ui import shortcuts, theme
from salesdesk.ui.widgets.buttons import ComboButton
from salesdesk.ui.widgets.chips import Chip
from salesdesk.ui.widgets.filter_parts import ActiveFilters, Part
from salesdesk.ui.widgets.flow import BarLayout

if TYPE_CHECKING:
    from salesdesk.ui.widgets.popup import Popover

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
_FLAGS = ("overdue", "no_task", "stuck")


class FilterBar(QWidget):
    """Chips, filters, text field and sort order.

    ``changed(step)`` comes when ``chosen`` or ``sort`` is another; typing on is no step. ``left()``
    when Enter or Esc leaves the text field; ``typing()`` when the field is entered.
    """

    changed = Signal(bool)
    left = Signal()
    typing = Signal()

    def __init__(
        self,
        parts: Callable[[], list[Part]],
        saved: "Callable[[], Popover]",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("board-filters")
        self._mine: frozenset[int] = frozenset()
        self._team: frozenset[int] = frozenset()
        self.sort: SortKey = "position"
        self.chips = {key: Chip(tr(text), f"board-chip-{key}") for key, text in _CHIPS.items()}
        self.clear_chip = Chip("", "board-chip-clear", False, self.clear)
        self.field = QLineEdit()
        self.field.setObjectName("board-filter")
        self.field.setProperty("look", "inline")
        self.field.setFixedWidth(_FIELD_WIDTH)
        self.field.setClearButtonEnabled(True)
        self.field.installEventFilter(self)
        self.sort_button = ComboButton("", "board-sort", "chip")
        self.sort_button.set_opens(self._sort_menu)
        self._flow = BarLayout(self)
        self._flow.setContentsMargins(theme.L, theme.S, theme.L, theme.S)
        for key, chip in self.chips.items():
            chip.clicked.connect(lambda _on=False, key=key: self._on_chip(key))
            self._flow.addWidget(chip)
        self.more = ActiveFilters("board-filter", self._flow, self, parts)
        self.more.changed.connect(self._on_changed)
        self.saved = ComboButton("", "board-saved", "chip")
        self.saved.set_opens(saved)
        self._flow.addWidget(self.saved)
        self._flow.addWidget(self.clear_chip)
        self._flow.break_before(self.more.button)
        for widget in (self.field, self.sort_button):
            self._flow.add_trailing(widget)
        self.field.textChanged.connect(self._on_text)
        self.retranslate()

    # -- what is chosen -----------------------------------------------------------------------

    def texts(self) -> dict[str, str]:
        """The filter as texts by name (``services.filters``)."""
        who = next((key for key in _OWNERS if self.chips[key].isChecked()), "")
        found = {"who": who} if who else {}
        found |= {key: "1" for key in _FLAGS if self.chips[key].isChecked()}
        found |= self.more.texts
        typed = self.field.text().strip()
        return found | ({"text": typed} if typed else {})

    def set_texts(self, texts: Mapping[str, str], sort: str = "position") -> None:
        """Choose this, without telling."""
        for key, chip in self.chips.items():
            chip.setChecked(texts.get("who") == key or texts.get(key) == "1")
        others = {k: t for k, t in texts.items() if k not in ("who", "text", *_FLAGS)}
        self.more.set_texts(others)
        self.sort = next((key for key in SORTS if key == sort), "position")
        self.field.blockSignals(True)
        self.field.setText(texts.get("text", ""))
        self.field.blockSignals(False)
        self._show_sort()
        self._show_clear()

    @staticmethod
    def needs_reading(texts: Mapping[str, str]) -> bool:
        """Whether there is more than chips know, to be read (and maybe refused) by the service."""
        plain = {"who": ("mine", "team"), **dict.fromkeys(_FLAGS, ("1",))}
        known = {"text", "sort", "pipeline", "date", "deal"}
        return any(text not in plain.get(name, ()) for name, text in texts.items()
                   if name not in known)  # fmt: skip

    def chosen(self) -> BoardFilter:
        """The filter as it stands; its people are those that the chips mean."""
        texts = self.texts()
        if self.more.texts:
            from salesdesk.services import filters

            return filters.from_texts(texts)
        owners = {"mine": self._mine, "team": self._team}.get(texts.get("who", ""))
        return BoardFilter(
            owner_ids=owners,
            overdue="overdue" in texts,
            no_task="no_task" in texts,
            stuck="stuck" in texts,
            text=texts.get("text", ""),
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
        self.choose({})

    def choose(self, texts: Mapping[str, str]) -> None:
        """Choose this, and tell."""
        self.set_texts(texts, self.sort)
        self._on_changed()

    def set_past(self, past: bool) -> None:
        """A past board knows people and texts; the rest is of the present."""
        for key in _FLAGS:
            self.chips[key].setVisible(not past)
        for widget in (self.saved, self.sort_button, self.field):
            widget.setVisible(not past)
        self.more.forget_parts()
        self.more.show_chips()

    def _on_chip(self, key: str) -> None:
        if key in _OWNERS and self.chips[key].isChecked():
            for other in _OWNERS:
                self.chips[other].setChecked(other == key)
        self._on_changed()

    def _on_changed(self) -> None:
        self._show_clear()
        self.changed.emit(True)

    def _on_text(self, _text: str) -> None:
        self._show_clear()
        self.changed.emit(False)
        # Qt gives the cross in the field no name; at the start, looking it up would cost.
        for cross in self.field.findChildren(QAbstractButton):
            cross.setAccessibleName(tr("Show all"))

    def _show_clear(self) -> None:
        """Behind all chips, when there is something to clear."""
        if self._flow.indexOf(self.clear_chip) < self._flow.count() - 1:
            self._flow.removeWidget(self.clear_chip)
            self._flow.addWidget(self.clear_chip)
        self.clear_chip.setVisible(bool(self.texts()))

    # -- sort order ---------------------------------------------------------------------------

    def _sort_menu(self) -> QMenu:
        from salesdesk.ui.widgets.popup import menu

        def choose(key: SortKey) -> None:
            self.sort = key
            self._show_sort()
            self._on_changed()

        entries = [(key, tr(text), lambda key=key: choose(key)) for key, text in SORTS.items()]
        return menu(entries, "board-sort-menu", self, self.sort)

    def _show_sort(self) -> None:
        text = tr(SORTS[self.sort])
        self.sort_button.set_text(text, tr("Sort order: {order}", order=text))

    # -- words and keys -----------------------------------------------------------------------

    def retranslate(self) -> None:
        """Set every text anew."""
        for key, text in _CHIPS.items():
            self.chips[key].set_words(tr(text))
        self.more.retranslate()
        self.saved.set_text(trp("filters", "Saved"), tr("Saved filters"))
        self.saved.setToolTip(tr("Saved filters"))
        self.clear_chip.set_words(tr("Show all"))
        self.field.setPlaceholderText(tr("Find"))
        self.field.setAccessibleName(tr("Filter the cards by title or client"))
        self.field.setToolTip(shortcuts.hint(tr("Filter the cards by title or client"), "/"))
        self._show_sort()
        self._show_clear()

    def focus_field(self) -> None:
        """Begin to type a filter."""
        self.field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.field.selectAll()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.FocusIn:
            self.typing.emit()
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            if event.key() == Qt.Key.Key_Escape:
                self.field.clear()
                self.left.emit()
                return True
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Down):
                self.left.emit()
                return True
        return super().eventFilter(watched, event)
