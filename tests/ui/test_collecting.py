"""Cyclic garbage is destroyed on the GUI thread while a window is open, and by Python after it."""

import gc
import threading
import weakref
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QTimer
from pytestqt.qtbot import QtBot

from salesdesk.ui.collecting import Collector, without_collector


class _Ring:
    """Garbage that counting cannot free, with something of Qt in it."""

    def __init__(self, ended: list[str]) -> None:
        self.me = self
        self.timer = QTimer(interval=60_000)
        self.timer.start()
        weakref.finalize(self, lambda: ended.append(threading.current_thread().name))


@pytest.fixture
def collector() -> Iterator[Collector]:
    made = Collector()
    yield made
    made.stop()


def _elsewhere() -> list[list[int]]:
    """What a thread that reads allocates: much more than makes Python collect."""
    rows: list[list[int]] = []

    def read() -> None:
        rows.extend([at] for at in range(200_000))

    thread = threading.Thread(target=read, name="background-0")
    thread.start()
    thread.join()
    return rows


def test_what_qt_has_made_ends_on_the_gui_thread(qtbot: QtBot, collector: Collector) -> None:
    ended: list[str] = []
    _Ring(ended)
    rows = _elsewhere()
    assert rows
    assert ended == []
    qtbot.waitUntil(lambda: bool(ended))
    assert ended == [threading.main_thread().name]


def test_it_rests_while_a_file_is_read(qtbot: QtBot, collector: Collector) -> None:
    ended: list[str] = []
    with without_collector():
        _Ring(ended)
        rows = _elsewhere()
        qtbot.wait(400)
    assert rows
    assert ended == []
    assert not gc.isenabled()
    gc.unfreeze()
    gc.collect()


def test_python_collects_again_when_the_last_window_is_closed(collector: Collector) -> None:
    other = Collector()
    other.stop()
    other.stop()
    assert not gc.isenabled()
    collector.stop()
    assert gc.isenabled()
