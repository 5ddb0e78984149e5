"""The page of the ranking on a real workspace: the numbers of the services, why they are so, other
days and people, rulings, what is tried out, by mouse and keyboard, in both languages."""

# ruff: noqa: F811 - fixtures are named like the arguments that ask for them

from dataclasses import replace
from decimal import Decimal

import pytest
from PySide6.QtCore import QEvent, QObject, QPoint, QRect, Qt
from PySide6.QtGui import QImage, QPaintEvent, QRegion
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from salesdesk.services import deals, periods, ranking_explain
from salesdesk.services import ranking as rankings
from salesdesk.ui import theme
from salesdesk.ui.ranking.paint import CellPainter
from salesdesk.ui.ranking.words import COLUMNS
from tests.builders import day
from tests.ui.ranking_desk import KEY, LEFT, Deals, Open, opened, story  # noqa: F401 - fixtures

pytestmark = pytest.mark.qt_log_ignore("grabbing the keyboard", extend=True)


def test_the_table_says_what_the_service_says(opened: Open) -> None:
    answer = opened.ranking()
    assert opened.people() == [*(row.person_id for row in answer.rows), None]
    for row in (*answer.rows, answer.total):
        for metric in rankings.METRICS:
            assert opened.text(row.person_id, metric).split(" ")[0] == str(row.value(metric))
    assert opened.text(opened.story.anna, "points") == "46.1"
    assert opened.text(opened.story.anna, "revenue") == "4.1 / 4.0"
    assert opened.text(opened.story.maria, "meetings_held") == "1 / 2"
    assert opened.text(opened.story.maria, "lost") == "1 > 0"
    assert opened.text(None, "person") == "Team"


def test_a_colour_is_said_in_words_too(opened: Open) -> None:
    anna, maria = opened.story.anna, opened.story.maria
    lines = {line.row.person_id: line for line in opened.page.table.ranking.lines}
    assert lines[anna].cells["revenue"].level == "full"
    assert lines[maria].cells["meetings_held"].level == "half"
    assert "the plan is met" in opened.tip(anna, "revenue")
    assert "Plan 2: 50 %, on the way" in opened.tip(maria, "meetings_held")
    assert "Pace 7" in opened.tip(maria, "meetings_held")
    assert "above the norm" in opened.tip(maria, "lost")
    model = opened.page.table.ranking
    index = model.index(model.row_of(anna), COLUMNS.index("revenue"))
    assert "Anna Orlova" in index.data(Qt.ItemDataRole.AccessibleTextRole)


def test_a_currency_without_a_rate_is_named(opened: Open) -> None:
    assert opened.page.notice.isVisible()
    assert "USD" in opened.page.notice.text()
    assert "USD" in opened.tip(opened.story.ivan, "revenue")


def test_a_click_on_the_points_tells_stages_and_moves(opened: Open) -> None:
    assert not opened.page.sides.panel.isVisible()
    opened.click(opened.story.maria, "points")
    panel = opened.page.sides.panel
    assert panel.isVisible()
    assert panel.title.text() == "Why 4.2 points?"
    assert panel.who.text() == "Maria Kim · 1–20\u00a0Nov\u00a02026"
    assert "Held 3" in panel.stages.accessibleName()
    assert any("already counted 6\u00a0Nov" in said for said in opened.lines())
    assert any(said.startswith("Loader → New, +0.1, 16\u00a0Nov 10:00") for said in opened.lines())


@pytest.mark.parametrize("metric", [*rankings.METRICS, "revenue", "gross_profit"])
def test_every_number_lists_what_it_counts(opened: Open, metric: str) -> None:
    for person in (opened.story.anna, opened.story.maria):
        opened.click(person, metric)
        with opened.story.desk.store.read() as r:
            month = periods.of_month(day("2026-11-20"))
            found = ranking_explain.explain(r, month, person, metric, now=opened.story.now)
        assert opened.page.sides.panel.lines.count() == len(found.lines)
        items = [opened.page.sides.panel.lines.item(at) for at in range(len(found.lines))]
        counted = sum((Decimal(item.source.value) for item in items), Decimal(0))
        row = next(row for row in opened.ranking().rows if row.person_id == person)
        assert counted == row.value(metric)


def test_the_team_s_number_leads_to_its_people(opened: Open) -> None:
    opened.click(None, "points")
    assert opened.page.sides.panel.title.text() == "Why 85.3 points?"
    panel = opened.page.sides.panel
    assert [item.text for item in panel.people.items] == ["Anna Orlova", "Ivan Petrov", "Maria Kim"]
    counted = sum(Decimal(item.source.value) for item in panel.lines.items)
    assert counted == Decimal("85.3")
    assert "points" not in panel.section.accessibleName()
    assert any("Maria Kim" in said and "Racks" in said for said in opened.lines())
    listed = panel.people
    QTest.mouseClick(listed.viewport(), LEFT, Qt.KeyboardModifier.NoModifier, QPoint(60, 80))
    opened.settle()
    assert opened.page.sides.panel.title.text() == "Why 4.2 points?"
    assert opened.page.table.current() == (opened.story.maria, "points")


def test_a_deal_of_the_list_opens_on_the_board(opened: Open) -> None:
    opened.click(opened.story.ivan, "won")
    listed = opened.page.sides.panel.lines
    listed.setFocus()
    QTest.keyClick(listed, KEY.Key_Return)
    board = opened.window.page("board")
    assert isinstance(board, Deals)
    assert opened.window.open_key == "board"
    assert board.shown == [opened.story.deals["Rental"]]


def test_arrows_walk_enter_explains_esc_closes(opened: Open) -> None:
    table = opened.page.table
    assert QApplication.focusWidget() is table
    assert table.current() == (opened.story.anna, "points")
    opened.key(KEY.Key_Down)
    opened.key(KEY.Key_Right)
    opened.key(KEY.Key_Right)
    assert table.current() == (opened.story.ivan, "requests_total")
    assert not opened.page.sides.panel.isVisible()
    opened.key(KEY.Key_Return)
    opened.settle()
    assert opened.page.sides.panel.title.text() == "Requests in all: 1"
    opened.key(KEY.Key_Down)
    QTest.qWait(200)
    opened.settle()
    assert opened.page.sides.panel.title.text() == "Requests in all: 2"
    opened.key(KEY.Key_Escape)
    assert not opened.page.sides.panel.isVisible()
    assert QApplication.focusWidget() is table


def test_a_move_is_in_the_ranking_at_once_and_the_cell_stays(opened: Open) -> None:
    opened.click(opened.story.maria, "points")
    opened.context.write(deals.move, [opened.story.deals["Racks"]], opened.story.stages[5])
    opened.settle()
    opened.qtbot.waitUntil(lambda: opened.text(opened.story.maria, "points") == "39.2")
    opened.settle()
    assert opened.page.sides.panel.title.text() == "Why 39.2 points?"
    assert opened.page.table.current() == (opened.story.maria, "points")
    assert opened.people()[1] == opened.story.maria
    opened.context.undo()
    opened.qtbot.waitUntil(lambda: opened.text(opened.story.maria, "points") == "4.2")


def alike(one: QImage, other: QImage) -> bool:
    """The same but for the edges of what is rounded: a place between two pixels is rounded anew."""
    pairs = zip(bytes(one.constBits()), bytes(other.constBits()), strict=True)
    return one.size() == other.size() and all(abs(a - b) <= 8 for a, b in pairs)


def test_what_is_copied_is_what_is_painted(opened: Open) -> None:
    viewport = opened.page.table.viewport()

    def seen() -> QImage:
        return viewport.grab().toImage()

    painted, pictured, copied = seen(), seen(), seen()
    assert alike(painted, pictured)
    assert pictured == copied
    opened.context.write(deals.move, [opened.story.deals["Racks"]], opened.story.stages[5])
    opened.settle()
    opened.qtbot.waitUntil(lambda: opened.text(opened.story.maria, "points") == "39.2")
    moved, again = seen(), seen()
    assert alike(moved, again)
    assert again == seen()
    assert not alike(moved, painted)
    theme.set_mode("dark")
    opened.settle()
    dark = seen()
    assert alike(dark, seen())
    delegate = opened.page.table.itemDelegate()
    assert isinstance(delegate, CellPainter)
    delegate.forget()
    assert alike(seen(), dark)  # painted anew
    theme.set_mode("light")


def test_rows_that_stay_are_not_painted_again(opened: Open) -> None:
    table, painted = opened.page.table, QRegion()
    opened.qtbot.waitExposed(opened.window)

    class Watch(QObject):
        def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
            nonlocal painted
            if isinstance(event, QPaintEvent):
                painted += event.region()
            return False

    def on_screen() -> QImage:
        """What stands there, without painting it."""
        corner = table.viewport().mapTo(opened.window, QPoint(0, 0))
        whole = opened.window.screen().grabWindow(opened.window.winId())
        return whole.copy(QRect(corner, table.viewport().size())).toImage()

    watch = Watch()
    table.viewport().installEventFilter(watch)
    before = on_screen()
    answer = table.ranking.answer
    assert answer is not None
    first, second, *rest = answer.ranking.rows
    rows = (first, replace(second, points=second.points + 1), *rest)
    table.set_answer(replace(answer, ranking=replace(answer.ranking, rows=rows)))
    opened.settle()
    table.viewport().removeEventFilter(watch)
    other = table.visualRect(table.ranking.index(0, 0)).center()
    changed = table.visualRect(table.ranking.index(1, 0)).center()
    assert painted.contains(changed)
    assert not painted.contains(other)
    assert on_screen() != before
    assert alike(on_screen(), table.viewport().grab().toImage())


def test_a_hidden_page_reads_nothing_until_it_is_shown(opened: Open) -> None:
    opened.window.open_page("board")
    opened.context.write(deals.move, [opened.story.deals["Racks"]], opened.story.stages[5])
    opened.settle()
    assert opened.text(opened.story.maria, "points") == "4.2"
    opened.window.open_page("ranking")
    opened.settle()
    assert opened.text(opened.story.maria, "points") == "39.2"
