"""init, backup, restore, check and config at the command line, and files that cannot be used."""

import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from salesdesk.models.store import Store
from tests.cli.conftest import DEALS, MAP, ZONE, Run


def lines(text: str) -> int:
    return text.count("\n")


# -- init -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("template", ["sales", "turnkey", "empty"])
@pytest.mark.parametrize("language", ["en", "ru"])
def test_init_makes_a_workspace(run: Run, tmp_path: Path, template: str, language: str) -> None:
    path = tmp_path / "new.salesdesk"
    found = run(
        "--workspace", path, "--lang", language, "--json", "init", "--template", template, *ZONE
    )
    assert found.status == 0
    document = found.json
    assert document["workspace"] == str(path)
    assert (document["timezone"], document["currency"], document["country"]) == (
        "Europe/Moscow", "RUB", "RU",
    )  # fmt: skip
    with Store.open(path) as store, store.read() as r:
        n = {t: r.value(f"SELECT count(*) FROM {t}") for t in ("pipeline", "stage", "task_rule",
                                                               "person")}  # fmt: skip
    if template == "empty":
        assert n == dict.fromkeys(n, 0)
        board = run("--workspace", path, "board")
        assert (board.status, lines(board.err)) == (1, 1)
    else:
        assert n["pipeline"] >= 1
        assert n["person"] == 0


def test_init_takes_the_machines_zone_currency_and_country(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", "de_DE.UTF-8")
    monkeypatch.setenv("TZ", "Europe/Berlin")
    path = tmp_path / "new.salesdesk"
    document = run("--workspace", path, "--json", "init", "--template", "empty").json
    assert document["timezone"] == "Europe/Berlin"
    assert (document["currency"], document["country"]) == ("EUR", "DE")


def test_init_refuses_to_touch_what_exists(run: Run, workspace: Path, tmp_path: Path) -> None:
    other = tmp_path / "notes.txt"
    other.write_text("mine")
    for path in (workspace, other):
        before = path.read_bytes()
        found = run("--workspace", path, "init", "--template", "sales")
        assert (found.status, found.out, lines(found.err)) == (1, "", 1)
        assert path.read_bytes() == before


def test_init_into_a_folder_that_is_not_there(run: Run, tmp_path: Path) -> None:
    found = run("--workspace", tmp_path / "no" / "new.salesdesk", "init", "--template", "sales")
    assert (found.status, lines(found.err)) == (1, 1)
    assert not (tmp_path / "no").exists()


def test_init_without_a_name_uses_the_folder_of_workspaces(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SALESDESK_HOME", str(tmp_path))
    assert run("board").status == 1  # nothing was opened here yet
    made = run("--json", "init", "--template", "sales")
    assert Path(made.json["workspace"]).parent == tmp_path / "data" / "workspaces"
    assert run("--json", "board").json["pipeline"]


# -- backup and restore ---------------------------------------------------------------------------


def test_a_backup_brings_everything_back(filled: Run, tmp_path: Path) -> None:
    before = filled("--json", "board").json
    made = filled("--json", "backup", "--output", tmp_path / "copy.gz")
    assert made.status == 0
    assert made.json["backup"] == str(tmp_path / "copy.gz")
    filled("move", "D1", "Won")
    restored = filled("--json", "restore", tmp_path / "copy.gz")
    assert restored.status == 0
    assert Path(restored.json["kept"]).exists()
    assert filled("--json", "board").json == before


def test_a_backup_into_the_folder_of_backups(filled: Run) -> None:
    made = filled("--json", "backup")
    assert Path(made.json["backup"]).exists()
    assert made.json["rows"] > 10


@pytest.mark.parametrize("content", [b"", b"nonsense", b"\x1f\x8b\x08broken"])
def test_what_is_no_backup_is_refused_and_nothing_changes(
    filled: Run, tmp_path: Path, content: bytes
) -> None:
    before = filled("--json", "board").json
    (tmp_path / "bad.gz").write_bytes(content)
    for name in ("bad.gz", "missing.gz"):
        found = filled("restore", tmp_path / name)
        assert (found.status, found.out, lines(found.err)) == (1, "", 1)
    assert filled("--json", "board").json == before


def test_restore_waits_for_the_window_to_close(
    filled: Run, workspace: Path, tmp_path: Path
) -> None:
    from salesdesk.models import lock

    filled("backup", "--output", tmp_path / "copy.gz")
    held = lock.window(workspace)
    assert held is not None
    with held:
        found = filled("restore", tmp_path / "copy.gz")
        assert (found.status, lines(found.err)) == (1, 1)
        assert filled("move", "D1", "Won").status == 0  # commands work beside a window


# -- check ----------------------------------------------------------------------------------------


def test_check_finds_nothing_in_a_sound_workspace(filled: Run) -> None:
    filled("move", "D1", "Won")
    filled("undo")
    found = filled("--json", "check", "--rebuild")
    assert found.status == 0
    document = found.json
    assert (document["ok"], document["file"], document["invariants"]) == (True, [], [])
    assert set(document["rebuild"].values()) == {0}
    commands = filled("--json", "history").json["commands"]
    assert "rebuild" not in [one["kind"] for one in commands]


def test_check_finds_derived_numbers_that_differ_and_a_rebuild_mends_them(
    filled: Run, workspace: Path
) -> None:
    with Store.open(workspace) as store:
        store.connection.execute("UPDATE stage_total SET amount = amount + 5")
        store.connection.execute("DELETE FROM span WHERE deal_id = 1")
        store.connection.execute("UPDATE deal SET open_tasks = 9 WHERE id = 2")
    found = filled("--json", "check")
    assert found.status == 1
    names = {one["name"] for one in found.json["invariants"]}
    assert names == {"stage_total", "segment", "open_tasks"}
    assert found.json["error"]["message"] == found.err.strip()
    mended = filled("--json", "check", "--rebuild")
    assert mended.status == 1
    differing = {table for table, n in mended.json["rebuild"].items() if n}
    assert differing == {"stage_total", "span", "deal"}
    assert filled("check", "--rebuild").status == 0


def test_check_finds_a_damaged_page(filled: Run, workspace: Path) -> None:
    content = bytearray(workspace.read_bytes())
    for place in range(4096 * 20 + 100, 4096 * 20 + 300):
        content[place] ^= 0xFF
    workspace.write_bytes(content)
    found = filled("--json", "check")
    assert found.status == 1
    assert found.json["ok"] is False
    assert found.json["file"]


# -- config ---------------------------------------------------------------------------------------


def test_config_goes_out_and_in_again_unchanged(filled: Run, tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    assert filled("config", "export", file).status == 0
    assert "settings" in tomllib.loads(file.read_text("utf-8"))
    found = filled("--json", "config", "import", file)
    assert found.status == 0
    assert found.json == {"command_id": None, "changed": {}}
    assert tomllib.loads(filled("config", "export").out) == tomllib.loads(file.read_text("utf-8"))


def test_config_into_another_workspace(filled: Run, run: Run, tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    filled("config", "export", file)
    other = tmp_path / "other.salesdesk"
    run("--workspace", other, "init", "--template", "empty", *ZONE)
    found = run("--workspace", other, "config", "import", file)
    assert found.status == 0, found.err
    run("--workspace", other, "config", "export", tmp_path / "again.toml")
    assert (tmp_path / "again.toml").read_text("utf-8") == file.read_text("utf-8")


@pytest.mark.parametrize(
    "content", [b"= nonsense", b"\xff\xfe\x00bad", b"[[wishes]]\nname = 'x'\n"]
)
def test_config_that_cannot_be_taken_changes_nothing(
    filled: Run, tmp_path: Path, content: bytes
) -> None:
    before = filled("config", "export").out
    (tmp_path / "bad.toml").write_bytes(content)
    for name in ("bad.toml", "missing.toml"):
        found = filled("config", "import", tmp_path / name)
        assert (found.status, found.out) == (1, "")
        assert lines(found.err) == 1
    assert filled("config", "export").out == before


# -- workspaces that cannot be used ---------------------------------------------------------------


def _newer(path: Path) -> None:
    with Store.open(path) as store:
        store.connection.execute("PRAGMA user_version = 999")


def _damaged(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[0:2000] = os.urandom(2000)
    path.write_bytes(content)


BROKEN: dict[str, Callable[[Path], object]] = {
    "empty": lambda path: path.write_bytes(b""),
    "text": lambda path: path.write_text("a shopping list\n" * 400),
    "sqlite": lambda path: path.write_bytes(b"SQLite format 3\0" + bytes(4080)),
    "zip": lambda path: path.write_bytes(b"PK\x03\x04" + os.urandom(8000)),
    "truncated": lambda path: path.write_bytes(path.read_bytes()[:5000]),
    "damaged": _damaged,
    "newer": _newer,
    "missing": lambda path: path.unlink(),
}


@pytest.mark.parametrize("how", BROKEN)
def test_a_workspace_that_cannot_be_used_is_refused_untouched(
    run: Run, workspace: Path, how: str
) -> None:
    BROKEN[how](workspace)
    before = workspace.read_bytes() if workspace.exists() else None
    for words in (("board",), ("move", "1", "Won"), ("history", "--json"), ("undo",), ("check",)):
        found = run("--workspace", workspace, *words)
        assert found.status == 1, words
        assert lines(found.err) == 1, found.err
        assert workspace.name in found.err or "damaged" in found.err
    assert (workspace.read_bytes() if workspace.exists() else None) == before


def test_a_folder_is_no_workspace(run: Run, tmp_path: Path) -> None:
    found = run("--workspace", tmp_path, "board")
    assert (found.status, lines(found.err)) == (1, 1)


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere"
)
def test_a_path_without_permission(run: Run, workspace: Path, tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir()
    shutil.copy(workspace, closed / "team.salesdesk")
    closed.chmod(0o500)
    try:
        for words in (("board",), ("move", "1", "Won")):
            found = run("--workspace", closed / "team.salesdesk", *words)
            assert (found.status, lines(found.err)) == (1, 1)
        found = run("--workspace", closed / "new.salesdesk", "init", "--template", "sales")
        assert (found.status, lines(found.err)) == (1, 1)
    finally:
        closed.chmod(0o700)


def test_output_that_cannot_be_written(filled: Run, tmp_path: Path) -> None:
    nowhere = tmp_path / "no"
    for words in (
        ("export", "deals", "--output", nowhere / "x.csv"),
        ("export", "deals", "--output", nowhere / "x.xlsx"),
        ("backup", "--output", nowhere / "deep" / "x.gz"),
        ("config", "export", nowhere / "x.toml"),
    ):
        found = filled(*words)
        if words[0] != "backup" or found.status:
            assert (found.status, found.out, lines(found.err)) == (1, "", 1), words


LIMITED = """
import resource, sys
from salesdesk.cli import main
import signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
words = sys.argv[2:]
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]), int(sys.argv[1])))
sys.exit(main(words))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no limits of file sizes")
def test_a_full_disk_is_one_sentence_and_nothing_is_lost(
    filled: Run, workspace: Path, tmp_path: Path
) -> None:
    before = filled("--json", "board").json
    rows = [f"X{n},Deal {n} {'x' * 60},,Client {n},New request,2026-11-06,5" for n in range(4000)]
    (tmp_path / "many.csv").write_text(DEALS.splitlines()[0] + "\n" + "\n".join(rows), "utf-8")
    (tmp_path / "map.toml").write_text(MAP, "utf-8")
    words = ["--workspace", workspace, "--now", "2026-11-20T11:20"]
    commands = (
        [*words, "import", tmp_path / "many.csv", "--as", "deals", "--map", tmp_path / "map.toml"],
        [*words, "export", "deals", "--output", tmp_path / "out.csv"],
        [*words, "backup", "--output", tmp_path / "copy.gz"],
    )
    sizes = (workspace.stat().st_size, 100, 1000)
    for size, command in zip(sizes, commands, strict=True):
        found = subprocess.run(
            [sys.executable, "-c", LIMITED, str(size), *map(str, command)],
            capture_output=True, check=False,
        )  # fmt: skip
        told = found.stderr.decode("utf-8")
        assert found.returncode == 1, told
        assert lines(told) == 1, told
        assert "Traceback" not in told
    assert not (tmp_path / "out.csv").exists()
    assert not (tmp_path / "copy.gz").exists()
    assert filled("check", "--rebuild").status == 0
    assert filled("--json", "board").json == before


# -- what goes out comes in again -----------------------------------------------------------------


def test_an_own_field_that_was_exported_comes_in_again(run: Run, tmp_path: Path) -> None:
    setup = tmp_path / "fields.toml"
    setup.write_text('fields = [{ name = "Ship  day", subject = "deal", kind = "date" }]\n')
    written = tmp_path / "written.csv"
    written.write_text("external_id,title,Weight,ship DAY\nX1,Crane,4,2026-12-24\n")
    exported = tmp_path / "exported.csv"
    for name in ("one", "two"):
        path = tmp_path / f"{name}.salesdesk"
        assert run("--workspace", path, "init", "--template", "sales", *ZONE).status == 0
        assert run("--workspace", path, "config", "import", setup).status == 0
        source = written if name == "one" else exported
        found = run("--workspace", path, "--json", "import", source, "--as", "deals").json
        assert found["created_deals"] == 1
        assert "Weight" not in found["columns"]  # nothing here is called so
        assert len(found["columns"]["Ship day"]) == 1
        run("--workspace", path, "export", "deals", "--output", exported)
        assert "2026-12-24" in exported.read_text("utf-8")


def test_what_a_crash_left_is_taken_back_and_told(desk: Run, workspace: Path) -> None:
    with Store.open(workspace) as store:
        cut_off = store.long_command("import", now=1)
        with cut_off.transaction() as tx:
            tx.insert("client", [{"kind": "company", "name": "Half", "name_key": "half"}])
    found = desk("--json", "check")
    said = "The last session was cut off. What was half-done has been put in order.\n"
    assert (found.status, found.err) == (0, said)
    assert found.json
    with Store.open(workspace) as store, store.read() as r:
        assert r.value("SELECT count(*) FROM client WHERE deleted_at IS NULL") == 0
    assert desk("check").err == ""
