"""What stands on the shelf of a pivot: a word, and buttons that say and choose what goes there."""

from collections.abc import Iterable, Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from salesdesk.services.pivot_fields import BY, Dimension
from salesdesk.text import N_, tr
from salesdesk.ui import theme
from salesdesk.ui.widgets.labels import label
from salesdesk.ui.widgets.switcher import Switcher

NOTHING = ""
_BY_TEXT = {
    "day": N_("by day"), "week": N_("by week"), "month": N_("by month"),
    "quarter": N_("by quarter"), "year": N_("by year"),
}  # fmt: skip


class Slot(QWidget):
    """A word and what belongs to it, which keep together when the shelf wraps."""

    def __init__(
        self, name: str, widgets: Sequence[QWidget], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.word = label("", "muted")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.XS)
        row.addWidget(self.word)
        for widget in widgets:
            row.addWidget(widget)

    def set_word(self, text: str) -> None:
        """What stands before the buttons."""
        self.word.setText(text)


class FieldChoice(QWidget):
    """A field, and of a date how finely; ``chosen()`` when a person takes another one."""

    chosen = Signal()

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.field = Switcher(name, look="chip")
        self.by = Switcher(f"{name}-by", look="chip")
        self._dates: frozenset[str] = frozenset()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2)
        row.addWidget(self.field)
        row.addWidget(self.by)
        self.field.chosen.connect(self._on_chosen)
        self.by.chosen.connect(lambda _value: self.chosen.emit())

    @property
    def text(self) -> str:
        """``person``, ``closed:month``, or nothing."""
        key = str(self.field.value or NOTHING)
        return f"{key}:{self.by.value or 'month'}" if key in self._dates else key

    @property
    def key(self) -> str:
        """The field alone."""
        return str(self.field.value or NOTHING)

    def offer(self, fields: Iterable[Dimension], what: str, text: str, nothing: str = "") -> None:
        """Offer these fields, with ``text`` chosen; ``nothing`` names the way to do without."""
        known = list(fields)
        self._dates = frozenset(one.key for one in known if one.is_date)
        options = [(NOTHING, nothing)] if nothing else []
        self.field.set_options([*options, *((one.key, one.name()) for one in known)], what)
        key, _, by = text.partition(":")
        self.field.set_value(key)
        self.by.set_options([(each, tr(_BY_TEXT[each])) for each in BY], tr("How finely"))
        if by:
            self.by.set_value(by)
        elif not self.by.value or key not in self._dates:
            self.by.set_value("month")
        self.by.setVisible(self.key in self._dates)

    def _on_chosen(self, _value: object) -> None:
        self.by.setVisible(self.key in self._dates)
        self.chosen.emit()
