"""Copies of a workspace: out to a plain database and back in, judged; names and folders for them.

A plain copy compresses, an encrypted one does not. A copy comes from one read transaction.
"""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlcipher3 import dbapi2 as driver

from salesdesk.errors import Reason, SalesDeskError
from salesdesk.models import sqlite
from salesdesk.text import N_


class BadBackup(SalesDeskError):
    """A file that cannot be restored."""

    def __init__(self, message: str, **values: object) -> None:
        super().__init__(N_("This backup cannot be restored"), message, **values)


def export(path: Path, plain: Path) -> dict[str, int]:
    """A plain copy of the workspace as it is at one moment; rows by table."""
    connection = sqlite.connect(path)
    try:
        connection.execute("ATTACH ? AS copy KEY ''", (str(plain),))
        connection.execute("PRAGMA copy.journal_mode = OFF")
        connection.execute("PRAGMA copy.synchronous = OFF")
        connection.execute("BEGIN")
        rows = _counts(connection)
        version = connection.execute("PRAGMA main.user_version").fetchone()[0]
        connection.execute("SELECT sqlcipher_export('copy')")
        connection.execute(f"PRAGMA copy.application_id = {sqlite.APPLICATION_ID}")
        connection.execute(f"PRAGMA copy.user_version = {version}")
        connection.execute("COMMIT")
        return rows
    finally:
        connection.close()


def bring_in(plain: Path, made: Path) -> None:
    """An encrypted workspace out of a plain database."""
    connection = sqlite.create(made)
    try:
        connection.execute("ATTACH ? AS copy KEY ''", (str(plain),))
        version = connection.execute("PRAGMA copy.user_version").fetchone()[0]
        connection.execute("PRAGMA foreign_keys = OFF")
        connection.execute("BEGIN")
        connection.execute("SELECT sqlcipher_export('main', 'copy')")
        connection.execute(f"PRAGMA main.application_id = {sqlite.APPLICATION_ID}")
        connection.execute(f"PRAGMA main.user_version = {version}")
        connection.execute("COMMIT")
        connection.execute("DETACH copy")
        sqlite.use_wal(connection)
    finally:
        connection.close()


def judge_plain(plain: Path, expected: dict[str, int] | None = None) -> dict[str, int]:
    """Rows by table of a plain copy that is whole; raises when it is not one of ours."""
    connection = driver.connect(str(plain), isolation_level=None)
    try:
        application = connection.execute("PRAGMA application_id").fetchone()[0]
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        if application != sqlite.APPLICATION_ID:
            raise BadBackup(N_("This is not a backup of a SalesDesk workspace."))
        if version > sqlite.SCHEMA_VERSION:
            raise BadBackup(N_("This backup was made by a newer SalesDesk; nothing was changed."))
        return _checked(connection, expected)
    finally:
        connection.close()


def judge_made(made: Path, expected: dict[str, int]) -> None:
    """Raises unless the workspace file ``made`` is whole and has the ``expected`` rows by table."""
    connection = sqlite.connect(made, read_only=True)
    try:
        if connection.execute("PRAGMA cipher_integrity_check").fetchall():
            raise driver.DatabaseError("checksums differ")
        _checked(connection, expected)
    finally:
        connection.close()


def _checked(connection: Any, expected: dict[str, int] | None) -> dict[str, int]:
    verdict = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    rows = _counts(connection)
    if verdict != "ok" or rows != (expected or rows):
        raise driver.DatabaseError(f"copy is not whole: {verdict}")
    return rows


def _counts(connection: Any) -> dict[str, int]:
    names = connection.execute(
        "SELECT name FROM main.sqlite_master WHERE type = 'table' AND rootpage > 0 "
        "AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
    ).fetchall()
    return {
        name: int(connection.execute(f'SELECT count(*) FROM main."{name}"').fetchone()[0])
        for (name,) in names
    }


def free_name(path: Path, word: str) -> Path:
    """A name beside ``path`` that nothing has: ``desk.WORD.salesdesk``, ``desk.WORD-2...``."""
    number, name = 1, path.with_name(f"{path.stem}.{word}{path.suffix}")
    while os.path.lexists(name):
        number += 1
        name = path.with_name(f"{path.stem}.{word}-{number}{path.suffix}")
    return name


def move_aside(path: Path, kept: Path) -> None:
    """Rename a workspace that nobody has open, with its write-ahead log."""
    move_log(path, kept)
    path.rename(kept)


def move_log(path: Path, kept: Path) -> None:
    """The log goes first: left behind, it would be read into the file that comes after."""
    for suffix in ("-wal", "-shm"):
        beside = path.with_name(path.name + suffix)
        if beside.exists():
            beside.rename(kept.with_name(kept.name + suffix))


@contextmanager
def workplace(target: Path) -> Iterator[Path]:
    """A folder on the same disk as ``target``, gone afterwards."""
    with tempfile.TemporaryDirectory(prefix=".making-", dir=target.parent) as place:
        yield Path(place)


@contextmanager
def told(place: Path) -> Iterator[None]:
    """Errors of the disk as one sentence."""
    try:
        yield
    except sqlite.DatabaseError as error:
        raise sqlite.in_words(error) from error
    except OSError as error:
        raise SalesDeskError(
            N_("The backup did not succeed"),
            N_("{place}: {detail}; nothing was changed."),
            place=str(place),
            detail=Reason(error),
        ) from error


def sync(folder: Path) -> None:
    """Make a new name in ``folder`` durable."""
    if os.name != "nt":
        number = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(number)
        finally:
            os.close(number)
