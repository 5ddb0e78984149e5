"""Pivots, recomputed slowly: every thing is a record of its fields, cells are lists of things.

Deals and tasks are taken as their tables have them (what is derived there is compared elsewhere);
moves, and who was responsible with them, come from the bare facts (``lives``).
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any

from salesdesk.moments import amount_of
from tests.oracle import lives
from tests.oracle.forecast_oracle import rate_of
from tests.oracle.world import World

DAY = 86_400_000_000
Keys = tuple[Any, ...]
Thing = Mapping[str, Any]


def table(r: Any, name: str) -> list[dict[str, Any]]:
    """All rows of a table that are not deleted."""
    columns = [row[1] for row in r.rows(f"PRAGMA table_info({name})")]
    rows = [dict(zip(columns, row, strict=True)) for row in r.rows(f"SELECT * FROM {name}")]
    return [row for row in rows if row.get("deleted_at") is None]


@dataclass
class Facts:
    """What a workspace holds, as of a moment."""

    r: Any
    world: World
    now: int

    def __post_init__(self) -> None:
        self.today = self.world.zone.local(self.now).date().toordinal()
        self.deals = {row["id"]: row for row in table(self.r, "deal")}
        self.stages = {row[0]: row[1] for row in self.r.rows("SELECT id, kind FROM stage")}
        self.teams = dict(self.r.rows("SELECT id, team_id FROM person"))
        self.tags: dict[int, set[int]] = defaultdict(set)
        for row in table(self.r, "deal_tag"):
            self.tags[row["deal_id"]].add(row["tag_id"])
        self.own: dict[tuple[int, int], str] = {
            (row["field_id"], row["subject_id"]): row["value"]
            for row in table(self.r, "field_value")
        }

    def local(self, moment: int | None) -> int | None:
        """The ordinal of the local day of a moment."""
        return None if moment is None else self.world.zone.local(moment).date().toordinal()

    def money(self, value: int | None, currency: str, day: int) -> Decimal | None:
        """An amount in the workspace's currency; None without a rate."""
        if value is None:
            return None
        if value == 0 or currency == self.world.currency:
            return amount_of(value)
        rate = rate_of(self.world, currency, day)
        if rate is None:
            return None
        whole = Fraction(value) * rate
        return amount_of(int((Decimal(whole.numerator) / Decimal(whole.denominator)).quantize(
            Decimal(1), ROUND_HALF_UP)))  # fmt: skip


def bucket(day: int | None, by: str) -> int | None:
    """The first day of what a day lies in."""
    if day is None:
        return None
    on = date.fromordinal(day)
    if by == "week":
        return (on - timedelta(days=on.weekday())).toordinal()
    if by == "month":
        return on.replace(day=1).toordinal()
    if by == "quarter":
        return on.replace(month=(on.month - 1) // 3 * 3 + 1, day=1).toordinal()
    return on.replace(month=1, day=1).toordinal() if by == "year" else day


def deal_fields(facts: Facts, deal: Mapping[str, Any], field: int) -> dict[str, Any]:
    """By what a deal is told apart; dates as local days."""
    kind = facts.stages[deal["stage_id"]]
    return {
        "person": deal["owner_id"], "team": facts.teams.get(deal["owner_id"]),
        "pipeline": deal["pipeline_id"], "stage": deal["stage_id"], "state": kind,
        "currency": deal["currency"],
        "reason": deal["lost_reason_id"] if kind == "lost" else None,
        "tag": facts.tags.get(deal["id"]) or {None},
        f"f{field}": facts.own.get((field, deal["id"])),
        "created": facts.local(deal["created_at"]), "closed": facts.local(deal["closed_at"]),
        "entered": facts.local(deal["since"]),
    }  # fmt: skip


def deal_numbers(facts: Facts, deal: Mapping[str, Any], field: int) -> dict[str, Any]:
    """The numbers of a deal; what has no rate is None."""
    kind = facts.stages[deal["stage_id"]]
    open_, closed = kind == "open", kind != "open" and deal["closed_at"] is not None
    day = facts.local(deal["closed_at"]) if closed else facts.today
    assert day is not None
    own = facts.own.get((field, deal["id"]))
    return {
        "amount": facts.money(deal["amount"], deal["currency"], day),
        "cost": facts.money(deal["cost"], deal["currency"], day),
        "profit": _profit(facts, deal, day),
        "in_stage": Fraction(facts.now - deal["since"], DAY) if open_ else None,
        "open_days": Fraction(deal["closed_at"] - deal["created_at"], DAY) if closed else None,
        "open_tasks": deal["open_tasks"],
        f"f{field}": None if own is None else Decimal(own),
    }  # fmt: skip


def _profit(facts: Facts, deal: Mapping[str, Any], day: int) -> Decimal | None:
    its = [c for c in facts.deals.values() if c["parent_id"] == deal["id"]]
    known = [deal["amount"], deal["cost"], *(c["cost"] for c in its)]
    whole = facts.money(deal["amount"] or 0, deal["currency"], day)
    if whole is None or all(value is None for value in known):
        return None
    costs = [(deal["cost"], deal["currency"])]
    costs += [
        (c["cost"], c["currency"]) for c in facts.deals.values() if c["parent_id"] == deal["id"]
    ]
    for cost, currency in costs:
        whole -= facts.money(cost or 0, currency, day) or 0
    return whole


def deals(facts: Facts, field: int, *, children: bool = False) -> list[Thing]:
    """Deals, or child deals with the fields of their parents."""
    found: list[Thing] = []
    for deal in facts.deals.values():
        parent = facts.deals.get(deal["parent_id"])
        if children and parent is None:
            continue
        fields = deal_fields(facts, deal, field)
        if children and parent is not None:
            fields |= {f"parent.{k}": v for k, v in deal_fields(facts, parent, field).items()}
        numbers = deal_numbers(facts, deal, field)
        found.append({"id": deal["id"], "numbers": numbers, **fields})
    return found


def tasks(facts: Facts, field: int) -> list[Thing]:
    """Tasks, those of deleted deals left out."""
    found: list[Thing] = []
    for task in table(facts.r, "task"):
        deal = facts.deals.get(task["deal_id"])
        if task["deal_id"] is not None and deal is None:
            continue
        due, ended = task["due_at"], facts.now if task["state"] == "open" else task["closed_at"]
        late = task["state"] != "cancelled" and due is not None and due < ended
        done = task["state"] == "done"
        fields = {
            "person": task["assignee_id"], "team": facts.teams.get(task["assignee_id"]),
            "state": _task_state(facts, task), "created": facts.local(task["created_at"]),
            "due": facts.local(due), "done": facts.local(task["closed_at"]) if done else None,
        }  # fmt: skip
        if deal is not None:
            fields |= {f"deal.{k}": v for k, v in deal_fields(facts, deal, field).items()}
        numbers = {
            "late": Fraction(ended - due, DAY) if late else None,
            "took": Fraction(ended - task["created_at"], DAY) if done else None,
            "postponed": task["postponed"],
        }
        found.append({"id": task["id"], "numbers": numbers, **fields})
    return found


def _task_state(facts: Facts, task: Mapping[str, Any]) -> str:
    if task["state"] != "open":
        return str(task["state"])
    due = task["due_at"]
    if due is None:
        return "waiting" if task["event"] is not None else "planned"
    if due < facts.now:
        return "overdue"
    return "today" if facts.local(due) == facts.today else "planned"


def moves(facts: Facts, field: int) -> list[Thing]:
    """Moves that count, with the person responsible once each was applied."""
    found: list[Thing] = []
    for deal in facts.deals.values():
        entered: int | None = None
        for step in lives.steps_of(facts.world, deal["id"]):
            if step.move is None or step.stage is None:
                continue
            spent = None if entered is None else Fraction(step.at - entered, DAY)
            entered = step.at
            fields = {
                "person": step.owner, "team": facts.teams.get(step.owner),
                "stage": step.stage.id, "left": step.left.id if step.left else None,
                "pipeline": step.stage.pipeline, "at": facts.local(step.at),
                "moment": step.at,
            }  # fmt: skip
            fields |= {f"deal.{k}": v for k, v in deal_fields(facts, deal, field).items()}
            numbers = {"spent": spent, "amount": deal_numbers(facts, deal, field)["amount"]}
            found.append({"id": step.move.id, "numbers": numbers, **fields})
    return found


# -- the table ------------------------------------------------------------------------------------


@dataclass
class Table:
    """Cells, sums of rows and of columns, and the whole, each as the things in it."""

    cells: dict[tuple[Keys, Keys], dict[int, Thing]]
    rows: dict[Keys, dict[int, Thing]]
    columns: dict[Keys, dict[int, Thing]]
    whole: dict[int, Thing]


def pivot(things: Iterable[Thing], rows: list[str], columns: list[str]) -> Table:
    """Things by rows and columns (``closed:month``); one with several values stands at each."""
    found = Table(defaultdict(dict), defaultdict(dict), defaultdict(dict), {})
    for thing in things:
        for row in _places(thing, rows):
            for column in _places(thing, columns):
                found.cells[row, column][thing["id"]] = thing
                found.rows[row][thing["id"]] = thing
                found.columns[column][thing["id"]] = thing
                found.whole[thing["id"]] = thing
    return found


def _places(thing: Thing, axes: list[str]) -> list[Keys]:
    places: list[Keys] = [()]
    for axis in axes:
        key, _, by = axis.partition(":")
        values = thing.get(key)
        if not isinstance(values, set):
            values = {values}
        if by:
            values = {bucket(value, by) for value in values}
        places = [(*place, value) for place in places for value in values]
    return places


def number(things: Iterable[Thing], how: str, key: str) -> Any:
    """Count, sum, mean or median of things; None of nothing for the last two."""
    listed = list(things)
    if how == "count" or not key:
        return len(listed)
    values = sorted(v for v in (thing["numbers"][key] for thing in listed) if v is not None)
    if how == "sum":
        return sum(map(Fraction, values))
    if not values:
        return None
    if how == "mean":
        return sum(map(Fraction, values)) / len(values)
    middle = len(values) // 2
    if len(values) % 2:
        return Fraction(values[middle])
    return (Fraction(values[middle - 1]) + Fraction(values[middle])) / 2


Share = Callable[[Keys, Keys], Fraction | None]


def share(part: Iterable[Thing], whole: Iterable[Thing], key: str) -> Fraction | None:
    """A part of a whole, in things or by a number."""
    below = number(whole, "sum", key)
    return Fraction(number(part, "sum", key)) / Fraction(below) if below else None
