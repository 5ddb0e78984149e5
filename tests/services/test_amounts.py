"""The largest amounts: one limit for all of them, and sums of very many stay exact."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from salesdesk.errors import Invalid
from salesdesk.models.store import Store
from salesdesk.moments import money_of
from salesdesk.services import amounts, board, deals, invariants, lists, own_fields, payments
from salesdesk.services.cards import BoardFilter
from salesdesk.services.periods import of_month
from salesdesk.services.ranking import ranking
from salesdesk.ui import formats
from tests.builders import Desk, day, empty_store
from tests.services.answers import assert_rebuilt_alike
from tests.services.importing import HEAD, bring

NOW = 1_795_000_000_000_000
LARGEST = amounts.LIMIT - Decimal("0.01")
SENTENCE = "A number must be less than 1,000,000,000,000."


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(empty_store(tmp_path))
    yield made
    made.store.close()


def test_one_limit_and_one_sentence(desk: Desk, tmp_path: Path) -> None:
    store, [stage, *_] = desk.store, desk.pipeline("Sales")
    [deal] = deals.create(
        store, deals.NewDeal("Large", stage, amount=LARGEST), person=None, now=NOW
    ).deal_ids
    own = {"subject": "deal", "kind": "number", "options": []}
    field = lists.add(store, "fields", "Area", own, person=None, now=NOW).id
    over = amounts.LIMIT

    def change(name: str) -> None:
        deals.change(store, deal, {name: over}, person=None, now=NOW)

    def own_number() -> None:
        with store.command("deal.field", now=NOW) as tx:
            own_fields.set_value(tx, "deal", deal, field, over)

    for attempt in (
        lambda: change("amount"),
        lambda: change("cost"),
        lambda: deals.create(store, deals.NewDeal("X", stage, amount=-over), person=None, now=NOW),
        lambda: payments.add(store, deal, payments.NewPayment(over), person=None, now=NOW),
        own_number,
    ):
        with pytest.raises(Invalid, match=SENTENCE):
            attempt()
    with pytest.raises(ValueError, match=SENTENCE):
        formats.read_money(str(over))
    lines = f"1,A,,New,,,,{over}\n2,B,,New,,,,{LARGEST}\n"
    result = bring(store, tmp_path, HEAD + lines)
    assert [each.problem for each in result.rejected] == [SENTENCE]
    with store.read() as r:
        assert r.value("SELECT amount FROM deal WHERE title = 'B'") == money_of(LARGEST)


def _fill(store: Store, stage: int, owner: int, count: int) -> None:
    """So many deals of the largest amount; every other has a percent of its own."""
    with store.command("demo", now=NOW) as tx:
        ids = tx.insert(
            "deal",
            [
                {"number": n, "title": "L", "title_key": "l", "currency": "RUB",
                 "amount": money_of(LARGEST), "cost": money_of(LARGEST),
                 "probability": 99 if n % 2 else None}
                for n in range(count)
            ],
        )  # fmt: skip
        tx.insert(
            "stage_move",
            [
                {"deal_id": deal, "to_stage_id": stage, "at": NOW, "recorded_at": NOW,
                 "owner_id": owner, "sets_owner": 1}
                for deal in ids
            ],
        )  # fmt: skip


def test_sums_of_very_many_are_exact(desk: Desk, soak: bool) -> None:
    """Of 100,000 at full size; 2,000 are more than 64 bits hold, too."""
    count = 100_000 if soak else 2_000
    store, stages, ann = desk.store, desk.pipeline("Sales"), desk.person("Ann")
    won, first = stages[5], stages[0]
    _fill(store, won, ann, count)
    _fill(store, first, ann, count)
    with store.read() as r:
        pipeline = board.pipelines(r)[0].id
        whole = {each.id: each for each in board.columns(r, pipeline, now=NOW)}
        mine = BoardFilter(owner_ids=frozenset({ann}))
        chosen = {each.id: each for each in board.columns(r, pipeline, mine, now=NOW)}
        found = ranking(r, of_month(day("2026-11-15")), now=NOW + 1)
        assert invariants.check(r) == []
    total, percent = LARGEST * count, whole[first].probability
    half = total / 2
    for columns in (whole, chosen):
        assert (columns[first].count, columns[first].amount) == (count, total)
        assert columns[first].weighted == (half * percent + half * 99) / 100
        assert columns[won].amount == total
    [row] = [row for row in found.rows if row.person_id == ann]
    assert (row.revenue, row.gross_profit) == (total, Decimal(0))
    deals.move(store, [1, 2], first, person=None, now=NOW + 1)
    assert_rebuilt_alike(store, NOW + 2)


def test_amounts_are_written_with_two_decimals_half_up_and_no_negative_nothing() -> None:
    assert [amounts.written(Decimal(each)) for each in ("2.005", "0.005", "-0.001", "1E+6")] == [
        "2.01", "0.01", "0.00", "1000000.00",
    ]  # fmt: skip
    assert formats.decimal(Decimal("0.125"), 2)[-2:] == "13"
