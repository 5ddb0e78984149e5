"""The ranking as a file: a table with plans and the other period beside the facts, a page for the
wall, a picture."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QMenu, QWidget

from salesdesk.services.levels import PLANNED
from salesdesk.services.ranking import METRICS, RankingRow
from salesdesk.text import tr
from salesdesk.ui import saving, theme
from salesdesk.ui.context import Context
from salesdesk.ui.ranking import words
from salesdesk.ui.ranking.columns import STANDING
from salesdesk.ui.ranking.query import Answer
from salesdesk.ui.widgets.period import days_text
from salesdesk.ui.widgets.popup import menu

if TYPE_CHECKING:
    from salesdesk.services.exporting import Cell, Sheet

_ALL = ("points", *METRICS, *STANDING, "postponements", *words.MONEY)


def sheet(answer: Answer) -> "Sheet":
    """A row a person and one for the sum; behind each number the plan, where it has one, and the
    number of the period that it is compared with."""
    from salesdesk.services import exporting

    ranking, other, before = answer.ranking, answer.other, answer.rows_before()
    rows = (*ranking.rows, ranking.total)
    planned = [m for m in PLANNED if any(m in row.plans for row in rows)]
    heads = [tr("Rank"), tr("Change"), tr("Manager"), tr("Team")]
    for metric in _ALL:
        title = tr(words.TITLES[metric])
        heads.append(f"{title}, {ranking.currency}" if metric in words.MONEY else title)
        if metric in planned:
            heads.append(tr("Plan: {name}", name=title))
        if other is not None:
            days = days_text(other.period.first_day, other.period.last_day)
            heads.append(tr("{name}, {days}", name=title, days=days))
    cells = [_row(row, planned, before.get(row.person_id)) for row in rows]
    return exporting.sheet(tr("Ranking"), heads, cells)


def _row(row: RankingRow, planned: list[str], before: RankingRow | None) -> "list[Cell]":
    person = row.person_id is not None
    cells: list[Cell] = [
        row.rank if person else None, row.rank_change if person else None,
        row.person if person else tr("Total"), row.team,
    ]  # fmt: skip
    for metric in _ALL:
        cells.append(row.value(metric))
        if metric in planned:
            cells.append(row.plans.get(metric))
        if before is not None:
            cells.append(before.value(metric))
    return cells


@dataclass(frozen=True, slots=True)
class Given:
    """What is saved: the answer, to what it is limited in words, the columns on the screen."""

    answer: Answer
    about: Sequence[str]
    columns: Sequence[str]


def file_menu(context: Context, parent: QWidget, given: Given) -> QMenu:
    """A menu of everything that the ranking can be saved as."""
    period = given.answer.ranking.period
    days = days_text(period.first_day, period.last_day)
    name = f"{tr('Ranking')} {days}".replace("\u00a0", " ")

    def table(suffix: str) -> Callable[[], object]:
        file = f"{name}.{suffix}"
        return lambda: saving.save(context, parent, file, lambda: sheet(given.answer))

    def drawn(suffix: str, without_red: bool) -> Callable[[], object]:
        return lambda: saving.save_drawn(
            context, parent, f"{name}.{suffix}",
            lambda path: _draw(context, path, given, without_red),
        )  # fmt: skip

    return menu(
        [
            ("csv", tr("Table as CSV…"), table("csv")),
            ("xlsx", tr("Table as XLSX…"), table("xlsx")),
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
