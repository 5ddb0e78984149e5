"""The numbers of the reports on tasks, clients, payments and refusals equal a slow independent
recomputation on random histories, and what is behind each of them adds up to it."""

import random
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from salesdesk.models.store import Reader
from salesdesk.services import action_plans, planning, report_catalog
from salesdesk.services.periods import Period
from salesdesk.services.report_table import Query, Row, Table
from tests.builders import Desk, empty_store
from tests.conftest import SOAK
from tests.histories import DAYS, FIRST, STEPS, Step, Team, moments
from tests.oracle import tables_oracle as oracle
from tests.oracle.tables_oracle import Asked, Books

MARCH = 2026 * 12 + 2


class Office(Team):
    """A team with clients, payments, kinds of task and plans of actions; remembers what each deal
    was offered for."""

    def __init__(self, desk_store: Any, skipped: bool) -> None:
        super().__init__(desk_store, skipped)
        self.offers: dict[int, list[tuple[int | None, str]]] = {}

    def _deal(self, at: int, one: int, other: int, who: int) -> None:
        super()._deal(at, one, other, who)
        self._offered(self.deals[-1])

    def _move(self, at: int, one: int, other: int, who: int) -> None:
        """Half of the moves win, lose, or begin again."""
        ends = [self.stages[place] for place in (0, 7, 8, 9, 2, 7)]
        kept, self.stages = self.stages, ends if who % 2 else self.stages
        super()._move(at, one | 1 if who % 2 else one, other, who)
        self.stages = kept

    def _change(self, at: int, one: int, other: int, who: int) -> None:
        super()._change(at, one, other, who)
        self._offered(self.pick(self.deals, one))

    def _offered(self, deal: int) -> None:
        with self.desk.store.read() as r:
            row = r.row("SELECT amount, currency FROM deal WHERE id = ?", (deal,))
        assert row is not None
        self.offers.setdefault(deal, []).append((row[0], row[1]))

    def first_offer(self, deal: int) -> tuple[int | None, str]:
        told = self.offers[deal]
        return next((each for each in told if each[0]), told[-1])

    def furnish(self, chance: random.Random) -> None:
        """Clients, sources, payments, kinds of task: by chance."""
        desk = self.desk
        self.sources = [desk.insert("source", name=n, name_key=n) for n in ("web", "call")]
        self.industries = [desk.insert("industry", name=n, name_key=n) for n in ("trade", "farms")]
        self.kinds = [desk.insert("task_kind", name=n, name_key=n) for n in ("call", "visit")]
        some = [None, *self.sources], [None, *self.industries]
        self.clients: list[int] = []
        for n in range(5):
            self.clients.append(
                desk.insert(
                    "client", kind="company" if n < 3 else "contact", name=f"C{n}",
                    name_key=f"c{n}", source_id=chance.choice(some[0]),
                    industry_id=chance.choice(some[1]),
                    company_id=chance.choice([None, *self.clients[:3]]) if n > 2 else None,
                )
            )  # fmt: skip
        contractors = [None, desk.insert("contractor", name="Haulier", name_key="haulier")]
        for deal in self.deals:
            desk.update(
                "deal", deal, client_id=chance.choice([None, *self.clients[:3]]),
                contact_id=chance.choice([None, *self.clients[3:]]),
                source_id=chance.choice(some[0]), industry_id=chance.choice(some[1]),
            )  # fmt: skip
            for _ in range(chance.randrange(4)):
                self._payment(desk, deal, chance, contractors)
        for task in self.tasks:
            loose = chance.random() < 0.3
            own = {"client_id": chance.choice(self.clients)} if loose else {}
            desk.update("task", task, kind_id=chance.choice([None, *self.kinds]), **own)
        for person in self.people[:2]:
            for month in (MARCH - 1, MARCH):
                desk.plan("actions", month, str(chance.randrange(9)), person_id=person or 0,
                          kind_id=chance.choice(self.kinds))  # fmt: skip

    def _payment(
        self, desk: Desk, deal: int, chance: random.Random, contractors: list[int | None]
    ) -> None:
        days = [None, *(FIRST + chance.randrange(-5, DAYS + 5) for _ in range(3))]
        desk.insert(
            "payment", deal_id=deal, direction=chance.choice(("in", "out")),
            amount=chance.randrange(1, 10**7), currency=chance.choice(("RUB", "USD", "EUR", "XYZ")),
            planned_day=chance.choice(days), actual_day=chance.choice(days),
            contractor_id=chance.choice(contractors),
        )  # fmt: skip


@settings(max_examples=1000 if SOAK else 15)
@given(
    steps=st.lists(STEPS, min_size=10, max_size=50),
    now=moments(),
    span=st.tuples(st.integers(0, DAYS), st.integers(0, DAYS)),
    seed=st.integers(0, 999),
)
def test_every_number_equals_the_oracle(
    steps: list[Step], now: int, span: tuple[int, int], seed: int
) -> None:
    _play_and_compare(steps, now, span, seed)


#: What happens in a long history, thick with deals that are won, lost and taken up again.
BUSY = (*["deal"] * 4, *["move"] * 9, *["task"] * 4, *["fact"] * 4, *["change"] * 2, "give",
        "child", "child", "undo", "delete")  # fmt: skip


@pytest.mark.parametrize("seed", range(100 if SOAK else 5))
def test_long_histories_equal_the_oracle(seed: int) -> None:
    chance = random.Random(seed)
    steps = [
        (chance.choice(BUSY), chance.randrange(DAYS * 6), chance.randrange(41),
         chance.randrange(41), chance.randrange(10))
        for _ in range(170)
    ]  # fmt: skip
    span = (chance.randrange(15), chance.randrange(25, DAYS))
    _play_and_compare(steps, chance.randrange(span[1] * 6 - 12, DAYS * 6), span, seed)


def _play_and_compare(steps: list[Step], now: int, span: tuple[int, int], seed: int) -> None:
    chance = random.Random(seed)
    with tempfile.TemporaryDirectory() as folder, empty_store(Path(folder)) as store:
        office = Office(store, False)
        for step in steps:
            office.tell(step)
        office.furnish(chance)
        first, last = FIRST + min(span), FIRST + max(span)
        asked = Asked(first, last, office.at(now))
        with store.read() as r:
            books = oracle.books_of(r)
            for whose in (
                {}, {"person": office.people[0]}, {"team": office.groups[1]}, {"pipeline": 2},
            ):  # fmt: skip
                trial = _Trial(r, books, office, replace(asked, **whose), chance)
                for check in (
                    trial.workload, trial.actions, trial.inactive, trial.repeat, trial.refusals,
                    trial.origins, trial.payments,
                ):  # fmt: skip
                    check()


class _Trial:
    """One question of each report, beside its oracle."""

    def __init__(
        self, r: Reader, books: Books, office: Office, asked: Asked, chance: random.Random
    ) -> None:
        self.r, self.books, self.office = r, books, office
        self.asked, self.chance = asked, chance

    def read(self, name: str, by: str = "day", **own: str) -> Table:
        """The table of a report, whose numbers are held against what is behind them."""
        asked, report = self.asked, report_catalog.report(name)
        query = Query(
            Period(asked.first, asked.last), by, asked.pipeline, asked.person, asked.team, own=own
        )
        table = report.read(self.r, query, now=asked.now)
        assert report.behind is not None
        for row in (*table.rows, *([table.total] if table.total else [])):
            for column, cell in zip(table.columns, row.cells, strict=True):
                if column.opens and cell is not None:
                    things = report.behind(self.r, query, row.key, column.key, now=asked.now).things
                    assert sum(one.value for one in things) == cell, (name, column.key, row.key)
        return table

    def workload(self) -> None:
        by = self.chance.choice(("day", "week", "month"))
        table = self.read("workload", by)
        _same(table, ("open", "overdue", "today", "ahead"),
              _sums(oracle.workload(self.books, self.asked, by), 4))  # fmt: skip

    def actions(self) -> None:
        each = self.chance.choice(("period", "day", "week", "month"))
        table = self.read("actions", each=each)
        done = {
            line: n for line, (n,) in _sums(oracle.actions(self.books, self.asked, each), 1).items()
        }
        first, last = self.asked.first, self.asked.last
        for row in table.rows:
            assert _number(table, row, "done") == done.pop(row.key, 0)
            part, kind, person = row.key
            days = [day for day in range(first, last + 1)
                    if each == "period" or oracle.bucket(day, each) == part]  # fmt: skip
            plan = None
            if len(days) > 1 and kind is not None and person is not None:
                plan = oracle.action_plan(self.books, kind, person, days[0], days[-1])
            shown = None if plan is None else planning.decimal_of(plan)
            assert _number(table, row, "plan") == shown
        assert not done

    def inactive(self) -> None:
        days = self.chance.choice((1, 5, 30))
        having, kind = (self.chance.choice(each) for each in
                        (("any", "open", "none"), ("all", "company", "contact")))  # fmt: skip
        table = self.read("inactive", days=str(days), having=having, kind=kind)
        truth = oracle.inactive(self.books, self.asked, days, having, kind)
        assert {row.key[0] for row in table.rows} == set(truth)
        for row in table.rows:
            opened, last = truth[row.key[0]]
            assert _number(table, row, "open_deals") == len(opened)
            day = None if last is None else self.books.world.zone.day_of(last)
            assert _number(table, row, "last_done") == day
        assert table.total is not None
        every = set().union(*(opened for opened, _ in truth.values()))
        assert _number(table, table.total, "open_deals") == len(every)

    def repeat(self) -> None:
        least = self.chance.choice((1, 2))
        table = self.read("repeat", least=str(least))
        truth = oracle.repeat(self.books, self.asked, least, self.office.first_offer)
        _same(table, ("won", "revenue", "first_offer", "change"),
              _sums({line: {deal: adds[:4] for deal, adds in items.items()}
                     for line, items in truth.items()}, 4))  # fmt: skip
        for row in table.rows:
            wins = sorted(adds[4] for adds in truth[row.key].values())
            gaps = [b - a for a, b in pairwise(wins)]
            mean = Fraction(sum(gaps), len(gaps) * oracle.DAY) if gaps else None
            assert _number(table, row, "days_between") == mean

    def refusals(self) -> None:
        sides = ("reason", "stage", "person", "source")
        group, across = self.chance.choice(sides), self.chance.choice(("none", *sides))
        table = self.read("refusals", group=group, across=across)
        _same(table, ("lost", "amount", "apart"),
              _sums(oracle.refusals(self.books, self.asked, group, across), 3))  # fmt: skip

    def origins(self) -> None:
        for name in ("source", "industry"):
            children = self.chance.choice(("beside", "among", "without"))
            table = self.read(name, children=children)
            numbers = ["deals", "amount", "won", "won_amount", "lost"]
            if children == "beside":
                numbers += ["child_deals", "child_amount", "child_won"]
            truth = _sums(oracle.origins(self.books, self.asked, f"{name}_id", children), 8)
            _same(table, numbers, {line: sums[: len(numbers)] for line, sums in truth.items()})

    def payments(self) -> None:
        group = self.chance.choice(("month", "deal", "client", "contractor"))
        table = self.read("payments", group=group)
        truth = oracle.payments(self.books, self.asked, group)
        _same(table, ("planned_in", "actual_in", "overdue_in", "planned_out", "actual_out",
                      "overdue_out"), truth)  # fmt: skip


def _number(table: Table, row: Row, key: str) -> Any:
    return row.cells[table.place(key)]


def _sums(found: oracle.Found, width: int) -> dict[oracle.Line, list[Any]]:
    return {
        line: [sum((adds[at] for adds in items.values()), Decimal(0)) for at in range(width)]
        for line, items in found.items()
    }


def _same(table: Table, numbers: Iterable[str], truth: Mapping[oracle.Line, Iterable[Any]]) -> None:
    """The lines, their numbers, and the last line are what the oracle says."""
    mine = {row.key: [_number(table, row, key) for key in numbers] for row in table.rows}
    assert mine == {line: list(sums) for line, sums in truth.items()}
    assert table.total is not None
    for key in numbers:
        column = [_number(table, row, key) for row in table.rows]
        assert _number(table, table.total, key) == sum(column, Decimal(0))


def test_kinds_with_a_plan_are_the_measurable_ones(tmp_path: Path) -> None:
    with empty_store(tmp_path) as store:
        office = Office(store, False)
        office.furnish(random.Random(1))
        with store.read() as r:
            assert action_plans.planned_kinds(r) <= set(office.kinds)
