"""A workspace with a sales pipeline, for tests of the board's page: made through the services."""

import random
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from salesdesk.models.migrate import create_workspace
from salesdesk.models.store import Store
from salesdesk.moments import DAY_SECONDS, SECOND
from salesdesk.services import clients, deals, lists, people, pipelines, task_rules, tasks
from salesdesk.services.writer import Writer
from salesdesk.ui.context import Context
from salesdesk.ui.remember import Remember
from tests.ui.board_story import NOW

DAY = DAY_SECONDS * SECOND
STAGES = (
    ("New request", "open", "slate", 10),
    ("Meeting scheduled", "open", "blue", 30),
    ("Meeting held", "open", "teal", 50),
    ("Contract signed", "open", "violet", 75),
    ("Advance paid", "open", "orange", 90),
    ("Won", "won", "green", 100),
    ("Lost", "lost", "red", 0),
)
NAMES = ("Maria Kim", "Anna Orlova", "Ivan Petrov", "Olga Smirnova", "Denis Volkov")
TITLES = (
    "Warehouse racks", "Annual service contract", "Crane transport, Ufa", "Bulldozer repair",
    "Concrete delivery", "Loader overhaul", "Sales training, 2 groups",
    "Fleet telematics, 40 units", "Excavator rental, 3 months",
)  # fmt: skip
COMPANIES = ("Gorod-Servis", "TransLine", "Uralmet", "Stroyinvest", "Vector-Agro", "Baltic Cargo")
TASKS = ("Call", "Proposal", "Contract", "Meeting", "Invoice")


@dataclass
class Desk:
    """The workspace and what was put into it."""

    store: Store
    pipeline: int
    stages: dict[str, int]
    people: list[int]


def new_desk(path: Path, counts: tuple[int, ...] = (9, 8, 6, 4, 3, 3, 4), seed: int = 5) -> Desk:
    """A pipeline of seven stages with so many deals in each, some with tasks and children."""
    create_workspace(path)
    store = Store.open(path)
    by: Any = {"person": None, "now": NOW - 40 * DAY}
    team = people.add_team(store, "Turnkey", **by).id
    values = {"team_id": team, "role": "admin"}
    persons = [people.add_person(store, name, values, **by).id for name in NAMES]
    pipeline = pipelines.add_pipeline(store, "Turnkey services", **by).id
    stages = {}
    for name, kind, colour, percent in STAGES:
        fields = {"kind": kind, "colour": colour, "probability": percent, "limit_days": 7}
        stages[name] = pipelines.add_stage(store, pipeline, name, fields, **by).id
    logistics = pipelines.add_pipeline(store, "Logistics", counts=False, **by).id
    estimate = pipelines.add_stage(store, logistics, "Estimate", {"colour": "amber"}, **by).id
    if not store_has_reasons(store):
        for name in ("Too expensive", "Chose a competitor", "Duplicate"):
            lists.add(store, "lost_reasons", name, **by)
    desk = Desk(store, pipeline, stages, persons)
    _fill(desk, counts, estimate, random.Random(seed))
    return desk


def store_has_reasons(store: Store) -> bool:
    """Whether a new workspace brings lost reasons."""
    with store.read() as r:
        return bool(lists.items(r, "lost_reasons"))


def _fill(desk: Desk, counts: tuple[int, ...], estimate: int, rng: random.Random) -> None:
    store = desk.store
    companies = [
        clients.add(store, clients.NewClient("company", name), person=None, now=NOW - 40 * DAY).id
        for name in COMPANIES
    ]
    for stage_id, count in zip(desk.stages.values(), counts, strict=True):
        for _ in range(count):
            now = NOW - rng.choice((1, 1, 2, 2, 3, 3, 4, 6, 12)) * DAY
            owner = rng.choice(desk.people)
            new = deals.NewDeal(
                rng.choice(TITLES), stage_id, owner, rng.choice(companies),
                amount=Decimal(rng.randint(120, 1900) * 1000),
            )  # fmt: skip
            [deal] = deals.create(store, new, person=owner, now=now).deal_ids
            shift = rng.choice((-1, 0, 1, 4, 9, None))
            if shift is not None:
                due = NOW + shift * DAY + 3600 * SECOND
                task = tasks.NewTask(rng.choice(TASKS), deal, assignee_id=owner, due_at=due)
                tasks.add(store, task, person=owner, now=now)
            if rng.random() < 0.15:
                child = deals.NewDeal("Delivery", estimate, owner, parent_id=deal)
                deals.create(store, child, person=owner, now=now)


def add_rule(desk: Desk, stage: str, title: str) -> None:
    """A task that is created when a deal enters the stage."""
    rule = task_rules.TaskRule(id=0, stage_id=desk.stages[stage], title=title)
    task_rules.add_task_rule(desk.store, rule, person=None, now=NOW - 30 * DAY)


def new_context(desk: Desk, folder: Path) -> Context:
    """A context with a clock that stands, for the first person."""
    context = Context(desk.store, Writer(desk.store), lambda: NOW, Remember(folder / "window.ini"))
    context.set_person(desk.people[0], NAMES[0], "team_lead")
    return context
