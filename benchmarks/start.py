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


def bare_window(times: int) -> float:
    """Milliseconds from the start of the process to a painted empty window (median)."""
    found = []
    with tempfile.TemporaryDirectory() as home:
        _run([sys.executable, "-c", _BARE], home)
        for _ in range(times):
            began, answer = _run([sys.executable, "-c", _BARE], home)
            found.append((float(answer[-1]) - began) * 1000)
    return median(found)


def board(path: Path, times: int) -> dict[str, float]:
    """Milliseconds to the painted board and to the first move done; memory in MB (medians)."""
    found: dict[str, list[float]] = {"painted": [], "moved": [], "memory": []}
    with tempfile.TemporaryDirectory() as home:
        child = [sys.executable, "-m", "benchmarks.start_child", str(path)]
        _run(child, home)
        for _ in range(times):
            began, answer = _run(child, home)
            told = json.loads(answer[-1])
            found["painted"].append((told["painted"] - began) * 1000)
            found["moved"].append((told["moved"] - began) * 1000)
            found["memory"].append(told["memory"])
    return {name: median(values) for name, values in found.items()}


def figures(large: Path, small: Path, times: int = 7) -> list[Figure]:
    """Lines for the start."""
    floor = bare_window(times)
    few, many = board(small, times), board(large, times)
    ratio, growth = many["painted"] / floor, many["painted"] / few["painted"]
    moved = many["moved"] / floor
    return [
        Figure("start to board painted, large workspace", f"{many['painted']:.0f} ms",
               f"{floor:.0f} ms", f"<= 2 x (is {ratio:.2f})", ratio <= 2),
        Figure("the same beside a small workspace", f"{many['painted']:.0f} ms",
               f"{few['painted']:.0f} ms (small)", f"<= 1.15 x (is {growth:.2f})", growth <= 1.15),
        Figure("first move possible (and durable)", f"{many['moved']:.0f} ms", f"{floor:.0f} ms",
               f"<= 5 x (is {moved:.2f})", moved <= 5),
        Figure("memory with the board open", f"{many['memory']:.0f} MB", "", "<= 300 MB",
               many["memory"] <= 300),
    ]  # fmt: skip
