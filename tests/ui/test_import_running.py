"""The import page while it works: cancel, waiting, first tasks, mapping files, real files."""

# ruff: noqa: F811 - fixtures are named like the arguments that ask for them

import gc
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QLineEdit

from salesdesk.models import lock
from salesdesk.services import audit, deals, pipelines, task_rules
from salesdesk.services.exchange.mapping import load_mapping
from salesdesk.ui import theme
from salesdesk.ui.collecting import without_collector
from salesdesk.ui.imports import steps
from tests.real_files import HELPDESK, PIPELINE, needs_files
from tests.services.importing import NOW
from tests.ui.import_desk import (
    BAD,
    GOOD,
    HEAD,
    Open,
    opened,  # noqa: F401 - fixtures
)

pytestmark = pytest.mark.qt_log_ignore("grabbing the keyboard", extend=True)


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
    moved: list[object] = []
    opened.qtbot.waitUntil(lambda: opened.count() > 40, timeout=30_000)
    free = lock.running(opened.store.path)
    assert free is None  # recovery of another process leaves the import alone
    assert "of 3,000 rows" in opened.texts() or "of 2,999 rows" in opened.texts()
    with opened.store.read() as r:
        deal = int(r.value("SELECT min(id) FROM deal"))
        stage = int(r.value("SELECT id FROM stage WHERE name = 'Talk' ORDER BY id LIMIT 1"))
    opened.context.write(deals.move, [deal], stage, done=moved.append)
    opened.qtbot.waitUntil(lambda: bool(moved), timeout=10_000)
    assert opened.page.carrier.running
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


@needs_files
def test_the_real_deals(opened: Open) -> None:
    opened.page.open_file(PIPELINE)
    opened.settle()
    trial = opened.page.trial
    assert trial is not None
    assert (trial.deals, trial.clients, len(trial.people), trial.rejected) == (8_800, 85, 30, ())
    assert {stage.name: stage.count for stage in trial.preview} == {
        "Prospecting": 500, "Engaging": 1_589, "Won": 4_238, "Lost": 2_473,
    }  # fmt: skip
    assert [row[3] for row in opened.columns()][-1] == "numbers, 2,089 empty"
    assert opened.page.side.start.text() == "Import 8,800 rows"


@needs_files
def test_the_real_moves(opened: Open) -> None:
    opened.page.open_file(HELPDESK)
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
