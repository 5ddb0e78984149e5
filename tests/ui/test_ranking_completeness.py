"""Below a colleague whom a CRM brings the ranking says up to when the data is here."""

# ruff: noqa: F811 - fixtures are named like the arguments that ask for them

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QColor, QImage, QPainter

from salesdesk.moments import Zone
from salesdesk.services.periods import Period
from salesdesk.services.ranking import Ranking
from salesdesk.services.sync.completeness import Completeness
from salesdesk.ui import formats, theme
from salesdesk.ui.ranking import words
from salesdesk.ui.ranking.model import Line, RankingModel
from salesdesk.ui.ranking.paint import PAD, Cells
from salesdesk.ui.ranking.words import COLUMNS
from tests.sync.seats import MINUTE
from tests.ui.sync_desk import Opened, a_keyring, found, opened  # noqa: F401 - fixtures

UTC = Zone("UTC")
HOUR = 60 * MINUTE
DAY = 24 * HOUR


def page_of(opened: Opened) -> Any:
    opened.window.open_page("ranking")
    opened.settle()
    page: Any = opened.window.page("ranking")
    page.refresh()
    opened.settle()
    return page


def test_a_colleague_is_complete_up_to_the_last_reading(opened: Opened) -> None:
    people = opened.seat.people
    opened.context.set_person(people["1"], "Mary", "manager")
    model = page_of(opened).table.ranking
    assert model.line(model.row_of(people["2"])).as_of[0] == "is being read"
    opened.seat.deal()
    opened.seat.rounds()
    read = opened.seat.value("SELECT min(complete_at) FROM sync_stream WHERE name <> 'note'")
    page = page_of(opened)
    model = page.table.ranking
    at = formats.clock(opened.context.store.zone, read)
    assert model.line(model.row_of(people["2"])).as_of[0] == f"as of {at}"
    assert model.line(model.row_of(people["1"])).as_of == ("", "")  # who works here
    assert model.line(model.row_of(None)).as_of == ("", "")
    index = model.index(model.row_of(people["2"]), COLUMNS.index("person"))
    assert index.data(Qt.ItemDataRole.DisplayRole) == "Max"
    assert f"was read: Today {at}" in index.data(Qt.ItemDataRole.AccessibleTextRole)


def test_somebody_else_sits_down_here(opened: Opened) -> None:
    people = opened.seat.people
    opened.context.set_person(people["1"], "Mary", "manager")
    opened.seat.deal()
    opened.seat.rounds()
    model = page_of(opened).table.ranking
    assert model.line(model.row_of(people["2"])).as_of[0]
    opened.context.set_person(people["2"], "Max", "manager")
    opened.settle()
    assert model.line(model.row_of(people["2"])).as_of == ("", "")
    assert model.line(model.row_of(people["1"])).as_of[0]


def test_it_is_painted(opened: Opened) -> None:
    opened.seat.deal()
    opened.seat.rounds()
    model = page_of(opened).table.ranking
    line = model.line(model.row_of(opened.seat.people["2"]))
    assert line.as_of[0]
    known, without = (
        painted(model, each) for each in (line, replace(line, as_of=("", line.as_of[1])))
    )
    half = QRect(0, known.height() // 2, known.width(), known.height() // 2)
    assert inked(known.copy(half)) > 2 * inked(without.copy(half))


def painted(model: RankingModel, line: Line) -> QImage:
    """The cell of a person."""
    picture = QImage(240, 40, QImage.Format.Format_RGB32)
    picture.fill(Qt.GlobalColor.white)
    with QPainter(picture) as painter:
        Cells(model, theme.current).paint(painter, picture.rect(), line, "person")
    return picture


def inked(picture: QImage) -> int:
    """How many points right of the avatar are not of the ground."""
    ground = QColor(Qt.GlobalColor.white).rgb()
    return sum(
        picture.pixel(x, y) != ground
        for x in range(PAD + theme.AVATAR + theme.S, picture.width())
        for y in range(picture.height())
    )


@pytest.mark.parametrize(
    ("at", "read", "said", "told"),
    [
        (None, None, "is being read", "for the first time"),
        (9 * HOUR, 9 * HOUR, "as of 09:00", "was read: Today 09:00"),
        (18 * HOUR - DAY, 9 * HOUR, "as of Wed 18:00", "computer sent: Yesterday 18:00"),
        (18 * HOUR - 6 * DAY, 9 * HOUR, "as of Fri 18:00", "was read: Today 09:00"),
        (18 * HOUR - 7 * DAY, 9 * HOUR, "as of 25 Dec 1969 18:00", "was read: Today 09:00"),
        (DAY, DAY, "", ""),  # all of the period
    ],
)  # fmt: skip
def test_what_is_said(at: int | None, read: int | None, said: str, told: str) -> None:
    found = Completeness(UTC, 10 * HOUR, read, {7: at})
    row = _row(7)
    today = Period(UTC.day_of(0), UTC.day_of(0))
    short, long = words.as_of(row, found, today)
    assert short.replace("\u00a0", " ") == said
    assert told in long
    assert words.as_of(_row(8), found, today) == words.as_of(row, None, today) == ("", "")


def _row(person: int) -> Any:
    return type("Row", (), {"person_id": person, "points": Decimal(0)})()


def test_the_past_is_complete(opened: Opened) -> None:
    opened.seat.deal()
    opened.seat.rounds()
    page = page_of(opened)
    zone = opened.context.store.zone
    today = zone.day_of(opened.seat.clock.at)
    found: Ranking = page.table.ranking.answer.ranking
    complete = page.table.ranking.answer.complete
    for days, is_said in (((today, today), True), ((today - 9, today - 1), False)):
        said = [words.as_of(row, complete, Period(*days))[0] for row in found.rows]
        assert any(said) is is_said
