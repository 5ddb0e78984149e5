"""What the last weeks of the sample story leave on the pages beside the deals themselves: results
to accept, a task that is postponed again and again, tasks of clients, clients entered twice, an
absence that is coming, filters with a name.

Nothing is drawn by lot here, so that the story of the deals stays as it is.
"""

from typing import Any

from salesdesk.services import absences, clients, control_verbs, saved_filters, tasks
from salesdesk.services.story_cast import Seller
from salesdesk.services.story_desk import Desk

_HOUR = 60
#: Working days ago at which the task is entered that is always put off.
_HABIT = 14
_ENTERED_TWICE = 22
_ABSENT_DAYS = 6


class Scenes:
    """The scenes, played on a desk; ``told`` is the part ``scene`` of the script."""

    def __init__(self, desk: Desk, told: dict[str, Any]) -> None:
        self.desk, self.told = desk, told
        self.store, self.lead = desk.store, desk.cast.heir
        calendar = desk.time.calendar
        today = calendar.zone.day_of(desk.now)
        #: The last working days up to today, the latest last.
        self.days = [day for day in range(today - 45, today + 1) if calendar.is_working(day)]
        self.sellers = [
            seller
            for seller in desk.cast.sellers
            if seller.leaves is None and seller.id != self.lead
        ]

    def begin(self) -> None:
        """Put everything on the desk."""
        self._at(_HABIT, 11 * _HOUR, self._habit)
        for turn, one in enumerate(self.told["result"]):
            # The last one is done early, so that there is time to give it back.
            ago = 5 if turn == len(self.told["result"]) - 1 else 2
            seller = self.sellers[turn % len(self.sellers)]
            self._at(ago, (10 + turn) * _HOUR, self._result, one, seller, ago == 5)
        for turn, one in enumerate(self.told["client_task"]):
            self._at(4, (12 + turn) * _HOUR + 20, self._client_task, one)
        for turn, one in enumerate(self.told["twice"]):
            self._at(_ENTERED_TWICE - turn, 15 * _HOUR, self._twice, one, self.sellers[turn])
        self._at(3, 16 * _HOUR, self._absence, self.sellers[-2])
        self._at(6, 10 * _HOUR + 5, self._filters)

    def _at(self, ago: int, minutes: int, act: Any, *arguments: Any) -> None:
        """Let something happen some working days ago, at a time of that day."""
        self.desk.at(self.desk.time.calendar.at(self.days[-1 - ago], minutes), act, *arguments)

    def _due(self, at: int, days: int) -> int:
        """The end of the day some working days after a moment."""
        calendar = self.desk.time.calendar
        return self.desk.time.end_of(calendar.add_working_days(calendar.zone.day_of(at), days))

    def _deal_of(self, seller: Seller, place: int) -> int | None:
        """One of the latest open deals of a seller."""
        with self.store.read() as r:
            rows = r.rows(
                "SELECT d.id FROM deal d JOIN stage s ON s.id = d.stage_id "
                "JOIN pipeline p ON p.id = s.pipeline_id WHERE d.owner_id = ? AND s.kind = 'open' "
                "AND p.counts = 1 AND d.deleted_at IS NULL ORDER BY d.id DESC LIMIT ?",
                (seller.id, place + 1),
            )
        return rows[-1][0] if rows else None

    def _add(self, at: int, new: tasks.NewTask) -> int:
        """Add a task that the desk leaves alone."""
        tasks.add(self.store, new, person=self.lead, now=at)
        with self.store.read() as r:
            made = int(r.value("SELECT max(id) FROM task"))
        self.desk.leave_alone(made)
        return made

    def _is_open(self, task: int) -> bool:
        with self.store.read() as r:
            return bool(r.value("SELECT state = 'open' FROM task WHERE id = ?", (task,)))

    # -- tasks ----------------------------------------------------------------------------------

    def _keeper(self, company: int) -> int:
        """Who knows a company: the responsible person of its latest deal."""
        here = ", ".join(str(seller.id) for seller in self.sellers)
        with self.store.read() as r:
            found: int | None = r.value(
                f"SELECT owner_id FROM deal WHERE client_id = ? AND owner_id IN ({here}) "
                "AND deleted_at IS NULL ORDER BY id DESC LIMIT 1",
                (company,),
            )
        return found or self.sellers[0].id

    def _habit(self, at: int) -> None:
        """A call that is always for later."""
        company = self.desk.cast.customers[-1].company_id
        seller = self._keeper(company)
        new = tasks.NewTask(
            self.told["habit"], client_id=company, assignee_id=seller, due_at=self._due(at, 2),
            kind_id=self.desk.cast.followups[0][1],
        )  # fmt: skip
        task = self._add(at, new)
        for ago in range(_HABIT - 2, 0, -3):
            self._at(ago, 17 * _HOUR + 30, self._put_off, task, seller)

    def _put_off(self, at: int, task: int, seller: int) -> None:
        if self._is_open(task):
            reasons = self.desk.cast.postponed
            reason = reasons[at % len(reasons)]
            due = self._due(at, 3)
            tasks.postpone(self.store, [task], due, reason, person=seller, now=at)

    def _result(self, at: int, told: dict[str, str], seller: Seller, back: bool) -> None:
        """A task that asks for its result, and is done with one the same day. What comes back is
        of a client: a deal might be over before it is seen."""
        new = tasks.NewTask(
            told["title"],
            deal_id=None if back else self._deal_of(seller, 1),
            client_id=self.desk.cast.customers[0].contact_id if back else None,
            assignee_id=seller.id,
            due_at=self._due(at, 0),
            asks_result=True,
        )
        task = self._add(at, new)
        day = self.desk.time.calendar.zone.day_of(at)
        done = self.desk.time.calendar.at(day, 15 * _HOUR)
        self.desk.at(done, self._report, task, told["result"], seller, back)

    def _report(self, at: int, task: int, result: str, seller: Seller, back: bool) -> None:
        if not self._is_open(task):
            return
        tasks.complete(self.store, [task], person=seller.id, now=at, result=result)
        if back:
            self.desk.at(self._due(at, 0), self._give_back, task)

    def _give_back(self, at: int, task: int) -> None:
        control_verbs.give_back(
            self.store, [task], self.told["remark"], due_at=self._due(at, 7), person=self.lead,
            now=at,
        )  # fmt: skip

    def _client_task(self, at: int, told: dict[str, Any]) -> None:
        """A task of a client, without a deal; some are late already."""
        customers = self.desk.cast.customers
        company = customers[told["company"] % len(customers)].company_id
        due = self._due(self.desk.now, told["days"]) if told["days"] > 0 else self._due(at, 1)
        new = tasks.NewTask(
            told["title"], client_id=company, assignee_id=self._keeper(company), due_at=due
        )
        self._add(at, new)

    # -- clients, absences, filters -------------------------------------------------------------

    def _twice(self, at: int, told: dict[str, Any], seller: Seller) -> None:
        """A company and its contact person, entered once more by somebody in a hurry."""
        customer = self.desk.cast.customers[told["of"] % len(self.desk.cast.customers)]
        with self.store.read() as r:
            phone = r.value(
                "SELECT value FROM client_contact WHERE client_id = ? AND kind = 'phone'",
                (customer.contact_id,),
            )
        company = clients.NewClient("company", told["name"])
        made = clients.add(self.store, company, person=seller.id, now=at)
        contact = clients.NewClient("contact", told["contact"], company_id=made.id, phones=(phone,))
        clients.add(self.store, contact, person=seller.id, now=at)

    def _absence(self, at: int, seller: Seller) -> None:
        """Somebody goes on holiday from the next working day on; a colleague stands in."""
        calendar = self.desk.time.calendar
        first = calendar.add_working_days(calendar.zone.day_of(self.desk.now), 1)
        absences.add_absence(
            self.store, seller.id, first, first + _ABSENT_DAYS, self.sellers[0].id,
            person=self.lead, now=at,
        )  # fmt: skip

    def _filters(self, at: int) -> None:
        """What the team lead looks at every week, for everybody."""
        low = min(offer.high for offer in self.desk.cast.offers)
        wanted = {"no_task": "1", "amount": f"{low.quantize(1):f}.."}
        saved_filters.save(
            self.store, "board", self.told["filter"], wanted, shared=True, person=self.lead, now=at
        )
