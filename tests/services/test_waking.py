"""Tasks that wait for an event, and tasks that hang on a date of their deal."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesdesk.models.store import Store
from salesdesk.moments import SECOND
from salesdesk.services import dealfields, deals, history, tasks
from salesdesk.services.deals import MoveRefused
from tests.builders import Desk, empty_store
from tests.services.answers import answers, assert_rebuilt_alike

DAY = 86_400 * SECOND


class Office:
    """A sales pipeline, one of logistics, and rules that wait."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.desk = Desk(store)
        self.now = self.desk.at("2026-11-02T10:00")
        self.person = self.desk.insert("person", name="Ann", name_key="ann", role="admin")
        self.sale = self.desk.insert("pipeline", name="Sale", name_key="sale")
        self.new, self.work = (self._stage(self.sale, name) for name in ("New", "Work"))
        self.other = self.desk.insert("pipeline", name="Logistics", name_key="logistics")
        self.asked, self.priced = (self._stage(self.other, name) for name in ("Asked", "Priced"))

    def _stage(self, pipeline: int, name: str) -> int:
        return self.desk.insert("stage", pipeline_id=pipeline, name=name, name_key=name.casefold())

    def rule(self, **values: object) -> int:
        return self.desk.insert("task_rule", **{"stage_id": self.work, "title": "Do it", **values})

    def deal(self, **values: Any) -> int:
        new = deals.NewDeal("Deal", self.new, self.person, **values)
        return deals.create(self.store, new, person=self.person, now=self.now).deal_ids[0]

    def move(self, deal: int, stage: int) -> int:
        return deals.move(self.store, [deal], stage, person=self.person, now=self.now).command_id

    def change(self, deal: int, **values: object) -> int:
        return deals.change(self.store, deal, values, person=self.person, now=self.now)

    def due(self, deal: int, title: str = "Do it") -> tuple[str, str | None]:
        """The shown state of the only task of that title, and its due moment as local text."""
        with self.store.read() as r:
            [task] = [t for t in tasks.of_deal(r, deal, now=self.now) if t.title == title]
        due = None if task.due_at is None else self.store.zone.local(task.due_at)
        return str(task.shown), None if due is None else due.strftime("%Y-%m-%d %H:%M")

    def task(self, deal: int, title: str = "Do it") -> int:
        with self.store.read() as r:
            return next(t.id for t in tasks.of_deal(r, deal, now=self.now) if t.title == title)


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with empty_store(tmp_path) as store:
        yield Office(store)


def day(text: str) -> int:
    return date.fromisoformat(text).toordinal()


def test_a_task_moves_along_with_the_date_it_hangs_on(office: Office) -> None:
    office.rule(due_rule="before_date", amount=3, date_field="expected_day")
    deal = office.deal(expected_day=day("2026-11-20"))
    office.move(deal, office.work)
    assert office.due(deal) == ("planned", "2026-11-17 18:00")
    first = office.change(deal, expected_day=day("2026-11-25"))
    second = office.change(deal, expected_day=day("2026-11-30"))
    assert office.due(deal) == ("planned", "2026-11-27 18:00")
    office.change(deal, title="Renamed")
    for command in (second, first):
        history.undo(office.store, command, person=None, now=office.now)
    assert office.due(deal) == ("planned", "2026-11-17 18:00")
    assert_rebuilt_alike(office.store, office.now)


def test_an_empty_date_makes_it_wait_and_a_past_one_is_due_now(office: Office) -> None:
    office.rule(due_rule="before_date", amount=3, date_field="expected_day")
    deal = office.deal()
    office.move(deal, office.work)
    assert office.due(deal) == ("waiting", None)
    office.change(deal, expected_day=day("2026-11-20"))
    assert office.due(deal) == ("planned", "2026-11-17 18:00")
    office.change(deal, expected_day=day("2026-11-03"))
    assert office.due(deal) == ("today", "2026-11-02 10:00")
    office.change(deal, expected_day=None)
    assert office.due(deal) == ("waiting", None)


def test_what_a_person_has_put_off_stays_where_it_was_put(office: Office) -> None:
    office.rule(due_rule="before_date", amount=3, date_field="expected_day")
    deal = office.deal(expected_day=day("2026-11-20"))
    office.move(deal, office.work)
    by_hand = tasks.set_due(
        office.store, [office.task(deal)], office.desk.at("2026-11-12T12:00"),
        person=office.person, now=office.now,
    )  # fmt: skip
    office.change(deal, expected_day=day("2026-11-25"))
    assert office.due(deal) == ("planned", "2026-11-12 12:00")
    history.undo(office.store, by_hand, person=None, now=office.now)
    office.change(deal, expected_day=day("2026-11-27"))
    assert office.due(deal) == ("planned", "2026-11-24 18:00")


def test_an_own_field_is_a_date_too(office: Office) -> None:
    field = office.desk.insert(
        "custom_field", subject="deal", name="Delivery", name_key="delivery", kind="date"
    )
    office.rule(due_rule="before_date", amount=1, date_field="Delivery", unit="working_days")
    deal = office.deal()
    office.move(deal, office.work)
    assert office.due(deal) == ("waiting", None)
    dealfields.set_own_field(
        office.store, deal, field, day("2026-11-16"), person=office.person, now=office.now
    )
    assert office.due(deal) == ("planned", "2026-11-13 18:00")


def test_a_field_filled_in_wakes_a_task(office: Office) -> None:
    office.rule(due_rule="on_event", event="field_filled", event_field="cost", amount=2)
    deal = office.deal()
    office.move(deal, office.work)
    assert office.due(deal) == ("waiting", None)
    filled = office.change(deal, cost=Decimal(7))
    assert office.due(deal) == ("planned", "2026-11-04 18:00")
    office.now += DAY
    office.change(deal, cost=Decimal(8))
    assert office.due(deal) == ("planned", "2026-11-04 18:00")
    history.undo(office.store, filled, person=None, now=office.now)
    assert office.due(deal)[0] == "waiting"


def test_another_task_done_wakes_a_task(office: Office) -> None:
    first = office.rule(title="First")
    office.rule(due_rule="on_event", event="task_done", event_rule_id=first, amount=1, position=1)
    deal = office.deal()
    office.move(deal, office.work)
    assert office.due(deal) == ("waiting", None)
    tasks.complete(office.store, [office.task(deal, "First")], person=office.person, now=office.now)
    assert office.due(deal) == ("planned", "2026-11-03 18:00")


def test_a_child_that_enters_a_stage_wakes_a_task_of_its_parent(office: Office) -> None:
    office.rule(due_rule="on_event", event="child_enters", event_stage_id=office.priced, amount=0)
    office.desk.insert(
        "link_rule", stage_id=office.work, kind="open_child", target_stage_id=office.asked,
        title="Estimate",
    )  # fmt: skip
    deal = office.deal()
    office.move(deal, office.work)
    assert office.due(deal) == ("waiting", None)
    with office.store.read() as r:
        child = r.value("SELECT id FROM deal WHERE parent_id = ?", (deal,))
    moved = office.move(child, office.priced)
    assert office.due(deal) == ("today", "2026-11-02 18:00")
    history.undo(office.store, moved, person=None, now=office.now)
    assert office.due(deal) == ("waiting", None)


def test_an_event_that_has_happened_is_one_of_the_move(office: Office) -> None:
    office.rule(due_rule="on_event", event="field_filled", event_field="amount", amount=1)
    deal = office.deal(amount=Decimal(5))
    office.move(deal, office.work)
    assert office.due(deal) == ("planned", "2026-11-03 18:00")


def test_a_deleted_rule_still_wakes_what_it_made(office: Office) -> None:
    rule = office.rule(due_rule="on_event", event="field_filled", event_field="cost", amount=2)
    deal = office.deal()
    office.move(deal, office.work)
    with office.store.command("task_rule.delete", now=office.now) as tx:
        tx.delete("task_rule", [rule])
    office.change(deal, cost=Decimal(7))
    assert office.due(deal) == ("planned", "2026-11-04 18:00")


def test_a_refused_move_wakes_nothing(office: Office) -> None:
    office.desk.insert(
        "task_rule", stage_id=office.new, title="Before", must_be_done=1, due_rule="after_move"
    )
    deal = office.deal()
    with pytest.raises(MoveRefused):
        office.move(deal, office.work)
    assert office.due(deal, "Before")[0] == "planned"


@given(
    st.lists(st.sampled_from(("date", "none", "cost", "hand", "work", "new", "undo")), max_size=9)
)
def test_undo_of_all_puts_every_waiting_task_back(
    tmp_path_factory: pytest.TempPathFactory, steps: list[str]
) -> None:
    with empty_store(tmp_path_factory.mktemp("waking")) as store:
        office = Office(store)
        office.rule(due_rule="before_date", amount=3, date_field="expected_day")
        office.rule(due_rule="on_event", event="field_filled", event_field="cost", title="Pay")
        deal = office.deal()
        seen = answers(store, office.now + 90 * DAY)
        done: list[int] = []
        for place, step in enumerate(steps):
            office.now += 3600 * SECOND
            command = _play(office, deal, step, place, done)
            if command is not None:
                done.append(command)
        assert_rebuilt_alike(store, office.now)
        for command in reversed(done):
            history.undo(store, command, person=None, now=office.now)
        assert answers(store, office.now + 90 * DAY) == seen


def _play(office: Office, deal: int, step: str, place: int, done: list[int]) -> int | None:
    if step == "undo":
        if done:
            history.undo(office.store, done.pop(), person=None, now=office.now)
        return None
    if step == "date":
        return office.change(deal, expected_day=day("2026-12-01") + place)
    if step == "none":
        return office.change(deal, expected_day=None)
    if step == "cost":
        return office.change(deal, cost=None if place % 2 else Decimal(place + 1))
    if step == "hand":
        with office.store.read() as r:
            found = [t.id for t in tasks.of_deal(r, deal, now=office.now) if t.state == "open"]
        due = office.now + DAY
        return tasks.postpone(office.store, found, due, "later", person=office.person,
                              now=office.now) if found else None  # fmt: skip
    return office.move(deal, office.work if step == "work" else office.new)


#: What happens to the date and to its task, step by step, and when the task is due after each.
LIVES: list[list[tuple[str, str | None, str | None]]] = [
    [("date", "2026-11-20", "2026-11-17 18:00"), ("date", "2026-11-25", "2026-11-22 18:00"),
     ("date", "2026-11-20", "2026-11-17 18:00")],  # twice, and back again
    [("date", "2026-11-20", "2026-11-17 18:00"), ("date", "2026-11-04", "2026-11-02 10:00"),
     ("date", "2026-12-04", "2026-12-01 18:00")],  # past, then to come again
    [("date", "2026-11-20", "2026-11-17 18:00"), ("date", None, None),
     ("date", "2026-11-25", "2026-11-22 18:00")],  # empty: it waits, and is not lost
    [("date", "2026-11-20", "2026-11-17 18:00"), ("hand", "2026-11-12T12:00", "2026-11-12 12:00"),
     ("date", "2026-11-25", "2026-11-12 12:00"), ("date", None, "2026-11-12 12:00"),
     ("date", "2026-12-24", "2026-11-12 12:00")],  # by hand: it stays
    [("date", None, None), ("hand", "2026-11-12T12:00", "2026-11-12 12:00"),
     ("date", "2026-11-25", "2026-11-12 12:00")],  # by hand while it waited
    [("date", "2026-11-20", "2026-11-17 18:00"), ("title", "Other", "2026-11-17 18:00"),
     ("date", "2026-11-25", "2026-11-22 18:00")],  # renamed is not set by hand
    [("date", "2026-11-20", "2026-11-17 18:00"), ("done", None, "2026-11-17 18:00"),
     ("date", "2026-11-25", "2026-11-17 18:00")],  # done: it stays
]  # fmt: skip


@pytest.mark.parametrize("life", LIVES)
@pytest.mark.parametrize("own", [False, True])
def test_the_life_of_a_date_and_of_its_task(
    office: Office, own: bool, life: list[tuple[str, str | None, str | None]]
) -> None:
    field = office.desk.insert(
        "custom_field", subject="deal", name="Delivery", name_key="delivery", kind="date"
    )
    office.rule(due_rule="before_date", amount=3, date_field="Delivery" if own else "expected_day")
    deal = office.deal()
    office.move(deal, office.work)
    task = office.task(deal)
    for what, value, due in life:
        by: dict[str, Any] = {"person": office.person, "now": office.now}
        if what == "date":
            new = None if value is None else day(value)
            if own:
                dealfields.set_own_field(office.store, deal, field, new, **by)
            else:
                deals.change(office.store, deal, {"expected_day": new}, **by)
        elif what == "hand":
            tasks.set_due(office.store, [task], office.desk.at(value or ""), **by)
        elif what == "title":
            tasks.rename(office.store, task, value or "", **by)
            office.desk.update("task", task, title="Do it")
        else:
            tasks.complete(office.store, [task], **by)
        shown, at = office.due(deal)
        assert at == due, (what, value)
        assert (shown == "waiting") == (due is None)
    assert_rebuilt_alike(office.store, office.now)
