"""Waiting until a window is done."""

from collections.abc import Callable

from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from salesdesk.ui.context import Context


def settle(
    qtbot: QtBot,
    context: Context,
    more: Callable[[], bool] = lambda: False,
    *,
    looks: int = 3,
    timeout: int = 5_000,
    rest: int = 20,
) -> None:
    """Until nothing is being written or read, nor is there ``more`` to wait for, at several looks
    one after the other; then the paints of ``rest`` ms."""
    idle = 0

    def quiet() -> bool:
        nonlocal idle
        busy = context.writer.busy() or context.background.pending() or more()
        idle = 0 if busy else idle + 1
        return idle > looks

    qtbot.waitUntil(quiet, timeout=timeout)
    QTest.qWait(rest)
