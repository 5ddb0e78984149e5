"""Links in the settings: their words, their trial, and the picture of the pipelines."""

from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit

from salesdesk.services import link_rules, people, pipelines
from salesdesk.services.link_rules import LinkRule
from salesdesk.ui.settings.link_diagram import LinkDiagram
from salesdesk.ui.settings.links import LinkRow, LinksSection
from tests.ui.board_story import NOW
from tests.ui.settings_desk import DOWN, ENTER, Office, made, office

pytestmark = pytest.mark.qt_log_ignore("grabbing the keyboard", extend=True)

__all__ = ["made", "office"]

BY: Any = {"person": None, "now": NOW}


def linked(office: Office) -> tuple[LinksSection, int, int]:
    """The section with a link down to another pipeline and one back; their ids."""
    store, stages = office.store, office.desk.stages
    other = pipelines.add_pipeline(store, "Transport", counts=False, **BY).id
    new = pipelines.add_stage(store, other, "New estimate", **BY).id
    ready = pipelines.add_stage(store, other, "Estimate done", **BY).id
    down = LinkRule(0, stages["Meeting held"], "open_child", new)
    back = LinkRule(0, ready, "move_parent", stages["Contract signed"])
    keys = [link_rules.add_link_rule(store, each, **BY).id for each in (down, back)]
    section = office.open("links")
    assert isinstance(section, LinksSection)
    return section, keys[0], keys[1]


def link_of(office: Office, key: int) -> LinkRule:
    found: LinkRule = next(x for x in office.ask(link_rules.link_rules) if x.id == key)
    return found


def test_the_title_of_a_child_and_what_is_filled_in_are_changed(office: Office) -> None:
    _section, down, back = linked(office)
    office.click(f"settings-link-{down}-called")
    field = office.form().findChild(QLineEdit, f"settings-link-{down}-words-text")
    assert field is not None
    QTest.keyClicks(field, "Estimate the transport")
    QTest.keyClick(field, ENTER)
    office.settle()
    assert link_of(office, down).title == "Estimate the transport"
    office.click(f"settings-link-{back}-fills")
    form = office.form()
    office.click(f"settings-link-{back}-fills-form-cost", form)
    office.click(f"settings-link-{back}-fills-form-save", form)
    assert link_of(office, back).filled == ("cost",)
    assert office.child(f"settings-link-{back}-sentence").accessibleName() == (
        "When a deal enters Transport · Estimate done, move its parent to "
        "Turnkey services · Contract signed and fill in Cost there."
    )
    office.context.undo()
    office.settle()
    assert link_of(office, back).filled == ()


def test_a_link_is_tried_on_real_moves(office: Office) -> None:
    section, down, _back = linked(office)
    before = office.store.last_txn()
    office.click(f"settings-link-{down}-try")
    shown = section.trial.list.model_.rowCount()
    assert shown > 0
    assert f"{shown} deal" in section.trial.numbers.accessibleName()
    assert "late" not in section.trial.numbers.accessibleName()
    assert office.store.last_txn() == before


def test_a_link_says_that_its_person_has_left(office: Office) -> None:
    section, down, _back = linked(office)
    rule = link_of(office, down)
    person = office.desk.people[2]
    named = LinkRule(
        rule.id, rule.stage_id, "open_child", rule.target_stage_id, assignee_rule="person",
        assignee_id=person,
    )  # fmt: skip
    link_rules.change_link_rule(office.store, named, **BY)
    left = office.store.zone.day_of(NOW) - 1
    people.change_person(office.store, person, {"last_day": left}, **BY)
    section.refresh()
    assert "does not work here" in office.wrong(f"settings-link-{down}")


def test_an_arrow_opens_its_rule_by_mouse_and_by_keys(office: Office) -> None:
    section, down, back = linked(office)
    diagram = section.diagram
    where = diagram.arrow(down).pointAtPercent(0.5).toPoint()
    QTest.mouseClick(diagram, Qt.MouseButton.LeftButton, pos=where)
    rows = section.links.rows()
    first, second = rows[down], rows[back]
    assert isinstance(first, LinkRow)
    assert isinstance(second, LinkRow)
    assert office.window.focusWidget() is first.tokens["stage"]
    diagram.setFocus()
    QTest.keyClick(diagram, DOWN)
    assert "moves the parent" in diagram.accessibleName()
    QTest.keyClick(diagram, ENTER)
    assert office.window.focusWidget() is second.tokens["stage"]
    opened: list[int] = []
    diagram.link_wanted.connect(opened.append)
    QTest.mouseClick(diagram, Qt.MouseButton.LeftButton, pos=QPoint(1, diagram.height() - 1))
    assert opened == []


def test_the_picture_is_told_as_text(office: Office) -> None:
    section, down, _back = linked(office)
    assert section.diagram.accessibleDescription().splitlines() == [
        "“Turnkey services · Meeting held” opens a deal in “Transport · New estimate”",
        "“Transport · Estimate done” moves the parent to “Turnkey services · Contract signed”",
    ]
    office.click(f"settings-link-{down}-remove")
    assert len(section.diagram.text().splitlines()) == 1


def test_arrows_come_in_at_the_edges_of_their_stages(office: Office) -> None:
    section, down, back = linked(office)
    diagram: LinkDiagram = section.diagram
    boxes = diagram._boxes
    for key, goes_down in ((down, True), (back, False)):
        link, line = link_of(office, key), diagram.arrow(key)
        source, target = boxes[link.stage_id], boxes[link.target_stage_id]
        start, end = line.pointAtPercent(0), line.pointAtPercent(1)
        assert start.y() == (source.bottom() if goes_down else source.top())
        assert end.y() == (target.top() if goes_down else target.bottom())
        assert target.left() <= end.x() <= target.right()
