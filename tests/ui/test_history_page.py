"""The history page: listed page by page, filtered, unfolded, taken back and done again."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton
from pytestqt.qtbot import QtBot

from salesdesk.services import clients, deals, history, merging
from salesdesk.text import set_language
from salesdesk.ui.history import panel
from salesdesk.ui.widgets.saved import SavedFilters
from tests.services.office import NOW
from tests.ui.office_window import Opened, opened

pytestmark = pytest.mark.qt_log_ignore("grabbing the keyboard", extend=True)


@pytest.fixture
def desk(qtbot: QtBot, tmp_path: Path) -> Iterator[Opened]:
    with opened(qtbot, tmp_path) as made:
        made.work_as("Ada", "admin")
        yield made


def rename(desk: Opened, by: str, title: str, deal: str = "Mary", later: int = 1) -> int:
    return deals.change(
        desk.office.store, desk.office.deals[deal], {"title": title},
        person=desk.office.ids[by], now=NOW + later,
    )  # fmt: skip


def spoken(desk: Opened, row: int) -> str:
    model = desk.history.model
    return str(model.index(row).data(Qt.ItemDataRole.AccessibleTextRole))


def test_the_newest_first_and_new_ones_come_by_themselves(desk: Opened) -> None:
    rename(desk, "Mary", "Crane")
    assert spoken(desk, 0).startswith("Deal changed, Deal Mary · Title, Mary,")
    count = desk.history.model.rowCount()
    rename(desk, "Lena", "Pump", "Max")
    desk.settle()
    assert spoken(desk, 0).startswith("Deal changed, Deal Max · Title, Lena,")
    assert desk.history.model.rowCount() == min(count + 1, panel.PAGE)


def test_older_ones_are_read_when_the_list_ends(desk: Opened) -> None:
    for turn in range(panel.PAGE + 20):
        rename(desk, "Mary", f"Crane {turn}", later=turn + 1)
    page = desk.history
    with desk.office.store.read() as r:
        everything = r.value("SELECT count(*) FROM command WHERE kind <> 'init'")
    for _ in range(8):
        page.list.scrollToBottom()
        desk.settle()
    assert page.model.rowCount() == everything
    ids = [page.model.told(row).entry.id for row in range(everything)]
    assert ids == sorted(ids, reverse=True)


def test_filters_and_their_address(desk: Opened) -> None:
    mine = rename(desk, "Mary", "Crane")
    rename(desk, "Lena", "Pump", "Max")
    page = desk.history
    page.go_to({"who": str(desk.office.ids["Mary"]), "kind": "deals"})
    desk.settle()
    assert [page.model.told(row).entry.id for row in range(page.model.rowCount())] == [mine]
    assert page.address() == {"who": str(desk.office.ids["Mary"]), "kind": "deals"}
    QTest.keyClicks(page.search, "nothing")
    QTest.qWait(250)
    desk.settle()
    assert page.empty.isVisible()
    desk.click("history-empty-action")
    assert page.model.rowCount() > 2
    assert page.address() == {}
    page.origin.set_value("cli")
    assert page.origin.text().strip() == "Command line"


def test_a_manager_sees_what_the_own_people_did(desk: Opened) -> None:
    rename(desk, "Mary", "Crane")
    rename(desk, "Max", "Pump", "Max")
    desk.work_as("Mary")
    page = desk.history
    people = {page.model.told(row).entry.person for row in range(page.model.rowCount())}
    assert people == {"Mary", None}


def test_unfolded_taken_back_and_done_again(desk: Opened) -> None:
    command = rename(desk, "Mary", "Crane")
    page = desk.history
    index = page.model.index(0)
    page.list.setFocus()
    page.list.setCurrentIndex(index)
    desk.settle()
    detail = page.detail
    assert detail.command_id == command
    assert [(line.name, line.text) for line in detail.changed._model.lines] == [
        ("", "Deal: Crane"), ("Title", "Deal Mary → Crane"),
    ]  # fmt: skip
    assert detail.back_words.text() == "Everything goes back as it was."
    desk.click("history-undo")
    assert desk.said[-1].text == "Taken back: Deal changed · Deal Mary"
    assert page.model.told(1).entry.undone
    assert spoken(desk, 0).startswith("Taken back: Deal changed, Deal Mary · Title, Ada")
    button = desk.child("history-undo")
    assert isinstance(button, QAbstractButton)
    assert button.text() == "Do it again"
    desk.click("history-undo")
    assert not page.model.told(page.model.row_of(command)).entry.undone


def test_it_says_beforehand_what_stays_and_why(desk: Opened) -> None:
    command = rename(desk, "Mary", "Crane")
    rename(desk, "Lena", "Crane 2", later=2)
    page = desk.history
    page.show_item(command)
    desk.settle()
    said = "Goes back as it was, but for what was worked on later:"
    assert page.detail.back_words.text() == said
    [line] = page.detail.stays._model.lines
    assert line.text.startswith("“Crane 2”, Title: changed since (Deal changed, Lena,")


def test_what_is_not_ones_own_is_not_offered(desk: Opened) -> None:
    command = rename(desk, "Max", "Pump", "Max")
    desk.work_as("Mary")
    page = desk.history
    page.show_item(command)
    desk.settle()
    assert not page.detail.take_back.isVisible()
    assert page.detail.back_words.text().startswith("This was done by Max: only Max")


def test_from_an_undo_to_what_it_is_about_and_to_the_deal(desk: Opened) -> None:
    command = rename(desk, "Mary", "Crane")
    undo = history.undo(desk.office.store, command, person=desk.office.ids["Mary"], now=NOW + 2)
    page = desk.history
    page.show_item(undo.command_id)
    desk.settle()
    assert not page.detail.take_back.isVisible()
    desk.click("history-original")
    assert page.detail.command_id == command
    asked: list[tuple[str, object]] = []
    desk.context.page_asked.connect(lambda key, item: asked.append((key, item)))
    deal = desk.office.deals["Mary"]
    desk.click(f"history-go-deal-{deal}")
    assert asked == [("board", deal)]


def test_in_another_language_all_of_it_changes(desk: Opened) -> None:
    rename(desk, "Mary", "Crane")
    page = desk.history
    page.show_item(page.model.told(0).entry.id)
    desk.settle()
    set_language("ru")
    page.retranslate()
    assert page.title.text() == "История"
    assert page.detail.title.text() == "Сделка изменена"


def test_a_filter_is_saved_and_chosen_again(desk: Opened) -> None:
    rename(desk, "Lena", "Crane", later=5)
    rename(desk, "Mary", "Pump", later=6)
    page = desk.history
    page.person.set_value(desk.office.ids["Lena"])
    page.kind.set_value("deals")
    page._on_choice()
    desk.settle()
    wanted = page.texts()
    QTest.mouseClick(page.saved, Qt.MouseButton.LeftButton)
    popover = page.findChild(SavedFilters)
    assert popover is not None
    QTest.keyClicks(popover.name, "What Lena did")
    QTest.keyClick(popover.name, Qt.Key.Key_Return)
    desk.settle()
    page._show_all()
    desk.settle()
    assert page.texts() == {}
    QTest.keyClick(page.saved, Qt.Key.Key_Space)
    again = [each for each in page.findChildren(SavedFilters) if each.isVisible()][-1]
    assert again.list.item(0).text() == "What Lena did"
    QTest.keyClick(again.list, Qt.Key.Key_Return)
    desk.settle()
    assert page.texts() == wanted
    assert spoken(desk, 0).startswith("Deal changed, Deal Mary · Title, Lena,")


def test_a_merge_names_who_was_merged_away(desk: Opened) -> None:
    store, ada = desk.office.store, desk.office.ids["Ada"]
    alpha, beta = (
        clients.add(store, clients.NewClient("company", name), person=ada, now=NOW + 9).id
        for name in ("Alpha", "Beta")
    )
    merging.merge_clients(store, alpha, [beta], person=ada, now=NOW + 10)
    desk.settle()
    assert "Beta → Alpha" in spoken(desk, 0)
