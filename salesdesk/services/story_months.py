"""The closed months of the sample story: a table of bonuses, every month closed by the lead a few
days after it is over, but for the latest; and what came to light after one was closed.

Nothing is drawn by lot here, so that the story of the deals stays as it is.
"""

from decimal import Decimal
from typing import Any

from salesdesk.moments import month_of, month_start
from salesdesk.services import bonuses, closing, deals, periods, rulings
from salesdesk.services.bonuses import Step
from salesdesk.services.story_desk import Desk

_TABLE = (Step(50, Decimal(2)), Step(80, Decimal("3.5")), Step(100, Decimal(5)))
#: A month is closed on this working day of the next one, at this minute.
_DAYS, _AT = 2, 10 * 60 + 30
#: So many working days before now something of a closed month changes.
_DISCOUNT, _DOUBT = 9, 6


class Months:
    """The months, played on a desk; ``told`` is the part ``month`` of the script."""

    def __init__(self, desk: Desk, told: dict[str, Any], begun: int) -> None:
        self.desk, self.told, self.store = desk, told, desk.store
        self.calendar = desk.time.calendar
        today = self.calendar.zone.day_of(desk.now)
        self.begun = self.calendar.zone.day_of(begun) + 1
        self.first = month_of(self.begun)
        #: The latest month that is closed: the one after it waits to be.
        self.last = month_of(today) - 2
        self.today = today

    def begin(self) -> None:
        """Put everything on the desk."""
        if self.last < self.first:
            return
        self._on(self.begun, 0, self._set_table)
        for month in range(self.first, self.last + 1):
            self._on(month_start(month + 1), _DAYS, self._close, month)
        for ago, act in ((_DISCOUNT, self._discount), (_DOUBT, self._void)):
            day = self.calendar.add_working_days(self.today, -ago)
            self.desk.at(self.calendar.at(day, 15 * 60 + 20), act)

    def _on(self, day: int, later: int, act: Any, *arguments: Any) -> None:
        """Let something happen on a working day, so many after another one."""
        day = self.calendar.add_working_days(self.calendar.next_working(day), later)
        self.desk.at(self.calendar.at(day, _AT), act, *arguments)

    def _set_table(self, at: int) -> None:
        with self.store.read() as r:
            admin = r.value("SELECT id FROM person WHERE role = 'admin'")
        bonuses.set_steps(self.store, _TABLE, person=admin, now=at, origin="demo")

    def _close(self, at: int, month: int) -> None:
        lead = self.desk.cast.heir
        closing.close(self.store, month, person=lead, now=at, origin="demo")

    def _reach(self, milestone: str, later: int = 0) -> tuple[int, int, int] | None:
        """A reach of the latest closed month that is not the lead's: deal, stage, person."""
        start, stop = periods.of_months(self.last).moments(self.store.zone)
        with self.store.read() as r:
            rows = r.rows(
                "SELECT e.deal_id, e.stage_id, e.person_id FROM reach e "
                "JOIN stage s ON s.id = e.stage_id JOIN deal d ON d.id = e.deal_id "
                "WHERE e.at >= ? AND e.at < ? AND s.milestone = ? AND d.amount IS NOT NULL "
                "AND e.person_id NOT IN (0, ?) ORDER BY e.at, e.deal_id LIMIT ?",
                (start, stop, milestone, self.desk.cast.heir, later + 1),
            )
        return rows[-1] if rows else None

    def _discount(self, at: int) -> None:
        """A client was given a discount on a deal that was won two months ago."""
        found = self._reach("won")
        if found is None:
            return
        with self.store.read() as r:
            amount = r.value("SELECT amount FROM deal WHERE id = ?", (found[0],))
        less = (Decimal(amount) / 10_000 * Decimal("0.9")).quantize(Decimal(1))
        lead = self.desk.cast.heir
        deals.add_note(self.store, found[0], self.told["discount"], person=lead, now=at)
        deals.change(self.store, found[0], {"amount": less}, person=lead, now=at)

    def _void(self, at: int) -> None:
        """A meeting turned out to be none."""
        found = self._reach("meeting_held", 1)
        if found is not None:
            rulings.void(
                self.store, found[0], found[1], reason=self.told["doubt"],
                person=self.desk.cast.heir, now=at,
            )  # fmt: skip
