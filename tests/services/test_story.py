"""The sample workspace: believable, alive when it is opened, and the same for the same seed."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from salesdesk.errors import Refused
from salesdesk.models.store import Store
from salesdesk.moments import amount_of, moment_of
from salesdesk.services import (
    absences,
    clients,
    duplicates,
    filters,
    payments,
    saved_filters,
    story,
    surroundings,
    task_lists,
)
from salesdesk.services.pipelines import pipelines, stages
from tests.services.configured import NOW, hire, workspace

FRIDAY = moment_of(datetime(2026, 11, 20, 12, 30, tzinfo=UTC))  # 15:30 in Moscow


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """The whole story, once."""
    path = tmp_path_factory.mktemp("story") / "sample.salesdesk"
    with story.make_sample(path, now=FRIDAY, language="en") as store:
        yield store


def small(folder: Path, now: int = FRIDAY, language: str = "en", seed: int = 7) -> Store:
    """A short story."""
    path = folder / f"{language}-{seed}-{now}.salesdesk"
    return story.make_sample(path, now=now, language=language, seed=seed, requests=12)


def test_there_is_something_of_everything(sample: Store) -> None:
    with sample.read() as r:

        def count(table: str) -> int:
            return int(r.value(f"SELECT count(*) FROM {table}"))

        assert (count("pipeline"), count("team"), count("person")) == (5, 2, 10)
        assert 350 <= count("deal") <= 460
        assert count("stage_move") > 1000
        assert count("task") > 1000
        assert min(count("payment"), count("note"), count("plan"), count("norm")) >= 3
        assert r.value("SELECT count(*) FROM deal WHERE parent_id IS NOT NULL") > 150
        assert r.value("SELECT count(*) FROM task WHERE postponed > 0") > 20
        assert r.value("SELECT count(*) FROM owner_change") >= 2
        first, last = r.row("SELECT min(at), max(at) FROM stage_move") or (0, 0)
    assert (last - first) / 86_400_000_000 > 330


def test_every_page_has_something_true_to_show(sample: Store) -> None:
    with sample.read() as r:
        habit = r.value("SELECT max(postponed) FROM task WHERE deal_id IS NULL AND state = 'open'")
        assert habit >= 3
        assert len(task_lists.ids(r, task_lists.Asked("accept"), now=FRIDAY)) == 2
        remarks = r.value("SELECT count(*) FROM task WHERE remark IS NOT NULL AND state = 'open'")
        assert remarks == 1
        of_clients = "SELECT count(*) FROM task WHERE client_id IS NOT NULL AND state = 'open'"
        assert r.value(f"{of_clients} AND due_at < ?", (FRIDAY,)) >= 1
        assert r.value(f"{of_clients} AND due_at > ?", (FRIDAY,)) >= 2
        assert len(duplicates.groups(r, now=FRIDAY)) >= 2
        [away] = absences.away(r, now=FRIDAY)
        assert away.absence.substitute_id is not None
        [kept] = saved_filters.saved_filters(r, "board", None)
        assert filters.from_texts(kept.texts).no_task


def test_nothing_is_ahead_of_now_and_people_move_deals_at_work(sample: Store) -> None:
    with sample.read() as r:
        assert r.value("SELECT max(at) FROM command") <= FRIDAY
        calendar = surroundings.load_calendar(r)
        moments = [row[0] for row in r.rows("SELECT at FROM stage_move WHERE mover_as = 'person'")]
    for at in moments:
        day = calendar.zone.day_of(at)
        assert calendar.is_working(day)
        assert calendar.at(day, calendar.opens) <= at <= calendar.end_of_working_day(day)


def test_the_desk_is_alive_now(sample: Store) -> None:
    with sample.read() as r:
        today = r.zone.day_of(FRIDAY)
        for day in (today, today - 1):
            bounds = (r.zone.start_of(day), r.zone.start_of(day + 1))
            assert r.value("SELECT count(*) FROM stage_move WHERE at BETWEEN ? AND ?", bounds) >= 4
        sales = pipelines(r)[0].id
        standing: dict[int, int] = dict(
            r.rows("SELECT stage_id, count(*) FROM deal WHERE pipeline_id = ? GROUP BY 1", (sales,))
        )
        assert all(standing.get(stage.id) for stage in stages(r, sales))
        open_tasks = "SELECT count(*) FROM task WHERE state = 'open' AND due_at"
        assert r.value(f"{open_tasks} < ?", (FRIDAY,)) >= 4
        assert r.value(f"{open_tasks} >= ?", (FRIDAY,)) >= 40
        inside = "FROM deal d JOIN stage s ON s.id = d.stage_id WHERE s.kind = 'open'"
        assert r.value(f"SELECT count(*) {inside} AND d.open_tasks = 0") >= 3
        stuck = f"SELECT count(*) {inside} AND ? - d.since > s.limit_days * 86400000000"
        assert r.value(stuck, (FRIDAY,)) >= 5


def test_children_answer_their_parents(sample: Store) -> None:
    with sample.read() as r:
        moved = r.value(
            "SELECT count(*) FROM stage_move m JOIN stage s ON s.id = m.to_stage_id "
            "WHERE m.mover_as = 'rule' AND s.name = 'Estimate ready'"
        )
        helpers = {
            row[0]
            for row in r.rows(
                "SELECT DISTINCT t.name FROM deal d JOIN person p ON p.id = d.owner_id "
                "JOIN team t ON t.id = p.team_id WHERE d.parent_id IS NOT NULL"
            )
        }
    assert moved > 20
    assert helpers == {"Logistics and service"}


def test_contractors_are_asked_hired_paid_and_rated(sample: Store) -> None:
    with sample.read() as r:
        assert r.value("SELECT count(*) FROM contractor") >= 5
        asked = "SELECT count(DISTINCT contractor_id) FROM contractor_quote"
        assert r.value(asked) >= 4
        assert r.value(f"{asked} WHERE accepted = 1") >= 3
        late = "SELECT count(*) FROM contractor_quote WHERE actual_day {} planned_day"
        assert r.value(late.format(">")) >= 3
        assert r.value(late.format("<=")) >= 10
        assert r.value("SELECT count(DISTINCT criterion) FROM contractor_rating") == 3
        out = "SELECT count(*) FROM payment WHERE direction = 'out' AND contractor_id IS NOT NULL"
        assert r.value(f"{out} AND actual_day IS NOT NULL") >= 10
        quarters: dict[str, float] = dict(
            r.rows(
                "SELECT CASE WHEN q.day < ? THEN 'first' ELSE 'last' END, "
                "avg(1.0 * q.price / p.amount) FROM contractor_quote q JOIN deal d "
                "ON d.id = q.deal_id JOIN deal p ON p.id = d.parent_id GROUP BY 1",
                (r.zone.day_of(FRIDAY) - 180,),
            )
        )
        assert quarters["last"] > quarters["first"], "prices rise over the year"


def test_the_payments_pipeline_collects_the_money(sample: Store) -> None:
    with sample.read() as r:
        where = (
            "FROM payment y JOIN deal d ON d.id = y.deal_id "
            "JOIN pipeline l ON l.id = d.pipeline_id WHERE y.direction = 'in' AND l.name"
        )
        assert r.value(f"SELECT count(*) {where} = 'Payments'") > 40
        assert r.value(f"SELECT count(*) {where} <> 'Payments'") == 0
        assert r.value(f"SELECT count(*) {where} = 'Payments' AND y.actual_day IS NULL") >= 3
        opened = r.rows(
            "SELECT DISTINCT d.id FROM deal d JOIN stage_move m ON m.deal_id = d.id "
            "JOIN stage s ON s.id = m.to_stage_id WHERE s.paid_percent > 0"
        )
        assert len(opened) > 20
        for (deal,) in opened:
            amount = r.value("SELECT amount FROM deal WHERE id = ?", (deal,))
            sums = payments.sums_of(r, deal, amount_of(amount), "RUB")
            assert (sums.percent or 0) >= 30


def test_rules_and_links_leave_their_traces(sample: Store) -> None:
    with sample.read() as r:
        kinds: dict[str, int] = dict(
            r.rows("SELECT l.name, count(*) FROM deal d JOIN pipeline l ON l.id = d.pipeline_id "
                   "WHERE d.parent_id IS NOT NULL GROUP BY 1")
        )  # fmt: skip
        assert set(kinds) == {"Logistics", "Engineering", "Service", "Payments"}
        ticked = "SELECT count(*) FROM task WHERE checklist LIKE '%true%'"
        assert r.value(ticked) >= 3
        assert r.value("SELECT count(*) FROM task WHERE description LIKE '%route%'") > 0
        [(route, on_card)] = r.rows("SELECT id, on_card FROM custom_field WHERE name = 'Route'")
        assert on_card
        written = (
            "SELECT count(*) FROM field_value v JOIN deal d ON d.id = v.subject_id "
            "WHERE v.field_id = ? AND d.parent_id IS"
        )
        assert r.value(f"{written} NULL", (route,)) > 20
        assert r.value(f"{written} NOT NULL", (route,)) > 20, "the children carry it"
        assert r.value("SELECT count(*) FROM task WHERE state = 'open' AND event IS NOT NULL "
                       "AND due_at IS NULL") >= 1  # fmt: skip


def test_the_same_seed_and_moment_tell_the_same_story(tmp_path: Path) -> None:
    def told(folder: Path, seed: int) -> list[tuple[object, ...]]:
        folder.mkdir()
        with small(folder, seed=seed) as store, store.read() as r:
            return r.rows(
                "SELECT d.title, d.amount, d.stage_id, d.owner_id, m.at, m.to_stage_id FROM deal d "
                "JOIN stage_move m ON m.deal_id = d.id ORDER BY m.id"
            ) + r.rows("SELECT title, due_at, state, assignee_id, closed_at FROM task ORDER BY id")

    first = told(tmp_path / "first", 7)
    assert told(tmp_path / "second", 7) == first
    assert told(tmp_path / "third", 8) != first


@pytest.mark.parametrize(
    "now",
    [
        datetime(2026, 11, 22, 0, 30, tzinfo=UTC),  # a Sunday night
        datetime(2027, 1, 4, 8, 0, tzinfo=UTC),  # holidays
        datetime(2028, 2, 29, 5, 59, tzinfo=UTC),  # just before work, a leap day
    ],
)
def test_it_can_be_told_at_any_moment(tmp_path: Path, now: datetime) -> None:
    at = moment_of(now)
    with small(tmp_path, at) as store, store.read() as r:
        assert r.value("SELECT max(at) FROM command") <= at
        assert r.value("SELECT count(*) FROM deal") > 12
        today = r.zone.day_of(at)
        calendar = surroundings.load_calendar(r)
        last = calendar.add_working_days(today, -1)
        since = r.zone.start_of(last)
        assert r.value("SELECT count(*) FROM stage_move WHERE at >= ?", (since,)) > 0


def test_in_russian_every_name_is_russian(tmp_path: Path) -> None:
    with small(tmp_path, language="ru") as store, store.read() as r:
        for query in (
            "SELECT name FROM person", "SELECT name FROM team", "SELECT name FROM client",
            "SELECT name FROM stage", "SELECT title FROM deal", "SELECT title FROM task",
            "SELECT text FROM note", "SELECT note FROM payment WHERE note IS NOT NULL",
            "SELECT name FROM contractor", "SELECT name FROM service",
            "SELECT description FROM task WHERE description IS NOT NULL",
        ):  # fmt: skip
            for (text,) in r.rows(query):
                assert not re.search("[A-Za-z@]", text), text


@pytest.mark.parametrize(
    ("template", "pipelines_made"),
    [("sales", 1), ("empty", 5), ("rental", 2), ("cold-calls", 2), ("repeat", 1), ("service", 2)],
)
def test_any_new_workspace_can_have_it(tmp_path: Path, template: str, pipelines_made: int) -> None:
    with workspace(tmp_path, template) as store:
        story.tell(store, now=NOW, language="en", requests=12)
        with store.read() as r:
            assert len(pipelines(r)) == pipelines_made
            assert r.value("SELECT count(*) FROM deal") >= 12


def test_it_goes_into_no_workspace_that_is_in_use(tmp_path: Path) -> None:
    with workspace(tmp_path) as store:
        hire(store, "Somebody")
        with pytest.raises(Refused):
            story.tell(store, now=NOW, language="en", requests=12)


def test_clients_of_the_story_can_be_written_to_and_their_tax_numbers_fit(
    sample: Store,
) -> None:
    with sample.read() as r:
        numbers = [row[0] for row in r.rows("SELECT tax_number FROM client WHERE kind = 'company'")]
        contacts = r.value("SELECT count(*) FROM client WHERE kind = 'contact'")
        mails = r.rows("SELECT value FROM client_contact WHERE kind = 'email'")
    given = [number for number in numbers if number]
    assert len(given) == len(set(given)) >= 20
    assert [clients.tax_doubt(number, "RU") for number in given] == [None] * len(given)
    assert contacts - 2 <= len(mails) == len(set(mails))
    assert all(mail.endswith("@example.com") for (mail,) in mails)
