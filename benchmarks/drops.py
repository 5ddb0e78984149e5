"""From a drop on the board to the repainted board, durable, with the ranking of everybody; and the
frames of the window while an import runs."""

import os
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QEvent, QEventLoop
from PySide6.QtWidgets import QApplication

from benchmarks import frames
from benchmarks.clock import NOW
from benchmarks.figures import Figure, percentile
from benchmarks.imports import _MAPPING, _file
from salesdesk.models.store import Store
from salesdesk.services.exchange import importer
from salesdesk.services.exchange.mapping import parse_mapping
from salesdesk.services.exchange.reader import read_table
from salesdesk.services.periods import of_month
from salesdesk.services.ranking import ranking
from salesdesk.services.writer import IMPORT, Writer
from salesdesk.ui import startup, theme
from salesdesk.ui.board.placing import Place
from salesdesk.ui.collecting import without_collector
from salesdesk.ui.context import Context
from salesdesk.ui.main_window import MainWindow
from salesdesk.ui.pages import specs
from salesdesk.ui.ranking import query
from salesdesk.ui.ranking.query import Asked
from salesdesk.ui.ranking.table import RankingTable
from salesdesk.ui.remember import Remember

DROPS = 60
_CALM_S = 0.5


def _application() -> QApplication:
    app = startup.application()
    theme.install(app, "light")
    return app


def _settle(app: QApplication, seconds: float) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        app.processEvents()
        time.sleep(0.002)


def figures(path: Path) -> list[Figure]:
    """Lines for drops and for frames beside an import, in one window."""
    app = _application()
    with tempfile.TemporaryDirectory() as home, Store.open(path) as store:
        context = Context(store, Writer(store), lambda: NOW, Remember(Path(home) / "window.ini"))
        context.set_person(1, "Person 1", "admin")
        window = MainWindow(context, specs())
        window.resize(1440, 900)
        window.open_page("board")
        window.show()
        _settle(app, 2.0)
        found = [_drops(app, context, window), _frames(app, context)]
        window.close()
        context.close()
    return found


def _drops(app: QApplication, context: Context, window: MainWindow) -> Figure:
    """Milliseconds from the drop to durable and repainted, the ranking recomputed and repainted
    with it; between its events the window waits, as it does in the program. The next drop comes
    when what follows the last one (sums, counts) is there: nobody drops five cards in a second."""
    page: Any = window.page("board")
    view = page.view
    durable: list[int] = []
    context.bus.changed.connect(lambda changes: durable.append(changes.command_id))
    asked = Asked(of_month(context.store.zone.day_of(NOW)))
    with context.store.read() as r:
        answer = query.read(r, asked, now=NOW)
    table = RankingTable()
    table.resize(1200, 860)
    table.set_answer(answer)
    table.show()
    _settle(app, 0.5)
    times = []
    for k in range(DROPS):
        lane, target = view.lanes[k % 3], view.lanes[k % 3 + 1]
        deal, before = lane.model.ids[0], target.model.ids[0]
        count = len(durable)
        start = time.perf_counter()
        view.move_cards([deal], Place(target.stage_id, before))
        app.sendPostedEvents(None, QEvent.Type.UpdateRequest)
        while len(durable) == count and time.perf_counter() - start < 2:
            app.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)
        with context.store.read() as r:
            found = ranking(r, asked.period, now=NOW)
        table.set_answer(replace(answer, ranking=found))
        app.sendPostedEvents(None, QEvent.Type.UpdateRequest)
        app.processEvents()
        times.append((time.perf_counter() - start) * 1000)
        _settle(app, _CALM_S)
    table.close()
    p50, p95 = percentile(times[5:], 0.5), percentile(times[5:], 0.95)
    what = "drop to repainted board, durable, ranking of 200 too"
    return Figure(what, f"{p95:.1f} ms", f"p50 {p50:.1f} ms", "p95 <= 16 ms", p95 <= 16)


def _frames(app: QApplication, context: Context) -> Figure:
    """How many turns of the window come late while an import runs."""
    with without_collector():  # as the program reads a file
        table, mapping = read_table(_file(5_000)), parse_mapping(_MAPPING)
    job = context.writer.submit(
        lambda s: importer.import_table(s, table, mapping, person=None, now=NOW), IMPORT
    )
    found = frames.turns(app, job.done)
    share = frames.late(found)
    return Figure("frames later than 20 ms while an import runs", f"{share:.2%}",
                  f"{len(found)} turns", "<= 1 %", share <= 0.01)  # fmt: skip
