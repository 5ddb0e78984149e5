"""An upgrade ends with the new schema and every row, or with the file as it was."""

import hashlib
import random
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from salesdesk.errors import SalesDeskError
from salesdesk.models import backup, lock, migrate, retention, sqlite

Rows = dict[str, list[tuple[object, ...]]]
HERE = Path(__file__).parent
SECOND = HERE / "second"
NOW = 1_700_000_000_000_000

_REVISION = '''"""A revision of one test."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
{more}

def upgrade() -> None:
    """What the test says."""
    {body}
'''


def _revision(folder: Path, body: str, more: str = "") -> Path:
    versions = folder / "versions"
    versions.mkdir()
    text = _REVISION.format(body=body, more=more)
    (versions / "0002_test.py").write_text(text, encoding="utf-8")
    return versions


def _upgrade(path: Path, versions: Path = SECOND) -> backup.Backup | None:
    folder = path.parent / "backups"
    return migrate.upgrade(path, NOW, folder=folder, more_versions=(versions,), newest=2)


def _same(before: Rows, after: Rows) -> bool:
    """Every row is there with its former values, whatever columns came at the end."""
    return all(
        sorted((row[: len(rows[0])] for row in after[table]), key=repr) == rows
        for table, rows in before.items()
        if rows and table != "alembic_version"
    )


def test_upgrade(workspace: Path, rows_of: Callable[[Path], Rows]) -> None:
    before = rows_of(workspace)
    made = _upgrade(workspace)
    assert made is not None
    assert made.path.name.endswith(f"_{retention.BEFORE_UPGRADE}{retention.EXTENSION}")
    assert migrate.state_of(workspace, 2) == "current"
    assert migrate.state_of(workspace) == "newer"
    assert _same(before, rows_of(workspace))
    connection = sqlite.connect(workspace)
    with pytest.raises(sqlite.DatabaseError, match="insert-only"):
        connection.execute("DELETE FROM change")
    indexes = connection.execute("SELECT name FROM sqlite_master WHERE tbl_name = 'deal'")
    assert {"ix_deal_board", "ux_deal_external"} <= {row[0] for row in indexes}
    connection.execute("UPDATE deal SET colour = 'red', title = NULL WHERE id = 1")
    assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    connection.close()
    assert backup.verify(made.path) == made.rows
    assert _upgrade(workspace) is None


def test_nothing_to_upgrade(workspace: Path) -> None:
    before = hashlib.sha256(workspace.read_bytes()).hexdigest()
    assert migrate.upgrade(workspace, NOW) is None
    assert hashlib.sha256(workspace.read_bytes()).hexdigest() == before


FAILING = {
    "an error": ('op.execute("SELECT * FROM no_such_table")', "no_such_table"),
    "a row lost": ('op.execute("DELETE FROM deal WHERE id = 7")', "rows of deal"),
    "history lost": ('op.execute("DELETE FROM change WHERE id = 7")', "rows of change"),
    "a value changed": ('op.execute("UPDATE client SET name = 1 WHERE id = 3")', "rows of client"),
    "a column lost": ('op.drop_column("deal", "amount")', "rows of deal"),
    "a table lost": ('op.drop_table("change")', "rows of change"),
    "an orphan": (
        'op.execute("INSERT INTO deal_tag (uid, deal_id, tag_id) VALUES (1, 999, 999)")',
        "rows of deal_tag",
    ),
}


@pytest.mark.parametrize("kind", FAILING)
def test_failing_revision_leaves_the_file_as_it_was(
    kind: str, workspace: Path, tmp_path: Path, rows_of: Callable[[Path], Rows]
) -> None:
    body, sentence = FAILING[kind]
    before = rows_of(workspace)
    with pytest.raises(SalesDeskError, match=sentence) as caught:
        _upgrade(workspace, _revision(tmp_path, body))
    assert "desk.salesdesk is as it was" in str(caught.value)
    assert migrate.state_of(workspace) == "current"
    assert rows_of(workspace) == before
    connection = sqlite.connect(workspace)
    with pytest.raises(sqlite.DatabaseError, match="insert-only"):
        connection.execute("DELETE FROM change")
    connection.close()


def test_declared_changes_are_allowed(workspace: Path, tmp_path: Path) -> None:
    body = "op.execute(\"UPDATE client SET name_key = upper(name_key) || '!'\")"
    _upgrade(workspace, _revision(tmp_path, body, 'ALTERS = ("client",)\n'))
    assert migrate.state_of(workspace, 2) == "current"


def test_an_error_tells_no_values(workspace: Path, tmp_path: Path) -> None:
    body = 'op.get_bind().execute(sa.text("INSERT INTO gone VALUES (:v)"), {"v": "canary"})'
    with pytest.raises(SalesDeskError) as caught:
        _upgrade(workspace, _revision(tmp_path, body))
    assert "canary" not in str(caught.value)


def test_not_while_the_workspace_is_open(workspace: Path) -> None:
    with lock.use(workspace), pytest.raises(lock.InUse, match="Another program"):
        _upgrade(workspace)
    window = lock.window(workspace)
    assert window is not None
    with window, pytest.raises(lock.InUse, match="open in a window"):
        _upgrade(workspace)
    assert migrate.state_of(workspace) == "current"


def test_by_the_window_that_opens_it(workspace: Path) -> None:
    window = lock.window(workspace)
    assert window is not None
    with window:
        folder = workspace.parent / "backups"
        made = migrate.upgrade(
            workspace, NOW, folder=folder, more_versions=(SECOND,), newest=2, window=window
        )
    assert made is not None
    assert migrate.state_of(workspace, 2) == "current"


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL")
def test_killed_at_any_statement(
    workspace: Path, soak: bool, rows_of: Callable[[Path], Rows], tmp_path: Path
) -> None:
    before = rows_of(workspace)

    def attempt(path: Path, at: int) -> subprocess.CompletedProcess[str]:
        backups = path.parent / "backups"
        script = [sys.executable, str(HERE / "killed.py"), str(path), str(backups), str(SECOND)]
        return subprocess.run([*script, str(at)], capture_output=True, text=True)

    def copy(name: str) -> Path:
        (tmp_path / name).mkdir()
        return Path(shutil.copy(workspace, tmp_path / name / "desk.salesdesk"))

    whole = attempt(copy("whole"), 10**9)
    statements = int(whole.stdout)
    assert statements > 300
    points = range(1, statements + 1)
    chosen = points if soak else [*random.Random(7).sample(points[:-8], 6), *points[-4:]]
    states = set()
    for at in chosen:
        path = copy(f"at{at}")
        assert attempt(path, at).returncode == -signal.SIGKILL
        state = migrate.state_of(path, 2)
        assert state in ("older", "current")
        after = rows_of(path)
        assert after == before if state == "older" else _same(before, after)
        states.add(state)
        shutil.rmtree(path.parent)
    assert states == {"older", "current"}
