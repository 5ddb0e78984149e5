"""A picture, drawn on a screen in memory, is drawn without a word on standard error."""

import subprocess
import sys
from pathlib import Path

from tests.e2e.desk import command, environment

_NOISY = """
from PySide6.QtCore import qWarning
from salesdesk.ui import startup
app = startup.application(offscreen_instead=True)
qWarning("This plugin does not support propagateSizeHints()")
qWarning("something else")
"""


def test_a_picture_is_drawn_quietly(path: Path, tmp_path: Path) -> None:
    picture = tmp_path / "board.png"
    drawing = command(path, "--lang", "en", "screenshot", "board", "--output", str(picture))
    out, err = drawing.communicate(timeout=30)
    assert (drawing.returncode, err) == (0, "")
    assert out == f"board: {picture}\n"
    assert picture.stat().st_size > 10_000


def test_only_that_one_message_is_left_out() -> None:
    ran = subprocess.run(
        [sys.executable, "-c", _NOISY], capture_output=True, text=True, env=environment()
    )
    assert ran.returncode == 0
    assert ran.stderr == "something else\n"
