"""Bitrix24, spoken to over loopback: rounds, lost replies, limits, silent dropping."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from salesdesk.moments import Zone
from salesdesk.services import tasks
from salesdesk.services.sync.bitrix24 import Bitrix24
from salesdesk.services.sync.failures import Failure, Kind
from salesdesk.services.sync.rounds import one_round, verify
from tests.emulators import bitrix24, faults
from tests.emulators.bitrix24 import Portal
from tests.emulators.bitrix24_methods import FIELDS
from tests.sync.seats import MINUTE, SECOND, Clock, Seat, seat_at

_STAGES = {"S:NEW": "NEW", "S:MEET": "PREPARATION", "S:PAY": "PREPAYMENT_INVOICE", "S:WON": "WON",
           "S:LOST": "LOSE"}  # fmt: skip


@pytest.fixture
def portal(clock: Clock) -> Iterator[Portal]:
    with bitrix24.running(Portal(lambda: clock.at / SECOND)) as served:
        yield served


@pytest.fixture
def mary(tmp_path: Path, portal: Portal, clock: Clock) -> Iterator[Seat]:
    """A laptop that is connected to the portal."""
    remote = Bitrix24(portal.webhook, clock, Zone("Europe/Moscow"))
    with seat_at(tmp_path, remote, clock, "0", _STAGES) as made:
        yield made


def test_a_deal_goes_with_client_task_and_note(mary: Seat, portal: Portal) -> None:
    mary.deal_with_all()
    found = mary.round()
    assert (found.waiting, found.failed, found.unknown) == (0, 0, 0)
    [firm] = portal.items["company"].values()
    [item] = portal.items["deal"].values()
    assert (item["title"], item["opportunity"], item["companyId"]) == ("Crane", 1500.5, firm["id"])
    assert firm["fm"][0]["value"] == "+7 912 345-67-89"
    [task] = portal.tasks.values()
    assert (task["title"], task["ufCrmTask"]) == ("Call them", [f"D_{item['id']}"])
    [note] = portal.comments.values()
    assert note["COMMENT"].startswith("They want it on Monday\n[sd:")
    again = mary.round()
    assert (again.pushed, again.pulled, again.waiting) == (0, 0, 0)


def test_a_deal_that_nobody_expects_on_a_day_gets_none(mary: Seat, portal: Portal) -> None:
    """The portal expects a deal in a week unless it is told otherwise."""
    deal = mary.deal()
    mary.rounds(2)
    [item] = portal.items["deal"].values()
    assert item["closedate"] is None
    assert mary.value("SELECT expected_day FROM deal WHERE id = ?", deal) is None


def test_a_task_of_somebody_who_is_nobody_there_goes(mary: Seat, portal: Portal) -> None:
    with mary.store.command("person.add", now=mary.clock.at) as tx:
        [olga] = tx.insert("person", [{"name": "Olga", "name_key": "olga", "role": "manager"}])
    due = mary.clock.at + 60 * MINUTE
    made = tasks.NewTask("Check the payment", mary.deal(), assignee_id=olga, due_at=due)
    tasks.add(mary.store, made, **mary.by())
    found = mary.round()
    assert (found.waiting, found.failed, found.unknown) == (0, 0, 0)
    [task] = portal.tasks.values()
    assert (task["title"], task["responsibleId"]) == ("Check the payment", "1")  # the key's person
    owner = "SELECT assignee_id FROM task WHERE title LIKE 'Check the payment%'"
    portal.tasks[int(task["id"])] |= {"title": "Check the payment!", "changedDate": portal.text()}
    mary.rounds(2)
    assert mary.value("SELECT title FROM task") == "Check the payment!"
    assert mary.value(owner) == olga  # nobody gave it to somebody else


def test_names_with_double_blanks_stay_as_they_are_there(mary: Seat, portal: Portal) -> None:
    """Here they are one; that is nobody's change."""
    portal.add("deal", title="Crane  200 t", stageId="NEW", opportunity=70)
    mary.round()
    deal = mary.value("SELECT id FROM deal WHERE title = 'Crane 200 t'")
    mary.move(deal, "S:MEET")
    mary.round()
    [item] = portal.items["deal"].values()
    assert (item["title"], item["stageId"]) == ("Crane  200 t", "PREPARATION")


def test_a_colleague_in_the_crm_moves_and_makes_deals(mary: Seat, portal: Portal) -> None:
    deal = mary.deal()
    mary.round()
    [item] = portal.items["deal"].values()
    mary.clock.at += 30 * MINUTE
    portal.edit("deal", item["id"], stageId="PREPARATION")
    moved = mary.clock.at - mary.clock.at % SECOND
    mary.clock.at += 30 * MINUTE
    portal.add("deal", title="From the site", stageId="PREPARATION", opportunity=70)
    mary.round()
    assert [stage for stage, _ in mary.protocol(deal)] == ["S:NEW", "S:MEET"]
    assert mary.protocol(deal)[1][1] == moved
    other = mary.value("SELECT id FROM deal WHERE title = 'From the site'")
    assert [stage for stage, _ in mary.protocol(other)] == ["S:MEET"]
    assert mary.value("SELECT owner_id FROM deal WHERE id = ?", other) == mary.people["2"]
    again = mary.round()
    assert (again.pushed, again.pulled) == (0, 0)


@pytest.mark.parametrize("fault", [faults.lost_after, faults.html_after, faults.fails_after(502)])
def test_what_arrived_is_not_made_again(mary: Seat, portal: Portal, fault: faults.Play) -> None:
    mary.round()
    mary.deal()
    portal.faults.then(fault)
    mary.round()
    mary.rounds()
    assert len(portal.items["deal"]) == 1
    assert mary.round().waiting == 0
    assert mary.value("SELECT count(*) FROM sync_queue") == 0


def test_what_did_not_arrive_is_made_later(mary: Seat, portal: Portal) -> None:
    mary.round()
    mary.deal()
    portal.faults.then(faults.lost_before)
    mary.round()
    mary.rounds()
    assert len(portal.items["deal"]) == 1
    assert mary.value("SELECT count(*) FROM sync_queue") == 0


def test_a_field_that_is_dropped_in_silence_is_noticed(mary: Seat, portal: Portal) -> None:
    portal.drops = frozenset({"opportunity"})
    mary.deal(amount=Decimal(500))
    found = mary.round()
    assert found.failed == 1
    assert mary.value("SELECT detail FROM sync_queue WHERE state = 'failed'") == "amount"
    assert len(portal.items["deal"]) == 1


def test_the_bucket_is_never_overrun(mary: Seat, portal: Portal) -> None:
    portal.limits = True
    for number in range(130):
        portal.add("deal", title=f"D{number}", stageId="NEW")
    mary.round()
    assert mary.value("SELECT count(*) FROM deal") == 130
    assert portal.refused == 0


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (faults.answers(401, b'{"error":"expired_token","error_description":"x"}'), Kind.AUTH),
        (faults.answers(403, b'{"error":"insufficient_scope"}'), Kind.PERMISSION),
        (faults.answers(503, b'{"error":"OVERLOAD_LIMIT"}'), Kind.BLOCKED),
        (faults.answers(429, b'{"error":"OPERATION_TIME_LIMIT"}'), Kind.PAUSED),
        (faults.answers(302, b"", Location="http://example.org/"), Kind.REDIRECTED),
        (faults.answers(302, b"", Location="https://127.0.0.1:1/rest/"), Kind.REDIRECTED),
        (faults.answers(302, b"", Location="https://[no.address/rest/"), Kind.REDIRECTED),
        (faults.answers(403, b"<html>", Content_Type="text/html"), Kind.BLOCKED),
        (faults.answers(410, b'{"error":"PORTAL_DELETED"}'), Kind.AUTH),
        (faults.answers(401, b"", Content_Type="text/html"), Kind.AUTH),
        (faults.answers(400, b'{"error":"INVALID_REQUEST"}'), Kind.PERMISSION),
        (faults.answers(403, b'{"error":"ACCESS_DENIED"}'), Kind.PERMISSION),
        (faults.answers(403, b'{"error":"user_access_error"}'), Kind.PERMISSION),
        (faults.answers(404, b'{"error":"ERROR_METHOD_NOT_FOUND"}'), Kind.PERMISSION),
        (faults.answers(400, b'{"error":"","error_description":"x"}'), Kind.INVALID),
        (faults.answers(400, b'{"error":0}'), Kind.INVALID),
        (faults.answers(400, b'{"error":{"code":"NOT_FOUND","message":"x"}}'), Kind.GONE),
        (faults.answers(200, b"<html>", Content_Type="text/html"), Kind.MALFORMED),
        (faults.answers(500, b'{"error":"INTERNAL_SERVER_ERROR"}'), Kind.NOT_SENT),
    ],
)  # fmt: skip
def test_failures_by_their_class(
    mary: Seat, portal: Portal, answer: faults.Play, kind: Kind
) -> None:
    portal.faults.then(answer)
    with pytest.raises(Failure) as found:
        mary.remote.check()
    assert found.value.kind is kind
    assert bitrix24.SECRET not in str(found.value)


def test_a_wrong_secret_stops_the_sync(mary: Seat, portal: Portal) -> None:
    portal.secret = "another"
    mary.deal()
    with pytest.raises(Failure):
        one_round(mary.store, mary.remote, mary.clock)
    assert mary.value("SELECT state FROM sync_remote") == "stopped"


def test_the_structure_is_read(mary: Seat) -> None:
    found = mary.remote.structure()
    assert [one.name for one in found.pipelines] == ["Sales", "Wholesale"]
    kinds: list[Any] = [stage.kind for stage in found.pipelines[1].stages]
    assert kinds == ["open"] * 5 + ["won", "lost", "lost"]
    assert found.pipelines[1].stages[0].far_id == "C3:NEW"
    assert {one.name for one in found.people} == {"Anna Orlova", "Maria Kim"}


def test_what_was_deleted_there_is_noticed_and_shown_and_stays_here(
    mary: Seat, portal: Portal
) -> None:
    """The portal tells of no deletion: its keys are looked through, many in a request."""
    for number in range(60):
        portal.add("deal", title=f"D{number}", stageId="NEW")
    mary.round()
    assert mary.value("SELECT count(*) FROM deal") == 60
    gone = sorted(portal.items["deal"])[7:60:20]
    for key in gone:
        del portal.items["deal"][key]
    for _ in range(3):  # deals, companies, contacts
        mary.round()
    with mary.store.read() as r:
        shown = r.rows("SELECT far_id FROM sync_aside WHERE stream = 'deal' ORDER BY id")
        links = r.rows("SELECT far_id FROM sync_link WHERE state = 'gone' ORDER BY id")
    assert shown == links == [(str(key),) for key in gone]
    assert mary.value("SELECT count(*) FROM deal WHERE deleted_at IS NULL") == 60
    for _ in range(3):
        mary.round()
    assert mary.value("SELECT count(*) FROM sync_aside") == len(gone)


def test_a_scope_that_is_missing_is_named_and_what_needs_it_waits_until_it_is_granted(
    mary: Seat, portal: Portal
) -> None:
    deal = mary.deal()
    for title in ("Call", "Write", "Visit"):
        new = tasks.NewTask(
            title, deal, assignee_id=mary.people["1"], due_at=mary.clock.at + SECOND
        )
        tasks.add(mary.store, new, **mary.by())
    for method in ("tasks.task.add", "tasks.task.list"):
        portal.refusals[method] = bitrix24.Refusal(403, "insufficient_scope", "Higher privileges")
    with pytest.raises(Failure) as found:
        mary.round()
    assert (found.value.kind, found.value.detail) == (Kind.PERMISSION, "task: Higher privileges")
    assert mary.value("SELECT group_concat(DISTINCT state) FROM sync_queue") == "waiting"
    assert len(portal.items["deal"]) == 1
    portal.refusals.clear()
    mary.clock.at += 60 * MINUTE
    mary.round()
    assert sorted(one["title"] for one in portal.tasks.values()) == ["Call", "Visit", "Write"]
    assert mary.value("SELECT count(*) FROM sync_queue") == 0


def test_names_that_are_kept_tidier_here_are_nobodys_change(mary: Seat, portal: Portal) -> None:
    """Blanks in a row, line breaks, letters of two signs; and a deal without a title."""
    firm = portal.add("company", title=" Crane \u00a0 Ltd")
    portal.add("contact", name="Ann\t", lastName="Cafe\u0301")
    deals = [
        portal.add("deal", title=title, stageId="NEW", companyId=firm)
        for title in ("Two  words", "Two\nlines", "")
    ]
    before = {kind: [dict(one) for one in rows.values()] for kind, rows in portal.items.items()}
    for _ in range(4):
        mary.clock.at += 20 * MINUTE
        assert mary.round().pushed == 0
    assert verify(mary.store, mary.remote, mary.clock).noticed == 0
    mary.clock.at += 20 * MINUTE
    assert (mary.round().pushed, mary.round().waiting) == (0, 0)
    assert {kind: list(rows.values()) for kind, rows in portal.items.items()} == before
    assert mary.value("SELECT name FROM client WHERE kind = 'company'") == "Crane Ltd"
    assert mary.value("SELECT name FROM client WHERE kind = 'contact'") == "Ann Caf\u00e9"
    titles = mary.value("SELECT group_concat(title, ',') FROM (SELECT title FROM deal ORDER BY id)")
    assert titles == f"Two words,Two lines,{deals[2]}"


def test_an_amount_of_more_than_two_decimals_is_nobodys_change(mary: Seat, portal: Portal) -> None:
    portal.add("deal", title="Thirds", stageId="NEW", opportunity=0.3333333)
    before = [dict(one) for one in portal.items["deal"].values()]
    for _ in range(4):
        mary.clock.at += 20 * MINUTE
        assert mary.round().pushed == 0
    assert verify(mary.store, mary.remote, mary.clock).noticed == 0
    mary.clock.at += 20 * MINUTE
    assert (mary.round().pushed, mary.round().waiting) == (0, 0)
    assert list(portal.items["deal"].values()) == before
    assert mary.value("SELECT amount FROM deal WHERE title = 'Thirds'") == 3300


@pytest.mark.parametrize("known", [True, False])
def test_a_comment_on_a_deal_that_does_not_change_is_read(
    mary: Seat, portal: Portal, monkeypatch: pytest.MonkeyPatch, known: bool
) -> None:
    """Where a portal does not know of activity, it comes as soon as the deal changes."""
    if not known:
        monkeypatch.setitem(FIELDS, "deal", FIELDS["deal"] - {"lastActivityTime"})
    mary.deal()
    [*_, quiet] = [portal.add("deal", title="Other", stageId="NEW") for _ in range(3)]
    mary.rounds(2)
    mary.clock.at += 20 * MINUTE
    portal.comment(quiet, "They called back")
    mary.rounds(2)
    notes = "SELECT count(*) FROM note WHERE text = 'They called back'"
    assert mary.value(notes) == int(known)
    portal.edit("deal", quiet, title="Another")
    mary.rounds(2)
    assert mary.value(notes) == 1
