"""The row over the list: what it holds, or, with something selected, what can be done with it."""

from collections.abc import Callable

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QWidget

from salesdesk.services.control_lists import Listed
from salesdesk.text import ntr, tr, trp
from salesdesk.ui import shortcuts, theme
from salesdesk.ui.formats import whole
from salesdesk.ui.widgets.buttons import Button, IconButton
from salesdesk.ui.widgets.chips import Chip
from salesdesk.ui.widgets.labels import ElidedLabel, SelectionBar, label

#: Buttons by kind of list: their keys, in the order of the bar.
_TASKS = ("postpone", "reassign", "complete")
_BUTTONS = {
    "accept": ("accept", "give-back"), "done": ("reopen",),
    "idle": ("task", "reassign"), "stuck": ("task", "reassign"), "standing": ("task", "reassign"),
}  # fmt: skip
#: Keys on the keyboard, shown in the tool tips.
KEYS = {"postpone": "P", "reassign": "R", "complete": "D", "task": "T", "accept": "A",
        "give-back": "B", "reopen": "O", "hand": "H"}  # fmt: skip


class ListBar(QStackedWidget):
    """``pressed(key)``: a button of the bar; ``person_cleared()``, ``cleared()``."""

    pressed = Signal(str)
    person_cleared = Signal()
    cleared = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("control-bar")
        self.setFixedHeight(theme.CONTROL_HEIGHT + theme.XS)
        self._listed, self._count, self._ticked = Listed(), 0, 0
        self._about = ""
        self.title = ElidedLabel("", "title")
        self.person = Chip("", "control-person", checkable=True, run=self.person_cleared.emit)
        self.hand = Button("", "control-hand", "chip", lambda: self.pressed.emit("hand"))
        self.hint = label("", "muted")
        self._make_heading()
        self.selection = SelectionBar("control-selection")
        self.buttons = {key: self._button(key) for key in KEYS if key != "hand"}
        self.reason = label("", "muted")
        self.clear = IconButton("close", "", "control-clear", self.cleared.emit, "quiet")
        self.selection.row.addStretch(1)
        self.selection.row.addWidget(self.reason)
        self.selection.row.addWidget(self.clear)
        self.addWidget(self.selection)

    def _make_heading(self) -> None:
        heading = QWidget()
        row = QHBoxLayout(heading)
        row.setContentsMargins(2, 0, 2, 0)
        row.setSpacing(theme.S)
        row.addWidget(self.title, 1)
        row.addWidget(self.person)
        row.addWidget(self.hand)
        row.addWidget(self.hint)
        self.addWidget(heading)

    def _button(self, key: str) -> Button:
        run: Callable[[], None] = lambda: self.pressed.emit(key)  # noqa: E731
        made = Button("", f"control-{key}", "chip", run)
        self.selection.row.addWidget(made)
        return made

    def show_list(self, listed: Listed, title: str, about: str, hand: str) -> None:
        """Which list it is, the person it is limited to, and whom its tasks may be handed to."""
        self._listed, self._about = listed, about
        self.title.set_text(title)
        self.person.setVisible(bool(about))
        self.person.setChecked(True)
        self.person.set_words(f"{about} ✕")
        self.person.setAccessibleName(tr("Only {name}; show everybody", name=about))
        self.hand.setVisible(bool(hand))
        if hand:
            self.hand.set_text(hand)
            self.hand.setToolTip(shortcuts.hint(hand, KEYS["hand"]))
        shown = _BUTTONS.get(listed.kind, _TASKS)
        for key, button in self.buttons.items():
            button.setVisible(key in shown)
        self.reason.setVisible("postpone" in shown)
        self._show_ticked()

    def show_ticked(self, count: int, there: int) -> None:
        """How many are selected of how many there are."""
        self._ticked, self._count = count, there
        self._show_ticked()

    def _show_ticked(self) -> None:
        self.setCurrentIndex(1 if self._ticked else 0)
        self.selection.count.setText(
            ntr("{n} selected", "{n} selected", self._ticked) if self._ticked else ""
        )
        self.hint.setVisible(self._count > 0)

    def retranslate(self) -> None:
        """Set every text anew."""
        texts = {
            "postpone": tr("Postpone…"), "reassign": tr("Reassign…"),
            "complete": trp("verb", "Done"), "task": tr("Add a task…"),
            "accept": tr("Accept"), "give-back": tr("Give back…"), "reopen": tr("Open again"),
        }  # fmt: skip
        for key, text in texts.items():
            self.buttons[key].set_text(text)
            self.buttons[key].setToolTip(shortcuts.hint(text.rstrip("…"), KEYS[key]))
        self.reason.setText(tr("Reason is asked once for all"))
        self.hint.setText(tr("Space selects, Enter opens"))
        self.clear.set_text(tr("Select nothing"), shortcuts.hint(tr("Select nothing"), "Esc"))
        self._show_ticked()


def counted(title: str, count: int) -> str:
    """``Overdue tasks · 7``."""
    return f"{title} · {whole(count)}"
