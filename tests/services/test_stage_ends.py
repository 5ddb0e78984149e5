"""How stages end: archived, merged, taken back, deleted; and the law that undo restores it all."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from salesdesk.errors import Invalid, Refused
from salesdesk.models.store import Store
from salesdesk.services import (
    board,
    deals,
    history,
    link_rules,
    pipelines,
    settings,
    stage_ends,
    stage_uses,
    task_rules,
    tasks,
)
from salesdesk.services.cards import BoardFilter
from salesdesk.services.dealview import stages_everywhere, stages_of
from salesdesk.services.link_rules import LinkRule
from salesdesk.services.task_rules import TaskRule
from tests.builders import empty_store
from tests.services.answers import answers, assert_rebuilt_alike, records
from tests.services.configured import NOW, hire, stage, workspace
from tests.services.test_undo_laws import Player

BY: dict[str, Any] = {"person": None, "now": NOW + 10}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with workspace(tmp_path) as opened:
        yield opened


@pytest.fixture
def linked(tmp_path: Path) -> Iterator[Store]:
    """Two pipelines: an Offer starts a child deal, one that is Done makes the parent Ready."""
    with empty_store(tmp_path) as opened:
        ids: dict[str, int] = {}
        for pipeline, names in (("Sale", "Ask Offer Ready Won"), ("Works", "Start Busy Done")):
            key = pipelines.add_pipeline(opened, pipeline, **BY).id
            for name in names.split():
                kind = "won" if name == "Won" else "open"
                ids[name] = pipelines.add_stage(opened, key, name, {"kind": kind}, **BY).id
        for kind, start, end in (
            ("open_child", "Offer", "Start"),
            ("move_parent", "Done", "Ready"),
        ):
            rule = LinkRule(0, ids[start], kind, ids[end])  # type: ignore[arg-type]
            link_rules.add_link_rule(opened, rule, **BY)
        yield opened


def deal_in(store: Store, name: str, owner: int | None = None) -> int:
    new = deals.NewDeal("Racks", stage(store, name), owner_id=owner)
    return deals.create(store, new, person=owner, now=NOW).deal_ids[0]


def value(store: Store, sql: str, *params: Any) -> Any:
    with store.read() as r:
        return r.value(sql, params)


def ask(store: Store, question: Callable[..., Any], *args: Any, **given: Any) -> Any:
    with store.read() as r:
        return question(r, *args, **given)


def names(store: Store, archived: bool = False) -> list[str]:
    return [one.name for one in ask(store, pipelines.stages, archived=archived)]


# --- archiving ---------------------------------------------------------------------------------


def test_deals_of_an_archived_stage_go_where_one_says(store: Store) -> None:
    owner = hire(store, "Seller")
    first, second = deal_in(store, "Meeting held", owner), deal_in(store, "Meeting held", owner)
    held, signed = stage(store, "Meeting held"), stage(store, "Contract signed")
    made = ask(store, tasks.tasks, now=NOW)
    order = ask(store, board.ids, held, BoardFilter(), now=NOW)
    ended = stage_ends.archive_stage(store, held, signed, **BY)
    assert (ended.deals, ended.rules) == (2, 0)
    assert ask(store, board.ids, signed, BoardFilter(), now=NOW) == order
    assert {first, second} == set(order)
    assert value(store, "SELECT mover_as FROM stage_move ORDER BY id DESC LIMIT 1") == "person"
    assert len(ask(store, tasks.tasks, now=NOW)) == len(made)  # none made, none closed
    assert value(store, "SELECT count(*) FROM reach WHERE stage_id = ?", signed) == 0
    assert value(store, "SELECT count(*) FROM reach WHERE stage_id = ?", held) == 2
    pipeline = ask(store, pipelines.stage_of, held).pipeline_id
    for listed in (
        [one.name for one in ask(store, board.columns, pipeline)], names(store),
        [one.name for one in ask(store, stages_of, pipeline)],
        [one.name for _, one in ask(store, stages_everywhere)],
    ):  # fmt: skip
        assert "Meeting held" not in listed
    assert names(store, archived=True)[-1] == "Meeting held"
    assert ask(store, pipelines.stage_of, held).archived


def test_the_next_entry_into_the_stage_counts(store: Store) -> None:
    deal = deal_in(store, "Meeting held", hire(store, "Seller"))
    signed = stage(store, "Contract signed")
    stage_ends.archive_stage(store, stage(store, "Meeting held"), signed, **BY)
    deals.move(store, [deal], stage(store, "New request"), person=None, now=NOW + 20)
    deals.move(store, [deal], signed, person=None, now=NOW + 30)
    assert value(store, "SELECT at FROM reach WHERE stage_id = ?", signed) == NOW + 30


def test_nothing_enters_an_archived_stage(linked: Store) -> None:
    ask_, offer, ready = (stage(linked, name) for name in ("Ask", "Offer", "Ready"))
    deal = deal_in(linked, "Ask")
    with pytest.raises(Refused, match="“Ready” is still named by “Works · Done → Sale · Ready”"):
        stage_ends.archive_stage(linked, ready, **BY)
    stage_ends.archive_stage(linked, offer, ready, **BY)
    with pytest.raises(Refused, match="“Offer” is archived"):
        deals.move(linked, [deal], offer, person=None, now=NOW)
    with pytest.raises(Refused, match="“Offer” is archived"):
        deals.create(linked, deals.NewDeal("Racks", offer), person=None, now=NOW)
    for text in ("offer", "Sale/Offer", str(offer)):
        with pytest.raises(Refused, match="“Offer” is archived"):
            ask(linked, pipelines.find_stage, None, text)
    with pytest.raises(Refused, match="archived already"):
        stage_ends.archive_stage(linked, offer, **BY)
    with pytest.raises(Refused, match="“Offer” is archived"):
        stage_ends.archive_stage(linked, ask_, offer, **BY)


def test_a_link_into_an_archived_stage_does_nothing(linked: Store) -> None:
    start = stage(linked, "Start")
    with linked.command("test", now=NOW) as tx:  # as a sync or an old file may leave it
        tx.update("stage", [{"id": start, "archived": NOW}])
    deal = deal_in(linked, "Ask")
    deals.move(linked, [deal], stage(linked, "Offer"), person=None, now=NOW + 1)
    assert value(linked, "SELECT count(*) FROM deal") == 1


def test_what_points_to_a_stage_is_led_to_the_other(linked: Store) -> None:
    start, busy = stage(linked, "Start"), stage(linked, "Busy")
    rule = TaskRule(0, stage(linked, "Offer"), "Look", due_rule="on_event",
                    event="child_enters", event_stage_id=start)  # fmt: skip
    waits = task_rules.add_task_rule(linked, rule, **BY).id
    use = ask(linked, stage_uses.use_of, start)
    assert [(each.kind, each.text) for each in use.pointers] == [
        ("waits", "Look"), ("target", "Sale · Offer → Works · Start"),
    ]  # fmt: skip
    assert stage_ends.archive_stage(linked, start, busy, **BY).rules == 2
    assert [link.target_stage_id for link in ask(linked, link_rules.link_rules)] == [
        busy, stage(linked, "Ready"),
    ]  # fmt: skip
    found = {each.id: each for each in ask(linked, task_rules.task_rules)}
    assert found[waits].event_stage_id == busy


def test_closed_deals_stay_where_they_ended(store: Store) -> None:
    [sales] = ask(store, pipelines.pipelines)
    gone = pipelines.add_stage(store, sales.id, "Gone", {"kind": "lost"}, **BY).id
    deal = deal_in(store, "New request", hire(store, "Seller"))
    deals.move(store, [deal], gone, person=None, now=NOW + 1)
    lost = stage(store, "Lost")
    with pytest.raises(Refused, match="different kinds"):
        stage_ends.archive_stage(store, gone, stage(store, "Meeting held"), **BY)
    assert stage_ends.archive_stage(store, gone, lost, **BY).deals == 0
    assert value(store, "SELECT stage_id FROM deal WHERE id = ?", deal) == gone


def test_open_deals_need_a_place_to_go(store: Store) -> None:
    deal_in(store, "Meeting held")
    held = stage(store, "Meeting held")
    with pytest.raises(Refused, match="stand in “Meeting held”"):
        stage_ends.archive_stage(store, held, **BY)
    with pytest.raises(Invalid):
        stage_ends.archive_stage(store, held, held, **BY)


def test_an_archived_stage_comes_back(store: Store) -> None:
    held, before = stage(store, "Meeting held"), names(store)
    rules = ask(store, task_rules.task_rules, held)
    stage_ends.archive_stage(store, held, **BY)
    [sales] = ask(store, pipelines.pipelines)
    again = pipelines.add_stage(store, sales.id, "Meeting held", **BY).id
    with pytest.raises(Invalid, match="Meeting held"):
        stage_ends.restore_stage(store, held, **BY)
    pipelines.change_stage(store, again, {"name": "Meeting held twice"}, **BY)
    stage_ends.restore_stage(store, held, **BY)
    assert sorted(names(store)) == sorted([*before, "Meeting held twice"])
    assert names(store)[-2:] == ["Won", "Lost"]
    assert ask(store, task_rules.task_rules, held) == rules


def test_a_jump_passes_over_no_archived_stage(store: Store) -> None:
    settings.change(store, {"count_skipped_stages": True}, **BY)
    owner = hire(store, "Seller")
    old, new = deal_in(store, "New request", owner), deal_in(store, "New request", owner)
    held, scheduled = stage(store, "Meeting held"), stage(store, "Meeting scheduled")
    deals.move(store, [old], held, person=None, now=NOW + 1)
    stage_ends.archive_stage(store, scheduled, **BY)
    deals.move(store, [new], held, person=None, now=NOW + 20)
    reached = "SELECT deal_id FROM reach WHERE stage_id = ?"
    with store.read() as r:
        assert r.rows(reached, (scheduled,)) == [(old,)]  # what was earned then stays
    assert_rebuilt_alike(store, NOW + 30)
    back = stage_ends.restore_stage(store, scheduled, **BY)
    assert_rebuilt_alike(store, NOW + 40)
    history.undo(store, back.command_id, person=None, now=NOW + 50)
    assert_rebuilt_alike(store, NOW + 60)


# --- merging -----------------------------------------------------------------------------------


def test_a_merged_stage_gives_its_rules_to_the_other(store: Store) -> None:
    held, signed = stage(store, "Meeting held"), stage(store, "Contract signed")
    deal = deal_in(store, "Meeting held", hire(store, "Seller"))
    mine = ask(store, task_rules.task_rules, held)
    theirs = ask(store, task_rules.task_rules, signed)
    task_rules.add_task_rule(store, replace(mine[0], stage_id=signed), **BY)  # the very same
    ended = stage_ends.merge_stages(store, held, signed, **BY)
    assert (ended.deals, ended.rules) == (1, len(mine) - 1)
    titles = [rule.title for rule in ask(store, task_rules.task_rules, signed)]
    assert titles == [
        *(rule.title for rule in theirs), mine[0].title, *(rule.title for rule in mine[1:]),
    ]  # fmt: skip
    assert ask(store, task_rules.task_rules, held) == []
    with store.read() as r:
        stages = r.rows("SELECT DISTINCT stage_id FROM task WHERE deal_id = ?", (deal,))
    assert stages == [(signed,)]  # what must be done before leaving still must


def test_a_merge_that_would_close_a_circle_is_refused_whole(linked: Store) -> None:
    deal_in(linked, "Done")
    stage_ends.merge_stages(linked, stage(linked, "Ready"), stage(linked, "Offer"), **BY)
    before = records(linked), ask(linked, link_rules.link_rules)
    with pytest.raises(Refused, match="circle"):  # Offer opens Start, which would move to Offer
        stage_ends.merge_stages(linked, stage(linked, "Done"), stage(linked, "Start"), **BY)
    assert (records(linked), ask(linked, link_rules.link_rules)) == before


def test_links_that_say_the_same_are_kept_once(linked: Store) -> None:
    asked, offer = stage(linked, "Ask"), stage(linked, "Offer")
    [link] = [each for each in ask(linked, link_rules.link_rules) if each.stage_id == offer]
    link_rules.add_link_rule(linked, replace(link, stage_id=asked), **BY)
    assert len(ask(linked, link_rules.link_rules)) == 3
    stage_ends.merge_stages(linked, asked, offer, **BY)
    assert len(ask(linked, link_rules.link_rules)) == 2


# --- deleting ----------------------------------------------------------------------------------


def test_only_a_stage_without_a_past_is_deleted(linked: Store) -> None:
    deal, asked = deal_in(linked, "Ask"), stage(linked, "Ask")
    with pytest.raises(Refused, match="1 deals stand"):
        pipelines.delete_stage(linked, asked, **BY)
    deals.move(linked, [deal], stage(linked, "Ready"), person=None, now=NOW + 1)
    with pytest.raises(Refused, match="archive it"):
        pipelines.delete_stage(linked, asked, **BY)
    with pytest.raises(Refused, match="“Start” is still named by “Sale · Offer → Works · Start”"):
        pipelines.delete_stage(linked, stage(linked, "Start"), **BY)
    pipelines.delete_stage(linked, stage(linked, "Busy"), **BY)
    pipelines.delete_stage(linked, stage(linked, "Offer"), **BY)  # takes its own link with it
    assert len(ask(linked, link_rules.link_rules)) == 1


# --- the law -----------------------------------------------------------------------------------


class Tidying(Player):
    """Also archives, merges and takes back."""

    def _furnish(self) -> None:
        super()._furnish()
        with self.store.read() as r:
            [home] = {pipelines.stage_of(r, key).pipeline_id for key in self.stages}
        for name in ("Third", "Fourth"):
            made = pipelines.add_stage(self.store, home, name, person=None, now=self.now)
            self.stages.append(made.id)
        if self.rng.random() < 0.5:  # then a jump passes over stages, but not over archived ones
            settings.change(self.store, {"count_skipped_stages": True}, person=None, now=self.now)

    def _verbs(self) -> list[Callable[[], object]]:
        tidying = [self._archive, self._merge, self._restore]
        return [*super()._verbs(), *tidying, *tidying]

    def _archive(self) -> object:
        to = self.rng.choice([None, *self.stages])
        return stage_ends.archive_stage(
            self.store, self.rng.choice(self.stages), to, person=None, now=self.now
        )

    def _merge(self) -> object:
        left, to = self.rng.sample(self.stages, 2)
        return stage_ends.merge_stages(self.store, left, to, person=None, now=self.now)

    def _restore(self) -> object:
        key = self.rng.choice(self.stages)
        return stage_ends.restore_stage(self.store, key, person=None, now=self.now)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("ends")


@examples(max_examples=25)
@given(st.integers(0, 1_000_000), st.integers(1, 10), st.booleans())
def test_undo_gives_back_the_database_of_before(
    folder: Path, seed: int, count: int, shuffled: bool
) -> None:
    for old in folder.glob("ends.salesdesk*"):
        old.unlink()
    player = Tidying(empty_store(folder, "ends.salesdesk"), folder, seed)
    with player.store as store:
        later = player.now + 10**13
        seen, kept = answers(store, later), records(store)
        for _ in range(count):
            player.play()
        assert_rebuilt_alike(store, later)
        order = player.done[::-1]
        if shuffled:
            player.rng.shuffle(order)
        for _ in range(len(order)):
            order = [command for command in order if not _undone(store, command, later)]
        assert order == []
        assert answers(store, later) == seen
        assert records(store) == kept
        assert_rebuilt_alike(store, later)


def _undone(store: Store, command: int, now: int) -> bool:
    try:
        history.undo(store, command, person=None, now=now)
    except Refused:
        return False
    return True
