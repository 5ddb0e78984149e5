"""What open tasks hang on, and how it is said."""

import pytest

from salesdesk.services import awaiting, dealview, history, task_lists, tasks
from salesdesk.ui import awaiting as said
from salesdesk.ui import formats
from salesdesk.ui.deal import words
from salesdesk.ui.tasks import words as list_words
from tests.services.test_waking import Office, day, office

__all__ = ["office"]


def meta(office: Office, deal: int) -> str:
    """What stands behind the only task in the panel of a deal, and below it."""
    with office.store.read() as r:
        view = dealview.deal_view(r, deal, now=office.now)
    [task] = view.tasks
    zone = office.store.zone
    return f"{words.task_meta(task, zone, office.now)}\n{words.task_why(task, view, zone)}"


def today(office: Office) -> int:
    return office.store.zone.day_of(office.now)


def line(office: Office, deal: int) -> task_lists.Item:
    """The only task as the page of tasks shows it."""
    with office.store.read() as r:
        [item] = task_lists.lines(r, [office.task(deal)], now=office.now)
    return item


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ({"event": "child_enters"}, "waits for: child enters “Priced”"),
        ({"event": "field_filled", "event_field": "cost"}, "waits for: “Cost” is filled in"),
        ({"event": "task_done"}, "waits for: “First of all” is done"),
    ],
)
def test_a_task_says_which_event_it_waits_for(
    office: Office, rule: dict[str, object], expected: str
) -> None:
    first = office.rule(title="First of all", stage_id=office.new)
    if rule["event"] == "child_enters":
        rule = {**rule, "event_stage_id": office.priced}
    if rule["event"] == "task_done":
        rule = {**rule, "event_rule_id": first}
    office.desk.insert("task_rule", stage_id=office.work, title="Do it", due_rule="on_event",
                       amount=1, **rule)  # fmt: skip
    deal = office.deal()
    with office.store.read() as r:
        made = [task.id for task in tasks.of_deal(r, deal, now=office.now)]
    tasks.cancel(office.store, made, person=office.person, now=office.now)
    office.move(deal, office.work)
    item = line(office, deal)
    assert list_words.when(item, office.store.zone, office.now) == expected
    with office.store.read() as r:
        assert awaiting.awaited(r, [item.task.id]) == {item.task.id: item.waits}


def test_a_task_says_which_date_it_waits_for(office: Office) -> None:
    office.rule(due_rule="before_date", amount=3, date_field="expected_day")
    deal = office.deal()
    office.move(deal, office.work)
    assert meta(office, deal) == "waiting · auto\nWaits for: Expected close date"
    office.change(deal, expected_day=day("2026-11-20"))
    assert "wait" not in meta(office, deal).lower()


def test_a_task_set_by_hand_says_why_it_stays(office: Office) -> None:
    office.rule(due_rule="before_date", amount=3, date_field="expected_day")
    deal = office.deal(expected_day=day("2026-11-20"))
    office.move(deal, office.work)
    assert "by hand" not in meta(office, deal)
    assert line(office, deal).kept == ""
    command = tasks.set_due(
        office.store, [office.task(deal)], office.desk.at("2026-11-12T12:00"),
        person=office.person, now=office.now,
    )  # fmt: skip
    hand = "Changed by hand on {day}: no longer moves with “Expected close date”"
    assert meta(office, deal).endswith(hand.format(day=formats.day_short(today(office))))
    kept = list_words.beside(line(office, deal), office.store.zone)
    assert kept[1:] == hand.format(day=formats.day_short(today(office)))[1:]
    history.undo(office.store, command, person=None, now=office.now)
    assert line(office, deal).kept == ""


def test_a_plain_task_set_by_hand_says_nothing(office: Office) -> None:
    office.rule()
    deal = office.deal(expected_day=day("2026-11-20"))
    office.move(deal, office.work)
    tasks.set_due(office.store, [office.task(deal)], office.desk.at("2026-11-12T12:00"),
                  person=office.person, now=office.now)  # fmt: skip
    assert line(office, deal).kept == ""


def test_what_is_gone_is_not_named() -> None:
    assert said.waits("child_enters", "") == "waiting"
    assert said.waits("date_set", "Delivery") == "waits for: Delivery"
