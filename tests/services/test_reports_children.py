"""The report on child deals: by any field of their parent, with planned and actual deadlines."""

import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from salesdesk import cli
from salesdesk.models.store import Store
from salesdesk.services import dealfields, deals, filters, lists, quotes
from salesdesk.services.periods import Period
from salesdesk.services.reports_children import Asked, Child, children
from tests.services.configured import NOW, hire, stage, workspace

_DAY = 86_400_000_000
LATER = NOW + 30 * _DAY


class Chain:
    """Two sales: one won with a late transport, one at the estimate with nothing agreed yet."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.today = store.zone.day_of(NOW)
        self.seller = hire(store, "Maria Kim")
        self.works = hire(store, "Sergey Frolov", in_ranking=False)
        self.won, self.open = (self.sale(title) for title in ("Crane", "Racks"))
        [self.late], [self.new] = self.of(self.won, "Logistics"), self.of(self.open, "Logistics")
        new = quotes.NewQuote(Decimal(310_000), contractor="Magistral", service="Road transport",
                              deal_id=self.late)  # fmt: skip
        self.quote = quotes.add(store, new, person=None, now=NOW).id
        quotes.accept(store, self.quote, planned_day=self.today + 5, person=None, now=NOW)

    def sale(self, title: str) -> int:
        new = deals.NewDeal(title, stage(self.store, "New request"), self.seller)
        [made] = deals.create(self.store, new, person=None, now=NOW).deal_ids
        with self.store.read() as r:
            route = lists.find(r, "fields", "Route").id
        dealfields.set_own_field(self.store, made, route, f"To {title}", person=None, now=NOW)
        self.move(made, "Estimate")
        return made

    def move(self, deal: int, name: str, pipeline: str = "Turnkey services", at: int = NOW) -> None:
        deals.move(
            self.store, [deal], stage(self.store, name, pipeline), override="quickly",
            person=None, now=at,
        )  # fmt: skip

    def of(self, parent: int, pipeline: str) -> list[int]:
        with self.store.read() as r:
            return [
                row[0]
                for row in r.rows(
                    "SELECT d.id FROM deal d JOIN pipeline p ON p.id = d.pipeline_id "
                    "WHERE d.parent_id = ? AND p.name = ?",
                    (parent, pipeline),
                )
            ]

    def ask(self, now: int = LATER, **asked: Any) -> list[Child]:
        period = Period(self.today, self.today + 40)
        with self.store.read() as r:
            return children(r, period, Asked(**asked), now=now)


@pytest.fixture
def chain(tmp_path: Path) -> Iterator[Chain]:
    with workspace(tmp_path, "turnkey") as store:
        yield Chain(store)


def test_planned_and_actual_deadlines(chain: Chain) -> None:
    found = {one.id: one for one in chain.ask()}
    assert set(found) == {chain.late, chain.new}
    late = found[chain.late]
    assert (late.planned_day, late.actual_day) == (chain.today + 5, None)
    assert late.late_days == 25
    assert late.contractors == "Magistral"
    assert (late.parent, late.parent_stage, late.parent_person) == (
        "Crane",
        "Estimate",
        "Maria Kim",
    )
    assert (found[chain.new].planned_day, found[chain.new].late_days) == (None, None)
    quotes.finish(chain.store, chain.quote, chain.today + 7, person=None, now=LATER)
    [late] = [one for one in chain.ask() if one.id == chain.late]
    assert (late.actual_day, late.late_days, late.overdue) == (chain.today + 7, 2, True)


def test_without_a_contractor_the_close_date_is_the_plan(chain: Chain) -> None:
    day = chain.today + 3
    deals.change(chain.store, chain.open, {"expected_day": day}, person=None, now=NOW)
    [new] = [one for one in chain.ask(now=NOW) if one.id == chain.new]
    assert new.planned_day == day, "the link keeps it in step"
    chain.move(chain.new, "Delivered", "Logistics", at=NOW + 4 * _DAY)
    [new] = [one for one in chain.ask() if one.id == chain.new]
    assert (new.actual_day, new.late_days) == (chain.today + 4, 1)


def test_children_by_their_parents(chain: Chain) -> None:
    chain.move(chain.won, "Won", at=NOW + _DAY)
    with chain.store.read() as r:
        route = lists.find(r, "fields", "Route").id
    won = frozenset({stage(chain.store, "Won")})
    assert {one.parent for one in chain.ask(parent_stages=won)} == {"Crane"}
    assert {one.pipeline for one in chain.ask(parent_stages=won)} == {"Logistics", "Service"}
    to_racks = filters.from_texts({f"f{route}": "~Racks"})
    assert [one.id for one in chain.ask(parent=to_racks)] == [chain.new]
    assert [one.id for one in chain.ask(overdue=True)] == [chain.late]
    with chain.store.read() as r:
        carrier = r.value("SELECT id FROM contractor")
    assert [one.id for one in chain.ask(contractor_id=carrier)] == [chain.late]
    assert chain.ask(contractor_id=carrier, parent=to_racks) == []
    assert chain.ask(person_id=chain.works) == []


def test_on_the_command_line(chain: Chain, capsys: pytest.CaptureFixture[str]) -> None:
    path = str(chain.store.path)
    chain.store.close()
    day = "2026-11-20"
    words = ["--workspace", path, "--now", "2026-12-20", "report", "children", "--from", day,
             "--to", day]  # fmt: skip
    assert cli.main([*words, "--parent", "Route=~Crane", "--overdue", "--json"]) == 0
    [row] = json.loads(capsys.readouterr().out)["rows"]
    assert row["id"] == chain.late
    assert (row["planned"], row["actual"], row["overdue"]) == ("2026-11-25", None, True)
    assert (row["contractors"], row["cost"], row["parent_id"]) == (
        "Magistral", "310000.00", chain.won
    )  # fmt: skip
    assert cli.main([*words, "--parent", "person=Maria Kim", "--parent", "stage=Estimate"]) == 0
    told = capsys.readouterr().out
    assert "Magistral" in told
    assert "Days late" in told
    for wrong, status in (
        (["--parent", "Shoe=42"], 1), (["--parent", "Route"], 2), (["--contractor", "Nobody"], 1),
        (["--parent", "stage=Nowhere"], 1), (["--parent", "created=soon"], 1),
    ):  # fmt: skip
        assert cli.main([*words, *wrong]) == status
        assert capsys.readouterr().err.strip()
