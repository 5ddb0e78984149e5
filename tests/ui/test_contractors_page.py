"""The page of contractors by mouse and keyboard, on a real workspace."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit
from pytestqt.qtbot import QtBot

from salesdesk.services import contractors, contractorview, quotes, ratings
from salesdesk.services.contractors import NewContact, NewContractor
from salesdesk.services.contractorview import ContractorView
from salesdesk.services.quotes import NewQuote
from salesdesk.services.writer import Writer
from salesdesk.ui import theme
from salesdesk.ui.context import Context
from salesdesk.ui.contractors.page import ContractorsPage
from salesdesk.ui.quoting.forms import DayForm, QuoteForm, RateForm
from salesdesk.ui.remember import Remember
from tests.services.deal_story import told_story
from tests.ui import clients_desk
from tests.ui.clients_desk import DOWN, ENTER, ESC

# What the offscreen platform says of a popup that opens.
pytestmark = pytest.mark.qt_log_ignore("grabbing the keyboard", extend=True)

LIFT, MOVE = "Lift Ltd", "Move Co"


class Desk(clients_desk.Desk):
    """The page in a window, with short words for contractors."""

    page_class = ContractorsPage

    def key(self, name: str) -> int:
        with self.story.store.read() as r:
            found = r.value("SELECT id FROM contractor WHERE name = ?", (name,))
        return int(found)

    def contractor(self, name: str) -> ContractorView:
        with self.story.store.read() as r:
            return contractorview.opened(r, self.key(name), now=self.story.now)

    def make(self, name: str, *services: str, **more: Any) -> None:
        new = NewContractor(name, services, **more)
        contractors.add(self.story.store, new, person=None, now=self.story.now)

    def ask(self, name: str, price: int, *, accepted: bool = False, **more: Any) -> int:
        by: dict[str, Any] = {"person": None, "now": self.story.now}
        new = NewQuote(Decimal(price), contractor=name, service="Crane",
                       deal_id=self.story.deal, **more)  # fmt: skip
        made = quotes.add(self.story.store, new, **by).id
        if accepted:
            quotes.accept(self.story.store, made, **by)
        self.settle(400)
        return made

    def two(self) -> None:
        """Two contractors."""
        self.make(LIFT, "Crane", "Rigging", phone="8 (912) 555-01-42",
                  contacts=(NewContact("Ann", "dispatcher", "8 343 222 33 44"),))  # fmt: skip
        self.make(MOVE, "Crane", "Transport")
        self.settle(400)

    def form(self, kind: Any) -> Any:
        found = [form for form in self.page.panel.findChildren(kind) if form.isVisible()]
        assert found, kind
        return found[-1]

    def field(self, name: str) -> QLineEdit:
        field = self.popup().findChild(QLineEdit, name)
        assert isinstance(field, QLineEdit), name
        return field

    def fill(self, name: str, text: str) -> QLineEdit:
        field = self.field(name)
        field.setFocus()
        field.clear()
        QTest.keyClicks(field, text)
        return field

    def trigger(self, menu: Any, action: str) -> None:
        """Take an entry of a menu that would be open."""
        found = {each.objectName().rpartition("-")[2]: each for each in menu.actions()}
        found[action].trigger()
        menu.close()
        self.settle(120)


@pytest.fixture
def desk(qtbot: QtBot, tmp_path: Path, qapp: QApplication) -> Iterator[Desk]:
    theme.install(qapp, "light")
    story = told_story(tmp_path)
    context = Context(
        story.store, Writer(story.store), lambda: story.now, Remember(tmp_path / "w.ini")
    )
    context.set_person(story.maria, "Maria Kim", "manager")
    yield Desk(qtbot, story, context)
    context.close()
    story.store.close()


# -- the list -------------------------------------------------------------------------------------


def test_an_empty_page_teaches_and_makes_the_first_one(desk: Desk) -> None:
    assert desk.page.empty.isVisible()
    assert desk.page.empty.accessibleName().startswith("No contractors yet")
    QTest.keyClick(desk.page.empty.button, ENTER)
    QTest.keyClick(desk.field("new-contractor-name"), ENTER)
    assert desk.popup().isVisible()  # it says what is missing and stays
    desk.fill("new-contractor-services", "Crane, rigging")
    QTest.keyClick(desk.fill("new-contractor-name", LIFT), ENTER)
    desk.settle(150)
    assert desk.names() == [LIFT]
    assert desk.panel.isVisible()
    assert desk.contractor(LIFT).services == ("Crane", "rigging")
    desk.undo()
    assert desk.names() == []


def test_the_list_finds_by_any_digits_and_filters(desk: Desk) -> None:
    desk.two()
    assert desk.names() == [LIFT, MOVE]
    for typed, found in (("555 01", [LIFT]), ("transp", [MOVE]), ("222 33 44", [LIFT]), ("z", [])):
        desk.page.filters.field.clear()
        QTest.keyClicks(desk.page.filters.field, typed)
        desk.settle(100)
        assert desk.names() == found, typed
    desk.page.empty.button.click()
    desk.settle(100)
    desk.page.filters.service.click()
    desk.pick("Transport")
    assert desk.names() == [MOVE]
    assert desk.page.address()["service"]
    address = dict(desk.page.address())
    desk.page.go_to({})
    desk.settle(100)
    assert len(desk.names()) == 2
    desk.page.go_to(address)
    desk.settle(100)
    assert desk.names() == [MOVE]


def test_it_sorts_by_rating_and_price(desk: Desk) -> None:
    desk.two()
    day = desk.story.store.zone.day_of(desk.story.now)
    work = desk.ask(MOVE, 90_000, accepted=True)
    quotes.finish(desk.story.store, work, day, person=None, now=desk.story.now)
    ratings.rate(desk.story.store, work, {"price": 5}, person=None, now=desk.story.now)
    desk.ask(LIFT, 60_000)
    desk.page.filters.sort.click()
    desk.pick("Best rated first")
    assert desk.names() == [MOVE, LIFT]
    desk.page.filters.sort.click()
    desk.pick("Cheapest last price first")
    assert desk.names() == [LIFT, MOVE]
    desk.page.filters.rating.click()
    desk.pick("★ 4 and better")
    assert desk.names() == [MOVE]


def test_the_keyboard_walks_and_the_panel_follows(desk: Desk) -> None:
    desk.two()
    desk.page.table.setFocus()
    desk.press(ENTER)
    assert desk.panel.title.value() == LIFT
    desk.press(DOWN)
    assert desk.panel.title.value() == MOVE
    desk.panel.title.setFocus()
    desk.press(ESC, desk.panel.title._shown)
    assert not desk.panel.isVisible()
    assert desk.page.table.hasFocus()


# -- the panel ------------------------------------------------------------------------------------


def test_fields_are_edited_called_and_copied(desk: Desk) -> None:
    desk.two()
    desk.click_row(LIFT)
    called: list[str] = []
    desk.panel.opens = called.append
    desk.click("contractor-phone-use")
    desk.click("contractor-phone-copy")
    assert called == ["tel:+7-912-555-01-42"]
    assert QGuiApplication.clipboard().text() == "+79125550142"
    desk.type_into("contractor-phone", "8 912 555 01 43")
    assert desk.text_of("contractor-phone") == "+7 912 555-01-43"
    desk.type_into("contractor-tax", "7707083894")
    assert desk.contractor(LIFT).tax_number == "7707083894"
    desk.undo()
    assert desk.contractor(LIFT).tax_number is None


def test_services_are_chips(desk: Desk) -> None:
    desk.two()
    desk.click_row(LIFT)
    assert [chip.text() for chip in desk.panel.services.chips] == ["Crane", "Rigging"]
    desk.click("contractor-service-new")
    QTest.keyClick(desk.fill("contractor-service-add-search", "trans"), ENTER)
    desk.settle(150)
    assert desk.contractor(LIFT).services == ("Crane", "Rigging", "Transport")
    desk.panel.edits.drop_service("Crane")
    desk.settle(150)
    assert [chip.text() for chip in desk.panel.services.chips] == ["Rigging", "Transport"]
    desk.undo()
    assert len(desk.panel.services.chips) == 3
    desk.panel.service_wanted.emit("Transport")
    desk.settle(100)
    assert desk.names() == [LIFT, MOVE]


def test_contacts_are_added_changed_and_removed(desk: Desk) -> None:
    desk.two()
    desk.click_row(LIFT)
    desk.click("contractor-contacts-add")
    desk.fill("contractor-contact-phone", "8 912 111 22 33")
    QTest.keyClick(desk.fill("contractor-contact-name", "Bob"), ENTER)
    desk.settle(150)
    assert [one.name for one in desk.contractor(LIFT).contacts] == ["Ann", "Bob"]
    contact = desk.contractor(LIFT).contacts[0]
    called: list[str] = []
    desk.panel.opens = called.append
    menu = desk.panel.menu_of_contact(contact)
    desk.trigger(menu, "call")
    assert called == ["tel:+7-343-222-33-44"]
    desk.trigger(desk.panel.menu_of_contact(contact), "change")
    QTest.keyClick(desk.fill("contractor-contact-duty", "manager"), ENTER)
    desk.settle(150)
    assert desk.contractor(LIFT).contacts[0].duty == "manager"
    desk.trigger(desk.panel.menu_of_contact(contact), "remove")
    assert [one.name for one in desk.contractor(LIFT).contacts] == ["Bob"]


def test_a_price_is_added_accepted_done_and_rated(desk: Desk) -> None:
    desk.two()
    quote = desk.ask(LIFT, 90_000)
    desk.click_row(LIFT)
    assert not desk.panel.prices.chart.isVisible()
    desk.press(Qt.Key.Key_P)
    form = desk.form(QuoteForm)
    assert form.service.text() == "Crane"
    form.price.setFocus()
    QTest.keyClicks(form.price, "85 000")
    QTest.keyClick(form.price, ENTER)
    desk.settle(150)
    assert desk.panel.prices.chart.isVisible()
    assert "85 000" in desk.panel.prices.chart.accessibleName().replace("\u00a0", " ")
    actions = desk.panel.quotes

    def line() -> Any:
        return next(one for one in desk.contractor(LIFT).quotes if one.id == quote)

    desk.trigger(actions.menu_of(line(), QPoint(0, 0)), "accept")
    assert line().accepted
    desk.trigger(actions.menu_of(line(), QPoint(0, 0)), "done")
    QTest.keyClick(desk.form(DayForm).day, ENTER)
    desk.settle(150)
    assert line().closed
    desk.trigger(actions.menu_of(line(), QPoint(0, 0)), "rate")
    form = desk.form(RateForm)
    form.take()
    assert form.problem.isVisible()  # nothing was chosen yet
    for name, score in (("price", "3"), ("quality", "5")):
        QTest.mouseClick(form.rows[name].chip(score), Qt.MouseButton.LeftButton)
    QTest.keyClicks(form.why, "Careful")
    QTest.keyClick(form.why, ENTER)
    desk.settle(150)
    assert desk.contractor(LIFT).averages.overall == Decimal(4)
    assert "Price: 3.0 (1), Quality: 5.0 (1)" in desk.panel.ratings.bars.accessibleName()
    item = desk.panel.ratings.lines.list.item(0)
    who, _day, why, _deal = item.below.split(" · ")
    assert (item.text, who, why) == ("Price 3 · Quality 5", "Maria Kim", "Careful")
    desk.panel.edits.remove_ratings(item.source)
    desk.settle(150)
    assert desk.contractor(LIFT).averages.count == 0
    desk.panel.prices.list.opened.emit(desk.panel.prices.list.item(1))
    assert desk.asked[-1] == ("board", desk.story.deal)


def test_what_was_paid_and_what_is_late_is_shown(desk: Desk) -> None:
    desk.two()
    day = desk.story.store.zone.day_of(desk.story.now)
    quote = desk.ask(LIFT, 90_000, accepted=True, planned_day=day - 4)
    quotes.plan_payment(
        desk.story.store, quote, planned_day=day - 1, person=None, now=desk.story.now
    )
    desk.click_row(LIFT)
    figures = desk.panel.figures.accessibleName().replace("\u00a0", " ")
    assert "to pay: 90 000 ₽" in figures
    assert desk.panel.deadlines.late.text() == "1 work is late now"
    assert desk.panel.payments.list.item(0).below.startswith("late: ")
    assert "4 days late" in desk.panel.prices.list.item(0).below


def test_other_words_and_another_theme(desk: Desk, qapp: QApplication) -> None:
    desk.two()
    desk.ask(LIFT, 90_000, accepted=True)
    desk.click_row(LIFT)
    desk.context.set_language("ru")
    desk.page.retranslate()
    desk.settle(100)
    theme.set_mode("dark")
    desk.settle(50)
    assert desk.panel.isVisible()
    desk.context.set_language("en")
    theme.set_mode("light")
