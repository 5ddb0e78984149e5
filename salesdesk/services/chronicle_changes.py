"""What one command changed, field by field, for whoever unfolds it in the history.

Values are raw (``holds`` says what they are, see ``fieldwords``); records are named already.
"""

from collections import defaultdict
from dataclasses import dataclass, replace
from typing import Any

from salesdesk.models.store import Reader
from salesdesk.services.chronicle import FACTS, Row, Subject, lines_of, named, names_of
from salesdesk.services.fieldwords import FIELDS, THINGS, TITLES
from salesdesk.services.tasks import ASSIGNEE, DUE, STATE
from salesdesk.text import N_


@dataclass(frozen=True, slots=True)
class Change:
    """One change of a command. ``what``: ``made``, ``removed``, ``restored``, ``set``; for ``set``
    the field's marked name, from what to what, and what they hold (see ``fieldwords``)."""

    subject: Subject
    what: str
    field: str = ""
    old: Any = None
    new: Any = None
    holds: str = "text"
    currency: str = ""


def changes(r: Reader, command_id: int, *, limit: int = 200) -> tuple[list[Change], int]:
    """What a command changed, as people tell it, and how many lines of the log there are in all
    (of which the first ``limit`` were looked at). An undo is told by what it took back."""
    about = r.value("SELECT undoes_id FROM command WHERE id = ?", (command_id,)) or command_id
    lines = lines_of(r, about, limit)
    keys = [(row[0], row[1]) for row in lines.rows if row[0] not in FACTS]
    subjects = {(one.table, one.id): one for one in named(r, list(dict.fromkeys(keys)))}
    found: list[Change] = []
    for table, key, column, old, new in lines.rows:
        if table in FACTS:
            found += _fact(r, table, key)
            continue
        one = _change(r, subjects[table, key], column, old, new)
        if one is not None:
            found.append(one)
    return _resolved(r, found), lines.total


def _change(r: Reader, subject: Subject, column: str | None, old: Any, new: Any) -> Change | None:
    if column is None:
        return _made(r, subject)
    if column == "deleted_at":
        return Change(subject, "removed" if new is not None else "restored")
    known = FIELDS.get(subject.table, {}).get(column)
    if known is None:
        return None
    label, holds = known
    if subject.table == "field_value":
        label = r.value(
            "SELECT f.name FROM field_value v JOIN custom_field f ON f.id = v.field_id "
            "WHERE v.id = ?",
            (subject.id,),
        )
    currency = ""
    if holds == "money":
        table = subject.table
        currency = r.value(f"SELECT currency FROM {table} WHERE id = ?", (subject.id,)) or ""
    return Change(subject, "set", label, old, new, holds, currency)


def _made(r: Reader, subject: Subject) -> Change:
    """A new record; a part of another one is told with its own words."""
    if subject.table == "deal_tag":
        tag = r.value("SELECT tag_id FROM deal_tag WHERE id = ?", (subject.id,))
        return Change(subject, "made", new=tag, holds="tag")
    if subject.table == "note":
        return Change(subject, "made", new=subject.name)
    if subject.table == "payment":
        amount, currency = r.row(
            "SELECT amount, currency FROM payment WHERE id = ?", (subject.id,)
        ) or (None, "")
        return Change(subject, "made", new=amount, holds="money", currency=currency)
    if subject.table == "field_value":
        label, value = r.row(
            "SELECT f.name, v.value FROM field_value v JOIN custom_field f ON f.id = v.field_id "
            "WHERE v.id = ?",
            (subject.id,),
        ) or ("", None)
        return Change(subject, "set", label, None, value)
    return Change(subject, "made")


_FACT_SQL = {
    "stage_move": "SELECT d.id, d.title, m.from_stage_id, m.to_stage_id, m.sets_owner, m.owner_id "
    "FROM stage_move m JOIN deal d ON d.id = m.deal_id WHERE m.id = ?",
    "owner_change": "SELECT d.id, d.title, (SELECT o.person_id FROM owner_change o WHERE "
    "o.deal_id = x.deal_id AND (o.at, o.seq) < (x.at, x.seq) AND o.undone = 0 "
    "ORDER BY o.at DESC, o.seq DESC LIMIT 1), x.person_id FROM owner_change x "
    "JOIN deal d ON d.id = x.deal_id WHERE x.id = ?",
    "reach_ruling": "SELECT d.id, d.title, s.name, g.kind, g.person_id, g.reason "
    "FROM reach_ruling g JOIN deal d ON d.id = g.deal_id JOIN stage s ON s.id = g.stage_id "
    "WHERE g.id = ?",
    "task_change": "SELECT t.id, t.title, x.fields, x.assignee_id, x.due_at, x.state, x.reason, "
    "x.at, x.seq FROM task_change x JOIN task t ON t.id = x.task_id WHERE x.id = ?",
}


def _fact(r: Reader, table: str, key: int) -> list[Change]:
    row = r.row(_FACT_SQL[table], (key,))
    if row is None:
        return []
    subject = Subject(FACTS[table][0], row[0], row[1])
    if table == "stage_move":
        found = [Change(subject, "set", THINGS[table], row[2], row[3], "stage")]
        if row[4] and row[5] is not None:
            found.append(Change(subject, "set", THINGS["owner_change"], None, row[5], "person"))
        return found
    if table == "owner_change":
        return [Change(subject, "set", THINGS[table], row[2], row[3], "person")]
    if table == "reach_ruling":
        return [Change(subject, f"reach_{row[3]}", row[2], row[5], row[4], "person")]
    return _task_fact(r, subject, row)


def _task_fact(r: Reader, subject: Subject, row: Row) -> list[Change]:
    bits, assignee, due, state, reason = row[2:7]
    found = []
    for bit, column, label, new, holds in (
        (ASSIGNEE, "assignee_id", N_("For whom"), assignee, "person"),
        (DUE, "due_at", N_("Due"), due, "moment"),
        (STATE, "state", N_("State"), state, "word"),
    ):
        if bits & bit:
            old = r.value(
                f"SELECT {column} FROM task_change WHERE task_id = ? AND fields & ? AND undone = 0 "
                "AND (at, seq) < (?, ?) ORDER BY at DESC, seq DESC LIMIT 1",
                (subject.id, bit, row[7], row[8]),
            )
            if (old is not None or new is not None) and (old, new) != (None, "open"):
                found.append(Change(subject, "set", label, old, new, holds))
    if reason:
        found.append(Change(subject, "set", N_("Because"), None, reason))
    return found


def _resolved(r: Reader, found: list[Change]) -> list[Change]:
    """Keys of records replaced by their names."""
    wanted: dict[str, set[int]] = defaultdict(set)
    for one in found:
        if one.holds in TITLES:
            wanted[one.holds].update(key for key in (one.old, one.new) if isinstance(key, int))
    names = {
        (table, key): name for table, ids in wanted.items() for key, name in names_of(r, table, ids)
    }
    return [
        replace(
            one,
            old=names.get((one.holds, one.old), one.old),
            new=names.get((one.holds, one.new), one.new),
            holds="text",
        )
        if one.holds in TITLES
        else one
        for one in found
    ]
