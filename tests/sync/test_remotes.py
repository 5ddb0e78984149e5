"""Both CRMs over loopback at their worst: replies that are lost, portals that move, methods that
rest, elements that are refused, links, and how much of the documented limits is used."""

from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from salesdesk.errors import Invalid
from salesdesk.models.store import Store
from salesdesk.services.sync import amocrm as amo
from salesdesk.services.sync import bitrix24 as bitrix
from salesdesk.services.sync import catalog, publish, publishing
from salesdesk.services.sync.amocrm import AmoCrm
from salesdesk.services.sync.bitrix24 import Bitrix24
from salesdesk.services.sync.connect import NEEDED
from salesdesk.services.sync.failures import Failure, Kind
from salesdesk.services.sync.pace import Pace
from salesdesk.services.sync.remote import Draft, Remote, Value
from salesdesk.services.sync.wire import detail
from tests.builders import empty_store
from tests.emulators import bitrix24, faults
from tests.emulators.amocrm import Account
from tests.emulators.bitrix24 import Portal
from tests.sync.seats import SECOND, Clock


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with empty_store(tmp_path) as made:
        yield made


@pytest.fixture
def portal(clock: Clock) -> Iterator[Portal]:
    with bitrix24.running(Portal(lambda: clock.at / SECOND)) as served:
        yield served


@pytest.fixture
def far(portal: Portal, clock: Clock, store: Store) -> Iterator[Bitrix24]:
    made = Bitrix24(portal.webhook, clock, store.zone)
    made.make_fields(NEEDED)
    yield made
    made.close()


@pytest.fixture
def lead(account: Account, clock: Clock) -> Iterator[AmoCrm]:
    made = AmoCrm(account.url, account.token, clock)
    made.make_fields(NEEDED)
    made.check()
    yield made
    made.close()


def uid(number: int) -> str:
    return f"{number:032x}"


def deal(number: int, **fields: Any) -> Draft:
    return Draft(uid(number), {"title": f"D{number}", "amount": None, **fields})


def tried(remote: Remote, drafts: list[Draft]) -> set[Kind | None]:
    """What came of making deals."""
    try:
        outcomes = remote.create("deal", drafts)
    except Failure as failure:
        return {failure.kind}
    return {None if one.failure is None else one.failure.kind for one in outcomes}


# -- replies that are lost ------------------------------------------------------------------------


@pytest.mark.parametrize("fault", [faults.lost_after, faults.html_after, faults.fails_after(502)])
def test_a_hundred_lost_replies_make_no_doubles(
    far: Bitrix24, lead: AmoCrm, portal: Portal, account: Account, fault: faults.Play
) -> None:
    """Made, the reply lost: what is looked up is adopted, and nothing is made again."""
    both: list[tuple[Remote, Any]] = [(far, portal), (lead, account)]
    for remote, server in both:
        for number in range(0, 100, 20):
            drafts = [deal(one) for one in range(number, number + 20)]
            server.faults.then(fault)
            assert tried(remote, drafts) == {Kind.UNKNOWN}
            found = remote.find("deal", [draft.uid for draft in drafts])
            again = [draft for draft in drafts if draft.uid not in found]
            assert again == []
    assert len(portal.items["deal"]) == len(account.rows["leads"]) == 100


def test_too_many_calls_are_looked_up_before_they_are_made_again(
    lead: AmoCrm, account: Account
) -> None:
    def taken_and_refused(handler: Any, do: Callable[[], tuple[int, bytes]]) -> None:
        do()
        faults.reply(handler, 429, b"<html>")

    account.faults.then(taken_and_refused)
    outcomes = lead.create("deal", [deal(1), deal(2)])
    assert [one.failure for one in outcomes] == [None, None]
    assert len(account.rows["leads"]) == 2


@pytest.mark.parametrize("typed", ["https://zavod.amocrm.ru/leads", " zavod.amocrm.ru "])
def test_the_address_of_an_account_as_people_write_it(typed: str) -> None:
    assert catalog.token(typed, "long-token").base == "https://zavod.amocrm.ru"


@pytest.mark.parametrize("typed", ["zavod", "", "https://", "https://[zavod.ru", "zavod].ru"])
def test_what_is_no_address_of_an_account(typed: str) -> None:
    with pytest.raises(Invalid, match=r"example\.amocrm\.ru"):
        catalog.token(typed, "long-token")


def test_what_is_no_address_of_a_portal() -> None:
    with pytest.raises(Invalid, match=r"example\.bitrix24\.ru"):
        catalog.webhook("https://[zavod.bitrix24.ru/rest/1/secret/")


def test_a_vendor_speaks_in_words() -> None:
    assert detail("Не указано название<br>") == "Не указано название"
    assert detail("a < b<br />c > d") == "a < b c > d"


# -- Bitrix24 -------------------------------------------------------------------------------------


def test_a_portal_that_moved_is_followed_once(
    far: Bitrix24, portal: Portal, clock: Clock, store: Store
) -> None:
    with bitrix24.running(Portal(lambda: clock.at / SECOND)) as other:
        old = f"http://127.0.0.1:{portal.port}"
        where = other.webhook + "scope.json"
        portal.faults.then(faults.answers(302, b"", Location=where))
        assert far.check().missing == ()
        assert far.moved == f"http://127.0.0.1:{other.port}"
        access = catalog.Access("bitrix24", old, "1/x")
        assert catalog.moved(access, far).base == far.moved
        before = portal.requests
        far.check()
        assert portal.requests == before


def test_the_secret_goes_to_no_less_safe_host(portal: Portal, far: Bitrix24) -> None:
    for where in ("http://example.org/rest/1/x/", "https://127.0.0.1/rest/1/x/",
                  "http://127.0.0.1:9/login", "//example.org/rest/"):  # fmt: skip
        portal.faults.then(faults.answers(302, b"", Location=where))
        with pytest.raises(Failure) as found:
            far.check()
        assert found.value.kind is Kind.REDIRECTED
        assert far.moved == ""


def test_one_method_rests_and_others_go_on(far: Bitrix24, portal: Portal, clock: Clock) -> None:
    portal.operating["crm.item.add"] = 481.0
    [one] = far.create("deal", [deal(1)])
    assert one.failure is not None
    assert one.failure.kind is Kind.PAUSED
    before = portal.requests
    [one] = far.create("deal", [deal(1)])
    assert one.failure is not None
    assert (one.failure.kind, portal.requests) == (Kind.PAUSED, before)
    far.page("deal", "")
    until = one.failure.retry_at
    assert until is not None
    clock.at = until + SECOND
    portal.operating.clear()
    assert far.create("deal", [deal(1)])[0].failure is None


@pytest.mark.parametrize("days", [-3, 3])
def test_a_method_rests_ten_minutes_at_most_whatever_the_clock(
    far: Bitrix24, portal: Portal, clock: Clock, days: int
) -> None:
    true = portal.clock
    portal.clock = lambda: true() + days * 86_400
    far.page("deal", "")
    far.create("deal", [deal(1)])
    portal.operating["crm.item.add"] = 481.0
    [one] = far.create("deal", [deal(2)])
    assert one.failure is not None
    until = one.failure.retry_at
    assert until is not None
    assert clock.at < until <= clock.at + 600 * SECOND


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("insufficient_scope", Kind.PERMISSION), ("INTERNAL_SERVER_ERROR", Kind.UNKNOWN),
        ("ACCESS_DENIED", Kind.INVALID), ("expired_token", Kind.AUTH), ("", Kind.INVALID),
        ("NOT_FOUND", Kind.GONE), ("100", Kind.INVALID), (0, Kind.INVALID),
    ],
)  # fmt: skip
def test_codes_inside_a_batch(far: Bitrix24, portal: Portal, code: object, kind: Kind) -> None:
    portal.refusals["crm.item.add"] = bitrix24.Refusal(400, code, "<b>no</b>")
    [one] = far.create("deal", [deal(1)])
    assert one.failure is not None
    assert one.failure.kind is kind


def test_phones_are_changed_by_the_ids_of_their_rows(far: Bitrix24, portal: Portal) -> None:
    [made] = far.create("company", [Draft(uid(1), {"name": "Sever", "phones": ("1", "2", "3"),
                                                   "emails": ("a@example.org",)})])  # fmt: skip
    item = portal.items["company"][int(made.far_id)]
    item["fm"][1]["valueType"] = "MOBILE"
    ids = [one["id"] for one in item["fm"]]
    [done] = far.update("company", [Draft(uid(1), {"phones": ("2", "4")}, made.far_id)])
    assert done.failure is None
    phones = [one for one in item["fm"] if one["typeId"] == "PHONE"]
    assert [one["value"] for one in phones] == ["2", "4"]
    assert phones[0]["valueType"] == "MOBILE"
    assert {one["id"] for one in item["fm"]} <= set(ids)
    found = far.get("company", [made.far_id])[made.far_id].fields
    assert (found["phones"], found["emails"]) == (("2", "4"), ("a@example.org",))


def test_what_is_emptied_is_empty_there(far: Bitrix24, portal: Portal) -> None:
    [person] = far.create("contact", [Draft(uid(1), {"name": "Ivan Petrov"})])
    [made] = far.create("deal", [deal(2, contact=person.far_id, expected_day=740_000)])
    item = portal.items["deal"][int(made.far_id)]
    assert item["contactIds"] == [int(person.far_id)]
    [done] = far.update(
        "deal", [Draft(uid(2), {"contact": "", "expected_day": None}, made.far_id)]
    )  # fmt: skip
    assert done.record is not None
    assert (done.record.fields["contact"], done.record.fields["expected_day"]) == ("", None)
    assert item["contactIds"] == []


def test_a_task_ends_and_begins_again(far: Bitrix24, portal: Portal, clock: Clock) -> None:
    [one] = far.create("deal", [deal(1)])
    fields: dict[str, Value] = {
        "title": "Call",
        "deal": one.far_id,
        "owner": "7",
        "due_at": clock.at,
        "done": True,
    }
    [made] = far.create("task", [Draft(uid(2), fields)])
    assert portal.tasks[int(made.far_id)]["status"] == "5"
    far.update("task", [Draft(uid(2), {"done": False, "title": "Again"}, made.far_id)])
    assert portal.tasks[int(made.far_id)]["status"] == "2"
    [gone] = far.update("task", [Draft(uid(3), {"title": "x"}, "999999")])
    assert gone.failure is not None
    assert gone.failure.kind is Kind.GONE


def test_comments_come_with_their_deal(far: Bitrix24, portal: Portal, clock: Clock) -> None:
    key = portal.add("deal", title="D")
    for number in range(60):
        portal.comment(key, f"Note {number}")
    page = far.page("note", "")
    assert len(page.records) == 60
    clock.at += 600 * SECOND
    cursor = far.page("note", page.cursor).cursor
    clock.at += 600 * SECOND
    cursor = far.page("note", cursor).cursor
    assert far.page("note", cursor).records == ()
    portal.edit("deal", key, title="E")
    assert len(far.page("note", cursor).records) == 60


def test_leads_are_deals_of_a_pipeline_of_their_own(
    portal: Portal, clock: Clock, store: Store
) -> None:
    far = Bitrix24(portal.webhook, clock, store.zone, leads=True)
    key = portal.add("lead", title="From the site", opportunity=70)
    portal.add("deal", title="D")
    assert far.structure().pipelines[-1].far_id == "leads"
    cursor, found = "", []
    more = True
    while more:
        page = far.page("deal", cursor)
        cursor, more = page.cursor, page.more
        found += [(one.far_id, one.fields["pipeline"], one.fields["stage"]) for one in page.records]
    assert (f"L_{key}", "leads", "L_NEW") in found
    assert len(found) == 2
    [done] = far.update(
        "deal", [Draft(uid(1), {"stage": "L_IN_PROCESS", "pipeline": "leads"}, f"L_{key}")]
    )
    assert done.record is not None
    assert done.record.fields["stage"] == "L_IN_PROCESS"
    assert [one.stage for one in far.moves_of([f"L_{key}"])] == ["L_NEW", "L_IN_PROCESS"]
    far.close()


@pytest.mark.parametrize(
    "tail", ["/rest/1/canary0s3cr3t", "/rest/1/canary0s3cr3t/", "/rest/1/canary0s3cr3t/profile",
             "/rest/1/canary0s3cr3t/profile.json?x=1", "/rest/api/1/canary0s3cr3t/"]
)  # fmt: skip
def test_a_webhook_in_any_of_its_forms(tail: str) -> None:
    found = catalog.webhook(f" https://example.bitrix24.ru{tail} ")
    assert (found.base, found.secret) == ("https://example.bitrix24.ru", "1/canary0s3cr3t")
    assert "canary" not in repr(found)


# -- amoCRM ---------------------------------------------------------------------------------------


def test_only_what_is_refused_is_set_aside(lead: AmoCrm, account: Account) -> None:
    drafts = [deal(1), deal(2, stage="6950551/999"), deal(3), deal(4, owner="7")]
    outcomes = lead.create("deal", drafts)
    assert [one.failure is None for one in outcomes] == [True, False, True, True]
    assert outcomes[1].failure is not None
    assert outcomes[1].failure.kind is Kind.INVALID
    assert "status_id" in outcomes[1].failure.detail
    assert len(account.rows["leads"]) == 3
    changed = [
        Draft(one.uid, {"stage": "6950551/58141811" if one.uid != uid(3) else "6950551/9"},
              one.far_id)
        for one in outcomes if one.failure is None
    ]  # fmt: skip
    assert [one.failure is None for one in lead.update("deal", changed)] == [True, False, True]


def test_a_batch_that_is_too_heavy_is_halved(lead: AmoCrm, account: Account) -> None:
    account.fails_above = 10
    left = [deal(number) for number in range(60)]
    for _ in range(12):
        part = left[: lead.batch]
        for one in lead.create("deal", part):
            if one.failure is None:
                left = [draft for draft in left if draft.uid != one.uid]
        there = lead.find("deal", [draft.uid for draft in left])
        left = [draft for draft in left if draft.uid not in there]
        if not left:
            break
    assert not left
    assert len(account.rows["leads"]) == 60
    assert lead.batch <= 13


def test_links_are_made_and_undone(lead: AmoCrm, account: Account) -> None:
    [firm] = lead.create("company", [Draft(uid(1), {"name": "Sever", "phones": ("1",)})])
    [other] = lead.create("company", [Draft(uid(2), {"name": "Volga"})])
    [person] = lead.create("contact", [Draft(uid(3), {"name": "Ivan", "company": firm.far_id})])
    [made] = lead.create("deal", [deal(4, company=firm.far_id, contact=person.far_id)])
    assert lead.get("contact", [person.far_id])[person.far_id].fields["company"] == firm.far_id
    for company, contact in ((other.far_id, person.far_id), (other.far_id, ""),
                             ("", person.far_id)):  # fmt: skip
        draft = Draft(uid(4), {"company": company, "contact": contact}, made.far_id)
        [done] = lead.update("deal", [draft])
        assert done.failure is None
        found = lead.get("deal", [made.far_id])[made.far_id].fields
        assert (found["company"], found["contact"]) == (company, contact)
    row = account.rows["leads"][int(made.far_id)]
    row["_embedded"]["tags"] = [{"name": "VIP"}]
    lead.update("deal", [Draft(uid(4), {"title": "New"}, made.far_id)])
    assert row["_embedded"]["tags"] == [{"name": "VIP"}]


def test_kinds_of_phones_are_kept(lead: AmoCrm, account: Account) -> None:
    [made] = lead.create("company", [Draft(uid(1), {"name": "Sever", "phones": ("1", "2")})])
    row = account.rows["companies"][int(made.far_id)]
    phones = next(one for one in row["custom_fields_values"] if one["field_code"] == "PHONE")
    phones["values"][1]["enum_code"] = "MOB"
    lead.update("company", [Draft(uid(1), {"phones": ("2", "3")}, made.far_id)])
    phones = next(one for one in row["custom_fields_values"] if one["field_code"] == "PHONE")
    assert [one["enum_code"] for one in phones["values"]] == ["MOB", "WORK"]
    [done] = lead.update("company", [Draft(uid(1), {"phones": ()}, made.far_id)])
    assert done.failure is None
    assert lead.get("company", [made.far_id])[made.far_id].fields["phones"] == ()


def test_filters_that_are_off(account: Account, clock: Clock) -> None:
    account.filters = False
    lead = AmoCrm(account.url, account.token, clock)
    lead.make_fields(NEEDED)
    for number in range(300):
        account.add("leads", name=f"D{number}")
        clock.at += 10 * SECOND
    [made] = lead.create("deal", [deal(1)])
    assert lead.find("deal", [uid(1), uid(2)]).keys() == {uid(1)}
    assert lead.get("deal", [made.far_id]).keys() == {made.far_id}
    cursor, more = "", True
    while more:
        page = lead.page("deal", cursor)
        cursor, more = page.cursor, page.more
    before = account.requests
    assert len(lead.page("deal", cursor).records) < 20  # stops at the cursor
    assert account.requests - before <= 2
    lead.close()


def test_an_address_that_is_blocked_is_left_alone(
    lead: AmoCrm, account: Account, clock: Clock
) -> None:
    account.blocked = True
    with pytest.raises(Failure) as found:
        lead.page("deal", "")
    assert found.value.kind is Kind.BLOCKED
    before = account.requests
    for _ in range(3):
        with pytest.raises(Failure):
            lead.page("deal", "")
    assert account.requests == before
    account.blocked = False
    clock.at += 16 * 60 * SECOND
    lead.page("deal", "")


def test_an_amount_of_another_currency_stays_here(lead: AmoCrm) -> None:
    from decimal import Decimal

    own: dict[str, Value] = {"amount": Decimal("10.5"), "currency": "RUB"}
    assert lead.as_held("deal", own) == {"amount": Decimal(11), "currency": "RUB"}
    other = lead.as_held("deal", {"amount": Decimal("10.5"), "currency": "USD"})
    assert other == {"currency": "RUB"}


# -- limits ---------------------------------------------------------------------------------------

#: In the suite a tenth of a backlog of 100,000 operations.
_BACKLOG = 10_000


def test_the_limits_of_bitrix24_are_used(clock: Clock) -> None:
    """Fifty objects a request, two requests a second; the bucket is the emulator's own."""
    portal = Portal(lambda: clock.at / SECOND, limits=True)
    pace = Pace(clock, bitrix.RATE, bitrix.BURST, first=bitrix.FIRST)
    begun, calls = clock.at, 20 * _BACKLOG // bitrix.PAGE
    for _ in range(calls):
        pace.take()
        assert portal.takes()
        pace.answered()
        pace.accepted()
    assert calls / ((clock.at - begun) / SECOND) >= 0.95 * 2
    assert portal.refused == 0


def test_the_limits_of_amocrm_are_used(clock: Clock) -> None:
    account = Account(lambda: clock.at / SECOND, limits=True)
    pace = Pace(clock, amo.RATE, amo.BURST, window=amo.WINDOW)
    begun, calls = clock.at, _BACKLOG // 2
    for _ in range(calls):
        pace.take()
        assert account.takes()
        pace.answered()
        pace.accepted()
    assert calls / ((clock.at - begun) / SECOND) >= 0.95 * 7
    assert account.refused == 0


def test_a_shared_bucket_is_recovered_from(clock: Clock) -> None:
    """A neighbour floods the bucket for a minute; a minute later the pace is the full one."""
    portal = Portal(lambda: clock.at / SECOND, limits=True)
    pace = Pace(clock, bitrix.RATE, bitrix.BURST, first=bitrix.FIRST)
    until, slowed = clock.at + 60 * SECOND, pace.present
    while clock.at < until:
        for _ in range(4):
            portal.takes()
        pace.take()
        (pace.accepted if portal.takes() else pace.refused)()
        slowed = min(slowed, pace.present)
    while pace.present < bitrix.RATE and clock.at < until + 60 * SECOND:
        pace.take()
        (pace.accepted if portal.takes() else pace.refused)()
    assert slowed < bitrix.RATE
    assert pace.present == bitrix.RATE


# -- results --------------------------------------------------------------------------------------


def test_results_are_published_and_the_claim_is_read(
    far: Bitrix24, lead: AmoCrm, portal: Portal, account: Account
) -> None:
    claim = publishing.Claim("0a1b2c3d", "Mary, LAPTOP", 1_800_000_000 * SECOND)
    for remote in (far, lead):
        [outcome] = remote.create("deal", [deal(1)])
        known = {**remote.make_fields(NEEDED), **remote.make_fields(publish.fields("deal"))}
        remote.use_fields(known)
        results: dict[str, Value] = {
            "entity": "deal", "far_id": outcome.far_id, "points": Decimal("7.5"), "rank": 2,
            "band": "", "at": 1_800_000_000 * SECOND, "by": claim.text(),
        }  # fmt: skip
        remote.publish([results])
        found = remote.get("deal", [outcome.far_id])[outcome.far_id]
        assert publishing.read(found.published_by) == claim
    [item] = portal.items["deal"].values()
    assert (item["UF_CRM_SD_POINTS"], item["UF_CRM_SD_RANK"]) == ("7.5", "2")
    [line] = account.rows["leads"].values()
    own = {one["field_code"]: one["values"][0]["value"] for one in line["custom_fields_values"]}
    assert (own["SALESDESK_POINTS"], own["SALESDESK_RANK"]) == (7.5, 2)
