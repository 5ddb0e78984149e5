"""An own field that is called otherwise stays what rules, links, stages and tasks mean."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from salesdesk.services import history, lists, rule_problems
from tests.builders import empty_store
from tests.services.test_linked_fields import Linked
from tests.services.test_waking import day

BY: dict[str, Any] = {"person": None, "now": 1}
TABLES = ("task_rule", "link_rule", "stage", "custom_field")


@pytest.fixture
def linked(tmp_path: Path) -> Iterator[Linked]:
    with empty_store(tmp_path) as store:
        yield Linked(store)


def rename(office: Linked, field: int, name: str) -> int:
    return lists.change(office.store, "fields", field, {"name": name}, **BY).command_id


def configured(office: Linked) -> list[list[Any]]:
    with office.store.read() as r:
        return [r.rows(f"SELECT * FROM {table} ORDER BY id") for table in TABLES]


def test_rules_and_links_follow_a_renamed_field(linked: Linked) -> None:
    linked.down()
    linked.up(filled='["cost -> Price", "Route", "cost"]')
    price = linked.desk.insert(
        "custom_field", subject="deal", name="Price", name_key="price", kind="money"
    )
    linked.desk.update("stage", linked.priced, required='["Route", "amount"]')
    linked.rule(title="Load", due_rule="before_date", date_field="Loading", amount=2,
                description="{route} by {Loading} for {amount}")  # fmt: skip
    linked.rule(title="Drive", due_rule="on_event", event="field_filled", event_field="Loading")
    deal = linked.deal(amount=Decimal(100))
    linked.move(deal, linked.work)
    before = configured(linked)
    commands = [rename(linked, linked.route, "Way"), rename(linked, linked.load, "Loads on"),
                rename(linked, price, "Transport")]  # fmt: skip
    with linked.store.read() as r:
        assert rule_problems.problems(r, now=linked.now) == []
        assert r.value("SELECT required FROM stage WHERE id = ?", (linked.priced,)) == (
            '["Way", "amount"]'
        )
        assert r.value("SELECT copied FROM link_rule WHERE kind = 'open_child'") == (
            '["amount", "expected_day", "Way", "Loads on"]'
        )
        assert r.value("SELECT filled FROM link_rule WHERE kind = 'move_parent'") == (
            '["cost -> Transport", "Way", "cost"]'
        )
        assert r.value("SELECT description FROM task_rule WHERE description IS NOT NULL") == (
            "{Way} by {Loads on} for {amount}"
        )
    linked.own(deal, linked.load, day("2026-12-24"))
    with linked.store.read() as r:
        due: dict[str, int] = dict(
            r.rows("SELECT title, due_at IS NOT NULL FROM task WHERE deal_id = ?", (deal,))
        )
    assert due == {"Load": 1, "Drive": 1}  # what waited for the field has woken
    for command in reversed(commands):
        history.undo(linked.store, command, person=None, now=linked.now)
    assert configured(linked) == before


def test_a_column_stays_a_column_where_an_own_field_is_called_so(linked: Linked) -> None:
    linked.down()
    linked.rule(description="About {amount}")
    own = linked.desk.insert(
        "custom_field", subject="deal", name="amount", name_key="amount", kind="text"
    )
    rename(linked, own, "Sum")
    with linked.store.read() as r:
        assert "Sum" not in r.value("SELECT copied FROM link_rule")
        assert r.value("SELECT description FROM task_rule") == "About {amount}"
