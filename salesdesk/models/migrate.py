"""Workspace files: made with the present schema, and brought to it.

``state_of`` and ``check_openable`` (from ``models.judge``) say first what a file is.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlcipher3 import dbapi2 as driver

from salesdesk.errors import Reason, SalesDeskError
from salesdesk.models import fulltext, lock, sqlite
from salesdesk.models.judge import CURRENT, OLDER, check_openable, state_of
from salesdesk.text import N_

if TYPE_CHECKING:
    from salesdesk.models.backup import Backup

__all__ = ["CURRENT", "OLDER", "check_openable", "create_workspace", "state_of", "upgrade"]


def create_workspace(path: Path) -> None:
    """Make a new workspace at ``path`` with the present schema.

    It holds nothing but its own id (setting ``uid``), which names the folder of its backups, and
    appears at once and whole. Raises SalesDeskError when something is there already (which stays
    untouched) or the folder cannot be written.
    """
    import tempfile

    if os.path.lexists(path):
        raise SalesDeskError(
            N_("The workspace was not made"),
            N_("There is a file {name} already; it was not touched."),
            name=path.name,
        )
    try:
        with tempfile.TemporaryDirectory(prefix=".making-", dir=path.parent) as folder:
            made = Path(folder) / path.name
            _fill(made)
            _publish(made, path)
    except (OSError, sqlite.DatabaseError) as error:
        raise SalesDeskError(
            N_("The workspace was not made"),
            N_("{folder} cannot be written: {detail}."),
            folder=str(path.parent),
            detail=Reason(error),
        ) from error


def _fill(path: Path) -> None:
    """A file with the present schema."""
    import uuid

    connection = sqlite.create(path)
    try:
        sqlite.use_wal(connection)
        with alembic_on(connection) as run:
            run("head")
            connection.execute(f"PRAGMA application_id = {sqlite.APPLICATION_ID}")
            connection.execute(f"PRAGMA user_version = {sqlite.SCHEMA_VERSION}")
            connection.execute(
                "INSERT INTO setting (name, value) VALUES ('uid', ?)", (f'"{uuid.uuid4().hex}"',)
            )
            sqlite.install_triggers(connection)
            fulltext.install(connection)
    finally:
        connection.close()


def _publish(made: Path, path: Path) -> None:
    """Give the finished file its name, durably, unless the name was taken meanwhile."""
    if os.name == "nt":
        made.rename(path)
        return
    os.link(made, path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def upgrade(
    path: Path,
    now: int,
    *,
    folder: Path | None = None,
    more_versions: tuple[Path, ...] = (),
    newest: int = sqlite.SCHEMA_VERSION,
    window: lock.Lock | None = None,
) -> "Backup | None":
    """Bring the workspace at ``path`` to the present schema; ``None`` when it is there already.

    A verified backup is made before (in ``folder``, the workspace's own unless told otherwise).
    A window that opens the workspace hands in its ``window`` lock.
    All of it happens in one transaction, which ends only when every table that no revision
    declares to alter (``ALTERS``) has the same rows as before. Raises InUse while the workspace is
    open anywhere, SalesDeskError when it does not succeed; the file is then as it was.
    """
    if check_openable(path, newest) == CURRENT:
        return None
    from salesdesk.models import backup, retention

    with lock.exclusive(path, window):
        made = backup.make(path, now, folder=folder, reason=retention.BEFORE_UPGRADE)
        connection = sqlite.connect(path)
        try:
            _upgrade(connection, more_versions, newest)
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        except Exception as error:
            raise SalesDeskError(
                N_("The workspace was not upgraded"),
                N_("{name} is as it was: {detail}. A backup was made at {backup}."),
                name=path.name,
                detail=str(error),
                backup=str(made.path),
            ) from error
        finally:
            connection.close()
    return made


def _upgrade(connection: sqlite.Connection, more_versions: tuple[Path, ...], newest: int) -> None:
    """One transaction. In batch mode Alembic replaces whole tables: with foreign keys on that
    would delete what refers to them, and without legacy renames it fails on views and triggers
    elsewhere; both can only be set before the transaction begins."""
    connection.execute("PRAGMA foreign_keys = OFF")
    connection.execute("PRAGMA legacy_alter_table = ON")
    with alembic_on(connection, *more_versions) as run:
        before = {table: sqlite.columns_of(connection, table) for table in _tables(connection)}
        digests = {table: _digest(connection, table, names) for table, names in before.items()}
        altered = _declared(connection, more_versions)
        _drop_triggers(connection)
        run("head")
        for table, names in before.items():
            if table not in altered and digests[table] != _digest(connection, table, names):
                raise sqlite.DatabaseError(f"rows of {table} would be lost or changed")
        orphans = connection.execute("PRAGMA foreign_key_check").fetchall()
        if orphans:
            raise sqlite.DatabaseError(
                f"{len(orphans)} rows of {orphans[0][0]} lack what they name"
            )
        sqlite.install_triggers(connection)
        fulltext.install(connection)
        connection.execute(f"PRAGMA user_version = {newest}")


def _tables(connection: sqlite.Connection) -> list[str]:
    """Tables with rows of their own; the full text is derived."""
    rows = connection.execute(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND rootpage > 0 "
        "AND name <> 'alembic_version' AND instr(name, '_fts') = 0 "
        "AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
    ).fetchall()
    return [row[0] for row in rows]


def _digest(connection: sqlite.Connection, table: str, columns: tuple[str, ...]) -> str:
    """Digest of all rows of ``columns``, in the order of their key; of nothing when one is gone."""
    import hashlib

    info = connection.execute(f"PRAGMA table_info({table})").fetchall()
    if not set(columns) <= {row[1] for row in info}:
        return ""
    key = [row[1] for row in sorted(info, key=lambda row: int(row[5])) if row[5]] or ["rowid"]
    names, order = (", ".join(f'"{name}"' for name in part) for part in (columns, key))
    digest = hashlib.sha256()
    for row in connection.execute(f'SELECT {names} FROM "{table}" ORDER BY {order}'):
        digest.update(repr(row).encode("utf-8", "surrogatepass"))
    return digest.hexdigest()


def _drop_triggers(connection: sqlite.Connection) -> None:
    rows = connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall()
    for (name,) in rows:
        connection.execute(f'DROP TRIGGER "{name}"')


def _declared(connection: sqlite.Connection, more_versions: tuple[Path, ...]) -> set[str]:
    """Tables whose rows the revisions to come declare to alter, each in its ``ALTERS``."""
    from alembic.script import ScriptDirectory

    now_at = connection.execute("SELECT version_num FROM alembic_version").fetchone()[0]
    scripts = ScriptDirectory.from_config(alembic_config(*more_versions))
    coming = scripts.iterate_revisions("heads", now_at)
    return {table for script in coming for table in getattr(script.module, "ALTERS", ())}


@contextmanager
def alembic_on(
    connection: sqlite.Connection, *more_versions: Path
) -> Iterator[Callable[[str], None]]:
    """One transaction, and in it a function that upgrades the schema to a revision.

    Commits at the end, rolls back at an error. ``more_versions`` are folders of further revisions.
    """
    import sqlalchemy as sa
    from alembic import command

    engine = sa.create_engine(
        "sqlite://",
        module=driver,
        creator=lambda: connection,
        poolclass=sa.StaticPool,
        hide_parameters=True,
    )
    config = alembic_config(*more_versions)
    with engine.connect() as bound:
        sqlite.begin(connection)
        bound.begin()
        config.attributes["connection"] = bound
        yield lambda revision: command.upgrade(config, revision)
        connection.execute("COMMIT")


def alembic_config(*more_versions: Path) -> Any:
    """Alembic's configuration: this package's revisions and those of other folders."""
    from alembic.config import Config

    here = Path(__file__).parent / "migrations"
    config = Config()
    config.set_main_option("script_location", str(here).replace("%", "%%"))
    folders = os.pathsep.join(str(folder) for folder in (here / "versions", *more_versions))
    config.set_main_option("version_locations", folders.replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config
