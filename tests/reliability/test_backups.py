"""Every backup restores; a bad one never does; what was there is kept."""

import gzip
import hashlib
import os
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from salesdesk.errors import SalesDeskError
from salesdesk.models import backup, lock, migrate, packing, retention, sqlite
from salesdesk.models.retention import BEFORE_UPGRADE, DAILY, Entry
from salesdesk.moments import datetime_of, moment_of
from salesdesk.services import machine, workspaces

NOW = 1_700_000_000_000_000
DAY = 86_400_000_000


def _clients(path: Path) -> list[tuple[object, ...]]:
    connection = sqlite.connect(path)
    rows: list[tuple[object, ...]] = connection.execute(
        "SELECT * FROM client ORDER BY id"
    ).fetchall()
    connection.close()
    return rows


def _add(path: Path, name: str) -> None:
    connection = sqlite.connect(path)
    connection.execute(
        "INSERT INTO client (uid, kind, name, name_key) VALUES (?, 'company', ?, ?)",
        (os.urandom(16), name, name),
    )
    connection.close()


def test_there_and_back(workspace: Path, home: Path) -> None:
    before = _clients(workspace)
    made = workspaces.back_up(workspace, NOW)
    assert made.path.is_relative_to(home / "data" / "backups")
    assert made.path.name == "2023-11-14T221320Z_by-hand.salesdesk-backup"
    assert made.size < workspace.stat().st_size / 2
    _add(workspace, "later")
    later = _clients(workspace)
    restored = workspaces.restore(made.path, workspace, NOW + DAY)
    assert _clients(workspace) == before
    assert workspaces.check_file(workspace).sound
    assert restored.kept is not None
    assert restored.kept.name == "desk.before-restore-2023-11-15T221320Z.salesdesk"
    assert _clients(restored.kept) == later
    assert restored.rows == made.rows
    connection = sqlite.connect(workspace)
    assert connection.execute("PRAGMA journal_mode").fetchone()[0] == "wal"
    triggers = connection.execute("SELECT tbl_name FROM sqlite_master WHERE type = 'trigger'")
    assert {row[0] for row in triggers} >= set(sqlite.INSERT_ONLY)
    connection.close()


def test_backup_of_a_workspace_that_is_being_written(workspace: Path, tmp_path: Path) -> None:
    writer = sqlite.connect(workspace)
    writer.execute("BEGIN IMMEDIATE")
    writer.execute("DELETE FROM client")
    made = backup.write(workspace, tmp_path / "b.salesdesk-backup", NOW)
    writer.execute("ROLLBACK")
    writer.close()
    workspaces.restore(made.path, tmp_path / "other.salesdesk", NOW)
    assert len(_clients(tmp_path / "other.salesdesk")) == 400


def test_a_copy_of_a_workspace_restores_too(workspace: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.salesdesk"
    copy.write_bytes(workspace.read_bytes())
    _add(workspace, "later")
    workspaces.restore(copy, workspace, NOW)
    assert _clients(workspace) == _clients(copy)


def test_drills(workspace: Path, tmp_path: Path, soak: bool) -> None:
    """Backups of a growing workspace, each restored and compared."""
    for n in range(100 if soak else 5):
        _add(workspace, f"drill {n}")
        made = backup.write(workspace, tmp_path / f"{n}{retention.EXTENSION}", NOW)
        target = tmp_path / f"drill{n}.salesdesk"
        backup.restore(made.path, target, NOW)
        assert _clients(target) == _clients(workspace)
        assert backup.verify(made.path) == made.rows
        target.unlink()


def test_damaged_backups_are_refused(workspace: Path, tmp_path: Path, soak: bool) -> None:
    """A few flipped bits decode to the very same bytes (a run of zeros, said in another way)."""
    good = backup.write(workspace, tmp_path / "good", NOW).path.read_bytes()
    before = hashlib.sha256(workspace.read_bytes()).hexdigest()
    content = _clients(workspace)
    chance, bad, target = random.Random(5), tmp_path / "bad", tmp_path / "target.salesdesk"
    refused, tries = 0, 200 if soak else 25
    for _ in range(tries):
        data = bytearray(good)
        data[chance.randrange(10, len(data))] ^= 1 << chance.randrange(8)
        bad.write_bytes(data)
        try:
            backup.restore(bad, target, NOW)
        except SalesDeskError:
            refused += 1
            assert not target.exists()
        else:
            assert _clients(target) == content
            target.unlink()
    assert refused > tries // 2
    for keep in (0, 1, 2, 10, 18, 100, len(good) // 2, len(good) - 1):
        bad.write_bytes(good[:keep])
        with pytest.raises(SalesDeskError):
            backup.restore(bad, workspace, NOW)
    assert hashlib.sha256(workspace.read_bytes()).hexdigest() == before
    assert not list(tmp_path.glob("*before-restore*"))
    assert not list(tmp_path.glob(".making-*"))


def test_a_backup_cut_between_two_of_its_parts_is_refused(
    workspace: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(packing, "PART", 1 << 16)
    good = backup.write(workspace, tmp_path / "good", NOW)
    assert backup.verify(good.path) == good.rows
    whole, bad = good.path.read_bytes(), tmp_path / "bad"
    starts = [at for at in range(1, len(whole)) if whole.startswith(whole[:8], at)]
    assert len(starts) > 4
    for start in starts:
        bad.write_bytes(whole[:start])
        with pytest.raises(SalesDeskError, match="damaged"):
            backup.restore(bad, tmp_path / "target.salesdesk", NOW)


@pytest.mark.parametrize("place", ["expand", "disk"])
def test_what_was_written_wrong_is_no_backup(
    workspace: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    """A compressor that errs, a disk that keeps something else: the backup before stays."""
    target = backup.write(workspace, tmp_path / "b", NOW).path
    before = target.read_bytes()
    if place == "expand":
        monkeypatch.setattr(gzip, "decompress", lambda made: b"")
    else:
        monkeypatch.setattr(packing, "_digest_of", lambda path: b"")
    with pytest.raises(SalesDeskError):
        backup.write(workspace, target, NOW)
    assert target.read_bytes() == before
    assert not list(tmp_path.glob(".making-*"))


def test_newer_and_foreign_backups_are_refused(workspace: Path, tmp_path: Path) -> None:
    newer = tmp_path / "newer.salesdesk"
    newer.write_bytes(workspace.read_bytes())
    connection = sqlite.connect(newer)
    connection.execute(f"PRAGMA user_version = {sqlite.SCHEMA_VERSION + 1}")
    connection.close()
    with pytest.raises(SalesDeskError, match="newer SalesDesk"):
        backup.restore(newer, workspace, NOW)
    text = tmp_path / "text.gz"
    text.write_bytes(gzip.compress(b"Deal;Stage\n" * 999))
    with pytest.raises(SalesDeskError, match="is damaged; nothing was changed"):
        backup.restore(text, workspace, NOW)
    with pytest.raises(SalesDeskError, match="cannot be read"):
        backup.restore(tmp_path / "missing", workspace, NOW)
    assert len(_clients(workspace)) == 400


def test_restore_over_a_damaged_file(workspace: Path) -> None:
    machine.remember_opened(workspace, workspaces.backup_folder(workspace))
    made = workspaces.back_up(workspace, NOW)
    data = bytearray(workspace.read_bytes())
    for place in range(0, len(data), 4096):
        data[place + 50] ^= 255
    workspace.write_bytes(data)
    assert workspaces.backups_of(workspace)[0].path == made.path
    restored = workspaces.restore(made.path, workspace, NOW)
    assert restored.kept is not None
    assert restored.kept.read_bytes() == bytes(data)
    assert len(_clients(workspace)) == 400


def test_quarantine_keeps_the_original_and_offers_the_newest(workspace: Path) -> None:
    machine.remember_opened(workspace, workspaces.backup_folder(workspace))
    workspaces.back_up(workspace, NOW)
    newest = workspaces.back_up(workspace, NOW + DAY)
    workspace.write_bytes(b"\x01" + workspace.read_bytes()[1:])
    damaged = workspace.read_bytes()
    found = workspaces.quarantine(workspace, NOW)
    assert not workspace.exists()
    assert found.kept.name == "desk.damaged-2023-11-14T221320Z.salesdesk"
    assert found.kept.read_bytes() == damaged
    assert found.newest is not None
    assert found.newest.path == newest.path


def test_not_while_the_workspace_is_open(workspace: Path, tmp_path: Path) -> None:
    made = backup.write(workspace, tmp_path / "b", NOW)
    window = lock.window(workspace)
    assert window is not None
    with window, pytest.raises(lock.InUse, match="open in a window"):
        workspaces.restore(made.path, workspace, NOW)
    with lock.use(workspace), pytest.raises(lock.InUse, match="Another program"):
        workspaces.restore(made.path, workspace, NOW)
    workspaces.restore(made.path, workspace, NOW)


def test_one_backup_a_day(workspace: Path) -> None:
    assert workspaces.daily_backup(workspace, NOW) is not None
    assert workspaces.daily_backup(workspace, NOW + DAY // 50) is None
    assert workspaces.daily_backup(workspace, NOW + DAY) is not None
    assert [entry.reason for entry in workspaces.backups_of(workspace)] == [DAILY, DAILY]


def test_what_stays() -> None:
    """Backups of two years, one a day, thinned every day as they come."""
    start = datetime(2024, 1, 1, 9, tzinfo=UTC)
    there: list[Entry] = []
    for n in range(730):
        at = moment_of(start + timedelta(days=n))
        there.append(Entry(Path(retention.name_of(at, DAILY)), at, DAILY, 1))
        stay = retention.staying(there)
        there = [entry for entry in there if entry.path in stay]
    days = [datetime_of(entry.at).date() for entry in there]
    last = days[-1]
    assert days[-12:] == [last - timedelta(days=n) for n in range(11, -1, -1)]
    assert len({day.strftime("%G-%V") for day in days[-30:]} & _weeks(last)) == 10
    assert {day.strftime("%Y-%m") for day in days} >= _months(last)
    assert len(days) <= 12 + 10 + 9


def _weeks(last: object) -> set[str]:
    from datetime import date

    assert isinstance(last, date)
    return {(last - timedelta(weeks=n)).strftime("%G-%V") for n in range(10)}


def _months(last: object) -> set[str]:
    from datetime import date

    assert isinstance(last, date)
    month = last.year * 12 + last.month - 1
    return {f"{(month - n) // 12}-{(month - n) % 12 + 1:02}" for n in range(9)}


def test_the_last_one_before_an_upgrade_stays() -> None:
    entries = [
        Entry(Path(retention.name_of(NOW + n * DAY, reason)), NOW + n * DAY, reason, 1)
        for n, reason in enumerate([BEFORE_UPGRADE] + [DAILY] * 400)
    ]
    assert entries[0].path in retention.staying(entries)


def test_room(workspace: Path, tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    for n in range(5):
        made = backup.make(workspace, NOW + n * DAY, folder=folder, free=lambda _: 10**12)
    assert len(retention.entries(folder)) == 5
    room = int(made.size * 10 * 3.5)
    made = backup.make(workspace, NOW + 9 * DAY, folder=folder, free=lambda _: room)
    assert [path.name[:10] for path in made.for_room] == ["2023-11-14", "2023-11-15", "2023-11-16"]
    assert len(retention.entries(folder)) == 3
    with pytest.raises(SalesDeskError, match="more than a tenth of the free disk"):
        backup.make(workspace, NOW + 10 * DAY, folder=folder, free=lambda _: made.size * 9)
    assert len(retention.entries(folder)) == 3


def test_names_sort_by_time() -> None:
    moments = [NOW, NOW + 1_000_000, NOW + DAY, NOW + 400 * DAY, NOW + 40 * 365 * DAY]
    names = [retention.name_of(at, DAILY) for at in moments]
    assert names == sorted(names)


def test_machine_remembers(workspace: Path, tmp_path: Path) -> None:
    assert machine.last_workspace() is None
    machine.remember_opened(workspace, tmp_path / "backups")
    machine.remember_person(workspace, 7)
    machine.remember_opened(tmp_path / "other.salesdesk")
    assert machine.last_workspace() == (tmp_path / "other.salesdesk").resolve()
    assert machine.known(workspace) == machine.Known(7, str(tmp_path / "backups"))
    for nonsense in ("", "[]", '{"last": 3, "known": {"x": [], "y": {"person": "z"}}}', "\x00"):
        machine.file().write_text(nonsense)
        assert machine.last_workspace() is None
        assert machine.known(workspace) == machine.Known()


def test_whole_again_after_an_upgrade_state(workspace: Path) -> None:
    assert migrate.state_of(workspace) == "current"
    opened = workspaces.open_workspace(workspace, NOW)
    assert opened.upgraded is None
    opened.store.close()
