"""What the panel says about a number: its title, the sum by stages, and a line for each thing."""

from decimal import Decimal

from salesdesk.moments import Zone
from salesdesk.services.ranking import RankingRow
from salesdesk.services.ranking_explain import Explanation, Line
from salesdesk.text import ntr, tr
from salesdesk.ui import formats
from salesdesk.ui.ranking import words
from salesdesk.ui.widgets.lines import LineItem
from salesdesk.ui.widgets.period import days_text

_ENTRIES = ("points", *words.MILESTONE_OF, "won")
STANDING = "standing:"


def title(metric: str, total: int | Decimal, currency: str) -> str:
    """``Why 110.3 points?``, or the name of the number and the number."""
    shown = words.number(metric, total, currency)
    if metric == "points":
        return tr("Why {n} points?", n=shown)
    return f"{name(metric)}: {shown}"


def name(metric: str) -> str:
    """The name of a number, also of those that stand beside."""
    if metric.startswith(STANDING):
        return tr("Standing there")
    return tr(words.TITLES[metric])


def section(metric: str) -> str:
    """The heading over the lines."""
    if metric == "points":
        return tr("Moves that earned them")
    if metric in ("tasks_total", "tasks_overdue"):
        return tr("Tasks that it counts")
    if metric == "postponements":
        return tr("Postponements that it counts")
    return tr("Deals that it counts")


def days(found: Explanation, now_day: int) -> str:
    """The days that are counted, not beyond today."""
    period = found.period.until(now_day)
    return days_text(period.first_day, period.last_day)


def earlier(found: Explanation, zone: Zone, now: int) -> str:
    """What the link says that looks further back for moves that earned nothing."""
    if found.since is None:
        return ""
    return tr("Moves that earned nothing before {at}…", at=formats.moment(zone, found.since, now))


def item(line: Line, metric: str, zone: Zone, now: int, currency: str, ruled: bool) -> LineItem:
    """A line of the list."""
    if line.correction:
        return LineItem(
            tr("Changed since the month was closed"), below=formats.moment(zone, line.at or 0, now),
            number=_value(line, metric, currency), quiet=True, source=line,
        )  # fmt: skip
    text = (line.deal if line.task is None else line.task) or tr("Without a title")
    stage = f"→ {line.stage}" if metric in _ENTRIES and line.stage else ""
    when, why = _when(line, metric, zone, now), _why(line, zone)
    if line.amount is not None and line.amount != line.value:
        costs = formats.money(line.amount - Decimal(line.value), currency)
        why.append(f"{formats.money(line.amount, currency)} − {costs}")
    if metric in words.MONEY and line.unrated:
        why.append(tr("not counted: {names} has no rate", names=line.unrated))
    if not line.counts:  # why it does not is what one wants to read
        text, stage, parts = f"{text} {stage}".strip(), "", [*why, when]
    else:
        parts = [when, line.person or "", (line.deal or "") if line.task is not None else "", *why]
    shows = metric == "points" or (metric in words.MONEY and not line.unrated)
    return LineItem(
        text, stage, " · ".join(part for part in parts if part),
        number=_value(line, metric, currency) if shows else "",
        struck=not line.counts and (line.ruling is not None or line.undone or line.deleted),
        quiet=not line.counts or (metric == "points" and not line.value), ruled=ruled,
        source=line,
    )  # fmt: skip


def _when(line: Line, metric: str, zone: Zone, now: int) -> str:
    if line.at is None:
        return ""
    at = formats.moment(zone, line.at, now)
    moment = (*_ENTRIES, "lost", "requests_new", "postponements", *words.MONEY)
    return at if metric in moment else tr("since {at}", at=at)


def _value(line: Line, metric: str, currency: str) -> str:
    value = Decimal(line.value)
    if metric in words.MONEY:
        return formats.money(value, currency)
    return f"+{formats.decimal(value)}" if value > 0 else formats.decimal(value)


def _why(line: Line, zone: Zone) -> list[str]:
    """Why it does not count, or counts for someone else than it seems."""
    if line.undone:
        return [tr("the move was taken back")]
    if line.deleted:
        return [tr("the deal was deleted")]
    if line.ruling is not None:
        return [_ruled(line)]
    if line.counts:
        return []
    if line.already is not None:
        day = formats.day_short(zone.day_of(line.already))
        if line.already_by:
            return [tr("already counted {day} for {name}", day=day, name=line.already_by)]
        return [tr("already counted {day}", day=day)]
    if line.instead:
        return [tr("not in the ranking: counted for {name}", name=line.instead)]
    return [tr("not in the ranking")] if line.instead is not None else []


def _ruled(line: Line) -> str:
    """What was decided about it, by whom and why."""
    values = {"reason": line.reason or "", "by": line.by or "—", "name": line.credited_to or "—"}
    if line.ruling == "void":
        return tr("voided by {by}: {reason}", **values)
    if line.counts:
        return tr("credited by {by}: {reason}", **values)
    return tr("credited to {name} by {by}: {reason}", **values)


def counted(found: Explanation) -> str:
    """How much of the list counts, for the list's spoken name."""
    counting = sum(line.counts for line in found.lines)
    return ntr("{n} counts", "{n} count", counting)


def person_item(row: RankingRow, metric: str, currency: str) -> LineItem:
    """A person's part of the team's number."""
    value = words.number(metric, row.value(metric), currency)
    return LineItem(row.person, number=value, person=row.person_id, source=row)
