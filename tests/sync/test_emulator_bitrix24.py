"""The emulated portal is as strict as documented: ways in, tasks of REST 3.0, offline events."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit
from xml.etree import ElementTree

import httpx
import pytest

from tests.emulators import bitrix24
from tests.emulators.bitrix24 import Portal
from tests.emulators.bitrix24_oauth import CLIENT, CLIENT_SECRET, REDIRECT
from tests.sync.seats import SECOND, Clock

HOUR = 3_600 * SECOND
DAY = 24 * HOUR
MINE = {"title": "Call", "creatorId": 1, "responsibleId": 7}


@pytest.fixture
def portal(clock: Clock) -> Iterator[Portal]:
    served = Portal(lambda: clock.at / SECOND, scopes=("crm", "task", "tasks"))
    with bitrix24.running(served):
        yield served


@pytest.fixture
def web() -> Iterator[httpx.Client]:
    with httpx.Client(trust_env=False) as client:
        yield client


@pytest.fixture
def app(web: httpx.Client, portal: Portal) -> "App":
    return App(web, portal)


class App:
    """An application with a token, of user 1 unless told."""

    def __init__(self, web: httpx.Client, portal: Portal, user: int = 1) -> None:
        self.web, self.portal = web, portal
        self.token: str = portal.oauth.pair(user)["access_token"]

    def call(self, method: str, **params: Any) -> httpx.Response:
        address = f"{self.portal.home}/rest/{method}"
        return self.web.post(address, json={**params, "auth": self.token})

    def result(self, method: str, **params: Any) -> Any:
        found = self.call(method, **params)
        assert found.status_code == 200, found.text
        return found.json()["result"]

    def third(self, method: str, key: str | bytes | None = None, **params: Any) -> httpx.Response:
        headers = {} if key is None else {"Idempotency-Key": key}
        return self.web.post(f"{self.portal.home}/rest/api/{method}",
                             json={**params, "auth": self.token}, headers=headers)  # type: ignore[arg-type]  # fmt: skip

    def reserved(self, **params: Any) -> Any:
        return self.result("event.offline.get", clear=0, **params)


def refused(found: httpx.Response) -> tuple[int, str]:
    """How a call is refused; REST 3.0 tells it in an object."""
    error = found.json()["error"]
    if isinstance(error, dict):
        assert error["code"].startswith("BITRIX_REST_V3_EXCEPTION_")
        return found.status_code, error["code"].removeprefix("BITRIX_REST_V3_EXCEPTION_")
    return found.status_code, error


# -- ways in --------------------------------------------------------------------------------------


def test_bodies_of_every_kind_and_methods_in_any_case(web: httpx.Client, portal: Portal) -> None:
    address = f"{portal.webhook}CRM.Item.Add.json"
    flat = {"entityTypeId": "2", "fields[title]": "Кран", "fields[contactIds][0]": "31"}
    asked: list[dict[str, Any]] = [
        {"json": {"entityTypeId": 2, "fields": {"title": "Кран", "contactIds": [31]}}},
        {"data": flat}, {"params": flat},
        {"files": {name: (None, value) for name, value in flat.items()}},
    ]  # fmt: skip
    for one in asked:
        item = web.post(address, **one).json()["result"]["item"]
        assert (item["title"], item["contactIds"]) == ("Кран", [31])


def test_a_deal_says_whether_it_is_closed(portal: Portal) -> None:
    key = portal.add("deal", title="Crane")
    told = []
    for stage in ("PREPARATION", "WON", "LOSE", "NEW"):
        portal.edit("deal", key, stageId=stage)
        told.append((portal.items["deal"][key]["stageSemanticId"],
                     portal.history[-1]["STAGE_SEMANTIC_ID"]))  # fmt: skip
    assert told == [("P", "P"), ("S", "S"), ("F", "F"), ("P", "P")]


def test_xml_by_its_suffix(web: httpx.Client, portal: Portal) -> None:
    portal.add("deal", title="A & B")
    found = web.get(f"{portal.webhook}crm.item.list.xml?entityTypeId=2")
    assert found.headers["Content-Type"] == "application/xml"
    assert ElementTree.fromstring(found.content).findtext("result/items/item/title") == "A & B"
    wrong = ElementTree.fromstring(web.get(f"{portal.webhook}nothing.XML").content)
    assert wrong.findtext("error") == "ERROR_METHOD_NOT_FOUND"


def test_a_token_is_a_parameter_and_no_header(app: App, web: httpx.Client, portal: Portal) -> None:
    address = f"{portal.home}/rest/profile.json"
    mary = App(web, portal, 7)
    assert mary.result("PROFILE") == {"ID": "7", "ADMIN": False, "NAME": "Anna",
                                      "LAST_NAME": "Orlova"}  # fmt: skip
    assert web.get(address, params={"auth": app.token}).json()["result"]["ID"] == "1"
    header = {"Authorization": f"Bearer {app.token}"}
    assert refused(web.post(address, headers=header)) == (401, "NO_AUTH_FOUND")
    assert refused(web.get(f"{address}?auth=guess")) == (401, "NO_AUTH_FOUND")
    other = portal.webhook.replace("/1/", "/7/")
    assert refused(web.get(f"{other}profile")) == (401, "INVALID_CREDENTIALS")


def test_access_ends_and_each_token_to_refresh_serves_once(
    app: App, web: httpx.Client, portal: Portal, clock: Clock
) -> None:
    server = f"{portal.home}/oauth/token/"
    known = {"client_id": CLIENT, "client_secret": CLIENT_SECRET}
    sent = web.get(f"{portal.home}/oauth/authorize/", params={"client_id": CLIENT, "state": "s1"})
    back = parse_qs(urlsplit(sent.headers["Location"]).query)
    assert (sent.status_code, back["state"]) == (302, ["s1"])
    assert sent.headers["Location"].startswith(REDIRECT)
    exchange = {**known, "grant_type": "authorization_code", "code": back["code"][0]}
    pair = web.get(server, params=exchange).json()
    assert (pair["expires_in"], pair["client_endpoint"]) == (3_600, f"{portal.home}/rest/")
    assert refused(web.get(server, params=exchange)) == (400, "invalid_grant")

    app.token = pair["access_token"]
    clock.at += HOUR - SECOND
    assert app.result("profile")["ID"] == "1"
    clock.at += SECOND
    assert refused(app.call("profile")) == (401, "expired_token")
    refresh = {**known, "grant_type": "refresh_token", "refresh_token": pair["refresh_token"]}
    app.token = web.get(server, params=refresh).json()["access_token"]
    assert app.result("profile")["ID"] == "1"
    assert refused(web.get(server, params=refresh)) == (400, "invalid_grant")

    late = {**exchange, "code": portal.oauth.code()}
    clock.at += 31 * SECOND
    assert refused(web.get(server, params=late)) == (400, "invalid_grant")
    assert refused(web.get(server, params={**late, "client_secret": "x"})) == (
        400, "invalid_client",
    )  # fmt: skip
    assert refused(web.get(server, params={**known, "grant_type": "password"})) == (
        400, "invalid_request",
    )  # fmt: skip


# -- REST 3.0 -------------------------------------------------------------------------------------


def test_a_write_is_replayed_for_a_day(app: App, portal: Portal, clock: Clock) -> None:
    first = app.third("tasks.task.add", "k-1", fields=MINE)
    assert first.headers["Idempotency-Key"] == "k-1"
    assert "Idempotent-Replayed" not in first.headers
    app.token = portal.oauth.pair()["access_token"]  # renewed between the two
    again = app.third("tasks.task.add", "k-1", fields=MINE)
    assert again.content == first.content
    assert (again.headers["Idempotent-Replayed"], again.headers["Idempotency-Key"]) == (
        "true", "k-1",
    )  # fmt: skip
    other = app.third("tasks.task.add", "k-1", fields={**MINE, "title": "Meet"})
    assert refused(other) == (422, "IDEMPOTENCYKEYREUSEDEXCEPTION")
    assert len(portal.tasks) == 1
    clock.at += DAY
    app.token = portal.oauth.pair()["access_token"]
    assert "Idempotent-Replayed" not in app.third("tasks.task.add", "k-1", fields=MINE).headers
    assert len(portal.tasks) == 2


def test_a_key_is_of_one_caller_and_one_method(app: App, web: httpx.Client, portal: Portal) -> None:
    key = {"Idempotency-Key": "k"}
    app.third("tasks.task.add", "k", fields=MINE)
    App(web, portal, 7).third("tasks.task.add", "k", fields=MINE)
    hook = portal.webhook.replace("/rest/", "/rest/api/")
    web.post(f"{hook}tasks.task.add", json={"fields": MINE}, headers=key)
    assert len(portal.tasks) == 3
    task = min(portal.tasks)
    renamed = app.third("tasks.task.update", "k", id=task, fields={"title": "Meet"})
    assert renamed.json()["result"] == {"result": True}
    # Reading knows no keys, nor do the classic methods.
    read = app.third("tasks.task.get", "k", id=task)
    assert (read.json()["result"]["item"]["title"], "Idempotency-Key" in read.headers) == (
        "Meet", False,
    )  # fmt: skip
    fields = {"TITLE": "Classic", "RESPONSIBLE_ID": 7}
    for _ in range(2):
        web.post(f"{portal.webhook}tasks.task.add", json={"fields": fields}, headers=key)
    assert [one["title"] for one in portal.tasks.values()].count("Classic") == 2


def test_failures_are_not_kept_and_keys_are_judged(app: App, portal: Portal) -> None:
    wrong = app.third("tasks.task.add", "k", fields={"title": "Call"})
    assert refused(wrong) == (400, "VALIDATION_REQUESTVALIDATIONEXCEPTION")
    assert [one["field"] for one in wrong.json()["error"]["validation"]] == [
        "creatorId", "responsibleId",
    ]  # fmt: skip
    assert app.third("tasks.task.add", "k", fields=MINE).status_code == 200
    for key in ("", "x" * 256, "ключ".encode()):
        found = app.third("tasks.task.add", key, fields=MINE)
        assert refused(found) == (400, "INVALIDIDEMPOTENCYKEYEXCEPTION")
    assert app.third("tasks.task.add", "~" * 255, fields=MINE).status_code == 200
    assert len(portal.tasks) == 2


def test_tasks_in_words(app: App, portal: Portal) -> None:
    given = {**MINE, "deadline": "2026-11-25T12:00:00+03:00", "crmItemIds": ["D_5"],
             "priority": "high"}  # fmt: skip
    item = app.third("tasks.task.add", fields=given).json()["result"]["item"]
    assert given.items() <= item.items()
    assert item["status"] == "pending"
    key = item["id"]
    classic = app.result("tasks.task.get", taskId=key, select=["UF_CRM_TASK"])["task"]
    assert (classic["status"], classic["ufCrmTask"]) == ("2", ["D_5"])
    others = [app.third("tasks.task.add", fields=MINE).json()["result"]["item"]["id"]]
    listed = app.third("tasks.task.list", filter=[["id", ">", key]]).json()["result"]
    assert listed == {"items": [{"id": other} for other in others]}
    assert app.third("tasks.task.delete", id=key).json()["result"] == {"result": True}
    assert list(portal.tasks) == others


def test_what_rest_3_refuses(app: App, web: httpx.Client, portal: Portal) -> None:
    add, every = "tasks.task.add", "tasks.task.list"
    cases: list[tuple[str, dict[str, Any], str]] = [
        (add, {"fields": {**MINE, "TITLE": "x"}}, "UNKNOWNDTOPROPERTY"),
        (add, {"fields": {**MINE, "deadline": "2026-11-25T12:00:00"}},
         "VALIDATION_REQUESTVALIDATION"),
        ("tasks.task.get", {"id": 4}, "ENTITYNOTFOUND"),
        (every, {"filter": [["id", "~", 4]]}, "UNKNOWNFILTEROPERATOR"),
        (every, {"filter": [["title", "=", "x"]]}, "UNKNOWNDTOPROPERTY"),
        (every, {"pagination": {"limit": 1_001}}, "INVALIDPAGINATION"),
    ]  # fmt: skip
    for method, params, name in cases:
        assert refused(app.third(method, **params)) == (400, f"{name}EXCEPTION"), (method, params)
    address = f"{portal.home}/rest/api/"
    form = web.post(f"{address}{every}", data={"auth": app.token})
    assert refused(form) == (400, "INVALIDJSONEXCEPTION")
    assert refused(app.third("tasks.task.list.json")) == (404, "ERROR_METHOD_NOT_FOUND")
    assert refused(app.third("crm.item.list")) == (404, "ERROR_METHOD_NOT_FOUND")
    assert refused(app.call("rest.documentation.openapi")) == (404, "ERROR_METHOD_NOT_FOUND")
    assert refused(web.post(f"{address}{every}?auth={app.token}", json={})) == (
        401, "NO_AUTH_FOUND",
    )  # fmt: skip
    hook = portal.webhook.replace("/rest/", "/rest/api/")
    told = web.get(f"{hook}documentation").json()["result"]
    assert "/tasks.task.add" in told["paths"]
    portal.scopes = ("crm", "task")
    assert refused(app.third(every)) == (403, "INSUFFICIENTSCOPEEXCEPTION")


# -- offline events -------------------------------------------------------------------------------


def bound(app: App, *events: str, connector: str = "desk") -> None:
    for event in events:
        assert app.result("event.bind", event=event, event_type="offline",
                          auth_connector=connector) is True  # fmt: skip


def test_offline_events_are_for_administrators_with_tokens(
    app: App, web: httpx.Client, portal: Portal
) -> None:
    mary = App(web, portal, 7)
    calls = ["event.bind", *(f"event.offline.{what}" for what in ("get", "list", "clear", "error"))]
    for method in calls:
        found = web.post(f"{portal.webhook}{method}", json={"process_id": "x"})
        assert refused(found) == (403, "WRONG_AUTH_TYPE")
        assert refused(mary.call(method, process_id="x")) == (403, "ACCESS_DENIED")
    assert app.result("feature.get", CODE="rest_auth_connector") == {"value": "Y"}
    portal.features = frozenset()
    assert app.result("feature.get", CODE="rest_auth_connector") == {"value": "N"}


def test_one_row_an_object_with_its_latest_change(app: App, portal: Portal, clock: Clock) -> None:
    bound(app, "OnCrmDealUpdate", "ONCRMDEALMOVETOCATEGORY")
    deal, other = portal.add("deal", title="A"), portal.add("deal", title="B")
    portal.edit("deal", deal, title="A1")
    portal.edit("deal", other, title="B1")
    clock.at += 60 * SECOND
    portal.edit("deal", deal, title="A2")
    portal.edit("deal", deal, title="A2")  # a save without a change is none
    rows = app.result("event.offline.list", auth_connector="desk")
    assert [row["EVENT_DATA"]["FIELDS"]["ID"] for row in rows] == [str(deal), str(other)]
    assert rows[0]["TIMESTAMP_X"] == portal.text() > rows[1]["TIMESTAMP_X"]
    portal.edit("deal", deal, categoryId=3, stageId="C3:NEW")
    rows = app.result("event.offline.list", auth_connector="desk", order={"ID": "DESC"},
                      filter={"EVENT_NAME": "ONCRMDEALMOVETOCATEGORY"})  # fmt: skip
    assert [row["EVENT_DATA"]["FIELDS"] for row in rows] == [
        {"ID": str(deal), "CATEGORY_ID": "3", "STAGE_ID": "C3:NEW"}
    ]
    assert app.result("event.offline.list") == []  # of another connector
    portal.offline.silent = True
    gone = app.result("event.offline.get", limit=2, auth_connector="desk")
    assert [row["EVENT_DATA"] for row in gone["events"]] == [False, False]
    assert len(app.result("event.offline.get", auth_connector="desk")["events"]) == 1
    assert app.result("event.offline.get", auth_connector="desk")["events"] == []


def test_reserved_rows_are_hidden_confirmed_or_given_up(
    app: App, portal: Portal, clock: Clock
) -> None:
    bound(app, "ONCRMDEALADD", "ONCRMDEALUPDATE", connector="")
    deals = [portal.add("deal", title=title) for title in "ABC"]
    mine = app.reserved(limit=2)
    process, events = mine["process_id"], mine["events"]
    assert [row["EVENT_DATA"]["FIELDS"]["ID"] for row in events] == [str(key) for key in deals[:2]]
    assert len(app.reserved()["events"]) == 1  # another reader gets the rest
    assert app.reserved()["events"] == []
    assert app.reserved(process_id=process)["events"] == events  # after a crash, once more
    assert refused(app.call("event.offline.clear")) == (400, "100")
    app.result("event.offline.clear", process_id=process, id=[events[0]["ID"]])
    app.result("event.offline.error", process_id=process, message_id=[events[1]["MESSAGE_ID"]])
    assert app.reserved(process_id=process)["events"] == []
    given_up = app.reserved(error=1)
    assert given_up["events"] == events[1:]
    app.result("event.offline.clear", process_id=given_up["process_id"])
    assert len(app.result("event.offline.list")) == 1

    portal.edit("deal", deals[0], title="A1")
    app.reserved()
    portal.edit("deal", deals[0], title="A2")  # news for the one who works on it
    assert len(app.reserved()["events"]) == 1
    clock.at += 30 * DAY
    app.token = portal.oauth.pair()["access_token"]
    assert app.result("event.offline.list") == []


def test_what_a_connector_changes_does_not_come_back(
    app: App, web: httpx.Client, portal: Portal
) -> None:
    bound(app, "ONCRMDEALADD", "ONTASKADD")
    bound(app, "ONCRMDEALADD", connector="other")
    deal = {"entityTypeId": 2, "fields": {"title": "Mine"}}
    app.result("crm.item.add", **deal, auth_connector="desk")
    command = "crm.item.add?entityTypeId=2&fields[title]=Mine&auth_connector=desk"
    assert app.result("batch", cmd={"a": command})["result_error"] == []
    app.third("tasks.task.add", fields=MINE, auth_connector="desk")
    assert app.reserved(auth_connector="desk")["events"] == []
    assert len(app.reserved(auth_connector="other")["events"]) == 2
    # Without a connector, or by a webhook, which cannot name one, they are news.
    app.result("crm.item.add", **deal)
    web.post(f"{portal.webhook}crm.item.add", json={**deal, "auth_connector": "desk"})
    app.third("tasks.task.add", fields=MINE)
    names = [row["EVENT_NAME"] for row in app.reserved(auth_connector="desk")["events"]]
    assert names == ["ONCRMDEALADD", "ONCRMDEALADD", "ONTASKADD"]


# -- users ----------------------------------------------------------------------------------------


def test_fields_of_users_need_scopes_and_an_administrator(
    web: httpx.Client, portal: Portal, app: App
) -> None:
    field = {"FIELD_NAME": "sd_rank", "USER_TYPE_ID": "integer"}
    assert refused(app.call("user.userfield.add", fields=field)) == (403, "insufficient_scope")
    portal.scopes = (*portal.scopes, "user", "user.userfield")
    max_ = App(web, portal, 7)
    assert refused(max_.call("user.userfield.list")) == (403, "ACCESS_DENIED")
    assert refused(max_.call("user.update", ID=1, NAME="Max")) == (403, "ACCESS_DENIED")
    app.result("user.userfield.add", fields=field)
    assert refused(app.call("user.userfield.add", fields=field)) == (400, "ERROR_CORE")
    assert [one["FIELD_NAME"] for one in app.result("user.userfield.list")] == ["UF_USR_SD_RANK"]
    calls = {"one": "user.update?ID=7&UF_USR_SD_RANK=2&UF_USR_OTHER=3", "two": "user.update?ID=8"}
    found = app.result("batch", halt=0, cmd=calls)
    assert found["result"] == {"one": True}
    assert found["result_error"]["two"]["error"] == "ERROR_CORE"
    assert portal.people["7"]["UF_USR_SD_RANK"] == "2"
    assert "UF_USR_OTHER" not in portal.people["7"]
