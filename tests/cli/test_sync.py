"""``salesdesk sync``: connected, run, looked at and ended; and the key is nowhere to be found."""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from io import StringIO
from pathlib import Path
from typing import Any

import keyring
import pytest

from salesdesk.models.store import Store
from salesdesk.services import secrets
from salesdesk.services.sync import amocrm as amocrm_client
from tests.cli.conftest import NOW, Outcome, Run
from tests.emulators import amocrm, bitrix24, faults
from tests.emulators.keyrings import Memory, socket_folder, trust

_START = datetime.fromisoformat(f"{NOW}+03:00").timestamp()


@dataclass
class Crm:
    """A CRM on loopback: how to connect to it, what it is given on standard input."""

    words: tuple[str, ...]
    secret: str
    given: str
    server: Any

    def deals(self) -> list[str]:
        """Titles of the deals that it has."""
        if isinstance(self.server, bitrix24.Portal):
            return sorted(one["title"] for one in self.server.items["deal"].values())
        return sorted(one["name"] for one in self.server.rows["leads"].values())


@contextmanager
def serving(kind: str) -> Iterator[Crm]:
    """One of the two, its clock at the moment that the command line is told."""
    begun = time.time()
    if kind == "bitrix24":
        portal = bitrix24.Portal(lambda: _START + time.time() - begun)
        with bitrix24.running(portal):
            yield Crm(("bitrix24", "--webhook-stdin"), bitrix24.SECRET, portal.webhook, portal)
        return
    account = amocrm.Account(lambda: _START + time.time() - begun)
    with amocrm.running(account):
        words = ("amocrm", "--url", account.url, "--token-stdin")
        yield Crm(words, amocrm.TOKEN, account.token, account)


@pytest.fixture(params=["bitrix24", "amocrm"])
def crm(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Crm]:
    """Nobody waits for an account that counts no calls; ``test_pace.py`` tries the waiting."""
    monkeypatch.setattr(amocrm_client, "RATE", 1000.0)
    monkeypatch.setattr(amocrm_client, "WINDOW", 0)
    with serving(request.param) as made:
        yield made


@pytest.fixture
def kept(monkeypatch: pytest.MonkeyPatch) -> Iterator[Memory]:
    """A keyring of the test's own."""
    trust(monkeypatch, Memory)
    before, made = keyring.get_keyring(), Memory()
    keyring.set_keyring(made)
    yield made
    keyring.set_keyring(before)


Sync = Callable[..., Outcome]


@pytest.fixture
def sync(filled: Run, crm: Crm, kept: Memory, monkeypatch: pytest.MonkeyPatch) -> Sync:
    """``sync`` with what it reads on standard input."""

    def run(*words: object, given: str = "") -> Outcome:
        monkeypatch.setattr(sys, "stdin", StringIO(f"{given}\n"))
        return filled("--json", "sync", *words)

    return run


def connected(sync: Sync, crm: Crm, *more: str) -> Outcome:
    words = (*crm.words, "--accept-mapping", "--create-fields", *more)
    done = sync("connect", *words, given=crm.given)
    assert done.status == 0, done.err
    return done


def _made_there(crm: Crm) -> None:
    """A deal of a colleague who works in the CRM."""
    if isinstance(crm.server, bitrix24.Portal):
        crm.server.add("deal", title="Theirs", stageId="NEW")
    else:
        crm.server.add("leads", name="Theirs", status_id=58_141_807)


def test_from_the_beginning_to_the_end(sync: Sync, crm: Crm, kept: Memory) -> None:
    found = connected(sync, crm).json
    assert found["remote"] == crm.words[0]
    pairs = {(one["what"], one["ours"]): one["theirs"] for one in found["mapping"]}
    assert pairs["stage", "New request"] == "New request"
    assert pairs["person", "Anna Orlova"] == "Anna Orlova"
    assert [value for value in kept.kept.values() if crm.secret in value]
    _made_there(crm)
    said = sync("run", "--dry-run").json
    would, takes = said["would_send"], said["would_take"]
    assert takes["deal"] == {"new": 1, "here": 0, "not_synced": 0, "without_stage": {}}
    assert takes["company"] == {"new": 0, "here": 0}
    assert takes["note"] == {"there": None}
    assert takes["move"] == {"there": 1 if crm.words[0] == "bitrix24" else None}
    assert len([one for one in would if one["kind"] == "deal"]) + len(
        [one for one in would if one["kind"] == "company"]
    ) >= 2  # fmt: skip
    assert crm.deals() == ["Theirs"]
    done = sync("run")
    assert done.status == 0, done.err
    assert done.json.keys() >= {"remote", "pushed", "pulled", "waiting", "failed", "conflicts",
                                "unknown", "oldest_unsent", "last_success"}  # fmt: skip
    assert (done.json["remote"], done.json["failed"]) == (crm.words[0], 0)
    sync("run")
    assert crm.deals() == ["Crane", "Loader", "Racks", "Theirs"]
    assert sync("run", "--dry-run").json == {"would_send": []}
    status = sync("status").json
    assert (status["waiting"], status["failed"], status["unknown"]) == (0, 0, 0)
    assert status["last_success"] is not None
    assert sync("queue").json["queue"] == []
    assert _verified(sync, crm) == ["Crane", "Crane, elsewhere", "Loader", "Racks", "Theirs"]
    assert sync("disconnect").json == {"disconnected": True}
    assert not kept.kept
    assert sync("status").status == 1


def test_an_empty_workspace_becomes_what_the_crm_has(
    run: Run, crm: Crm, kept: Memory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its pipelines, with their stages, and everybody who works there: so people move over."""
    path = tmp_path / "new.salesdesk"

    def words(*words: object, given: str = "") -> Outcome:
        monkeypatch.setattr(sys, "stdin", StringIO(f"{given}\n"))
        return run("--json", "--workspace", path, "--now", NOW, *words)

    _made_there(crm)  # before its clock is a second ahead of ``NOW``
    assert words("init", "--template", "empty", "--timezone", "Europe/Moscow").status == 0
    connect = ("sync", "connect", *crm.words, "--accept-mapping", "--create-fields")
    wrong = words(*connect, "--pipeline", "Sails", given=crm.given)
    assert (wrong.status, "“Sails”" in wrong.err, "Sales" in wrong.err) == (1, True, True)
    assert words("sync", "status").status == 1  # not connected
    twice = ("--pipeline", " sALES", "--pipeline", "Sales")
    done = words(*connect, *twice, given=crm.given)
    assert done.status == 0, done.err
    assert words("sync", "run").status == 0
    [shown] = [one for stage in words("board").json["stages"] for one in stage["deals"]]
    assert (shown["title"], shown["owner"]) == ("Theirs", "Maria Kim")
    rows = words("ranking", "--from", "2026-11-01", "--to", "2026-11-30").json["rows"]
    assert next(one["requests_total"] for one in rows if one["person"] == "Maria Kim") == 1
    assert words("sync", "run").json["pushed"] <= 1
    assert crm.deals() == ["Theirs"]


def _verified(sync: Sync, crm: Crm) -> list[str]:
    """A deal that no stream told of is noticed by a comparison, once."""
    agreed = sync("verify").json
    assert agreed["compared"] >= 4
    assert (agreed["there"], agreed["here"], agreed["gone"]) == ([], [], [])
    titles = crm.deals()
    if isinstance(crm.server, bitrix24.Portal):
        key = next(key for key, one in crm.server.items["deal"].items() if one["title"] == "Crane")
        crm.server.items["deal"][key]["title"] = "Crane, elsewhere"  # as if never told
    else:
        rows = crm.server.rows["leads"].values()
        next(one for one in rows if one["name"] == "Crane")["name"] = "Crane, elsewhere"
    found = sync("verify").json
    assert [one["kind"] for one in found["there"]] == ["deal"]
    assert sync("verify").json["there"] == []
    return sorted({*titles, *crm.deals()})


@pytest.mark.parametrize("crm", ["bitrix24"], indirect=True)
def test_leads_get_a_pipeline_of_their_own(filled: Run, sync: Sync, crm: Crm) -> None:
    crm.server.add("lead", title="A request")
    connected(sync, crm, "--leads")
    assert sync("run").status == 0
    found = filled("--json", "board", "--pipeline", "Leads").json
    assert [stage["name"] for stage in found["stages"] if stage["count"]] == ["NEW"]


def test_what_is_refused_is_said_and_can_be_tried_again(sync: Sync, crm: Crm) -> None:
    connected(sync, crm)
    if isinstance(crm.server, bitrix24.Portal):
        crm.server.drops = frozenset({"opportunity"})
    else:
        crm.server.refuses = "Crane"
    sync("run")
    sync("run")
    lines = [one for one in sync("queue").json["queue"] if one["state"] == "failed"]
    assert lines
    crm.server.drops = frozenset()
    crm.server.refuses = ""
    for line in lines:
        assert sync("queue", "retry", line["id"]).status == 0
    assert sync("run").json["failed"] == 0
    assert crm.deals() == ["Crane", "Loader", "Racks"]
    assert sync("queue", "discard", 10_000).status == 1


@pytest.mark.parametrize("crm", ["bitrix24"], indirect=True)
def test_what_was_deleted_there_is_made_anew(sync: Sync, filled: Run, crm: Crm) -> None:
    connected(sync, crm)
    sync("run")
    sync("run")
    there = crm.server.items["deal"]
    [crane] = [key for key, one in there.items() if one["title"] == "Crane"]
    del there[crane]
    assert filled("move", "D1", "Meeting held").status == 0
    sync("run")
    [line] = [one for one in sync("queue").json["queue"] if one["state"] == "failed"]
    refused = sync("queue", "retry", line["id"])
    assert (refused.status, "make it there anew" in refused.err) == (1, True)
    assert sync("queue", "anew", line["id"]).status == 0
    assert sync("queue", "anew", line["id"]).status == 1  # it is on its way
    sync("run")
    sync("run")
    assert crm.deals() == ["Crane", "Loader", "Racks"]
    assert sync("queue").json["queue"] == []


def test_a_key_that_was_never_accepted_is_told_as_that(sync: Sync, crm: Crm) -> None:
    wrong = crm.given.replace(crm.secret, "a-wrong-secret")
    done = sync("connect", *crm.words, "--accept-mapping", given=wrong)
    assert done.status == 1
    assert "The CRM does not accept this key" in done.err


def test_the_mapping_is_shown_before_anything_is_connected(sync: Sync, crm: Crm) -> None:
    done = sync("connect", *crm.words, given=crm.given)
    assert done.status == 1
    assert "--accept-mapping" in done.err
    assert sync("status").status == 1


@pytest.mark.parametrize(
    "words",
    [
        ("connect", "bitrix24"),
        ("connect", "amocrm", "--token-stdin"),
        ("connect", "bitrix24", "--webhook-stdin", "--url", "https://example.org"),
        ("connect", "amocrm", "--url", "https://example.org", "--token-stdin", "--leads"),
        ("connect", "hubspot"),
        ("connect", "bitrix24", "--webhook", "https://example.org/rest/1/x/"),
        ("queue", "resolve", "1"),
        (),
    ],
)
def test_wrong_usage_is_two(filled: Run, words: tuple[str, ...]) -> None:
    assert filled("sync", *words).status == 2


def test_a_wrong_key_is_one_sentence(sync: Sync, crm: Crm, kept: Memory) -> None:
    wrong = crm.given.replace(crm.secret, "another-secret")
    done = sync("connect", *crm.words, "--accept-mapping", given=wrong)
    assert done.status == 1
    assert len(done.err.strip().splitlines()) == 1
    assert "another-secret" not in done.err
    assert not kept.kept


def test_a_key_that_is_no_longer_accepted_is_replaced_by_connecting_again(
    sync: Sync, crm: Crm, kept: Memory
) -> None:
    connected(sync, crm)
    assert sync("connect", *crm.words, "--accept-mapping", given=crm.given).status == 1
    old, new = crm.secret, "another-secret"
    if isinstance(crm.server, bitrix24.Portal):
        crm.server.secret = new
    else:
        crm.server.token = new
    assert sync("run").status == 1
    wrong = crm.given.replace(old, "a-wrong-secret")
    assert sync("connect", *crm.words, "--accept-mapping", given=wrong).status == 1
    assert sync("run").status == 1
    done = sync("connect", *crm.words, "--accept-mapping", given=crm.given.replace(old, new))
    assert done.status == 0, done.err
    assert done.json.keys() >= {"remote", "account", "mapping", "waiting"}
    assert sync("run").status == 0
    assert crm.deals() == ["Crane", "Loader", "Racks"]
    assert [value for value in kept.kept.values() if new in value]
    assert not [value for value in kept.kept.values() if old in value]


def test_a_key_that_ended_is_replaced_by_connecting_again(sync: Sync, crm: Crm) -> None:
    """As the sentence says; nothing is mapped or sent anew."""
    connected(sync, crm)
    assert sync("run").status == 0
    before = crm.deals()
    crm.server.faults.then(faults.answers(401, b'{"error": "NO_AUTH_FOUND"}'))
    assert sync("run").status == 1
    again = sync("run")
    assert again.status == 1
    assert "The CRM does not accept the key any more: connect again." in again.err
    _made_there(crm)
    connected(sync, crm)
    assert sync("run").json["pushed"] == 0
    assert crm.deals() == sorted([*before, "Theirs"])
    assert "problem" not in sync("status").json


def test_without_a_keyring_nothing_is_connected(
    sync: Sync, crm: Crm, workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in secrets.TRUSTED if "tests" in name]:
        monkeypatch.delitem(secrets.TRUSTED, name)
    done = sync("connect", *crm.words, "--accept-mapping", "--create-fields", given=crm.given)
    assert done.status == 1
    assert "no keyring that SalesDesk trusts" in done.err
    with Store.open(workspace) as store, store.read() as r:
        assert r.value("SELECT count(*) FROM sync_remote") == 0
        assert r.value("SELECT count(*) FROM command WHERE kind = 'sync.connect'") == 0
    assert sync("run").status == 1


def test_the_key_is_nowhere(
    sync: Sync, filled: Run, crm: Crm, workspace: Path, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """Connected, refused, cut off: no file, no output and no row holds the key afterwards."""
    home = tmp_path / "home"
    monkeypatch.setenv("SALESDESK_HOME", str(home))
    said = ""
    connected(sync, crm)
    told = json.dumps({"error": "X", "error_description": f"see /rest/1/{crm.secret}/",
                       "title": crm.secret, "detail": crm.secret}).encode()  # fmt: skip
    crm.server.faults.then(None, faults.answers(400, told), faults.lost_after, faults.lost_before)
    for _ in range(3):
        done = sync("run")
        said += done.out + done.err
    for words in (
        ("config", "export", tmp_path / "config.toml"),
        ("backup", "--output", tmp_path / "copy.backup"),
        ("export", "deals", "--output", tmp_path / "deals.out.csv"),
        ("history",), ("sync", "queue"), ("sync", "status"),
    ):  # fmt: skip
        found = filled(*words)
        said += found.out + found.err
    assert crm.secret not in said
    with Store.open(workspace) as store, store.read() as r:
        tables = [row[0] for row in r.rows("SELECT name FROM sqlite_master WHERE type = 'table'")
                  if not row[0].startswith(("sqlite_", "search_"))]  # fmt: skip
        for table in tables:
            cells = "\n".join(str(row) for row in r.rows(f"SELECT * FROM {table}"))
            assert crm.secret not in cells, table
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(files) > 3
    assert not [path for path in files if crm.secret.encode() in path.read_bytes()]


@pytest.mark.skipif(sys.platform != "linux", reason="the Secret Service is Linux's")
def test_processes_and_a_real_keyring(filled: Run, workspace: Path, tmp_path: Path) -> None:
    missing = [each for each in ("dbus-run-session", "gnome-keyring-daemon")
               if shutil.which(each) is None]  # fmt: skip
    if missing:
        pytest.skip(f"needs {' and '.join(missing)}")
    home = tmp_path / "home"
    home.mkdir()
    program = f"{sys.executable} -m salesdesk --workspace {workspace} --lang en --now {NOW} --json"
    with serving("bitrix24") as crm, socket_folder() as sockets:
        line = (
            "echo -n word | gnome-keyring-daemon --unlock --components=secrets >/dev/null && "
            f"{program} sync connect bitrix24 --webhook-stdin --accept-mapping --create-fields "
            f">/dev/null && {program} sync run && {program} sync disconnect"
        )
        known = {name: value for name, value in os.environ.items()
                 if name not in ("PYTHON_KEYRING_BACKEND", "DBUS_SESSION_BUS_ADDRESS")}  # fmt: skip
        done = subprocess.run(
            ["dbus-run-session", "--", "sh", "-c", line], input=f"{crm.given}\n",
            env=known | {
                "HOME": str(home), "XDG_RUNTIME_DIR": sockets,
                "XDG_DATA_HOME": str(home / "data"), "XDG_CONFIG_HOME": str(home / "config"),
                "SALESDESK_HOME": str(home / "own"),
                "PYTHONPATH": str(Path(__file__).parents[2]),
            },
            capture_output=True, text=True, timeout=120,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        assert crm.deals() == ["Crane", "Loader", "Racks"]
    assert crm.secret not in done.stdout + done.stderr
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert not [path for path in files if crm.secret.encode() in path.read_bytes()]
