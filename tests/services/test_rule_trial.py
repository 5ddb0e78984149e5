"""What a rule would have done is what it does: the same moves, once tried, once lived."""

import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from salesdesk.models.store import Store
from salesdesk.moments import SECOND
from salesdesk.services import automation, deals, rule_trial, tasks
from salesdesk.services.automation import TaskRule
from salesdesk.services.link_rules import LinkRule
from salesdesk.services.rule_trial import Steps, Trial
from tests.builders import empty_store
from tests.services.test_waking import Office, day

HOUR = 3600 * SECOND


def ended(steps: Steps) -> Trial:
    while True:
        try:
            next(steps)
        except StopIteration as end:
            found: Trial = end.value
            return found


def _rule(office: Office, kind: str, amount: int, team: int) -> dict[str, object]:
    return {
        "minutes": {"unit": "minutes", "amount": amount * 50},
        "days": {"unit": "days", "amount": amount},
        "working": {"unit": "working_days", "amount": amount},
        "date": {"due_rule": "before_date", "date_field": "expected_day", "amount": amount},
        "fixed": {"due_rule": "on_date", "fixed_day": day("2026-11-09")},
        "event": {"due_rule": "on_event", "event": "child_enters",
                  "event_stage_id": office.priced, "amount": amount},
        "least": {"assignee_rule": "least_loaded", "team_id": team, "amount": amount},
        "second": {"assignee_rule": "least_loaded", "team_id": team, "amount": amount},
    }[kind]  # fmt: skip


KINDS = ("minutes", "days", "working", "date", "fixed", "event", "least", "second")


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=8)
@given(st.integers(0, 10**6), st.integers(0, 4))
def test_trial_and_reality_make_the_same_tasks(
    tmp_path_factory: pytest.TempPathFactory, kind: str, seed: int, amount: int
) -> None:
    rng = random.Random(seed)
    with empty_store(tmp_path_factory.mktemp("trial")) as store:
        office = Office(store)
        team = office.desk.insert("team", name="T", name_key="t")
        for name in ("Bob", "Cid"):
            office.desk.insert("person", name=name, name_key=name.casefold(), team_id=team)
        values = _rule(office, kind, amount, team)
        if kind == "second":  # a rule before it makes tasks for the same team, in the same moves
            office.rule(**(values | {"title": "Before"}))
        rule = office.rule(**values)
        since = office.now
        known = [office.deal() for _ in range(3)]
        for _ in range(14):
            office.now += rng.randint(1, 30) * HOUR
            _live(office, rng, known)
        lived = _lived(store, rule)
        [saved] = [r for r in _rules(store) if r.id == rule]
        with store.read() as r:
            tried = ended(rule_trial.of_task_rule(r, saved, since=since, now=office.now))
        assert sorted(
            (t.at, t.deal_id, t.assignee_id, t.due_at if kind != "date" else None)
            for t in tried.tasks
        ) == sorted(
            (at, deal, who, due if kind != "date" else None) for at, deal, who, due in lived
        )
        if kind == "date":  # what was made waits or was moved along since: as it was made counts
            first = {(t.at, t.deal_id): t.due_at for t in tried.tasks}
            assert first == {(at, deal): due for at, deal, _, due in _as_made(store, rule)}


def _live(office: Office, rng: random.Random, known: list[int]) -> None:
    deal = rng.choice(known)
    if rng.random() < 0.3:
        office.change(deal, expected_day=rng.choice((None, day("2026-11-20") + rng.randint(0, 9))))
    elif rng.random() < 0.2:
        deals.assign(office.store, [deal], rng.choice((None, office.person)),
                     person=office.person, now=office.now)  # fmt: skip
    elif rng.random() < 0.5:
        _by_hand(office, rng, deal)
    else:
        office.move(deal, rng.choice((office.work, office.new)))


def _by_hand(office: Office, rng: random.Random, deal: int) -> None:
    """Load somebody with a task of a person, or take such a task away."""
    with office.store.read() as r:
        own = [t.id for t in tasks.of_deal(r, deal, now=office.now)
               if t.state == "open" and not t.from_rule]  # fmt: skip
        people = [row[0] for row in r.rows("SELECT id FROM person WHERE team_id IS NOT NULL")]
    if own and rng.random() < 0.5:
        tasks.complete(office.store, own[:1], person=office.person, now=office.now)
    else:
        new = tasks.NewTask("By hand", deal, assignee_id=rng.choice(people),
                            due_at=office.now + HOUR)  # fmt: skip
        tasks.add(office.store, new, person=office.person, now=office.now)


def _rules(store: Store) -> list[TaskRule]:
    from salesdesk.services.task_rules import task_rules

    with store.read() as r:
        return task_rules(r)


def _lived(store: Store, rule: int) -> list[tuple[int, ...]]:
    with store.read() as r:
        return r.rows(
            "SELECT t.created_at, t.deal_id, t.assignee_id, t.due_at FROM task t "
            "WHERE t.rule_id = ?",
            (rule,),
        )


def _as_made(store: Store, rule: int) -> list[tuple[int, ...]]:
    with store.read() as r:
        return r.rows(
            "SELECT t.created_at, t.deal_id, t.assignee_id, f.due_at FROM task t "
            "JOIN task_change f ON f.task_id = t.id AND f.fields = 7 WHERE t.rule_id = ?",
            (rule,),
        )


def test_a_trial_tells_who_would_be_late_and_writes_nothing(tmp_path: Path) -> None:
    with empty_store(tmp_path) as store:
        office = Office(store)
        deal = office.deal()
        since = office.now
        office.move(deal, office.work)
        before = store.last_txn()
        draft = automation.TaskRule(0, office.work, "Draft", amount=1, unit="hours")
        with store.read() as r:
            now = office.now + 2 * HOUR
            trial = ended(rule_trial.of_task_rule(r, draft, since=since, now=now))
        assert (trial.moves, trial.late, dict(trial.by_person())) == (1, 1, {office.person: 1})
        assert store.last_txn() == before


def test_a_link_is_tried_as_well(tmp_path: Path) -> None:
    with empty_store(tmp_path) as store:
        office = Office(store)
        deal = office.deal()
        office.move(deal, office.work)
        child = LinkRule(0, office.work, "open_child", office.asked, title="Estimate")
        parent = LinkRule(0, office.asked, "move_parent", office.work)
        with store.read() as r:
            opened = ended(rule_trial.of_link_rule(r, child, since=0, now=office.now))
            moved = ended(rule_trial.of_link_rule(r, parent, since=0, now=office.now))
        assert [(one.deal, one.owner_id) for one in opened.deals] == [("Estimate", office.person)]
        assert (moved.moves, moved.deals) == (0, ())
