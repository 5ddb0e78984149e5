"""What goes along the links between a parent deal and its children, at once and later on."""

import functools
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from salesdesk.models.store import Store
from salesdesk.services import amounts, dealfields, deals, history
from salesdesk.services.moving import DEPTH
from tests.builders import empty_store
from tests.services.answers import assert_rebuilt_alike
from tests.services.test_waking import Office, day


class Linked(Office):
    """A sale that opens an estimate, which tells the sale its price; two own fields."""

    def __init__(self, store: Store) -> None:
        super().__init__(store)
        insert = self.desk.insert
        self.ready = self._stage(self.sale, "Ready")
        self.won = insert("stage", pipeline_id=self.sale, name="Won", name_key="won", kind="won")
        for place, stage in enumerate((self.new, self.work, self.ready, self.won)):
            self.desk.update("stage", stage, position=place)
        self.desk.update("stage", self.priced, position=1)
        self.route, self.load = (
            insert("custom_field", subject="deal", name=name, name_key=name.casefold(), kind=kind)
            for name, kind in (("Route", "text"), ("Loading", "date"))
        )

    def down(self, **values: Any) -> int:
        """Work opens a child in Logistics."""
        return self.desk.insert(
            "link_rule", stage_id=self.work, kind="open_child", target_stage_id=self.asked,
            copied='["amount", "expected_day", "Route", "Loading"]', **values,
        )  # fmt: skip

    def up(self, **values: Any) -> int:
        """Priced moves the parent to Ready."""
        filled = values.pop("filled", '["cost", "Route"]')
        return self.desk.insert(
            "link_rule", stage_id=self.priced, kind="move_parent", target_stage_id=self.ready,
            filled=filled, **values,
        )  # fmt: skip

    def own(self, deal: int, field: int, value: object) -> int:
        return dealfields.set_own_field(
            self.store, deal, field, value, person=self.person, now=self.now
        )

    def child(self, deal: int) -> int:
        with self.store.read() as r:
            found = r.value("SELECT max(id) FROM deal WHERE parent_id = ?", (deal,))
        return int(found)

    def opened(self, **values: Any) -> tuple[int, int]:
        """A deal at work and its child."""
        deal = self.deal(amount=Decimal(100), expected_day=day("2026-12-01"), **values)
        self.own(deal, self.route, "Omsk")
        self.move(deal, self.work)
        return deal, self.child(deal)

    def value(self, deal: int, name: str) -> Any:
        """A column of a deal, or an own field by its name."""
        with self.store.read() as r:
            if name[0].isupper():
                return r.value(
                    "SELECT v.value FROM field_value v JOIN custom_field f ON f.id = v.field_id "
                    "WHERE v.subject_id = ? AND f.name = ? AND v.deleted_at IS NULL",
                    (deal, name),
                )
            return r.value(f"SELECT {name} FROM deal WHERE id = ?", (deal,))

    def stage(self, deal: int) -> int:
        return int(self.value(deal, "stage_id"))


@pytest.fixture
def linked(tmp_path: Path) -> Iterator[Linked]:
    with empty_store(tmp_path) as store:
        yield Linked(store)


# -- at the move ----------------------------------------------------------------------------------


def test_a_child_takes_columns_and_own_fields_along(linked: Linked) -> None:
    linked.down()
    deal, child = linked.opened()
    assert linked.value(child, "amount") == 1_000_000
    assert linked.value(child, "expected_day") == day("2026-12-01")
    assert linked.value(child, "Route") == "Omsk"
    assert linked.value(child, "Loading") is None
    with linked.store.read() as r:
        last = r.value("SELECT max(id) FROM command")
    history.undo(linked.store, last, person=None, now=linked.now)
    with linked.store.read() as r:
        assert r.value("SELECT count(*) FROM field_value v JOIN deal d ON d.id = v.subject_id "
                       "WHERE v.deleted_at IS NULL AND d.parent_id = ?", (deal,)) == 0  # fmt: skip
    assert_rebuilt_alike(linked.store, linked.now)


def test_a_child_fills_its_parent_in_and_moves_it_on(linked: Linked) -> None:
    linked.down()
    linked.up()
    deal, child = linked.opened()
    linked.change(child, cost=Decimal(30))
    linked.own(child, linked.route, "Omsk-Perm")
    linked.move(child, linked.priced)
    assert linked.stage(deal) == linked.ready
    assert (linked.value(deal, "cost"), linked.value(deal, "Route")) == (300_000, "Omsk-Perm")


def test_nothing_is_filled_in_with_nothing(linked: Linked) -> None:
    linked.down()
    linked.up()
    deal, child = linked.opened(cost=Decimal(5))
    linked.own(child, linked.route, None)
    linked.move(child, linked.priced)
    assert (linked.value(deal, "cost"), linked.value(deal, "Route")) == (50_000, "Omsk")


def test_money_in_another_currency_is_converted_or_left_out(linked: Linked) -> None:
    linked.down()
    linked.up()
    linked.desk.rate("USD", "90")
    for currency, cost in (("USD", 2_700_000), ("XYZ", None)):
        deal, child = linked.opened()
        linked.change(child, cost=Decimal(3), currency=currency)
        linked.move(child, linked.priced)
        assert linked.value(deal, "cost") == cost


def test_winning_the_parent_closes_nothing_in_its_children(linked: Linked) -> None:
    linked.down()
    linked.rule(stage_id=linked.asked, title="Estimate", leave_policy="cancel")
    deal, child = linked.opened()
    done = deals.move(linked.store, [deal], linked.won, person=linked.person, now=linked.now)
    assert (done.tasks_closed, done.deals_moved) == ((), ())
    assert linked.stage(child) == linked.asked
    assert linked.due(child, "Estimate")[0] == "planned"


# -- forward, and back only where the rule says so ------------------------------------------------


@pytest.mark.parametrize(
    ("stands", "back", "moves"),
    [("new", 0, True), ("ready", 0, False), ("won", 0, False), ("won", 1, True)],
)
def test_a_parent_moves_forward_unless_the_link_allows_back(
    linked: Linked, stands: str, back: int, moves: bool
) -> None:
    linked.down()
    linked.up(allows_back=back)
    deal, child = linked.opened()
    stage = getattr(linked, stands)
    linked.move(deal, stage)
    linked.change(child, cost=Decimal(30))
    linked.move(child, linked.priced)
    assert linked.stage(deal) == (linked.ready if moves else stage)
    assert linked.value(deal, "cost") == 300_000


def test_a_lost_parent_is_left_alone(linked: Linked) -> None:
    linked.down()
    linked.up()
    lost = linked.desk.insert(
        "stage", pipeline_id=linked.sale, name="Lost", name_key="lost", kind="lost", position=9
    )
    deal, child = linked.opened()
    linked.move(deal, lost)
    linked.change(child, cost=Decimal(30))
    linked.move(child, linked.priced)
    assert (linked.stage(deal), linked.value(deal, "cost")) == (lost, None)


@pytest.mark.parametrize("gone", [{"deleted_at": 1}, {"archived": 1}])
def test_a_stage_that_cannot_be_entered_stops_no_move(linked: Linked, gone: dict[str, int]) -> None:
    linked.down()
    linked.up()
    deal, child = linked.opened()
    linked.desk.update("stage", linked.ready, **gone)
    linked.change(child, cost=Decimal(30))
    linked.move(child, linked.priced)
    assert (linked.stage(deal), linked.value(deal, "cost")) == (linked.work, 300_000)
    linked.desk.update("stage", linked.asked, **gone)
    other = linked.deal()
    linked.move(other, linked.work)
    with linked.store.read() as r:
        assert r.value("SELECT count(*) FROM deal WHERE parent_id = ?", (other,)) == 0


# -- in step --------------------------------------------------------------------------------------


def test_later_changes_of_the_parent_go_to_its_open_children(linked: Linked) -> None:
    linked.down(keeps_in_step=1)
    linked.rule(stage_id=linked.asked, title="Load", due_rule="before_date", amount=1,
                date_field="Loading")  # fmt: skip
    deal, child = linked.opened()
    assert linked.due(child, "Load") == ("waiting", None)
    loaded = linked.own(deal, linked.load, day("2026-11-20"))
    assert linked.value(child, "Loading") == "2026-11-20"
    assert linked.due(child, "Load") == ("planned", "2026-11-19 18:00")
    dearer = linked.change(deal, amount=Decimal(200), currency="USD")
    assert (linked.value(child, "amount"), linked.value(child, "currency")) == (2_000_000, "USD")
    assert_rebuilt_alike(linked.store, linked.now)
    history.undo(linked.store, dearer, person=None, now=linked.now)
    history.undo(linked.store, loaded, person=None, now=linked.now)
    assert (linked.value(child, "amount"), linked.value(child, "Loading")) == (1_000_000, None)
    assert linked.due(child, "Load") == ("waiting", None)


def test_a_link_that_does_not_keep_in_step_leaves_children_alone(linked: Linked) -> None:
    linked.down()
    deal, child = linked.opened()
    linked.change(deal, amount=Decimal(200))
    assert linked.value(child, "amount") == 1_000_000


def test_what_was_changed_in_the_child_stays(linked: Linked) -> None:
    linked.down(keeps_in_step=1)
    deal, child = linked.opened()
    by_hand = linked.change(child, amount=Decimal(150))
    linked.change(deal, amount=Decimal(200), expected_day=day("2026-12-24"))
    assert linked.value(child, "amount") == 1_500_000
    assert linked.value(child, "expected_day") == day("2026-12-24")
    history.undo(linked.store, by_hand, person=None, now=linked.now)
    linked.change(deal, amount=Decimal(100))
    linked.change(deal, amount=Decimal(300))
    assert linked.value(child, "amount") == 3_000_000


def test_closed_children_and_those_of_a_person_stay(linked: Linked) -> None:
    linked.down(keeps_in_step=1)
    done = linked.desk.insert(
        "stage", pipeline_id=linked.other, name="Done", name_key="done", kind="won", position=5
    )
    deal, child = linked.opened()
    new = deals.NewDeal("By hand", linked.asked, parent_id=deal, amount=Decimal(100))
    [own] = deals.create(linked.store, new, person=None, now=linked.now).deal_ids
    linked.move(child, done)
    linked.change(deal, amount=Decimal(200))
    assert (linked.value(child, "amount"), linked.value(own, "amount")) == (1_000_000, 1_000_000)


def test_later_changes_of_the_child_reach_the_parent(linked: Linked) -> None:
    linked.down()
    linked.up(keeps_in_step=1)
    deal, child = linked.opened()
    linked.change(child, cost=Decimal(10))
    assert linked.value(deal, "cost") is None  # not there yet
    linked.move(child, linked.priced)
    linked.change(child, cost=Decimal(20))
    linked.own(child, linked.route, "Ob")
    assert (linked.value(deal, "cost"), linked.value(deal, "Route")) == (200_000, "Ob")
    linked.change(deal, cost=Decimal(25))
    linked.change(child, cost=Decimal(30))
    assert linked.value(deal, "cost") == 250_000  # set by hand


def test_a_childs_price_has_a_place_of_its_own_at_the_parent(linked: Linked) -> None:
    price = linked.desk.insert(
        "custom_field", subject="deal", name="Price", name_key="price", kind="money"
    )
    linked.down()
    linked.up(keeps_in_step=1, filled='["cost -> Price", "cost -> Route", "cost -> Gone"]')
    deal, child = linked.opened()
    linked.change(child, cost=Decimal("10.5"))
    linked.move(child, linked.priced)
    assert (linked.value(deal, "Price"), linked.value(deal, "cost")) == ("10.5", None)
    assert linked.value(deal, "Route") == "Omsk"  # no place for money
    linked.change(child, cost=Decimal(20))
    assert (linked.value(deal, "Price"), linked.value(deal, "cost")) == ("20", None)
    linked.own(deal, price, Decimal(25))
    linked.change(child, cost=Decimal(30))
    assert linked.value(deal, "Price") == "25"  # set by hand
    assert_rebuilt_alike(linked.store, linked.now)


def test_a_change_runs_down_a_chain_and_round_no_circle(linked: Linked) -> None:
    linked.down(keeps_in_step=1)
    linked.up(keeps_in_step=1, filled='["amount"]')
    third = linked.desk.insert("pipeline", name="Works", name_key="works")
    works = linked._stage(third, "Planned")
    linked.desk.insert(
        "link_rule", stage_id=linked.priced, kind="open_child", target_stage_id=works,
        copied='["amount"]', keeps_in_step=1,
    )  # fmt: skip
    deal, child = linked.opened()
    linked.move(child, linked.priced)
    below = linked.child(child)
    linked.change(deal, amount=Decimal(7))
    assert [linked.value(one, "amount") for one in (deal, child, below)] == [70_000] * 3
    linked.change(child, amount=Decimal(8))
    assert [linked.value(one, "amount") for one in (deal, child, below)] == [80_000] * 3
    assert_rebuilt_alike(linked.store, linked.now)


# -- chains ---------------------------------------------------------------------------------------


def test_a_circle_that_is_there_all_the_same_comes_to_an_end(linked: Linked) -> None:
    """Saving refuses one; a file edited by hand does not."""
    linked.down()
    link = functools.partial(linked.desk.insert, "link_rule")
    link(stage_id=linked.asked, kind="move_parent", target_stage_id=linked.new, allows_back=1)
    link(stage_id=linked.new, kind="open_child", target_stage_id=linked.priced)
    link(stage_id=linked.priced, kind="move_parent", target_stage_id=linked.work)
    link(stage_id=linked.priced, kind="open_child", target_stage_id=linked.new)
    begun = deals.NewDeal("Deal", linked.ready)
    [deal] = deals.create(linked.store, begun, person=None, now=linked.now).deal_ids
    done = deals.move(linked.store, [deal], linked.work, person=linked.person, now=linked.now)
    assert 0 < len(done.deals_created) <= 2**DEPTH
    with linked.store.read() as r:
        assert not r.rows(
            "SELECT 1 FROM stage_move WHERE command_id = ? GROUP BY deal_id, to_stage_id "
            "HAVING count(*) > 1",
            (done.command_id,),
        )
    assert linked.stage(deal) == linked.new


def test_a_parent_moved_twice_in_a_command_leaves_the_stage_where_it_stood(linked: Linked) -> None:
    """A child that opens may move its parent on at once: the tasks of the stage between are those
    of the stage left."""
    linked.down()
    linked.desk.insert(
        "link_rule", stage_id=linked.asked, kind="move_parent", target_stage_id=linked.ready
    )
    linked.rule(title="Between", leave_policy="cancel")
    deal = linked.deal()
    done = deals.move(linked.store, [deal], linked.work, person=linked.person, now=linked.now)
    assert linked.stage(deal) == linked.ready
    assert (done.tasks_created, done.tasks_closed) == (("Between",), ("Between",))


def test_a_deal_named_twice_moves_once(linked: Linked) -> None:
    linked.rule()
    deal = linked.deal()
    done = deals.move(linked.store, [deal, deal], linked.work, person=linked.person, now=linked.now)
    assert done.tasks_created == ("Do it",)


def test_deals_moved_together_are_spread_over_the_team(linked: Linked) -> None:
    team = linked.desk.insert("team", name="T", name_key="t")
    people = [linked.desk.person(name, team_id=team) for name in ("Bob", "Cid")]
    linked.rule(assignee_rule="least_loaded", team_id=team)
    ids = [linked.deal() for _ in range(4)]
    deals.move(linked.store, ids, linked.work, person=linked.person, now=linked.now)
    with linked.store.read() as r:
        found = r.rows("SELECT assignee_id FROM task ORDER BY id")
    assert [row[0] for row in found] == [*people, *people]


def test_a_parent_that_is_made_and_moved_at_once_keeps_its_person(linked: Linked) -> None:
    linked.down()
    linked.desk.insert(
        "link_rule", stage_id=linked.asked, kind="move_parent", target_stage_id=linked.ready
    )
    linked.rule(stage_id=linked.ready)
    new = deals.NewDeal("Deal", linked.work, linked.person)
    [deal] = deals.create(linked.store, new, person=None, now=linked.now).deal_ids
    assert (linked.stage(deal), linked.value(deal, "owner_id")) == (linked.ready, linked.person)
    with linked.store.read() as r:
        assert r.value("SELECT assignee_id FROM task WHERE deal_id = ?", (deal,)) == linked.person


def test_money_too_large_in_another_currency_does_not_come_along(linked: Linked) -> None:
    linked.down()
    linked.up()
    linked.desk.rate("USD", "90")
    deal, child = linked.opened()
    linked.change(child, currency="USD", cost=amounts.LIMIT - 1)
    linked.move(child, linked.priced)
    assert (linked.stage(deal), linked.value(deal, "cost")) == (linked.ready, None)
