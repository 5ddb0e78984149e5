"""Two programs that write: each gets its turn, also beside one that hardly ever rests."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from salesdesk.models import sqlite
from salesdesk.models.store import Store
from salesdesk.services import people

#: Writes nearly all of the time, as a window does where a key is held.
_RESTLESS = """
import sys, time
from pathlib import Path
from salesdesk.models import sqlite
connection = sqlite.connect(Path(sys.argv[1]))
print("begins", flush=True)
while True:
    sqlite.begin(connection)
    time.sleep(0.02)
    connection.execute("COMMIT")
    time.sleep(0.0002)
"""
NOW = 1_800_000_000_000_000


@pytest.fixture
def restless(workspace: Path) -> Iterator[None]:
    child = subprocess.Popen(
        [sys.executable, "-c", _RESTLESS, str(workspace)], stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    assert child.stdout.readline() == "begins\n"
    yield
    assert child.poll() is None
    child.kill()
    child.communicate()


def test_everybody_gets_a_turn(
    workspace: Path, restless: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "BUSY_MS", 1_500)
    with Store.open(workspace) as store:
        for number in range(40):
            people.add_team(store, f"Team {number}", person=None, now=NOW + number)
        with store.read() as r:
            assert r.value("SELECT count(*) FROM team WHERE name LIKE 'Team %'") == 40


def test_a_turn_that_does_not_come_is_said(
    workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "BUSY_MS", 200)
    other = sqlite.connect(workspace)
    sqlite.begin(other)
    with Store.open(workspace) as store:
        with pytest.raises(sqlite.Busy):
            people.add_team(store, "Late", person=None, now=NOW)
        other.execute("COMMIT")
        people.add_team(store, "In time", person=None, now=NOW)
    other.close()
