"""A first pull over real HTTP beside a window that is looked at: how long it takes and how late the
frames come, with the board open on the pipeline that fills, and with the page of the sync."""

import os
import tempfile
import time
from pathlib import Path
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtWidgets import QApplication

from benchmarks import frames, sync, sync_http
from benchmarks.figures import Figure, percentile
from salesdesk.services.sync.remote import Remote
from salesdesk.services.writer import Writer
from salesdesk.ui import startup, theme
from salesdesk.ui.context import Context
from salesdesk.ui.main_window import MainWindow
from salesdesk.ui.pages import specs
from salesdesk.ui.remember import Remember
from salesdesk.ui.sync.running import SyncDesk
from tests.sync.seats import Seat


def figures(count: int) -> list[Figure]:
    """Both for a portal of so many deals with their moves."""
    app = startup.application()
    theme.install(app, "light")
    return [found for page in ("board", "sync") for found in _figures(app, page, count)]


class _One:
    """Leads to one portal."""

    def __init__(self, found: Seat) -> None:
        self._found = found

    def remote(self, *_given: Any) -> Remote:
        return self._found.remote

    of_connection = remote


def _figures(app: QApplication, page: str, count: int) -> list[Figure]:
    with sync_http.portal(count) as one, tempfile.TemporaryDirectory() as home:
        remember = Remember(Path(home) / "window.ini")
        context = Context(one.store, Writer(one.store), one.clock.now, remember)
        desk = SyncDesk(context, _One(one))
        window = MainWindow(context, specs())
        window.resize(1440, 900)
        window.open_page(page)
        window.show()
        startup.settle(app, lambda: context.background.pending() > 0)
        until = time.perf_counter() + 2
        alone = frames.turns(app, lambda: time.perf_counter() > until)
        desk.now()
        found = frames.turns(app, lambda: _is_done(one, desk))
        window.close()
        context.close()
        window.deleteLater()
        startup.settle(app, lambda: False)
        if left := sync.wrong(one, count, 0):
            raise AssertionError(left)
    p99, quiet = (percentile([turn.gap for turn in each], 0.99) for each in (found, alone))
    own = percentile([turn.own for turn in found], 0.99)
    took = sum(turn.gap for turn in found) / 1000
    return [
        sync.goal(f"first pull over HTTP of {count:,} deals, {page} open", count, took),
        Figure(
            "frames beside it", f"{p99:.1f} ms",
            f"{quiet:.1f} ms beside nothing; p99 of own work {own:.1f} ms; {len(found)} turns, "
            f"{frames.late(found):.2%} later than 20 ms",
            "p99 <= 16 ms", p99 <= 16,
        ),
    ]  # fmt: skip


def _is_done(one: Seat, desk: SyncDesk) -> bool:
    return not desk.state.running and bool(
        one.value("SELECT 1 FROM sync_round WHERE ended_at IS NOT NULL")
    )
