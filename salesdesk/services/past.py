"""The board as of a moment: what stood where when every change up to it was made, and none after.

Stage and responsible person come from the segments that the facts prove, imported ones at their own
moments; tasks from their facts; every other field from the log, read backwards from the present:
the last line at or before the moment of a command that stands, else what the first line replaced,
else the present value. What the command that made a record wrote holds since the record began.
Undone commands are as if they had never been. Configuration (stages, rates, names) is the present
one, but for the stages' probabilities, which are fields like others.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypeAlias

from salesdesk.models import derive
from salesdesk.models.asking import OF_RECORDS
from salesdesk.models.derived import load_rules
from salesdesk.models.store import Reader
from salesdesk.moments import DAY_SECONDS, SECOND, amount_of
from salesdesk.services import board
from salesdesk.services.amounts import cents
from salesdesk.services.cards import StageKind, TaskState
from salesdesk.services.rewinding import FEW, rewound

Row = tuple[Any, ...]
_DAY = DAY_SECONDS * SECOND
_DEAL_FIELDS = (
    "title", "client_id", "amount", "currency", "probability", "pos", "deleted_at",
)  # fmt: skip
_TASK_FIELDS = ("title", "deal_id", "event", "deleted_at")


@dataclass(frozen=True, slots=True)
class PastCard:
    """A deal as it stood; ``days_in_stage`` counts from its entry to the moment asked for."""

    id: int
    number: int
    external_id: str | None
    title: str
    company: str | None
    owner_id: int | None
    owner: str | None
    amount: Decimal | None
    currency: str
    probability: int | None
    task_state: TaskState
    next_task: str | None
    next_due: int | None
    days_in_stage: int
    created_at: int
    stage_entered_at: int


@dataclass(frozen=True, slots=True)
class PastColumn:
    """A column as it stood; sums in the workspace's currency, ``unrated`` as in ``StageColumn``."""

    id: int
    name: str
    kind: StageKind
    probability: int
    count: int
    amount: Decimal
    weighted: Decimal
    unrated: tuple[str, ...]
    deals: tuple[PastCard, ...]


@dataclass(slots=True)
class _Standing:
    stage: int
    owner: int | None
    since: int
    created_at: int


def board_at(r: Reader, pipeline_id: int, as_of: int) -> list[PastColumn]:
    """The columns of a pipeline as of a moment, cards in the order of the board."""
    stages = _stages(r, pipeline_id, as_of)
    standing = _standing(r, set(stages), as_of)
    fields = _deal_fields(r, standing, as_of)
    for deal in [key for key, row in fields.items() if row["deleted_at"] is not None]:
        del fields[deal]
    cards = _cards(r, fields, standing, as_of)
    inside: dict[int, list[PastCard]] = defaultdict(list)
    for deal in sorted(fields, key=lambda key: (fields[key]["pos"], key)):
        inside[standing[deal].stage].append(cards[deal])
    home = board.currency(r)
    known = board.rates(r, home)
    return [
        _column(key, stage, inside.get(key, []), known)
        for key, stage in stages.items()
        if not (stage["deleted_at"] or stage["archived"]) or key in inside
    ]


def cards_at(
    r: Reader, ids: Iterable[int], as_of: int, moved: AbstractSet[int] = frozenset()
) -> dict[int, PastCard]:
    """A few deals as of a moment, those of them that stood somewhere then. ``moved`` are the tasks
    that once belonged to another deal (``moved_tasks``)."""
    wanted = list(ids)
    spans = r.rows_of(
        "SELECT s.deal_id, s.stage_id, s.owner_id, d.created_at FROM span s "
        "JOIN deal d ON d.id = s.deal_id WHERE s.start <= ? AND (s.stop IS NULL OR s.stop > ?) "
        "AND s.deal_id IN ({ids})",
        wanted,
        (as_of, as_of),
    )
    since: dict[int, int] = dict(
        r.rows_of(
            "SELECT deal_id, max(at) FROM stage_move WHERE undone = 0 AND superseded = 0 "
            "AND at <= ? AND deal_id IN ({ids}) GROUP BY deal_id",
            wanted,
            (as_of,),
        )
    )
    standing = {row[0]: _Standing(row[1], row[2], since[row[0]], row[3]) for row in spans}
    standing |= _standing_of_deleted(r, as_of, wanted)
    fields = _deal_fields(r, standing, as_of)
    there = {deal: row for deal, row in fields.items() if row["deleted_at"] is None}
    return _cards(r, there, standing, as_of, moved)


def _stages(r: Reader, pipeline_id: int, as_of: int) -> dict[int, dict[str, Any]]:
    """Stages of the pipeline in order, deleted and archived ones too (something may have stood
    there)."""
    names = ("name", "kind", "probability", "deleted_at", "archived")
    rows = r.rows(
        f"SELECT id, {', '.join(names)} FROM stage WHERE pipeline_id = ? ORDER BY position, id",
        (pipeline_id,),
    )
    found = {row[0]: dict(zip(names, row[1:], strict=True)) for row in rows}
    for key, past in rewound(r, "stage", ("probability",), found, as_of).items():
        found[key].update(past)
    return found


def _column(
    key: int, stage: Mapping[str, Any], cards: list[PastCard], known: Mapping[str, Decimal]
) -> PastColumn:
    probability = {"won": 100, "lost": 0}.get(stage["kind"], stage["probability"])
    amount, weighted = Decimal(0), Decimal(0)
    unrated = set()
    for card in cards:
        if not card.amount:
            continue
        rate = known.get(card.currency)
        if rate is None:
            unrated.add(card.currency)
            continue
        own = probability if card.probability is None else card.probability
        amount += card.amount * rate
        weighted += card.amount * own / 100 * rate
    return PastColumn(
        key, stage["name"], stage["kind"], probability, len(cards),
        cents(amount), cents(weighted), tuple(sorted(unrated)), tuple(cards),
    )  # fmt: skip


# -- where deals stood ----------------------------------------------------------------------------


def _standing(r: Reader, stages: set[int], as_of: int) -> dict[int, _Standing]:
    """Which deals stood in these stages, whose they were, and since when."""
    if not stages:
        return {}
    marks = ", ".join("?" * len(stages))
    spans = r.rows(
        "SELECT s.deal_id, s.stage_id, s.owner_id, d.created_at FROM span s "
        "JOIN deal d ON d.id = s.deal_id WHERE s.start <= ? AND (s.stop IS NULL OR s.stop > ?) "
        f"AND s.stage_id IN ({marks})",
        (as_of, as_of, *stages),
    )
    since: dict[int, int] = dict(
        r.rows(
            "SELECT deal_id, max(at) FROM stage_move WHERE undone = 0 AND superseded = 0 "
            "AND at <= ? GROUP BY deal_id",
            (as_of,),
        )
    )
    found = {row[0]: _Standing(row[1], row[2], since[row[0]], row[3]) for row in spans}
    deleted = _standing_of_deleted(r, as_of)
    return found | {deal: place for deal, place in deleted.items() if place.stage in stages}


def _standing_of_deleted(
    r: Reader, as_of: int, among: Iterable[int] | None = None
) -> dict[int, _Standing]:
    """Deals deleted after the moment: they have no segments any more, their facts still tell."""
    sql = "SELECT id FROM deal WHERE deleted_at > ?"
    if among is None:
        ids = {row[0] for row in r.rows(sql, (as_of,))}
    else:
        ids = {row[0] for row in r.rows_of(sql + " AND id IN ({ids})", among, (as_of,))}
    found = {}
    for deal, (facts, state) in _derived(r, sorted(ids)).items():
        place = _place_at(facts, state, as_of)
        if place is not None:
            found[deal] = place
    return found


def _derived(r: Reader, ids: list[int]) -> dict[int, tuple[derive.DealFacts, derive.DealState]]:
    """The facts of deals and what follows from them, whether deleted or not."""
    if not ids:
        return {}
    facts: dict[int, derive.DealFacts] = {key: derive.DealFacts() for key in ids}
    for row in r.rows_of(
        "SELECT deal_id, id, at, seq, to_stage_id, owner_id, sets_owner, evidence, lost_reason_id "
        "FROM stage_move WHERE undone = 0 AND deal_id IN ({ids})",
        ids,
    ):
        facts[row[0]].moves.append(derive.Move(*row[1:]))
    for row in r.rows_of(
        "SELECT deal_id, at, seq, person_id FROM owner_change "
        "WHERE undone = 0 AND deal_id IN ({ids})",
        ids,
    ):
        facts[row[0]].owners.append(derive.OwnerFact(*row[1:]))
    rules = load_rules(r)
    return {deal: (known, derive.derive_deal(known, rules)) for deal, known in facts.items()}


def spans_of_deleted(r: Reader, stages: set[int]) -> list[tuple[int, int, int, int, int]]:
    """Segments of deals that are deleted now, for as long as they were not: (deal, start, stop,
    stage, owner), 0 for nobody and the last moment of all for a segment without an end."""
    never = 2**63 - 1
    gone: dict[int, int] = dict(
        r.rows("SELECT id, deleted_at FROM deal WHERE deleted_at IS NOT NULL")
    )
    return [
        (deal, span.start, never if span.stop is None else span.stop, span.stage, span.owner or 0)
        for deal, (_, state) in _derived(r, sorted(gone)).items()
        for span in state.spans
        if span.stage in stages
    ]


def _place_at(facts: derive.DealFacts, state: derive.DealState, as_of: int) -> _Standing | None:
    entries = [
        move.at
        for move in facts.moves
        if move.at <= as_of and state.moves.get(move.id, derive.MoveFacts(2, None, None))[0] == 0
    ]
    for span in state.spans:
        if span.start <= as_of and (span.stop is None or span.stop > as_of) and entries:
            return _Standing(span.stage, span.owner, max(entries), min(entries))
    return None


# -- fields and cards ---------------------------------------------------------------------------


def _deal_fields(
    r: Reader, standing: Mapping[int, _Standing], as_of: int
) -> dict[int, dict[str, Any]]:
    names = ("number", "external_id", *_DEAL_FIELDS)
    found = {
        row[0]: dict(zip(names, row[1:], strict=True))
        for row in r.rows_of(
            f"SELECT id, {', '.join(names)} FROM deal WHERE id IN ({{ids}})", standing
        )
    }
    for key, past in rewound(r, "deal", _DEAL_FIELDS, found, as_of).items():
        found[key].update(past)
    return found


def _cards(
    r: Reader,
    fields: Mapping[int, dict[str, Any]],
    standing: Mapping[int, _Standing],
    as_of: int,
    moved: AbstractSet[int] | None = None,
) -> dict[int, PastCard]:
    """``moved``: with few deals, the tasks that once belonged to another one."""
    wanted = sorted({row["client_id"] for row in fields.values()} - {None})
    names = "SELECT id, name FROM client"
    clients: dict[int | None, str] = dict(
        r.rows_of(f"{names} WHERE id IN ({{ids}})", wanted) if len(wanted) <= FEW else r.rows(names)
    )
    people: dict[int | None, str] = dict(r.rows("SELECT id, name FROM person"))
    tasks = _tasks(r, fields, as_of) if moved is None else _tasks_of(r, set(fields), moved, as_of)
    day_end = r.zone.start_of(r.zone.day_of(as_of) + 1)
    found = {}
    for deal, row in fields.items():
        place = standing[deal]
        count, due, waits, title = tasks.get(deal, (0, None, True, None))
        found[deal] = PastCard(
            deal, row["number"], row["external_id"], row["title"],
            clients.get(row["client_id"]), place.owner, people.get(place.owner),
            None if row["amount"] is None else amount_of(row["amount"]),
            row["currency"], row["probability"],
            board.task_state(count, due, waits, as_of, day_end), title, due,
            max(0, (as_of - place.since) // _DAY), place.created_at, place.since,
        )  # fmt: skip
    return found


#: How many tasks of a deal were open, the nearest due moment, whether without one all of them
#: waited for an event, and the title of the task that says so.
_Tasks: TypeAlias = tuple[int, int | None, bool, str | None]


def _tasks(r: Reader, deals: Iterable[int], as_of: int) -> dict[int, _Tasks]:
    """The open tasks of each deal."""
    wanted = set(deals)
    changed, moved = _tasks_changed_since(r, as_of)
    again = changed & wanted
    known = {
        deal: (count, due, planned is None, planned or title)
        for deal, count, due, title, planned in r.rows(
            f"SELECT d.id, d.open_tasks, d.next_due, t.title, {board.PLANNED_TASK} FROM deal d "
            "LEFT JOIN task t ON t.id = d.next_task_id WHERE d.open_tasks > 0"
        )
        if deal in wanted and deal not in again
    }
    return known | _tasks_of(r, again, moved, as_of)


def _tasks_of(r: Reader, deals: set[int], moved: AbstractSet[int], as_of: int) -> dict[int, _Tasks]:
    """The same of these deals, from the facts; ``moved`` as for ``_open_tasks``."""
    found: dict[int, _Tasks] = {}
    for deal, tasks in _open_tasks(r, deals, moved, as_of).items():
        undated, waits, due, _, title = min(tasks)
        found[deal] = (len(tasks), None if undated else due, waits, title)
    return found


def moved_tasks(r: Reader) -> frozenset[int]:
    """Tasks that once belonged to another deal."""
    rows = r.rows(
        f"SELECT DISTINCT row_id FROM change WHERE tbl = 'task' AND {OF_RECORDS} "
        "AND field = 'deal_id'"
    )
    return frozenset(row[0] for row in rows)


def _tasks_changed_since(r: Reader, as_of: int) -> tuple[set[int], set[int]]:
    """Deals whose tasks may have been others at the moment, and tasks that the log has lines about
    since then."""
    deals = r.rows(
        "SELECT DISTINCT t.deal_id FROM task_change f JOIN task t ON t.id = f.task_id "
        "WHERE f.at > ? AND t.deal_id IS NOT NULL",
        (as_of,),
    )
    lines = r.rows(
        "SELECT DISTINCT k.id, k.deal_id, c.old FROM txn t JOIN change c "
        "ON c.id BETWEEN t.first_change AND t.last_change JOIN task k ON k.id = c.row_id "
        "WHERE t.at > ? AND c.tbl = 'task' "
        "AND c.field IN ('title', 'deal_id', 'event', 'deleted_at')",
        (as_of,),
    )
    gone = r.rows("SELECT id FROM deal WHERE deleted_at > ?", (as_of,))
    found = {row[0] for row in [*deals, *gone]}
    found.update(key for row in lines for key in row[1:] if isinstance(key, int))
    return found, {row[0] for row in lines}


def _open_tasks(
    r: Reader, deals: set[int], moved: AbstractSet[int], as_of: int
) -> dict[int, list[tuple[bool, bool, int, int, str]]]:
    """By deal, of each task that was open: whether it had no due moment, whether it waited for an
    event then, its due moment, key and title; the first decides the state of the card. ``moved``
    are tasks that may have belonged to another deal than now."""
    sql = f"SELECT id, {', '.join(_TASK_FIELDS)} FROM task WHERE {{column}} IN ({{{{ids}}}})"
    tasks = {
        row[0]: dict(zip(_TASK_FIELDS, row[1:], strict=True))
        for column, keys in (("deal_id", deals), ("id", moved))
        for row in r.rows_of(sql.format(column=column), sorted(keys))
    }
    for key, past in rewound(r, "task", _TASK_FIELDS, tasks, as_of).items():
        tasks[key].update(past)
    facts: dict[int, list[derive.TaskFact]] = defaultdict(list)
    for row in r.rows_of(
        "SELECT task_id, at, seq, fields, assignee_id, due_at, state, postponement "
        "FROM task_change WHERE undone = 0 AND task_id IN ({ids})",
        tasks,
    ):
        if row[1] <= as_of:
            facts[row[0]].append(derive.TaskFact(*row[1:]))
    opened: dict[int, list[tuple[bool, bool, int, int, str]]] = defaultdict(list)
    for key, known in facts.items():
        state = derive.derive_task(known, derive.NOBODY, True)
        row_fields = tasks[key]
        if state.state != "open" or row_fields["deleted_at"] is not None:
            continue
        if row_fields["deal_id"] in deals:
            undated = state.due is None
            opened[row_fields["deal_id"]].append(
                (undated, undated and row_fields["event"] is not None, state.due or 0, key,
                 row_fields["title"])
            )  # fmt: skip
    return opened
