"""A full disk, or one that may only be read: one sentence, nothing lost, reading goes on."""

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from salesdesk.errors import SalesDeskError
from salesdesk.models import backup, migrate, sqlite
from salesdesk.models.store import Store
from salesdesk.services import workspaces

NOW = 1_700_000_000_000_000
Mount = Callable[[str], Path]


@pytest.fixture
def mount(tmp_path: Path) -> Iterator[Mount]:
    """Mounts a small disk in memory; again with other options remounts it."""
    folder = tmp_path / "disk"
    folder.mkdir()

    def run(options: str) -> Path:
        command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)]
        if subprocess.run(command, capture_output=True).returncode != 0:
            pytest.skip("only root may mount a small disk")
        return folder

    if os.name == "nt" or os.geteuid() != 0 or shutil.which("mount") is None:
        pytest.skip("only root may mount a small disk")
    yield run
    subprocess.run(["umount", "--lazy", str(folder)], capture_output=True)


def _fill(folder: Path, leave: int) -> Path:
    """Take all the room but so many bytes."""
    filler = folder / "filler"
    filler.write_bytes(b"")
    size = max(shutil.disk_usage(folder).free - leave, 0)
    with filler.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, size)
    return filler


def _write_until_refused(store: Store) -> tuple[int, SalesDeskError]:
    done = 0
    row = {"kind": "company", "name": "x" * 2000, "name_key": "x" * 2000}
    while True:
        try:
            with store.command("client.add", now=NOW) as tx:
                tx.insert("client", [row] * 20)
        except SalesDeskError as error:
            return done, error
        done += 20


def _count(store: Store) -> int:
    with store.read() as r:
        return int(r.value("SELECT count(*) FROM client"))


def test_full_disk(workspace: Path, mount: Mount) -> None:
    folder = mount("size=8m")
    path = Path(shutil.copy(workspace, folder / "desk.salesdesk"))
    filler = _fill(folder, 3_000_000)
    with Store.open(path) as store:
        done, error = _write_until_refused(store)
        assert done > 0
        assert "disk" in error.text().lower() or "room" in error.text()
        assert _count(store) == 400 + done
        filler.unlink()
        with store.command("client.add", now=NOW) as tx:
            tx.insert("client", [{"kind": "company", "name": "a", "name_key": "a"}])
        assert _count(store) == 401 + done
    assert workspaces.check_file(path).sound


def test_no_room_within_the_file(workspace: Path) -> None:
    """The same without a disk of our own: SQLite is told that no page more may come."""
    with Store.open(workspace) as store:
        pages = store.connection.execute("PRAGMA page_count").fetchone()[0]
        store.connection.execute(f"PRAGMA max_page_count = {pages + 40}")
        done, error = _write_until_refused(store)
        assert error.text().startswith("There is no room to write; nothing was changed.")
        assert _count(store) == 400 + done
    assert workspaces.check_file(workspace).sound


def test_no_room_for_a_backup_a_restore_or_a_new_workspace(
    workspace: Path, mount: Mount, tmp_path: Path
) -> None:
    good = backup.write(workspace, tmp_path / "good", NOW).path
    folder = mount("size=8m")
    path = Path(shutil.copy(workspace, folder / "desk.salesdesk"))
    _fill(folder, 200_000)
    before = path.read_bytes()
    attempts: list[Callable[[], object]] = [
        lambda: backup.write(path, folder / "b.salesdesk-backup", NOW),
        lambda: backup.restore(good, path, NOW),
        lambda: migrate.create_workspace(folder / "new.salesdesk"),
        lambda: migrate.upgrade(path, NOW, folder=folder / "backups", newest=2),
    ]
    for attempt in attempts:
        with pytest.raises(SalesDeskError):
            attempt()
        left = {entry.name for entry in folder.iterdir()} - {".desk.salesdesk.locks", "backups"}
        assert left == {"desk.salesdesk", "filler"}
        assert path.read_bytes() == before
    assert workspaces.check_file(path).sound


def test_read_only_disk(workspace: Path, mount: Mount) -> None:
    folder = mount("size=8m")
    path = Path(shutil.copy(workspace, folder / "desk.salesdesk"))
    mount("remount,ro")
    with pytest.raises(SalesDeskError, match=r"no permission to read and write desk"):
        Store.open(path)
    with pytest.raises(SalesDeskError, match="cannot be written"):
        migrate.create_workspace(folder / "new.salesdesk")
    with pytest.raises(SalesDeskError):
        backup.write(path, folder / "b.salesdesk-backup", NOW)
    with pytest.raises(SalesDeskError):
        backup.restore(path, folder / "other.salesdesk", NOW)


def test_reading_alone_in_words(workspace: Path) -> None:
    connection = sqlite.connect(workspace, read_only=True)
    with pytest.raises(sqlite.DatabaseError) as caught:
        connection.execute("DELETE FROM client")
    assert "only be read" in sqlite.in_words(caught.value).text()
    connection.close()
