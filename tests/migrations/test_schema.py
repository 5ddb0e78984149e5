"""The first revision makes exactly the tables of the models."""

import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlcipher3 import dbapi2 as driver

from salesdesk.models import migrate, sqlite
from salesdesk.models.tables import metadata


@pytest.fixture
def migrated(workspace: Path) -> Iterator[Any]:
    connection = sqlite.connect(workspace)
    yield connection
    connection.close()


def _words(sql: str) -> list[str]:
    """A statement without its spaces, quotes and the order of its parts."""
    bare = re.sub(r"\s+", " ", sql.replace('"', "").replace("( ", "(").replace(" )", ")"))
    start, _, rest = bare.partition("(")
    inside, _, end = rest.rpartition(")")
    return [start.strip(), *sorted(part.strip() for part in inside.split(",")), end.strip()]


def _schema(connection: Any) -> dict[tuple[str, str], list[str]]:
    rows = connection.execute(
        "SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL AND rootpage > 0 "
        "AND type IN ('table', 'index') AND instr(name, '_fts') = 0 AND name <> 'alembic_version'"
    )
    return {(kind, name): _words(sql) for kind, name, sql in rows}


def _declared() -> dict[tuple[str, str], list[str]]:
    """What SQLAlchemy would make of the models."""
    plain = sqlite3.connect(":memory:", isolation_level=None)
    dialect = sa.create_engine("sqlite://").dialect
    for table in metadata.tables.values():
        plain.execute(str(sa.schema.CreateTable(table).compile(dialect=dialect)))
    for table in metadata.tables.values():
        for index in table.indexes:
            plain.execute(str(sa.schema.CreateIndex(index).compile(dialect=dialect)))
    found = _schema(plain)
    plain.close()
    return found


def test_first_revision_equals_the_models(migrated: Any) -> None:
    assert _schema(migrated) == _declared()


@pytest.mark.filterwarnings("ignore:Cannot correctly sort tables:sqlalchemy.exc.SAWarning")
def test_autogenerate_finds_no_difference(migrated: Any) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    engine = sa.create_engine(
        "sqlite://",
        module=driver,
        creator=lambda: migrated,
        poolclass=sa.StaticPool,
        hide_parameters=True,
    )
    with engine.connect() as bound:
        context = MigrationContext.configure(bound, opts={"compare_type": True})
        differences = compare_metadata(context, metadata)
    told = [d for d in differences if "_fts" not in repr(d)]
    assert told == []


def test_a_planted_difference_is_found(migrated: Any) -> None:
    migrated.execute("DROP INDEX ix_deal_board")
    migrated.execute("CREATE INDEX ix_deal_board ON deal (stage_id, pos, id)")
    assert _schema(migrated) != _declared()


def test_new_workspace(tmp_path: Path) -> None:
    path = tmp_path / "new.salesdesk"
    migrate.create_workspace(path)
    assert [entry.name for entry in tmp_path.iterdir()] == ["new.salesdesk"]
    assert migrate.check_openable(path) == "current"
    connection = sqlite.connect(path)
    assert connection.execute("PRAGMA journal_mode").fetchone()[0] == "wal"
    assert connection.execute("PRAGMA user_version").fetchone()[0] == sqlite.SCHEMA_VERSION
    assert connection.execute("PRAGMA application_id").fetchone()[0] == sqlite.APPLICATION_ID
    assert connection.execute("SELECT version_num FROM alembic_version").fetchall() == [("0001",)]
    assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    connection.close()
    assert path.read_bytes()[:15] != b"SQLite format 3"


def test_log_and_facts_are_insert_only(migrated: Any) -> None:
    for statement in (
        "UPDATE change SET new = 1",
        "DELETE FROM change",
        "UPDATE txn SET at = 0",
        "DELETE FROM txn",
    ):
        with pytest.raises(sqlite.DatabaseError, match="insert-only"):
            migrated.execute(statement)
    triggers = migrated.execute("SELECT tbl_name FROM sqlite_master WHERE type = 'trigger'")
    assert {row[0] for row in triggers} >= set(sqlite.INSERT_ONLY)
