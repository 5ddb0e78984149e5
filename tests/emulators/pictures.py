"""Pictures of connecting and of a connected sample, drawn by the window on an emulated portal of
Bitrix24: ``python -m tests.emulators.pictures WORKSPACE LANGUAGE MOMENT FOLDER [WIDTHxHEIGHT]``.

The workspace is connected on the way, so hand in a copy. The secret is in a keyring of memory.
"""

import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal, cast

import keyring
from PySide6.QtWidgets import QAbstractButton, QApplication, QLineEdit, QWidget

from salesdesk import text
from salesdesk.moments import moment_of
from salesdesk.services import deals, secrets
from salesdesk.services.sync import bitrix24 as adapter
from salesdesk.services.sync import catalog
from salesdesk.services.sync.remote import Remote
from salesdesk.services.workspaces import open_workspace
from salesdesk.services.writer import Writer
from salesdesk.ui import startup, theme
from salesdesk.ui.context import Context
from salesdesk.ui.main_window import MainWindow
from salesdesk.ui.pages import specs
from salesdesk.ui.remember import Remember
from salesdesk.ui.sync.running import SyncDesk
from salesdesk.ui.widgets.toast import Toast
from tests.emulators import bitrix24
from tests.emulators.keyrings import Memory

_SECOND = 1_000_000
_THEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
_NAME = "zavod.bitrix24.ru"
_STAGES = {
    "New request": "Новая заявка", "Meeting scheduled": "Встреча назначена",
    "Meeting held": "Встреча проведена", "Contract signed": "Договор подписан",
    "Advance paid": "Аванс оплачен", "Won": "Сделка успешна", "Lost": "Сделка провалена",
    "Apology": "Отказались",
}  # fmt: skip
_WORDS = {
    "en": ("Crane for a warehouse", "Racks for a shop", "Conveyor", "Loader", "A call"),
    "ru": ("Кран для склада", "Стеллажи для магазина", "Конвейер", "Погрузчик", "Звонок"),
}  # fmt: skip


class Portal(bitrix24.Portal):
    """A portal whose stages are named in the language of the picture."""

    russian = False

    def stages(self, category: int | None) -> list[dict[str, Any]]:
        found = super().stages(category)
        if self.russian:
            return [{**one, "NAME": _STAGES.get(one["NAME"], one["NAME"])} for one in found]
        return found


class Named:
    """Remotes as they are in use, whose account has a name that reads well."""

    def remote(self, *given: Any) -> Remote:
        made: Any = catalog.remote(*given)
        check = made.check
        made.check = lambda: replace(check(), name=_NAME)
        return cast("Remote", made)

    def of_connection(self, *given: Any) -> Remote:
        return catalog.of_connection(*given)


class Studio:
    """A window on a workspace, and a folder for pictures."""

    def __init__(
        self, workspace: Path, language: str, at: int, folder: Path, size: tuple[int, int]
    ) -> None:
        self.language, self.folder = language, folder
        self._off = at - time.monotonic_ns() // 1000
        self.app: QApplication = startup.application(offscreen_instead=True)
        self.store = open_workspace(workspace, at, window=None).store
        self._nobody = TemporaryDirectory()
        remember = Remember(Path(self._nobody.name) / "window.ini")
        self.context = Context(self.store, Writer(self.store), self.now, remember)
        with self.store.read() as r:
            row = r.row("SELECT id, name, role FROM person WHERE role = 'admin' ORDER BY id")
        if row is not None:
            self.context.set_person(*row)
        self.context.set_language(language)
        theme.install(self.app, "light")
        self.desk = SyncDesk(self.context, Named())
        self.window = MainWindow(self.context, specs(self.context))
        self.window.resize(*size)
        self.window.show()

    def now(self) -> int:
        """The moment; it passes."""
        return self._off + time.monotonic_ns() // 1000

    def skip(self, seconds: float) -> None:
        """Time passes at once."""
        self._off += round(seconds * _SECOND)

    def settle(self) -> None:
        """Until nothing happens."""
        startup.settle(self.app, lambda: self.context.background.pending() > 0)

    def until(self, ready: Callable[[], Any]) -> None:
        """Wait for something; raises AssertionError when it does not come."""
        most = time.monotonic() + 60
        while not ready():
            assert time.monotonic() < most
            self.app.processEvents()
            time.sleep(0.01)
        self.settle()

    def child(self, name: str) -> Any:
        """A widget by its name."""
        found = self.window.findChild(QWidget, name)
        assert found is not None, name
        return found

    def press(self, name: str) -> None:
        """Press a button."""
        button = self.child(name)
        assert isinstance(button, QAbstractButton)
        button.click()

    def picture(self, name: str) -> None:
        """Both themes."""
        self.window.setFocus()
        for toast in self.window.findChildren(Toast):
            toast.hide()
        for mode in _THEMES:
            theme.set_mode(mode)
            self.settle()
            where = self.folder / f"{name}-{mode}-{self.language}.png"
            self.window.grab().save(str(where))
            print(f"  {where}")
        theme.set_mode("light")

    def close(self) -> None:
        """All of it."""
        self.window.close()
        self.context.close()
        self.store.close()
        self._nobody.cleanup()


@contextmanager
def _portal(studio: Studio) -> Iterator[Portal]:
    portal = Portal(lambda: studio.now() / _SECOND)
    portal.russian = studio.language == "ru"
    words = _WORDS[studio.language]
    with bitrix24.running(portal):
        for n, (firm, person) in enumerate((("Zavod", 1), ("Volga", 7), ("Ural", 7))):
            key = portal.add("company", title=firm)
            for m in range(4):
                portal.add("deal", by=person, title=f"{words[(n + m) % 4]}, {firm}", companyId=key,
                           opportunity=120_000 * (m + 1))  # fmt: skip
        portal.add("deal", title=words[0], categoryId=3)
        portal.add("lead", title=words[4])
        yield portal


def _connect(studio: Studio, portal: Portal) -> None:
    studio.window.open_page("sync")
    studio.settle()
    studio.press("sync-nothing-action")
    studio.until(studio.child("sync-wizard").kept.text)
    secret = studio.child("sync-secret")
    assert isinstance(secret, QLineEdit)
    secret.setText(portal.webhook)
    studio.press("sync-leads")
    studio.settle()
    studio.picture("sync-connect-1")
    studio.press("sync-next")
    studio.until(lambda: studio.child("sync-account").text())
    if studio.child("sync-fields").isVisible():
        studio.press("sync-fields")
    studio.picture("sync-connect-2")
    studio.press("sync-next")
    studio.press("sync-sends-new")
    studio.press("sync-try")
    studio.until(lambda: not studio.child("sync-wizard").match.trial.is_running)
    studio.picture("sync-connect-3")
    studio.press("sync-next")
    studio.until(lambda: not studio.child("sync-wizard").isVisible())


def _rounds(studio: Studio) -> int:
    with studio.store.read() as r:
        return int(r.value("SELECT count(*) FROM sync_round WHERE ended_at IS NOT NULL"))


def _round(studio: Studio) -> None:
    before = _rounds(studio)
    studio.desk.now()
    studio.until(lambda: _rounds(studio) > before and not studio.desk.state.running)


def _lives(studio: Studio, portal: Portal) -> None:
    """Changes on both sides: conflicts, one that is refused, one that waits, one set aside."""
    studio.until(lambda: _rounds(studio) > 0 and not studio.desk.state.running)
    with studio.store.read() as r:
        rows = r.rows(
            "SELECT d.id, l.far_id, d.title FROM sync_link l JOIN deal d ON d.id = l.local_id "
            "WHERE l.entity = 'deal' AND l.far_id NOT LIKE 'L%' ORDER BY l.id"
        )
        person = r.value("SELECT id FROM person WHERE role = 'admin' ORDER BY id")
    studio.skip(300)
    first, second, third = rows[:3]
    by: dict[str, Any] = {"person": person}
    portal.edit("deal", int(first[1]), opportunity=450_000)
    portal.edit("deal", int(second[1]), title=f"{second[2]} (2)")
    changes: tuple[tuple[int, Mapping[str, Any]], ...] = (
        (first[0], {"amount": Decimal(390_000)}), (second[0], {"title": f"{second[2]}: 2027"}),
    )  # fmt: skip
    for key, fields in changes:
        deals.change(studio.store, key, dict(fields), now=studio.now(), **by)
    portal.drops = frozenset({"closedate"})
    day = studio.store.zone.day_of(studio.now()) + 30
    deals.change(studio.store, third[0], {"expected_day": day}, now=studio.now(), **by)
    portal.edit("deal", int(rows[5][1]), stageId="APOLOGY")
    _round(studio)
    studio.skip(240)
    deals.change(studio.store, rows[4][0], {"amount": Decimal(77_000)}, now=studio.now(), **by)
    studio.desk.worker.stop()
    from salesdesk.services.sync import maps, outbox

    with studio.store.read() as r:
        connection = maps.connection(r)
    assert connection is not None
    outbox.survey(studio.store, connection, now=studio.now())
    studio.context.sync_told.emit()
    studio.settle()


def main(workspace: Path, language: str, moment: str, folder: Path, size: tuple[int, int]) -> None:
    """Draw them all."""
    adapter.RATE = adapter.BURST = adapter.FIRST = 5000.0
    secrets.TRUSTED[f"{Memory.__module__}.{Memory.__qualname__}"] = "Secret Service"
    keyring.set_keyring(Memory())
    text.set_language(language)
    at = moment_of(datetime.fromisoformat(f"{moment}+03:00") - timedelta(minutes=10))
    studio = Studio(workspace, language, at, folder, size)
    try:
        with _portal(studio) as portal:
            studio.skip(60)
            _connect(studio, portal)
            _lives(studio, portal)
            studio.window.open_page("sync")
            studio.settle()
            studio.picture("sync-connected")
            studio.window.open_page("settings", "sync")
            studio.settle()
            studio.picture("settings-sync-connected")
    finally:
        studio.close()


if __name__ == "__main__":
    wide, high = (sys.argv[5] if len(sys.argv) > 5 else "1440x900").split("x")
    main(Path(sys.argv[1]), sys.argv[2], sys.argv[3], Path(sys.argv[4]), (int(wide), int(high)))
