"""Merging clients and deals: what goes where, and that undo brings everything back."""

import random
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesdesk.errors import Invalid, NotFound, Refused
from salesdesk.models.store import Store
from salesdesk.services import (
    clientlist,
    clients,
    clientview,
    dealfields,
    dealhistory,
    dealmerged,
    dealpast,
    deals,
    dealview,
    duplicates,
    history,
    lists,
    merging,
    payments,
    tasks,
    undo_preview,
)
from salesdesk.services.mergefields import preview
from salesdesk.services.survivors import survivor
from tests.builders import Desk, empty_store
from tests.services.answers import answers, assert_rebuilt_alike, records
from tests.services.importing import bring

NOW = 1_795_000_000_000_000
DAY = 86_400_000_000


class Town:
    """A small workspace with clients and deals to merge; ``rng`` decides what they have."""

    def __init__(self, store: Store, seed: int) -> None:
        self.store = store
        self.rng = random.Random(seed)
        desk = Desk(store, country="RU")
        self.people = [desk.person(name, role="manager") for name in ("Ann", "Bob")]
        self.stages = desk.pipeline("Sales")
        self.source = desk.insert("source", name="Site", name_key="site")
        self.own = lists.add(
            store, "fields", "Region", {"subject": "client", "kind": "text", "options": []},
            person=None, now=5,
        ).id  # fmt: skip
        self.deal_own = lists.add(
            store, "fields", "Term", {"subject": "deal", "kind": "text", "options": []},
            person=None, now=5,
        ).id  # fmt: skip
        self.now = NOW
        self.clients = [self._client(number) for number in range(4)]
        dice = random.Random(seed)
        for _ in range(2):
            pair = dice.sample(self.clients, 2)
            duplicates.keep_apart(store, pair, person=None, now=self.now)
        self.deals = [self._deal(number) for number in range(6)]

    def tick(self) -> int:
        self.now += self.rng.choice((1, 3_600_000_000, 2 * DAY))
        return self.now

    def _client(self, number: int) -> int:
        rng = self.rng
        new = clients.NewClient(
            "company", f"Vector {number}", phones=(f"+7 912 555-01-{rng.randint(10, 12)}",),
            emails=(f"a{rng.randint(1, 2)}@vector.ru",) * rng.randint(0, 1),
            tax_number=rng.choice((None, "7707083893")), source_id=rng.choice((None, self.source)),
        )  # fmt: skip
        made = clients.add(self.store, new, person=None, now=self.tick()).id
        if rng.random() < 0.5:
            clients.add_note(self.store, made, "hm", person=None, now=self.tick())
        if rng.random() < 0.5:
            clients.set_own_field(
                self.store, made, self.own, f"R{number}", person=None, now=self.tick()
            )
        person = clients.NewClient("contact", f"Pavel {number}", company_id=made)
        clients.add(self.store, person, person=None, now=self.tick())
        if rng.random() < 0.7:
            self.task(client_id=made)
        return made

    def task(self, *, client_id: int | None = None, deal_id: int | None = None) -> int:
        due = self.now + self.rng.randint(-3, 9) * DAY
        new = tasks.NewTask(
            "Call", deal_id, client_id, assignee_id=self.rng.choice(self.people), due_at=due
        )
        return tasks.add(self.store, new, person=None, now=self.tick())

    def _deal(self, number: int) -> int:
        rng, store = self.rng, self.store
        new = deals.NewDeal(
            f"Deal {number}", rng.choice(self.stages[:5]), rng.choice((None, *self.people)),
            client_id=rng.choice(self.clients), amount=rng.choice((None, Decimal(100 + number))),
            currency=rng.choice(("RUB", "EUR")), expected_day=rng.choice((None, 740_000)),
            parent_id=None,
        )  # fmt: skip
        [made] = deals.create(store, new, person=None, now=self.tick()).deal_ids
        deals.add_note(store, made, f"n{number}", person=None, now=self.tick())
        dealfields.set_tags(store, made, rng.sample(("a", "b", "c"), 2), person=None,
                            now=self.tick())  # fmt: skip
        if rng.random() < 0.5:
            dealfields.set_own_field(store, made, self.deal_own, "x", person=None, now=self.tick())
        if rng.random() < 0.6:
            self.task(deal_id=made)
        if rng.random() < 0.4 and number:
            parent = {"parent_id": rng.choice(self.known_deals(made))}
            deals.change(store, made, parent, person=None, now=self.tick())
        if rng.random() < 0.6:
            stage = rng.choice(self.stages)
            deals.move(store, [made], stage, person=None, now=self.tick())
        with store.command("payment.add", now=self.tick()) as tx:
            tx.insert("payment", [{"deal_id": made, "amount": 5, "currency": "RUB"}])
        return made

    def known_deals(self, but: int) -> list[int]:
        with self.store.read() as r:
            rows = r.rows("SELECT id FROM deal WHERE deleted_at IS NULL AND id <> ?", (but,))
        return [row[0] for row in rows]

    def merge_some(self, table: str) -> merging.Merged:
        """Merge a random choice, with random values."""
        there = self.clients if table == "client" else self.deals
        ids = self.rng.sample(there, self.rng.randint(2, 3))
        with self.store.read() as r:
            shown = preview(r, "client" if table == "client" else "deal", ids, ids[0])
        choices = {field.name: self.rng.choice(ids) for field in shown.fields}
        verb = merging.merge_clients if table == "client" else merging.merge_deals
        return verb(self.store, ids[0], ids[1:], choices=choices, person=None, now=self.tick())

    def see(self, at: int) -> dict[str, Any]:
        """Everything the services answer."""
        found = answers(self.store, at)
        with self.store.read() as r:
            keys = clientlist.ids(r, clientlist.ClientFilter(), now=at)
            found["clients"] = list(clientlist.rows(r, keys, now=at).values())
            found["views"] = [clientview.opened(r, key, now=at) for key in keys]
            found["deals"] = [dealview.deal_view(r, key, now=at) for key in self.deals]
            found["apart"] = r.rows("SELECT client_id, other_id FROM client_apart "
                                    "WHERE deleted_at IS NULL ORDER BY 1, 2")  # fmt: skip
            found["payments"] = r.rows("SELECT id, deal_id FROM payment ORDER BY id")
            found["own"] = r.rows("SELECT id, subject_id, value FROM field_value "
                                  "WHERE deleted_at IS NULL ORDER BY id")  # fmt: skip
        return found


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("merging")


def _town(folder: Path, seed: int) -> Town:
    for old in folder.glob("m.salesdesk*"):
        old.unlink()
    return Town(empty_store(folder, "m.salesdesk"), seed)


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    made = Town(empty_store(tmp_path), 7)
    yield made
    made.store.close()


@given(st.integers(0, 1_000_000), st.sampled_from(("client", "deal")))
def test_a_merge_taken_back_leaves_every_answer_as_before(
    folder: Path, seed: int, table: str
) -> None:
    town = _town(folder, seed)
    with town.store as store:
        later = town.now + 60 * DAY
        seen, kept = town.see(later), records(store)
        made = town.merge_some(table)
        assert_rebuilt_alike(store, later)
        merged = town.see(later)
        assert history.undo(store, made.command_id, person=None, now=later).kept == ()
        assert town.see(later) == seen
        assert records(store) == kept
        assert_rebuilt_alike(store, later)
        history.redo(store, made.command_id, person=None, now=later)
        assert town.see(later) == merged


@given(st.integers(0, 1_000_000))
def test_merges_in_any_order_are_taken_back_in_any_order(folder: Path, seed: int) -> None:
    town = _town(folder, seed)
    with town.store as store:
        later = town.now + 60 * DAY
        seen = town.see(later)
        done = []
        for table in town.rng.sample(("client", "deal", "client", "deal"), 4):
            try:
                done.append(town.merge_some(table).command_id)
            except NotFound:  # one of them was merged away already
                continue
        town.rng.shuffle(done)
        for command in done:
            history.undo(store, command, person=None, now=later)
        assert town.see(later) == seen
        assert_rebuilt_alike(store, later)


def test_weeks_later_what_came_since_stays(town: Town) -> None:
    store, (stays, gone) = town.store, town.clients[:2]
    theirs = _deals_of(store, gone)
    made = merging.merge_clients(store, stays, [gone], person=None, now=town.tick())
    assert set(theirs) <= set(_deals_of(store, stays))
    weeks = town.now + 30 * DAY
    new = deals.NewDeal("Since then", town.stages[0], client_id=stays)
    [since] = deals.create(store, new, person=None, now=weeks).deal_ids
    clients.change(store, stays, {"name": "Vector, renamed"}, person=None, now=weeks + 1)
    moved = {"client_id": town.clients[2]}
    deals.change(store, theirs[0], moved, person=None, now=weeks + 2)
    clients.add_note(store, stays, "of both", person=None, now=weeks + 3)
    with store.read() as r:
        stays_so = {(each.subject.id, each.field) for each in undo_preview.preview(
            r, made.command_id).stays}  # fmt: skip
    assert (theirs[0], "Company") in stays_so
    history.undo(store, made.command_id, person=None, now=weeks + 4)
    with store.read() as r:
        back = clientview.opened(r, gone, now=weeks + 5).client
        kept = clientview.opened(r, stays, now=weeks + 5).client
    assert not back.deleted
    assert {deal.id for deal in back.deals} == set(theirs[1:])
    assert kept.name == "Vector, renamed"
    assert since in {deal.id for deal in kept.deals}
    assert kept.notes[0].text == "of both"
    assert theirs[0] in _deals_of(store, town.clients[2])


def _deals_of(store: Store, client: int) -> list[int]:
    with store.read() as r:
        rows = r.rows("SELECT id FROM deal WHERE client_id = ? ORDER BY id", (client,))
    return [row[0] for row in rows]


def test_what_belongs_to_the_others_goes_to_the_one_that_stays(town: Town) -> None:
    store, (stays, *gone) = town.store, town.clients[:3]
    with store.read() as r:
        before = [clientview.client_view(r, key, now=town.now) for key in (stays, *gone)]
    merging.merge_clients(store, stays, gone, person=None, now=town.tick())
    with store.read() as r:
        now = town.now
        after = clientview.opened(r, gone[1], now=now).client
        assert [clientview.client_view(r, key, now=now).deals for key in gone] == [(), ()]
    assert after.id == stays
    assert {deal.id for deal in after.deals} == {d.id for view in before for d in view.deals}
    assert len(after.tasks) == sum(len(view.tasks) for view in before)
    assert len(after.notes) == sum(len(view.notes) for view in before)
    assert len(after.people) == 3
    numbers = [each.value for view in before for each in view.contacts]
    assert sorted(each.value for each in after.contacts) == sorted(set(numbers))


def test_the_value_that_was_chosen_stays(town: Town) -> None:
    store, (stays, gone) = town.store, town.clients[:2]
    clients.change(store, stays, {"tax_number": "1"}, person=None, now=town.tick())
    clients.change(store, gone, {"tax_number": "2", "notes": "Old"}, person=None, now=town.tick())
    clients.set_own_field(store, stays, town.own, "North", person=None, now=town.tick())
    clients.set_own_field(store, gone, town.own, "South", person=None, now=town.tick())
    choices = {"name": gone, f"own:{town.own}": gone}
    merging.merge_clients(store, stays, [gone], choices=choices, person=None, now=town.tick())
    with store.read() as r:
        found = clientview.client_view(r, stays, now=town.now)
    assert (found.name, found.tax_number, found.about) == ("Vector 1", "1", "Old")
    assert found.fields[0].value == "South"


def test_a_merged_deal_counts_nowhere_and_its_moves_are_read_with_the_survivor(
    town: Town,
) -> None:
    store, stages = town.store, town.stages
    [stays] = deals.create(
        store, deals.NewDeal("One", stages[0], town.people[0]), person=None, now=town.tick()
    ).deal_ids
    [gone] = deals.create(
        store, deals.NewDeal("Two", stages[0], town.people[0]), person=None, now=town.tick()
    ).deal_ids
    deals.move(store, [gone], stages[2], person=None, now=town.tick())
    merging.merge_deals(store, stays, [gone], person=None, now=town.tick())
    with store.read() as r:
        assert r.value("SELECT count(*) FROM reach WHERE deal_id = ?", (gone,)) == 0
        assert survivor(r, "deal", gone) == stays
        lines = dealhistory.history(r, stays).lines
        told = [(line.kind, line.subject) for line in lines]
    assert ("merged", "Two") in told
    assert ("move", "Two") in told


def test_a_loop_of_parents_is_not_made(town: Town) -> None:
    store = town.store
    top, middle, low = (
        deals.create(
            store, deals.NewDeal(name, town.stages[0]), person=None, now=town.tick()
        ).deal_ids[0]
        for name in ("Top", "Middle", "Low")
    )
    deals.change(store, middle, {"parent_id": top}, person=None, now=town.tick())
    deals.change(store, low, {"parent_id": middle}, person=None, now=town.tick())
    merging.merge_deals(store, low, [top], person=None, now=town.tick())
    with store.read() as r:
        parents: dict[int, int | None] = dict(
            r.rows("SELECT id, parent_id FROM deal WHERE deleted_at IS NULL")
        )
    assert (parents[low], parents[middle]) == (None, low)


def test_what_cannot_be_merged_is_refused_and_nothing_changes(town: Town) -> None:
    store, (stays, gone) = town.store, town.clients[:2]
    with store.read() as r:
        person = r.value("SELECT id FROM client WHERE kind = 'contact'")
    seen = town.see(town.now)
    with pytest.raises(Refused, match="company and a contact person"):
        merging.merge_clients(store, stays, [person], person=None, now=town.now)
    with pytest.raises(Invalid, match="nothing to merge"):
        merging.merge_clients(store, stays, [stays], person=None, now=town.now)
    with pytest.raises(NotFound, match="does not exist"):
        merging.merge_clients(store, stays, [9_999], person=None, now=town.now)
    with pytest.raises(Invalid, match="taken from"):
        merging.merge_clients(
            store, stays, [gone], choices={"name": 9_999}, person=None, now=town.now
        )
    assert town.see(town.now) == seen


def test_payments_go_along(town: Town) -> None:
    stays, gone = town.deals[:2]
    merging.merge_deals(town.store, stays, [gone], person=None, now=town.tick())
    with town.store.read() as r:
        assert len(payments.of_deal(r, stays, today=740_000)) == 2


def test_an_import_that_names_a_merged_client_means_the_survivor(
    town: Town, tmp_path: Path
) -> None:
    store = town.store
    mapping = 'as = "companies"\n[columns]\nexternal_id = "id"\nname = "name"\nphone = "phone"\n'
    first = "id,name,phone\n7,Old name,+7 495 111-22-33\n"
    bring(store, tmp_path, first, mapping, now=town.tick())
    with store.read() as r:
        gone = r.value("SELECT id FROM client WHERE external_id = '7'")
    stays = town.clients[0]
    merging.merge_clients(store, stays, [gone], person=None, now=town.tick())
    again = "id,name,phone\n7,Old name,+7 495 999-22-33\n"
    bring(store, tmp_path, again, mapping, now=town.tick())
    with store.read() as r:
        view = clientview.client_view(r, stays, now=town.now)
        assert r.value("SELECT count(*) FROM client WHERE external_id = '7'") == 1
    assert view.name == "Vector 0"
    assert {"+7 495 111-22-33", "+7 495 999-22-33"} <= {each.value for each in view.contacts}


_DEALS = 'as = "deals"\n[columns]\nexternal_id = "id"\ntitle = "t"\nstage = "s"\namount = "a"\n'
_MOVES = 'as = "moves"\n[columns]\ndeal = "id"\nstage = "s"\nat = "at"\n'


def _seven_merged(town: Town, folder: Path) -> tuple[int, int, merging.Merged]:
    """A deal brought from elsewhere under number 7, merged into one made here."""
    bring(town.store, folder, "id,t,s,a\n7,Seven,Seventh,70\n", _DEALS, now=town.tick())
    with town.store.read() as r:
        gone = r.value("SELECT id FROM deal WHERE external_id = '7'")
    stays = town.deals[0]
    merged = merging.merge_deals(town.store, stays, [gone], person=None, now=town.tick())
    return stays, gone, merged


def test_an_import_that_names_a_merged_deal_means_the_survivor(town: Town, tmp_path: Path) -> None:
    stays, gone, merged = _seven_merged(town, tmp_path)
    with town.store.read() as r:
        before = r.row("SELECT title, stage_id, amount FROM deal WHERE id = ?", (stays,))
    same = bring(town.store, tmp_path, "id,t,s,a\n7,Seven,Seventh,70\n", _DEALS, now=town.tick())
    assert (same.created, same.updated, same.unchanged) == (0, 0, 1)
    with town.store.read() as r:
        assert r.row("SELECT title, stage_id, amount FROM deal WHERE id = ?", (stays,)) == before
    news = "id,t,s,a\n7,Renamed,Seventh,77\n"
    bring(town.store, tmp_path, news, _DEALS, now=town.tick())
    assert bring(town.store, tmp_path, news, _DEALS, now=town.tick()).unchanged == 1
    with town.store.read() as r:
        found = r.row("SELECT title, stage_id, amount FROM deal WHERE id = ?", (stays,))
        assert r.value("SELECT count(*) FROM deal WHERE external_id = '7'") == 1
    assert before is not None
    assert found == (*before[:2], 770_000)
    history.undo(town.store, merged.command_id, person=None, now=town.tick())
    with town.store.read() as r:
        assert r.value("SELECT deleted_at FROM deal WHERE id = ?", (gone,)) is None
    assert_rebuilt_alike(town.store, town.now)


def test_of_a_merged_deal_and_its_survivor_the_own_row_tells(town: Town, tmp_path: Path) -> None:
    bring(town.store, tmp_path, "id,t,s,a\n7,Seven,Seventh,70\n8,Eight,Eighth,80\n", _DEALS,
          now=town.tick())  # fmt: skip
    with town.store.read() as r:
        gone, stays = (row[0] for row in r.rows(
            "SELECT id FROM deal WHERE external_id IN ('7', '8') ORDER BY external_id"
        ))  # fmt: skip
    merging.merge_deals(town.store, stays, [gone], person=None, now=town.tick())
    both = "id,t,s,a\n7,Seven,Ninth,75\n8,Eight,Eighth,85\n"
    done = bring(town.store, tmp_path, both, _DEALS, now=town.tick())
    assert (done.created, done.updated, done.unchanged) == (0, 1, 1)
    with town.store.read() as r:
        assert r.value("SELECT amount FROM deal WHERE id = ?", (stays,)) == 850_000
    assert bring(town.store, tmp_path, both, _DEALS, now=town.tick()).unchanged == 2


def test_moves_of_a_merged_deal_go_to_the_survivor_from_the_merge_on(
    town: Town, tmp_path: Path
) -> None:
    stays, gone, _ = _seven_merged(town, tmp_path)
    rows = "id,s,at\n7,Seventh,2026-01-02 10:00\n7,Later,2027-03-01 10:00\n"
    bring(town.store, tmp_path, rows, _MOVES, now=NOW + 300 * DAY)
    again = bring(town.store, tmp_path, rows, _MOVES, now=NOW + 300 * DAY + 1)
    assert (again.created, again.unchanged) == (0, 2)
    with town.store.read() as r:
        name = "SELECT s.name FROM deal d JOIN stage s ON s.id = d.stage_id WHERE d.id = ?"
        assert r.value(name, (stays,)) == "Later"
        assert r.value("SELECT count(*) FROM deal WHERE external_id = '7'") == 1
        assert not r.value(
            "SELECT count(*) FROM stage_move WHERE deal_id = ? AND mover_as = 'import' "
            "AND evidence = 'reported'", (gone,)
        )  # fmt: skip


def test_before_the_merge_each_deal_had_its_own(town: Town) -> None:
    stays, gone = town.deals[:2]
    tasks.add(town.store, tasks.NewTask("Their call", gone), person=None, now=town.tick())
    before = town.now

    def was(deal: int) -> tuple[object, ...]:
        with town.store.read() as r:
            view = dealpast.deal_at(r, deal, before)
        return view.notes, view.tasks, view.payments, view.tags, view.fields

    shown = was(stays), was(gone)
    assert shown[0] != shown[1]
    merging.merge_deals(town.store, stays, [gone], person=None, now=town.tick())
    assert (was(stays), was(gone)) == shown
    with town.store.read() as r:
        after = dealpast.deal_at(r, stays, town.now)
    assert {note.text for note in after.notes} == {"n0", "n1"}


def test_deals_merged_away_are_found_by_their_index(town: Town) -> None:
    with town.store.read() as r:
        for sql in (dealmerged._MERGED, dealmerged._WHEN):
            plan = " ".join(row[3] for row in r.rows(f"EXPLAIN QUERY PLAN {sql}", (1,)))
            assert "SCAN d" not in plan
            assert "ix_deal_merged" in plan or "ix_change_row (tbl=? AND row_id=?)" in plan
