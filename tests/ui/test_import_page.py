"""The import page with real widgets on real files: from the drop to the undo."""

# ruff: noqa: F811 - fixtures are named like the arguments that ask for them

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtTest import QTest

from salesdesk.services import pipelines
from salesdesk.ui.imports import steps
from salesdesk.ui.imports.columns import _NOTHING
from tests.services.importing import everything
from tests.ui.import_desk import (
    BAD,
    GOOD,
    Open,
    opened,  # noqa: F401 - fixtures
)

pytestmark = pytest.mark.qt_log_ignore("grabbing the keyboard", extend=True)


def test_a_file_dropped_on_the_page_is_understood(opened: Open) -> None:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(opened.file(GOOD)))])
    drop = QDropEvent(
        QPointF(QPoint(300, 300)), Qt.DropAction.CopyAction, mime, Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )  # fmt: skip
    opened.page.dropEvent(drop)
    opened.settle()
    page = opened.page
    assert page.step == steps.COLUMNS
    found = {column: (field, example, said) for column, field, example, said in opened.columns()}
    assert found["number"] == ("External number", "1", "4 new")
    assert found["owner"] == ("Responsible person", "Ann Lee", "2 people, 2 new")
    assert found["product + account"][:2] == ("Title", "Rack · Vega")
    assert found["account"][2] == "2 clients, 2 new, 1 empty"
    assert found["stage"][0] == "Stage"
    assert "4 stages" in found["stage"][2]
    assert found["closed"][2] == "dates Y-M-D, 2 empty"
    trial = page.trial
    assert trial is not None
    assert (trial.deals, trial.clients, trial.rejected) == (4, 2, ())
    assert [(stage.name, stage.count) for stage in trial.preview] == [
        ("New", 1), ("Talk", 1), ("Won", 1), ("Lost", 1),
    ]  # fmt: skip
    assert page.side.start.text() == "Import 4 rows"
    assert opened.count() == 0


def test_a_cell_that_cannot_be_read_is_not_called_empty(opened: Open) -> None:
    opened.bring(BAD)  # one bad date of creation, one bad amount
    said = {column: words for column, _field, _example, words in opened.columns()}
    assert said["created"] == "dates Y-M-D, 1 cannot be read"
    assert said["amount"] == "numbers, 1 cannot be read, 1 empty"


def test_import_undo_and_the_same_again(opened: Open) -> None:
    before = everything(opened.store)
    opened.bring(GOOD)
    opened.press("import-start")
    opened.settle()
    assert opened.page.step == steps.DONE
    assert opened.count() == 4
    assert "Imported big_sales.csv" in opened.texts()
    opened.press("import-open-board")
    with opened.store.read() as r:
        pipeline = r.value("SELECT pipeline_id FROM stage WHERE name = 'Talk'")
    assert opened.went == [f"board?pipeline={pipeline}"]
    opened.press("import-undo")
    opened.settle()
    assert opened.count() == 0
    assert "The import of big_sales.csv was taken back" in opened.texts()
    assert everything(opened.store)["won_line"] == before["won_line"]
    opened.context.redo()
    opened.settle()
    assert opened.count() == 4
    assert "Imported big_sales.csv" in opened.texts()
    opened.bring(GOOD)
    assert opened.page.side.start.text() == "Nothing to import"
    assert not opened.page.side.start.isEnabled()


def test_what_cannot_be_read_is_said_in_place_and_nothing_is_lost(opened: Open) -> None:
    opened.bring(GOOD)
    mapping = opened.page.mapping
    for name, content in (
        ("empty.csv", b""), ("picture.csv", b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 9),
        ("book.xlsx", b"PK\x03\x04 cut off"),
    ):  # fmt: skip
        path = opened.folder / name
        path.write_bytes(content)
        opened.page.open_file(path)
        opened.settle()
        said = opened.page.drop.problem
        assert said.isVisible(), name
        assert said.text().endswith("."), name
    opened.page.open_file(opened.folder / "nowhere.csv")
    opened.settle()
    assert "nowhere.csv" in opened.page.drop.problem.text()
    opened.press("import-back-to-columns")
    assert opened.page.step == steps.COLUMNS
    assert opened.page.mapping == mapping
    assert opened.page.side.start.isEnabled()


def test_another_field_own_fields_joins_and_constants(opened: Open) -> None:
    opened.bring(GOOD.replace("created,closed", "colour,closed"))
    page, card = opened.page, opened.page.columns.columns
    row = card.row_of("colour")
    opened.choose(row, _NOTHING)
    assert opened.columns()[card.row_of("colour")][1] == "— not imported"
    opened.choose(card.row_of("colour"), "Paint")
    assert page.mapping is not None
    assert page.mapping.own_fields == ("Paint",)
    card._take_columns(card.model.lines[card.row_of("owner")], ("with", "colour"))
    opened.settle()
    assert page.mapping.columns["owner"] == ("owner", "colour")
    card._take_columns(card.model.lines[card.row_of("owner + colour")], ("without", "colour"))
    card._add_field("source")
    model = card.model
    at = next(at for at, line in enumerate(model.lines) if line.field == "source")
    model.setData(model.index(at, 2), "Website")
    opened.settle()
    assert page.mapping.constants == {"source": "Website"}
    opened.press("import-start")
    opened.settle()
    with opened.store.read() as r:
        assert r.value("SELECT count(*) FROM deal WHERE source_id IS NOT NULL") == 4
        assert r.value("SELECT name FROM custom_field") == "Paint"


def test_a_mapping_without_what_it_needs_is_explained(opened: Open) -> None:
    opened.bring(GOOD)
    card = opened.page.columns.columns
    opened.choose(card.row_of("number"), _NOTHING)
    opened.choose(card.row_of("product + account"), _NOTHING)
    said = opened.page.side.problem.text()
    assert (
        said == "A column is needed for the field External number (external_id) or Title (title)."
    )
    assert not opened.page.side.start.isEnabled()
    opened.choose(card.row_of("number"), "external_id")
    assert not opened.page.side.problem.isVisible()
    assert opened.page.side.start.isEnabled()


def test_rejected_rows_are_listed_saved_and_may_stop_it_all(opened: Open) -> None:
    opened.bring(BAD)
    page = opened.page
    assert page.trial is not None
    assert [(one.row, one.column) for one in page.trial.rejected] == [
        (6, "created"), (7, "amount"),
    ]  # fmt: skip
    opened.press("import-show-rejects")
    model = page.check.rejects.model
    assert [model.index(0, column).data() for column in range(4)] == [
        "6", "created", "2024-13-45", "not a date",
    ]  # fmt: skip
    target = opened.folder / "rejected.csv"
    page.save_rejects(target)
    opened.settle()
    assert "many" in target.read_text(encoding="utf-8-sig").splitlines()[2]
    page.side.whole.setChecked(True)
    assert not page.side.start.isEnabled()
    page.side.whole.setChecked(False)
    opened.press("import-start")
    opened.settle()
    assert opened.count() == 4
    assert page.finished.save.isVisible()
    page.save_rejects(opened.folder)
    opened.settle()
    assert opened.window.floats is not None


def test_stages_are_named_ordered_and_valued(opened: Open) -> None:
    opened.bring(GOOD)
    page, card = opened.page, opened.page.columns.stages
    rules = card.model.rules
    assert [rule.value for rule in rules] == ["New", "Talk", "Won", "Lost"]
    model = card.model
    assert model.setData(model.index(1, 1), "Negotiation")
    assert model.setData(model.index(1, 4), "2.5")
    assert not model.setData(model.index(0, 4), "a lot")
    assert "Not a number" in card.problem.text()
    card._act(model.index(1, 3))
    assert card.picker is not None
    card.picker.picked.emit("meeting_held")
    card.picker.close()
    opened.window.activateWindow()
    card.table.setFocus()
    card.table.setCurrentIndex(model.index(1, 0))
    QTest.keyClick(card.table, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    opened.press("import-stage-down")
    opened.press("import-stage-up")
    opened.settle()
    assert [rule.stage for rule in model.rules] == ["Negotiation", "New", "Won", "Lost"]
    page.set_pipeline("Fresh")
    opened.settle()
    opened.press("import-start")
    opened.settle()
    with opened.store.read() as r:
        fresh = pipelines.find_pipeline(r, "Fresh")
        made = pipelines.stages(r, fresh.id)
    assert [(stage.name, stage.milestone) for stage in made[:2]] == [
        ("Negotiation", "meeting_held"), ("New", None),
    ]  # fmt: skip
    assert str(made[0].points.normalize()) == "2.5"


def test_the_first_stage_of_a_new_pipeline_says_that_it_counts_as_new(opened: Open) -> None:
    opened.bring(GOOD)
    page, model = opened.page, opened.page.columns.stages.model

    def milestones() -> list[str]:
        return [model.index(row, 3).data() for row in range(model.rowCount())]

    page.set_pipeline("Fresh")
    opened.settle()
    assert milestones() == ["New request", "no milestone", "Won", "Lost"]
    opened.press("import-start")
    opened.settle()
    with opened.store.read() as r:
        made = pipelines.stages(r, pipelines.find_pipeline(r, "Fresh").id)
    assert [stage.milestone for stage in made] == ["new", None, "won", "lost"]
