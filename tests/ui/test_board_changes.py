"""What comes to the board while others write much: every card that says something else is painted
anew, and a column that is still being read is there for whoever asks for it."""

import threading
import time
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from salesdesk.names import key
from salesdesk.services import board as questions
from salesdesk.services import dealfields, lists, pipelines
from salesdesk.services.cards import SortKey
from salesdesk.services.writer import Writer
from salesdesk.ui import theme
from salesdesk.ui.context import Context
from salesdesk.ui.remember import Remember
from tests.builders import empty_store
from tests.ui.board_desk import Desk
from tests.ui.board_page_desk import Open, board, context, desk, pattern
from tests.ui.board_story import NOW

__all__ = ["board", "context", "desk", "pattern"]
pytestmark = pytest.mark.qt_log_ignore("grabbing the keyboard", extend=True)
_BY: Any = {"person": None, "now": NOW}
MANY = 45


def deals_in(desk: Desk, stage: int, count: int, **fields: Any) -> list[int]:
    """So many deals by one command of an import."""
    made = []
    with desk.store.command("test", now=NOW, origin="import") as tx:
        number = tx.value("SELECT max(number) FROM deal")
        for n in range(1, count + 1):
            row = {"number": number + n, "title": f"Long {n}", "title_key": key(f"Long {n}"),
                   "currency": "RUB", **fields}  # fmt: skip
            made += tx.insert("deal", [row])
            move_to(tx, made[-1], stage)
    return made


def move_to(tx: Any, deal: int, stage: int, at: int = NOW - 1000) -> None:
    tx.insert("stage_move", [{"deal_id": deal, "to_stage_id": stage, "at": at, "recorded_at": at}])


def is_true_to_what_is_written(board: Open) -> bool:
    """Whether no visible card is another one than is written now."""
    for lane in board.page.view.lanes:
        shown = list(lane.model.ids)[:4]
        now = board.context.ask(questions.cards, shown, now=NOW)
        if not lane.collapsed and any(lane.model.cards.get(one) != now[one] for one in shown):
            return False
    return True


def rest(board: Open) -> None:
    """Wait until the board has taken in everything that was gathered."""
    board.settle()
    board.qtbot.waitUntil(lambda: not board.page._calm.isActive())
    board.settle()
    assert is_true_to_what_is_written(board)


def test_parents_of_many_children_that_an_import_moves(board: Open) -> None:
    desk = board.desk
    parents = board.ids("New request")[:4]
    with desk.store.read() as r:
        sql = "SELECT s.id, p.id FROM stage s JOIN pipeline p ON p.id = s.pipeline_id "
        first, logistics = r.rows(sql + "WHERE p.name = ?", ("Logistics",))[0]
    second = pipelines.add_stage(desk.store, logistics, "Underway", {"colour": "green"}, **_BY).id
    children = [child for parent in parents
                for child in deals_in(desk, first, MANY // 4 + 1, parent_id=parent)]  # fmt: skip
    rest(board)
    with desk.store.command("test", now=NOW, origin="import") as tx:
        for child in children:
            move_to(tx, child, second, NOW - 10)
    board.qtbot.waitUntil(lambda: is_true_to_what_is_written(board))
    card = board.page.board.cards.get(parents[0])
    assert card is not None
    assert {child.stage for child in card.children} >= {"Underway"}


def test_own_fields_of_others_beside_many_deals(board: Open) -> None:
    desk, [named, *_] = board.desk, board.ids("New request")
    own = lists.add(desk.store, "fields", "Floors", {"subject": "deal", "kind": "number"}, **_BY).id
    dealfields.set_own_field(desk.store, named, own, Decimal(12), **_BY)
    with desk.store.command("field.change", now=NOW) as tx:
        tx.update("custom_field", [{"id": own, "on_card": 1}])
    others = deals_in(desk, desk.stages["Advance paid"], MANY)
    rest(board)
    with desk.store.command("test", now=NOW, origin="import") as tx:
        tx.update("deal", [{"id": one, "title": "Renamed"} for one in others])
        value = tx.value("SELECT id FROM field_value WHERE subject_id = ?", (named,))
        tx.update("field_value", [{"id": value, "value": "14"}])
    board.qtbot.waitUntil(lambda: is_true_to_what_is_written(board))
    card = board.page.board.cards.get(named)
    assert card is not None
    assert [field.value for field in card.fields] == ["14"]


def slowly(monkeypatch: pytest.MonkeyPatch, source: Any, name: str, seconds: float) -> None:
    """Questions that are asked beside the window take so long."""
    real, window = getattr(source, name), threading.get_ident()

    def slow(*given: Any) -> Any:
        found = real(*given)
        if threading.get_ident() != window:
            time.sleep(seconds)
        return found

    monkeypatch.setattr(source, name, slow)


def turn_until(is_so: Callable[[], bool]) -> None:
    until = time.monotonic() + 5
    while not is_so() and time.monotonic() < until:
        QApplication.processEvents()


def test_a_deal_is_shown_while_its_column_is_being_read(
    board: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    deals_in(board.desk, board.desk.stages["Meeting held"], 60)
    board.settle()
    last = board.stored("Meeting held")[-1]
    board.page.open_pipeline(board.page.pipeline_id)
    source: Any = board.page.board._source
    slowly(monkeypatch, source, "ids", 0.2)
    turn_until(lambda: "board-rest" in board.page.board._asked)
    assert last not in board.ids("Meeting held")
    board.page.show_deal(last)
    assert board.page.view.selected_ids() == [last]
    board.settle()
    assert board.page.view.selected_ids() == [last]
    assert board.ids("Meeting held") == board.stored("Meeting held")


def test_a_stage_renamed_meanwhile_keeps_its_new_name(
    board: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = board.desk
    deals_in(desk, desk.stages["Meeting held"], 60)
    rest(board)
    board.page.open_pipeline(board.page.pipeline_id)
    source: Any = board.page.board._source
    slowly(monkeypatch, source, "columns", 0.4)
    turn_until(lambda: "board-rest" in board.page.board._asked)
    QTest.qWait(50)  # it is read by now, and not told
    new = desk.stages["New request"]
    pipelines.change_stage(desk.store, new, {"name": "Fresh"}, person=desk.people[0], now=NOW)
    board.qtbot.waitUntil(lambda: len(board.ids("Meeting held")) == 66)
    board.settle()
    assert board.page.view.lanes[0].model.column.name == "Fresh"


@pytest.mark.parametrize("sort", ["position", "amount"])
def test_another_stage_leaves_the_keyboard_and_the_selection_where_they_were(
    board: Open, sort: SortKey
) -> None:
    desk, view = board.desk, board.page.view
    board.page.filters.sort = sort
    board.page.refilter()
    board.settle()
    chosen = board.ids("New request")[1:3]
    view.select(chosen)
    pipelines.add_stage(
        desk.store, board.page.pipeline_id, "Measured", person=desk.people[0], now=NOW
    )
    board.qtbot.waitUntil(lambda: "Measured" in [x.model.column.name for x in view.lanes])
    board.settle()
    assert view.selected_ids() == chosen
    assert view.focus_lane() is board.lane("New request")
    assert view.acting_ids() == chosen


def test_the_first_pipeline_is_shown_and_another_one_where_it_was_deleted(
    qtbot: QtBot, tmp_path: Path, qapp: QApplication
) -> None:
    """A workspace without pipelines gets them by an import or by hand, the board being open."""
    theme.install(qapp, "light")
    with empty_store(tmp_path) as store:
        context = Context(store, Writer(store), lambda: NOW, Remember(tmp_path / "window.ini"))
        board = Open(qtbot, Desk(store, 0, {}, []), context)
        assert board.page.switcher.isHidden()
        first = pipelines.add_pipeline(store, "Sales", **_BY).id
        pipelines.add_stage(store, first, "Asked", **_BY)
        other = pipelines.add_pipeline(store, "Service", **_BY).id
        rest(board)
        assert (board.page.pipeline_id, board.page.switcher.text()) == (first, "Sales")
        assert [lane.model.column.name for lane in board.page.view.lanes] == ["Asked"]
        pipelines.delete_pipeline(store, first, **_BY)
        rest(board)
        assert (board.page.pipeline_id, board.page.switcher.text()) == (other, "Service")
        context.close()
