"""What is SQLite's own: the driver, its key and pragmas, triggers, and errors in plain words.

Every workspace is a SQLCipher file. Without a password it is under a published fixed key: that
keeps nobody out, it makes the file's checksums notice damage (reliability.md).
"""

import random
import re
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from itertools import chain
from pathlib import Path
from typing import Any, TypeAlias

from sqlcipher3 import dbapi2 as driver

from salesdesk.errors import SalesDeskError
from salesdesk.text import N_

#: Published on purpose: the key of a workspace without a password.
OPEN_KEY = "53616c65734465736b20776f726b737061636520776974686f75742070617373"
APPLICATION_ID = 0x53444B31
#: Small pages and a checksum that processors know: a move touches some thirty pages, each of which
#: is encrypted and summed anew (docs/decisions/0007).
PAGE_SIZE = 2048
CHECKSUM = "HMAC_SHA256"
SCHEMA_VERSION = 1
OLDEST_SQLITE = (3, 51, 3)
BUSY_MS = 5_000
#: How often a writer looks whether it is its turn, in seconds: between these two.
_LOOKS = (0.0005, 0.003)

# The driver looks for an adapter of each value that is not plain to it, finds none and throws an
# error away: two microseconds for every NULL, uid and truth value. These give back what they get.
driver.register_adapter(type(None), {}.get)
driver.register_adapter(bytes, bytes)
driver.register_adapter(bool, int)

Connection: TypeAlias = Any  # the driver carries no types
DatabaseError: type[Exception] = driver.DatabaseError
IntegrityError: type[Exception] = driver.IntegrityError

#: Tables whose rows are only ever inserted, and the derived columns of facts that may change.
INSERT_ONLY: dict[str, tuple[str, ...]] = {
    "txn": (),
    "change": (),
    "stage_move": ("undone", "superseded", "from_stage_id", "spent"),
    "owner_change": ("undone",),
    "reach_ruling": ("undone",),
    "task_change": ("undone",),
}


class Damaged(SalesDeskError):
    """The file cannot be read as a workspace, or no longer."""

    def __init__(self, message: str, **values: object) -> None:
        super().__init__(N_("This workspace cannot be opened"), message, **values)


class Busy(SalesDeskError):
    """Another program wrote for longer than we wait."""

    def __init__(self) -> None:
        super().__init__(
            N_("The workspace is busy"),
            N_("Another program has been writing for 5 seconds; nothing was changed, try again."),
        )


def assert_driver() -> None:
    """Refuse a SQLite in the range that has the WAL-reset bug."""
    if driver.sqlite_version_info < OLDEST_SQLITE:
        raise SalesDeskError(
            N_("SQLite is too old"),
            N_("SalesDesk needs SQLite 3.51.3 or newer, this one is {version}."),
            version=driver.sqlite_version,
        )


def connect(path: Path, *, read_only: bool = False) -> Connection:
    """A keyed connection in autocommit mode, pragmas set; foreign keys on.

    Raises ``driver.DatabaseError`` when the file is no workspace (first read fails).
    """
    mode = "ro" if read_only else "rw"
    connection = driver.connect(
        f"{path.resolve().as_uri()}?mode={mode}",
        uri=True,
        isolation_level=None,
        check_same_thread=False,
        timeout=BUSY_MS / 1000,
        cached_statements=512,
    )
    with closed_on_error(connection):
        unlock(connection)
    connection.create_function("folded", 1, _folded, deterministic=True)
    return connection


def create(path: Path) -> Connection:
    """A keyed connection to a new file at ``path``."""
    connection = driver.connect(
        str(path), isolation_level=None, check_same_thread=False, timeout=BUSY_MS / 1000
    )
    unlock(connection)
    return connection


def _folded(text: str | None) -> str | None:
    """``names.folded`` in SQL, of a text that was kept clean; SQLite alone folds only Latin."""
    return None if text is None else text.casefold().replace("ё", "е")


@contextmanager
def closed_on_error(connection: Connection) -> Iterator[None]:
    """A connection that cannot be made ready holds no file."""
    try:
        yield
    except DatabaseError:
        connection.close()
        raise


def unlock(connection: Connection) -> None:
    """Key and pragmas of every connection."""
    connection.execute("PRAGMA cipher_log_level = NONE")
    connection.execute(f"PRAGMA key = \"x'{OPEN_KEY}'\"")
    connection.execute(f"PRAGMA cipher_page_size = {PAGE_SIZE}")
    connection.execute(f"PRAGMA cipher_hmac_algorithm = {CHECKSUM}")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA temp_store = MEMORY")
    connection.execute("PRAGMA cache_size = -65536")


def use_wal(connection: Connection) -> None:
    """Write-ahead logging; checkpoints are the idle writer's, so automatic ones come late."""
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA wal_autocheckpoint = 16000")
    connection.execute("PRAGMA journal_size_limit = 67108864")


def install_triggers(connection: Connection) -> None:
    """Make log and facts insert-only; called again after every migration."""
    for table, derived in INSERT_ONLY.items():
        for name in (f"{table}_keep", f"{table}_hold"):
            connection.execute(f"DROP TRIGGER IF EXISTS {name}")
        columns = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
        fixed = ", ".join(column for column in columns if column not in derived)
        connection.execute(
            f"CREATE TRIGGER {table}_hold BEFORE UPDATE OF {fixed} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{table} is insert-only'); END"
        )
        connection.execute(
            f"CREATE TRIGGER {table}_keep BEFORE DELETE ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{table} is insert-only'); END"
        )


def data_version(connection: Connection) -> int:
    """Changes when another connection has written."""
    return int(connection.execute("PRAGMA data_version").fetchone()[0])


def checkpoint(connection: Connection) -> tuple[int, int]:
    """Copy the write-ahead log into the file as far as readers allow, without waiting. Returns how
    many pages it has and how many of them are copied (-1 each while another copies)."""
    _, length, copied = connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
    return int(length), int(copied)


def log_length(connection: Connection) -> int:
    """Pages in the write-ahead log."""
    return int(connection.execute("PRAGMA wal_checkpoint(NOOP)").fetchone()[1])


def wait_in_begin(connection: Connection) -> None:
    """From now on nothing but ``begin`` waits for another writer.

    SQLite's own waiting soon looks only every tenth of a second: beside a program that writes most
    of the time (a window where a key is held) it finds the file busy each time, for seconds.
    """
    connection.execute("PRAGMA busy_timeout = 0")


def begin(connection: Connection) -> None:
    """Begin to write, at once or as soon as nobody else does; the driver's error after BUSY_MS."""
    until = time.monotonic() + BUSY_MS / 1000
    while True:
        try:
            connection.execute("BEGIN IMMEDIATE")
        except DatabaseError as error:
            if not isinstance(in_words(error), Busy) or time.monotonic() > until:
                raise
        else:
            return
        time.sleep(random.uniform(*_LOOKS))  # two that wait do not look in step


def optimize(connection: Connection) -> None:
    """Keep the planner's statistics fresh; on a connection that does not wait (``wait_in_begin``)
    nothing is done while another process writes.

    Samples of values are thrown away: with them SQLite prepares a statement anew each time it is
    given other values, which costs more than they are worth where every query has an index.
    """
    try:
        connection.execute("PRAGMA analysis_limit = 400")
        connection.execute("PRAGMA optimize = 0x10002")
        if columns_of(connection, "sqlite_stat4"):
            connection.execute("DELETE FROM sqlite_stat4")
            connection.execute("ANALYZE sqlite_schema")  # read what is left
    except DatabaseError as error:
        if not isinstance(in_words(error), Busy):
            raise


def in_words(error: Exception) -> SalesDeskError:
    """The driver's ``error`` as one sentence for people."""
    text = str(error).lower()
    if "locked" in text or "busy" in text:
        return Busy()
    if "disk is full" in text or "full" in text:
        return SalesDeskError(
            N_("The disk is full"),
            N_("There is no room to write; nothing was changed. Free some space and try again."),
        )
    if "readonly" in text or "read-only" in text:
        return SalesDeskError(
            N_("No permission to write"),
            N_("The workspace may only be read here; nothing was changed."),
        )
    if "malformed" in text or "not a database" in text or "corrupt" in text:
        return Damaged(N_("The file is damaged: {detail}. Restore a backup."), detail=str(error))
    return SalesDeskError(
        N_("The workspace could not be written"),
        N_("Nothing was changed: {detail}."),
        detail=str(error),
    )


def columns_of(connection: Connection, table: str) -> tuple[str, ...]:
    """Names of the columns of ``table``, in order; empty when there is no such table."""
    return tuple(row[1] for row in connection.execute(f"PRAGMA table_info({table})"))


#: The row of a statement that writes one.
_ONE_ROW = re.compile(r"(INSERT .* VALUES )(\([?, 0]+\))( ON CONFLICT (?!.*RETURNING)[^?]*|)")
#: Rows that one statement writes, where there are many: each statement costs as much as two rows.
_TOGETHER = 16


def write(connection: Connection, sql: str, rows: Sequence[Sequence[Any]]) -> None:
    """Run a statement for each of these rows; an ``INSERT`` takes several at once."""
    if len(rows) == 1:
        connection.execute(sql, rows[0])
        return
    whole = len(rows) - len(rows) % _TOGETHER
    several = _several(sql) if whole else None
    if several is not None:
        if len({len(row) for row in rows}) > 1:
            raise ValueError("rows of one statement are equally long")
        parts = range(0, whole, _TOGETHER)
        connection.executemany(
            several, [tuple(chain.from_iterable(rows[at : at + _TOGETHER])) for at in parts]
        )
        rows = rows[whole:]
    if rows:
        connection.executemany(sql, rows)


@lru_cache(512)
def _several(sql: str) -> str | None:
    """An ``INSERT`` of so many rows; None for another statement."""
    found = _ONE_ROW.fullmatch(sql)
    if found is None:
        return None
    head, values, rest = found.groups()
    return f"{head}{', '.join([values] * _TOGETHER)}{rest}"


def rows_in(values: Any) -> str:
    """``?, ?, ?`` for so many values."""
    return ", ".join("?" * len(values))
