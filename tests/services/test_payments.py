"""Payments of a deal: parts, sums, what the history says, and undo."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesdesk.errors import Invalid, NotFound, Refused
from salesdesk.services import deals, dealview, history, payments
from salesdesk.services.dealhistory import history as history_of
from salesdesk.services.payments import NewPayment, PaymentLine, PaymentSums
from tests.latest import undo_last
from tests.services.deal_story import Story, told_story


@pytest.fixture
def story(tmp_path: Path) -> Iterator[Story]:
    made = told_story(tmp_path)
    yield made
    made.store.close()


def lines(story: Story) -> tuple[PaymentLine, ...]:
    with story.store.read() as r:
        return payments.of_deal(r, story.deal, today=today(story))


def sums(story: Story) -> PaymentSums:
    with story.store.read() as r:
        return dealview.deal_view(r, story.deal, now=story.now).sums


def today(story: Story) -> int:
    return story.store.zone.day_of(story.now)


def add(story: Story, amount: int, **fields: object) -> int:
    new = NewPayment(Decimal(amount), **fields)  # type: ignore[arg-type]
    payments.add(story.store, story.deal, new, person=story.maria, now=story.now)
    return max(line.id for line in lines(story))


def told(story: Story) -> list[tuple[str, object, object, str]]:
    with story.store.read() as r:
        found = history_of(r, story.deal).lines
    return [
        (line.kind, line.old, line.new, line.subject)
        for line in found
        if line.kind.startswith("payment") or line.kind == "undo"
    ]


def test_planned_late_and_paid(story: Story) -> None:
    day = today(story)
    add(story, 372_000, planned_day=day - 1)
    add(story, 400_000, planned_day=day)
    add(story, 100_000, actual_day=day - 2)
    assert [line.state for line in lines(story)] == ["late", "planned", "paid"]
    found = sums(story)
    assert (found.paid, found.planned, found.late) == (
        Decimal(100_000), Decimal(772_000), Decimal(372_000),
    )  # fmt: skip
    assert (found.left, found.percent, found.late_count) == (Decimal(1_140_000), 8, 1)


def test_what_a_lost_deal_has_not_paid_is_late_no_more(story: Story) -> None:
    day = today(story)
    add(story, 372_000, planned_day=day - 1)
    add(story, 100_000, actual_day=day - 2)
    deals.move(story.store, [story.deal], story.stages["Lost"], person=None, now=story.now)
    assert [line.state for line in lines(story)] == ["planned", "paid"]
    assert (sums(story).late, sums(story).late_count) == (Decimal(0), 0)
    with story.store.read() as r:  # and beside its parent it is not told
        theirs = payments.of_deals(r, [story.deal], today=day)
    assert [line.state for line in theirs[story.deal]] == ["paid"]
    undo_last(story.store, person=None, now=story.now)
    assert sums(story).late_count == 1


def test_paying_a_part_splits_and_one_undo_joins_again(story: Story) -> None:
    payment = add(story, 500_000, planned_day=today(story), note="Advance")
    done = payments.pay(
        story.store, payment, amount=Decimal(200_000), person=story.maria, now=story.now
    )
    assert (done.rest, done.over) == (Decimal(300_000), Decimal(0))
    rest, paid = lines(story)
    assert (rest.amount, rest.state, rest.note) == (Decimal(300_000), "planned", "Advance")
    assert rest.planned_day == today(story)
    assert (paid.id, paid.amount, paid.actual_day) == (payment, Decimal(200_000), today(story))
    assert [event[:3] for event in told(story)[:2]] == [
        ("payment", None, Decimal(300_000)), ("payment_paid", None, Decimal(200_000)),
    ]  # fmt: skip
    history.undo(story.store, done.command_id, person=story.maria, now=story.now)
    [whole] = lines(story)
    assert (whole.amount, whole.state) == (Decimal(500_000), "planned")


def test_paying_more_than_planned_is_allowed_and_told(story: Story) -> None:
    payment = add(story, 1_000_000)
    done = payments.pay(
        story.store, payment, amount=Decimal(1_300_000), person=story.maria, now=story.now
    )
    assert (done.rest_id, done.over) == (None, Decimal(300_000))
    assert sums(story).over == Decimal(60_000)
    assert sums(story).left == 0


def test_money_out_goes_to_a_contractor_and_adds_up_apart(story: Story) -> None:
    add(story, 90_000, direction="out", contractor="Rigging  Ltd")
    add(story, 10_000, direction="out", contractor="rigging ltd", actual_day=today(story))
    found = lines(story)
    assert {line.contractor for line in found} == {"Rigging Ltd"}
    assert (sums(story).planned_out, sums(story).paid_out, sums(story).paid) == (
        Decimal(90_000), Decimal(10_000), Decimal(0),
    )  # fmt: skip
    with story.store.read() as r:
        assert payments.find_contractors(r, "RIG") == ["Rigging Ltd"]


def test_foreign_payments_count_at_the_rate_or_are_named(story: Story) -> None:
    with story.store.command("rate.set", now=story.now) as tx:
        tx.insert("rate", [{"currency": "USD", "rate": 90 * 100_000_000}])
    add(story, 1_000, currency="usd", actual_day=today(story))
    add(story, 5, currency="XAU", actual_day=today(story))
    assert (sums(story).paid, sums(story).unrated) == (Decimal(90_000), ("XAU",))


def test_each_change_is_told_with_what_the_payment_was_then(story: Story) -> None:
    payment, day = add(story, 100), today(story)
    by: dict[str, Any] = {"person": story.maria, "now": story.now}
    payments.change(story.store, payment, {"amount": Decimal(120)}, **by)
    payments.change(story.store, payment, {"planned_day": day + 3}, **by)
    payments.pay(story.store, payment, **by)
    payments.unpay(story.store, payment, **by)
    removed = payments.remove(story.store, [payment], **by)
    history.undo(story.store, removed, **by)
    assert told(story) == [
        ("undo", Decimal(120), None, "in"),
        ("payment_removed", Decimal(120), None, "in"),
        ("payment_unpaid", None, Decimal(120), "in"),
        ("payment_paid", None, Decimal(120), "in"),
        ("payment_due", None, day + 3, "in"),
        ("payment_changed", Decimal(100), Decimal(120), "in"),
        ("payment", None, Decimal(100), "in"),
    ]


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"amount": Decimal(0)}, "above 0"),
        ({"amount": Decimal("NaN")}, "above 0"),
        ({"direction": "sideways"}, "sideways"),
        ({"currency": "rubles"}, "rubles"),
        ({"actual_day": 900_000}, "has not come yet"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_what_cannot_be_taken_is_said_and_changes_nothing(
    story: Story, values: dict[str, object], words: str
) -> None:
    payment = add(story, 100)
    before = lines(story)
    with pytest.raises(Invalid, match=words):
        payments.change(story.store, payment, values, person=None, now=story.now)
    assert lines(story) == before


def test_paid_twice_or_gone(story: Story) -> None:
    payment = add(story, 100, actual_day=today(story))
    with pytest.raises(Refused, match="already"):
        payments.pay(story.store, payment, person=None, now=story.now)
    payments.remove(story.store, [payment], person=None, now=story.now)
    with pytest.raises(NotFound):
        payments.pay(story.store, payment, person=None, now=story.now)


_LINE = st.builds(
    PaymentLine,
    id=st.integers(1, 99),
    direction=st.sampled_from(["in", "out"]),
    amount=st.decimals(min_value="0.01", max_value=10**9, places=2),
    currency=st.sampled_from(["RUB", "USD", "XAU"]),
    planned_day=st.none(),
    actual_day=st.none(),
    contractor_id=st.none(),
    contractor=st.none(),
    note=st.none(),
    state=st.sampled_from(["planned", "late", "paid"]),
)


@given(st.lists(_LINE, max_size=12), st.none() | st.decimals(0, 10**9, places=2))
def test_every_line_is_in_one_sum_or_named(
    found: list[PaymentLine], amount: Decimal | None
) -> None:
    rates = {"RUB": Decimal(1), "USD": Decimal(90)}
    total = payments.sums(found, amount, "RUB", rates)
    counted = sum(
        (line.amount * rates[line.currency] for line in found if line.currency in rates), Decimal(0)
    )
    assert total.paid + total.planned + total.paid_out + total.planned_out == counted
    assert bool(total.unrated) == any(line.currency == "XAU" for line in found)
    assert total.late <= total.planned
    if amount is not None and total.left is not None:
        assert total.left - total.over == amount - total.paid


def test_less_than_the_smallest_amount_is_nothing(story: Story) -> None:
    new = NewPayment(Decimal("0.00001"))
    with pytest.raises(Invalid):
        payments.add(story.store, story.deal, new, person=story.maria, now=story.now)
    payment = add(story, 100)
    nearly = Decimal("99.99999")
    done = payments.pay(story.store, payment, amount=nearly, person=story.maria, now=story.now)
    assert (done.rest_id, done.rest, done.over) == (None, Decimal(0), Decimal(0))
    assert [(line.amount, line.state) for line in lines(story)] == [(Decimal(100), "paid")]
