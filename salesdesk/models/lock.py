"""Who uses a workspace: advisory locks of the operating system, which end with their process.

Nothing is left behind by a crash, so there is no stale lock to clear. The lock files lie in a
hidden folder beside the workspace, never in the database file itself: closing a second handle on
that one would end SQLite's own locks.

- ``use``: shared, held by whoever has the file open; ``exclusive`` is the same lock alone, for
  what replaces the file (restore, migration, encryption);
- ``window``: one window a workspace;
- ``running``: a process that carries out a command of several transactions;
- ``sync``: a round of the sync with a CRM.
"""

import os
import sys
from pathlib import Path
from typing import IO

from salesdesk.errors import SalesDeskError
from salesdesk.text import N_

#: On Windows locks are exclusive: sharing takes one byte of so many, exclusion takes all.
_SEATS = 64
_OFFSET = 1 << 20


class InUse(SalesDeskError):
    """Someone else holds the lock."""

    def __init__(self, message: str, **values: object) -> None:
        super().__init__(N_("The workspace is in use"), message, **values)


class Lock:
    """One held lock; ``release`` (or the end of the process) gives it back."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file

    def release(self) -> None:
        """Give the lock back; again does nothing."""
        self._file.close()

    def __enter__(self) -> "Lock":
        return self

    def __exit__(self, *_: object) -> None:
        self.release()


def use(path: Path) -> Lock:
    """Held while a workspace is open. Raises InUse while it is being restored or upgraded."""
    lock = _take(path, "use", shared=True)
    if lock is None:
        raise InUse(N_("{name} is being restored or upgraded; try again."), name=path.name)
    return lock


def exclusive(path: Path, own_window: Lock | None = None) -> Lock:
    """Held while the file is replaced. Raises InUse while anyone has the workspace open, but for
    the caller's ``own_window``, which holds the window's lock and has not opened the file yet."""
    if own_window is None and is_open_in_window(path):
        raise InUse(N_("{name} is open in a window; close it first."), name=path.name)
    lock = _take(path, "use")
    if lock is None:
        raise InUse(
            N_("Another program has {name} open; nothing was changed, close it first."),
            name=path.name,
        )
    return lock


def window(path: Path) -> Lock | None:
    """The lock of the one window on a workspace; ``None`` when another window has it."""
    return _take(path, "window")


def running(path: Path) -> Lock | None:
    """The lock of a command of several transactions; ``None`` when another process runs one.

    Who holds it may take every command marked "running" for one that never finished.
    """
    return _take(path, "running")


def syncing(path: Path) -> Lock | None:
    """The lock of a round of the sync; ``None`` while somebody else has it."""
    return _take(path, "sync")


def is_open_in_window(path: Path) -> bool:
    """Whether a window has the workspace open."""
    lock = window(path)
    if lock is not None:
        lock.release()
    return lock is None


def folder_of(path: Path) -> Path:
    """Where the lock files of the workspace lie."""
    real = path.resolve()
    return real.with_name(f".{real.name}.locks")


def _take(path: Path, name: str, *, shared: bool = False) -> Lock | None:
    folder = folder_of(path)
    try:
        folder.mkdir(exist_ok=True)
        file = (folder / name).open("ab")
    except OSError as error:
        raise SalesDeskError(
            N_("No permission to write"),
            N_("{folder} cannot be written; nothing was changed."),
            folder=str(path.parent),
        ) from error
    try:
        if _locked(file, shared):
            return Lock(file)
    except BaseException:
        file.close()
        raise
    file.close()
    return None


if sys.platform == "win32":
    import msvcrt

    def _locked(file: IO[bytes], shared: bool) -> bool:
        seats = range(_SEATS) if shared else (0,)
        for seat in seats:
            os.lseek(file.fileno(), _OFFSET + seat, os.SEEK_SET)
            try:
                msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1 if shared else _SEATS)
            except OSError:
                continue
            return True
        return False

else:
    import fcntl

    def _locked(file: IO[bytes], shared: bool) -> bool:
        how = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
        try:
            fcntl.flock(file, how | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
