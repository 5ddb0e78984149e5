"""Pipelines that connecting makes, what is deleted here afterwards, and whose computer it is."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from salesdesk.errors import Refused
from salesdesk.services import deals, machine, pipelines
from salesdesk.services.sync import (
    completeness,
    connect,
    deciding,
    desk,
    maps,
    publishing,
    reasons,
)
from salesdesk.services.sync.catalog import Access
from salesdesk.services.sync.remote import FarPipeline, FarStage
from tests.emulators.keyrings import in_memory
from tests.latest import undo_last
from tests.sync.seats import MINUTE, SECOND, Seat

LEADS = "L"


@pytest.fixture(autouse=True)
def _a_keyring(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with in_memory(monkeypatch):
        yield


def connected(found: Seat, *names: str) -> None:
    """Connect anew; a pipeline with stages of these names is made here."""
    with found.store.books() as books:
        for table in ("sync_map", "sync_remote"):
            books.remove(table, [row[0] for row in books.rows(f"SELECT id FROM {table}")])
    stages = tuple(FarStage(f"L:{n}", name, "open", n) for n, name in enumerate(names))
    with found.store.read() as r:
        offer = connect.look(r, found.remote)
    connect.connect(
        found.store, Access("memory", "memory:", "x"), found.remote, offer, offer.pairs,
        make_fields=True, made=[FarPipeline(LEADS, "Leads", stages)], **found.by(),
    )  # fmt: skip


def standing(found: Seat) -> int:
    """Deals that stand in a stage that is there."""
    return int(
        found.value(
            "SELECT count(*) FROM deal d JOIN stage s ON s.id = d.stage_id "
            "JOIN pipeline p ON p.id = s.pipeline_id WHERE d.deleted_at IS NULL "
            "AND s.deleted_at IS NULL AND p.deleted_at IS NULL"
        )
    )


def asides(found: Seat) -> list[str]:
    """Why something was set aside, as the page says it."""
    with found.store.read() as r:
        shown = desk.overview(r, None, now=found.clock.at)
    assert shown is not None
    return [reasons.told(each.reason) for each in shown.aside]


def test_what_colleagues_computers_have_sent_is_known_after_connecting_again(one: Seat) -> None:
    max_ = one.people["2"]
    with one.store.books() as books:
        completeness.hear(books, 1, [(max_, 50)])
    connect.disconnect(one.store, **one.by())
    with one.store.read() as r:
        offer = connect.look(r, one.remote)
    connect.connect(
        one.store, Access("memory", "memory:", "x"), one.remote, offer, offer.pairs,
        make_fields=True, options={"plain_http": True}, **one.by(),
    )  # fmt: skip
    one.rounds()
    with one.store.read() as r:
        assert completeness.of_people(r, None, now=one.clock.at).people[max_] == 50
        found = maps.connection(r)
    assert found is not None
    assert found.options["plain_http"]


def test_a_pipeline_that_connecting_made_is_not_taken_back_alone(one: Seat) -> None:
    connected(one, "New", "Called")
    undone: list[str] = []
    with suppress(Refused):
        while True:
            undone.append(undo_last(one.store, **one.by()).kind)
    assert "pipeline.add" not in undone
    one.remote.portal.add("deal", {"title": "Far", "pipeline": LEADS, "stage": "L:1"})
    one.round()
    assert one.value("SELECT count(*) FROM deal") == standing(one) == 1


def test_what_comes_for_a_deleted_pipeline_is_set_aside_and_shown(one: Seat) -> None:
    connected(one, "New")
    leads = one.value("SELECT id FROM pipeline WHERE name = 'Leads'")
    pipelines.delete_pipeline(one.store, leads, **one.by())
    one.remote.portal.add("deal", {"title": "Far", "pipeline": LEADS, "stage": "L:0"})
    one.remote.portal.add("deal", {"title": "Fine", "pipeline": "P", "stage": "S:NEW"})
    one.round()
    assert one.value("SELECT group_concat(title) FROM deal") == "Fine"
    [why] = asides(one)
    assert "is not mapped to a stage here" in why


def test_a_pipeline_of_before_that_is_undone_takes_no_deals(one: Seat) -> None:
    """One that was added by hand and mapped then, its adding undone last."""
    saved = pipelines.add_pipeline(one.store, "Service", **one.by())
    stage = pipelines.add_stage(one.store, saved.id, "Asked", **one.by())
    with one.store.books() as books:
        for what, key, far in (("pipeline", saved.id, "Q"), ("stage", stage.id, "Q:1")):
            row = {"remote_id": 1, "what": what, "local_id": key, "far_id": far}
            books.insert("sync_map", [row])
    for _ in range(2):
        undo_last(one.store, **one.by())
    one.remote.portal.add("deal", {"title": "Far", "pipeline": "Q", "stage": "Q:1"})
    one.round()
    assert one.value("SELECT count(*) FROM deal") == 0
    assert len(asides(one)) == 1


def test_a_stage_that_was_deleted_here_takes_no_deals(one: Seat) -> None:
    pipelines.delete_stage(one.store, one.stages["S:MEET"], **one.by())
    deal = one.deal()
    one.round()
    one.remote.portal.add("deal", {"title": "Far", "pipeline": "P", "stage": "S:MEET"})
    one.clock.at += SECOND
    one.remote.portal.edit("deal", one.far(deal).far_id, {"stage": "S:MEET", "title": "There"}, "2")
    one.round()
    assert one.value("SELECT group_concat(title) FROM deal") == "There"
    assert standing(one) == 1
    assert len(asides(one)) == 2


@pytest.mark.parametrize(
    ("far", "here"),
    [
        (("New", "New 2", "New"), ["New", "New 2", "New 3"]),
        (("New", "New", "New 2"), ["New", "New 3", "New 2"]),
        (("New", "new", "NEW"), ["New", "new 2", "NEW 3"]),
        (("A", "B"), ["A", "B"]),
    ],
)
def test_stages_of_one_name_are_told_apart(
    one: Seat, far: tuple[str, ...], here: list[str]
) -> None:
    connected(one, *far)
    with one.store.read() as r:
        leads = pipelines.find_pipeline(r, "Leads").id
        assert [stage.name for stage in pipelines.stages(r, leads)] == here


# -- whose computer it is ---------------------------------------------------------------------


def publishes(found: Seat) -> bool:
    with found.store.read() as r:
        connection = maps.connection(r)
    assert connection is not None
    return publishing.is_own(connection)


def test_a_computer_that_is_renamed_goes_on_publishing(
    one: Seat, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SALESDESK_HOME", str(tmp_path / "home"))
    monkeypatch.setattr("platform.node", lambda: "LAPTOP")
    deciding.set_publishing(one.store, True, **one.by())
    monkeypatch.setattr("platform.node", lambda: "dhcp-117")
    assert publishes(one)
    monkeypatch.setenv("SALESDESK_HOME", str(tmp_path / "another"))
    assert not publishes(one)


def test_a_claim_by_the_name_of_the_computer_holds(
    one: Seat, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One of before there were ids, or of where none could be kept."""
    monkeypatch.setattr("platform.node", lambda: "LAPTOP")
    (tmp_path / "home").write_text("")
    monkeypatch.setenv("SALESDESK_HOME", str(tmp_path / "home"))
    deciding.set_publishing(one.store, True, **one.by())
    (tmp_path / "home").unlink()
    assert machine.computer() != "LAPTOP"
    assert publishes(one)


def test_an_id_is_made_once_and_anew_where_it_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SALESDESK_HOME", str(tmp_path / "home"))
    first = machine.computer()
    assert machine.computer() == first
    machine.file().with_name("computer").write_bytes(b"\xff")
    again = machine.computer()
    assert again not in ("", first)
    assert machine.computer() == again
    blocked = tmp_path / "blocked"
    blocked.write_text("")
    monkeypatch.setenv("SALESDESK_HOME", str(blocked))
    monkeypatch.setattr("platform.node", lambda: "LAPTOP")
    assert machine.computer() == "LAPTOP"


def test_nobody_ends_the_publishing_of_another_computer(one: Seat) -> None:
    with pytest.raises(Refused, match="nothing to end"):
        deciding.set_publishing(one.store, False, **one.by())
    claim = publishing.Claim("0a1b2c", "Max, PC-7", one.clock.at // SECOND * SECOND)
    with one.store.books() as books:
        text = f'{{"publisher": "{claim.text()}"}}'
        books.update("sync_remote", [{"id": 1, "options": text}])
    with pytest.raises(Refused, match="Max, PC-7 publishes the results since"):
        deciding.set_publishing(one.store, False, **one.by())
    assert one.value("SELECT options FROM sync_remote") == text
    deciding.set_publishing(one.store, True, take_over=True, **one.by())
    deciding.set_publishing(one.store, False, **one.by())
    assert not publishes(one)


def test_a_deal_of_somebody_unknown_that_is_handed_over_there(one: Seat) -> None:
    portal = one.remote.portal
    far = portal.add("deal", {"title": "Far", "pipeline": "P", "stage": "S:NEW", "owner": "9"})
    call = portal.add("task", {"title": "Call", "deal": far.far_id, "owner": "9", "done": False,
                               "due_at": one.clock.at + MINUTE})  # fmt: skip
    own = deals.create(
        one.store, deals.NewDeal("Nobody's", one.stages["S:NEW"]), **one.by()
    ).deal_ids[0]
    one.rounds()
    one.clock.at += MINUTE
    portal.edit("deal", far.far_id, {"owner": "2"}, "9")
    portal.edit("task", call.far_id, {"owner": "2"}, "9")
    one.rounds()
    assert one.value("SELECT owner_id FROM deal WHERE title = 'Far'") == one.people["2"]
    assert one.value("SELECT assignee_id FROM task WHERE title = 'Call'") == one.people["2"]
    assert one.value("SELECT owner_id FROM deal WHERE id = ?", own) is None  # not the key's person
    assert portal.table("deal")[far.far_id].fields["owner"] == "2"
