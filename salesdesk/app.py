"""The window: wires store, services and screens, and asks the clock for them.

Only what the first paint needs is imported before it; the rest follows in the background.
"""

import gc
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from salesdesk.errors import NotBuilt, SalesDeskError
from salesdesk.text import LANGUAGES, N_, tr

if TYPE_CHECKING:
    from salesdesk.models.lock import Lock
    from salesdesk.models.store import Store
    from salesdesk.services.beginnings import Trouble
    from salesdesk.ui.context import Context
    from salesdesk.ui.main_window import MainWindow
    from salesdesk.ui.remember import Remember
    from salesdesk.ui.welcome.window import Opening

Clock = Callable[[], int]
_HOUR_MS = 60 * 60 * 1000


@dataclass(frozen=True, slots=True)
class Place:
    """A workspace to open, and with what: a page and an item for it."""

    path: Path
    page: str = ""
    item: object = None


def clock() -> int:
    """The present moment (microseconds UTC)."""
    return time.time_ns() // 1000


def run(
    path: Path | None,
    *,
    now: int | None = None,
    language: str | None = None,
    named: bool = True,
) -> int:
    """Open the window on a workspace; returns when it is closed, with an exit status.

    Without a path the welcome page is shown first; it comes also for another workspace, and when
    one that was not ``named`` by the person cannot be opened (else SalesDeskError is raised).
    ``now`` stands still when given (demos). A second window on the same workspace raises the first.
    """
    from salesdesk.models import places
    from salesdesk.ui import compiled

    compiled.begin(places.cache_folder())
    gc.disable()  # until there is a window, with its collector: what is made by then stays
    try:
        return _windows(path, now, language, named)
    finally:
        gc.enable()


def _windows(path: Path | None, now: int | None, language: str | None, named: bool) -> int:
    """One window after another; the exit status of the last."""
    import salesdesk.ui.spare  # noqa: F401 - first: it spares the imports that follow time
    from salesdesk.ui import startup

    application = startup.application()
    place = Place(path) if path is not None else None
    trouble: Trouble | None = None
    while True:
        if place is None:
            opening = _welcome(application, _clock(now), language, trouble)
            if opening is None:
                return 0
            place, trouble = Place(opening.path, opening.page, opening.item), None
            named, language = False, None
        try:
            status, leaves = _desk(application, place, _clock(now), language)
        except SalesDeskError as error:
            if named:
                raise
            from salesdesk.services import beginnings

            trouble = beginnings.trouble_of(place.path, error)
        else:
            if not leaves:
                return status
        place = None


def _desk(application: Any, place: Place, now: Clock, language: str | None) -> tuple[int, bool]:
    """The window on a workspace until it is closed; the exit status, and whether another workspace
    is wanted."""
    from salesdesk.models import lock
    from salesdesk.ui import collecting
    from salesdesk.ui.single import Single, bring_to_front

    path = place.path
    single = Single(path)
    held = lock.window(path) if single.claim() else None
    if held is None:
        return 0, False
    leaves: list[str] = []
    try:
        store, unfinished = _recovered(path, now(), held)
        context = _context(store, path, now, language)
        window = _window(application, context)
        single.raised.connect(lambda: bring_to_front(window))
        window.leave_wanted.connect(lambda: leaves.append("wanted"))
        window.leave_wanted.connect(window.close)
        window.show()
        if place.page:
            window.open_page(place.page, place.item)
        collecting.spare_what_is_there()
        _after_first_paint(context, single, path)
        _remind(context, window)
        if unfinished:
            _tell_of(context)
        status = application.exec()
        if not context.close():
            status = _not_finished()
        store.close()
        window.deleteLater()
        context.deleteLater()  # else it would be collected some day on whatever thread is at it
    finally:
        held.release()
        single.release()
    return status, bool(leaves)


def _welcome(
    application: Any, now: Clock, language: str | None, trouble: "Trouble | None"
) -> "Opening | None":
    """The welcome page until something is chosen; None when it was only closed."""
    from salesdesk import text
    from salesdesk.ui import theme
    from salesdesk.ui.collecting import Collector
    from salesdesk.ui.remember import Remember
    from salesdesk.ui.welcome.window import WelcomeWindow

    remember = Remember()
    text.set_language(_language(remember, language))
    theme.install(application, _mode(remember))
    window = WelcomeWindow(now, remember, trouble)
    collector = Collector(window)
    window.show()
    application.exec()
    collector.stop()
    window.deleteLater()
    return window.opening


def screenshot(
    path: Path,
    page: str,
    output: Path,
    *,
    size: tuple[int, int] = (1440, 900),
    theme: str | None = None,
    language: str | None = None,
    now: int | None = None,
    item: object = None,
) -> None:
    """Save a picture of a page as the window shows it.

    Raises NotBuilt for a page that does not exist, SalesDeskError when the file cannot be written.
    """
    import tempfile

    from salesdesk.ui import startup
    from salesdesk.ui.pages import specs

    application = startup.application(offscreen_instead=True)

    store = _open(path, _clock(now)())
    with tempfile.TemporaryDirectory() as nobody:  # a picture shows defaults, not one's own choices
        context = _context(store, path, _clock(now), language, Path(nobody) / "window.ini")
        try:
            window = _window(application, context, theme or "light")
            if page not in {spec.key for spec in specs()}:
                raise NotBuilt(N_("There is no page “{page}” in this version."), page=page)
            window.resize(*size)
            window.show()
            window.open_page(page, item)
            startup.settle(application, lambda: context.background.pending() > 0)
            over = startup.covering(application, size)
            if over is not None:
                startup.settle(application, lambda: context.background.pending() > 0)
            _save(over or window, output)
            window.close()
        finally:
            context.close()
            store.close()


# -- pieces ---------------------------------------------------------------------------------------


def _clock(now: int | None) -> Clock:
    return clock if now is None else lambda: now


def _open(path: Path, now: int, window: "Lock | None" = None) -> "Store":
    """Open the workspace; what a crash left half-done is rolled back before anything is shown."""
    return _recovered(path, now, window)[0]


def _recovered(path: Path, now: int, window: "Lock | None" = None) -> tuple["Store", int]:
    """The open workspace, and how many commands a crash had left half-done."""
    from salesdesk.models import lock
    from salesdesk.services.workspaces import open_workspace

    store = open_workspace(path, now, window=window).store
    try:
        return store, _put_in_order(store, lock.running(path), now)
    except BaseException:
        store.close()  # nobody gets it, so nobody else can
        raise


def _put_in_order(store: "Store", running: "Lock | None", now: int) -> int:
    """Roll back what a crash left half-done, unless (no lock) another program is at work; returns
    how many commands that were."""
    if running is None:
        return 0
    with running:
        with store.read() as r:
            unfinished = r.value("SELECT count(*) FROM command WHERE state = 'running'")
        if unfinished:
            from salesdesk.services import history

            history.recover(store, now=now)
    return int(unfinished)


def _context(
    store: "Store", path: Path, now: Clock, language: str | None, remembered: Path | None = None
) -> "Context":
    from salesdesk.services import machine
    from salesdesk.services.writer import Writer
    from salesdesk.ui.context import Context
    from salesdesk.ui.remember import Remember

    context = Context(store, Writer(store), now, Remember(remembered))
    context.wait_for_picture()
    person = machine.known(path).person
    with store.read() as r:
        row = r.row(
            "SELECT id, name, role FROM person WHERE deleted_at IS NULL AND (id = ? OR ? AND "
            "last_day IS NULL) ORDER BY id = ? DESC, role <> 'team_lead', role <> 'admin', id "
            "LIMIT 1",
            (person, remembered is not None, person),  # a picture shows somebody's desk
        )
    if row is not None:
        context.set_person(*row)
    context.set_language(_language(context.remember, language))
    return context


def _language(remember: "Remember", given: str | None) -> str:
    """The language asked for, else the one chosen before, else the system's."""
    from salesdesk.ui.startup import system_language

    wanted = given or remember.text("window/language") or system_language()
    return wanted if wanted in LANGUAGES else "en"


def _mode(remember: "Remember", given: str = "") -> Any:
    from salesdesk.ui import theme

    chosen: Any = given or remember.text("window/theme", "system")
    return chosen if chosen in theme.MODES else "system"


def _window(application: Any, context: "Context", mode: str = "") -> "MainWindow":
    from salesdesk.ui import theme
    from salesdesk.ui.excepthook import install
    from salesdesk.ui.main_window import MainWindow
    from salesdesk.ui.pages import specs

    theme.install(application, _mode(context.remember, mode))
    install(context)
    return MainWindow(context, specs(context))


def _after_first_paint(context: "Context", single: Any, path: Path) -> None:
    """What may wait: answering second starts, the daily backup, remembering the workspace."""
    from salesdesk.services import machine, workspaces
    from salesdesk.ui import collecting, startup

    def years() -> None:
        from salesdesk.services import days_off
        from salesdesk.services.writer import IMPORT

        context.write(days_off.keep_up, undoable=False, priority=IMPORT)

    def soon() -> None:
        collecting.spare_what_is_there()
        single.listen()
        machine.remember_opened(path, workspaces.backup_folder(path))

    def daily() -> None:
        context.background.ask(
            lambda: workspaces.daily_backup(path, context.now()), lambda _made: None, context.fail
        )

    if context.person_id is None:
        startup.later(context, 60, lambda: context.who_asked.emit(None))
    startup.later(context, 200, soon)
    startup.later(context, 3_000, years)
    startup.later(context, 15_000, daily)
    for each in (years, daily):
        startup.every(context, _HOUR_MS, each)


def _remind(context: "Context", window: "MainWindow") -> None:
    """Begin to remind of tasks, to send the digest and to sync, a while after the first paint."""
    from salesdesk.ui import startup

    def begin() -> None:
        from salesdesk.ui.reminders import Reminders

        Reminders(context, window)

    def send() -> None:
        from salesdesk.ui import digest

        digest.begin(context)

    def sync() -> None:
        from salesdesk.ui import sync

        sync.begin(context)

    startup.later(context, 1500, begin)
    startup.later(context, 5000, send)
    startup.later(context, 5000, sync)


def _tell_of(context: "Context") -> None:
    """Say that the last session was cut off."""
    from salesdesk.ui import startup

    startup.later(context, 600, lambda: context.say(tr(
        "The last session was cut off. What was half-done has been put in order."
    )))  # fmt: skip


def _not_finished() -> int:
    """The window is gone and something still runs: say so where it can be read."""
    sys.stderr.write(
        tr("SalesDesk was closed before everything was written; the next start puts it in order.")
        + "\n"
    )
    return 1


def _save(widget: Any, output: Path) -> None:
    from salesdesk.ui import startup

    if not startup.save_picture(widget, str(output)):
        raise SalesDeskError(
            N_("The picture was not saved"),
            N_("{file} cannot be written; nothing was changed."),
            file=str(output),
        )
