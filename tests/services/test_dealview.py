"""The questions behind the panel of one deal: fields, tasks, history, points, what undo tells."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from salesdesk.errors import Invalid, NotFound
from salesdesk.moments import money_of
from salesdesk.services import (
    dealfields,
    dealhistory,
    deals,
    dealview,
    history,
    lists,
    own_fields,
    stage_points,
    tasks,
)
from salesdesk.services.dealhistory import HistoryLine
from tests.services.deal_story import DAY, Story, add_phone, empty_story, told_story


@pytest.fixture
def story(tmp_path: Path) -> Iterator[Story]:
    told = told_story(tmp_path)
    yield told
    told.store.close()


def opened(story: Story, lines: int = 100) -> dealview.OpenedDeal:
    with story.store.read() as r:
        return dealview.opened(r, story.deal, now=story.now, lines=lines)


def lines(story: Story, *kinds: str) -> list[HistoryLine]:
    found = opened(story).history.lines
    return [line for line in found if not kinds or line.kind in kinds]


def test_a_deal_with_all_that_belongs_to_it(story: Story) -> None:
    add_phone(story, "Pavel Gromov", "+7 912 555-01-42")
    deal = opened(story).deal
    assert (deal.title, deal.amount, deal.currency) == (
        "Excavator rental, 3 months", Decimal(1_240_000), "RUB",
    )  # fmt: skip
    assert (deal.company, deal.contact, deal.owner) == ("Vector-Agro", "Pavel Gromov", "Maria Kim")
    assert deal.phone == "+7 912 555-01-42"
    assert (deal.stage, deal.days_in_stage, deal.limit_days) == ("Meeting held", 2, 7)
    assert [(task.title, task.shown) for task in deal.tasks] == [
        ("Call about the deposit", "overdue"), ("Send proposal", "today"),
        ("Get feedback", "planned"),
    ]  # fmt: skip
    assert [(link.pipeline, link.stage, link.is_parent) for link in deal.linked] == [
        ("Logistics", "Estimate", False)
    ]
    assert [note.text for note in deal.notes] == ["They want a walk-round before signing."]
    assert [stage.name for stage in deal.stages][-2:] == ["Won", "Lost"]
    assert deal.company_deals == 2


def test_the_child_names_its_parent(story: Story) -> None:
    child = opened(story).deal.linked[0].id
    with story.store.read() as r:
        [parent] = dealview.deal_view(r, child, now=story.now).linked
    assert (parent.id, parent.is_parent, parent.amount) == (story.deal, True, Decimal(1_240_000))


def test_the_companys_phone_stands_in_for_a_contact_without_one(story: Story) -> None:
    assert opened(story).deal.phone is None
    add_phone(story, "Vector-Agro", "+7 495 000-00-01")
    assert opened(story).deal.phone == "+7 495 000-00-01"


def test_paid_is_what_came_in_in_the_deals_currency(story: Story) -> None:
    with story.store.command("payment.add", now=story.now) as tx:
        rows = [("in", 100, "RUB", 5), ("in", 50, "RUB", None), ("out", 30, "RUB", 5),
                ("in", 7, "USD", 5)]  # fmt: skip
        tx.insert(
            "payment",
            [
                {
                    "deal_id": story.deal, "direction": way, "amount": money_of(Decimal(amount)),
                    "currency": code, "actual_day": day,
                }
                for way, amount, code, day in rows
            ],
        )  # fmt: skip
    assert opened(story).deal.paid == Decimal(100)


def test_a_deal_that_never_was(story: Story) -> None:
    with story.store.read() as r, pytest.raises(NotFound):
        dealview.opened(r, 999, now=story.now)


def test_history_tells_moves_with_the_points_of_their_day(story: Story) -> None:
    told = lines(story, "created", "move")
    assert [(line.old, line.new, line.points) for line in told] == [
        ("Meeting scheduled", "Meeting held", Decimal(3)),
        ("New request", "Meeting scheduled", Decimal(1)),
        (None, "New request", Decimal("0.1")),
    ]
    assert {line.who for line in told} == {"Maria Kim"}
    with story.store.read() as r:
        day = r.zone.day_of(story.now)
    stage_points.set_points(
        story.store, story.stages["Meeting held"], Decimal(9), valid_from=day, person=None,
        now=story.now,
    )  # fmt: skip
    assert lines(story, "move")[0].points == Decimal(3)
    stage_points.set_points(
        story.store, story.stages["Meeting held"], Decimal(5), valid_from=None, person=None,
        now=story.now,
    )  # fmt: skip
    assert lines(story, "move")[0].points == Decimal(5)


def test_a_pipeline_out_of_the_ranking_earns_nothing(story: Story) -> None:
    child = opened(story).deal.linked[0].id
    with story.store.read() as r:
        told = dealview.opened(r, child, now=story.now).history.lines
    assert [line.points for line in told if line.kind == "created"] == [None]


def test_history_tells_fields_by_name_not_by_id(story: Story) -> None:
    told = {line.subject: (line.old, line.new, line.holds) for line in lines(story, "field")}
    assert told == {
        "amount": (Decimal(900_000), Decimal(1_240_000), "money"),
        "client_id": (None, "Vector-Agro", "text"),
        "contact_id": (None, "Pavel Gromov", "text"),
    }


def test_what_rules_did_is_marked(story: Story) -> None:
    told = {line.subject: line.automatic for line in lines(story, "task", "child")}
    assert told == {
        "Send proposal": True, "Get feedback": True, "Estimate": True,
        "Call about the deposit": False,
    }  # fmt: skip


def test_history_of_a_task(story: Story) -> None:
    store, who = story.store, story.maria
    call = opened(story).deal.tasks[0].id
    later = story.now + 3 * DAY
    tasks.postpone(store, [call], later, "no answer", person=who, now=story.now)
    tasks.reassign(store, [call], story.ivan, person=who, now=story.now + 1)
    tasks.rename(store, call, "Ring about the deposit", person=who, now=story.now + 2)
    tasks.complete(store, [call], person=story.ivan, now=story.now + 3, result="They pay on Friday")
    tasks.reopen(store, [call], person=who, now=story.now + 4)
    told = lines(story)[:5]
    assert [line.kind for line in told] == [
        "task_reopened", "task_done", "task_renamed", "task_assigned", "task_postponed",
    ]  # fmt: skip
    assert (told[1].who, told[1].reason) == ("Ivan Petrov", "They pay on Friday")
    assert (told[2].old, told[2].new) == ("Call about the deposit", "Ring about the deposit")
    assert (told[3].old, told[3].new) == ("Maria Kim", "Ivan Petrov")
    assert (told[4].old, told[4].new) == (story.at("2026-11-20T12:00"), later)
    assert told[4].reason == "no answer"
    assert not any(line.automatic for line in told)


def test_a_lost_deal_tells_its_reason_and_the_tasks_it_cancelled(story: Story) -> None:
    with story.store.read() as r:
        reason = lists.find(r, "lost_reasons", "No budget").id
    deals.move(
        story.store, [story.deal], story.stages["Lost"], person=story.maria, now=story.now,
        lost_reason_id=reason,
    )  # fmt: skip
    [move] = [line for line in lines(story, "move") if line.new == "Lost"]
    assert move.reason == "No budget"
    assert [line.automatic for line in lines(story, "task_cancelled")] == [True] * 3
    assert not [line for line in lines(story, "field") if line.subject == "lost_reason_id"]
    assert opened(story).deal.lost_reason == "No budget"


def test_an_undone_move_stays_struck_with_its_undo(story: Story) -> None:
    moved = deals.move(
        story.store, [story.deal], story.stages["Contract signed"], person=story.maria,
        now=story.now,
    )  # fmt: skip
    history.undo(story.store, moved.command_id, person=story.admin, now=story.now + 60)
    undo, move = lines(story, "move", "undo")[:2]
    assert (undo.kind, undo.about, undo.who, undo.new) == (
        "undo", "move", "Anna Orlova", "Contract signed",
    )  # fmt: skip
    assert (move.old, move.new, move.undone) == ("Meeting held", "Contract signed", True)
    assert (move.undone_by, move.undone_at) == ("Anna Orlova", story.now + 60)
    assert move.points is None
    history.redo(story.store, moved.command_id, person=story.admin, now=story.now + 90)
    assert not lines(story, "undo")
    assert lines(story, "move")[0].points == Decimal(7)


def test_an_undone_field_is_told_once(story: Story) -> None:
    command = deals.change(
        story.store, story.deal, {"amount": Decimal(5)}, person=story.maria, now=story.now
    )
    history.undo(story.store, command, person=story.maria, now=story.now + 1)
    undo, change = lines(story)[:2]
    assert (undo.kind, undo.about, undo.subject) == ("undo", "field", "amount")
    assert (change.old, change.new, change.undone) == (Decimal(1_240_000), Decimal(5), True)
    assert lines(story, "field")[1].new == Decimal(1_240_000)


def test_amounts_carry_the_currency_they_had(story: Story) -> None:
    deals.change(story.store, story.deal, {"currency": "USD"}, person=story.maria, now=story.now)
    deals.change(
        story.store, story.deal, {"amount": Decimal(7)}, person=story.maria, now=story.now + 1
    )
    told = [line for line in lines(story, "field") if line.subject == "amount"]
    assert [line.currency for line in told] == ["USD", "RUB"]


def test_owners_deletion_and_restoration(story: Story) -> None:
    deals.assign(story.store, [story.deal], story.ivan, person=story.admin, now=story.now)
    deals.delete(story.store, [story.deal], person=story.admin, now=story.now + 1)
    assert opened(story).deal.deleted
    deals.restore(story.store, [story.deal], person=story.admin, now=story.now + 2)
    told = lines(story)[:3]
    assert [line.kind for line in told] == ["restored", "deleted", "owner"]
    assert (told[2].old, told[2].new, told[2].who) == ("Maria Kim", "Ivan Petrov", "Anna Orlova")


def test_an_imported_deal_says_so(tmp_path: Path) -> None:
    story = empty_story(tmp_path)
    new = deals.NewDeal("From a file", story.stages["New request"], external_id="A-7")
    made = deals.create(story.store, new, person=None, now=story.now, origin="import")
    story.deal = made.deal_ids[0]
    assert {line.kind for line in lines(story)} == {"created", "imported"}
    assert opened(story).deal.external_id == "A-7"
    story.store.close()


def test_tags_are_made_given_and_taken(story: Story) -> None:
    store = story.store
    dealfields.set_tags(store, story.deal, ["VIP", " rent "], person=story.maria, now=story.now)
    assert opened(story).deal.tags == ("rent", "VIP")
    command = dealfields.set_tags(store, story.deal, ["vip"], person=story.maria, now=story.now + 1)
    assert opened(story).deal.tags == ("VIP",)
    assert [(line.kind, line.subject) for line in lines(story)[:1]] == [("tag_removed", "rent")]
    history.undo(store, command, person=story.maria, now=story.now + 2)
    assert opened(story).deal.tags == ("rent", "VIP")


@pytest.mark.parametrize(
    ("kind", "value", "kept"),
    [
        ("text", "blue", "blue"),
        ("number", Decimal("12.50"), "12.5"),
        ("date", 739_962, "2026-12-12"),
        ("yes_no", True, "yes"),
        ("choice", "North", "North"),
    ],
)
def test_own_fields_of_every_kind(story: Story, kind: str, value: object, kept: str) -> None:
    own = lists.add(
        story.store, "fields", "Field", {"subject": "deal", "kind": kind, "options": ["North"]},
        person=None, now=story.now,
    ).id  # fmt: skip
    command = dealfields.set_own_field(
        story.store, story.deal, own, value, person=story.maria, now=story.now
    )
    [field] = opened(story).deal.fields
    assert (field.kind, field.value) == (kind, kept)
    assert own_fields.own_value(kind, field.value) == value
    assert [(line.subject, line.new) for line in lines(story, "own_field")] == [("Field", kept)]
    dealfields.set_own_field(
        story.store, story.deal, own, None, person=story.maria, now=story.now + 1
    )
    assert [(line.old, line.new) for line in lines(story, "own_field")] == [
        (kept, None), (None, kept),
    ]  # fmt: skip
    history.undo(story.store, command, person=story.maria, now=story.now + 2)


def test_an_own_field_refuses_what_does_not_fit(story: Story) -> None:
    own = lists.add(
        story.store, "fields", "Side", {"subject": "deal", "kind": "choice", "options": ["North"]},
        person=None, now=story.now,
    ).id  # fmt: skip
    with pytest.raises(Invalid):
        dealfields.set_own_field(
            story.store, story.deal, own, "South", person=story.maria, now=story.now
        )
    assert opened(story).deal.fields[0].value is None


def test_the_largest_amount_can_be_weighed(story: Story) -> None:
    largest = Decimal(10) ** 12 - Decimal("0.01")
    by: dict[str, Any] = {"person": story.maria, "now": story.now}
    deals.change(story.store, story.deal, {"amount": largest, "probability": 100}, **by)
    with pytest.raises(Invalid):
        deals.change(story.store, story.deal, {"amount": largest + 1}, **by)
    assert opened(story).deal.amount == largest


def test_a_client_by_name_is_found_or_made_in_one_command(story: Story) -> None:
    before = story.store.last_txn()
    command = dealfields.set_client(
        story.store, story.deal, "contact_id", "Olga Ёлкина", person=story.maria, now=story.now
    )
    assert story.store.last_txn() == before + 1
    with story.store.read() as r:
        assert [one.name for one in dealview.find_clients(r, "елк", "contact")] == ["Olga Ёлкина"]
        company = r.value("SELECT client_id FROM deal WHERE id = ?", (story.deal,))
        found = dealview.find_clients(r, "", "contact", company_id=company)
        assert [one.more for one in found] == ["Vector-Agro", "Vector-Agro"]
    dealfields.set_client(
        story.store, story.deal, "contact_id", "pavel  GROMOV", person=story.maria, now=story.now
    )
    assert opened(story).deal.contact == "Pavel Gromov"
    history.undo(story.store, command, person=story.maria, now=story.now + 1)
    with story.store.read() as r:
        assert not dealview.find_clients(r, "елк", "contact")


def test_a_long_history_is_read_in_few_queries(story: Story) -> None:
    for step in range(300):
        deals.change(
            story.store, story.deal, {"amount": Decimal(step)}, person=story.maria,
            now=story.now + step,
        )  # fmt: skip
    with story.store.read() as r:
        asked: list[str] = []
        r._connection.set_trace_callback(asked.append)
        found = dealview.opened(r, story.deal, now=story.now + DAY)
        r._connection.set_trace_callback(None)
    assert (len(found.history.lines), found.history.total) == (50, 311)
    assert found.history.lines[0].new == Decimal(299)
    assert len(asked) < 50


def test_a_long_history_may_be_read_later(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    def later() -> dealhistory.HistoryPage:
        with story.store.read() as r:
            return dealview.opened(r, story.deal, now=story.now, lines=100, later=True).history

    whole = opened(story).history
    assert later() == whole, "a short one comes along"
    monkeypatch.setattr(dealview, "_MANY_TASKS", 4)  # three tasks and a note
    assert later() is dealhistory.LATER
    monkeypatch.setattr(dealview, "_MANY_TASKS", 5)
    monkeypatch.setattr(dealview, "_MANY_CHANGES", 2)
    assert later() is dealhistory.LATER
    assert opened(story).history == whole
