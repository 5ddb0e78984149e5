"""The cards under the table: points over the days of the period, plan and fact of each person."""

from collections.abc import Callable
from decimal import Decimal

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QWidget

from salesdesk.services.ranking import RankingRow
from salesdesk.text import ntr, tr
from salesdesk.ui import formats, theme
from salesdesk.ui.ranking import words
from salesdesk.ui.ranking.bars import BarLine, BarList
from salesdesk.ui.ranking.query import Answer
from salesdesk.ui.widgets.empty import EmptyState
from salesdesk.ui.widgets.labels import Card
from salesdesk.ui.widgets.linechart import LineChart, Series
from salesdesk.ui.widgets.period import days_text

_COLOURED = 7
#: Others are drawn faint, so many at most; and so many bars, whatever the height.
_FAINT, _BARS = 20, 16
#: The chart's colour that looks like an avatar's, by the avatar's index.
_LIKE_AVATAR = (4, 0, 1, 2, 3, 5, 6, 7, 8)
_COLOURS = 9
#: Whose plans are drawn: the first of these that has any.
_DRAWN = ("revenue", "gross_profit", "won", "points", "contracts_signed", "meetings_held")


class Charts(QWidget):
    """``picked(person_id, metric)``: a person's bar was clicked."""

    picked = Signal(int, str)

    def __init__(
        self,
        set_plans: Callable[[], object],
        show_month: Callable[[], object],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._set_plans, self._show_month = set_plans, show_month
        self._answer: Answer | None = None
        self._strong: int | None = None
        self._drawn = "revenue"
        self.lines = LineChart("ranking-lines", lambda value: formats.decimal(_plain(value)))
        self.day = BarList("ranking-day-points")
        self.no_points = EmptyState("ranking-no-points", "", icon="ranking")
        self.points = self._card(self.lines, self.day, self.no_points)
        self.bars = BarList("ranking-plans")
        self.no_plans = EmptyState("ranking-no-plans", " ", " ", self._on_plans, "flag")
        self.plans = self._card(self.bars, self.no_plans)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.M)
        row.addWidget(self.points, 7)
        row.addWidget(self.plans, 4)
        self.day.picked.connect(lambda person: self.picked.emit(person, "points"))
        self.bars.picked.connect(lambda person: self.picked.emit(person, self._drawn))

    def _card(self, *pages: QWidget) -> Card:
        card = Card(" ", theme.M)
        stack = QStackedWidget()
        for page in pages:
            stack.addWidget(page)
        card.body.addWidget(stack, 1)
        return card

    def _show(self, card: Card, page: QWidget) -> None:
        stack = page.parentWidget()
        assert isinstance(stack, QStackedWidget)
        stack.setCurrentWidget(page)

    def set_answer(self, answer: Answer) -> None:
        """Draw another state."""
        self._answer = answer
        self.retranslate()

    def set_strong(self, person_id: int | None) -> None:
        """Draw this person's line stronger."""
        if person_id != self._strong:
            self._strong = person_id
            if self._answer is not None:
                self._show_points(self._answer)

    def retranslate(self) -> None:
        """Say everything anew."""
        self.no_points.set_texts(
            tr("No points in this period yet: a deal earns them when it enters a stage.")
        )
        if self._answer is not None:
            self._show_points(self._answer)
            self._show_plans(self._answer)

    # -- points -------------------------------------------------------------------------------

    def _show_points(self, answer: Answer) -> None:
        days = answer.days.days
        shown = answer.ranking.period if not days else None
        first, last = (days[0], days[-1]) if shown is None else (shown.first_day, shown.last_day)
        self.points.title.set_text(tr("Points, {days}", days=days_text(first, last)))
        rows = [row for row in answer.ranking.rows if row.person_id in answer.days.earned]
        if not rows:
            self._show(self.points, self.no_points)
        elif len(days) == 1:
            self._show_day(rows)
        else:
            self._show_lines(answer, rows)

    def _show_day(self, rows: list[RankingRow]) -> None:
        most = max(row.points for row in rows)
        lines = [
            BarLine(row.person_id or 0, row.person, formats.decimal(row.points),
                    float(row.points / most) if most > 0 else 0.0)
            for row in rows[:_BARS]
        ]  # fmt: skip
        self.day.set_lines(lines, len(rows), _spoken(tr("Points"), lines))
        self._show(self.points, self.day)

    def _show_lines(self, answer: Answer, rows: list[RankingRow]) -> None:
        series: list[Series] = []
        taken: set[int] = set()
        for at, row in enumerate(rows):
            strong = row.person_id == self._strong
            if at >= _FAINT and not strong:
                continue
            colour = None
            if len(taken) < _COLOURED or strong:
                colour = _colour(row.person_id or 0, taken)
                taken.add(colour)
            running = answer.days.running(row.person_id or 0)
            values = tuple(float(value) for value in running)
            series.append(Series(row.person, values, colour, strong))
        labels = [formats.day_short(day) for day in answer.days.days]
        others = len(rows) - len(taken)
        more = ntr("and {n} more", "and {n} more", others) if others else ""
        said = ", ".join(f"{r.person} {formats.decimal(r.points)}" for r in rows[:_FAINT])
        self.lines.set_data(series, labels, more, tr("Points by day: {points}", points=said))
        self._show(self.points, self.lines)

    # -- plans --------------------------------------------------------------------------------

    def _show_plans(self, answer: Answer) -> None:
        rows = answer.ranking.rows
        found = [m for m in _DRAWN if any(row.plans.get(m) for row in rows)]
        period = answer.ranking.period
        days = days_text(period.first_day, period.last_day)
        if not found:
            self.plans.title.set_text(tr("Plan and fact, {days}", days=days))
            self._say_why(period.is_day)
            self._show(self.plans, self.no_plans)
            return
        self._drawn = found[0]
        title = tr("Plan and fact: {what}", what=tr(words.TITLES[self._drawn]))
        self.plans.title.set_text(title)
        planned = [row for row in rows if row.plans.get(self._drawn)]
        unit = words.unit_for(answer.ranking)
        lines = [self._plan_line(row, answer, unit) for row in planned[:_BARS]]
        self.bars.set_lines(lines, len(planned), _spoken(f"{title}, {days}", lines))
        self._show(self.plans, self.bars)

    def _say_why(self, one_day: bool) -> None:
        if one_day:
            self.no_plans.set_texts(
                tr("A single day is not held against plans: choose a week or a month."),
                tr("Show the month"),
            )
        else:
            self.no_plans.set_texts(
                tr("No plans for this period yet: with plans, the numbers take on colours."),
                tr("Set plans"),
            )

    def _on_plans(self) -> None:
        if self._answer is not None and self._answer.ranking.period.is_day:
            self._show_month()
        else:
            self._set_plans()

    def _plan_line(self, row: RankingRow, answer: Answer, unit: words.Unit) -> BarLine:
        metric = self._drawn
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
    tried = [(first + step) % _COLOURS for step in range(_COLOURS)]
    return next((colour for colour in tried if colour not in taken), first % _COLOURS)


def _plain(value: float) -> Decimal:
    return Decimal(repr(round(value, 4)))


def _spoken(title: str, lines: list[BarLine]) -> str:
    return ", ".join([title, *(f"{line.name} {line.text}" for line in lines)])
