"""Backup files: their names, which of them stay, and how much room they may take."""

import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from salesdesk.moments import datetime_of, moment_of

EXTENSION = ".salesdesk-backup"
DAILY, BEFORE_UPGRADE, BY_HAND = "daily", "before-upgrade", "by-hand"
DAYS, WEEKS, MONTHS = 12, 10, 9
#: Backups take at most this part of the free disk.
SHARE = 10
_STAMP = "%Y-%m-%dT%H%M%SZ"


@dataclass(frozen=True, slots=True)
class Entry:
    """A backup in its folder: made at ``at`` (moment, whole seconds), for ``reason``."""

    path: Path
    at: int
    reason: str
    size: int


def stamp_of(now: int) -> str:
    """A moment as part of a file's name; names sort by time."""
    return datetime_of(now).strftime(_STAMP)


def name_of(now: int, reason: str) -> str:
    """The file name of a backup."""
    return f"{stamp_of(now)}_{reason}{EXTENSION}"


def entries(folder: Path) -> list[Entry]:
    """The backups in ``folder``, newest first; files of other names are nobody's business."""
    found = []
    for path in folder.glob(f"*{EXTENSION}") if folder.is_dir() else ():
        stamp, _, reason = path.name.removesuffix(EXTENSION).partition("_")
        try:
            at = moment_of(datetime.strptime(stamp, _STAMP).replace(tzinfo=UTC))
        except ValueError:
            continue
        found.append(Entry(path, at, reason, path.stat().st_size))
    return sorted(found, key=lambda entry: (entry.at, entry.path.name), reverse=True)


def staying(found: Iterable[Entry]) -> set[Path]:
    """Which backups stay: the newest of each of the last 12 days, 10 weeks and 9 months (UTC)
    that have any, and always the newest one made before an upgrade."""
    newest_first = sorted(found, key=lambda entry: (entry.at, entry.path.name), reverse=True)
    stay: set[Path] = set()
    for kept, period in ((DAYS, "%Y-%m-%d"), (WEEKS, "%G-%V"), (MONTHS, "%Y-%m")):
        by_period: dict[str, Path] = {}
        for entry in newest_first:
            by_period.setdefault(datetime_of(entry.at).strftime(period), entry.path)
        stay.update(list(by_period.values())[:kept])
    upgrades = [entry.path for entry in newest_first if entry.reason == BEFORE_UPGRADE]
    return stay | set(upgrades[:1])


def free_bytes(folder: Path) -> int:
    """Free room on the disk of ``folder``."""
    return shutil.disk_usage(folder).free


def thin(folder: Path) -> tuple[Path, ...]:
    """Remove the backups that need not stay; returns them."""
    found = entries(folder)
    stay = staying(found)
    return _remove(entry.path for entry in found if entry.path not in stay)


def make_room(folder: Path, free: Callable[[Path], int] = free_bytes) -> tuple[Path, ...]:
    """Remove the oldest backups until the others take no more than a tenth of the free disk.

    The newest one stays. Returns what was removed, so that it can be told.
    """
    found = entries(folder)
    removed: list[Path] = []
    while len(found) > 1 and sum(entry.size for entry in found) * SHARE > free(folder):
        removed += _remove([found.pop().path])
    return tuple(removed)


def _remove(paths: Iterable[Path]) -> tuple[Path, ...]:
    removed = []
    for path in paths:
        path.unlink(missing_ok=True)
        removed.append(path)
    return tuple(removed)
