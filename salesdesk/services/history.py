"""Undo, redo and recovery: what the log makes possible (architecture.md rule 8).

A record exists while the command that made it stands, or while another standing command touched it.
A field holds what the last standing command wrote, else what it held first. A fact counts while its
command stands, or while the record that this same command made is kept for others' sake. ``settle``
brings rows to exactly that; it may run any number of times.
"""

import json
from collections import defaultdict
from collections.abc import Generator
from dataclasses import dataclass
from typing import Any

from salesdesk.errors import NotFound, Refused, SalesDeskError
from salesdesk.models.asking import OF_RECORDS
from salesdesk.models.store import LongCommand, Reader, Store, Transaction
from salesdesk.services import audit, rights, rights_guard
from salesdesk.services.coming_back import refuse_taken
from salesdesk.services.history_references import NAMES, ORDER, claims
from salesdesk.services.records import mark_dependents
from salesdesk.text import N_

Row = tuple[Any, ...]
#: Rows of one transaction: (table, keys) pairs.
Batch = list[tuple[str, list[int]]]
SLICE = 100
FACTS = {"stage_move": "deal_id", "owner_change": "deal_id", "reach_ruling": "deal_id",
         "task_change": "task_id"}  # fmt: skip
_CHOSEN_ANEW = N_("A connection to a CRM and its choices are changed anew on the page of the sync, "
                  "not taken back; nothing was changed.")  # fmt: skip
_FROM_CRM = N_("What came from the CRM is not taken back here: change the record, and the change "
               "goes there with the next round; nothing was changed.")  # fmt: skip
_OF = {"deal": ("stage_move", "owner_change", "reach_ruling"), "task": ("task_change",)}


@dataclass(frozen=True, slots=True)
class UndoResult:
    """What an undo or redo did: its own command, the one it was about, and what stays."""

    command_id: int
    about_id: int
    kind: str
    kept: tuple[str, ...] = ()


def undo(store: Store, command_id: int, *, person: int | None, now: int) -> UndoResult:
    """Take a command back with all it caused. What others changed since stays and is named.

    Raises NotFound for a command that is not there, Refused for one that is undone already and for
    another person's that is not this person's to take back.
    """
    return _drain(undo_steps(store, command_id, person=person, now=now))


def redo(store: Store, command_id: int, *, person: int | None, now: int) -> UndoResult:
    """Bring a command back that was undone."""
    return _drain(undo_steps(store, command_id, person=person, now=now, back=True))


def _drain(steps: Generator[object, None, UndoResult]) -> UndoResult:
    while True:
        try:
            next(steps)
        except StopIteration as end:
            result: UndoResult = end.value
            return result


def undo_steps(
    store: Store, command_id: int, *, person: int | None, now: int, back: bool = False
) -> Generator[object, None, UndoResult]:
    """The same in short transactions, for the writer; yields (rows done, rows in all)."""
    with store.read() as r:
        kind = _check(r, command_id, back)
        require(r, command_id, person, back=back)
        work = _slices(touched(r, command_id))
    total = sum(len(ids) for batch in work for _, ids in batch)
    name = "redo" if back else "undo"
    command = store.long_command(name, now=now, person=person, origin="undo", undoes=command_id)
    kept: dict[str, dict[int, str]] = {}
    done = 0
    for place, batch in enumerate(work):
        last = place == len(work) - 1
        try:
            with command.transaction(last=last) as tx:
                if place == 0:
                    tx.set_undone(command_id, not back)
                for table, ids in batch:
                    kept.setdefault(table, {}).update(settle(tx, table, ids, command_id))
                if last:
                    _settle_kept(tx)
                    if any(kept.values()):
                        tx.set_detail(kept={name: sorted(found) for name, found in kept.items()})
        except BaseException:
            if place > 0:
                _turn_back(command, work[:place], command_id, back)
            raise
        done += sum(len(ids) for _, ids in batch)
        yield done, total
    assert command.id is not None
    names = tuple(name for found in kept.values() for name in found.values())
    return UndoResult(command.id, command_id, kind, names)


def _turn_back(command: LongCommand, work: list[Batch], command_id: int, back: bool) -> None:
    """An undo (or redo) of several transactions was refused half-way: as if it had not begun."""
    with command.transaction() as tx:
        tx.set_undone(command_id, back)
    _settle_all(command, work, command_id)
    with command.transaction(last=True):
        pass


def _settle_kept(tx: Transaction) -> None:
    """Records that an earlier undo kept for others' sake: the others may have gone since."""
    found: dict[str, set[int]] = defaultdict(set)
    for (detail,) in tx.rows(
        "SELECT detail FROM command WHERE kind = 'undo' AND detail IS NOT NULL "
        "AND detail LIKE '%\"kept\"%'"
    ):
        for table, ids in json.loads(detail)["kept"].items():
            found[table].update(ids)
    for batch in _slices({table: sorted(ids) for table, ids in found.items()}):
        for table, ids in batch:
            settle(tx, table, ids, 0)


def held_undo_steps(
    store: Store, command_id: int, *, person: int | None, now: int, back: bool = False
) -> Generator[object, None, UndoResult]:
    """The same for the window: one of several transactions holds the lock that tells other
    programs that nothing has crashed. Raises Refused while another long command runs."""
    from salesdesk.models import lock

    with store.read() as r:
        is_long = len(_slices(touched(r, command_id))) > 1
    steps = undo_steps(store, command_id, person=person, now=now, back=back)
    if not is_long:
        return (yield from steps)
    held = lock.running(store.path)
    if held is None:
        raise Refused(N_("Another import or undo is being carried out; try again."))
    with held:
        return (yield from steps)


def _check(r: Reader, command_id: int, back: bool) -> str:
    row = r.row("SELECT kind, origin, undone, state FROM command WHERE id = ?", (command_id,))
    if row is None:
        raise NotFound(N_("There is no such command in the history; nothing was changed."))
    if row[1] == "undo":
        raise Refused(N_("An undo is taken back by redo; nothing was changed."))
    if row[0] == "init":
        raise Refused(N_("The making of the workspace cannot be undone; nothing was changed."))
    if row[0] == "month.close" and not back:
        _require_untaken(r, command_id)
    if row[0] in ("digest.send", "digest.outcome"):
        raise Refused(N_("What was sent cannot be taken back; nothing was changed."))
    if row[0] in audit.LASTING and row[0].startswith("sync."):
        raise Refused(_CHOSEN_ANEW)
    if bool(row[2]) != back:
        message = (
            N_("This command stands; there is nothing to redo.")
            if back
            else N_("This command is undone already; nothing was changed.")
        )
        raise Refused(message)
    return str(row[0])


def _require_untaken(r: Reader, command_id: int) -> None:
    """Raise Refused where a later month has taken in corrections of the one this command closed."""
    from salesdesk.services import closing

    for key in touched(r, command_id).get("closed_month", ()):
        month = r.value(
            "SELECT month FROM closed_month WHERE id = ? AND deleted_at IS NULL", (key,)
        )
        if month is not None:
            closing.require_untaken(r, month, [key])


def require(r: Reader, command_id: int, person: int | None, *, back: bool = False) -> None:
    """Raise Refused unless the person may take the command back: the own ones, a team lead those of
    the people led, an administrator all; and what others changed in the configuration only who may
    do that. Nobody takes back what came from the CRM. To do it again (``back``) is for whoever may
    do it now and take back its undo, too."""
    about = [command_id]
    if back:
        undo = "SELECT max(id) FROM command WHERE undoes_id = ? AND kind = 'undo'"
        about += [key for key in (r.value(undo, (command_id,)),) if key]
    rights.require(r, person, "undo", *about)
    sql = "SELECT kind, person_id, origin FROM command WHERE id = ?"
    kind, by, origin = r.row(sql, (command_id,)) or ("", None, "")
    if origin == "sync" and not back:  # colleagues did it: the other laptops would count it still
        raise Refused(_FROM_CRM)
    need = rights_guard.need_of(kind) if back else ""
    if need := need or rights_guard.need_to_undo(kind, by, person):
        rights.require(r, person, need)


def touched(r: Any, command_id: int) -> dict[str, list[int]]:
    """Records that a command touched, by table (facts stand for their deal or task)."""
    found: dict[str, set[int]] = defaultdict(set)
    for table, row in r.rows(
        "SELECT DISTINCT c.tbl, c.row_id FROM txn t JOIN change c "
        "ON c.id BETWEEN t.first_change AND t.last_change WHERE t.command_id = ?",
        (command_id,),
    ):
        found[table].add(row)
    for table, column in FACTS.items():
        if table in found:
            owner = "task" if column == "task_id" else "deal"
            rows = r.rows_of(
                f"SELECT DISTINCT {column} FROM {table} WHERE id IN ({{ids}})", found.pop(table)
            )
            found[owner].update(row[0] for row in rows)
    return {table: sorted(ids) for table, ids in found.items()}


def _slices(touched: dict[str, list[int]]) -> list[Batch]:
    """What one transaction settles each: a small command in one piece; dependents come before what
    they refer to. At least one (empty) batch."""
    batches: list[Batch] = [[]]
    room = SLICE
    for table in sorted(touched, key=lambda table: ORDER.get(table, 50)):
        ids = touched[table]
        while ids:
            if room == 0:
                batches.append([])
                room = SLICE
            batches[-1].append((table, ids[:room]))
            ids, room = ids[room:], max(0, room - len(ids))
    return batches


def settle(tx: Transaction, table: str, ids: list[int], command_id: int) -> dict[int, str]:
    """Bring rows of one table to what the standing commands make of them.

    Returns keys and names of records that ``command_id`` made and that stay all the same.
    """
    makers = {
        row[0]: row[1:]
        for row in tx.rows_of(
            "SELECT c.row_id, m.id, m.undone FROM change c JOIN txn t ON t.id = c.txn_id "
            "JOIN command m ON m.id = t.command_id "
            f"WHERE c.tbl = ? AND c.{OF_RECORDS} AND c.field IS NULL AND c.row_id IN ({{ids}})",
            ids,
            (table,),
        )
    }
    orphans = [key for key in ids if key in makers and makers[key][1]]
    claimed = _claimed(tx, table, orphans, makers)
    gone = set(orphans) - claimed
    _settle_fields(tx, table, ids, gone)
    for fact in _OF.get(table, ()):
        _settle_facts(tx, fact, ids, makers, gone)
    return _names(tx, table, [key for key in claimed if makers[key][0] == command_id])


def _claimed(tx: Transaction, table: str, ids: list[int], makers: dict[int, Row]) -> set[int]:
    """Which of these rows other standing commands touched or refer to."""
    if not ids:
        return set()
    return {key for key, command in claims(tx, table, ids) if command != makers[key][0]}


def _settle_fields(tx: Transaction, table: str, ids: list[int], gone: set[int]) -> None:
    has_mark = "deleted_at" in tx.store.columns(table)
    values: dict[int, dict[str, Any]] = defaultdict(dict)
    stands: set[tuple[int, str]] = set()
    for row, field, old, new, undone, origin in tx.rows_of(
        "SELECT c.row_id, c.field, c.old, c.new, m.undone, m.origin FROM change c "
        "JOIN txn t ON t.id = c.txn_id JOIN command m ON m.id = t.command_id "
        f"WHERE c.tbl = ? AND c.{OF_RECORDS} AND c.field IS NOT NULL "
        "AND c.row_id IN ({ids}) ORDER BY c.id",
        ids,
        (table,),
    ):
        if undone == 0 and origin != "undo":
            values[row][field] = new
            stands.add((row, field))
        elif field not in values[row]:
            values[row][field] = old
    for key in gone:
        if has_mark:
            values[key]["deleted_at"] = tx.now
    kept = tx.rows_of(f"SELECT id FROM {table} WHERE deleted_at IS NOT NULL AND id IN ({{ids}})",
                      list(gone)) if has_mark and gone else []  # fmt: skip
    back = [row for row, fields in values.items() if fields.get("deleted_at", 0) is None]
    refuse_taken(tx, table, back)
    for (key,) in kept:  # deleted already: the first moment stays
        values[key].pop("deleted_at", None)
    tx.update(table, [{"id": key, **fields} for key, fields in values.items() if fields])
    touched = {field for fields in values.values() for field in fields}
    mark_dependents(tx, table, list(values), touched)


def _settle_facts(
    tx: Transaction, table: str, ids: list[int], makers: dict[int, Row], gone: set[int]
) -> None:
    column = FACTS[table]
    flags = []
    for fact, owner, flag, command, undone in tx.rows_of(
        f"SELECT f.id, f.{column}, f.undone, f.command_id, m.undone FROM {table} f "
        f"JOIN command m ON m.id = f.command_id WHERE f.{column} IN ({{ids}})",
        ids,
    ):
        own = owner in makers and makers[owner][0] == command and owner not in gone
        wanted = int(bool(undone) and not own)
        if wanted != flag:
            flags.append((wanted, fact, owner))
    tx.flag_facts(table, flags)


def _names(tx: Transaction, table: str, ids: list[int]) -> dict[int, str]:
    column = NAMES.get(table)
    if not ids or column is None:
        return {}
    return dict(tx.rows_of(f"SELECT id, {column} FROM {table} WHERE id IN ({{ids}})", ids))


def recover(store: Store, *, now: int) -> int:
    """Roll back commands that a crash left half-done, finish undos it interrupted.

    Call it before anything is shown, and only when no other process is running such a command
    (see ``models.lock``). Returns how many there were.
    """
    with store.read() as r:
        found = r.rows(
            "SELECT id, origin, undoes_id, kind FROM command WHERE state = 'running' ORDER BY id"
        )
    for command, origin, about, kind in found:
        if origin == "undo":
            _finish_undo(store, command, about, now, back=kind == "redo")
        else:
            roll_back(store, command, now)
    return len(found)


def roll_back(store: Store, command_id: int, now: int) -> None:
    """Take back a command that did not come to its end."""
    for _step in roll_back_steps(store, command_id, now):
        pass


def roll_back_steps(
    store: Store, command_id: int, now: int
) -> Generator[tuple[int, int], None, None]:
    """The same in short transactions, for the writer; yields (rows done, rows in all)."""
    with store.read() as r:
        work = _slices(touched(r, command_id))
    total = sum(len(ids) for batch in work for _, ids in batch)
    command = store.long_command("undo", now=now, origin="undo", undoes=command_id)
    with command.transaction() as tx:
        tx.set_undone(command_id, True)
    done = 0
    for batch in work:
        _settle_all(command, [batch], command_id)
        done += sum(len(ids) for _, ids in batch)
        yield done, total
    with command.transaction(last=True) as tx:
        tx.finish_command(command_id)


def _finish_undo(store: Store, undo_id: int, about: int, now: int, back: bool) -> None:
    """Carry an interrupted undo (or redo) to its end; one that is refused is taken back instead."""
    with store.read() as r:
        work = _slices(touched(r, about))
    command = LongCommand(store, "undo", now, None, "undo", about, None)
    command.id = undo_id
    try:
        _settle_all(command, work, about)
    except SalesDeskError:
        _turn_back(command, work, about, back)
        return
    with command.transaction(last=True):
        pass


def _settle_all(command: LongCommand, work: list[Batch], about: int) -> None:
    for batch in work:
        with command.transaction() as tx:
            for table, ids in batch:
                settle(tx, table, ids, about)
