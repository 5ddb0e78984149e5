"""Start to the painted board, beside a bare main window; each in a process of its own.

What is installed has its byte code beside it. So that this is measured whatever the surroundings
say, it is kept in a folder of each measurement, and a first start that fills it is not counted.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.figures import Figure, median

_BARE = """
import sys, time
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QMainWindow
app = QApplication([])
class Window(QMainWindow):
    def paintEvent(self, event):
        super().paintEvent(event)
        QTimer.singleShot(0, done)
def done():
    print(time.clock_gettime(time.CLOCK_MONOTONIC)); app.exit()
window = Window(); window.resize(1440, 900); window.show(); app.exec()
"""


def _run(arguments: list[str], home: str) -> tuple[float, list[str]]:
    environment = {
        **os.environ, "QT_QPA_PLATFORM": "offscreen", "SALESDESK_HOME": home,
        "PYTHONPYCACHEPREFIX": os.path.join(home, "bytecode"),
    }  # fmt: skip
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    began = time.clock_gettime(time.CLOCK_MONOTONIC)
    done = subprocess.run(
        arguments, env=environment, capture_output=True, text=True, timeout=120, check=True
    )
    return began, done.stdout.splitlines()


class _Bare:
    """An empty main window: milliseconds from the start of the process to painted."""

    def __init__(self, home: Path) -> None:
        self._home = str(home / "bare")
        self.painted: list[float] = []
        _run([sys.executable, "-c", _BARE], self._home)

    def start(self) -> None:
        began, answer = _run([sys.executable, "-c", _BARE], self._home)
        self.painted.append((float(answer[-1]) - began) * 1000)


class _Board:
    """SalesDesk with a workspace: milliseconds to the painted board and to the first move done;
    memory in MB."""

    def __init__(self, path: Path, home: Path) -> None:
        self._words = [sys.executable, "-m", "benchmarks.start_child", str(path)]
        self._home = str(home / path.stem)
        self.painted: list[float] = []
        self.moved: list[float] = []
        self.memory: list[float] = []
        _run(self._words, self._home)

    def start(self) -> None:
        began, answer = _run(self._words, self._home)
        told = json.loads(answer[-1])
        self.painted.append((told["painted"] - began) * 1000)
        self.moved.append((told["moved"] - began) * 1000)
        self.memory.append(told["memory"])


def figures(large: Path, small: Path, times: int = 7) -> list[Figure]:
    """Lines for the start (medians). All start in turns: the speed of a machine changes."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        bare, few, many = _Bare(home), _Board(small, home), _Board(large, home)
        for _ in range(times):
            for one in (bare, few, many):
                one.start()
    floor, painted, small_painted = median(bare.painted), median(many.painted), median(few.painted)
    first, memory = median(many.moved), median(many.memory)
    ratio, growth = painted / floor, painted / small_painted
    moved = first / floor
    return [
        Figure("start to board painted, large workspace", f"{painted:.0f} ms",
               f"{floor:.0f} ms", f"<= 2 x (is {ratio:.2f})", ratio <= 2),
        Figure("the same beside a small workspace", f"{painted:.0f} ms",
               f"{small_painted:.0f} ms (small)", f"<= 1.15 x (is {growth:.2f})", growth <= 1.15),
        Figure("first move possible (and durable)", f"{first:.0f} ms", f"{floor:.0f} ms",
               f"<= 5 x (is {moved:.2f})", moved <= 5),
        Figure("memory with the board open", f"{memory:.0f} MB", "", "<= 300 MB",
               memory <= 300),
    ]  # fmt: skip
