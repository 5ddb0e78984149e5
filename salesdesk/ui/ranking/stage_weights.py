"""The points of the stages as a form: a slider and a number each, by pipeline."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QLineEdit, QWidget

from salesdesk.services.what_if import TriedStage
from salesdesk.text import tr
from salesdesk.ui import formats, theme
from salesdesk.ui.widgets.labels import ElidedLabel, label
from salesdesk.ui.widgets.slider import Slider

_FIELD = 44
_NAME = 128
_LIMIT = Decimal(10) ** 6


class _Scale:
    """What the steps of a slider stand for: a tenth, a half or a whole point each."""

    def __init__(self, saved: Decimal) -> None:
        size = abs(saved)
        self.step = Decimal("0.1") if size <= 1 else Decimal("0.5") if size <= 10 else Decimal(1)
        self.limit = int(max(2 * size, Decimal(2)) / self.step)

    def steps(self, points: Decimal) -> int:
        """The step nearest to so many points."""
        return int((max(points, Decimal(0)) / self.step).to_integral_value())


class _Row:
    """The widgets of one stage."""

    def __init__(self, stage: TriedStage, form: "StageWeights") -> None:
        self.stage = stage
        self.scale = _Scale(stage.points)
        self.name = ElidedLabel(stage.stage)
        self.slider = Slider(f"ranking-slide-{stage.stage_id}", "")
        self.slider.set_limit(self.scale.limit)
        self.slider.set_mark(self.scale.steps(stage.points))
        self.field = QLineEdit()
        self.field.setObjectName(f"ranking-try-{stage.stage_id}")
        self.field.setFixedWidth(_FIELD)
        self.field.textEdited.connect(lambda _text: form.typed(self))
        self.field.editingFinished.connect(self.show_number)
        self.slider.valueChanged.connect(lambda step: form.slid(self, step))
        self.value = stage.points
        self.show(stage.points)

    def show(self, points: Decimal) -> None:
        """Show so many points, without telling."""
        self.value = points
        self._slide()
        self.field.setText(formats.decimal(points))

    def show_number(self) -> None:
        """Write the number as it is written here, once it has been typed."""
        self.field.setText(formats.decimal(self.value))

    def take(self, points: Decimal) -> None:
        """Points that were typed: the slider follows."""
        self.value = points
        self._slide()

    def _slide(self) -> None:
        self.slider.blockSignals(True)
        self.slider.setValue(self.scale.steps(self.value))
        self.slider.blockSignals(False)
        self.slider.update()

    def retranslate(self) -> None:
        spoken = tr("Points of {stage}", stage=self.stage.stage)
        for widget in (self.slider, self.field):
            widget.setAccessibleName(spoken)
            saved = formats.decimal(self.stage.points)
            widget.setToolTip(tr("Saved: {points}", points=saved))
        self.show_number()


class StageWeights(QWidget):
    """``changed()``: other points are tried; ``problem(text)``: what was typed is no number (empty:
    it is one)."""

    changed = Signal()
    problem = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._stages: tuple[TriedStage, ...] = ()
        self._rows: dict[int, _Row] = {}
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(theme.S)
        self._grid.setVerticalSpacing(2)
        self._grid.setColumnMinimumWidth(0, _NAME)
        self._grid.setColumnStretch(1, 1)

    def set_stages(self, stages: Sequence[TriedStage]) -> None:
        """The stages and what they earn; what is tried stays where the stage is there still."""
        same = [(one.stage_id, one.stage, one.points) for one in stages]
        if same == [(one.stage_id, one.stage, one.points) for one in self._stages]:
            return
        tried = self.values()
        self._stages = tuple(stages)
        self._clear()
        several = len({stage.pipeline_id for stage in stages}) > 1
        pipeline: int | None = None
        for stage in stages:
            at = self._grid.rowCount()
            if several and stage.pipeline_id != pipeline:
                pipeline = stage.pipeline_id
                self._grid.addWidget(label(stage.pipeline, "small"), at, 0, 1, 3)
                at += 1
            row = self._rows[stage.stage_id] = _Row(stage, self)
            for column, widget in enumerate((row.name, row.slider, row.field)):
                self._grid.addWidget(widget, at, column)
            row.retranslate()
        self.set_values(tried)

    def _clear(self) -> None:
        self._rows.clear()
        while (old := self._grid.takeAt(0)) is not None:
            if (widget := old.widget()) is not None:
                widget.hide()
                widget.deleteLater()

    def row(self, stage_id: int) -> _Row:
        """The widgets of a stage."""
        return self._rows[stage_id]

    def values(self) -> dict[int, Decimal]:
        """The points that differ from the saved ones, by stage."""
        return {key: row.value for key, row in self._rows.items() if row.value != row.stage.points}

    def set_values(self, tried: Mapping[int, Decimal]) -> None:
        """Show these points, the saved ones for the other stages; without telling."""
        for key, row in self._rows.items():
            row.show(tried.get(key, row.stage.points))
        self.problem.emit("")

    def retranslate(self) -> None:
        """Set every text anew."""
        for row in self._rows.values():
            row.retranslate()

    def slid(self, row: _Row, step: int) -> None:
        """A slider was moved."""
        row.value = step * row.scale.step
        row.show_number()
        self.problem.emit("")
        self.changed.emit()

    def typed(self, row: _Row) -> None:
        """A number is being typed."""
        try:
            points = formats.read_decimal(row.field.text())
            if abs(points) >= _LIMIT:
                raise ValueError(tr("These points are too many."))
        except ValueError as error:
            self.problem.emit(str(error))
            return
        row.take(points)
        self.problem.emit("")
        self.changed.emit()
