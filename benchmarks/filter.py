"""From a key in the board's filter to the painted cards, with every deal of the pipeline behind it;
and from one page to another."""

import os
import tempfile
import time
from pathlib import Path
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QEvent, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from benchmarks.clock import NOW
from benchmarks.figures import Figure, percentile
from salesdesk.models.store import Store
from salesdesk.services.writer import Writer
from salesdesk.ui import startup, theme
from salesdesk.ui.context import Context
from salesdesk.ui.main_window import MainWindow
from salesdesk.ui.pages import specs
from salesdesk.ui.remember import Remember

TYPED = ("deal 1", "company 77", "9", "deal 40", "company 1", "nothing", "eal 123")
PAGES = ("board", "ranking", "reports", "settings")
ROUNDS = 12


def figures(path: Path) -> list[Figure]:
    """Lines for typing a filter and for switching pages."""
    app = startup.application()
    theme.install(app, "light")
    with tempfile.TemporaryDirectory() as home, Store.open(path) as store:
        context = Context(store, Writer(store), lambda: NOW, Remember(Path(home) / "window.ini"))
        context.set_person(1, "Person 1", "admin")
        context.remember.set("window/page", "board")
        window = MainWindow(context, specs())
        window.resize(1440, 900)
        window.show()
        _settle(app, context, 1.0)
        with store.read() as r:
            deals = int(r.value("SELECT count(*) FROM deal WHERE closed_at IS NULL"))
        found = [_keys(app, context, window, deals), _pages(app, context, window)]
        window.close()
        context.close()
    return found


def _settle(app: QApplication, context: Context, seconds: float) -> None:
    """Until nothing is read any more, for at least so long."""
    until = time.monotonic() + seconds
    while time.monotonic() < until or context.background.pending():
        app.processEvents()
        time.sleep(0.002)


def _painted(app: QApplication) -> None:
    """What was changed is laid out and painted."""
    app.sendPostedEvents(None, QEvent.Type.LayoutRequest)
    app.sendPostedEvents(None, QEvent.Type.UpdateRequest)


def _keys(app: QApplication, context: Context, window: MainWindow, deals: int) -> Figure:
    """Milliseconds from a key (also Backspace) to the painted board."""
    page: Any = window.page("board")
    page.filters.focus_field()
    page.board.prepare()
    _settle(app, context, 0.5)
    times = []
    for typed in TYPED:
        keys = [*typed, *([None] * len(typed))]
        for key in keys:
            start = time.perf_counter()
            if key is None:
                QTest.keyClick(page.filters.field, Qt.Key.Key_Backspace)
            else:
                QTest.keyClicks(page.filters.field, key)
            _painted(app)
            times.append((time.perf_counter() - start) * 1000)
            _settle(app, context, 0.06)
    p50, p95 = percentile(times, 0.5), percentile(times, 0.95)
    what = f"keystroke to painted board filter, {deals:,} deals, p95"
    return Figure(what, f"{p95:.1f} ms", f"p50 {p50:.1f} ms", "<= 16 ms", p95 <= 16)


def _pages(app: QApplication, context: Context, window: MainWindow) -> Figure:
    """Milliseconds from the wish for another page (made before) to its picture."""
    keys = [key for key in PAGES if window.has_page(key)]
    for key in keys:
        window.open_page(key)
        _settle(app, context, 0.5)
    times = []
    for _ in range(ROUNDS):
        for key in keys:
            start = time.perf_counter()
            window.open_page(key)
            _painted(app)
            times.append((time.perf_counter() - start) * 1000)
            _settle(app, context, 0.1)
    p50, p95 = percentile(times, 0.5), percentile(times, 0.95)
    return Figure("switching pages, p95", f"{p95:.1f} ms", f"p50 {p50:.1f} ms", "<= 50 ms",
                  p95 <= 50)  # fmt: skip
