"""A report's own options as chips in its row of filters: one of a few words, or a whole number."""

from collections.abc import Callable, Mapping

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QSpinBox, QWidget

from salesdesk.services.report_table import Choice
from salesdesk.text import tr
from salesdesk.ui import formats, theme
from salesdesk.ui.widgets.buttons import ComboButton, PrimaryButton
from salesdesk.ui.widgets.labels import label
from salesdesk.ui.widgets.popup import Option, Picker, Popover

Offered = Callable[[Choice], Mapping[str, str]]


class _Number(Popover):
    """A whole number to type; ``chosen(text)``."""

    chosen = Signal(str)

    def __init__(self, choice: Choice, value: str, name: str, parent: QWidget) -> None:
        super().__init__(name, tr(choice.title), parent)
        self.body.setContentsMargins(theme.M, theme.M, theme.M, theme.M)
        self.body.setSpacing(theme.S)
        self.body.addWidget(label(tr(choice.title), "strong"))
        self.field = QSpinBox()
        self.field.setObjectName(f"{name}-field")
        self.field.setAccessibleName(tr(choice.title))
        self.field.setRange(choice.least, choice.most)
        self.field.setValue(int(value))
        self.field.setMinimumWidth(140)
        self.field.lineEdit().returnPressed.connect(self._take)
        button = PrimaryButton(tr("Show"), f"{name}-show", self._take)
        self.body.addWidget(self.field)
        self.body.addWidget(button, 0, Qt.AlignmentFlag.AlignRight)

    def showEvent(self, event: object) -> None:
        self.field.setFocus()
        self.field.selectAll()

    def _take(self) -> None:
        value = str(self.field.value())
        self.close()
        self.chosen.emit(value)


class _ChoiceButton(ComboButton):
    """One option: "Rows: people"; ``chosen(key, value)``."""

    chosen = Signal(str, str)

    def __init__(self, choice: Choice, offered: Offered, parent: QWidget) -> None:
        super().__init__("", f"reports-own-{choice.key}", "chip", parent)
        self.choice, self.value = choice, choice.default
        self._offered = offered
        self.set_opens(self._open)

    def show_value(self, value: str) -> None:
        """Say what is chosen."""
        self.value = value
        words = self._values().get(value) or formats.whole(int(value))
        if value in self.choice.values:  # the name of a record stays as it is
            words = f"{words[:1].lower()}{words[1:]}"
        text = f"{tr(self.choice.title)}: {words}"
        self.set_text(text)
        self.setToolTip(text)
        self.updateGeometry()

    def _values(self) -> dict[str, str]:
        """What may be chosen, in words; records are looked up where there are any."""
        if self.choice.offered is not None:
            return dict(self._offered(self.choice))
        return {value: tr(text) for value, text in self.choice.values.items()}

    def _open(self) -> Popover:
        name = f"{self.objectName()}-list"
        if not self.choice.values:
            popover = _Number(self.choice, self.value, name, self)
            popover.chosen.connect(self._take)
            return popover
        options = [Option(value, text) for value, text in self._values().items()]
        picker = Picker(options, name, tr(self.choice.title), self.value, self)
        picker.picked.connect(self._take)
        return picker

    def _take(self, value: object) -> None:
        if value != self.value:
            self.show_value(str(value))
            self.chosen.emit(self.choice.key, str(value))


class OwnChoices(QWidget):
    """The options of a report side by side; ``changed()`` when a person chooses another value.
    ``offered`` answers what there is to choose where that is records (``Choice.offered``)."""

    changed = Signal()

    def __init__(self, offered: Offered, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("reports-own")
        self._offered = offered
        self.buttons: dict[str, _ChoiceButton] = {}
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(theme.S)

    def set_choices(self, choices: tuple[Choice, ...]) -> None:
        """Offer the options of another report, at their defaults."""
        for button in self.buttons.values():
            self._row.removeWidget(button)
            button.hide()
            button.deleteLater()
        self.buttons = {
            choice.key: _ChoiceButton(choice, self._offered, self) for choice in choices
        }
        for button in self.buttons.values():
            button.show_value(button.choice.default)
            button.chosen.connect(lambda _key, _value: self.changed.emit())
            self._row.addWidget(button)
            button.show()
        self.setVisible(bool(choices))
        self.updateGeometry()

    def values(self) -> dict[str, str]:
        """What is chosen, without the defaults."""
        found = {key: button.value for key, button in self.buttons.items()}
        return {key: v for key, v in found.items() if v != self.buttons[key].choice.default}

    def set_value(self, key: str, value: str) -> None:
        """Choose without telling."""
        if key in self.buttons:
            self.buttons[key].show_value(value)

    def words(self) -> list[tuple[str, str]]:
        """What is chosen, in words: title and value."""
        found = []
        for button in self.buttons.values():
            title, _, value = button.text().partition(": ")
            found.append((title, value))
        return found

    def retranslate(self) -> None:
        """Set every text anew."""
        for button in self.buttons.values():
            button.show_value(button.value)
