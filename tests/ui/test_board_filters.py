"""Filtering the board: by typing, by parts, by saved filters; its address, and the way back."""

from array import array
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from salesdesk.services import board as questions
from salesdesk.services import deals, people, saved_filters
from salesdesk.services.cards import BoardFilter
from salesdesk.ui import theme
from salesdesk.ui.board import narrow
from salesdesk.ui.board.narrow import Searchable
from salesdesk.ui.board.source import ColumnIds
from salesdesk.ui.board.state import FIRST
from salesdesk.ui.context import Context
from salesdesk.ui.widgets.filter_editors import Days, Many, Range
from salesdesk.ui.widgets.saved import SavedFilters
from tests.ui.board_desk import Desk, new_context, new_desk
from tests.ui.board_page_desk import Open, desk
from tests.ui.board_story import NOW

__all__ = ["desk"]
pytestmark = pytest.mark.qt_log_ignore("grabbing the keyboard", extend=True)
LEFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
KEY = Qt.Key


@pytest.fixture(scope="module")
def pattern(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """A workspace made once; each test gets a copy."""
    made = new_desk(
        tmp_path_factory.mktemp("filters") / "pattern.salesdesk", (40, 8, 6, 4, 3, 3, 4)
    )
    made.store.close()
    return made


@pytest.fixture
def context(desk: Desk, tmp_path: Path) -> Iterator[Context]:
    made = new_context(desk, tmp_path)
    made.set_person(desk.people[0], "Maria Kim", "admin")
    yield made
    made.close()


@pytest.fixture
def board(qtbot: QtBot, qapp: Any, desk: Desk, context: Context) -> Open:
    theme.install(qapp, "light")
    return Open(qtbot, desk, context)


def shown(board: Open) -> dict[int, list[int]]:
    return {model.column.id: list(model.ids) for model in board.page.board.columns if model.loaded}


def wanted(board: Open, chosen: BoardFilter) -> dict[int, list[int]]:
    return {
        stage: list(board.context.ask(questions.ids, stage, chosen, now=NOW))
        for stage in shown(board)
    }


def popover(board: Open, kind: type[QWidget]) -> Any:
    found = [each for each in board.page.findChildren(kind) if each.isVisible()]
    assert len(found) == 1
    return found[0]


def prepare(board: Open) -> None:
    board.page.filters.focus_field()
    board.page.board.prepare()
    board.qtbot.waitUntil(board.page.board.is_prepared)


@pytest.mark.parametrize("typed", ["crane", "Ural", "GOROD", "zzz", "a"])
def test_typing_filters_in_memory_as_the_database_does(board: Open, typed: str) -> None:
    prepare(board)
    for at in range(len(typed)):
        QTest.keyClicks(board.page.filters.field, typed[at])
        assert board.page.board.is_prepared()
        counts = {c.column.id: c.column.count for c in board.page.board.columns}
        ids = wanted(board, BoardFilter(text=typed[: at + 1]))
        assert {stage: counts[stage] for stage in ids} == {s: len(i) for s, i in ids.items()}
        # What is seen is there at once, the rest after the next picture.
        for stage, order in shown(board).items():
            assert order[:FIRST] == ids[stage][:FIRST]
    board.settle()
    assert shown(board) == wanted(board, BoardFilter(text=typed))
    board.qtbot.waitUntil(lambda: all(c.column.summed for c in board.page.board.columns))
    columns = board.context.ask(
        questions.columns, board.desk.pipeline, BoardFilter(text=typed), now=NOW
    )
    assert [c.column.amount for c in board.page.board.columns] == [c.amount for c in columns]
    board.page.filters.field.clear()
    board.settle()
    assert shown(board) == wanted(board, BoardFilter())


@given(st.lists(st.text("abя \n", max_size=6), max_size=60), st.text("abя", max_size=3))
def test_the_first_of_many_are_the_first_of_all(words: list[str], needle: str) -> None:
    ids = array("q", range(100, 100 + len(words)))
    column = Searchable(ColumnIds(ids), dict(zip(ids, words, strict=True)))
    every = [i for i, text in zip(ids, words, strict=True) if needle in text]
    assert list(column.matching(needle)) == every
    for limit in (1, 3, 100):
        assert list(column.first(needle, limit)) == every[:limit]


def test_a_long_column_is_counted_after_the_picture(
    board: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(narrow, "_FEW", 0)
    prepare(board)
    for typed in ("a", "ar", "zz"):
        board.page.filters.field.setText(typed)
        ids = wanted(board, BoardFilter(text=typed))
        for stage, order in shown(board).items():
            assert order[:FIRST] == ids[stage][:FIRST]
        board.qtbot.waitUntil(lambda ids=ids: shown(board) == ids)  # type: ignore[misc]
        counts = {c.column.id: c.column.count for c in board.page.board.columns}
        assert {stage: counts[stage] for stage in ids} == {s: len(i) for s, i in ids.items()}


def test_a_number_finds_its_deal(board: Open) -> None:
    deal = board.ids("Meeting held")[1]
    number = board.context.ask(lambda r: r.value("SELECT number FROM deal WHERE id = ?", (deal,)))
    prepare(board)
    QTest.keyClicks(board.page.filters.field, f"#{number}")
    board.settle()
    assert [i for ids in shown(board).values() for i in ids] == [deal]


def test_what_is_written_meanwhile_is_found(board: Open) -> None:
    prepare(board)
    QTest.keyClicks(board.page.filters.field, "zebra")
    board.settle()
    stage = board.desk.stages["New request"]
    by: Any = {"person": None, "now": NOW}
    deals.create(board.desk.store, deals.NewDeal("Zebra crossing", stage, 1), **by)
    board.qtbot.waitUntil(lambda: len(board.ids("New request")) == 1)
    board.qtbot.waitUntil(board.page.board.is_prepared, timeout=3000)
    QTest.keyClick(board.page.filters.field, KEY.Key_Backspace)
    assert len(board.ids("New request")) == 1


def test_parts_are_chosen_in_popovers_shown_as_chips_and_taken_away(board: Open) -> None:
    bar = board.page.filters
    bar.more.button.open()
    bar.more.edit("people", bar.more.button)
    many = popover(board, Many)
    names = [many.list.item(row).text() for row in range(many.list.count())]
    QTest.keyClicks(many.field, "olga")
    board.qtbot.waitUntil(lambda: many.list.count() == 1)
    QTest.keyClick(many.field, KEY.Key_Return)
    many.close()
    board.settle()
    olga = board.desk.people[3]
    assert "Olga Smirnova" in names
    assert bar.texts() == {"people": str(olga)}
    assert shown(board) == wanted(board, BoardFilter(owner_ids=frozenset({olga})))
    bar.more.edit("amount", bar.more.button)
    amounts = popover(board, Range)
    QTest.keyClicks(amounts.low, "250,000")
    QTest.keyClicks(amounts.high, "1.500")
    amounts.low.editingFinished.emit()
    assert bar.texts()["amount"] == "250000..1500"
    amounts.high.clear()
    amounts.low.clear()
    QTest.keyClicks(amounts.low, "500 000")
    QTest.keyClick(amounts.low, KEY.Key_Return)
    board.settle()
    assert bar.texts()["amount"] == "500000.."
    chip = bar.more.chips["amount"]
    assert "500" in chip.text()
    assert "Amount" in chip.accessibleName()
    both = {i for ids in shown(board).values() for i in ids}
    chip.setFocus()
    QTest.keyClick(chip, KEY.Key_Delete)
    board.settle()
    assert "amount" not in bar.texts()
    assert both < {i for ids in shown(board).values() for i in ids}
    person = bar.more.chips["people"]
    QTest.mouseClick(person, LEFT, NONE, QPoint(person.width() - 12, person.height() // 2))
    board.settle()
    assert bar.texts() == {}
    assert shown(board) == wanted(board, BoardFilter())


def test_days_by_name_and_a_wrong_amount(board: Open) -> None:
    bar = board.page.filters
    bar.more.edit("entered", bar.more.button)
    popover(board, Days).buttons["week"].click()
    board.settle()
    assert bar.texts() == {"entered": "week"}
    bar.more.edit("amount", bar.more.button)
    amounts = popover(board, Range)
    QTest.keyClicks(amounts.low, "many")
    amounts.low.editingFinished.emit()
    assert "number" in amounts.problem.text()
    assert bar.texts() == {"entered": "week"}


def test_back_and_forward_walk_through_filters_pipelines_and_deals(board: Open) -> None:
    page, window = board.page, board.window
    [_, logistics] = [pipeline.id for pipeline in page.pipelines]
    page.filters.chips["mine"].click()
    board.settle()
    page.open_pipeline(logistics)
    page.open_deal(7)
    board.settle()
    assert str(window.address()) == f"board?pipeline={logistics}&who=mine&deal=7"
    left: list[int] = []
    page.deal_left.connect(lambda: left.append(1))
    QTest.keyClick(window, KEY.Key_Left, Qt.KeyboardModifier.AltModifier)
    assert left == [1]
    page.deal_closed()
    window.back.click()
    board.settle()
    assert page.pipeline_id == board.desk.pipeline
    assert page.filters.chips["mine"].isChecked()
    window.back.click()
    board.settle()
    assert not page.filters.chips["mine"].isChecked()
    assert shown(board) == wanted(board, BoardFilter())
    window.ahead.click()
    board.settle()
    assert page.filters.chips["mine"].isChecked()


def test_typing_on_is_one_step(board: Open) -> None:
    prepare(board)
    QTest.keyClicks(board.page.filters.field, "crane")
    assert board.window.address().parts["text"] == "crane"
    board.page.filters.chips["overdue"].click()
    board.window.back.click()
    assert board.page.filters.texts() == {"text": "crane"}


def test_an_address_is_gone_to_and_one_that_is_wrong_is_said(board: Open) -> None:
    context, page = board.context, board.page
    said: list[str] = []
    context.problem.connect(lambda problem: said.append(problem.message))
    context.go_to(f"board?people={board.desk.people[1]}&sort=amount&text=ra")
    board.settle()
    assert page.filters.texts() == {"people": str(board.desk.people[1]), "text": "ra"}
    assert page.board.sort == "amount"
    context.go_to("board?amount=lots&deal=x&pipeline=99&date=never")
    board.settle()
    assert "amount=lots" in said[0]
    assert page.filters.texts() == {}
    assert shown(board) == wanted(board, BoardFilter())
    context.go_to("nowhere?x=1")
    assert "nowhere" in board.toast()


def test_the_last_address_is_remembered(
    board: Open, qtbot: QtBot, desk: Desk, context: Context
) -> None:
    board.page.filters.choose({"overdue": "1", "amount": "200000..", "text": "ra"})
    board.page.filters.more.edit("people", board.page.filters.more.button)
    popover(board, Many).close()
    board.settle()
    again = Open(qtbot, desk, context)
    assert again.page.filters.texts() == {"overdue": "1", "amount": "200000.."}
    chosen = again.page.whose.resolved()
    assert shown(again) == wanted(again, chosen)


def test_filters_are_saved_chosen_and_removed(board: Open) -> None:
    page = board.page
    page.filters.choose({"who": "mine", "stuck": "1"})
    page.filters.saved.open()
    saved = popover(board, SavedFilters)
    QTest.keyClicks(saved.name, "My stuck ones")
    saved.shared.click()
    QTest.keyClick(saved.name, KEY.Key_Return)
    board.settle()
    assert "My stuck ones" in board.toast()
    page.filters.clear()
    board.settle()
    page.filters.saved.open()
    saved = popover(board, SavedFilters)
    assert saved.whose.text() == "For everybody"
    QTest.keyClick(saved.list, KEY.Key_Return)
    board.settle()
    assert page.filters.texts() == {"who": "mine", "stuck": "1"}
    page.filters.saved.open()
    popover(board, SavedFilters).remove.click()
    board.settle()
    assert board.context.ask(saved_filters.saved_filters, "board", 1) == []
    board.context.undo()
    board.settle()
    [kept] = board.context.ask(saved_filters.saved_filters, "board", 1)
    assert kept.name == "My stuck ones"


def test_a_manager_sees_the_own_deals(board: Open) -> None:
    by: Any = {"person": None, "now": NOW}
    store, context = board.desk.store, board.context
    manager = people.add_person(store, "Petr Novikov", {"role": "manager"}, **by).id
    stage = board.desk.stages["Meeting held"]
    [mine] = deals.create(store, deals.NewDeal("Mine", stage, manager), **by).deal_ids
    [free] = deals.create(store, deals.NewDeal("Nobody's", stage, None), **by).deal_ids
    context.set_person(manager, "Petr Novikov", "manager")
    board.settle()
    assert {i for ids in shown(board).values() for i in ids} == {mine, free}
    assert board.page.board.column(stage).column.count == 2  # type: ignore[union-attr]
    assert not board.page.filters.clear_chip.isVisible()
    board.page.filters.more.edit("people", board.page.filters.more.button)
    many = popover(board, Many)
    names = {many.list.item(row).text() for row in range(many.list.count())}
    assert names == {"Petr Novikov", "Nobody"}
    many.close()
    page = board.page.filters
    prepare(board)
    QTest.keyClicks(page.field, "nobody")
    board.settle()
    assert board.ids("Meeting held") == [free]
