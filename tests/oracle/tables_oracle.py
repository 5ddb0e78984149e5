"""The reports on tasks, clients, payments and refusals, recomputed from bare rows the slow way.

Each answers with what the report counts, by line: the very items, with what each adds. Only columns
that people and imports write are read; who was responsible, where a deal stood and whether a task
was done is told from the facts (``lives``).
"""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any

from salesdesk.moments import amount_of
from tests.oracle import lives
from tests.oracle.adapter import Asks, world_of
from tests.oracle.lives import Step
from tests.oracle.ranking_oracle import moments_of
from tests.oracle.targets import shared
from tests.oracle.world import World

DAY = 86_400 * 1_000_000
Line = tuple[Any, ...]
#: By line, the items that count, each with what it adds to the numbers of the report.
Found = dict[Line, dict[int, tuple[Any, ...]]]


@dataclass
class Books:
    """A workspace's bare rows by key, as dictionaries, beside its world of facts."""

    world: World
    tables: dict[str, dict[int, dict[str, Any]]]
    #: the life of each deal that is not deleted and ever happened
    deals: dict[int, list[Step]] = field(default_factory=dict)

    def rows(self, table: str) -> dict[int, dict[str, Any]]:
        """Those that are not deleted."""
        return {key: row for key, row in self.tables[table].items() if row["deleted_at"] is None}

    def last(self, deal: int) -> Step:
        return self.deals[deal][-1]


_COLUMNS = {
    "deal": "client_id, contact_id, source_id, industry_id, amount, currency, parent_id, "
            "lost_reason_id, deleted_at",
    "client": "kind, name, company_id, source_id, industry_id, deleted_at",
    "payment": "deal_id, direction, amount, currency, planned_day, actual_day, contractor_id, "
               "deleted_at",
    "task": "kind_id, deal_id, client_id, deleted_at",
    "lost_reason": "not_refusal, deleted_at",
    "plan": "metric, kind_id, person_id, team_id, month, value, deleted_at",
}  # fmt: skip


def books_of(r: Asks) -> Books:
    """Everything that these reports need to know of a workspace."""
    tables = {}
    for table, columns in _COLUMNS.items():
        names = columns.split(", ")
        tables[table] = {
            row[0]: dict(zip(names, row[1:], strict=True))
            for row in r.rows(f"SELECT id, {columns} FROM {table}")
        }
    reasons = r.rows("SELECT id, lost_reason_id FROM stage_move")
    tables["move"] = {key: {"reason": reason, "deleted_at": None} for key, reason in reasons}
    books = Books(world_of(r), tables)
    for deal in books.rows("deal"):
        steps = lives.steps_of(books.world, deal)
        if any(step.stage is not None for step in steps):
            books.deals[deal] = steps
    return books


@dataclass(frozen=True)
class Asked:
    first: int
    last: int
    now: int
    pipeline: int | None = None
    person: int | None = None
    team: int | None = None

    def persons(self, world: World) -> set[int] | None:
        if self.person is not None:
            return {self.person}
        if self.team is None:
            return None
        inside = world.team_and_inside(self.team)
        return {p.id for p in world.persons if p.team in inside}


def bucket(day: int, by: str) -> int:
    if by == "week":
        return day - (day - 1) % 7
    return date.fromordinal(day).replace(day=1).toordinal() if by == "month" else day


def home(world: World, money: int | None, currency: str, day: int) -> Decimal | None:
    """In the workspace's currency at the rate of a day; None without any."""
    if not money or currency == world.currency:
        return amount_of(money or 0)
    rates = [r for r in world.rates if r.currency == currency]
    if not rates:
        return None
    ordered = sorted(rates, key=lambda r: -1 if r.valid_from is None else r.valid_from)
    held = [r for r in ordered if r.valid_from is None or r.valid_from <= day]
    rate = held[-1] if held else ordered[0]
    return (amount_of(money) * rate.rate).quantize(Decimal("0.0001"), ROUND_HALF_UP)


def _stands(books: Books, deal: int, asked: Asked, *, whose: bool = True) -> bool:
    """Whether a deal is one of those asked for, where it stands now and by whose it is now."""
    last = books.last(deal)
    assert last.stage is not None
    persons = asked.persons(books.world) if whose else None
    return (asked.pipeline is None or last.stage.pipeline == asked.pipeline) and (
        persons is None or last.owner in persons
    )


def _selling(world: World, asked: Asked) -> set[int]:
    if asked.pipeline is not None:
        return {asked.pipeline}
    counting = {p.id for p in world.pipelines if p.counts}
    return counting or {p.id for p in world.pipelines}


def client_of(books: Books, deal: int) -> int | None:
    row = books.tables["deal"][deal]
    if row["client_id"] is not None:
        return int(row["client_id"])
    if row["contact_id"] is None:
        return None
    company = books.tables["client"][row["contact_id"]]["company_id"]
    return int(row["contact_id"] if company is None else company)


# -- tasks ----------------------------------------------------------------------------------------


def _tasks(books: Books, asked: Asked) -> dict[int, list[lives.TaskState]]:
    """The tasks asked for, each with its states; those of deleted deals are in no list."""
    persons = asked.persons(books.world)
    found = {}
    for task in books.world.tasks:
        row = books.rows("task").get(task.id)
        states = [] if row is None else lives.task_states(books.world, task)
        if row is None or not states:
            continue
        deal = row["deal_id"]
        if deal is not None and books.tables["deal"][deal]["deleted_at"] is not None:
            continue
        if asked.pipeline is not None and (
            deal not in books.deals or not _stands(books, deal, asked, whose=False)
        ):
            continue
        if persons is None or states[-1].assignee in persons:
            found[task.id] = states
    return found


def workload(books: Books, asked: Asked, by: str) -> Found:
    """Line: first day, person; adds: open, overdue, today, ahead."""
    zone = books.world.zone
    found: Found = defaultdict(dict)
    for task, states in _tasks(books, asked).items():
        last = states[-1]
        if last.state != "open" or last.due is None:
            continue
        day = zone.day_of(last.due)
        if asked.first <= day <= asked.last:
            late = last.due < asked.now
            today = not late and day == zone.day_of(asked.now)
            adds = (1, int(late), int(today), int(not late and not today))
            found[bucket(day, by), last.assignee][task] = adds
    return found


def actions(books: Books, asked: Asked, by: str) -> Found:
    """Line: first day of the part of the period, kind, person; adds: 1."""
    zone = books.world.zone
    start, stop = moments_of(books.world, asked.first, asked.last, asked.now)
    found: Found = defaultdict(dict)
    for task, states in _tasks(books, asked).items():
        closed = _closed_at(states)
        if states[-1].state != "done" or closed is None or not start <= closed < stop:
            continue
        part = asked.first if by == "period" else bucket(zone.day_of(closed), by)
        found[part, books.tables["task"][task]["kind_id"], states[-1].assignee][task] = (1,)
    return found


def _closed_at(states: list[lives.TaskState]) -> int | None:
    """When a task that is not open was open last."""
    closed: int | None = None
    before = "open"
    for place, state in enumerate(states):
        if state.state != "open" and (before == "open" or place == 0):
            closed = state.at
        before = state.state
    return closed


def action_plan(books: Books, kind: int, person: int, first: int, last: int) -> Fraction | None:
    """The plan of a person for tasks of a kind over some days."""

    def monthly(month: int) -> Decimal | None:
        mine = [
            row["value"]
            for row in books.rows("plan").values()
            if (row["metric"], row["kind_id"], row["person_id"], row["month"])
            == ("actions", kind, person, month)
        ]
        return amount_of(mine[-1]) if mine else None

    return shared(books.world, monthly, first, last)


# -- clients --------------------------------------------------------------------------------------


def inactive(
    books: Books, asked: Asked, days: int, having: str, kind: str
) -> dict[int, tuple[set[int], int | None]]:
    """By client: its open deals, and when the last task was done."""
    found = {}
    states = {task.id: lives.task_states(books.world, task) for task in books.world.tasks}
    narrowed = asked.pipeline is not None or asked.persons(books.world) is not None
    for client, row in books.rows("client").items():
        every = [
            deal
            for deal in books.rows("deal")
            if client in (_side(books, deal, "client_id"), _side(books, deal, "contact_id"))
        ]
        own = [
            states[task]
            for task, line in books.rows("task").items()
            if states[task] and (line["client_id"] == client or line["deal_id"] in every)
        ]
        done = [_closed_at(each) or 0 for each in own if each[-1].state == "done"]
        last = max(done, default=None)
        idle = last is None or last < asked.now - days * DAY
        if any(each[-1].state == "open" for each in own) or not idle:
            continue
        mine = [deal for deal in every if deal in books.deals and _stands(books, deal, asked)]
        opened = {deal for deal in mine if _kind(books, deal) == "open"}
        fits = having == "any" or (having == "open") == bool(opened)
        if fits and (mine or not narrowed) and kind in ("all", row["kind"]):
            found[client] = opened, last
    return found


def _side(books: Books, deal: int, side: str) -> Any:
    return books.tables["deal"][deal][side]


def _kind(books: Books, deal: int) -> str:
    stage = books.last(deal).stage
    assert stage is not None
    return stage.kind


def repeat(
    books: Books,
    asked: Asked,
    least: int,
    first_offer: Callable[[int], tuple[int | None, str]],
) -> Found:
    """Line: client; adds: 1, revenue, first offer, change, moment."""
    start, stop = moments_of(books.world, asked.first, asked.last, asked.now)
    selling = _selling(books.world, asked)
    found: Found = defaultdict(dict)
    for deal, steps in books.deals.items():
        last = steps[-1]
        client, at = client_of(books, deal), last.entered().at
        won = last.stage is not None and last.stage.kind == "won"
        if not (won and start <= at < stop and _stands(books, deal, asked)):
            continue
        if client is None or last.stage is None or last.stage.pipeline not in selling:
            continue
        row, day = books.tables["deal"][deal], books.world.zone.day_of(at)
        money = home(books.world, row["amount"], row["currency"], day)
        offer = home(books.world, *first_offer(deal), day)
        if money is None or offer is None:
            money = offer = Decimal(0)
        found[(client,)][deal] = (1, money, offer, money - offer, at)
    return {line: items for line, items in found.items() if len(items) >= least}


# -- deals ----------------------------------------------------------------------------------------


def refusals(books: Books, asked: Asked, group: str, across: str) -> Found:
    """Line: what the deals are told apart by; adds: refusals, amount, lost otherwise."""
    world = books.world
    start, stop = moments_of(world, asked.first, asked.last, asked.now)
    persons, selling = asked.persons(world), _selling(world, asked)
    found: Found = defaultdict(dict)
    for deal, steps in books.deals.items():
        then = lives.state_at(steps, stop - 1)
        if then is None or then.stage is None or then.stage.kind != "lost":
            continue
        entry = then.entered()
        if entry.at < start or then.stage.pipeline not in selling:
            continue
        if persons is not None and entry.owner not in persons:
            continue
        row = books.tables["deal"][deal]
        assert entry.move is not None
        reason = books.tables["move"][entry.move.id]["reason"]
        if steps[-1].entered() is entry and row["lost_reason_id"] is not None:
            reason = row["lost_reason_id"]
        before = [s for s in steps[: steps.index(entry)] if s.move and s.stage]
        left = next((s.stage for s in reversed(before) if s.stage and s.stage.kind != "lost"), None)
        sides = {"reason": reason, "stage": left and left.id, "person": entry.owner,
                 "source": origin_of(books, deal, "source_id", climb=False)}  # fmt: skip
        line = (sides[group],) if across in ("none", group) else (sides[group], sides[across])
        excused = reason is not None and books.tables["lost_reason"][reason]["not_refusal"]
        money = home(world, row["amount"], row["currency"], world.zone.day_of(entry.at))
        found[line][deal] = (0, Decimal(0), 1) if excused else (1, money or Decimal(0), 0)
    return found


def origin_of(books: Books, deal: int, column: str, *, climb: bool = True) -> int | None:
    """The source or industry: the company's, that of the contact person's company or the contact
    person, the deal's own, the parent's."""
    seen: set[int] = set()
    at: int | None = deal
    while at is not None and at not in seen:
        seen.add(at)
        row, clients = books.tables["deal"][at], books.tables["client"]
        contact = clients.get(row["contact_id"] or 0, {})
        person, company = (
            contact.get(column),
            clients.get(contact.get("company_id") or 0, {}).get(column),
        )
        order = (person, company) if column == "source_id" else (company, person)
        own = [clients.get(row["client_id"], {}).get(column), *order, row[column]]
        value = next((each for each in own if each is not None), None)
        if value is not None or not climb:
            return value
        at = row["parent_id"]
    return None


def origins(books: Books, asked: Asked, column: str, children: str) -> Found:
    """Line: source or industry; adds: deals, amount, won, won for, lost, and of child deals:
    number, amount, won."""
    world = books.world
    start, stop = moments_of(world, asked.first, asked.last, asked.now)
    found: Found = defaultdict(dict)
    for deal, steps in books.deals.items():
        born, row = lives.creation_of(steps), books.tables["deal"][deal]
        if born is None or not start <= born.at < stop or not _stands(books, deal, asked):
            continue
        if children == "without" and row["parent_id"] is not None:
            continue
        kind = _kind(books, deal)
        at = asked.now if kind == "open" else books.last(deal).entered().at
        money = home(world, row["amount"], row["currency"], world.zone.day_of(at)) or Decimal(0)
        won = int(kind == "won")
        adds = (1, money, won, money * won, int(kind == "lost"), 0, Decimal(0), 0)
        if row["parent_id"] is not None and children == "beside":
            adds = (0, Decimal(0), 0, Decimal(0), 0, 1, money, won)
        found[(origin_of(books, deal, column),)][deal] = adds
    return found


def payments(books: Books, asked: Asked, group: str) -> dict[Line, list[Decimal]]:
    """The six sums of each line: planned, actual, overdue; in, then out."""
    world = books.world
    today = world.zone.day_of(asked.now)
    found: dict[Line, list[Decimal]] = defaultdict(lambda: [Decimal(0)] * 6)
    for row in books.rows("payment").values():
        deal, planned, actual = row["deal_id"], row["planned_day"], row["actual_day"]
        if deal not in books.deals or not _stands(books, deal, asked):
            continue
        if actual is None and _kind(books, deal) == "lost":
            continue
        side = 0 if row["direction"] == "in" else 3
        late = actual is None and planned is not None and planned < today
        for day, place, counts in (
            (planned, 0, True), (actual, 1, actual is not None and actual <= today),
            (planned, 2, late),
        ):  # fmt: skip
            if day is None or not counts or not asked.first <= day <= asked.last:
                continue
            money = home(world, row["amount"], row["currency"], day)
            lines = {"month": bucket(day, "month"), "deal": deal, "client": client_of(books, deal)}
            lines["contractor"] = row["contractor_id"]
            if money is not None:
                found[(lines[group],)][side + place] += money
    return found
