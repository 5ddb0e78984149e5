"""A small team with one month behind it, for the tests of closed months.

October 2026: Anna wins 1,000,000 (cost 90,000), Boris 500,000 (cost 0), and has a deal in work.
Plans of October: 1,000,000 of gross profit for Anna; Boris has none. Now is 3 November.
"""

from datetime import datetime
from decimal import Decimal
from typing import Any

from salesdesk.models.store import Store
from salesdesk.services import bonuses, closing, closing_corrections, periods, ranking
from salesdesk.services.bonuses import Step
from salesdesk.services.closing_corrections import Correction
from salesdesk.services.ranking_rows import Ranking
from tests.builders import Desk

SEPTEMBER, OCTOBER, NOVEMBER = (2026 * 12 + at for at in (8, 9, 10))
STEPS = (Step(50, Decimal("2.5")), Step(80, Decimal(5)), Step(100, Decimal(7)))


class ClosingDesk:
    """The team, and short words for closing its months."""

    def __init__(self, store: Store) -> None:
        self.store = store
        desk = self.desk = Desk(store)
        self.sales, self.parts = desk.team("Sales"), desk.team("Parts")
        self.anna = desk.person("Anna", team_id=self.sales)
        self.boris = desk.person("Boris", team_id=self.sales)
        self.lead = desk.person("Lena", role="team_lead", team_id=self.sales)
        desk.update("team", self.sales, lead_id=self.lead)
        self.admin = desk.person("Ada", role="admin", in_ranking=0)
        self.stages = desk.pipeline("Sales")
        self.plan = desk.plan("gross_profit", OCTOBER, "1000000", person_id=self.anna)
        desk.norm("lost", "3")
        self.rate = desk.rate("USD", "90")
        self.big = self._won("2026-10-05T10:00", self.anna, "1000000", "90000")
        self.winning = desk.commands[-1]
        self.small = self._won("2026-10-06T10:00", self.boris, "500000", "0")
        self.dollars = self._won("2026-10-07T10:00", self.boris, "100", "0", "USD")
        self.open = desk.deal(self.stages[0], "2026-10-08T10:00", self.boris)
        self.task = desk.task(self.open, self.boris, "2026-10-08T11:00", "2026-10-09T18:00")
        self.now = self.at("2026-11-03T10:00")
        desk.clock = self.now

    def at(self, text: str) -> int:
        """A local moment."""
        return self.store.zone.moment(datetime.fromisoformat(text))

    def _won(self, at: str, owner: int, amount: str, cost: str, currency: str = "RUB") -> int:
        money = {"amount": amount, "cost": cost, "currency": currency}
        deal = self.desk.deal(self.stages[0], at, owner, **money)
        self.desk.move(deal, self.stages[5], at.replace("10:00", "15:00"))
        return deal

    def close(self, month: int = OCTOBER, **given: Any) -> int:
        """Close a month as the lead; the command."""
        self.now += 1
        asked = {"person": self.lead, "now": self.now, **given}
        return closing.close(self.store, month, **asked).command_id

    def later(self) -> dict[str, Any]:
        """What a verb of the administrator is given, a moment later."""
        self.now += 1
        return {"person": self.admin, "now": self.now}

    def set_steps(self) -> None:
        bonuses.set_steps(self.store, STEPS, **self.later())

    def ranking(self, month: int = OCTOBER, team: int | None = None) -> Ranking:
        with self.store.read() as r:
            period = periods.of_months(month)
            return ranking.ranking(r, period, now=self.now + 1, team_id=team)

    def live(self, month: int = OCTOBER) -> Ranking:
        with self.store.read() as r:
            return ranking.live(r, periods.of_months(month), now=self.now + 1)

    def corrections(self, month: int = OCTOBER) -> tuple[Correction, ...]:
        with self.store.read() as r:
            return closing_corrections.corrections(r, month, now=self.now + 1)

    def by_metric(self, person: str, month: int = OCTOBER) -> dict[str, Correction]:
        """The corrections of a person's numbers."""
        found = self.corrections(month)
        return {c.metric: c for c in found if c.what == "number" and c.person == person}

    def sheet(self, month: int = OCTOBER) -> bonuses.BonusSheet:
        with self.store.read() as r:
            return bonuses.sheet(r, month, now=self.now + 1)
