"""What a file is, before it is opened as a workspace: without writing, without SQLAlchemy."""

import os
from pathlib import Path

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


def state_of(path: Path, newest: int = sqlite.SCHEMA_VERSION) -> str:
    """What ``path`` is: ``current``, ``older`` or why it cannot be opened.

    The other answers are ``missing``, ``folder``, ``denied``, ``empty``, ``plain`` (a database
    that is not encrypted), ``foreign``, ``newer`` (than schema ``newest``) and ``damaged``. Nothing
    is written, and nothing is left behind beside the file.
    """
    try:
        if path.is_dir():
            return "folder"
        if path.stat().st_size == 0:
            return "empty"
        application, version = _numbers(path, newest)
    except FileNotFoundError:
        return "missing"
    except OSError:
        return "denied"
    except sqlite.DatabaseError:
        return _state_of_unreadable(path)
    if application != sqlite.APPLICATION_ID:
        return "foreign"
    if version > newest:
        return "newer"
    if not (os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)):
        return "denied"
    return CURRENT if version == newest else OLDER


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


def check_openable(path: Path, newest: int = sqlite.SCHEMA_VERSION) -> str:
    """``current`` or ``older``; raises SalesDeskError with one sentence for anything else."""
    state = state_of(path, newest)
    if state not in _REFUSALS:
        return state
    values = {"name": path.name, "folder": str(path.parent)}
    if state == "damaged":
        raise sqlite.Damaged(_REFUSALS[state], **values)
    raise SalesDeskError(_CANNOT_OPEN, _REFUSALS[state], **values)


def _numbers(path: Path, newest: int) -> tuple[int, int]:
    """Application id and schema version. Reads the file as it lies there, which makes no files
    beside it, unless a write-ahead log may hold something later.

    A file that cannot be read as it lies there may be whole with its log: a power cut while the log
    was copied into it leaves torn pages, which the log still has.
    """
    log = path.with_name(path.name + "-wal")
    logged = log.is_file() and log.stat().st_size > 0
    try:
        numbers = _read_numbers(path, "immutable=1")
    except sqlite.DatabaseError:
        if not logged:
            raise
        return _read_numbers(path, "mode=ro")
    if numbers[1] <= newest and logged:
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
