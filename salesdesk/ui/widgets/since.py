"""From which day on something counts: a pill that opens a calendar, and a way back to all of it."""

from collections.abc import Callable

from PySide6.QtCore import Signal

from salesdesk.text import tr
from salesdesk.ui import formats
from salesdesk.ui.widgets.buttons import Button, ComboButton
from salesdesk.ui.widgets.popup import Popover


class Since(ComboButton):
    """``chosen(day)``: an ordinal, or None for everything. ``words()`` are those for everything;
    days after ``latest()`` are none to choose."""

    chosen = Signal(object)

    def __init__(
        self, name: str, spoken: str, words: Callable[[], str], latest: Callable[[], int]
    ) -> None:
        super().__init__("", name, "chip")
        self.value: int | None = None
        self._spoken, self._words, self._latest = spoken, words, latest
        self.set_opens(self._popover)
        self.set_value(None)

    def retranslate(self, spoken: str) -> None:
        """Say it anew; ``spoken`` is what it is about."""
        self._spoken = spoken
        self.set_value(self.value)

    def set_value(self, day: int | None) -> None:
        """Show another day."""
        self.value = day
        text = self._words() if day is None else tr("from {day}", day=formats.day(day))
        self.set_text(text, f"{self._spoken}: {text}")

    def _popover(self) -> Popover:
        from salesdesk.ui.widgets.calendar import calendar

        name = self.objectName()
        latest = self._latest()
        made = calendar(f"{name}-days", self._spoken, self.value or latest, self._pick, self)

        def everything() -> None:
            made.close()
            self._pick(None)

        made.body.addWidget(Button(self._words(), f"{name}-all", "plain", everything))
        return made

    def _pick(self, day: int | None) -> None:
        if day is not None:
            day = min(day, self._latest())
        self.set_value(day)
        self.chosen.emit(day)
