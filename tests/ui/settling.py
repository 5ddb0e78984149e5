"""A window that is opened for a test, and waiting until it is done."""

from collections.abc import Callable, Sequence

from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from salesdesk.ui.context import Context
from salesdesk.ui.main_window import MainWindow
from salesdesk.ui.page import PageSpec


def window_on(
    qtbot: QtBot, context: Context, specs: Sequence[PageSpec], size: tuple[int, int] = (1280, 720)
) -> MainWindow:
    """The main window with these pages, shown and active."""
    window = MainWindow(context, specs)
    qtbot.addWidget(window)
    window.resize(*size)
    window.show()
    qtbot.waitExposed(window)
    window.activateWindow()
    return window


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
