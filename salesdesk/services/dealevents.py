"""Where the history of a deal comes from: its facts and its lines of the log, put in one order.

Names are still ids here (``holds`` says of what); ``dealhistory`` makes words of what is shown.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from salesdesk.models.asking import OF_RECORDS
from salesdesk.models.store import Reader
from salesdesk.services import dealpayments, dealquotes
from salesdesk.services.tasks import ASSIGNEE, DUE, STATE

Row = tuple[Any, ...]

#: Fields of a deal that people know, with what they hold; everything else in the log is not shown.
FIELDS = {
    "title": "text", "amount": "money", "cost": "money", "currency": "text",
    "client_id": "client", "contact_id": "client", "source_id": "source",
    "industry_id": "industry", "start_day": "day", "expected_day": "day",
    "probability": "percent", "parent_id": "deal", "lost_reason_id": "lost_reason",
    "external_id": "text",
}  # fmt: skip


@dataclass(slots=True)
class Event:
    """Something that happened; see ``dealhistory.HistoryLine`` for the kinds."""

    at: int
    seq: int
    kind: str
    command_id: int
    by: int | None = None
    origin: str = ""
    automatic: bool = False
    subject: str = ""
    old: Any = None
    new: Any = None
    holds: str = "text"
    currency: str = ""
    reason: str | None = None
    reason_id: int | None = None
    move_id: int | None = None
    responsible: int | None = None
    undone: bool = False
    undone_by: int | None = None
    undone_at: int | None = None
    superseded: bool = False
    about: str = ""


class _Command(NamedTuple):
    kind: str
    origin: str
    person: int | None
    at: int
    undone: bool


@dataclass(slots=True)
class _Gathered:
    """What was read, before it is put in order. ``moving`` are commands that moved the deal,
    ``by_hand`` those of them in which no rule did."""

    events: list[Event] = field(default_factory=list)
    commands: dict[int, _Command] = field(default_factory=dict)
    moving: set[int] = field(default_factory=set)
    by_hand: set[int] = field(default_factory=set)


def events(r: Reader, deal_id: int) -> list[Event]:
    """Everything that happened to a deal, the newest first."""
    log = r.rows(_LOG, (deal_id,) * 7)
    moves = r.rows(_MOVES, (deal_id,))
    owners = r.rows(
        "SELECT at, seq, command_id, person_id, undone FROM owner_change WHERE deal_id = ?",
        (deal_id,),
    )
    facts = r.rows(_TASKS, (deal_id,))
    rulings = r.rows(_RULINGS, (deal_id,))
    children = r.rows(_CHILDREN, (deal_id,))
    known = {row[6] for row in log}
    known.update(row[2] for row in (*moves, *owners, *facts, *rulings, *children))
    gathered = _Gathered(commands=_commands(r, known))
    gathered.moving = {row[2] for row in moves}
    gathered.by_hand = {row[2] for row in moves if row[7] != "rule"}
    gathered.events += _moves(gathered, moves, owners)
    gathered.events += _task_facts(gathered, facts)
    gathered.events += _rulings(gathered, rulings)
    gathered.events += _children(gathered, children)
    gathered.events += _logged(r, deal_id, gathered, log)
    _mark_undone(r, gathered)
    return _in_order(r, deal_id, gathered.events)


def _in_order(r: Reader, deal_id: int, found: list[Event]) -> list[Event]:
    """The newest first; amounts get the currency that the deal had then."""
    found.sort(key=lambda event: (event.at, event.seq), reverse=True)
    currency = r.value("SELECT currency FROM deal WHERE id = ?", (deal_id,)) or ""
    for event in found:
        event.currency = event.currency or currency
        if event.kind == "field" and event.subject == "currency" and not event.undone:
            currency = event.old or currency
    return found


def _commands(r: Reader, ids: set[int]) -> dict[int, _Command]:
    return {
        row[0]: _Command(row[1], row[2], row[3], row[4], bool(row[5]))
        for row in r.rows_of(
            "SELECT id, kind, origin, person_id, at, undone FROM command WHERE id IN ({ids})",
            sorted(ids),
        )
    }


def _mark_undone(r: Reader, gathered: _Gathered) -> None:
    """Say of each undone event who took it back and when, and add the undo as an event."""
    undone = {event.command_id for event in gathered.events if event.undone}
    takers: dict[int, Row] = {}
    if undone:
        # Undos come after what they are about, so the search begins there.
        for row in r.rows_of(
            "SELECT undoes_id, id, person_id, at FROM command WHERE id > ? AND kind = 'undo' "
            "AND undoes_id IN ({ids}) ORDER BY id",
            sorted(undone),
            (min(undone),),
        ):
            takers[row[0]] = row[1:]
    first: dict[int, Event] = {}
    for event in gathered.events:
        if event.undone and event.command_id in takers:
            _command, event.undone_by, event.undone_at = takers[event.command_id]
            kept = first.get(event.command_id)
            if kept is None or _weight(event) < _weight(kept):
                first[event.command_id] = event
    for about, event in first.items():
        command, person, at = takers[about]
        told = replace(
            event, at=at, seq=event.seq + 1, command_id=command, by=person, undone=False,
            automatic=False, about=event.kind, reason=None, reason_id=None, move_id=None,
            kind="undo", origin="undo", undone_by=None, undone_at=None,
        )  # fmt: skip
        gathered.events.append(told)


def _weight(event: Event) -> tuple[int, int]:
    """What a command is called by: its move, else its first event."""
    return (0 if event.kind in ("move", "created") else 1, event.seq)


# -- moves and people -----------------------------------------------------------------------------

#: What a sync assumed of a deal until its history was read did not happen: it is not told.
_MOVES = (
    "SELECT at, seq, command_id, id, to_stage_id, from_stage_id, mover_id, mover_as, owner_id, "
    "sets_owner, lost_reason_id, override, undone, superseded FROM stage_move WHERE deal_id = ? "
    "AND superseded <> 2 AND NOT (superseded AND mover_as = 'sync' AND evidence = 'assumed')"
)


@dataclass(slots=True)
class _Walk:
    """Where the deal stood and who was responsible, while its facts are played in order."""

    stage: int | None = None
    owner: int | None = None
    started: bool = False


def _moves(gathered: _Gathered, moves: list[Row], owners: list[Row]) -> list[Event]:
    walk = _Walk()
    found: list[Event] = []
    facts = [(row[0], row[1], row, True) for row in moves]
    facts += [(row[0], row[1], row, False) for row in owners]
    for _at, _seq, row, is_move in sorted(facts, key=lambda fact: fact[:2]):
        found += _moved(gathered, row, walk) if is_move else _given(gathered, row, walk)
    return found


def _moved(gathered: _Gathered, row: Row, walk: _Walk) -> list[Event]:
    at, seq, command, move, stage, left, mover, mover_as, owner, sets, lost, override = row[:12]
    undone, superseded = bool(row[12]), bool(row[13])
    responsible = owner if sets else walk.owner
    event = Event(
        at, seq, "move" if walk.started else "created", command, mover, mover_as,
        automatic=mover_as == "rule", new=stage, holds="stage", reason_id=lost,
        reason=override if override and override != "rule" else None,
        old=walk.stage if undone or superseded else left, move_id=move, responsible=responsible,
        undone=undone, superseded=superseded,
    )  # fmt: skip
    found = [event]
    if not undone and not superseded:
        if walk.started and responsible != walk.owner:
            found.append(_owner(at, seq, command, walk.owner, responsible, gathered))
        walk.stage, walk.owner, walk.started = stage, responsible, True
    return found


def _given(gathered: _Gathered, row: Row, walk: _Walk) -> list[Event]:
    at, seq, command, person, undone = row
    event = _owner(at, seq, command, walk.owner, person, gathered)
    event.undone = bool(undone)
    if person == walk.owner:
        return []
    if not undone:
        walk.owner = person
    return [event]


def _owner(
    at: int, seq: int, command: int, old: int | None, new: int | None, gathered: _Gathered
) -> Event:
    by = gathered.commands[command]
    return Event(at, seq, "owner", command, by.person, by.origin, old=old, new=new, holds="person")


_RULINGS = (
    "SELECT g.at, g.seq, g.command_id, g.kind, s.name, g.person_id, g.reason, g.by_id, g.undone "
    "FROM reach_ruling g JOIN stage s ON s.id = g.stage_id WHERE g.deal_id = ?"
)


def _rulings(gathered: _Gathered, rows: list[Row]) -> list[Event]:
    words = {"void": "reach_voided", "credit": "reach_credited", "restore": "reach_restored"}
    return [
        Event(
            at, seq, words[kind], command, by, gathered.commands[command].origin, subject=stage,
            new=person, holds="person", reason=reason, undone=bool(undone),
        )
        for at, seq, command, kind, stage, person, reason, by, undone in rows
    ]  # fmt: skip


_CHILDREN = (
    "SELECT m.at, m.seq, m.command_id, m.mover_id, m.mover_as, m.undone, d.title, p.name "
    "FROM deal d JOIN stage_move m ON m.id = "
    "(SELECT x.id FROM stage_move x WHERE x.deal_id = d.id ORDER BY x.at, x.seq LIMIT 1) "
    "JOIN stage s ON s.id = m.to_stage_id JOIN pipeline p ON p.id = s.pipeline_id "
    "WHERE d.parent_id = ? AND d.merged_into_id IS NULL"
)


def _children(gathered: _Gathered, rows: list[Row]) -> list[Event]:
    return [
        Event(
            at, seq, "child", command, mover, gathered.commands[command].origin,
            automatic=mover_as == "rule", subject=title, new=pipeline, undone=bool(undone),
        )
        for at, seq, command, mover, mover_as, undone, title, pipeline in rows
    ]  # fmt: skip


# -- tasks ----------------------------------------------------------------------------------------

_TASKS = (
    "SELECT f.at, f.seq, f.command_id, f.task_id, t.title, t.rule_id IS NOT NULL, f.fields, "
    "f.assignee_id, f.due_at, f.state, f.postponement, f.reason, f.person_id, f.undone, t.result "
    "FROM task t JOIN task_change f ON f.task_id = t.id WHERE t.deal_id = ? ORDER BY f.at, f.seq"
)
_CLOSED = {"done": "task_done", "cancelled": "task_cancelled", "open": "task_reopened"}


def _task_facts(gathered: _Gathered, rows: list[Row]) -> list[Event]:
    """Facts of tasks as events; ``old`` comes from the live facts before."""
    assignees: dict[int, int | None] = {}
    dues: dict[int, int | None] = {}
    seen: set[int] = set()
    found = []
    for row in rows:
        task = row[3]
        event = _task_event(gathered, row, task in seen, assignees.get(task), dues.get(task))
        seen.add(task)
        found.append(event)
        if row[13]:
            continue
        if row[6] & ASSIGNEE:
            assignees[task] = row[7]
        if row[6] & DUE:
            dues[task] = row[8]
    return found


def _task_event(
    gathered: _Gathered, row: Row, known: bool, assignee: int | None, due: int | None
) -> Event:
    at, seq, command, _task, title, from_rule, bits = row[:7]
    by = gathered.commands[command]
    event = Event(
        at, seq, "task", command, row[12] or by.person, by.origin, subject=title,
        undone=bool(row[13]), automatic=_by_rule(by, bool(from_rule), known),
    )  # fmt: skip
    if not known:
        event.old, event.new, event.holds = None, row[8], "moment"
    elif bits & STATE:
        event.kind = _CLOSED[row[9]]
        event.reason = row[14] if row[9] == "done" else None
    elif bits & DUE:
        event.kind = "task_postponed" if row[10] else "task_due"
        event.old, event.new, event.holds, event.reason = due, row[8], "moment", row[11]
    else:
        event.kind = "task_assigned"
        event.old, event.new, event.holds = assignee, row[7], "person"
    return event


def _by_rule(command: _Command, from_rule: bool, known: bool) -> bool:
    """Whether a rule did it: it made the task, or changed it as a consequence of something else."""
    if not known:
        return from_rule
    return not command.kind.startswith(("task.", "sync", "import"))


# -- the log --------------------------------------------------------------------------------------


def _of(table: str, where: str) -> str:
    return (
        "SELECT c.id, c.tbl, c.row_id, c.field, c.old, c.new, t.command_id FROM change c "
        f"JOIN txn t ON t.id = c.txn_id WHERE c.tbl = '{table}' AND c.{OF_RECORDS} "
        f"AND c.row_id {where}"
    )


_LOG = " UNION ALL ".join(
    (
        _of("deal", "= ?"),
        _of("note", "IN (SELECT id FROM note WHERE deal_id = ?)"),
        _of("payment", "IN (SELECT id FROM payment WHERE deal_id = ?)"),
        _of("contractor_quote", "IN (SELECT id FROM contractor_quote WHERE deal_id = ?)"),
        _of("deal_tag", "IN (SELECT id FROM deal_tag WHERE deal_id = ?)"),
        _of("field_value", "IN (SELECT id FROM field_value WHERE subject_id = ?)"),
        _of("task", "IN (SELECT id FROM task WHERE deal_id = ?)"),
    )
)
_ROWS = {
    "note": "SELECT id, text, at, person_id, NULL, NULL FROM note WHERE id IN ({ids})",
    "deal_tag": "SELECT d.id, t.name, NULL, NULL, NULL, NULL FROM deal_tag d "
    "JOIN tag t ON t.id = d.tag_id WHERE d.id IN ({ids})",
    "field_value": "SELECT v.id, f.name, NULL, NULL, v.value, NULL FROM field_value v "
    "JOIN custom_field f ON f.id = v.field_id WHERE f.subject = 'deal' AND v.id IN ({ids})",
    "task": "SELECT id, title, NULL, NULL, NULL, NULL FROM task WHERE id IN ({ids})",
}
#: Kinds of events by table: appeared, went, changed.
_WORDS = {
    "note": ("note", "note_removed", "note_changed"),
    "deal_tag": ("tag_added", "tag_removed", ""),
    "field_value": ("own_field", "own_field", "own_field"),
    "task": ("", "task_removed", "task_renamed"),
}
#: Tables whose lines are told together (``dealpayments``, ``dealquotes``).
_PLAYED = ("payment", "contractor_quote")
#: The column of each table whose changes are told.
_TOLD = {"note": "text", "field_value": "value", "task": "title"}


def _logged(r: Reader, deal_id: int, gathered: _Gathered, log: list[Row]) -> list[Event]:
    """Lines of the log as events; what an undo wrote is told by the undo itself."""
    led = _led(r, deal_id, log)
    rows: dict[str, dict[int, Row]] = {}
    for table, sql in _ROWS.items():
        ids = sorted({row[2] for row in log if row[1] == table})
        rows[table] = {row[0]: row[1:] for row in r.rows_of(sql, ids)}
    first_old = _first_old(log)
    found = [*_payments(r, gathered, log), *_quotes(r, gathered, log)]
    for row in log:
        by = gathered.commands[row[6]]
        if by.origin == "undo" or row[1] in _PLAYED:
            continue
        event = Event(by.at, row[0], "", row[6], by.person, by.origin, undone=by.undone)
        about = rows[row[1]].get(row[2]) if row[1] in rows else None
        if row[1] == "deal":
            told = _deal_line(event, row, by, gathered.moving)
        else:
            told = about is not None and _other_line(event, row, about, first_old)
        if told:
            noted = event.kind == "note" and about is not None and about[2] is None
            if noted or event.kind in ("field", "own_field"):
                event.automatic |= _is_automatic(row, by, gathered, led)
            found.append(event)
    return found


def _is_automatic(row: Row, by: _Command, gathered: _Gathered, led: dict[int, int]) -> bool:
    """Whether a line came along a link: with a move that was another deal's, or after a change of
    the parent or a child. What was filled in with the own move was typed."""
    if by.kind in ("deal.move", "deal.create") and row[6] not in gathered.by_hand:
        return True
    return not by.kind.startswith(("sync", "import")) and led.get(row[6], row[0]) < row[0]


_RELATIVES = (
    "SELECT id FROM deal WHERE parent_id = ?1 UNION "
    "SELECT parent_id FROM deal WHERE id = ?1 AND parent_id IS NOT NULL"
)
_LED = (
    "SELECT t.command_id, min(c.id) FROM change c JOIN txn t ON t.id = c.txn_id "
    f"WHERE c.tbl = '{{table}}' AND c.{OF_RECORDS} AND c.row_id IN ({{{{ids}}}}) "
    "{more}GROUP BY t.command_id"
)


def _led(r: Reader, deal_id: int, log: list[Row]) -> dict[int, int]:
    """Commands that changed a field of the parent or of a child, with the first line that says so:
    what they changed here after it came along a link, and nobody typed it."""
    if not any(row[1] == "field_value" or (row[1] == "deal" and row[3]) for row in log):
        return {}
    found: dict[int, int] = {}
    near = [row[0] for row in r.rows(_RELATIVES, (deal_id,))]
    values = r.rows_of(
        "SELECT v.id FROM field_value v JOIN custom_field f ON f.id = v.field_id "
        "WHERE f.subject = 'deal' AND v.subject_id IN ({ids})",
        near,
    )
    lines = r.rows_of(_LED.format(table="deal", more="AND c.field IS NOT NULL "), near)
    lines += r.rows_of(_LED.format(table="field_value", more=""), [row[0] for row in values])
    for command, first in lines:
        found[command] = min(first, found.get(command, first))
    return found


def _payments(r: Reader, gathered: _Gathered, log: list[Row]) -> list[Event]:
    """What happened to payments; lines of one payment and command are told as one."""
    found = []
    for told in dealpayments.told(r, [row for row in log if row[1] == "payment"]):
        by = gathered.commands[told.command_id]
        if by.origin != "undo":
            found.append(
                Event(
                    by.at, told.seq, told.kind, told.command_id, by.person, by.origin,
                    subject=told.direction, old=told.old, new=told.new, holds=told.holds,
                    currency=told.currency, reason=told.about, undone=by.undone,
                )
            )  # fmt: skip
    return found


def _quotes(r: Reader, gathered: _Gathered, log: list[Row]) -> Iterator[Event]:
    """What happened to contractors' prices; the service stands where a reason does."""
    for told in dealquotes.told(r, [row for row in log if row[1] == "contractor_quote"]):
        by = gathered.commands[told.command_id]
        if by.origin != "undo":
            yield Event(
                by.at, told.seq, told.kind, told.command_id, by.person, by.origin,
                subject=told.contractor, old=told.old, new=told.new, holds=told.holds,
                currency=told.currency, reason=told.service, undone=by.undone,
            )  # fmt: skip


def _first_old(log: list[Row]) -> dict[tuple[str, int], Any]:
    """What the told column of each record held at first, where it has changed since."""
    found: dict[tuple[str, int], Any] = {}
    for line, table, key, name, old, _new, _command in sorted(log):
        if line and name is not None and name == _TOLD.get(table):
            found.setdefault((table, key), old)
    return found


def _deal_line(event: Event, row: Row, by: _Command, moving: set[int]) -> bool:
    """Fill in a line of the deal's own; False when it is not told."""
    name, old, new = row[3:6]
    if name is None:
        event.kind = "imported"
        return by.origin in ("import", "sync")
    if name == "deleted_at":
        event.kind = "restored" if new is None else "deleted"
        return True
    if name not in FIELDS or (name == "lost_reason_id" and row[6] in moving):
        return False
    event.kind, event.subject, event.holds = "field", name, FIELDS[name]
    event.old, event.new = old, new
    event.automatic = by.kind.startswith("quote.")
    return True


def _other_line(event: Event, row: Row, about: Row, first_old: dict[tuple[str, int], Any]) -> bool:
    """Fill in a line of a note, payment, tag, own field or task; False when it is not told."""
    table, key, name, old, new = row[1:6]
    made, gone, changed = _WORDS[table]
    title, at, author, value, currency = about
    event.subject, event.currency = title, currency or ""
    if name is None:
        event.kind = made
        event.new = first_old.get((table, key), title if table == "note" else value)
        event.at, event.by = at or event.at, author or event.by
        return bool(made)
    if name == "deleted_at":
        event.kind = made if new is None else gone
        event.old = None if new is None else value
        return bool(event.kind)
    event.kind, event.old, event.new = changed, old, new
    return bool(name == _TOLD.get(table))
