"""A workspace with rows in it, made once and copied for each test."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from salesdesk.models import migrate, sqlite

NOW = 1_700_000_000_000_000


def fill(connection: sqlite.Connection) -> None:
    """A few rows in a parent table, its children, and the insert-only log."""
    connection.execute("BEGIN")
    for n in range(1, 31):
        uid = n.to_bytes(16, "big")
        connection.execute(
            "INSERT INTO command (uid, kind, origin, at) VALUES (?, 'deal.add', 'cli', ?)",
            (uid, NOW + n),
        )
        connection.execute(
            "INSERT INTO client (uid, kind, name, name_key) VALUES (?, 'company', ?, ?)",
            (uid, f"Ромашка {n}", f"ромашка {n}"),
        )
        connection.execute(
            "INSERT INTO deal (uid, number, title, title_key, client_id, currency, pos, open_tasks,"
            " amount) VALUES (?, ?, ?, ?, ?, 'RUB', ?, 0, ?)",
            (uid, n, f"Deal {n}", f"deal {n}", n, n * 1.5, n * 10_000),
        )
        connection.execute(
            "INSERT INTO txn (command_id, at, first_change, last_change) VALUES (?, ?, ?, ?)",
            (n, NOW + n, n, n),
        )
        connection.execute(
            "INSERT INTO change (txn_id, tbl, row_id, field, old, new) "
            "VALUES (?, 'deal', ?, 'amount', NULL, ?)",
            (n, n, n * 10_000),
        )
    connection.execute("COMMIT")


@pytest.fixture(scope="session")
def _pattern(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("pattern") / "pattern.salesdesk"
    migrate.create_workspace(path)
    connection = sqlite.connect(path)
    fill(connection)
    connection.close()
    return path


@pytest.fixture
def workspace(_pattern: Path, tmp_path: Path) -> Path:
    """A workspace with thirty deals."""
    return Path(shutil.copy(_pattern, tmp_path / "desk.salesdesk"))


@pytest.fixture
def rows_of() -> Callable[[Path], dict[str, list[tuple[object, ...]]]]:
    """All rows of all tables of a workspace, each table sorted."""

    def read(path: Path) -> dict[str, list[tuple[object, ...]]]:
        connection = sqlite.connect(path, read_only=True)
        try:
            names = connection.execute(
                "SELECT name FROM sqlite_master WHERE type = 'table' AND rootpage > 0"
            ).fetchall()
            return {
                name: sorted(connection.execute(f'SELECT * FROM "{name}"').fetchall(), key=repr)
                for (name,) in names
            }
        finally:
            connection.close()

    return read
