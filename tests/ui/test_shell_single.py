"""One window a workspace: the second start raises the first, a crash leaves no lock."""

import subprocess
import sys
from pathlib import Path

from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from salesdesk.ui.single import Single, bring_to_front, name_of

_FIRST = """
import os, sys, time
from pathlib import Path
from salesdesk.ui.single import Single
single = Single(Path(sys.argv[1]), Path(sys.argv[2]))
print("first" if single.claim() else "second", flush=True)
time.sleep(60)
"""
_SECOND = """
import sys
from pathlib import Path
from salesdesk.ui.single import Single
print("first" if Single(Path(sys.argv[1]), Path(sys.argv[2])).claim() else "second", flush=True)
"""


def _start(script: str, tmp_path: Path) -> "subprocess.Popen[str]":
    workspace = tmp_path / "sales.salesdesk"
    return subprocess.Popen(
        [sys.executable, "-c", script, str(workspace), str(tmp_path)],
        stdout=subprocess.PIPE,
        text=True,
    )


def _said(process: "subprocess.Popen[str]") -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def test_a_second_start_raises_the_first_window(qtbot: QtBot, tmp_path: Path) -> None:
    single = Single(tmp_path / "sales.salesdesk", tmp_path)
    assert single.claim()
    single.listen()
    with qtbot.waitSignal(single.raised, timeout=10_000):
        second = _start(_SECOND, tmp_path)
    assert _said(second) == "second"
    assert second.wait(5) == 0
    assert second.stdout is not None
    second.stdout.close()
    single.release()


def test_a_crash_leaves_no_lock(qtbot: QtBot, tmp_path: Path) -> None:
    for _ in range(3):
        crashed = _start(_FIRST, tmp_path)
        assert _said(crashed) == "first"
        crashed.kill()
        crashed.wait()
        assert crashed.stdout is not None
        crashed.stdout.close()
    after = Single(tmp_path / "sales.salesdesk", tmp_path)
    assert after.claim()
    after.listen()
    after.release()


def test_another_workspace_is_another_window(tmp_path: Path) -> None:
    one, two = Single(tmp_path / "one", tmp_path), Single(tmp_path / "two", tmp_path)
    assert one.claim()
    assert two.claim()
    assert name_of(tmp_path / "one") == name_of(tmp_path / "x" / ".." / "one")
    one.release()
    two.release()


def test_without_a_place_for_the_lock_a_window_opens(tmp_path: Path) -> None:
    assert Single(tmp_path / "one", tmp_path / "no such folder").claim()


def test_to_the_front(qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    window.showMinimized()
    bring_to_front(window)
    assert window.isVisible()
    assert not window.isMinimized()
