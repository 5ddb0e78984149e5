"""What closed months say: when they were closed, corrections, and why a bonus is what it is.

Without Qt: the command line and the files say the same.
"""

from decimal import Decimal
from fractions import Fraction

from salesdesk.moments import Zone
from salesdesk.services.bonuses import (
    Bonus,
    BonusSheet,
    CorrectionLine,
    SheetLine,
    degree_percent,
)
from salesdesk.services.closing import Doubt
from salesdesk.services.closing_corrections import Correction, ItemChange, Value
from salesdesk.services.metric_names import METRIC_NAMES, MONEY
from salesdesk.services.ranking_rows import Closing
from salesdesk.text import N_, ntr, tr
from salesdesk.ui import formats

_WHAT = {
    "plan": N_("Plan: {metric}"),
    "norm": N_("Norm: {metric}"),
    "team": N_("Team"),
}


def closed(closing: Closing, zone: Zone, now: int) -> str:
    """``Closed on 3 Nov by Anna Orlova``."""
    if closing.person is None:
        return closed_on(closing, zone, now)
    return tr("Closed on {day} by {name}", day=_day(closing, zone, now), name=closing.person)


def closed_on(closing: Closing, zone: Zone, now: int) -> str:
    """``Closed on 3 Nov``."""
    return tr("Closed on {day}", day=_day(closing, zone, now))


def _day(closing: Closing, zone: Zone, now: int) -> str:
    """The day, with its year where it is not this one."""
    local = zone.local(closing.at)
    day = local.date().toordinal()
    near = local.year == zone.local(now).year
    return formats.day_short(day) if near else formats.day(day)


# -- numbers --------------------------------------------------------------------------------------


def percent(value: Decimal) -> str:
    """``5 %``, ``2.5 %``."""
    return f"{number('percent', value, '')}{formats.NO_BREAK}%"


def degree(value: Fraction) -> str:
    """The degree to which a plan was met, in percent."""
    return percent(degree_percent(value))


def number(metric: str, value: Value, currency: str) -> str:
    """A number of the ranking in full, ``−5 000 ₽`` below 0; a dash where there is none."""
    if value is None:
        return formats.DASH
    if isinstance(value, str):
        return value or formats.DASH
    if value < 0:
        return f"−{number(metric, -value, currency)}"
    if metric in MONEY:
        return formats.money(Decimal(value), currency)
    return formats.whole(value) if isinstance(value, int) else formats.decimal(value)


def money(amount: Decimal, currency: str) -> str:
    """An amount in full; ``−5 000 ₽`` below 0."""
    return number("revenue", amount, currency)


def signed(metric: str, value: int | Decimal | None, currency: str) -> str:
    """A difference with its sign: ``+15``, ``−20 000 ₽``."""
    if value is None:
        return ""
    return ("+" if value > 0 else "") + number(metric, value, currency)


# -- corrections ----------------------------------------------------------------------------------


def what(correction: Correction) -> str:
    """What differs: the number, the plan of a number, the team."""
    metric = tr(METRIC_NAMES[correction.metric]) if correction.metric in METRIC_NAMES else ""
    if correction.kind is not None:
        metric = tr("Done: {kind}", kind=correction.kind)
    known = _WHAT.get(correction.what)
    return metric if known is None else tr(known, metric=metric)


def causes(correction: Correction, zone: Zone, now: int) -> str:
    """The commands that a correction comes from, in a line."""
    if not correction.causes:
        return tr("No command was found that caused it.")
    said = []
    for entry in correction.causes:
        about = entry.about()
        head = f"{entry.what()}: {about}" if about else entry.what()
        when = formats.moment(zone, entry.at, now)
        said.append(f"{head} ({', '.join(part for part in (when, entry.person) if part)})")
    return "; ".join(said)


def item(change: ItemChange, metric: str, currency: str) -> str:
    """A deal or task that counts otherwise: ``Bulldozer repair: 435 000 ₽ → 5 ₽``."""
    title = f"{change.title}, {change.stage}" if change.stage else change.title
    was, now = number(metric, change.was, currency), number(metric, change.now, currency)
    return f"{title}: {was} → {now}"


def taken(correction: Correction, currency: str) -> str:
    """How far later months have taken a correction in."""
    if correction.taken is None:
        return ""
    if not correction.left:
        return tr("Taken into a later month")
    left = signed(correction.metric, correction.left, currency)
    return tr("Taken into a later month but for {left}", left=left)


# -- doubts ---------------------------------------------------------------------------------------


def doubt(one: Doubt) -> str:
    """Something to look at before a month is closed, in a sentence without names."""
    n = len(one.names)
    if one.kind == "nobody":
        return tr("Nobody is in the ranking of this month: it would be kept empty")
    if one.kind == "no_amount":
        return ntr("{n} deal was won without an amount", "{n} deals were won without an amount", n)
    if one.kind == "no_plan":
        return ntr(
            "{n} person has no plan that a bonus could follow from",
            "{n} people have no plan that a bonus could follow from", n,
        )  # fmt: skip
    if one.kind == "no_rate":
        return ntr("{n} currency has no rate", "{n} currencies have no rate", n)
    if one.kind == "no_steps":
        return tr("There is no table of bonuses: nobody gets one")
    if one.kind == "corrections":
        return tr("{month} has corrections that no month has taken in",
                  month=formats.month(one.ids[0]))  # fmt: skip
    return ntr("{n} earlier month is still open", "{n} earlier months are still open", n)


def doubt_names(one: Doubt) -> str:
    """What it is about, by name."""
    if one.kind in ("nobody", "no_steps", "corrections"):
        return ""
    if one.kind == "open_before":
        return ", ".join(map(formats.month, one.ids))
    return ", ".join(one.names)


# -- bonuses --------------------------------------------------------------------------------------


def why(bonus: Bonus, by: str, currency: str) -> str:
    """Why a bonus is what it is, in a sentence."""
    if bonus.plan is None:
        return tr("No bonus: there was no plan")
    if bonus.degree is None:
        return tr("No bonus: the plan was 0")
    values = {
        "profit": money(bonus.gross_profit, currency),
        "plan": number(by, bonus.plan, currency),
        "degree": degree(bonus.degree),
        "what": tr(METRIC_NAMES[by]),
    }
    if bonus.step is None:
        return tr("No bonus: the plan of {plan} was met to {degree}, which reaches no step",
                  **values)  # fmt: skip
    if bonus.gross_profit <= 0:
        return tr("No bonus: the gross profit was {profit}", **values)
    values["share"] = percent(bonus.step.percent)
    values["start"] = percent(Decimal(bonus.step.from_percent))
    if by == "gross_profit":
        return tr("{profit} gross profit × {share} because the plan of {plan} was met to "
                  "{degree}: from {start}", **values)  # fmt: skip
    return tr("{profit} gross profit × {share} because the plan of {plan} ({what}) was met to "
              "{degree}: from {start}", **values)  # fmt: skip


def own_name(sheet: BonusSheet) -> str:
    """``Bonus of November 2026``: a person's own, without corrections."""
    return tr("Bonus of {month}", month=formats.month(sheet.month))


def paid(line: SheetLine, currency: str) -> str:
    """What is to be paid to a person follows from: ``Bonus 45 500 ₽, corrections −26 000 ₽``."""
    own = line.bonus.amount
    return tr("Bonus {own}, corrections {sum}", own=money(own, currency),
              sum=signed("revenue", line.total - own, currency))  # fmt: skip


def correction_name(line: CorrectionLine) -> str:
    """``Correction of October 2026``."""
    return tr("Correction of {month}", month=formats.month(line.month))


def correction_why(line: CorrectionLine, currency: str) -> str:
    """What a correction changes in the bonus of its month."""
    before, after = line.before, line.after
    return tr(
        "Gross profit {before} → {after}, bonus {paid} → {due}",
        before=money(before.gross_profit, currency), after=money(after.gross_profit, currency),
        paid=money(before.amount, currency), due=money(after.amount, currency),
    )  # fmt: skip


def corrections_name(month: int) -> str:
    """``Corrections, October 2026``."""
    return tr("Corrections, {month}", month=formats.month(month))


def sheet_name(sheet: BonusSheet) -> str:
    """``Bonuses, October 2026``."""
    return tr("Bonuses, {month}", month=formats.month(sheet.month))
