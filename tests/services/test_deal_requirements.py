"""What a stage asks for: fields, a share paid, tasks done; handed in with a move or overridden."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from salesdesk.errors import Invalid, Refused
from salesdesk.services import deals, dealview, history, lists, payments, pipelines
from salesdesk.services.cards import MoveResult
from salesdesk.services.dealview import DealView
from salesdesk.services.fulfilling import Given, asked
from salesdesk.services.payments import NewPayment
from salesdesk.services.requirements import MoveRefused
from tests.services.deal_story import Story, told_story

TARGET = "Contract signed"


@pytest.fixture
def story(tmp_path: Path) -> Iterator[Story]:
    made = told_story(tmp_path)
    yield made
    made.store.close()


def require(story: Story, **values: object) -> None:
    pipelines.change_stage(
        story.store, story.stages[TARGET], values, person=story.admin, now=story.now
    )


def move(
    story: Story, *given: Given, ids: tuple[int, ...] = (), override: str | None = None
) -> MoveResult:
    return deals.move(
        story.store, ids or [story.deal], story.stages[TARGET], person=story.maria,
        now=story.now, given=given, override=override,
    )  # fmt: skip


def deal(story: Story) -> DealView:
    with story.store.read() as r:
        return dealview.deal_view(r, story.deal, now=story.now)


def must_call(story: Story) -> int:
    [call] = [task.id for task in deal(story).tasks if task.title == "Call about the deposit"]
    with story.store.command("test", now=story.now) as tx:
        tx.update("task", [{"id": call, "must_be_done": 1, "asks_result": 1}])
    return call


def test_a_share_must_be_paid(story: Story) -> None:
    require(story, paid_percent=30)
    with pytest.raises(
        MoveRefused, match="when 30% of 1240000 RUB is paid, so far it is 0%"
    ) as refused:
        move(story)
    [missing] = refused.value.missing
    assert (missing.percent, missing.short) == (30, Decimal(372_000))
    advance = NewPayment(Decimal("371999.99"), actual_day=1)
    payments.add(story.store, story.deal, advance, person=None, now=story.now)
    with pytest.raises(MoveRefused):
        move(story)
    last = NewPayment(Decimal("0.01"), actual_day=1)
    move(story, Given(story.deal, payment=last))
    assert deal(story).stage == TARGET


def test_money_out_and_planned_money_pay_nothing(story: Story) -> None:
    require(story, paid_percent=1)
    for new in (NewPayment(Decimal(900_000)), NewPayment(Decimal(900_000), "out", actual_day=1)):
        payments.add(story.store, story.deal, new, person=None, now=story.now)
    with pytest.raises(MoveRefused):
        move(story)


def test_everything_missing_is_named_at_once(story: Story) -> None:
    call = must_call(story)
    require(story, required=["source", "cost"], paid_percent=30)
    with pytest.raises(MoveRefused) as refused:
        move(story)
    assert refused.value.text() == (
        "“Excavator rental, 3 months” was not moved: Contract signed asks for more. First: "
        "fill in Source, Cost, finish Call about the deposit, 30% of 1240000 RUB paid "
        "(so far 0%)."
    )
    [missing] = refused.value.missing
    assert missing.fields == ("source", "cost")
    assert [(task.id, task.asks_result) for task in missing.tasks] == [(call, True)]


def test_handed_in_with_the_move_it_is_one_command_and_one_undo(story: Story) -> None:
    call = must_call(story)
    machine = lists.add(
        story.store, "fields", "Machine", {"subject": "deal", "kind": "text"}, person=None, now=1
    ).id
    names = ["source", "cost", "contact", "owner", "expected_close", "Machine"]
    require(story, required=names, paid_percent=30)
    story_before = deal(story)
    deals.assign(story.store, [story.deal], None, person=None, now=story.now - 1)
    deals.change(story.store, story.deal, {"contact_id": None}, person=None, now=story.now - 1)
    with story.store.read() as r:
        form = asked(r, names, now=story.now)
    assert [form[name].kind for name in names] == [
        "choice", "money", "contact", "person", "day", "text",
    ]  # fmt: skip
    source = form["source"].options[0][0]
    before = story.store.last_txn()
    done = move(
        story,
        Given(
            story.deal,
            fields={"source": source, "cost": Decimal(5), "contact": "Olga New",
                    "owner": story.ivan, "Machine": "EX-200"},
            done={call: "They will pay on Monday"},
            payment=NewPayment(Decimal(372_000), actual_day=1),
        ),
    )  # fmt: skip
    assert story.store.last_txn() == before + 1
    assert done.tasks_closed[0] == "Call about the deposit"
    now = deal(story)
    assert (now.stage, now.source_id, now.cost, now.contact, now.owner) == (
        TARGET, source, Decimal(5), "Olga New", "Ivan Petrov",
    )  # fmt: skip
    assert [field.value for field in now.fields if field.id == machine] == ["EX-200"]
    assert [task.result for task in now.tasks if task.id == call] == ["They will pay on Monday"]
    history.undo(story.store, done.command_id, person=None, now=story.now)
    after = deal(story)
    assert (after.stage, after.contact, after.cost) == (story_before.stage, None, None)
    assert after.payments == ()
    assert [task.state for task in after.tasks if task.id == call] == ["open"]


def test_what_is_handed_in_is_judged_and_nothing_is_half_done(story: Story) -> None:
    call = must_call(story)
    require(story, required=["cost"])
    before = story.store.last_txn()
    with pytest.raises(Refused, match="asks for a result"):
        move(story, Given(story.deal, fields={"cost": Decimal(5)}, done={call: " "}))
    with pytest.raises(Invalid, match=r"amount|number"):
        move(story, Given(story.deal, fields={"cost": Decimal("Infinity")}))
    with pytest.raises(MoveRefused, match="must be done first"):
        move(story, Given(story.deal, fields={"cost": Decimal(5)}))
    assert story.store.last_txn() == before
    assert deal(story).cost is None


def test_several_deals_say_which_one_misses_what(story: Story) -> None:
    require(story, required=["source"], paid_percent=30)
    others = [
        deals.create(
            story.store,
            deals.NewDeal(f"Crane {n}", story.stages["Meeting held"], amount=Decimal(100)),
            person=None, now=story.now,
        ).deal_ids[0]
        for n in range(6)
    ]  # fmt: skip
    with pytest.raises(MoveRefused) as refused:
        move(story, ids=(story.deal, *others))
    said = refused.value.text()
    assert said.startswith("Nothing was moved: Contract signed asks for more. “Excavator rental")
    assert "“Crane 3”: fill in Source, 30% of 100 RUB paid (so far 0%)" in said
    assert said.endswith("and 2 more deals.")
    assert len(refused.value.missing) == 7
    assert deal(story).stage == "Meeting held"


def test_a_field_taken_off_the_list_is_asked_for_no_more(story: Story) -> None:
    own = lists.add(
        story.store, "fields", "Machine", {"subject": "deal", "kind": "text"}, person=None, now=1
    ).id
    require(story, required=["Machine"])
    lists.remove(story.store, "fields", own, person=None, now=2)
    move(story)
    assert deal(story).stage == TARGET


def test_a_deal_without_an_amount_has_no_share_to_pay(story: Story) -> None:
    require(story, paid_percent=30)
    deals.change(story.store, story.deal, {"amount": None}, person=None, now=story.now)
    move(story)
    assert deal(story).stage == TARGET


def test_a_lead_overrides_with_a_reason_that_is_kept(story: Story) -> None:
    require(story, paid_percent=30)
    with pytest.raises(Refused, match="Only a team lead"):
        move(story, override="They promised")
    deals.move(
        story.store, [story.deal], story.stages[TARGET], person=story.admin, now=story.now,
        override="They promised",
    )  # fmt: skip
    with story.store.read() as r:
        line = dealview.opened(r, story.deal, now=story.now).history.lines[0]
    assert (line.kind, line.reason) == ("move", "They promised")


def _everything(story: Story) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table, the log too."""
    with story.store.read() as r:
        tables = [
            row[0]
            for row in r.rows(
                "SELECT name FROM sqlite_master WHERE type = 'table' "
                "AND name NOT LIKE 'sqlite_%' AND sql NOT LIKE 'CREATE VIRTUAL%'"
            )
        ]
        return {table: r.rows(f"SELECT * FROM {table}") for table in tables}


def test_a_refused_move_leaves_no_trace_but_the_refusal(story: Story) -> None:
    """Nor do fields, payments and results that were handed in with it."""
    call = must_call(story)
    require(story, required=["source", "cost"], paid_percent=30)
    before = _everything(story)
    half = Given(
        story.deal, fields={"cost": Decimal(5)}, done={call: "Done"},
        payment=NewPayment(Decimal(1), actual_day=1),
    )  # fmt: skip
    for given in ((), (half,)):
        with pytest.raises(MoveRefused):
            move(story, *given)
    with pytest.raises(Refused):
        move(story, override="I say so")  # Maria leads nobody
    assert _everything(story) == before
