"""``salesdesk digest``: printed, written, sent; and the token is nowhere to be found."""

import json
import os
import struct
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from salesdesk.models.store import Store
from salesdesk.services import digest, secrets, settings
from tests.cli.conftest import Run
from tests.emulators import telegram as emulators
from tests.emulators.keyrings import in_memory
from tests.emulators.telegram import TOKEN, Emulator

MONDAY = "2026-11-09T10:00"


@pytest.fixture
def server(filled: Run, workspace: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Emulator]:
    """Telegram on loopback, a token in the keyring, and a chat for the digest."""
    with in_memory(monkeypatch), emulators.emulator() as made, Store.open(workspace) as store:
        made.chat(42)
        now = store.zone.moment(datetime.fromisoformat("2026-11-05T10:00"))
        settings.change(store, {"digest_server": made.url}, person=None, now=now)
        digest.add_target(store, "telegram", "Sales", "42", person=None, now=now)
        with store.read() as r:
            secrets.keep(r, secrets.TELEGRAM, TOKEN)
        yield made


def states(found: Any) -> list[tuple[str, str]]:
    return [(each["kind"], each["state"]) for each in found.json["sent"]]


def test_it_is_printed_and_nothing_is_sent(filled: Run) -> None:
    found = filled("digest")
    assert found.status == 0
    assert found.out.startswith("Ranking of seven days · 13–19 Nov 2026\n\n")
    assert "3 deals without a task: Anna Orlova 2, Boris Yudin 1" in found.out


def test_the_document(filled: Run) -> None:
    document = filled("--json", "digest", "--date", "2026-11-09").json
    assert (document["date"], document["day_off"]) == ("2026-11-09", False)
    kinds = [(each["kind"], each["from"], each["to"]) for each in document["digests"]]
    assert kinds == [("days", "2026-11-02", "2026-11-08"), ("month", "2026-11-01", "2026-11-08")]
    first = document["digests"][0]
    assert first["html"].startswith("<b>Ranking of seven days · 2–8 Nov 2026</b>\n")
    assert first["text"].splitlines()[2:4] == ["Most points:", "1. Anna Orlova — 1.2"]
    assert first["places"] == []


def test_a_day_that_has_not_come(filled: Run) -> None:
    found = filled("digest", "--date", "2026-12-01")
    assert (found.status, found.out) == (1, "")
    assert "has not come yet" in found.err


def test_pictures_and_texts_are_written(filled: Run, tmp_path: Path) -> None:
    folder = tmp_path / "new" / "wall"
    found = filled("--json", "digest", "--date", "2026-11-09", "--output", folder)
    assert found.status == 0, found.err
    names = ["digest-2026-11-09-month.png", "digest-2026-11-09-month.txt",
             "digest-2026-11-09.png", "digest-2026-11-09.txt"]  # fmt: skip
    assert sorted(each.name for each in folder.iterdir()) == names
    said = [Path(path).name for each in found.json["digests"] for path in each["files"]]
    assert sorted(said) == names
    picture = (folder / names[2]).read_bytes()
    width, height = struct.unpack(">II", picture[16:24])
    assert picture[:4] == b"\x89PNG"
    assert width >= 1440
    assert 200 < height < 2000
    assert (folder / names[3]).read_text("utf-8") == found.json["digests"][0]["text"] + "\n"
    (tmp_path / "file").write_text("")
    broken = filled("digest", "--output", tmp_path / "file")
    assert broken.status == 1
    assert "cannot be written" in broken.err


def test_it_is_sent_once(filled: Run, server: Emulator) -> None:
    first = filled("--json", "digest", "--send", now=MONDAY)
    assert (first.status, states(first)) == (0, [("days", "sent"), ("month", "sent")])
    assert [text.splitlines()[0] for text in server.texts()] == [
        "Ranking of seven days · 2–8 Nov 2026", "Ranking of the month so far · 1–8 Nov 2026",
    ]  # fmt: skip
    again = filled("digest", "--send", now=MONDAY)
    assert (again.status, again.out) == (0, "Nothing is due; nothing was sent.\n")
    shown = filled("--json", "digest", now=MONDAY).json["digests"][0]
    assert shown["places"] == [{"place": "Sales", "state": "sent", "message": None}]
    assert len(server.delivered) == 2
    wanted = filled("--json", "digest", "--send", "--again", "--to", "sales", now=MONDAY)
    assert states(wanted) == [("days", "sent"), ("month", "sent")]
    assert len(server.delivered) == 4


def test_what_may_have_arrived_is_told_and_not_repeated(filled: Run, server: Emulator) -> None:
    server.then(emulators.hangs_up(True))
    found = filled("--json", "digest", "--send", now="2026-11-10T10:00")
    assert found.status == 1
    assert states(found)[0] == ("days", "unknown")
    assert "It is not sent again by itself" in found.err
    before = len(server.requests)
    again = filled("digest", "--send", "--date", "2026-11-10", now="2026-11-10T11:00")
    assert again.status == 1
    assert "It may have arrived" in again.out
    assert len(server.requests) == before


def test_a_day_off_sends_nothing(filled: Run, server: Emulator, workspace: Path) -> None:
    with Store.open(workspace) as store:
        settings.change(store, {"digest_off": "weekends"}, person=None, now=10**15)
    found = filled("digest", "--send", now="2026-11-15T10:00")  # the days before were missed
    assert (found.status, found.out) == (0, "Nothing is due; nothing was sent.\n")
    assert filled("--json", "digest", now="2026-11-15T10:00").json["day_off"]
    wanted = filled("--json", "digest", "--send", "--date", "2026-11-15", now="2026-11-15T10:00")
    assert states(wanted) == [("days", "sent")]


def test_missed_days_may_be_skipped(filled: Run, server: Emulator, workspace: Path) -> None:
    with Store.open(workspace) as store:
        settings.change(store, {"digest_missed": "skip"}, person=None, now=10**15)
    found = filled("--json", "digest", "--send", now="2026-11-11T10:00")  # Monday was missed
    assert states(found) == [("days", "sent")]
    shown = filled("--json", "digest", "--date", "2026-11-09", now="2026-11-11T10:00").json
    assert [each["places"] for each in shown["digests"]] == [
        [], [{"place": "Sales", "state": "skipped", "message": "Nothing was running when it was "
                                                               "due."}],
    ]  # fmt: skip


def test_nowhere_to_go(filled: Run) -> None:
    found = filled("digest", "--send")
    assert found.status == 1
    assert "has nowhere to go" in found.err


def test_a_scheduler_needs_neither_a_window_nor_a_screen(
    filled: Run, workspace: Path, tmp_path: Path
) -> None:
    place = tmp_path / "wall"
    place.mkdir()
    with Store.open(workspace) as store:
        digest.add_target(store, "folder", "Wall", str(place), person=None, now=1)
    bare = {name: value for name, value in os.environ.items()
            if name not in ("QT_QPA_PLATFORM", "DISPLAY", "WAYLAND_DISPLAY")}  # fmt: skip
    program = (sys.executable, "-m", "salesdesk", "--workspace", str(workspace), "--lang", "en",
               "--now", "2026-11-10T00:30", "--json", "digest", "--send")  # fmt: skip
    done = subprocess.run(program, env=bare, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert {each["state"] for each in json.loads(done.stdout)["sent"]} == {"sent"}
    assert (place / "digest-2026-11-10.png").read_bytes()[:4] == b"\x89PNG"


def test_a_place_that_is_not_there(filled: Run, server: Emulator) -> None:
    found = filled("digest", "--send", "--to", "Nobody")
    assert found.status == 1
    assert "Nobody" in found.err


def test_without_a_keyring_it_is_refused_in_a_sentence(
    filled: Run, server: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in secrets.TRUSTED if "tests" in name]:
        monkeypatch.delitem(secrets.TRUSTED, name)
    found = filled("digest", "--send", now=MONDAY)
    assert found.status == 1
    assert "no keyring that SalesDesk trusts" in found.err
    assert not server.requests


def test_the_token_is_nowhere(
    filled: Run, server: Emulator, workspace: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sent, refused, cut off: no file, no output and no row holds the token afterwards."""
    home = tmp_path / "home"
    monkeypatch.setenv("SALESDESK_HOME", str(home))
    secret = TOKEN.partition(":")[2]
    server.then(
        emulators.refuses(400, f"Bad Request: /bot{TOKEN}/sendPhoto"), emulators.hangs_up(True),
    )  # fmt: skip
    said = ""
    for words in (
        ("--json", "digest", "--send", "--date", "2026-11-09"),
        ("--json", "digest", "--send", "--again", "--date", "2026-11-09"),
        ("--json", "digest", "--date", "2026-11-09"),
        ("config", "export", tmp_path / "config.toml"),
        ("backup", "--output", tmp_path / "copy.backup"),
        ("export", "deals", "--output", tmp_path / "deals.csv"),
        ("history",),
    ):
        found = filled(*words, now="2026-11-10T10:00")
        said += found.out + found.err
    assert "Bad Request" in said
    assert secret not in said
    with Store.open(workspace) as store, store.read() as r:
        tables = [row[0] for row in r.rows("SELECT name FROM sqlite_master WHERE type = 'table'")
                  if not row[0].startswith(("sqlite_", "search_"))]  # fmt: skip
        for table in tables:
            kept = "\n".join(str(row) for row in r.rows(f"SELECT * FROM {table}"))
            assert secret not in kept, table
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(files) > 4
    assert not [path for path in files if secret.encode() in path.read_bytes()]
