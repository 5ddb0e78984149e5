"""Degrees to which plans and norms are met, by name; ``ui.theme`` alone knows their colours."""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Literal

Level = Literal["full", "half", "over", "none"]
Number = int | Decimal | Fraction

#: Metrics with plans (domain.md section 4), and those with norms.
PLANNED = (
    "requests_new",
    "meetings_scheduled",
    "meetings_held",
    "contracts_signed",
    "advances_paid",
    "won",
    "points",
    "revenue",
    "gross_profit",
)
NORMED = ("lost", "tasks_overdue", "deals_without_tasks")
#: Norms that hold at a moment; the norm of refusals is shared over working days like a plan.
MOMENT_NORMS = ("tasks_overdue", "deals_without_tasks")


@dataclass(frozen=True, slots=True)
class Thresholds:
    """From which share of the plan on a fact is ``full`` (green) and ``half`` (yellow)."""

    full: Fraction = Fraction(1)
    half: Fraction = Fraction(1, 2)


DEFAULT = Thresholds()


def of_plan(fact: Number, plan: Number | None, thresholds: Thresholds = DEFAULT) -> Level:
    """The level of a fact against its plan; a plan of nothing (or none) has no colour."""
    if plan is None or plan <= 0:
        return "none"
    share = Fraction(fact) / Fraction(plan)
    if share >= thresholds.full:
        return "full"
    return "half" if share >= thresholds.half else "none"


def of_norm(fact: Number, norm: Number | None) -> Level:
    """``over`` when the fact exceeds the norm; a norm of 0 allows nothing."""
    if norm is None:
        return "none"
    return "over" if Fraction(fact) > Fraction(norm) else "none"


def is_shown(metric: str, one_day: bool) -> bool:
    """Whether a plan or norm is compared with at all: for a single day its small share is not,
    while what is acceptable at a moment still is."""
    return not one_day or metric in MOMENT_NORMS


def level(
    metric: str,
    fact: Number,
    target: Number | None,
    *,
    one_day: bool = False,
    thresholds: Thresholds = DEFAULT,
) -> Level:
    """The level of any metric against its plan or norm for the period."""
    if not is_shown(metric, one_day):
        return "none"
    if metric in NORMED:
        return of_norm(fact, target)
    return of_plan(fact, target, thresholds) if metric in PLANNED else "none"
