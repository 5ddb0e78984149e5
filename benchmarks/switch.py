"""Another theme, another language: with every page made, beside painting the window once."""

import os
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.clock import NOW
from benchmarks.figures import Figure, median

_MOST_MS = 300.0


def _timed(application: Any, run: Callable[[], object]) -> float:
    """Milliseconds until it is done and painted."""
    began = time.perf_counter()
    run()
    application.processEvents()
    return (time.perf_counter() - began) * 1000


def _all_pages(window: Any, application: Any, context: Any) -> int:
    """Make every page, the sections of the settings and the panel of a deal; how many widgets."""
    from salesdesk.ui import startup
    from salesdesk.ui.settings.panel import SECTIONS

    with context.store.read() as r:
        deal = r.value("SELECT id FROM deal WHERE deleted_at IS NULL LIMIT 1")
    items: list[tuple[str, object]] = [(spec.key, None) for spec in window.specs]
    items += [("settings", section[0]) for section in SECTIONS]
    for key, item in [*items, ("board", deal)]:
        window.open_page(key, item)
        startup.settle(application, lambda: context.background.pending() > 0)
    return len(application.allWidgets())


def figures(path: Path, times: int = 9) -> list[Figure]:
    """Lines for the switches: the worst of both directions."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from salesdesk import app
    from salesdesk.ui import restyling, startup, theme

    application = startup.application(offscreen_instead=True)
    hook = sys.excepthook
    with tempfile.TemporaryDirectory() as home:
        store = app._open(path, NOW)
        context = app._context(store, path, lambda: NOW, "en", Path(home) / "window.ini")
        window = app._window(application, context, "light")
        window.resize(1440, 900)
        window.show()
        widgets = _all_pages(window, application, context)
        floor = median([_timed(application, window.repaint) for _ in range(times)])
        themes: dict[theme.Mode, list[float]] = {"dark": [], "light": []}
        rest: list[float] = []
        words: dict[str, list[float]] = {"ru": [], "en": []}
        for _ in range(times):
            for mode, found in themes.items():
                found.append(_timed(application, partial(theme.set_mode, mode)))
                began = time.perf_counter()
                while restyling.waiting():
                    application.processEvents()
                rest.append((time.perf_counter() - began) * 1000)
            for code, found in words.items():
                found.append(_timed(application, partial(context.set_language, code)))
        window.close()
        context.close()
        store.close()
    sys.excepthook = hook
    theme_ms = max(median(found) for found in themes.values())
    words_ms = max(median(found) for found in words.values())
    return [
        _line(f"another theme, all pages made ({widgets} widgets)", theme_ms, floor),
        Figure(
            "the same: what is not seen, in slices afterwards",
            f"{median(rest):.0f} ms",
            "",
            "slices of 6 ms",
            None,
        ),
        _line("another language, all pages made", words_ms, floor),
    ]


def _line(name: str, found: float, floor: float) -> Figure:
    return Figure(name, f"{found:.0f} ms", f"{floor:.0f} ms (one painting)",
                  f"<= {_MOST_MS:.0f} ms ({found / floor:.1f} x)", found <= _MOST_MS)  # fmt: skip
