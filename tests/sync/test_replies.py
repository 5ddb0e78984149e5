"""Answers that are lost, batches of which a part fails, and what others then wait for."""

import contextlib
import json
import random
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from salesdesk.services import clients, deals, tasks
from salesdesk.services.sync import reasons, rounds, unreadable, verifying
from salesdesk.services.sync.failures import Failure, Kind
from salesdesk.services.sync.remote import Entity, FarRecord, Outcome
from salesdesk.text import tr
from tests.conftest import SOAK
from tests.sync.memory_remote import Portal
from tests.sync.seats import MINUTE, Clock, Seat


def fine(_when: str, _what: str) -> None:
    return


def later(mary: Seat, rounds_: int = 1) -> rounds.Summary:
    """Rounds, each a while later."""
    for _ in range(rounds_):
        mary.clock.at += 20 * MINUTE
        found = mary.round()
    return found


def one_of_each(mary: Seat, n: int) -> dict[Entity, int]:
    """A record of every kind, with all that they refer to."""
    by = mary.by
    firm = clients.add(mary.store, clients.NewClient("company", f"Firm {n}"), **by()).id
    person = clients.add(
        mary.store, clients.NewClient("contact", f"Ann {n}", company_id=firm), **by()
    ).id
    deal = mary.deal(f"Crane {n}", client_id=firm, contact_id=person, amount=Decimal(n + 1))
    task = tasks.add(
        mary.store,
        tasks.NewTask(f"Call {n}", deal_id=deal, assignee_id=mary.people["1"],
                      due_at=mary.clock.at + 60 * MINUTE), **by(),
    )  # fmt: skip
    deals.add_note(mary.store, deal, f"Note {n}", **by())
    note = mary.value("SELECT max(id) FROM note")
    assert task is not None
    return {"company": firm, "contact": person, "deal": deal, "note": note,
            "task": mary.value("SELECT max(id) FROM task")}  # fmt: skip


def counted(portal: Portal) -> dict[str, int]:
    """How many objects there are, by kind."""
    return {
        kind: len(portal.table(kind)) for kind in ("company", "contact", "deal", "task", "note")
    }


def loses(entity: str) -> Any:
    """Every first answer about this kind is lost after it was done."""
    seen = random.Random(entity)

    def fault(when: str, what: str) -> None:
        if when == "after" and what == entity and seen.random() < 0.8:
            raise Failure(Kind.UNKNOWN)

    return fault


def test_a_move_after_a_lost_answer_is_not_taken_back_by_it(mary: Seat, portal: Portal) -> None:
    """The deal stands there as it was sent: nobody else closed it."""
    deal = mary.deal()
    mary.move(deal, "S:WON")

    def fault(when: str, what: str) -> None:
        if (when, what) == ("after", "deal"):
            raise Failure(Kind.UNKNOWN)
        if when == "read" and portal.table("deal"):  # and the net is gone
            raise Failure(Kind.NOT_SENT)

    mary.remote.fault = fault
    with pytest.raises(Failure):
        later(mary)
    assert len(portal.table("deal")) == 1
    mary.move(deal, "S:NEW")
    mary.remote.fault = fine
    later(mary, 3)
    assert [stage for stage, _ in mary.protocol(deal)] == ["S:NEW", "S:WON", "S:NEW"]
    assert mary.far(deal).fields["stage"] == "S:NEW"


@pytest.mark.parametrize("before", ["found", "pulled"])
def test_a_change_after_a_lost_answer_is_no_conflict_with_it(
    mary: Seat, portal: Portal, before: str
) -> None:
    """The responsible person is the CRM's where both changed it; here nobody did so there."""
    deal = mary.deal()

    def fault(when: str, what: str) -> None:
        if (when, what) == ("after", "deal"):
            raise Failure(Kind.UNKNOWN)
        if when == "read" and portal.table("deal") and before == "found":
            raise Failure(Kind.NOT_SENT)

    mary.remote.fault = fault
    with contextlib.suppress(Failure):
        mary.round()
    assert len(portal.table("deal")) == 1
    deals.assign(mary.store, [deal], mary.people["2"], **mary.by())
    mary.remote.fault = fine
    later(mary, 3)
    assert mary.value("SELECT owner_id FROM deal WHERE id = ?", deal) == mary.people["2"]
    assert mary.far(deal).fields["owner"] == "2"
    assert mary.value("SELECT count(*) FROM sync_queue") == 0


@pytest.mark.parametrize("entity", ["company", "contact", "deal", "task", "note"])
def test_lost_answers_make_no_doubles(mary: Seat, portal: Portal, entity: Entity) -> None:
    made = [one_of_each(mary, n) for n in range(12)]
    mary.remote.fault = loses(entity)
    for _ in range(3):
        later(mary)
    mary.remote.fault = fine
    later(mary, 2)
    assert counted(portal) == dict.fromkeys(counted(portal), 12)
    mary.remote.fault = loses(entity)
    for n, keys in enumerate(made[:8]):  # and changes of what is there
        if entity in ("company", "contact"):
            clients.change(mary.store, keys[entity], {"name": f"Other {n}"}, **mary.by())
        elif entity == "deal":
            mary.move(keys["deal"], "S:PAY")
        elif entity == "task":
            tasks.rename(mary.store, keys["task"], f"Other {n}", **mary.by())
    for _ in range(3):
        later(mary)
    mary.remote.fault = fine
    found = later(mary, 2)
    assert counted(portal) == dict.fromkeys(counted(portal), 12)
    assert (found.waiting, found.failed, found.unknown, found.conflicts) == (0, 0, 0, 0)
    for keys in made[:8]:
        if entity == "deal":
            assert [one for one, _ in mary.protocol(keys["deal"])] == ["S:NEW", "S:PAY"]


@pytest.mark.parametrize("seed", range(2_000 if SOAK else 6))
def test_only_what_failed_goes_again(mary: Seat, portal: Portal, seed: int) -> None:
    dice = random.Random(seed)
    mary.remote.batch = 50
    keys = [mary.deal(f"D{n}") for n in range(20)]
    calls: list[list[str]] = []
    real = mary.remote.create
    bad = set(dice.sample(keys, 7))
    uids = {mary.value("SELECT lower(hex(uid)) FROM deal WHERE id = ?", key) for key in bad}

    def create(entity: Entity, drafts: Any) -> Any:
        calls.append([draft.uid for draft in drafts])
        fails = [draft for draft in drafts if draft.uid in uids and len(calls) == 1]
        done = real(entity, [draft for draft in drafts if draft not in fails])
        kind = dice.choice([Kind.UNKNOWN, Kind.MALFORMED, Kind.INVALID])
        return [*done, *(Outcome(draft.uid, failure=Failure(kind)) for draft in fails)]

    mary.remote.create = create  # type: ignore[method-assign]
    mary.round()
    assert len(portal.table("deal")) == 13
    with mary.store.books() as books:
        rows = books.rows("SELECT id FROM sync_queue WHERE state = 'failed'")
        books.update("sync_queue", [{"id": row[0], "state": "waiting"} for row in rows])
    later(mary)
    assert len(portal.table("deal")) == 20
    assert sorted(uid for call in calls[1:] for uid in call) == sorted(uids)


def test_a_poisoned_object_blocks_nobody_but_what_needs_it(mary: Seat, portal: Portal) -> None:
    poisoned = one_of_each(mary, 0)
    for n in range(1, 6):
        one_of_each(mary, n)
    uid = mary.value("SELECT lower(hex(uid)) FROM client WHERE id = ?", poisoned["company"])
    real = mary.remote.create

    def create(entity: Entity, drafts: Any) -> Any:
        if any(draft.uid == uid for draft in drafts):
            raise Failure(Kind.INVALID, "no such name")
        return real(entity, drafts)

    mary.remote.create = create  # type: ignore[method-assign]
    later(mary, 3)
    assert counted(portal) == dict.fromkeys(counted(portal), 5)
    assert mary.value("SELECT count(*) FROM sync_queue WHERE state = 'failed'") == 1
    waits = mary.value(
        "SELECT detail FROM sync_queue WHERE entity = 'deal' AND local_id = ?", poisoned["deal"]
    )
    assert waits == f"depends company {poisoned['company']}"
    mary.remote.create = real  # type: ignore[method-assign]
    with mary.store.books() as books:
        key = books.value("SELECT id FROM sync_queue WHERE state = 'failed'")
        books.update("sync_queue", [{"id": key, "state": "waiting", "failure": None,
                                     "next_at": mary.clock.at}])  # fmt: skip
    later(mary)
    assert counted(portal) == dict.fromkeys(counted(portal), 6)


def test_a_missing_right_stops_its_kind_alone(mary: Seat, portal: Portal) -> None:
    one_of_each(mary, 0)

    def fault(when: str, what: str) -> None:
        if when == "before" and what == "task":
            raise Failure(Kind.PERMISSION, "task")

    mary.remote.fault = fault
    with pytest.raises(Failure):
        later(mary)
    assert counted(portal) == {"company": 1, "contact": 1, "deal": 1, "task": 0, "note": 1}
    with mary.store.read() as r:
        assert rounds.status(r).problem == "permission"
    mary.remote.fault = fine
    assert later(mary).problem is None
    assert counted(portal)["task"] == 1


def test_poisoned_records_are_set_aside(mary: Seat, portal: Portal) -> None:
    for n in range(40):
        amount = Decimal(10) ** 30 if n % 4 == 0 else Decimal(n)
        portal.add("deal", {"title": f"D{n}", "pipeline": "P", "stage": "S:NEW", "amount": amount})
    mary.round()
    assert mary.value("SELECT count(*) FROM deal") == 30
    assert mary.value("SELECT count(*) FROM sync_aside") == 10
    assert mary.round().waiting == 0
    far, reason = mary.value("SELECT json_array(far_id, reason) FROM sync_aside").split(",", 1)
    assert reasons.told(json.loads(reason[:-1])) == (
        f"Deal {json.loads(far[1:])}: the field “Amount” cannot be read. It was set aside; nothing "
        "was changed, neither here nor in the CRM."
    )


def test_what_was_taken_back_with_a_poisoned_record_is_not_counted(
    mary: Seat, portal: Portal
) -> None:
    for n in range(5):
        phones: Any = (f"+7 912 555-01-0{n}",) if n < 4 else (None,)
        portal.add("company", {"name": f"Firm {n}", "phones": phones, "emails": ()})
    assert mary.round().pulled == 4
    assert mary.value("SELECT count(*) FROM sync_aside") == 1


@pytest.mark.parametrize(
    ("field", "good", "bad"),
    [
        ("amount", Decimal("0.5"), Decimal("NaN")), ("amount", 7, "seven"),
        ("amount", None, Decimal(10) ** 30), ("expected_day", 739_000, 0),
        ("expected_day", None, "2026-11-20"), ("created_at", 1, 10**30), ("at", 0, True),
        ("phones", ("1",), "1"), ("emails", (), (None,)), ("done", False, "N"),
        ("title", "Ä", "\ud800"), ("owner", None, 7), ("moves", "", ("sd1",)),
    ],
)  # fmt: skip
def test_the_field_that_cannot_be_read_is_named(field: str, good: Any, bad: Any) -> None:
    for value, blamed in ((good, ""), (bad, field)):
        record = FarRecord("deal", "5", None, {"stage": "S:NEW", field: value}, 0)
        assert unreadable.blamed(record) == blamed
        said = reasons.told(reasons.kept(unreadable.why(record, ValueError("bind parameter 3"))))
        assert said.startswith("Deal 5: ")
        assert "bind parameter" not in said
        assert (tr(reasons.FIELDS[field]) in said) == bool(blamed)


def test_a_copy_made_there_is_a_deal_of_its_own(mary: Seat, portal: Portal) -> None:
    deal = mary.deal()
    mary.round()
    far = mary.far(deal)
    portal.add("deal", {**far.fields, "title": "Copy"}, far.uid, "2")
    mary.round()
    assert mary.value("SELECT count(*) FROM deal") == 2
    assert mary.far(deal).far_id == far.far_id
    assert mary.round().pulled == 0


def test_what_is_referred_to_and_not_here_wipes_nothing(mary: Seat, portal: Portal) -> None:
    deal = mary.deal()
    mary.round()
    real = mary.remote.page

    def page(stream: Any, cursor: str) -> Any:  # made after its stream was read
        if stream == "deal" and not portal.table("company"):
            firm = portal.add("company", {"name": "Late"})
            portal.edit("deal", mary.far(deal).far_id, {"company": firm.far_id})
        return real(stream, cursor)

    mary.remote.page = page  # type: ignore[method-assign]
    mary.round()
    [firm] = portal.table("company")
    assert mary.far(deal).fields["company"] == firm
    assert mary.value("SELECT name FROM client") == "Late"
    deals.change(mary.store, deal, {"title": "Other"}, **mary.by())
    mary.round()
    assert mary.far(deal).fields["company"] == firm


def test_silent_differences_are_noticed(mary: Seat, portal: Portal, clock: Clock) -> None:
    mary.remote.batch = 10
    keys = [mary.deal(f"D{n}", amount=Decimal(n)) for n in range(60)]
    mary.round()
    assert verified(mary, clock).noticed == 0
    table = portal.table("deal")
    fars = [mary.far(key).far_id for key in keys]
    for far in fars[:20]:  # changed there without a trace
        table[far] = replace(table[far], fields={**table[far].fields, "title": "Silent"})
    for far in fars[20:30]:  # lost there
        del table[far]
    for key in keys[30:45]:  # changed here past the log
        mary.store.connection.execute("UPDATE deal SET title = 'Past' WHERE id = ?", (key,))
    mary.store.connection.commit()
    for n in range(5):  # made there, and no stream told of it
        portal.add("deal", {"title": f"New {n}", "pipeline": "P", "stage": "S:NEW",
                            "currency": mary.far(keys[-1]).fields["currency"]}, by="2")  # fmt: skip
    found = verified(mary, clock)
    assert (len(found.there), len(found.gone), len(found.here), len(found.unknown)) == (
        20,
        10,
        15,
        5,
    )
    mary.round()
    assert mary.far(keys[0]).fields["title"] == "Silent"
    assert mary.value("SELECT title FROM deal WHERE id = ?", keys[0]) == "Silent"
    assert mary.far(keys[40]).fields["title"] == "Past"
    assert mary.value("SELECT count(*) FROM sync_aside") == 10
    assert verified(mary, clock).noticed == 0


def test_a_round_compares_a_part(mary: Seat, portal: Portal) -> None:
    deal = mary.deal()
    mary.round()
    far = mary.far(deal)
    portal.table("deal")[far.far_id] = replace(far, fields={**far.fields, "title": "Silent"})
    for _ in range(6):
        mary.round()
    assert mary.value("SELECT title FROM deal WHERE id = ?", deal) == "Silent"


def verified(mary: Seat, clock: Clock) -> verifying.Verified:
    """A full comparison."""
    return rounds.verify(mary.store, mary.remote, clock)
