"""What someone leaves behind, and handing it over."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from salesdesk.errors import Invalid, Refused
from salesdesk.models.store import Store
from salesdesk.services import deals, handing, history, people, task_rules, tasks
from tests.services.configured import NOW, hire, stage, workspace

LATER = NOW + 1_000_000


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A team whose stages make no tasks."""
    with workspace(tmp_path) as opened:
        with opened.read() as r:
            rules = [row[0] for row in r.rows("SELECT id FROM task_rule WHERE deleted_at IS NULL")]
        for rule in rules:
            task_rules.delete_task_rule(opened, rule, person=None, now=NOW)
        yield opened


def deal(store: Store, title: str, owner: int, where: str = "New request") -> int:
    new = deals.NewDeal(title, stage(store, where), owner)
    return deals.create(store, new, person=None, now=NOW).deal_ids[0]


def task(store: Store, title: str, assignee: int, deal_id: int | None = None) -> int:
    new = tasks.NewTask(title, deal_id=deal_id, assignee_id=assignee)
    tasks.add(store, new, person=None, now=NOW)
    with store.read() as r:
        return int(r.value("SELECT max(id) FROM task"))


def holders(store: Store) -> dict[str, dict[str, int]]:
    with store.read() as r:
        return {
            "deals": dict(r.rows("SELECT title, owner_id FROM deal")),
            "tasks": dict(r.rows("SELECT title, assignee_id FROM task")),
        }


def left(store: Store, person: int) -> handing.Left:
    with store.read() as r:
        return handing.left_with(r, person)


def test_open_deals_and_tasks_are_handed_over_and_taken_back(store: Store) -> None:
    anna, ivan, maria = (hire(store, name) for name in ("Anna", "Ivan", "Maria"))
    open_one, closed = deal(store, "Racks", anna), deal(store, "Cranes", anna, "Won")
    gone, others = deal(store, "Old", anna), deal(store, "Hers", maria)
    task(store, "Call", anna, open_one)
    task(store, "Gift", anna, others)
    task(store, "Void", anna, gone)
    done = task(store, "Done", anna, open_one)
    tasks.complete(store, [done], person=None, now=NOW)
    deals.delete(store, [gone], person=None, now=NOW)
    assert left(store, anna) == (1, 2)
    before = holders(store)
    people.remove_person(store, anna, person=None, now=NOW)
    command = handing.hand_over(store, anna, ivan, person=None, now=LATER)
    after = holders(store)
    assert after["deals"] == {"Racks": ivan, "Cranes": anna, "Old": anna, "Hers": maria}
    assert after["tasks"] == {"Call": ivan, "Gift": ivan, "Void": anna, "Done": anna}
    assert (left(store, anna), left(store, ivan)) == ((0, 0), (1, 2))
    assert closed
    history.undo(store, command, person=None, now=LATER + 1)
    assert holders(store) == before
    assert left(store, anna) == (1, 2)


def test_nobody_gets_what_is_not_there_or_who_left(store: Store) -> None:
    anna, ivan = hire(store, "Anna"), hire(store, "Ivan")
    with pytest.raises(Refused, match="nothing to hand over"):
        handing.hand_over(store, anna, ivan, person=None, now=LATER)
    deal(store, "Racks", anna)
    with pytest.raises(Invalid):
        handing.hand_over(store, anna, anna, person=None, now=LATER)
    deal(store, "Cranes", ivan)
    people.remove_person(store, ivan, last_day=store.zone.day_of(NOW) - 1, person=None, now=NOW)
    with pytest.raises(Refused, match="does not work here"):
        handing.hand_over(store, anna, ivan, person=None, now=LATER)
    assert left(store, anna) == (1, 0)


def test_a_manager_hands_over_nobodys_work(store: Store) -> None:
    hire(store, "Boss", "admin")
    anna, ivan = hire(store, "Anna"), hire(store, "Ivan")
    deal(store, "Racks", anna)
    with pytest.raises(Refused):
        handing.hand_over(store, anna, ivan, person=ivan, now=LATER)
    assert left(store, anna) == (1, 0)
