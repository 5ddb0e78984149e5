"""What the page of months asks for in the background, in one reading."""

from dataclasses import dataclass
from typing import Any

from salesdesk.services import bonuses, closing, closing_corrections, closing_frozen, periods
from salesdesk.services import ranking as rankings
from salesdesk.services.bonuses import BonusSheet
from salesdesk.services.closing import Month, Outlook
from salesdesk.services.closing_corrections import Correction
from salesdesk.services.ranking_rows import Ranking


@dataclass(frozen=True, slots=True)
class Asked:
    """Which month; None: the latest that is over and open, else the latest that is over."""

    month: int | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """The list of months, and everything about the one that is shown: its ranking, what is doubtful
    while it is open, corrections and bonuses once it is closed."""

    asked: Asked
    months: tuple[Month, ...]
    shown: Month
    ranking: Ranking
    outlook: Outlook | None
    corrections: tuple[Correction, ...]
    sheet: BonusSheet | None

    def is_closable(self) -> bool:
        """Whether the month that is shown can be closed now."""
        return self.shown.is_over and self.shown.closing is None


def read(r: Any, asked: Asked, *, now: int) -> Answer:
    """Everything the page shows."""
    months = tuple(closing.months(r, now=now))
    month = _chosen(months) if asked.month is None else asked.month
    found = next((one for one in months if one.month == month), None)
    if found is None:  # further back than the list reaches
        found = closing.month_of(r, month, now=now)
        months = tuple(sorted((*months, found), key=lambda one: -one.month))
    ranking = rankings.ranking(r, periods.of_months(month), now=now)
    if closing_frozen.found(r, month, now) is None:
        outlook = closing.outlook(r, month, now=now)
        return Answer(asked, months, found, ranking, outlook, (), None)
    corrections = closing_corrections.corrections(r, month, now=now)
    sheet = bonuses.sheet(r, month, now=now)
    return Answer(asked, months, found, ranking, None, corrections, sheet)


def _chosen(months: tuple[Month, ...]) -> int:
    over = [one for one in months if one.is_over]
    waiting = [one for one in over if one.closing is None]
    shown = (waiting or over or list(months))[0]
    return shown.month
