"""What the history page says."""

from salesdesk.moments import Zone
from salesdesk.services.audit import Entry, kind_name, origin_name
from salesdesk.services.chronicle import Told
from salesdesk.services.chronicle_changes import Change
from salesdesk.services.fieldwords import FIELDS, THINGS
from salesdesk.services.undo_preview import Stays
from salesdesk.text import N_, ntr, tr
from salesdesk.ui import formats, values

#: Groups of kinds to filter by: key, marked name, the words before the dot of a kind.
KINDS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("deals", N_("Deals"), ("deal", "reach")),
    ("tasks", N_("Tasks"), ("task",)),
    ("clients", N_("Clients"), ("client",)),
    ("payments", N_("Payments"), ("payment",)),
    ("notes", N_("Notes"), ("note",)),
    ("imports", N_("Imports"), ("import", "configuration")),
    ("undos", N_("Undone and done again"), ("undo", "redo")),
    ("people", N_("People and teams"), ("person", "team", "absence")),
    (
        "settings", N_("Settings"),
        ("settings", "pipeline", "stage", "points", "task_rule", "link_rule", "list", "rate",
         "day_off"),
    ),
    ("plans", N_("Plans and norms"), ("plan", "norm")),
)  # fmt: skip
#: Periods to filter by: key, marked name, days back from today (0: today alone).
PERIODS: tuple[tuple[str, str, int | None], ...] = (
    ("any", N_("Any time"), None),
    ("today", N_("Today"), 0),
    ("yesterday", N_("Since yesterday"), 1),
    ("week", N_("Last 7 days"), 6),
    ("month", N_("Last 30 days"), 29),
    ("quarter", N_("Last 90 days"), 89),
)
_REACHES = {
    "reach_void": N_("points voided"),
    "reach_credit": N_("points credited to {new}"),
    "reach_restore": N_("points as they were"),
}
_ORIGINS_SAID = frozenset({"cli", "import", "rule", "sync", "demo"})


def what(told: Told) -> str:
    """What a command did: ``Deal moved``, ``Taken back: Deal moved``."""
    if told.original is None:
        return told.entry.what()
    done = told.original.what()
    if told.entry.kind == "redo":
        return tr("Done again: {what}", what=done)
    return tr("Taken back: {what}", what=done)


def about(told: Told) -> str:
    """Which deal, task or thing it was about."""
    entry: Entry = told.original or told.entry
    said = entry.about()
    deal = next((one.name for one in told.subjects if one.table == "deal"), "")
    if said and deal and entry.kind.startswith("task."):
        return f"{said} · {deal}"
    if said and (fields := _fields(entry)):
        return f"{said} · {fields}"
    if said:
        return said
    names = [subject.name for subject in told.subjects if subject.name]
    return ", ".join(names) + ("…" if names and told.more else "")


def _fields(entry: Entry) -> str:
    """The fields that a command says it set, as people call them."""
    fields = entry.detail.get("fields")
    if not isinstance(fields, list):
        return ""
    known = FIELDS.get(entry.kind.partition(".")[0], {})
    return ", ".join(tr(known[name][0]) if name in known else str(name) for name in fields)


def by_whom(told: Told) -> str:
    """Who did it, and from where when not from the window."""
    entry = told.entry
    where = origin_name(entry.origin) if entry.origin in _ORIGINS_SAID else ""
    parts = [entry.person or ("" if where else tr("nobody in particular")), where]
    return " · ".join(part for part in parts if part)


def origin(told: Told) -> str:
    """From where it came."""
    return origin_name(told.entry.origin)


def thing(table: str) -> str:
    """What a record of a table is called."""
    return tr(THINGS[table]) if table in THINGS else table


def came_or_went(one: Change) -> str:
    """Behind the name of a record that was made, removed or brought back; else nothing."""
    said = {"made": tr("new"), "removed": tr("removed"), "restored": tr("back again")}
    return said.get(one.what, "")


def change(one: Change, zone: Zone, now: int) -> tuple[str, str]:
    """A change as a label and what became of it; empty where the heading says it all."""
    old = values.raw(one.old, one.holds, zone, now, one.currency)
    new = values.raw(one.new, one.holds, zone, now, one.currency)
    if one.what == "made" and one.new is not None:
        return (tr("Amount") if one.holds == "money" else thing(one.subject.table)), new
    if came_or_went(one):
        return "", ""
    if one.what in _REACHES:
        said = tr(_REACHES[one.what], new=new)
        return one.field, f"{said} ({one.old})" if one.old else said
    name = tr(one.field)
    if one.old is None or one.old == "":
        return name, new
    return name, f"{old} → {new}"


def stays(one: Stays, zone: Zone, now: int) -> str:
    """Why something outlives an undo."""
    name = one.subject.name or thing(one.subject.table)
    at = formats.moment(zone, one.at, now)
    who = one.person or tr("nobody in particular")
    since = f"{kind_name(one.kind)}, {who}, {at}"
    if one.field:
        return tr("“{name}”, {field}: changed since ({since})",
                  name=name, field=tr(one.field), since=since)  # fmt: skip
    return tr("“{name}” stays: it was worked on since ({since})", name=name, since=since)


def records(n: int) -> str:
    """How many records."""
    return ntr("{n} record", "{n} records", n)
