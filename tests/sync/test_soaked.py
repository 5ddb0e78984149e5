"""Stories that the simulation found when it ran for long, told by themselves."""

from contextlib import suppress
from decimal import Decimal
from pathlib import Path

import pytest

from salesdesk.services import deals, tasks
from salesdesk.services.sync import pull
from salesdesk.services.sync.failures import Failure, Kind
from salesdesk.services.sync.remote import FarRecord, Value
from tests.sync.memory_remote import Portal
from tests.sync.seats import MINUTE, Clock, Seat, seat
from tests.sync.test_stories import DAY, Skewed, stages

SOLD = {"title": "Crane", "pipeline": "P", "currency": "RUB", "company": "", "contact": ""}


def unanswered(mary: Seat, portal: Portal) -> FarRecord:
    """A deal of Mary's is made there, and the answer is lost. Nothing is
    read after that: it is looked up in a later round."""
    lost = iter([True])

    def fault(when: str, what: str) -> None:
        if when == "after" and what == "deal" and next(lost, False):
            raise Failure(Kind.UNKNOWN)
        if when == "read" and what == "deal":
            raise Failure(Kind.NOT_SENT)

    mary.remote.fault = fault
    with suppress(Failure):
        mary.round()
    mary.remote.fault = lambda _when, _what: None
    [made] = portal.table("deal").values()
    return made


def test_what_a_colleague_wrote_before_a_lost_answer_was_made_up_for_is_taken(
    mary: Seat, portal: Portal
) -> None:
    deal = mary.deal(amount=Decimal(10))
    made = unanswered(mary, portal)
    portal.edit("deal", made.far_id, {"expected_day": 739_008, "amount": Decimal(12)}, by="2")
    mary.rounds()
    assert mary.value("SELECT expected_day FROM deal WHERE id = ?", deal) == 739_008
    assert mary.far(deal).fields["amount"] == Decimal(12)
    assert mary.value("SELECT amount FROM deal WHERE id = ?", deal) == 120_000
    assert mary.value("SELECT count(*) FROM sync_conflict") == 0


def test_both_wrote_after_a_lost_answer_and_a_person_decides(mary: Seat, portal: Portal) -> None:
    deal = mary.deal(amount=Decimal(10))
    made = unanswered(mary, portal)
    portal.edit("deal", made.far_id, {"amount": Decimal(12)}, by="2")
    deals.change(mary.store, deal, {"amount": Decimal(15), "title": "Lift"}, **mary.by())
    mary.rounds()
    assert mary.far(deal).fields["amount"] == Decimal(12)
    assert mary.value("SELECT amount FROM deal WHERE id = ?", deal) == 150_000
    assert mary.value("SELECT count(*) FROM sync_conflict WHERE field = 'amount'") == 1


def test_a_field_that_was_never_agreed_upon_is_not_overwritten(
    pair: tuple[Seat, Seat], portal: Portal
) -> None:
    mary, max_ = pair
    far = portal.add("deal", {**SOLD, "stage": "S:NEW"}, by="9")  # it has no expected day yet
    mary.round()
    max_.round()
    assert "expected_day" not in far.fields
    for one, day in ((max_, 739_011), (mary, 739_010)):
        deals.change(one.store, one.here(far), {"expected_day": day}, **one.by())
        one.round()
    assert portal.table("deal")[far.far_id].fields["expected_day"] == 739_011
    assert mary.value("SELECT count(*) FROM sync_conflict WHERE state = 'open'") == 1


def test_what_was_made_anew_after_it_was_deleted_there_is_no_second_one(
    pair: tuple[Seat, Seat], portal: Portal
) -> None:
    mary, max_ = pair
    mary.deal()
    made = unanswered(mary, portal)
    max_.round()
    portal.remove("deal", made.far_id)
    mary.rounds()
    max_.rounds(2)
    assert len(portal.table("deal")) == 1
    assert max_.value("SELECT count(*) FROM deal") == 1


def test_a_task_is_done_where_the_clock_is_late(
    tmp_path: Path, portal: Portal, clock: Clock
) -> None:
    far = portal.add("deal", {**SOLD, "stage": "S:NEW"}, by="2")
    mary = seat(tmp_path, portal, Skewed(clock, -3 * DAY), "1")  # type: ignore[arg-type]
    due: dict[str, Value] = {"owner": "1", "due_at": clock.at + DAY, "done": False, "result": ""}
    portal.add("task", {"title": "Call", "deal": far.far_id, **due}, by="2")
    with mary.store:
        mary.round()
        task = mary.value("SELECT id FROM task")
        tasks.complete(mary.store, [task], **mary.by())
        assert mary.value("SELECT state FROM task WHERE id = ?", task) == "done"
        mary.round()
    [there] = portal.table("task").values()
    assert there.fields["done"]


@pytest.mark.parametrize("take", ["ours", "theirs"])
def test_while_a_person_has_yet_to_decide_no_line_is_taken(
    mary: Seat, portal: Portal, take: str
) -> None:
    """The stream of the history tells of the move that the decision is about."""
    far = portal.add("deal", {**SOLD, "stage": "S:PAY"}, by="9")
    mary.round()
    deal = mary.here(far)
    mary.clock.at += 20 * MINUTE
    portal.edit("deal", far.far_id, {"stage": "S:MEET"}, by="9")
    mary.move(deal, "S:NEW")
    for _ in range(2):
        mary.round()
    assert stages(mary, deal) == ["S:PAY", "S:NEW"]
    with mary.store.read() as r:
        [clash] = pull.open_clashes(r, r.value("SELECT id FROM sync_remote"))
    pull.decide(mary.store, clash.id, take, **mary.by())
    mary.rounds()
    there = portal.table("deal")[far.far_id].fields["stage"]
    assert there == stages(mary, deal)[-1] == ("S:NEW" if take == "ours" else "S:MEET")
    assert stages(mary, deal)[:3] == ["S:PAY", "S:MEET", "S:NEW"]


def test_the_making_of_a_deal_there_is_nobodys_echo(
    pair: tuple[Seat, Seat], portal: Portal
) -> None:
    """Max moved it away and back to the stage in which it was made, and sent both at once."""
    mary, max_ = pair
    far = portal.add("deal", {**SOLD, "stage": "S:MEET"}, by="9")
    max_.clock.at += 20 * MINUTE
    max_.round()
    for stage in ("S:LOST", "S:MEET"):
        max_.clock.at += 20 * MINUTE
        max_.move(max_.here(far), stage)
    max_.round()
    mary.round()
    assert stages(mary, mary.here(far)) == ["S:MEET", "S:LOST", "S:MEET"]
    assert mary.protocol(mary.here(far)) == max_.protocol(max_.here(far))
