"""What a person decides, for every kind of field; rules of one's own; clients that are merged."""

from decimal import Decimal
from typing import Any

import pytest

from salesdesk.errors import Refused
from salesdesk.services import clients, deals, tasks
from salesdesk.services.sync import clashes, deciding, desk, pull
from salesdesk.services.sync.remote import Entity, Value
from tests.sync.seats import MINUTE, Seat
from tests.sync.test_stories import options


def record(mary: Seat, entity: Entity) -> int:
    """A record of a kind, sent."""
    by = mary.by
    if entity == "deal":
        key = mary.deal(amount=Decimal(1))
    elif entity == "task":
        deal = mary.deal()
        due = mary.clock.at + 600 * MINUTE
        tasks.add(mary.store, tasks.NewTask("Call", deal_id=deal, due_at=due), **by())
        key = mary.value("SELECT max(id) FROM task")
    else:
        kind: Any = entity
        key = clients.add(mary.store, clients.NewClient(kind, "Ann"), **by()).id
        refers: dict[str, Any] = {"client_id" if entity == "company" else "contact_id": key}
        mary.deal(**refers)
    mary.round()
    return key


def ours(mary: Seat, entity: Entity, key: int, field: str, value: Any) -> None:
    """A change here."""
    if field == "stage":
        mary.move(key, value)
    elif entity == "deal":
        deals.change(mary.store, key, {field: value}, **mary.by())
    elif entity == "task":
        tasks.rename(mary.store, key, value, **mary.by())
    else:
        clients.change(mary.store, key, {field: value}, **mary.by())


def both(mary: Seat, entity: Entity, key: int, field: str) -> tuple[Any, Any]:
    """Here and there, in the words of the other end."""
    far = mary.value("SELECT far_id FROM sync_link WHERE entity = ? AND local_id = ?", entity, key)
    column = {"stage": "stage_id"}.get(field, field)
    table = "client" if entity in ("company", "contact") else entity
    value = mary.value(f"SELECT {column} FROM {table} WHERE id = ?", key)
    if field == "stage":
        value = {local: name for name, local in mary.stages.items()}[value]
    if field == "amount":
        value = Decimal(value) / 10_000
    return value, mary.remote.portal.table(entity)[far].fields[field]


CASES: list[tuple[Entity, str, Any, Any]] = [
    ("deal", "stage", "S:MEET", "S:PAY"), ("deal", "amount", Decimal(2), Decimal(3)),
    ("deal", "title", "Ours", "Theirs"), ("company", "name", "Ours", "Theirs"),
    ("contact", "name", "Ours", "Theirs"), ("task", "title", "Ours", "Theirs"),
]  # fmt: skip


@pytest.mark.parametrize("choice", ["ours", "theirs"])
@pytest.mark.parametrize(("entity", "field", "mine", "other"), CASES)
def test_a_person_decides(
    mary: Seat, entity: Entity, field: str, mine: Any, other: Any, choice: str
) -> None:
    key = record(mary, entity)
    far = mary.value("SELECT far_id FROM sync_link WHERE entity = ? AND local_id = ?", entity, key)
    mary.clock.at += MINUTE
    ours(mary, entity, key, field, mine)
    mary.clock.at += MINUTE
    mary.remote.portal.edit(entity, far, {field: other}, by="2")
    mary.clock.at += MINUTE
    assert mary.round().conflicts == 1
    assert both(mary, entity, key, field) == (mine, other)
    assert mary.round().conflicts == 1  # nothing is overwritten as long as nobody has decided
    assert both(mary, entity, key, field) == (mine, other)
    with mary.store.books() as books:
        row = books.value("SELECT id FROM sync_conflict WHERE state = 'open'")
        books.update("sync_conflict", [{"id": row, "state": choice}])
    for _ in range(2):
        mary.clock.at += 20 * MINUTE
        found = mary.round()
    chosen = mine if choice == "ours" else other
    assert both(mary, entity, key, field) == (chosen, chosen)
    assert (found.conflicts, found.waiting, found.failed) == (0, 0, 0)
    assert mary.value("SELECT count(*) FROM sync_conflict WHERE state <> 'done'") == 0


@pytest.mark.parametrize("choice", ["ours", "theirs", "closed"])
def test_moves_that_were_overruled_count_everywhere_alike(
    pair: tuple[Seat, Seat], choice: str
) -> None:
    """A colleague's move in the CRM happened, whatever was decided about the stage."""
    mary, max_ = pair
    deal = mary.deal()
    for one in pair:
        one.round()
    mary.clock.at += MINUTE
    mary.move(deal, "S:WON" if choice == "closed" else "S:MEET")
    mary.clock.at += MINUTE
    mary.remote.portal.edit("deal", mary.far(deal).far_id, {"stage": "S:PAY"}, by="9")
    mary.clock.at += MINUTE
    mary.round()
    if choice != "closed":
        with mary.store.books() as books:
            row = books.value("SELECT id FROM sync_conflict WHERE state = 'open'")
            books.update("sync_conflict", [{"id": row, "state": choice}])
    for one in (mary, max_, mary, max_):
        mary.clock.at += 20 * MINUTE
        one.round()
    told = [[stage for stage, _ in one.protocol(key)]
            for one, key in ((mary, deal), (max_, max_.here(mary.far(deal))))]  # fmt: skip
    assert told[0] == told[1]
    own = "S:WON" if choice == "closed" else "S:MEET"
    assert told[0] == ["S:NEW", own, "S:PAY", *([own] if choice != "theirs" else [])]


@pytest.mark.parametrize("waits", [True, False])
@pytest.mark.parametrize("choice", ["ours", "theirs"])
@pytest.mark.parametrize("field", ["title", "amount"])
def test_a_decision_gives_up_only_what_was_seen(
    mary: Seat, field: str, choice: str, waits: bool
) -> None:
    """Who writes something else meanwhile into what was given up is not overwritten: it is asked
    once more, whether the record waits to be sent or not."""
    values: dict[str, list[Any]] = {
        "title": ["A", "B", "C"], "amount": [Decimal(2), Decimal(3), Decimal(4)],
    }  # fmt: skip
    mine, other, third = values[field]
    key = mary.deal(amount=Decimal(1))
    mary.round()
    portal, far = mary.remote.portal, mary.far(key).far_id
    ours(mary, "deal", key, field, mine)
    portal.edit("deal", far, {field: other}, by="2")
    mary.clock.at += MINUTE
    assert mary.round().conflicts == 1
    with mary.store.books() as books:
        row = books.value("SELECT id FROM sync_conflict WHERE state = 'open'")
        books.update("sync_conflict", [{"id": row, "state": choice}])
    if choice == "ours":
        portal.edit("deal", far, {field: third}, by="2")
    else:
        ours(mary, "deal", key, field, third)
    if waits:
        deals.change(mary.store, key, {"expected_day": 739_900}, **mary.by())
    mary.clock.at += 20 * MINUTE
    found = mary.round()
    shown = (mine, third) if choice == "ours" else (third, other)
    assert both(mary, "deal", key, field) == shown
    assert found.conflicts == 1
    with mary.store.books() as books:
        books.update("sync_conflict", [{"id": row, "state": choice}])
    for _ in range(2):
        mary.clock.at += 20 * MINUTE
        mary.round()
    kept = shown[choice == "theirs"]
    assert both(mary, "deal", key, field) == (kept, kept)


@pytest.mark.parametrize(("rule", "stays"), [("ours", Decimal(2)), ("theirs", Decimal(3))])
def test_rules_of_ones_own(mary: Seat, rule: str, stays: Decimal) -> None:
    options(mary, {"rules": {"deal.amount": rule}})
    key = record(mary, "deal")
    ours(mary, "deal", key, "amount", Decimal(2))
    mary.remote.portal.edit("deal", mary.far(key).far_id, {"amount": Decimal(3)}, by="2")
    assert mary.round().conflicts == 0
    mary.round()
    assert both(mary, "deal", key, "amount") == (stays, stays)


def test_clients_that_are_merged_here(mary: Seat) -> None:
    from salesdesk.services import merging

    first, second = (record(mary, "company") for _ in range(2))
    deal = mary.value("SELECT id FROM deal WHERE client_id = ?", second)
    merging.merge_clients(mary.store, first, [second], **mary.by())
    mary.round()
    there = mary.value(
        "SELECT far_id FROM sync_link WHERE entity = 'company' AND local_id = ?", first
    )
    assert mary.far(deal).fields["company"] == there
    assert mary.round().waiting == 0


def test_what_is_decided_at_once_goes_at_once(mary: Seat) -> None:
    deal = record(mary, "deal")
    mary.clock.at += 10 * MINUTE
    mary.remote.portal.edit("deal", mary.far(deal).far_id, {"stage": "S:PAY"}, "2")
    mary.clock.at += 10 * MINUTE
    mary.move(deal, "S:MEET")
    assert mary.round().waiting == 0  # its moves are asked about with the stage
    clash = mary.value("SELECT id FROM sync_conflict WHERE state = 'open'")
    pull.decide(mary.store, clash, "ours", **mary.by())
    mary.round()
    assert both(mary, "deal", deal, "stage") == ("S:MEET", "S:MEET")
    assert mary.value("SELECT count(*) FROM sync_queue") == 0


@pytest.mark.parametrize(
    ("mine", "theirs"),
    [({"title": "Ours"}, {"title": "Theirs"}), ({"stage": "S:MEET"}, {"stage": "S:PAY"})],
)
def test_what_nobody_has_to_decide_goes_meanwhile(
    mary: Seat, mine: dict[str, str], theirs: dict[str, str]
) -> None:
    deal = record(mary, "deal")
    [(field, value)] = mine.items()
    mary.clock.at += MINUTE
    ours(mary, "deal", deal, field, value)
    mary.remote.portal.edit("deal", mary.far(deal).far_id, {**theirs}, "2")
    mary.clock.at += MINUTE
    assert mary.round().conflicts == 1
    ours(mary, "deal", deal, "amount", Decimal(7))
    mary.clock.at += MINUTE
    found = mary.round()
    assert both(mary, "deal", deal, "amount") == (Decimal(7), Decimal(7))
    assert both(mary, "deal", deal, field) == (value, theirs[field])
    assert (found.conflicts, found.waiting, found.failed) == (1, 0, 0)


def test_of_three_that_are_asked_one_is_decided(mary: Seat) -> None:
    deal = record(mary, "deal")
    mary.clock.at += MINUTE
    deals.change(
        mary.store, deal, {"title": "Ours", "amount": Decimal(2), "expected_day": 739_960},
        **mary.by(),
    )  # fmt: skip
    there: dict[str, Value] = {"title": "Theirs", "amount": Decimal(3), "expected_day": 739_970}
    mary.remote.portal.edit("deal", mary.far(deal).far_id, there, "2")
    mary.clock.at += MINUTE
    assert mary.round().conflicts == 3
    clash = mary.value("SELECT id FROM sync_conflict WHERE field = 'amount'")
    pull.decide(mary.store, clash, "ours", **mary.by())
    found = mary.round()
    assert both(mary, "deal", deal, "amount") == (Decimal(2), Decimal(2))
    assert both(mary, "deal", deal, "title") == ("Ours", "Theirs")
    assert (found.conflicts, found.waiting) == (2, 0)


@pytest.mark.parametrize("where", ["here", "there"])
def test_a_deleted_record_asks_for_nothing(mary: Seat, where: str) -> None:
    deal = record(mary, "deal")
    far = mary.far(deal)
    mary.clock.at += MINUTE
    ours(mary, "deal", deal, "title", "Ours")
    mary.remote.portal.edit("deal", far.far_id, {"title": "Theirs"}, "2")
    mary.clock.at += MINUTE
    assert mary.round().conflicts == 1
    mary.clock.at += MINUTE
    if where == "here":
        deals.delete(mary.store, [deal], **mary.by())
    else:
        mary.remote.portal.remove("deal", far.far_id)
        mary.round()
    with mary.store.read() as r:
        shown = desk.overview(r, None, now=mary.clock.at)
        assert clashes.clashes_of_deal(r, deal) == 0
    assert shown is not None
    assert (shown.clashes, shown.brief.conflicts, shown.brief.needs) == ((), 0, 0)
    if where == "there":
        return
    mary.round()
    assert mary.remote.portal.table("deal")[far.far_id].fields["title"] == "Theirs"
    deals.restore(mary.store, [deal], **mary.by())
    mary.clock.at += MINUTE
    assert mary.round().conflicts == 1  # it is asked about again
    assert both(mary, "deal", deal, "title") == ("Ours", "Theirs")


def test_what_was_deleted_there_is_made_there_anew(mary: Seat) -> None:
    deal = mary.deal_with_all()
    mary.round()
    before, portal = mary.far(deal), mary.remote.portal
    [note] = portal.table("note")
    portal.remove("deal", before.far_id)
    portal.remove("note", note)
    deals.change(mary.store, deal, {"title": "Ours"}, **mary.by())
    mary.clock.at += MINUTE
    assert mary.round().failed == 1
    with mary.store.read() as r:
        shown = desk.overview(r, None, now=mary.clock.at)
    assert shown is not None
    [failed] = shown.failed
    assert failed.gone
    with pytest.raises(Refused):
        deciding.retry(mary.store, [failed.id], **mary.by())
    assert deciding.send_anew(mary.store, [failed.id], **mary.by()) == 1
    mary.rounds()
    [far] = portal.table("deal").values()
    assert (far.fields["title"], far.uid) == ("Ours", before.uid)
    kinds: tuple[Entity, ...] = ("note", "task")
    for entity in kinds:
        [inside] = portal.table(entity).values()
        assert inside.fields["deal"] == far.far_id
    with mary.store.read() as r:
        shown = desk.overview(r, None, now=mary.clock.at)
    assert shown is not None
    assert (shown.failed, shown.aside, shown.brief.waiting) == ((), (), 0)
