"""Backups: whole, verified, compressed copies of a workspace, and the way back.

A backup is a gzip file around a plain SQLite database. Encrypted pages do not compress, and a
workspace without a password is under a published key anyway; gzip's checksum notices damage. The
copy comes from one read transaction, so writers never wait for it.
"""

import gzip
import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from zlib import error as ZlibError

from salesdesk.errors import SalesDeskError
from salesdesk.models import copies, judge, lock, packing, places, retention, sqlite
from salesdesk.models.copies import BadBackup
from salesdesk.models.retention import BY_HAND, DAILY
from salesdesk.text import N_

_GZIP = b"\x1f\x8b"
_CHUNK = 1 << 20
Free = Callable[[Path], int]


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup that was made and verified; ``thinned`` went by age, ``for_room`` went because
    backups may take a tenth of the free disk."""

    path: Path
    size: int
    rows: int
    thinned: tuple[Path, ...] = ()
    for_room: tuple[Path, ...] = ()


@dataclass(frozen=True, slots=True)
class Restored:
    """A restored workspace; ``kept`` is where the file lies that was there before."""

    path: Path
    kept: Path | None
    rows: int


def folder_of(path: Path) -> Path:
    """Where the backups of a workspace lie unless told otherwise: by the id it was given when it
    was made, so that it may be moved or renamed."""
    connection = sqlite.connect(path, read_only=True)
    try:
        row = connection.execute("SELECT value FROM setting WHERE name = 'uid'").fetchone()
    finally:
        connection.close()
    name = str(row[0]).strip('"') if row else hashlib.sha256(bytes(path.resolve())).hexdigest()[:32]
    return places.data_folder() / "backups" / name


def write(path: Path, target: Path, now: int) -> Backup:
    """Write a verified backup of the workspace at ``path`` to ``target`` (replaced if it exists).

    The target appears whole or not at all. Raises SalesDeskError when the workspace cannot be
    read or the target cannot be written.
    """
    judge.check_openable(path)
    with copies.told(target), copies.workplace(target) as place:
        plain, packed = place / "plain", place / "packed"
        rows = copies.export(path, plain)
        with ThreadPoolExecutor(1, "judge") as beside:
            judged = beside.submit(copies.judge_plain, plain, rows)
            packing.pack(plain, packed, now)
            judged.result()
        packed.replace(target)
        copies.sync(target.parent)
    return Backup(target, target.stat().st_size, sum(rows.values()))


def make(
    path: Path,
    now: int,
    *,
    folder: Path | None = None,
    reason: str = BY_HAND,
    free: Free = retention.free_bytes,
) -> Backup:
    """Add a backup to the workspace's folder; older ones that need not stay are removed.

    Raises SalesDeskError (and leaves the others alone) when it alone would take more than a tenth
    of the free disk.
    """
    folder = folder_of(path) if folder is None else folder
    with copies.told(folder):
        folder.mkdir(parents=True, exist_ok=True)
    target = folder / retention.name_of(now, reason)
    made = write(path, target, now)
    if made.size * retention.SHARE > free(folder):
        target.unlink()
        raise SalesDeskError(
            N_("No backup was made"),
            N_("It would take more than a tenth of the free disk at {folder}. Free some space."),
            folder=str(folder),
        )
    thinned = retention.thin(folder)
    return Backup(target, made.size, made.rows, thinned, retention.make_room(folder, free))


def daily(
    path: Path, now: int, *, folder: Path | None = None, free: Free = retention.free_bytes
) -> Backup | None:
    """The backup of the day (UTC); ``None`` when there is one already."""
    folder = folder_of(path) if folder is None else folder
    today = retention.stamp_of(now)[:10]
    for entry in retention.entries(folder):
        if retention.stamp_of(entry.at)[:10] == today and entry.reason == DAILY:
            return None
    return make(path, now, folder=folder, reason=DAILY, free=free)


def restore(backup: Path, path: Path, now: int) -> Restored:
    """Put a workspace back from ``backup`` (a backup, or a copy of a workspace) at ``path``.

    What lies at ``path`` now is kept beside it under another name. Raises InUse while the workspace
    is open anywhere, BadBackup when the backup is damaged, newer or none; then nothing changes.
    """
    if path.is_dir():
        raise BadBackup(N_("{name} is a folder; nothing was changed."), name=path.name)
    with copies.told(path), lock.exclusive(path), copies.workplace(path) as place:
        made = place / "made"
        rows = _unpack(backup, place / "plain", made)
        kept = _set_aside(path, now)
        made.replace(path)
        copies.sync(path.parent)
    judge.check_openable(path)
    return Restored(path, kept, rows)


def move(path: Path, target: Path, now: int) -> Path:
    """Copy the workspace to ``target``, verified, and give the old file a name that no one opens.

    Returns that name. Raises InUse while it is open anywhere, SalesDeskError when ``target``
    exists or cannot be written; then nothing changes.
    """
    judge.check_openable(path)
    if os.path.lexists(target):
        raise SalesDeskError(
            N_("The workspace was not moved"),
            N_("There is a file {name} already; it was not touched."),
            name=target.name,
        )
    with copies.told(target), lock.exclusive(path):
        target.parent.mkdir(parents=True, exist_ok=True)
        with copies.workplace(target) as place:
            made = place / "made"
            rows = copies.export(path, place / "plain")
            copies.bring_in(place / "plain", made)
            copies.judge_made(made, rows)
            made.rename(target)
            copies.sync(target.parent)
        kept = copies.free_name(path, f"moved-{retention.stamp_of(now)}")
        copies.move_aside(path, kept)
    return kept


def quarantine(path: Path, now: int) -> Path:
    """Put a damaged file aside under another name, with its log; returns that name."""
    with copies.told(path), lock.exclusive(path):
        kept = copies.free_name(path, f"damaged-{retention.stamp_of(now)}")
        copies.move_aside(path, kept)
    return kept


def verify(backup: Path) -> int:
    """Restore ``backup`` into a temporary folder and judge it; returns the number of rows."""
    with tempfile.TemporaryDirectory(prefix="salesdesk-") as place:
        return _unpack(backup, Path(place) / "plain", Path(place) / "made")


def _unpack(backup: Path, plain: Path, made: Path) -> int:
    """Make the workspace file ``made`` of a backup, all of it checked; returns its rows."""
    try:
        with backup.open("rb") as file:
            head = file.read(2)
    except OSError as error:
        raise BadBackup(N_("{name} cannot be read."), name=backup.name) from error
    try:
        if head == _GZIP:
            with gzip.open(backup, "rb") as packed, plain.open("wb") as out:
                shutil.copyfileobj(packed, out, _CHUNK)
        else:
            judge.check_openable(backup)
            copies.export(backup, plain)
        rows = copies.judge_plain(plain)
        copies.bring_in(plain, made)
        copies.judge_made(made, rows)
    except (EOFError, gzip.BadGzipFile, ZlibError, sqlite.DatabaseError) as error:
        raise BadBackup(N_("{name} is damaged; nothing was changed."), name=backup.name) from error
    return sum(rows.values())


def _set_aside(path: Path, now: int) -> Path | None:
    """Give the present file a second name; it keeps the first until it is replaced."""
    if not path.exists():
        return None
    kept = copies.free_name(path, f"before-restore-{retention.stamp_of(now)}")
    with suppress(sqlite.DatabaseError):  # a damaged one keeps its log as it is
        connection = sqlite.connect(path)
        try:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        finally:
            connection.close()
    copies.move_log(path, kept)
    try:
        os.link(path, kept)
    except OSError:  # a disk without hard links
        path.rename(kept)
    return kept
