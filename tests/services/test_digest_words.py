"""What a digest says, of the sample team's year and of hostile names: the panel's own numbers."""

import re
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest

from salesdesk import text
from salesdesk.models.store import Store
from salesdesk.moments import Zone
from salesdesk.services import digest, digest_days, digest_text, ranking, story
from salesdesk.services.digest import Digest
from salesdesk.services.digest_days import Part
from salesdesk.services.digest_text import Win
from salesdesk.services.ranking import Ranking
from tests.builders import SALES, Desk, empty_store
from tests.emulators.telegram import read_html

NOW = Zone("Europe/Moscow").moment(datetime.fromisoformat("2026-11-20T10:00"))


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    path = tmp_path_factory.mktemp("digest") / "sample.salesdesk"
    made = story.make_sample(path, now=NOW, language="en", zone="Europe/Moscow")
    yield made
    made.close()


def told(store: Store, part: Part) -> tuple[Digest, Ranking, list[Win]]:
    with store.read() as r:
        found = ranking.ranking(r, part.period, now=part.as_of(r.zone))
        return digest.composed(r, part, found), found, digest.wins(r, part, found)


def test_the_words_are_the_numbers_of_the_ranking(sample: Store) -> None:
    today = sample.zone.day_of(NOW)
    seen = 0
    for day in range(today - 120, today + 1, 3):
        for part in digest_days.parts_of(day, lambda _day: False):
            made, found, wins = told(sample, part)
            said = digest_text.plain(made.text)
            assert len(wins) == found.total.won
            assert sum(win.amount or Decimal(0) for win in wins) == found.total.revenue
            for row in found.rows:
                place = f"{row.rank}. {row.person} — {row.points.normalize():,f}"
                assert (place in said) == (row.rank <= 3 and row.points > 0)
            overdue = found.total.tasks_overdue
            if overdue:
                assert re.search(rf"^{overdue} tasks? overdue: ", said, re.MULTILINE)
            assert (f"{len(wins)} deal" in said) or not wins
            assert read_html(digest_text.html(made.text)) == said
            seen += len(wins)
    assert seen > 10


def test_days_that_are_over_have_their_whole_plan_as_pace(sample: Store) -> None:
    today = sample.zone.day_of(NOW)
    for part in digest_days.parts_of(today, lambda _day: False):
        found = told(sample, part)[1]
        with sample.read() as r:
            panel = ranking.ranking(r, part.period, now=NOW)
        assert [row.paces for row in found.rows] == [row.paces for row in panel.rows]
        assert found.rows[0].paces["revenue"] == found.rows[0].plans["revenue"]


@pytest.mark.parametrize(
    ("language", "money", "whole", "points"),
    [("en", "1 307 000.50 ₽", "1 307 000 $", "1 063.4"),
     ("ru", "1 307 000,50 ₽", "1 307 000 $", "1 063,4")],
)  # fmt: skip
def test_figures_look_as_in_the_window(language: str, money: str, whole: str, points: str) -> None:
    text.set_language(language)
    try:
        said = (digest_text._money(Decimal("1307000.5"), "RUB"),
                digest_text._money(Decimal("1307000.00"), "USD"),
                digest_text.figures(Decimal("1063.400000")),
                digest_text._percent(Decimal("2.0999")))  # fmt: skip
    finally:
        text.set_language("en")
    assert [each.replace("\u00a0", " ") for each in said] == [money, whole, points, "209 %"]


def test_hostile_names_stay_names(tmp_path: Path) -> None:
    store = empty_store(tmp_path)
    desk = Desk(store)
    name = "<b>Ann</b> & \n <script> &amp; 😀"
    person = desk.insert("person", name=name, name_key=name, role="manager", in_ranking=1)
    pipeline = desk.insert("pipeline", name="Sales", name_key="sales", counts=1)
    stages = [
        desk.insert("stage", name=kind[0], name_key=kind[0], pipeline_id=pipeline, kind=kind[1],
                    milestone=kind[2], position=place, colour="slate", probability=10)
        for place, kind in enumerate(SALES)
    ]  # fmt: skip
    deal = desk.deal(stages[0], "2026-11-17T10:00", person, title="A < B & <i>C</i>", amount="5")
    desk.move(deal, stages[5], "2026-11-18T10:00")
    part = digest_days.part("days", store.zone.day_of(NOW))
    assert part is not None
    made, _found, wins = told(store, part)
    assert [(win.title, win.amount) for win in wins] == [("A < B & <i>C</i>", Decimal(5))]
    html, said = digest_text.html(made.text), digest_text.plain(made.text)
    assert read_html(html) == said
    assert "A < B & <i>C</i>" in said
    assert "<script>" in said
    assert "<script>" not in html
    store.close()


def test_a_team_without_anything_has_a_digest_all_the_same(tmp_path: Path) -> None:
    store = empty_store(tmp_path)
    Desk(store)
    part = digest_days.part("days", store.zone.day_of(NOW))
    assert part is not None
    made, _found, _wins = told(store, part)
    assert digest_text.plain(made.text).splitlines() == [
        "Ranking of seven days · 13–19 Nov 2026", "", "Nobody has earned points yet.", "",
        "Nothing is overdue, and every deal has a task.",
    ]  # fmt: skip
    store.close()
