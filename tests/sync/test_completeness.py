"""Up to when what is here of a colleague is complete: the CRM was read, their computer has sent."""

from pathlib import Path

import pytest

from salesdesk.services import deals, digest, digest_days, digest_text, ranking
from salesdesk.services.sync import completeness
from salesdesk.services.sync.completeness import Completeness
from salesdesk.services.sync.failures import Failure, Kind
from tests.builders import empty_store
from tests.sync.memory_remote import PAGE
from tests.sync.seats import MINUTE, Clock, Seat


def told(seat: Seat, viewer: int | None = None) -> Completeness:
    with seat.store.read() as r:
        return completeness.of_people(r, viewer, now=seat.clock.at)


def moved_by_max(seat: Seat, deal: int, stage: str) -> int:
    by = {**seat.by(), "person": seat.people["2"]}
    deals.move(seat.store, [deal], seat.stages[stage], **by)
    return seat.clock.at


def test_without_a_crm_everything_is_here(tmp_path: Path) -> None:
    with empty_store(tmp_path) as store, store.read() as r:
        assert completeness.of_people(r, None, now=5).people == {}


def test_while_the_crm_is_read_for_the_first_time_nothing_is_complete(mary: Seat) -> None:
    assert told(mary).read is None
    assert set(told(mary).people.values()) == {None}


def test_of_people_of_the_crm_all_is_here_up_to_the_last_reading(mary: Seat) -> None:
    mary.deal()
    mary.rounds()
    found = told(mary, viewer=mary.people["1"])
    assert found.read is not None
    assert mary.clock.at - 5 * MINUTE < found.read <= mary.clock.at
    assert found.people == {mary.people["2"]: found.read}
    mary.clock.at += 60 * MINUTE
    assert told(mary).read == found.read
    mary.round()
    assert told(mary).read != found.read


def test_of_somebody_at_another_computer_no_more_is_known_than_it_has_sent(
    pair: tuple[Seat, Seat], clock: Clock
) -> None:
    mary, max_ = pair
    deal = max_.deal()
    first = moved_by_max(max_, deal, "S:MEET")
    for one in (max_, mary):
        one.rounds()
    for _ in range(3):  # Max is offline now; Mary goes on reading
        clock.at += 60 * MINUTE
        mary.round()
    second = moved_by_max(max_, deal, "S:WON")
    found = told(mary, viewer=mary.people["1"])
    assert found.read is not None
    assert found.read > first + 60 * MINUTE
    assert found.people == {mary.people["2"]: first}
    for one in (max_, mary):
        one.rounds()
    assert told(mary).people[mary.people["2"]] == second
    assert told(max_, viewer=max_.people["2"]).people.keys() == {max_.people["1"]}


def test_an_earlier_move_that_comes_late_takes_nothing_back(mary: Seat) -> None:
    with mary.store.books() as books:
        for at in (50, 70, 60):
            completeness.hear(books, 1, [(mary.people["2"], at), (None, 99)])
    mary.rounds()
    assert told(mary).people[mary.people["2"]] == 70


def test_what_was_complete_stays_so_while_a_long_round_goes_on_or_breaks_off(mary: Seat) -> None:
    mary.deal()
    mary.rounds()
    before = told(mary)
    for place in range(PAGE + 1):
        mary.remote.portal.add("deal", {"title": f"Crane {place}", "stage": "S:NEW"}, "", "2")
    pages = []

    def breaks_off(_when: str, what: str) -> None:
        pages.append(what)
        if pages.count("deal") > 1:
            raise Failure(Kind.NOT_SENT)

    mary.remote.fault = breaks_off
    with pytest.raises(Failure):
        mary.round()
    assert told(mary).read == before.read
    mary.remote.fault = lambda _when, _what: None
    mary.rounds()
    assert (told(mary).read or 0) > (before.read or 0)


def digest_of_today(seat: Seat) -> str:
    """The text that goes out on the day of the seat's clock, about the days before."""
    with seat.store.read() as r:
        part = digest_days.part(digest_days.DAYS, r.zone.day_of(seat.clock.at))
        assert part is not None
        found = ranking.ranking(r, part.period, now=part.as_of(r.zone))
        return digest_text.plain(digest.composed(r, part, found).text)


def test_a_digest_says_where_the_crm_was_not_read_to_its_end(mary: Seat) -> None:
    mary.deal()
    assert "was not read to its end yet" in digest_of_today(mary)
    mary.rounds()
    assert "The CRM was" not in digest_of_today(mary)
    mary.clock.at += 2 * 24 * 60 * MINUTE  # the key ran out, or the sync is paused
    read = told(mary).read
    assert read is not None
    said = f"The CRM was read up to {mary.store.zone.local(read):%Y-%m-%d %H:%M}"
    assert said in digest_of_today(mary)
    mary.rounds()
    assert "The CRM was" not in digest_of_today(mary)
