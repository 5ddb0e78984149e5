"""What the ranking says: heads, cells, tool tips, in the chosen language."""

import functools
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from salesdesk import text
from salesdesk.services.levels import NORMED, Level
from salesdesk.services.metric_names import METRIC_NAMES, MONEY
from salesdesk.services.periods import Period
from salesdesk.services.ranking import Ranking, RankingRow
from salesdesk.services.sync.completeness import Completeness
from salesdesk.text import N_, ntr, tr, trp
from salesdesk.ui import formats
from salesdesk.ui.ranking.columns import COLUMNS, MILESTONE_OF, NUMBERS, PACES, value_of
from salesdesk.ui.widgets.period import days_text

__all__ = [
    "COLUMNS", "MILESTONE_OF", "MONEY", "NUMBERS", "TITLES", "Cell", "Unit", "as_of", "beside",
    "cell", "compared", "difference", "head", "largest", "name_of", "number", "percent",
    "rank_text", "rank_tip", "target_text", "tip", "unit_for", "unit_of", "weeks_tip",
]  # fmt: skip

TITLES = {
    "rank": N_("Rank"),
    "person": N_("Manager"),
    **METRIC_NAMES,
    "weeks": N_("Points of 12 weeks"),
    "team": N_("Team"),
    "standing:meeting_scheduled": N_("Standing: meeting scheduled"),
    "standing:meeting_held": N_("Standing: meeting held"),
    "standing:contract_signed": N_("Standing: contract signed"),
    "standing:advance_paid": N_("Standing: advance paid"),
    "pace_points": N_("Pace of the points"),
    "pace_revenue": N_("Pace of the revenue"),
    "pace_gross_profit": N_("Pace of the gross profit"),
}
_ZERO = Decimal(0)
_UNITS = ((Decimal(1_000_000), N_("M {sign}")), (Decimal(10_000), N_("k {sign}")))
_LEVELS: dict[Level, str] = {
    "full": N_("the plan is met"),
    "half": N_("on the way"),
    "over": N_("above the norm"),
    "none": N_("still far"),
}


def head(column: str) -> str:
    """The head of a column in at most two short lines."""
    return _heads(text.language())[column]


@functools.cache
def _heads(_language: str) -> dict[str, str]:
    return {
        "rank": "#",
        "person": trp("column", "Manager"),
        "points": trp("column", "Points"),
        "weeks": trp("column", "12 weeks"),
        "requests_total": trp("column", "Total"),
        "in_work": trp("column", "In\nwork"),
        "requests_new": trp("column", "New"),
        "meetings_scheduled": trp("column", "Meet.\nset"),
        "meetings_held": trp("column", "Meet.\nheld"),
        "contracts_signed": trp("column", "Con-\ntract"),
        "advances_paid": trp("column", "Ad-\nvance"),
        "won": trp("column", "Won"),
        "lost": trp("column", "Lost"),
        "tasks_total": trp("column", "Tasks"),
        "tasks_overdue": trp("column", "Over-\ndue"),
        "deals_without_tasks": trp("column", "No\ntask"),
        "revenue": trp("column", "Revenue"),
        "gross_profit": trp("column", "Profit"),
        "team": trp("column", "Team"),
        "standing:meeting_scheduled": trp("column", "Stand\nset"),
        "standing:meeting_held": trp("column", "Stand\nheld"),
        "standing:contract_signed": trp("column", "Stand\ncontract"),
        "standing:advance_paid": trp("column", "Stand\nadvance"),
        "postponements": trp("column", "Post-\nponed"),
        "pace_points": trp("column", "Points\npace"),
        "pace_revenue": trp("column", "Revenue\npace"),
        "pace_gross_profit": trp("column", "Profit\npace"),
    }


@dataclass(frozen=True, slots=True)
class Unit:
    """How amounts of a table are shortened: by what they are divided, and its name."""

    size: Decimal
    name: str

    def figures(self, amount: Decimal) -> str:
        """``4.1`` of 4,100,000 in millions; whole numbers in other units."""
        scaled = amount / self.size
        places = 1 if self.size == _UNITS[0][0] else 0
        step = Decimal(1).scaleb(-places)
        return formats.decimal(scaled.quantize(step, ROUND_HALF_UP), places)


def unit_of(largest: Decimal, currency: str) -> Unit:
    """The unit for amounts up to ``largest``."""
    sign = formats.sign(currency)
    for size, pattern in _UNITS:
        if abs(largest) >= size:
            # Thousands begin at ten thousand: below that the whole amount is as short.
            size = Decimal(1000) if size == 10_000 else size
            return Unit(size, tr(pattern, sign=sign).replace(" ", formats.NO_BREAK))
    return Unit(Decimal(1), sign)


def unit_for(ranking: Ranking) -> Unit:
    """The unit for the amounts of a ranking's people."""
    return unit_of(max(map(largest, ranking.rows), default=_ZERO), ranking.currency)


def largest(row: RankingRow) -> Decimal:
    """The largest of a row's amounts, facts and plans."""
    amounts = [_ZERO]
    for metric in MONEY:
        amounts += [abs(Decimal(row.value(metric))), row.plans.get(metric, _ZERO)]
    return max(amounts)


def number(metric: str, value: int | Decimal, currency: str) -> str:
    """A number in full: ``2 900 000 ₽``, ``110.3``, ``12``."""
    if metric in MONEY:
        return formats.money(Decimal(value), currency)
    return formats.whole(value) if isinstance(value, int) else formats.decimal(value)


def target_text(value: Decimal) -> str:
    """A plan or a norm: whole, or with one decimal when it is a part of one."""
    whole = value == value.to_integral_value()
    return formats.decimal(value.quantize(Decimal("0.1"), ROUND_HALF_UP), 0 if whole else 1)


@dataclass(frozen=True, slots=True)
class Cell:
    """A number as it is painted: the fact, in small what it is compared with (`` / 8``), and below
    the difference to another period (``+2``)."""

    fact: str
    target: str = ""
    level: Level = "none"
    below: str = ""


def cell(row: RankingRow, column: str, unit: Unit, before: RankingRow | None = None) -> Cell:
    """The cell of a column; ``before`` is the person's row of the period it is compared with."""
    value = value_of(row, column)
    below = "" if before is None else difference(row, column, before, unit)
    if column in PACES or value is None:
        return Cell(_pace_text(value), "", "none", below)
    if not below and isinstance(value, int) and column not in row.plans and column not in row.norms:
        return _count_cell(value, text.language())
    level = row.levels.get(column, "none")
    money = column in MONEY
    fact = unit.figures(Decimal(value)) if money else _plain(value)
    if column in NORMED:
        norm = row.norms.get(column)
        over = norm is not None and level == "over"
        target = f" > {target_text(norm)}" if over and norm is not None else ""
        return Cell(fact, target, level, below)
    plan = row.plans.get(column)
    if not plan:
        return Cell(fact, "", level, below)
    return Cell(fact, f" / {unit.figures(plan) if money else target_text(plan)}", level, below)


@functools.lru_cache(4096)
def _count_cell(value: int, _language: str) -> Cell:
    """A count that is compared with nothing: most cells of a large team are."""
    return Cell(formats.whole(value))


def _plain(value: int | Decimal) -> str:
    return formats.whole(value) if isinstance(value, int) else formats.decimal(value)


def _pace_text(share: int | Decimal | None) -> str:
    return "" if share is None else f"{percent(share, Decimal(1))}{formats.NO_BREAK}%"


def _apart(now: int | Decimal, then: int | Decimal) -> int | Decimal:
    if isinstance(now, int) and isinstance(then, int):
        return now - then if now > then else then - now
    return abs(Decimal(now) - Decimal(then))


def difference(row: RankingRow, column: str, before: RankingRow, unit: Unit) -> str:
    """How much more (``+2``) or less (``−2``) than in the other period; ``=`` for as much."""
    now, then = value_of(row, column), value_of(before, column)
    if now is None or then is None:
        return ""
    if now == then:
        return "="
    apart = _apart(now, then)
    if column in PACES:
        said = _pace_text(apart)
    elif column in MONEY:
        said = unit.figures(Decimal(apart))
        if not any(char in "123456789" for char in said):
            return "≈"
    else:
        said = _plain(apart)
    return f"{'+' if now > then else '−'}{said}"


def percent(part: Decimal | int, whole: Decimal) -> int:
    """Rounded half up."""
    share = Decimal(part) * 100 / whole
    return int(share.quantize(Decimal(1), ROUND_HALF_UP))


def compared(row: RankingRow, metric: str, currency: str) -> list[str]:
    """The number against plan, pace and norm, a line each; the level is said in words."""
    value, lines = row.value(metric), []
    plan, pace = row.plans.get(metric), row.paces.get(metric)
    if plan:
        level = tr(_LEVELS[row.levels.get(metric, "none")])
        shown = number(metric, plan, currency)
        share = percent(value, plan)
        lines.append(tr("Plan {plan}: {n} %, {level}", plan=shown, n=share, level=level))
    if plan and pace and pace != plan:
        shown = number(metric, _hundredths(pace), currency)
        lines.append(tr("Pace {n} %: {plan} by now", n=percent(value, pace), plan=shown))
    norm = row.norms.get(metric)
    if norm is not None:
        shown = target_text(norm)
        if row.levels.get(metric) == "over":
            lines.append(tr("Norm {norm}: {level}", norm=shown, level=tr(_LEVELS["over"])))
        else:
            lines.append(tr("Norm {norm}: kept", norm=shown))
    return lines


def _hundredths(value: Decimal) -> Decimal:
    return value.quantize(Decimal("0.01"), ROUND_HALF_UP)


def beside(row: RankingRow, metric: str) -> list[str]:
    """What is shown beside a number: deals standing in the stage, postponements."""
    lines = []
    if metric in MILESTONE_OF:
        standing = row.standing.get(MILESTONE_OF[metric], 0)
        lines.append(tr("Standing there at the end: {n}", n=formats.whole(standing)))
    if metric == "tasks_overdue" and row.postponements:
        lines.append(ntr("Postponed {n} time", "Postponed {n} times", row.postponements))
    return lines


def name_of(row: RankingRow) -> str:
    """The person, or the team for the last line."""
    return row.person if row.person_id is not None else (row.team or tr("Team"))


def as_of(row: RankingRow, found: Completeness | None, period: Period) -> tuple[str, str]:
    """``as of Tue 18:05`` below a colleague whom a CRM brings, and what that means; nothing where
    all of the period is here."""
    if found is None or row.person_id is None or row.person_id not in found.people:
        return "", ""
    at = found.people[row.person_id]
    if at is None or found.read is None:
        return tr("is being read"), tr("The CRM is being read for the first time.")
    if at >= found.zone.start_of(period.last_day + 1):
        return "", ""
    said = tr("as of {moment}", moment=formats.lately(found.zone, at, found.now))
    read = formats.near(found.zone, found.read, found.now)
    told = tr("The CRM was read: {moment}", moment=read)
    if at < found.read:
        sent = formats.near(found.zone, at, found.now)
        told = "\n".join((tr(
            "The last move that this person's computer sent: {moment}. What came after it may not "
            "be here yet.", moment=sent,
        ), told))  # fmt: skip
    return said, told


def rank_text(row: RankingRow) -> tuple[str, str]:
    """The rank, and its change: ``▲1``, ``▼2`` or ``=``."""
    change = row.rank_change
    if row.saved_rank is not None:
        change = row.saved_rank - row.rank
    sign = "▲" if change > 0 else "▼" if change < 0 else "="
    return str(row.rank), f"{sign}{abs(change)}" if change else sign


def rank_tip(row: RankingRow, ranking: Ranking) -> str:
    """The change of rank in words."""
    if row.saved_rank is not None:
        return tr("Place {rank}; with the saved points {saved}", rank=row.rank,
                  saved=row.saved_rank)  # fmt: skip
    before = ranking.period.previous()
    days = days_text(before.first_day, before.last_day)
    if row.rank_change > 0:
        said = ntr("{n} place up", "{n} places up", row.rank_change)
    elif row.rank_change < 0:
        said = ntr("{n} place down", "{n} places down", -row.rank_change)
    else:
        said = tr("the same place")
    return tr("Place {rank}: {change} against {days}", rank=row.rank, change=said, days=days)


def tip(
    row: RankingRow, column: str, ranking: Ranking,
    before: RankingRow | None = None, other: Ranking | None = None,
) -> str:  # fmt: skip
    """The tool tip of a cell, a line each; ``before`` is the row of the period compared with."""
    if column == "rank":
        return rank_tip(row, ranking) if row.person_id is not None else ""
    if column in ("person", "weeks"):
        return name_of(row)
    if column == "team":
        return row.team or ""
    metric = PACES.get(column, column)
    value = number(metric, row.value(metric), ranking.currency)
    lines = [f"{name_of(row)} · {tr(TITLES[metric])}: {value}"]
    lines += compared(row, metric, ranking.currency) + beside(row, metric)
    if before is not None and other is not None:
        lines.append(_then(row, metric, before, ranking, other))
    if metric == "points" and row.saved_points is not None:
        lines.append(tr("With the saved points {points}", points=formats.decimal(row.saved_points)))
    if metric in MONEY and row.unrated:
        lines.append(tr("Left out, no rate: {names}", names=", ".join(row.unrated)))
    return "\n".join(lines)


def _then(
    row: RankingRow, metric: str, before: RankingRow, ranking: Ranking, other: Ranking
) -> str:
    """The number of the other period in full, and the difference."""
    days = days_text(other.period.first_day, other.period.last_day)
    then, now = before.value(metric), row.value(metric)
    shown = number(metric, then, other.currency)
    if now == then:
        return tr("{days}: {number}, as much", days=days, number=shown)
    more = number(metric, _apart(now, then), ranking.currency)
    sign = "+" if now > then else "−"
    return tr("{days}: {number} ({change})", days=days, number=shown, change=f"{sign}{more}")


def weeks_tip(weeks: tuple[Decimal, ...]) -> str:
    """The points of the last weeks in words."""
    if not weeks:
        return tr("No points in 12 weeks")
    return tr(
        "Points by week: {points}", points=" · ".join(formats.decimal(each) for each in weeks)
    )
