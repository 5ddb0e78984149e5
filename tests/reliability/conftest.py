"""A workspace made once and copied for each test, and folders of the test's own."""

import shutil
from pathlib import Path

import pytest

from salesdesk.models import migrate, sqlite

NOW = 1_700_000_000_000_000


@pytest.fixture(scope="session")
def _pattern(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("pattern") / "pattern.salesdesk"
    migrate.create_workspace(path)
    connection = sqlite.connect(path)
    connection.execute("BEGIN")
    for n in range(1, 401):
        connection.execute(
            "INSERT INTO client (uid, kind, name, name_key) VALUES (?, 'company', ?, ?)",
            (n.to_bytes(16, "big"), f"Ромашка {n}", f"ромашка {n}"),
        )
    connection.execute("COMMIT")
    connection.close()
    return path


@pytest.fixture
def workspace(_pattern: Path, tmp_path: Path) -> Path:
    """A workspace with four hundred clients."""
    return Path(shutil.copy(_pattern, tmp_path / "desk.salesdesk"))


@pytest.fixture(autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What this machine remembers, and its backups, in a folder of the test's own."""
    folder = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("SALESDESK_HOME", str(folder))
    return folder
