"""The ranking as a file: a table with plans and the other period beside the facts, a page for the
wall, a picture."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QMenu, QWidget

from salesdesk.services.levels import PLANNED
from salesdesk.services.ranking import METRICS, RankingRow
from salesdesk.services.report_table import Column, Holds, Row, Table, Value
from salesdesk.text import tr
from salesdesk.ui import saving, theme
from salesdesk.ui.context import Context
from salesdesk.ui.ranking import words
from salesdesk.ui.ranking.columns import STANDING
from salesdesk.ui.ranking.query import Answer
from salesdesk.ui.widgets.period import days_text
from salesdesk.ui.widgets.popup import menu

if TYPE_CHECKING:
    from salesdesk.services.exporting import Sheet

_ALL = ("points", *METRICS, *STANDING, "postponements", *words.MONEY)


def table(answer: Answer) -> Table:
    """A row a person and one for the sum; behind each number the plan, where it has one, and the
    number of the period that it is compared with."""
    ranking, other, before = answer.ranking, answer.other, answer.rows_before()
    people = (*ranking.rows, ranking.total)
    planned = [m for m in PLANNED if any(m in row.plans for row in people)]
    columns = [
        Column("rank", tr("Rank"), named=True), Column("change", tr("Change"), named=True),
        Column("person", tr("Manager"), "text", named=True),
        Column("team", tr("Team"), "text", named=True),
    ]  # fmt: skip
    for metric in _ALL:
        title, holds = tr(words.TITLES[metric]), _holds(metric)
        head = f"{title}, {ranking.currency}" if metric in words.MONEY else title
        plan = f"{metric}_plan" if metric in planned else ""
        columns.append(Column(metric, head, holds, named=True, plan=plan))
        if plan:
            target: Holds = "amount" if metric in words.MONEY else "number"
            columns.append(Column(plan, tr("Plan: {name}", name=title), target, named=True))
        if other is not None:
            days = days_text(other.period.first_day, other.period.last_day)
            head = tr("{name}, {days}", name=title, days=days)
            columns.append(Column(f"{metric}_before", head, holds, named=True))
    *rows, total = (_row(row, planned, before.get(row.person_id)) for row in people)
    return Table(tuple(columns), tuple(rows), ranking.currency, total)


def sheet(answer: Answer) -> "Sheet":
    """The same with plain figures."""
    from salesdesk.services import report_files

    return report_files.csv_sheet(table(answer), report_files.Told(tr("Ranking")), None)


def _holds(metric: str) -> Holds:
    if metric in words.MONEY:
        return "amount"
    return "points" if metric == "points" else "count"


def _row(row: RankingRow, planned: list[str], before: RankingRow | None) -> Row:
    person = row.person_id is not None
    cells: list[Value] = [
        row.rank if person else None, row.rank_change if person else None,
        row.person if person else None, row.team,
    ]  # fmt: skip
    for metric in _ALL:
        cells.append(row.value(metric))
        if metric in planned:
            cells.append(row.plans.get(metric))
        if before is not None:
            cells.append(before.value(metric))
    return Row(tuple(cells), levels=row.levels if person else {})


@dataclass(frozen=True, slots=True)
class Given:
    """What is saved: the answer, to what it is limited in words, the columns on the screen."""

    answer: Answer
    about: Sequence[str]
    columns: Sequence[str]


#: An entry of the menu: its key, what it says, what it does.
Entry = tuple[str, str, Callable[[], object]]


def file_menu(
    context: Context, parent: QWidget, given: Given, before: Sequence[Entry] = ()
) -> QMenu:
    """A menu of everything that the ranking can be saved as; ``before`` are entries above it."""
    period = given.answer.ranking.period
    days = days_text(period.first_day, period.last_day)
    name = f"{tr('Ranking')} {days}".replace("\u00a0", " ")

    def plain() -> None:
        saving.save(context, parent, f"{name}.csv", lambda: sheet(given.answer))

    def book() -> None:
        from salesdesk.services.report_files import Told

        lines = [(tr("Period"), days), *((tr("Limited to"), each) for each in given.about)]
        told = Told(tr("Ranking"), tuple(lines))
        saving.save_book(context, parent, f"{name}.xlsx", table(given.answer), told)

    def drawn(suffix: str, without_red: bool) -> Callable[[], object]:
        return lambda: saving.save_drawn(
            context, parent, f"{name}.{suffix}",
            lambda path: _draw(context, path, given, without_red),
        )  # fmt: skip

    return menu(
        [
            *before,
            *([None] if before else []),
            ("csv", tr("Table as CSV…"), plain),
            ("xlsx", tr("Table as XLSX…"), book),
            None,
            ("pdf", tr("Page for the wall as PDF…"), drawn("pdf", False)),
            ("pdf-plain", tr("The same without red cells…"), drawn("pdf", True)),
            ("png", tr("Picture as PNG…"), drawn("png", False)),
        ],
        "ranking-export-menu",
        parent,
    )


def _draw(context: Context, path: Path, given: Given, without_red: bool) -> None:
    about = [*given.about, tr("points tried out")] if given.answer.ranking.weighted else given.about
    if path.suffix.lower() == ".pdf":
        from salesdesk.ui.ranking import paper

        paper.save(
            given.answer, about, path, context.store.zone, context.now(),
            columns=given.columns, without_red=without_red,
        )  # fmt: skip
        return
    from salesdesk.ui.ranking import picture

    mode = theme.current().name
    picture.save(given.answer, about, path, mode, without_red=without_red)
