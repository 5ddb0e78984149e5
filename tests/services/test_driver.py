"""What goes to the driver comes back, and many rows at once are the same rows."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from salesdesk.models import sqlite
from salesdesk.models.identity import Identities
from tests.builders import empty_store


@pytest.fixture
def driver(tmp_path: Path) -> Iterator[sqlite.Connection]:
    with empty_store(tmp_path) as store:
        yield store.connection


@pytest.mark.parametrize("value", [None, b"", b"\x00\xff", True, False, 7, 2.5, "", "ё"])
def test_a_value_comes_back_as_it_went(driver: sqlite.Connection, value: Any) -> None:
    found = driver.execute("SELECT ?, typeof(?)", (value, value)).fetchone()
    kinds = {type(None): "null", bytes: "blob", bool: "integer", int: "integer", float: "real"}
    assert found == (value, kinds.get(type(value), "text"))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(count=st.integers(0, 70), more=st.sampled_from(["", " ON CONFLICT (a) DO NOTHING"]))
def test_many_rows_are_written_as_they_are(
    driver: sqlite.Connection, count: int, more: str
) -> None:
    driver.execute("DROP TABLE IF EXISTS temp.kept")
    driver.execute("CREATE TEMP TABLE kept (a PRIMARY KEY, b, c)")
    rows = [(n, None if n % 3 else f"row {n}", bytes([n])) for n in range(count)]
    sqlite.write(driver, f"INSERT INTO kept (a, b, c) VALUES (?, ?, ?){more}", rows)
    assert driver.execute("SELECT a, b, c FROM kept ORDER BY a").fetchall() == rows
    sqlite.write(driver, "UPDATE kept SET b = ? WHERE a = ?", [(n + 1, n) for n, *_ in rows])
    assert all(b == a + 1 for a, b in driver.execute("SELECT a, b FROM kept"))


def test_identities_are_in_order_and_never_the_same() -> None:
    made = Identities()
    found = [made.make(1_700_000_000_000_000 + n // 7 * 1000) for n in range(3000)]
    assert found == sorted(set(found))
    assert {one[6] >> 4 for one in found} == {7}
    assert {one[8] >> 6 for one in found} == {2}
