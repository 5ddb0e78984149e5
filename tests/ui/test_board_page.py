"""The page of the board on a real workspace: from the drag to the protocol and back."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from salesdesk.services import audit, clients, dealfields, deals, history, lists, people, pipelines
from salesdesk.services import board as questions
from salesdesk.ui import theme
from salesdesk.ui.board.layout import CHAIN, OWN
from salesdesk.ui.board.new_deal import NewDealForm
from salesdesk.ui.board.paint import Placed
from salesdesk.ui.board.placing import Place
from salesdesk.ui.context import Context, Note
from salesdesk.ui.requirements import RequirementsForm
from salesdesk.ui.widgets.entries import ValueEdit
from tests.ui.board_desk import Desk
from tests.ui.board_page_desk import LEFT, Open, board, context, desk, pattern
from tests.ui.board_story import NOW

__all__ = ["board", "context", "desk", "pattern"]

# What the offscreen platform says of popups.
pytestmark = pytest.mark.qt_log_ignore("grabbing the keyboard", extend=True)
KEY = Qt.Key


def test_the_board_shows_what_is_written(board: Open) -> None:
    for name in ("New request", "Meeting scheduled", "Meeting held"):
        assert board.ids(name) == board.stored(name)
    assert board.lane("Won").collapsed
    assert board.lane("New request").model.column.count == 9
    assert board.page.switcher.text() == "Turnkey services"
    chip = board.page.filters.chips["overdue"]
    board.qtbot.waitUntil(lambda: chip.text().startswith("Overdue · "))


def test_a_drag_is_written_with_its_tasks_and_ctrl_z_takes_it_back(board: Open) -> None:
    before = {name: board.ids(name) for name in ("New request", "Meeting held")}
    deal = before["New request"][2]
    board.drag("New request", 2, board.above("Meeting held", 1))
    assert board.ids("Meeting held")[1] == deal
    assert board.page.board.is_pending(deal)
    board.settle()
    assert not board.page.board.is_pending(deal)
    assert board.stored("Meeting held") == board.ids("Meeting held")
    assert board.toast() == "Moved to Meeting held · 1 task created"
    card = board.page.board.cards.get(deal)
    assert card is not None
    assert card.days_in_stage == 0
    board.key(KEY.Key_Z, Qt.KeyboardModifier.ControlModifier)
    board.qtbot.waitUntil(lambda: before == {name: board.ids(name) for name in before})
    assert before == {name: board.stored(name) for name in before}
    board.qtbot.waitUntil(lambda: board.lane("New request").model.column.count == 9)


def test_a_reorder_is_written_and_taken_back(board: Open) -> None:
    ids = board.ids("New request")
    board.drag("New request", 0, board.above("New request", 3))
    board.settle()
    moved = [ids[1], ids[2], ids[0], *ids[3:]]
    assert board.ids("New request") == moved == board.stored("New request")
    [told] = board.context.ask(audit.commands, limit=1)
    title = board.context.ask(questions.cards, ids[:1], now=NOW)[ids[0]].title
    assert (told.kind, told.about()) == ("deal.place", f"{title}, New request")
    board.context.undo()
    board.qtbot.waitUntil(lambda: board.ids("New request") == ids)
    assert board.stored("New request") == ids


def test_lost_asks_for_a_reason(board: Open) -> None:
    deal = board.ids("New request")[0]
    strip = board.lane("Lost").strip
    board.drag("New request", 0, strip.mapToGlobal(strip.rect().center()))
    QTest.keyClick(board.choice().list, KEY.Key_2)
    board.settle()
    with board.desk.store.read() as r:
        row = r.row("SELECT stage_id, lost_reason_id FROM deal WHERE id = ?", (deal,))
    assert row is not None
    stage, reason = row
    assert stage == board.desk.stages["Lost"]
    assert reason is not None
    assert board.lane("Lost").model.column.count == 5


def test_without_a_reason_the_card_goes_back(board: Open) -> None:
    ids = board.ids("New request")
    strip = board.lane("Lost").strip
    board.drag("New request", 0, strip.mapToGlobal(strip.rect().center()))
    board.choice().close()
    board.settle()
    assert board.ids("New request") == ids
    assert board.lane("Lost").model.column.count == 4


def test_a_refused_move_goes_back_and_a_lead_may_override(board: Open) -> None:
    desk = board.desk
    admin = desk.people[0]
    contract = desk.stages["Contract signed"]
    pipelines.change_stage(
        desk.store, contract, {"required": ["expected_close"]}, person=admin, now=NOW
    )
    board.settle()
    ids = board.ids("New request")
    board.drag("New request", 0, board.above("Contract signed", 0))
    board.settle()
    assert board.ids("New request") == ids
    form = asked_for(board)
    form.override.click()
    form.override.click()
    assert form.problem.isVisible()
    QTest.keyClicks(form.reason, "agreed by phone")
    QTest.keyClick(form.reason, KEY.Key_Return)
    board.settle()
    assert board.ids("Contract signed")[0] == ids[0] == board.stored("Contract signed")[0]


def test_the_drop_asks_for_what_is_missing_and_then_goes_through(board: Open) -> None:
    desk = board.desk
    contract = desk.stages["Contract signed"]
    pipelines.change_stage(
        desk.store, contract, {"required": ["expected_close"]}, person=desk.people[0], now=NOW
    )
    board.settle()
    deal = board.ids("New request")[0]
    board.drag("New request", 0, board.above("Contract signed", 0))
    board.settle()
    form = asked_for(board)
    day = form.parts[0].first
    assert isinstance(day, ValueEdit)
    QTest.keyClick(day, KEY.Key_Return)
    assert "Expected close date" in form.problem.text()
    QTest.keyClicks(day, "24.12.2026")
    QTest.keyClick(day, KEY.Key_Return)
    board.settle()
    assert board.ids("Contract signed")[0] == deal == board.stored("Contract signed")[0]
    board.context.undo()
    board.settle()
    assert deal in board.stored("New request")


def asked_for(board: Open) -> RequirementsForm:
    """The form that a refused drop opened."""
    [form] = board.page.findChildren(RequirementsForm)
    assert form.isVisible()
    return form


def test_the_main_job_by_keys_alone(board: Open) -> None:
    deal = board.ids("New request")[0]
    board.key(KEY.Key_Home)
    board.key(KEY.Key_M)
    choice = board.choice()
    QTest.keyClick(choice.list, KEY.Key_Down)
    QTest.keyClick(choice.list, KEY.Key_Return)
    board.settle()
    assert deal in board.stored("Meeting held")
    assert board.page.view.selected_ids() == [deal]
    board.key(KEY.Key_Right, Qt.KeyboardModifier.ControlModifier)
    board.settle()
    assert deal in board.stored("Contract signed")
    board.key(KEY.Key_Return)
    assert board.opened == [deal]


def test_n_makes_a_deal_and_opens_it(board: Open) -> None:
    board.key(KEY.Key_N)
    [form] = board.page.findChildren(NewDealForm)
    QTest.keyClicks(form.title, "Tower crane for a month")
    QTest.keyClick(form.title, KEY.Key_Return)
    board.settle()
    assert len(board.opened) == 1
    assert board.ids("New request") == board.stored("New request")
    card = board.page.board.cards.get(board.opened[0])
    assert card is not None
    assert card.title == "Tower crane for a month"
    assert board.page.view.selected_ids() == board.opened


def test_chips_and_text_filter_the_cards(board: Open) -> None:
    filters = board.page.filters
    QTest.mouseClick(filters.chips["overdue"], LEFT)
    board.settle()
    shown = [i for lane in board.page.view.lanes for i in lane.model.ids]
    cards = board.context.ask(questions.cards, shown, now=NOW)
    assert shown
    assert {cards[i].task_state for i in shown} == {"overdue"}
    assert board.lane("New request").model.column.count == len(board.ids("New request"))
    QTest.mouseClick(filters.clear_chip, LEFT)
    board.settle()
    assert board.ids("New request") == board.stored("New request")
    board.key(KEY.Key_Slash)
    assert QApplication.focusWidget() is filters.field
    filters.field.setText("КРАН")
    QTest.keyClick(filters.field, KEY.Key_Return)
    board.settle()
    assert all(not lane.model.ids for lane in board.page.view.lanes)
    board.page.filters.focus_field()
    QTest.keyClick(filters.field, KEY.Key_Escape)
    board.settle()
    assert len(board.ids("New request")) == 9


def test_what_others_write_appears(board: Open) -> None:
    desk = board.desk
    new = deals.NewDeal("From the command line", desk.stages["Meeting held"], desk.people[1])
    result = deals.create(desk.store, new, person=None, now=NOW, origin="cli")
    board.settle()
    assert result.deal_ids[0] in board.ids("Meeting held")
    pipelines.add_stage(desk.store, desk.pipeline, "Negotiation", person=desk.people[0], now=NOW)
    board.settle()
    assert [lane.model.column.name for lane in board.page.view.lanes][5] == "Negotiation"
    assert board.ids("New request") == board.stored("New request")


def test_an_import_of_many_is_gathered(board: Open) -> None:
    desk = board.desk
    for _ in range(60):
        new = deals.NewDeal("Imported", desk.stages["Advance paid"], desk.people[1])
        deals.create(desk.store, new, person=None, now=NOW, origin="import")
    board.qtbot.waitUntil(lambda: board.lane("Advance paid").model.column.count == 63)
    board.qtbot.waitUntil(lambda: len(board.ids("Advance paid")) == 63)
    assert board.ids("Advance paid") == board.stored("Advance paid")


def test_only_what_changed_is_painted(board: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not the whole board at each slice of an import, nor when one client gets another name."""
    desk, painter = board.desk, board.page.view.painter
    by: Any = {"person": None, "now": NOW}
    painted: set[int] = set()
    paint = painter.paint

    def drawn(p: QPainter, cards: Sequence[Placed], *, plain_ground: bool) -> None:
        painted.update(one.deal.id for one in cards)
        paint(p, cards, plain_ground=plain_ground)

    monkeypatch.setattr(painter, "paint", drawn)
    old = {deal for lane in board.page.view.lanes for deal in lane.model.ids}
    for n in range(60):
        client = clients.add(desk.store, clients.NewClient("company", f"Newcomer {n}"), **by).id
        new = deals.NewDeal("Imported", desk.stages["Advance paid"], desk.people[1], client)
        deals.create(desk.store, new, origin="import", **by)
    board.qtbot.waitUntil(lambda: len(board.ids("Advance paid")) == 63)
    board.settle()
    assert not painted & old
    painted.clear()
    named, other = board.ids("New request")[:2]
    client = board.context.ask(
        lambda r: r.value("SELECT client_id FROM deal WHERE id = ?", (named,))
    )
    clients.change(desk.store, client, {"name": "Another name"}, **by)
    board.settle()
    assert named in painted
    assert other not in painted
    card = board.page.board.cards.get(named)
    assert card is not None
    assert card.company == "Another name"


def test_folds_filters_and_sort_are_remembered(
    board: Open, qtbot: QtBot, desk: Desk, context: Context
) -> None:
    board.lane("Won").strip.click()
    board.lane("Meeting held").head.collapse_asked.emit()
    board.page.filters.chips["mine"].click()
    board.page.filters.sort = "amount"
    board.page.filters.changed.emit(True)
    board.settle()
    again = Open(qtbot, desk, context)
    assert not again.lane("Won").collapsed
    assert again.lane("Meeting held").collapsed
    assert again.page.filters.chips["mine"].isChecked()
    assert again.page.board.sort == "amount"
    mine = again.context.ask(questions.cards, again.ids("New request"), now=NOW)
    assert {card.owner for card in mine.values()} <= {"Maria Kim"}


def test_a_card_placed_where_another_order_holds_says_how(board: Open) -> None:
    said: list[Note] = []
    board.context.said.connect(said.append)
    board.page.filters.sort = "amount"
    board.page.filters.changed.emit(True)
    board.settle()
    view, name = board.page.view, "New request"
    before = board.ids(name)
    stage = board.lane(name).stage_id
    view.move_cards([before[2]], Place(stage, before[0]))
    assert [("By hand" in note.text) for note in said] == [True]
    board.lane(name).cards.choose(2)
    board.key(KEY.Key_Up, Qt.KeyboardModifier.ControlModifier)
    board.settle()
    assert len(said) == 2
    assert board.ids(name) == before
    board.page.filters.sort = "position"
    board.page.filters.changed.emit(True)
    board.settle()
    moved = board.ids(name)[2]
    view.move_cards([moved], Place(stage, board.ids(name)[0]))
    board.settle()
    assert board.ids(name)[0] == moved
    assert not any("By hand" in note.text for note in said[2:])


def test_a_side_panel_leaves_the_board_there(board: Open) -> None:
    width = board.page.view.width()
    panel = QWidget()
    panel.setFixedWidth(300)
    board.page.set_side_panel(panel)
    board.settle()
    assert board.page.view.width() < width - 290
    assert not board.lane("New request").visibleRegion().isEmpty()
    chosen: list[int] = []
    board.page.deal_chosen.connect(chosen.append)
    board.key(KEY.Key_Down)
    board.qtbot.waitUntil(lambda: bool(chosen))
    assert chosen == board.page.view.selected_ids()


def test_the_page_fits_a_small_window_with_its_panel(board: Open) -> None:
    panel = QWidget()
    panel.setFixedWidth(theme.PANEL_WIDTH)
    board.page.set_side_panel(panel)
    board.window.resize(1024, 600)
    board.settle()
    assert board.window.width() == 1024
    chips = [chip for chip in board.page.filters.chips.values() if chip.isVisible()]
    below = board.page.filters.more.button
    assert {chip.y() for chip in chips} == {chips[0].y()}
    assert below.y() > chips[0].y()
    assert all(chip.geometry().bottom() < board.page.filters.height() for chip in chips)


def test_an_empty_board_says_whose_deals_are_not_shown(board: Open) -> None:
    store = board.desk.store
    by: Any = {"person": None, "now": NOW}
    newcomer = people.add_person(store, "Vera Belova", {"role": "manager"}, **by).id
    board.settle()
    board.context.set_person(newcomer, "Vera Belova", "manager")
    board.settle()
    first = board.page.view.lanes[0]
    assert not first.model.ids
    assert first.cards.empty_text.startswith("Deals of other teams and colleagues are not shown")


def test_russian_and_dark_without_a_restart(board: Open) -> None:
    board.context.set_language("ru")
    theme.set_mode("dark")
    board.settle()
    assert board.lane("New request").head.accessibleName()
    board.context.set_language("en")
    theme.set_mode("light")


def test_the_parents_card_follows_its_child(board: Open) -> None:
    desk = board.desk
    parent = board.ids("New request")[0]
    with desk.store.read() as r:
        [estimate] = [row[0] for row in r.rows("SELECT id FROM stage WHERE name = 'Estimate'")]
        logistics = r.value("SELECT pipeline_id FROM stage WHERE id = ?", (estimate,))
    ready = pipelines.add_stage(desk.store, logistics, "Estimate ready", {}, person=None, now=1).id
    made = deals.create(
        desk.store, deals.NewDeal("Prices", estimate, parent_id=parent), person=None, now=NOW
    ).deal_ids[0]
    board.settle()
    card = board.page.board.cards.get(parent)
    assert card is not None
    assert card.children[0].stage == "Estimate"
    lane = board.lane("New request")
    assert lane.model.layout.lines(lane.model.row_of(parent)) & CHAIN
    deals.move(desk.store, [made], ready, person=None, now=NOW + 1)
    board.settle()
    card = board.page.board.cards.get(parent)
    assert card is not None
    assert card.children[0].stage == "Estimate ready"


def test_own_fields_come_to_the_cards_and_go(board: Open) -> None:
    desk, deal = board.desk, board.ids("New request")[0]
    by: Any = {"person": None, "now": NOW}
    own = lists.add(desk.store, "fields", "Floors", {"subject": "deal", "kind": "number"}, **by).id
    dealfields.set_own_field(desk.store, deal, own, Decimal(12), **by)
    lane = board.lane("New request")

    def lines() -> int:
        board.settle()
        return lane.model.layout.lines(lane.model.row_of(deal)) & OWN

    assert not lines()
    with desk.store.command("field.change", now=NOW) as tx:
        tx.update("custom_field", [{"id": own, "on_card": 1}])
    assert lines()
    spoken = lane.model.index(lane.model.row_of(deal)).data(Qt.ItemDataRole.AccessibleTextRole)
    assert "Floors 12" in spoken
    emptied = dealfields.set_own_field(desk.store, deal, own, None, **by)
    assert not lines()
    history.undo(desk.store, emptied, person=None, now=NOW + 1)
    assert lines()
