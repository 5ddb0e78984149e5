"""What each person may see and do, asked beforehand and refused in the services."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import salesdesk.services
from salesdesk.errors import Refused
from salesdesk.services import (
    absences,
    clients,
    dealfields,
    deals,
    merging,
    people,
    pipelines,
    ranking_plans,
    rights,
    rights_guard,
    rulings,
    settings,
    tasks,
)
from tests.services.office import NOW, Office


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with Office.made(tmp_path) as made:
        yield made


def seen(office: Office, name: str) -> set[str] | None:
    with office.store.read() as r:
        found = rights.seen_people(r, office.ids[name])
    return None if found is None else {office.names[key] for key in found}


def test_a_manager_sees_the_own_a_lead_the_tree_an_admin_all(office: Office) -> None:
    assert seen(office, "Mary") == {"Mary"}
    assert seen(office, "Lena") == {"Lena", "Mary", "Max", "Ian", "Ivan"}
    assert seen(office, "Ian") == {"Ian", "Ivan"}
    assert seen(office, "Otto") == {"Otto", "Olga"}
    assert seen(office, "Ada") is None
    with office.store.read() as r:
        assert rights.seen_people(r, None) is None


@pytest.mark.parametrize(
    ("sight", "those"), [("own", {"Mary"}), ("team", {"Mary", "Max", "Lena"}), ("all", None)]
)
def test_managers_see_what_the_workspace_says(
    office: Office, sight: str, those: set[str] | None
) -> None:
    settings.change(office.store, {"managers_see": sight}, person=office.ids["Ada"], now=NOW)
    assert seen(office, "Mary") == those


def test_a_substitute_sees_while_standing_in(office: Office) -> None:
    day = office.store.zone.day_of(NOW)
    ids = office.ids
    absences.add_absence(
        office.store, ids["Max"], day, day + 1, ids["Mary"], person=ids["Ada"], now=NOW
    )
    assert seen(office, "Mary") == {"Mary", "Max"}
    with office.store.read() as r:
        assert rights.seen_people(r, ids["Mary"], day=day + 2) == frozenset([ids["Mary"]])
    deals.change(office.store, office.deals["Max"], {"title": "For Max"},
                 person=ids["Mary"], now=NOW)  # fmt: skip


def test_without_leads_and_admins_nobody_is_bound(tmp_path: Path) -> None:
    with Office.made(tmp_path) as office:
        for name in ("Ada", "Lena", "Ian", "Otto"):
            people.change_person(
                office.store, office.ids[name], {"role": "manager"}, person=None, now=NOW
            )
        assert seen(office, "Mary") is None
        deals.delete(office.store, [office.deals["Max"]], person=office.ids["Mary"], now=NOW)


def test_what_is_not_yours_says_whose_it_is(office: Office) -> None:
    mary, deal = office.ids["Mary"], office.deals["Max"]
    before = office.changes()
    for verb in (
        lambda: deals.change(office.store, deal, {"title": "X"}, person=mary, now=NOW),
        lambda: deals.move(office.store, [deal], office.stages[1], person=mary, now=NOW),
        lambda: deals.assign(office.store, [deal], mary, person=mary, now=NOW),
        lambda: deals.add_note(office.store, deal, "Hello", person=mary, now=NOW),
        lambda: dealfields.set_tags(office.store, deal, ["vip"], person=mary, now=NOW),
        lambda: tasks.add(office.store, tasks.NewTask("Call", deal, assignee_id=mary),
                          person=mary, now=NOW),
        lambda: deals.delete(office.store, [office.deals["Mary"], deal], person=mary, now=NOW),
    ):  # fmt: skip
        with pytest.raises(Refused, match="is a deal of Max: only Max, their team lead"):
            verb()
    assert office.changes() == before


def test_what_is_nobodys_is_taken_by_anybody(office: Office) -> None:
    mary, deal = office.ids["Mary"], office.deals["nobody"]
    deals.assign(office.store, [deal], mary, person=mary, now=NOW)
    with pytest.raises(Refused):
        deals.change(office.store, deal, {"title": "X"}, person=office.ids["Max"], now=NOW)


def test_one_may_hand_over_the_own_and_then_not_any_more(office: Office) -> None:
    mary, deal = office.ids["Mary"], office.deals["Mary"]
    deals.assign(office.store, [deal], office.ids["Olga"], person=mary, now=NOW)
    with pytest.raises(Refused):
        deals.assign(office.store, [deal], mary, person=mary, now=NOW)


def test_automation_writes_where_its_person_may_not(office: Office) -> None:
    """A move opens a deal of somebody else and a task for them."""
    mary = office.ids["Mary"]
    moved = deals.move(office.store, [office.deals["Mary"]], office.stages[2], person=mary, now=NOW)
    assert moved.tasks_created == ("Deliver it",)
    with office.store.read() as r:
        task = r.value("SELECT id FROM task WHERE title = 'Deliver it'")
        whose = r.value("SELECT assignee_id FROM task WHERE id = ?", (task,))
    assert whose == office.ids["Olga"]


def test_deals_of_colleagues_come_along_with_clients_of_ones_own(office: Office) -> None:
    """Two clients with whom Mary has deals are hers to merge, though Olga works for one, too."""
    mary, store = office.ids["Mary"], office.store

    def client(name: str, *deals_of: str) -> int:
        new = clients.add(store, clients.NewClient("company", name), person=None, now=NOW).id
        for one in deals_of:
            given = deals.NewDeal(name, office.stages[0], office.ids[one], client_id=new)
            deals.create(store, given, person=None, now=NOW)
        return new

    stays, gone, foreign = client("A", "Mary"), client("B", "Mary", "Olga"), client("C", "Olga")
    with pytest.raises(Refused, match="is a client of Olga"):
        merging.merge_clients(store, stays, [foreign], person=mary, now=NOW)
    merging.merge_clients(store, stays, [gone], person=mary, now=NOW)
    with store.read() as r:
        assert r.value("SELECT count(*) FROM deal WHERE client_id = ?", (stays,)) == 3


def test_a_deal_is_put_only_under_one_that_may_be_changed(office: Office) -> None:
    """The cost of a child counts in the gross profit of its parent."""
    ids, store, mine, theirs = office.ids, office.store, office.deals["Mary"], office.deals["Max"]
    by: dict[str, Any] = {"person": ids["Mary"], "now": NOW}
    new = deals.NewDeal("Part", office.stages[0], ids["Mary"], parent_id=theirs)
    for verb in (
        lambda: deals.change(store, mine, {"parent_id": theirs}, **by),
        lambda: deals.create(store, new, **by),
    ):
        with pytest.raises(Refused, match="is a deal of Max"):
            verb()
    deals.change(store, mine, {"parent_id": theirs}, person=ids["Lena"], now=NOW)
    deals.change(store, mine, {"parent_id": theirs, "title": "Still under it"}, **by)
    with store.read() as r:
        assert r.value("SELECT title FROM deal WHERE id = ?", (mine,)) == "Still under it"
    deals.change(store, mine, {"parent_id": None}, **by)
    deals.change(store, mine, {"parent_id": office.deals["nobody"]}, **by)


def test_a_lead_rules_plans_and_overrides_a_manager_does_not(office: Office) -> None:
    ids, store = office.ids, office.store
    deal, stage = office.deals["Max"], office.stages[0]
    for name in ("Mary", "Max"):
        for verb in (
            lambda by: rulings.void(store, deal, stage, reason="r", person=by, now=NOW),
            lambda by: ranking_plans.set_plan(store, "won", 24_000, None, person_id=ids["Max"],
                                              person=by, now=NOW),
            lambda by: absences.add_absence(store, ids["Max"], 1, 2, person=by, now=NOW),
            lambda by: settings.change(store, {"currency": "EUR"}, person=by, now=NOW),
            lambda by: people.add_person(store, "New", person=by, now=NOW),
            lambda by: pipelines.add_pipeline(store, "New", person=by, now=NOW),
        ):  # fmt: skip
            with pytest.raises(Refused, match="Only"):
                verb(ids[name])
    with pytest.raises(Refused, match="Only a team lead"):
        deals.move(store, [office.deals["Max"]], office.stages[1], person=ids["Max"], now=NOW,
                   override="because")  # fmt: skip
    deals.move(store, [deal], office.stages[1], person=ids["Lena"], now=NOW, override="because")
    rulings.void(store, deal, stage, reason="r", person=ids["Lena"], now=NOW)
    ranking_plans.set_plan(store, "won", 24_000, None, person_id=ids["Max"],
                           person=ids["Lena"], now=NOW)  # fmt: skip


def test_may_says_beforehand_what_the_services_do(office: Office) -> None:
    ids = office.ids
    with office.store.read() as r:
        assert rights.may(r, ids["Mary"], "deal", office.deals["Mary"])
        assert not rights.may(r, ids["Mary"], "deal", office.deals["Mary"], office.deals["Max"])
        assert rights.may(r, ids["Mary"], "task", office.tasks["Mary"])
        assert not rights.may(r, ids["Mary"], "task", office.tasks["Max"])
        assert rights.may(r, ids["Mary"], "client", office.clients["Mary"])
        assert not rights.may(r, ids["Mary"], "client", office.clients["Max"])
        assert rights.may(r, ids["Mary"], "client", office.clients["nobody"])
        assert not rights.may(r, ids["Mary"], "settings")
        assert rights.may(r, ids["Lena"], "plans")
        assert not rights.may(r, ids["Lena"], "settings")
        assert rights.may(r, ids["Ada"], "settings")
        with pytest.raises(ValueError, match="fly"):
            rights.may(r, ids["Ada"], "fly")


# -- nothing slips through ------------------------------------------------------------------------


def kinds_in_the_services() -> set[str]:
    """Every kind of command that a service opens, from the source."""
    found = set()
    for path in sorted(Path(salesdesk.services.__file__).parent.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
                continue
            if node.func.attr not in ("command", "long_command") or not node.args:
                continue
            kind = node.args[0]
            if isinstance(kind, ast.Constant):
                found.add(str(kind.value))
            elif isinstance(kind, ast.JoinedStr) and isinstance(kind.values[0], ast.Constant):
                found.add(str(kind.values[0].value))
    return found


def test_every_kind_of_command_says_what_it_needs() -> None:
    found = kinds_in_the_services()
    assert len(found) > 60
    for kind in found:
        known = rights_guard.KINDS
        assert kind in known or kind.partition(".")[0] in known, f"{kind} is not in rights_guard"
        assert rights_guard.need_of(kind) in ("", *rights.ACTIONS)


def test_a_kind_or_a_table_that_nobody_thought_of_is_an_administrators(office: Office) -> None:
    with (
        pytest.raises(Refused, match="Only an administrator"),
        office.store.command("unheard.of", now=NOW, person=office.ids["Lena"]),
    ):
        pass
    with (
        pytest.raises(Refused, match="Only an administrator"),
        office.store.command("deal.change", now=NOW, person=office.ids["Lena"]) as tx,
    ):
        tx.insert("pipeline", [{"name": "X", "name_key": "x"}])


def test_a_verb_that_forgets_to_ask_is_refused_all_the_same(office: Office) -> None:
    deal = office.deals["Max"]
    rows: dict[str, dict[str, Any]] = {
        "note": {"deal_id": deal, "text": "x", "at": NOW},
        "payment": {"deal_id": deal, "amount": 1, "currency": "RUB"},
        "deal_person": {"deal_id": deal, "person_id": 1},
        "task": {"deal_id": deal, "title": "x", "created_at": NOW},
        "owner_change": {"deal_id": deal, "person_id": None, "at": NOW},
    }
    for table, row in rows.items():
        with (
            pytest.raises(Refused, match="is a deal of Max"),
            office.store.command("deal.change", now=NOW, person=office.ids["Mary"]) as tx,
        ):
            tx.insert(table, [row])
