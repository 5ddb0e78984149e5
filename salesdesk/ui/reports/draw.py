"""The card above the table: the chart that belongs to a report."""

from fractions import Fraction

from PySide6.QtWidgets import QStackedWidget, QWidget

from salesdesk.services.reports import FunnelStep, StageTime
from salesdesk.text import tr
from salesdesk.ui import formats, theme
from salesdesk.ui.reports import tables
from salesdesk.ui.reports.charts import Part, StackedColumns, StageBar, StageBars
from salesdesk.ui.reports.query import Answer
from salesdesk.ui.widgets.labels import Card
from salesdesk.ui.widgets.period import days_text

_UNKNOWN = "slate"


class ChartCard(Card):
    """``set_answer`` draws a report."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(" ", theme.M, parent)
        self.columns = StackedColumns("reports-columns")
        self.bars = StageBars("reports-bars")
        self._stack = QStackedWidget()
        self._stack.addWidget(self.columns)
        self._stack.addWidget(self.bars)
        self.body.addWidget(self._stack, 1)

    def set_answer(self, answer: Answer) -> None:
        """Draw another report."""
        period = answer.asked.period
        days = days_text(period.first_day, period.last_day)
        report = answer.asked.report
        if report == "transitions":
            self.title.set_text(tr("Stage moves, {days}", days=days))
            self._columns(answer)
        elif report == "funnel":
            self.title.set_text(tr("Funnel of the deals created {days}", days=days))
            self._funnel(answer)
        else:
            self.title.set_text(tr("Days in stage: median, and nine of ten, {days}", days=days))
            self._times(answer)
        self._stack.setCurrentWidget(self.columns if report == "transitions" else self.bars)

    def full_height(self) -> int:
        """As high as is of use: bars need no more than their rows."""
        if self._stack.currentWidget() is self.columns:
            return 10 * theme.ROW_HEIGHT
        return self.bars.sizeHint().height() + theme.ROW_HEIGHT + theme.L

    def _columns(self, answer: Answer) -> None:
        firsts = sorted({row.first_day for row in answer.transitions})
        firsts = _all_between(firsts, answer.asked.by)
        place = {first: at for at, first in enumerate(firsts)}
        parts = []
        for stage in tables.stages_of(answer):
            values, name = [0] * len(firsts), ""
            for row in answer.transitions:
                if row.stage_id == stage:
                    values[place[row.first_day]] += row.count
                    name = row.stage
            look = answer.stages.get(stage)
            parts.append(Part(name, look.colour if look else _UNKNOWN, tuple(values)))
        labels = [_short(first, answer.asked.by) for first in firsts]
        total = sum(row.count for row in answer.transitions)
        spoken = tr("{n} moves in {days}", n=formats.whole(total), days=self.title.text())
        self.columns.set_data(parts, labels, spoken)

    def _funnel(self, answer: Answer) -> None:
        steps = answer.funnel.steps if answer.funnel is not None else ()
        most = max((step.reached for step in steps), default=0) or 1
        bars = [
            StageBar(
                step.stage, _colour(answer, step.stage_id), step.reached / most,
                formats.whole(step.reached), note=_conversion(step, at), tip=_step_tip(step),
            )
            for at, step in enumerate(steps)
        ]  # fmt: skip
        self.bars.set_bars(bars, ", ".join(f"{bar.name} {bar.text}" for bar in bars))

    def _times(self, answer: Answer) -> None:
        rows = [row for row in answer.times if row.moves_out]
        most = max((float(row.p90_days) for row in rows if row.p90_days), default=0.0) or 1.0
        bars = [
            StageBar(
                row.stage, _colour(answer, row.stage_id), _part(row.median_days, most),
                tables.days(row.median_days), _part(row.p90_days, most), _most(row), _tip(row),
            )
            for row in rows
        ]  # fmt: skip
        self.bars.set_bars(bars, ", ".join(f"{bar.name} {bar.text}" for bar in bars))


def _colour(answer: Answer, stage_id: int) -> str:
    look = answer.stages.get(stage_id)
    return look.colour if look is not None else _UNKNOWN


def _part(value: Fraction | None, most: float) -> float:
    return float(value) / most if value is not None else 0.0


def _most(row: StageTime) -> str:
    return tr("9 of 10: {days}", days=tables.days(row.p90_days))


def _tip(row: StageTime) -> str:
    lines = [
        row.stage,
        tr("Median {days} days", days=tables.days(row.median_days)),
        tr("Mean {days} days", days=tables.days(row.mean_days)),
        tr("Nine of ten {days} days", days=tables.days(row.p90_days)),
        tr("Now in stage: {n}", n=formats.whole(row.now_in_stage)),
    ]
    return "\n".join(lines)


def _conversion(step: FunnelStep, at: int) -> str:
    if at == 0:
        return ""
    return tr(
        "{first} of the first · {before} of the one before",
        first=tables.percent(step.conversion_from_first),
        before=tables.percent(step.conversion_from_previous),
    )


def _step_tip(step: FunnelStep) -> str:
    entered = tr("Entered this very stage: {n}", n=formats.whole(step.entered))
    return f"{step.stage}\n{tr('Reached: {n}', n=formats.whole(step.reached))}\n{entered}"


def _all_between(firsts: list[int], by: str) -> list[int]:
    """Days, weeks or months without moves have a place in the chart too."""
    if not firsts:
        return []
    from salesdesk.services.periods import bucket_start

    return sorted({bucket_start(day, by) for day in range(firsts[0], firsts[-1] + 1)} | set(firsts))


def _short(first: int, by: str) -> str:
    return tables.bucket_text(first, by) if by == "month" else formats.day_short(first)
