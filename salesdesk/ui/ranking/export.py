"""The ranking as a table to save: headings in the chosen language, plans beside the facts."""

from typing import TYPE_CHECKING

from salesdesk.services.levels import PLANNED
from salesdesk.services.ranking import METRICS, Ranking, RankingRow
from salesdesk.text import tr
from salesdesk.ui.ranking import words

if TYPE_CHECKING:
    from salesdesk.services.exporting import Cell, Sheet

_ALL = ("points", *METRICS, "postponements", *words.MONEY)


def sheet(answer: Ranking) -> "Sheet":
    """A row a person and one for the sum; the plan stands behind each number that has one."""
    from salesdesk.services import exporting

    rows = (*answer.rows, answer.total)
    planned = [m for m in PLANNED if any(m in row.plans for row in rows)]
    heads = [tr("Rank"), tr("Change"), tr("Manager"), tr("Team")]
    for metric in _ALL:
        title = tr(words.TITLES[metric])
        heads.append(f"{title}, {answer.currency}" if metric in words.MONEY else title)
        if metric in planned:
            heads.append(tr("Plan: {name}", name=title))
    return exporting.sheet(tr("Ranking"), heads, [_row(row, planned) for row in rows])


def _row(row: RankingRow, planned: list[str]) -> "list[Cell]":
    person = row.person_id is not None
    cells: list[Cell] = [
        row.rank if person else None, row.rank_change if person else None,
        row.person if person else tr("Total"), row.team,
    ]  # fmt: skip
    for metric in _ALL:
        cells.append(row.value(metric))
        if metric in planned:
            cells.append(row.plans.get(metric))
    return cells
