"""Rules that point to what is not there any more: settings say so, no move is stopped, the task
falls to the supervisor and says why."""

from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from salesdesk.errors import Invalid, Refused
from salesdesk.models.store import Store
from salesdesk.services import people, rule_problems, task_rules, tasks
from salesdesk.services.rulebook import LinkRule, TaskRule
from salesdesk.services.tasks import TaskLine
from tests.builders import empty_store
from tests.services.test_linked_fields import Linked
from tests.services.test_waking import day

BY: dict[str, Any] = {"person": None, "now": 1}


class Broken(Linked):
    """Ann is responsible, Lea leads her team; Bob works in another one."""

    def __init__(self, store: Store) -> None:
        super().__init__(store)
        insert = self.desk.insert
        self.team, self.other_team = self.desk.team("Sales"), self.desk.team("Movers")
        self.lead = self.desk.person("Lea", team_id=self.team)
        self.bob = self.desk.person("Bob", team_id=self.other_team)
        self.desk.update("team", self.team, lead_id=self.lead)
        self.desk.update("person", self.person, team_id=self.team)
        self.kind = insert("task_kind", name="Visit", name_key="visit")
        self.first = self.rule(title="First", stage_id=self.ready)

    def made(self) -> TaskLine:
        """The task that a move makes now."""
        deal = self.deal()
        self.move(deal, self.work)
        with self.store.read() as r:
            [task] = tasks.of_deal(r, deal, now=self.now)
        return task

    def problems(self) -> list[str]:
        with self.store.read() as r:
            return [one.words for one in rule_problems.problems(r, now=self.now)]


@pytest.fixture
def broken(tmp_path: Path) -> Iterator[Broken]:
    with empty_store(tmp_path) as store:
        yield Broken(store)


def _gone(table: str, name: str) -> Callable[[Broken], None]:
    return lambda office: office.desk.delete(table, getattr(office, name))


def _left(office: Broken) -> None:
    office.desk.update("person", office.bob, last_day=day("2026-11-01"))


def _archived(office: Broken) -> None:
    office.desk.update("stage", office.priced, archived=1)


#: What a rule says, how it breaks, its note, the words in settings, the due moment.
CASES: list[tuple[dict[str, Any], Callable[[Broken], None], str, str, str | None]] = [
    ({"assignee_rule": "person", "assignee_id": "bob"}, _gone("person", "bob"),
     "Meant for Bob, who was deleted.", "Bob was deleted", "2026-11-03 18:00"),
    ({"assignee_rule": "person", "assignee_id": "bob"}, _left,
     "Meant for Bob, who does not work here any more.", "Bob does not work here",
     "2026-11-03 18:00"),
    ({"assignee_rule": "least_loaded", "team_id": "other_team"}, _gone("team", "other_team"),
     "Meant for the team Movers, which was deleted.", "team “Movers” was deleted",
     "2026-11-03 18:00"),
    ({"kind_id": "kind"}, _gone("task_kind", "kind"),
     "Its rule names the kind “Visit”, which was deleted.", "kind of task “Visit”",
     "2026-11-03 18:00"),
    ({"due_rule": "on_event", "event": "child_enters", "event_stage_id": "priced"},
     _gone("stage", "priced"), "It would wait for the stage “Priced”, which was deleted.",
     "waits for the stage “Priced”, which was deleted", "2026-11-03 18:00"),
    ({"due_rule": "on_event", "event": "child_enters", "event_stage_id": "priced"}, _archived,
     "It would wait for the stage “Priced”, which is archived.", "which is archived",
     "2026-11-03 18:00"),
    ({"due_rule": "on_event", "event": "field_filled", "event_field": "Route"},
     _gone("custom_field", "route"), "Its rule names the field “Route”, which was deleted.",
     "The field “Route” was deleted", "2026-11-03 18:00"),
    ({"due_rule": "on_event", "event": "task_done", "event_rule_id": "first"},
     _gone("task_rule", "first"), "It would wait for the task “First”, whose rule was deleted.",
     "waits for the task “First”", "2026-11-03 18:00"),
    ({"due_rule": "before_date", "date_field": "Loading", "amount": 5},
     _gone("custom_field", "load"), "Its rule names the field “Loading”, which was deleted.",
     "The field “Loading” was deleted", "2026-11-02 18:00"),
]  # fmt: skip


@pytest.mark.parametrize(("says", "breaks", "note", "told", "due"), CASES)
def test_the_task_falls_to_the_supervisor_and_says_why(
    broken: Broken,
    says: dict[str, Any],
    breaks: Callable[[Broken], None],
    note: str,
    told: str,
    due: str | None,
) -> None:
    ids = {name: getattr(broken, value) if name.endswith("_id") else value
           for name, value in says.items()}  # fmt: skip
    broken.rule(**ids)
    whole = broken.made()
    assert (whole.note, broken.problems()) == (None, [])
    breaks(broken)
    task = broken.made()
    assert (task.assignee_id, task.note) == (broken.lead, note)
    assert task.due_at is not None
    assert broken.store.zone.local(task.due_at).strftime("%Y-%m-%d %H:%M") == due
    [words] = broken.problems()
    assert told in words


def test_without_a_supervisor_the_responsible_person_gets_it(broken: Broken) -> None:
    broken.rule(assignee_rule="person", assignee_id=broken.bob)
    broken.desk.update("person", broken.lead, last_day=day("2026-11-01"))
    _left(broken)
    assert broken.made().assignee_id == broken.person


def test_whoever_works_to_the_end_of_today_still_gets_it(broken: Broken) -> None:
    broken.rule(assignee_rule="person", assignee_id=broken.bob)
    broken.desk.update("person", broken.bob, last_day=day("2026-11-02"))
    assert (broken.made().assignee_id, broken.made().note) == (broken.bob, None)
    broken.now += 86_400_000_000
    assert broken.made().assignee_id == broken.lead


def test_a_team_in_which_nobody_works_is_told_as_well(broken: Broken) -> None:
    broken.rule(assignee_rule="least_loaded", team_id=broken.other_team)
    _left(broken)
    task = broken.made()
    assert (task.assignee_id, task.note) == (
        broken.person, "Meant for the team Movers, in which nobody works.",
    )  # fmt: skip
    assert "Nobody works in the team “Movers”" in broken.problems()[0]


def test_links_say_what_they_point_to(broken: Broken) -> None:
    broken.down(assignee_rule="least_loaded", team_id=broken.other_team)
    broken.up()
    assert broken.problems() == []
    broken.desk.delete("team", broken.other_team)
    broken.desk.delete("custom_field", broken.route)
    broken.desk.update("stage", broken.ready, archived=1)
    with broken.store.read() as r:
        found = rule_problems.problems(r, now=broken.now)
    assert sorted(one.words for one in found if one.kind == "link_rule") == [
        "It leads to the stage “Ready”, which is archived: it does nothing.",
        "The field “Route” was deleted: it does not go along any more.",
        "The field “Route” was deleted: it does not go along any more.",
        "The team “Movers” was deleted: the supervisor gets it.",
    ]
    deal = broken.deal()
    broken.move(deal, broken.work)
    assert broken.value(broken.child(deal), "owner_id") == broken.lead


def test_a_rule_of_an_archived_stage_says_that_nothing_enters_it(broken: Broken) -> None:
    broken.rule()
    broken.desk.update("stage", broken.work, archived=1)
    assert broken.problems() == ["The stage “Work” is archived: no deal enters it any more."]
    broken.desk.update("stage", broken.work, archived=0)
    task = broken.made()
    assert (task.note, broken.problems()) == (None, [])


# -- texts with fields in braces ------------------------------------------------------------------


def save(office: Broken, **values: Any) -> None:
    rule = TaskRule(0, office.work, "Do it", **values)
    task_rules.add_task_rule(office.store, rule, **BY)


def test_a_text_is_filled_in_when_the_task_is_made(broken: Broken) -> None:
    text = "{Title} #{number} {client} {AMOUNT} {responsible} {expected_day} {Route} {Loading} {x"
    save(broken, description=text, checklist=("Call", " ", "Write  it"))
    client = broken.desk.insert("client", kind="company", name="{amount}", name_key="a")
    deal = broken.deal(amount=Decimal(1_234_567), client_id=client, expected_day=day("2026-12-01"))
    broken.own(deal, broken.load, day("2026-12-24"))
    broken.move(deal, broken.work)
    with broken.store.read() as r:
        [task] = tasks.of_deal(r, deal, now=broken.now)
    assert task.description == (
        "Deal #1 {amount} 1\u00a0234\u00a0567\u00a0RUB Ann 2026-12-01 – 2026-12-24 {x"
    )
    assert task.checklist == (("Call", False), ("Write it", False))


def test_braces_that_nobody_knows_are_refused_and_later_stay(broken: Broken) -> None:
    with pytest.raises(Invalid, match=r"the text names \{colour\}, and a deal has no such field"):
        save(broken, description="Ask for {client} and {colour}")
    save(broken, description="By {Route}")
    broken.desk.delete("custom_field", broken.route)
    task = broken.made()
    assert (task.description, task.note, task.assignee_id) == ("By {Route}", None, broken.person)
    assert broken.problems() == ["Its text names {Route}, and a deal has no such field."]


# -- saving ---------------------------------------------------------------------------------------


def test_a_link_into_an_archived_stage_is_not_saved(broken: Broken) -> None:
    from salesdesk.services.link_rules import add_link_rule

    broken.desk.update("stage", broken.asked, archived=1)
    with pytest.raises(Refused, match="“Asked” is archived"):
        add_link_rule(broken.store, LinkRule(0, broken.work, "open_child", broken.asked), **BY)


def test_a_circle_is_refused_with_its_stages_named(broken: Broken) -> None:
    from salesdesk.services.link_rules import add_link_rule

    broken.down()
    back = LinkRule(0, broken.asked, "move_parent", broken.work)
    with pytest.raises(Refused) as refused:
        add_link_rule(broken.store, back, **BY)
    assert refused.value.text() == (
        "This link would close a circle: “Logistics / Asked” → “Sale / Work” → "
        "“Logistics / Asked”. It was not saved."
    )


def test_a_person_who_left_by_the_verb_is_told_too(broken: Broken) -> None:
    broken.rule(assignee_rule="person", assignee_id=broken.bob)
    people.remove_person(broken.store, broken.bob, person=None, now=broken.now)
    broken.now += 86_400_000_000
    assert broken.problems() == ["Bob does not work here any more: the supervisor gets it."]
