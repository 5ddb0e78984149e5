"""The first minutes: the welcome page makes, opens, mends; nothing is left behind by what fails."""

import functools
import os
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QTimer, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog
from pytestqt.qtbot import QtBot

from salesdesk import app
from salesdesk.errors import SalesDeskError
from salesdesk.models.store import Store
from salesdesk.moments import moment_of
from salesdesk.services import beginnings, machine, pipelines, settings, story, workspaces
from salesdesk.services.template_names import TEMPLATES
from salesdesk.text import language
from salesdesk.ui import theme
from salesdesk.ui.main_window import MainWindow
from salesdesk.ui.remember import Remember
from salesdesk.ui.welcome.window import WelcomeWindow
from tests.ui.test_names import nameless, unnamed

NOW = moment_of(datetime(2026, 11, 20, 9, tzinfo=UTC))
_LEFT = Qt.MouseButton.LeftButton


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, qapp: QApplication) -> Iterator[Path]:
    monkeypatch.setenv("SALESDESK_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    monkeypatch.setattr(threading, "excepthook", threading.excepthook)
    monkeypatch.setattr(story, "make_sample", functools.partial(story.make_sample, requests=4))
    yield tmp_path
    theme.set_mode("light")
    qapp.setStyleSheet("")


Opens = Callable[..., WelcomeWindow]


@pytest.fixture
def opens(qtbot: QtBot, home: Path) -> Iterator[Opens]:
    made: list[WelcomeWindow] = []

    def open_one(trouble: beginnings.Trouble | None = None) -> WelcomeWindow:
        window = WelcomeWindow(lambda: NOW, Remember(home / "window.ini"), trouble)
        qtbot.addWidget(window)
        made.append(window)
        window.show()
        qtbot.waitUntil(lambda: window.form.zone.value is not None, timeout=20_000)
        return window

    yield open_one
    for window in made:
        window.close()


def path_of(window: WelcomeWindow, qtbot: QtBot) -> Path:
    """What was chosen, once the window has closed."""
    qtbot.waitUntil(lambda: not window.isVisible(), timeout=60_000)
    assert window.opening is not None
    return window.opening.path


def test_a_template_becomes_a_workspace(opens: Opens, qtbot: QtBot) -> None:
    window = opens()
    QTest.mouseClick(window.templates["turnkey"], _LEFT)
    assert window.form.isVisible()
    window.form.name.setText("")
    QTest.keyClicks(window.form.name, "Cranes: north")
    window.form.zone.set_value("Europe/Moscow")
    window.form.currency.set_value("RUB")
    window.form.country.set_value("RU")
    QTest.keyClick(window.form.name, Qt.Key.Key_Return)
    path = path_of(window, qtbot)
    assert path == workspaces.default_folder() / "Cranes north.salesdesk"
    with Store.open(path) as store, store.read() as r:
        assert len(pipelines.pipelines(r)) == 5
        assert settings.get(r, settings.ZONE) == "Europe/Moscow"
        assert settings.get(r, settings.CURRENCY) == "RUB"
        assert settings.get(r, settings.COUNTRY) == "RU"


def test_the_sample_is_a_copy_each_time(opens: Opens, qtbot: QtBot) -> None:
    found = []
    for _ in range(2):
        window = opens()
        QTest.keyClick(window.sample, Qt.Key.Key_Space)
        assert window.progress.isVisible()
        found.append(path_of(window, qtbot).name)
    assert found == ["Sample.salesdesk", "Sample 2.salesdesk"]


def test_cancelling_the_sample_leaves_no_file(opens: Opens, qtbot: QtBot) -> None:
    window = opens()
    window.sample.click()
    QTest.mouseClick(window.progress.button, _LEFT)
    qtbot.waitUntil(window.sample.isVisible, timeout=60_000)
    assert window.opening is None
    assert not list(workspaces.default_folder().glob("*.salesdesk"))


def test_a_file_is_imported_into_a_new_workspace(opens: Opens, qtbot: QtBot, home: Path) -> None:
    table = home / "old deals.csv"
    table.write_text("Deal,Amount\nRoof,100\n", encoding="utf-8")
    window = opens()
    dropped = QMimeData()
    dropped.setUrls([QUrl.fromLocalFile(str(table))])
    window.dropEvent(
        QDropEvent(QPointF(9, 9), Qt.DropAction.CopyAction, dropped, _LEFT,
                   Qt.KeyboardModifier.NoModifier)
    )  # fmt: skip
    assert window.form.name.text() == "old deals"
    window.form.template.chip("empty").click()
    window.form.make.click()
    assert path_of(window, qtbot).name == "old deals.salesdesk"
    assert window.opening is not None
    assert (window.opening.page, window.opening.item) == ("import", str(table))


def test_what_fails_is_said_and_can_be_mended(opens: Opens, qtbot: QtBot, home: Path) -> None:
    (home / "file").write_text("no folder")
    window = opens()
    window.open_form("sales")
    window.form.put(home / "file" / "new.salesdesk")
    window.form.make.click()
    qtbot.waitUntil(window.form.problem.isVisible, timeout=20_000)
    assert "cannot be written" in window.form.problem.text()
    assert window.opening is None
    window.form.name.setText(" ?: ")
    window.form.name.textEdited.emit(" ?: ")
    assert not window.form.make.isEnabled()


def test_opening_one_that_is_there(
    opens: Opens, qtbot: QtBot, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = home / "known.salesdesk"
    known.write_bytes(b"x")
    machine.remember_opened(home / "gone.salesdesk")
    machine.remember_opened(known)
    window = opens()
    assert [each.accessibleName() for each in window.recent] == ["known"]
    window.recent[0].click()
    assert path_of(window, qtbot) == known
    window = opens()
    answer = (str(home / "other.salesdesk"), "")
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_args: answer)
    QTest.keyClick(window, Qt.Key.Key_O, Qt.KeyboardModifier.ControlModifier)
    assert path_of(window, qtbot) == home / "other.salesdesk"


def trouble_with(path: Path) -> beginnings.Trouble:
    with pytest.raises(SalesDeskError) as caught:
        app._open(path, NOW)
    return beginnings.trouble_of(path, caught.value)


def test_a_damaged_workspace_comes_back_from_its_backup(
    opens: Opens, qtbot: QtBot, home: Path
) -> None:
    path = home / "mine.salesdesk"
    workspaces.create(path)
    workspaces.back_up(path, NOW)
    machine.remember_opened(path, workspaces.backup_folder(path))
    path.write_bytes(os.urandom(8192))
    window = opens(trouble_with(path))
    assert window.trouble.isVisible()
    assert "damaged" in window.trouble.words.text()
    assert "20" in window.trouble.restore.text()
    window.trouble.restore.click()
    assert path_of(window, qtbot) == path
    app._open(path, NOW).close()
    assert len(list(home.glob("mine*"))) >= 2  # the damaged file was kept


def test_a_missing_workspace_without_backups(opens: Opens, qtbot: QtBot, home: Path) -> None:
    window = opens(trouble_with(home / "gone.salesdesk"))
    assert window.trouble.isVisible()
    assert not window.trouble.restore.isVisible()
    window.trouble.again.click()
    assert path_of(window, qtbot) == home / "gone.salesdesk"


def test_the_language_changes_at_once(opens: Opens, home: Path) -> None:
    window = opens()
    before = window.open_button.accessibleName()
    window.language.chip("ru").click()
    assert language() == "ru"
    assert Remember(home / "window.ini").text("window/language") in ("", "ru")
    window.language.chip("en").click()
    assert window.open_button.accessibleName() == before


def test_the_words_of_all_templates_have_room(opens: Opens, qtbot: QtBot, home: Path) -> None:
    window = opens()
    window.resize(960, 640)
    window.open_form("sales")
    chips = [window.form.template.chip(key) for key in TEMPLATES]
    for spoken in ("ru", "en"):
        window.language.chip(spoken).click()
        qtbot.waitUntil(
            lambda: all(chip.width() >= chip.sizeHint().width() for chip in chips), timeout=2000
        )
        assert all(chip.visibleRegion().boundingRect() == chip.rect() for chip in chips)


def test_everything_has_a_name(opens: Opens, home: Path) -> None:
    window = opens(trouble_with(home / "gone.salesdesk"))
    for show in (window.show_choices, lambda: window.open_form("sales"), window._wait):
        show()
        assert nameless(window) == []
        assert unnamed(window) == []


def when(found: Callable[[], Any], run: Callable[[Any], object]) -> QTimer:
    """Do something as soon as a window is there, inside the program's own loop."""
    timer = QTimer(interval=30)

    def look() -> None:
        shown = found()
        if shown is not None:
            timer.stop()
            run(shown)

    timer.timeout.connect(look)
    timer.start()
    return timer


def shown(kind: type) -> Callable[[], Any]:
    def find() -> Any:
        tops = QApplication.topLevelWidgets()
        return next((each for each in tops if type(each) is kind and each.isVisible()), None)

    return find


def test_from_the_first_start_to_another_workspace(qapp: QApplication, home: Path) -> None:
    """No workspace: the page; one is made and opened; another is wanted; the page again."""
    seen: list[str] = []

    def make(window: WelcomeWindow) -> None:
        seen.append("welcome")
        window.open_form("sales")
        make_when_ready.append(when(lambda: window.form.make if window.form.make.isEnabled()
                                    else None, lambda button: button.click()))  # fmt: skip
        steps.append(when(shown(MainWindow), leave))

    def leave(window: MainWindow) -> None:
        seen.append(window.context.store.path.name)
        steps.append(when(machine.last_workspace, lambda _path: window.leave_wanted.emit()))
        steps.append(when(shown(WelcomeWindow), close))

    def close(window: WelcomeWindow) -> None:
        seen.extend(each.accessibleName() for each in window.recent)
        window.close()

    make_when_ready: list[QTimer] = []
    steps = [when(shown(WelcomeWindow), make)]
    assert app.run(None, language="en", named=False) == 0
    assert seen == ["welcome", "Sales.salesdesk", "Sales"]
    assert not [each for each in [*steps, *make_when_ready] if each.isActive()]


def test_the_last_workspace_is_damaged(qapp: QApplication, home: Path) -> None:
    path = home / "bad.salesdesk"
    path.write_bytes(os.urandom(8192))
    said: list[str] = []

    def read(window: WelcomeWindow) -> None:
        said.append(window.trouble.words.text())
        window.close()

    timer = when(shown(WelcomeWindow), read)
    assert app.run(path, language="en", named=False) == 0
    assert len(said) == 1
    assert "damaged" in said[0]
    assert not timer.isActive()
    with pytest.raises(SalesDeskError):
        app.run(path, language="en")
