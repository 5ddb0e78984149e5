"""What a stage asks for before a deal may enter it: fields to be filled in, a share to be paid."""

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QShowEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QWidget

from salesdesk.services.pipelines import Stage
from salesdesk.services.stage_rows import REQUIRABLE
from salesdesk.text import tr
from salesdesk.ui import theme
from salesdesk.ui.settings.cells import Entry
from salesdesk.ui.widgets.buttons import ComboButton, PrimaryButton
from salesdesk.ui.widgets.checks import Flag
from salesdesk.ui.widgets.kinds import NumberKind
from salesdesk.ui.widgets.labels import label
from salesdesk.ui.widgets.popup import Popover

WIDTH = 152
_COLUMNS = 2


def words(stage: Stage) -> str:
    """What a stage asks for: ``30% paid, Amount, Source``; a dash for nothing."""
    names = [tr(REQUIRABLE[name]) if name in REQUIRABLE else name for name in stage.required]
    if stage.paid_percent:
        names.insert(0, tr("{percent} paid", percent=tr("{n}%", n=stage.paid_percent)))
    return ", ".join(names) or "—"


class AsksCell(ComboButton):
    """Shows what a stage asks for; a press opens the list. ``wanted(fields, percent)``."""

    wanted = Signal(object, object)

    def __init__(self, name: str, own: Callable[[], Sequence[str]]) -> None:
        super().__init__("", name, "cell")
        self._own = own
        self._stage: Stage | None = None
        self.setFixedWidth(WIDTH)
        self.set_opens(self._open)

    def set_stage(self, stage: Stage) -> None:
        """Show what a stage asks for."""
        self._stage = stage
        told = words(stage)
        room = WIDTH - theme.L - theme.M
        fits = self.fontMetrics().elidedText(told, Qt.TextElideMode.ElideRight, room)
        self.set_text(fits, f"{tr('Asks for')}: {told}")
        self.setToolTip(told if fits != told else tr("What a deal needs to enter this stage"))

    def _open(self) -> Popover:
        assert self._stage is not None
        form = AsksForm(self._stage, self._own(), self)
        form.taken.connect(self.wanted.emit)
        return form


class AsksForm(Popover):
    """Fields to tick and the share to be paid; ``taken(fields, percent)`` when it is closed with
    something else in it than before."""

    taken = Signal(object, object)

    def __init__(self, stage: Stage, own: Sequence[str], parent: QWidget) -> None:
        title = tr("A deal enters “{stage}” only with", stage=stage.name)
        super().__init__("settings-asks", title, parent)
        self._before = (tuple(stage.required), stage.paid_percent)
        self._given_up = False
        self.body.setContentsMargins(theme.M, theme.M, theme.M, theme.M)
        self.body.setSpacing(theme.S)
        self.body.addWidget(label(title, "strong", wrap=True))
        known = {**{name: tr(text) for name, text in REQUIRABLE.items()},
                 **{name: name for name in own}}  # fmt: skip
        self.flags: dict[str, Flag] = {}
        grid = QGridLayout()
        grid.setHorizontalSpacing(theme.L)
        grid.setVerticalSpacing(2)
        for at, (name, text) in enumerate(known.items()):
            flag = Flag(f"settings-asks-{name}", text, text)
            flag.set_value(name in stage.required)
            self.flags[name] = flag
            grid.addWidget(flag, at // _COLUMNS, at % _COLUMNS)
        self.body.addLayout(grid)
        self.percent = Entry(
            NumberKind(1, 100, unit="%"), "settings-asks-percent", tr("Share paid, %"), 72, "inline"
        )
        self.percent.set_value(None if stage.paid_percent is None else stage.paid_percent)
        self.percent.setPlaceholderText("—")
        self.percent.problem.connect(self._on_problem)
        self.percent.returnPressed.connect(self._save)
        row = QHBoxLayout()
        row.setSpacing(theme.S)
        row.addWidget(label(tr("Paid by the client")))
        row.addWidget(self.percent)
        row.addStretch(1)
        row.addWidget(PrimaryButton(tr("Save"), "settings-asks-ok", self._save))
        self.body.addLayout(row)
        self.problem = label("", "problem", wrap=True)
        self.problem.hide()
        self.body.addWidget(self.problem)
        hint = tr("A share of nothing is nothing: ask for the amount as well. A team lead may move "
                  "a deal all the same, with a reason.")  # fmt: skip
        self.body.addWidget(label(hint, "small", wrap=True))
        self.setFixedWidth(420)

    def showEvent(self, event: QShowEvent) -> None:
        next(iter(self.flags.values())).setFocus(Qt.FocusReason.PopupFocusReason)

    def _save(self) -> None:
        if self.percent.commit():
            self.close()
        else:
            self.percent.setFocus()

    def _on_problem(self, text: str) -> None:
        self.problem.setText(text)
        self.problem.setVisible(bool(text))
        self.adjustSize()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self._given_up = True
        super().keyPressEvent(event)

    def hideEvent(self, event: object) -> None:
        super().hideEvent(event)
        if self._given_up:
            return
        self.percent.commit()
        value: Any = self.percent.value()
        found = (
            tuple(name for name, flag in self.flags.items() if flag.isChecked()),
            None if value is None else int(value),
        )
        before = (tuple(sorted(self._before[0])), self._before[1])
        if (tuple(sorted(found[0])), found[1]) != before:
            self.taken.emit(found[0], found[1])
