"""One frame of the board while it scrolls, with 1,000 and with 100,000 cards.

Run ``python -m benchmarks.board_scroll``. A frame is everything from the scroll bar's new value to
the painted backing store, in a window of 1440 x 900 with eight columns.
"""

import gc
import os
import statistics
import time
from collections.abc import Callable

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication

from benchmarks.figures import Figure, median
from salesdesk.ui import startup, theme
from salesdesk.ui.board.paint import CardPainter
from salesdesk.ui.board.state import Board
from salesdesk.ui.board.view import BoardView
from salesdesk.ui.board.words import Wording
from tests.ui.board_story import NOW, ZONE, Story

COLUMNS = 8


def board(app: QApplication, cards: int) -> BoardView:
    """A shown board with ``cards`` cards in eight columns."""
    wording = Wording(ZONE, "RUB", NOW)
    painter = CardPainter(wording)
    state = Board(painter.heights(), wording)
    view = BoardView(state, painter)
    view.resize(1440, 900)
    view.set_folds(dict.fromkeys(range(1, COLUMNS + 1), False))
    state.open(Story([cards // COLUMNS] * COLUMNS))
    state.complete()
    view.show()
    app.processEvents()
    gc.collect()
    gc.freeze()  # the made-up source stands for a database, which holds no objects
    return view


def frame(app: QApplication, step: Callable[[], object]) -> float:
    """Milliseconds of ``step`` and the painting that it causes."""
    start = time.perf_counter()
    step()
    app.sendPostedEvents(None, QEvent.Type.UpdateRequest)
    app.processEvents()
    return (time.perf_counter() - start) * 1000


def wheel(view: BoardView, column: int) -> Callable[[], object]:
    """A notch of the wheel over a column."""
    port = view.lanes[column].cards.viewport()
    at = QPointF(40, 300)

    def turn() -> None:
        event = QWheelEvent(
            at, QPointF(port.mapToGlobal(at.toPoint())), QPoint(0, 0), QPoint(0, -120),
            Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier,
            Qt.ScrollPhase.NoScrollPhase, False,
        )  # fmt: skip
        QApplication.sendEvent(port, event)

    return turn


def jump(view: BoardView, share: float, lanes: slice) -> Callable[[], object]:
    """Drag the scroll bars of some columns to a place."""

    def leap() -> None:
        for lane in view.lanes[lanes]:
            bar = lane.cards.verticalScrollBar()
            bar.setValue(round(bar.maximum() * share))

    return leap


Times = dict[str, list[float]]


def scroll(app: QApplication, view: BoardView, k: int, times: Times) -> None:
    """The ``k``-th frame of each kind on one board."""
    bar = view.lanes[2].cards.verticalScrollBar()
    if bar.value() >= bar.maximum():
        frame(app, lambda: bar.setValue(0))
    times["wheel"].append(frame(app, wheel(view, 2)))
    if k % 4 == 0:
        share = (k * 0.618) % 1
        times["jump"].append(frame(app, jump(view, share, slice(3, 4))))
        times["jump all"].append(frame(app, jump(view, share, slice(None))))


def measure(app: QApplication, sizes: tuple[int, ...], rounds: int = 600) -> list[Times]:
    """Frames in milliseconds for each number of cards: the wheel over a column, jumps.

    The boards take turns, so that whatever else the machine does meets all of them alike.
    """
    views = [board(app, cards) for cards in sizes]
    found: list[Times] = [{"wheel": [], "jump": [], "jump all": []} for _ in sizes]
    for k in range(-40, rounds):
        for view, times in zip(views, found, strict=True):
            kept: Times = {name: [] for name in times}
            scroll(app, view, k, kept if k < 0 else times)
    for view in views:
        view.close()
    return found


def quantile(values: list[float], share: float) -> float:
    """The value that ``share`` of the values do not exceed."""
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def figures(cards: int) -> list[Figure]:
    """Lines for scrolling: the wheel over a column, and one jump of a column."""
    app = startup.application()
    theme.install(app, "light")
    few, many = measure(app, (1_000, cards), 400)
    found = []
    for name in ("wheel", "jump"):
        p99, ratio = quantile(many[name], 0.99), median(many[name]) / median(few[name])
        found.append(
            Figure(f"scrolling, one frame ({name}), {cards:,} cards, p99", f"{p99:.2f} ms",
                   f"{quantile(few[name], 0.99):.2f} ms (1,000)",
                   f"<= 4 ms, <= 1.2 x (is {ratio:.2f})", p99 <= 4 and ratio <= 1.2)
        )  # fmt: skip
    return found


def main() -> None:
    """Print the figures."""
    app = startup.application()
    theme.install(app, "light")
    few, many = measure(app, (1_000, 100_000))
    print("frame, ms      1,000: p50     p99   100,000: p50     p99      x")
    for name, values in few.items():
        others = many[name]
        ratio = statistics.median(others) / statistics.median(values)
        print(
            f"{name:12} {statistics.median(values):12.2f} {quantile(values, 0.99):7.2f}"
            f" {statistics.median(others):14.2f} {quantile(others, 0.99):7.2f} {ratio:6.2f}"
        )


if __name__ == "__main__":
    main()
