"""Tasks and notes of deals that come later than they: set aside for a stage without a partner, or
in a pipeline that was not synced. Whatever the reason was, they come with their deal."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from salesdesk.services.sync import connect
from salesdesk.services.sync.amocrm import AmoCrm
from salesdesk.services.sync.bitrix24 import Bitrix24
from salesdesk.services.sync.catalog import Access
from salesdesk.services.sync.failures import Failure, Kind
from salesdesk.services.sync.remote import FarPipeline, FarStage, Structure
from tests.builders import empty_store
from tests.emulators import bitrix24
from tests.emulators.amocrm import Account
from tests.emulators.keyrings import in_memory
from tests.sync.memory_remote import STAGES, MemoryRemote, Portal
from tests.sync.seats import MINUTE, SECOND, Clock, Seat, seat_at

AMO_STAGES = {"S:NEW": "58141807", "S:MEET": "58141811", "S:PAY": "58141815", "S:WON": "142",
              "S:LOST": "143"}  # fmt: skip
#: How often something is said in a deal: more than a page of any CRM's.
MANY = 60


def unmapped(one: Seat, stage: str) -> Callable[[], None]:
    """Have a stage no partner; what gives it back."""
    with one.store.books() as books:
        [[key, remote, local, far]] = books.rows(
            "SELECT id, remote_id, local_id, far_id FROM sync_map "
            "WHERE what = 'stage' AND local_id = ?",
            (one.stages[stage],),
        )
        books.remove("sync_map", [key])

    def back() -> None:
        with one.store.books() as books:
            row = {"remote_id": remote, "what": "stage", "local_id": local, "far_id": far}
            books.insert("sync_map", [row])

    return back


def filled(portal: Portal, clock: Clock, **fields: str) -> str:
    """A deal there with a task and a note; later ones of nobody, so that those are not read
    twice because of their second."""
    far = portal.add(
        "deal", {"title": "Crane", "pipeline": "P", "stage": "S:PAY", **fields}, by="2"
    ).far_id
    clock.at += MINUTE
    for deal in (far, ""):
        portal.add("task", {"title": "Call", "deal": deal, "due_at": clock.at}, by="2")
        portal.add("note", {"text": "Monday", "deal": deal, "at": clock.at}, by="2")
        clock.at += MINUTE
    return far


def here(one: Seat) -> tuple[int, int, int, int]:
    """How many deals, tasks and notes are here, and what was set aside."""
    tables = ("deal", "task", "note", "sync_aside")
    first, second, third, fourth = (one.value(f"SELECT count(*) FROM {name}") for name in tables)
    return first, second, third, fourth


def test_what_belongs_to_a_deal_that_was_set_aside_comes_with_it(
    one: Seat, portal: Portal, clock: Clock
) -> None:
    back = unmapped(one, "S:PAY")
    filled(portal, clock)
    one.rounds(2)
    assert here(one) == (0, 0, 0, 1)
    back()
    one.rounds(1)
    assert here(one) == (1, 1, 1, 0)
    assert one.value("SELECT count(*) FROM sync_owed") == 0
    calls: list[str] = []
    one.remote.fault = lambda _when, what: calls.append(what)
    one.rounds(1)
    assert "within" not in calls


def test_it_comes_later_where_it_cannot_be_read_at_once(
    one: Seat, portal: Portal, clock: Clock
) -> None:
    back = unmapped(one, "S:PAY")
    filled(portal, clock)
    one.rounds(1)
    back()
    fails = iter([True])

    def fault(_when: str, what: str) -> None:
        if what == "within" and next(fails, False):
            raise Failure(Kind.PAUSED)

    one.remote.fault = fault
    one.rounds(1)
    assert here(one) == (1, 0, 0, 0)
    one.rounds(1)
    assert here(one) == (1, 1, 1, 0)


def test_a_deal_that_entered_a_synced_pipeline_brings_what_belongs_to_it(
    one: Seat, portal: Portal, clock: Clock
) -> None:
    far = filled(portal, clock, pipeline="Q", stage="Q:1")
    one.rounds(2)
    assert here(one) == (0, 0, 0, 0)
    portal.edit("deal", far, {"pipeline": "P", "stage": "S:NEW"}, by="2")
    one.rounds(1)
    assert here(one) == (1, 1, 1, 0)


def test_a_deal_that_was_set_aside_and_is_there_no_more(
    one: Seat, portal: Portal, clock: Clock
) -> None:
    back = unmapped(one, "S:PAY")
    far = filled(portal, clock)
    one.rounds(1)
    portal.table("deal").pop(far)
    back()
    one.rounds(1)
    assert here(one) == (0, 0, 0, 0)


class Two(MemoryRemote):
    """A CRM with a second pipeline."""

    def structure(self) -> Structure:
        second = FarPipeline("Q", "Service", (FarStage("Q:1", "Asked", "open", 1),))
        return Structure((FarPipeline("P", "Sales", STAGES), second), (), currency="RUB")


def test_a_pipeline_that_is_synced_from_the_second_time_on(
    one: Seat, portal: Portal, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its deals were passed by when it was connected first."""
    one.remote = Two(portal)
    for n in range(8):
        filled(portal, clock, title=f"D{n}", pipeline="Q" if n % 2 else "P",
               stage="Q:1" if n % 2 else "S:NEW")  # fmt: skip
    one.rounds(2)
    assert here(one) == (4, 4, 4, 0)
    with in_memory(monkeypatch):
        connect.disconnect(one.store, **one.by())
        with one.store.read() as r:
            offer = connect.look(r, one.remote)
        made = offer.structure.pipelines[1:]
        connect.connect(one.store, Access("memory", "memory:", "x"), one.remote, offer,
                        offer.pairs, make_fields=True, made=made, **one.by())  # fmt: skip
    one.rounds(2)
    assert here(one) == (8, 8, 8, 0)
    assert one.value("SELECT count(*) FROM sync_link WHERE entity = 'deal'") == 8


@pytest.fixture
def bitrix(tmp_path: Path, clock: Clock) -> Iterator[tuple[Seat, bitrix24.Portal]]:
    """A laptop that is connected to Bitrix24."""
    with ExitStack() as stack:
        portal = stack.enter_context(bitrix24.running(bitrix24.Portal(lambda: clock.at / SECOND)))
        (tmp_path / "zone").mkdir()
        with empty_store(tmp_path / "zone") as store:
            remote = Bitrix24(portal.webhook, clock, store.zone)
        stages = {"S:NEW": "NEW", "S:MEET": "PREPARATION", "S:PAY": "HELD", "S:WON": "WON",
                  "S:LOST": "LOSE"}  # fmt: skip
        yield stack.enter_context(seat_at(tmp_path, remote, clock, "0", stages)), portal


def test_bitrix24(bitrix: tuple[Seat, bitrix24.Portal], clock: Clock) -> None:
    mary, portal = bitrix
    back = unmapped(mary, "S:PAY")
    keys = [portal.add("deal", title=f"D{n}", stageId="HELD") for n in range(3)]
    found: Any = mary.remote
    for n in range(MANY):
        fields = {"TITLE": f"T{n}", "RESPONSIBLE_ID": 1, "UF_CRM_TASK": [f"D_{keys[0]}"],
                  "DEADLINE": "2027-01-20T10:00:00+03:00"}  # fmt: skip
        found.portal.call("tasks.task.add", {"fields": fields}, writes=True)
        comment = {"ENTITY_ID": keys[1], "ENTITY_TYPE": "deal", "COMMENT": f"N{n}"}
        found.portal.call("crm.timeline.comment.add", {"fields": comment}, writes=True)
    clock.at += 10 * MINUTE
    mary.rounds(2)
    assert here(mary) == (0, 0, 0, 3)
    back()
    clock.at += 10 * MINUTE
    mary.rounds(1)
    assert here(mary) == (3, MANY, MANY, 0)


def test_amocrm(tmp_path: Path, account: Account, clock: Clock) -> None:
    remote = AmoCrm(account.url, account.token, clock)
    stages = {name: f"6950551/{far}" for name, far in AMO_STAGES.items()}
    with seat_at(tmp_path, remote, clock, "6950551", stages) as mary:
        back = unmapped(mary, "S:PAY")
        keys = [account.add("leads", name=f"D{n}", status_id=58141815) for n in range(12)]
        for key in (*keys, keys[0]):
            task = {"text": "Call", "entity_id": key, "entity_type": "leads",
                    "complete_till": clock.at // SECOND, "task_type_id": 1}  # fmt: skip
            remote.account.call("POST", "/tasks", [task], writes=True)
            note = {"entity_id": key, "note_type": "common", "params": {"text": "Monday"}}
            remote.account.call("POST", "/leads/notes", [note], writes=True)
            clock.at += 10 * MINUTE  # what was read once is not read again
        mary.rounds(2)
        assert here(mary) == (0, 0, 0, len(keys))
        back()
        clock.at += 10 * MINUTE
        mary.rounds(1)
        assert here(mary) == (len(keys), len(keys) + 1, len(keys) + 1, 0)


def test_what_belongs_to_a_deal_that_goes_only_later_waits_for_nothing(one: Seat) -> None:
    """A deal in a stage without a partner is not sent; what belongs to it goes with it later."""
    unmapped(one, "S:MEET")
    deal = one.deal_with_all()
    one.move(deal, "S:MEET")
    found = one.round()
    one.rounds()
    portal = one.remote.portal
    assert (found.waiting, len(portal.table("deal")), len(portal.table("note"))) == (0, 0, 0)
    assert one.value("SELECT count(*) FROM sync_queue") == 0
    one.move(deal, "S:PAY")
    one.rounds()
    [far] = portal.table("deal").values()
    for held in (portal.table("task"), portal.table("note")):
        assert [each.fields["deal"] for each in held.values()] == [far.far_id]
    assert one.value("SELECT count(*) FROM sync_queue") == 0
