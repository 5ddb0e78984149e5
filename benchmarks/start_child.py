"""The program, started as a person would, that tells when its board was painted and moved."""

import json
import sys
import time
from pathlib import Path
from typing import Any

from benchmarks.clock import NOW


def _clock() -> float:
    return time.clock_gettime(time.CLOCK_MONOTONIC)


def _memory() -> float:
    """Resident memory in MB."""
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024
    return 0.0


def main() -> None:
    """Open the window, note the first painted cards, move a deal, wait for it, tell, end."""
    from salesdesk import app

    told: dict[str, float] = {}

    def watch(context: Any, _single: Any, _path: Path) -> None:
        from PySide6.QtCore import QCoreApplication, QTimer

        from salesdesk.ui.board.paint import CardPainter

        paint = CardPainter.paint

        def draw(self: CardPainter, p: Any, cards: Any, **how: Any) -> None:
            paint(self, p, cards, **how)
            if cards:
                told["drawn"] = 1.0

        setattr(CardPainter, "paint", draw)  # noqa: B010 - a hook, for this measurement alone

        def done(_result: object) -> None:
            told["moved"] = _clock()
            QTimer.singleShot(1500, tell)

        def tell() -> None:
            told["memory"] = _memory()
            print(json.dumps(told))
            QCoreApplication.exit()

        def look() -> None:
            if "drawn" not in told:
                QTimer.singleShot(0, look)
                return
            told["painted"] = _clock()
            from salesdesk.services import deals

            with context.store.read() as r:
                deal, stage = r.row("SELECT id, stage_id FROM deal WHERE stage_id = 1 LIMIT 1")
            context.write(deals.move, [deal], stage + 1, done=done)

        QTimer.singleShot(0, look)

    setattr(app, "_after_first_paint", watch)  # noqa: B010
    app.run(Path(sys.argv[1]), now=NOW)


if __name__ == "__main__":
    main()
