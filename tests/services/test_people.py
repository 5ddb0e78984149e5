"""People, teams, absences, and what each may do."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from salesdesk.errors import Invalid, NotFound, Refused
from salesdesk.models.store import Store
from salesdesk.services import absences, audit, deals, lists, people, surroundings
from tests.services.configured import NOW, hire, stage, workspace


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with workspace(tmp_path) as opened:
        yield opened


def team(store: Store, name: str, **values: object) -> int:
    return people.add_team(store, name, values, person=None, now=NOW).id


def change(store: Store, person_id: int, **values: object) -> None:
    people.change_person(store, person_id, values, person=None, now=NOW)


def superiors(store: Store, *ids: int) -> list[int | None]:
    with store.read() as r:
        found = surroundings.people_on(r, store.zone.day_of(NOW))
    return [found[one].superior() for one in ids]


def test_names_are_the_same_without_case_and_blanks(store: Store) -> None:
    first = hire(store, "  Anna\u00a0 Orlova ")
    with pytest.raises(Invalid):
        hire(store, "anna orlova")
    with store.read() as r:
        assert people.find_person(r, "ANNA ORLOVA").id == first
        assert people.find_person(r, "orlova").id == first
        assert people.find_person(r, str(first)).name == "Anna Orlova"
        with pytest.raises(NotFound):
            people.find_person(r, "Maria")


def test_part_of_a_name_must_fit_one_person(store: Store) -> None:
    hire(store, "Anna Orlova")
    hire(store, "Anna Kim")
    with store.read() as r, pytest.raises(Invalid):
        people.find_person(r, "anna")


def test_a_supervisor_is_named_or_leads_the_team_or_the_one_above(store: Store) -> None:
    top, inner = team(store, "Sales"), team(store, "Group")
    head, lead, worker = (hire(store, name) for name in ("Head", "Lead", "Worker"))
    for key, values in ((top, {"lead_id": head}), (inner, {"lead_id": lead, "parent_id": top})):
        people.change_team(store, key, values, person=None, now=NOW)
    change(store, lead, team_id=inner)
    change(store, worker, team_id=inner)
    change(store, head, team_id=top)
    assert superiors(store, worker, lead, head) == [lead, head, None]
    with store.read() as r:
        assert sorted(people.team_members(r, top)) == sorted([head, lead, worker])
        assert sorted(people.team_members(r, inner)) == sorted([lead, worker])
    change(store, worker, supervisor_id=head)
    assert superiors(store, worker) == [head]


def test_a_team_is_not_inside_itself(store: Store) -> None:
    outer, inner = team(store, "Outer"), team(store, "Inner")
    people.change_team(store, inner, {"parent_id": outer}, person=None, now=NOW)
    for key, parent in ((outer, inner), (outer, outer)):
        with pytest.raises(Invalid):
            people.change_team(store, key, {"parent_id": parent}, person=None, now=NOW)


def test_a_team_with_people_is_not_removed(store: Store) -> None:
    group = team(store, "Group")
    worker = hire(store, "Worker", team_id=group)
    with pytest.raises(Refused, match="1 people"):
        people.remove_team(store, group, person=None, now=NOW)
    change(store, worker, team_id=None)
    people.remove_team(store, group, person=None, now=NOW)
    with store.read() as r:
        assert people.teams(r) == []


@pytest.mark.parametrize(
    "values",
    [
        {"role": "king"},
        {"team_id": 99},
        {"supervisor_id": 99},
        {"first_day": 739900, "last_day": 739899},
        {"name": "  "},
    ],
)
def test_what_a_person_cannot_be(store: Store, values: dict[str, object]) -> None:
    worker = hire(store, "Worker")
    with pytest.raises((Invalid, NotFound)):
        change(store, worker, **values)


def test_someone_who_worked_leaves_and_one_entered_by_mistake_vanishes(store: Store) -> None:
    worker, mistake = hire(store, "Worker"), hire(store, "Wroker")
    new = deals.NewDeal("Racks", stage(store, "New request"), owner_id=worker)
    deals.create(store, new, person=worker, now=NOW)
    for key in (worker, mistake):
        people.remove_person(store, key, person=None, now=NOW)
    today = store.zone.day_of(NOW)
    with store.read() as r:
        assert [(person.id, person.last_day) for person in people.people(r)] == [(worker, today)]
        assert people.people(r, on_day=today + 1) == []
        told = {audit.kind_name(kind) for (kind,) in r.rows("SELECT kind FROM command")}
    assert {"Person left", "Person removed"} <= told
    people.restore_person(store, worker, person=None, now=NOW)
    with store.read() as r:
        assert [person.id for person in people.people(r, on_day=today + 1)] == [worker]


def test_leaving_the_ranking_gives_past_reaches_to_the_next_one(store: Store) -> None:
    first, second = hire(store, "Dispatcher"), hire(store, "Seller")
    new = deals.NewDeal("Racks", stage(store, "New request"), owner_id=first)
    [deal] = deals.create(store, new, person=first, now=NOW).deal_ids
    deals.assign(store, [deal], second, person=first, now=NOW + 1)
    whose = "SELECT person_id FROM reach WHERE deal_id = ?"
    with store.read() as r:
        assert r.value(whose, (deal,)) == first
    change(store, first, in_ranking=False)
    with store.read() as r:
        assert r.value(whose, (deal,)) == second
    change(store, first, in_ranking=True)
    with store.read() as r:
        assert r.value(whose, (deal,)) == first


def test_roles(store: Store) -> None:
    group, other = team(store, "Group"), team(store, "Other")
    lead = hire(store, "Lead", "team_lead", team_id=group)
    worker = hire(store, "Worker", team_id=group)
    stranger = hire(store, "Stranger", team_id=other)
    admin = hire(store, "Admin", "admin")

    def away(by: int, whom: int) -> None:
        absences.add_absence(store, whom, 739900, 739905, person=by, now=NOW)

    away(lead, worker)
    away(admin, stranger)
    for by, whom in ((lead, stranger), (worker, worker), (worker, stranger), (lead, lead)):
        with pytest.raises(Refused):
            away(by, whom)
    for by in (lead, worker):
        with pytest.raises(Refused):
            people.add_person(store, "New one", person=by, now=NOW)
        with pytest.raises(Refused):
            lists.add(store, "tags", "urgent", person=by, now=NOW)
    people.add_person(store, "New one", person=admin, now=NOW)


def test_absences_are_judged(store: Store) -> None:
    worker, other = hire(store, "Worker"), hire(store, "Other")
    made = absences.add_absence(store, worker, 739900, 739905, other, person=None, now=NOW)
    for days, substitute in (((739905, 739900), None), ((739900, 739905), worker)):
        with pytest.raises(Invalid):
            absences.change_absence(store, made.id, *days, substitute, person=None, now=NOW)
    absences.change_absence(store, made.id, 739901, 739902, person=None, now=NOW)
    with store.read() as r:
        [found] = absences.absences(r, worker)
        assert (found.first_day, found.last_day, found.substitute_id) == (739901, 739902, None)
    absences.remove_absence(store, made.id, person=None, now=NOW)
    with store.read() as r:
        assert absences.absences(r) == []


def test_lists_keep_names_apart_and_an_order(store: Store) -> None:
    with store.read() as r:
        before = lists.items(r, "sources")
    with pytest.raises(Invalid):
        lists.add(store, "sources", before[0].name.upper(), person=None, now=NOW)
    made = lists.add(store, "sources", "Radio", person=None, now=NOW).id
    ids = [made, *(item.id for item in before)]
    lists.reorder(store, "sources", ids, person=None, now=NOW)
    lists.remove(store, "sources", before[0].id, person=None, now=NOW)
    with store.read() as r:
        names = [item.name for item in lists.items(r, "sources")]
        assert names == ["Radio", *(item.name for item in before[1:])]
        with pytest.raises(NotFound):
            lists.find(r, "sources", before[0].name)
    with pytest.raises(Invalid):
        lists.reorder(store, "sources", ids[:2], person=None, now=NOW)
    with pytest.raises(Invalid):
        lists.change(store, "task_kinds", 1, {"icon": "dragon"}, person=None, now=NOW)


def test_a_reason_that_becomes_no_refusal_counts_no_more(store: Store) -> None:
    owner = hire(store, "Seller")
    new = deals.NewDeal("Racks", stage(store, "New request"), owner_id=owner)
    [deal] = deals.create(store, new, person=owner, now=NOW).deal_ids
    with store.read() as r:
        reason = lists.find(r, "lost_reasons", "No answer").id
    lost = stage(store, "Lost")
    deals.move(store, [deal], lost, person=owner, now=NOW + 1, lost_reason_id=reason)
    refusals = "SELECT count(*) FROM hold WHERE item_id = ? AND kind = 6"
    with store.read() as r:
        assert r.value(refusals, (deal,)) == 1
    lists.change(store, "lost_reasons", reason, {"not_refusal": True}, person=None, now=NOW)
    with store.read() as r:
        assert r.value(refusals, (deal,)) == 0
