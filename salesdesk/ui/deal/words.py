"""What the panel of a deal says: fields, tasks and history in the chosen language."""

from decimal import Decimal

from salesdesk.moments import Zone
from salesdesk.services.dealhistory import HistoryLine, Value
from salesdesk.services.dealview import DealView
from salesdesk.services.requirements import COLUMNS
from salesdesk.services.tasks import TaskLine
from salesdesk.text import N_, ntr, tr
from salesdesk.ui import awaiting, formats, values
from salesdesk.ui.awaiting import field_name
from salesdesk.ui.widgets.timeline import TimelineEntry


def field_key(name: str) -> str:
    """The column that a stage's requirement means."""
    return COLUMNS.get(name, name)


def days(n: int) -> str:
    """``3 d``."""
    return tr("{n} d", n=n).replace(" ", formats.NO_BREAK)


def in_stage(deal: DealView) -> str:
    """``3 d (limit 7 d)``."""
    if deal.limit_days is None or deal.stage_kind != "open":
        return days(deal.days_in_stage)
    return tr("{days} (limit {limit})", days=days(deal.days_in_stage), limit=days(deal.limit_days))


def company(deal: DealView) -> str:
    """``Vector-Agro · 3 deals``."""
    if deal.company is None:
        return formats.DASH
    if deal.company_deals < 2:
        return deal.company
    return f"{deal.company} · {ntr('{n} deal', '{n} deals', deal.company_deals)}"


def small(text: str) -> str:
    """A word that stands inside a line: ``Today 18:00`` becomes ``today 18:00``."""
    return text[:1].lower() + text[1:]


# -- tasks ----------------------------------------------------------------------------------------

_TASK_STATES = {
    "overdue": N_("Overdue"),
    "today": N_("Today"),
    "planned": N_("Planned"),
    "waiting": N_("Waiting"),
    "done": N_("Done"),
    "cancelled": N_("Cancelled"),
}


def task_state(task: TaskLine) -> str:
    """The state of a task in a word."""
    return tr(_TASK_STATES.get(task.shown, task.shown))


def task_meta(task: TaskLine, zone: Zone, now: int) -> str:
    """Behind a task's title: ``today 18:00 · 2/5 · auto · postponed 2×``."""
    parts = [_when(task, zone, now), awaiting.progress(task)]
    if task.from_rule:
        parts.append(tr("auto"))
    if task.postponed:
        parts.append(tr("postponed {n}×", n=task.postponed))
    return " · ".join(part for part in parts if part)


def task_why(task: TaskLine, deal: DealView, zone: Zone) -> str:
    """Why a task of a deal stands as it does, a line each."""
    return awaiting.why(
        task, deal.waits.get(task.id), deal.kept.get(task.id, ""), deal.kept_since.get(task.id),
        zone,
    )  # fmt: skip


def _when(task: TaskLine, zone: Zone, now: int) -> str:
    if task.state != "open":
        at = "" if task.closed_at is None else small(formats.near(zone, task.closed_at, now))
        return f"{small(task_state(task))} {at}".strip()
    if task.due_at is not None:
        return small(formats.near(zone, task.due_at, now))
    return tr("waiting") if task.event else tr("no date")


# -- history --------------------------------------------------------------------------------------

_TELL = {
    "note_removed": N_("Note removed"),
    "tag_added": N_("Tag “{subject}” added"),
    "tag_removed": N_("Tag “{subject}” taken off"),
    "task_done": N_("Done: {subject}"),
    "task_cancelled": N_("Cancelled: {subject}"),
    "task_reopened": N_("Open again: {subject}"),
    "task_postponed": N_("Postponed: {subject}, {old} → {new}"),
    "task_assigned": N_("{subject}: {old} → {new}"),
    "task_renamed": N_("Task {old} → {new}"),
    "task_removed": N_("Task removed: {subject}"),
    "child": N_("Opened {new} deal “{subject}”"),
    "merged": N_("Merged with “{subject}”"),
    "deleted": N_("Deal deleted"),
    "restored": N_("Deal restored"),
    "imported": N_("Came with an import"),
    "reach_voided": N_("Points for {subject} voided"),
    "reach_credited": N_("Points for {subject} credited to {new}"),
    "reach_restored": N_("Points for {subject} as they were"),
}
#: Payments in from the client, and out to a contractor.
_PAYMENTS = {
    "payment": (N_("Payment of {new} planned"), N_("Payment out of {new} planned")),
    "payment_paid": (N_("Paid: {new}"), N_("Paid out: {new}")),
    "payment_unpaid": (N_("{new} is not paid after all"), N_("{new} is not paid out after all")),
    "payment_changed": (N_("Payment {old} → {new}"), N_("Payment out {old} → {new}")),
    "payment_due": (N_("Payment put off: {old} → {new}"), N_("Payment out put off: {old} → {new}")),
    "payment_noted": (N_("Payment of {new} noted"), N_("Payment out of {new} noted")),
    "payment_removed": (N_("Payment of {old} removed"), N_("Payment out of {old} removed")),
    "payment_restored": (N_("Payment of {new} is back"), N_("Payment out of {new} is back")),
}
#: Contractors' prices and work.
_QUOTES = {
    "quote": N_("Price of {subject}: {new}"),
    "quote_accepted": N_("Price of {subject}: {new} (accepted)"),
    "quote_declined": N_("Price of {subject}: {new} (no longer accepted)"),
    "quote_changed": N_("Price of {subject}: {old} → {new}"),
    "quote_due": N_("Work of {subject} agreed for {new}"),
    "quote_undated": N_("Work of {subject} has no day any more"),
    "quote_done": N_("Work of {subject} done {new}"),
    "quote_undone": N_("Work of {subject} is not done after all"),
    "quote_removed": N_("Price of {subject} removed: {old}"),
    "quote_restored": N_("Price of {subject} is back: {new}"),
}
_ORIGINS = {
    "cli": N_("command line"),
    "import": N_("import"),
    "sync": N_("sync"),
    "demo": N_("sample data"),
}


class HistoryWords:
    """Lines of a history as entries of the timeline."""

    def __init__(self, zone: Zone, now: int) -> None:
        self._zone = zone
        self._now = now

    def entry(self, line: HistoryLine) -> TimelineEntry:
        """One line: what happened, and below it when, who, and what it earned."""
        text, strong = self._undo(line) if line.kind == "undo" else self._tell(line, line.kind)
        return TimelineEntry(text, strong, self._below(line), undone=line.undone or line.superseded)

    def _undo(self, line: HistoryLine) -> tuple[str, str]:
        text, strong = self._tell(line, line.about)
        return tr("Taken back: {what}", what=f"{text} {strong}".strip()), ""

    def _tell(self, line: HistoryLine, kind: str) -> tuple[str, str]:
        old, new = self._value(line, line.old), self._value(line, line.new)
        if kind == "imported" and line.origin == "sync":
            return tr("Taken over from the CRM"), ""
        told = _TELL.get(kind) or _QUOTES.get(kind)
        if told is not None:
            return tr(told, subject=line.subject, old=old, new=new), ""
        if kind in _PAYMENTS:
            return tr(_PAYMENTS[kind][line.subject == "out"], old=old, new=new), ""
        if kind in ("move", "created"):
            text = tr("Created in") if kind == "created" else f"{old} →"
            return f"“{line.subject}”: {text}" if line.subject else text, new
        if kind == "task":
            due = "" if line.new is None else f" · {new}"
            return f"{tr('Task')}: {line.subject}{due}", ""
        if kind == "task_due":
            return self._changed(line.subject, line, old, new), ""
        if kind in ("note", "note_changed"):
            return f"{tr('Note')}: {new}", ""
        name = line.subject if kind == "own_field" else field_name(line.subject or "owner_id")
        return self._changed(name, line, old, new), ""

    @staticmethod
    def _changed(name: str, line: HistoryLine, old: str, new: str) -> str:
        if line.old is None:
            return f"{name}: {new}"
        return f"{name}: {old} → {new}"

    def _value(self, line: HistoryLine, value: Value) -> str:
        return values.told(value, line.holds, self._zone, self._now, line.currency)

    def _below(self, line: HistoryLine) -> str:
        parts = [formats.moment(self._zone, line.at, self._now), self._who(line)]
        if line.points is not None:
            parts.append(self._points(line))
        parts.append(line.reason or "")
        if line.superseded:
            parts.append(tr("replaced by imported moves"))
        if line.undone:
            at = "" if line.undone_at is None else formats.moment(
                self._zone, line.undone_at, self._now
            )  # fmt: skip
            taken = f"{tr('taken back')} {at}".strip()
            parts.append(", ".join(filter(None, (taken, line.undone_by))))
        return " · ".join(part for part in parts if part)

    @staticmethod
    def _who(line: HistoryLine) -> str:
        if line.automatic:
            return tr("automatic")
        origin = _ORIGINS.get(line.origin)
        unknown = tr("author not known") if line.lacks_author else ""
        return " · ".join(filter(None, (line.who, tr(origin) if origin else "", unknown)))

    @staticmethod
    def _points(line: HistoryLine) -> str:
        earned = line.points or Decimal(0)
        figures = formats.decimal(earned)
        # A fraction takes the form of "two": 0.1 points, in Russian the genitive.
        n = abs(int(earned)) if earned == earned.to_integral_value() else 2
        if line.points_to:
            return ntr(
                "+{points} point to {who}", "+{points} points to {who}", n,
                points=figures, who=line.points_to,
            )  # fmt: skip
        return ntr("+{points} point", "+{points} points", n, points=figures)
