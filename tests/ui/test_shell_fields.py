"""Fields edited in place, pick lists, chips, tables: by keyboard and mouse."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QStandardItem, QStandardItemModel
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QCalendarWidget,
    QHBoxLayout,
    QLineEdit,
    QPlainTextEdit,
    QVBoxLayout,
    QWidget,
)
from pytestqt.qtbot import QtBot

from salesdesk.ui import theme
from salesdesk.ui.remember import Remember
from salesdesk.ui.settings.cells import Entry
from salesdesk.ui.widgets.buttons import ComboButton
from salesdesk.ui.widgets.chips import Chip, ChipRow
from salesdesk.ui.widgets.entries import ValueEdit
from salesdesk.ui.widgets.fields import FieldRow
from salesdesk.ui.widgets.flow import FlowLayout
from salesdesk.ui.widgets.kinds import (
    ChoiceKind,
    DateKind,
    Kind,
    MoneyKind,
    MultilineKind,
    NumberKind,
    TextKind,
)
from salesdesk.ui.widgets.labels import ElidedLabel
from salesdesk.ui.widgets.panel import SidePanel
from salesdesk.ui.widgets.popup import Option, Picker, Popover, show_under
from salesdesk.ui.widgets.progress import ProgressRow
from salesdesk.ui.widgets.table import Table
from salesdesk.ui.widgets.timeline import Timeline, TimelineEntry

TODAY = 739_941
OWNERS = [Option(1, "Анна Орлова"), Option(2, "Maria Kim", "logistics"), Option(3, "Ivan Petrov")]
MANY = [Option(at, f"Stage {at}") for at in range(5, 30)]
POPUPS = pytest.mark.qt_log_ignore("grabbing the keyboard", "grabbing the mouse", extend=True)


_windows: list[QWidget] = []


@pytest.fixture(autouse=True)
def _dressed(qapp: QApplication) -> Iterator[None]:
    theme.install(qapp, "light")
    yield
    _windows.clear()


def shown(qtbot: QtBot, *rows: QWidget) -> QWidget:
    """The rows in a window with the focus."""
    window = QWidget()
    column = QVBoxLayout(window)
    for row in rows:
        column.addWidget(row)
    _windows.append(window)
    with qtbot.waitActive(window):
        window.show()
        window.activateWindow()
    return window


def row(qtbot: QtBot, kind: Kind, value: Any) -> tuple[FieldRow, list[Any]]:
    field = FieldRow("Field", kind, "field", value)
    committed: list[Any] = []
    field.committed.connect(committed.append)
    shown(qtbot, field, FieldRow("Other", TextKind(), "other"))
    return field, committed


@pytest.mark.parametrize("look", ["search", "inline"])
def test_the_cross_that_empties_a_field_stands_in_its_middle(qtbot: QtBot, look: str) -> None:
    field = QLineEdit("spare")
    field.setProperty("look", look)
    field.setClearButtonEnabled(True)
    shown(qtbot, field)
    cross = field.findChild(QAbstractButton)
    assert cross is not None
    assert field.rect().contains(cross.geometry())
    assert abs(cross.geometry().center().y() - field.rect().center().y()) <= 1


def test_enter_edits_and_commits(qtbot: QtBot) -> None:
    field, committed = row(qtbot, TextKind(required=True), "Excavator")
    field._shown.setFocus()
    QTest.keyClick(field._shown, Qt.Key.Key_Return)
    assert field.editing()
    editor = field._editor
    assert editor is not None
    QTest.keyClicks(editor, "  Loader \u00a0 overhaul ")
    QTest.keyClick(editor, Qt.Key.Key_Return)
    assert committed == ["Loader overhaul"]
    assert not field.editing()
    assert field._shown.text() == "Loader overhaul"
    assert field._shown.hasFocus()


def test_escape_forgets_and_an_equal_value_is_no_commit(qtbot: QtBot) -> None:
    field, committed = row(qtbot, TextKind(), "Excavator")
    QTest.mouseClick(field._shown, Qt.MouseButton.LeftButton)
    assert field._editor is not None
    QTest.keyClicks(field._editor, "something else")
    QTest.keyClick(field._editor, Qt.Key.Key_Escape)
    assert field._shown.text() == "Excavator"
    field.edit()
    assert field.commit()
    assert committed == []


def test_leaving_commits(qtbot: QtBot) -> None:
    field, committed = row(qtbot, TextKind(), "Excavator")
    field.edit()
    assert field._editor is not None
    QTest.keyClicks(field._editor, "Loader")
    QTest.keyClick(field._editor, Qt.Key.Key_Tab)
    assert committed == ["Loader"]


def test_a_wrong_value_is_explained_while_typing_and_never_committed(qtbot: QtBot) -> None:
    field, committed = row(qtbot, MoneyKind("RUB"), Decimal(1_240_000))
    assert field._shown.text() == "1\u00a0240\u00a0000\u00a0₽"
    field.edit()
    editor = field._editor
    assert editor is not None
    QTest.keyClicks(editor, "12x")
    assert field._problem.isVisible()
    assert field._problem.text().startswith("Not a number")
    QTest.keyClick(editor, Qt.Key.Key_Return)
    QTest.keyClick(editor, Qt.Key.Key_Tab)
    assert field.editing()
    assert committed == []
    QTest.keyClick(editor, Qt.Key.Key_Backspace)
    assert not field._problem.isVisible()
    QTest.keyClick(editor, Qt.Key.Key_Return)
    assert committed == [Decimal(12)]


def test_empty_is_nothing_unless_required(qtbot: QtBot) -> None:
    assert MoneyKind("RUB").read(" ") is None
    assert DateKind(lambda: TODAY).read("") is None
    assert TextKind().show(None) == "—"
    with pytest.raises(ValueError, match="empty"):
        TextKind(required=True).read("  ")
    with pytest.raises(ValueError, match="empty"):
        NumberKind(required=True).read("")
    with pytest.raises(ValueError, match="At most 3 characters"):
        TextKind(longest=3).read("four")


@pytest.mark.parametrize(
    ("typed", "problem"),
    [("101", "From 0 to 100"), ("-1", "From 0 to 100"), ("1.5", "whole number"), ("x", "Not a")],
)
def test_numbers_have_limits(typed: str, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        NumberKind(0, 100, unit="%").read(typed)
    assert NumberKind(0, 100, unit="%").show(Decimal(50)) == "50 %"
    with pytest.raises(ValueError, match="At most 1 digits"):
        NumberKind(0, 100, places=1).read("1.25")


def test_many_lines(qtbot: QtBot) -> None:
    field, committed = row(qtbot, MultilineKind(), "one")
    field.edit()
    editor = field._editor
    assert isinstance(editor, QPlainTextEdit)
    QTest.keyClick(editor, Qt.Key.Key_End)
    QTest.keyClick(editor, Qt.Key.Key_Return)
    QTest.keyClicks(editor, "two")
    QTest.keyClick(editor, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert committed == ["one\ntwo"]


@POPUPS
def test_a_day_from_the_calendar(qtbot: QtBot) -> None:
    field, committed = row(qtbot, DateKind(lambda: TODAY), TODAY)
    field.edit()
    assert field._editor is not None
    button = field._editor.findChild(QWidget, "field-calendar")
    assert isinstance(button, QWidget)
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    popup = QApplication.activePopupWidget()
    assert popup is not None
    days = popup.findChild(QCalendarWidget)
    assert isinstance(days, QCalendarWidget)
    assert days.selectedDate().toString("yyyy-MM-dd") == "2026-11-21"
    days.activated.emit(days.selectedDate().addDays(3))
    assert committed == [TODAY + 3]


@POPUPS
def test_a_calendar_without_a_day_opens_on_the_today_of_the_workspace(qtbot: QtBot) -> None:
    kind = DateKind(lambda: TODAY - 4000)  # no day of this machine's clock
    field, _committed = row(qtbot, kind, None)
    field.edit()
    assert field._editor is not None
    holder = QWidget()
    qtbot.addWidget(holder)
    beside = QVBoxLayout(holder)
    for other in (ValueEdit(kind, "value", "Day"), Entry(kind, "entry", "Day")):
        beside.addWidget(other)
    holder.show()
    for name, inside in (("field", field), ("value", holder), ("entry", holder)):
        button = inside.findChild(QAbstractButton, f"{name}-calendar")
        assert isinstance(button, QAbstractButton)
        button.click()
        popup = QApplication.activePopupWidget()
        assert popup is not None
        days = popup.findChild(QCalendarWidget)
        assert isinstance(days, QCalendarWidget)
        assert days.selectedDate().toString("yyyy-MM-dd") == "2015-12-09"
        popup.close()


@POPUPS
def test_a_choice_by_keyboard(qtbot: QtBot) -> None:
    field, committed = row(qtbot, ChoiceKind(lambda: OWNERS), 1)
    assert field._shown.text() == "Анна Орлова"
    field._shown.setFocus()
    QTest.keyClick(field._shown, Qt.Key.Key_Return)
    picker = QApplication.activePopupWidget()
    assert isinstance(picker, Picker)
    QTest.keyClick(picker.list, Qt.Key.Key_Down)
    QTest.keyClick(picker.list, Qt.Key.Key_Return)
    assert committed == [2]
    assert field._shown.text() == "Maria Kim"


@POPUPS
@pytest.mark.parametrize(
    ("typed", "found"),
    [("kim", 2), ("LOGIST", 2), ("фнна", None), ("анна", 1), ("fyyf", 1), ("ьфкшф", 2),
     ("29", 29), ("petr iv", 3)],
)  # fmt: skip
def test_type_ahead_in_both_layouts(qtbot: QtBot, typed: str, found: int | None) -> None:
    picker = Picker([*OWNERS, *MANY], "pick", "Pick")
    picked: list[int] = []
    picker.picked.connect(picked.append)
    picker.show()
    assert picker.field.hasFocus() or not picker.isActiveWindow()
    picker.field.setText(typed)
    QTest.keyClick(picker.field, Qt.Key.Key_Return)
    assert picked == ([] if found is None else [found])
    if found is None:
        picker.close()


@POPUPS
def test_a_combo_button_opens_by_key(qtbot: QtBot) -> None:
    button = ComboButton("Pipeline", "pipeline")
    button.set_opens(lambda: Picker(OWNERS, "pipelines", "Pipelines", 3))
    window = shown(qtbot, button)
    QTest.keyClick(button, Qt.Key.Key_Down)
    picker = QApplication.activePopupWidget()
    assert isinstance(picker, Picker)
    assert picker.list.currentIndex().data() == "Ivan Petrov"
    assert picker.y() >= window.y()
    QTest.keyClick(picker, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: QApplication.activePopupWidget() is None)


def test_chips_count_and_choose(qtbot: QtBot) -> None:
    chip = Chip("Overdue", "overdue")
    chip.set_count(1234)
    assert (chip.text(), chip.accessibleName()) == ("Overdue · 1,234", "Overdue · 1,234")
    chip.set_count(None)
    assert chip.text() == "Overdue"
    periods = ChipRow([("day", "Today"), ("week", "Week")], "period", "Period")
    shown(qtbot, chip, periods)
    chosen: list[str] = []
    periods.chosen.connect(chosen.append)
    QTest.mouseClick(periods.chip("week"), Qt.MouseButton.LeftButton)
    QTest.mouseClick(periods.chip("week"), Qt.MouseButton.LeftButton)
    assert (chosen, periods.value()) == (["week"], "week")
    assert periods.chip("week").isChecked()
    periods.set_texts({"day": "Сегодня", "week": "Неделя"})
    assert periods.chip("day").text() == "Сегодня"


def test_a_table_opens_by_enter_and_remembers_widths(qtbot: QtBot, tmp_path: Any) -> None:
    remember = Remember(tmp_path / "window.ini")

    def table() -> Table:
        made = Table("tasks", "Tasks")
        model = QStandardItemModel(0, 3, made)
        for at in range(4):
            model.appendRow([QStandardItem(f"{at} {column}") for column in range(3)])
        made.setModel(model)
        made.remember(remember, "tasks")
        return made

    first, opened = table(), []
    shown(qtbot, first)
    first.opened.connect(lambda index: opened.append(index.row()))
    first.selectRow(2)
    QTest.keyClick(first, Qt.Key.Key_Return)
    assert opened == [2]
    assert first.rowHeight(0) == theme.ROW_HEIGHT
    first.setColumnWidth(0, 222)
    remember.save()
    second = table()
    qtbot.addWidget(second)
    assert second.columnWidth(0) == 222
    second.fit_height()
    assert second.height() < 5 * theme.ROW_HEIGHT + 10


def test_a_panel_closes_by_escape(qtbot: QtBot) -> None:
    panel = SidePanel("deal", "Deal")
    inside = FieldRow("Title", TextKind(), "title", "Loader")
    panel.body.addWidget(inside)
    shown(qtbot, panel)
    inside._shown.setFocus()
    with qtbot.waitSignal(panel.closed):
        QTest.keyClick(inside._shown, Qt.Key.Key_Escape)
    assert not panel.isVisible()


def test_progress_is_cancelled_once(qtbot: QtBot) -> None:
    progress = ProgressRow("import", "Import")
    shown(qtbot, progress)
    cancelled: list[int] = []
    progress.cancelled.connect(lambda: cancelled.append(1))
    progress.set_progress(50, 100, "50 of 100")
    assert progress.bar.value() == 500
    progress.button.click()
    progress.button.click()
    assert cancelled == [1]
    progress.begin()
    assert progress.button.isEnabled()


def test_history_shows_text_as_text(qtbot: QtBot) -> None:
    timeline = Timeline("history", "History")
    shown(qtbot, timeline)
    timeline.set_entries([TimelineEntry("<b>", "Won & <i>", "18 Nov")] * 3, "and 2 more…")
    timeline.set_entries([TimelineEntry("<script>", "", "today")])
    assert timeline.layout() is not None
    blocks = [w for w in timeline.findChildren(QWidget) if "script" in w.accessibleName()]
    assert blocks[0].accessibleName() == "<script>, today"


def test_flow_breaks_its_rows(qtbot: QtBot) -> None:
    holder = QWidget()
    flow = FlowLayout(holder)
    for at in range(8):
        flow.addWidget(Chip(f"Filter {at}", f"filter-{at}"))
    one, two = flow.heightForWidth(2000), flow.heightForWidth(200)
    assert two > 2 * one
    shown(qtbot, holder).resize(240, 400)
    two = flow.heightForWidth(holder.width())
    last = flow.itemAt(7)
    assert last is not None
    assert last.geometry().bottom() <= two


@POPUPS
def test_a_popover_of_one_width_has_room_for_the_rows_that_break_there(qtbot: QtBot) -> None:
    anchor = QWidget()
    shown(qtbot, anchor).resize(600, 400)
    popover = Popover("popover", "Popover", anchor)
    popover.setFixedWidth(200)
    holder = QWidget()
    flow = FlowLayout(holder)
    for at in range(4):
        flow.addWidget(Chip(f"Filter {at}", f"filter-{at}"))
    popover.body.addWidget(holder)
    row = QHBoxLayout()  # wants to be wider than the popover is
    for _ in range(3):
        row.addWidget(QLineEdit())
    popover.body.addLayout(row)
    show_under(popover, anchor)
    last = flow.itemAt(3)
    assert last is not None
    assert flow.heightForWidth(holder.width()) > flow.heightForWidth(320)
    assert popover.width() == 200
    assert last.geometry().bottom() < holder.height()
    popover.close()


def test_a_long_label_ends_in_an_ellipsis_and_tells_all(qtbot: QtBot) -> None:
    label = ElidedLabel("Annual service contract of the whole fleet of excavators")
    window = shown(qtbot, label)
    window.resize(120, 60)
    assert label.toolTip() == label.text()
    window.resize(900, 60)
    qtbot.waitUntil(lambda: label.toolTip() == "")
