"""The contractors in the panel of a deal, by mouse and keyboard, on a real workspace."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from salesdesk.services import contractor_offers, contractors, deals, quotes
from salesdesk.services.contractor_offers import DealQuotes
from salesdesk.services.contractors import NewContractor
from salesdesk.services.contractorview import QuoteLine
from salesdesk.services.quotes import NewQuote
from salesdesk.ui.quoting.forms import DayForm, PlanForm, QuoteForm, RateForm
from tests.ui.deal_desk import ENTER, Desk, desk, story

# What the offscreen platform says of a popup that opens.
pytestmark = pytest.mark.qt_log_ignore("grabbing the keyboard", extend=True)
__all__ = ["desk", "story"]


def estimate(desk: Desk) -> int:
    """A deal of a pipeline that fulfils, shown."""
    told = desk.story
    for name, services in (("Lift Ltd", ("Crane",)), ("Move Co", ("Crane", "Transport"))):
        contractors.add(told.store, NewContractor(name, services), person=None, now=told.now)
    new = deals.NewDeal("Estimate the crane", told.estimate, told.maria)
    [deal] = deals.create(told.store, new, person=told.maria, now=told.now).deal_ids
    desk.open(deal)
    desk.settle()
    return deal


def told(desk: Desk) -> DealQuotes:
    with desk.story.store.read() as r:
        return contractor_offers.of_deal(r, desk.panel.deal_id or 0, now=desk.story.now)


def quote_of(desk: Desk, name: str) -> QuoteLine:
    return next(one for one in told(desk).quotes if one.contractor == name)


def trigger(desk: Desk, name: str, action: str) -> None:
    """Take an entry of the menu of a contractor's quote."""
    section = desk.panel.quotes
    menu = section.menu_of(quote_of(desk, name), QPoint(0, 0))
    found = {each.objectName().rpartition("-")[2]: each for each in menu.actions()}
    found[action].trigger()
    menu.close()
    desk.settle()


def form(desk: Desk, kind: Any) -> Any:
    found = [each for each in desk.panel.quotes.findChildren(kind) if each.isVisible()]
    assert found, kind
    return found[-1]


def enter(desk: Desk, field: Any, typed: str = "") -> None:
    """Type into a field of a form and take the form."""
    field.setFocus()
    field.selectAll()
    QTest.keyClicks(field, typed)
    QTest.keyClick(field, ENTER)
    desk.settle()


def cost(desk: Desk) -> Decimal | None:
    return desk.deal.cost


def offered(desk: Desk) -> list[str]:
    listed = desk.panel.quotes.offered.list
    return [listed.item(row).text for row in range(listed.count())]


def test_a_sales_deal_without_quotes_has_no_such_section(desk: Desk) -> None:
    assert not desk.panel.quotes.isVisible()
    by: dict[str, Any] = {"person": None, "now": desk.story.now}
    new = NewQuote(Decimal(5), contractor="Lift Ltd", deal_id=desk.story.deal)
    quotes.add(desk.story.store, new, **by)
    desk.settle()
    assert desk.panel.quotes.isVisible()


def test_a_proposal_becomes_a_price_that_is_accepted(desk: Desk) -> None:
    estimate(desk)
    section = desk.panel.quotes
    assert section.isVisible()
    assert offered(desk) == ["Lift Ltd", "Move Co"]
    QTest.keyClick(section.offered.list, ENTER)
    asked = form(desk, QuoteForm)
    assert asked.service.text() == "Crane"
    enter(desk, asked.price, "90 000")
    assert offered(desk) == ["Move Co"]
    assert section.given.list.item(0).number.replace("\u00a0", " ") == "90 000 ₽"
    trigger(desk, "Lift Ltd", "accept")
    assert cost(desk) == 90_000
    assert desk.said[-1].text.replace("\u00a0", " ").endswith("the cost of the deal is 90 000 ₽")
    assert section.given.list.item(0).text == "✓ Lift Ltd"
    desk.context.undo()
    desk.settle()
    assert cost(desk) is None
    assert section.given.list.item(0).text == "Lift Ltd"


def test_a_past_moment_shows_its_prices_with_nothing_to_do(desk: Desk) -> None:
    estimate(desk)
    section, now = desk.panel.quotes, desk.story.now
    new = NewQuote(Decimal(5), contractor="Lift Ltd", deal_id=desk.deal.id)
    made = quotes.add(desk.story.store, new, person=None, now=now).id
    quotes.accept(desk.story.store, made, person=None, now=now + 2)
    desk.settle()
    assert section.given.list.item(0).text == "✓ Lift Ltd"
    for as_of, texts in ((now + 1, ["Lift Ltd"]), (now - 1, None), (None, ["✓ Lift Ltd"])):
        section.show_deal(replace(desk.deal, as_of=as_of))
        desk.settle()
        assert section.isVisible() is (texts is not None)
        assert section.offered.isVisible() is (as_of is None)
        if texts is not None:
            assert [one.text for one in section.given.list.items] == texts
            made_menu = section.menu_of(section.given.list.item(0).source, section.pos())
            only = [each.text() for each in made_menu.actions()] == ["Open the contractor"]
            assert only is (as_of is not None)


def test_the_service_is_chosen_and_remembered_by_the_pipeline(desk: Desk) -> None:
    estimate(desk)
    section = desk.panel.quotes
    section.service.click()
    desk.pick("Transport")
    assert offered(desk) == ["Move Co"]
    QTest.mouseClick(section.given.add_button, Qt.MouseButton.LeftButton)
    asked = form(desk, QuoteForm)
    enter(desk, asked.price, "12000")
    assert asked.isVisible()  # whose price it is must be said
    assert asked.problem.text() == "Say which contractor asks this price."
    asked.contractor.setText("Swift")
    enter(desk, asked.price, "0")
    assert asked.isVisible()  # it is told where it was typed, with all of it still there
    enter(desk, asked.price, "12000")
    assert quote_of(desk, "Swift").service == "Transport"
    with desk.story.store.read() as r:
        assert r.value("SELECT count(*) FROM contractor WHERE name = 'Swift'") == 1
    again = deals.NewDeal("Estimate a move", desk.story.estimate, desk.story.maria)
    [other] = deals.create(desk.story.store, again, person=None, now=desk.story.now).deal_ids
    desk.open(other)
    desk.settle()
    assert section.service.text() == "Transport"
    assert offered(desk) == ["Swift", "Move Co"]


def test_work_is_done_rated_and_paid(desk: Desk) -> None:
    deal = estimate(desk)
    told_story = desk.story
    day = told_story.store.zone.day_of(told_story.now)
    new = NewQuote(Decimal(90_000), contractor="Lift Ltd", service="Crane", deal_id=deal,
                   planned_day=day - 2)  # fmt: skip
    quote = quotes.add(told_story.store, new, person=None, now=told_story.now).id
    quotes.accept(told_story.store, quote, person=None, now=told_story.now)
    desk.settle()
    trigger(desk, "Lift Ltd", "plan")
    plan = form(desk, PlanForm)
    assert plan.amount.text().replace("\u00a0", "") == "90000"
    enter(desk, plan.amount, "0")
    assert plan.problem.text() == "A payment needs an amount above 0; nothing was changed."
    enter(desk, plan.amount, "90000")
    assert [line.contractor for line in desk.deal.payments] == ["Lift Ltd"]
    trigger(desk, "Lift Ltd", "done")
    done = form(desk, DayForm)
    today = done.day.text()
    enter(desk, done.day, "31.12.2099")
    assert done.isVisible()
    enter(desk, done.day, today)
    assert quote_of(desk, "Lift Ltd").late_days == 2
    trigger(desk, "Lift Ltd", "rate")
    rating = form(desk, RateForm)
    assert rating.rows["deadlines"].value() == "4"  # proposed from the days
    QTest.mouseClick(rating.rows["price"].chip("2"), Qt.MouseButton.LeftButton)
    enter(desk, rating.why, "Late")
    assert quote_of(desk, "Lift Ltd").score == 3
    listed = desk.panel.quotes.given.list
    desk.qtbot.waitUntil(lambda: "★ 3.0" in listed.item(0).below)
    trigger(desk, "Lift Ltd", "undone")
    assert quote_of(desk, "Lift Ltd").actual_day is None


def test_a_colleagues_deal_is_only_looked_at(desk: Desk) -> None:
    deal = estimate(desk)
    new = NewQuote(Decimal(7), contractor="Lift Ltd", service="Crane", deal_id=deal)
    quotes.add(desk.story.store, new, person=None, now=desk.story.now)
    deals.assign(desk.story.store, [deal], desk.story.ivan, person=None, now=desk.story.now)
    desk.settle()
    section = desk.panel.quotes
    assert section.given.list.isVisible()
    assert not section.given.add_button.isVisible()
    assert not section.offered.isVisible()
    menu = section.menu_of(quote_of(desk, "Lift Ltd"), QPoint(0, 0))
    assert [each.objectName() for each in menu.actions()] == ["quote-menu-contractor"]
    menu.close()
