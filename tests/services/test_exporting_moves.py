"""The table of moves: who was responsible right after each."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from salesdesk.services import exporting
from tests.builders import KEEP, Desk, empty_store

AT = "2026-03-02T10:00"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with empty_store(tmp_path) as store:
        yield Desk(store)


def owners(desk: Desk) -> list[tuple[Any, ...]]:
    """Stage and responsible person of each exported move."""
    with desk.store.read() as r:
        sheet = exporting.sheet_of(r, "moves")
    places = [list(sheet.headings).index(name) for name in ("stage", "owner")]
    return [tuple(row[place] for place in places) for row in sheet.rows]


def test_changes_that_share_a_moment_keep_their_order(desk: Desk) -> None:
    new, talk, held, *_ = desk.pipeline("Sales")
    ann, bob, cid = (desk.person(name) for name in ("Ann", "Bob", "Cid"))
    deal = desk.deal(new, AT, ann)
    desk.move(deal, talk, AT, bob)
    desk.give(deal, cid, AT)
    desk.move(deal, held, AT)
    names = [name for _, name in owners(desk)]
    assert names == ["Ann", "Bob", "Cid"]


def test_whom_an_assumed_move_made_responsible_stays_so(desk: Desk) -> None:
    """Reported moves take its place and say nothing of a person: hers from the beginning on."""
    new, talk, *_ = desk.pipeline("Sales")
    with desk.store.command("test", now=1) as tx:
        deal = desk.insert_deal(tx, {})
    ann, bob = desk.person("Ann"), desk.person("Bob")
    for stage, at, owner, evidence in (
        (new, "2026-03-05T10:00", ann, "assumed"), (new, "2026-03-01T10:00", KEEP, "reported"),
        (talk, "2026-03-02T10:00", KEEP, "reported"), (talk, "2026-03-06T10:00", bob, "assumed"),
    ):  # fmt: skip
        desk.move(deal, stage, at, owner, evidence=evidence)
    with desk.store.read() as r:
        kept = r.rows(
            "SELECT o.name FROM span w JOIN person o ON o.id = w.owner_id ORDER BY w.start"
        )
    assert [name for (name,) in kept] == ["Ann", "Ann", "Bob"]
    assert [name for _, name in owners(desk)] == ["Ann", "Ann"]
