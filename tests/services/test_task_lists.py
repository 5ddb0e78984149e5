"""The lists of tasks, their numbers, the week, "no answer" and postponing many."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from salesdesk.errors import Invalid
from salesdesk.services import control_verbs, history, task_lists, tasks
from salesdesk.services.task_lists import LISTS, Asked
from tests.builders import Desk, day, empty_store

NOW = "2026-11-20T12:00"  # a Friday


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(empty_store(tmp_path))
    yield made
    made.store.close()


class Team:
    """Two people, a deal with a client to call, and tasks of every kind."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        group = desk.team("Sales")
        self.lead = desk.person("Anna", role="team_lead", team_id=group)
        self.maria = desk.person("Maria", role="manager", team_id=group)
        client = desk.insert("client", kind="company", name="Agro", name_key="agro")
        desk.insert(
            "client_contact", client_id=client, kind="phone", value="+7 912 1", value_key="1"
        )
        self.call = desk.insert("task_kind", name="Call", name_key="call", icon="phone")
        stage = desk.pipeline("Sales")[0]
        self.deal = desk.deal(stage, "2026-11-02T10:00", self.maria, client_id=client)
        self.gone = desk.deal(stage, "2026-11-02T10:00", self.maria)
        self.late = self.task(self.maria, "2026-11-19T10:00", self.deal)
        self.today = self.task(self.maria, "2026-11-20T18:00", self.deal)
        self.next = self.task(self.maria, "2026-11-23T09:30", self.deal)
        self.free = self.task(self.maria, None, self.deal)
        self.waits = self.task(
            self.maria, None, self.deal, event="field_filled", event_field="amount"
        )
        self.of_lead = self.task(self.lead, "2026-11-20T11:00", None)
        self.of_nobody = self.task(None, "2026-11-18T11:00", self.deal)
        self.lost = self.task(self.maria, "2026-11-19T10:00", self.gone)
        desk.delete("deal", self.gone)
        self.now = desk.at(NOW)

    def task(self, who: int | None, due: str | None, deal: int | None, **fields: object) -> int:
        made = self.desk.task(deal, who, "2026-11-10T10:00", due)
        self.desk.update("task", made, kind_id=self.call, **fields)
        return made

    def ids(self, kind: str, *people: int, nobody: bool = False) -> list[int]:
        asked = Asked(kind, frozenset(people) or None, nobody, None, None)
        with self.desk.store.read() as r:
            found = task_lists.listed(r, asked, now=self.now)
        if kind in found.counts:
            assert found.counts[kind] == len(found.ids)
        return list(found.ids)

    def due(self, task: int) -> int | None:
        with self.desk.store.read() as r:
            return int(r.value("SELECT due_at FROM task WHERE id = ?", (task,)))


@pytest.fixture
def team(desk: Desk) -> Team:
    return Team(desk)


def test_each_task_stands_in_one_list(team: Team) -> None:
    assert team.ids("overdue", team.maria) == [team.late]
    assert team.ids("today", team.maria) == [team.today]
    assert team.ids("planned", team.maria) == [team.next, team.free]
    assert team.ids("waiting", team.maria) == [team.waits]
    assert team.ids("overdue") == [team.late, team.of_lead]
    assert team.ids("overdue", nobody=True) == [team.of_nobody, team.late, team.of_lead]
    assert team.ids("overdue", team.maria, nobody=True) == [team.of_nobody, team.late]
    everything = [key for kind in LISTS for key in team.ids(kind, nobody=True)]
    assert len(everything) == len(set(everything)) == 7


def test_lines_tell_whom_to_call(team: Team) -> None:
    with team.desk.store.read() as r:
        found = task_lists.lines(r, [team.next, 999, team.of_lead], now=team.now)
    assert [(each.task.id, each.phone) for each in found] == [(team.next, "+7 912 1"),
                                                             (team.of_lead, "")]  # fmt: skip
    assert found[0].task.client == "Agro"


def test_what_counts_in_the_rail(team: Team) -> None:
    with team.desk.store.read() as r:
        assert task_lists.due_count(r, team.maria, now=team.now) == 2
        assert task_lists.due_count(r, None, now=team.now) == 0


def test_a_week_has_its_days_and_what_is_overdue_before(team: Team) -> None:
    asked = Asked(people=frozenset((team.maria,)), nobody=False)
    with team.desk.store.read() as r:
        this = task_lists.week(r, asked, day("2026-11-16"), now=team.now)
        after = task_lists.week(r, asked, day("2026-11-23"), now=team.now)
    assert this.days == ((), (), (), (team.late,), (team.today,), (), ())
    assert (this.before, after.before) == (0, 1)
    assert after.days[0] == (team.next,)


def test_no_answer_is_the_next_working_day_at_the_same_time(team: Team) -> None:
    command = tasks.no_answer(
        team.desk.store, [team.late, team.today], "No answer", person=team.maria, now=team.now
    )
    assert team.due(team.late) == team.desk.at("2026-11-23T10:00")
    assert team.due(team.today) == team.desk.at("2026-11-23T18:00")
    with team.desk.store.read() as r:
        sql = "SELECT reason, postponement FROM task_change WHERE command_id = ?"
        assert r.rows(sql, (command,)) == [("No answer", 1), ("No answer", 1)]
        [line] = tasks.by_ids(r, [team.late], now=team.now)
    assert line.postponed == 1
    history.undo(team.desk.store, command, person=team.maria, now=team.now + 1)
    assert team.due(team.late) == team.desk.at("2026-11-19T10:00")


def test_many_are_postponed_each_to_its_own_time_or_none_at_all(team: Team) -> None:
    dues = {
        team.late: team.desk.at("2026-11-24T10:00"),
        team.today: team.desk.at("2026-11-24T18:00"),
    }
    tasks.postpone_each(team.desk.store, dues, "on a trip", person=team.maria, now=team.now)
    assert {key: team.due(key) for key in dues} == dues
    past = {team.late: team.now + 1, team.today: team.now}
    with pytest.raises(Invalid):
        tasks.postpone_each(team.desk.store, past, "why", person=team.maria, now=team.now)
    with pytest.raises(Invalid):
        tasks.postpone_each(team.desk.store, dues, " ", person=team.maria, now=team.now)
    assert team.due(team.late) == dues[team.late]


def test_a_result_is_accepted_or_given_back(team: Team) -> None:
    store = team.desk.store
    team.desk.update("task", team.late, asks_result=1)
    tasks.complete(store, [team.late], person=team.maria, now=team.now, result="Sold")
    assert team.ids("accept") == [team.late]
    with store.read() as r:
        own = Asked("accept", me=team.maria)
        assert task_lists.ids(r, own, now=team.now) == []
    control_verbs.give_back(store, [team.late], "For how much?", person=team.lead, now=team.now + 1)
    assert team.late in team.ids("planned", team.maria)  # until the next working day ends
    with store.read() as r:
        [line] = task_lists.lines(r, [team.late], now=team.now)
    assert line.remark == "For how much?"
    tasks.complete(store, [team.late], person=team.maria, now=team.now + 2, result="For a million")
    control_verbs.accept(store, [team.late], person=team.lead, now=team.now + 3)
    assert team.ids("accept") == []
    team.now += 10
    assert team.ids("done") == [team.late]
