"""What is not a workspace of this version is told in one sentence, and nothing is written."""

import hashlib
import os
import sqlite3
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from salesdesk.errors import SalesDeskError
from salesdesk.models import migrate, sqlite


def _seen(folder: Path) -> dict[str, str]:
    return {
        entry.name: hashlib.sha256(entry.read_bytes()).hexdigest() if entry.is_file() else "folder"
        for entry in folder.iterdir()
    }


def _plain(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE t (a)")
    connection.commit()
    connection.close()


def _zip(path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("x", os.urandom(20_000))


def _other_program(path: Path) -> None:
    connection = sqlite.create(path)
    connection.execute("CREATE TABLE t (a)")
    connection.close()


MAKERS: dict[str, tuple[Callable[[Path], object], str]] = {
    "missing": (lambda path: None, "There is no file x.salesdesk"),
    "folder": (lambda path: path.mkdir(), "x.salesdesk is a folder"),
    "empty": (lambda path: path.touch(), "x.salesdesk is empty"),
    "text": (lambda path: path.write_text("Deal;Stage\n" * 2000), "not a SalesDesk workspace"),
    "one byte": (lambda path: path.write_bytes(b"x"), "not a SalesDesk workspace"),
    "zip": (_zip, "not a SalesDesk workspace"),
    "plain SQLite": (_plain, "a database of another program"),
    "another's SQLCipher": (_other_program, "not a SalesDesk workspace"),
    "noise": (lambda path: path.write_bytes(os.urandom(40_960)), "x.salesdesk is damaged"),
}


@pytest.mark.parametrize("kind", MAKERS)
def test_refused_untouched(kind: str, tmp_path: Path) -> None:
    make, sentence = MAKERS[kind]
    path = tmp_path / "x.salesdesk"
    make(path)
    before = _seen(tmp_path)
    with pytest.raises(SalesDeskError, match=sentence):
        migrate.check_openable(path)
    assert _seen(tmp_path) == before


def test_newer_is_not_touched(workspace: Path) -> None:
    connection = sqlite.connect(workspace)
    connection.execute(f"PRAGMA user_version = {sqlite.SCHEMA_VERSION + 1}")
    connection.close()
    before = _seen(workspace.parent)
    with pytest.raises(SalesDeskError, match=r"made by a newer SalesDesk; it was not touched"):
        migrate.check_openable(workspace)
    assert _seen(workspace.parent) == before


def test_newer_only_in_the_write_ahead_log(workspace: Path) -> None:
    connection = sqlite.connect(workspace)
    connection.execute(f"PRAGMA user_version = {sqlite.SCHEMA_VERSION + 1}")
    before = hashlib.sha256(workspace.read_bytes()).hexdigest()
    assert migrate.state_of(workspace) == "newer"
    assert hashlib.sha256(workspace.read_bytes()).hexdigest() == before
    connection.close()


def test_older_can_be_opened(workspace: Path) -> None:
    assert migrate.state_of(workspace, sqlite.SCHEMA_VERSION + 1) == "older"


@pytest.mark.parametrize("keep", [1, 16, 512, 4096, 10_000, 200_000])
def test_truncated(keep: int, workspace: Path) -> None:
    workspace.write_bytes(workspace.read_bytes()[:keep])
    before = _seen(workspace.parent)
    with pytest.raises(SalesDeskError):
        migrate.check_openable(workspace)
    assert _seen(workspace.parent) == before


def test_damage_on_the_first_page(workspace: Path) -> None:
    data = bytearray(workspace.read_bytes())
    data[100] ^= 1
    workspace.write_bytes(data)
    with pytest.raises(sqlite.Damaged, match="is damaged; it was not touched"):
        migrate.check_openable(workspace)


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may read anything")
def test_no_permission(workspace: Path) -> None:
    workspace.chmod(0)
    with pytest.raises(SalesDeskError, match="no permission"):
        migrate.check_openable(workspace)


def test_an_existing_file_is_never_replaced(tmp_path: Path) -> None:
    path = tmp_path / "x.salesdesk"
    path.write_text("mine")
    with pytest.raises(SalesDeskError, match=r"There is a file x.salesdesk already"):
        migrate.create_workspace(path)
    assert path.read_text() == "mine"
    assert len(list(tmp_path.iterdir())) == 1


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(SalesDeskError, match="cannot be written"):
        migrate.create_workspace(tmp_path / "no" / "x.salesdesk")


def test_judging_keeps_the_locks_of_an_open_store(workspace: Path) -> None:
    """A second handle closed in the same process must not end SQLite's locks."""
    writer = sqlite.connect(workspace)
    writer.execute("BEGIN IMMEDIATE")
    assert migrate.state_of(workspace) == "current"
    script = (
        "import sys; from pathlib import Path; from salesdesk.models import sqlite\n"
        "c = sqlite.connect(Path(sys.argv[1])); c.execute('PRAGMA busy_timeout = 50')\n"
        "c.execute('BEGIN IMMEDIATE')"
    )
    import subprocess
    import sys

    other = subprocess.run([sys.executable, "-c", script, str(workspace)], capture_output=True)
    assert other.returncode != 0
    assert b"locked" in other.stderr
    writer.close()
