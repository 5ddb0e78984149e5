"""A first pull: deals come with their history, are written once, and a history that is read later
than its deal counts nothing twice."""

import itertools
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from salesdesk.moments import Zone
from salesdesk.services.sync.amocrm import AmoCrm
from salesdesk.services.sync.bitrix24 import Bitrix24
from salesdesk.services.sync.connect import NEEDED
from salesdesk.services.sync.failures import Failure, Kind
from tests.builders import empty_store
from tests.emulators import bitrix24, bitrix24_methods
from tests.emulators.amocrm import Account
from tests.sync.memory_remote import Portal
from tests.sync.seats import MINUTE, SECOND, Clock, Seat, seat, seat_at


def moved_about(portal: Portal, clock: Clock, count: int) -> list[str]:
    """Deals of a colleague that have been in several stages; their keys there."""
    keys = []
    for number in range(count):
        made = portal.add(
            "deal",
            {"title": f"Deal {number}", "currency": "RUB", "pipeline": "P", "stage": "S:NEW",
             "owner": "2", "expected_day": None, "company": "", "contact": ""},
            by="2",
        )  # fmt: skip
        keys.append(made.far_id)
        for stage in ("S:MEET", "S:PAY"):
            clock.at += MINUTE
            portal.edit("deal", made.far_id, {"stage": stage}, by="2")
    return keys


def test_a_deal_is_written_once_with_its_history(tmp_path: Path) -> None:
    clock = Clock()
    portal = Portal(clock.now)
    keys = moved_about(portal, clock, 12)
    with (one := seat(tmp_path, portal, clock)).store:
        one.round()
        for key in keys:
            deal = one.here(portal.table("deal")[key])
            assert [stage for stage, _ in one.protocol(deal)] == ["S:NEW", "S:MEET", "S:PAY"]
        written = one.value(
            "SELECT max(times) FROM (SELECT count(DISTINCT txn_id) AS times FROM change "
            "JOIN stage_move m ON m.id = change.row_id WHERE tbl = 'stage_move' GROUP BY m.deal_id)"
        )
        assert written == 1
        assert one.value("SELECT count(*) FROM sync_move") == len(portal.history)


def test_a_first_pull_that_is_cut_off_counts_what_was_read_once(tmp_path: Path) -> None:
    clock = Clock()
    portal = Portal(clock.now)
    for number in range(4):
        portal.add("company", {"name": f"Firm {number}"})
    moved_about(portal, clock, 12)
    fails = [True]

    def fault(when: str, what: str) -> None:
        read = one.value("SELECT coalesce(max(read), 0) FROM sync_stream WHERE name = 'deal'")
        if fails[0] and (when, what) == ("read", "deal") and read >= 5:
            raise Failure(Kind.NOT_SENT)

    with (one := seat(tmp_path, portal, clock)).store:
        one.remote.fault = fault
        for _ in range(2):
            with pytest.raises(Failure):
                one.round()
        fails[0] = False
        one.round()
        rows = [one.value("SELECT read FROM sync_stream WHERE name = ?", name)
                for name in ("company", "deal")]  # fmt: skip
        assert rows == [4, 12]


def test_a_move_that_travels_while_its_deal_is_read_counts_once(pair: tuple[Seat, Seat]) -> None:
    """Mary's round has read the page of a deal, and not yet its history, when Max sends a move."""
    mary, max_ = pair
    deal = max_.deal()
    max_.round()
    waits = iter([True])

    def fault(_when: str, what: str) -> None:
        if what == "moves" and next(waits, False):
            max_.clock.at += MINUTE
            max_.move(deal, "S:MEET")
            max_.clock.at += MINUTE
            max_.round()

    mary.remote.fault = fault
    for one in (mary, max_, mary):
        one.round()
    there = mary.here(max_.far(deal))
    assert mary.protocol(there) == max_.protocol(deal)
    assert [stage for stage, _ in mary.protocol(there)] == ["S:NEW", "S:MEET"]


def test_bitrix24_tells_the_history_of_many_deals_in_one_request(tmp_path: Path) -> None:
    clock = Clock()
    with (
        bitrix24.running(bitrix24.Portal(lambda: clock.at / SECOND)) as portal,
        empty_store(tmp_path) as store,
    ):
        far = Bitrix24(portal.webhook, clock, store.zone)
        far.make_fields(NEEDED)
        keys = [portal.add("deal", title=f"D{n}", stageId="NEW") for n in range(30)]
        for stage, key in itertools.product(("PREPARATION", "HELD") * 8, keys):
            portal.edit("deal", key, stageId=stage)
        begins, before = far.present("move"), portal.requests
        found = far.moves_of([str(key) for key in keys])
        assert len(found) == len({one.far_id for one in found}) == len(portal.history)
        assert portal.requests - before == 2  # five deals have more than fifty lines together
        assert far.page("move", begins).moves == ()
        assert [far.count(stream) for stream in ("move", "task", "note")] == [len(found), 0, None]
        portal.edit("deal", keys[3], stageId="WON")
        assert [one.deal for one in far.page("move", begins).moves] == [str(keys[3])]
        far.close()


@pytest.mark.parametrize("count", [50, 51, 300, 620])
def test_bitrix24_reads_five_pages_in_a_request(
    served: bitrix24.Portal, walker: Bitrix24, count: int
) -> None:
    keys = [str(served.add("deal", title=f"D{n}")) for n in range(count)]
    before = served.requests
    assert walked(walker) == keys
    assert served.requests - before == 1 + -(-(count - 49) // 250)


@pytest.mark.parametrize("put", ["", "x", "9" * 12])
def test_a_portal_that_puts_nothing_in_is_read_page_by_page(
    served: bitrix24.Portal, walker: Bitrix24, monkeypatch: pytest.MonkeyPatch, put: str
) -> None:
    """What refers to an earlier answer may stand for nothing, be refused, or be taken for a number
    behind all that is there."""

    def referred(query: str, _results: object) -> str:
        return re.sub(r"\$result[^&]+", put, query)

    monkeypatch.setattr(bitrix24_methods, "_referred", referred)
    keys = [str(served.add("deal", title=f"D{n}")) for n in range(170)]
    before = served.requests
    assert walked(walker) == keys
    assert served.requests - before == 4


def test_what_a_colleague_writes_between_the_pages_is_read(
    served: bitrix24.Portal, walker: Bitrix24
) -> None:
    keys = [served.add("deal", title=f"D{n}") for n in range(400)]
    page = walker.page("deal", "")
    served.edit("deal", keys[0], title="late")
    late = served.add("deal", title="new")
    found = walked(walker, page.cursor)
    assert found == [str(key) for key in (*keys[50:], late)]


def test_keys_that_are_none_end_no_round(
    served: bitrix24.Portal, clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A company key that is no number, a line of the history without an id: what can be read is."""
    deal = served.add("deal", title="Crane", stageId="NEW")
    for stage in ("PREPARATION", "HELD") * 35:  # more than a page
        served.edit("deal", deal, stageId=stage)
    served.items["deal"][deal]["companyId"] = "x"
    real = bitrix24_methods.METHODS["crm.stagehistory.list"]

    def without_one(*given: Any) -> Any:
        found, more = real(*given)
        lines = [line | {"ID": None} if line["STAGE_ID"] == "NEW" else line
                 for line in found["items"]]  # fmt: skip
        return found | {"items": lines}, more

    monkeypatch.setitem(bitrix24_methods.METHODS, "crm.stagehistory.list", without_one)
    clock.at += 3600 * SECOND
    far = Bitrix24(served.webhook, clock, Zone("Europe/Moscow"))
    names = {"S:NEW": "NEW", "S:MEET": "PREPARATION", "S:PAY": "HELD", "S:WON": "WON",
             "S:LOST": "LOSE"}  # fmt: skip
    with seat_at(tmp_path, far, clock, "0", names) as one:
        assert one.round().failed == 0
        assert one.value("SELECT count(*) FROM deal") == 1
        assert one.value("SELECT client_id FROM deal") is None
        assert [stage for stage, _ in one.protocol(1)] == ["S:MEET", "S:PAY"] * 35


def test_a_slow_portal_is_asked_for_fewer_pages_at_once(
    served: bitrix24.Portal, walker: Bitrix24, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Six seconds a page: five of them would be cut off at every try."""
    asked: list[int] = []
    real = bitrix24_methods.METHODS["crm.item.list"]

    def slow(*given: Any) -> Any:
        clock.at += 6 * SECOND
        asked.append(served.requests)
        return real(*given)

    monkeypatch.setitem(bitrix24_methods.METHODS, "crm.item.list", slow)
    keys = [str(served.add("deal", title=f"D{n}")) for n in range(170)]
    assert walked(walker) == keys
    assert len(asked) == len(set(asked)) == 4
    monkeypatch.setitem(bitrix24_methods.METHODS, "crm.item.list", real)
    before = served.requests
    assert walked(walker) == keys
    assert served.requests - before == 2  # five again, when it is quick


def test_too_large_an_answer_is_asked_for_in_parts(
    served: bitrix24.Portal, walker: Bitrix24, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = [str(served.add("deal", title=f"D{n}")) for n in range(120)]

    def too_much(*_given: Any) -> Any:
        raise Failure(Kind.MALFORMED)

    monkeypatch.setattr(walker.portal, "chain", too_much)
    assert walked(walker) == keys


def walked(far: Bitrix24, cursor: str = "") -> list[str]:
    """The keys of all deals, page after page."""
    found: list[str] = []
    more = True
    while more:
        page = far.page("deal", cursor)
        found += [one.far_id for one in page.records]
        cursor, more = page.cursor, page.more
    return found


@pytest.fixture
def served(clock: Clock) -> Iterator[bitrix24.Portal]:
    with bitrix24.running(bitrix24.Portal(lambda: clock.at / SECOND)) as portal:
        yield portal


@pytest.fixture
def walker(served: bitrix24.Portal, clock: Clock, tmp_path: Path) -> Iterator[Bitrix24]:
    with empty_store(tmp_path) as store:
        far = Bitrix24(served.webhook, clock, store.zone)
        yield far
        far.close()


def test_lines_of_one_second_are_taken_in_their_order(one: Seat, portal: Portal) -> None:
    """A robot writes several at once: the deal ends where the last one leads, by no line more."""
    made = portal.add(
        "deal",
        {"title": "Crane", "currency": "RUB", "pipeline": "P", "stage": "S:NEW", "owner": "2",
         "expected_day": None, "company": "", "contact": ""},
        by="2",
    )  # fmt: skip
    for stage in ("S:MEET", "S:PAY"):
        portal.edit("deal", made.far_id, {"stage": stage}, by="2")
    assert len({line.at for line in portal.history}) == 1
    one.round()
    deal = one.here(portal.table("deal")[made.far_id])
    assert [stage for stage, _ in one.protocol(deal)] == ["S:NEW", "S:MEET", "S:PAY"]
    reported = "SELECT count(*) FROM stage_move WHERE evidence = 'reported'"
    assert one.value(reported) == len(portal.history)


def test_amocrm_tells_moves_from_now_on(account: Account, clock: Clock) -> None:
    far = AmoCrm(account.url, account.token, clock)
    assert far.present("move") == "0:1:0"  # nothing yet: all of it is read
    assert far.count("move") is None
    key = account.add("leads", name="D")
    account.edit("leads", key, status_id=58_141_811)
    begins = far.present("move")
    assert begins != "0:1:0"
    clock.at += 60 * MINUTE
    account.edit("leads", key, status_id=58_141_815)
    found = far.page("move", begins).moves
    assert "6950551/58141815" in {one.stage for one in found}
    far.close()


def test_tasks_and_notes_of_a_pipeline_that_is_not_synced_are_passed_over(tmp_path: Path) -> None:
    """They are nothing that a person has to look at, and their deal is looked for once a round."""
    clock = Clock()
    portal = Portal(clock.now)
    deal = portal.add(
        "deal", {"title": "X", "pipeline": "Q", "stage": "S:Q", "company": "", "contact": ""}
    )
    for number in range(20):
        portal.add("task", {"title": f"T{number}", "deal": deal.far_id, "done": False})
        portal.add("note", {"text": f"N{number}", "deal": deal.far_id, "at": 1})
    read: list[str] = []
    with (one := seat(tmp_path, portal, clock)).store:
        one.remote.fault = lambda _when, what: read.append(what)
        one.round()
        assert one.value("SELECT count(*) FROM sync_aside") == 0
        assert one.value("SELECT count(*) FROM task") == one.value("SELECT count(*) FROM note") == 0
    assert read.count("get") == 1
