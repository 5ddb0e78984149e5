"""What the charts below the ranking are drawn from: lines of points, bars of plan and fact."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property, partial

from salesdesk.services.levels import PLANNED
from salesdesk.services.ranking import RankingRow
from salesdesk.text import ntr, tr
from salesdesk.ui import formats
from salesdesk.ui.ranking import words
from salesdesk.ui.ranking.bars import BarLine
from salesdesk.ui.ranking.query import Answer
from salesdesk.ui.widgets.linechart import Series
from salesdesk.ui.widgets.period import days_text

#: The chart's colour that looks like an avatar's, by the avatar's index.
_LIKE_AVATAR = (4, 0, 1, 2, 3, 5, 6, 7, 8)
COLOURS = 9
#: So many bars at most, whatever the height.
_BARS = 16
#: Whose plans are drawn: the first of these that has any.
_DRAWN = ("revenue", "gross_profit", "won", "points", "contracts_signed", "meetings_held")


@dataclass(frozen=True)
class PersonLine:
    """A person's points, and the colour that looks like the avatar's; ``running()`` makes the sums
    by day of a line that is drawn."""

    person_id: int
    name: str
    running: Callable[[], Sequence[Decimal]]
    colour: int
    total: Decimal

    @cached_property
    def values(self) -> tuple[float, ...]:
        """The running sums by day."""
        return tuple(map(float, self.running()))


@dataclass(frozen=True, slots=True)
class Bars:
    """Bars with a title; ``count`` people have one, ``lines`` are the first of them."""

    title: str
    metric: str
    lines: list[BarLine]
    count: int

    def spoken(self) -> str:
        """For a screen reader."""
        return ", ".join([self.title, *(f"{line.name} {line.text}" for line in self.lines)])


def earners(answer: Answer) -> list[RankingRow]:
    """The people who earned points in the period, by rank."""
    return [row for row in answer.ranking.rows if row.person_id in answer.days.earned]


def points_title(answer: Answer) -> str:
    """``Points, 1–20 Nov 2026``: not beyond the days that have come."""
    days, period = answer.days.days, answer.ranking.period
    first, last = (days[0], days[-1]) if days else (period.first_day, period.last_day)
    return tr("Points, {days}", days=days_text(first, last))


def person_lines(answer: Answer) -> list[PersonLine]:
    """The running points of everybody who has any; colours repeat after ``COLOURS`` people."""
    lines: list[PersonLine] = []
    taken: set[int] = set()
    for row in earners(answer):
        person = row.person_id or 0
        colour = _colour(person, taken)
        taken.add(colour)
        if len(taken) == COLOURS:
            taken.clear()
        running = partial(answer.days.running, person)
        lines.append(PersonLine(person, row.person, running, colour, row.points))
    return lines


def day_labels(answer: Answer) -> list[str]:
    """What the days are called under a chart."""
    return [formats.day_short(day) for day in answer.days.days]


def points_spoken(lines: Sequence[PersonLine]) -> str:
    """The chart in words, for a screen reader."""
    said = ", ".join(f"{line.name} {formats.decimal(line.total)}" for line in lines)
    return tr("Points by day: {points}", points=said)


def light_series(lines: Sequence[PersonLine], most: int) -> tuple[list[Series], str]:
    """The first lines for the light chart, and how many more there are in words."""
    series = [Series(line.name, line.values, line.colour) for line in lines[:most]]
    more = len(lines) - len(series)
    return series, ntr("and {n} more", "and {n} more", more) if more else ""


def day_bars(answer: Answer) -> Bars:
    """The points of a single day: of the best as a full bar."""
    rows = earners(answer)
    most = max((row.points for row in rows), default=Decimal(0))
    lines = [
        BarLine(row.person_id or 0, row.person, formats.decimal(row.points),
                float(row.points / most) if most > 0 else 0.0)
        for row in rows[:_BARS]
    ]  # fmt: skip
    return Bars(tr("Points"), "points", lines, len(rows))


def planned_metrics(answer: Answer) -> list[str]:
    """The metrics that anybody has a plan of, the weightiest first."""
    order = (*_DRAWN, *(metric for metric in PLANNED if metric not in _DRAWN))
    return [m for m in order if any(row.plans.get(m) for row in answer.ranking.rows)]


def plan_bars(answer: Answer, wanted: str = "") -> Bars | None:
    """Plan and fact of everybody who has a plan of the metric ``wanted``, or of the weightiest;
    None where nobody has any."""
    rows, metrics = answer.ranking.rows, planned_metrics(answer)
    if not metrics:
        return None
    metric = wanted if wanted in metrics else metrics[0]
    planned = [row for row in rows if row.plans.get(metric)]
    unit = words.unit_for(answer.ranking)
    lines = [_plan_line(row, metric, answer, unit) for row in planned[:_BARS]]
    title = tr("Plan and fact: {what}", what=tr(words.TITLES[metric]))
    return Bars(title, metric, lines, len(planned))


def plain_plan_title(answer: Answer) -> str:
    """The title where nobody has a plan."""
    period = answer.ranking.period
    return tr("Plan and fact, {days}", days=days_text(period.first_day, period.last_day))


def _plan_line(row: RankingRow, metric: str, answer: Answer, unit: words.Unit) -> BarLine:
    plan, pace, fact = row.plans[metric], row.paces.get(metric), Decimal(row.value(metric))
    if metric in words.MONEY:
        text = f"{unit.figures(fact)} / {unit.figures(plan)}{formats.NO_BREAK}{unit.name}"
    else:
        text = f"{formats.decimal(fact)} / {words.target_text(plan)}"
    going = bool(pace) and pace != plan
    note = tr("pace {n} %", n=words.percent(fact, pace)) if pace and going else ""
    return BarLine(
        row.person_id or 0, row.person, text, float(fact / plan),
        row.levels.get(metric, "none"), float(pace / plan) if pace and going else None, note,
        lambda: "\n".join([row.person, *words.compared(row, metric, answer.ranking.currency)]),
    )  # fmt: skip


def _colour(person_id: int, taken: set[int]) -> int:
    """That of the person's avatar, or another one that is free."""
    place = person_id % 10
    first = _LIKE_AVATAR[place] if place < len(_LIKE_AVATAR) else place
    tried = [(first + step) % COLOURS for step in range(COLOURS)]
    return next((colour for colour in tried if colour not in taken), first % COLOURS)
