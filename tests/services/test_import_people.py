"""The import of people (cli.md): supervisors who are new, and who change."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from salesdesk.models.store import Store
from tests.builders import Desk, empty_store
from tests.services.importing import NOW, bring

PEOPLE = """
as = "people"
[columns]
name = "name"
team = "team"
supervisor = "supervisor"
"""


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with empty_store(tmp_path) as opened:
        Desk(opened)
        yield opened


def supervisors(store: Store) -> dict[str, str | None]:
    """Who is led by whom."""
    with store.read() as r:
        return dict(
            r.rows(
                "SELECT p.name, s.name FROM person p LEFT JOIN person s ON s.id = p.supervisor_id"
            )
        )


def test_supervisors_who_are_new_are_listed(store: Store, tmp_path: Path) -> None:
    text = "name,team,supervisor\nAnn,A,Dora\nBob,A,DORA\nEve,,Ann\n"
    result = bring(store, tmp_path, text, PEOPLE)
    assert (result.read, result.created) == (3, 3)
    assert result.created_people == ("Ann", "Bob", "Eve", "Dora")
    assert supervisors(store).items() >= {"Ann": "Dora", "Bob": "Dora", "Eve": "Ann"}.items()
    again = bring(store, tmp_path, text, PEOPLE, now=NOW + 1)
    assert (again.unchanged, again.created_people) == (3, ())


def test_another_supervisor_is_a_change(store: Store, tmp_path: Path) -> None:
    bring(store, tmp_path, "name,team,supervisor\nAnn,A,Dora\nBob,A,Dora\n", PEOPLE)
    later = bring(store, tmp_path, "name,team,supervisor\nAnn,A,Max\nBob,A,Dora\n", PEOPLE)
    assert (later.updated, later.unchanged, later.created_people) == (1, 1, ("Max",))
    assert supervisors(store).items() >= {"Ann": "Max", "Bob": "Dora"}.items()
