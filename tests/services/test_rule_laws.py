"""Laws of the engine, on random sets of rules and random sequences of moves: no chain without end,
nothing made twice, undo gives back what was before, a preview tells what really happens."""

import json
import random
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from salesdesk.errors import SalesDeskError
from salesdesk.models.store import Store
from salesdesk.moments import SECOND
from salesdesk.services import dealfields, deals, history, link_rules, rule_trial, task_rules, tasks
from salesdesk.services.cards import MoveResult
from salesdesk.services.moving import DEPTH
from salesdesk.services.rulebook import LinkRule, TaskRule
from tests.builders import Desk, day, empty_store
from tests.services.answers import answers, assert_rebuilt_alike, records
from tests.services.test_rule_trial import ended

HOUR = 3600 * SECOND
PIPELINES = 3
STAGES = 3


class World:
    """Three pipelines of three stages, four people of a team, random rules."""

    def __init__(self, store: Store, seed: int, wild: bool) -> None:
        self.store = store
        self.rng = random.Random(seed)
        desk = self.desk = Desk(store)
        self.now = desk.at("2026-11-05T10:00")
        self.since = self.now
        self.team = desk.team("Team")
        self.people = [desk.person(name, team_id=self.team) for name in ("Ann", "Bob", "Cid")]
        desk.insert("absence", person_id=self.people[1], first_day=day("2026-11-09"),
                    last_day=day("2026-11-13"), substitute_id=self.people[2])  # fmt: skip
        self.stages = [
            stage
            for n in range(PIPELINES)
            for stage in desk.pipeline(f"P{n}", [(f"S{n}{m}", "open") for m in range(STAGES)])
        ]
        self.field = desk.insert("custom_field", subject="deal", name="Ready", name_key="ready",
                                 kind="date")  # fmt: skip
        self.by: dict[str, Any] = {"person": None}
        self.wild = wild
        self._rules()
        self._links()
        self.done: list[int] = []

    # -- the rules ----------------------------------------------------------------------------

    def _rules(self) -> None:
        chance = self.rng
        self.rules: list[int] = []
        for n in range(chance.randint(3, 9)):
            due = chance.choice(
                (
                    {"unit": chance.choice(("minutes", "hours", "days", "working_days"))},
                    {"due_rule": "before_date", "date_field": chance.choice(
                        ("expected_day", "Ready"))},
                    {"due_rule": "on_date", "fixed_day": day("2026-11-10") + n},
                    {"due_rule": "on_event", "event": "field_filled",
                     "event_field": chance.choice(("cost", "Ready"))},
                    {"due_rule": "on_event", "event": "child_enters",
                     "event_stage_id": chance.choice(self.stages)},
                    {"due_rule": "on_event", "event": "task_done",
                     "event_task_rule_id": chance.choice([*self.rules, None])},
                )
            )  # fmt: skip
            rule = TaskRule(
                0, chance.choice(self.stages), f"Task {n}", amount=chance.randint(0, 3),
                leave_policy=chance.choice(("keep", "complete", "cancel")),
                assignee_rule=chance.choice(("responsible", "supervisor", "person")),
                assignee_id=chance.choice(self.people), description="For {responsible}",
                shift_to_working_day=chance.choice((None, True, False)), **due,
            )  # fmt: skip
            try:
                self.rules.append(
                    task_rules.add_task_rule(self.store, rule, now=self.now, **self.by).id
                )
            except SalesDeskError:  # waits for no task at all
                continue

    def _links(self) -> None:
        """Those that close a circle are refused; wild ones are written past the door."""
        chance, pairs = self.rng, set[tuple[int, int]]()
        upper, lower = self.stages[:STAGES], self.stages[STAGES:]
        for _ in range(chance.randint(1, 6)):
            kind = chance.choice(("open_child", "move_parent"))
            ends = (upper, lower) if kind == "open_child" else (lower, upper[1:])
            if chance.random() < 0.3:
                ends = (self.stages, self.stages)
            rule = LinkRule(
                0, chance.choice(ends[0]), kind,  # type: ignore[arg-type]
                chance.choice(ends[1]), f"Child {len(pairs)}",
                copied=("amount", "Ready"), filled=("cost", "Ready"),
                keeps_in_step=chance.random() < 0.5,
                allows_back=self.wild and chance.random() < 0.5,
            )  # fmt: skip
            if (rule.stage_id, rule.target_stage_id) in pairs:
                continue
            pairs.add((rule.stage_id, rule.target_stage_id))
            if self.wild:
                self.desk.insert(
                    "link_rule", stage_id=rule.stage_id, kind=rule.kind,
                    target_stage_id=rule.target_stage_id, title=rule.title,
                    copied=json.dumps(rule.copied), filled=json.dumps(rule.filled),
                    keeps_in_step=int(rule.keeps_in_step), allows_back=int(rule.allows_back),
                )  # fmt: skip
                continue
            try:
                link_rules.add_link_rule(self.store, rule, now=self.now, **self.by)
            except SalesDeskError:
                continue

    # -- what happens -------------------------------------------------------------------------

    def play(self) -> int | None:
        """One random command; its id."""
        self.now += self.rng.randint(1, 40) * HOUR
        known = self._deals()
        verb = self.rng.choice(
            (
                self._create,
                self._move,
                self._move,
                self._move,
                self._change,
                self._field,
                self._task,
            )
        )
        try:
            result = verb(known) if known else self._create(known)
        except SalesDeskError:
            return None
        command = result if isinstance(result, int) else result.command_id
        self.done.append(command)
        return command

    def _deals(self) -> list[int]:
        with self.store.read() as r:
            rows = r.rows("SELECT id FROM deal WHERE deleted_at IS NULL ORDER BY id")
        return [row[0] for row in rows]

    def _create(self, known: list[int]) -> MoveResult:
        new = deals.NewDeal(
            "Deal", self.rng.choice(self.stages[:STAGES]), self.rng.choice(self.people),
            parent_id=self.rng.choice([None, *known]),
            expected_day=self.rng.choice((None, day("2026-11-20"))),
        )  # fmt: skip
        return deals.create(self.store, new, now=self.now, **self.by)

    def _move(self, known: list[int]) -> MoveResult:
        """Mostly one step on in its own pipeline."""
        ids = self.rng.sample(known, min(self.rng.choice((1, 1, 1, 2, 3)), len(known)))
        with self.store.read() as r:
            here = self.stages.index(r.value("SELECT stage_id FROM deal WHERE id = ?", (ids[0],)))
        on = here + 1 if (here + 1) % STAGES else here - 1
        stage = self.rng.choice((self.stages[on], self.stages[on], self.rng.choice(self.stages)))
        return deals.move(self.store, ids, stage, now=self.now, **self.by)

    def _change(self, known: list[int]) -> int:
        chance = self.rng
        values = chance.choice(
            ({"cost": Decimal(chance.randint(1, 9))}, {"cost": None}, {"amount": Decimal(3)},
             {"expected_day": day("2026-11-20") + chance.randint(0, 20)}, {"expected_day": None})
        )  # fmt: skip
        return deals.change(self.store, chance.choice(known), dict(values), now=self.now, **self.by)

    def _field(self, known: list[int]) -> int:
        value = self.rng.choice((None, day("2026-11-25") + self.rng.randint(0, 9)))
        return dealfields.set_own_field(
            self.store, self.rng.choice(known), self.field, value, now=self.now, **self.by
        )

    def _task(self, _known: list[int]) -> int:
        with self.store.read() as r:
            rows = r.rows("SELECT id FROM task WHERE state = 'open' AND deleted_at IS NULL")
        chosen = [self.rng.choice(rows)[0]] if rows else [0]
        if self.rng.random() < 0.3:
            return tasks.set_due(self.store, chosen, self.now + HOUR, now=self.now, **self.by)
        return tasks.complete(self.store, chosen, now=self.now, **self.by)


def everything(store: Store) -> dict[str, Any]:
    """Records and facts, the values of own fields too (an emptied one is none)."""
    found: dict[str, Any] = dict(records(store))
    with store.read() as r:
        found["field_value"] = r.rows(
            "SELECT v.field_id, v.subject_id, v.value FROM field_value v JOIN deal d "
            "ON d.id = v.subject_id WHERE v.deleted_at IS NULL AND d.deleted_at IS NULL "
            "AND v.value IS NOT NULL ORDER BY 1, 2"
        )
    return found


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("laws")


def world(folder: Path, seed: int, wild: bool = False) -> World:
    for old in folder.glob("laws.salesdesk*"):
        old.unlink()
    return World(empty_store(folder, "laws.salesdesk"), seed, wild)


SEEDS = st.integers(0, 1_000_000)


@given(SEEDS, st.booleans())
@settings(max_examples=25)
def test_no_chain_is_endless_and_nothing_is_made_twice(folder: Path, seed: int, wild: bool) -> None:
    """Even with links in circles, which saving refuses."""
    made = world(folder, seed, wild)
    with made.store as store:
        for _ in range(8):
            command = made.play()
            if command is None:
                continue
            with store.read() as r:
                entries = r.rows(
                    "SELECT deal_id, to_stage_id, count(*) FROM stage_move WHERE command_id = ? "
                    "GROUP BY 1, 2",
                    (command,),
                )
                created = r.rows(
                    "SELECT t.deal_id, t.rule_id, u.stage_id, count(*) FROM task t "
                    "JOIN task_change f ON f.task_id = t.id AND f.fields = 7 "
                    "JOIN task_rule u ON u.id = t.rule_id WHERE f.command_id = ? GROUP BY 1, 2, 3",
                    (command,),
                )
            assert all(count == 1 for *_, count in entries)
            entered = {(deal, stage) for deal, stage, _ in entries}
            assert all(count == 1 and (deal, stage) in entered for deal, _, stage, count in created)
            assert len(entries) <= 3 * 5 ** (DEPTH + 1)


@given(SEEDS, st.booleans())
@settings(max_examples=20)
def test_undo_gives_back_the_database_of_before(folder: Path, seed: int, wild: bool) -> None:
    made = world(folder, seed, wild)
    with made.store as store:
        later = made.now + 10**13
        made.play()
        made.done.clear()
        seen, kept = answers(store, later), everything(store)
        for _ in range(6):
            made.play()
        assert_rebuilt_alike(store, later)
        for command in reversed(made.done):
            history.undo(store, command, person=None, now=later)
        assert answers(store, later) == seen
        assert everything(store) == kept
        assert_rebuilt_alike(store, later)


@given(SEEDS)
@settings(max_examples=25)
def test_a_preview_tells_what_really_happens(folder: Path, seed: int) -> None:
    made = world(folder, seed)
    with made.store as store:
        for _ in range(16):
            if made.rng.random() < 0.15 and made.done:
                history.undo(store, made.done.pop(), person=None, now=made.now)
            made.play()
        with store.read() as r:
            for rule in task_rules.task_rules(r):
                trial = ended(rule_trial.of_task_rule(r, rule, since=made.since, now=made.now))
                tried = [(t.at, t.deal_id, t.assignee_id, t.due_at) for t in trial.tasks]
                assert sorted(tried, key=str) == sorted(_lived(r, rule.id), key=str), rule
            tried_deals = []
            for link in link_rules.link_rules(r):
                trial = ended(rule_trial.of_link_rule(r, link, since=made.since, now=made.now))
                opens = link.kind == "open_child"
                tried_deals += [
                    (link.target_stage_id, t.at, t.parent_id, t.owner_id if opens else None)
                    for t in trial.deals
                ]
            assert sorted(tried_deals, key=str) == sorted(_linked(r), key=str)


def _lived(r: Any, rule: int) -> list[tuple[Any, ...]]:
    """Tasks as the command that made them left them: moment, deal, assignee, due."""
    rows: list[tuple[Any, ...]] = r.rows(
        "SELECT t.created_at, t.deal_id, m.assignee_id, (SELECT f.due_at FROM task_change f "
        "WHERE f.task_id = t.id AND f.command_id = m.command_id AND f.fields & 2 "
        "ORDER BY f.seq DESC LIMIT 1) FROM task t "
        "JOIN task_change m ON m.task_id = t.id AND m.fields = 7 "
        "WHERE t.rule_id = ? AND t.deleted_at IS NULL",
        (rule,),
    )
    return rows


def _linked(r: Any) -> list[tuple[Any, ...]]:
    """Children that links opened (stage, moment, parent, owner), and parents that they moved."""
    rows: list[tuple[Any, ...]] = r.rows(
        "SELECT m.to_stage_id, m.at, CASE WHEN m.sets_owner THEN d.parent_id ELSE d.id END, "
        "CASE WHEN m.sets_owner THEN m.owner_id END FROM stage_move m "
        "JOIN deal d ON d.id = m.deal_id "
        "WHERE m.mover_as = 'rule' AND m.undone = 0 AND d.deleted_at IS NULL"
    )
    return rows
