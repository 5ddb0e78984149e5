"""What a ranking answers with: rows, the last line, and whether the month is closed."""

from dataclasses import dataclass
from decimal import Decimal

from salesdesk.services.levels import NORMED, PLANNED, Level
from salesdesk.services.periods import Period

#: The twelve metrics in their order.
METRICS = (
    "requests_total", "in_work", "requests_new", "meetings_scheduled", "meetings_held",
    "contracts_signed", "advances_paid", "won", "lost", "tasks_total", "tasks_overdue",
    "deals_without_tasks",
)  # fmt: skip
#: Everything with a level, in the order of the JSON.
LEVELLED = (*PLANNED, *NORMED)


@dataclass(frozen=True, slots=True)
class RankingRow:
    """A person's line; points and money are exact decimals, the latter in the workspace's currency.

    ``rank_change``: +1 is one place up against the period before. ``plans`` and ``norms`` are those
    of the whole period (rounded to hundredths; levels go by the exact ones), ``paces`` what of the
    plans falls on the working days gone. ``unrated`` names currencies left out of this row's money.
    ``saved_rank`` and ``saved_points`` are those of the saved points when others are tried out.
    The last line (everybody's sum) has neither a person nor a rank.
    """

    person_id: int | None
    person: str
    team_id: int | None
    team: str | None
    rank: int
    rank_change: int
    points: Decimal
    requests_total: int
    in_work: int
    requests_new: int
    meetings_scheduled: int
    meetings_held: int
    contracts_signed: int
    advances_paid: int
    won: int
    lost: int
    tasks_total: int
    tasks_overdue: int
    deals_without_tasks: int
    postponements: int
    revenue: Decimal
    gross_profit: Decimal
    standing: dict[str, int]
    levels: dict[str, Level]
    plans: dict[str, Decimal]
    norms: dict[str, Decimal]
    paces: dict[str, Decimal]
    unrated: tuple[str, ...] = ()
    saved_rank: int | None = None
    saved_points: Decimal | None = None

    def value(self, metric: str) -> int | Decimal:
        """Any of the numbers by its name; ``standing:meeting_held`` and the like too."""
        if metric.startswith("standing:"):
            return self.standing.get(metric.partition(":")[2], 0)
        found: int | Decimal = getattr(self, metric)
        return found


@dataclass(frozen=True, slots=True)
class Closing:
    """That a month is closed: when, and by whom (nobody in particular: None)."""

    at: int
    person_id: int | None
    person: str | None


@dataclass(frozen=True, slots=True)
class Ranking:
    """The ranking of a period; ``start`` and ``stop`` are the moments it covers, ``[start, stop)``.

    ``total`` is the last line. ``unrated`` names the currencies that are left out of the sums for
    want of a rate. ``weighted``: other points than the saved ones were tried out.
    ``closed``: the answer is that of a closed month, as it stood when it was closed.
    """

    period: Period
    start: int
    stop: int
    rows: tuple[RankingRow, ...]
    total: RankingRow
    unrated: tuple[str, ...]
    currency: str
    team_id: int | None = None
    pipeline_id: int | None = None
    weighted: bool = False
    closed: Closing | None = None
