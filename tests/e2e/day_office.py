"""The office of the scripted days: an administrator, a lead, three managers, their clients, deals
and tasks, as they are on a Friday noon."""

from datetime import timedelta
from decimal import Decimal
from pathlib import Path

from salesdesk.moments import moment_of
from salesdesk.services import clients, deals, lists, people, pipelines, tasks
from tests.e2e.desk import ADVANCE, HELD, NEW, NOON, SET, SIGNED
from tests.services.configured import hire, workspace

AGRO, VOLGA, TWIN, NIVA = "Agro Trade", "Volga Stroy", "Volga-Stroy", "Niva Plus"
_DEALS = (
    # owner, stage, title, client, amount, days ago
    ("Maria Kim", NEW, "Crane rental", AGRO, 900_000, 8),
    ("Maria Kim", NEW, "Loader overhaul", None, 120_000, 2),
    ("Maria Kim", HELD, "Warehouse racks", NIVA, 300_000, 5),
    ("Maria Kim", SIGNED, "Service contract", AGRO, 500_000, 3),
    ("Ivan Petrov", NEW, "Concrete delivery", VOLGA, 450_000, 20),
    ("Ivan Petrov", SET, "Fleet telematics", TWIN, 780_000, 4),
    ("Boris Yudin", NEW, "Bulldozer repair", None, 610_000, 8),
)


def _ago(days: float) -> int:
    return moment_of(NOON - timedelta(days=days))


class Office:
    """The workspace of the days; ``ids`` by the names of people, clients, deals and kinds."""

    def __init__(self, folder: Path) -> None:
        self.store = workspace(folder, name="office.salesdesk")
        self.ids: dict[str, int] = {}
        self._people()
        self._clients()
        self._deals()
        self._tasks()
        self.store.close()
        self.path = self.store.path

    def _people(self) -> None:
        store, now = self.store, _ago(30)
        for name in ("North", "South"):
            self.ids[name] = people.add_team(store, name, person=None, now=now).id
        for name, role, team in (
            ("Anna Orlova", "admin", None), ("Olga Sokolova", "team_lead", "North"),
            ("Maria Kim", "manager", "North"), ("Ivan Petrov", "manager", "North"),
            ("Boris Yudin", "manager", "South"),
        ):  # fmt: skip
            values = {"team_id": self.ids[team]} if team else {}
            self.ids[name] = hire(store, name, role, **values)
        lead = {"lead_id": self.ids["Olga Sokolova"]}
        people.change_team(store, self.ids["North"], lead, person=None, now=now)

    def _clients(self) -> None:
        for name, phone in ((AGRO, "+7 912 555-01-02"), (VOLGA, "+7 846 300-20-10"),
                            (TWIN, "8 (846) 300 20 10"), (NIVA, "+7 495 111-22-33")):  # fmt: skip
            new = clients.NewClient("company", name, phones=(phone,))
            self.ids[name] = clients.add(self.store, new, person=None, now=_ago(25)).id

    def _deals(self) -> None:
        with self.store.read() as r:
            stages = {stage.name: stage.id for stage in pipelines.stages(r)}
        for who, place, title, client, amount, days in _DEALS:
            owner = self.ids[who]
            new = deals.NewDeal(title, stages[place], owner, self.ids.get(client or ""),
                                amount=Decimal(amount))  # fmt: skip
            made = deals.create(self.store, new, person=owner, now=_ago(days))
            self.ids[title] = made.deal_ids[0]
        asks = {"required": ["source"], "paid_percent": 30}
        pipelines.change_stage(self.store, stages[ADVANCE], asks, person=None, now=_ago(1))

    def _tasks(self) -> None:
        store = self.store
        with store.read() as r:
            call = lists.find(r, "task_kinds", "Call").id
        maria, ivan = self.ids["Maria Kim"], self.ids["Ivan Petrov"]
        self._task("Ask about the price", maria, "Crane rental", call, hours=3)
        self._task("Remind of the papers", maria, "Service contract", None, hours=5)
        lists.change(store, "task_kinds", call, {"asks_result": True}, person=None, now=_ago(3))
        self._task("Call the director", maria, "Warehouse racks", call, hours=1)
        for title in ("Report of the visit", "Report of the call"):
            done = self._task(title, ivan, "Fleet telematics", call, hours=-40)
            tasks.complete(store, [done], person=ivan, now=_ago(1), result="They think about it")

    def _task(self, title: str, who: int, deal: str, kind: int | None, *, hours: int) -> int:
        due = moment_of(NOON + timedelta(hours=hours))
        new = tasks.NewTask(title, self.ids[deal], None, who, due, kind)
        tasks.add(self.store, new, person=who, now=_ago(2))
        with self.store.read() as r:
            return int(r.value("SELECT max(id) FROM task"))
