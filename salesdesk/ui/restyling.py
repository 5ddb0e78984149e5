"""Dressing the widgets anew for another palette: those that are seen at once, the rest when idle.

The style sheet names roles of the palette (``style.Ink``); Qt keeps the colours that it found for
each widget until the widget is polished again, which costs some 0.15 ms a widget. Setting the sheet
again would cost five times as much: it also lays everything out anew.
"""

import time
from collections import deque

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QWidget
from shiboken6 import isValid

#: Of a frame (16 ms) a slice leaves the larger part to whatever the person does.
_SLICE_SECONDS = 0.006
_AMONG = 16

_waiting: deque[QWidget] = deque()
_timer: QTimer | None = None


def begin(app: QApplication) -> None:
    """The palette was replaced: dress what is seen now, and begin with what is not."""
    global _timer
    widgets = app.allWidgets()
    _waiting.clear()
    _waiting.extend(widget for widget in widgets if not widget.isVisible())
    _dress([widget for widget in widgets if widget.isVisible()])
    if _timer is None:
        _timer = QTimer(app)
        _timer.timeout.connect(_on_idle)
    _timer.start(0)


def finish(top: QWidget) -> None:
    """Dress whatever waits in ``top`` now: it is about to be shown."""
    if not _waiting:
        return
    inside = {widget for widget in _waiting if isValid(widget) and top.isAncestorOf(widget)}
    inside |= {top} & set(_waiting)
    if inside:
        rest = [widget for widget in _waiting if widget not in inside]
        _waiting.clear()
        _waiting.extend(rest)
        _dress(inside)


def waiting() -> int:
    """How many widgets are still to be dressed."""
    return len(_waiting)


def _on_idle() -> None:
    until = time.perf_counter() + _SLICE_SECONDS
    while _waiting and time.perf_counter() < until:
        _dress([_waiting.popleft() for _ in range(min(_AMONG, len(_waiting)))])
    if not _waiting and _timer is not None:
        _timer.stop()


def _dress(widgets: "list[QWidget] | set[QWidget]") -> None:
    if not widgets:
        return
    style = QApplication.style()
    for widget in widgets:
        if isValid(widget):
            style.polish(widget)
            widget.update()
