"""The past in memory: as of any moment it is what the board showed then, and what the log tells."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from salesdesk.models.migrate import create_workspace
from salesdesk.models.store import Store
from salesdesk.services import board, deals, history, past, past_changes, rewinding, timeline
from salesdesk.services.cards import BoardFilter, StageColumn
from salesdesk.services.timeline import Timeline
from tests.cli.test_past import HOUR, START, Life, add_people

#: Columns and the deals in each, of every pipeline.
Boards = list[tuple[list[StageColumn], list[list[int]]]]


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """Two pipelines of four stages, and no deal."""
    file = tmp_path / "sales.salesdesk"
    create_workspace(file)
    with Store.open(file) as store:
        _furnish(store)
    return file


def of_now(store: Store, now: int) -> Boards:
    """The boards as the window shows them."""
    with store.read() as r:
        found = []
        for one in board.pipelines(r):
            columns = board.columns(r, one.id)
            ids = [list(board.ids(r, c.id, BoardFilter(), now=now)) for c in columns]
            found.append((columns, ids))
        return found


def of_then(store: Store, lines: list[Timeline], at: int) -> Boards:
    """The same as of a moment, from memory."""
    found = []
    for one in lines:
        shown = one.at(at)
        found.append((shown.columns, [list(shown.ids.get(c.id, ())) for c in shown.columns]))
    return found


def loaded(store: Store) -> list[Timeline]:
    with store.read() as r:
        return [timeline.load(r, one.id) for one in board.pipelines(r)]


def lived(file: Path, seed: int, steps: int) -> tuple[Store, Life, list[tuple[int, Boards]]]:
    """Random verbs, and the boards as they were shown after each."""
    store = Store.open(file)
    add_people(store)
    life = Life(store, seed)
    seen = []
    for _ in range(steps):
        life.step()
        seen.append((life.now, of_now(store, life.now)))
    return store, life, seen


@pytest.mark.parametrize("seed", range(5))
def test_it_is_the_board_that_was_shown_then(workspace: Path, seed: int) -> None:
    store, _, seen = lived(workspace, seed, 60)
    lines = loaded(store)
    for at, shown in seen:
        assert of_then(store, lines, at) == shown, at
    before = of_then(store, lines, START - 1)
    assert all(column.count == 0 for columns, _ in before for column in columns)
    store.close()


@pytest.mark.parametrize("seed", range(3))
def test_undone_commands_were_never(workspace: Path, seed: int) -> None:
    store, life, seen = lived(workspace, seed, 30)
    with store.read() as r:
        last = r.value("SELECT max(id) FROM command")
    for _ in range(10):
        life.step()
    with store.read() as r:
        ids = [row[0] for row in r.rows("SELECT id FROM command WHERE id > ?", (last,))]
    for command in reversed(ids):
        history.undo(store, command, person=None, now=life.now + HOUR)
    lines = loaded(store)
    for at, shown in [*seen, (life.now + 2 * HOUR, seen[-1][1])]:
        assert of_then(store, lines, at) == shown
    store.close()


@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 10_000), at=st.lists(st.floats(-0.1, 1.1), min_size=4, max_size=8))
def test_any_moment_is_a_replay_of_the_log_to_it(
    tmp_path_factory: pytest.TempPathFactory, seed: int, at: list[float]
) -> None:
    """Memory and database, a few cards and whole boards, and the fields one by one."""
    file = tmp_path_factory.mktemp("past") / "sales.salesdesk"
    create_workspace(file)
    store = Store.open(file)
    _furnish(store)
    add_people(store)
    life = Life(store, seed)
    for _ in range(25):
        life.step()
    lines = loaded(store)
    with store.read() as r:
        pipelines = board.pipelines(r)
        spans = rewinding.field_spans(r, "deal", ("amount", "pos", "title"))
        for share in at:
            moment = START + round((life.now - START) * share)
            for one, line in zip(pipelines, lines, strict=True):
                slow = past.board_at(r, one.id, moment)
                quick = line.at(moment)
                assert [(c.id, c.count, c.amount, c.weighted, c.unrated) for c in slow] == [
                    (c.id, c.count, c.amount, c.weighted, c.unrated) for c in quick.columns
                ]
                cards = {card.id: card for column in slow for card in column.deals}
                assert {deal for ids in quick.ids.values() for deal in ids} == cards.keys()
                assert past.cards_at(r, cards, moment) == cards
            told = {
                (span.row, span.field): span.value
                for span in spans
                if span.since <= moment < span.until
            }
            rows = {span.row for span in spans}
            replayed = rewinding.rewound(r, "deal", ("amount", "pos", "title"), rows, moment)
            assert told == {
                (row, field): value
                for row, values in replayed.items()
                for field, value in values.items()
            }
    store.close()


def _furnish(store: Store) -> None:
    with store.command("test", now=START) as tx:
        [one, two] = tx.insert(
            "pipeline", [{"name": name, "name_key": name.lower()} for name in ("Sales", "Goods")]
        )
        tx.insert("stage", [
            {"pipeline_id": pipeline, "name": name, "name_key": name.lower(), "kind": kind,
             "position": place, "probability": 10 * place}
            for pipeline in (one, two)
            for place, (name, kind) in enumerate(
                (("New", "open"), ("Met", "open"), ("Won", "won"), ("Lost", "lost")))
        ])  # fmt: skip


def test_whose_deals_and_a_probability_that_changed(workspace: Path) -> None:
    with Store.open(workspace) as store:
        add_people(store)
        with store.read() as r:
            pipeline = board.pipelines(r)[0].id
            [first, second] = [c.id for c in board.columns(r, pipeline)][:2]
        by: Any = {"person": None}
        for owner, amount in ((1, 100), (2, 50), (None, 7)):
            new = deals.NewDeal("Deal", first, owner, amount=Decimal(amount))
            deals.create(store, new, now=START, **by)
        with store.command("test", now=START + 2 * HOUR) as tx:
            tx.update("stage", [{"id": first, "probability": 90}])
        with store.read() as r:
            old = r.value("SELECT old FROM change WHERE tbl = 'stage' AND field = 'probability'")
            line = timeline.load(r, pipeline)
        then = {c.id: c for c in line.at(START + HOUR).columns}[first]
        now = {c.id: c for c in line.at(START + 3 * HOUR).columns}[first]
        assert (then.probability, now.probability) == (old, 90)
        assert (then.count, int(then.amount)) == (3, 157)
        mine = {c.id: c for c in line.at(START + HOUR, frozenset({0, 1})).columns}
        assert (mine[first].count, int(mine[first].amount)) == (2, 107)
        assert mine[second].count == 0


def test_what_changed_since(workspace: Path) -> None:
    with Store.open(workspace) as store:
        add_people(store)
        with store.read() as r:
            pipeline = board.pipelines(r)[0].id
            columns = board.columns(r, pipeline)
        stages = {column.kind: column for column in reversed(columns)}
        first, second = columns[0], columns[1]
        by: Any = {"person": None}

        def new(title: str, now: int) -> int:
            made = deals.create(store, deals.NewDeal(title, first.id, 1), now=now, **by)
            return made.deal_ids[0]

        won, moved, gone, given, priced, _same = (
            new(title, START) for title in ("Won", "Moved", "Gone", "Given", "Priced", "Same")
        )
        later = START + 10 * HOUR
        known: Any = {"now": later, "override": "test", **by}
        deals.move(store, [won], stages["won"].id, **known)
        deals.move(store, [moved], second.id, **known)
        deals.delete(store, [gone], now=later, **by)
        deals.assign(store, [given], 2, now=later, **by)
        deals.change(store, priced, {"amount": Decimal(5)}, now=later, **by)
        fresh = new("Fresh", later)
        with store.read() as r:
            line = timeline.load(r, pipeline)
            found = past_changes.changes(r, line, START + HOUR, later)
            assert [(c.kind, c.deal_id, c.old, c.new) for c in found.lines] == [
                ("won", won, first.name, stages["won"].name),
                ("moved", moved, first.name, second.name),
                ("new", fresh, None, first.name),
                ("gone", gone, first.name, None),
                ("owner", given, "Anna", "Ira"),
                ("amount", priced, None, 5),
            ]
            assert set(found.counts.values()) == {1}
            some = past_changes.changes(r, line, START + HOUR, later, limit=2)
            assert [c.kind for c in some.lines] == ["won", "moved"]
            assert sum(some.counts.values()) == 6
            ira = past_changes.changes(r, line, START + HOUR, later, owners=frozenset({2}))
            assert [c.deal_id for c in ira.lines] == [given]
            assert past_changes.changes(r, line, later, later).lines == ()


def test_a_task_that_belonged_to_another_deal(workspace: Path) -> None:
    from salesdesk.services import tasks

    with Store.open(workspace) as store:
        add_people(store)
        with store.read() as r:
            stage = board.columns(r, board.pipelines(r)[0].id)[0].id
        by: Any = {"person": None, "now": START}
        [one] = deals.create(store, deals.NewDeal("One", stage, 1), **by).deal_ids
        [two] = deals.create(store, deals.NewDeal("Two", stage, 1), **by).deal_ids
        tasks.add(store, tasks.NewTask("Call Ivanov", one, assignee_id=1, due_at=None), **by)
        with store.read() as r:
            before = past.cards_at(r, [one, two], START + HOUR)
            task = r.value("SELECT max(id) FROM task WHERE deal_id = ?", (one,))
        with store.command("test", now=START + 5 * HOUR) as tx:
            tx.update("task", [{"id": task, "deal_id": two}])
        with store.read() as r:
            moved = past.moved_tasks(r)
            assert moved == frozenset({task})
            after = past.cards_at(r, [one, two], START + HOUR, moved)
        assert after == before


def test_a_task_without_a_date_is_planned_and_waits_with_an_event(workspace: Path) -> None:
    """domain.md section 3; a card shows the worst state of its open tasks."""
    from salesdesk.services import tasks

    with Store.open(workspace) as store:
        add_people(store)
        with store.read() as r:
            stage = board.columns(r, board.pipelines(r)[0].id)[0].id
        by: Any = {"person": None, "now": START}
        [deal] = deals.create(store, deals.NewDeal("One", stage, 1), **by).deal_ids
        keys = []
        for title in ("Wait", "Think"):
            tasks.add(store, tasks.NewTask(title, deal, assignee_id=1, due_at=None), **by)
            with store.read() as r:
                keys.append(r.value("SELECT max(id) FROM task"))

        def said(at: int) -> set[tuple[str, str | None]]:
            with store.read() as r:
                now = board.cards(r, [deal], now=at)[deal]
                then = past.cards_at(r, [deal], at)[deal]
            return {(now.task_state, now.next_task), (then.task_state, then.next_task)}

        assert said(START) == {("planned", "Wait")}
        for hour, task in enumerate(keys, 1):
            with store.command("test", now=START + hour * HOUR) as tx:
                tx.update("task", [{"id": task, "event": "field_filled", "event_field": "amount"}])
            shown = ("planned", "Think") if task == keys[0] else ("waiting", "Wait")
            assert said(START + hour * HOUR) == {shown}
        with store.read() as r:
            before = past.cards_at(r, [deal], START + HOUR)[deal]
        assert (before.task_state, before.next_task) == ("planned", "Think")
