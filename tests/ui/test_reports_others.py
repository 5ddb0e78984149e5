"""The reports on tasks, clients and payments on their page: options, records to choose from, and
what is behind their numbers."""

import pytest

from tests.builders import day
from tests.ui.reports_desk import Open, opened, told

pytestmark = pytest.mark.qt_log_ignore("grabbing the keyboard", extend=True)
__all__ = ["opened", "told"]


def test_children_of_one_contractor(opened: Open) -> None:
    desk, made = opened.told.desk, opened.told
    haulier, idle = (
        desk.insert("contractor", name=name, name_key=name.casefold())
        for name in ("Magistral", "Otis")
    )
    desk.update("deal", made.visit, parent_id=made.cranes)
    desk.insert("contractor_quote", contractor_id=haulier, deal_id=made.visit, price=1,
                currency="RUB", day=day("2026-11-01"), accepted=1,
                planned_day=day("2026-11-15"))  # fmt: skip
    opened.choose("children")
    assert opened.rows()[0][0] == "Visit"
    opened.own("contractor", str(haulier))
    assert opened.page.filters.own.buttons["contractor"].text() == "Contractor: Magistral"
    late = opened.heads().index("Days late")
    assert opened.rows()[0][late] == "5"
    opened.click(0, late)
    assert any("Visit" in each for each in opened.things())
    opened.own("contractor", str(idle))
    assert not opened.page.table.isVisible(), "there is nothing, and a sentence says so"


def test_what_is_as_of_now_asks_for_no_days(opened: Open) -> None:
    opened.choose("inactive")
    assert not opened.page.filters.days.isVisible()
    opened.choose("workload")
    assert opened.page.filters.days.isVisible()
    day_column, people = (opened.heads().index(head) for head in ("Day", "Person"))
    first = opened.rows()[0]
    assert (first[day_column].replace("\u00a0", " "), first[people]) == (
        "18 Nov 2026", "Anna Orlova",
    )  # fmt: skip


def test_why_deals_were_lost(opened: Open) -> None:
    opened.choose("refusals")
    opened.own("group", "stage")
    lost = opened.heads().index("Refusals")
    assert [(row[0], row[lost]) for row in opened.rows()] == [("Set", "1"), ("Total", "1")]
    opened.click(0, lost)
    assert any("Racks" in each for each in opened.things())
