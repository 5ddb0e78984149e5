"""What links do is told as theirs: in the history of a deal, and in a note of a child deal that
falls to somebody else than its link meant."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from salesdesk.services import deals, history, people
from salesdesk.services.dealhistory import history as told
from salesdesk.services.fulfilling import Given
from tests.builders import empty_store
from tests.services.test_broken_rules import Broken


@pytest.fixture
def broken(tmp_path: Path) -> Iterator[Broken]:
    with empty_store(tmp_path) as store:
        yield Broken(store)


def automatic(office: Broken, deal: int) -> dict[str, bool]:
    """The latest change of each field of a deal, and whether it is told as automatic."""
    with office.store.read() as r:
        lines = told(r, deal).lines
    return {
        line.subject: line.automatic
        for line in reversed(lines)
        if line.kind in ("field", "own_field")
    }


def notes(office: Broken, deal: int) -> list[str]:
    with office.store.read() as r:
        rows = r.rows("SELECT text FROM note WHERE deal_id = ? AND deleted_at IS NULL", (deal,))
    return [row[0] for row in rows]


def change(office: Broken, deal: int, **values: object) -> int:
    return deals.change(office.store, deal, values, person=office.person, now=office.now)


def test_what_comes_in_step_is_not_told_as_typed(broken: Broken) -> None:
    broken.down(keeps_in_step=1)
    deal, child = broken.opened()
    change(broken, deal, amount=Decimal(900))
    broken.own(deal, broken.route, "Tomsk")
    assert (broken.value(child, "amount"), broken.value(child, "Route")) == (9_000_000, "Tomsk")
    assert set(automatic(broken, deal).values()) == {False}
    assert len(automatic(broken, child)) == 2
    assert set(automatic(broken, child).values()) == {True}
    change(broken, child, amount=Decimal(5))
    assert sorted(automatic(broken, child).values()) == [False, True]


def test_what_a_child_fills_in_later_is_not_told_as_typed(broken: Broken) -> None:
    broken.down()
    broken.up(keeps_in_step=1)
    deal, child = broken.opened()
    broken.move(child, broken.priced)
    change(broken, child, cost=Decimal(40))
    assert broken.value(deal, "cost") == 400_000
    assert automatic(broken, deal)["cost"]
    assert not automatic(broken, child)["cost"]


def test_a_child_deal_says_why_it_fell_to_the_supervisor(broken: Broken) -> None:
    broken.down(assignee_rule="person", assignee_id=broken.bob)
    _, whole = broken.opened()
    assert (broken.value(whole, "owner_id"), notes(broken, whole)) == (broken.bob, [])
    people.remove_person(
        broken.store, broken.bob, last_day=broken.store.zone.day_of(broken.now) - 1,
        person=None, now=broken.now,
    )  # fmt: skip
    _, child = broken.opened()
    assert broken.value(child, "owner_id") == broken.lead
    assert notes(broken, child) == ["Meant for Bob, who does not work here any more."]
    with broken.store.read() as r:
        last = r.value("SELECT max(id) FROM command")
    history.undo(broken.store, last, person=None, now=broken.now)
    assert notes(broken, child) == []


def test_what_is_typed_on_the_drop_is_told_as_typed(broken: Broken) -> None:
    broken.desk.update("stage", broken.work, required='["amount", "Route"]')
    broken.down(assignee_rule="person", assignee_id=broken.bob)
    broken.desk.update("person", broken.bob, last_day=1)
    deal = broken.deal()
    given = [Given(deal, fields={"amount": Decimal(70), "Route": "Omsk"})]
    deals.move(
        broken.store, [deal], broken.work, given=given, person=broken.person, now=broken.now
    )  # fmt: skip
    child = broken.child(deal)
    assert automatic(broken, deal) == {"amount": False, "Route": False}
    assert automatic(broken, child) == {"Route": True}
    with broken.store.read() as r:
        [note] = [line for line in told(r, child).lines if line.kind == "note"]
    assert note.automatic
