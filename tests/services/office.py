"""A small office for the tests of rights: two departments, a group inside one, an administrator.

Sales: Lena leads, Mary and Max work; inside it Inner: Ian leads, Ivan works. Other: Otto leads,
Olga works. Ada is the administrator. Each manager has a deal, a client and a task; one of each is
nobody's.
"""

import copy
import functools
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from salesdesk.models.store import Store
from salesdesk.names import key
from salesdesk.services import deals, tasks
from tests.builders import Desk, empty_store

NOW = 1_800_000_000_000_000
DAY = 86_400_000_000
MANAGERS = ("Mary", "Max", "Ivan", "Olga")


class Office:
    """Everything by name: ``ids`` of people, ``deals``, ``tasks``, ``clients`` (also "nobody")."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.desk = desk = Desk(store)
        self.ids: dict[str, int] = {}
        sales = desk.team("Sales")
        inner, other = desk.team("Inner", sales), desk.team("Other")
        for team, names in ((sales, "Lena Mary Max"), (inner, "Ian Ivan"), (other, "Otto Olga")):
            for place, name in enumerate(names.split()):
                role = "manager" if place else "team_lead"
                self.ids[name] = desk.person(name, role=role, team_id=team)
                if not place:
                    desk.update("team", team, lead_id=self.ids[name])
        self.ids["Ada"] = desk.person("Ada", role="admin", in_ranking=0)
        self.names = {key: name for name, key in self.ids.items()}
        self.stages = desk.pipeline("Sales")
        desk.insert(
            "task_rule", stage_id=self.stages[2], title="Deliver it", assignee_rule="person",
            assignee_id=self.ids["Olga"],
        )  # fmt: skip
        self.deals: dict[str, int] = {}
        self.tasks: dict[str, int] = {}
        self.clients: dict[str, int] = {}
        for name in (*MANAGERS, "nobody"):
            self._work_of(name, self.ids.get(name))

    def _work_of(self, name: str, person: int | None) -> None:
        title = f"Co {name}"
        client = self.desk.insert("client", kind="company", name=title, name_key=key(title))
        new = deals.NewDeal(f"Deal {name}", self.stages[0], owner_id=person, client_id=client)
        [deal] = deals.create(self.store, new, person=None, now=NOW).deal_ids
        self.clients[name], self.deals[name] = client, deal
        tasks.add(self.store, tasks.NewTask(f"Task {name}", assignee_id=person, due_at=NOW + DAY),
                  person=None, now=NOW)  # fmt: skip
        with self.store.read() as r:
            self.tasks[name] = r.value("SELECT max(id) FROM task")

    def live_deals(self) -> int:
        """How many deals there are."""
        with self.store.read() as r:
            return int(r.value("SELECT count(*) FROM deal WHERE deleted_at IS NULL"))

    def changes(self) -> Any:
        """The last line of the log: the same while nothing was written."""
        with self.store.read() as r:
            return r.row("SELECT (SELECT max(id) FROM change), (SELECT max(id) FROM command)")

    @classmethod
    @contextmanager
    def made(cls, folder: Path, name: str = "office.salesdesk") -> Iterator["Office"]:
        """An office in a workspace of its own, a copy of the one that was built first."""
        first, path = _first(), folder / name
        shutil.copy(first.path, path)
        with Store.open(path) as store:
            office = copy.copy(first.office)
            office.store = store
            yield office


@dataclass
class _First:
    folder: "tempfile.TemporaryDirectory[str]"
    path: Path
    office: Office


@functools.cache
def _first() -> _First:
    folder = tempfile.TemporaryDirectory(prefix="salesdesk-office-")
    with empty_store(Path(folder.name)) as store:
        return _First(folder, store.path, Office(store))
