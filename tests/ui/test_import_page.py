"""The import page with real widgets on real files: from the drop to the undo."""

import gc
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QLabel, QLineEdit
from pytestqt.qtbot import QtBot

from salesdesk.models import lock
from salesdesk.models.store import Store
from salesdesk.services import audit, deals, pipelines, task_rules
from salesdesk.services.exchange.mapping import load_mapping
from salesdesk.services.writer import Writer
from salesdesk.ui import theme
from salesdesk.ui.context import Context
from salesdesk.ui.imports import steps
from salesdesk.ui.imports.calm import without_collector
from salesdesk.ui.imports.columns import _NOTHING
from salesdesk.ui.imports.panel import ImportPage
from salesdesk.ui.main_window import MainWindow
from salesdesk.ui.page import PageSpec
from salesdesk.ui.remember import Remember
from tests.builders import Desk, empty_store
from tests.services.importing import NOW, everything

pytestmark = pytest.mark.qt_log_ignore("grabbing the keyboard", extend=True)
SHARED = Path(__file__).resolve().parents[2].parent / "shared" / "data"
HEAD = "number,owner,product,account,stage,created,closed,amount\n"
GOOD = (
    HEAD
    + "1,Ann Lee,Rack,Vega,New,2024-01-10,,100\n2,Bob Ray,Crane,Mira,Won,2024-01-11,2024-02-01,7\n"
    + "3,Ann Lee,Rack,,Talk,2024-01-12,,\n4,Ann Lee,Lift,Vega,Lost,2024-01-12,2024-02-02,5\n"
)
BAD = GOOD + "5,Ann Lee,Rack,Vega,New,2024-13-45,,1\n6,Bob Ray,Rack,Vega,New,2024-01-02,,many\n"


class Open:
    """The window with the import page."""

    def __init__(self, qtbot: QtBot, store: Store, folder: Path) -> None:
        self.store, self.qtbot, self.folder = store, qtbot, folder
        self.context = Context(store, Writer(store), lambda: NOW, Remember(folder / "window.ini"))
        self.went: list[str] = []
        self.context.page_asked.connect(lambda page, _item: self.went.append(page))
        spec = PageSpec("import", lambda: "Import", "import", ImportPage)
        self.window = MainWindow(self.context, [spec])
        qtbot.addWidget(self.window)
        self.window.resize(1280, 720)
        self.window.show()
        qtbot.waitExposed(self.window)
        page = self.window.page("import")
        assert isinstance(page, ImportPage)
        self.page = page

    def settle(self) -> None:
        """Wait until nothing is being read, tried or written."""
        idle = 0

        def quiet() -> bool:
            nonlocal idle
            busy = (
                self.context.writer.busy() or self.context.background.pending()
                or self.page._timer.isActive() or self.page.carrier.running
            )  # fmt: skip
            idle = 0 if busy else idle + 1
            return idle > 3

        self.qtbot.waitUntil(quiet, timeout=60_000)
        QTest.qWait(20)

    def file(self, text: str, name: str = "big_sales.csv") -> Path:
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        return path

    def bring(self, text: str, name: str = "big_sales.csv") -> None:
        self.page.open_file(self.file(text, name))
        self.settle()

    def press(self, name: str) -> None:
        found = self.window.findChild(QAbstractButton, name)
        assert found is not None, name
        assert found.isVisible(), name
        assert found.isEnabled(), name
        found.click()

    def columns(self) -> list[tuple[str, ...]]:
        model = self.page.columns.columns.model
        return [
            tuple(str(model.index(row, column).data()) for column in range(4))
            for row in range(model.rowCount())
        ]

    def choose(self, row: int, value: object) -> None:
        """Choose a field for a line of the table."""
        card = self.page.columns.columns
        card.open_cell(row, 1)
        assert card.picker is not None
        card.picker.picked.emit(value)
        card.picker.close()
        self.settle()

    def count(self, table: str = "deal") -> int:
        with self.store.read() as r:
            return int(r.value(f"SELECT count(*) FROM {table} WHERE deleted_at IS NULL"))

    def texts(self) -> str:
        labels = self.window.findChildren(QLabel)
        return "\n".join(each.text() for each in labels if each.isVisible())


@pytest.fixture
def opened(qtbot: QtBot, tmp_path: Path) -> Iterator[Open]:
    with empty_store(tmp_path) as store:
        Desk(store)
        made = Open(qtbot, store, tmp_path)
        yield made
        made.window.close()
        made.context.close()


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


def test_import_undo_and_the_same_again(opened: Open) -> None:
    before = everything(opened.store)
    opened.bring(GOOD)
    opened.press("import-start")
    opened.settle()
    assert opened.page.step == steps.DONE
    assert opened.count() == 4
    assert "Imported big_sales.csv" in opened.texts()
    opened.press("import-open-board")
    assert opened.went == ["board"]
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
    assert "external_id or title" in opened.page.side.problem.text()
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


def _many(count: int) -> str:
    return HEAD + "".join(
        f"{n},Ann Lee,Rack,Vega,New,2024-01-10,,{n}\n" for n in range(1, count + 1)
    )


def _standing(opened: Open) -> list[Any]:
    with opened.store.read() as r:
        return r.rows(
            "SELECT d.id, d.title, d.stage_id, d.owner_id, d.amount, d.client_id FROM deal d "
            "WHERE d.deleted_at IS NULL ORDER BY d.id"
        )


def test_cancelled_in_the_middle_it_is_taken_back_and_people_do_not_wait(opened: Open) -> None:
    opened.bring(GOOD)
    opened.press("import-start")
    opened.settle()
    before = _standing(opened)
    opened.bring(_many(3_000).replace("Rack", "Other").replace("\n1,", "\n9001,"), "more.csv")
    opened.press("import-start")
    waits: list[float] = []

    def renamed(_result: Any, began: float) -> None:
        waits.append(time.perf_counter() - began)

    opened.qtbot.waitUntil(lambda: opened.count() > 40, timeout=30_000)
    free = lock.running(opened.store.path)
    assert free is None  # recovery of another process leaves the import alone
    assert "of 3,000 rows" in opened.texts() or "of 2,999 rows" in opened.texts()
    with opened.store.read() as r:
        deal = int(r.value("SELECT min(id) FROM deal"))
        stage = int(r.value("SELECT id FROM stage WHERE name = 'Talk' ORDER BY id LIMIT 1"))
    began = time.perf_counter()
    opened.context.write(deals.move, [deal], stage, done=lambda result: renamed(result, began))
    opened.qtbot.waitUntil(lambda: bool(waits), timeout=5_000)
    assert opened.page.carrier.running
    assert waits[0] < 1.0
    opened.press("import-progress-cancel")
    opened.settle()
    assert opened.page.step == steps.COLUMNS
    assert opened.page.carrier.result is None
    assert opened.page.side.start.isEnabled()
    opened.context.undo()
    opened.settle()
    assert opened.count() == 4
    assert _standing(opened) == before
    free = lock.running(opened.store.path)
    assert free is not None
    free.release()


def test_another_long_command_is_waited_for(opened: Open) -> None:
    opened.bring(GOOD)
    held = lock.running(opened.store.path)
    assert held is not None
    with held:
        opened.press("import-start")
        opened.settle()
        assert opened.count() == 0
        assert opened.page.side.start.isEnabled()
    opened.press("import-start")
    opened.settle()
    assert opened.count() == 4


def test_first_tasks_are_offered_where_stages_have_rules(opened: Open) -> None:
    opened.bring(GOOD)
    opened.press("import-start")
    opened.settle()
    assert not opened.page.finished.tasks.isVisible()
    opened.press("import-undo")
    opened.settle()
    with opened.store.read() as r:
        names = {pipeline.name: pipeline.id for pipeline in pipelines.pipelines(r)}
    by: Any = {"person": None, "now": NOW}
    assert "Second" not in names
    second = pipelines.add_pipeline(opened.store, "Second", **by).id
    talk = pipelines.add_stage(opened.store, second, "Talk", {}, **by).id
    rule = task_rules.TaskRule(id=0, stage_id=talk, title="Call back")
    task_rules.add_task_rule(opened.store, rule, **by)
    opened.bring(GOOD)
    opened.page.set_pipeline("Second")
    opened.settle()
    opened.press("import-start")
    opened.settle()
    assert opened.page.finished.tasks.text() == "Create first tasks for 1 open deal"
    opened.press("import-first-tasks")
    opened.settle()
    assert opened.count("task") == 1
    assert not opened.page.finished.tasks.isVisible()


def test_mapping_files_are_written_and_read(opened: Open) -> None:
    opened.bring(GOOD)
    target = opened.folder / "mine.toml"
    opened.page.save_mapping(target)
    saved = load_mapping(target)
    assert saved.columns["title"] == ("product", "account")
    assert saved.pipeline
    target.write_text(
        'as = "deals"\npipeline = "Loaded"\n[columns]\nexternal_id = "number"\nstage = "stage"\n',
        encoding="utf-8",
    )
    opened.page.load_mapping(target)
    opened.settle()
    assert opened.page.pipeline == "Loaded"
    assert opened.page.mapping is not None
    assert len(opened.page.mapping.columns) == 2
    kept = opened.page.mapping
    target.write_text('as = "deals"\n[columns]\ntitle = "nothing"\n', encoding="utf-8")
    problems: list[Any] = []
    opened.context.problem.connect(problems.append)
    opened.page.load_mapping(target)
    opened.page.save_mapping(opened.folder / "no such folder" / "mine.toml")
    assert opened.page.mapping == kept
    assert len(problems) == 2
    assert "nothing" in problems[0].message


def test_language_and_theme_change_without_losing_anything(opened: Open) -> None:
    opened.bring(BAD)
    card = opened.page.columns.columns
    opened.choose(card.row_of("closed"), "expected_close")
    opened.page.set_pipeline("Mine")
    opened.settle()
    mapping = opened.page.mapping
    for language, mode in (("ru", "dark"), ("en", "light")):
        opened.context.set_language(language)
        theme.set_mode(mode)  # type: ignore[arg-type]
        opened.settle()
        assert (opened.page.mapping, opened.page.pipeline) == (mapping, "Mine")
        assert opened.page.step == steps.COLUMNS
        assert opened.page.side.start.isEnabled()
    assert opened.page.side.start.text() == "Import 4 rows"


def test_everything_has_a_name_and_the_keyboard_reaches_it(opened: Open) -> None:
    opened.bring(BAD)
    for kind in (QAbstractButton, QLineEdit):
        for widget in opened.page.findChildren(kind):
            if widget.focusPolicy() != Qt.FocusPolicy.NoFocus and widget.isVisible():
                assert widget.objectName(), widget
                assert widget.accessibleName(), widget.objectName()
    table = opened.page.columns.columns.table
    table.setFocus()
    table.setCurrentIndex(opened.page.columns.columns.model.index(1, 1))
    QTest.keyClick(table, Qt.Key.Key_Return)
    picker = opened.page.columns.columns.picker
    assert picker is not None
    assert picker.isVisible()
    QTest.keyClicks(picker.field, "Client")
    QTest.keyClick(picker.field, Qt.Key.Key_Return)
    opened.settle()
    mapping = opened.page.mapping
    assert mapping is not None
    assert mapping.columns["company"] == ("owner",)


def test_wide_and_strange_files(opened: Open) -> None:
    wide = ",".join(f"c{n}" for n in range(200)) + "\n" + ",".join("x" * 200) + "\n"
    opened.bring(wide, "wide.csv")
    assert opened.page.columns.columns.model.rowCount() == 200
    assert opened.page.step == steps.COLUMNS
    assert not opened.page.side.start.isEnabled()
    opened.bring("Имя;Команда\nИван Петров;Север\nОльга Смирнова;Юг\n", "people.csv")
    before = opened.count("person")
    opened.page.set_kind("people")
    opened.settle()
    assert opened.page.mapping is not None
    assert opened.page.mapping.kind == "people"
    opened.press("import-start")
    opened.settle()
    assert opened.count("person") == before + 2


needs_shared = pytest.mark.skipif(not SHARED.is_dir(), reason="the real files are not here")


@needs_shared
def test_the_real_deals(opened: Open) -> None:
    opened.page.open_file(SHARED / "maven_crm" / "sales_pipeline.csv")
    opened.settle()
    trial = opened.page.trial
    assert trial is not None
    assert (trial.deals, trial.clients, len(trial.people), trial.rejected) == (8_800, 85, 30, ())
    assert {stage.name: stage.count for stage in trial.preview} == {
        "Prospecting": 500, "Engaging": 1_589, "Won": 4_238, "Lost": 2_473,
    }  # fmt: skip
    assert [row[3] for row in opened.columns()][-1] == "numbers, 2,089 empty"
    assert opened.page.side.start.text() == "Import 8,800 rows"


@needs_shared
def test_the_real_moves(opened: Open) -> None:
    opened.page.open_file(SHARED / "bpi_event_logs" / "helpdesk.csv")
    opened.settle()
    trial = opened.page.trial
    assert trial is not None
    assert trial.mapping.kind == "moves"
    assert (trial.rows, trial.deals, trial.rejected) == (13_710, 3_804, ())
    assert sum(stage.count for stage in trial.preview) == 3_804
    opened.press("import-start")
    opened.settle()
    assert opened.count() == 3_804
    with opened.store.read() as r:
        standing: dict[str, int] = dict(
            r.rows(
                "SELECT s.name, count(*) FROM deal d JOIN stage s ON s.id = d.stage_id GROUP BY 1"
            )
        )
        latest = audit.commands(r, limit=1)[0]
    assert standing == {stage.name: stage.count for stage in trial.preview}
    assert latest.kind == "import.moves"


def test_stopped_before_anything_is_written(opened: Open) -> None:
    opened.page.open_file(opened.file(_many(2_000)))
    opened.press("import-reading-cancel")
    opened.settle()
    assert opened.page.read is None
    assert opened.page.step == steps.FILE
    opened.bring(_many(2_000))
    opened.press("import-start")
    opened.press("import-progress-cancel")
    opened.settle()
    assert opened.page.step == steps.COLUMNS
    assert opened.page.side.start.text() == "Import 2,000 rows"
    assert opened.count() == 0


def test_what_is_written_meanwhile_is_tried_anew(opened: Open) -> None:
    opened.bring(GOOD)
    opened.page.set_pipeline("Later")
    opened.settle()
    assert opened.page.side.pipeline.text() == "Later (new)"
    pipelines.add_pipeline(opened.store, "Later", person=None, now=NOW)
    opened.qtbot.waitUntil(lambda: opened.page.side.pipeline.text() == "Later", timeout=5_000)
    opened.settle()


@without_collector()
def _failing() -> None:
    with without_collector():
        assert not gc.isenabled()
    assert not gc.isenabled()
    raise ZeroDivisionError


def test_the_collector_comes_back_whatever_happens() -> None:
    with pytest.raises(ZeroDivisionError):
        _failing()
    assert gc.isenabled()
    gc.unfreeze()
