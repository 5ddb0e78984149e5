"""A responsible person whom both sides changed: asked about with names, or decided by a rule."""

import pytest

from salesdesk.commands import sync_queue as command
from salesdesk.errors import Refused
from salesdesk.services import deals
from salesdesk.services.sync import deciding, desk, maps
from salesdesk.services.sync.desk import Overview
from tests.sync.seats import MINUTE, SECOND, Seat


def overview(one: Seat, later: int = 0) -> Overview:
    """What the page shows somebody who may see all."""
    with one.store.read() as r:
        found = desk.overview(r, None, now=one.clock.at + later)
    assert found is not None
    return found


def hired(one: Seat) -> int:
    """A third person, who works in the CRM, too, as 3."""
    with one.store.command("test", now=one.clock.at) as tx:
        [ada] = tx.insert("person", [{"name": "Ada", "name_key": "ada", "role": "manager"}])
    with one.store.books() as books:
        row = {"remote_id": 1, "what": "person", "local_id": ada, "far_id": "3"}
        books.insert("sync_map", [row])
    return int(ada)


def given_twice(one: Seat) -> int:
    """A deal of Mary's that she gives to Max, and somebody in the CRM to Ada; returns it."""
    hired(one)
    deal = one.deal()
    one.round()
    one.clock.at += SECOND
    mary, max_ = one.people["1"], one.people["2"]
    deals.assign(one.store, [deal], max_, person=mary, now=one.clock.at)
    one.remote.portal.edit("deal", one.far(deal).far_id, {"owner": "3"}, "2")
    one.round()
    return deal


def test_who_changed_the_responsible_person_here_is_told(one: Seat) -> None:
    deciding.set_rule(one.store, "deal", "owner", "ask", person=None, now=one.clock.at)
    given_twice(one)
    [clash] = overview(one).clashes
    assert (clash.before.value, clash.ours.value, clash.theirs.value) == ("Mary", "Max", "Ada")
    assert clash.ours_by == "Mary"
    with one.store.read() as r:
        connection = maps.connection(r)
    assert connection is not None
    document = command.queue_json(one.store, connection)
    assert document["conflicts"][0]["ours"] == "2"
    said = command.queue_text(document)
    assert "Responsible: yours Max, theirs Ada, before Mary" in said


def test_what_a_rule_decided_is_told_with_both_values(one: Seat) -> None:
    """The CRM's responsible person holds; who was chosen here is not given up in silence."""
    deal = given_twice(one)
    one.rounds()
    [ruled] = overview(one).ruled
    assert (ruled.record.id, ruled.field, ruled.ours) == (deal, "owner", False)
    assert (ruled.holds.value, ruled.given_up.value) == ("Ada", "Max")
    shown = overview(one, 8 * 24 * 60 * MINUTE)
    assert shown.ruled == ()
    assert shown.brief.conflicts == 0


def test_what_a_person_decided_is_no_rule(one: Seat) -> None:
    deciding.set_rule(one.store, "deal", "owner", "ask", person=None, now=one.clock.at)
    given_twice(one)
    [clash] = overview(one).clashes
    deciding.decide(one.store, [clash.id], "theirs", person=None, now=one.clock.at)
    one.rounds()
    assert overview(one).ruled == ()
    with pytest.raises(Refused):
        deciding.decide(one.store, [clash.id], "ours", person=None, now=one.clock.at)


def test_the_queue_lists_all_that_is_to_be_decided(one: Seat) -> None:
    """More than the page shows at once: a script decides each of them by its number."""
    deciding.set_rule(one.store, "deal", "owner", "ask", person=None, now=one.clock.at)
    ada = hired(one)
    given = [one.deal() for _ in range(201)]
    one.rounds()
    one.clock.at += SECOND
    deals.assign(one.store, given, one.people["2"], person=ada, now=one.clock.at)
    for deal in given:
        one.remote.portal.edit("deal", one.far(deal).far_id, {"owner": "3"}, "2")
    one.rounds()
    with one.store.read() as r:
        connection = maps.connection(r)
    assert connection is not None
    told = command.queue_json(one.store, connection)["conflicts"]
    assert sorted(one["local_id"] for one in told) == sorted(given)
