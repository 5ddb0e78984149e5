"""Arguments, exit statuses, and the one document: what scripts rely on for every command."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from salesdesk.commands import COMMANDS
from tests.cli.conftest import NOW, Run

WRONG = (
    ("nonsense",),
    ("--now", "yesterday", "board"),
    ("--now", "2026-02-30", "board"),
    ("--now", "0001-01-01", "board"),
    ("--lang", "de", "board"),
    ("board", "--as-of", "soon"),
    ("move",),
    ("move", "1"),
    ("init",),
    ("init", "--template", "nothing"),
    ("init", "--template", "sales", "--timezone", "Mars/Olympus"),
    ("init", "--template", "sales", "--currency", "RUBLES"),
    ("import", "x.csv"),
    ("import", "x.csv", "--as", "wishes"),
    ("export", "deals"),
    ("export", "deals", "--output", "x.doc"),
    ("undo", "--steps", "0"),
    ("undo", "--id", "1", "--steps", "1"),
    ("tasks", "--state", "lost"),
    ("ranking", "--from", "2026-11-01"),
    ("ranking", "--from", "2026-11-31", "--to", "2026-12-01"),
    ("ranking", "--from", "2026-11-30", "--to", "2026-11-01"),
    ("ranking", "--from", "2026-11-01", "--to", "2026-11-30", "--output", "x.gif"),
    ("report", "weather", "--from", "2026-11-01", "--to", "2026-11-30"),
    ("report", "funnel"),
    ("report", "transitions", "--from", "2026-11-01", "--to", "2026-11-30", "--by", "year"),
    ("config",),
    ("config", "import"),
    ("sync",),
    ("sync", "connect", "bitrix24"),
    ("sync", "connect", "amocrm", "--token-stdin"),
    ("sync", "queue", "resolve", "7"),
    ("screenshot", "board"),
    ("screenshot", "nothing", "--output", "x.png"),
    ("screenshot", "board", "--output", "x.png", "--size", "big"),
    ("board", "--pipe", "Sales"),
)


@pytest.mark.parametrize("words", WRONG, ids=" ".join)
def test_wrong_usage_is_status_2_with_the_usage(run: Run, words: tuple[str, ...]) -> None:
    found = run(*words)
    assert found.status == 2
    assert found.out == ""
    assert found.err.startswith("usage: salesdesk") or "salesdesk" in found.err
    assert len(found.err.strip().splitlines()[-1]) > 10


@pytest.mark.parametrize(
    "words",
    [
        ("import", "", "--as", "deals"),
        ("import", "deals.csv", "--as", "deals", "--map", ""),
        ("export", "deals", "--output", ""),
        ("config", "import", ""),
        ("restore", ""),
        ("ranking", "--from", "2026-11-01", "--to", "2026-11-30", "--weights", ""),
    ],
    ids=" ".join,
)
def test_an_empty_name_is_not_the_folder_one_is_in(desk: Run, words: tuple[str, ...]) -> None:
    found = desk(*words)
    assert found.status == 2
    assert found.err.strip().endswith("the name of the file is empty.")


def test_wrong_usage_answers_in_json_too(run: Run) -> None:
    found = run("--json", "move", "1")
    assert found.status == 2
    assert set(found.json["error"]) == {"title", "message"}


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself(run: Run, name: str) -> None:
    for language in ("en", "ru"):
        found = run("--lang", language, name, "--help")
        assert found.status == 0
        assert f"salesdesk {name}" in found.out.splitlines()[0]
        assert found.err == ""


@pytest.mark.parametrize(
    "words",
    [
        ("sync", "status"),
        ("sync", "run", "--dry-run"),
        ("sync", "queue", "retry", "7"),
        ("sync", "connect", "bitrix24", "--webhook-stdin"),
    ],
    ids=" ".join,
)
def test_what_is_not_built_says_so_in_one_sentence(desk: Run, words: tuple[str, ...]) -> None:
    found = desk(*words)
    assert found.status == 1
    assert found.out == ""
    assert found.err.count("\n") == 1
    told = desk("--json", *words)
    assert told.json["error"]["message"] == found.err.strip()


@pytest.mark.parametrize("place", ["before", "after"])
def test_json_before_or_after_the_command(desk: Run, place: str) -> None:
    words = ("--json", "board") if place == "before" else ("board", "--json")
    assert desk(*words).json["pipeline"] == "Sales"


def test_json_after_a_nested_command(desk: Run, tmp_path: Path) -> None:
    found = desk("config", "export", tmp_path / "c.toml", "--json")
    assert found.json == {"output": str(tmp_path / "c.toml")}


def test_an_error_is_one_sentence_and_a_document(desk: Run) -> None:
    found = desk("move", "99", "Won", "--json")
    assert found.status == 1
    assert found.err.count("\n") == 1
    assert found.json == {"error": {"title": "Not found", "message": found.err.strip()}}
    assert "“99”" in found.err


def test_russian_by_request(desk: Run) -> None:
    assert desk("--lang", "ru", "board").status == 0


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("2026-11-20T11:20", "2026-11-20T11:20:00+03:00"),
        ("2026-11-20T11:20:30+00:00", "2026-11-20T14:20:30+03:00"),
        ("2026-11-20T11:20Z", "2026-11-20T14:20:00+03:00"),
        ("2026-11-20", "2026-11-20T00:00:00+03:00"),
        ("2026-11-20 11:20", "2026-11-20T11:20:00+03:00"),
    ],
)
def test_now_is_local_time_unless_it_has_an_offset(desk: Run, given: str, shown: str) -> None:
    assert desk("--json", "board", now=given).json["as_of"] == shown


def test_a_workspace_may_be_a_file_url(run: Run, workspace: Path) -> None:
    found = run("--workspace", workspace.as_uri(), "--json", "board")
    assert found.json["pipeline"] == "Sales"


@pytest.mark.parametrize(
    "url", ["postgresql://host/desk", "https://host/desk", "postgres://[h", "file://[h/desk"]
)
def test_other_urls_are_refused_in_one_sentence(run: Run, url: str) -> None:
    found = run("--workspace", url, "board")
    assert found.status == 1
    assert found.err.count("\n") == 1
    assert "errors.log" not in found.err


def test_the_workspace_named_last_is_the_default(run: Run, workspace: Path) -> None:
    assert run("--workspace", workspace, "board").status == 0
    assert run("--json", "board").json["pipeline"] == "Sales"


def test_unexpected_errors_leave_a_sentence_and_a_log(
    desk: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    from salesdesk.models.places import data_folder
    from salesdesk.services import past

    def broken(*_: object) -> None:
        raise RuntimeError("the sky fell")

    monkeypatch.setattr(past, "board_at", broken)
    found = desk("--json", "board")
    assert found.status == 1
    assert found.err.count("\n") == 1
    assert "the sky fell" in found.json["error"]["message"]
    assert "RuntimeError: the sky fell" in (data_folder() / "logs" / "errors.log").read_text(
        "utf-8"
    )


def test_an_interrupt_is_one_line_and_130(desk: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    from salesdesk.services import past

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(past, "board_at", interrupted)
    found = desk("board")
    assert found.status == 130
    assert found.err.count("\n") == 1


# -- as a process ---------------------------------------------------------------------------------


def process(*words: object, **env: str) -> "subprocess.CompletedProcess[bytes]":
    """Run the command line as a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "salesdesk", *map(str, words)],
        capture_output=True, env=os.environ | env, check=False,
    )  # fmt: skip


def test_utf8_whatever_the_locale_says(workspace: Path) -> None:
    found = process(
        "--workspace", workspace, "--lang", "en", "board",
        PYTHONIOENCODING="ascii", LC_ALL="C", PYTHONUTF8="0",
    )  # fmt: skip
    assert found.returncode == 0
    assert "─" in found.stdout.decode("utf-8")


@pytest.mark.skipif(os.name == "nt", reason="a pipe of the shell")
def test_a_reader_that_leaves_is_no_error(workspace: Path) -> None:
    line = f"'{sys.executable}' -m salesdesk --workspace '{workspace}' history | true"
    found = subprocess.run(["bash", "-o", "pipefail", "-c", line], capture_output=True, check=False)
    assert (found.returncode, found.stderr) == (0, b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
@pytest.mark.parametrize("words", [("history",), ("config", "export")], ids=["short", "long"])
def test_an_answer_that_cannot_be_written_is_said(workspace: Path, words: tuple[str, ...]) -> None:
    program = [sys.executable, "-m", "salesdesk", "--lang", "en", "--workspace", str(workspace)]
    with Path("/dev/full").open("wb") as full:
        found = subprocess.run([*program, *words], stdout=full, stderr=subprocess.PIPE, check=False)
    assert found.returncode == 1
    assert found.stderr.count(b"\n") == 1
    assert found.stderr.startswith(b"The answer could not be written")


@pytest.mark.skipif(os.name == "nt", reason="closed by the shell")
@pytest.mark.parametrize(
    ("words", "closed", "status"),
    [
        ("history", ">&-", 0),
        ("--json history", ">&-", 0),
        ("--json move 1 Won", ">&-", 1),
        ("--json move 1 Won", ">&- 2>&-", 1),
        ("move", "2>&-", 2),
        ("history", "<&- >&- 2>&-", 0),
        ("config import -", "<&-", 0),
        ("sync connect bitrix24 --webhook-stdin", "<&-", 2),
    ],
)
def test_a_stream_that_is_closed_changes_no_status(
    workspace: Path, tmp_path: Path, words: str, closed: str, status: int
) -> None:
    """A scheduler that closes its standard streams still learns whether the work was done."""
    program = f"'{sys.executable}' -m salesdesk --workspace '{workspace}' {words} {closed}"
    found = subprocess.run(
        ["bash", "-c", program], capture_output=True, check=False,
        env=os.environ | {"SALESDESK_HOME": str(tmp_path / "home")},
    )  # fmt: skip
    assert found.returncode == status
    assert b"Traceback" not in found.stderr
    assert not list((tmp_path / "home").rglob("errors.log"))


QT_LESS = (
    ("--help",),
    ("board", "--help"),
    ("board", "--json"),
    ("board", "--as-of", "2026-11-01"),
    ("history", "--json"),
    ("tasks",),
    ("ranking", "--from", "2026-11-01", "--to", "2026-11-30", "--json"),
    ("move", "1", "Won"),
    ("undo",),
    ("check",),
    ("config", "export"),
)
_LOADED = (
    "import sys, json; from salesdesk.cli import main; main(sys.argv[1:]); "
    "print(json.dumps(sorted({name.split('.')[0] for name in sys.modules})), file=sys.stderr)"
)


@pytest.mark.parametrize("words", QT_LESS, ids=" ".join)
def test_no_qt_and_no_table_library_where_none_is_needed(
    workspace: Path, words: tuple[str, ...]
) -> None:
    found = subprocess.run(
        [sys.executable, "-c", _LOADED, "--workspace", str(workspace), "--now", NOW, *words],
        capture_output=True, check=False,
    )  # fmt: skip
    loaded = set(json.loads(found.stderr.decode("utf-8").splitlines()[-1]))
    heavy = {"PySide6", "shiboken6", "pyqtgraph", "sqlmodel", "sqlalchemy", "alembic", "pandas"}
    assert not loaded & heavy
