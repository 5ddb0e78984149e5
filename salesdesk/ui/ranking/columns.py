"""The columns of the ranking: which there are, which are shown at first, what each says of a row.

Their order here is that of the model; the table shows those a person chose, in the chosen order.
"""

from collections.abc import Iterable
from decimal import Decimal

from salesdesk.services.metric_names import MONEY
from salesdesk.services.ranking import METRICS, RankingRow

#: The metrics beside which standing deals can be shown, and in whose stages they stand.
MILESTONE_OF = {
    "meetings_scheduled": "meeting_scheduled",
    "meetings_held": "meeting_held",
    "contracts_signed": "contract_signed",
    "advances_paid": "advance_paid",
}
STANDING = {f"standing:{milestone}": milestone for milestone in MILESTONE_OF.values()}
#: Fact against what of the plan falls on the working days gone, in percent.
PACES = {f"pace_{metric}": metric for metric in ("points", *MONEY)}
#: Shown at first, from the left.
BASIC = ("rank", "person", "points", "weeks", *METRICS, *MONEY)
#: Offered beside them.
EXTRA = ("team", *STANDING, "postponements", *PACES)
COLUMNS = (*BASIC, *EXTRA)
#: Columns whose numbers open the panel under their own name; the first ones open the points.
NUMBERS = ("points", *METRICS, *MONEY, *STANDING, "postponements", *PACES)
#: Those that always stand at the left.
FIXED = ("rank", "person")
_NUMERIC = frozenset(NUMBERS)


def is_number(column: str) -> bool:
    """Whether a column holds numbers."""
    return column in _NUMERIC


def chosen(names: Iterable[str]) -> tuple[str, ...]:
    """Columns as they were remembered: unknown ones and repetitions are left out, the fixed ones
    come first; the basic ones when nothing is left."""
    found = [name for name in dict.fromkeys(names) if name in COLUMNS and name not in FIXED]
    return (*FIXED, *found) if found else BASIC


def value_of(row: RankingRow, column: str) -> int | Decimal | None:
    """The number of a row in a column; a pace is a share (1 is the plan's), None without a plan."""
    if column in PACES:
        metric = PACES[column]
        pace = row.paces.get(metric)
        return Decimal(row.value(metric)) / pace if pace else None
    if column in STANDING:
        return row.standing.get(STANDING[column], 0)
    found: int | Decimal = getattr(row, column)  # asked of every cell: one look-up, no more
    return found


def metric_of(column: str) -> str:
    """The metric whose explanation a column opens."""
    if column in PACES:
        return PACES[column]
    return column if is_number(column) else "points"
