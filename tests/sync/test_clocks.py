"""A laptop whose clock is days ahead: moves keep their order, and each counts once everywhere."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.sync.memory_remote import Portal
from tests.sync.seats import MINUTE, Clock, Seat, seat
from tests.sync.test_stories import DAY, Skewed, stages


@pytest.fixture
def ahead(tmp_path: Path, portal: Portal, clock: Clock) -> Iterator[tuple[Seat, Seat]]:
    """A laptop whose clock is two days ahead, and one whose clock is right."""
    with ExitStack() as stack:
        made = (seat(tmp_path, portal, Skewed(clock, 2 * DAY), "1"),  # type: ignore[arg-type]
                seat(tmp_path, portal, clock, "2"))  # fmt: skip
        for one in made:
            stack.enter_context(one.store)
        yield made


def test_who_moves_a_deal_in_the_crm_has_seen_the_moves_before(
    ahead: tuple[Seat, Seat], portal: Portal, clock: Clock
) -> None:
    """However far ahead the clock of a laptop is, each move counts once, in its order."""
    mary, max_ = ahead
    deal = mary.deal()
    mary.round()
    for stage in ("S:MEET", "S:NEW", "S:PAY"):
        clock.at += 60 * MINUTE
        portal.edit("deal", mary.far(deal).far_id, {"stage": stage}, by="9")
        max_.round()
    mary.round()
    there = max_.here(mary.far(deal))
    assert stages(mary, deal) == stages(max_, there) == ["S:NEW", "S:MEET", "S:NEW", "S:PAY"]
    assert mary.protocol(deal) == max_.protocol(there)
    assert {one.round().pushed for one in ahead} == {0}


def test_what_holds_a_deal_in_its_stage_goes_when_it_is_not_needed(
    ahead: tuple[Seat, Seat], portal: Portal, clock: Clock
) -> None:
    """A move that the CRM never saw lies ahead of the colleague's that won."""
    mary, max_ = ahead
    deal = mary.deal()
    for one in ahead:
        one.round()
    clock.at += 60 * MINUTE
    mary.move(deal, "S:MEET")
    portal.edit("deal", mary.far(deal).far_id, {"stage": "S:LOST"}, by="9")
    for one in ahead:
        one.round()
    assert stages(mary, deal)[-2:] == ["S:MEET", "S:LOST"]
    clock.at += 60 * MINUTE
    portal.edit("deal", mary.far(deal).far_id, {"stage": "S:MEET"}, by="9")
    for one in (*ahead, *ahead):
        one.round()
    there = max_.here(mary.far(deal))
    assert stages(mary, deal) == stages(max_, there) == ["S:NEW", "S:LOST", "S:MEET"]


def test_two_that_moved_a_deal_whose_last_move_lies_ahead(
    ahead: tuple[Seat, Seat], portal: Portal, clock: Clock
) -> None:
    """One here, one in the CRM, neither knows of the other: closed beats open, in one order."""
    mary, max_ = ahead
    deal = mary.deal()
    for one in ahead:
        one.round()
    there = max_.here(mary.far(deal))
    clock.at += 60 * MINUTE
    max_.move(there, "S:LOST")
    portal.edit("deal", mary.far(deal).far_id, {"stage": "S:MEET"}, by="9")
    for one in (max_, mary, max_, mary):
        clock.at += 20 * MINUTE
        one.round()
    assert stages(mary, deal) == stages(max_, there) == ["S:NEW", "S:MEET", "S:LOST"]
