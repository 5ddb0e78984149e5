"""A live database is refused in cloud folders and on network shares, and nowhere else."""

from pathlib import Path, PurePath, PurePosixPath, PureWindowsPath

import pytest

from salesdesk.models import migrate
from salesdesk.services import clouds, machine, workspaces
from salesdesk.services.clouds import Surroundings

MOUNTS = r"""
/dev/sda1 / ext4 rw 0 0
//nas/team /mnt/team cifs rw 0 0
nas:/export /srv/nfs nfs4 rw 0 0
me@host:/ /people/ann/remote fuse.sshfs rw 0 0
//nas/our\040sales /mnt/our\040sales smb3 rw 0 0
/dev/sdb1 /mnt/team/local ext4 rw 0 0
disk /people/ann/webdav fuse.davfs2 rw 0 0
"""
POSIX = {
    "/people/ann/desk.salesdesk": None,
    "/people/ann/Documents/sales/desk.salesdesk": None,
    "/people/ann/Dropbox/desk.salesdesk": "Dropbox",
    "/people/ann/Dropbox (Team)/a/desk.salesdesk": "Dropbox",
    "/people/ann/dropbox-talk.salesdesk": None,
    "/people/ann/OneDrive/desk.salesdesk": "OneDrive",
    "/people/ann/OneDrive - Acme/x/desk.salesdesk": "OneDrive",
    "/people/ann/Yandex.Disk/desk.salesdesk": "Yandex Disk",
    "/people/ann/YandexDisk/desk.salesdesk": "Yandex Disk",
    "/people/ann/Яндекс.Диск/desk.salesdesk": "Yandex Disk",
    "/people/ann/диск/desk.salesdesk": "Yandex Disk",
    "/people/ann/Google Drive/desk.salesdesk": "Google Drive",
    "/people/ann/Google Drive.salesdesk": None,
    "/people/ann/Library/CloudStorage/GoogleDrive-a@b.c/My Drive/d.salesdesk": "Google Drive",
    "/people/ann/Library/CloudStorage/OneDrive-Acme/d.salesdesk": "OneDrive",
    "/people/ann/Library/Mobile Documents/com~apple~CloudDocs/d.salesdesk": "iCloud",
    "/people/ann/Nextcloud/d.salesdesk": "Nextcloud",
    "/people/ann/Облако Mail.ru/d.salesdesk": "Cloud Mail.ru",
    "/people/ann/boxes/d.salesdesk": None,
    "/mnt/team/d.salesdesk": "network",
    "/mnt/team/local/d.salesdesk": None,
    "/mnt/teams/d.salesdesk": None,
    "/mnt/our sales/d.salesdesk": "network",
    "/srv/nfs/a/b/d.salesdesk": "network",
    "/people/ann/remote/d.salesdesk": "network",
    "/people/ann/webdav/d.salesdesk": "network",
    "/people/ann/Box of mine/d.salesdesk": "Dropbox",
}
WINDOWS = {
    r"C:\Users\ann\Documents\d.salesdesk": None,
    r"C:\Users\ann\OneDrive\Documents\d.salesdesk": "OneDrive",
    r"D:\Work\Cloud\d.salesdesk": "OneDrive",
    r"C:\Users\ann\iCloudDrive\d.salesdesk": "iCloud",
    r"C:\Users\ann\Dropbox\d.salesdesk": "Dropbox",
    r"\\server\share\d.salesdesk": "network",
    r"\\?\UNC\server\share\d.salesdesk": "network",
    r"\\?\C:\Users\ann\d.salesdesk": None,
    r"Z:\d.salesdesk": "network",
    r"G:\Мой диск\d.salesdesk": "Google Drive",
}


@pytest.fixture
def around(tmp_path: Path) -> Surroundings:
    dropbox, yandex = tmp_path / ".dropbox", tmp_path / ".config" / "yandex-disk"
    dropbox.mkdir()
    yandex.mkdir(parents=True)
    (dropbox / "info.json").write_text('{"personal": {"path": "/people/ann/Box of mine"}}')
    (yandex / "config.cfg").write_text('auth="x"\ndir="/people/ann/диск"\n', encoding="utf-8")
    return Surroundings(
        environment={"OneDriveCommercial": r"D:\Work\Cloud"},
        mounts=MOUNTS,
        home=tmp_path,
        is_remote_drive=lambda drive: drive == "Z:\\",
    )


@pytest.mark.parametrize("text", [*POSIX, *WINDOWS])
def test_where_a_workspace_may_live(text: str, around: Surroundings) -> None:
    path: PurePath = PureWindowsPath(text) if text in WINDOWS else PurePosixPath(text)
    assert clouds.cloud_of(path, around) == (POSIX | WINDOWS)[text]


def test_a_link_into_a_cloud_folder(tmp_path: Path) -> None:
    (tmp_path / "Dropbox").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "Dropbox")
    assert workspaces.cloud_folder(tmp_path / "link" / "d.salesdesk") == "Dropbox"
    assert workspaces.cloud_folder(tmp_path / "d.salesdesk") is None


def test_refused_with_an_offer_and_moved(workspace: Path, tmp_path: Path) -> None:
    cloud = tmp_path / "OneDrive"
    cloud.mkdir()
    path = workspace.rename(cloud / "desk.salesdesk")
    before = path.read_bytes()
    with pytest.raises(workspaces.InCloud, match="folder of OneDrive") as caught:
        workspaces.open_workspace(path, 1_700_000_000_000_000)
    with pytest.raises(workspaces.InCloud):
        workspaces.create(cloud / "new.salesdesk")
    assert [entry.name for entry in cloud.iterdir()] == ["desk.salesdesk"]
    assert path.read_bytes() == before
    target = caught.value.proposal
    kept = workspaces.move(path, target, 1_700_000_000_000_000)
    assert kept.read_bytes() == before
    assert not path.exists()
    assert migrate.check_openable(target) == "current"
    assert workspaces.check_file(target).sound
    assert machine.last_workspace() == target.resolve()
