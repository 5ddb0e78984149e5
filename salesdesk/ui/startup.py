"""The Qt application and its timers, for ``salesdesk.app`` (which itself knows no Qt)."""

import os
import sys
import time
from collections.abc import Callable

from PySide6.QtCore import (
    QMessageLogContext,
    QObject,
    Qt,
    QTimer,
    QtMsgType,
    qFormatLogMessage,
    qInstallMessageHandler,
)
from PySide6.QtWidgets import QApplication, QWidget

from salesdesk.errors import SalesDeskError
from salesdesk.text import N_

#: Seconds (Python's own choice is ten times as long): what the window's thread waits for its turn
#: while another one computes. The work beside it takes no longer by it.
_TURN = 0.0005
_NOISE = "This plugin does not support propagateSizeHints()"


def application(offscreen_instead: bool = False) -> QApplication:
    """The one Qt application. Raises SalesDeskError where there is no screen, unless pictures may
    be drawn in memory."""
    _check_screen(offscreen_instead)
    present = QApplication.instance()
    if isinstance(present, QApplication):
        return present
    sys.setswitchinterval(_TURN)
    QApplication.setHighDpiScaleFactorRoundingPolicy(
        Qt.HighDpiScaleFactorRoundingPolicy.PassThrough
    )
    made = QApplication(sys.argv[:1])
    if QApplication.platformName() == "offscreen":
        qInstallMessageHandler(_on_message)
    made.setApplicationName("SalesDesk")
    made.setDesktopFileName("salesdesk")
    return made


def _on_message(kind: QtMsgType, context: QMessageLogContext, message: str) -> None:
    """Print what Qt says, but for one thing that a screen in memory says of every window."""
    if message != _NOISE:
        sys.stderr.write(qFormatLogMessage(kind, context, message) + "\n")


def has_screen() -> bool:
    """Whether a window can open here."""
    names = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    return not sys.platform.startswith("linux") or any(os.environ.get(name) for name in names)


def _check_screen(offscreen_instead: bool) -> None:
    """Without a screen Qt would abort: say it in a sentence, or draw in memory."""
    if has_screen():
        return
    if not offscreen_instead:
        raise SalesDeskError(
            N_("There is no screen"),
            N_("No window can open here; the command line works without one (salesdesk --help)."),
        )
    os.environ["QT_QPA_PLATFORM"] = "offscreen"


def system_language() -> str:
    """``ru`` on a Russian system, else ``en``."""
    by_name = sys.platform.startswith("linux")
    if by_name:  # knowing QLocale would cost the first start 10 ms
        from salesdesk.services import machine_locale

        return machine_locale.language()
    from PySide6.QtCore import QLocale

    return "ru" if QLocale.system().language() == QLocale.Language.Russian else "en"


def later(owner: QObject, milliseconds: int, run: Callable[[], object]) -> None:
    """Call once, when so much time has passed, while ``owner`` lives."""
    QTimer.singleShot(milliseconds, owner, run)


def every(owner: QObject, milliseconds: int, run: Callable[[], object]) -> None:
    """Call again and again while ``owner`` lives."""
    timer = QTimer(owner)
    timer.timeout.connect(run)
    timer.start(milliseconds)


def settle(app: QApplication, is_busy: Callable[[], bool], most_seconds: float = 10.0) -> None:
    """Let a page finish reading and painting: until nothing has happened for a moment."""
    until = time.monotonic() + most_seconds
    quiet = 0
    while quiet < 30 and time.monotonic() < until:
        app.processEvents()
        time.sleep(0.02)
        quiet = 0 if is_busy() else quiet + 1


def covering(app: QApplication, size: tuple[int, int]) -> QWidget | None:
    """What covers the whole screen (the ranking on the wall), made as large as asked."""
    for top in app.topLevelWidgets():
        if top.isVisible() and top.property("covers"):
            top.showNormal()
            top.resize(*size)
            return top
    return None


def save_picture(widget: QWidget, file: str) -> bool:
    """Save a picture of a widget; false when the file cannot be written."""
    return widget.grab().save(file)
