"""amoCRM, spoken to over loopback: rounds, lost replies, limits, values that are refused."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from salesdesk.services import clients
from salesdesk.services.clients import NewClient
from salesdesk.services.sync.amocrm import AmoCrm
from salesdesk.services.sync.connect import NEEDED
from salesdesk.services.sync.failures import Failure, Kind
from salesdesk.services.sync.rounds import verify
from tests.emulators import amocrm, faults
from tests.emulators.amocrm import Account
from tests.sync.seats import MINUTE, SECOND, Clock, Seat, seat_at

_STAGES = {"S:NEW": "58141807", "S:MEET": "58141811", "S:PAY": "58141815", "S:WON": "142",
           "S:LOST": "143"}  # fmt: skip


@pytest.fixture
def mary(tmp_path: Path, account: Account, clock: Clock) -> Iterator[Seat]:
    """A laptop that is connected to the account."""
    remote = AmoCrm(account.url, account.token, clock)
    stages = {here: f"6950551/{far}" for here, far in _STAGES.items()}
    with seat_at(tmp_path, remote, clock, "6950551", stages) as made:
        yield made


def test_a_deal_goes_with_client_task_and_note(mary: Seat, account: Account) -> None:
    deal = mary.deal_with_all()
    found = mary.round()
    assert (found.waiting, found.failed, found.unknown) == (0, 0, 0)
    [firm] = account.rows["companies"].values()
    [lead] = account.rows["leads"].values()
    assert (lead["name"], lead["price"]) == ("Crane", 1501)
    assert lead["_embedded"]["companies"] == [{"id": firm["id"]}]
    [task] = account.rows["tasks"].values()
    assert task["text"].startswith("Call them [sd:")
    assert task["entity_id"] == lead["id"]
    [note] = account.notes.values()
    assert note["params"]["text"].startswith("They want it on Monday\n[sd:")
    assert mary.value("SELECT amount FROM deal WHERE id = ?", deal) == 15_005_000
    for _ in range(2):
        again = mary.round()
        assert (again.pushed, again.waiting) == (0, 0)
    assert len(account.rows["leads"]) == 1


def test_contacts_without_links_of_their_own_hold_up_nothing(mary: Seat, account: Account) -> None:
    """Only those of leads are documented everywhere."""
    account.linked = ("leads",)
    firm = clients.add(mary.store, NewClient("company", "Crane Ltd"), **mary.by()).id
    person = NewClient("contact", "Olga Petrova", company_id=firm, phones=("+7 912 345-67-89",))
    contact = clients.add(mary.store, person, **mary.by()).id
    mary.deal("Crane", client_id=firm, contact_id=contact)
    found = mary.round()
    assert (found.waiting, found.failed, found.unknown) == (0, 0, 0)
    [lead] = account.rows["leads"].values()
    assert len(lead["_embedded"]["contacts"]) == 1
    [there] = account.rows["contacts"]
    with closing(AmoCrm(account.url, account.token, mary.clock)) as remote:  # as after a start
        remote.make_fields(NEEDED)
        mary.remote = remote  # type: ignore[assignment]
        mary.clock.at += MINUTE
        account.edit("contacts", there, name="Olga P.")
        for _ in range(2):
            again = mary.round()
            assert (again.pushed, again.waiting, again.failed, again.conflicts) == (0, 0, 0, 0)
    ours = mary.value("SELECT name || char(124) || company_id FROM client WHERE id = ?", contact)
    assert ours == f"Olga P.|{firm}"


def test_a_lead_that_was_made_there_counts_from_its_making(mary: Seat, account: Account) -> None:
    """The feed of events does not tell of it."""
    lead = account.add("leads", name="From the site", status_id=58141807, price=70)
    made = mary.clock.at - mary.clock.at % SECOND
    mary.clock.at += 30 * MINUTE
    account.edit("leads", lead, status_id=58141811)
    moved = mary.clock.at - mary.clock.at % SECOND
    mary.round()
    [deal] = mary.value("SELECT json_group_array(id) FROM deal").strip("[]").split(",")
    assert mary.protocol(int(deal)) == [("S:NEW", made), ("S:MEET", moved)]
    assert mary.value("SELECT created_at FROM deal") == made


def test_a_colleague_in_the_crm_moves_and_makes_deals(mary: Seat, account: Account) -> None:
    deal = mary.deal()
    mary.round()
    [lead] = account.rows["leads"].values()
    mary.clock.at += 30 * MINUTE
    account.edit("leads", lead["id"], status_id=58141811)
    moved = mary.clock.at - mary.clock.at % SECOND
    mary.clock.at += 30 * MINUTE
    account.add("leads", name="From the site", status_id=58141811, price=70)
    mary.round()
    assert [stage for stage, _ in mary.protocol(deal)] == ["S:NEW", "S:MEET"]
    assert mary.protocol(deal)[1][1] == moved
    mover = mary.value("SELECT mover_id FROM stage_move WHERE at = ?", moved)
    assert mover == mary.people["2"]  # the feed of events tells who it was
    other = mary.value("SELECT id FROM deal WHERE title = 'From the site'")
    assert mary.value("SELECT amount FROM deal WHERE id = ?", other) == 700_000
    assert mary.round().pushed == 0


def test_names_of_several_lines_stay_as_they_are_there(mary: Seat, account: Account) -> None:
    """Here they are one line; that is nobody's change."""
    lead = account.add("leads", name="Crane\n 200 t ", status_id=58141807, price=70)
    due = mary.clock.at // SECOND + 3600
    call = account.add("tasks", text="Call:\n- price\n- day", complete_till=due,
                       entity_id=lead, entity_type="leads")  # fmt: skip
    mary.round()
    deal = mary.value("SELECT id FROM deal WHERE title = 'Crane 200 t'")
    mary.move(deal, "S:MEET")
    mary.round()
    assert account.rows["leads"][lead]["status_id"] == 58141811
    mary.clock.at += 30 * MINUTE
    account.edit("leads", lead, price=80)
    account.edit("tasks", call, complete_till=due + 3600)
    for _ in range(2):
        assert mary.round().pushed == 0
    assert account.rows["leads"][lead]["name"] == "Crane\n 200 t "
    assert account.rows["tasks"][call]["text"] == "Call:\n- price\n- day"


@pytest.mark.parametrize("fault", [faults.lost_after, faults.html_after, faults.fails_after(504)])
def test_what_arrived_is_not_made_again(mary: Seat, account: Account, fault: faults.Play) -> None:
    mary.remote.check()
    mary.round()
    mary.deal()
    account.faults.then(fault)
    mary.round()
    mary.rounds()
    assert len(account.rows["leads"]) == 1
    assert mary.value("SELECT count(*) FROM sync_queue") == 0


def test_half_of_a_batch_may_be_saved(mary: Seat, account: Account) -> None:
    mary.round()
    account.fails_above = 3
    for number in range(8):
        mary.deal(f"D{number}")
    mary.round()
    account.fails_above = 250
    mary.rounds()
    assert sorted(row["name"] for row in account.rows["leads"].values()) == [
        f"D{number}" for number in range(8)
    ]
    assert mary.value("SELECT count(*) FROM sync_queue") == 0


def test_seven_a_second_are_never_overrun(mary: Seat, account: Account) -> None:
    account.limits = True
    for number in range(60):
        account.add("leads", name=f"D{number}")
    mary.round()
    assert mary.value("SELECT count(*) FROM deal") == 60
    assert account.refused == 0


def test_nothing_slips_away_while_pages_move(mary: Seat, account: Account) -> None:
    for number in range(260):
        account.add("leads", name=f"D{number}")
        mary.clock.at += SECOND
    keys = iter(list(account.rows["leads"]))
    page = mary.remote.page

    def drifting(stream: object, cursor: str) -> object:
        found = page(stream, cursor)  # type: ignore[arg-type]
        if stream == "deal":
            mary.clock.at += SECOND
            account.edit("leads", next(keys), price=5)
        return found

    mary.remote.page = drifting  # type: ignore[method-assign,assignment]
    mary.round()
    mary.round()
    assert mary.value("SELECT count(*) FROM deal") == 260


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (faults.answers(401), Kind.AUTH),
        (faults.answers(402), Kind.PERMISSION),
        (faults.answers(403, b'{"title":"Forbidden"}'), Kind.BLOCKED),  # of the account itself
        (faults.answers(403, b"<html>", Content_Type="text/html"), Kind.BLOCKED),
        (faults.answers(404), Kind.GONE),
        (faults.answers(200, b"<html>"), Kind.MALFORMED),
    ],
)
def test_failures_by_their_class(
    mary: Seat, account: Account, answer: faults.Play, kind: Kind
) -> None:
    account.faults.then(answer)
    with pytest.raises(Failure) as found:
        mary.remote.check()
    assert found.value.kind is kind
    assert amocrm.TOKEN not in str(found.value)


def test_an_account_that_is_not_paid_for_is_told_as_that(mary: Seat, account: Account) -> None:
    account.faults.then(faults.answers(402))
    with pytest.raises(Failure) as found:
        mary.remote.check()
    assert found.value.detail == "the account is not paid for"


def test_the_structure_is_read(mary: Seat) -> None:
    found = mary.remote.structure()
    [pipeline] = found.pipelines
    assert [stage.far_id for stage in pipeline.stages] == [
        "6950551/58141807", "6950551/58141811", "6950551/58141815", "6950551/142", "6950551/143",
    ]  # fmt: skip
    assert [stage.kind for stage in pipeline.stages] == ["open"] * 3 + ["won", "lost"]
    assert found.lost_reasons == {"11": "Too expensive"}
    assert {one.name for one in found.people} == {"Anna Orlova", "Maria Kim"}


def test_names_that_are_kept_tidier_here_are_nobodys_change(mary: Seat, account: Account) -> None:
    account.add("companies", name=" Crane \u00a0 Ltd")
    account.add("contacts", name="Ann  Cafe\u0301")
    leads = [account.add("leads", name=name, status_id=58141807) for name in ("Two\nlines", "")]
    for _ in range(4):
        mary.clock.at += 20 * MINUTE
        assert mary.round().pushed == 0
    assert verify(mary.store, mary.remote, mary.clock).noticed == 0
    assert {one["updated_by"] for one in account.rows["leads"].values()} == {7}
    names = mary.value("SELECT group_concat(name, ',') FROM (SELECT name FROM client ORDER BY id)")
    assert names == "Crane Ltd,Ann Caf\u00e9"
    titles = mary.value("SELECT group_concat(title, ',') FROM (SELECT title FROM deal ORDER BY id)")
    assert titles == f"Two lines,{leads[1]}"
