"""The life of a workspace file: made, opened, backed up, restored, judged, moved, set aside.

Opening is on the way to the first picture: what packs and migrates is imported where it is used.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from salesdesk.errors import Reason, Refused, SalesDeskError
from salesdesk.models import judge, lock, places, sqlite
from salesdesk.models.store import Store
from salesdesk.services import clouds, machine
from salesdesk.text import N_

if TYPE_CHECKING:
    from salesdesk.models.backup import Backup, Restored
    from salesdesk.models.retention import Entry

SUFFIX = ".salesdesk"


@dataclass(frozen=True, slots=True)
class Opened:
    """An open workspace; ``upgraded`` is the backup made before its schema was upgraded, if so."""

    store: Store
    upgraded: "Backup | None"


@dataclass(frozen=True, slots=True)
class FileCheck:
    """What a check of the file found: ``faults`` in SQLite's words, none when it is sound."""

    path: Path
    faults: tuple[str, ...]

    @property
    def sound(self) -> bool:
        """Whether nothing was found."""
        return not self.faults


@dataclass(frozen=True, slots=True)
class Quarantined:
    """A damaged file was put aside at ``kept``; ``newest`` is the backup to restore, if any."""

    kept: Path
    newest: "Entry | None"


class InCloud(Refused):
    """The file lies where ``service`` would damage it; ``proposal`` is a place where it is safe."""

    def __init__(self, path: Path, service: str, proposal: Path) -> None:
        self.service = service
        self.proposal = proposal
        message = (
            N_(
                "{name} lies on a network drive, where an open workspace gets damaged; it was not "
                "opened. Move it to a folder of this computer, such as {proposal}."
            )
            if service == clouds.NETWORK
            else N_(
                "{name} lies in a folder of {service}, where an open workspace gets damaged; it "
                "was not opened. Move it to another folder, such as {proposal}."
            )
        )
        super().__init__(message, name=path.name, service=service, proposal=str(proposal.parent))


def default_folder() -> Path:
    """Where workspaces lie unless the person says otherwise."""
    return places.data_folder() / "workspaces"


def cloud_folder(path: Path) -> str | None:
    """The service whose folder the file lies in (``OneDrive``, ..., ``network``), or ``None``."""
    return clouds.cloud_of(path)


def refuse_cloud(path: Path) -> None:
    """Raise InCloud when the file lies in a cloud folder or on a network share."""
    service = cloud_folder(path)
    if service is not None:
        raise InCloud(path, service, default_folder() / path.name)


def create(path: Path) -> None:
    """Make a workspace with no rows. Raises SalesDeskError when there is a file (untouched), the
    folder cannot be written, or belongs to a cloud."""
    from salesdesk.models import migrate

    refuse_cloud(path)
    migrate.create_workspace(path)


def open_workspace(path: Path, now: int, window: lock.Lock | None = None) -> Opened:
    """Open a workspace, upgraded first (behind a verified backup) when it is older.

    ``window`` is the lock of the window that opens it, if one does.

    Raises SalesDeskError with one sentence when it is missing, no workspace, newer, damaged, in a
    cloud folder, or needs an upgrade while another program has it open.
    """
    state = judge.check_openable(path)
    refuse_cloud(path)
    if state == judge.CURRENT:
        return Opened(Store.open(path, judged=True), None)
    from salesdesk.models import migrate

    upgraded = migrate.upgrade(path, now, window=window)
    return Opened(Store.open(path), upgraded)


def backup_folder(path: Path) -> Path:
    """Where the backups of this workspace lie, known even when the file is damaged."""
    from salesdesk.models import backup

    try:
        return backup.folder_of(path)
    except sqlite.DatabaseError:
        remembered = machine.known(path).backups
        if remembered is None:
            raise SalesDeskError(
                N_("No backups are known"),
                N_("{name} cannot be read, so its backups are not known; look in {folder}."),
                name=path.name,
                folder=str(places.data_folder() / "backups"),
            ) from None
        return Path(remembered)


def backups_of(path: Path) -> list["Entry"]:
    """The backups of a workspace, newest first."""
    from salesdesk.models import retention

    return retention.entries(backup_folder(path))


def back_up(path: Path, now: int, output: Path | None = None) -> "Backup":
    """A verified backup, into ``output`` or the folder of the workspace's backups."""
    from salesdesk.models import backup

    return backup.make(path, now) if output is None else backup.write(path, output, now)


def daily_backup(path: Path, now: int) -> "Backup | None":
    """The backup of the day; ``None`` when it was made already."""
    from salesdesk.models import backup

    return backup.daily(path, now)


def restore(source: Path, path: Path, now: int) -> "Restored":
    """Put back ``source`` at ``path``; the file that lies there is kept under another name."""
    from salesdesk.models import backup

    refuse_cloud(path)
    return backup.restore(source, path, now)


def check_file(path: Path, *, quick: bool = False) -> FileCheck:
    """Checksums of all pages, structure and references of the file (``salesdesk check``).

    Raises SalesDeskError when it is no workspace at all.
    """
    from salesdesk.models import soundness

    return FileCheck(path, tuple(soundness.faults_of(path, quick=quick)))


def quarantine(path: Path, now: int) -> Quarantined:
    """Put a damaged file aside, whole, and find the backup to offer instead."""
    from salesdesk.models import backup

    try:
        found = backups_of(path)
    except SalesDeskError:
        found = []
    return Quarantined(backup.quarantine(path, now), found[0] if found else None)


def move(path: Path, target: Path, now: int) -> Path:
    """Move a workspace out of a cloud folder; returns the name that the old file has now."""
    from salesdesk.models import backup

    refuse_cloud(target)
    kept = backup.move(path, target, now)
    machine.remember_opened(target)
    return kept


def is_open_in_window(path: Path) -> bool:
    """Whether a window has the workspace open."""
    return lock.is_open_in_window(path)


def running(path: Path) -> lock.Lock | None:
    """The lock of a command of several transactions; ``None`` while another process runs one.

    Recovery takes an unfinished command for one of a crash unless this is held.
    """
    return lock.running(path)


def make_folder(folder: Path) -> None:
    """Make the folder of a workspace; raises SalesDeskError where it cannot be made."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SalesDeskError(
            N_("The workspace was not made"),
            N_("{folder} cannot be written: {detail}."),
            folder=str(folder),
            detail=Reason(error),
        ) from error
