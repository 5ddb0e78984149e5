"""A kind of object that the other end does not tell for a while: nothing of the others is lost, and
what was missed comes later. And companies of one name."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from salesdesk.services.clients import NewClient, add
from salesdesk.services.sync.failures import Failure, Kind
from salesdesk.services.sync.rehearsal import Rehearsed, rehearse
from salesdesk.services.sync.remote import Entity
from tests.sync.memory_remote import PAGE, Portal
from tests.sync.seats import MINUTE, Seat
from tests.sync.test_soaked import SOLD

CRANE = "Crane Ltd"


def rounds(one: Seat, number: int) -> list[Kind]:
    """Rounds; what ended them."""
    ended = []
    for _ in range(number):
        one.clock.at += 20 * MINUTE
        try:
            one.round()
        except Failure as failure:
            ended.append(failure.kind)
    return ended


def barred(kind: Kind, *wanted: str) -> Callable[[str, str], None]:
    """What refuses to tell these."""

    def fault(when: str, what: str) -> None:
        if when == "read" and what in wanted:
            raise Failure(kind)

    return fault


@pytest.mark.parametrize("kind", [Kind.PAUSED, Kind.PERMISSION, Kind.MALFORMED])
def test_notes_wait_for_a_deal_that_could_not_be_asked_for(
    mary: Seat, portal: Portal, kind: Kind
) -> None:
    far = portal.add("deal", {**SOLD, "stage": "S:NEW"}, by="2").far_id
    portal.add("task", {"title": "Call", "deal": far, "due_at": mary.clock.at}, by="2")
    for text in ("First", "Second"):
        mary.clock.at += MINUTE
        portal.add("note", {"text": text, "deal": far, "at": mary.clock.at}, by="2")
    fails = iter([True])

    def fault(when: str, what: str) -> None:
        if (when, what) == ("read", "deal") or (what == "get" and next(fails, False)):
            raise Failure(kind)

    mary.remote.fault = fault
    rounds(mary, 3)
    assert mary.value("SELECT group_concat(text) FROM note") == "First,Second"
    assert mary.value("SELECT count(*) FROM task") == 1


def long_ago(mary: Seat, portal: Portal, number: int = 7) -> list[str]:
    """Deals of more than a page that were moved before anybody connected."""
    made = [portal.add("deal", {**SOLD, "stage": "S:NEW"}, by="2").far_id for _ in range(number)]
    for stage in ("S:MEET", "S:PAY"):
        mary.clock.at += 60 * MINUTE
        for far in made:
            portal.edit("deal", far, {"stage": stage}, by="2")
    mary.clock.at += 60 * MINUTE
    portal.add("company", {"name": CRANE}, by="2")
    return made


@pytest.mark.parametrize("kind", [Kind.PAUSED, Kind.PERMISSION, Kind.MALFORMED])
@pytest.mark.parametrize("wanted", [("move",), ("moves",), ("move", "moves")])
def test_deals_come_without_their_history_and_it_comes_later(
    pair: tuple[Seat, Seat], portal: Portal, kind: Kind, wanted: tuple[str, ...]
) -> None:
    mary, max_ = pair
    made = long_ago(mary, portal)
    mary.remote.fault = barred(kind, *wanted)
    ended = rounds(mary, 2)
    assert mary.value("SELECT count(*) FROM deal") == len(made)
    assert mary.value("SELECT count(*) FROM client") == 1
    assert ended == ([] if kind is Kind.PAUSED else [kind, kind])  # a pause is no problem
    portal.edit("deal", made[0], {"stage": "S:MEET"}, by="2")  # it stands otherwise when it is read
    assert rounds(mary, 1) == ended[:1]
    mary.remote.fault = lambda _when, _what: None
    portal.edit("deal", made[1], {"stage": "S:WON"}, by="2")
    assert rounds(mary, 2) == []
    max_.rounds()
    for far in made:
        here, there = (one.here(portal.table("deal")[far]) for one in pair)
        assert mary.protocol(here) == max_.protocol(there)
        assert [stage for stage, _ in mary.protocol(here)][:3] == ["S:NEW", "S:MEET", "S:PAY"]
    assert mary.value("SELECT count(*) FROM sync_owed") == 0
    assert mary.round().pushed == 0


def test_a_history_that_was_missed_on_one_page_is_made_up_for(mary: Seat, portal: Portal) -> None:
    made = long_ago(mary, portal)
    fails = iter([False, True])

    def fault(_when: str, what: str) -> None:
        if what == "moves" and next(fails, False):
            raise Failure(Kind.MALFORMED)

    mary.remote.fault = fault
    assert rounds(mary, 1) == []
    for far in made:
        lines = mary.protocol(mary.here(portal.table("deal")[far]))
        assert [stage for stage, _ in lines] == ["S:NEW", "S:MEET", "S:PAY"]


def test_a_decision_that_cannot_be_carried_out_holds_up_nobody(mary: Seat, portal: Portal) -> None:
    far = portal.add("deal", {**SOLD, "stage": "S:PAY"}, by="9")
    mary.rounds(1)
    portal.edit("deal", far.far_id, {"stage": "S:MEET"}, by="9")
    mary.clock.at += 20 * MINUTE
    mary.move(mary.here(far), "S:NEW")
    mary.rounds(1)
    with mary.store.books() as books:
        [[key]] = books.rows("SELECT id FROM sync_conflict WHERE state = 'open'")
        books.update("sync_conflict", [{"id": key, "state": "theirs"}])
    portal.add("company", {"name": CRANE}, by="2")
    mary.remote.fault = barred(Kind.PERMISSION, "moves")
    assert rounds(mary, 1) == [Kind.PERMISSION]
    assert mary.value("SELECT count(*) FROM client") == 1
    mary.remote.fault = lambda _when, _what: None
    assert rounds(mary, 1) == []
    assert mary.value("SELECT state FROM sync_conflict") == "done"
    assert mary.protocol(mary.here(far))[-1][0] == "S:MEET"


def rehearsed(mary: Seat) -> Rehearsed:
    """The first pull as a dry run."""
    found = Rehearsed()
    structure = mary.remote.structure()
    rehearse(mary.store, mary.remote, structure, [], ["P"], lambda _entity, _read: None, found,
             account_id="portal-1")  # fmt: skip
    return found


def test_what_was_linked_once_is_here_when_it_is_connected_again(
    mary: Seat, portal: Portal
) -> None:
    """Also what nobody here made: it carries no identifier, and its name may be another one."""
    mary.deal_with_all()
    portal.add("company", {"name": CRANE}, by="2")
    portal.add("contact", {"name": "Ann"}, by="2")
    mary.rounds(2)
    for entity in ("company", "contact", "deal"):
        for row in list(portal.table(entity).values()):
            name = "title" if entity == "deal" else "name"
            portal.table(entity)[row.far_id] = replace(
                row, uid=None, fields={**row.fields, name: "Other"}
            )
    with mary.store.books() as books:
        books.update("sync_remote", [{"id": 1, "state": "off"}])
    portal.add("deal", {**SOLD, "stage": "S:NEW"}, by="2")
    said = rehearsed(mary)
    assert dict(said.here) == {"company": 2, "contact": 1, "deal": 1}
    assert {kind: n for kind, n in said.new.items() if n} == {"deal": 1}


def test_what_follows_the_deals_is_counted_where_the_crm_tells(mary: Seat, portal: Portal) -> None:
    mary.deal_with_all()
    mary.rounds(2)
    assert rehearsed(mary).there == {"task": 1, "note": None, "move": 1}
    mary.remote.fault = barred(Kind.PERMISSION, "count")
    assert rehearsed(mary).there == dict.fromkeys(("task", "note", "move"))
    mary.remote.fault = barred(Kind.AUTH, "count")
    with pytest.raises(Failure):
        rehearsed(mary)


def crane(mary: Seat) -> int:
    """A company that was here before anybody connected."""
    new = NewClient("company", CRANE, phones=("+7 912 345-67-89",))
    key = add(mary.store, new, **mary.by()).id
    with mary.store.books() as books:
        seen = books.value("SELECT max(id) FROM change")
        books.update("sync_remote", [{"id": 1, "seen_change": seen}])
    return key


@pytest.mark.parametrize("apart", [0, MINUTE])
@pytest.mark.parametrize("here", [0, 1, 2])
def test_companies_of_one_name_are_taken_for_one_each(
    mary: Seat, portal: Portal, here: int, apart: int
) -> None:
    """In one page as on several; and the dry run says the same."""
    known = [crane(mary) for _ in range(here)]
    for _ in range(3):
        portal.add("company", {"name": CRANE, "phones": (), "tax_number": ""}, by="2")
        mary.clock.at += apart
    said = rehearsed(mary)
    assert (said.here["company"], said.new["company"]) == (here, 3 - here)
    mary.rounds()
    assert mary.value("SELECT count(*) FROM client WHERE name = ?", CRANE) == 3
    assert mary.value("SELECT count(DISTINCT local_id) FROM sync_link") == 3
    assert len(portal.table("company")) == 3
    for key in known:
        assert mary.value("SELECT count(*) FROM client_contact WHERE client_id = ?", key) == 1


def test_a_name_does_not_take_the_client_whose_identifier_another_carries(
    mary: Seat, portal: Portal
) -> None:
    key = crane(mary)
    uid = mary.value("SELECT lower(hex(uid)) FROM client")
    portal.add("company", {"name": CRANE}, by="2")
    own = portal.add("company", {"name": CRANE}, uid=uid)
    portal.add("company", {"name": CRANE}, uid=uid)  # a copy that a colleague made
    said = rehearsed(mary)
    assert (said.here["company"], said.new["company"]) == (1, 2)
    mary.rounds()
    assert mary.value("SELECT far_id FROM sync_link WHERE local_id = ?", key) == own.far_id
    assert mary.value("SELECT count(*) FROM client") == 3


def test_a_history_that_ends_halfway_moves_no_deal_there(mary: Seat, portal: Portal) -> None:
    """All lines are read from the beginning, and reading ends behind the first page of them: the
    deal stands where both ends agree all the same, and nothing of that goes out."""
    sold = portal.add("deal", {**SOLD, "stage": "S:NEW", "title": "Sold"}, by="2").far_id
    for stage in ("S:MEET", "S:WON"):
        mary.clock.at += 60 * MINUTE
        long_ago(mary, portal)
        portal.edit("deal", sold, {"stage": stage}, by="2")
    mary.remote.fault = barred(Kind.PAUSED, "move", "moves")
    rounds(mary, 1)
    pages = iter([True])

    def fault(_when: str, what: str) -> None:
        if what == "moves" or (what == "move" and not next(pages, False)):
            raise Failure(Kind.PAUSED)

    mary.remote.fault = fault
    rounds(mary, 1)
    assert mary.value("SELECT count(*) FROM sync_move WHERE far_id <> ''") == PAGE
    portal.edit("deal", sold, {"title": "Sold at last"}, by="2")
    lines = len(portal.history)
    rounds(mary, 1)
    assert portal.table("deal")[sold].fields["stage"] == "S:WON"
    assert len(portal.history) == lines
    mary.remote.fault = lambda _when, _what: None
    rounds(mary, 2)
    told = mary.protocol(mary.here(portal.table("deal")[sold]))
    assert told == [(one.stage, one.at) for one in portal.history if one.deal == sold]
    assert len(portal.history) == lines


@pytest.mark.parametrize("tells_making", [False, True])
def test_the_same_stage_again_while_a_history_is_refused_is_lost_by_nobody(
    mary: Seat, portal: Portal, tells_making: bool
) -> None:
    portal.tells_making = tells_making
    far = portal.add("deal", {**SOLD, "stage": "S:NEW"}, by="2").far_id
    rounds(mary, 1)
    mary.clock.at += 60 * MINUTE
    portal.edit("deal", far, {"stage": "S:PAY"}, by="2")
    mary.remote.fault = barred(Kind.PAUSED, "move", "moves")
    rounds(mary, 1)
    mary.remote.fault = lambda _when, _what: None
    for stage in ("S:WON", "S:PAY", "S:WON"):
        mary.clock.at += 60 * MINUTE
        portal.edit("deal", far, {"stage": stage}, by="2")
    rounds(mary, 2)
    told = mary.protocol(mary.here(portal.table("deal")[far]))
    lines = [(one.stage, one.at) for one in portal.history if one.deal == far]
    assert told[-4:] == lines[-4:]
    assert [stage for stage, _ in told] == ["S:NEW", "S:PAY", "S:WON", "S:PAY", "S:WON"]


@pytest.mark.parametrize("entity", ["company", "deal"])
def test_what_is_no_text_is_set_aside_alone(mary: Seat, portal: Portal, entity: Entity) -> None:
    fields: dict[str, Any] = {**SOLD, "stage": "S:NEW", "phones": (), "emails": ()}
    for title in ("One", "\ud83d", "Two"):
        portal.add(entity, {**fields, "title": title, "name": title}, by="2")
    assert rounds(mary, 2) == []
    table = {"company": "client", "deal": "deal"}[entity]
    assert mary.value(f"SELECT count(*) FROM {table} WHERE deleted_at IS NULL") == 2
    assert mary.value("SELECT count(*) FROM sync_aside") == 1
