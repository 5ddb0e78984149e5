"""Filters of tasks and of clients: as texts and back, as SQL against a plain predicate."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from salesdesk.errors import Invalid
from salesdesk.models.store import Reader
from salesdesk.moments import DAY_SECONDS, SECOND
from salesdesk.names import folded
from salesdesk.services import (
    client_filters,
    clientlist,
    filter_choices,
    filters,
    task_filters,
    task_lists,
)
from salesdesk.services.cards import FieldTest
from salesdesk.services.client_filters import DEALS, SORTS, ClientFilter
from salesdesk.services.clientlist import made_at
from salesdesk.services.task_filters import TaskFilter
from salesdesk.services.task_lists import Asked
from tests.builders import Desk, empty_store

DAY = DAY_SECONDS * SECOND
TODAY = date(2026, 11, 20).toordinal()
NAMES = ("Agro", "Ёлка", "Sever-Les", "Мост", "Agro North", "Vector")
TITLES = ("Позвонить ИваНу", "Send the offer", "СЧЁТ отПРАвить", "Visit")


class World:
    """Two pipelines, three people in two teams, six clients, forty deals, tasks of every state."""

    def __init__(self, folder: Path) -> None:
        desk = self.desk = Desk(empty_store(folder))
        self.store = desk.store
        top = desk.team("Sales")
        inner = desk.team("Inner", parent=top)
        self.people = [desk.person("Ann", team_id=top), desk.person("Bob", team_id=inner),
                       desk.person("Eve")]  # fmt: skip
        stages = [*desk.pipeline("Sales")[:2], *desk.pipeline("Service")[:2]]
        stages.append(desk.pipeline("More")[5])  # Won
        kinds = [desk.insert("task_kind", name=n, name_key=n) for n in ("call", "offer")]
        sources = [desk.insert("source", name=n, name_key=n) for n in ("site", "fair")]
        fields = [desk.insert("industry", name=n, name_key=n) for n in ("farm", "road")]
        tags = [desk.insert("tag", name=n, name_key=n) for n in ("vip", "new")]
        self.own = desk.insert("custom_field", subject="client", name="Town", name_key="town")
        self.clients = []
        for at, name in enumerate(NAMES):
            about: dict[str, Any] = {"source_id": sources[at % 2] if at % 3 else None}
            about["industry_id"] = fields[at % 2] if at % 4 else None
            kind = "contact" if at == 5 else "company"
            made = desk.insert("client", kind=kind, name=name, name_key=name.casefold(), **about)
            self.clients.append(made)
            if at % 2:
                desk.insert("field_value", field_id=self.own, subject_id=made, value="Ufa")
        for at in range(40):
            side = "contact_id" if at % 5 == 0 else "client_id"
            who = self.people[at % 3] if at % 7 else None
            deal = desk.deal(
                stages[at % 5], f"2026-11-0{1 + at % 9}T10:00", who,
                title=f"Deal {at}", title_key=f"deal {at}", amount=at * 10_000_000,
                source_id=sources[at % 2] if at % 3 else None, **{side: self.clients[at % 5]},
            )  # fmt: skip
            if at % 3 == 0:
                desk.insert("deal_tag", deal_id=deal, tag_id=tags[at % 2])
            due = None if at % 8 == 0 else f"2026-11-{10 + at % 20}T12:00"
            task = desk.task(deal if at % 6 else None, who, "2026-11-01T10:00", due)
            other = {} if at % 6 else {"client_id": self.clients[at % 6]}
            desk.update("task", task, title=TITLES[at % 4],
                        kind_id=kinds[at % 2] if at % 9 else None, **other)  # fmt: skip
            for step in range(at % 5):
                desk.fact(task, f"2026-11-02T1{step}:00", due_at=None if due is None else
                          desk.at(due), postponement=1)  # fmt: skip
        self.now = desk.at("2026-11-20T12:00")
        self.today = self.store.zone.day_of(self.now)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A workspace that no test here changes."""
    made = World(tmp_path_factory.mktemp("lists"))
    yield made
    made.store.close()


def rows(r: Reader, sql: str) -> list[dict[str, Any]]:
    """Rows by the names of their columns."""
    chosen = sql.partition(" FROM ")[0]
    columns = [part.split(" ")[-1].split(".")[-1] for part in chosen.split(", ")]
    return [dict(zip(columns, row, strict=True)) for row in r.rows(sql)]


def within(world: World, text: str, at: int | None) -> bool:
    """Whether a moment lies within days."""
    if not text:
        return True
    span = filters.days_of(text, world.today)
    if span is None or at is None:
        return span is None and at is None
    return span[0] <= world.store.zone.day_of(at) <= span[1]


SOME_DAYS = st.one_of(
    st.just(""),
    st.sampled_from(filters.NAMED_DAYS),
    st.tuples(st.integers(TODAY - 12, TODAY + 10), st.integers(0, 9)).map(
        lambda pair: filters.days_text(pair[0], pair[0] + pair[1])
    ),
)
FEW = st.frozensets(st.integers(0, 3), max_size=2)
SOME = st.frozensets(st.integers(1, 6), max_size=2)
TASK_FILTERS = st.builds(
    TaskFilter,
    assignees=FEW, teams=st.frozensets(st.integers(1, 2), max_size=1), clients=SOME, kinds=FEW,
    pipelines=st.frozensets(st.integers(1, 3), max_size=2), stages=SOME,
    tags=st.frozensets(st.integers(1, 2), max_size=1), sources=FEW, due=SOME_DAYS,
    often=st.booleans(),
    text=st.sampled_from(("", "ивану", "ПОЗВОНИТЬ agro", "счет", "елка", "deal 3", "5%", "offer")),
)  # fmt: skip
#: One or two parts at a time, so that something passes.
NAMES_OF_PARTS = tuple(name for name in TaskFilter.__slots__ if name)


def narrowed(chosen: Any, names: frozenset[str]) -> Any:
    """The filter with these of its parts alone."""
    return type(chosen)(**{name: getattr(chosen, name) for name in names})


def passes(world: World, task: dict[str, Any], chosen: TaskFilter, teams: dict[int, int]) -> bool:
    """A filter of tasks, told another way."""
    deal = task["deal"] or {}
    names = [task["title"], deal.get("title") or "", *task["clients"].values()]
    of_teams = {who for who, team in teams.items() if team in chosen.teams}
    of_teams |= {who for who, team in teams.items() if team == 2 and 1 in chosen.teams}
    who = chosen.assignees | of_teams
    checks = [
        not (chosen.assignees or chosen.teams) or (task["assignee_id"] or 0) in who,
        not chosen.kinds or (task["kind_id"] or 0) in chosen.kinds,
        not chosen.often or task["postponed"] >= 3,
        not chosen.clients or bool(chosen.clients & task["clients"].keys()),
        not chosen.pipelines or deal.get("pipeline_id") in chosen.pipelines,
        not chosen.stages or deal.get("stage_id") in chosen.stages,
        not chosen.sources or bool(deal and (deal["source_id"] or 0) in chosen.sources),
        not chosen.tags or bool(deal and chosen.tags & deal["tags"]),
        within(world, chosen.due, task["due_at"]),
        all(any(folded(word) in folded(name) for name in names) for word in chosen.text.split()),
    ]
    return all(checks)


def told_tasks(r: Reader) -> list[dict[str, Any]]:
    """Everything that filters ask about tasks."""
    names: dict[int, str] = dict(r.rows("SELECT id, name FROM client"))
    deals = {deal["id"]: deal for deal in rows(
        r, "SELECT d.id, d.title, d.stage_id, d.pipeline_id, d.source_id, d.client_id, "
        "d.contact_id FROM deal d")}  # fmt: skip
    tags = r.rows("SELECT deal_id, tag_id FROM deal_tag")
    for deal in deals.values():
        deal["tags"] = {tag for key, tag in tags if key == deal["id"]}
    found = rows(r, "SELECT t.id, t.title, t.assignee_id, t.kind_id, t.postponed, t.due_at, "
                 "t.deal_id, t.client_id FROM task t")  # fmt: skip
    for task in found:
        task["deal"] = deals.get(task["deal_id"])
        sides = [
            task["client_id"],
            *((task["deal"]["client_id"], task["deal"]["contact_id"]) if task["deal"] else ()),
        ]
        task["clients"] = {key: names[key] for key in sides if key is not None}
    return found


@settings(max_examples=60)
@given(chosen=TASK_FILTERS, names=st.frozensets(st.sampled_from(NAMES_OF_PARTS), max_size=2))
def test_a_filter_of_tasks_lets_through_what_a_plain_predicate_does(
    world: World, chosen: TaskFilter, names: frozenset[str]
) -> None:
    chosen = narrowed(chosen, names)
    now = world.now
    with world.store.read() as r:
        teams: dict[int, int] = dict(r.rows("SELECT id, team_id FROM person"))
        wanted = {task["id"] for task in told_tasks(r) if passes(world, task, chosen, teams)}
        lists = {
            kind: task_lists.ids(r, Asked(kind, chosen=chosen), now=now)
            for kind in ("overdue", "today", "planned")
        }
        whole = {
            kind: set(task_lists.ids(r, Asked(kind), now=now)) for kind in lists
        }  # fmt: skip
        counts = task_lists.counts(r, Asked(chosen=chosen), now=now)
        week = task_lists.week(r, Asked(chosen=chosen), world.today - 4, now=now)
        every = task_lists.week(r, Asked(), world.today - 4, now=now)
    assert {kind: set(ids) for kind, ids in lists.items()} == {
        kind: ids & wanted for kind, ids in whole.items()
    }
    assert {kind: counts[kind] for kind in lists} == {k: len(ids) for k, ids in lists.items()}
    assert [set(day) for day in week.days] == [set(day) & wanted for day in every.days]


@given(chosen=TASK_FILTERS)
def test_a_filter_of_tasks_is_its_texts(chosen: TaskFilter) -> None:
    assert task_filters.from_texts(task_filters.to_texts(chosen)) == chosen


# -- clients ---------------------------------------------------------------------------------------

ENDS = st.one_of(st.none(), st.integers(0, 120).map(lambda k: Decimal(k * 1000)))
CLIENT_FILTERS = st.builds(
    ClientFilter,
    kind=st.sampled_from((None, "company", "contact")),
    sources=FEW, industries=FEW, owners=FEW,
    teams=st.frozensets(st.integers(1, 2), max_size=1),
    tags=st.frozensets(st.integers(1, 2), max_size=1),
    deals=st.sampled_from(("", *DEALS)), brought=st.tuples(ENDS, ENDS), made=SOME_DAYS,
    fields=st.sampled_from(((), (FieldTest(1, "is", ("Ufa", "Omsk")),),
                            (FieldTest(1, "has", ("uf",)),))),
    text=st.sampled_from(("", "agro", "ел", "север", "o n")),
    sort=st.sampled_from(SORTS),
)  # fmt: skip
CLIENT_PARTS = ("kind", "sources", "industries", "owners", "teams", "tags", "deals", "brought",
                "made", "fields", "text", "sort")  # fmt: skip


def has(world: World, client: dict[str, Any], chosen: ClientFilter, teams: dict[int, int]) -> bool:
    """A filter of clients, told another way."""
    deals = client["deals"]
    of_teams = {who for who, team in teams.items() if team in chosen.teams}
    of_teams |= {who for who, team in teams.items() if team == 2 and 1 in chosen.teams}
    who = chosen.owners | of_teams
    kinds = {deal["kind"] for deal in deals}
    about = [
        deal for deal in deals
        if (not (chosen.owners or chosen.teams) or (deal["owner_id"] or 0) in who)
        and (not chosen.tags or chosen.tags & deal["tags"])
    ]  # fmt: skip
    brought = Decimal(sum(deal["amount"] for deal in deals if deal["kind"] == "won")) / 10_000
    low, high = chosen.brought
    checks = [
        chosen.kind in (None, client["kind"]),
        not chosen.sources or (client["source_id"] or 0) in chosen.sources,
        not chosen.industries or (client["industry_id"] or 0) in chosen.industries,
        not (who or chosen.tags or chosen.teams) or bool(about),
        {"": True, "open": "open" in kinds, "idle": "open" not in kinds, "won": "won" in kinds,
         "none": not deals}[chosen.deals],
        low is None or brought >= low,
        high is None or brought <= high,
        within(world, chosen.made, made_at(client["uid"])),
        not chosen.fields or client["town"],
        all(word in folded(client["name"]) for word in chosen.text.split()),
    ]  # fmt: skip
    return all(checks)


def told_clients(r: Reader) -> list[dict[str, Any]]:
    """Everything that filters ask about clients."""
    found = rows(r, "SELECT c.id, c.uid, c.kind, c.name, c.source_id, c.industry_id FROM client c")
    deals = rows(
        r, "SELECT d.id, d.client_id, d.contact_id, d.owner_id, d.amount, s.kind FROM deal d "
        "JOIN stage s ON s.id = d.stage_id")  # fmt: skip
    tags = r.rows("SELECT deal_id, tag_id FROM deal_tag")
    towns = {row[0] for row in r.rows("SELECT subject_id FROM field_value")}
    for deal in deals:
        deal["tags"] = {tag for key, tag in tags if key == deal["id"]}
    for client in found:
        key = client["id"]
        client["deals"] = [d for d in deals if key in (d["client_id"], d["contact_id"])]
        client["town"] = key in towns
    return found


@settings(max_examples=60)
@given(chosen=CLIENT_FILTERS, names=st.frozensets(st.sampled_from(CLIENT_PARTS), max_size=3))
def test_a_filter_of_clients_lets_through_what_a_plain_predicate_does(
    world: World, chosen: ClientFilter, names: frozenset[str]
) -> None:
    chosen = narrowed(chosen, names)
    with world.store.read() as r:
        teams: dict[int, int] = dict(r.rows("SELECT id, team_id FROM person"))
        wanted = {c["id"] for c in told_clients(r) if has(world, c, chosen, teams)}
        found = clientlist.ids(r, chosen, now=world.now)
    assert set(found) == wanted
    assert len(found) == len(wanted)


@pytest.mark.parametrize(
    "chosen",
    [*(ClientFilter(deals=each) for each in DEALS), ClientFilter(owners=frozenset({0, 2})),
     ClientFilter(brought=(Decimal(100_000), None)), ClientFilter(brought=(None, Decimal(5))),
     ClientFilter(teams=frozenset({1}), tags=frozenset({1})), ClientFilter(kind="contact"),
     ClientFilter(sources=frozenset({0})), ClientFilter(industries=frozenset({1}))],
)  # fmt: skip
def test_each_part_of_a_filter_of_clients_leaves_some_out(
    world: World, chosen: ClientFilter
) -> None:
    with world.store.read() as r:
        teams: dict[int, int] = dict(r.rows("SELECT id, team_id FROM person"))
        told = told_clients(r)
        found = clientlist.ids(r, chosen, now=world.now)
    assert set(found) == {c["id"] for c in told if has(world, c, chosen, teams)}
    assert 0 < len(found) < len(told)


def test_clients_are_found_by_the_day_on_which_they_were_entered(world: World) -> None:
    with world.store.read() as r:
        days = {c["id"]: world.store.zone.day_of(made_at(c["uid"])) for c in told_clients(r)}
        [day] = set(days.values())
        for last, found in ((day, set(days)), (day - 1, set[int]())):
            chosen = ClientFilter(made=filters.days_text(day - 3, last))
            assert set(clientlist.ids(r, chosen, now=world.now)) == found


@given(chosen=CLIENT_FILTERS, quiet=st.sampled_from((None, 7, 30)))
def test_a_filter_of_clients_is_its_texts(chosen: ClientFilter, quiet: int | None) -> None:
    chosen = replace(chosen, quiet_days=quiet)
    assert client_filters.from_texts(client_filters.to_texts(chosen)) == chosen


# -- texts that are none, lists to choose from, plans ----------------------------------------------


@pytest.mark.parametrize(
    "texts",
    [{"kind": "robot"}, {"quiet": "long"}, {"source": "x"}, {"deals": "many"}, {"brought": "1"},
     {"made": "once"}, {"sort": "luck"}],
)  # fmt: skip
def test_a_filter_of_clients_that_is_none_is_refused(texts: dict[str, str]) -> None:
    with pytest.raises(Invalid, match="is no filter"):
        client_filters.from_texts(texts)


@pytest.mark.parametrize("texts", [{"kinds": "-1"}, {"due": "soon"}, {"assignees": "1;2"}])
def test_a_filter_of_tasks_that_is_none_is_refused(texts: dict[str, str]) -> None:
    with pytest.raises(Invalid, match="is no filter"):
        task_filters.from_texts(texts)


def test_stages_are_offered_in_their_order_with_their_pipeline(world: World) -> None:
    with world.store.read() as r:
        found = filter_choices.find(r, "stages", "", world.today)
        [name] = filter_choices.named(r, "stages", [found[0][0]])
    assert name == found[0][1]
    assert name.endswith(" · Sales")


@pytest.mark.parametrize(
    "chosen",
    [TaskFilter(kinds=frozenset({1})), TaskFilter(stages=frozenset({1, 2})),
     TaskFilter(sources=frozenset({0, 1}), tags=frozenset({1})), TaskFilter(text="ивану")],
)  # fmt: skip
def test_tasks_are_found_by_what_is_open_not_by_looking_at_all(
    world: World, chosen: TaskFilter
) -> None:
    with world.store.read() as r:
        sql, params, order = task_lists._list_sql(r, Asked("overdue"), world.now)
        more, found = task_filters.where(r, chosen, world.now)
        plan = r.rows(f"EXPLAIN QUERY PLAN {sql}{more} ORDER BY {order}", (*params, *found))
    steps = [row[3] for row in plan]
    assert steps[0].startswith("SEARCH t USING")
    assert "ix_task_due" in steps[0]
