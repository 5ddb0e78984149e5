"""A page's question is asked again when its data changes: one reading at a time, none unseen."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from salesdesk.models.store import Store
from salesdesk.services import people
from salesdesk.services.writer import Changes
from salesdesk.ui.context import Context
from salesdesk.ui.reading import Reading
from tests.builders import empty_store
from tests.ui.shell_gallery import new_context


@pytest.fixture
def context(qtbot: QtBot, tmp_path: Path) -> Iterator[Context]:
    store: Store = empty_store(tmp_path)
    made = new_context(tmp_path, store)
    yield made
    made.close()
    store.close()


class Asker:
    """A page that shows what it read; ``wish`` is what it is about now."""

    def __init__(self, context: Context, qtbot: QtBot, **chosen: Any) -> None:
        self.page = QWidget()
        qtbot.addWidget(self.page)
        self.qtbot = qtbot
        self.context = context
        self.wish: str | None = "all"
        self.asked: list[str] = []
        self.shown: list[tuple[str, int]] = []
        self.reading = Reading(
            self.page, context, lambda: self.wish, self.count, self.shown.append, **chosen
        )

    def count(self, r: Any, asked: str, *, now: int) -> tuple[str, int]:
        self.asked.append(asked)
        if asked == "bad":
            raise ValueError(asked)
        return asked, len(people.people(r))

    def settle(self) -> None:
        self.qtbot.waitUntil(lambda: not self.reading.is_reading)
        self.qtbot.waitUntil(lambda: self.context.background.pending() == 0)


def changed(*tables: str) -> Changes:
    return Changes(1, "test", "window", dict.fromkeys(tables, (1,)))


def test_wishes_meanwhile_are_one_reading(context: Context, qtbot: QtBot) -> None:
    asker = Asker(context, qtbot)
    for _ in range(10):
        asker.reading.refresh()
    asker.settle()
    assert asker.asked == ["all", "all"]
    assert not asker.reading.is_stale
    assert asker.shown[-1][0] == "all"


def test_an_answer_to_an_older_question_is_not_shown(context: Context, qtbot: QtBot) -> None:
    asker = Asker(context, qtbot)
    asker.reading.refresh()
    asker.wish = "one"
    asker.settle()
    assert [asked for asked, _ in asker.shown] == ["one"]


def test_unseen_it_waits_until_it_is_seen(context: Context, qtbot: QtBot) -> None:
    asker = Asker(context, qtbot, tables=("person", "team"))
    assert asker.reading.seen()
    asker.settle()
    context.bus.changed.emit(changed("deal"))
    assert not asker.reading.seen()
    context.bus.changed.emit(changed("person", "deal"))
    assert asker.reading.is_stale
    assert len(asker.asked) == 1
    asker.page.show()
    assert asker.reading.seen()
    asker.settle()
    context.bus.changed.emit(changed("team"))
    assert asker.reading.is_reading
    asker.settle()
    assert len(asker.asked) == 3


def test_what_is_indifferent_changes_nothing(context: Context, qtbot: QtBot) -> None:
    asker = Asker(context, qtbot, indifferent=("note",))
    asker.reading.refresh()
    asker.settle()
    context.bus.changed.emit(changed("note"))
    assert not asker.reading.is_stale
    context.bus.changed.emit(changed("note", "deal"))
    assert asker.reading.is_stale


def test_changes_are_gathered_for_a_moment(context: Context, qtbot: QtBot) -> None:
    asker = Asker(context, qtbot, calm=30)
    asker.page.show()
    asker.reading.refresh()
    asker.settle()
    for _ in range(20):
        context.bus.changed.emit(changed("deal"))
    assert not asker.reading.is_reading
    qtbot.waitUntil(lambda: len(asker.asked) == 2)
    asker.settle()
    assert len(asker.shown) == 2


def test_nothing_to_ask_and_a_failure(context: Context, qtbot: QtBot) -> None:
    failed: list[Exception] = []

    def on_failed(error: Exception) -> bool:
        failed.append(error)
        return True

    asker = Asker(context, qtbot, failed=on_failed)
    asker.wish = None
    asker.reading.refresh()
    assert not asker.reading.is_reading
    asker.wish = "bad"
    asker.reading.refresh()
    qtbot.waitUntil(lambda: bool(failed))
    assert asker.reading.is_stale
    asker.wish = "good"
    asker.reading.refresh()
    asker.settle()
    assert [asked for asked, _ in asker.shown] == ["good"]
