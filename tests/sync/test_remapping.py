"""Another mapping for the connection in use: what was set aside comes, people get what is theirs,
what stands here goes to the new partner."""

from dataclasses import replace

import pytest

from salesdesk.errors import Refused
from salesdesk.services import deals, pipelines, tasks
from salesdesk.services.sync import remapping
from salesdesk.services.sync.connect import Offer
from salesdesk.services.sync.mapping import Pair
from salesdesk.services.sync.remote import FarPipeline, FarStage
from tests.sync.seats import MINUTE, Seat
from tests.ui.sync_desk import admin


def looked(one: Seat) -> Offer:
    """What the other end has, with the mapping as it is."""
    with one.store.read() as r:
        return remapping.look(r, one.remote)


def unmapped(one: Seat, what: str, far: str) -> None:
    """As if it had had no partner from the beginning."""
    with one.store.books() as books:
        rows = books.rows("SELECT id FROM sync_map WHERE what = ? AND far_id = ?", (what, far))
        books.remove("sync_map", [row[0] for row in rows])


def paired(offer: Offer, what: str, name: str, far: str) -> list[Pair]:
    """The mapping with another partner for one of ours."""
    return [
        replace(one, far_id=far) if (one.own.what, one.own.name) == (what, name) else one
        for one in offer.pairs
    ]


def test_the_mapping_is_shown_as_it_is(one: Seat) -> None:
    unmapped(one, "person", "2")
    with one.store.books() as books:
        row = books.value("SELECT id FROM sync_map WHERE what = 'person' AND far_id = '1'")
        books.update("sync_map", [{"id": row, "far_id": "2"}])
    found = {each.own.name: (each.far_id, each.far_name) for each in looked(one).pairs}
    assert found["Mary"] == ("2", "Max")  # not what would be proposed
    assert found["Max"] == ("", "")
    assert (found["Sales"], found["Won"]) == (("P", "Sales"), ("S:WON", "Won"))


def test_what_is_there_no_more_stays_mapped(one: Seat) -> None:
    with one.store.books() as books:
        row = books.value("SELECT id FROM sync_map WHERE what = 'person' AND far_id = '2'")
        books.update("sync_map", [{"id": row, "far_id": "99"}])
    offer = looked(one)
    assert ("Max", "99", "") in [(p.own.name, p.far_id, p.far_name) for p in offer.pairs]
    remapping.change(one.store, offer, paired(offer, "stage", "Paid", ""), **one.by())
    assert one.value("SELECT count(*) FROM sync_map WHERE far_id = '99'") == 1


def test_what_was_set_aside_for_its_stage_comes(one: Seat) -> None:
    unmapped(one, "stage", "S:PAY")
    one.remote.portal.add("deal", {"title": "Far", "pipeline": "P", "stage": "S:PAY"})
    one.round()
    assert one.value("SELECT count(*) FROM sync_aside") == 1
    offer = looked(one)
    remapping.change(one.store, offer, paired(offer, "stage", "Paid", "S:PAY"), **one.by())
    one.round()
    assert one.value("SELECT stage_id FROM deal WHERE title = 'Far'") == one.stages["S:PAY"]
    assert one.value("SELECT count(*) FROM sync_aside") == 0
    assert one.value("SELECT count(*) FROM sync_queue") == 0


def test_what_came_for_somebody_without_a_partner_becomes_the_partners(one: Seat) -> None:
    unmapped(one, "person", "2")
    portal = one.remote.portal
    far = portal.add("deal", {"title": "Far", "pipeline": "P", "stage": "S:NEW", "owner": "2"})
    due = one.clock.at + MINUTE
    call = portal.add("task", {"title": "Call", "deal": far.far_id, "owner": "2", "due_at": due,
                               "done": False})  # fmt: skip
    one.round()
    own = one.deal("Own")
    one.round()
    assert one.value("SELECT owner_id FROM deal WHERE title = 'Far'") is None
    offer = looked(one)
    remapping.change(one.store, offer, paired(offer, "person", "Max", "2"), **one.by())
    one.rounds()
    assert one.value("SELECT owner_id FROM deal WHERE title = 'Far'") == one.people["2"]
    assert one.value("SELECT assignee_id FROM task WHERE title = 'Call'") == one.people["2"]
    assert one.value("SELECT owner_id FROM deal WHERE id = ?", own) == one.people["1"]
    assert portal.table("deal")[far.far_id].fields["owner"] == "2"
    assert portal.table("task")[call.far_id].fields["owner"] == "2"
    assert one.value("SELECT count(*) FROM sync_queue") == 0


def test_what_stands_here_goes_to_the_new_partner(one: Seat) -> None:
    unmapped(one, "person", "2")
    deal = one.deal("His")
    deals.assign(one.store, [deal], one.people["2"], **one.by())
    call = tasks.NewTask("Call", deal, assignee_id=one.people["2"], due_at=one.clock.at + MINUTE)
    tasks.add(one.store, call, **one.by())
    one.round()
    assert one.far(deal).fields["owner"] == "1"  # the key's own person
    offer = looked(one)
    remapping.change(one.store, offer, paired(offer, "person", "Max", "2"), **one.by())
    one.round()
    assert one.far(deal).fields["owner"] == "2"
    assert [each.fields["owner"] for each in one.remote.portal.table("task").values()] == ["2"]
    assert one.value("SELECT count(*) FROM sync_conflict") == 0


@pytest.mark.parametrize("sends", [True, False])
def test_a_pipeline_that_is_synced_from_now_on(one: Seat, sends: bool) -> None:
    saved = pipelines.add_pipeline(one.store, "Service", **one.by())
    stage = pipelines.add_stage(one.store, saved.id, "Asked", **one.by())
    deals.create(one.store, deals.NewDeal("Repair", stage.id), **one.by())
    one.deal("Crane")
    one.round()
    with one.store.books() as books:  # connected for what changes from then on alone
        for table in ("sync_link", "sync_queue"):
            books.remove(table, [row[0] for row in books.rows(f"SELECT id FROM {table}")])
    one.remote.portal.rows["deal"] = {}
    far = FarPipeline("Q", "Service", (FarStage("Q:1", "Asked", "open", 1),))
    offer = looked(one)
    there = (*offer.structure.pipelines, far)
    offer = replace(offer, structure=replace(offer.structure, pipelines=there))
    pairs = paired(offer, "pipeline", "Service", "Q")
    pairs = [replace(p, far_id="Q:1") if p.own.name == "Asked" else p for p in pairs]
    remapping.change(one.store, offer, pairs, sends=sends, **one.by())
    one.round()
    titles = [each.fields["title"] for each in one.remote.portal.table("deal").values()]
    assert titles == (["Repair"] if sends else [])


@pytest.mark.parametrize("sends", [True, False])
def test_a_stage_that_gets_a_partner(one: Seat, sends: bool) -> None:
    unmapped(one, "stage", "S:MEET")
    deal = one.deal("Crane", "S:MEET")
    deals.add_note(one.store, deal, "On Monday", **one.by())
    one.deal("Loader")
    one.rounds()
    portal = one.remote.portal
    assert [each.fields["title"] for each in portal.table("deal").values()] == ["Loader"]
    with one.store.books() as books:
        books.remove("sync_queue", [row[0] for row in books.rows("SELECT id FROM sync_queue")])
    offer = looked(one)
    pairs = paired(offer, "stage", "Meeting", "S:MEET")
    with one.store.read() as r:
        assert remapping.counts(r, offer.pairs) == {"deal": 0, "task": 0, "note": 0}
        assert remapping.counts(r, pairs) == {"deal": 1, "task": 0, "note": 1}
    remapping.change(one.store, offer, pairs, sends=sends, **one.by())
    one.rounds()
    titles = [each.fields["title"] for each in portal.table("deal").values()]
    assert titles == (["Loader", "Crane"] if sends else ["Loader"])
    assert len(portal.table("note")) == int(sends)
    assert one.value("SELECT count(*) FROM sync_queue") == 0


def test_what_is_refused(one: Seat) -> None:
    offer = looked(one)
    before = one.value("SELECT count(*) FROM sync_map")
    with pytest.raises(Refused):
        remapping.change(one.store, offer, paired(offer, "pipeline", "Sales", ""), **one.by())
    admin(one)
    by = {**one.by(), "person": one.people["1"]}
    with pytest.raises(Refused):
        remapping.change(one.store, offer, paired(offer, "stage", "Paid", ""), **by)
    assert one.value("SELECT count(*) FROM sync_map") == before
    with one.store.books() as books:
        books.update("sync_remote", [{"id": 1, "state": "off"}])
    with pytest.raises(Refused), one.store.read() as r:
        remapping.look(r, one.remote)
