"""A made-up board for tests and benchmarks: the same protocol as the workspace answers."""

import random
from array import array
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from salesdesk.moments import DAY_SECONDS, SECOND, Zone
from salesdesk.services.cards import (
    Age,
    BoardFilter,
    CardChild,
    DealCard,
    SortKey,
    StageColumn,
    StageKind,
    TaskState,
)
from salesdesk.ui.board.model import lines_of
from salesdesk.ui.board.source import ColumnIds

NOW = 1_795_262_400 * SECOND  # 21 November 2026, 12:00 UTC
ZONE = Zone("Europe/Moscow")
_STAGES: tuple[tuple[str, StageKind, str, int], ...] = (
    ("New request", "open", "slate", 10),
    ("Meeting scheduled", "open", "blue", 30),
    ("Meeting held", "open", "teal", 50),
    ("Contract signed", "open", "violet", 75),
    ("Advance paid", "open", "orange", 90),
    ("Won", "won", "green", 100),
    ("Lost", "lost", "red", 0),
)
_TITLES = (
    "Warehouse racks", "Annual service contract", "Crane transport, Ufa", "Bulldozer repair",
    "Concrete delivery", "Loader overhaul", "Sales training, 2 groups",
    "Fleet telematics, 40 units", "Excavator rental, 3 months",
)  # fmt: skip
_COMPANIES = (
    "Gorod-Servis", "TransLine", "Uralmet", "Stroyinvest", "Vector-Agro", "Baltic Cargo",
)  # fmt: skip
_CHILD = CardChild("Logistics", "Estimate ready", "open", "teal")
_PEOPLE = ("Maria Kim", "Anna Orlova", "Ivan Petrov", "Olga Smirnova", "Denis Volkov")
_TASKS = ("Proposal", "Contract, check the annex", "Call", "Meeting at the site", "Invoice")
_STATES: tuple[TaskState, ...] = ("planned", "planned", "today", "overdue", "none", "waiting")


def card(deal_id: int, stage_id: int, rng: random.Random) -> DealCard:
    """A believable card."""
    state = rng.choice(_STATES)
    shift = {"overdue": -1, "today": 0, "planned": rng.randint(1, 9)}.get(state)
    days = rng.choice((1, 1, 2, 2, 3, 3, 4, 6, 7, 12))
    age: Age = "stuck" if days > 7 else "warn" if days > 5 else "fresh"
    person = rng.randrange(len(_PEOPLE))
    return DealCard(
        id=deal_id,
        number=1000 + deal_id,
        title=rng.choice(_TITLES),
        company=rng.choice(_COMPANIES),
        amount=Decimal(rng.randint(120, 1900) * 1000) if rng.random() > 0.05 else None,
        currency="RUB",
        owner_id=person + 1,
        owner=_PEOPLE[person],
        owner_colour=person,
        task_state=state,
        next_task=None if state == "none" else rng.choice(_TASKS),
        next_due=None if shift is None else NOW + shift * DAY_SECONDS * SECOND + 3600 * SECOND,
        days_in_stage=days,
        age=age,
        children=(_CHILD,) if rng.random() < 0.15 else (),
        stage_id=stage_id,
    )


class Story:
    """A board in memory; ``move`` is what the workspace would do."""

    def __init__(self, counts: Sequence[int], seed: int = 7) -> None:
        rng = random.Random(seed)
        self.deals: dict[int, DealCard] = {}
        self.orders: dict[int, list[int]] = {}
        self.reads = 0
        next_id = 1
        for stage_id, count in enumerate(counts, 1):
            self.orders[stage_id] = list(range(next_id, next_id + count))
            for deal_id in self.orders[stage_id]:
                self.deals[deal_id] = card(deal_id, stage_id, rng)
            next_id += count

    def columns(self, chosen: BoardFilter) -> list[StageColumn]:
        found = []
        for stage_id in self.orders:
            order = [i for i in self.orders[stage_id] if self._passes(self.deals[i], chosen)]
            name, kind, colour, percent = _STAGES[(stage_id - 1) % len(_STAGES)]
            total = sum((self.deals[i].amount or Decimal(0) for i in order), Decimal(0))
            found.append(
                StageColumn(
                    stage_id,
                    name,
                    kind,
                    colour,
                    percent,
                    limit_days=7,
                    count=len(order),
                    amount=total,
                    weighted=total * percent / 100,
                )
            )
        return found

    def ids(self, stage_id: int, sort: SortKey, chosen: BoardFilter) -> ColumnIds:
        order = [i for i in self.orders[stage_id] if self._passes(self.deals[i], chosen)]
        if sort == "amount":
            order.sort(key=lambda i: self.deals[i].amount or Decimal(0), reverse=True)
        tall = {i: lines_of(self.deals[i]) for i in order}
        return ColumnIds(array("q", order), tall)

    def first_ids(
        self, stage_id: int, limit: int, seen: frozenset[int] | None = None
    ) -> "array[int]":
        order = self.orders[stage_id]
        allowed = [i for i in order if seen is None or self.deals[i].owner_id in seen]
        return array("q", allowed[:limit])

    def words(self, ids: Sequence[int] | None = None) -> dict[int, str]:
        wanted = self.deals if ids is None else [i for i in ids if i in self.deals]
        return {i: self.deals[i].title.casefold() for i in wanted}

    def cards(self, ids: Sequence[int]) -> dict[int, DealCard]:
        self.reads += 1
        return {i: self.deals[i] for i in ids if i in self.deals}

    def move(self, ids: Sequence[int], stage_id: int, before: int) -> None:
        for order in self.orders.values():
            order[:] = [i for i in order if i not in ids]
        target = self.orders[stage_id]
        at = target.index(before) if before in target else len(target)
        target[at:at] = ids
        for deal_id in ids:
            self.deals[deal_id] = replace(self.deals[deal_id], stage_id=stage_id)

    def add(self, stage_id: int, at: int = 0) -> int:
        deal_id = max(self.deals, default=0) + 1
        self.deals[deal_id] = card(deal_id, stage_id, random.Random(deal_id))
        self.orders[stage_id].insert(at, deal_id)
        return deal_id

    @staticmethod
    def _passes(deal: DealCard, chosen: BoardFilter) -> bool:
        return (
            (not chosen.overdue or deal.task_state == "overdue")
            and (not chosen.no_task or deal.task_state == "none")
            and (not chosen.stuck or deal.age == "stuck")
            and chosen.text.casefold() in deal.title.casefold()
            and (chosen.owner_ids is None or deal.owner_id in chosen.owner_ids)
        )
