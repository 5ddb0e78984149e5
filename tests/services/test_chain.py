"""The chain of a deal: what cards and the panel tell of children, own fields, and their money."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from salesdesk.services import board, dealfields, deals, dealview, history, lists, payments, tasks
from salesdesk.services.cards import CardField, DealCard
from salesdesk.services.dealview import DealView
from salesdesk.services.fulfilling import Given
from salesdesk.services.payments import NewPayment
from tests.services.deal_story import DAY, Story, told_story


@pytest.fixture
def story(tmp_path: Path) -> Iterator[Story]:
    made = told_story(tmp_path)
    yield made
    made.store.close()


def view(story: Story, deal: int = 0) -> DealView:
    with story.store.read() as r:
        return dealview.deal_view(r, deal or story.deal, now=story.now)


def card(story: Story) -> DealCard:
    with story.store.read() as r:
        return board.cards(r, [story.deal], now=story.now)[story.deal]


def child(story: Story) -> int:
    return next(one.id for one in view(story).linked if not one.is_parent)


def pay(story: Story, deal: int, amount: int, **values: Any) -> int:
    new = NewPayment(Decimal(amount), **values)
    return payments.add(story.store, deal, new, person=None, now=story.now)


def day_of(text: str) -> int:
    return date.fromisoformat(text).toordinal()


def test_card_and_panel_show_the_child_and_it_shows_its_parent(story: Story) -> None:
    made = child(story)
    by: dict[str, Any] = {"person": None, "now": story.now}
    deals.assign(story.store, [made], story.ivan, **by)
    deals.change(story.store, made, {"cost": Decimal(310_000)}, **by)
    due = story.now - DAY
    tasks.add(story.store, tasks.NewTask("Ask for prices", made, due_at=due), **by)
    [one] = card(story).children
    assert (one.pipeline, one.stage, one.kind, one.late) == ("Logistics", "Estimate", "open", True)
    [linked] = view(story).linked
    assert (linked.owner, linked.overdue, linked.cost) == ("Ivan Petrov", 1, Decimal(310_000))
    assert linked.since == story.at("2026-11-18T16:20")
    profit = view(story).profit
    assert profit is not None
    assert (profit.costs, profit.gross) == (Decimal(310_000), Decimal(930_000))
    [parent] = view(story, made).linked
    assert (parent.is_parent, parent.stage, parent.owner) == (True, "Meeting held", "Maria Kim")


def test_open_children_come_first_on_the_card(story: Story) -> None:
    won = story.stages["Won"]
    for title in ("A", "B"):
        made = deals.create(
            story.store, deals.NewDeal(title, story.estimate, parent_id=story.deal),
            person=None, now=story.now,
        ).deal_ids[0]  # fmt: skip
    deals.move(story.store, [made], won, person=None, now=story.now + 1)
    assert [one.kind for one in card(story).children] == ["open", "open", "won"]


def own(story: Story, name: str, kind: str, value: object, on_card: int) -> int:
    made = lists.add(
        story.store, "fields", name, {"subject": "deal", "kind": kind}, person=None, now=1
    ).id
    with story.store.command("test", now=1) as tx:
        tx.update("custom_field", [{"id": made, "on_card": on_card}])
    dealfields.set_own_field(story.store, story.deal, made, value, person=None, now=story.now)
    return made


def test_a_card_tells_the_first_two_own_fields_that_are_shown(story: Story) -> None:
    assert card(story).fields == ()
    own(story, "Secret", "text", "nobody's business", 0)
    first = own(story, "Floors", "number", Decimal(12), 1)
    own(story, "Lift", "yes_no", True, 1)
    own(story, "Handover", "date", 739_000, 1)
    assert card(story).fields == (
        CardField("Floors", "number", "12"), CardField("Lift", "yes_no", "yes"),
    )  # fmt: skip
    with story.store.read() as r:
        assert board.with_own_fields(r, story.stages["Meeting held"]) == {story.deal}
    dealfields.set_own_field(story.store, story.deal, first, None, person=None, now=story.now)
    assert [one.name for one in card(story).fields] == ["Lift", "Handover"]


def test_money_of_the_chain_in_and_out_and_by_contractor(story: Story) -> None:
    made = child(story)
    assert view(story).chain is None
    pay(story, story.deal, 100, actual_day=day_of("2026-11-10"))
    pay(story, made, 40, direction="out", contractor="TransLine", actual_day=day_of("2026-11-10"))
    pay(story, made, 50, direction="out", contractor="TransLine", planned_day=day_of("2026-11-18"))
    pay(story, made, 70, direction="out", contractor="Ant", planned_day=day_of("2026-12-04"))
    pay(story, made, 9, direction="out", currency="XYZ", planned_day=day_of("2026-12-04"))
    chain = view(story).chain
    assert chain is not None
    assert (chain.incoming.paid, chain.takes_in, chain.deals) == (Decimal(100), False, 1)
    out = chain.outgoing
    assert (out.paid, out.due, out.late) == (Decimal(40), Decimal(120), Decimal(50))
    assert (out.late_since, out.next_day) == (day_of("2026-11-18"), day_of("2026-12-04"))
    assert [(one.name, one.flow.whole) for one in chain.contractors] == [
        ("TransLine", Decimal(90)), ("Ant", Decimal(70)),
    ]  # fmt: skip
    assert chain.unrated == ("XYZ",)
    theirs = view(story, made).chain  # the child pays by itself and shows its own
    assert theirs is not None
    assert theirs.outgoing == out


def gated(story: Story, percent: int = 30) -> None:
    advance = story.stages["Advance paid"]
    with story.store.command("test", now=1) as tx:
        tx.update("stage", [{"id": advance, "paid_percent": percent}])


def test_a_stage_ahead_says_which_share_opens_it(story: Story) -> None:
    gated(story)
    pay(story, story.deal, 148_800, actual_day=day_of("2026-11-10"))
    gate = view(story).gate
    assert gate is not None
    assert (gate.stage, gate.percent, gate.paid) == ("Advance paid", 30, 12)
    pay(story, story.deal, 223_200, actual_day=day_of("2026-11-11"))
    assert view(story).gate is None


def test_an_archived_stage_opens_nothing(story: Story) -> None:
    gated(story)
    with story.store.command("test", now=2) as tx:
        tx.update("stage", [{"id": story.stages["Advance paid"], "archived": 1}])
    assert view(story).gate is None
    assert "Advance paid" not in [stage.name for stage in view(story).stages]


def test_an_archived_stage_is_a_column_only_while_something_stands_in_it(story: Story) -> None:
    here = story.stages["Meeting held"]
    with story.store.command("test", now=2) as tx:
        tx.update("stage", [{"id": here, "archived": 1}])

    def shown() -> list[int]:
        with story.store.read() as r:
            return [one.id for one in board.columns(r, view(story).pipeline_id)]

    assert here in shown()
    signed = story.stages["Contract signed"]
    deals.move(story.store, [story.deal], signed, person=None, now=story.now)
    assert here not in shown()


def test_money_that_comes_with_a_move_pays_what_a_child_collects(story: Story) -> None:
    gated(story)
    made = child(story)
    by: dict[str, Any] = {"person": None, "now": story.now}
    deals.assign(story.store, [made], story.ivan, **by)
    deals.assign(story.store, [story.deal], story.maria, **by)
    pay(story, made, 300_000, planned_day=day_of("2026-11-15"), note="Advance")
    day = day_of("2026-11-20")
    given = Given(story.deal, payment=NewPayment(Decimal(372_000), actual_day=day))
    moved = deals.move(
        story.store, [story.deal], story.stages["Advance paid"], given=[given],
        person=story.maria, now=story.now,
    )  # fmt: skip
    assert [(one.amount, one.state) for one in view(story, made).payments] == [
        (Decimal(300_000), "paid")
    ]
    assert [(one.amount, one.state) for one in view(story).payments] == [(Decimal(72_000), "paid")]
    history.undo(story.store, moved.command_id, person=None, now=story.now)
    assert [one.state for one in view(story, made).payments] == ["late"]
    assert not view(story).payments


def test_money_that_comes_with_a_move_pays_what_was_planned(story: Story) -> None:
    gated(story)
    pay(story, story.deal, 300_000, planned_day=day_of("2026-11-15"), note="Advance")
    pay(story, story.deal, 100_000, planned_day=day_of("2026-12-15"), note="Balance")
    day = day_of("2026-11-20")
    given = Given(story.deal, payment=NewPayment(Decimal(372_000), actual_day=day))
    moved = deals.move(
        story.store, [story.deal], story.stages["Advance paid"], given=[given], person=None,
        now=story.now,
    )  # fmt: skip
    lines = [(one.amount, one.state, one.note) for one in view(story).payments]
    assert sorted(lines) == [
        (Decimal(28_000), "planned", "Balance"), (Decimal(72_000), "paid", "Balance"),
        (Decimal(300_000), "paid", "Advance"),
    ]  # fmt: skip
    history.undo(story.store, moved.command_id, person=None, now=story.now)
    assert {one.state for one in view(story).payments} == {"late", "planned"}
    more = NewPayment(Decimal(500_000), actual_day=day)
    deals.move(
        story.store, [story.deal], story.stages["Advance paid"],
        given=[Given(story.deal, payment=more)], person=None, now=story.now + 1,
    )  # fmt: skip
    assert sorted(one.amount for one in view(story).payments) == [100_000, 100_000, 300_000]
    assert view(story).paid == Decimal(500_000)
