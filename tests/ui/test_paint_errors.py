"""What cannot be painted is told in the window, and the window goes on."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.desk import small_workspace

_FAILS = """
import pathlib
import sys
from salesdesk import app

failed, told = [], []


def fails(*_, **__):
    failed.append(1)
    raise RuntimeError("no such colour")


def watch(context, single, path):
    from PySide6.QtCore import QCoreApplication, QTimer
    from PySide6.QtWidgets import QApplication, QWidget
    from salesdesk.ui.board.paint import CardPainter

    context.problem.connect(told.append)
    setattr(CardPainter, sys.argv[2], fails)

    def paint():
        for window in QApplication.topLevelWidgets():
            for each in window.findChildren(QWidget):
                each.update()

    def end():
        print(len(failed), len(told), type(told[0]).__name__ if told else "")
        QCoreApplication.exit()

    for delay in (100, 400, 700):
        QTimer.singleShot(delay, paint)
    QTimer.singleShot(1200, end)


app._after_first_paint = watch
sys.exit(app.run(pathlib.Path(sys.argv[1]), language="en"))
"""


@pytest.mark.parametrize("where", ["_lay_out", "paint"])
def test_an_error_while_painting_does_not_end_the_program(tmp_path: Path, where: str) -> None:
    around = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "SALESDESK_HOME": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", _FAILS, str(small_workspace(tmp_path)), where],
        env=around, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    failed, told, kind = done.stdout.split()
    assert int(failed) >= 3
    assert (int(told) >= 1, kind) == (True, "Problem")
    assert "no such colour" in done.stderr
