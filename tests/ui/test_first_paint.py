"""A start stays quick: what the first picture of the board does not need comes after it."""

import os
import subprocess
import sys

import pytest

from tests.e2e.desk import small_workspace

_START = """
import pathlib
import sys
from salesdesk import app

def watch(context, single, path):
    from PySide6.QtCore import QCoreApplication, QTimer

    def tell():
        print(" ".join(sorted(sys.modules)))
        QCoreApplication.exit()

    QTimer.singleShot(0, tell)

app._after_first_paint = watch
sys.exit(app.run(pathlib.Path(sys.argv[1]), language="en"))
"""
_LATER = (
    "pandas", "numpy", "pyqtgraph", "alembic", "sqlalchemy", "sqlmodel", "openpyxl", "lxml",
    "babel", "holidays", "phonenumbers", "rapidfuzz", "keyring", "PySide6.QtNetwork",
    "PySide6.QtSvg", "salesdesk.ui.welcome", "salesdesk.ui.deal", "salesdesk.ui.tasks",
    "salesdesk.ui.clients", "salesdesk.ui.contractors", "salesdesk.ui.quoting",
    "salesdesk.ui.control", "salesdesk.ui.history", "salesdesk.ui.ranking", "salesdesk.ui.reports",
    "salesdesk.ui.imports", "salesdesk.ui.settings", "salesdesk.ui.palette",
    "salesdesk.ui.restyling", "salesdesk.services.beginnings", "salesdesk.services.history",
    "salesdesk.services.task_lists", "salesdesk.services.tasks", "salesdesk.services.automation",
    "salesdesk.services.deals", "salesdesk.ui.sync", "platform", "platformdirs", "argparse",
    "logging",
)  # fmt: skip


def test_what_the_first_picture_does_not_need_comes_later(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    folder = tmp_path_factory.mktemp("start")
    path = small_workspace(folder)
    around = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "SALESDESK_HOME": str(folder)}
    done = subprocess.run(
        [sys.executable, "-c", _START, str(path)],
        env=around, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    imported = set(done.stdout.split())
    assert "salesdesk.ui.board.panel" in imported
    early = {each for each in imported for name in _LATER if f"{each}.".startswith(f"{name}.")}
    assert not early
