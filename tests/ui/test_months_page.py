"""The page of months in a real window: closing, corrections, bonuses, opening again; and what the
ranking's header says."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog, QWidget
from pytestqt.qtbot import QtBot

from salesdesk.services import bonuses, deals, history
from salesdesk.services.writer import Writer
from salesdesk.text import set_language
from salesdesk.ui.context import Context, Note
from salesdesk.ui.months.page import MonthsPage
from salesdesk.ui.pages import specs
from salesdesk.ui.ranking.panel import RankingPage
from salesdesk.ui.remember import Remember
from salesdesk.ui.widgets.reason import ReasonForm
from tests.builders import empty_store
from tests.services.closing_desk import NOVEMBER, OCTOBER, ClosingDesk
from tests.ui.settling import window_on

pytestmark = pytest.mark.qt_log_ignore("grabbing the keyboard", extend=True)
PAGES = ("ranking", "months", "settings")


class Opened:
    """A window on the team of ``ClosingDesk``; the lead sits here."""

    def __init__(self, qtbot: QtBot, desk: ClosingDesk, folder: Path) -> None:
        self.qtbot, self.desk = qtbot, desk
        store = desk.store
        self.context = Context(store, Writer(store), lambda: desk.now + 60_000_000,
                               Remember(folder / "window.ini"))  # fmt: skip
        self.said: list[Note] = []
        self.context.said.connect(self.said.append)
        self.context.set_person(desk.lead, "Lena", "team_lead")
        self.window = window_on(qtbot, self.context, [one for one in specs() if one.key in PAGES])

    def settle(self) -> None:
        """Until nothing is read or written any more."""
        for _ in range(3):
            QTest.qWait(70)
            self.qtbot.waitUntil(lambda: not self.context.writer.busy())
            self.qtbot.waitUntil(lambda: self.context.background.pending() == 0)

    def months(self, month: int | None = None) -> MonthsPage:
        """The page, shown."""
        self.window.open_page("months", month)
        self.settle()
        page = self.window.page("months")
        assert isinstance(page, MonthsPage)
        return page

    def ranking(self, days: str = "2026-10-01..2026-10-31") -> RankingPage:
        self.context.go_to(f"ranking?days={days}")
        self.settle()
        page = self.window.page("ranking")
        assert isinstance(page, RankingPage)
        return page

    def press(self, name: str) -> None:
        button = self.window.findChild(QWidget, name)
        assert button is not None
        assert button.isVisible(), name
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)
        self.settle()

    def close(self) -> None:
        self.window.close()
        self.context.close()


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[ClosingDesk]:
    with empty_store(tmp_path) as store:
        yield ClosingDesk(store)


@pytest.fixture
def opened(qtbot: QtBot, desk: ClosingDesk, tmp_path: Path) -> Iterator[Opened]:
    desk.set_steps()
    made = Opened(qtbot, desk, tmp_path)
    yield made
    made.close()


def spoken(listed: Any) -> list[str]:
    """The lines of a list, as a screen reader says them."""
    return [listed.spoken(item).replace("\u00a0", " ") for item in listed.items]


def test_the_month_that_waits_to_be_closed_is_shown_first(opened: Opened) -> None:
    page = opened.months()
    detail = page.detail
    assert detail.heading.text() == "October\u00a02026"
    assert [item.month for item in page.list.items] == [NOVEMBER, OCTOBER]
    assert page.list.spoken(page.list.items[1]) == "October\u00a02026, Not closed"
    assert spoken(detail.doubt_lines) == [
        "1 person has no plan that a bonus could follow from, Boris"
    ]
    assert detail.close_button.isVisible()
    assert not detail.take.isVisible()
    assert not detail.bonuses.isVisible()
    assert "2 teams and who is in them, 1 plan" in detail.kept.text()


def test_closing_offers_undo_and_shows_the_bonuses(opened: Opened) -> None:
    page = opened.months()
    opened.press("months-close")
    assert opened.said[-1].text == "October\u00a02026 is closed"
    assert opened.said[-1].action == "Undo"
    detail = page.detail
    assert detail.state.text() == "Closed on 3\u00a0Nov by Lena"
    assert spoken(detail.bonus_lines)[0].startswith("Boris, 0 ₽, No bonus: there was no plan")
    assert spoken(detail.bonus_lines)[1].startswith("Anna, 45 500 ₽, 910 000 ₽ gross profit × 5 %")
    assert detail.no_corrections.isVisible()
    assert not detail.close_button.isVisible()
    assert not detail.reopen.isVisible()  # an administrator's
    opened.context.undo()
    opened.settle()
    assert detail.close_button.isVisible()


def test_later_changes_are_listed_and_lead_to_the_deal(opened: Opened) -> None:
    opened.desk.close()
    page = opened.months(OCTOBER)
    deals.change(opened.desk.store, opened.desk.big, {"amount": Decimal(900_000)},
                 **opened.desk.later())  # fmt: skip
    opened.settle()
    lines = spoken(page.detail.correction_lines)
    assert len(lines) == 2
    assert lines[0].startswith("Anna · Revenue, −100 000 ₽, 1 000 000 ₽ → 900 000 ₽ · Deal changed")
    asked: list[tuple[str, object]] = []
    opened.context.page_asked.connect(lambda key, item: asked.append((key, item)))
    page.detail.correction_lines.opened.emit(page.detail.correction_lines.items[0])
    assert asked == [("board", opened.desk.big)]


def test_the_next_month_takes_corrections_in_or_not(opened: Opened) -> None:
    desk = opened.desk
    desk.close()
    deals.change(desk.store, desk.big, {"amount": Decimal(870_000)}, **desk.later())
    desk.now = desk.at("2026-12-02T10:00")
    page = opened.months(NOVEMBER)
    assert page.detail.take.isVisible()
    assert page.detail.take.isChecked()
    opened.press("months-take")
    opened.press("months-close")
    assert all("Correction" not in line for line in spoken(page.detail.bonus_lines))
    opened.context.undo()
    opened.settle()
    opened.press("months-take")
    opened.press("months-close")
    lines = [one for one in spoken(page.detail.bonus_lines) if not one.startswith("Boris")]
    assert lines[:3] == [
        "Anna, To pay −26 000 ₽, Bonus 0 ₽, corrections −26 000 ₽",
        "Bonus of November 2026, 0 ₽, No bonus: there was no plan",
        (
            "Correction of October 2026, −26 000 ₽, "
            "Gross profit 910 000 ₽ → 780 000 ₽, bonus 45 500 ₽ → 19 500 ₽"
        ),
    ]
    assert spoken(page.detail.bonus_lines)[-1].split(", ")[1] == "To pay 0 ₽"
    title = page.detail.bonus_lines.accessibleName().replace("\u00a0", " ")
    assert title == "Bonuses to pay: −26 000 ₽"


def test_numbers_below_0_are_written_as_everywhere(opened: Opened) -> None:
    desk = opened.desk
    deals.change(desk.store, desk.big, {"cost": Decimal(3_000_000)}, **desk.later())
    page = opened.months(OCTOBER)
    [line] = [one for one in spoken(page.detail.row_lines) if "Anna" in one]
    assert "Gross profit: −2 000 000 ₽" in line
    figures = page.detail.figures.accessibleName().replace("\u00a0", " ")
    assert "Gross profit: −1 491 000 ₽" in figures
    opened.press("months-close")
    [line] = [one for one in spoken(page.detail.bonus_lines) if one.startswith("Anna")]
    assert "−200" in line
    assert "-" not in line


def test_bonuses_and_corrections_are_exported(
    opened: Opened, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened.desk.close()
    page = opened.months(OCTOBER)
    menu = page._export_menu()
    assert [each.text() for each in menu.actions()] == [
        "Bonuses, XLSX…", "Bonuses, CSV…", "Corrections, XLSX…", "Corrections, CSV…"
    ]  # fmt: skip
    chosen = tmp_path / "paid.csv"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(chosen), ""))
    menu.actions()[1].trigger()
    opened.settle()
    assert "Anna,Sales,910000.00" in chosen.read_text("utf-8-sig")


def test_an_administrator_opens_a_month_again(opened: Opened) -> None:
    opened.desk.close()
    opened.context.set_person(opened.desk.admin, "Ada", "admin")
    page = opened.months(OCTOBER)
    opened.press("months-reopen")
    [form] = [one for one in opened.window.findChildren(ReasonForm) if one.isVisible()]
    form.field.setText("One deal was forgotten")
    form.action.click()
    opened.settle()
    assert page.detail.close_button.isVisible()
    with opened.desk.store.read() as r:
        detail = r.value("SELECT detail FROM command ORDER BY id DESC LIMIT 1")
    assert "One deal was forgotten" in detail


def test_a_running_month_says_from_when_on(opened: Opened) -> None:
    page = opened.months(NOVEMBER)
    assert page.detail.state.text() == "It can be closed from 1\u00a0Dec on."
    assert not page.detail.close_button.isVisible()


def test_months_are_walked_by_keys_and_remembered(opened: Opened) -> None:
    page = opened.months()
    QTest.keyClick(page.list, Qt.Key.Key_Up)
    QTest.keyClick(page.list, Qt.Key.Key_Return)
    opened.settle()
    assert page.detail.heading.text() == "November\u00a02026"
    assert page.address() == {"month": str(NOVEMBER)}
    page.go_to({"month": str(OCTOBER)})
    opened.settle()
    assert page.detail.heading.text() == "October\u00a02026"


def test_another_language_says_everything_anew(opened: Opened) -> None:
    opened.desk.close()
    page = opened.months(OCTOBER)
    set_language("ru")
    page.retranslate()
    assert page.detail.heading.text() == "Октябрь\u00a02026"


def test_a_manager_is_not_offered_the_page(opened: Opened) -> None:
    opened.context.set_person(opened.desk.anna, "Anna", "manager")
    page = opened.ranking()
    assert not page.month.isVisible()
    opened.desk.close()
    opened.settle()
    assert page.month.text() == "Closed on 3\u00a0Nov"
    opened.press("ranking-month")
    assert opened.window.address().page == "ranking"
    opened.window.open_page("months")
    assert opened.window.address().page == "ranking"


def test_the_ranking_leads_to_closing_and_says_it_is_closed(opened: Opened) -> None:
    page = opened.ranking()
    assert page.month.text() == "Close month…"
    opened.press("ranking-month")
    assert opened.window.address().page == "months"
    opened.press("months-close")
    opened.press("months-ranking")
    assert opened.window.address().page == "ranking"
    assert page.month.text() == "Closed on 3\u00a0Nov"
    assert page.notice.text().startswith("Closed on 3\u00a0Nov by Lena: ")
    deals.change(opened.desk.store, opened.desk.big, {"amount": Decimal(1)}, **opened.desk.later())
    page = opened.ranking("2026-10-01..2026-11-30")
    assert page.month.text() == "Close month…"
    said = "Closed and changed since: October\u00a02026. Here they are counted anew."
    assert page.notice.text() == said


def test_the_table_of_bonuses_in_the_settings(opened: Opened) -> None:
    opened.context.set_person(opened.desk.admin, "Ada", "admin")
    opened.window.open_page("settings", "bonus")
    opened.settle()

    def field(name: str) -> Any:
        found = opened.window.findChild(QWidget, name)
        assert found is not None, name
        return found

    for name, text in (("settings-bonus-from", "120"), ("settings-bonus-share", "9")):
        field(name).setFocus()
        QTest.keyClicks(field(name), text)
    opened.press("settings-bonus-add")
    with opened.desk.store.read() as r:
        assert bonuses.steps(r)[-1] == bonuses.Step(120, Decimal(9))
    row = field("settings-bonus-120-share")
    row.setFocus()
    row.selectAll()
    QTest.keyClicks(row, "8.5")
    QTest.keyClick(row, Qt.Key.Key_Return)
    opened.settle()
    opened.press("settings-bonus-50-remove")
    with opened.desk.store.read() as r:
        found = bonuses.steps(r)
        last = r.value("SELECT max(id) FROM command")
    assert [(one.from_percent, one.percent) for one in found] == [
        (80, 5), (100, 7), (120, Decimal("8.5"))
    ]  # fmt: skip
    history.undo(opened.desk.store, last, person=opened.desk.admin, now=opened.desk.now)
    opened.settle()
    assert field("settings-bonus-50-from").isVisible()
