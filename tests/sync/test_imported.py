"""Deals that a file brought, beside a CRM: what the file proves of their past counts at every seat,
and goes on counting whatever colleagues do in the CRM."""

from pathlib import Path

from tests.services.importing import bring
from tests.sync.memory_remote import Portal
from tests.sync.seats import MINUTE, Seat

DEALS = """
as = "deals"
pipeline = "Sales"
[columns]
external_id = "id"
stage = "stage"
created_at = "created"
stage_entered_at = "entered"
"""
MOVES = """
as = "moves"
pipeline = "Sales"
[columns]
deal = "id"
stage = "stage"
at = "at"
"""
FILE = "id,stage,created,entered\n7,Meeting,2026-12-01 10:00,2026-12-03 12:00\n"
REAL = "id,stage,at\n7,New,2026-12-01 10:00\n7,Paid,2026-12-02 09:00\n7,Meeting,2026-12-03 12:00\n"


def imported(one: Seat, folder: Path, text: str = FILE, mapping: str = DEALS) -> int:
    """The deal 7 of a file."""
    one.clock.at += MINUTE
    bring(one.store, folder, text, mapping, now=one.clock.at)
    return int(one.value("SELECT id FROM deal WHERE external_id = '7'"))


def test_the_past_that_a_file_proves_travels(pair: tuple[Seat, Seat], tmp_path: Path) -> None:
    mary, max_ = pair
    deal = imported(mary, tmp_path)
    mary.clock.at += 60 * MINUTE
    mary.round()
    max_.round()
    there = max_.here(mary.far(deal))
    assert [stage for stage, _ in mary.protocol(deal)] == ["S:NEW", "S:MEET"]
    assert max_.protocol(there) == mary.protocol(deal)
    created = "SELECT created_at FROM deal WHERE id = ?"
    assert max_.value(created, there) == mary.value(created, deal)
    mary.move(deal, "S:PAY")
    for one in (mary, max_, mary, max_):
        one.round()
    assert [stage for stage, _ in mary.protocol(deal)] == ["S:NEW", "S:MEET", "S:PAY"]
    assert max_.protocol(there) == mary.protocol(deal)
    assert max_.round().pushed == mary.round().pushed == 0


def test_a_colleague_in_the_crm_takes_nothing_from_the_past(
    pair: tuple[Seat, Seat], portal: Portal, tmp_path: Path
) -> None:
    mary, max_ = pair
    deal = imported(mary, tmp_path)
    before = mary.protocol(deal)
    mary.round()
    mary.clock.at += 60 * MINUTE
    portal.edit("deal", mary.far(deal).far_id, {"stage": "S:PAY"}, by="2")
    moved = portal.clock()
    for one in (mary, max_, mary, max_):
        mary.clock.at += MINUTE
        one.round()
    assert mary.protocol(deal) == [*before, ("S:PAY", moved)]
    assert max_.protocol(max_.here(mary.far(deal))) == mary.protocol(deal)
    assert max_.round().pushed == mary.round().pushed == 0


def test_what_a_file_tells_later_counts_instead_at_every_seat(
    pair: tuple[Seat, Seat], tmp_path: Path
) -> None:
    mary, max_ = pair
    deal = imported(mary, tmp_path)
    for one in pair:
        one.round()
    imported(mary, tmp_path, REAL, MOVES)
    for one in (mary, max_, mary, max_):
        mary.clock.at += MINUTE
        one.round()
    assert [stage for stage, _ in mary.protocol(deal)] == ["S:NEW", "S:PAY", "S:MEET"]
    assert max_.protocol(max_.here(mary.far(deal))) == mary.protocol(deal)
    assert max_.round().pushed == mary.round().pushed == 0
