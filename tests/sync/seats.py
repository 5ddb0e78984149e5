"""A laptop of the tests: a workspace with a pipeline and two people, connected to a portal."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from salesdesk.models.store import Store
from salesdesk.services import clients, deals, tasks
from salesdesk.services.clients import NewClient
from salesdesk.services.sync import rounds
from salesdesk.services.sync.amocrm import AmoCrm
from salesdesk.services.sync.bitrix24 import Bitrix24
from salesdesk.services.sync.connect import NEEDED
from salesdesk.services.sync.remote import FarRecord
from salesdesk.services.sync.rounds import Summary
from tests.builders import Desk, empty_store
from tests.sync.memory_remote import STAGES, MemoryRemote, Portal

START = 1_800_000_000_000_000
SECOND = 1_000_000
MINUTE = 60 * SECOND
#: The people of the emulators by those of the portal in memory.
_PEOPLE = {"1": "1", "2": "7"}


class Clock:
    """The time of a test; sleeping jumps."""

    def __init__(self) -> None:
        self.at = START

    def now(self) -> int:
        return self.at

    def sleep(self, seconds: float) -> None:
        self.at += max(1, round(seconds * SECOND))


@dataclass
class Seat:
    """One laptop: its store, its way to the portal, keys by name."""

    store: Store
    remote: MemoryRemote
    clock: Clock
    stages: dict[str, int]
    people: dict[str, int]
    pipeline: int

    def round(self) -> Summary:
        """One round, a second later."""
        self.clock.at += SECOND
        found = rounds.one_round(self.store, self.remote, self.clock)
        self.clock.at += SECOND
        return found

    def by(self) -> dict[str, Any]:
        """Who does it, and when: a second later."""
        self.clock.at += SECOND
        return {"person": None, "now": self.clock.at}

    def deal(self, title: str = "Crane", stage: str = "S:NEW", **more: Any) -> int:
        """A new deal of Mary's."""
        new = deals.NewDeal(title, self.stages[stage], owner_id=self.people["1"], **more)
        return deals.create(self.store, new, **self.by()).deal_ids[0]

    def move(self, deal: int, stage: str) -> None:
        """A person's move."""
        deals.move(self.store, [deal], self.stages[stage], **self.by())

    def value(self, sql: str, *params: Any) -> Any:
        """One value of the workspace."""
        with self.store.read() as r:
            return r.value(sql, params)

    def rounds(self, number: int = 3) -> None:
        """Rounds, each when the answer of the one before can no longer come."""
        for _ in range(number):
            self.clock.at += 2 * MINUTE
            self.round()

    def deal_with_all(self) -> int:
        """A deal with a client, a task and a note."""
        new = NewClient("company", "Crane Ltd", phones=("+7 912 345-67-89",))
        client = clients.add(self.store, new, **self.by()).id
        deal = self.deal("Crane", client_id=client, amount=Decimal("1500.50"))
        due = self.clock.at + 60 * MINUTE
        call = tasks.NewTask("Call them", deal, assignee_id=self.people["1"], due_at=due)
        tasks.add(self.store, call, **self.by())
        deals.add_note(self.store, deal, "They want it on Monday", **self.by())
        return deal

    def far(self, deal: int) -> FarRecord:
        """The deal as the portal holds it."""
        key = self.value(
            "SELECT far_id FROM sync_link WHERE entity = 'deal' AND local_id = ?", deal
        )
        return self.remote.portal.table("deal")[key]

    def here(self, far: FarRecord) -> int:
        """The deal of here that an object of the portal is."""
        return int(
            self.value(
                "SELECT local_id FROM sync_link WHERE entity = 'deal' AND far_id = ?", far.far_id
            )
        )

    def protocol(self, deal: int) -> list[tuple[str, int]]:
        """The stages of a deal and since when, as they count."""
        names = {key: name for name, key in self.stages.items()}
        with self.store.read() as r:
            rows = r.rows(
                "SELECT to_stage_id, at FROM stage_move WHERE deal_id = ? AND undone = 0 "
                "AND superseded = 0 ORDER BY at, seq",
                (deal,),
            )
        return [(names[stage], at) for stage, at in rows]


def seat(folder: Path, portal: Portal, clock: Clock, user: str = "1", **more: Any) -> Seat:
    """A laptop that is connected to the portal."""
    store = empty_store(folder, f"seat-{user}.salesdesk")
    desk = Desk(store)
    people = {"1": desk.person("Mary"), "2": desk.person("Max")}
    pipeline = desk.insert("pipeline", name="Sales", name_key="sales", counts=1, position=0)
    stages = {
        stage.far_id: desk.insert(
            "stage", pipeline_id=pipeline, name=stage.name, name_key=stage.name.casefold(),
            kind=stage.kind, position=stage.position, probability=10,
        )
        for stage in STAGES
    }  # fmt: skip
    with store.books() as books:
        seen = books.value("SELECT coalesce(max(id), 0) FROM change")
        [key] = books.insert(
            "sync_remote",
            [{"kind": "memory", "base_url": "memory:", "account_id": "portal-1",
              "account": "Portal", "user_id": user, "seat": f"seat-{user}",
              "connected_at": clock.now(), "seen_change": seen, "options": json.dumps({})}],
        )  # fmt: skip
        pairs = [("pipeline", pipeline, "P")]
        pairs += [("stage", local, far) for far, local in stages.items()]
        pairs += [("person", local, far) for far, local in people.items()]
        books.insert(
            "sync_map",
            [{"remote_id": key, "what": what, "local_id": local, "far_id": far}
             for what, local, far in pairs],
        )  # fmt: skip
    return Seat(store, MemoryRemote(portal, user, **more), clock, stages, people, pipeline)


@contextmanager
def seat_at(
    folder: Path, remote: Bitrix24 | AmoCrm, clock: Clock, pipeline: str, stages: dict[str, str]
) -> Iterator[Seat]:
    """A laptop that is connected to a CRM over loopback, which names pipeline and stages so."""
    made = seat(folder, None, clock)  # type: ignore[arg-type]
    far = {"P": pipeline, **stages, **_PEOPLE}
    with made.store as store:
        remote.make_fields(NEEDED)
        made.remote = remote  # type: ignore[assignment]
        with store.books() as books:
            for key, here in books.rows("SELECT id, far_id FROM sync_map"):
                books.update("sync_map", [{"id": key, "far_id": far[here]}])
        yield made
        remote.close()
