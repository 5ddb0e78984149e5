"""Chips: pills that filter or act, with a count; rows of chips of which one is chosen."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from salesdesk.ui import theme
from salesdesk.ui.formats import whole
from salesdesk.ui.widgets.buttons import Button
from salesdesk.ui.widgets.flow import FlowLayout


class Chip(Button):
    """A pill. A checkable one filters; another acts. ``set_count(4)`` shows ``Overdue · 4``."""

    def __init__(
        self,
        text: str,
        name: str,
        checkable: bool = True,
        run: Callable[[], object] | None = None,
        parent: QWidget | None = None,
    ) -> None:
        self._words = text
        self._count: int | None = None
        super().__init__(text, name, "chip", run, parent)
        self.setCheckable(checkable)

    def set_words(self, text: str) -> None:
        """The text without the count."""
        self._words = text
        self._show()

    def set_count(self, count: int | None) -> None:
        """The number behind the text; ``None`` shows none."""
        self._count = count
        self._show()

    def _show(self) -> None:
        with_count = self._count is not None
        self.set_text(f"{self._words} · {whole(self._count or 0)}" if with_count else self._words)


class ChipRow(QWidget):
    """Chips of which exactly one is chosen: periods, modes."""

    chosen = Signal(str)

    def __init__(
        self,
        options: Sequence[tuple[str, str]],
        name: str,
        accessible: str,
        parent: QWidget | None = None,
        *,
        wraps: bool = False,
    ) -> None:
        """``options`` are (key, text); the first is chosen. ``name`` begins the object names.
        ``wraps``: those that find no room, as in a narrow panel, stand in another row."""
        super().__init__(parent)
        self.setObjectName(name)
        self.setAccessibleName(accessible)
        self._chips: dict[str, Chip] = {}
        self._row = row = FlowLayout(self) if wraps else QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.S)
        for key, text in options:
            chip = Chip(text, f"{name}-{key}")
            chip.clicked.connect(lambda _on=False, key=key: self._on_clicked(key))
            self._chips[key] = chip
            row.addWidget(chip)
        self._value = options[0][0]
        self.set_value(self._value)

    def set_apart(self, pixels: int) -> None:
        """Have the chips stand nearer to each other, or further."""
        self._row.setSpacing(pixels)

    def value(self) -> str:
        """The key of the chosen chip; empty when none is (see ``set_value``)."""
        return self._value

    def set_value(self, key: str) -> None:
        """Choose without telling; an unknown or empty key chooses none."""
        self._value = key
        for each, chip in self._chips.items():
            chip.setChecked(each == key)

    def set_texts(self, texts: dict[str, str]) -> None:
        """Other words for the chips, by key (the language has changed)."""
        for key, text in texts.items():
            self._chips[key].set_words(text)

    def chip(self, key: str) -> Chip:
        """One chip, to set its count."""
        return self._chips[key]

    def _on_clicked(self, key: str) -> None:
        changed = key != self._value
        self.set_value(key)
        if changed:
            self.chosen.emit(key)
