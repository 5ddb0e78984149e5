"""The ranking without the page: on the wall, on paper, as a picture; red cells left out."""

# ruff: noqa: F811 - fixtures are named like the arguments that ask for them

import re
import threading
import zlib
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QPoint, QSizeF, Qt
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog

from salesdesk.errors import SalesDeskError
from salesdesk.services import deals, periods
from salesdesk.ui import theme
from salesdesk.ui.ranking import paper, picture, query, wall
from salesdesk.ui.ranking.columns import BASIC
from salesdesk.ui.ranking.drawing import TableDrawing
from salesdesk.ui.ranking.query import Answer, Asked
from salesdesk.ui.ranking.wall import Shown, Wall
from tests.builders import day
from tests.ui.ranking_desk import KEY, Open, Story, opened, story  # noqa: F401 - fixtures

pytestmark = pytest.mark.qt_log_ignore("grabbing the keyboard", "raise", extend=True)


def answer_of(story: Story, **more: Any) -> Answer:
    month = periods.of_month(day("2026-11-20"))
    with story.desk.store.read() as r:
        return query.read(r, Asked(month, **more), now=story.now)


def with_people(answer: Answer, count: int) -> Answer:
    """The same numbers again and again, for so many people."""
    rows = answer.ranking.rows
    made = tuple(
        replace(rows[at % len(rows)], person_id=100 + at, person=f"Person number {at}", rank=at + 1)
        for at in range(count)
    )
    return replace(answer, ranking=replace(answer.ranking, rows=made))


def has(image: QImage, colour: QColor) -> bool:
    """Whether a colour is in a picture, as it is."""
    wanted = colour.rgb()
    return any(
        image.pixel(x, y) == wanted
        for y in range(0, image.height(), 3) for x in range(0, image.width(), 3)
    )  # fmt: skip


# -- on the wall ----------------------------------------------------------------------------------


def wall_of(opened: Open) -> Wall:
    opened.page.open_wall()
    found = opened.page.wall
    assert found is not None
    opened.qtbot.waitUntil(lambda: found.shown() is not None)
    opened.settle()
    return found


def test_f11_opens_it_and_esc_leaves(opened: Open) -> None:
    opened.key(KEY.Key_F11)
    found = opened.page.wall
    assert found is not None
    opened.qtbot.waitUntil(lambda: found.shown() is not None)
    assert found.isFullScreen()
    assert "1 Anna Orlova 46.1" in found.accessibleDescription()
    QTest.keyClick(found, KEY.Key_Escape)
    assert not found.isVisible()
    menu = opened.page._export_menu()
    next(each for each in menu.actions() if each.objectName().endswith("-wall")).trigger()
    opened.qtbot.waitUntil(found.isActiveWindow)
    QTest.keyClick(found, KEY.Key_F11)
    assert not found.isVisible()


def test_a_move_is_on_the_wall_at_once(opened: Open) -> None:
    found = wall_of(opened)
    opened.context.write(deals.move, [opened.story.deals["Racks"]], opened.story.stages[5])
    opened.qtbot.waitUntil(lambda: "Maria Kim 39.2" in found.accessibleDescription())


def test_it_follows_what_the_page_is_about_and_the_clock(opened: Open) -> None:
    opened.page.days.chips.chip("quarter").click()
    found = wall_of(opened)
    shown = found.shown()
    assert shown is not None
    assert shown.answer.ranking.period == periods.of_quarter(day("2026-11-20"))
    assert shown.clock == "20\u00a0Nov\u00a02026  18:30"
    opened.story.now += 60_000_000
    found._on_clock()
    again = found.shown()
    assert again is not None
    assert again.clock.endswith("18:31")


def test_what_is_tried_on_the_page_is_not_on_the_wall(
    opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried = replace(opened.page.sides.tried, points={opened.story.stages[0]: Decimal(50)})
    monkeypatch.setattr(opened.page.sides.tryout, "tried_now", lambda: tried)
    opened.page.refresh()
    opened.settle()
    assert opened.text(opened.story.maria, "points") != "4.2"
    found = wall_of(opened)
    assert "Maria Kim 4.2" in found.accessibleDescription()


def test_red_cells_and_charts_can_be_left_out_and_stay_so(opened: Open) -> None:
    found = wall_of(opened)
    found.resize(1600, 900)
    assert has(found.grab().toImage(), theme.current().bad_soft)
    QTest.mouseMove(found, QPoint(200, 200))
    QTest.mouseMove(found.windowHandle(), QPoint(300, 300))
    opened.qtbot.waitUntil(found.bar.isVisible)
    found.red.click()
    found.chart.click()
    assert opened.context.remember.flag("ranking/wall_without_red")
    assert not opened.context.remember.flag("ranking/wall_chart", True)
    found.bar.hide()
    assert not has(found.grab().toImage(), theme.current().bad_soft)
    assert found.fit is not None
    assert found.fit.chart == 0
    found._on_idle()
    assert found.cursor().shape() == Qt.CursorShape.BlankCursor


@pytest.mark.parametrize(("width", "height"), [(1280, 720), (1920, 1080), (3840, 2160)])
@pytest.mark.parametrize("people", [3, 12, 24, 80])
def test_letters_grow_with_the_screen_and_nobody_is_cut(
    qapp: QApplication, story: Story, width: int, height: int, people: int
) -> None:
    shown = Shown(with_people(answer_of(story), people), [], BASIC, "now")
    size = QSizeF(width, height)
    image = QImage(width, height, QImage.Format.Format_RGB32)
    painter = QPainter(image)
    fit = wall.draw(painter, size, shown, theme.light())
    painter.end()
    readable = 0.8 * min(width / 1920, height / 1080)
    assert fit.table.width * fit.scale <= width
    assert fit.people == people or people == 80
    if fit.people == people:
        assert fit.scale >= readable
        used = 56 + fit.table.height() + fit.chart
        assert used * fit.scale <= height
    larger = wall.fitted(shown, size * 2, theme.light())
    assert larger.scale >= min(1.9 * fit.scale, 6)  # six times is enough for anybody
    if people <= 12:
        assert fit.chart > 0


def test_an_empty_ranking_says_so_on_the_wall(qapp: QApplication, story: Story) -> None:
    answer = answer_of(story)
    nobody = replace(answer, ranking=replace(answer.ranking, rows=()))
    image = QImage(800, 450, QImage.Format.Format_RGB32)
    painter = QPainter(image)
    fit = wall.draw(painter, QSizeF(800, 450), Shown(nobody, [], BASIC, "now"), theme.dark())
    painter.end()
    assert (fit.people, fit.chart) == (0, 0)


# -- on paper -------------------------------------------------------------------------------------


def pages_of(path: Path) -> tuple[int, list[str], bytes]:
    """The number of pages, the boxes of the paper, and all that is drawn, of a PDF."""
    held = path.read_bytes()
    drawn = b""
    for match in re.finditer(rb"stream\r?\n(.*?)endstream", held, re.DOTALL):
        try:
            drawn += zlib.decompress(match.group(1))
        except zlib.error:  # a font, not packed this way
            continue
    boxes = [box.decode() for box in re.findall(rb"/MediaBox \[(.*?)\]", held)]
    return len(re.findall(rb"/Type\s*/Page\b", held)), boxes, drawn


def test_a_page_of_paper_is_a4_in_landscape_with_letters(
    qapp: QApplication, story: Story, tmp_path: Path
) -> None:
    path = tmp_path / "x.pdf"
    zone = story.desk.store.zone
    assert paper.save(answer_of(story), ["Turnkey"], path, zone, story.now) == 1
    count, boxes, drawn = pages_of(path)
    assert count == 1
    width, height = map(float, boxes[0].split()[2:])
    assert (round(width), round(height)) == (842, 595)
    assert b"/Subtype /Image" not in path.read_bytes()
    assert drawn.count(b"Tj") + drawn.count(b"TJ") > 50  # texts, not outlines


@pytest.mark.parametrize(("people", "pages"), [(3, 1), (20, 1), (40, 3), (120, 7)])
def test_many_people_go_on_and_nobody_is_lost(
    qapp: QApplication, story: Story, tmp_path: Path, people: int, pages: int
) -> None:
    path = tmp_path / "x.pdf"
    answer = with_people(answer_of(story), people)
    found = paper.save(answer, [], path, story.desk.store.zone, story.now)
    assert found == pages == pages_of(path)[0]


def test_the_rows_of_the_pages_are_all_rows_once(
    qapp: QApplication, story: Story, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[tuple[int, int | None]] = []
    real: Callable[..., None] = TableDrawing.paint

    def paint(self: Any, painter: QPainter, first: int = 0, last: int | None = None) -> None:
        drawn.append((first, last))
        real(self, painter, first, last)

    monkeypatch.setattr(TableDrawing, "paint", paint)
    zone = story.desk.store.zone
    for people in (1, 25, 33, 34, 35, 57):
        drawn.clear()
        answer = with_people(answer_of(story), people)
        paper.save(answer, [], tmp_path / "x.pdf", zone, story.now)
        ends = [pair[1] for pair in drawn]
        assert [pair[0] for pair in drawn] == [0, *ends[:-1]]
        assert ends[-1] == people + 1
        assert drawn[-1][0] < people  # the sum never stands alone


def test_paper_and_picture_that_cannot_be_written(
    qapp: QApplication, story: Story, tmp_path: Path
) -> None:
    answer = answer_of(story)
    with pytest.raises(SalesDeskError, match="cannot be written"):
        paper.save(answer, [], tmp_path / "no" / "x.pdf", story.desk.store.zone, story.now)
    with pytest.raises(SalesDeskError, match="cannot be written"):
        picture.save(answer, [], tmp_path / "no" / "x.png")


def test_the_export_menu_saves_each(
    opened: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    menu = opened.page._export_menu()
    names = {action.objectName().removeprefix("ranking-export-menu-"): action
             for action in menu.actions() if not action.isSeparator()}  # fmt: skip
    assert list(names) == ["wall", "awards", "csv", "xlsx", "pdf", "pdf-plain", "png"]
    for name in ("pdf", "pdf-plain", "png"):
        path = tmp_path / f"{name}.{name[:3]}"
        monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_, to=str(path): (to, ""))
        names[name].trigger()
        assert path.stat().st_size > 3000


# -- as a picture ---------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_a_picture_in_any_theme_without_changing_that_of_the_screen(
    qapp: QApplication, story: Story, mode: picture.Mode
) -> None:
    before = theme.current()
    image = picture.draw(answer_of(story), ["Turnkey"], mode, without_red=False)
    look = theme.dark() if mode == "dark" else theme.light()
    assert theme.current() is before
    assert image.width() == 1440
    assert has(image, look.background)
    assert has(image, look.bad_soft)
    assert has(image, look.good_soft)
    plain = picture.draw(answer_of(story), ["Turnkey"], mode, without_red=True)
    assert not has(plain, look.bad_soft)
    assert has(plain, look.good_soft)


def test_a_picture_can_be_drawn_beside_the_window(qapp: QApplication, story: Story) -> None:
    """A digest is drawn on a thread of its own: the very same picture."""
    answer = answer_of(story)
    wanted = picture.draw(answer, [], "light", without_red=False)
    drawn: list[QImage] = []
    thread = threading.Thread(
        target=lambda: drawn.append(picture.draw(answer, [], "light", without_red=False))
    )
    thread.start()
    thread.join()
    assert drawn[0] == wanted
