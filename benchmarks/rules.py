"""The engine of rules: a move that sets off much, a rule tried on many moves, a date that many
tasks hang on. The workspace is made for it once and kept in ``.benchmarks/``."""

import shutil
import time
from pathlib import Path
from typing import Any

from benchmarks.clock import DAY, NOW
from benchmarks.figures import Figure, median, percentile, timed
from benchmarks.synthetic import FOLDER
from salesdesk.models import sqlite
from salesdesk.models.migrate import create_workspace
from salesdesk.models.store import Store
from salesdesk.moments import SECOND
from salesdesk.services import deals, rule_trial
from salesdesk.services.rulebook import LinkRule, TaskRule

RULES, WAITING, HANGING = 10, 5, 500
TIMES = 150
PEOPLE = 20
#: How often each deal of the preview entered its stage.
ENTRIES = 20
_DAYS = 30


def figures(moves: int) -> list[Figure]:
    """All three, the rule tried on so many moves."""
    path = _copy(_kept(moves))
    with Store.open(path) as store:
        desk = _Desk(store)
        return [desk.heavy_moves(), *desk.previews(moves), desk.dated()]


def _kept(moves: int) -> Path:
    FOLDER.mkdir(exist_ok=True)
    kept = FOLDER / f"rules-{moves}.salesdesk"
    if not kept.exists():
        print(f"Making {kept.name} ...", flush=True)
        unfinished = FOLDER / f"new-{kept.name}"
        for old in FOLDER.glob(f"{unfinished.name}*"):
            old.unlink()
        create_workspace(unfinished)
        with Store.open(unfinished) as store:
            _furnish(store, moves)
            sqlite.optimize(store.connection)
            store.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        unfinished.rename(kept)
    return kept


def _copy(kept: Path) -> Path:
    copy = FOLDER / f"copy-{kept.name}"
    for old in FOLDER.glob(f"copy-{kept.name}*"):
        old.unlink()
    shutil.copy(kept, copy)
    return copy


# -- the workspace --------------------------------------------------------------------------------


def _furnish(store: Store, moves: int) -> None:
    with store.command("init", now=NOW, origin="demo") as tx:
        tx.insert("setting", [{"name": "zone", "value": '"Europe/Moscow"'},
                              {"name": "currency", "value": '"RUB"'}])  # fmt: skip
        [team] = tx.insert("team", [{"name": "Sales", "name_key": "sales"}])
        people = tx.insert("person", [
            {"name": f"Person {n}", "name_key": f"person {n}", "team_id": team}
            for n in range(PEOPLE)
        ])  # fmt: skip
        sales, logistics, works = (
            tx.insert("pipeline", [{"name": name, "name_key": name.casefold()}])[0]
            for name in ("Sale", "Logistics", "Works")
        )
        stages = tx.insert("stage", [
            {"pipeline_id": pipeline, "name": name, "name_key": name.casefold(), "position": place}
            for pipeline, place, name in (
                (sales, 0, "New"), (sales, 1, "Asked"), (sales, 2, "Plain"), (sales, 3, "Signed"),
                (logistics, 0, "To estimate"), (works, 0, "To plan"), (sales, 4, "Dated"),
            )
        ])  # fmt: skip
        _rules(tx, dict(zip(_STAGES, stages, strict=True)), team)
    _history(store, stages, people, moves)


_STAGES = ("new", "asked", "plain", "signed", "estimate", "plan", "dated")


def _rules(tx: Any, stages: dict[str, int], team: int) -> None:
    """Ten rules of the stage entered, five that wait for a child, two links, many before a date."""
    own: list[dict[str, Any]] = [{"unit": "working_days", "amount": n % 4} for n in range(RULES)]
    own[3] = {"due_rule": "before_date", "amount": 3, "date_field": "expected_day"}
    own[5] = {"assignee_rule": "least_loaded", "team_id": team}
    own[7] = {"description": "Call {client} about {amount}"}
    own[8] = {"checklist": '["One", "Two"]'}
    rows = [
        _rule(stages["signed"], f"Do {n}", n, values) for n, values in enumerate(own)
    ]  # fmt: skip
    rows += [
        _rule(stages["asked"], f"Wait {n}", n,
              {"due_rule": "on_event", "amount": n, "event": "child_enters",
               "event_stage_id": stages["estimate"]})
        for n in range(WAITING)
    ]  # fmt: skip
    rows += [
        _rule(stages["dated"], f"Before {n}", n,
              {"due_rule": "before_date", "unit": "working_days" if n % 2 else "days",
               "amount": n % 30, "date_field": "expected_day"})
        for n in range(HANGING)
    ]  # fmt: skip
    rows += [  # an ordinary stage, as in the other figures of a move
        _rule(stages["plain"], title, n, {"unit": "working_days", "amount": 1 + 2 * n})
        for n, title in enumerate(("Call", "Send offer"))
    ]  # fmt: skip
    tx.insert("task_rule", rows)
    tx.insert("link_rule", [
        {"stage_id": stages["signed"], "kind": "open_child", "target_stage_id": stages[target],
         "title": title, "copied": '["amount", "expected_day"]'}
        for target, title in (("estimate", "Estimate"), ("plan", "Works"))
    ])  # fmt: skip


_DEFAULTS: dict[str, Any] = {
    "due_rule": "after_move", "unit": "days", "amount": 1, "date_field": None, "event": None,
    "event_stage_id": None, "assignee_rule": "responsible", "team_id": None, "description": None,
    "checklist": "[]",
}  # fmt: skip


def _rule(stage: int, title: str, place: int, values: dict[str, Any]) -> dict[str, Any]:
    return {**_DEFAULTS, **values, "stage_id": stage, "title": title, "position": place}


def _history(store: Store, stages: list[int], people: list[int], moves: int) -> None:
    """Deals that went in and out of one stage all month."""
    count = max(moves // ENTRIES, 1)
    command = store.long_command("import.deals", now=NOW)
    step = _DAYS * DAY // (2 * ENTRIES + 2)
    for start in range(0, count, 250):
        with command.transaction(last=start + 250 >= count) as tx:
            numbers = range(start + 1, min(start + 250, count) + 1)
            ids = tx.insert("deal", [
                {"number": n, "title": f"Deal {n}", "title_key": f"deal {n}", "currency": "RUB",
                 "amount": n * 10_000, "expected_day": 739_950 + n % 60, "pos": float(n)}
                for n in numbers
            ])  # fmt: skip
            tx.insert("stage_move", [
                {"deal_id": deal, "to_stage_id": stages[0 if place % 2 else 2],
                 "at": NOW - _DAYS * DAY + place * step + deal % 1000 * SECOND,
                 "recorded_at": NOW, "mover_as": "import", "owner_id": people[deal % PEOPLE],
                 "sets_owner": int(place == 0), "evidence": "reported", "amount": None}
                for deal in ids for place in range(2 * ENTRIES)
            ])  # fmt: skip


# -- the figures ----------------------------------------------------------------------------------


class _Desk:
    def __init__(self, store: Store) -> None:
        self.store = store
        self.now = NOW
        with store.read() as r:
            ids = [row[0] for row in r.rows("SELECT id FROM stage ORDER BY id")]
        self.stages = dict(zip(_STAGES, ids, strict=True))

    def _deal(self, stage: str) -> int:
        self.now += SECOND
        new = deals.NewDeal("Deal", self.stages[stage], 1, expected_day=739_960)
        return deals.create(self.store, new, person=None, now=self.now).deal_ids[0]

    def _move(self, deal: int, stage: str) -> float:
        """Milliseconds of one move."""
        self.now += SECOND
        start = time.perf_counter()
        deals.move(self.store, [deal], self.stages[stage], person=None, now=self.now)
        return (time.perf_counter() - start) * 1000

    def heavy_moves(self) -> Figure:
        """A move with ten rules, two links, two children and five tasks woken, beside a plain one
        (two rules, as everywhere); in turns, so that whatever else the machine does meets both."""
        plain, heavy = [], []
        for _ in range(TIMES):
            light, much = self._deal("new"), self._deal("asked")
            plain.append(self._move(light, "plain"))
            heavy.append(self._move(much, "signed"))
        ours, floor = percentile(heavy, 0.95), percentile(plain, 0.95)
        return Figure(
            "a move with 10 rules, 2 children, 5 tasks woken, p95", f"{ours:.2f} ms",
            f"{floor:.2f} ms (plain)",
            f"<= 3 x (is {ours / floor:.2f}; p50 {median(heavy) / median(plain):.2f})",
            ours <= 3 * floor,
        )  # fmt: skip

    def previews(self, moves: int) -> list[Figure]:
        """Drafts of all kinds tried on every move of the month."""
        stage = self.stages["plain"]
        drafts: dict[str, TaskRule | LinkRule] = {
            "working days": TaskRule(0, stage, "Call", amount=2, unit="working_days"),
            "hours": TaskRule(0, stage, "Call", amount=2, unit="hours"),
            "before a date": TaskRule(0, stage, "Call", due_rule="before_date", amount=3,
                                      date_field="expected_day"),
            "fewest tasks": TaskRule(0, stage, "Call", assignee_rule="least_loaded", team_id=1),
            "a link": LinkRule(0, stage, "open_child", self.stages["estimate"]),
        }  # fmt: skip
        found = []
        for name, draft in drafts.items():
            start = time.perf_counter()
            told = self._tried(draft)
            took = time.perf_counter() - start
            goal = 2 * moves / 100_000
            found.append(
                Figure(f"a rule tried on {moves} moves: {name}", f"{took:.2f} s",
                       f"{told} words of progress", f"<= {goal:.2f} s", took <= goal)
            )  # fmt: skip
        return found

    def _tried(self, draft: TaskRule | LinkRule) -> int:
        """How often a trial told how far it was."""
        with self.store.read() as r:
            since, now = NOW - (_DAYS + 1) * DAY, NOW
            steps = (
                rule_trial.of_link_rule(r, draft, since=since, now=now)
                if isinstance(draft, LinkRule)
                else rule_trial.of_task_rule(r, draft, since=since, now=now)
            )
            return sum(1 for _ in steps)

    def dated(self) -> Figure:
        """A date moved on which five hundred tasks hang."""
        deal = self._deal("dated")
        days = iter(range(739_970, 740_100))

        def change() -> object:
            self.now += SECOND
            values = {"expected_day": next(days)}
            return deals.change(self.store, deal, values, person=None, now=self.now)

        ms = median(timed(change, 9))
        return Figure(
            f"a date changed with {HANGING} tasks hanging on it", f"{ms:.0f} ms", "-",
            "<= 100 ms", ms <= 100,
        )  # fmt: skip
