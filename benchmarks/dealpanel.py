"""Opening a deal with 500 changes: the question, and the panel painted with its answer."""

import os
import shutil
import tempfile
import time
from decimal import Decimal
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QApplication

from benchmarks.figures import Figure, percentile, timed
from salesdesk.models.store import Store
from salesdesk.services import deals, history, payments, tasks
from salesdesk.services.writer import Writer
from salesdesk.ui import startup, theme
from salesdesk.ui.context import Context
from salesdesk.ui.deal.panel import DealPanel
from salesdesk.ui.remember import Remember

CHANGES = 500
_OPENINGS = 40


def figures(workspace: Path) -> list[Figure]:
    """One line: 95 of 100 openings are painted within 50 ms."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "panel.salesdesk"
        shutil.copy(workspace, path)
        with Store.open(path) as store:
            return _measured(store, Path(folder))


def _measured(store: Store, folder: Path) -> list[Figure]:
    app = startup.application()
    theme.install(app, "light")
    with store.read() as r:
        now = int(r.value("SELECT max(at) FROM command")) + 1
    busy, other = _busy_deal(store, now), _any_deal(store)
    context = Context(store, Writer(store), lambda: now + CHANGES, Remember(folder / "w.ini"))
    panel = DealPanel(context)
    panel.resize(340, 900)
    panel.show()
    painted = _Painted(panel)
    spent: list[float] = []
    for _ in range(_OPENINGS):
        _open(panel, painted, other)
        _rest(panel)
        spent += timed(lambda: _open(panel, painted, busy), 1)
        _rest(panel)
    shown = panel.history.view.entries()
    context.close()
    late, floor = percentile(spent, 0.95), percentile(timed(lambda: _floor(store, busy), 20), 0.95)
    return [
        Figure(
            f"opening a deal with {CHANGES} changes, p95",
            f"{late:.1f} ms",
            f"{floor:.1f} ms (rows of the log)",
            "<= 50 ms",
            late <= 50 and len(shown) > 0,
        )
    ]


class _Painted(QObject):
    """Notes when the inside of the panel is painted with the deal that is waited for."""

    def __init__(self, panel: DealPanel) -> None:
        super().__init__(panel)
        self._panel = panel
        self.wanted = 0
        panel.area.viewport().installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt
        opened = self._panel._opened
        if event.type() == QEvent.Type.Paint and opened and opened.deal.id == self.wanted:
            self.wanted = 0
        return False


def _open(panel: DealPanel, painted: _Painted, deal: int) -> None:
    """From the press to the painted panel."""
    painted.wanted = deal
    panel.open_deal(deal)
    while painted.wanted:
        QApplication.processEvents()
        time.sleep(0.0005)


def _rest(panel: DealPanel) -> None:
    """What follows below the edge of the panel."""
    told = panel.context.background.pending
    while panel._below.isActive() or told() or panel.history._rest.isActive():
        QApplication.processEvents()
        time.sleep(0.002)


def _floor(store: Store, deal: int) -> None:
    """What no panel can do without: the rows of the log about the deal, its notes and tasks."""
    with store.read() as r:
        r.rows("SELECT * FROM change WHERE tbl = 'deal' AND row_id = ?", (deal,))
        r.rows("SELECT * FROM stage_move WHERE deal_id = ?", (deal,))
        r.rows("SELECT * FROM note WHERE deal_id = ?", (deal,))
        r.rows("SELECT * FROM task WHERE deal_id = ?", (deal,))


def _any_deal(store: Store) -> int:
    with store.read() as r:
        return int(r.value("SELECT max(id) - 1 FROM deal WHERE deleted_at IS NULL"))


def _busy_deal(store: Store, now: int) -> int:
    """A deal of which 500 changes are told: moves, fields, notes, tasks, payments, undos."""
    with store.read() as r:
        deal, stage = r.row(
            "SELECT d.id, d.stage_id FROM deal d JOIN stage s ON s.id = d.stage_id "
            "WHERE s.kind = 'open' AND d.deleted_at IS NULL ORDER BY d.id LIMIT 1"
        ) or (0, 0)
        stages = [
            row[0]
            for row in r.rows(
                "SELECT s.id FROM stage s WHERE s.kind = 'open' AND s.deleted_at IS NULL "
                "AND s.pipeline_id = (SELECT pipeline_id FROM stage WHERE id = ?)",
                (stage,),
            )
        ]
    for step in range(CHANGES):
        _change(store, deal, stages, step, now + step)
    return int(deal)


def _change(store: Store, deal: int, stages: list[int], step: int, now: int) -> None:
    which = step % 6
    if which == 0:
        target = stages[(step // 6) % len(stages)]
        moved = deals.move(store, [deal], target, person=None, now=now, override="measured")
        if step % 30 == 0:
            history.undo(store, moved.command_id, person=None, now=now)
    elif which == 1:
        deals.add_note(store, deal, f"Note {step}: they call back", person=None, now=now)
    elif which == 2:
        new = tasks.NewTask(f"Call {step}", deal, due_at=now + 10**9)
        done = tasks.add(store, new, person=None, now=now)
        with store.read() as r:
            made = r.value("SELECT max(id) FROM task WHERE deal_id = ?", (deal,))
        if done:
            tasks.complete(store, [made], person=None, now=now)
    elif which == 3 and step < 60:
        payments.add(store, deal, payments.NewPayment(Decimal(step)), person=None, now=now)
    else:
        deals.change(store, deal, {"amount": Decimal(step)}, person=None, now=now)
