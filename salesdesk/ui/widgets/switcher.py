"""A button that shows what is chosen (a team, a pipeline) and opens the list to choose another."""

from collections.abc import Iterable
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from salesdesk.ui.widgets.buttons import ComboButton
from salesdesk.ui.widgets.popup import Option, Picker, Popover

_LONGEST = 26


class Switcher(ComboButton):
    """One of several values; ``chosen(value)`` comes when a person picks another one.

    ``what`` names the kind of thing for a screen reader ("Team").
    """

    chosen = Signal(object)

    def __init__(
        self, name: str, what: str = "", look: str = "plain", parent: QWidget | None = None
    ) -> None:
        super().__init__("", name, look, parent)
        self._what = what
        self._options: list[Option] = []
        self._value: Any = None
        self.set_opens(self._list)

    @property
    def value(self) -> Any:
        """The value that is chosen."""
        return self._value

    def set_options(self, options: Iterable[tuple[Any, str]], what: str) -> None:
        """What there is to choose, as (value, text); an unknown value falls back to the first."""
        self._options = [Option(value, text) for value, text in options]
        self._what = what
        self.set_value(self._value)

    def set_value(self, value: Any) -> None:
        """Choose without telling."""
        known = {option.value: option.text for option in self._options}
        if value not in known and self._options:
            value = self._options[0].value
        self._value = value
        text = known.get(value, "").strip()
        short = text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
        self.set_text(short, f"{self._what}: {text}")
        self.setToolTip(f"{self._what}: {text}")
        self.updateGeometry()

    def _list(self) -> Popover:
        picker = Picker(self._options, f"{self.objectName()}-list", self._what, self._value, self)
        picker.picked.connect(self._on_picked)
        return picker

    def _on_picked(self, value: object) -> None:
        if value != self._value:
            self.set_value(value)
            self.chosen.emit(value)
