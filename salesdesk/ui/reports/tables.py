"""The reports as tables of cells: what is shown, what it is in a file, and what is behind it."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from salesdesk.services.reports import FunnelStep, StageTime, Transition
from salesdesk.text import tr, trp
from salesdesk.ui import formats
from salesdesk.ui.reports.query import Answer, Behind
from salesdesk.ui.widgets.period import days_text

if TYPE_CHECKING:
    from salesdesk.services.exporting import Cell as FileCell
    from salesdesk.services.exporting import Sheet

ROWS = ("periods", "people", "teams")


@dataclass(frozen=True, slots=True)
class Cell:
    """``text`` as it is shown; ``behind`` is what can be listed."""

    text: str
    behind: Behind | None = None
    strong: bool = False
    quiet: bool = False


@dataclass(frozen=True, slots=True)
class Grid:
    """Heads, and rows of as many cells; the first column stands left, numbers right."""

    heads: tuple[str, ...]
    rows: list[list[Cell]]
    tips: tuple[str, ...] = ()


def days(value: Fraction | None) -> str:
    """Days with one decimal: ``3.4``."""
    if value is None:
        return formats.DASH
    exact = Decimal(value.numerator) / Decimal(value.denominator)
    return formats.decimal(exact.quantize(Decimal("0.1"), ROUND_HALF_UP), 1)


def percent(value: Fraction | None) -> str:
    """A fraction as ``52 %``."""
    if value is None:
        return formats.DASH
    exact = Decimal(100 * value.numerator) / Decimal(value.denominator)
    return tr("{n} %", n=formats.decimal(exact.quantize(Decimal(1), ROUND_HALF_UP), 0))


def bucket_text(first_day: int, by: str) -> str:
    """The name of a day, a week or a month by its first day."""
    if by == "month":
        on = date.fromordinal(first_day)
        return formats.month(on.year * 12 + on.month - 1)
    if by == "week":
        return days_text(first_day, first_day + 6)
    return formats.day(first_day)


# -- stage moves ----------------------------------------------------------------------------------


@dataclass(slots=True)
class _Pivot:
    """Counts by row and stage."""

    counts: dict[tuple[Any, int], int] = field(default_factory=lambda: defaultdict(int))
    rows: dict[Any, str] = field(default_factory=dict)

    def of_row(self, key: Any) -> int:
        return sum(n for (row, _), n in self.counts.items() if row == key)


def stages_of(answer: Answer) -> list[int]:
    """The stages that were entered, in the order of their pipelines."""
    last = len(answer.stages)
    found = {row.stage_id for row in answer.transitions}
    return sorted(found, key=lambda stage: (
        answer.stages[stage].place if stage in answer.stages else last, stage))  # fmt: skip


def transitions(answer: Answer, rows: str) -> Grid:
    """Moves with the stages as columns; ``rows`` is one of ``ROWS``."""
    pivot, stages = _pivot(answer, rows), stages_of(answer)
    names = {row.stage_id: row.stage for row in answer.transitions}
    first = {"people": tr("Manager"), "teams": tr("Team")}.get(rows, tr("Period"))
    heads = (first, *(names[stage] for stage in stages), trp("column", "Total"))
    lines = [_line(pivot, stages, key, text, rows) for key, text in pivot.rows.items()]
    if len(lines) > 1:
        total = [Cell(tr("Total"), strong=True)]
        for stage in stages:
            n = sum(n for (_, own), n in pivot.counts.items() if own == stage)
            total.append(Cell(formats.whole(n), Behind(stage), strong=True))
        n = sum(pivot.counts.values())
        total.append(Cell(formats.whole(n), Behind(), strong=True))
        lines.append(total)
    return Grid(heads, lines, heads)


def _pivot(answer: Answer, rows: str) -> _Pivot:
    pivot = _Pivot()
    for row in answer.transitions:
        key, text = _row_of(row, rows, answer.asked.by)
        pivot.rows.setdefault(key, text)
        pivot.counts[key, row.stage_id] += row.count
    if rows != "periods":
        nobody = {0: 1, "": 1}
        order = sorted(pivot.rows, key=lambda k: (nobody.get(k, 0), -pivot.of_row(k),
                                                  pivot.rows[k].casefold()))  # fmt: skip
        pivot.rows = {key: pivot.rows[key] for key in order}
    return pivot


def _row_of(row: Transition, rows: str, by: str) -> tuple[Any, str]:
    if rows == "people":
        return row.person_id or 0, row.person or tr("Nobody")
    if rows == "teams":
        return row.team or "", row.team or tr("Without a team")
    return row.first_day, bucket_text(row.first_day, by)


def _line(pivot: _Pivot, stages: list[int], key: Any, text: str, rows: str) -> list[Cell]:
    cells = [Cell(text)]
    total = 0
    for stage in stages:
        n = pivot.counts.get((key, stage), 0)
        total += n
        behind = _behind(key, rows, stage) if n else None
        cells.append(Cell(formats.whole(n) if n else "·", behind, quiet=not n))
    cells.append(Cell(formats.whole(total), _behind(key, rows, None), strong=True))
    return cells


def _behind(key: Any, rows: str, stage: int | None) -> Behind:
    if rows == "people":
        return Behind(stage, person_id=key)
    if rows == "teams":
        return Behind(stage, team=key)
    return Behind(stage, first_day=key)


# -- time in stage, funnel ------------------------------------------------------------------------


def stage_time(answer: Answer) -> Grid:
    """How long deals stood in each stage."""
    heads = (
        tr("Stage"), tr("Moves out"), tr("Median, days"), tr("Mean, days"), tr("90 %, days"),
        tr("Now in stage"),
    )  # fmt: skip
    tips = (
        "", tr("Deals that left the stage in the period"),
        tr("Half of them stood there no longer than this"), tr("The average"),
        tr("Nine of ten stood there no longer than this"),
        tr("Deals that stand there at the end of the period"),
    )  # fmt: skip
    return Grid(heads, [_time_line(row) for row in answer.times], tips)


def _time_line(row: StageTime) -> list[Cell]:
    return [
        Cell(row.stage), Cell(formats.whole(row.moves_out), quiet=not row.moves_out),
        Cell(days(row.median_days), strong=row.median_days is not None),
        Cell(days(row.mean_days)), Cell(days(row.p90_days)),
        Cell(formats.whole(row.now_in_stage), quiet=not row.now_in_stage),
    ]  # fmt: skip


def funnel(answer: Answer) -> Grid:
    """How far the deals of a period came."""
    heads = (
        tr("Stage"), tr("Reached"), tr("From the first"), tr("From the one before"),
        tr("Entered this very stage"),
    )  # fmt: skip
    tips = (
        "", tr("Deals that reached this stage or a later one"), tr("Share of the first step"),
        tr("Share of the step before"), tr("Deals that stood in this stage itself"),
    )  # fmt: skip
    steps = answer.funnel.steps if answer.funnel is not None else ()
    return Grid(heads, [_step_line(step) for step in steps], tips)


def _step_line(step: FunnelStep) -> list[Cell]:
    return [
        Cell(step.stage), Cell(formats.whole(step.reached), strong=True),
        Cell(percent(step.conversion_from_first)), Cell(percent(step.conversion_from_previous)),
        Cell(formats.whole(step.entered)),
    ]  # fmt: skip


# -- as a file ------------------------------------------------------------------------------------


def sheet(answer: Answer) -> "Sheet":
    """The report as a table to save; stage moves a line each, as the command line has them."""
    from salesdesk.services import exporting

    if answer.asked.report == "stage-time":
        grid = stage_time(answer)
        rows = [_time_cells(row) for row in answer.times]
        return exporting.sheet(tr("Time in stage"), grid.heads, rows)
    if answer.asked.report == "funnel":
        grid = funnel(answer)
        steps = answer.funnel.steps if answer.funnel is not None else ()
        return exporting.sheet(tr("Funnel"), grid.heads, [_step_cells(step) for step in steps])
    heads = (tr("Period"), tr("Pipeline"), tr("Stage"), tr("Manager"), tr("Team"), tr("Moves"))
    lines = [
        (date.fromordinal(row.first_day), row.pipeline, row.stage, row.person, row.team, row.count)
        for row in answer.transitions
    ]
    return exporting.sheet(tr("Stage moves"), heads, lines)


def _time_cells(row: StageTime) -> "list[FileCell]":
    return [
        row.stage, row.moves_out, _rounded(row.median_days, 2), _rounded(row.mean_days, 2),
        _rounded(row.p90_days, 2), row.now_in_stage,
    ]  # fmt: skip


def _step_cells(step: FunnelStep) -> "list[FileCell]":
    return [
        step.stage, step.reached, _rounded(step.conversion_from_first, 4),
        _rounded(step.conversion_from_previous, 4), step.entered,
    ]  # fmt: skip


def _rounded(value: Fraction | None, places: int) -> Decimal | None:
    if value is None:
        return None
    exact = Decimal(value.numerator) / Decimal(value.denominator)
    return exact.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
