"""The calendar of the settings: days off of the country and of the team."""

from datetime import date

import pytest
from PySide6.QtWidgets import QLabel

from salesdesk.services import days_off, settings
from salesdesk.services.surroundings import calendar
from salesdesk.ui.settings.days import CalendarSection
from tests.ui.board_story import NOW
from tests.ui.settings_desk import Office, made, office

# What the offscreen platform says of a popup that opens.
pytestmark = pytest.mark.qt_log_ignore("grabbing the keyboard", extend=True)
__all__ = ["made", "office"]


def test_a_year_of_the_country_is_copied_and_a_day_off_renamed(office: Office) -> None:
    office.open("calendar")
    office.type("settings-day-off-day", "24.12.2026", None)
    office.type("settings-day-off-name", "Party")
    day = office.store
    with day.read() as r:
        own = r.value("SELECT id FROM day_off WHERE origin = 'team' AND deleted_at IS NULL")
    office.type(f"settings-day-off-{own}-name", "Our party")
    with day.read() as r:
        assert r.value("SELECT name FROM day_off WHERE id = ?", (own,)) == "Our party"
    settings.change(office.store, {"country": "DE"}, person=None, now=NOW)
    office.settle()
    for _ in range(3):
        office.click("settings-year-after")
    section = office.page.section()
    assert isinstance(section, CalendarSection)
    assert "not copied yet" in section.origin.text()
    office.click("settings-year-copy")
    assert section.origin.text().startswith("Copied from the calendar of")
    year = section.year
    assert office.ask(days_off.known_years)[year] == "DE"
    office.context.undo()
    office.settle()
    assert year not in office.ask(days_off.known_years)


def test_a_saturday_is_worked_in_exchange_for_another_day(office: Office) -> None:
    settings.change(office.store, {"country": "DE"}, person=None, now=NOW)
    office.open("calendar")
    section = office.page.section()
    assert isinstance(section, CalendarSection)
    saturday = date(2026, 12, 19).toordinal()
    office.type("settings-day-off-day", "19.12.2026", None)
    office.click("settings-day-worked")
    assert office.ask(days_off.worked_weekends, 2026) == [saturday]
    assert office.ask(calendar).is_working(saturday)
    assert office.child(f"settings-worked-{saturday}").isVisible()
    office.type("settings-day-off-day", "21.12.2026", None)
    office.click("settings-day-worked")
    assert "worked anyway" in section.add.wrong.text()
    office.click(f"settings-worked-{saturday}-off")
    assert not office.ask(calendar).is_working(saturday)
    office.context.undo()
    office.settle()
    assert office.ask(calendar).is_working(saturday)


def test_working_hours_that_are_right_again_are_complained_about_no_more(office: Office) -> None:
    section = office.open("calendar")
    assert isinstance(section, CalendarSection)
    before = office.store.last_txn()
    office.type("settings-hours-from", "19:00")
    assert "end after they begin" in section.wrong.text()
    office.type("settings-hours-from", "9:00")  # as they are saved
    assert not section.wrong.text()
    assert section.closes.property("valid") != "false"
    assert office.store.last_txn() == before
    assert not office.said
    office.type("settings-hours-from", "19:00")
    office.type("settings-hours-from", "8:30")
    assert not section.wrong.text()
    assert office.ask(settings.get, settings.WORKING_HOURS) == (510, 1080)


def test_what_a_stage_counts_as_is_chosen_beside_its_points(office: Office) -> None:
    office.open("points")
    stage = office.desk.stages["Meeting held"]
    office.click(f"settings-points-{stage}-milestone")
    office.pick("Contract signed")
    assert office.stage("Meeting held").milestone == "contract_signed"
    office.context.undo()
    office.settle()
    assert office.stage("Meeting held").milestone is None


def test_holidays_are_called_in_the_language_of_now(office: Office) -> None:
    settings.change(office.store, {"country": "RU"}, person=None, now=NOW)
    office.open("calendar")
    section = office.page.section()
    assert isinstance(section, CalendarSection)
    assert section.found is not None
    ninth = date(2026, 5, 9).toordinal()
    [victory] = [each for each in section.found.days if each.day == ninth]
    assert victory.name == "Victory Day"

    def shown() -> list[str]:
        labels = office.page.section().findChildren(QLabel)  # another one in another language
        return [each.text() for each in labels if each.isVisible()]

    assert "Victory Day" in shown()
    office.context.set_language("ru")
    office.page.retranslate()
    office.qtbot.waitUntil(lambda: "День Победы" in shown(), timeout=20_000)
    with office.store.read() as r:
        kept = r.value("SELECT name FROM day_off WHERE id = ?", (victory.id,))
    assert kept == "Victory Day"
