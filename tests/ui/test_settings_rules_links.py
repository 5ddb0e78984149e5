"""Links in the settings: their words, their trial, and the picture of the pipelines."""

from dataclasses import replace
from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QWidget

from salesdesk.errors import NotFound
from salesdesk.services import link_rules, lists, people, pipelines
from salesdesk.services.link_rules import LinkRule
from salesdesk.ui.settings.link_diagram import LinkDiagram
from salesdesk.ui.settings.links import LinkRow
from salesdesk.ui.settings.rules import RulesSection
from tests.ui.board_story import NOW
from tests.ui.settings_desk import DOWN, ENTER, Office, made, office

pytestmark = pytest.mark.qt_log_ignore("grabbing the keyboard", extend=True)

__all__ = ["made", "office"]

BY: Any = {"person": None, "now": NOW}


def linked(office: Office) -> tuple[RulesSection, int, int]:
    """The section with a link down to another pipeline and one back; their ids."""
    store, stages = office.store, office.desk.stages
    other = pipelines.add_pipeline(store, "Transport", counts=False, **BY).id
    new = pipelines.add_stage(store, other, "New estimate", **BY).id
    ready = pipelines.add_stage(store, other, "Estimate done", **BY).id
    down = LinkRule(0, stages["Meeting held"], "open_child", new)
    back = LinkRule(0, ready, "move_parent", stages["Contract signed"])
    keys = [link_rules.add_link_rule(store, each, **BY).id for each in (down, back)]
    section = office.open("links")
    assert isinstance(section, RulesSection)
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
    assert form.findChild(QWidget, f"settings-link-{back}-fills-form-cost") is None
    office.click(f"settings-link-{back}-fills-form-amount", form)
    office.click(f"settings-link-{back}-fills-form-save", form)
    assert link_of(office, back).filled == ("amount",)
    assert office.child(f"settings-link-{back}-sentence").accessibleName() == (
        "When the child enters Transport · Estimate done, move the parent to Contract signed, "
        "only forward, and fill in Amount."
    )
    office.context.undo()
    office.settle()
    assert link_of(office, back).filled == ()


def test_money_of_the_child_is_filled_into_an_own_field(office: Office) -> None:
    section, _down, back = linked(office)
    store = office.store
    money = {"subject": "deal", "kind": "money"}
    office.context.write(lists.add, "fields", "Transport price", money)
    office.settle()
    office.click(f"settings-link-{back}-fills")
    form = office.form()
    office.click(f"settings-link-{back}-fills-form-cost -> Transport price", form)
    office.click(f"settings-link-{back}-fills-form-save", form)
    assert link_of(office, back).filled == ("cost -> Transport price",)
    said = office.child(f"settings-link-{back}-sentence").accessibleName()
    assert said.endswith("and fill in Cost → Transport price.")
    link = replace(link_of(office, back), filled=("cost -> Nowhere",))
    with pytest.raises(NotFound, match="Nowhere"):
        link_rules.change_link_rule(store, link, **BY)
    with store.read() as r:
        [key] = [item.id for item in lists.items(r, "fields") if item.name == "Transport price"]
    office.context.write(lists.remove, "fields", key)
    office.settle()
    said = office.child(f"settings-link-{back}-sentence").accessibleName()
    assert said.endswith("and fill in Cost → Transport price.")  # what is gone keeps its words
    assert section.isVisible()


def test_a_link_is_tried_on_real_moves(office: Office) -> None:
    section, down, _back = linked(office)
    before = office.store.last_txn()
    office.act(f"settings-link-{down}", "try")
    shown = section.trial.list.model_.rowCount()
    assert shown > 0
    assert f"{shown} child deals" in section.trial.numbers.texts()
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
    assert "does not work here any more" in office.wrong(f"settings-link-{down}")


def test_an_arrow_opens_its_rule_by_mouse_and_by_keys(office: Office) -> None:
    section, down, back = linked(office)
    diagram = section.picture.diagram
    where = diagram.arrow(down).pointAtPercent(0.5).toPoint()
    QTest.mouseClick(diagram, Qt.MouseButton.LeftButton, pos=where)
    first, second = section.row("link", down), section.row("link", back)
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
    assert section.picture.diagram.accessibleDescription().splitlines() == [
        "“Turnkey services · Meeting held” opens a deal in “Transport · New estimate”",
        "“Transport · Estimate done” moves the parent to “Turnkey services · Contract signed”",
    ]
    office.act(f"settings-link-{down}", "remove")
    assert len(section.picture.diagram.text().splitlines()) == 1


def test_lines_come_in_at_the_edges_of_their_stages(office: Office) -> None:
    section, down, back = linked(office)
    diagram: LinkDiagram = section.picture.diagram
    for key, goes_right in ((down, True), (back, False)):
        link, line = link_of(office, key), diagram.arrow(key)
        source, target = diagram.box(link.stage_id), diagram.box(link.target_stage_id)
        start, end = line.pointAtPercent(0), line.pointAtPercent(1)
        assert start.x() == (source.right() if goes_right else source.left())
        assert end.x() == (target.left() if goes_right else target.right())
        assert target.top() <= end.y() <= target.bottom()


def test_a_line_and_its_sentence_show_each_other(office: Office) -> None:
    section, down, back = linked(office)
    diagram, row = section.picture.diagram, section.row("link", down)
    assert row is not None
    where = diagram.arrow(down).pointAtPercent(0.5).toPoint()
    QTest.mouseMove(diagram, where)
    assert row.is_marked()
    QTest.mouseMove(diagram, QPoint(1, diagram.height() - 1))
    assert not row.is_marked()
    row.tokens["who"].setFocus()  # by the keyboard
    assert diagram.is_marked(down)
    assert not diagram.is_marked(back)
    row.more.setFocus()
    QTest.mouseMove(row, QPoint(5, 5))
    assert diagram.is_marked(down)


def test_the_picture_stands_below_where_there_is_no_room(office: Office) -> None:
    section, _down, _back = linked(office)
    office.window.resize(1272, 668)
    office.settle()
    assert not section.isAncestorOf(section.picture)
    office.window.resize(856, 668)
    office.settle()
    assert section.isAncestorOf(section.picture)
    assert section.picture.isVisible()
    office.open("points")
    assert not section.picture.isVisible()


def test_a_link_says_what_is_copied_kept_in_step_and_may_move_back(office: Office) -> None:
    lists.add(office.store, "fields", "Route", {"subject": "deal", "kind": "text"}, **BY)
    _section, down, back = linked(office)
    office.click(f"settings-link-{down}-carries")
    form = office.form()
    for name in ("amount", "Route"):
        office.click(f"settings-link-{down}-carries-form-{name}", form)
    office.click(f"settings-link-{down}-carries-form-save", form)
    office.click(f"settings-link-{down}-step")
    office.pick("kept in step: later changes go along")
    link = link_of(office, down)
    assert (link.copied, link.keeps_in_step) == (("amount", "Route"), True)
    assert office.child(f"settings-link-{down}-sentence").accessibleName() == (
        "When a deal enters Meeting held, open a child deal in Transport at New estimate for the "
        "responsible person, named like its parent, and copy Amount, Route, kept in step."
    )
    office.click(f"settings-link-{back}-back")
    office.pick("forward or back")
    assert link_of(office, back).allows_back


def test_a_link_is_drafted_and_a_circle_is_refused(office: Office) -> None:
    section, down, back = linked(office)
    office.click("settings-link-add")
    office.click("settings-link-draft-does")
    office.pick("moves its parent")
    draft = section.drafts["link"]
    assert isinstance(draft, LinkRule)  # the child's stage comes first now
    assert section.found.pipeline_of(draft.stage_id) != office.desk.pipeline
    office.click("settings-link-draft-in")
    office.pick("Transport · New estimate")
    office.click("settings-link-draft-to")
    office.pick("Turnkey services · Meeting held")
    office.click("settings-link-draft-keep")
    assert "circle" in office.wrong("settings-link-draft")
    assert len(office.ask(link_rules.link_rules)) == 2
    office.click("settings-link-draft-to")
    office.pick("Turnkey services · Won")
    office.click("settings-link-draft-keep")
    assert section.drafts["link"] is None
    assert len(office.ask(link_rules.link_rules)) == 3
    assert down != back
