"""The documents of the reports, as scripts rely on them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from salesdesk.errors import Invalid
from salesdesk.models.store import Store
from salesdesk.services import reports
from salesdesk.services.periods import Period, of_month
from tests.builders import Desk, day, empty_store

NOVEMBER = of_month(day("2026-11-15"))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with empty_store(tmp_path) as opened:
        yield opened


@pytest.fixture
def desk(store: Store) -> Desk:
    """A deal won within two days, one lost after one, one that stands."""
    desk = Desk(store)
    anna = desk.person("Anna")
    new, planned, _held, _signed, _advance, won, lost = desk.pipeline("Sales")
    first = desk.deal(new, "2026-11-02T10:00", anna)
    desk.move(first, planned, "2026-11-03T10:00")
    desk.move(first, won, "2026-11-05T10:00")
    second = desk.deal(new, "2026-11-02T10:00", anna)
    desk.move(second, lost, "2026-11-03T22:00")
    desk.deal(new, "2026-11-03T10:00")
    desk.pipeline("Parts")
    return desk


def test_transitions(store: Store, desk: Desk) -> None:
    now = desk.at("2026-11-21T12:00")
    with store.read() as r:
        days = reports.transitions_json(reports.transitions(r, NOVEMBER, now=now))
        split = reports.transitions_json(
            reports.transitions(r, NOVEMBER, "month", now=now, split_from=True), split_from=True
        )
        with pytest.raises(Invalid):
            reports.transitions(r, NOVEMBER, "year", now=now)
    told = [(row["period"], row["stage"], row["person"], row["count"]) for row in days["rows"]]
    assert told == [
        ("2026-11-02", "New", "Anna", 2),
        ("2026-11-03", "New", None, 1),
        ("2026-11-03", "Set", "Anna", 1),
        ("2026-11-03", "Lost", "Anna", 1),
        ("2026-11-05", "Won", "Anna", 1),
    ]
    assert {(row["from"], row["stage"]) for row in split["rows"]} == {
        (None, "New"), ("New", "Set"), ("New", "Lost"), ("Set", "Won"),
    }  # fmt: skip


def test_a_day_that_a_zone_skipped_ends_no_report(store: Store) -> None:
    desk = Desk(store, "Pacific/Apia")  # went from 29 to 31 December 2011
    new = desk.pipeline("Sales")[0]
    desk.deal(new, "2011-12-29T10:00")
    desk.deal(new, "2011-12-31T10:00")
    desk.deal(new, "2012-01-05T10:00")
    told = {}
    with store.read() as r:
        for by in ("day", "month"):
            period = Period(day("2011-12-01"), day("2012-01-31"))
            made = reports.transitions(r, period, by, now=desk.at("2012-02-01"))
            told[by] = [(row["period"], row["count"]) for row in
                        reports.transitions_json(made)["rows"]]  # fmt: skip
    assert told == {
        "day": [("2011-12-29", 1), ("2011-12-31", 1), ("2012-01-05", 1)],
        "month": [("2011-12-01", 2), ("2012-01-01", 1)],
    }


def test_stage_time(store: Store, desk: Desk) -> None:
    with store.read() as r:
        rows = reports.stage_time(r, NOVEMBER, now=desk.at("2026-11-21T12:00"))
    found = reports.stage_time_json(rows)["rows"]
    assert found[0] == {
        "stage": "New", "moves_out": 2, "median_days": 1.25, "mean_days": 1.25, "p90_days": 1.45,
        "now_in_stage": 1,
    }  # fmt: skip
    assert found[2] == {
        "stage": "Held", "moves_out": 0, "median_days": None, "mean_days": None, "p90_days": None,
        "now_in_stage": 0,
    }  # fmt: skip


def test_funnel(store: Store, desk: Desk) -> None:
    now = desk.at("2026-11-21T12:00")
    with store.read() as r:
        found = reports.funnel_json(reports.funnel(r, NOVEMBER, now=now))
        parts = reports.funnel_json(reports.funnel(r, NOVEMBER, now=now, pipeline_id=2))
    rows = found["rows"]
    assert [(row["stage"], row["reached"]) for row in rows] == [
        ("New", 3), ("Set", 1), ("Held", 1), ("Signed", 1), ("Advance", 1), ("Won", 1),
    ]  # fmt: skip
    assert rows[0]["conversion_from_first"] == rows[0]["conversion_from_previous"] == "1.0000"
    assert rows[1]["conversion_from_first"] == "0.3333"
    assert rows[2]["conversion_from_previous"] == "1.0000"
    assert parts["rows"][1]["conversion_from_first"] is None
