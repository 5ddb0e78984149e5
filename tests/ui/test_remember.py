"""What the window remembers is known at once and written when nothing changes for a moment."""

from pathlib import Path

import pytest
from PySide6.QtCore import QByteArray
from pytestqt.qtbot import QtBot

from salesdesk.ui import remember
from salesdesk.ui.remember import Remember


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "window.ini"


def filled(file: Path) -> Remember:
    found = Remember(file)
    found.set("board/filter", "crane; 8 = ё")
    found.set("window/open", True)
    found.set("board/place", 7)
    found.set("board/widths", [3, 4])
    found.set("window/geometry", QByteArray(b"\x00\x01"))
    return found


def assert_filled(found: Remember) -> None:
    assert found.text("board/filter") == "crane; 8 = ё"
    assert found.flag("window/open")
    assert found.number("board/place") == 7
    assert found.numbers("board/widths") == [3, 4]
    assert found.blob("window/geometry") == QByteArray(b"\x00\x01")


def test_values_are_known_before_they_are_written(qapp: object, file: Path) -> None:
    assert qapp
    found = filled(file)
    assert_filled(found)
    assert not file.exists()
    found.save()
    assert_filled(found)
    assert_filled(Remember(file))


def test_nothing_is_written_between_keys_and_all_of_it_after_them(
    qtbot: QtBot, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(remember, "_CALM", 60)
    found = Remember(file)
    for length in range(1, 6):
        found.set("board/filter", "crane"[:length])
        qtbot.wait(20)
        assert not file.exists()
    qtbot.waitUntil(file.exists)
    assert Remember(file).text("board/filter") == "crane"


def test_what_changes_without_end_is_written_all_the_same(
    qtbot: QtBot, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(remember, "_CALM", 120)
    monkeypatch.setattr(remember, "_LONGEST", 300)
    found = Remember(file)
    for turn in range(40):
        found.set("board/place", turn)
        qtbot.wait(30)
        if file.exists():
            break
    assert 8 < turn < 39


def test_what_is_forgotten_is_its_default(qapp: object, file: Path) -> None:
    assert qapp
    filled(file).save()
    found = Remember(file)
    found.forget("board/filter")
    found.forget("board/place")
    assert (found.text("board/filter", "all"), found.number("board/place", 3)) == ("all", 3)
    found.save()
    assert (found.text("board/filter", "all"), found.number("board/place", 3)) == ("all", 3)
    assert Remember(file).text("board/filter", "all") == "all"
    assert Remember(file).flag("window/open")


def test_what_stays_the_same_is_not_written(qapp: object, file: Path) -> None:
    assert qapp
    filled(file).save()
    before = file.stat().st_mtime_ns, file.stat().st_ino
    filled(file).save()
    assert (file.stat().st_mtime_ns, file.stat().st_ino) == before
