"""The steps in the header: 1 File → 2 Columns → 3 Check → 4 Done; those reached can be chosen."""

from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from salesdesk.text import N_, tr
from salesdesk.ui import theme
from salesdesk.ui.widgets.buttons import Button, LinkButton
from salesdesk.ui.widgets.labels import label

FILE, COLUMNS, CHECK, DONE = range(4)
_NAMES = (N_("1 File"), N_("2 Columns"), N_("3 Check"), N_("4 Done"))


class Steps(QWidget):
    """``chosen(step)`` when a step that was reached is pressed."""

    chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("import-steps")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.XS)
        self.buttons: list[Button] = []
        self._ahead: list[QLabel] = []
        self._arrows = [label("→", "muted") for _ in _NAMES[1:]]
        self._reached, self._shown = FILE, FILE
        for step in range(len(_NAMES)):
            if step:
                row.addWidget(self._arrows[step - 1])
            button = LinkButton("", f"import-step-{step + 1}", partial(self._go, step))
            self.buttons.append(button)
            self._ahead.append(label("", "muted"))
            row.addWidget(button)
            row.addWidget(self._ahead[-1])

    def show_step(self, shown: int, reached: int) -> None:
        """Which step is on the screen, and how far one may go."""
        self._shown, self._reached = shown, reached
        self.retranslate()

    def retranslate(self) -> None:
        """Say everything anew."""
        self.setAccessibleName(tr("Steps of the import"))
        for step, button in enumerate(self.buttons):
            here = step == self._shown
            text = tr(_NAMES[step])
            button.set_text(text, tr("{step}, shown now", step=text) if here else text)
            button.setFont(theme.font(theme.BODY, bold=here))
            button.setVisible(step <= self._reached)
            self._ahead[step].setText(text)
            self._ahead[step].setVisible(step > self._reached)

    def _go(self, step: int) -> None:
        self.chosen.emit(step)
