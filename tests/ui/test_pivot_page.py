"""The pivot on the page of the reports: the shelf, live results, addresses, saved ones, files."""

import json
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel

from salesdesk.services import report_files, saved_filters
from salesdesk.services.pivot_catalog import ENTITIES
from salesdesk.text import set_language
from salesdesk.ui.pivot.shelf import Shelf
from salesdesk.ui.reports import query
from tests.ui.reports_desk import KEY, Open, Told, opened, told

pytestmark = pytest.mark.qt_log_ignore("grabbing the keyboard", extend=True)
__all__ = ["opened", "told"]


def _shelf(opened: Open) -> Shelf:
    opened.choose("pivot")
    shelf = opened.page.filters.shelf
    assert shelf is not None
    assert shelf.isVisible()
    return shelf


def _pick(opened: Open, switcher: Any, value: object) -> None:
    switcher._on_picked(value)
    opened.settle()


def test_it_begins_with_won_deals_by_month_and_person(opened: Open) -> None:
    shelf = _shelf(opened)
    assert opened.heads() == ["Closed", "Anna Orlova", "Total"]
    assert opened.rows() == [["November\u00a02026", "1", "1"]]
    assert shelf.values() == {
        "entity": "deal", "rows": "closed:month", "columns": "person", "date": "closed",
        "only.state": '["won"]', "only.pipeline": "[1]",
    }  # fmt: skip
    assert opened.page.chart.title.accessibleName().startswith("Number of deals · closed ×")
    opened.click(0, 1)
    assert [text.split(",")[0] for text in opened.things()] == ["Cranes"]


def test_every_choice_shows_at_once_and_has_an_address(opened: Open) -> None:
    shelf = _shelf(opened)
    shelf.only.take("state", "")
    shelf.only.take("pipeline", "")
    opened.settle()
    _pick(opened, shelf.date, "created")
    _pick(opened, shelf.row.field, "person")
    assert opened.heads()[:2] == ["Responsible person", "Nov 2026"], "the two changed places"
    _pick(opened, shelf.column.field, "state")
    assert opened.heads() == ["Responsible person", "Open", "Won", "Lost", "Total"]
    assert [row[0] for row in opened.rows()] == ["Anna Orlova", "Ivan Petrov", "Nobody", "Total"]
    _pick(opened, shelf.how, "sum")
    assert shelf.number.isVisible()
    assert opened.rows()[0][-1] == "4\u00a0100\u00a0000"
    opened.page.table.setFocus()
    QTest.keyClick(opened.page.table, KEY.Key_X)
    opened.settle()
    assert opened.heads() == ["State", *(f"{name}, ₽" for name in (
        "Anna Orlova", "Ivan Petrov", "Nobody")), "Total, ₽"]  # fmt: skip
    address = opened.page.address()
    assert (address["rows"], address["columns"], address["measure"]) == (
        "state", "person", "sum:amount",
    )  # fmt: skip
    opened.choose("funnel")
    opened.context.go_to("reports?" + "&".join(f"{k}={v}" for k, v in address.items()))
    opened.settle()
    assert shelf.values()["rows"] == "state"
    assert opened.heads()[0] == "State"


def test_back_leads_to_the_pivot_before(opened: Open) -> None:
    shelf = _shelf(opened)
    before = shelf.values()
    _pick(opened, shelf.column.field, "source")
    assert shelf.values() != before
    opened.window.walk(-1)
    opened.settle()
    assert shelf.values() == before


@pytest.mark.parametrize("name", ENTITIES)
def test_each_entity_can_be_counted(opened: Open, name: str) -> None:
    shelf = _shelf(opened)
    _pick(opened, shelf.counted, name)
    assert shelf.values()["entity"] == name
    for how in ("mean", "median", "share_total", "count"):
        _pick(opened, shelf.how, how)
        assert shelf.values().get("measure", "count").partition(":")[0] == how


def test_two_fields_of_rows_and_the_swap(opened: Open) -> None:
    shelf = _shelf(opened)
    _pick(opened, shelf.second.field, "stage")
    assert opened.heads()[:2] == ["Closed", "Stage"]
    _pick(opened, shelf.column.field, "")
    assert shelf.swap.isEnabled()
    shelf.exchange()
    opened.settle()
    assert (shelf.values()["rows"], shelf.values()["columns"]) == ("closed:month", "stage")
    _pick(opened, shelf.column.field, "")
    assert not shelf.swap.isEnabled()


def test_values_alone_and_examples(opened: Open) -> None:
    shelf = _shelf(opened)
    part = shelf.only.parts()["stage"]
    assert part.find is not None
    won = next(value for value, name in part.find("won") if name == "Won")
    shelf.only.take("stage", won)
    opened.settle()
    assert json.loads(shelf.values()["only.stage"]) == [int(won)]
    picker: Any = shelf._examples()
    picker.picked.emit(5)
    opened.settle()
    assert shelf.values()["entity"] == "task"
    assert opened.rows()[0][1:] == ["1", "1"] or opened.rows()[0][-1] == "1"


def test_a_pivot_that_cannot_be_read_is_said_and_the_first_one_shown(opened: Open) -> None:
    shelf = _shelf(opened)
    shelf.set_values({"entity": "deal", "rows": "moon"})
    assert shelf.values()["rows"] == "closed:month"
    said = [each.text() for each in opened.window.findChildren(QLabel)]
    assert any("“moon”" in text for text in said)


def test_saved_and_found_again(opened: Open, told: Told) -> None:
    shelf = _shelf(opened)
    _pick(opened, shelf.row.by, "quarter")
    saved_filters.save(
        told.desk.store, "reports", "Wins", opened.page.address(), shared=True, person=told.anna,
        now=told.now,
    )  # fmt: skip
    opened.choose("funnel")
    [kept] = opened.context.ask(saved_filters.saved_filters, "reports", told.anna)
    opened.page.choose_view(kept.texts)
    opened.settle()
    assert shelf.values()["rows"] == "closed:quarter"


def test_the_file_holds_what_is_shown(opened: Open, told: Told, tmp_path: Path) -> None:
    _shelf(opened)
    asked = opened.page.asked()
    table = opened.ask(query.read, asked).table
    for suffix in ("csv", "xlsx"):
        path = tmp_path / f"pivot.{suffix}"
        said = report_files.Told(table.title)
        assert report_files.write(path, table, said, told.desk.store.zone, {}) == 1
    text = (tmp_path / "pivot.csv").read_text("utf-8-sig")
    assert "Anna Orlova" in text


def test_in_russian_too(opened: Open) -> None:
    shelf = _shelf(opened)
    set_language("ru")
    try:
        opened.context.language_changed.emit()
        opened.page.retranslate()
        opened.settle()
        assert shelf.counted.text().strip() == "Сделки"
        assert opened.rows()[-1][0].startswith("Ноябрь")
    finally:
        set_language("en")
