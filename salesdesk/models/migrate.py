"""Workspace files: made, judged before they are opened, and brought to the present schema.

Judging (``state_of``) needs neither SQLAlchemy nor Alembic and writes nothing.
"""

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlcipher3 import dbapi2 as driver

from salesdesk.errors import SalesDeskError
from salesdesk.models import sqlite
from salesdesk.text import N_

_PAGE = 4096
_PLAIN = b"SQLite format 3\x00"
#: How files begin that are full of compressed bytes and yet no workspace.
_FOREIGN = (b"PK\x03\x04", b"%PDF", b"\x89PNG", b"\xff\xd8", b"\x1f\x8b", b"Rar!", b"7z\xbc")

CURRENT, OLDER = "current", "older"
"""States of a file that can be opened; the others are the keys of ``_REFUSALS``."""

_CANNOT_OPEN = N_("This workspace cannot be opened")
_REFUSALS = {
    "missing": N_("There is no file {name} in {folder}."),
    "folder": N_("{name} is a folder, not a workspace."),
    "denied": N_("You have no permission to read and write {name} and its folder."),
    "empty": N_("{name} is empty: it is not a workspace, or nothing is left of it."),
    "plain": N_("{name} is a database of another program, not a SalesDesk workspace."),
    "foreign": N_("{name} is not a SalesDesk workspace."),
    "newer": N_("{name} was made by a newer SalesDesk; it was not touched. Update SalesDesk."),
    "damaged": N_("{name} is damaged; it was not touched. Restore a backup."),
}


def state_of(path: Path) -> str:
    """What ``path`` is: ``current``, ``older`` or why it cannot be opened.

    The other answers are ``missing``, ``folder``, ``denied``, ``empty``, ``plain`` (a database
    that is not encrypted), ``foreign``, ``newer`` and ``damaged``. Nothing is written, and nothing
    is left behind beside the file.
    """
    try:
        if path.is_dir():
            return "folder"
        if path.stat().st_size == 0:
            return "empty"
        application, version = _numbers(path)
    except FileNotFoundError:
        return "missing"
    except OSError:
        return "denied"
    except sqlite.DatabaseError:
        return _state_of_unreadable(path)
    if application != sqlite.APPLICATION_ID:
        return "foreign"
    if version > sqlite.SCHEMA_VERSION:
        return "newer"
    if not (os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)):
        return "denied"
    return CURRENT if version == sqlite.SCHEMA_VERSION else OLDER


def _state_of_unreadable(path: Path) -> str:
    """Why SQLite could not read it. Only here the file is opened by itself: closing it would end
    the locks of a connection that this process has on the same file."""
    try:
        with path.open("rb") as file:
            head = file.read(_PAGE)
    except OSError:
        return "denied"
    if head.startswith(_PLAIN):
        return "plain"
    return "damaged" if _looks_encrypted(head) else "foreign"


def check_openable(path: Path) -> str:
    """``current`` or ``older``; raises SalesDeskError with one sentence for anything else."""
    state = state_of(path)
    if state not in _REFUSALS:
        return state
    values = {"name": path.name, "folder": str(path.parent)}
    if state == "damaged":
        raise sqlite.Damaged(_REFUSALS[state], **values)
    raise SalesDeskError(_CANNOT_OPEN, _REFUSALS[state], **values)


def _numbers(path: Path) -> tuple[int, int]:
    """Application id and schema version. Reads the file as it lies there, which makes no files
    beside it, unless a write-ahead log may hold something later."""
    numbers = _read_numbers(path, "immutable=1")
    log = path.with_name(path.name + "-wal")
    if numbers[1] <= sqlite.SCHEMA_VERSION and log.is_file() and log.stat().st_size > 0:
        return _read_numbers(path, "mode=ro")
    return numbers


def _read_numbers(path: Path, how: str) -> tuple[int, int]:
    uri = f"{path.resolve().as_uri()}?{how}"
    connection = driver.connect(uri, uri=True, isolation_level=None)
    try:
        sqlite.unlock(connection)
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        application = connection.execute("PRAGMA application_id").fetchone()[0]
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        return int(application), int(version)
    finally:
        connection.close()


def _looks_encrypted(head: bytes) -> bool:
    """Whether these bytes are as mixed as those of an encrypted page."""
    if head.startswith(_FOREIGN):
        return False
    expected = 256 * (1 - (255 / 256) ** len(head))
    return len(head) >= 16 and len(set(head)) > 0.85 * expected


def create_workspace(path: Path) -> None:
    """Make a new workspace at ``path`` with the present schema and nothing in it.

    The file appears at once and whole. Raises SalesDeskError when something is there already
    (which stays untouched) or the folder cannot be written.
    """
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
            detail=str(error),
        ) from error


def _fill(path: Path) -> None:
    """A file with the present schema."""
    connection = sqlite.create(path)
    try:
        sqlite.use_wal(connection)
        with alembic_on(connection) as run:
            run("head")
            connection.execute(f"PRAGMA application_id = {sqlite.APPLICATION_ID}")
            connection.execute(f"PRAGMA user_version = {sqlite.SCHEMA_VERSION}")
            sqlite.install_triggers(connection)
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
        connection.execute("BEGIN IMMEDIATE")
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
