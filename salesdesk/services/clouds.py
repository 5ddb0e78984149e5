"""Folders in which a live database would be damaged: cloud folders and network shares.

What keeps files in step with other machines copies a database and its log at different moments.
"""

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePath, PurePosixPath, PureWindowsPath

#: A folder of such a name, anywhere above the file.
_NAMES: tuple[tuple[str, str], ...] = (
    (r"onedrive( - .+)?", "OneDrive"),
    (r"dropbox( \(.+\))?", "Dropbox"),
    (r"google ?drive( \(.+\))?|googledrive-.+|my drive|мой диск", "Google Drive"),
    (r"yandex\.?disk(-.+)?|яндекс\.?диск", "Yandex Disk"),
    (r"icloud ?drive|com~apple~clouddocs|mobile documents", "iCloud"),
    (r"onedrive-.+", "OneDrive"),
    (r"dropbox-.+", "Dropbox"),
    (r"nextcloud", "Nextcloud"),
    (r"owncloud", "ownCloud"),
    (r"cloud mail\.ru|облако mail\.ru", "Cloud Mail.ru"),
    (r"cloudstorage", "cloud storage"),
)
_ENVIRONMENT = {
    "OneDrive": "OneDrive",
    "OneDriveCommercial": "OneDrive",
    "OneDriveConsumer": "OneDrive",
}
#: One of these is in each of them: most folders are known at a glance to be none.
_HINTS = ("drive", "dropbox", "disk", "диск", "cloud", "mobile documents", "облако")
#: Kinds of file systems that are another machine's.
_NETWORKS = frozenset((
    "nfs", "nfs4", "cifs", "smb3", "smbfs", "afpfs", "webdav", "davfs", "ncpfs", "9p", "afs",
    "ceph", "glusterfs", "fuse.sshfs", "fuse.rclone", "fuse.davfs2", "fuse.gvfsd-fuse",
    "fuse.smbnetfs", "fuse.glusterfs", "fuse.ceph", "fuse.curlftpfs",
    "fuse.google-drive-ocamlfuse", "fuse.onedriver",
))  # fmt: skip
NETWORK = "network"


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What this machine says of its folders; tests describe other machines."""

    environment: Mapping[str, str] = field(default_factory=lambda: os.environ)
    mounts: str = ""
    home: Path = field(default_factory=Path.home)
    is_remote_drive: Callable[[str], bool] = lambda drive: False


def surroundings() -> Surroundings:
    """Of the machine that we run on."""
    mounts = Path("/proc/mounts")
    text = mounts.read_text(encoding="utf-8", errors="replace") if mounts.exists() else ""
    return Surroundings(mounts=text, is_remote_drive=_is_remote_drive)


def cloud_of(path: PurePath, around: Surroundings | None = None) -> str | None:
    """Whose folder ``path`` lies in: the service's name, ``network`` for a share, or ``None``."""
    around = surroundings() if around is None else around
    places = [path]
    if isinstance(path, Path):
        places.append(path.resolve())
    for place in places:
        found = (
            _by_share(place, around)
            or _by_name(place)
            or _by_roots(place, around)
            or _by_mount(place, around.mounts)
        )
        if found:
            return found
    return None


def _by_share(path: PurePath, around: Surroundings) -> str | None:
    drive = path.drive if isinstance(path, PureWindowsPath) else ""
    if drive.startswith("\\\\"):
        local = re.match(r"\\\\[?.]\\(?!unc\\)", drive, re.IGNORECASE)
        return None if local else NETWORK
    return NETWORK if drive and around.is_remote_drive(drive + "\\") else None


def _by_name(path: PurePath) -> str | None:
    for folder in reversed(path.parts[:-1]):
        small = folder.lower()
        if not any(hint in small for hint in _HINTS):
            continue
        for pattern, name in _NAMES:
            if re.fullmatch(pattern, folder.strip(), re.IGNORECASE):
                return name
    return None


def _by_roots(path: PurePath, around: Surroundings) -> str | None:
    """Folders that the services' own settings name, whatever they are called."""
    roots = [(around.environment.get(key), name) for key, name in _ENVIRONMENT.items()]
    if dropbox := _text(around.home / ".dropbox" / "info.json"):
        roots += [(root, "Dropbox") for root in re.findall(r'"path":\s*"([^"]+)"', dropbox)]
    if yandex := _text(around.home / ".config" / "yandex-disk" / "config.cfg"):
        roots += [(root, "Yandex Disk") for root in re.findall(r'(?m)^dir="?([^"\n]+)"?', yandex)]
    for root, name in roots:
        if root and path.is_relative_to(type(path)(root)):
            return name
    return None


def _by_mount(path: PurePath, mounts: str) -> str | None:
    """The file system of the deepest mount point above ``path``."""
    if isinstance(path, PureWindowsPath) or not path.is_absolute():
        return None
    deepest, kind = PurePosixPath("/"), ""
    for line in mounts.splitlines():
        fields = line.split()
        if len(fields) < 3:
            continue
        point = PurePosixPath(_unescaped(fields[1]))
        if PurePosixPath(path).is_relative_to(point) and len(point.parts) >= len(deepest.parts):
            deepest, kind = point, fields[2]
    return NETWORK if kind in _NETWORKS else None


def _unescaped(mount: str) -> str:
    """A mount point as it is named; a space in it is written ``\\040``."""
    if "\\" not in mount:
        return mount
    return re.sub(r"\\([0-7]{3})", lambda m: chr(int(m[1], 8)), mount)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def _is_remote_drive(drive: str) -> bool:
    if os.name != "nt":
        return False
    import ctypes

    remote = 4
    return bool(getattr(ctypes, "windll").kernel32.GetDriveTypeW(drive) == remote)  # noqa: B009
