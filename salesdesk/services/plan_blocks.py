"""Blocks of plans and norms, as a grid of them is worked on: set, copied, raised by a percentage.

A cell is one metric of one person or team over one month or several; whatever is done to a block is
one command.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from salesdesk.errors import Invalid
from salesdesk.models.store import Store, Transaction
from salesdesk.services import planning
from salesdesk.services.action_plans import PLANNABLE
from salesdesk.services.calendars import WorkCalendar
from salesdesk.services.levels import NORMED
from salesdesk.services.ranking_plans import Entry, check, plans, require_planner, write
from salesdesk.services.surroundings import calendar
from salesdesk.text import N_

Subject = tuple[int | None, int | None]


@dataclass(frozen=True, slots=True)
class Cell:
    """The plan of a person or a team for ``months`` months from month ``first`` on."""

    metric: str
    person_id: int | None
    team_id: int | None
    first: int
    months: int = 1

    @property
    def span(self) -> range:
        """Its months."""
        return range(self.first, self.first + self.months)


@dataclass(frozen=True, slots=True)
class Planned:
    """What was done to a block: the command, and how many cells it changed."""

    command_id: int
    cells: int


def set_cells(
    store: Store,
    values: Sequence[tuple[Cell, Decimal | None]],
    *,
    person: int | None,
    now: int,
    origin: str = "window",
) -> Planned:
    """Set plans (None removes them); those of several months are shared out by working days.

    Raises ``Invalid``, or ``Refused`` for whoever may not plan for one of them.
    """
    with store.command("plan.set", now=now, person=person, origin=origin) as tx:
        known = calendar(tx)
        _require(tx, person, (cell for cell, _value in values))
        for cell, value in values:
            check(cell.metric, PLANNABLE, value)
            for month, part in _shared(cell, value, known).items():
                write(tx, "plan", (cell.metric, cell.person_id, cell.team_id), month, part)
    return Planned(tx.command_id, len(values))


def _shared(
    cell: Cell, value: Decimal | None, known: WorkCalendar
) -> dict[int, Decimal] | dict[int, None]:
    if value is None:
        return dict.fromkeys(cell.span)
    if cell.months == 1:
        return {cell.first: value}
    return planning.over_months(value, cell.first, cell.months, known)


def copy_before(
    store: Store,
    cells: Sequence[Cell],
    *,
    person: int | None,
    now: int,
    origin: str = "window",
) -> Planned:
    """Copy into each cell, month by month, the plans of as many months before it; where there was
    none, what stands stays. Raises ``Invalid`` when there is nothing to copy."""

    def before(there: dict[int, Decimal], cell: Cell, month: int) -> Decimal | None:
        return there.get(month - cell.months)

    return _rewrite(
        store, cells, before, N_("There are no earlier plans to copy; nothing was changed."),
        person=person, now=now, origin=origin,
    )  # fmt: skip


def change_by(
    store: Store,
    cells: Sequence[Cell],
    percent: Decimal,
    *,
    person: int | None,
    now: int,
    origin: str = "window",
) -> Planned:
    """Raise (or lower) the plans that stand in these cells by a percentage, month by month.

    Raises ``Invalid`` when no plan stands there.
    """

    def raised(there: dict[int, Decimal], _cell: Cell, month: int) -> Decimal | None:
        return planning.scaled(there[month], percent) if month in there else None

    return _rewrite(
        store, cells, raised, N_("No plan stands there yet; nothing was changed."),
        person=person, now=now, origin=origin,
    )  # fmt: skip


def _rewrite(
    store: Store,
    cells: Sequence[Cell],
    made: Callable[[dict[int, Decimal], Cell, int], Decimal | None],
    nothing: str,
    *,
    person: int | None,
    now: int,
    origin: str,
) -> Planned:
    """Write into the months of each cell what is ``made`` of the plans that stood (by month)."""
    with store.command("plan.set", now=now, person=person, origin=origin) as tx:
        _require(tx, person, cells)
        standing = _standing(tx, cells)
        changed = 0
        for cell in cells:
            subject = cell.metric, cell.person_id, cell.team_id
            there = standing.get(subject, {})
            found = {month: made(there, cell, month) for month in cell.span}
            found = {month: value for month, value in found.items() if value is not None}
            changed += bool(found)
            for month, value in found.items():
                check(cell.metric, PLANNABLE, value)
                write(tx, "plan", subject, month, value)
        if not changed:
            raise Invalid(nothing)
    return Planned(tx.command_id, changed)


def _standing(
    tx: Transaction, cells: Sequence[Cell]
) -> dict[tuple[str, int | None, int | None], dict[int, Decimal]]:
    """The plans of the cells' months and of as many before, by (metric, person, team) and month."""
    wanted = {month - back for cell in cells for month in cell.span for back in (0, cell.months)}
    found: dict[tuple[str, int | None, int | None], dict[int, Decimal]] = {}
    for month in sorted(wanted):
        for each in plans(tx, month):
            key = each.metric, each.person_id, each.team_id
            found.setdefault(key, {})[month] = each.value
    return found


def set_norms(
    store: Store,
    entries: Sequence[tuple[Entry, Decimal | None]],
    *,
    person: int | None,
    now: int,
    origin: str = "window",
) -> Planned:
    """Set many norms (None removes them; ``Entry.value`` is what stood) as one command.

    Raises ``Invalid``, or ``Refused`` for whoever may not plan.
    """
    with store.command("norm.set", now=now, person=person, origin=origin) as tx:
        for each, value in entries:
            require_planner(tx, person, each.person_id, each.team_id)
            check(each.metric, NORMED, value)
            write(tx, "norm", (each.metric, each.person_id, each.team_id), each.month, value)
    return Planned(tx.command_id, len(entries))


def _require(tx: Transaction, person: int | None, cells: Iterable[Cell]) -> None:
    """One look at the rights for each person and team."""
    subjects: set[Subject] = {(cell.person_id, cell.team_id) for cell in cells}
    for person_id, team_id in subjects:
        if (person_id is None) == (team_id is None):
            raise Invalid(N_("A plan belongs to one person or one team."))
        require_planner(tx, person, person_id, team_id)
