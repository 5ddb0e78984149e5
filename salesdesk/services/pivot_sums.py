"""Putting the numbers of a pivot together: counts, sums, means, medians and shares; the margins.

A *sum* here is what the things of a cell come to before it is a number: how many there are, how
many have a value, and the total (a mean) or all values (a median).
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from decimal import Context, Decimal, localcontext
from fractions import Fraction

from salesdesk.services import report_table
from salesdesk.services.pivot_fields import Number
from salesdesk.services.pivot_query import Fact, Keys, Value
from salesdesk.services.planning import decimal_of
from salesdesk.services.report_table import Holds

#: Own numbers have as many digits as people like; their sums keep all.
_EXACT = Context(prec=400)
_DIGITS = 4


class Sum:
    """What the things of one cell come to."""

    __slots__ = ("n", "total", "valued", "values")

    def __init__(self) -> None:
        self.n = 0
        self.valued = 0
        self.total: int | Decimal = 0
        self.values: list[int | Decimal] = []

    def add(self, other: "Sum") -> None:
        """Take in another cell."""
        self.n += other.n
        self.valued += other.valued
        self.total = _plus(self.total, other.total)
        self.values += other.values


def _plus(one: int | Decimal, other: int | Decimal) -> int | Decimal:
    if isinstance(one, int) and isinstance(other, int):
        return one + other
    return _EXACT.add(Decimal(one), Decimal(other))


Cells = Mapping[Keys, Sum]
Project = Callable[[Keys], Keys]


def counted(counts: Mapping[Keys, int]) -> dict[Keys, Sum]:
    """Things by where they stand."""
    found: dict[Keys, Sum] = {}
    for key, n in counts.items():
        cell = found[key] = Sum()
        cell.n = cell.valued = cell.total = n
    return found


def summed(values: Iterable[tuple[Keys, Value]], how: str) -> dict[Keys, Sum]:
    """The same with their numbers; all values are kept for a median."""
    lists: dict[Keys, list[Value]] = defaultdict(list)
    for keys, value in values:
        lists[keys].append(value)
    found: dict[Keys, Sum] = {}
    with localcontext(_EXACT):
        for keys, several in lists.items():
            cell = found[keys] = Sum()
            cell.n = len(several)
            known = [value for value in several if value is not None]
            cell.valued = len(known)
            cell.total = sum(known)
            if how == "median":
                cell.values = known
    return found


def distinct(facts: Iterable[Fact], project: Project) -> list[tuple[Keys, Value]]:
    """Each thing once in each place that is left of its keys."""
    found: dict[tuple[int, Keys], tuple[Keys, Value]] = {}
    for fact in facts:
        keys = project(fact.keys)
        found.setdefault((fact.key, keys), (keys, fact.value))
    return list(found.values())


def folded(cells: Cells, project: Project) -> dict[Keys, Sum]:
    """Cells taken together by what is left of their keys."""
    found: dict[Keys, Sum] = {}
    for keys, cell in cells.items():
        left = project(keys)
        whole = found.get(left)
        if whole is None:
            whole = found[left] = Sum()
        whole.add(cell)
    return found


def holds_of(how: str, number: Number | None) -> Holds:
    """What the numbers of a measure are."""
    if how.startswith("share"):
        return "share"
    return "count" if number is None else number.holds


def value(cell: Sum, how: str, number: Number | None) -> report_table.Value:
    """The number of a cell; None for the mean and the median of nothing."""
    if how == "count" or number is None:
        return cell.n
    if how == "sum":
        return _shown(cell.total, 1, number)
    if not cell.valued:
        return None
    if how == "mean":
        return _shown(cell.total, cell.valued, number)
    order = sorted(cell.values)
    middle = len(order) // 2
    if len(order) % 2:
        return _shown(order[middle], 1, number)
    return _shown(
        _EXACT.add(Decimal(order[middle - 1]), Decimal(order[middle])), 2, number, exact=True
    )


def share(part: Sum | None, whole: Sum | None, number: Number | None) -> Fraction | None:
    """A part of a whole; None of nothing."""
    below = _size(whole, number)
    return Fraction(_size(part, number)) / Fraction(below) if below else None


def _size(cell: Sum | None, number: Number | None) -> int | Decimal:
    if cell is None:
        return 0
    return cell.n if number is None else cell.total


def of_one(value: Value, number: Number | None) -> int | Decimal | Fraction:
    """What a single thing adds, as it is listed."""
    if number is None:
        return 1
    return _shown(0 if value is None else value, 1, number)


def _shown(
    total: int | Decimal, by: int, number: Number, *, exact: bool = False
) -> int | Decimal | Fraction:
    """A total divided, as its column holds it: days as fractions, money and numbers as decimals (a
    mean rounded half up to ten-thousandths)."""
    if number.holds != "days" and (by == 1 or exact):
        if number.holds == "number" and isinstance(total, int) and by == number.scale == 1:
            return total
        return _EXACT.divide(Decimal(total), Decimal(by * number.scale))
    found = Fraction(total) / (by * number.scale)
    return found if number.holds == "days" else decimal_of(found, _DIGITS)
