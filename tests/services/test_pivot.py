"""Pivots as people ask for them: what cannot be read, what is too large, what is left out."""

import json
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from salesdesk.errors import SalesDeskError
from salesdesk.models.store import Reader
from salesdesk.moments import Zone
from salesdesk.services import pivot, pivot_behind, pivot_dates, pivot_values
from salesdesk.services.cards import BoardFilter
from salesdesk.services.periods import Period
from salesdesk.services.pivot_catalog import entity
from salesdesk.services.report_table import Query, Table
from tests.builders import Desk, day, empty_store

YEAR = Period(day("2026-01-01"), day("2026-12-31"))
NOW = "2026-11-20T10:00"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with empty_store(tmp_path) as store:
        yield Desk(store)


def _read(desk: Desk, **own: str) -> Table:
    return _read_of(desk, BoardFilter(), own)


def _read_of(desk: Desk, deals: BoardFilter, own: Mapping[str, str]) -> Table:
    with desk.store.read() as r:
        query = Query(YEAR, deals=deals, own=own)
        return pivot.read(r, query, now=desk.at(NOW))


@pytest.mark.parametrize(
    ("texts", "said"),
    [
        ({"entity": "moon"}, "“moon”"),
        ({"rows": "title; DROP TABLE deal"}, "“title; DROP TABLE deal”"),
        ({"rows": "person:month"}, "“person:month”"),
        ({"rows": "created:hour"}, "“hour”"),
        ({"rows": "person,team,stage"}, "one or two"),
        ({"rows": "person", "columns": "person"}, "twice"),
        ({"measure": "sum"}, "which number"),
        ({"measure": "sum:title"}, "“title”"),
        ({"measure": "guess:amount"}, "“guess”"),
        ({"date": "person"}, "“person”"),
        ({"chart": "cake"}, "“cake”"),
        ({"only.state": "won"}, "won"),
        ({"only.state": "[1.5]"}, "1.5"),
        ({"only.moon": "[1]"}, "“moon”"),
    ],
)
def test_what_cannot_be_read_is_refused_in_a_sentence(
    desk: Desk, texts: dict[str, str], said: str
) -> None:
    with pytest.raises(SalesDeskError) as refused:
        _read(desk, **texts)
    assert said in refused.value.text()


def test_what_is_too_much_is_taken_together_and_said(desk: Desk) -> None:
    stage = desk.pipeline("Sales")[0]
    clients = [
        desk.insert("client", kind="company", name=f"C{n:03}", name_key=f"c{n:03}")
        for n in range(70)
    ]
    for n, client in enumerate(clients):
        for _ in range(2 if n < 5 else 1):
            desk.deal(stage, "2026-03-01T10:00", client_id=client, amount="10")
    table = _read(desk, rows="stage", columns="client", measure="sum:amount")
    assert len(table.columns) == 1 + 60 + 1 + 1
    others = table.columns[-2]
    assert (others.key, others.title) == (pivot.OTHERS, "Others (10)")
    [row] = table.rows
    assert row.cells[-2:] == (Decimal(100), Decimal(750))
    assert sum(Decimal(str(cell)) for cell in row.cells[1:-1]) == row.cells[-1]
    assert table.notes == ("60 columns are shown, 10 are taken together as others.",)
    with desk.store.read() as r:
        query = Query(YEAR, own={"rows": "stage", "columns": "client", "measure": "sum:amount"})
        found = pivot_behind.behind(r, query, row.key, pivot.OTHERS, now=desk.at(NOW))
    assert len(found.things) == 10
    assert sum(Fraction(thing.value) for thing in found.things) == 100


def test_rows_are_limited_too(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pivot, "ROWS_AT_MOST", 3)
    stage = desk.pipeline("Sales")[0]
    people = [desk.person(f"P{n}") for n in range(6)]
    for n, person in enumerate(people):
        for _ in range(n + 1):
            desk.deal(stage, "2026-03-01T10:00", person)
    table = _read(desk, rows="person")
    assert [row.cells for row in table.rows] == [
        ("P5", 6), ("P4", 5), ("P3", 4), ("Others (3)", 6),
    ]  # fmt: skip
    assert table.total is not None
    assert table.total.cells[-1] == 21
    with desk.store.read() as r:
        query = Query(YEAR, own={"rows": "person"})
        found = pivot_behind.behind(r, query, pivot.OTHER_ROWS, "value", now=desk.at(NOW))
    assert len(found.things) == 6


def test_days_without_anything_stand_between_the_others(desk: Desk) -> None:
    stage = desk.pipeline("Sales")[0]
    for at in ("2026-02-10", "2026-05-10"):
        desk.deal(stage, f"{at}T10:00")
    table = _read(desk, rows="created:month")
    months = [date.fromordinal(int(str(row.cells[0]))).month for row in table.rows]
    assert months == [2, 3, 4, 5]
    assert [row.cells[1] for row in table.rows] == [1, 0, 0, 1]
    assert table.columns[0].holds == "month"
    assert table.chart is not None
    assert table.chart.kind == "columns"


def test_a_currency_without_a_rate_is_left_out_and_named(desk: Desk) -> None:
    stage = desk.pipeline("Sales")[0]
    desk.rate("USD", "90")
    for currency in ("RUB", "USD", "XYZ"):
        desk.deal(stage, "2026-03-01T10:00", amount="10", currency=currency)
    table = _read(desk, rows="stage", measure="sum:amount")
    assert table.rows[0].cells[-1] == Decimal(910)
    assert any("XYZ" in note for note in table.notes)
    with desk.store.read() as r:
        query = Query(YEAR, own={"rows": "stage", "measure": "sum:amount"})
        found = pivot_behind.behind(r, query, table.rows[0].key, "value", now=desk.at(NOW))
    assert [(thing.value, thing.counts) for thing in found.things][-1] == (0, False)


def test_hostile_names_stay_text(desk: Desk) -> None:
    stage = desk.pipeline("Sales")[0]
    name = "=1+1'; DROP TABLE deal; --"
    field = desk.insert("custom_field", subject="deal", name=name, name_key="x", kind="text")
    deal = desk.deal(stage, "2026-03-01T10:00")
    desk.insert("field_value", field_id=field, subject_id=deal, value=name)
    table = _read(desk, **{"rows": f"f{field}", f"only.f{field}": json.dumps([name])})
    assert table.columns[0].title == name
    assert [row.cells for row in table.rows] == [(name, 1)]
    with desk.store.read() as r:
        known = entity(r, "deal").dimension(f"f{field}")
        assert pivot_values.find(r, known, "drop") == [(name, name)]


def test_who_sees_only_their_own_counts_only_those(desk: Desk) -> None:
    stage = desk.pipeline("Sales")[0]
    anna, boris = desk.person("Anna"), desk.person("Boris")
    for owner in (anna, boris, None):
        deal = desk.deal(stage, "2026-03-01T10:00", owner)
        desk.task(deal, owner, "2026-03-02T10:00", "2026-03-03T10:00")
    desk.task(None, boris, "2026-03-02T10:00", "2026-03-03T10:00")
    seen = BoardFilter(seen=frozenset({anna}))
    for name in ("deal", "task", "move"):
        table = _read_of(desk, seen, {"entity": name, "rows": "person"})
        assert {row.cells[0] for row in table.rows} == {"Anna", "Nobody"}, name


@pytest.mark.parametrize("zone", ["Europe/Moscow", "Europe/Berlin", "America/Sao_Paulo"])
def test_days_of_sql_are_those_of_the_zone(desk: Desk, zone: str) -> None:
    where = Zone(zone)
    changes = ("2018-11-04", "2019-02-17", "2026-03-29", "2026-10-25", "1999-12-31")
    around = (-1, 0, 3_599_999_999, 3_600_000_000)
    edges = [where.start_of(day(at)) + more for at in changes for more in around]
    with desk.store.read() as r:
        for moment in edges:
            for by in ("day", "week", "month", "quarter", "year"):
                found = _value(r, pivot_dates.sql(str(moment), "moment", by, where, None))
                assert found == pivot_dates.first_of(where.day_of(moment), by), (zone, moment, by)
                days = Period(where.day_of(moment), where.day_of(moment))
                inside = pivot_dates.sql(str(moment), "moment", by, where, days)
                assert _value(r, inside) == found, (zone, moment, by)
        far = where.start_of(day("2150-01-01"))
        assert _value(r, pivot_dates.sql(str(far), "moment", "month", where, None)) == (
            pivot_dates.LATER
        )


def _value(r: Reader, sql: str) -> Any:
    return r.value(f"SELECT {sql}")


def test_examples_can_be_read(desk: Desk) -> None:
    desk.pipeline("Sales")
    desk.pipeline("Service", counts=False)
    with desk.store.read() as r:
        for example in pivot_values.examples(r):
            pivot.read(r, Query(YEAR, own=example.texts), now=desk.at(NOW))
