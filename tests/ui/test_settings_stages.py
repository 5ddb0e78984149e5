"""Stages in the settings: dragged into order, archived, merged and taken back."""

from decimal import Decimal
from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from salesdesk.services import link_rules, pipelines, stage_ends
from salesdesk.services.link_rules import LinkRule
from salesdesk.ui.settings.dragging import Grip
from salesdesk.ui.settings.stage_end import StageEndForm
from salesdesk.ui.settings.stage_row import StageRow
from tests.ui.board_story import NOW
from tests.ui.settings_desk import ENTER, ESC, Office, made, office

pytestmark = pytest.mark.qt_log_ignore("grabbing the keyboard", extend=True)

__all__ = ["made", "office"]

BY: Any = {"person": None, "now": NOW}
LEFT = Qt.MouseButton.LeftButton


def stage_row(office: Office, name: str) -> StageRow:
    found = office.child(f"settings-stage-{office.desk.stages[name]}")
    assert isinstance(found, StageRow)
    return found


def drag(office: Office, name: str, onto: str, drop: bool = True) -> None:
    """Drag the grip of a stage to the lower edge of another one."""
    target = stage_row(office, onto)
    grip = stage_row(office, name).findChild(Grip)
    assert grip is not None
    QTest.mousePress(grip, LEFT, pos=QPoint(8, 10))
    at = grip.mapFromGlobal(target.mapToGlobal(QPoint(8, target.height() - 2)))
    QTest.mouseMove(grip, at / 2)
    QTest.mouseMove(grip, at)
    if not drop:
        QTest.keyClick(grip, ESC)
    QTest.mouseRelease(grip, LEFT, pos=at)
    office.settle()


def ending(office: Office, name: str, action: str) -> StageEndForm:
    office.act(f"settings-stage-{office.desk.stages[name]}", action)
    office.qtbot.waitUntil(lambda: QApplication.activePopupWidget() is not None)
    form = office.form()
    assert isinstance(form, StageEndForm)
    return form


def standing(office: Office, name: str) -> int:
    with office.store.read() as r:
        return int(
            r.value("SELECT count(*) FROM deal WHERE stage_id = ? AND deleted_at IS NULL",
                    (office.desk.stages[name],))
        )  # fmt: skip


def test_a_stage_is_dragged_into_its_place(office: Office) -> None:
    office.open("pipelines")
    before = office.order()
    drag(office, "New request", "Meeting held", drop=False)
    assert office.order() == before
    drag(office, "New request", "Meeting held")
    assert office.order() == [*before[1:3], "New request", *before[3:]]
    assert office.said[-1].text == "Stages put in order"
    office.context.undo()
    office.settle()
    assert office.order() == before


def test_a_stage_is_archived_and_its_deals_go_where_one_says(office: Office) -> None:
    office.open("pipelines")
    held, signed = standing(office, "Meeting held"), standing(office, "Contract signed")
    form = ending(office, "Meeting held", "archive")
    assert form.target.value == office.desk.stages["Meeting scheduled"]  # the one before
    office.click("settings-stage-end-to", form)
    office.pick("Contract signed")
    office.click("settings-stage-end-save", form)
    assert "Meeting held" not in office.order()
    assert standing(office, "Contract signed") == held + signed > signed
    key = office.desk.stages["Meeting held"]
    row = office.child(f"settings-archived-{key}")
    assert row.isVisible()
    last = office.child(f"settings-stage-{office.desk.stages['Lost']}")
    assert row.mapToGlobal(QPoint(0, 0)).y() > last.mapToGlobal(QPoint(0, 0)).y()
    office.click(f"settings-archived-{key}-back")
    assert "Meeting held" in office.order()
    office.context.undo()
    office.context.undo()
    office.settle()
    assert standing(office, "Meeting held") == held
    assert standing(office, "Contract signed") == signed


def test_what_leads_to_a_stage_is_named_and_led_elsewhere(office: Office) -> None:
    other = pipelines.add_pipeline(office.store, "Transport", counts=False, **BY).id
    start = pipelines.add_stage(office.store, other, "Start", **BY).id
    held = office.desk.stages["Meeting held"]
    back = LinkRule(0, start, "move_parent", held)
    link_rules.add_link_rule(office.store, back, **BY)
    office.open("pipelines")
    form = ending(office, "Meeting held", "merge")
    said = " ".join(label.text() for label in form.findChildren(type(form.wrong)))
    assert "Transport · Start → Turnkey services · Meeting held" in said
    assert "makes no tasks" in said
    QTest.keyClick(form.save, ENTER)
    office.settle()
    [link] = office.ask(link_rules.link_rules)
    assert link.target_stage_id == office.desk.stages["Meeting scheduled"]
    assert office.said[-1].action == "Undo"


def test_a_lonely_stage_with_deals_is_not_archived(office: Office) -> None:
    open_ones = [name for name in office.order() if name not in ("Won", "Lost")]
    for name in open_ones[1:]:
        stage_ends.archive_stage(
            office.store, office.desk.stages[name], office.desk.stages[open_ones[0]], **BY
        )
    office.open("pipelines")
    form = ending(office, open_ones[0], "archive")
    assert "make one first" in form.wrong.text()
    assert not form.save.isEnabled()
    form.close()


def test_only_what_was_never_used_can_be_deleted(office: Office) -> None:
    office.open("pipelines")
    office.type(f"settings-pipeline-{office.desk.pipeline}-stage-name", "Estimate")
    added = next(each for each in office.ask(pipelines.stages) if each.name == "Estimate"
                 and each.pipeline_id == office.desk.pipeline)  # fmt: skip
    assert "remove" in office.actions(f"settings-stage-{added.id}")
    assert "remove" not in office.actions(f"settings-stage-{office.desk.stages['Meeting held']}")


def test_names_have_room_in_a_narrow_window(office: Office) -> None:
    office.open("pipelines")
    for width, narrow in ((856, True), (1272, False)):
        office.window.resize(width, 668)
        office.settle()
        row = stage_row(office, "Meeting scheduled")
        assert row.second.isVisible() is narrow
        needed = row.name.fontMetrics().horizontalAdvance(row.name.text()) + 20
        assert row.name.width() >= needed
        assert row.milestone.isVisible()
        assert row.asks.isVisible()
        assert office.page._made["pipelines"].horizontalScrollBar().maximum() == 0


def test_points_without_a_day_are_not_shown_as_saved(office: Office) -> None:
    office.open("points")
    stage = office.desk.stages["Meeting held"]
    name, before = f"settings-points-{stage}-value", office.stage("Meeting held").points
    office.type("settings-points-day", "31.02")
    office.type(name, "4.5")
    assert office.wrong(f"settings-points-{stage}") == "First say from which day on it holds."
    assert office.entry(name).value() == before
    office.type("settings-points-day", "+0")
    office.type(name, "4.5")  # the same again: now it is saved
    assert office.stage("Meeting held").points == Decimal("4.5")
