"""The rules of the import of moves (cli.md), one by one; and laws on random files."""

import random
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesdesk.models import derive
from salesdesk.models.store import Store
from salesdesk.services.periods import Period
from salesdesk.services.reports import transitions
from salesdesk.services.reports_funnel import funnel
from tests.builders import Desk, empty_store
from tests.services.importing import (
    DEALS,
    MOVES,
    NOW,
    bring,
    everything,
    moves_of,
    owners_of,
    standing,
)

OWNED = MOVES + 'owner = "owner"\nby = "by"\nfrom = "from"\n'
YEAR = Period(date(2024, 1, 1).toordinal(), date(2024, 12, 31).toordinal())
HEAD = "case,stage,at,owner,by,from\n"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with empty_store(tmp_path) as opened:
        Desk(opened)
        yield opened


def test_any_order_and_rows_that_are_no_move(store: Store, tmp_path: Path) -> None:
    text = "case,stage,at\n7,C,2024-01-03\n7,A,2024-01-01\n7,B,2024-01-02\n7,B,2024-01-02 10:00\n"
    result = bring(store, tmp_path, text, MOVES)
    assert (result.created, result.unchanged, result.created_deals) == (3, 1, 1)
    assert [stage for stage, _ in moves_of(store, "7")] == ["A", "B", "C"]
    assert result.created_stages == ("C", "A", "B")
    again = bring(store, tmp_path, text, MOVES, now=NOW + 1)
    assert again.unchanged == 4


def test_equal_moments_in_the_order_of_the_file_or_by_from(store: Store, tmp_path: Path) -> None:
    bring(store, tmp_path, "case,stage,at\n1,A,2024-01-01\n1,B,2024-01-01\n", MOVES)
    assert standing(store, "1")[0] == "B"
    text = HEAD + "2,B,2024-01-01,,,A\n2,C,2024-01-01,,,B\n2,A,2024-01-01,,,\n"
    bring(store, tmp_path, text, OWNED)
    assert [stage for stage, _ in moves_of(store, "2")] == ["A", "B", "C"]


def test_owner_holds_from_that_move_on_and_by_never_owns(store: Store, tmp_path: Path) -> None:
    text = HEAD + (
        "1,A,2024-01-01,,Max,\n1,B,2024-01-02,Ann,Max,\n1,C,2024-01-03,,Max,\n"
        "1,C,2024-01-04,Bob,,\n"
    )
    result = bring(store, tmp_path, text, OWNED)
    assert (result.created, result.updated, result.unchanged) == (3, 0, 1)
    assert set(result.created_people) == {"Max", "Ann", "Bob"}
    assert owners_of(store, "1") == [(None, "2024-01-01"), ("Ann", "2024-01-02"),
                                     ("Bob", "2024-01-04")]  # fmt: skip
    assert bring(store, tmp_path, text, OWNED, now=NOW + 1).unchanged == 4


def test_a_row_of_no_move_before_a_move_of_its_moment_is_known_again(
    store: Store, tmp_path: Path
) -> None:
    text = HEAD + (
        "1,A,2024-01-01,Ann,,\n1,A,2024-01-02,,,\n1,B,2024-01-02,,,\n"
        "2,A,2024-01-01,Ann,,\n2,A,2024-01-02,Bob,,\n2,A,2024-01-02,Max,,\n2,B,2024-01-02,,,\n"
        "3,A,2024-01-01,Ann,,\n3,A,2024-01-02,Ann,,\n3,B,2024-01-02,Bob,,\n3,A,2024-01-02,Max,,\n"
    )
    result = bring(store, tmp_path, text, OWNED)
    assert (result.created, result.updated, result.unchanged) == (7, 0, 4)
    before = everything(store)
    assert bring(store, tmp_path, text, OWNED, now=NOW + 1).unchanged == 11
    assert everything(store) == before
    assert [stage for stage, _ in moves_of(store, "2")] == ["A", "B"]


def test_who_was_responsible_before_the_changes_of_a_moment_is_no_news(
    store: Store, tmp_path: Path
) -> None:
    text = HEAD + (
        "1,A,2024-01-01,Ann,,\n1,A,2024-01-02,Ann,,\n1,A,2024-01-02,Bob,,\n"
        "2,A,2024-01-01,Ann,,\n2,A,2024-01-02,Ann,,\n2,A,2024-01-02,Bob,,\n2,B,2024-01-02,Bob,,\n"
        "3,A,2024-01-01,Ann,,\n3,A,2024-01-02,Bob,,\n3,A,2024-01-02,Ann,,\n"
    )
    bring(store, tmp_path, text, OWNED)
    assert [standing(store, case)[1] for case in "123"] == ["Bob", "Bob", "Ann"]
    before = everything(store)
    assert bring(store, tmp_path, text, OWNED, now=NOW + 1).command_id is None
    assert everything(store) == before


def test_a_later_file_may_take_a_change_of_the_responsible_person_back(
    store: Store, tmp_path: Path
) -> None:
    first = HEAD + "1,A,2024-01-01,Ann,,\n"
    bring(store, tmp_path, first + "1,A,2024-01-02,Bob,,\n", OWNED)
    bring(store, tmp_path, first + "1,A,2024-01-02,Ann,,\n", OWNED, now=NOW + 1)
    assert standing(store, "1") == ("A", "Ann")


def test_a_whole_log_after_a_part_of_it(store: Store, tmp_path: Path) -> None:
    part = HEAD + (
        "1,B,2024-01-02,,,\n1,A,2024-01-05,,,\n1,B,2024-01-05,,,\n2,A,2024-01-03,,,\n"
        "3,B,2024-01-03,,,\n3,A,2024-01-03,Max,,\n"
    )
    whole = HEAD + (
        "1,C,2024-01-02,Ann,,\n1,B,2024-01-02,,,\n1,B,2024-01-03,,,\n1,A,2024-01-05,,,\n"
        "1,B,2024-01-05,,,\n2,B,2024-01-03,,,\n2,B,2024-01-03,,,\n2,A,2024-01-03,Bob,,\n"
        "3,B,2024-01-03,,,\n3,A,2024-01-03,Bob,,\n3,A,2024-01-03,Max,,\n3,A,2024-01-05,Max,,\n"
    )
    bring(store, tmp_path, part, OWNED)
    bring(store, tmp_path, whole, OWNED, now=NOW + 1)
    assert [standing(store, case)[0] for case in "123"] == ["B", "A", "A"]
    assert [stage for stage, at in moves_of(store, "1") if at >= "2024-01-03"] == ["A", "B"]
    before = everything(store)
    assert bring(store, tmp_path, whole, OWNED, now=NOW + 2).command_id is None
    assert everything(store) == before


def test_the_facts_of_one_moment_keep_the_order_of_the_file(store: Store, tmp_path: Path) -> None:
    text = HEAD + "1,A,2024-01-01,Ann,,\n1,A,2024-01-02,Bob,,\n1,B,2024-01-02,,,\n"
    bring(store, tmp_path, text, OWNED)
    assert persons(store) == {"A": "Ann", "B": "Bob"}


def test_the_owner_of_an_import_of_deals_holds_with_the_first_real_move(
    store: Store, tmp_path: Path
) -> None:
    deals = "id,title,owner,stage,created,closed,entered,amount\n1,One,Ann,A,2024-01-01,,,\n"
    bring(store, tmp_path, deals, DEALS)
    bring(store, tmp_path, HEAD + "1,B,2024-01-05,,,\n1,C,2024-01-05,Bob,,\n", OWNED)
    assert persons(store) == {"B": "Ann", "C": "Bob"}


def test_who_is_responsible_with_the_creation_goes_before_who_was_assumed(
    store: Store, tmp_path: Path
) -> None:
    deals = "id,title,owner,stage,created,closed,entered,amount\n1,One,Ann,A,2024-01-01,,,\n"
    bring(store, tmp_path, deals, DEALS)
    bring(store, tmp_path, HEAD + "1,A,2024-01-01,Bob,,\n1,B,2024-01-05,,,\n", OWNED)
    with store.read() as r:
        found = r.rows(
            "SELECT p.name FROM hold h JOIN person p ON p.id = h.person_id WHERE h.kind = ?",
            (derive.NEW,),
        )
        assert list(found) == [("Bob",)]
        of_bob = r.value("SELECT id FROM person WHERE name = 'Bob'")
        assert funnel(r, YEAR, now=NOW, person_id=of_bob).created == 1


def test_out_and_in_again_at_one_moment_under_another_person(store: Store, tmp_path: Path) -> None:
    text = HEAD + (
        "1,A,2024-01-01,Ann,,\n1,B,2024-01-02,,,\n1,C,2024-01-02,Bob,,\n1,B,2024-01-02,,,\n"
    )
    bring(store, tmp_path, text, OWNED)
    with store.read() as r:
        rows = [(row.stage, row.person) for row in transitions(r, YEAR, now=NOW)]
    assert sorted(rows) == [("A", "Ann"), ("B", "Ann"), ("B", "Bob"), ("C", "Bob")]


def persons(store: Store) -> dict[str, str | None]:
    """Who was responsible with the moves into each stage."""
    with store.read() as r:
        return {row.stage: row.person for row in transitions(r, YEAR, now=NOW)}


def test_an_earlier_move_is_the_creation(store: Store, tmp_path: Path) -> None:
    bring(store, tmp_path, "case,stage,at\n1,B,2024-01-05\n", MOVES)
    bring(store, tmp_path, "case,stage,at\n1,A,2024-01-02\n", MOVES)
    assert moves_of(store, "1") == [("A", "2024-01-02 00:00"), ("B", "2024-01-05 00:00")]
    with store.read() as r:
        created = r.value("SELECT created_at FROM deal WHERE external_id = '1'")
    assert store.zone.local(created).day == 2


@given(st.integers(0, 10_000))
def test_importing_in_any_order_or_twice_is_the_same(
    tmp_path_factory: pytest.TempPathFactory, seed: int
) -> None:
    rng = random.Random(seed)
    rows = [
        f"{rng.randint(1, 3)},{rng.choice('ABCD')},2024-01-{rng.randint(1, 9):02d} "
        f"{rng.randint(0, 23):02d}:{rng.randint(0, 59):02d},{rng.choice(['', 'Ann', 'Bob'])},,"
        for _ in range(rng.randint(1, 12))
    ]
    unique = {row.split(",")[0] + row.split(",")[2]: row for row in rows}
    rows = list(unique.values())
    folder = tmp_path_factory.mktemp("moves")
    with empty_store(folder) as store:
        Desk(store)
        text = HEAD + "\n".join(rows) + "\n"
        bring(store, folder, text, OWNED)
        before = everything(store)
        again = bring(store, folder, text, OWNED, now=NOW + 1)
        assert again.unchanged == again.read
        assert everything(store) == before
        lives = {case: (moves_of(store, case), owners_of(store, case)) for case in _cases(rows)}
    shuffled = rows[:]
    rng.shuffle(shuffled)
    with empty_store(folder, "other.salesdesk") as store:
        Desk(store)
        bring(store, folder, HEAD + "\n".join(shuffled) + "\n", OWNED)
        assert lives == {
            case: (moves_of(store, case), owners_of(store, case)) for case in _cases(rows)
        }


@given(st.integers(0, 10_000))
def test_a_whole_log_after_any_part_of_it_leaves_what_it_says(
    tmp_path_factory: pytest.TempPathFactory, seed: int
) -> None:
    rng = random.Random(seed)
    logs = [
        [
            f"{case},{rng.choice('ABC')},2024-01-0{day},{rng.choice(['', 'Ann', 'Bob', 'Max'])},,"
            for day in sorted(rng.randint(1, 4) for _ in range(rng.randint(1, 5)))
        ]
        for case in range(12)
    ]
    rows = [row for log in logs for row in log]
    part = [row for row in rows if rng.random() < 0.5]
    folder = tmp_path_factory.mktemp("parts")
    whole = HEAD + "\n".join(rows) + "\n"
    with empty_store(folder) as store:
        Desk(store)
        bring(store, folder, HEAD + "\n".join(part or rows) + "\n", OWNED)
        bring(store, folder, whole, OWNED, now=NOW + 1)
        for case, log in enumerate(logs):
            assert standing(store, str(case))[0] == log[-1].split(",")[1]
        before = everything(store)
        assert bring(store, folder, whole, OWNED, now=NOW + 2).command_id is None
        assert everything(store) == before


def _cases(rows: list[str]) -> list[str]:
    return sorted({row.split(",")[0] for row in rows})
