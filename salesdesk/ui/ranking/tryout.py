"""Other points for the stages, tried out without saving them: the ranking shows both orders."""

from collections.abc import Sequence
from decimal import Decimal

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QGridLayout, QLineEdit, QWidget

from salesdesk.services.ranking import Ranking, RankingRow
from salesdesk.text import tr
from salesdesk.ui import formats, theme
from salesdesk.ui.ranking.query import StagePoints
from salesdesk.ui.widgets.buttons import Button
from salesdesk.ui.widgets.labels import ElidedLabel, SectionLabel, label
from salesdesk.ui.widgets.lines import LineItem, LineList
from salesdesk.ui.widgets.panel import SidePanel

_TYPING_MS = 250
_FIELD = 84
_LIMIT = Decimal(10) ** 6


class TryPanel(SidePanel):
    """``tried(points)``: decimals by stage, of the stages whose points were changed.

    ``person_wanted(id)``: the points of this person are to be explained.
    """

    tried = Signal(object)
    person_wanted = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("ranking-try", "", parent=parent)
        self._stages: list[StagePoints] = []
        self._fields: dict[int, QLineEdit] = {}
        self.intro = label("", "muted", wrap=True)
        self._holder = QWidget()
        self._grid = QGridLayout(self._holder)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setVerticalSpacing(theme.XS)
        self._grid.setColumnStretch(0, 1)
        self.problem = label("", "problem", wrap=True)
        self.problem.hide()
        self.orders = SectionLabel(" ")
        self.lines = LineList("ranking-orders")
        self.reset = Button("", "ranking-try-reset", "plain", self.clear)
        for widget in (self.intro, self._holder, self.problem, self.orders, self.lines):
            self.body.addWidget(widget)
        self.body.addStretch(1)
        self.foot.addWidget(self.reset)
        self.lines.opened.connect(lambda item: self.person_wanted.emit(item.person))
        self._typing = QTimer(self, interval=_TYPING_MS, singleShot=True)
        self._typing.timeout.connect(self._tell)

    def retranslate(self) -> None:
        super().retranslate()
        self.set_title(tr("Try other points"))
        self.setAccessibleName(tr("Try other points"))
        self.area.setAccessibleName(tr("Try other points"))
        self.intro.setText(tr("Nothing is saved: close the panel, and the saved points are back."))
        self.orders.set_text(tr("Both orders"))
        self.lines.setAccessibleName(tr("Both orders"))
        self.reset.set_text(tr("Back to the saved points"))

    def set_stages(self, stages: Sequence[StagePoints]) -> None:
        """The stages with their saved points; what was tried is forgotten."""
        self._stages = list(stages)
        self._fields.clear()
        while (old := self._grid.takeAt(0)) is not None:
            if (widget := old.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        pipeline, row = "", 0
        several = len({stage.pipeline for stage in stages}) > 1
        for stage in stages:
            if several and stage.pipeline != pipeline:
                pipeline = stage.pipeline
                self._grid.addWidget(label(pipeline, "strong"), row, 0, 1, 2)
                row += 1
            self._grid.addWidget(ElidedLabel(stage.stage), row, 0)
            self._grid.addWidget(self._field(stage), row, 1)
            row += 1
        self.problem.hide()

    def _field(self, stage: StagePoints) -> QLineEdit:
        field = QLineEdit(formats.decimal(stage.points))
        field.setObjectName(f"ranking-try-{stage.stage_id}")
        field.setAccessibleName(tr("Points of {stage}", stage=stage.stage))
        field.setFixedWidth(_FIELD)
        field.textEdited.connect(lambda _text: self._typing.start())
        field.returnPressed.connect(self._tell)
        self._fields[stage.stage_id] = field
        return field

    def values(self) -> dict[int, Decimal]:
        """The points that differ from the saved ones; raises ``ValueError`` with a sentence."""
        found = {}
        for stage in self._stages:
            value = formats.read_decimal(self._fields[stage.stage_id].text())
            if abs(value) >= _LIMIT:
                raise ValueError(tr("These points are too many."))
            if value != stage.points:
                found[stage.stage_id] = value
        return found

    def clear(self) -> None:
        """The saved points again."""
        self.set_stages(self._stages)
        self.tried.emit({})

    def _tell(self) -> None:
        self._typing.stop()
        try:
            found = self.values()
        except ValueError as error:
            self.problem.setText(str(error))
            self.problem.show()
            return
        self.problem.hide()
        self.tried.emit(found)

    def show_orders(self, ranking: Ranking) -> None:
        """Who stands where with these points and with the saved ones."""
        both = [row for row in ranking.rows if row.saved_rank is not None]
        self.orders.setVisible(bool(both))
        self.lines.setVisible(bool(both))
        self.lines.set_items([_order(row) for row in both])


def _order(row: RankingRow) -> LineItem:
    saved = formats.decimal(row.saved_points or Decimal(0))
    below = tr("Saved: place {rank}, {points} points", rank=row.saved_rank, points=saved)
    return LineItem(
        f"{row.rank}. {row.person}", below=below, number=formats.decimal(row.points),
        person=row.person_id, initials=row.person, source=row,
    )  # fmt: skip
