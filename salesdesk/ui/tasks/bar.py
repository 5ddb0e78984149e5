"""The row over the tasks: which list, or which week; with something selected, what can be done."""

from collections.abc import Callable

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QStackedWidget, QWidget

from salesdesk.text import ntr, tr
from salesdesk.ui import shortcuts, theme
from salesdesk.ui.tasks import words
from salesdesk.ui.widgets.buttons import Button, IconButton, LinkButton
from salesdesk.ui.widgets.chips import ChipRow
from salesdesk.ui.widgets.labels import SelectionBar, label

#: Buttons about what is selected, with their keys on the keyboard.
KEYS = {"complete": "D", "postpone": "P", "reassign": "R", "no-answer": "X", "accept": "A",
        "give-back": "B", "reopen": "O"}  # fmt: skip
_OPEN = frozenset(("complete", "postpone", "reassign", "no-answer"))
_LISTS, _WEEK, _SELECTION = range(3)


class TaskBar(QStackedWidget):
    """``list_chosen(kind)``, ``week_stepped(by)`` (0: this week), ``before_asked()``,
    ``pressed(key)`` of ``KEYS``, ``cleared()``."""

    list_chosen = Signal(str)
    week_stepped = Signal(int)
    before_asked = Signal()
    pressed = Signal(str)
    cleared = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("tasks-bar")
        self.setFixedHeight(theme.CONTROL_HEIGHT + theme.XS)
        self._of_week = False
        self.overdue = 0
        self.lists = ChipRow([(key, key) for key in words.LISTS], "tasks-list", " ")
        self.lists.chosen.connect(self.list_chosen)
        self.addWidget(_row(self.lists))
        self._make_week()
        self._make_selection()
        self._rows = [row for row in map(self.widget, range(self.count())) if row is not None]
        self._show(_LISTS)

    def _make_week(self) -> None:
        def step(by: int) -> Callable[[], None]:
            return lambda: self.week_stepped.emit(by)

        self.earlier = IconButton("chevron-left", "", "tasks-week-before", step(-1))
        self.today = Button("", "tasks-week-today", "plain", step(0))
        self.later = IconButton("chevron-right", "", "tasks-week-after", step(1))
        self.title = label("", "title")
        self.before = LinkButton("", "tasks-week-overdue", self.before_asked.emit)
        self.addWidget(_row(self.earlier, self.today, self.later, self.title, self.before))

    def _make_selection(self) -> None:
        self.selection = SelectionBar("tasks-selection")
        self.buttons: dict[str, Button] = {}
        for key in KEYS:
            self.buttons[key] = Button("", f"tasks-do-{key}", "chip", self._press(key))
            self.selection.row.addWidget(self.buttons[key])
        self.clear = IconButton("close", "", "tasks-clear", self.cleared.emit, "quiet")
        self.selection.row.addStretch(1)
        self.selection.row.addWidget(self.clear)
        self.addWidget(self.selection)

    def _press(self, key: str) -> Callable[[], None]:
        return lambda: self.pressed.emit(key)

    def retranslate(self) -> None:
        """Set every text anew."""
        self.lists.setAccessibleName(tr("List of tasks"))
        self.lists.set_texts({key: words.list_name(key) for key in words.LISTS})
        self.earlier.set_text(tr("Week before"), shortcuts.hint(tr("Week before"), "["))
        self.later.set_text(tr("Week after"), shortcuts.hint(tr("Week after"), "]"))
        self.today.set_text(tr("This week"))
        texts = {"complete": tr("Complete"), "postpone": tr("Postpone…"),
                 "reassign": tr("Reassign…"), "no-answer": tr("No answer"),
                 "accept": tr("Accept"), "give-back": tr("Give back…"),
                 "reopen": tr("Open again")}  # fmt: skip
        for key, text in texts.items():
            self.buttons[key].set_text(text)
            self.buttons[key].setToolTip(shortcuts.hint(text, KEYS[key]))
        self.clear.set_text(tr("Select nothing"), shortcuts.hint(tr("Select nothing"), "Esc"))

    def show_counts(self, counts: dict[str, int], may_accept: bool) -> None:
        """How many tasks the lists have."""
        for key in words.LISTS:
            self.lists.chip(key).set_count(counts.get(key))
        self.overdue = counts.get("overdue", 0)
        self.lists.chip("overdue").set_tone("bad" if self.overdue else "")
        self.lists.chip("accept").setVisible(may_accept)

    def show_week(self, first_day: int, before: int) -> None:
        """Which week it is, and how much is overdue from before it."""
        self.title.setText(words.week(first_day))
        text = ntr("{n} overdue before", "{n} overdue before", before)
        self.before.set_text(text)
        self.before.setVisible(bool(before))

    def show_mode(self, week: bool, selected: int, closed: bool, accept: bool) -> None:
        """Lists, week, or what can be done with ``selected`` tasks (``closed``: done ones)."""
        self._of_week = week
        if not selected:
            self._show(_WEEK if week else _LISTS)
            return
        self.selection.count.setText(ntr("{n} selected", "{n} selected", selected))
        for key, button in self.buttons.items():
            shown = key in _OPEN if not closed else key == "reopen"
            button.setVisible(shown or (accept and key in ("accept", "give-back")))
        self._show(_SELECTION)

    def _show(self, at: int) -> None:
        """Show one of the rows; those that are not seen ask for no room."""
        self.setCurrentIndex(at)
        for index, row in enumerate(self._rows):
            wide = QSizePolicy.Policy.Preferred if index == at else QSizePolicy.Policy.Ignored
            row.setSizePolicy(wide, QSizePolicy.Policy.Preferred)


def _row(*widgets: QWidget) -> QWidget:
    made = QWidget()
    row = QHBoxLayout(made)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(theme.S)
    for widget in widgets:
        row.addWidget(widget)
    row.addStretch(1)
    return made
