"""A flipped bit or a cut end of the file is noticed, and wrong rows are never handed out."""

import random
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from salesdesk.errors import SalesDeskError
from salesdesk.models import sqlite
from salesdesk.models.store import Store
from salesdesk.services import workspaces


@contextmanager
def _flipped(path: Path, bit: int) -> Iterator[None]:
    """The file with one bit changed, and changed back."""
    with path.open("r+b") as file:

        def flip() -> None:
            file.seek(bit // 8)
            byte = file.read(1)[0]
            file.seek(bit // 8)
            file.write(bytes([byte ^ (1 << bit % 8)]))
            file.flush()

        flip()
        try:
            yield
        finally:
            flip()


def _noticed(path: Path) -> bool:
    try:
        return not workspaces.check_file(path).sound
    except SalesDeskError:
        return True


def _read(path: Path) -> list[object]:
    with Store.open(path) as store, store.read() as r:
        names = r.rows("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
        return [r.rows(f"SELECT * FROM {name}") for (name,) in names]


def test_every_flipped_bit_is_noticed(workspace: Path, soak: bool) -> None:
    assert workspaces.check_file(workspace).sound
    bits, chance = workspace.stat().st_size * 8, random.Random(3)
    for _ in range(600 if soak else 60):
        with _flipped(workspace, chance.randrange(bits)):
            assert _noticed(workspace)
    assert workspaces.check_file(workspace).sound


def test_wrong_rows_are_never_shown(workspace: Path, soak: bool) -> None:
    """Reading ends with an error in words, or with the true rows (of other pages)."""
    truth = _read(workspace)
    damaged = workspace.with_name("damaged.salesdesk")
    bits, chance, refused = workspace.stat().st_size * 8, random.Random(4), 0
    for _ in range(200 if soak else 20):
        shutil.copy(workspace, damaged)
        with _flipped(damaged, chance.randrange(bits)):
            try:
                assert _read(damaged) == truth
            except SalesDeskError:
                refused += 1
    assert refused > 0


def test_every_cut_is_noticed(workspace: Path, soak: bool) -> None:
    whole, chance = workspace.read_bytes(), random.Random(5)
    cuts = [chance.randrange(len(whole)) for _ in range(100 if soak else 10)]
    for keep in [*cuts, len(whole) - 1, len(whole) - 4096, 4096]:
        workspace.write_bytes(whole[:keep])
        assert _noticed(workspace)


def test_without_checksums_flips_would_pass(tmp_path: Path) -> None:
    """The control: what a plain database with the same rows does not notice."""
    path = tmp_path / "plain.db"
    plain = sqlite3.connect(path)
    plain.execute("CREATE TABLE client (id INTEGER PRIMARY KEY, name TEXT)")
    plain.executemany(
        "INSERT INTO client (name) VALUES (?)", [(f"Client {n}",) for n in range(999)]
    )
    plain.commit()
    plain.close()
    chance, bits, missed = random.Random(6), path.stat().st_size * 8, 0
    for _ in range(60):
        with _flipped(path, chance.randrange(bits)):
            try:
                plain = sqlite3.connect(path)
                missed += plain.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            except sqlite3.DatabaseError:
                continue
            finally:
                plain.close()
    assert missed > 20


def test_a_missing_reference_is_told(workspace: Path) -> None:
    connection = sqlite.connect(workspace)
    connection.execute("PRAGMA foreign_keys = OFF")
    connection.execute("UPDATE client SET company_id = 999999 WHERE id = 7")
    connection.close()
    assert workspaces.check_file(workspace).faults == ("client row 7 names a missing client",)


def test_damage_is_told_in_one_sentence(workspace: Path) -> None:
    with workspace.open("r+b") as file:
        file.seek(2000)
        file.write(b"\xff" * 64)
    with pytest.raises(sqlite.Damaged) as caught:
        Store.open(workspace)
    assert caught.value.text() == (
        "desk.salesdesk is damaged; it was not touched. Restore a backup."
    )
