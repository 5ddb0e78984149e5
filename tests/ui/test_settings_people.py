"""The people of the settings: who comes, leads, leaves and works on this machine."""

from typing import Any

import pytest
from PySide6.QtTest import QTest

from salesdesk.services import absences, handing, machine, people
from tests.ui.board_story import NOW
from tests.ui.settings_desk import ENTER, Office, made, office

# What the offscreen platform says of a popup that opens.
pytestmark = pytest.mark.qt_log_ignore("grabbing the keyboard", extend=True)

__all__ = ["made", "office"]


def test_people_come_get_a_role_and_leave(office: Office) -> None:
    office.open("people")
    office.type("settings-person-name", "Petr Ivanov")
    everybody = {each.name: each for each in office.ask(people.people)}
    added = everybody["Petr Ivanov"]
    value = office.child("settings-person-role-value")
    QTest.keyClick(value, ENTER)
    office.pick("Team lead")
    QTest.keyClick(office.child("settings-person-team_id-value"), ENTER)
    office.pick("Turnkey")
    found = office.ask(people.person_of, added.id)
    assert (found.role, found.team_id is None) == ("team_lead", False)
    today = office.store.zone.day_of(NOW)
    office.type("settings-absence-first", "+1")
    office.type("settings-absence-last", "+7")
    office.click("settings-absence-add")
    away = office.ask(absences.absences, added.id)
    assert [(each.first_day, each.last_day) for each in away] == [(today + 1, today + 7)]
    office.type("settings-team-name", "Night shift")
    team = office.ask(people.find_team, "Night shift")
    office.click(f"settings-team-{team.id}-lead")
    office.pick("Petr Ivanov")
    assert office.ask(people.find_team, "Night shift").lead_id == added.id
    office.click("settings-person-leave")
    left = [each.id for each in office.ask(people.people, on_day=today + 1)]
    assert added.id not in left


def test_who_leaves_hands_over_what_is_open(office: Office) -> None:
    office.open("people")
    anna, ivan = office.desk.people[1:3]
    name = office.ask(people.person_of, anna).name
    section: Any = office.page.section("people")
    section.table.setCurrentIndex(section.model.index(section.model.row_of(anna), 0))
    left = office.ask(handing.left_with, anna)
    assert left.deals
    assert not section.person.handing.isVisible()
    office.click("settings-person-leave")
    assert f"{left.deals} open deal" in office.said[-1].text
    assert section.person.leave.text() == "Stays after all"
    assert f"{left.deals} open deal" in section.person.handing.told.text()
    office.click("settings-handing-heir")
    office.pick(office.ask(people.person_of, ivan).name)
    office.click("settings-handing-do")
    assert office.ask(handing.left_with, anna) == (0, 0)
    assert office.ask(handing.left_with, ivan).deals >= left.deals
    assert not section.person.handing.isVisible()
    office.context.undo()
    office.settle()
    assert office.ask(handing.left_with, anna) == left
    assert section.person.title_line.text() == name
    assert section.person.handing.isVisible()


def test_who_works_here_is_remembered_on_this_computer(office: Office) -> None:
    office.open("people")
    office.click("settings-me")
    office.pick("Anna Orlova")
    anna = office.desk.people[1]
    assert (office.context.person_id, office.context.person_name) == (anna, "Anna Orlova")
    assert machine.known(office.store.path).person == anna


def test_an_own_role_holds_at_once(office: Office) -> None:
    office.open("people")
    QTest.keyClick(office.child("settings-person-role-value"), ENTER)
    office.pick("Manager")
    assert office.context.role == "manager"
    assert office.child("settings-refused").isVisible()
    assert office.page.import_button.isHidden()
    office.context.undo()
    office.settle()
    assert office.context.role == "admin"
    assert not office.child("settings-refused").isVisible()
