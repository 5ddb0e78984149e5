"""Bonuses: a share of the gross profit by the degree to which the plan was met, by the table that
the administrator sets; from closed months only.

The sheet of a month follows from what was frozen when it was closed, its table of steps included.
Corrections of earlier closed months that were taken in are lines of their own. Sums are rounded
half up to hundredths, each line by itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from salesdesk.errors import Invalid, Refused
from salesdesk.models.store import Reader, Store, Transaction
from salesdesk.services import closing_frozen, people, planning
from salesdesk.services.closing_frozen import Frozen
from salesdesk.services.records import Asks
from salesdesk.text import N_

_MOST_PERCENT = 1000
_HUNDRED = 100
_ZERO = Decimal(0)
NOT_CLOSED = N_("This month is not closed yet: bonuses are paid from closed months.")


# --- the table ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Step:
    """From this degree of the plan on (percent), this share of the gross profit (percent, exact to
    hundredths)."""

    from_percent: int
    percent: Decimal


def steps(r: Asks) -> list[Step]:
    """The table, the lowest step first."""
    found: dict[int, str] = dict(r.rows(f"SELECT from_percent, percent {_THERE}"))
    return [Step(start, Decimal(share) / _HUNDRED) for start, share in found.items()]


#: Undoing in another order than it was done may leave two steps of one degree: the latest holds.
_THERE = "FROM bonus_step WHERE deleted_at IS NULL ORDER BY from_percent, id"


def set_steps(
    store: Store,
    table: Sequence[Step],
    *,
    person: int | None,
    now: int,
    origin: str = "window",
) -> int:
    """Replace the table; returns the command id. Closed months keep theirs.

    Raises ``Invalid`` for two steps from one degree and for shares that are none, ``Refused`` for
    whoever may not configure.
    """
    with store.command("bonus.set", now=now, person=person, origin=origin) as tx:
        people.require_admin(tx, person)
        write_steps(tx, table)
    return tx.command_id


def write_steps(tx: Transaction, table: Sequence[Step]) -> None:
    """Replace the table inside a transaction."""
    check_steps(table)
    wanted = {step.from_percent: int(step.percent * _HUNDRED) for step in table}
    rows = tx.rows(f"SELECT from_percent, id {_THERE}")
    there = {start: key for start, key in rows if start in wanted}
    tx.delete("bonus_step", [key for _, key in rows if key not in there.values()])
    tx.update(
        "bonus_step",
        [{"id": there[start], "percent": share} for start, share in wanted.items()
         if start in there],
    )  # fmt: skip
    tx.insert(
        "bonus_step",
        [{"from_percent": start, "percent": share} for start, share in sorted(wanted.items())
         if start not in there],
    )  # fmt: skip


def check_steps(table: Sequence[Step]) -> None:
    """Raise ``Invalid`` for a table that cannot be one."""
    starts = [step.from_percent for step in table]
    for start in starts:
        if not 0 <= start <= _MOST_PERCENT:
            raise Invalid(N_("A step begins between 0 and 1000 percent of the plan."))
        if starts.count(start) > 1:
            raise Invalid(N_("There are two steps from {n} percent on."), n=start)
    for step in table:
        share = step.percent
        if not (share.is_finite() and 0 <= share <= _HUNDRED) or share * _HUNDRED % 1:
            raise Invalid(
                N_("A bonus is a share between 0 and 100 percent with at most two decimals.")
            )


# --- one sum -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Bonus:
    """A sum and what it follows from.

    ``degree`` is fact / plan, exactly; None without a plan above 0: then nothing is paid. ``step``
    is the one that holds; None below the first. A gross profit below 0 pays nothing and takes
    nothing away.
    """

    gross_profit: Decimal
    fact: Decimal
    plan: Decimal | None
    degree: Fraction | None
    step: Step | None
    amount: Decimal


def bonus(
    gross_profit: Decimal, fact: Decimal, plan: Decimal | None, table: Sequence[Step]
) -> Bonus:
    """The bonus of a person in a month, rounded half up to hundredths."""
    degree = Fraction(fact) / Fraction(plan) if plan is not None and plan > 0 else None
    step = None if degree is None else step_at(degree, table)
    share = _ZERO if step is None else step.percent
    paid = max(gross_profit, _ZERO)
    amount = planning.rounded(Fraction(paid) * Fraction(share) / _HUNDRED)
    return Bonus(gross_profit, fact, plan, degree, step, amount)


def degree_percent(degree: Fraction) -> Decimal:
    """A degree in percent with two decimals, cut and not rounded: 79.999 is not yet 80."""
    hundredths = degree * _HUNDRED * _HUNDRED
    return Decimal(hundredths.numerator // hundredths.denominator).scaleb(-2)


def step_at(degree: Fraction, table: Sequence[Step]) -> Step | None:
    """The highest step that a degree of the plan reaches."""
    met = [step for step in table if degree * _HUNDRED >= step.from_percent]
    return max(met, key=lambda step: step.from_percent, default=None)


# --- the sheet ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CorrectionLine:
    """What a correction of an earlier closed month changes in the bonus paid for that month."""

    month: int
    before: Bonus
    after: Bonus

    @property
    def amount(self) -> Decimal:
        """What is added (or, below 0, taken off)."""
        return self.after.amount - self.before.amount


@dataclass(frozen=True, slots=True)
class SheetLine:
    """The bonus of one person for a month, with the corrections of earlier ones."""

    person_id: int
    person: str
    team: str | None
    bonus: Bonus
    corrections: tuple[CorrectionLine, ...]
    unrated: tuple[str, ...] = ()

    @property
    def total(self) -> Decimal:
        """What is to be paid."""
        return self.bonus.amount + sum((one.amount for one in self.corrections), _ZERO)


@dataclass(frozen=True, slots=True)
class BonusSheet:
    """The bonuses of a closed month. ``by`` is the number whose plan counts."""

    month: int
    currency: str
    by: str
    steps: tuple[Step, ...]
    lines: tuple[SheetLine, ...]

    @property
    def total(self) -> Decimal:
        """The sum of all lines."""
        return sum((line.total for line in self.lines), _ZERO)


def sheet(r: Reader, month: int, *, now: int) -> BonusSheet:
    """The bonuses of a closed month; raises ``Refused`` while it is open."""
    frozen = closing_frozen.found(r, month, now)
    if frozen is None:
        raise Refused(NOT_CLOSED)
    corrections = _corrections(r, frozen)
    table = _table(frozen)
    lines = []
    for row in frozen.rows:
        assert row.person_id is not None
        own = bonus(
            row.gross_profit, Decimal(row.value(frozen.bonus_by)),
            frozen.plan_of(frozen.bonus_by, row.person_id), table,
        )  # fmt: skip
        taken = tuple(corrections.pop(row.person_id, ()))
        lines.append(SheetLine(row.person_id, row.person, row.team, own, taken, row.unrated))
    for person, left in corrections.items():  # those of people who have no row any more
        nothing = bonus(_ZERO, _ZERO, None, table)
        name = next(one.person for one in frozen.taken if one.person_id == person)
        lines.append(SheetLine(person, name, None, nothing, tuple(left)))
    return BonusSheet(month, frozen.currency, frozen.bonus_by, table, tuple(lines))


def _table(frozen: Frozen) -> tuple[Step, ...]:
    return tuple(Step(start, Decimal(share) / _HUNDRED) for start, share in frozen.bonus_steps)


def _corrections(r: Reader, frozen: Frozen) -> dict[int, list[CorrectionLine]]:
    """What the corrections that a month took in change in the bonuses of the earlier ones."""
    found: dict[int, list[CorrectionLine]] = {}
    for closed_id in sorted({one.closed_id for one in frozen.taken}):
        about = closing_frozen.of_id(r, closed_id)
        if about is None:
            continue
        for person in sorted({o.person_id for o in frozen.taken if o.closed_id == closed_id}):
            line = _correction(r, frozen, about, person)
            if line.amount:
                found.setdefault(person, []).append(line)
    for lines in found.values():
        lines.sort(key=lambda line: line.month)
    return found


def _correction(r: Reader, frozen: Frozen, about: Frozen, person: int) -> CorrectionLine:
    def at(metric: str, until: int) -> Decimal:
        return closing_frozen.accounted(r, about, person, metric, until)

    def paid(until: int) -> Bonus:
        plan = about.plan_of(about.bonus_by, person)
        return bonus(at("gross_profit", until), at(about.bonus_by, until), plan, _table(about))

    return CorrectionLine(about.month, paid(frozen.id - 1), paid(frozen.id))
