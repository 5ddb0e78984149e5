"""Some months of sales to forecast from, and Mondays as a replay tells them."""

import random
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from salesdesk.moments import money_of
from salesdesk.services import forecast_replay
from salesdesk.services.forecast_replay import Replay, Said
from salesdesk.services.periods import Period
from salesdesk.services.report_table import Query
from tests.builders import Desk, day, empty_store

ALL = Query(Period(1, 1))
PERCENTS = (20, 50, 80)
DAY = 86_400 * 1_000_000
FIRST, LAST = day("2026-01-05"), day("2026-11-20")


@dataclass
class Year:
    """A workspace with some months of sales, and now."""

    desk: Desk
    stages: list[int]
    people: list[int]
    deals: list[int]
    now: int

    def replay(self, query: Query = ALL, **words: Any) -> Replay:
        with self.desk.store.read() as r:
            return forecast_replay.replay(r, query, now=self.now, **words)

    def at(self, of_day: int) -> int:
        return self.desk.store.zone.start_of(of_day)


def tell(folder: Path, count: int = 160) -> Year:
    """Deals that go on every ten days or so; half of them are won."""
    desk = Desk(empty_store(folder))
    stages = desk.pipeline("Sales", (("New", "open", "new", "1"), ("Offer", "open", None, "1"),
                                     ("Signed", "open", None, "1"), ("Won", "won", "won", "1"),
                                     ("Lost", "lost", "lost", "0")))  # fmt: skip
    for stage, percent in zip(stages, PERCENTS, strict=False):
        desk.update("stage", stage, probability=percent)
    people = [desk.person("Anna"), desk.person("Boris")]
    desk.rate("USD", "90")
    chance = random.Random(5)
    store = desk.store
    now = store.zone.start_of(LAST)
    deals: list[int] = []
    with store.command("import.deals", now=store.zone.start_of(FIRST), origin="import") as tx:
        moves = []
        for _ in range(count):
            born = store.zone.start_of(FIRST) + chance.randrange(310) * DAY + chance.randrange(DAY)
            deal = desk.insert_deal(tx, {
                "amount": money_of(Decimal(chance.randrange(10, 500))),
                "currency": "USD" if chance.random() < 0.1 else "RUB",
                "probability": chance.choice((None, None, 30)),
                "expected_day": None if chance.random() < 0.2
                else store.zone.day_of(born) + chance.randrange(5, 60),
            })  # fmt: skip
            deals.append(deal)
            at, owner = born, chance.choice(people)
            for stage in range(4):
                if at >= now:
                    break
                lost = stage and chance.random() < 0.2
                moves.append({
                    "deal_id": deal, "to_stage_id": stages[4 if lost else stage], "at": at,
                    "recorded_at": at, "owner_id": owner, "sets_owner": int(stage == 0),
                })  # fmt: skip
                if lost:
                    break
                at += int(chance.expovariate(1 / 10) * DAY) + 1
        tx.insert("stage_move", moves)
    return Year(desk, stages, people, deals, now)


def mondays(
    *facts: tuple[float, float, float, float, float], dated: int = 5, priced: int = 9
) -> list[Said]:
    return [
        Said(FIRST + 7 * at, by_date, expected, low, high, fact, 10, dated, priced)
        for at, (by_date, expected, low, high, fact) in enumerate(facts)
    ]
