"""Writes what ``derive`` works out: derived columns, segments, reaches, holds and sums.

``refresh`` runs before every commit for the deals and tasks that the transaction touched; only
differences are written. ``rebuild`` starts from nothing.
"""

from collections import defaultdict
from typing import Any

from salesdesk.models import derive
from salesdesk.models.asking import Asking
from salesdesk.models.derive import (
    DealFacts,
    DealState,
    Move,
    OwnerFact,
    Rules,
    StageInfo,
    TaskFact,
)
from salesdesk.models.derived_sums import Sums
from salesdesk.models.transaction import Transaction

Row = tuple[Any, ...]
#: (task, deleted_at, live facts)
LoadedTask = tuple[int, int | None, list[TaskFact]]
BATCH = 400
DEAL_KINDS = (derive.NEW, derive.OPEN, derive.SEEN, derive.IDLE, derive.LOST, derive.CROSS)
TASK_KINDS = (derive.TASK, derive.OVERDUE, derive.POSTPONED)
_DEAL_KIND_LIST = ", ".join(map(str, DEAL_KINDS))
_TASK_KIND_LIST = ", ".join(map(str, TASK_KINDS))
_DERIVED_TABLES = (
    "span", "reach", "hold", "won_line", "tally_day", "tally_month", "won_sum", "stage_total",
)  # fmt: skip


def load_rules(tx: Any) -> Rules:
    """The configuration that derivation depends on, read from the database."""
    stages = {
        row[0]: StageInfo(*row[1:])
        for row in tx.rows(
            "SELECT id, pipeline_id, position, kind, milestone, deleted_at IS NOT NULL, archived "
            "FROM stage"
        )
    }
    unranked = tx.rows("SELECT id FROM person WHERE in_ranking = 0")
    excused = tx.rows("SELECT id FROM lost_reason WHERE not_refusal = 1")
    skipped = tx.value(
        "SELECT value FROM setting WHERE name = 'count_skipped_stages' AND deleted_at IS NULL"
    )
    return Rules(
        stages,
        frozenset(row[0] for row in unranked),
        frozenset(row[0] for row in excused),
        skipped == "true",
    )


def refresh(tx: Transaction) -> None:
    """Bring everything derived of the touched deals and tasks up to date."""
    rules: Rules = tx.store.cached("rules", load_rules, tx)
    _add_neighbours(tx)
    if "stage" in tx.tables or "person" in tx.tables or "lost_reason" in tx.tables:
        rules = load_rules(tx)
    sums = Sums(tx)
    deals = sorted(tx.dirty_deals)
    for start in range(0, len(deals), BATCH):
        _refresh_deals(tx, deals[start : start + BATCH], rules, sums)
    loose = sorted(task for task in tx.dirty_tasks if not tx.new_tasks.get(task))
    for start in range(0, len(loose), BATCH):
        _refresh_loose_tasks(tx, loose[start : start + BATCH], sums)
    sums.write()
    tx.new_tasks.clear()  # their derived rows exist now


def rebuild(tx: Transaction) -> None:
    """Derive everything again from the facts alone."""
    for table in _DERIVED_TABLES:
        tx.derived(f"DELETE FROM {table}", [()])
    tx.new_deals = {row[0] for row in tx.rows("SELECT id FROM deal")}
    tx.dirty_deals = set(tx.new_deals)
    tx.dirty_tasks = {row[0] for row in tx.rows("SELECT id FROM task")}
    refresh(tx)
    tx.begun = None  # what was deleted above is not in it
    tx.dirty_deals, tx.dirty_tasks = set(), set()


def _add_neighbours(tx: Transaction) -> None:
    """A task's deal, a deal's tasks (when it was deleted or restored) and a deal's parent."""
    tx.dirty_deals.update(deal for deal in tx.new_tasks.values() if deal is not None)
    older = tx.dirty_tasks - tx.new_tasks.keys()
    if older:
        found = tx.rows_of("SELECT DISTINCT deal_id FROM task WHERE id IN ({ids})", older)
        tx.dirty_deals.update(row[0] for row in found if row[0] is not None)
    costed = {
        deal
        for deal, before in tx.deals_before.items()
        if before.keys() & {"cost", "currency", "deleted_at", "parent_id"}
    } | tx.new_deals
    if costed:
        found = tx.rows_of(
            "SELECT DISTINCT parent_id FROM deal WHERE id IN ({ids}) AND parent_id IS NOT NULL",
            costed,
        )
        tx.dirty_deals.update(row[0] for row in found)
    hidden = [deal for deal, before in tx.deals_before.items() if "deleted_at" in before]
    if hidden:
        found = tx.rows_of("SELECT id FROM task WHERE deal_id IN ({ids})", hidden)
        tx.dirty_tasks.update(row[0] for row in found)


_DEAL_COLUMNS = (
    "pipeline_id", "stage_id", "owner_id", "since", "created_at", "closed_at", "open_tasks",
    "next_due", "next_task_id",
)  # fmt: skip
_DEAL_SQL = (
    "SELECT id, amount, cost, currency, probability, deleted_at, lost_reason_id, "
    f"{', '.join(_DEAL_COLUMNS)}, parent_id FROM deal WHERE id IN ({{ids}})"
)


def _refresh_deals(tx: Transaction, ids: list[int], rules: Rules, sums: Sums) -> None:
    deals = {row[0]: row for row in tx.rows_of(_DEAL_SQL, ids)}
    facts = _load_facts(tx, deals)
    old_moves = _load_moves(tx, deals, facts)
    tasks = _load_tasks(tx, ids)
    columns: list[tuple[int, Row, Row]] = []
    move_rows: list[Row] = []
    writer = _Writer(tx, sums, rules)
    writer.load(ids)
    for deal, row in deals.items():
        known = facts[deal]
        live = tasks.get(deal, [])
        states = _task_states(live, row, rules, known)
        for _task, task_state in states:
            known.task_times += task_state.open_times
        state = derive.derive_deal(known, rules)
        _changed_moves(state, old_moves.get(deal, {}), move_rows)
        pipeline = rules.stages[state.stage].pipeline if state.stage else None
        if row[7] != pipeline:  # its tasks count in another pipeline now
            states = _task_states(live, (*row[:7], pipeline), rules, known)
            tx.dirty_tasks.update(task for task, _ in states)
        new = (pipeline, state.stage, state.owner, state.since, state.created_at,
               state.closed_at, *_card_facts(states))  # fmt: skip
        if new != row[7:16] or deal in tx.places:
            columns.append((deal, row[7:16], new))
        writer.deal(deal, row, state)
        writer.tasks(states, tx.dirty_tasks)
    writer.write()
    tx.derived(
        "UPDATE stage_move SET superseded = ?, from_stage_id = ?, spent = ? WHERE id = ?", move_rows
    )
    _write_columns(tx, columns)
    tx.touch("deal", [row[0] for row in columns])


def _write_columns(tx: Transaction, changes: list[tuple[int, Row, Row]]) -> None:
    """Write the derived columns of deals: only those that differ, for an index on any other column
    need not be touched then; and with them the places that moves put the deals in."""
    groups: dict[tuple[str, ...], list[Row]] = defaultdict(list)
    for deal, old, new in changes:
        pairs = zip(_DEAL_COLUMNS, old, new, strict=True)
        values = {name: becomes for name, was, becomes in pairs if was != becomes}
        if deal in tx.places:
            values["pos"] = tx.places.pop(deal)
        groups[tuple(values)].append((*values.values(), deal))
    for names, rows in groups.items():
        sets = ", ".join(f"{name} = ?" for name in names)
        tx.derived(f"UPDATE deal SET {sets} WHERE id = ?", rows)


def _load_facts(tx: Transaction, deals: dict[int, Row]) -> dict[int, DealFacts]:
    facts = {
        deal: DealFacts(lost_reason=row[6], deleted=row[5] is not None)
        for deal, row in deals.items()
    }
    load_owners_and_rulings(tx, facts)
    return facts


def load_owners_and_rulings(tx: Asking, facts: dict[int, DealFacts]) -> None:
    """Fill in who became responsible when, and the rulings that stand."""
    for row in tx.rows_of(
        "SELECT deal_id, at, seq, person_id FROM owner_change "
        "WHERE deal_id IN ({ids}) AND undone = 0",
        facts,
    ):
        facts[row[0]].owners.append(OwnerFact(*row[1:]))
    for deal, move, stage, kind, person in tx.rows_of(
        "SELECT deal_id, move_id, stage_id, kind, person_id FROM reach_ruling "
        "WHERE deal_id IN ({ids}) AND undone = 0 ORDER BY at, kind, seq",  # alike on all computers
        facts,
    ):
        facts[deal].rulings[(move, stage)] = (kind, person)


def _load_moves(
    tx: Transaction, deals: dict[int, Row], facts: dict[int, DealFacts]
) -> dict[int, dict[int, Row]]:
    """Fill in the live moves; returns the derived columns of all moves as they are."""
    old: dict[int, dict[int, Row]] = defaultdict(dict)
    for row in tx.rows_of(
        "SELECT deal_id, undone, superseded, from_stage_id, spent, id, at, seq, to_stage_id, "
        "owner_id, sets_owner, evidence, lost_reason_id FROM stage_move WHERE deal_id IN ({ids})",
        deals,
    ):
        old[row[0]][row[5]] = row[2:5]
        if not row[1]:
            facts[row[0]].moves.append(Move(*row[5:]))
    return old


def _changed_moves(state: DealState, old: dict[int, Row], rows: list[Row]) -> None:
    for move, was in old.items():
        new = state.moves.get(move, (0, None, None))
        if tuple(new) != was:
            rows.append((*new, move))


def _load_tasks(tx: Transaction, ids: list[int]) -> dict[int, list[LoadedTask]]:
    """Tasks of the deals with their live facts: by deal, (task, deleted_at, facts)."""
    tasks: dict[int, dict[int, LoadedTask]] = defaultdict(dict)
    for row in tx.rows_of(
        "SELECT t.deal_id, t.id, t.deleted_at, c.at, c.seq, c.fields, c.assignee_id, c.due_at, "
        "c.state, c.postponement FROM task t LEFT JOIN task_change c ON c.task_id = t.id "
        "AND c.undone = 0 WHERE t.deal_id IN ({ids})",
        ids,
    ):
        entry = tasks[row[0]].setdefault(row[1], (row[1], row[2], []))
        if row[3] is not None:  # all facts of a task may be undone
            entry[2].append(TaskFact(*row[3:]))
    return {deal: list(found.values()) for deal, found in tasks.items()}


def _task_states(
    tasks: list[LoadedTask], deal: Row, rules: Rules, facts: DealFacts
) -> list[tuple[int, derive.TaskState]]:
    scope = deal[7] or _pipeline_of(facts, rules)
    states = []
    for task, deleted, found in tasks:
        state = derive.derive_task(found, scope, deleted is None and not facts.deleted)
        if deleted is not None:  # its past is kept, but the deal had no such task
            state.open_times = []
        states.append((task, state))
    return states


def _pipeline_of(facts: DealFacts, rules: Rules) -> int:
    """The pipeline of a deal that has no derived columns yet."""
    if not facts.moves:
        return derive.NOBODY
    return rules.stages[max(facts.moves, key=lambda move: (move.at, move.seq)).stage].pipeline


def _card_facts(states: list[tuple[int, derive.TaskState]]) -> tuple[int, int | None, int | None]:
    """How many open tasks, the nearest due moment, and the task that decides the card's state."""
    best: tuple[bool, int, int] | None = None
    count = 0
    for task, state in states:
        if state.state == "open" and state.open_times and state.open_times[-1][1] is None:
            count += 1
            rank = (state.due is None, state.due or 0, task)
            best = rank if best is None or rank < best else best
    if best is None:
        return count, None, None
    return count, None if best[0] else best[1], best[2]


_TASK_COLUMNS = (
    "UPDATE task SET assignee_id = ?, due_at = ?, state = ?, closed_at = ?, postponed = ? "
    "WHERE id = ?"
)


def _refresh_loose_tasks(tx: Transaction, ids: list[int], sums: Sums) -> None:
    """Tasks without a deal (those of deals came with their deals)."""
    facts: dict[int, list[TaskFact]] = {}
    deleted: dict[int, bool] = {}
    for task, gone in tx.rows_of(
        "SELECT id, deleted_at IS NOT NULL FROM task WHERE deal_id IS NULL AND id IN ({ids})", ids
    ):
        facts[task], deleted[task] = [], bool(gone)
    for row in tx.rows_of(
        "SELECT task_id, at, seq, fields, assignee_id, due_at, state, postponement "
        "FROM task_change WHERE undone = 0 AND task_id IN ({ids})",
        facts,
    ):
        facts[row[0]].append(TaskFact(*row[1:]))
    states = [
        (task, derive.derive_task(found, derive.NOBODY, not deleted[task]))
        for task, found in facts.items()
    ]
    writer = _Writer(tx, sums, None)
    writer.tasks(states, set(facts))
    writer.write()


class _Writer:
    """Collects differences between derived rows as they are and as they should be."""

    def __init__(self, tx: Transaction, sums: Sums, rules: Rules | None) -> None:
        self.tx = tx
        self.sums = sums
        self.rules = rules
        self._old: dict[str, dict[int, set[Row]]] = {}
        self._gone: dict[str, list[Row]] = defaultdict(list)
        self._come: dict[str, list[Row]] = defaultdict(list)
        self._task_columns: list[Row] = []
        self._task_holds: list[tuple[int, set[Row]]] = []
        self._child_costs: dict[int, list[tuple[str, int]]] = defaultdict(list)

    def load(self, ids: list[int]) -> None:
        """Read the derived rows of these deals, as they are."""
        for table, sql in _OLD.items():
            rows: dict[int, set[Row]] = defaultdict(set)
            for row in self.tx.rows_of(sql, ids):
                rows[row[0]].add(row)
            self._old[table] = rows
        for parent, currency, cost in self.tx.rows_of(
            "SELECT parent_id, currency, cost FROM deal WHERE parent_id IN ({ids}) "
            "AND deleted_at IS NULL AND cost IS NOT NULL",
            ids,
        ):
            self._child_costs[parent].append((currency, cost))

    def deal(self, deal: int, row: Row, state: DealState) -> None:
        """Compare one deal."""
        zone = self.tx.zone
        spans = {(deal, *span) for span in state.spans}
        reaches = {
            (deal, reach.stage, reach.person, reach.at, zone.day_of(reach.at), *reach[3:])
            for reach in state.reaches
        }
        holds = {(deal, *hold) for hold in state.holds}
        lines = self._won_lines(deal, row, reaches)
        self._compare("span", deal, spans)
        self._compare("reach", deal, reaches)
        self._compare("hold", deal, holds)
        self._compare("won_line", deal, lines)
        self.sums.stage_total(deal, row, state)

    def _won_lines(self, deal: int, row: Row, reaches: set[Row]) -> set[Row]:
        """What each winning adds: amount and cost by currency (children's costs in theirs)."""
        assert self.rules is not None
        stages = self.rules.stages
        wins: dict[tuple[int, int, int], int] = {}
        for reach in reaches:
            if reach[2] and stages[reach[1]].milestone == "won":
                won = (reach[4], reach[2], stages[reach[1]].pipeline)
                wins[won] = wins.get(won, 0) + 1
        lines: set[Row] = set()
        for (day, person, scope), n in wins.items():
            costs: dict[str, int] = {row[3]: row[2] or 0}
            for currency, cost in self._child_costs[deal]:
                costs[currency] = costs.get(currency, 0) + cost
            for currency, cost in costs.items():
                own = currency == row[3]
                amount = (row[1] or 0) if own else 0
                lines.add((deal, day, person, scope, currency, n if own else 0, amount, cost))
        return lines

    def _compare(self, table: str, deal: int, new: set[Row]) -> None:
        old = self._old[table].get(deal, set())
        self._gone[table] += old - new
        self._come[table] += new - old

    def tasks(self, states: list[tuple[int, derive.TaskState]], dirty: set[int]) -> None:
        """Take in the tasks that were touched."""
        for task, state in states:
            if task not in dirty:
                continue
            self._task_columns.append(
                (state.assignee, state.due, state.state, state.closed_at, state.postponed, task)
            )
            self._task_holds.append((task, {(task, *hold) for hold in state.holds}))

    def write(self) -> None:
        """Write the differences, sums included."""
        if self._task_holds:
            self._compare_task_holds()
        self.tx.derived(_TASK_COLUMNS, self._task_columns)
        self.sums.count(self._gone, self._come)
        for table in _COLUMNS:
            self._write_table(table, self._gone[table], self._come[table])

    def _write_table(self, table: str, gone: list[Row], come: list[Row]) -> None:
        """Rows whose key stays are updated: indexes on the key alone need not be touched then."""
        if not gone:
            self.tx.derived(_INSERTS[table], sorted(come))
            return
        size = _KEY_SIZES[table]
        kept = {row[:size] for row in gone} & {row[:size] for row in come}
        self.tx.derived(_DELETES[table], [row[:size] for row in gone if row[:size] not in kept])
        self.tx.derived(
            _UPDATES[table],
            [(*row[size:], *row[:size]) for row in come if row[:size] in kept],
        )
        self.tx.derived(_INSERTS[table], sorted(row for row in come if row[:size] not in kept))

    def _compare_task_holds(self) -> None:
        old: dict[int, set[Row]] = defaultdict(set)
        for row in self.tx.rows_of(
            "SELECT item_id, kind, start, person_id, scope_id, stop, prev_stop FROM hold "
            f"WHERE kind IN ({_TASK_KIND_LIST}) AND item_id IN ({{ids}})",
            [task for task, _ in self._task_holds if task not in self.tx.new_tasks],
        ):
            old[row[0]].add(row)
        for task, new in self._task_holds:
            self._gone["hold"] += old[task] - new
            self._come["hold"] += new - old[task]


#: Columns of what is derived, those of the key first.
_COLUMNS = {
    "span": ("deal_id", "start", "stop", "stage_id", "owner_id"),
    "reach": (
        "deal_id", "stage_id", "person_id", "at", "day", "move_id", "prev_at", "credited",
    ),
    "hold": ("item_id", "kind", "start", "person_id", "scope_id", "stop", "prev_stop"),
    "won_line": ("deal_id", "day", "person_id", "scope_id", "currency", "n", "amount", "cost"),
}  # fmt: skip
_KEY_SIZES = {"span": 2, "reach": 2, "hold": 5, "won_line": 5}
_OLD = {
    table: f"SELECT {', '.join(columns)} FROM {table} WHERE {columns[0]} IN ({{ids}})"
    + (f" AND kind IN ({_DEAL_KIND_LIST})" if table == "hold" else "")
    for table, columns in _COLUMNS.items()
}
_INSERTS = {
    table: f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})"
    for table, columns in _COLUMNS.items()
}


def _by_key(table: str) -> str:
    return " AND ".join(f"{name} = ?" for name in _COLUMNS[table][: _KEY_SIZES[table]])


_DELETES = {table: f"DELETE FROM {table} WHERE {_by_key(table)}" for table in _COLUMNS}
_UPDATES = {
    table: f"UPDATE {table} SET "
    + ", ".join(f"{name} = ?" for name in columns[_KEY_SIZES[table] :])
    + f" WHERE {_by_key(table)}"
    for table, columns in _COLUMNS.items()
}
