"""Every number of the ranking equals a slow independent recomputation, on random histories."""

import tempfile
from decimal import Decimal
from pathlib import Path
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from salesdesk.models import derived
from salesdesk.models.store import Reader, Store
from salesdesk.moments import POINTS_SCALE, SECOND
from salesdesk.services import ranking_explain
from salesdesk.services.levels import NORMED, PLANNED
from salesdesk.services.periods import Period, of_month, of_week
from salesdesk.services.ranking import METRICS, RankingRow, ranking
from salesdesk.services.ranking_points import Points
from tests.builders import KEEP, SALES, Desk, day, empty_store
from tests.oracle import ranking_oracle
from tests.oracle.adapter import world_of

HOUR = 3600 * SECOND
#: The clock goes forward on 29 March 2026 in Berlin.
FIRST, DAYS = day("2026-02-25"), 45
MOMENTS = ("00:00", "00:00", "03:30", "09:00", "15:00", "23:59:59.999999")
COUNTS = ("deal", "move", "move", "move", "move", "give", "task", "fact", "undo", "redo", "delete",
          "restore", "rule", "change", "child")  # fmt: skip


def moments() -> st.SearchStrategy[int]:
    """A day and a time of it, as one number."""
    return st.integers(0, DAYS * len(MOMENTS) - 1)


STEPS = st.tuples(
    st.sampled_from(COUNTS), moments(), st.integers(0, 40), st.integers(0, 40), st.integers(0, 9)
)


class Team:
    """A desk with two pipelines that count and one that does not, and people of all kinds."""

    def __init__(self, store: Store, skipped: bool) -> None:
        desk = self.desk = Desk(store, "Europe/Berlin", count_skipped_stages=skipped)
        self.groups = [desk.team("Department")]
        self.groups += [desk.team("North", self.groups[0]), desk.team("South", self.groups[0])]
        team = self.groups
        self.people: list[int | None] = [
            desk.person("Anna", team_id=team[1]),
            desk.person("boris", team_id=team[1]),
            desk.person("Vera", team_id=team[2], last_day=day("2026-03-20")),
            desk.person("Lead", team_id=team[0], role="team_lead"),
            desk.person("Dispatcher", in_ranking=0),
            None,
            KEEP,
        ]
        two = (*SALES[:3], ("Held again", "open", "meeting_held", "2"), *SALES[3:],
               ("Won too", "won", "won", "5"), ("Lost too", "lost", None, None))  # fmt: skip
        self.stages = desk.pipeline("Sales", two) + desk.pipeline("Parts")
        self.stages += desk.pipeline("Service", counts=False)
        desk.points(self.stages[1], "1.5", day("2026-03-10"))
        desk.points(self.stages[2], "0.3", day("2026-03-29"))
        desk.rate("USD", "90.12345678")
        desk.rate("USD", "80.5", day("2026-03-15"))
        desk.rate("EUR", "100.5", day("2026-03-10"))
        self.reasons = [None, desk.lost_reason("Price"), desk.lost_reason("Spam", True)]
        self._plans()
        self.deals: list[int] = []
        self.tasks: list[int] = []

    def _plans(self) -> None:
        desk, march = self.desk, 2026 * 12 + 2
        anna, boris = self.people[0], self.people[1]
        assert anna is not None
        assert boris is not None
        for metric in PLANNED:
            desk.plan(metric, march, "3", person_id=anna)
        desk.plan("points", march - 1, "7.25", person_id=boris)
        desk.plan("points", march + 1, "100", person_id=boris)
        for metric in NORMED:
            desk.norm(metric, "1")
            desk.norm(metric, "0", march, team_id=self.groups[1])
        desk.norm("lost", "2", person_id=boris)

    def at(self, moment: int) -> int:
        of_day, time = divmod(moment, len(MOMENTS))
        from datetime import date, datetime

        local = f"{date.fromordinal(FIRST + of_day).isoformat()}T{MOMENTS[time]}"
        return self.desk.store.zone.moment(datetime.fromisoformat(local))

    def pick(self, items: list[Any], n: int) -> Any:
        return items[n % len(items)] if items else None

    def tell(self, step: tuple[str, int, int, int, int]) -> None:
        """One thing that happens; nothing when it cannot."""
        what, moment, one, other, who = step
        at = self.at(moment)
        tell = getattr(self, f"_{what}")
        if what in ("deal", "task") or self.deals:
            tell(at, one, other, who)

    def _deal(self, at: int, one: int, other: int, who: int) -> None:
        currency = ("RUB", "RUB", "RUB", "USD", "EUR", "XYZ")[other % 6]
        money = {"amount": (None, "1000.005", "33.3333")[one % 3], "currency": currency,
                 "cost": (None, "12.3456")[one % 2]}  # fmt: skip
        owner = self.pick(self.people[:-1], who)
        self.deals.append(self.desk.deal(self.pick(self.stages, other), at, owner, **money))

    def _move(self, at: int, one: int, other: int, who: int) -> None:
        owner = self.pick(self.people, who) if who % 3 == 0 else KEEP
        reason = {"lost_reason_id": self.pick(self.reasons, who)} if who % 2 else {}
        stage = self.pick(self.stages[:10] if one % 4 else self.stages, other)
        evidence = "reported" if one == 13 else "acted"
        self.desk.move(self.pick(self.deals, one), stage, at, owner, evidence=evidence, **reason)

    def _give(self, at: int, one: int, other: int, who: int) -> None:
        self.desk.give(self.pick(self.deals, one), self.pick(self.people[:-1], who), at)

    def _task(self, at: int, one: int, other: int, who: int) -> None:
        deal = self.pick([*self.deals, None], one)
        due = None if other % 4 == 0 else at + (other - 10) * 13 * HOUR
        self.tasks.append(self.desk.task(deal, self.pick(self.people[:-1], who), at, due))

    def _fact(self, at: int, one: int, other: int, who: int) -> None:
        task = self.pick(self.tasks, one)
        if task is None:
            return
        later = at + other * 5 * HOUR
        facts: list[dict[str, Any]] = [
            {"state": "done"}, {"state": "open"}, {"state": "cancelled"}, {"due_at": later},
            {"due_at": later, "postponement": 1}, {"assignee_id": self.pick(self.people[:-1], who)},
        ]  # fmt: skip
        self.desk.fact(task, at + one, **facts[other % len(facts)])

    def _undo(self, at: int, one: int, other: int, who: int) -> None:
        self._undone(self.desk.undo, 0, one)

    def _redo(self, at: int, one: int, other: int, who: int) -> None:
        self._undone(self.desk.redo, 1, one)

    def _undone(self, verb: Any, undone: int, one: int) -> None:
        """Undo (or redo) a command about deals and tasks."""
        with self.desk.store.read() as r:
            rows = r.rows(
                "SELECT DISTINCT m.command_id FROM stage_move m JOIN command c "
                "ON c.id = m.command_id WHERE c.undone = ? UNION "
                "SELECT m.command_id FROM task_change m JOIN command c ON c.id = m.command_id "
                "WHERE c.undone = ? ORDER BY 1",
                (undone, undone),
            )
        command = self.pick(rows, one)
        if command is not None:
            verb(command[0])

    def _delete(self, at: int, one: int, other: int, who: int) -> None:
        table = "task" if other % 3 == 0 and self.tasks else "deal"
        self.desk.delete(table, self.pick(self.tasks if table == "task" else self.deals, one))

    def _restore(self, at: int, one: int, other: int, who: int) -> None:
        self.desk.restore("deal", self.pick(self.deals, one))

    def _rule(self, at: int, one: int, other: int, who: int) -> None:
        deal = self.pick(self.deals, one)
        move = self.pick(self.desk.moves(deal), other)
        with self.desk.store.read() as r:
            stage = r.value("SELECT to_stage_id FROM stage_move WHERE id = ?", (move,))
        kind = ("void", "credit", "restore")[who % 3]
        person = self.pick(self.people[:4], other) if kind == "credit" else None
        self.desk.rule(kind, deal, stage, move, person)

    def _change(self, at: int, one: int, other: int, who: int) -> None:
        deal = self.pick(self.deals, one)
        if who % 2:
            self.desk.update("deal", deal, amount=other * 10_001)
        else:
            self.desk.update("deal", deal, cost=other * 777, currency=("RUB", "USD")[other % 2])

    def _child(self, at: int, one: int, other: int, who: int) -> None:
        parent = self.pick(self.deals, other)
        if parent != self.pick(self.deals, one):
            self.desk.update("deal", self.pick(self.deals, one), parent_id=parent)


def compare(r: Reader, period: Period, now: int, **asked: Any) -> None:
    """The program's answer and the oracle's, number by number."""
    world = world_of(r)
    answer = ranking(r, period, now=now, **asked)
    renamed = {"team": asked.get("team_id"), "pipeline": asked.get("pipeline_id")}
    table = asked.get("weights")
    points = None
    if table is not None:
        points = {stage: tuple((since if since >= 0 else None, Decimal(value) / POINTS_SCALE)
                               for since, value in zip(days, table._points[stage], strict=True))
                  for stage, days in table._days.items()}  # fmt: skip
    truth = ranking_oracle.ranking(
        world, period.first_day, period.last_day, now, points=points, **renamed
    )
    assert [row.person_id for row in answer.rows] == [row.person.id for row in truth.rows]
    for mine, true in zip(answer.rows, truth.rows, strict=True):
        assert {metric: mine.value(metric) for metric in METRICS} == true.numbers
        assert mine.points == true.points
        assert (mine.rank, mine.rank_change) == (true.rank, true.rank_change)
        assert (mine.revenue, mine.gross_profit) == (true.revenue, true.gross_profit)
        assert mine.standing == true.standing
        assert mine.postponements == true.postponements
        assert mine.levels == true.levels
        if points is None:
            explained(r, period, now, mine, true, renamed["pipeline"])
    shown = {code for row in answer.rows for code in row.unrated}
    assert set(answer.unrated) == shown <= truth.unrated


def explained(
    r: Reader,
    period: Period,
    now: int,
    row: RankingRow,
    true: ranking_oracle.Row,
    pipeline: int | None,
) -> None:
    """The list behind each number adds up to it and names the items that the oracle counted."""
    assert row.person_id is not None
    for metric in (*METRICS, "points", "revenue", "gross_profit"):
        found = ranking_explain.explain(
            r, period, row.person_id, metric, now=now, pipeline_id=pipeline
        )
        assert found.total == row.value(metric), metric
        assert sum(line.value for line in found.lines) == found.total, metric
        counted = [line for line in found.lines if line.counts]
        if metric != "points":
            assert len(counted) == len(true.items.get(metric, [])), metric
        items: list[Any] = true.items.get(metric, [])
        if metric == "points":
            reaches = sorted((line.deal_id, line.move_id, line.stage_id) for line in counted)
            assert reaches == sorted((i.deal, i.move, i.stage.id) for i in items)
        elif metric in ("revenue", "gross_profit"):
            money = sorted((line.deal_id, line.value) for line in counted)
            assert money == sorted(items)
        elif metric.startswith("tasks"):
            assert {line.task_id for line in counted} == set(items)
        else:
            assert {line.deal_id for line in counted} == set(items)


def tables(r: Reader) -> dict[str, list[tuple[Any, ...]]]:
    """Everything derived; rows of sums that say nothing left out."""
    found = {}
    for name in ("span", "reach", "hold", "won_line", "tally_day", "tally_month", "won_sum",
                 "stage_total"):  # fmt: skip
        rows = r.rows(f"SELECT * FROM {name}")
        sums = {"tally_day": 4, "tally_month": 4, "won_sum": 4, "stage_total": 2}
        kept = [row for row in rows if name not in sums or any(row[sums[name] :])]
        found[name] = sorted(kept, key=repr)
    return found


@given(
    steps=st.lists(STEPS, min_size=10, max_size=60),
    now=moments(),
    more=st.integers(0, 1),
    span=st.tuples(st.integers(0, DAYS), st.integers(0, DAYS)),
    skipped=st.booleans(),
)
@example(steps=[("deal", 5, 0, 0, 0), ("move", 9, 1, 5, 1)], now=9, more=0, span=(0, 40),
         skipped=False)  # fmt: skip
def test_every_number_equals_the_oracle(
    steps: list[tuple[str, int, int, int, int]],
    now: int,
    more: int,
    span: tuple[int, int],
    skipped: bool,
) -> None:
    with tempfile.TemporaryDirectory() as folder, empty_store(Path(folder)) as store:
        team = Team(store, skipped)
        for place, step in enumerate(steps):
            team.tell(step)
            if place == len(steps) // 2:  # what is kept in memory must follow
                with store.read() as r:
                    ranking(r, of_month(FIRST + 20), now=team.at(now))
        when = team.at(now) + more
        today = store.zone.day_of(when)
        with store.read() as r:
            compare(r, of_month(today), when)
            compare(r, of_month(FIRST + 20), when, team_id=team.groups[1])
            compare(r, Period(today, today), when, team_id=team.groups[0])
            compare(r, of_week(FIRST + span[0]), when, pipeline_id=1 + span[1] % 3)
            compare(r, Period(FIRST + min(span), FIRST + max(span)), when)
            compare(r, of_month(today), when, weights=_other_points(team))
            before = tables(r)
        with store.command("rebuild", now=when) as tx:
            derived.rebuild(tx)
        with store.read() as r:
            assert tables(r) == before
            compare(r, of_month(today), when)


def _other_points(team: Team) -> Points:
    table = Points()
    table.add(team.stages[2], None, 3 * POINTS_SCALE)
    table.add(team.stages[2], day("2026-03-12"), POINTS_SCALE // 10)
    table.add(team.stages[6], None, 7_000_001)
    return table
