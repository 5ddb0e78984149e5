"""A deal as of any moment equals what it was when that moment was now."""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import pytest

from salesdesk.errors import NotFound
from salesdesk.services import (
    dealfields,
    dealpast,
    deals,
    dealview,
    history,
    lists,
    payments,
    tasks,
)
from salesdesk.services.dealview import DealView
from tests.services.deal_story import DAY, Story, told_story


@pytest.fixture
def story(tmp_path: Path) -> Iterator[Story]:
    made = told_story(tmp_path)
    yield made
    made.store.close()


def now_view(story: Story, now: int) -> DealView:
    """What the panel showed then, without what a past view leaves out."""
    with story.store.read() as r:
        found = dealview.deal_view(r, story.deal, now=now)
    return replace(found, company_deals=0, phone=None, waits={})


def then_view(story: Story, as_of: int) -> DealView:
    with story.store.read() as r:
        return replace(dealpast.deal_at(r, story.deal, as_of), as_of=None)


def same(now: DealView, then: DealView) -> None:
    def bare(view: DealView) -> DealView:
        lines = [replace(line, deal=None, client=None) for line in view.tasks]
        linked = tuple(
            replace(one, owner_id=None, owner=None, since=None, cost=None, overdue=0)
            for one in view.linked
        )
        closed = view.closed_at if view.stage_kind != "open" else None
        return replace(
            view, tasks=tuple(lines), closed_at=closed, linked=linked, kept={}, kept_since={},
            chain=None, gate=None, profit=None,
        )  # fmt: skip

    assert bare(then) == bare(now)


def act(story: Story, dice: Random, now: int, own: int) -> int | None:
    """One random command; returns its id."""
    store, deal = story.store, story.deal
    by: dict[str, Any] = {"person": story.admin, "now": now}
    what = dice.randrange(11)
    with store.read() as r:
        view = dealview.deal_view(r, deal, now=now)
    if what == 0:
        fields = {"amount": Decimal(dice.randrange(1, 9)), "title": f"Deal {dice.random()}"}
        return deals.change(store, deal, fields, **by)
    if what == 1:
        stage = dice.choice([key for key in story.stages.values() if key != view.stage_id])
        return deals.move(store, [deal], stage, **by).command_id
    if what == 2:
        return deals.assign(store, [deal], dice.choice([story.maria, story.ivan, None]), **by)
    if what == 3:
        return dealfields.set_tags(store, deal, dice.sample(["a", "b", "c"], 2), **by)
    if what == 4:
        return dealfields.set_own_field(store, deal, own, dice.choice(["x", "y", None]), **by)
    if what == 5:
        return deals.add_note(store, deal, f"note {dice.random()}", **by)
    if what == 6:
        new = payments.NewPayment(Decimal(dice.randrange(2, 99)), planned_day=737_000)
        return payments.add(store, deal, new, **by)
    planned = [line.id for line in view.payments if line.state != "paid"]
    if what == 7 and planned:
        return payments.pay(store, dice.choice(planned), amount=Decimal(1), **by).command_id
    if what == 8 and view.payments:
        return payments.remove(store, [dice.choice(view.payments).id], **by)
    opened = [task.id for task in view.tasks if task.state == "open"]
    if what == 9 and opened:
        return tasks.complete(store, [dice.choice(opened)], **by, result="done")
    new_task = tasks.NewTask("Call", deal, assignee_id=story.ivan, due_at=now + DAY)
    return tasks.add(store, new_task, **by)


@pytest.mark.parametrize("seed", range(4))
def test_as_of_a_moment_is_what_was_shown_then(story: Story, seed: int) -> None:
    dice, now = Random(seed), story.now
    own = lists.add(
        story.store, "fields", "Machine", {"subject": "deal", "kind": "text"}, person=None, now=1
    ).id
    shown: list[tuple[int, DealView]] = []
    for _ in range(40):
        now += dice.randrange(1, 3 * DAY)
        act(story, dice, now, own)
        shown.append((now, now_view(story, now)))
    for moment, view in shown:
        same(view, then_view(story, moment))


def test_what_was_taken_back_never_was(story: Story) -> None:
    before = now_view(story, story.now)
    new = payments.NewPayment(Decimal(5), actual_day=5)
    by: dict[str, Any] = {"person": None, "now": story.now + 1}
    made = [
        payments.add(story.store, story.deal, new, **by),
        deals.change(story.store, story.deal, {"amount": Decimal(1)}, **by),
        deals.move(story.store, [story.deal], story.stages["Won"], **by).command_id,
    ]
    for command in reversed(made):
        history.undo(story.store, command, person=None, now=story.now + 2 * DAY)
    then = then_view(story, story.now + DAY)
    assert (then.payments, then.amount, then.stage) == ((), before.amount, before.stage)


def test_before_it_was_there(story: Story) -> None:
    with story.store.read() as r, pytest.raises(NotFound, match="not there yet"):
        dealpast.opened(r, story.deal, now=story.now, as_of=story.at("2026-11-12T10:29"))


def test_a_deleted_deal_is_there_before(story: Story) -> None:
    deals.delete(story.store, [story.deal], person=None, now=story.now + DAY)
    assert then_view(story, story.now).stage == "Meeting held"
    assert not then_view(story, story.now).deleted


def test_the_history_ends_there(story: Story) -> None:
    with story.store.read() as r:
        found = dealpast.opened(
            r, story.deal, now=story.now, as_of=story.at("2026-11-14T12:00")
        )  # fmt: skip
    assert found.deal.stage == "Meeting scheduled"
    assert found.history.lines[0].new == "Meeting scheduled"
    assert found.deal.linked == ()
