"""What a list can be filtered by, and the chips of what it is filtered by now.

A filter is texts by name (``services.filters``): a page describes its parts, ``ActiveFilters`` puts
a button that offers them and a chip for each one chosen into the page's row of chips.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Literal

from PySide6.QtCore import QObject, QRectF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from salesdesk.services import filter_words
from salesdesk.text import N_, tr, trp
from salesdesk.ui import formats, theme
from salesdesk.ui.widgets import icons
from salesdesk.ui.widgets.buttons import Button, ComboButton
from salesdesk.ui.widgets.flow import FlowLayout

if TYPE_CHECKING:
    from salesdesk.ui.widgets.popup import Picker

Kind = Literal["flag", "many", "one", "range", "days", "words"]
#: Days by name, in the order in which they are offered.
DAYS: dict[str, str] = {
    "today": N_("Today"),
    "tomorrow": N_("Tomorrow"),
    "week": N_("This week"),
    "next_week": N_("Next week"),
    "month": N_("This month"),
    "quarter": N_("This quarter"),
    "last_30": N_("Last 30 days"),
    "last_month": N_("Last month"),
    "next_month": N_("Next month"),
    "past": N_("Before today"),
    "none": N_("No date"),
}
_CROSS = 8
#: Blanks behind the text of a chip, where its cross stands.
_ROOM = "\u2003\u2002"
_LONGEST = 34


@dataclass(frozen=True, slots=True)
class Part:
    """One thing to filter by.

    ``many``: values with commas between (``choices``: as those of an own field are written), found
    by ``find(typed)`` as (value, text), or in the background by ``look(typed, done)``, and named
    by ``names(values)``; ``one``: one of a few such values. ``range``: ``low..high`` of plain
    numbers (``amounts``: typed as amounts of money are).
    ``days``: a name of ``days`` or ``2026-03-01..2026-03-31``, typed as of ``today``. ``words``: a
    text after ``~``. ``flag``: ``1``.
    """

    key: str
    label: str
    kind: Kind
    find: Callable[[str], Sequence[tuple[str, str]]] | None = None
    names: Callable[[Sequence[str]], Sequence[str]] | None = None
    look: Callable[[str, Callable[[Sequence[tuple[str, str]]], None]], None] | None = None
    choices: bool = False
    amounts: bool = False
    days: tuple[str, ...] = ()
    today: int = 0

    def values(self, text: str) -> list[str]:
        """The values chosen, of ``many``."""
        if self.choices:
            return filter_words.choices_of(text)
        return [value for value in text.split(",") if value]

    def joined(self, values: Iterable[str]) -> str:
        """The same as a text."""
        return filter_words.choices_text(values) if self.choices else ",".join(values)

    def shown(self, text: str) -> str:
        """What is chosen, in words."""
        if self.kind in ("many", "one") and self.names is not None:
            found = list(self.names(self.values(text)))
            more = f" +{len(found) - 2}" if len(found) > 2 else ""
            return ", ".join(found[:2]) + more
        if self.kind == "days" and text in DAYS:
            return trp("filter", DAYS[text])
        if self.kind in ("range", "days"):
            return self._between(text)
        return text.removeprefix("~")

    def _between(self, text: str) -> str:
        low, _, high = text.partition("..")
        ends = [self._end(low), self._end(high)]
        if low and high:
            return ends[0] if low == high else f"{ends[0]} – {ends[1]}"
        return tr("from {value}", value=ends[0]) if low else tr("up to {value}", value=ends[1])

    def _end(self, text: str) -> str:
        if not text:
            return ""
        if self.kind == "days":
            return formats.day(date.fromisoformat(text).toordinal())
        return formats.decimal(formats.read_decimal(text))


class FilterChip(Button):
    """A chosen filter: a click changes it, the cross or Delete takes it away (``removed``)."""

    removed = Signal()

    def __init__(self, name: str, parent: QWidget) -> None:
        super().__init__("", name, "chip", None, parent)
        self.setCheckable(True)
        self.setChecked(True)
        self.clicked.connect(lambda: self.setChecked(True))

    def show_filter(self, label: str, words: str) -> None:
        """Say what it filters by."""
        text = f"{label}: {words}" if words else label
        short = text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
        self.set_text(short + _ROOM, tr("Filter {text}, Delete removes it", text=text))
        self.setToolTip(tr("{text}\nClick the cross to remove it", text=text))

    def _cross(self) -> QRectF:
        return QRectF(
            self.width() - _CROSS - theme.S - 2, (self.height() - _CROSS) / 2, _CROSS, _CROSS
        )

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        with QPainter(self) as painter:
            icons.paint(painter, "close", self._cross(), theme.current().accent)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.position().x() >= self._cross().left() - theme.XS and self.isDown():
            self.setDown(False)
            self.removed.emit()
            return
        super().mouseReleaseEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.removed.emit()
        else:
            super().keyPressEvent(event)


class ActiveFilters(QObject):
    """A button that offers the parts, and a chip for each that is chosen, at the end of ``flow``.

    ``changed()`` comes when a person changes something; ``texts`` is what is chosen. ``parts`` is
    asked when there is something to offer or to name.
    """

    changed = Signal()

    def __init__(
        self, name: str, flow: FlowLayout, owner: QWidget, parts: Callable[[], list[Part]]
    ) -> None:
        super().__init__(owner)
        self._name, self._flow, self._owner, self._parts = name, flow, owner, parts
        self._known: dict[str, Part] = {}
        self.texts: dict[str, str] = {}
        self.chips: dict[str, FilterChip] = {}
        self.button = ComboButton("", f"{name}-add", "chip")
        self.button.set_opens(self._offer)
        flow.addWidget(self.button)

    def set_texts(self, texts: Mapping[str, str]) -> None:
        """Filter by this, without telling."""
        self.texts = {key: text for key, text in texts.items() if text}
        self.show_chips()

    def forget_parts(self) -> None:
        """Ask for the parts anew (a list has changed)."""
        self._known.clear()

    def parts(self) -> dict[str, Part]:
        """What can be filtered by, by key."""
        if not self._known:
            self._known = {part.key: part for part in self._parts()}
        return self._known

    def show_chips(self) -> None:
        """Make the chips say what is chosen."""
        for key in [key for key in self.chips if key not in self.texts]:
            chip = self.chips.pop(key)
            self._flow.removeWidget(chip)
            chip.hide()
            chip.deleteLater()
        for key, text in self.texts.items():
            part = self.parts().get(key)
            if part is not None:
                said = "" if part.kind == "flag" else part.shown(text)
                self._chip(key).show_filter(part.label, said)
            if key in self.chips:  # what is not offered now (a past board) is kept for later
                self.chips[key].setVisible(part is not None)
        self._flow.invalidate()

    def _chip(self, key: str) -> FilterChip:
        if key not in self.chips:
            chip = FilterChip(f"{self._name}-{key}", self._owner)
            chip.clicked.connect(lambda: self.edit(key, chip))
            chip.removed.connect(lambda: self.take(key, ""))
            self.chips[key] = chip
            self._flow.addWidget(chip)
            chip.show()
        return self.chips[key]

    def take(self, key: str, text: str) -> None:
        """Choose ``text`` for a part (nothing takes it away), and tell."""
        if self.texts.get(key, "") == text:
            return
        if text:
            self.texts[key] = text
        else:
            self.texts.pop(key, None)
            self.button.setFocus()
        self.show_chips()
        self.changed.emit()

    def retranslate(self) -> None:
        """Set every text anew."""
        self.button.set_text(tr("Filter"), tr("Add a filter"))
        self.button.setToolTip(tr("Filter by person, client, amount, dates and more"))
        self.forget_parts()
        self.show_chips()

    # -- choosing -----------------------------------------------------------------------------

    def _offer(self) -> "Picker":
        from salesdesk.ui.widgets.popup import Option, Picker

        options = [Option(key, part.label) for key, part in self.parts().items()]
        picker = Picker(options, f"{self._name}-parts", tr("Filter by"), None, self._owner)
        picker.picked.connect(lambda key: self.edit(str(key), self.button))
        return picker

    def edit(self, key: str, anchor: QWidget) -> None:
        """Open what chooses a part, under ``anchor``; a flag is simply set."""
        from salesdesk.ui.widgets.filter_editors import editor
        from salesdesk.ui.widgets.popup import show_under

        part = self.parts()[key]
        if part.kind == "flag":
            self.take(key, "1")
            return
        if part.kind == "one":
            show_under(self._choose(part), anchor)
            return
        popover = editor(part, self.texts.get(key, ""), f"{self._name}-edit", self._owner)
        popover.chosen.connect(lambda text: self.take(key, text))
        show_under(popover, anchor)

    def _choose(self, part: Part) -> "Picker":
        """What chooses one of a few values."""
        from salesdesk.ui.widgets.popup import Option, Picker

        found = part.find("") if part.find is not None else ()
        options = [Option(value, text) for value, text in found]
        name, now = f"{self._name}-edit", self.texts.get(part.key)
        picker = Picker(options, name, part.label, now, self._owner)
        picker.picked.connect(lambda value: self.take(part.key, str(value)))
        return picker
