"""Whole rounds against a CRM in memory: what is sent, what is taken over, what a person decides."""

from decimal import Decimal

import pytest

from salesdesk.errors import Refused
from salesdesk.services import deals, history, tasks
from salesdesk.services.sync import maps, outbox
from salesdesk.services.sync.failures import Failure, Kind
from salesdesk.services.sync.remote import Remote
from tests.sync.memory_remote import Portal
from tests.sync.seats import MINUTE, SECOND, Seat


def test_a_deal_goes_and_many_changes_are_one(mary: Seat, portal: Portal) -> None:
    deal = mary.deal("Crane", amount=Decimal("1500.50"))
    deals.change(mary.store, deal, {"title": "Crane 2"}, **mary.by())
    mary.move(deal, "S:MEET")
    found = mary.round()
    assert (found.pushed, found.waiting, found.failed) == (1, 0, 0)
    far = mary.far(deal)
    assert far.fields["title"] == "Crane 2"
    assert (far.fields["stage"], far.fields["amount"]) == ("S:MEET", Decimal("1500.5"))
    assert len(portal.table("deal")) == 1
    calls = mary.remote.calls
    again = mary.round()
    assert (again.pushed, again.pulled, again.waiting) == (0, 0, 0)
    assert mary.protocol(deal) == [("S:NEW", mary.protocol(deal)[0][1]),
                                   ("S:MEET", mary.protocol(deal)[1][1])]  # fmt: skip
    assert len(mary.remote.made) == 1
    assert mary.remote.calls - calls <= 8


def test_reading_what_is_known_is_no_line_of_the_history(mary: Seat, portal: Portal) -> None:
    deal = mary.deal_with_all()
    mary.rounds(3)
    empty = (
        "SELECT count(*) FROM command c WHERE c.origin = 'sync' AND NOT EXISTS "
        "(SELECT 1 FROM txn t JOIN change h ON h.txn_id = t.id WHERE t.command_id = c.id)"
    )
    assert mary.value(empty) == 0
    portal.edit("deal", mary.far(deal).far_id, {"title": "Crane there"}, "2")
    mary.rounds(2)
    assert mary.value(empty) == 0
    assert mary.value("SELECT count(*) FROM command WHERE kind = 'sync.pull'") == 1
    assert mary.value("SELECT title FROM deal WHERE id = ?", deal) == "Crane there"


def test_an_undo_before_sending_sends_nothing(mary: Seat) -> None:
    deal = mary.deal()
    mary.round()
    command = deals.change(mary.store, deal, {"title": "Other"}, **mary.by())
    history.undo(mary.store, command, **mary.by())
    assert mary.round().pushed == 0


def test_an_undone_handing_over_waits_to_be_sent(mary: Seat) -> None:
    deal = mary.deal()
    mary.rounds(2)
    command = deals.assign(mary.store, [deal], mary.people["2"], **mary.by())
    mary.rounds(2)
    for takes, owner in ((history.undo, "1"), (history.redo, "2")):
        takes(mary.store, command, **mary.by())  # leaves no line in the log
        with mary.store.read() as r:
            connection = maps.connection(r)
        assert connection is not None
        assert outbox.survey(mary.store, connection, now=mary.clock.at) == 1
        assert mary.round().pushed == 1
        assert mary.far(deal).fields["owner"] == owner
        assert mary.round().pushed == 0


def test_an_undone_move_goes_back_there(mary: Seat) -> None:
    deal = mary.deal()
    mary.move(deal, "S:MEET")
    command = mary.value("SELECT max(id) FROM command WHERE kind = 'deal.move'")
    mary.round()
    assert mary.far(deal).fields["stage"] == "S:MEET"
    history.undo(mary.store, command, **mary.by())
    mary.round()
    assert mary.far(deal).fields["stage"] == "S:NEW"
    assert [stage for stage, _ in mary.protocol(deal)] == ["S:NEW"]


def test_a_colleague_sees_it_with_its_true_moments(pair: tuple[Seat, Seat]) -> None:
    mary, max_ = pair
    deal = mary.deal()
    mary.clock.at += 60 * MINUTE
    mary.move(deal, "S:MEET")
    mary.clock.at += 60 * MINUTE
    mary.move(deal, "S:PAY")
    mary.clock.at += 60 * MINUTE
    mary.round()
    max_.round()
    there = max_.here(mary.far(deal))
    whole = [(stage, at - at % SECOND) for stage, at in mary.protocol(deal)]
    assert max_.protocol(there) == whole
    owner = max_.value("SELECT owner_id FROM deal WHERE id = ?", there)
    assert owner == max_.people["1"]
    max_.move(there, "S:WON")
    max_.round()
    mary.round()
    assert [stage for stage, _ in mary.protocol(deal)] == ["S:NEW", "S:MEET", "S:PAY", "S:WON"]
    mover = "SELECT mover_id FROM stage_move WHERE deal_id = ? ORDER BY at DESC LIMIT 1"
    assert mary.value(mover, deal) is None  # Max chose nobody on his laptop
    for one in pair:
        assert one.round().pulled == 0


def test_a_move_in_the_crm_counts_from_its_moment(mary: Seat, portal: Portal) -> None:
    deal = mary.deal()
    mary.round()
    mary.clock.at += 30 * MINUTE
    portal.edit("deal", mary.far(deal).far_id, {"stage": "S:MEET"}, by="2")
    moved = portal.clock()
    mary.clock.at += 30 * MINUTE
    portal.edit("deal", mary.far(deal).far_id, {"stage": "S:PAY"}, by="2")
    mary.clock.at += 30 * MINUTE
    mary.round()
    protocol = mary.protocol(deal)
    assert [stage for stage, _ in protocol] == ["S:NEW", "S:MEET", "S:PAY"]
    assert protocol[1][1] == moved
    assert mary.round().pushed == 0


def test_different_fields_are_both_kept(mary: Seat, portal: Portal) -> None:
    deal = mary.deal()
    mary.round()
    deals.change(mary.store, deal, {"title": "Ours"}, **mary.by())
    portal.edit("deal", mary.far(deal).far_id, {"amount": Decimal(900)}, by="2")
    mary.round()
    assert mary.value("SELECT title FROM deal WHERE id = ?", deal) == "Ours"
    assert mary.value("SELECT amount FROM deal WHERE id = ?", deal) == 9_000_000
    assert mary.far(deal).fields["title"] == "Ours"
    assert mary.far(deal).fields["amount"] == Decimal(900)


@pytest.mark.parametrize("choice", ["ours", "theirs"])
def test_the_same_field_waits_for_a_person(mary: Seat, portal: Portal, choice: str) -> None:
    deal = mary.deal(amount=Decimal(100))
    mary.round()
    deals.change(mary.store, deal, {"amount": Decimal(200)}, **mary.by())
    portal.edit("deal", mary.far(deal).far_id, {"amount": Decimal(300)}, by="2")
    found = mary.round()  # sending comes first, and looks before it writes
    assert found.conflicts == 1
    assert mary.value("SELECT amount FROM deal WHERE id = ?", deal) == 2_000_000
    assert mary.far(deal).fields["amount"] == Decimal(300)
    with mary.store.books() as books:
        key = books.value("SELECT id FROM sync_conflict WHERE state = 'open'")
        books.update("sync_conflict", [{"id": key, "state": choice}])
    mary.clock.at += 20 * MINUTE
    mary.round()
    assert mary.round().conflicts == 0
    chosen = {"ours": 200, "theirs": 300}[choice]
    assert mary.value("SELECT amount FROM deal WHERE id = ?", deal) == chosen * 10_000
    assert mary.far(deal).fields["amount"] == Decimal(chosen)


def test_a_lost_reply_makes_no_second_one(mary: Seat, portal: Portal) -> None:
    lost = iter([True, False])

    def fault(when: str, _what: str) -> None:
        if when == "after" and next(lost, False):
            raise Failure(Kind.UNKNOWN)

    mary.remote.fault = fault
    deal = mary.deal()
    found = mary.round()
    assert len(portal.table("deal")) == 1
    assert found.unknown == 0  # the reading that followed found it
    mary.clock.at += 2 * MINUTE
    mary.round()
    assert len(portal.table("deal")) == 1
    assert mary.far(deal).uid is not None
    assert mary.round().waiting == 0


def test_whole_units_of_money_are_no_change(mary: Seat, portal: Portal) -> None:
    portal.whole_amounts = True
    deal = mary.deal(amount=Decimal("100.40"))
    mary.round()
    assert mary.far(deal).fields["amount"] == Decimal(100)
    again = mary.round()
    assert (again.pushed, again.pulled) == (0, 0)
    assert mary.value("SELECT amount FROM deal WHERE id = ?", deal) == 1_004_000


def test_a_poison_record_is_set_aside(mary: Seat, portal: Portal) -> None:
    good = [portal.add("deal", {"title": f"D{n}", "pipeline": "P", "stage": "S:NEW"}, by="2")
            for n in range(7)]  # fmt: skip
    bad = portal.add("deal", {"title": "Odd", "pipeline": "P", "stage": "S:GONE"}, by="2")
    mary.round()
    assert mary.value("SELECT count(*) FROM deal") == len(good)
    assert mary.value("SELECT reason FROM sync_aside WHERE far_id = ?", bad.far_id)
    portal.edit("deal", bad.far_id, {"stage": "S:MEET"}, by="2")
    mary.round()
    assert mary.value("SELECT count(*) FROM deal") == len(good) + 1
    assert mary.value("SELECT count(*) FROM sync_aside") == 0


def test_tasks_go_and_come_done(mary: Seat, portal: Portal) -> None:
    deal = mary.deal()
    by = mary.by()
    tasks.add(
        mary.store,
        tasks.NewTask("Call", deal_id=deal, assignee_id=mary.people["1"],
                      due_at=mary.clock.at + 60 * MINUTE), **by,
    )  # fmt: skip
    mary.round()
    [far] = portal.table("task").values()
    assert far.fields["deal"] == mary.far(deal).far_id
    portal.edit("task", far.far_id, {"done": True, "result": "Yes"}, by="2")
    mary.round()
    assert mary.value("SELECT state FROM task") == "done"
    assert mary.value("SELECT result FROM task") == "Yes"
    assert mary.round().pushed == 0


def test_what_needs_a_person_stops_it(mary: Seat) -> None:
    def fault(_when: str, _what: str) -> None:
        raise Failure(Kind.AUTH)

    mary.deal()
    mary.remote.fault = fault
    with pytest.raises(Failure):
        mary.round()
    assert mary.value("SELECT state FROM sync_remote") == "stopped"
    assert mary.value("SELECT count(*) FROM sync_queue WHERE state = 'waiting'") == 1


def test_the_remote_of_the_tests_is_one(mary: Seat) -> None:
    remote: Remote = mary.remote
    assert remote.check().account_id == "portal-1"


@pytest.mark.parametrize("kind", [Kind.AUTH, Kind.REDIRECTED])
def test_what_stopped_it_is_told_in_words_each_time(mary: Seat, kind: Kind) -> None:
    def fault(_when: str, _what: str) -> None:
        raise Failure(kind, "example.org")

    mary.deal()
    mary.remote.fault = fault
    with pytest.raises(Failure):
        mary.round()
    with pytest.raises(Refused) as found:
        mary.round()
    assert str(found.value).startswith("The sync is stopped. The CRM ")
    assert "connect" in str(found.value)
    assert "{" not in str(found.value)
