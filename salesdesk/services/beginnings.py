"""How a person comes to a workspace: a new one, a copy of the sample, a known or a mended one.

Everything that the welcome page asks and does; nothing here belongs to an open workspace.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from salesdesk.errors import Invalid, SalesDeskError
from salesdesk.models import judge, sqlite
from salesdesk.services import machine, workspaces
from salesdesk.text import N_, tr

if TYPE_CHECKING:
    from salesdesk.models.retention import Entry

#: Beside the templates: a year of a sample team's work.
SAMPLE = "sample"
_FORBIDDEN = '\\/:*?"<>|'
_LONGEST = 80
Told = Callable[[float], object]


@dataclass(frozen=True, slots=True)
class Wish:
    """A workspace to make: ``what`` is a template or ``SAMPLE``; the rest as in ``templates``."""

    what: str
    path: Path
    zone: str
    currency: str
    country: str
    language: str


@dataclass(frozen=True, slots=True)
class Recent:
    """A workspace that was open here and is still there; ``changed`` is a moment."""

    path: Path
    changed: int


@dataclass(frozen=True, slots=True)
class Trouble:
    """A workspace that cannot be opened, why, and what can be done about it: put back
    ``backup``, or move the file to ``proposal``."""

    path: Path
    error: SalesDeskError
    backup: "Entry | None" = None
    proposal: Path | None = None


def make(wish: Wish, now: int, told: Told = lambda _share: None) -> Path:
    """Make the workspace; returns its closed file.

    ``told(share)`` hears how far the sample is, and may raise to stop. Raises SalesDeskError with
    one sentence; nothing is left behind then.
    """
    workspaces.make_folder(wish.path.parent)
    workspaces.refuse_cloud(wish.path)
    own = {"zone": wish.zone, "currency": wish.currency, "country": wish.country}
    if wish.what == SAMPLE:
        from salesdesk.services import story

        story.make_sample(
            wish.path, now=now, language=wish.language, zone=wish.zone, told=told
        ).close()
    else:
        from salesdesk.services import templates

        templates.make_workspace(
            wish.path, wish.what, language=wish.language, now=now, **own
        ).close()
    return wish.path


def free_path(name: str, folder: Path | None = None) -> Path:
    """A file for a workspace of this name that does not exist yet, in the folder of workspaces
    unless another is named. Raises Invalid for a name that gives none."""
    plain = "".join(" " if char in _FORBIDDEN or not char.isprintable() else char for char in name)
    plain = " ".join(plain.split()).strip(". ")[:_LONGEST].rstrip(". ")
    if not plain:
        raise Invalid(N_("A workspace needs a name; it becomes the name of its file."))
    where = folder or workspaces.default_folder()
    found = where / f"{plain}{workspaces.SUFFIX}"
    number = 2
    while found.exists():
        found = where / f"{plain} {number}{workspaces.SUFFIX}"
        number += 1
    return found


def sample_path() -> Path:
    """A file for a fresh copy of the sample."""
    return free_path(tr("Sample"))


def recent(most: int = 6) -> list[Recent]:
    """The workspaces that were open on this machine and are still there, the latest first."""
    known = machine.load()
    found = []
    for name in known.known:
        path = Path(name)
        try:
            status = path.stat()
        except OSError:
            continue
        found.append((name != known.last, Recent(path, status.st_mtime_ns // 1000)))
    found.sort(key=lambda pair: (pair[0], -pair[1].changed))
    return [one for _, one in found[:most]]


def trouble_of(path: Path, error: SalesDeskError) -> Trouble:
    """What can be done about a workspace that did not open."""
    if isinstance(error, workspaces.InCloud):
        return Trouble(path, error, proposal=_free_beside(error.proposal))
    if not isinstance(error, sqlite.Damaged) and judge.state_of(path) != "missing":
        return Trouble(path, error)
    try:
        backups = workspaces.backups_of(path)
    except SalesDeskError:
        backups = []
    return Trouble(path, error, backups[0] if backups else None)


def restore(trouble: Trouble, now: int) -> Path:
    """Put back the backup; a damaged file is kept under another name."""
    assert trouble.backup is not None
    workspaces.restore(trouble.backup.path, trouble.path, now)
    return trouble.path


def move(trouble: Trouble, now: int) -> Path:
    """Move the file to where it is safe; returns where it is now."""
    assert trouble.proposal is not None
    workspaces.make_folder(trouble.proposal.parent)
    workspaces.move(trouble.path, trouble.proposal, now)
    return trouble.proposal


def _free_beside(path: Path) -> Path:
    return free_path(path.stem, path.parent)
