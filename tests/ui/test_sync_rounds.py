"""Rounds as the page of the sync tells them, and the worker behind it."""

import threading
from pathlib import Path

import pytest
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from salesdesk.services.sync.turn import turn
from salesdesk.services.sync.worker import State
from salesdesk.ui import sync
from salesdesk.ui.sync.lines import Line
from tests.sync.seats import Seat
from tests.ui.sync_desk import (
    Opened,
    a_keyring,
    found,
    opened,
)

__all__ = ["a_keyring", "found", "opened"]
pytestmark = pytest.mark.qt_log_ignore("grabbing the keyboard", extend=True)
WAIT = 5000


def test_a_round_that_ends_is_at_no_moment_told_as_cut_off(opened: Opened, qtbot: QtBot) -> None:
    opened.seat.deal("Crane")
    opened.seat.round()
    panel = opened.page().panel
    goes_on, begun = threading.Event(), threading.Event()

    def waits(_when: str, _what: str) -> None:
        begun.set()
        goes_on.wait(WAIT / 1000)

    opened.way._fault = waits  # type: ignore[method-assign]
    said: list[str] = []
    shows = panel.rounds.show_lines

    def seen(heading: str, lines: list[Line], hint: str = "") -> None:
        said.extend(line.text for line in lines)
        shows(heading, lines, hint)

    panel.rounds.show_lines = seen  # type: ignore[method-assign]
    opened.desk.start()
    qtbot.waitUntil(begun.is_set, timeout=WAIT)
    QTest.qWait(400)  # the page was read anew while the round went on
    goes_on.set()
    qtbot.waitUntil(lambda: opened.rounds() == 2, timeout=WAIT)
    qtbot.waitUntil(lambda: panel.said.text() == "Synced just now", timeout=WAIT)
    QTest.qWait(400)
    assert said
    assert "Cut off" not in said


def test_a_first_reading_that_was_stopped_does_not_say_that_it_reads(opened: Opened) -> None:
    with opened.seat.store.books() as books:
        row = {"remote_id": 1, "name": "move", "cursor": "", "read": 3, "first_done": 0}
        books.insert("sync_stream", [row])
    panel = opened.page().panel
    assert [line.below for line in panel.progress.list.items] == ["not read to its end"]


def test_what_is_being_stopped_says_so(opened: Opened, qtbot: QtBot) -> None:
    """The call that is under way ends first, and that may take seconds."""
    goes_on = threading.Event()
    opened.way.wait = goes_on
    page = opened.page()
    opened.press("sync-now")
    stop = opened.child("sync-stop")
    qtbot.waitUntil(stop.isVisible, timeout=WAIT)
    qtbot.waitUntil(opened.way.called.is_set, timeout=WAIT)  # before it, nothing is under way
    opened.press("sync-stop")
    page.panel.retranslate()
    assert (stop.text(), stop.isEnabled()) == ("Stopping…", False)
    goes_on.set()
    qtbot.waitUntil(lambda: not stop.isVisible(), timeout=WAIT)
    assert (stop.text(), stop.isEnabled()) == ("Stop", True)


def test_a_round_is_told_as_cut_off_unless_it_still_goes_on(opened: Opened, qtbot: QtBot) -> None:
    seat = opened.seat
    seat.deal("Crane")
    seat.round()
    with seat.store.books() as books:
        books.insert("sync_round", [{"remote_id": 1, "started_at": seat.clock.at}])
    rounds = opened.page().panel.rounds.list
    qtbot.waitUntil(lambda: len(rounds.items) == 2, timeout=WAIT)
    opened.desk.worker.state = State(running=True)
    opened.context.sync_told.emit()
    qtbot.waitUntil(lambda: len(rounds.items) == 1, timeout=WAIT)


def test_the_last_round_stays_while_the_next_one_goes_on(opened: Opened, qtbot: QtBot) -> None:
    seat = opened.seat
    seat.round()
    with seat.store.books() as books:
        books.insert("sync_round", [{"remote_id": 1, "started_at": seat.clock.at}])
    opened.desk.worker.state = State(running=True)
    rounds = opened.page().panel.rounds.list
    assert [line.text for line in rounds.items] == ["Nothing new"]


def test_the_worker_stops_with_the_window(qtbot: QtBot, found: Seat, tmp_path: Path) -> None:
    made = Opened(qtbot, found, tmp_path)
    made.desk.start()
    qtbot.waitUntil(lambda: made.rounds() == 1, timeout=WAIT)
    names = [one.name for one in threading.enumerate()]
    assert "sync" in names
    made.close()
    assert "sync" not in [one.name for one in threading.enumerate() if one.is_alive()]


def test_it_begins_by_itself_only_where_a_crm_is_connected(opened: Opened, qtbot: QtBot) -> None:
    with opened.seat.store.books() as books:
        books.update("sync_remote", [{"id": 1, "state": "off"}])
    sync.begin(opened.context)
    QTest.qWait(100)
    assert "sync" not in [one.name for one in threading.enumerate()]
    with opened.seat.store.books() as books:
        books.update("sync_remote", [{"id": 1, "state": "on"}])
    sync.begin(opened.context)
    qtbot.waitUntil(lambda: opened.rounds() == 1, timeout=WAIT)


def test_the_worker_waits_while_another_program_syncs(opened: Opened, qtbot: QtBot) -> None:
    with turn(opened.seat.store):
        opened.desk.now()
        QTest.qWait(200)
        assert opened.rounds() == 0
        assert opened.desk.state.error is None
    opened.desk.now()
    qtbot.waitUntil(lambda: opened.rounds() == 1, timeout=WAIT)
