"""Which results are published, and where: by the CRMs over loopback, by choices, by rights."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from salesdesk.errors import Invalid
from salesdesk.services.sync import deciding, desk, maps, options, publish, reasons
from salesdesk.services.sync.amocrm import AmoCrm
from salesdesk.services.sync.bitrix24 import Bitrix24
from salesdesk.services.sync.remote import Remote
from tests.builders import empty_store
from tests.emulators import bitrix24
from tests.emulators.amocrm import Account
from tests.emulators.bitrix24 import Portal, Refusal
from tests.sync.memory_remote import STAGES
from tests.sync.seats import SECOND, Clock, Seat, seat_at

DAY = 86_400 * SECOND
RIGHTS = ("crm", "task", "user_brief", "user", "user.userfield")
CODES = ("NEW", "PREPARATION", "CONTRACT", "WON", "LOSE")
AMO_STAGES = {"S:NEW": "58141807", "S:MEET": "58141811", "S:PAY": "58141815", "S:WON": "142",
              "S:LOST": "143"}  # fmt: skip
MARY = "1"


@pytest.fixture
def portal(clock: Clock) -> Iterator[Portal]:
    with bitrix24.running(Portal(lambda: clock.at / SECOND, scopes=RIGHTS)) as served:
        yield served


@pytest.fixture
def far(tmp_path: Path, portal: Portal, clock: Clock) -> Iterator[Seat]:
    """A seat with one deal on a portal of Bitrix24; it publishes."""
    (tmp_path / "zone").mkdir()
    with empty_store(tmp_path / "zone") as store:
        remote = Bitrix24(portal.webhook, clock, store.zone)
    stages = {stage.far_id: code for stage, code in zip(STAGES, CODES, strict=True)}
    with seat_at(tmp_path, remote, clock, "0", stages) as made:
        yield publishing_one(made, "bitrix24")


def publishing_one(made: Seat, kind: str) -> Seat:
    with made.store.books() as books:
        books.update("sync_remote", [{"id": 1, "kind": kind}])
    with made.store.command("points.set", now=made.clock.at) as tx:
        tx.insert("stage_points", [{"stage_id": made.stages["S:WON"], "points": 5_000_000}])
    made.deal()
    made.round()
    deciding.set_publishing(made.store, True, **made.by())
    return made


def to_people(found: Seat) -> None:
    deciding.set_results_to(found.store, "person", **found.by())


def published(found: Seat, after: int = DAY) -> int:
    """How many got results, a while later."""
    found.clock.at += after
    connection = connected(found)
    remote: Remote = found.remote
    return publish.run(found.store, connection, remote, found.clock)


def connected(found: Seat) -> maps.Connection:
    with found.store.read() as r:
        connection = maps.connection(r)
    assert connection is not None
    return connection


def chosen(found: Seat) -> publish.Chosen:
    with found.store.read() as r:
        choices = desk.choices(r)
    assert choices is not None
    return choices.results


def wins(found: Seat) -> None:
    """Mary wins one more deal, and has points for it."""
    found.move(found.deal("Loader"), "S:WON")


def carried(portal: Portal, key: str) -> dict[str, Any]:
    """What a user of the portal carries of the ranking."""
    return {
        name.removeprefix("UF_USR_SD_").lower(): value
        for name, value in portal.people[key].items()
        if name.startswith("UF_USR_")
    }


# -- people ---------------------------------------------------------------------------------------


def test_people_get_results_once_and_again_when_they_change(far: Seat, portal: Portal) -> None:
    wins(far)  # from here on another win changes nobody's rank
    to_people(far)
    assert published(far) == 2
    first = carried(portal, MARY)
    assert set(first) == {"points", "rank", "band", "at"}
    assert first["rank"] == "1"
    assert sorted(portal.updates) == ["1", "7"]
    assert published(far, SECOND) == 0  # once a day
    assert published(far) == 0  # nothing changed
    assert len(portal.updates) == 2
    wins(far)
    assert published(far) == 1
    assert portal.updates[2:] == [MARY]
    assert carried(portal, MARY)["points"] != first["points"]
    assert carried(portal, MARY)["at"] > first["at"]
    assert all("UF_CRM_SD_POINTS" not in item for item in portal.items["deal"].values())


def test_only_people_who_are_mapped_get_results(far: Seat, portal: Portal) -> None:
    with far.store.books() as books:
        rows = books.rows("SELECT id FROM sync_map WHERE what = 'person' AND far_id = '7'")
        books.remove("sync_map", [row[0] for row in rows])
    to_people(far)
    assert published(far) == 1
    assert carried(portal, "7") == {}


def test_who_publishes_is_told_by_a_deal_also_where_people_carry_results(
    far: Seat, portal: Portal
) -> None:
    to_people(far)
    published(far)
    [item] = portal.items["deal"].values()
    assert item["UF_CRM_SD_BY"] == connected(far).options["publisher"]


def test_somebody_who_left_the_portal_holds_up_nobody(far: Seat, portal: Portal) -> None:
    del portal.people["7"]
    to_people(far)
    assert published(far) == 2
    assert carried(portal, MARY)["rank"] == "1"
    assert chosen(far).refused is None


def test_somebody_who_left_is_no_refusal_where_nothing_else_changed(
    far: Seat, portal: Portal
) -> None:
    to_people(far)
    assert published(far) == 2
    del portal.people["7"]
    with far.store.books() as books:
        kept = publish._options(books, 1)["published_people"]
    publish._set(far.store, 1, {"published_people": {MARY: kept[MARY]}})
    assert published(far) == 1
    assert chosen(far).refused is None
    assert published(far) == 0


def test_a_refusal_of_all_people_is_told_in_the_words_of_the_crm(far: Seat, portal: Portal) -> None:
    portal.refusals["user.update"] = Refusal(400, "ERROR_CORE", "No phone")
    to_people(far)
    assert published(far) == 0
    refused = chosen(far).refused
    assert refused is not None
    assert reasons.why(*refused) == "The CRM does not take this record: user.update: No phone"


# -- deals ----------------------------------------------------------------------------------------


def test_a_deal_that_is_refused_alone_holds_up_no_other(far: Seat, portal: Portal) -> None:
    far.deal("Loader")
    far.round()
    first, second = portal.items["deal"].values()
    first["stageId"] = "C9:NOWHERE"
    assert published(far) == 2
    assert "UF_CRM_SD_RANK" not in first
    assert second["UF_CRM_SD_RANK"] == "1"
    assert chosen(far).refused is None


def test_a_deal_that_does_not_take_the_claim_keeps_no_result_from_people(
    far: Seat, portal: Portal
) -> None:
    [deal] = portal.items["deal"].values()
    stage, deal["stageId"] = deal["stageId"], "NOWHERE"
    to_people(far)
    published(far)
    assert carried(portal, MARY)["rank"] == "1"
    assert chosen(far).refused is not None  # others do not know who publishes
    deal["stageId"] = stage
    published(far)
    assert deal["UF_CRM_SD_BY"] == connected(far).options["publisher"]
    assert chosen(far).refused is None


# -- which ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("place", options.PLACES)
def test_only_what_was_chosen_is_published(far: Seat, portal: Portal, place: Any) -> None:
    deciding.set_results_to(far.store, place, **far.by())
    deciding.set_results(far.store, ["rank", "points"], **far.by())
    assert published(far) == (2 if place == "person" else 1)
    made = portal.people_fields if place == "person" else portal.userfields
    prefix = "UF_USR_SD_" if place == "person" else "UF_CRM_SD_"
    names = {f"{prefix}POINTS", f"{prefix}RANK"}
    assert set(made) - {"UF_CRM_SD_BY", "UF_CRM_SD_MOVES"} == names


@pytest.mark.parametrize("place", options.PLACES)
def test_what_is_chosen_besides_goes_next_and_what_is_not_wanted_stays(
    far: Seat, portal: Portal, place: Any
) -> None:
    deciding.set_results_to(far.store, place, **far.by())
    deciding.set_results(far.store, ["rank"], **far.by())
    far_ones = published(far)
    deciding.set_results(far.store, ["points"], **far.by())
    assert published(far) == far_ones
    [deal] = portal.items["deal"].values()
    carrier = portal.people[MARY] if place == "person" else deal
    own = {name.rpartition("_")[2]: value for name, value in carrier.items() if "_SD_" in name}
    assert {"RANK", "POINTS"} <= set(own)
    deciding.set_results(far.store, ["rank", "points"], **far.by())
    assert published(far) == 0  # it carries both


def test_a_moment_alone_changes_with_what_was_counted(far: Seat, portal: Portal) -> None:
    wins(far)
    to_people(far)
    deciding.set_results(far.store, ["at"], **far.by())
    assert published(far) == 2
    assert set(carried(portal, MARY)) == {"at"}
    assert published(far) == 0
    wins(far)
    assert published(far) == 1


def test_a_moment_that_did_not_go_along_goes_when_it_is_wanted_again(
    far: Seat, portal: Portal
) -> None:
    wins(far)
    to_people(far)
    assert published(far) == 2
    first = carried(portal, MARY)["at"]
    deciding.set_results(far.store, ["points"], **far.by())
    wins(far)
    assert published(far) == 1
    assert carried(portal, MARY)["at"] == first
    deciding.set_results(far.store, ["points", "at"], **far.by())
    assert published(far) == 1
    assert carried(portal, MARY)["at"] > first


def test_deals_go_on_where_they_were_after_people(far: Seat, portal: Portal) -> None:
    assert published(far) == 1
    to_people(far)
    assert published(far, SECOND) == 2  # what was chosen goes at once
    deciding.set_results_to(far.store, "deal", **far.by())
    assert published(far) == 0


def test_what_is_chosen_while_results_go_goes_with_the_next_round(
    far: Seat, monkeypatch: pytest.MonkeyPatch
) -> None:
    deciding.set_results(far.store, ["rank"], **far.by())
    sends = far.remote.publish

    def send(rows: Any) -> None:
        sends(rows)
        deciding.set_results(far.store, ["points", "rank"], **far.by())

    with monkeypatch.context() as patched:
        patched.setattr(far.remote, "publish", send)
        assert published(far) == 1
    assert published(far, SECOND) == 1
    assert published(far, SECOND) == 0


@pytest.mark.parametrize("wrong", [[], ["place"]])
def test_at_least_one_result_is_chosen(far: Seat, wrong: Any) -> None:
    with pytest.raises(Invalid, match="at least one"):
        deciding.set_results(far.store, wrong, **far.by())
    assert chosen(far).results == options.RESULTS


# -- rights ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("missing", ["user.userfield", "user"])
def test_a_missing_scope_is_told_and_tried_again_the_next_day(
    far: Seat, portal: Portal, missing: str
) -> None:
    portal.scopes = tuple(one for one in RIGHTS if one != missing)
    to_people(far)
    assert published(far) == 0
    refused = chosen(far).refused
    assert refused is not None
    assert reasons.why(*refused) == f"The key lacks a right in the CRM: {missing}"
    asked = portal.requests
    assert published(far, SECOND) == 0
    assert portal.requests == asked  # nothing more is tried on this day
    far.round()
    portal.scopes = RIGHTS
    assert published(far) == 2
    assert chosen(far).refused is None


def test_a_key_of_no_administrator_is_told(far: Seat, portal: Portal) -> None:
    portal.admins = frozenset()
    to_people(far)
    assert published(far) == 0
    refused = chosen(far).refused
    assert refused is not None
    assert reasons.why(*refused).endswith("administrator of the portal")
    assert portal.updates == []


def test_a_key_that_may_write_its_own_person_alone_is_told(far: Seat, portal: Portal) -> None:
    to_people(far)
    assert published(far) == 2
    portal.admins, portal.updates = frozenset(), []
    wins(far)
    assert published(far) == 0
    assert chosen(far).refused is not None
    assert portal.updates == []


def test_a_portal_without_the_methods_is_told_by_what_it_said(far: Seat, portal: Portal) -> None:
    portal.refusals["user.userfield.list"] = Refusal(404, "ERROR_METHOD_NOT_FOUND", "Not found!")
    to_people(far)
    assert published(far) == 0
    refused = chosen(far).refused
    assert refused is not None
    assert "user.userfield" in reasons.why(*refused)


def test_a_field_that_the_portal_does_not_make_is_told(far: Seat, portal: Portal) -> None:
    portal.refusals["user.userfield.add"] = Refusal(400, "ERROR_CORE", "Too many fields")
    to_people(far)
    assert published(far) == 0
    refused = chosen(far).refused
    assert refused is not None
    assert reasons.why(*refused).endswith("user.userfield.add: Too many fields")
    assert portal.updates == []


def test_a_page_that_is_not_there_ends_no_round(far: Seat, portal: Portal) -> None:
    portal.refusals["user.userfield.list"] = Refusal(404, "", "")
    to_people(far)
    assert published(far) == 0
    assert chosen(far).refused is not None


def test_a_choice_of_another_way_is_tried_at_once(far: Seat, portal: Portal) -> None:
    portal.scopes = ("crm", "task", "user_brief")
    to_people(far)
    assert published(far) == 0
    deciding.set_results_to(far.store, "deal", **far.by())
    assert chosen(far).refused is None
    assert published(far, SECOND) == 1


# -- amoCRM ---------------------------------------------------------------------------------------


@contextmanager
def on_amocrm(folder: Path, account: Account, clock: Clock) -> Iterator[Seat]:
    """A seat with one deal in an account of amoCRM; it publishes."""
    remote = AmoCrm(account.url, account.token, clock)
    stages = {name: f"6950551/{far}" for name, far in AMO_STAGES.items()}
    with seat_at(folder, remote, clock, "6950551", stages) as made:
        yield publishing_one(made, "amocrm")


def test_amocrm_has_no_fields_of_people_and_says_so(
    tmp_path: Path, account: Account, clock: Clock
) -> None:
    with on_amocrm(tmp_path, account, clock) as made:
        with pytest.raises(Invalid, match="amoCRM has no fields of people"):
            to_people(made)
        assert chosen(made).places == ("deal",)
        deciding.set_results(made.store, ["points"], **made.by())
        assert published(made) == 1
    [line] = account.rows["leads"].values()
    codes = {one["field_code"] for one in line["custom_fields_values"]}
    assert "SALESDESK_POINTS" in codes
    assert not codes & {"SALESDESK_RANK", "SALESDESK_BAND", "SALESDESK_AT"}


def test_a_lead_that_is_refused_alone_holds_up_no_other(
    tmp_path: Path, account: Account, clock: Clock
) -> None:
    with on_amocrm(tmp_path, account, clock) as made:
        made.deal("Loader")
        made.round()
        first, second = account.rows["leads"].values()
        first["status_id"] = 58141803  # not sorted yet: nothing of it may be written
        assert published(made) == 2
        assert chosen(made).refused is None
    codes = {one["field_code"] for one in second["custom_fields_values"]}
    assert "SALESDESK_RANK" in codes
